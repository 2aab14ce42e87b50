"""Estimates clustered by target: textbook formulas, edges, coverage."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from praktijktest.statistics.cells import Cells, Estimate
from praktijktest.statistics.clustered import cluster_t, clustered_estimates, clustered_mean
from praktijktest.statistics.paired import estimates

COUNTS = st.integers(2, 12).flatmap(
    lambda clusters: arrays(np.int64, (clusters, 4), elements=st.integers(0, 30))
)
AGENTS = np.array(
    [[3, 4, 1, 4], [0, 2, 2, 8], [5, 1, 0, 2], [2, 6, 1, 3], [1, 0, 1, 9], [4, 3, 0, 3]]
)


def by_name(counts: np.ndarray, confidence: float = 0.95) -> dict[str, Estimate]:
    return {estimate.name: estimate for estimate in clustered_estimates(counts, confidence)}


@given(COUNTS)
def test_values_order_and_denominators_are_those_of_the_whole_table(counts: np.ndarray) -> None:
    whole = Cells(*counts.sum(axis=0))
    for ours, pooled in zip(clustered_estimates(counts), estimates(whole), strict=True):
        assert (ours.name, ours.denominator, ours.n) == (pooled.name, pooled.denominator, pooled.n)
        assert ours.value == (None if pooled.value is None else pytest.approx(pooled.value))
        assert (ours.scope, ours.method) == ("targets-like-these", "linearised")
        json.dumps(ours.to_dict(), allow_nan=False)


@given(COUNTS)
def test_limits_are_in_order_and_in_range(counts: np.ndarray) -> None:
    for estimate in clustered_estimates(counts):
        if estimate.low is None:
            continue
        assert estimate.value is not None
        assert estimate.low <= estimate.value + 1e-9
        if estimate.high is not None:
            assert estimate.value <= estimate.high * (1 + 1e-9) + 1e-9
        bottom, top = (-1, 1) if estimate.name.startswith("net_rate") else (0, 1)
        if estimate.name not in ("response_ratio", "odds_ratio_conditional"):
            assert bottom <= estimate.low <= estimate.high <= top


@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_the_targets_does_not_matter(counts: np.ndarray, random: object) -> None:
    shuffled = counts[np.argsort([random.random() for _ in counts])]
    for ours, theirs in zip(
        clustered_estimates(counts), clustered_estimates(shuffled), strict=True
    ):
        assert ours.value == theirs.value
        for one, other in ((ours.low, theirs.low), (ours.high, theirs.high)):
            assert one == (None if other is None else pytest.approx(other, rel=1e-9, abs=1e-12))


@given(COUNTS)
def test_swapping_the_applicants_mirrors_the_net_rates_and_inverts_the_ratios(
    counts: np.ndarray,
) -> None:
    found, mirrored = by_name(counts), by_name(counts[:, [0, 2, 1, 3]])
    for name in ("net_rate_usable", "net_rate_all", "net_rate_discordant"):
        if found[name].low is not None:
            assert mirrored[name].low == pytest.approx(-found[name].high)
    for name in ("response_ratio", "odds_ratio_conditional"):
        if found[name].low and mirrored[name].high:
            assert found[name].low * mirrored[name].high == pytest.approx(1.0)


def test_clusters_of_one_test_give_the_textbook_interval() -> None:
    """s / sqrt(n) and Student's t, as for any mean."""
    differences = np.repeat([1.0, -1.0, 0.0], [12, 4, 30])
    counts = np.zeros((46, 4), dtype=int)
    counts[np.arange(46), np.repeat([1, 2, 3], [12, 4, 30])] = 1
    theirs = stats.t.interval(0.9, 45, differences.mean(), stats.sem(differences))
    net = by_name(counts, 0.9)["net_rate_all"]
    assert (net.low, net.high) == pytest.approx(theirs, rel=1e-12)
    mean = clustered_mean(differences, np.ones(46), 0.9)
    assert (mean.low, mean.high) == pytest.approx(theirs, rel=1e-12)
    test, expected = cluster_t(differences, np.ones(46)), stats.ttest_1samp(differences, 0)
    assert test.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert test.p == pytest.approx(expected.pvalue, rel=1e-10)


def test_log_ratios_by_the_delta_method_on_the_covariance_matrix() -> None:
    """Gradient, covariance of the cluster totals, gradient: another route to the same limits."""
    both, only_control, only_test, _ = AGENTS.T
    pairs = {
        "response_ratio": (both + only_test, both + only_control),
        "odds_ratio_conditional": (only_control, only_test),
    }
    found = by_name(AGENTS)
    for name, (top, bottom) in pairs.items():
        covariance = len(AGENTS) * np.cov(top, bottom, ddof=1)
        gradient = np.array([1 / top.sum(), -1 / bottom.sum()])
        error = np.sqrt(gradient @ covariance @ gradient)
        half = stats.t.ppf(0.975, len(AGENTS) - 1) * error
        value = top.sum() / bottom.sum()
        expected = (value * np.exp(-half), value * np.exp(half))
        assert (found[name].low, found[name].high) == pytest.approx(expected, rel=1e-12)


def test_rates_are_close_to_the_jackknife() -> None:
    """Leaving out one target at a time estimates the same variance, to first order."""
    rng = np.random.default_rng(20)
    counts = rng.multinomial(rng.integers(8, 16, 120), [0.3, 0.2, 0.1, 0.4])
    for name, estimate in by_name(counts).items():
        left_out = [by_name(np.delete(counts, g, axis=0))[name].value for g in range(len(counts))]
        values = np.log(left_out) if "ratio" in name else np.array(left_out)
        jackknife = np.sqrt((119 / 120) * ((values - values.mean()) ** 2).sum())
        limits = np.array([estimate.low, estimate.high])
        width = np.diff(np.log(limits) if "ratio" in name else limits)[0]
        assert width / 2 / stats.t.ppf(0.975, 119) == pytest.approx(jackknife, rel=0.05), name


