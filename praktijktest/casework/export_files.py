"""The files of an export of cases, made in memory: lists and one dossier per case."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from praktijktest.casework.case_document import case_document
from praktijktest.casework.case_list import (
    CaseTable,
    Origin,
    case_table,
    case_values,
    table_csv,
    workbook,
)
from praktijktest.casework.cases import UNCONFIRMED, Case, Entry
from praktijktest.casework.dossier import Background, dossier, indications_report
from praktijktest.casework.grants import Grant
from praktijktest.casework.indications import Indication
from praktijktest.casework.members import members_files
from praktijktest.casework.policy import MEMBERS
from praktijktest.language import language_named
from praktijktest.reporting.formats import render

README: Final = "README.txt"
INDICATION_COLUMNS: Final = (
    "indication",
    "agent",
    "reference",
    "name",
    "test",
    "application",
    "grounds",
    "replied_at",
    "channel",
    "outcome",
    "evidence",
    "words",
    "words_sha256",
    "bodies",
    "approved_by",
)


@dataclass(frozen=True, slots=True)
class Forms:
    """In which forms an export is made.

    Attributes:
        lists: csv, xlsx, json.
        dossiers: pdf, html, docx, md.
        languages: languages of the dossiers; the first one is that of the lists.
        dialect: iso or belgian.
        headings: our column -> the heading of somebody's case system.
    """

    lists: tuple[str, ...]
    dossiers: tuple[str, ...]
    languages: tuple[str, ...]
    dialect: str
    headings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """What an export holds.

    Attributes:
        document: the analysis document.
        cases, indications: what is exported.
        left_out: unconfirmed signals that are not.
        ledger: round, number and hash of the last event that was read; None from a report.
        fingerprint: SHA-256 of the analysis document, from a report folder.
        dated: ISO date of the last event.
        reason: why unconfirmed signals are given to an audience that refuses them.
        members: pseudonyms of the members of a federation, where it is for one.
    """

    document: Entry
    cases: Sequence[Case]
    indications: Sequence[Indication]
    left_out: int
    ledger: Mapping[str, Any] | None
    fingerprint: str
    dated: str
    reason: str = ""
    members: frozenset[str] = frozenset()


def export_files(content: Content, grant: Grant, forms: Forms) -> dict[str, bytes]:
    """Every file of an export by its name; nothing is written.

    Args:
        content: what it holds.
        grant: what the audience may see.
        forms: the forms it is made in.
    """
    about_it = {README: _read_me(content, grant, forms)}
    if grant.audience.output == MEMBERS:
        return about_it | members_files(
            content.document,
            content.members,
            forms,
            dated=content.dated,
            fingerprint=content.fingerprint,
        )
    about, ledger = content.document["round"], content.ledger or {}
    origin = Origin(
        about["id"],
        about.get("jurisdiction") or "other",
        about["market"],
        ledger.get("sequence"),
        ledger.get("hash"),
    )
    with_dossiers = bool(forms.dossiers) and grant.audience.small_cells
    values = [
        case_values(case, origin, f"dossiers/{case.id}" if with_dossiers else "")
        for case in content.cases
    ]
    files = about_it | _lists(content, grant, forms, values)
    if with_dossiers:
        files |= _dossiers(content, grant, forms)
    return files


def _read_me(content: Content, grant: Grant, forms: Forms) -> bytes:
    """What a list cannot say of itself: what a state is, and how to treat and check the folder."""
    about, parts = content.document["round"], []
    unconfirmed = sum(case.state == UNCONFIRMED for case in content.cases)
    for code in forms.languages:
        language = language_named(code)
        lines = [
            language.text(
                "case_file.readme",
                round=about["title"] or about["id"],
                audience=grant.audience.id,
            ),
            language.text("statement"),
            *([language.text("case_file.readme_open", count=unconfirmed)] if unconfirmed else []),
            language.text("case_file.readme_care"),
            language.text("case_file.verify"),
        ]
        parts.append("\n\n".join(lines))
    return ("\n\n---\n\n".join(parts) + "\n").encode("utf-8")


def _lists(
    content: Content, grant: Grant, forms: Forms, values: Sequence[Mapping[str, Any]]
) -> dict[str, bytes]:
    language = language_named(forms.languages[0])
    statement = language.text("statement")
    tables = [case_table(values, grant.fields, forms.headings)]
    if grant.indications:
        tables.append(_indication_table(content.indications))
    files: dict[str, bytes] = {}
    if "csv" in forms.lists:
        files |= {f"{table.name}.csv": table_csv(table, forms.dialect) for table in tables}
    if "xlsx" in forms.lists:
        title = content.document["round"]["title"] or content.document["round"]["id"]
        files["cases.xlsx"] = workbook(tables, title, statement)
    if "json" in forms.lists:
        made = case_document(
            content.document,
            grant,
            content.cases,
            values,
            content.indications,
            statement=statement,
            ledger=content.ledger,
            left_out=content.left_out,
        )
        text = json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1)
        files["cases.json"] = (text + "\n").encode("utf-8")
    return files


def _indication_table(indications: Sequence[Indication]) -> CaseTable:
    rows = []
    for one in indications:
        values = one.to_dict()
        values["bodies"] = [found.body.code for found in one.bodies]
        rows.append({name: values[name] for name in INDICATION_COLUMNS})
    return case_table(rows, INDICATION_COLUMNS, {}, "indications")


def _dossiers(content: Content, grant: Grant, forms: Forms) -> dict[str, bytes]:
    """One dossier per case, language and format; one list of indications likewise."""
    background = Background(
        document=content.document,
        grant=grant,
        ledger=content.ledger,
        fingerprint=content.fingerprint,
        dated=content.dated,
        reason=content.reason,
    )
    reports = {f"dossiers/{case.id}": dossier(case, background) for case in content.cases}
    if grant.indications:
        reports["indications"] = indications_report(content.indications, background)
    return {
        f"{name}.{code}.{form}": render(report, language_named(code), form)
        for name, report in reports.items()
        for code in forms.languages
        for form in forms.dossiers
    }
