"""Lower bounds on prevalence and posterior: valid, and never the plug-in ones."""

import json
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binom, binomtest

from praktijktest.statistics.prevalence_bounds import (
    clopper_pearson_box,
    kw_moments,
    largest_posterior,
    posterior_bound,
    prevalence_bound,
)
from tests.statistics import reference
from tests.statistics.populations import round_of

needs_reference = pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)
PAIRS = st.integers(0, 30).flatmap(
    lambda targets: arrays(np.int64, (targets, 2), elements=st.integers(0, 9))
)

JOBS = np.array([[921, 29, 6], [62, 33, 7], [19, 18, 17]])
"""Jobs by callbacks of two white (rows) and two Black applicants: Bertrand & Mullainathan
2004, jobs with two of each, as tabulated by Ignatiadis & Wager (Empirikos.jl)."""


def two_and_two(step: float) -> tuple[np.ndarray, np.ndarray]:
    """Chances of the nine outcomes, and a certain one, on a grid of two rates; equal rates."""
    grid = np.linspace(0, 1, round(1 / step) + 1)
    white, black = (axis.ravel() for axis in np.meshgrid(grid, grid, indexing="ij"))
    rows = [binom.pmf(i, 2, white) * binom.pmf(j, 2, black) for i in range(3) for j in range(3)]
    return np.array([*rows, np.ones(len(white))]), white == black


def test_kline_and_walters_with_and_without_sampling_error() -> None:
    """Their plug-in bounds (prevalence .130, posterior .717); in limits nothing is left."""
    kernel, equal = two_and_two(0.025)
    shares = np.append(JOBS.ravel() / JOBS.sum(), 1.0)
    near = np.append(np.full(9, 1e-6), 0.0)
    certain, two_none = 9, 6
    plug_in = [
        1 - largest_posterior(kernel, shares - near, shares + near, equal, outcome)
        for outcome in (certain, two_none)
    ]
    assert plug_in == pytest.approx([0.130, 0.717], abs=2e-3)
    low, high = clopper_pearson_box(JOBS.ravel(), 0.05 / 9)
    low, high = np.append(low, 1.0), np.append(high, 1.0)
    for outcome, bold in zip((certain, two_none), plug_in, strict=True):
        assert 1 - largest_posterior(kernel, low, high, equal, outcome) < bold / 5


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=5),
    st.lists(st.floats(0.05, 1), min_size=5, max_size=5),
    st.integers(1, 8),
)
@settings(max_examples=40)
def test_the_worst_case_is_at_least_the_truth(
    rates: list[float], shares: list[float], d: int
) -> None:
    """Any mixture on the grid, known exactly: its own posterior is one of those considered."""
    grid = np.linspace(0, 1, 101)
    q = np.array(rates).round(2)
    weights = np.array(shares[: len(q)]) / sum(shares[: len(q)])
    kernel = binom.pmf(np.arange(d + 1)[:, None], d, grid)
    truth = binom.pmf(np.arange(d + 1)[:, None], d, q)
    observed = truth @ weights
    for won in range(d + 1):
        if observed[won] < 1e-4:
            continue
        posterior = truth[won, q <= 0.5] @ weights[q <= 0.5] / observed[won]
        worst = largest_posterior(kernel, observed - 1e-9, observed + 1e-9, grid <= 0.5, won)
        assert worst is None or worst >= posterior - 1e-4


def test_what_no_mixture_explains_has_no_answer() -> None:
    kernel = np.array([[1.0, 0.5], [0.0, 0.5]])
    low = high = np.array([0.2, 0.8])
    members = np.array([True, False])
    assert largest_posterior(kernel, low, high, members, 0) is None
    assert largest_posterior(kernel, np.zeros(2), np.ones(2), members, 1) == 1.0


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_box_against_scipy(counts: list[int]) -> None:
    low, high = clopper_pearson_box(counts, 0.01)
    if sum(counts) == 0:
        assert (low.tolist(), high.tolist()) == ([0.0] * len(counts), [1.0] * len(counts))
        return
    for count, *limits in zip(counts, low, high, strict=True):
        theirs = binomtest(count, sum(counts)).proportion_ci(0.99, method="exact")
        assert limits == pytest.approx([theirs.low, theirs.high], abs=1e-9)


@given(PAIRS)
@settings(max_examples=30)
def test_bounds_are_shares_and_do_not_depend_on_the_order(counts: np.ndarray) -> None:
    found = prevalence_bound(counts[:, 0], counts[:, 1])
    assert 0 <= found.low <= 1
    assert found.solved
    assert found.low * found.targets <= found.informative + 1e-9
    json.dumps(found.to_dict(), allow_nan=False)
    assert prevalence_bound(counts[::-1, 0], counts[::-1, 1]) == found
    chosen = counts[:, 0] > counts[:, 1]
    low = posterior_bound(counts[:, 0], counts[:, 1], chosen)
    assert ((low >= 0) & (low <= 1)).all()
    assert (low[~chosen] == 0).all()


