"""The second phase: fresh tests of those who were flagged, and nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from praktijktest.problems import DataError
from praktijktest.statistics.confirmation import confirm
from tests.analysis.logs import ORIGIN, codes, contrast, pairs, run, write_log

DESIGN = ORIGIN + '[test]\nkind = "paired"\norder = "random"\n'
HEADER = ("test", "target", "origin", "outcome", "phase")


def screened(cells: str, target: str) -> list[tuple[str, ...]]:
    return [(*row, "screen") for row in pairs(cells, target)]


def retested(cells: str, target: str) -> list[tuple[str, ...]]:
    return [(*row, "confirm") for row in pairs(cells, target, "r")]


def round_of(fresh: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Three agents with a clear signal and six without, and the fresh tests given."""
    rows = [row for name in "ABC" for row in screened("b" * 11 + "a", name)]
    rows += [row for k in range(6) for row in screened("aaabcaddddaa", f"F{k}")]
    return rows + fresh


def states(document: dict[str, Any]) -> dict[str, str]:
    return {row["target"]: row["state"] for row in document["targets"]}


def test_signals_are_confirmed_released_or_stay_open(tmp_path: Path) -> None:
    fresh = retested("b" * 9 + "a", "A") + retested("cbcacacacaaaaaa", "B")
    document = run(tmp_path, round_of(fresh), DESIGN, HEADER).to_dict()
    found = states(document)
    assert (found["A"], found["B"], found["C"]) == ("confirmed", "released", "signal")
    rows = {row["target"]: row for row in document["retests"]["rows"]}
    expected = confirm([9, 1, 0], [0, 5, 0], [10, 15, 0], 0.05)
    for place, name in enumerate("ABC"):
        assert rows[name]["p"] == pytest.approx(expected.p[place])
        assert rows[name]["q"] == pytest.approx(expected.q[place])
    assert rows["A"]["first"] == {"both": 1, "only_control": 11, "only_test": 0, "neither": 0}
    assert rows["A"]["cells"]["only_control"] == 9
    assert rows["C"]["n"] == 0


def test_fresh_tests_never_enter_the_first_results(tmp_path: Path) -> None:
    alone = run(tmp_path, round_of([]), DESIGN, HEADER).to_dict()
    both = run(tmp_path, round_of(retested("c" * 9, "A")), DESIGN, HEADER).to_dict()
    assert contrast_of(both) == contrast_of(alone)
    first = {row["target"]: (row["cells"], row["p"], row["q"]) for row in alone["targets"]}
    assert {r["target"]: (r["cells"], r["p"], r["q"]) for r in both["targets"]} == first


def contrast_of(document: dict[str, Any]) -> Any:
    return [entry for entry in document["contrasts"] if entry["primary"]]


def test_fresh_tests_of_somebody_without_a_signal_judge_nobody(tmp_path: Path) -> None:
    document = run(tmp_path, round_of(retested("b" * 12, "F1")), DESIGN, HEADER).to_dict()
    assert states(document)["F1"] == "no-signal"
    assert document["retests"]["targets_not_flagged"] == 1
    assert all(row["n"] == 0 for row in document["retests"]["rows"])


def test_regression_to_the_mean_is_set_beside_what_came(tmp_path: Path) -> None:
    fresh = retested("bbbbbaaaaa", "A") + retested("bbbbaaaaaa", "B")
    again = run(tmp_path, round_of(fresh), DESIGN, HEADER).to_dict()["flag_quality"][0]["again"]
    assert again["tested_again"]
    assert again["new_tests"] == 20
    assert again["fresh"] == pytest.approx(9 / 20)
    assert again["low"] <= again["expected"] <= again["high"]
    assert again["expected"] <= again["observed"]


def test_problems_of_both_phases_are_said_at_once(tmp_path: Path) -> None:
    rows = round_of(retested("bb", "A"))
    rows[0] = (*rows[0][:3], "vieuwing", "screen")
    rows[-1] = (*rows[-1][:3], "refuzed", "confirm")
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, DESIGN, HEADER)
    assert [p.value for p in caught.value.problems] == ["vieuwing", "refuzed"]
    assert set(codes(caught.value.problems)) == {"unknown-outcome"}


def test_silence_is_judged_by_the_last_event_of_the_whole_log(tmp_path: Path) -> None:
    """A screening test without a reply is not pending because the retests came later."""
    header = ("test", "target", "origin", "outcome", "phase", "sent_at")
    rows = [(*row, "screen", "2026-03-01T09:00") for row in pairs("abab", "A")]
    rows += [(*row[:3], "", "screen", "2026-03-02T09:00") for row in pairs("b", "A", "s")]
    rows += [(*row, "confirm", "2026-06-01T09:00") for row in pairs("ab", "A", "r")]
    design = DESIGN + "response_days = 14\n"
    document = run(
        tmp_path, rows, design + '[reading]\nmissing_outcome = "no-reply"\n', header
    ).to_dict()
    assert document["data"]["pending"] == 0
    assert contrast_of(document)[0]["n"] == 5


def test_the_coded_applications_hold_both_phases(tmp_path: Path) -> None:
    from praktijktest.analysis.export import applications_table

    analysis = run(tmp_path, round_of(retested("bb", "A")), DESIGN, HEADER)
    header, columns = applications_table(analysis)
    phase = columns[header.index("phase")]
    values = [phase.values[code] for code in phase.codes]
    assert values == ["screen"] * (len(values) - 4) + ["confirm"] * 4
    test = columns[header.index("test")]
    assert len({test.values[code] for code in test.codes}) == len(values) // 2


def test_row_order_plays_no_part(tmp_path: Path) -> None:
    rows = round_of(retested("bbbbbbbba", "A") + retested("cbcaca", "B"))
    one = run(tmp_path, rows, DESIGN, HEADER).to_dict()
    other = run(tmp_path, rows[::-1], DESIGN, HEADER).to_dict()
    assert one["retests"] == other["retests"]
    assert one["flag_quality"] == other["flag_quality"]


def test_one_phase_alone_is_analysed_as_it_is(tmp_path: Path) -> None:
    write_log(tmp_path / "unused.csv", HEADER, [])
    analysis = run(tmp_path, retested("bbbb", "A"), DESIGN, HEADER)
    assert analysis.to_dict()["retests"] is None
    assert contrast(analysis)["n"] == 4
