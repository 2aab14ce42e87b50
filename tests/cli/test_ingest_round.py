"""A whole round from three workbooks and a mailbox, in any order and twice: one and the same."""

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from praktijktest.analysis.analysis import analyse_table
from praktijktest.fieldwork.frozen_log import frozen_log
from praktijktest.fieldwork.state import state_of
from praktijktest.rounds.ingest import ingest
from praktijktest.rounds.ledger_design import ledger_design
from praktijktest.rounds.round_store import open_round
from praktijktest.tables import plain_csv, read_table
from tests.cli.planned_rounds import filled_workbook
from tests.fieldwork.mailboxes import as_mbox, make_mailbox, make_round, plan_of

OUTCOMES = ("viewing-individual", "refused", "no-reply", "", "already-rented")


def sources_of(folder: Path, place: Path, messages: int) -> list[Path]:
    """Three workbooks, each with a third of the round filled in, and a mailbox."""
    rows = plan_of(folder)
    cells: dict[str, dict[str, object]] = {}
    for number, row in enumerate(rows):
        planned = datetime.fromisoformat(row["send_at"])
        outcome = OUTCOMES[number % len(OUTCOMES)]
        answered = outcome not in ("", "no-reply")
        cells[row["application"]] = {
            "sent_at": (planned + timedelta(minutes=number % 7)).strftime("%d/%m/%Y %H:%M"),
            "outcome": outcome,
            "replied_at": (planned + timedelta(days=2)).replace(tzinfo=None) if answered else None,
            "failed": "bounced" if number % 97 == 0 else None,
            "note": f"note of {number}" if number % 31 == 0 else None,
        }
    names = list(cells)
    parts = [{name: cells[name] for name in names[tester::3]} for tester in range(3)]
    books = [
        filled_workbook(folder, place / f"tester-{number}.xlsx", part)
        for number, part in enumerate(parts)
    ]
    box = place / "box.mbox"
    box.write_bytes(as_mbox(make_mailbox(rows, messages)))
    return [*books, box]


def outcome_of(template: Path, folder: Path, sources: Sequence[Path], order: Sequence[int]):
    """The log and the analysis after reading the sources in this order, twice."""
    shutil.copytree(template, folder)
    first = ingest(folder, [sources[place] for place in order])
    assert not first.refused, [str(problem) for problem in first.warnings][:3]
    again = ingest(folder, [sources[place] for place in reversed(order)])
    assert [source.added for source in again.sources] == [0] * len(order)
    assert again.head == first.head
    with open_round(folder, create=False) as opened:
        state = state_of(opened.ledger.events())
        design = opened.design
    header, rows = frozen_log(state)
    log = folder / "frozen.csv"
    log.write_bytes(plain_csv(header, rows))
    analysis = analyse_table(read_table(log), ledger_design(design, header))
    return log.read_bytes(), analysis.to_dict()


def orders_agree(tmp_path: Path, *, targets: int, tests: int, messages: int, orders) -> None:
    template = tmp_path / "template"
    make_round(template, targets=targets, tests=tests)
    with open_round(template) as opened:
        opened.identities.pseudonyms("person", ["key"])  # every copy has the same key
    sources = sources_of(template, tmp_path, messages)
    found = [
        outcome_of(template, tmp_path / f"round{number}", sources, order)
        for number, order in enumerate(orders)
    ]
    log, analysis = found[0]
    assert log.count(b"\n") > 2 * targets * tests
    for other_log, other_analysis in found[1:]:
        assert other_log == log
        assert other_analysis == analysis


def test_a_small_round_is_the_same_in_any_order(tmp_path):
    orders = ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2))
    orders_agree(tmp_path, targets=12, tests=4, messages=90, orders=orders)


@pytest.mark.slow
def test_two_thousand_tests_and_three_thousand_messages_are_the_same_in_any_order(tmp_path):
    orders = ((0, 1, 2, 3), (3, 1, 0, 2))
    orders_agree(tmp_path, targets=200, tests=10, messages=3000, orders=orders)
