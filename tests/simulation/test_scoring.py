"""An analysis held against the truth: right, wrong and missed, per rule."""

import csv
import json
from pathlib import Path

import pytest

from praktijktest.problems import DataError
from praktijktest.simulation import score

ROOT = Path(__file__).parents[2]


def truth(target: str, favours: str, contrast: str = "origin") -> dict[str, str]:
    return {
        "target": target,
        "contrast": contrast,
        "favours": favours,
        "discriminates": str(int(favours == "control")),
        "p_only_control": "0.4",
        "p_only_test": "0.1",
    }


def row(target: str, won: int, lost: int, state: str, **flagged: bool) -> dict[str, object]:
    return {
        "target": target,
        "contrast": "origin",
        "n": 12,
        "cells": {"both": 0, "only_control": won, "only_test": lost, "neither": 12 - won - lost},
        "favoured": "control" if won > lost else "test" if lost > won else None,
        "p": 0.01,
        "q": None,
        "state": state,
        "rules": {rule: {"p": 0.01, "q": None, "flagged": on} for rule, on in flagged.items()},
    }


def document(*rows: dict[str, object], direction: str = "control-favoured") -> dict[str, object]:
    return {
        "targets": list(rows),
        "flag_rule": {"rule": "bh", "alpha": 0.05},
        "contrasts": [{"id": "origin", "direction": direction}],
    }


ROWS = (
    row("a", 9, 0, "signal", bh=True, holm=True),
    row("b", 8, 0, "signal", bh=True, holm=False),
    row("c", 3, 2, "no-signal", bh=False, holm=False),
    row("d", 0, 9, "no-signal", bh=True, holm=False),
    row("e", 5, 0, "too-few-tests", bh=False, holm=False),
)
TRUTH = (
    truth("a", "control"),
    truth("b", "none"),
    truth("c", "control"),
    truth("d", "test"),
    truth("e", "control"),
    truth("f", "control"),
)


def test_found_missed_and_wrong_are_told_apart() -> None:
    found = score(document(*ROWS), TRUTH)
    assert [case.target for case in found.found] == ["a"]
    assert [case.target for case in found.missed] == ["c", "e", "f"]
    assert [case.target for case in found.wrong] == ["b"]
    assert (found.cases, found.discriminate, found.reverse, found.judgeable) == (6, 4, 1, 2)
    bh, holm = found.rules
    assert (bh.flagged, bh.found, bh.missed, bh.wrong) == (3, 1, 3, 2)
    assert (holm.flagged, holm.found, holm.missed, holm.wrong) == (1, 1, 3, 0)
    assert bh.wrong_share == pytest.approx(2 / 3)
    assert holm.found_share == 0.25
    absent = found.missed[2]
    assert (absent.n, absent.p, absent.state) == (0, None, None)
    assert json.loads(json.dumps(found.to_dict()))["signals"]["wrong"] == 1


def test_where_a_contrast_looks_both_ways_a_reverse_case_can_be_found() -> None:
    signal = row("d", 0, 9, "signal", bh=True)
    against = row("a", 0, 9, "signal", bh=True)
    found = score(document(signal, against, direction="either"), TRUTH)
    assert [case.target for case in found.found] == ["d"]
    assert [case.target for case in found.wrong] == ["a"]


def test_where_nobody_discriminates_there_is_no_share() -> None:
    found = score(document(row("b", 8, 0, "signal", bh=True)), [truth("b", "none")])
    assert found.signals.found_share is None
    assert found.signals.wrong_share == 1


def test_an_analysis_of_another_round_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        score(document(*ROWS), TRUTH[:2])
    assert caught.value.problems[0].count == 3
    with pytest.raises(DataError, match="nothing to compare"):
        score(document(), TRUTH)


def test_the_shipped_example_is_scored_with_the_truth_it_came_with() -> None:
    analysed = json.loads(
        (ROOT / "reports" / "ghent-simulated" / "analysis.json").read_text(encoding="utf-8")
    )
    path = ROOT / "data" / "ghent-simulated" / "truth.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        found = score(analysed, list(csv.DictReader(stream)))
    assert (found.cases, found.discriminate, found.reverse) == (172, 16, 0)
    assert len(found.found) + len(found.missed) == 16
    assert len(found.found) >= 9
    assert found.wrong == ()
    signals = {(row["target"], row["contrast"]) for row in analysed["targets"]
               if row["state"] == "signal"}  # fmt: skip
    assert {(case.target, case.contrast) for case in found.found} == signals
