"""Shrunken net rates, their intervals, and how much targets differ."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import beta

from praktijktest.statistics.count_patterns import patterns_of
from praktijktest.statistics.net_rates import net_rate_prior, posterior_weights
from praktijktest.statistics.shrinkage import krw_firm, raw_net_rates, shrunken_net_rates
from tests.statistics.populations import round_of

FIRMS = Path(__file__).parents[2].parent / "shared/data/krw2022_firms/expected_firm_results_54.csv"
CELLS = st.integers(0, 12).flatmap(
    lambda targets: arrays(np.int64, (targets, 4), elements=st.integers(0, 12))
)


@given(CELLS)
@settings(max_examples=40)
def test_limits_in_order_and_the_same_for_equal_counts(cells: np.ndarray) -> None:
    found = shrunken_net_rates(cells)
    assert ((found.low >= -1) & (found.low <= found.mean)).all()
    assert ((found.mean <= found.high) & (found.high <= 1)).all()
    assert found.sd_between == pytest.approx(found.variance_between**0.5)
    json.dumps(found.to_dict(), allow_nan=False)
    turned = shrunken_net_rates(cells[::-1])
    assert turned.mean[::-1].tolist() == found.mean.tolist()
    assert turned.high[::-1].tolist() == found.high.tolist()


@given(CELLS)
@settings(max_examples=20)
def test_exchanging_the_applicants_turns_the_sign(cells: np.ndarray) -> None:
    """To a hundredth of a percentage point: the smooth start of the prior comes from an
    optimiser that goes another way round when the arms are exchanged."""
    found, turned = shrunken_net_rates(cells), shrunken_net_rates(cells[:, [0, 2, 1, 3]])
    assert turned.mean == pytest.approx(-found.mean, abs=1e-4)
    assert turned.low == pytest.approx(-found.high, abs=1e-4)


def test_the_posterior_is_the_one_of_bayes() -> None:
    """A prior of two independent betas, on the grid, against the conjugate answer."""
    prior = net_rate_prior(patterns_of(np.zeros((0, 3), dtype=int), 3))
    mass = np.outer(
        *(
            np.diff(beta.cdf(np.sin(edges) ** 2, *parameters))
            for edges, parameters in zip(prior.edges, ((2, 6), (5, 3)), strict=True)
        )
    )
    counts = np.array([[4, 1, 7], [0, 0, 0], [0, 0, 30], [9, 0, 0]])
    ((_, weights),) = posterior_weights(prior, mass, counts)
    b, c, other = counts.T
    discordance = (2 + b + c) / (8 + b + c + other)
    favour = (5 + b) / (8 + b + c)
    assert weights @ prior.net_rate == pytest.approx(discordance * (2 * favour - 1), abs=2e-3)
    assert weights @ prior.discordance_of_cell == pytest.approx(discordance, abs=2e-3)


def test_shrunken_rates_are_nearer_the_truth_and_intervals_hold_it() -> None:
    rng = np.random.default_rng(8)
    for share in (0.0, 0.15, 0.4):
        covered, raw_error, error, top = [], [], [], []
        for _ in range(8):
            cells, truth = round_of(rng, 86, share)
            found = shrunken_net_rates(cells)
            raw = (cells[:, 1] - cells[:, 2]) / cells.sum(axis=1)
            covered.append(((found.low <= truth) & (truth <= found.high)).mean())
            error.append(((found.mean - truth) ** 2).mean())
            raw_error.append(((raw - truth) ** 2).mean())
            highest = np.argsort(-raw)[:9]
            top.append((found.mean - truth)[highest].mean())
        assert np.mean(covered) > 0.93
        assert np.mean(error) < 0.5 * np.mean(raw_error)
        assert abs(np.mean(top)) < 0.08


def test_the_variance_between_targets_is_that_of_the_truth() -> None:
    rng = np.random.default_rng(9)
    cells, truth = round_of(rng, 20_000, 0.15, tests=(2, 12))
    found = shrunken_net_rates(cells)
    assert found.variance_between == pytest.approx(truth.var(), rel=0.05)
    cells, _ = round_of(rng, 20_000, 0.0)
    assert shrunken_net_rates(cells).sd_between < 0.03


@given(arrays(np.int64, (6, 3), elements=st.integers(0, 5)))
def test_sampling_variance_against_the_sample_variance(counts: np.ndarray) -> None:
    """Differences of +1, -1 and 0 written out, and numpy's variance of their mean."""
    rates, variances = raw_net_rates(counts)
    for row, rate, variance in zip(counts, rates, variances, strict=True):
        written = np.repeat([1.0, -1.0, 0.0], row)
        assert rate == pytest.approx(written.mean() if len(written) else 0.0)
        expected = written.var(ddof=1) / len(written) if len(written) > 1 else 0.0
        assert variance == pytest.approx(expected, abs=1e-12)


