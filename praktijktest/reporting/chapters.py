"""Several rounds in one report: a chapter each, side by side and never added up."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Definitions,
    Paragraph,
    Report,
    Section,
    Table,
)
from praktijktest.reporting.calls_section import estimate_named
from praktijktest.reporting.evidence import Entry, whole_round
from praktijktest.reporting.reader_words import in_reader_words
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.summary_page import difference_estimated
from praktijktest.reporting.trend_section import round_labels
from praktijktest.reporting.wording import contrast_label, verbatim

MYSTERY = "mystery"


def chapters(analyses: Sequence[dict[str, Any]], reports: Sequence[Report]) -> Report:
    """One report of several, with an opening that sets the rounds side by side.

    Args:
        analyses: the analysis documents, in the order of the reports.
        reports: the report of each, all of one kind.
    """
    first = reports[0]
    parts = tuple(
        part for number, report in enumerate(reports, start=1) for part in _chapter(report, number)
    )
    titles = list(dict.fromkeys(report.title for report in reports))
    banners = dict.fromkeys(repr(banner) for report in reports for banner in report.banners)
    said = {repr(banner): banner for report in reports for banner in report.banners}
    return Report(
        kind=first.kind,
        title=" · ".join(titles),
        subtitle=message("report.several_of_kind", kind=first.subtitle),
        facts=(),
        banners=tuple(said[key] for key in banners),
        statement=first.statement,
        sections=(_side_by_side([in_reader_words(one) for one in analyses]), *parts),
    )


def _chapter(report: Report, number: int) -> tuple[Section, ...]:
    """The sections of one round, with ids and tables that no other chapter has."""
    opening = Section(
        f"round-{number}",
        message("section.chapter", number=number, title=verbatim(report.title)),
        (*(Paragraph(b, "warning") for b in report.banners), Definitions(report.facts)),
    )
    return (
        opening,
        *(
            replace(
                section,
                id=f"round-{number}-{section.id}",
                title=message(
                    "section.chapter_part", number=number, part=part, title=section.title
                ),
                blocks=tuple(_renamed(block, number) for block in section.blocks),
            )
            for part, section in enumerate(report.sections, start=1)
        ),
    )


def _renamed(block: Block, number: int) -> Block:
    return replace(block, id=f"round-{number}-{block.id}") if isinstance(block, Table) else block


def _side_by_side(analyses: Sequence[Entry]) -> Section:
    """The rounds in two tables: applicants who write, and mystery calls."""
    labels = round_labels([one["round"] for one in analyses])
    numbered = list(zip(labels, analyses, strict=True))
    calls = [pair for pair in numbered if pair[1]["round"]["kind"] == MYSTERY]
    written = [pair for pair in numbered if pair[1]["round"]["kind"] != MYSTERY]
    blocks: list[Block] = [Paragraph(message("rounds.intro", count=len(analyses)))]
    if calls and written:
        blocks.append(Paragraph(message("rounds.apart")))
    if written:
        blocks.append(_written(written))
    if calls:
        blocks.append(_called(calls))
    return Section("rounds", message("section.rounds"), tuple(blocks))


def _written(rounds: Sequence[tuple[str, Entry]]) -> Table:
    return _table(
        "rounds-written",
        "rounds.paired_caption",
        "comparisons",
        [
            (label, contrast_label(entry), entry["n"], difference_estimated(entry))
            for label, analysis in rounds
            for entry in whole_round(analysis)
        ],
    )


def _called(rounds: Sequence[tuple[str, Entry]]) -> Table:
    return _table(
        "rounds-called",
        "rounds.calls_caption",
        "calls",
        [
            (
                label,
                verbatim(entry["request"]),
                entry["n"],
                estimate_named(entry, "compliance_rate"),
            )
            for label, analysis in rounds
            for entry in whole_round(analysis)
        ],
    )


def _table(name: str, caption: str, counted: str, rows: list[tuple[Any, ...]]) -> Table:
    what: Message = message(caption)
    return Table(
        id=name,
        caption=what,
        columns=(
            column("round", "name"),
            column("contrast" if counted == "comparisons" else "call", "text"),
            column(counted, "count"),
            column("value", "estimate"),
        ),
        rows=tuple(rows),
    )
