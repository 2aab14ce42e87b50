"""Net rates per target, pulled towards what targets are like in general.

The raw net rate of one target is mostly noise: with ten tests its standard error is some
15 points. The shrunken one is closer to the truth on average, and its interval says what
is known of the target now that all others have been seen too. Beside it stands how much
the true rates differ between targets, from which the noise has been taken out.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics.count_patterns import IntArray, Patterns, patterns_of
from praktijktest.statistics.net_rates import (
    NetRatePrior,
    net_rate_prior,
    posterior_weights,
    unresolved,
)
from praktijktest.statistics.proportions import critical_value

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shrunken:
    """Net rates over all tests, one entry per target.

    Attributes:
        mean: posterior mean of the net rate.
        low: lower limit of its interval.
        high: upper limit.
        confidence: posterior probability of the interval, which on average over targets
            holds the truth about as often (`benchmarks/empirical_bayes.py`); with fewer than some
            thirty targets, who tell little of what targets are like, less often.
        variance_between: variance of the true net rates over targets, noise taken out;
            at least 0.
        sd_between: its square root, in the unit of the rates.
        in_variance: targets with two tests or more, which the variance is made of.
        targets: targets with a test; the others get what is expected of any target.
        converged: the fit of the distribution of net rates converged.
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    confidence: float
    variance_between: float
    sd_between: float
    in_variance: int
    targets: int
    converged: bool

    def to_dict(self) -> dict[str, Any]:
        """The net rates as plain data."""
        return {
            "mean": self.mean.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "confidence": self.confidence,
            "variance_between": self.variance_between,
            "sd_between": self.sd_between,
            "in_variance": self.in_variance,
            "targets": self.targets,
            "converged": self.converged,
        }


@dataclass(frozen=True, slots=True)
class LinearShrinkage:
    """Estimates with known standard errors, pulled linearly towards their mean.

    Attributes:
        mean: unweighted mean of the estimates.
        variance_between: variance of the true values, noise taken out, at least 0.
        sd_between: its square root.
        shrunken: per estimate, the linear shrinkage estimate.
    """

    mean: float
    variance_between: float
    sd_between: float
    shrunken: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """The estimates as plain data."""
        return {
            "mean": self.mean,
            "variance_between": self.variance_between,
            "sd_between": self.sd_between,
            "shrunken": self.shrunken.tolist(),
        }


def shrunken_net_rates(cells: ArrayLike, confidence: float = 0.95) -> Shrunken:
    """Posterior mean and interval of the net rate over all tests, per target.

    The distribution of net rates over targets is `net_rates.net_rate_prior`; an interval is
    central under both its smooth start and its end, whichever reaches further. Of a target
    with so many tests that the others add nothing the interval is the normal one.

    Args:
        cells: shape (targets, 4): both, only_control, only_test, neither.
        confidence: posterior probability of every interval, inside (0, 1).

    Raises:
        ValueError: impossible counts or level.
    """
    z = critical_value(confidence)
    patterns = discordance_patterns(cells)
    prior = net_rate_prior(patterns)
    mean, low, high = _posterior(prior, patterns.counts, (1.0 - confidence) / 2.0)
    alone = unresolved(prior, patterns.counts)
    estimate, variance = raw_net_rates(patterns.counts)
    half = z * np.sqrt(variance)
    mean = np.where(alone, estimate, mean)
    low = np.where(alone, np.maximum(estimate - half, -1.0), low)
    high = np.where(alone, np.minimum(estimate + half, 1.0), high)
    between, in_variance = _variance_between(patterns, estimate, variance)
    return Shrunken(
        mean=mean[patterns.of_target],
        low=low[patterns.of_target],
        high=high[patterns.of_target],
        confidence=confidence,
        variance_between=between,
        sd_between=sqrt(between),
        in_variance=in_variance,
        targets=prior.targets,
        converged=prior.converged,
    )


