"""`code agreement`: how far coders agree, in a round or in any table."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from praktijktest.problems import DataError, UsageError, shown
from praktijktest.storage import write_atomically

if TYPE_CHECKING:
    from praktijktest.fieldwork.coding_agreement import AgreementReport, Unit
    from praktijktest.fieldwork.state import RoundState
    from praktijktest.tables import Table

MOST_CATEGORIES: Final = 200


def round_agreement(
    folder: Path,
    *,
    confidence: float = 0.95,
    disagreements: Path | None = None,
    store: str | None = None,
) -> "AgreementReport":
    """Agreement of the coders of a round, over the codes from their sheets.

    Args:
        folder: the round folder.
        confidence: confidence level of the intervals.
        disagreements: file to list the disagreements in, with the masked words.
        store: URL of the ledger.

    Raises:
        UsageError: it is no round folder, or has no ledger.
    """
    from praktijktest.fieldwork.coding_agreement import agreement_of
    from praktijktest.fieldwork.state import state_of
    from praktijktest.rounds.round_store import open_round

    with open_round(folder, store=store, create=False) as opened:
        state = state_of(opened.ledger.events())
        units = _units(state, opened.design.round.id)
        order = [*opened.design.outcome_codes(), *opened.design.failed_codes()]
        report = agreement_of(units, order, confidence=_checked(confidence))
        if disagreements is not None:
            from praktijktest.rounds.coding_words import masked_items

            items, _ = masked_items(opened, state)
            words = {item.item: item.words for item in items.values()}
            write_atomically(disagreements, _listed(report, words))
    return report


def table_agreement(
    log: Path,
    columns: Sequence[str],
    *,
    order: Sequence[str] = (),
    confidence: float = 0.95,
) -> "AgreementReport":
    """Agreement of coders who each have a column in a table.

    Weighted and ordinal measures need an order: that of the numbers where every code is one,
    else the one given.

    Args:
        log: the table.
        columns: one column per coder, at least two.
        order: the categories in their order.
        confidence: confidence level of the intervals.

    Raises:
        UsageError: there is no such file or column, or fewer than two columns.
        DataError: the file cannot be read, or the columns hold texts and no codes.
    """
    from praktijktest.fieldwork.coding_agreement import Unit, agreement_of
    from praktijktest.tables import canonical, parse_numbers, read_table

    names = list(dict.fromkeys(columns))
    if len(names) < 2:
        raise UsageError("Name at least two columns: --columns coder1,coder2")
    table = read_table(log)
    if missing := [name for name in names if name not in table.columns]:
        raise UsageError(
            f"{log.name} has no column {shown(missing[0])!r}; it has: {', '.join(table.header)}"
        )
    codes = {name: _codes(table, name) for name in names}
    used = sorted({canonical(code) for own in codes.values() for code in own} - {""})
    if len(used) > MOST_CATEGORIES:
        raise DataError(f"The columns hold {len(used)} different values; these are no codes.")
    numbers, bad = parse_numbers(used)
    numeric = bool(used) and not bad.any()
    if numeric:
        used = [code for _, code in sorted(zip(numbers.tolist(), used, strict=True))]
    rows = table.row_numbers.tolist()
    units = (
        Unit(str(row), {n: code for n, code in zip(names, line, strict=True) if code}, f"row {row}")
        for row, line in zip(rows, zip(*codes.values(), strict=True), strict=True)
    )
    return agreement_of(
        units, order or used, ordered=bool(order) or numeric, confidence=_checked(confidence)
    )


def _codes(table: "Table", name: str) -> list[str]:
    from praktijktest.tables import canonical

    column = table.columns[name]
    texts = [canonical(str(value)) for value in column.values]
    return [texts[code] for code in column.codes.tolist()]


def _units(state: "RoundState", round_id: str) -> "list[Unit]":
    """Every reply that was coded from a sheet."""
    from praktijktest.fieldwork.coding_agreement import Unit
    from praktijktest.fieldwork.coding_import import BLIND, replies_by_id
    from praktijktest.fieldwork.coding_sample import item_id

    units = []
    for name, (_, reply) in replies_by_id(state).items():
        codes = {one.coder: one.outcome for one in reply.codings if one.basis == BLIND}
        if codes:
            units.append(Unit(item_id(round_id, name), codes, name, reply.adjudicated))
    return sorted(units, key=lambda unit: unit.unit)


def _listed(report: "AgreementReport", words: dict[str, str]) -> bytes:
    """The disagreements as CSV, with a column per coder."""
    from praktijktest.tables import plain_csv

    header = ("item", *report.coders, "settled", "words")
    rows = [
        (
            unit.unit,
            *(unit.codes.get(coder, "") for coder in report.coders),
            unit.settled,
            words.get(unit.unit, ""),
        )
        for unit in report.disagreements
    ]
    return plain_csv(header, rows)


def _checked(confidence: float) -> float:
    if not 0.5 < confidence < 1:
        raise UsageError(f"The confidence must lie between 0.5 and 1, not {confidence}.")
    return confidence
