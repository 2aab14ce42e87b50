"""The members of a federation in aggregate: their tests added up, and nobody to be made out."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from praktijktest.casework.case_list import case_table, table_csv, workbook
from praktijktest.casework.cases import Entry
from praktijktest.language import language_named, message
from praktijktest.reporting.blocks import (
    TOO_FEW,
    Bullets,
    Column,
    Estimated,
    Kind,
    Paragraph,
    Report,
    Section,
    Table,
)
from praktijktest.reporting.formats import render
from praktijktest.reporting.wording import contrast_label, market
from praktijktest.statistics.intervals import tango

if TYPE_CHECKING:
    from praktijktest.casework.export_files import Forms

CELLS: Final = ("both", "only_control", "only_test", "neither")
COLUMNS: Final = (
    "contrast",
    "ground",
    "control",
    "test",
    "members_tested",
    "tests",
    *CELLS,
    "net_rate",
    "net_rate_low",
    "net_rate_high",
    "hidden",
)


@dataclass(frozen=True, slots=True)
class MembersResult:
    """The members of a federation on one contrast.

    Attributes:
        contrast: the contrast's whole-round entry of the document.
        tested: members with at least one test of it; None where that is hidden.
        tests: their tests; None where hidden.
        cells: their four cells; None where hidden.
        net_rate: net rate over all their tests with its interval; None where hidden.
        hidden: why numbers are hidden: few-members, few-others, few-tests; "" where none is.
    """

    contrast: Entry
    tested: int | None
    tests: int | None
    cells: Mapping[str, int] | None
    net_rate: tuple[float, float, float] | None
    hidden: str

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, in the order of `COLUMNS`."""
        rate, low, high = self.net_rate or (None, None, None)
        cells = self.cells or {}
        return {
            "contrast": self.contrast["id"],
            "ground": self.contrast["ground"],
            "control": self.contrast["control_label"],
            "test": self.contrast["test_label"],
            "members_tested": self.tested,
            "tests": self.tests,
            **{name: cells.get(name) for name in CELLS},
            "net_rate": rate,
            "net_rate_low": low,
            "net_rate_high": high,
            "hidden": self.hidden or None,
        }


def members_results(document: Entry, members: Collection[str]) -> tuple[MembersResult, ...]:
    """Add up the tests of members, contrast by contrast.

    Nothing is shown of fewer than `min_cell` members, nor where fewer than that are no members
    (who knows the whole round would then know them), nor cells that hold fewer than `min_cell`
    tests.

    Args:
        document: the analysis document.
        members: their pseudonyms in it.
    """
    least = int(document["method"]["min_cell"])
    confidence = float(document["method"]["confidence"])
    found = []
    for entry in document["contrasts"]:
        if entry["stratum"] is not None or not entry["primary"]:
            continue
        rows = [
            row for row in document["targets"] if row["contrast"] == entry["id"] and row["cells"]
        ]
        own = [row for row in rows if row["pseudonym"] in members]
        found.append(_result(entry, own, len(rows) - len(own), least, confidence))
    return tuple(found)


def members_report(
    document: Entry, results: Collection[MembersResult], dated: str, fingerprint: str
) -> Report:
    """The members in aggregate as a report."""
    about = document["round"]
    least = int(document["method"]["min_cell"])
    columns: tuple[tuple[str, Kind], ...] = (
        ("contrast", "text"),
        ("targets", "count"),
        ("tests", "count"),
        *_counts(),
        ("target_interval", "estimate"),
    )
    table = Table(
        id="members",
        caption=message("members.caption"),
        columns=tuple(Column(message(f"column.{name}"), kind) for name, kind in columns),
        rows=tuple(_row(one) for one in results),
        notes=(message("members.hidden", least=least),),
    )
    limits = (message("statement"), message("members.no_single"), message("members.net"))
    return Report(
        kind="members",
        title=about["title"] or about["id"],
        subtitle=message("members.subtitle"),
        facts=((message("fact.market"), message(f"market.{market(document)}")),),
        banners=(message("banner.simulated"),) if document["data"]["simulated"] else (),
        sections=(
            Section(
                "members", message("members.title"), (Paragraph(message("members.intro")), table)
            ),
            Section("limits", message("section.limits"), (Bullets(limits),)),
        ),
        dated=dated,
        fingerprint=fingerprint,
    )


def members_files(
    document: Entry,
    members: Collection[str],
    forms: "Forms",
    *,
    dated: str,
    fingerprint: str,
) -> dict[str, bytes]:
    """The files of an export for a federation by their names; nothing is written."""
    results = members_results(document, members)
    values = [one.to_dict() for one in results]
    table = case_table(values, COLUMNS, {}, "members")
    about = document["round"]
    statement = language_named(forms.languages[0]).text("statement")
    files: dict[str, bytes] = {}
    if "csv" in forms.lists:
        files["members.csv"] = table_csv(table, forms.dialect)
    if "xlsx" in forms.lists:
        files["members.xlsx"] = workbook([table], about["title"] or about["id"], statement)
    if "json" in forms.lists:
        made = {"format": 1, "kind": "members", "statement": statement, "round": about["id"]}
        text = json.dumps({**made, "results": values}, ensure_ascii=False, indent=1)
        files["members.json"] = (text + "\n").encode("utf-8")
    report = members_report(document, results, dated, fingerprint)
    for code in forms.languages:
        for name in forms.dossiers:
            files[f"members.{code}.{name}"] = render(report, language_named(code), name)
    return files


def _counts() -> tuple[tuple[str, Kind], ...]:
    return tuple((name, "count") for name in CELLS)


def _result(
    entry: Entry, own: list[Entry], others: int, least: int, confidence: float
) -> MembersResult:
    cells = {name: sum(int(row["cells"][name]) for row in own) for name in CELLS}
    n = sum(cells.values())
    if len(own) < least:
        return MembersResult(entry, None, None, None, None, "few-members")
    if 0 < others < least:
        return MembersResult(entry, None, None, None, None, "few-others")
    if any(0 < count < least for count in cells.values()):
        return MembersResult(entry, len(own), n, None, None, "few-tests")
    b, c = cells["only_control"], cells["only_test"]
    low, high = tango(b, c, n, confidence)
    return MembersResult(entry, len(own), n, cells, ((b - c) / n, low, high), "")


def _row(one: MembersResult) -> tuple[Any, ...]:
    cells = one.cells or {}
    return (
        contrast_label(one.contrast),
        TOO_FEW if one.tested is None else one.tested,
        TOO_FEW if one.tests is None else one.tests,
        *(cells.get(name, TOO_FEW) for name in CELLS),
        TOO_FEW if one.net_rate is None else Estimated(*one.net_rate),
    )
