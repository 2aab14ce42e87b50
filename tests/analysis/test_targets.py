"""Counts per target, families, states and their order."""

from pathlib import Path
from typing import Any

import pytest

from praktijktest.vocabulary import FLAG_RULES
from tests.analysis.logs import ORIGIN, codes, pairs, run

RANDOM = ORIGIN + '[test]\nkind = "paired"\norder = "random"\n'


def flagging(**options: Any) -> str:
    lines = [
        f"{key} = {str(v).lower() if isinstance(v, bool) else repr(v)}"
        for key, v in options.items()
    ]
    return "[flagging]\n" + "\n".join(lines) + "\n"


def targets(analysis: Any) -> dict[str, dict[str, Any]]:
    return {row["target"]: row for row in analysis.to_dict()["targets"]}


def test_counts_per_target_and_too_few_tests(tmp_path: Path) -> None:
    analysis = run(tmp_path, pairs("aabbbbcddd", "A") + pairs("bbbbb", "B"), RANDOM)
    found = targets(analysis)
    assert found["A"]["cells"] == {"both": 2, "only_control": 4, "only_test": 1, "neither": 3}
    assert found["A"]["n"] == 10
    assert found["A"]["p"] == pytest.approx(6 / 32)
    assert found["A"]["p_midp"] == pytest.approx(6 / 32 - 5 / 64)
    assert found["B"]["state"] == "too-few-tests"
    assert found["B"]["q"] is None
    assert found["B"]["p"] == pytest.approx(1 / 32)
    assert analysis.to_dict()["flag_rule"]["family_size"] == 1


def test_a_clear_case_is_a_signal_and_leaving_one_out_may_make_it_fragile(tmp_path: Path) -> None:
    rows = pairs("bbbbbbbbbb", "A") + pairs("aaaaaddddd", "B")
    found = targets(run(tmp_path, rows, RANDOM))
    assert found["A"]["state"] == "signal"
    assert found["A"]["q"] <= 0.05
    assert not found["A"]["fragile"]
    barely = targets(run(tmp_path, pairs("bbbbbaaaaa", "A"), RANDOM))
    assert barely["A"]["state"] == "signal"
    assert barely["A"]["fragile"]


def test_grey_zone_lies_between(tmp_path: Path) -> None:
    rows = [row for k in range(40) for row in pairs("bbbbccccaa", f"K{k:02d}")]
    rows += pairs("bbbbbaaadd", "A")
    found = targets(run(tmp_path, rows, RANDOM))
    assert found["A"]["state"] == "grey-zone"
    assert found["K00"]["state"] == "no-signal"


def test_who_answers_nobody_cannot_be_assessed(tmp_path: Path) -> None:
    found = targets(run(tmp_path, pairs("a" * 7 + "d" * 30, "A") + pairs("a" * 40, "B"), RANDOM))
    assert found["A"]["state"] == "not-assessable"
    assert found["B"]["state"] == "equal-treatment"


def test_equal_treatment_needs_a_randomised_order(tmp_path: Path) -> None:
    rows = pairs("a" * 40, "A")
    assert targets(run(tmp_path, rows, RANDOM))["A"]["state"] == "equal-treatment"
    fixed = RANDOM.replace('"random"', '"test-first"')
    assert targets(run(tmp_path, rows, fixed))["A"]["state"] == "no-signal"
    assert targets(run(tmp_path, rows))["A"]["state"] == "no-signal"


TWO_GROUNDS = RANDOM.replace(
    "[outcomes]",
    '[[contrast]]\nid = "disability"\nattribute = "disability"\nground = "disability"\n'
    'control = "none"\ntest = "wheelchair"\n[outcomes]',
)
WITH_DISABILITY = ("test", "target", "origin", "disability", "outcome")


def on_disability(cells: str, target: str) -> list[tuple[str, ...]]:
    return [
        (f"w{test}", target, "flemish", "none" if origin == "flemish" else "wheelchair", outcome)
        for test, target, origin, outcome in pairs(cells, target)
    ]


def on_origin(cells: str, target: str) -> list[tuple[str, ...]]:
    return [(t, a, o, "none", r) for t, a, o, r in pairs(cells, target)]


def test_a_signal_on_one_ground_denies_equal_treatment_on_another(tmp_path: Path) -> None:
    rows = on_origin("a" * 40, "A") + on_disability("b" * 12, "A") + on_origin("a" * 40, "B")
    analysis = run(tmp_path, rows, TWO_GROUNDS, WITH_DISABILITY)
    states = {(r["target"], r["contrast"]): r["state"] for r in analysis.to_dict()["targets"]}
    assert states == {
        ("A", "origin"): "no-signal",
        ("B", "origin"): "equal-treatment",
        ("A", "disability"): "signal",
    }


def test_grounds_joined_by_simes_give_one_verdict_per_target(tmp_path: Path) -> None:
    rows = on_origin("b" * 7 + "aaa", "A") + on_disability("b" * 7 + "ddd", "A")
    for k in range(8):
        rows += on_origin("abcabcabcd", f"K{k}") + on_disability("bcbcbcbcaa", f"K{k}")
    design = TWO_GROUNDS + flagging(rule="discrete-fdr", within_target="simes")
    table = run(tmp_path, rows, design, WITH_DISABILITY).to_dict()["targets"]
    own = [row for row in table if row["target"] == "A"]
    assert len({row["q"] for row in own}) == 1
    assert {row["state"] for row in own} == {"signal"}
    assert not any(row["state"] == "signal" for row in table if row["target"] != "A")


