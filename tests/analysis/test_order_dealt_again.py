"""The randomisation test of the order, from a log."""

from pathlib import Path
from typing import Any

import pytest

from praktijktest.language import language_named
from praktijktest.reporting.document import build_report
from praktijktest.reporting.html import render_html
from praktijktest.statistics.order_strata import order_strata_test
from praktijktest.vocabulary import LANGUAGES
from tests.analysis.logs import ORIGIN, contrast, pairs, run

HEADER = ("test", "target", "origin", "outcome", "position")


def rows(cells: str, firsts: str, target: str = "A") -> list[tuple[Any, ...]]:
    """Tests of one target; in `firsts`, c where the control wrote first and t where second."""
    found = []
    for number, row in enumerate(pairs(cells, target)):
        control = row[2] == "flemish"
        found.append((*row, 1 if control == (firsts[number // 2] == "c") else 2))
    return found


def p_of(entry: dict[str, Any]) -> float | None:
    return next((t["p"] for t in entry["significance"] if t["name"] == "randomisation_order"), None)


def test_the_order_of_the_log_is_dealt_again(tmp_path: Path) -> None:
    data = [*rows("bbbad", "ctctc"), *rows("bcbb", "cttc", "B")]
    gap = [1, 1, 1, 0, 0, 1, -1, 1, 1]
    first = [c == "c" for c in "ctctccttc"]
    expected = order_strata_test(gap, first, [0] * 5 + [1] * 4)
    found = contrast(run(tmp_path, data, header=HEADER))
    assert p_of(found) == pytest.approx(expected.p)
    assert expected.p < 1


@pytest.mark.parametrize("firsts", ["cccc", "tttt"])
def test_without_two_orders_there_is_nothing_to_deal(tmp_path: Path, firsts: str) -> None:
    assert p_of(contrast(run(tmp_path, rows("bbcd", firsts), header=HEADER))) is None


def test_a_fixed_order_was_not_dealt(tmp_path: Path) -> None:
    design = ORIGIN.replace("[[contrast]]", '[test]\norder = "test-first"\n[[contrast]]', 1)
    assert p_of(contrast(run(tmp_path, rows("bbcd", "cctt"), design, HEADER))) is None
    assert p_of(contrast(run(tmp_path, [r[:4] for r in rows("bbcd", "cctt")]))) is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_shown(tmp_path: Path, code: str) -> None:
    document = run(tmp_path, rows("bbcd", "ctct"), header=HEADER).to_dict()
    language = language_named(code)
    assert language.text("significance.randomisation_order") in render_html(
        build_report(document), language
    )