def test_uneven_targets_give_a_longer_interval_than_the_score() -> None:
    """Six targets that always refuse and six that never do say little about the next one."""
    counts = np.array([[2, 10, 0, 0]] * 6 + [[12, 0, 0, 0]] * 6)
    clustered = by_name(counts)["net_rate_all"]
    score = {e.name: e for e in estimates(Cells(*counts.sum(axis=0)))}["net_rate_all"]
    assert clustered.high - clustered.low > 2 * (score.high - score.low)


@pytest.mark.parametrize(
    "counts",
    [
        np.zeros((0, 4)),
        [[0, 0, 0, 0]],
        [[3, 4, 1, 4]],  # one target
        [[3, 4, 1, 4], [0, 0, 0, 0]],  # one target with tests
        [[3, 4, 1, 4]] * 7,  # all alike
        [[3, 4, 1, 4], [6, 8, 2, 8]],  # alike in every rate
    ],
)
def test_no_limits_where_targets_do_not_vary(counts: object) -> None:
    for estimate in clustered_estimates(counts):
        assert (estimate.low, estimate.high) == (None, None), estimate.name


def test_a_rate_of_zero_or_one_has_no_clustered_limits() -> None:
    found = by_name(np.array([[3, 0, 2, 4], [1, 0, 0, 6], [2, 0, 3, 3]]))
    assert found["gross_rate_all"].value == 0.0
    assert found["gross_rate_all"].low is None
    assert found["odds_ratio_conditional"].value == 0.0
    assert found["odds_ratio_conditional"].low is None
    assert found["net_rate_all"].low is not None


def test_targets_without_a_usable_test_still_count_as_clusters() -> None:
    silent = np.vstack([AGENTS, [[0, 0, 0, 9]]])
    with_silent, without = by_name(silent)["net_rate_usable"], by_name(AGENTS)["net_rate_usable"]
    assert with_silent.value == without.value
    assert with_silent.high - with_silent.low != without.high - without.low


@pytest.mark.parametrize("wrong", [[1, 2, 3, 4], [[1, 2, 3]], [[1, -2, 3, 4]], [[1, np.nan, 3, 4]]])
def test_impossible_counts_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="Counts per cluster"):
        clustered_estimates(wrong)


def test_cluster_t_is_the_ratio_of_estimate_and_error() -> None:
    differences, sizes = AGENTS[:, 1] - AGENTS[:, 2], AGENTS.sum(axis=1)
    test = cluster_t(differences, sizes)
    net = by_name(AGENTS)["net_rate_all"]
    error = (net.high - net.low) / 2 / stats.t.ppf(0.975, 5)
    assert test.statistic == pytest.approx(net.value / error)
    assert test.p == pytest.approx(2 * stats.t.sf(abs(test.statistic), 5))
    assert cluster_t(-differences, sizes).p == test.p


@pytest.mark.parametrize(
    ("differences", "sizes", "p"),
    [
        ([], [], 1.0),
        ([0.0], [4], 1.0),
        ([0, 0, 0], [4, 4, 4], 1.0),
        ([3], [9], None),  # one cluster
        ([1, 1, 1], [1, 1, 1], None),  # no variation
        ([1, 2, 3], [10, 20, 30], None),  # the same mean everywhere
        ([0.1, 0.2, 0.3], [1, 2, 3], None),  # the same but for rounding
        ([5, 0], [9, 0], None),  # one cluster with pairs
    ],
)
def test_cluster_t_where_it_does_not_exist(
    differences: list[float], sizes: list[int], p: float | None
) -> None:
    test = cluster_t(differences, sizes)
    assert (test.p, test.statistic) == (p, None)


def test_sums_and_sizes_must_fit() -> None:
    for sums, sizes in (([1, 2], [1]), ([1], [-1]), ([np.nan], [1]), ([[1]], [[1]])):
        with pytest.raises(ValueError, match=r"[Ss]izes"):
            cluster_t(sums, sizes)


def test_clustered_mean_of_graded_outcomes() -> None:
    mean = clustered_mean([1.5, 0.5, 2.0], [3, 2, 4], name="x", denominator="y")
    assert (mean.name, mean.denominator, mean.method, mean.n) == ("x", "y", "linearised", 9)
    assert mean.value == pytest.approx(4 / 9)
    residuals = np.array([1.5, 0.5, 2.0]) - 4 / 9 * np.array([3, 2, 4])
    half = stats.t.ppf(0.975, 2) * np.sqrt(3 / 2 * (residuals**2).sum()) / 9
    assert (mean.low, mean.high) == pytest.approx((4 / 9 - half, 4 / 9 + half))
    assert clustered_mean([], []).value is None


def test_clustered_intervals_cover_what_score_intervals_do_not() -> None:
    """54 targets × 60 tests that differ: 95 % means 95 % only with clustering."""
    rng = np.random.default_rng(5)
    truth, rounds, inside, score_inside = 0.15, 300, 0, 0
    for _ in range(rounds):
        rate = rng.beta(0.6, 1.4, 54) * 0.6
        shares = np.stack([np.full(54, 0.3), rate, np.full(54, 0.03), 0.67 - rate], axis=1)
        counts = rng.multinomial(60, shares)
        net = by_name(counts)["net_rate_all"]
        pooled = {e.name: e for e in estimates(Cells(*counts.sum(axis=0)))}["net_rate_all"]
        inside += net.low <= truth <= net.high
        score_inside += pooled.low <= truth <= pooled.high
    assert inside / rounds > 0.91
    assert score_inside / rounds < 0.80
