"""Mixtures: against R, against expectation-maximisation, and by their own certificate."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import approx_fprime
from scipy.stats import betabinom, binom, multinomial

from praktijktest.statistics.beta_binomial import beta_binomial
from praktijktest.statistics.mixture_weights import fit_weights, responsibilities
from praktijktest.statistics.mixtures import (
    GRID,
    Mixture,
    binomial_mixture,
    log_binomial,
    multinomial_mixture,
    simplex_lattice,
)
from tests.statistics import reference

needs_reference = pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)
PAIRS = st.integers(1, 25).flatmap(
    lambda targets: arrays(np.int64, (targets, 2), elements=st.integers(0, 15))
)


def em(likelihood: np.ndarray, prior: np.ndarray, steps: int) -> np.ndarray:
    """Expectation-maximisation with pseudo-counts: slow, and nothing like Newton."""
    weights = np.full(likelihood.shape[1], 1.0 / likelihood.shape[1])
    for _ in range(steps):
        shares = likelihood * weights
        shares /= shares.sum(axis=1, keepdims=True)
        weights = shares.sum(axis=0) + prior
        weights /= weights.sum()
    return weights


@needs_reference
def test_npmle_equals_mixsqp() -> None:
    entry = reference.entries()["npmle_binom"]
    x, n = np.array(entry["inputs"]["x"]), np.array(entry["inputs"]["n"])
    found, r = binomial_mixture(x, n), entry["outputs"]
    assert found.converged
    assert found.log_likelihood == pytest.approx(r["loglik"], abs=1e-6)
    assert found.support == pytest.approx(r["support"])
    assert found.weights == pytest.approx(r["weights"], abs=1e-5)
    posterior = binom.pmf(x[:, None], n[:, None], found.support) * found.weights
    posterior /= posterior.sum(axis=1, keepdims=True)
    assert posterior @ found.support == pytest.approx(r["post_mean"], abs=1e-3)
    assert posterior[:, found.support > 0.5].sum(axis=1) == pytest.approx(
        r["post_gt_half"], abs=1e-3
    )


@given(PAIRS)
@settings(max_examples=50)
def test_the_certificate_holds_at_every_candidate(counts: np.ndarray) -> None:
    """Recomputed with scipy's probabilities: no candidate promises more than the shortfall."""
    x, n = counts[:, 0], counts.sum(axis=1)
    found = binomial_mixture(x, n)
    x, n = x[n > 0], n[n > 0]
    assert found.targets == len(x)
    if len(x) == 0:
        return
    fitted = binom.pmf(x[:, None], n[:, None], found.support) @ found.weights
    assert found.log_likelihood == pytest.approx(np.log(fitted).sum(), abs=1e-8)
    slopes = (binom.pmf(x[:, None], n[:, None], GRID) / fitted[:, None]).sum(axis=0)
    assert slopes.max() - len(x) <= found.shortfall + 1e-7 * len(x)
    assert found.converged
    assert found.weights.sum() == pytest.approx(1.0)


def test_four_cells_beat_long_expectation_maximisation() -> None:
    rng = np.random.default_rng(1)
    counts = np.vstack(
        [rng.multinomial(10, (0.3, 0.1, 0.1, 0.5), 40), rng.multinomial(10, (0.2, 0.5, 0, 0.3), 20)]
    )
    support = simplex_lattice(4, 8)
    found = multinomial_mixture(counts, support=support)
    likelihood = multinomial.pmf(counts[:, None, :], 10, support[None])
    slow = np.log(likelihood @ em(likelihood, np.zeros(len(support)), 3000)).sum()
    assert slow - 1e-9 <= found.log_likelihood <= slow + 0.05
    assert found.converged


@given(PAIRS)
@settings(max_examples=25)
def test_two_cells_are_the_binomial_mixture(counts: np.ndarray) -> None:
    grid = np.linspace(0, 1, 17)
    one = binomial_mixture(counts[:, 0], counts.sum(axis=1), grid=grid)
    other = multinomial_mixture(counts, 2, support=np.column_stack([grid, 1 - grid]))
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-6)


def test_the_null_weight_counts_as_pseudo_targets() -> None:
    rng = np.random.default_rng(2)
    n = rng.integers(3, 12, 80)
    x = rng.binomial(n, np.where(np.arange(80) < 20, 0.9, 0.5))
    grid = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    null = grid == 0.5
    found = binomial_mixture(x, n, grid=grid, null=null, null_weight=10.0)
    likelihood = binom.pmf(x[:, None], n[:, None], grid)
    weights = em(likelihood, 9.0 * null, 20_000)
    kept = np.isin(grid, found.support)
    assert found.weights == pytest.approx(weights[kept], abs=1e-5)
    assert weights[~kept].sum() < 1e-5
    free = binomial_mixture(x, n, grid=grid)
    assert found.weights[found.support == 0.5] > free.weights[free.support == 0.5]


