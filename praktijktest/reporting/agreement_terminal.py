"""Shows the agreement of coders on a terminal."""

from typing import TYPE_CHECKING, Any

from praktijktest.fieldwork.coding_agreement import AgreementReport, PairAgreement
from praktijktest.language import Language, Message, message
from praktijktest.reporting.blocks import (
    Block,
    Column,
    Estimated,
    Paragraph,
    Report,
    Section,
    Table,
    Unit,
)
from praktijktest.reporting.report_terminal import print_report

if TYPE_CHECKING:
    from rich.console import Console

    from praktijktest.statistics.agreement import Agreement

DISAGREEMENTS_SHOWN = 20


def print_agreement(
    report: AgreementReport, console: "Console", language: Language, *, by_category: bool = False
) -> None:
    """Print the measures, the table of every two coders, and the disagreements.

    Args:
        report: the agreement.
        console: where to print.
        language: what it is written in.
        by_category: also print the agreement on each code.
    """
    print_report(agreement_document(report, by_category=by_category), console, language)


def agreement_document(report: AgreementReport, *, by_category: bool = False) -> Report:
    """The agreement of coders as a report."""
    blocks: list[Block] = [_measures(message("agreement.all"), report.alphas)]
    for pair in report.pairs:
        title = message("agreement.pair", coders=list(pair.coders))
        blocks += (_measures(title, pair.measures), _table(pair, report.categories))
        if by_category:
            blocks.append(_categories(pair))
    blocks += _disagreements(report)
    return Report(
        kind="agreement",
        title="",
        subtitle=message("agreement.title"),
        facts=(
            (message("agreement.units"), _text(report.units)),
            (message("agreement.compared"), _text(report.compared)),
        ),
        banners=(),
        sections=(Section("agreement", message("agreement.title"), tuple(blocks)),),
        statement=message("agreement.statement"),
    )


def _measures(caption: Message, measures: "tuple[Agreement, ...]") -> Table:
    rows = [
        (
            message(f"agreement.measure.{one.name}"),
            Estimated(one.value, one.low, one.high, _unit(one.name)),
            one.n,
        )
        for one in measures
    ]
    columns = (
        Column(message("agreement.column.measure"), "text"),
        Column(message("agreement.column.value"), "estimate"),
        Column(message("agreement.column.n"), "count"),
    )
    return Table("agreement-measures", caption, columns, tuple(rows))


def _table(pair: PairAgreement, categories: tuple[str, ...]) -> Table:
    """The counts of two coders; rows are the first one's codes."""
    used = [place for place, _ in enumerate(categories) if any(_given(pair, place))]
    columns = (
        Column(_text(pair.coders[0]), "text"),
        *(Column(_text(categories[place]), "count") for place in used),
    )
    rows = tuple(
        (categories[place], *(pair.table[place][other] for other in used)) for place in used
    )
    caption = message("agreement.table", first=pair.coders[0], second=pair.coders[1])
    return Table("agreement-table", caption, columns, rows)


def _given(pair: PairAgreement, place: int) -> list[int]:
    return [*pair.table[place], *(line[place] for line in pair.table)]


def _categories(pair: PairAgreement) -> Table:
    rows = [
        (
            one.category,
            one.given,
            one.specific,
            Estimated(one.kappa.value, one.kappa.low, one.kappa.high, "ratio"),
        )
        for one in pair.categories
    ]
    columns = (
        Column(message("agreement.column.category"), "text"),
        Column(message("agreement.column.given"), "count"),
        Column(message("agreement.column.specific"), "percent"),
        Column(message("agreement.column.kappa"), "estimate"),
    )
    return Table("agreement-categories", message("agreement.categories"), columns, tuple(rows))


def _disagreements(report: AgreementReport) -> tuple[Block, ...]:
    found = report.disagreements
    if not found:
        return (Paragraph(message("agreement.none")),)
    columns = (
        Column(message("agreement.column.unit"), "text"),
        *(Column(_text(coder), "text") for coder in report.coders),
        Column(message("agreement.column.settled"), "text"),
    )
    rows = [
        (unit.unit, *(unit.codes.get(coder, "") for coder in report.coders), unit.settled)
        for unit in found[:DISAGREEMENTS_SHOWN]
    ]
    left = len(found) - DISAGREEMENTS_SHOWN
    notes = (message("status.more", count=left),) if left > 0 else ()
    caption = message("agreement.disagreements", count=len(found))
    return (Table("agreement-disagreements", caption, columns, tuple(rows), notes),)


def _unit(measure: str) -> Unit:
    return "percent" if measure == "percent_agreement" else "ratio"


def _text(value: Any) -> Message:
    return message("verbatim", text=value)
