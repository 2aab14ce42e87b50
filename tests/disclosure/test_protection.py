"""What stays of a document: whole comparisons, replies, failures, states, models, what is new."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.disclosure import protected
from praktijktest.disclosure.small_counts import hidden_counts
from tests.disclosure.made_rounds import CELLS, MadeTest, document, places_of

STRATA = (("type", "a"),)


def made_tests(contrast: str, count: int, per_target: int = 2) -> list[MadeTest]:
    return [
        MadeTest(contrast, f"{contrast}-{n // per_target}", STRATA, CELLS[n % 4], CELLS[n % 4])
        for n in range(count)
    ]


def made(**changes: Any) -> dict[str, Any]:
    found = document(made_tests("origin", 40))
    return {**found, **changes}


def replies(counts: dict[str, dict[str, int]], contrast: str = "origin") -> list[dict[str, Any]]:
    arms = dict(zip(counts, ("control", "test"), strict=True))
    return [
        {
            "contrast": contrast,
            "level": level,
            "arm": arms[level],
            "outcome": code,
            "applications": n,
        }
        for level, line in counts.items()
        for code, n in line.items()
    ]


def test_the_document_given_is_not_changed_and_the_result_is_the_same_again() -> None:
    original = made(outcomes=replies({"a": {"refused": 2, "no-reply": 30}, "b": {"no-reply": 40}}))
    before = copy.deepcopy(original)
    first = protected(original, 5)
    assert original == before
    assert json.dumps(first.document) == json.dumps(protected(original, 5).document)
    assert json.loads(json.dumps(first.document, allow_nan=False)) == first.document


@pytest.mark.parametrize(("count", "per_target"), [(4, 1), (12, 6)])
def test_a_comparison_of_few_tests_or_two_targets_is_left_out(count: int, per_target: int) -> None:
    small = made_tests("disability", count, per_target)
    original = document([*made_tests("origin", 40), *small])
    original["levels"] = [{"contrast": "disability", "level": "x"}]
    original["sensitivity"] = [{"contrast": "disability", "name": "primary", "rule": "strict"}]
    found = protected(original, 5).document
    assert {entry["id"] for entry in found["contrasts"]} == {"origin"}
    assert found["levels"] == found["sensitivity"] == []
    assert found["disclosure"]["contrasts"] == 1


def test_replies_are_lines_whose_totals_the_cells_give() -> None:
    """The strict line holds one code: its number is that of the cells, and stays."""
    counts = {
        "a": {"viewing": 3, "call-back": 2, "form": 9, "refused": 30, "waiting": 1, "silent": 90},
        "b": {"viewing": 20},
    }
    original = made(outcomes=replies(counts))
    original["method"]["positive"] = {
        "strict": ["viewing"],
        "broad": ["viewing", "call-back", "form"],
    }
    rows = {
        (row["level"], row["outcome"]): row["applications"]
        for row in protected(original, 5).document["outcomes"]
    }
    assert rows["a", "viewing"] == 3
    assert rows["a", "call-back"] is rows["a", "form"] is None
    assert rows["a", "waiting"] is rows["a", "refused"] is None
    assert rows["a", "silent"] == 90


def test_what_one_comparison_hides_of_a_level_no_other_shows() -> None:
    first = replies({"a": {"refused": 2, "waiting": 8, "silent": 30}, "b": {"silent": 40}})
    second = replies(
        {"a": {"refused": 2, "waiting": 8, "silent": 30}, "c": {"silent": 40}}, "again"
    )
    second[0]["applications"] = 6
    original = made(outcomes=[*first, *second])
    found = protected(original, 5).document["outcomes"]
    hidden = {(r["contrast"], r["level"], r["outcome"]) for r in found if r.get("hidden")}
    assert {("origin", "a", "refused"), ("again", "a", "refused")} <= hidden
    assert {("origin", "a", "waiting"), ("again", "a", "waiting")} <= hidden


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 30), max_size=7), st.integers(1, 8)
)
def test_hidden_counts_are_two_and_enough_or_all_there_are(
    counts: dict[str, int], least: int
) -> None:
    hidden = hidden_counts(counts, least, ())
    shown = set(counts) - hidden
    if len(counts) > 1:
        assert all(counts[name] == 0 or counts[name] >= least for name in shown)
    if hidden and shown:
        assert len(hidden) > 1
        assert sum(counts[name] for name in hidden) >= least


def test_rare_reasons_of_failure_are_put_together_and_rare_profiles_hidden() -> None:
    original = made()
    original["data"]["tests_failed"] = {"bounced": 12, "detected": 1, "scam": 2, "gone": 30}
    original["data"]["failed_by_arm"] = [
        {"reason": "bounced", "profile": "a", "applications": 9},
        {"reason": "bounced", "profile": "b", "applications": 3},
        {"reason": "detected", "profile": "a", "applications": 1},
        {"reason": "gone", "profile": "a", "applications": 30},
    ]
    data = protected(original, 5).document["data"]
    assert data["tests_failed"] == {"gone": 30, "several": 15}
    shown = {(r["reason"], r["profile"]): r["applications"] for r in data["failed_by_arm"]}
    assert shown == {("gone", "a"): 30}


def summary(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"contrast": "origin", "state": s, "targets": n} for s, n in counts.items()]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"signal": 1, "no-signal": 85}, True),
        ({"signal": 1, "no-signal": 13}, False),  # one of fourteen
        ({"signal": 20, "no-signal": 0}, False),  # every one of them
        ({"signal": 0, "no-signal": 20}, True),
    ],
)
def test_one_signal_among_many_is_told_and_among_few_is_not(
    counts: dict[str, int], *, shown: bool
) -> None:
    targets = [{"target": "Immo X", "pseudonym": "A001", "contrast": "origin"}]
    rules = [{"rule": "bh", "flagged": 1}]
    original = made(flag_summary=summary(counts), targets=targets, rule_summary=rules)
    found = protected(original, 5)
    assert bool(found.document["flag_summary"]) is shown
    assert bool(found.document["rule_summary"]) is shown
    assert found.document["targets"] == []
    assert found.report["states"] == ([] if shown else ["origin"])
    assert "Immo X" not in json.dumps(found.document)


def test_a_stratification_named_after_targets_is_hidden_whole() -> None:
    tests = [
        MadeTest("origin", f"t{n % 8}", (("firm", "Immo X" if n % 2 else "Immo Y"),), cell, cell)
        for n, cell in enumerate(CELLS * 10)
    ]
    original = document(tests)
    original["targets"] = [{"target": "Immo X", "pseudonym": "A001", "contrast": "origin"}]
    text = json.dumps(protected(original, 5, places_of(tests)).document)
    assert "Immo" not in text


def test_coefficients_of_levels_are_left_out_and_the_effect_stays() -> None:
    names = ("test_group", "rent", "district: Noord", "district: Zuid")
    model = {
        "contrast": "origin",
        "name": "lpm",
        "terms": [{"name": name, "coef": 0.1} for name in names],
        "reference": {"district": "Centrum"},
        "messages": [],
    }
    found = protected(made(models=[model]), 5)
    assert [t["name"] for t in found.document["models"][0]["terms"]] == ["test_group", "rent"]
    assert "Centrum" not in json.dumps(found.document)
    assert found.report["model_terms"] == 2


def test_what_nobody_thought_through_is_left_out_by_name() -> None:
    variants = [
        {"name": name, "contrast": "origin", "rule": "strict", "details": {"pseudonym": "A001"}}
        for name in ("primary", "without-target-lowest")
    ]
    original = made(new_part=[{"target": "Immo X"}], sensitivity=variants)
    original["data"]["new_count"] = 1
    original["contrasts"][0]["per_target"] = {"Immo X": 3}
    found = protected(original, 5)
    assert found.report["left_out"] == [
        "new_part",
        "data.new_count",
        "contrasts.per_target",
        "sensitivity.without-target-lowest",
    ]
    text = json.dumps(found.document)
    assert "Immo X" not in text
    assert "A001" not in text


def test_problems_keep_their_kind_and_count_only() -> None:
    original = made()
    problem = {"code": "unknown-level", "level": "warning", "file": "x.csv", "row": 3}
    problem |= {"column": "origin", "value": "Immo X", "message": "Immo X?", "hint": "", "count": 2}
    original["data"]["problems"] = [problem]
    (row,) = protected(original, 5).document["data"]["problems"]
    assert (row["code"], row["count"], row["value"], row["row"]) == ("unknown-level", 2, None, None)
    assert "Immo" not in json.dumps(row)


@pytest.mark.parametrize("least", [1, 5, 1000])
def test_any_least_number_gives_a_document(least: int) -> None:
    found = protected(document(made_tests("origin", 40), min_cell=least), least)
    assert bool(found.document["contrasts"]) is (least <= 40)