def exact_error(d: int, fair: int, others: int, q: float) -> float:
    """Exact chance that the bound exceeds the share of others, all targets with the same d."""
    total, wrong = fair + others, 0.0
    levels = np.arange(d + 1)
    null, other = binom.pmf(levels, d, 0.5), binom.pmf(levels, d, q)

    def outcomes(targets: int, chances: np.ndarray) -> list[tuple[np.ndarray, float]]:
        if targets == 0:
            return [(np.zeros(d + 1, dtype=int), 1.0)]
        found = []
        for counts in compositions(targets, d + 1):
            ways, left = 1, targets
            for count in counts:
                ways *= comb(left, count)
                left -= count
            found.append((np.array(counts), ways * float(np.prod(chances ** np.array(counts)))))
        return found

    for first, chance in outcomes(fair, null):
        for second, also in outcomes(others, other):
            wins = np.repeat(levels, first + second)
            if prevalence_bound(wins, d - wins, 0.7).low > others / total + 1e-9:
                wrong += chance * also
    return wrong


def compositions(total: int, parts: int) -> list[tuple[int, ...]]:
    if parts == 1:
        return [(total,)]
    return [
        (first, *rest)
        for first in range(total + 1)
        for rest in compositions(total - first, parts - 1)
    ]


@pytest.mark.parametrize(
    ("d", "fair", "others", "q"), [(2, 12, 0, 0.5), (2, 5, 3, 1.0), (3, 6, 0, 0.5), (1, 20, 5, 0.9)]
)
def test_the_exact_error_is_at_most_the_level(d: int, fair: int, others: int, q: float) -> None:
    """Every outcome of small rounds, at a confidence of 70 %: at most 30 % wrong."""
    assert exact_error(d, fair, others, q) <= 0.3 + 1e-9


def test_bounds_hold_and_tell_something() -> None:
    rng = np.random.default_rng(11)
    too_high, lows = 0, []
    for _ in range(60):
        cells, _ = round_of(rng, 86, 0.0)
        too_high += prevalence_bound(cells[:, 1], cells[:, 2]).low > 0
        cells, _ = round_of(rng, 300, 0.3)
        lows.append(prevalence_bound(cells[:, 1], cells[:, 2]).low)
    assert too_high <= 6
    assert max(lows) <= 0.3
    assert np.mean(lows) > 0.12


def test_a_bound_on_the_posterior_needs_many_targets() -> None:
    rng = np.random.default_rng(12)
    by_size = []
    for targets in (15, 400, 8000):
        d = np.full(targets, 5)
        fair = np.arange(targets) >= 0.3 * targets
        wins = rng.binomial(d, np.where(fair, 0.5, 0.9))
        chosen = wins == 5
        by_size.append(posterior_bound(wins, d - wins, chosen)[chosen].max(initial=0.0))
        truth = 0.3 * 0.9**5 / (0.3 * 0.9**5 + 0.7 * 0.5**5)
        assert by_size[-1] <= truth
    assert by_size[0] < 0.5 < by_size[2]
    assert by_size == sorted(by_size)


@pytest.mark.parametrize(
    ("wins", "losses", "low"),
    [
        ([], [], 0.0),
        ([0, 0], [0, 0], 0.0),
        ([1], [0], 0.0),
        ([10**9], [10**9], 0.0),
        ([6] * 100, [0] * 100, 0.9),
        ([0] * 100, [9] * 100, 0.9),
    ],
)
def test_few_and_huge_counts(wins: list[int], losses: list[int], low: float) -> None:
    found = prevalence_bound(wins, losses)
    assert low <= found.low <= low + 0.1
    assert np.isfinite(posterior_bound(wins, losses, [True] * len(wins))).all()


@needs_reference
def test_moments_equal_r() -> None:
    r = reference.entries()["kw_moments"]["outputs"]
    moments = kw_moments(np.reshape(r["cell_freq"], (5, 5)))
    assert moments.ravel() == pytest.approx(r["moments"], abs=1e-9)
    gap = moments[1, 0] - moments[0, 1]
    assert gap == pytest.approx(r["mean_gap"], abs=1e-9)
    variance = moments[2, 0] + moments[0, 2] - 2 * moments[1, 1] - gap**2
    assert variance == pytest.approx(r["var_gap"], abs=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: prevalence_bound([1], [1, 2]), "two equal rows"),
        (lambda: prevalence_bound([1], [1], confidence=0.0), "confidence"),
        (lambda: posterior_bound([1], [1], [True, False]), "Which"),
        (lambda: kw_moments([0.5, 0.5]), "sum to 1"),
        (lambda: kw_moments([[0.5, 0.6]]), "sum to 1"),
    ],
)
def test_impossible_input_is_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
