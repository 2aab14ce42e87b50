"""What fresh tests would show of targets that stood out, if nothing had changed.

Targets chosen for their first result owe part of it to chance, so that fresh tests look
better without anybody having improved. That regression to the mean is predicted here,
to stand beside what the fresh tests did show.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from praktijktest.statistics.count_patterns import LARGEST, IntArray, Patterns
from praktijktest.statistics.net_rates import NetRatePrior, net_rate_prior, posterior_weights
from praktijktest.statistics.proportions import critical_value
from praktijktest.statistics.shrinkage import discordance_patterns

FloatArray = NDArray[np.float64]

GROUPS: Final = 10

MANY: Final = 2_000
"""Targets up to which it matters which of them were there to learn from."""

EXACT_SIZE: Final = 4_000_000
"""Cells of the grid times outcomes up to which the prediction is computed exactly."""


@dataclass(frozen=True, slots=True)
class Regression:
    """The net rate over all tests, before and expected again, of the chosen targets together.

    Attributes:
        targets: chosen targets that get fresh tests.
        tests: the tests that chose them.
        new_tests: the fresh tests.
        observed: net rate of the tests that chose them; None without such tests.
        expected: net rate to expect of the fresh tests if nothing changes; None where no
            chosen target gets any.
        low: lower limit of the prediction for the net rate of the fresh tests.
        high: upper limit.
        confidence: chance that the fresh net rate lies within the limits.
        converged: the fit of the distribution of net rates converged.
    """

    targets: int
    tests: int
    new_tests: int
    observed: float | None
    expected: float | None
    low: float | None
    high: float | None
    confidence: float
    converged: bool

    def to_dict(self) -> dict[str, Any]:
        """The prediction as plain data."""
        return {
            "targets": self.targets,
            "tests": self.tests,
            "new_tests": self.new_tests,
            "observed": self.observed,
            "expected": self.expected,
            "low": self.low,
            "high": self.high,
            "confidence": self.confidence,
            "converged": self.converged,
        }


@dataclass(frozen=True, slots=True)
class _Retest:
    """Kinds of chosen targets: counts so far, fresh tests each, and how many there are."""

    counts: IntArray
    fresh: IntArray
    number: IntArray

    @property
    def total(self) -> int:
        return int(self.number @ self.fresh)


def expected_again(
    cells: ArrayLike, chosen: ArrayLike, new_tests: ArrayLike, confidence: float = 0.95
) -> Regression:
    """Net rate to expect in fresh tests of chosen targets if they behave as before.

    Whatever rule chose the targets, it was a rule on these counts, and the posterior
    distribution given the counts does not depend on it. All targets of the round must be
    in `cells`, the unsuspected too: they show what targets are like. The limits allow for
    what is not known of the chosen targets, for chance in the fresh tests, and for chance
    in which targets showed what targets are like (a jackknife over ten groups of them, up
    to `MANY` targets; with more, that chance is small beside the others).
    They are exact where that is affordable and normal beyond.

    Args:
        cells: of the first tests, shape (targets, 4): both, only_control, only_test, neither.
        chosen: which targets are tested again, shape (targets,).
        new_tests: how many fresh tests each target gets, shape (targets,) or one number.
        confidence: chance of the limits, inside (0, 1).

    Raises:
        ValueError: impossible counts, level or shapes.
    """
    z = critical_value(confidence)
    patterns = discordance_patterns(cells)
    again = np.asarray(chosen, dtype=np.bool_)
    if again.shape != patterns.of_target.shape:
        raise ValueError(f"Chosen {again.shape} must say of every target whether it is chosen.")
    fresh = _fresh_tests(new_tests, len(again))
    again = again & (fresh > 0)
    tested = np.column_stack([patterns.of_target[again], fresh[again]])
    kinds, number = np.unique(tested, axis=0, return_counts=True)
    counts = patterns.counts[kinds[:, 0]]
    tests, total = int(number @ counts.sum(axis=1)), int(number @ kinds[:, 1])
    net = int(number @ (counts[:, 0] - counts[:, 1]))
    prior = net_rate_prior(patterns)
    expected, low, high = None, None, None
    if total:
        retest = _Retest(counts, kinds[:, 1], number)
        expected = _expected(prior, retest)
        few = int(patterns.targets.sum()) <= MANY
        error = _jackknife_error(patterns, retest, confidence) if few else 0.0
        low, high = _limits(prior, retest, expected, error, confidence, z)
    return Regression(
        targets=int(number.sum()),
        tests=tests,
        new_tests=total,
        observed=net / tests if tests else None,
        expected=expected,
        low=low,
        high=high,
        confidence=confidence,
        converged=prior.converged,
    )


def _fresh_tests(new_tests: ArrayLike, targets: int) -> IntArray:
    given = np.asarray(new_tests)
    if given.shape not in ((), (targets,)):
        raise ValueError(f"Fresh tests {given.shape} must be one number or one per target.")
    if given.size and not ((given >= 0) & (given <= LARGEST) & (given == np.floor(given))).all():
        raise ValueError("Fresh tests must be whole numbers from 0 up.")
    return np.broadcast_to(given, (targets,)).astype(np.int64)


def _expected(prior: NetRatePrior, retest: _Retest) -> float:
    """Posterior mean of the pooled net rate of the fresh tests."""
    mean = np.zeros(len(retest.counts))
    for rows, weights in posterior_weights(prior, prior.mass, retest.counts):
        mean[rows] = weights @ prior.net_rate
    return float((retest.number * retest.fresh) @ mean) / retest.total


def _jackknife_error(patterns: Patterns, retest: _Retest, confidence: float) -> float:
    """Standard error of the expectation over which targets were there to learn from.

    Groups of targets are left out in turn. They must be haphazard: groups that are alike,
    such as every tenth target in the order of the counts, would hide the error. Widened as
    Student's t is wider than the normal distribution, for few groups.
    """
    ranks = np.repeat(np.arange(len(patterns)), patterns.targets)
    groups = min(GROUPS, len(ranks))
    if groups < 2:
        return 0.0
    group = _scrambled(len(ranks)) % np.uint64(groups)
    found = []
    for left_out in range(groups):
        number = np.bincount(ranks[group != left_out], minlength=len(patterns))
        kept = number > 0
        others = Patterns(patterns.counts[kept], number[kept], patterns.of_target[:0])
        found.append(_expected(net_rate_prior(others), retest))
    student = float(stdtrit(groups - 1, 0.5 + confidence / 2.0)) / critical_value(confidence)
    return student * sqrt((groups - 1) * float(np.var(found)))


def _scrambled(number: int) -> NDArray[np.uint64]:
    """0, 1, 2, … as haphazard whole numbers, the same everywhere (SplitMix64)."""
    z = np.arange(1, number + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _limits(
    prior: NetRatePrior,
    retest: _Retest,
    expected: float,
    error: float,
    confidence: float,
    z: float,
) -> tuple[float, float]:
    """Limits of the prediction of the pooled fresh net rate."""
    outcomes = retest.total + 1
    if outcomes * prior.mass.size <= EXACT_SIZE:
        low, high = _exact_limits(prior, retest, error, (1.0 - confidence) / 2.0)
    else:
        half = z * sqrt(_variance(prior, retest) + error**2)
        low, high = expected - half, expected + half
    return max(-1.0, min(low, expected)), min(1.0, max(high, expected))


def _variance(prior: NetRatePrior, retest: _Retest) -> float:
    """Variance of the pooled fresh net rate, the prior taken as known."""
    rates, spread = prior.net_rate, prior.discordance_of_cell
    variance = np.zeros(len(retest.counts))
    for rows, weights in posterior_weights(prior, prior.mass, retest.counts):
        between = weights @ rates**2 - (weights @ rates) ** 2
        variance[rows] = between + weights @ (spread - rates**2) / retest.fresh[rows]
    share = retest.fresh / retest.total
    return max(0.0, float((retest.number * share**2) @ variance))


def _exact_limits(
    prior: NetRatePrior, retest: _Retest, error: float, tail: float
) -> tuple[float, float]:
    """Quantiles of the pooled fresh net rate by the Fourier transform of the net count."""
    total = retest.total
    angle = 2.0 * np.pi * np.arange(total + 1) / (2 * total + 1)
    # E exp(-i angle net) of one test: 1 + s (cos - 1) - i (net rate) sin.
    even = 1.0 + np.outer(prior.discordance_of_cell, np.cos(angle) - 1.0)
    one_test = even - 1j * np.outer(prior.net_rate, np.sin(angle))
    # What is not known of the prior shifts all targets together: a normal factor.
    logs = (-0.5 * (error * total * angle) ** 2).astype(np.complex128)
    for rows, weights in posterior_weights(prior, prior.mass, retest.counts):
        fresh, number = retest.fresh[rows], retest.number[rows]
        for tests in np.unique(fresh).tolist():
            same = fresh == tests
            means = weights[same] @ one_test**tests
            # What is 0 to the last bit has no logarithm, and matters no more than 1e-300.
            means[means == 0.0] = 1e-300
            logs += number[same] @ np.log(means)
    chances = np.fft.fftshift(np.fft.irfft(np.exp(logs), n=2 * total + 1))
    low, high = np.searchsorted(np.cumsum(chances), (tail, 1.0 - tail)).clip(0, 2 * total)
    return (int(low) - total) / total, (int(high) - total) / total
