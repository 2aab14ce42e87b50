"""What stands beside a decision: recoding, order and letters, labels and their dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.logs import ORIGIN, pairs, run

DESIGN = ORIGIN + '[test]\nkind = "paired"\norder = "random"\n'


def row_of(document: dict[str, Any], target: str = "A") -> dict[str, Any]:
    return next(row for row in document["targets"] if row["target"] == target)


def test_a_signal_that_hangs_on_ambiguous_replies_says_so(tmp_path: Path) -> None:
    clear = pairs("b" * 11, "A")
    doubtful = [
        (test, target, origin, "call-back" if origin == "moroccan" and number < 14 else outcome)
        for number, (test, target, origin, outcome) in enumerate(clear)
    ]
    sure = row_of(run(tmp_path, clear, DESIGN).to_dict())
    unsure = row_of(run(tmp_path, doubtful, DESIGN).to_dict())
    assert sure["state"] == unsure["state"] == "signal"
    assert not sure["checks"]["undone_by_recoding"]
    assert unsure["checks"]["undone_by_recoding"]


def test_order_and_letter_are_checked_on_the_discordant_tests(tmp_path: Path) -> None:
    """Five wins with the control first, five losses with it second: order explains it all."""
    header = ("test", "target", "origin", "outcome", "position", "template")
    rows = []
    for cell, first in (("b", "1"), ("c", "2")):
        for test, target, origin, outcome in pairs(cell * 5, "A", cell):
            place = first if origin == "flemish" else str(3 - int(first))
            rows.append((test, target, origin, outcome, place, "AB"[int(place) - 1]))
    checks = row_of(run(tmp_path, rows, DESIGN, header).to_dict())["checks"]
    assert checks["order_p"] == pytest.approx(2 / 252)
    assert checks["sheet_p"] == pytest.approx(2 / 252)
    plain = row_of(run(tmp_path, pairs("bbbbbccccc", "A"), DESIGN).to_dict())["checks"]
    assert plain["order_p"] is None
    assert plain["sheet_p"] is None


def test_the_label_has_a_date_and_those_without_it_a_number_of_tests(tmp_path: Path) -> None:
    header = ("test", "target", "origin", "outcome", "sent_at")
    rows = [(*row, "2026-01-31T10:00") for row in pairs("a" * 26, "A")]
    rows += [(*row, "2026-01-31T10:00") for row in pairs("a" * 20, "B")]
    design = DESIGN + "[flagging]\nlabel_months = 13\n"
    document = run(tmp_path, rows, design, header).to_dict()
    labelled, waiting = row_of(document), row_of(document, "B")
    assert labelled["state"] == "equal-treatment"
    assert labelled["valid_until"] == "2027-02-28"
    assert labelled["tests_needed"] is None
    assert waiting["state"] == "no-signal"
    assert waiting["valid_until"] is None
    assert waiting["tests_needed"] == 5


def test_posteriors_lean_the_way_the_tests_lean(tmp_path: Path) -> None:
    rows = pairs("b" * 12, "A") + [r for k in range(20) for r in pairs("aaabcabcdddd", f"F{k:02d}")]
    document = run(tmp_path, rows, DESIGN).to_dict()
    guilty, fair = row_of(document), row_of(document, "F03")
    assert guilty["posterior"] > 0.9
    assert fair["posterior"] < 0.5
    assert guilty["shrunken"]["net_rate_all"] < guilty["net_rate_all"]
    assert guilty["shrunken"]["low"] < guilty["shrunken"]["net_rate_all"]
    quality = document["flag_quality"][0]
    assert quality["signals"] == 1
    assert quality["false_flags"]["flagged"] == 1
    assert quality["false_flags"]["expected"] == pytest.approx(1 - guilty["posterior"])


MEAN = ORIGIN + '[reading]\nsame_profile = "mean"\n[flagging]\nrule = "storey-t"\nmin_tests = 5\n'


def test_means_are_flagged_by_t_tests_over_clusters_without_four_cells(tmp_path: Path) -> None:
    rows = [r for k, cells in enumerate(("bbbbbbabbb", "abcdabcdab")) for r in
            pairs(cells, "AB"[k]) + pairs(cells, "AB"[k])]  # fmt: skip
    document = run(tmp_path, rows, MEAN).to_dict()
    row = row_of(document)
    assert row["cells"] is None
    assert row["n"] == 10
    assert row["rules"]["storey-t"]["theta"] == pytest.approx(0.9)
    assert row["rules"]["storey-t"]["clusters"] == 10
    assert row["p"] == row["rules"]["storey-t"]["p"]
    assert row["state"] == "signal"
    assert row_of(document, "B")["state"] != "signal"
