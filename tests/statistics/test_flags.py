"""Named rules and fragile flags."""

import json
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.e_values import log_e_values
from praktijktest.statistics.flags import AVAILABLE_RULES, decide, fragile
from praktijktest.statistics.mcnemar import mcnemar_exact, sign_exact, sign_midp
from praktijktest.vocabulary import FLAG_RULES

FAMILIES = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 4)), min_size=1, max_size=15).map(
    lambda rows: np.array(rows).T
)
DIRECTIONS = st.sampled_from(("control-favoured", "either"))
each_rule = pytest.mark.parametrize("rule", AVAILABLE_RULES)


def market(targets: int, tests: tuple[int, int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(*tests, targets)
    wins = rng.binomial(n, np.where(rng.random(targets) < 0.3, 0.6, 0.15))
    return wins, rng.binomial(n - wins, 0.1)


def test_rules_are_those_of_the_vocabulary() -> None:
    assert set(AVAILABLE_RULES) <= set(FLAG_RULES)
    assert len(set(AVAILABLE_RULES)) == len(AVAILABLE_RULES)


def test_an_unknown_rule_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="No flag rule 'fdr'; there are: adaptive-discrete-fdr, "):
        decide("fdr", [1], [0], 0.05)
    with pytest.raises(ValueError, match="No flag rule 'fdr'"):
        fragile("fdr", [1], [0], 0.05, [True])


@each_rule
def test_wrong_use_is_refused(rule: str) -> None:
    for alpha in (0.0, 1.0, 5.0, float("nan")):
        with pytest.raises(ValueError, match="alpha"):
            decide(rule, [1], [0], alpha)
    with pytest.raises(ValueError, match="same length"):
        decide(rule, [1, 2], [0], 0.05)
    with pytest.raises(ValueError, match="do not fit"):
        fragile(rule, [1], [0], 0.05, [True, False])


@each_rule
@given(family=FAMILIES, direction=DIRECTIONS)
def test_decisions_are_q_at_most_alpha(rule: str, family: np.ndarray, direction: str) -> None:
    b, c = family
    decided = decide(rule, b, c, 0.10, direction)
    exact = sign_exact if direction == "control-favoured" else mcnemar_exact
    assert decided.p == pytest.approx(np.asarray(exact(b, c)), rel=1e-12)
    assert decided.p_midp == pytest.approx(np.asarray(sign_midp(b, c)), rel=1e-12)
    assert decided.rule == rule
    if rule == "discrete-fdr-stepup":
        assert decided.q is None
    else:
        assert decided.q is not None
        assert decided.flagged.tolist() == (decided.q <= 0.10).tolist()
    json.dumps(decided.to_dict(), allow_nan=False)


@each_rule
@given(family=FAMILIES, seed=st.integers(0, 50))
def test_the_order_of_the_targets_does_not_matter(rule: str, family: np.ndarray, seed: int) -> None:
    b, c = family
    order = np.random.default_rng(seed).permutation(len(b))
    ours, shuffled = decide(rule, b, c, 0.10), decide(rule, b[order], c[order], 0.10)
    assert ours.flagged[order].tolist() == shuffled.flagged.tolist()


@each_rule
@given(family=FAMILIES)
def test_swapping_the_applicants_changes_nothing_where_either_counts(
    rule: str, family: np.ndarray
) -> None:
    b, c = family
    ours, mirrored = decide(rule, b, c, 0.1, "either"), decide(rule, c, b, 0.1, "either")
    assert ours.flagged.tolist() == mirrored.flagged.tolist()
    assert ours.p.tolist() == mirrored.p.tolist()


@each_rule
@settings(max_examples=40)
@given(family=FAMILIES, direction=DIRECTIONS)
def test_fragile_is_leaving_out_each_test_in_turn(
    rule: str, family: np.ndarray, direction: str
) -> None:
    b, c = family
    flagged = decide(rule, b, c, 0.2, direction).flagged
    ours = fragile(rule, b, c, 0.2, flagged, direction)
    assert not ours[~flagged].any()
    for target in np.flatnonzero(flagged):
        undone = False
        for arm in (b, c):
            if arm[target]:
                arm[target] -= 1
                undone |= not decide(rule, b, c, 0.2, direction).flagged[target]
                arm[target] += 1
        assert bool(ours[target]) == undone


def test_a_known_fragile_flag() -> None:
    """Five wins of five give p = 1/32, four of four 1/16: one test decides."""
    assert decide("bonferroni", [5], [0], 0.05).flagged.tolist() == [True]
    assert fragile("bonferroni", [5], [0], 0.05, [True]).tolist() == [True]
    assert fragile("bonferroni", [9], [0], 0.05, [True]).tolist() == [False]


def test_a_flag_of_one_procedure_that_the_other_keeps_is_not_fragile() -> None:
    """With seven wins the step-down part alone flags it; with six the adaptive part does."""
    b, c = [0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 7], [0] * 10 + [3, 0]
    found = decide("adaptive-discrete-fdr", b, c, 0.2)
    assert found.flagged.tolist() == [False] * 11 + [True]
    assert not fragile("adaptive-discrete-fdr", b, c, 0.2, found.flagged).any()


@each_rule
def test_nobody_flagged_and_nobody_there(rule: str) -> None:
    assert fragile(rule, [1, 2], [1, 2], 0.05, [False, False]).tolist() == [False, False]
    assert decide(rule, [], [], 0.05).flagged.tolist() == []
    assert fragile(rule, [], [], 0.05, []).tolist() == []


@each_rule
def test_forty_two_thousand_targets(rule: str) -> None:
    wins, losses = market(42_000, (8, 30), seed=3)
    start = process_time()
    decided = decide(rule, wins, losses, 0.05)
    weak = fragile(rule, wins, losses, 0.05, decided.flagged)
    assert process_time() - start < 5.0  # 0.1 s
    assert decided.flagged.sum() >= weak.sum()
    if rule.startswith("discrete"):
        assert decided.flagged.sum() > 5_000


def test_discrete_fdr_finds_more_than_rules_that_ignore_discreteness() -> None:
    wins, losses = market(200, (8, 13), seed=1)
    found = {rule: int(decide(rule, wins, losses, 0.05).flagged.sum()) for rule in AVAILABLE_RULES}
    assert found["discrete-fdr"] > 2 * found["bh"]
    assert found["bonferroni"] <= found["holm"] <= found["bh"] <= found["storey"]
    assert found["by"] <= found["bh"]


@given(family=FAMILIES, direction=DIRECTIONS)
def test_e_values_are_judged_by_e_bh(family: np.ndarray, direction: str) -> None:
    b, c = family
    decided = decide("e-value", b, c, 0.2, direction)
    log_e = log_e_values(b, c, direction=direction)
    ranked = np.sort(log_e)[::-1]
    enough = np.flatnonzero(ranked >= np.log(len(b) / (0.2 * np.arange(1, len(b) + 1))) - 1e-9)
    found = int(enough[-1]) + 1 if len(enough) else 0
    assert decided.flagged.sum() == found
    assert decided.q is not None


def test_numbers_of_tests_must_fit() -> None:
    for tests in ([3], [3, 9, 9], [3, 2]):
        with pytest.raises(ValueError, match="as many tests as discordant ones"):
            decide("adaptive-discrete-fdr", [2, 1], [1, 2], 0.05, tests=tests)