def quadratic_form(theta: np.ndarray, error: np.ndarray) -> float:
    """Kline, Saggio & Sølvsten: θ'Aθ - tr(AV), with A the centring matrix over F."""
    size = len(theta)
    centring = (np.eye(size) - 1.0 / size) / size
    return float(theta @ centring @ theta - np.trace(centring @ np.diag(error**2)))


@pytest.mark.skipif(not FIRMS.is_file(), reason="the firm results of ../shared are not here")
def test_the_firms_of_kline_rose_and_walters() -> None:
    """Half of their firms; they publish 2.1 points on average and an SD of 1.85 for all."""
    with FIRMS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    theta = np.array([float(row["theta"]) for row in rows])
    error = np.array([float(row["se"]) for row in rows])
    found = krw_firm(theta, error)
    assert found.variance_between == pytest.approx(quadratic_form(theta, error), rel=1e-9)
    assert found.sd_between == pytest.approx(0.0185, abs=0.0025)
    trust = found.variance_between / (found.variance_between + error**2)
    assert found.shrunken == pytest.approx(trust * theta + (1 - trust) * theta.mean())
    columns = ("both", "only_white", "only_black", "neither")
    cells = [[int(row[column]) for column in columns] for row in rows]
    counted = shrunken_net_rates(cells)
    assert counted.sd_between == pytest.approx(found.sd_between, abs=0.002)
    assert np.corrcoef(counted.mean, found.shrunken)[0, 1] > 0.75


def test_linear_shrinkage_at_its_limits() -> None:
    nothing = krw_firm([], [])
    assert (nothing.mean, nothing.sd_between, nothing.shrunken.tolist()) == (0.0, 0.0, [])
    noise = krw_firm([0.1, -0.1, 0.0], [1.0, 1.0, 1.0])
    assert noise.variance_between == 0.0
    assert noise.shrunken == pytest.approx([0.0] * 3)
    exact = krw_firm([0.1, 0.3], [0.0, 0.0])
    assert exact.shrunken == pytest.approx([0.1, 0.3])
    assert krw_firm([0.2], [0.0]).shrunken == pytest.approx([0.2])
    json.dumps(exact.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    "cells",
    [
        [[0, 0, 0, 0]],
        [[0, 5, 0, 0]],
        [[0, 0, 3, 1], [0, 1, 0, 0]],
        [[10**9] * 4, [3, 2, 1, 4]],
        [[0, 10**12, 0, 0], [0, 0, 10**12, 0]],
        [[5, 0, 0, 5]] * 40,
    ],
)
def test_few_and_huge_counts(cells: list[list[int]]) -> None:
    found = shrunken_net_rates(cells)
    for values in (found.mean, found.low, found.high):
        assert np.isfinite(values).all()
    json.dumps(found.to_dict(), allow_nan=False)


def test_one_target_is_not_known_for_certain() -> None:
    found = shrunken_net_rates([[0, 3, 0, 0]])
    assert found.low[0] < 0.5 < found.mean[0] < 0.95


def test_very_many_tests_need_no_others() -> None:
    cells = np.vstack([[[100_000, 400_000, 100_000, 400_000]], [[4, 1, 1, 4]] * 50])
    found = shrunken_net_rates(cells)
    assert found.mean[0] == pytest.approx(0.3, abs=0.002)
    assert found.high[0] - found.low[0] < 0.01


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="Counts per target"):
        shrunken_net_rates([[1, 2, 3]])
    with pytest.raises(ValueError, match="confidence"):
        shrunken_net_rates([[1, 2, 3, 4]], confidence=1.0)
    with pytest.raises(ValueError, match="equal rows"):
        krw_firm([0.1], [0.1, 0.2])
    with pytest.raises(ValueError, match="must be numbers"):
        krw_firm([np.nan], [0.1])
