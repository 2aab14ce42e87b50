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

from praktijktest.statistics.count_patterns import LARGEST, IntArray
from praktijktest.statistics.net_rates import NetRatePrior, net_rate_prior, posterior_weights
from praktijktest.statistics.proportions import critical_value
from praktijktest.statistics.shrinkage import discordance_patterns

FloatArray = NDArray[np.float64]

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


def expected_again(
    cells: ArrayLike, chosen: ArrayLike, new_tests: ArrayLike, confidence: float = 0.95
) -> Regression:
    """Net rate to expect in fresh tests of chosen targets if they behave as before.

    Whatever rule chose the targets, it was a rule on these counts, and the posterior
    distribution given the counts does not depend on it. All targets of the round must be
    in `cells`, the unsuspected too: they show what targets are like. The limits allow for
    chance in the fresh tests; they hold under both the smooth start and the end of the
    distribution of net rates, and are exact where that is affordable, normal beyond.

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
    prior = net_rate_prior(patterns)
    tested = np.column_stack([patterns.of_target[again], fresh[again]])
    kinds, number = np.unique(tested, axis=0, return_counts=True)
    counts = patterns.counts[kinds[:, 0]]
    tests, total = int(number @ counts.sum(axis=1)), int(number @ kinds[:, 1])
    net = int(number @ (counts[:, 0] - counts[:, 1]))
    expected, low, high = None, None, None
    if total:
        ends = [
            _predicted(prior, mass, counts, kinds[:, 1], number, z, confidence)
            for mass in (prior.mass, prior.start)
        ]
        expected = ends[0][0]
        low = min(expected, ends[0][1], ends[1][1])
        high = max(expected, ends[0][2], ends[1][2])
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


def _predicted(
    prior: NetRatePrior,
    mass: FloatArray,
    counts: IntArray,
    fresh: IntArray,
    number: IntArray,
    z: float,
    confidence: float,
) -> tuple[float, float, float]:
    """Mean and limits of the pooled fresh net rate, for kinds of targets that many share."""
    rates, spread = prior.net_rate, prior.discordance_of_cell
    outcomes = int(number @ fresh) + 1
    exact = outcomes * mass.size <= EXACT_SIZE
    mean, variance = np.zeros(len(counts)), np.zeros(len(counts))
    transform = np.zeros(outcomes if exact else 0, dtype=np.complex128)
    for rows, weights in posterior_weights(prior, mass, counts):
        mean[rows] = weights @ rates
        within = weights @ (spread - rates**2) / fresh[rows]
        variance[rows] = weights @ rates**2 - mean[rows] ** 2 + within
        if exact:
            transform += _log_transform(prior, weights, fresh[rows], number[rows], outcomes)
    tests = float(number @ fresh)
    expected = float((number * fresh) @ mean) / tests
    if exact:
        return expected, *_limits(np.exp(transform), (1.0 - confidence) / 2.0)
    half = z * sqrt(max(0.0, float((number * fresh**2.0) @ variance))) / tests
    return expected, max(-1.0, expected - half), min(1.0, expected + half)


def _log_transform(
    prior: NetRatePrior, weights: FloatArray, fresh: IntArray, number: IntArray, outcomes: int
) -> NDArray[np.complex128]:
    """Logarithm of the Fourier transform of the fresh net count, summed over targets."""
    angle = 2.0 * np.pi * np.arange(outcomes) / (2 * outcomes - 1)
    one_test = 1.0 + np.outer(prior.discordance_of_cell, np.cos(angle) - 1.0)
    one_test = one_test - 1j * np.outer(prior.net_rate, np.sin(angle))
    total = np.zeros(outcomes, dtype=np.complex128)
    for tests in np.unique(fresh).tolist():
        rows = fresh == tests
        means = weights[rows] @ one_test**tests
        # A transform that is 0 to the last bit has no logarithm; nothing is lost at 1e-300.
        means[means == 0.0] = 1e-300
        total += number[rows] @ np.log(means)
    return total


def _limits(transform: NDArray[np.complex128], tail: float) -> tuple[float, float]:
    """Quantiles of the pooled net rate from the transform of the net count."""
    tests = len(transform) - 1
    chances = np.fft.fftshift(np.fft.irfft(transform, n=2 * tests + 1))
    upto = np.cumsum(chances)
    low, high = np.searchsorted(upto, (tail, 1.0 - tail)).clip(0, 2 * tests)
    return (int(low) - tests) / tests, (int(high) - tests) / tests