def krw_firm(estimates: ArrayLike, standard_errors: ArrayLike) -> LinearShrinkage:
    """Bias-corrected variance and linear shrinkage as for the firms of Kline, Rose & Walters.

    Kline, Rose & Walters 2022 (QJE 137:1963-2036): the variance of the estimates around
    their mean, minus what their standard errors explain; shrinkage in proportion to the
    noise. For estimates from any source, such as one mean difference per firm with
    standard errors clustered by job. Tested against their published firm estimates.

    Args:
        estimates: one per target, shape (targets,).
        standard_errors: of the estimates, 0 or more, shape (targets,).

    Raises:
        ValueError: shapes differ, or a number is missing or impossible.
    """
    theta = np.asarray(estimates, dtype=np.float64)
    error = np.asarray(standard_errors, dtype=np.float64)
    if theta.shape != error.shape or theta.ndim != 1:
        raise ValueError(f"Estimates {theta.shape} and errors {error.shape} must be equal rows.")
    if not np.isfinite(theta).all() or not (np.isfinite(error) & (error >= 0.0)).all():
        raise ValueError("Estimates must be numbers, and standard errors 0 or more.")
    if len(theta) == 0:
        return LinearShrinkage(0.0, 0.0, 0.0, theta)
    mean = float(theta.mean())
    between = _corrected_variance(theta, error**2, np.ones(len(theta)))
    noise = between + error**2
    trust = np.divide(between, noise, out=np.zeros(len(theta)), where=noise > 0.0)
    return LinearShrinkage(mean, between, sqrt(between), trust * theta + (1.0 - trust) * mean)


def discordance_patterns(cells: ArrayLike) -> Patterns:
    """Different rows (only_control, only_test, other tests) of a table of four cells.

    Raises:
        ValueError: impossible counts.
    """
    four = patterns_of(cells, 4)
    table = four.counts
    three = np.column_stack([table[:, 1], table[:, 2], table[:, 0] + table[:, 3]])
    coarser = patterns_of(three, 3)
    number = np.bincount(coarser.of_target, weights=four.targets, minlength=len(coarser))
    return Patterns(coarser.counts, number.astype(np.int64), coarser.of_target[four.of_target])


def raw_net_rates(counts: IntArray) -> tuple[FloatArray, FloatArray]:
    """Raw net rates and the unbiased estimates of their sampling variances; 0 where unknown.

    Args:
        counts: rows (only_control, only_test, other tests). A row without a test has rate
            0, one with fewer than two tests variance 0.
    """
    n = counts.sum(axis=1).astype(np.float64)
    net = (counts[:, 0] - counts[:, 1]).astype(np.float64)
    rate = net / np.maximum(n, 1.0)
    squares = counts[:, 0] + counts[:, 1] - net * rate
    return rate, squares / np.maximum(n * (n - 1.0), 1.0) * (n > 1.0)


def _posterior(
    prior: NetRatePrior, counts: IntArray, tail: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    mean, low, high = _central(prior, prior.mass, counts, tail)
    _, smooth_low, smooth_high = _central(prior, prior.start, counts, tail)
    low = np.minimum(np.minimum(low, smooth_low), mean)
    return mean, low, np.maximum(np.maximum(high, smooth_high), mean)


def _central(
    prior: NetRatePrior, mass: FloatArray, counts: IntArray, tail: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Posterior mean and central interval of rows (only_control, only_test, other tests)."""
    order = np.argsort(prior.net_rate, kind="stable")
    values = prior.net_rate[order]
    mean, limits = np.zeros(len(counts)), np.zeros((len(counts), 2))
    for rows, weights in posterior_weights(prior, mass, counts):
        ascending = weights[:, order]
        mean[rows] = ascending @ values
        # A value stands for what surrounds it: half of its probability lies below.
        upto = np.cumsum(ascending, axis=1) - ascending / 2.0
        limits[rows] = [np.interp((tail, 1.0 - tail), row, values) for row in upto]
    return mean, limits[:, 0], limits[:, 1]


def _variance_between(
    patterns: Patterns, estimate: FloatArray, variance: FloatArray
) -> tuple[float, int]:
    enough = patterns.counts.sum(axis=1) > 1
    number = patterns.targets[enough].astype(np.float64)
    if number.sum() < 2:
        return 0.0, int(number.sum())
    return _corrected_variance(estimate[enough], variance[enough], number), int(number.sum())


def _corrected_variance(theta: FloatArray, noise: FloatArray, number: FloatArray) -> float:
    """(1/F) Σ [(θ - mean)² - ((F - 1)/F) noise], not below 0."""
    targets = float(number.sum())
    mean = float(number @ theta) / targets
    spread = number @ ((theta - mean) ** 2 - (targets - 1.0) / targets * noise)
    return max(0.0, float(spread) / targets)
