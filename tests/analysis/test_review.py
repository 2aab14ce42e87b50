"""What a fresh pair of eyes found, each once wrong and now held."""

from pathlib import Path

import pytest

from praktijktest.problems import DataError
from tests.analysis.logs import ORIGIN, codes, contrast, estimate, pair, pairs, run

CLUSTERED = ("test", "target", "origin", "outcome", "region")


def in_regions(sizes: dict[str, str]) -> list[tuple[str, ...]]:
    return [(*row, sizes[target]) for target in sizes for row in pairs("aabbbcd", target)]


def test_a_declared_cluster_that_holds_whole_targets_is_the_unit(tmp_path: Path) -> None:
    rows = in_regions({"A": "R1", "B": "R1", "C": "R2", "D": "R2", "E": "R3"})
    design = ORIGIN + '[columns]\ncluster = "region"\n'
    assert contrast(run(tmp_path, rows, design, CLUSTERED))["clusters"] == 3
    assert contrast(run(tmp_path, rows, ORIGIN, CLUSTERED))["clusters"] == 5


def test_a_declared_cluster_inside_targets_leaves_the_market_to_the_targets(
    tmp_path: Path,
) -> None:
    rows = [(*row, f"{row[1]}{n // 4}") for n, row in enumerate(pairs("aabb", "A"))]
    rows += [(*row, f"{row[1]}{n // 4}") for n, row in enumerate(pairs("abcd", "B"))]
    design = ORIGIN + '[columns]\ncluster = "region"\n'
    assert contrast(run(tmp_path, rows, design, CLUSTERED))["clusters"] == 2


def test_a_level_that_no_contrast_names_is_a_counted_warning(tmp_path: Path) -> None:
    rows = [*pairs("aab"), ("t8", "A", "turkish", "refused"), ("t8", "A", "flemish", "refused")]
    found = [p for p in run(tmp_path, rows).problems if p.code == "level-in-no-contrast"]
    assert [(p.value, p.row, p.count) for p in found] == [("turkish", 8, 1)]


def test_repeated_levels_are_in_the_first_list_and_can_be_left_out(tmp_path: Path) -> None:
    rows = [*pairs("aabb"), *pair("t9", "b"), pair("t9", "b")[0], ("t7", "A", "flemish", "??")]
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows)
    assert codes(caught.value.problems) == ["unknown-outcome", "same-level-repeated"]
    analysis = run(tmp_path, rows, skip_bad_rows=True)
    assert contrast(analysis)["n"] == 4
    assert "same-level-repeated" in codes(analysis.problems)


def test_averages_say_that_nobody_can_be_flagged(tmp_path: Path) -> None:
    analysis = run(tmp_path, pairs("b" * 12), ORIGIN + '[reading]\nsame_profile = "mean"\n')
    assert analysis.to_dict()["targets"] == []
    assert "no-flags-with-mean" in codes(analysis.problems)


def test_an_interval_of_a_difference_stays_in_its_range(tmp_path: Path) -> None:
    rows = pairs("ab", "A") + pairs("cb", "B")
    entry = contrast(run(tmp_path, rows, ORIGIN + '[reading]\nsame_profile = "mean"\n'))
    for scope in ("these-targets", "targets-like-these"):
        found = estimate(entry, "mean_difference", scope)
        assert found["low"] is None or -1 <= found["low"] <= found["high"] <= 1


def test_strata_say_what_became_of_their_tests(tmp_path: Path) -> None:
    design = ORIGIN + '[analysis]\nstrata = ["wijk"]\n'
    header = ("test", "target", "origin", "outcome", "wijk")
    rows = [(*row, "Noord") for row in pairs("aab", "A")]
    rows += [(*row, "Zuid") for row in [*pairs("bd", "B"), pair("t9", "a", "B")[0]]]
    analysis = run(tmp_path, rows, design, header)
    assert contrast(analysis, stratum=("wijk", "Noord"))["tests_incomplete"] == 0
    assert contrast(analysis, stratum=("wijk", "Zuid"))["tests_incomplete"] == 1
    assert analysis.to_dict()["data"]["tests_usable"] == 5


def test_the_cause_is_named_when_nothing_can_be_compared(tmp_path: Path) -> None:
    lonely = [pair(f"t{n}", "a")[n % 2] for n in range(6)]
    with pytest.raises(DataError) as caught:
        run(tmp_path, lonely)
    assert "unpaired" in (caught.value.problems[0].hint or "")


def test_another_ground_is_not_in_the_answers_of_a_contrast(tmp_path: Path) -> None:
    design = ORIGIN.replace(
        "[[contrast]]",
        '[[profile]]\nid = "fl"\nattributes = { origin = "flemish", disability = "none" }\n'
        '[[profile]]\nid = "mo"\nattributes = { origin = "moroccan", disability = "none" }\n'
        '[[profile]]\nid = "co"\nattributes = { origin = "flemish", disability = "none" }\n'
        '[[profile]]\nid = "wh"\nattributes = { origin = "flemish", disability = "chair" }\n'
        "[[contrast]]",
        1,
    )
    header = ("test", "target", "profile", "outcome")
    rows = [(t, a, {"flemish": "fl", "moroccan": "mo"}[o], r) for t, a, o, r in pairs("aab")]
    rows += [
        (f"w{t}", a, {"flemish": "co", "moroccan": "wh"}[o], r) for t, a, o, r in pairs("bbbb")
    ]
    document = run(tmp_path, rows, design, header).to_dict()
    control = [e for e in document["outcomes"] if e["arm"] == "control"]
    assert sum(e["applications"] for e in control) == 3
    rates = [e for e in document["levels"] if e["arm"] == "control" and e["rule"] == "strict"]
    assert [e["applications"] for e in rates] == [3]


def test_no_rule_makes_a_signal_of_a_target_that_favours_nobody(tmp_path: Path) -> None:
    design = ORIGIN + '[flagging]\nrule = "storey"\nalpha = 0.3\nmin_tests = 5\n'
    rows = [row for k in range(6) for row in pairs("bbbaaaa", f"B{k}")]
    rows += pairs("aaaaaaa", "C") + pairs("ccbaaaa", "D")
    states = {
        row["target"]: row["state"] for row in run(tmp_path, rows, design).to_dict()["targets"]
    }
    assert states["B0"] == "signal"
    assert "signal" not in (states["C"], states["D"])