@given(PAIRS, st.integers(2, 5))
@settings(max_examples=25)
def test_repeated_targets_and_their_order(counts: np.ndarray, times: int) -> None:
    once = binomial_mixture(counts[:, 0], counts.sum(axis=1))
    turned = np.tile(counts[::-1], (times, 1))
    more = binomial_mixture(turned[:, 0], turned.sum(axis=1))
    assert more.log_likelihood == pytest.approx(times * once.log_likelihood, abs=1e-5 * times)
    json.dumps(more.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    "counts",
    [
        [[0, 0, 0, 0]],
        [[3, 0, 0, 0]],
        [[0, 0, 0, 10**12], [1, 0, 0, 0]],
        [[10**9, 10**9, 10**9, 10**9], [1, 2, 3, 4], [0, 5, 0, 0], [500_000, 0, 0, 500_000]],
    ],
)
def test_few_and_huge_counts(counts: list[list[int]]) -> None:
    found = multinomial_mixture(counts)
    assert found.converged
    assert np.isfinite(found.log_likelihood)
    json.dumps(found.to_dict(), allow_nan=False)


def test_nobody() -> None:
    found = multinomial_mixture([])
    assert (found.targets, found.log_likelihood, len(found.support)) == (0, 0.0, 0)
    assert isinstance(binomial_mixture([], []), Mixture)


def test_more_patterns_than_are_fitted() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(100, 1000, 20_000)
    x = rng.binomial(n, np.where(rng.random(20_000) < 0.2, 0.8, 0.5))
    found = binomial_mixture(x, n)
    assert found.patterns_fitted <= 3000
    assert found.targets == 20_000
    assert found.weights[found.support > 0.65].sum() == pytest.approx(0.2, abs=0.02)


def test_posterior_probabilities_against_scipy() -> None:
    counts = np.array([[3, 2], [0, 4], [10**6, 10**6]])
    points, weights = np.array([0.0, 0.25, 0.5, 1.0]), np.array([0.2, 0.3, 0.5, 0.0])
    ours = responsibilities(log_binomial(counts, points), weights)
    joint = binom.pmf(counts[:2, :1], counts[:2].sum(axis=1)[:, None], points) * weights
    assert ours[:2] == pytest.approx(joint / joint.sum(axis=1, keepdims=True), abs=1e-12)
    assert ours[2] == pytest.approx([0, 0, 1, 0])


def test_without_targets_only_the_penalty_speaks() -> None:
    found = fit_weights(np.zeros((0, 3)), np.zeros(0), np.array([False, True, False]), 10.0)
    assert found.weights.tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trials": [1, 2]}, "equal rows"),
        ({"grid": [0.5, 1.5]}, "probabilities"),
        ({"grid": [0.5], "null_weight": 10.0}, "null weight needs"),
        ({"grid": [0.5], "null": [True, False]}, "every candidate"),
        ({"grid": [0.5], "null": [True], "null_weight": 0.5}, "at least 1"),
        ({"trials": [2]}, "Counts per target"),
    ],
)
def test_impossible_input_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        binomial_mixture(**{"successes": [3], "trials": [5]} | arguments)
    with pytest.raises(ValueError, match="sum to 1"):
        multinomial_mixture([[1, 2]], 2, support=[[0.5, 0.6]])


@needs_reference
def test_beta_binomial_equals_vgam() -> None:
    """VGAM stops a little before the top: ours may not be lower, nor far away."""
    entry = reference.entries()["betabinom_mle"]
    found = beta_binomial(entry["inputs"]["x"], entry["inputs"]["n"])
    r = entry["outputs"]
    assert found.log_likelihood == pytest.approx(r["loglik"], abs=1e-6)
    assert found.log_likelihood >= r["loglik"]
    assert (found.alpha, found.beta) == pytest.approx((r["alpha"], r["beta"]), rel=2e-4)
    assert found.converged


@given(PAIRS)
@settings(max_examples=30)
def test_beta_binomial_is_at_a_top_by_scipy(counts: np.ndarray) -> None:
    found = beta_binomial(counts[:, 0], counts.sum(axis=1))
    json.dumps(found.to_dict(), allow_nan=False)
    if found.at_limit or found.targets == 0 or found.alpha + found.beta > 1e3:
        return

    def log_likelihood(logs: np.ndarray) -> float:
        x, n = counts[:, 0], counts.sum(axis=1)
        return float(betabinom.logpmf(x, n, *np.exp(logs)).sum())

    top = np.log([found.alpha, found.beta])
    assert log_likelihood(top) == pytest.approx(found.log_likelihood, abs=1e-6)
    slope = approx_fprime(top, log_likelihood, 1e-6)
    assert slope == pytest.approx([0, 0], abs=2e-3 * max(1, len(counts)))


def test_beta_binomial_at_its_limits() -> None:
    alike = beta_binomial([5] * 20, [10] * 20)
    assert alike.at_limit
    assert alike.correlation < 1e-5
    apart = beta_binomial([0, 10] * 5, [10, 10] * 5)
    assert apart.correlation > 0.99
    assert beta_binomial([], []).targets == 0
