"""The values of a source as the ledger keeps them: checked, times in one form, no names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from praktijktest.analysis import encoding
from praktijktest.analysis.findings import Findings, nearest_values
from praktijktest.fieldwork.ingest_rows import NO_FAILURE, SourceTable
from praktijktest.fieldwork.ingest_times import ledger_times
from praktijktest.problems import Problem
from praktijktest.vocabulary import EVIDENCE, FAILED_REASONS, NO_REPLY

if TYPE_CHECKING:
    from datetime import tzinfo

    from praktijktest.design import Design
    from praktijktest.rounds.ingest_shapes import RawSource
    from praktijktest.tables import Column, Table

TIMES: Final = ("sent_at", "replied_at")
PSEUDONYMS: Final = {
    "target": "target",
    "target_group": "target_group",
    "advert": "advert",
    "tester": "person",
    "coder": "person",
}
"""Columns that name people and who is tested -> the kind of pseudonym that stands for them."""


class Pseudonymous(Protocol):
    """What gives pseudonyms: the identity store of a round."""

    def pseudonyms(self, kind: str, plain: Iterable[str]) -> dict[str, str]:
        """Plain text -> pseudonym."""
        ...


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """A source whose rows can be compared with the ledger.

    Attributes:
        table: its good rows.
        problems: what is wrong with the others, and warnings.
        bad: rows that are not in `table`.
        remarks: texts of the column `note`, which the ledger keeps as documents only.
    """

    table: SourceTable
    problems: tuple[Problem, ...]
    bad: int


def checked(
    raw: "RawSource",
    design: "Design",
    identities: Pseudonymous,
    *,
    name: str,
    sha256: str,
    zone: "tzinfo | None",
    planned: bool,
) -> CheckedSource:
    """Bring the values of a source into the form of the ledger, noting what is wrong.

    Args:
        raw: the source under our column names.
        design: the design of the round.
        identities: gives the pseudonyms.
        name: base name of the source.
        sha256: hash of its bytes.
        zone: zone of the round's place; None leaves times without an offset as they are.
        planned: the round has a plan, and codes that testers choose from.
    """
    table = raw.table
    findings = Findings(table.files, table.file_codes, table.row_numbers)
    columns = {n: c for n, c in table.columns.items() if not c.is_empty().all()}
    columns |= _times(columns, zone, findings)
    _check_whose(columns, len(table), findings)
    _check_codes(columns, design, findings, planned=planned)
    _check_order(columns, design, findings)
    columns |= _without_names(columns, design, identities)
    good = ~findings.bad
    source = SourceTable(
        name=name,
        sha256=sha256,
        columns=columns,
        row_numbers=table.row_numbers,
        file_codes=table.file_codes,
        files=table.files,
    )
    return CheckedSource(
        table=source if good.all() else source.select(good),
        problems=(*_of_reading(table), *findings.problems),
        bad=int(findings.bad.sum()) + table.rows_skipped,
    )


def _of_reading(table: "Table") -> tuple[Problem, ...]:
    """What was said while reading, but for sheets that hold something else than the plan."""
    return tuple(problem for problem in table.problems if problem.code != "sheets-left-out")


def _times(
    columns: "Mapping[str, Column]", zone: "tzinfo | None", findings: Findings
) -> "dict[str, Column]":
    found = {}
    for name in TIMES:
        if name not in columns:
            continue
        column = columns[name]
        texts, bad, styles = ledger_times(column.values, zone)
        findings.rows(
            "not-a-time",
            "this is not a date or time that can be read without guessing",
            np.asarray(bad, dtype=bool)[column.codes],
            column=name,
            values=column,
            hint="write times as 2026-11-03T09:15 or 2026-11-03; days first in 3/11/2026",
        )
        day_first = [style for style in styles if style.startswith("day-first")]
        if day_first:
            findings.general(
                "day-first",
                "times in this column are read as day, month, year",
                level="warning",
                column=name,
                value=styles[day_first[0]],
            )
        found[name] = encoding.from_texts(column.codes, texts)
    return found


def _check_whose(columns: "Mapping[str, Column]", rows: int, findings: Findings) -> None:
    """Every row says which application it is about, or at least which test and profile."""
    unknown = np.ones(rows, dtype=bool)
    if "application" in columns:
        unknown &= columns["application"].is_empty()
    if "test" in columns and "profile" in columns:
        unknown &= columns["test"].is_empty() | columns["profile"].is_empty()
    filled = np.zeros(rows, dtype=bool)
    for column in columns.values():
        filled |= ~column.is_empty()
    findings.rows(
        "no-application",
        "this row does not say which application it is about",
        unknown & filled,
        column="application" if "application" in columns else "test",
        hint="fill in the application, or test and profile; or take the row out",
    )
    findings.bad |= unknown


def _check_codes(
    columns: "Mapping[str, Column]", design: "Design", findings: Findings, *, planned: bool
) -> None:
    from praktijktest.analysis.log_rows import canonical_recodings
    from praktijktest.tables import canonical

    recodings = canonical_recodings(design)
    outcomes = [*design.outcome_codes(), *design.failed_codes()]
    _check_among(columns, "outcome", outcomes, recodings, findings, "the outcome scheme")
    if not planned:
        return
    failed = list(dict.fromkeys((*design.failed_codes(), *FAILED_REASONS)))
    recoded = {**recodings, "failed": {**recodings.get("failed", {}),
                                       **dict.fromkeys(NO_FAILURE, "")}}  # fmt: skip
    _check_among(columns, "failed", failed, recoded, findings, "the reasons for failed tests")
    _check_among(columns, "evidence", EVIDENCE, recodings, findings, "the kinds of evidence")
    if design.profiles and "profile" in columns:
        profiles = [canonical(profile.id) for profile in design.profiles]
        _check_among(columns, "profile", profiles, {}, findings, "the profiles of the design")


def _check_among(
    columns: "Mapping[str, Column]",
    name: str,
    known: "list[str] | tuple[str, ...]",
    recodings: Mapping[str, Mapping[str, str]],
    findings: Findings,
    what: str,
) -> None:
    """Note the values of a column that are none of the known ones, with the nearest of them."""
    from praktijktest.tables import canonical

    if name not in columns or not known:
        return
    column = columns[name]
    mapping = recodings.get(name, {})
    words = {"", *(canonical(word) for word in known)}
    bad = np.array([mapping.get(value, value) not in words for value in column.values], dtype=bool)
    findings.rows(
        f"unknown-{name}",
        f"this is not among {what}",
        bad[column.codes],
        column=name,
        values=column,
        hint=f"one of: {', '.join(known[:12])}" + (", …" if len(known) > 12 else ""),
        hints=nearest_values(column, known),
    )


def _check_order(columns: "Mapping[str, Column]", design: "Design", findings: Findings) -> None:
    """A reply before its sending, and a silence with a time of reply, are worth a look."""
    replied = columns.get("replied_at")
    if replied is None:
        return
    sent, outcome = columns.get("sent_at"), columns.get("outcome")
    if sent is not None:
        early = _moments(replied) < _moments(sent)
        findings.rows(
            "reply-before-sending",
            "this reply came before the application was sent",
            early,
            column="replied_at",
            values=replied,
            level="warning",
            hint="look at both times; they were taken as they stand",
        )
    if outcome is None:
        return
    mapping = design.columns.values.get("outcome", {})
    silent = np.array([mapping.get(v, v) == NO_REPLY for v in outcome.values], dtype=bool)
    findings.rows(
        "silence-with-time",
        f"the outcome is {NO_REPLY}, and there is a time of reply",
        silent[outcome.codes] & ~replied.is_empty(),
        column="replied_at",
        values=replied,
        level="warning",
        hint="empty one of the two",
    )


def _moments(column: "Column") -> "np.ndarray[Any, np.dtype[np.datetime64]]":
    """Times as moments; a date alone stands for the end of its day, so that it is not early."""
    from praktijktest.tables import parse_times

    days = [f"{text}T23:59" if len(text) == 10 else text for text in column.values]
    moments = parse_times(np.array(days, dtype=object)).values
    return np.asarray(moments)[column.codes]


def _without_names(
    columns: "Mapping[str, Column]", design: "Design", identities: Pseudonymous
) -> "dict[str, Column]":
    """Pseudonyms in place of everything that names a person or who is tested."""
    kinds = dict(PSEUDONYMS)
    if "cluster" in columns:
        cluster, columns_of = design.columns.cluster, design.columns
        if cluster == columns_of.target:
            kinds["cluster"] = "target"
        elif cluster != columns_of.test:
            kinds["cluster"] = "advert"
    found = {}
    for name, kind in kinds.items():
        if name in columns:
            column = columns[name]
            known = identities.pseudonyms(kind, [text for text in column.values if text])
            texts = [known[text] if text else "" for text in column.values]
            found[name] = encoding.from_texts(column.codes, texts)
    return found