def test_the_family_spans_contrasts_unless_they_are_separate(tmp_path: Path) -> None:
    rows = on_origin("b" * 5 + "a" * 5, "A")
    for k in range(8):
        rows += on_disability("bcbcbcbcaa", f"K{k}")
    together = run(tmp_path, rows, TWO_GROUNDS, WITH_DISABILITY).to_dict()
    apart = run(
        tmp_path, rows, TWO_GROUNDS + flagging(across="separate"), WITH_DISABILITY
    ).to_dict()
    q = {d["flag_rule"]["across"]: d["targets"][0]["q"] for d in (together, apart)}
    assert together["targets"][0]["target"] == apart["targets"][0]["target"] == "A"
    assert q["separate"] < q["family"]
    assert together["flag_rule"]["family_size"] == 9


def test_control_first_gives_no_signal_unless_accepted(tmp_path: Path) -> None:
    first = RANDOM.replace('"random"', '"control-first"')
    rows = pairs("b" * 12, "A")
    assert targets(run(tmp_path, rows, first))["A"]["state"] == "grey-zone"
    accepted = first + flagging(accept_fixed_order=True)
    analysis = run(tmp_path, rows, accepted)
    assert targets(analysis)["A"]["state"] == "signal"
    assert analysis.to_dict()["flag_rule"]["assumption"] == "fixed-order"


def test_only_named_kinds_of_targets_can_be_flagged(tmp_path: Path) -> None:
    header = ("test", "target", "origin", "outcome", "agent_type")
    rows = [(*row, "agent") for row in pairs("b" * 12, "A")]
    rows += [(*row, "private") for row in pairs("b" * 12, "B")]
    design = RANDOM + '[flagging]\nonly = { agent_type = ["agent"] }\n'
    analysis = run(tmp_path, rows, design, header)
    assert set(targets(analysis)) == {"A"}
    assert analysis.to_dict()["flag_rule"]["targets_out_of_scope"] == 1


def test_offices_of_one_firm_are_flagged_together(tmp_path: Path) -> None:
    header = ("test", "target", "origin", "outcome", "target_group")
    rows = [(*row, "Firm") for office in "AB" for row in pairs("bbbbba", office)]
    rows += [(*row, "") for row in pairs("ab", "C")]
    analysis = run(tmp_path, rows, RANDOM + flagging(unit="target_group"), header)
    found = targets(analysis)
    assert set(found) == {"Firm"}
    assert found["Firm"]["cells"]["only_control"] == 10
    assert "tests-without-target" in codes(analysis.problems)


def test_either_direction_flags_both_ways(tmp_path: Path) -> None:
    either = RANDOM.replace("[outcomes]", 'direction = "either"\n[outcomes]')
    rows = pairs("b" * 12, "A") + pairs("c" * 12, "B")
    found = targets(run(tmp_path, rows, either))
    assert found["A"]["state"] == found["B"]["state"] == "signal"
    assert (found["A"]["favoured"], found["B"]["favoured"]) == ("control", "test")
    one_way = targets(run(tmp_path, rows, RANDOM))
    assert one_way["B"]["state"] != "signal"


def test_a_log_without_targets_flags_nobody(tmp_path: Path) -> None:
    rows = [(t, o, r) for t, _, o, r in pairs("b" * 12)]
    document = run(tmp_path, rows, RANDOM, ("test", "origin", "outcome")).to_dict()
    assert document["targets"] == []
    assert document["data"]["targets"] == 0
    assert {e["scope"] for e in document["contrasts"][0]["estimates"]} == {"these-targets"}


def test_rules_stand_side_by_side(tmp_path: Path) -> None:
    rows = [row for k in range(30) for row in pairs("aabbcd" * 2, f"K{k:02d}")]
    rows += pairs("b" * 12, "A")
    analysis = run(tmp_path, rows, RANDOM).to_dict()
    summary = {row["rule"]: row["flagged"] for row in analysis["rule_summary"]}
    assert summary["discrete-fdr"] == summary["bonferroni"] == 1
    first = analysis["targets"][0]
    assert first["rules"]["discrete-fdr-stepup"]["q"] is None
    assert first["rules"]["adaptive-discrete-fdr"]["q"] == first["q"]
    assert 0 < first["power"]["chance"] < 1


@pytest.mark.parametrize("rule", FLAG_RULES)
def test_every_rule_of_the_contract_can_be_declared(tmp_path: Path, rule: str) -> None:
    rows = pairs("b" * 12, "A") + pairs("aaaabbccdddd", "B") + pairs("aaabccdddddd", "C")
    analysis = run(tmp_path, rows, RANDOM + flagging(rule=rule)).to_dict()
    found = {row["target"]: row for row in analysis["targets"]}
    assert analysis["flag_rule"]["rule"] == rule
    assert {row["rule"] for row in analysis["rule_summary"]} == set(FLAG_RULES)
    assert set(found["A"]["rules"]) == set(FLAG_RULES)
    assert found["A"]["p"] == found["A"]["rules"][rule]["p"]
    assert (found["A"]["state"] == "signal") == found["A"]["rules"][rule]["flagged"]
    assert found["B"]["state"] != "signal"


def test_pseudonyms_do_not_depend_on_row_order(tmp_path: Path) -> None:
    rows = pairs("ab", "Zwart Vastgoed") + pairs("bc", "Aalst Immo")
    one = targets(run(tmp_path, rows, RANDOM))
    other = targets(run(tmp_path, rows[::-1], RANDOM))
    assert {k: v["pseudonym"] for k, v in one.items()} == {
        k: v["pseudonym"] for k, v in other.items()
    }
    assert {row["pseudonym"] for row in one.values()} == {"A001", "A002"}
