"""Equal treatment: the tests behind the state, the positive list, what is still missing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.equal_treatment import (
    clean_tests_missing,
    equal_treatment,
    score_p,
)
from praktijktest.statistics.intervals import tango
from tests.statistics import reference

with_reference = pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)
MARGINS = st.sampled_from((0.05, 0.1, 0.15, 0.2, 0.5))
COUNTS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 80)), min_size=1, max_size=20
).map(lambda rows: np.array([(b, c, b + c + rest) for b, c, rest in rows]).T)


@with_reference
def test_the_score_tests_are_those_of_ratesci() -> None:
    entry = reference.entries()["nam_equiv"]
    cells, margin = reference.cells_of(entry["inputs"]), entry["inputs"]["delta"]
    b, c, n = [cells.only_control], [cells.only_test], [cells.n]
    below = entry["outputs"]["p_lt_delta"]["pval_left"]
    above = entry["outputs"]["p_gt_minus_delta"]["pval_right"]
    assert score_p(b, c, n, margin)[0] == pytest.approx(below, abs=1e-9)
    assert score_p(c, b, n, margin)[0] == pytest.approx(above, abs=1e-9)
    assert equal_treatment(b, c, n, margin).inside[0]
    low, high = entry["outputs"]["ci90"]
    assert not equal_treatment(b, c, n, high - 1e-6).inside[0]
    assert equal_treatment(b, c, n, max(high, -low) + 1e-6).inside[0]


@with_reference
def test_without_discordant_tests_both_bounds_are_the_closed_forms() -> None:
    entry = reference.entries()["zero_discordant_equiv"]
    none = [0]
    for n, limit, exact in zip(
        entry["inputs"]["n"], entry["outputs"]["tango90"], entry["outputs"]["exact_ub"], strict=True
    ):
        assert not equal_treatment(none, none, [n], limit - 1e-9).inside[0]
        found = equal_treatment(none, none, [n], limit + 1e-9)
        assert found.inside[0]
        assert found.upper[0] == pytest.approx(exact, abs=1e-9)
        at_bound = equal_treatment(none, none, [n], exact)
        assert at_bound.p_exact[0] == pytest.approx(0.05, abs=1e-9)


def test_the_fewest_clean_tests_are_the_published_numbers() -> None:
    needed = [clean_tests_missing([0], [0], [0], margin)[0] for margin in (0.10, 0.20)]
    assert needed == [25, 11]


@settings(max_examples=60, deadline=None)
@given(COUNTS, MARGINS)
def test_inside_is_what_the_interval_says(counts: np.ndarray, margin: float) -> None:
    found = equal_treatment(*counts, margin)
    for place, (b, c, n) in enumerate(counts.T.tolist()):
        if n == 0:
            assert not found.inside[place]
            continue
        low, high = tango(b, c, n, 0.90)
        if min(abs(low + margin), abs(high - margin)) > 1e-9:
            assert found.inside[place] == (-margin < low and high < margin)


@settings(max_examples=60, deadline=None)
@given(COUNTS, MARGINS)
def test_the_missing_number_is_enough_and_one_less_is_not(
    counts: np.ndarray, margin: float
) -> None:
    b, c, n = counts
    missing = clean_tests_missing(b, c, n, margin)
    assert equal_treatment(b, c, n + missing, margin).inside.all()
    short = missing > 0
    less = equal_treatment(b[short], c[short], n[short] + missing[short] - 1, margin)
    assert not less.inside.any()


def test_who_answers_nobody_needs_tests_with_an_answer() -> None:
    missing = clean_tests_missing([0, 0, 0], [0, 0, 0], [30, 30, 20], 0.10, positive=[2, 9, 20])
    assert missing.tolist() == [6, 0, 5]


def test_the_exact_p_holds_its_level_where_a_side_loses_exactly_the_margin() -> None:
    """At the border of the null every value of p is reached at most as often as it says."""
    from scipy.stats import binom

    margin, n = 0.2, 17
    b = np.arange(n + 1)
    p = equal_treatment(b, np.zeros(n + 1, int), np.full(n + 1, n), margin).p_exact
    chance = binom.pmf(b, n, margin)
    for value in p.tolist():
        assert chance[p <= value + 1e-12].sum() <= value + 1e-12


def step_down(p: list[float], cdfs: list[list[float]]) -> list[float]:
    """The step-down formula, target by target: running max of the sum of odds over the rank."""
    order = sorted(range(len(p)), key=lambda place: p[place])
    adjusted, running = [0.0] * len(p), 0.0
    for place in order:
        rank = 1 + sum(other < p[place] for other in p)
        total = 0.0
        for support in cdfs:
            at = max([value for value in support if value <= p[place]], default=0.0)
            total += at / (1 - at) if at < 1 else 1e15
        running = max(running, min(1.0, total / rank))
        adjusted[place] = running
    return adjusted


@settings(max_examples=60, deadline=None)
@given(COUNTS, MARGINS)
def test_q_is_the_step_down_on_what_each_target_can_reach(counts, margin: float) -> None:
    from scipy.stats import binom

    b, c, n = counts
    p = [round(float(binom.cdf(max(x, y), m, margin)), 12) if m else 1.0 for x, y, m in counts.T]
    cdfs = [
        sorted({round(float(value), 12) for value in binom.cdf(np.arange(m + 1), m, margin)})
        if m
        else [1.0]
        for m in n.tolist()
    ]
    found = equal_treatment(b, c, n, margin)
    np.testing.assert_allclose(found.q, step_down(p, cdfs), atol=1e-9)


def test_the_list_finds_fair_agents_and_keeps_its_error_below_the_level() -> None:
    """Half of the agents lose a fifth of all tests: calling one of them equal is an error."""
    rng = np.random.default_rng(12)
    wrong, found = [], []
    for _ in range(200):
        unfair = np.arange(60) % 2 == 0
        n = rng.integers(30, 80, 60)
        b = rng.binomial(n, np.where(unfair, 0.2, 0.01))
        called = equal_treatment(b, np.zeros(60, int), n, 0.2).q <= 0.05
        wrong.append((called & unfair).sum() / max(called.sum(), 1))
        found.append((called & ~unfair).sum() / 30)
    assert np.mean(wrong) < 0.05 + 2 * np.std(wrong) / np.sqrt(200)
    assert np.mean(found) > 0.8


def test_targets_outside_the_list_have_no_q_and_change_nothing() -> None:
    alone = equal_treatment([0, 1], [0, 0], [40, 40], 0.1)
    more = equal_treatment([0, 1, 0], [0, 0, 0], [40, 40, 90], 0.1, in_list=[True, True, False])
    np.testing.assert_array_equal(more.q[:2], alone.q)
    assert more.to_dict()["q"][2] is None


def test_extremes_are_defined() -> None:
    million = 1_000_000
    found = equal_treatment([0, 12, million, 0], [0, 3, 0, 0], [0, million, million, 1], 0.1)
    assert found.inside.tolist() == [False, True, False, False]
    assert found.p_exact.tolist() == [1.0, 0.0, 1.0, 0.9]
    assert found.upper[0] == 1
    assert np.isfinite(found.q).all()
    assert clean_tests_missing([million], [0], [million], 0.1)[0] > 8_000_000
    assert equal_treatment([], [], [], 0.1).q.shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([3], [3], [5], 0.1), "more discordant"),
        (([1], [0], [5], 0.0), "margin"),
        (([1], [0], [5], 1.0), "margin"),
        (([1], [0, 0], [5], 0.1), "one length"),
        (([-1], [0], [5], 0.1), "whole numbers"),
        (([1], [0], [5], 0.1, [True, True]), "list"),
    ],
)
def test_impossible_counts_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        equal_treatment(*arguments)


def test_positive_tests_must_fit() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        clean_tests_missing([0], [0], [5], 0.1, positive=[1, 2])
