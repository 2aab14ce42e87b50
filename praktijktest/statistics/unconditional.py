"""Exact unconditional McNemar test: the number of discordant tests is random too.

Ordered by z = (b - c) / sqrt(b + c), the rejection region within a given number of
discordant tests d does not depend on the nuisance parameter, the probability of a
discordant test. So the p-value is the maximum over that parameter of a binomial
average of sign-test tails, P = sum over d of Bin(d; n, share) * tail(d), and any
n can be handled.
"""

from math import asin, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlog1py, xlogy

from praktijktest.statistics.mcnemar import binomial_half_tail

FloatArray = NDArray[np.float64]

LARGEST_SHARE = 0.99999
"""Shares above this are not tried, as in R's Exact: concordant tests can occur."""

STEP = 0.25
"""Grid step in the variance-stabilised scale sqrt(n) * arcsine, where one SD is 0.5."""

DENSE_UNTIL = 50.0
"""On that scale: up to here (2,500 discordant tests expected) every step is taken."""

COARSE_POINTS = 20
"""Beyond it the tails vary by less than a percent and this many points are enough."""

WINDOW = 6.5
"""Half width of the binomial window in standard deviations."""

REFINEMENTS = 2
POINTS_PER_REFINEMENT = 17
BLOCK = 60_000
"""Matrix entries evaluated at once: bounds memory."""


def unconditional_exact(
    b: int,
    c: int,
    n: int,
    alternative: Literal["two-sided", "control-favoured", "test-favoured"] = "two-sided",
) -> float:
    """Exact unconditional p-value (Suissa & Shuster 1985, Biometrics 41:361-372).

    Assumes that tests are alike and independent; unlike the sign test it does not
    follow from randomisation alone. The maximum is taken over a grid with local
    refinement, at least as fine as half a standard deviation of the number of
    discordant tests. Tested against `uncond_uam_*` (R package Exact).

    Args:
        b: tests with only the control applicant positive.
        c: tests with only the test applicant positive.
        n: all tests.
        alternative: which outcomes count as more extreme.

    Raises:
        ValueError: the counts are impossible.
    """
    if b < 0 or c < 0 or b + c > n:
        raise ValueError(f"Cannot test {b} and {c} discordant tests out of {n}.")
    if alternative == "two-sided":
        one_sided = _largest_tail(max(b, c), min(b, c), n)
        return min(1.0, 2.0 * one_sided)
    if alternative == "test-favoured":
        b, c = c, b
    return _largest_tail(b, c, n)


def _largest_tail(wins: int, losses: int, n: int) -> float:
    """Largest probability, over the share of discordant tests, of z at least as large."""
    if wins <= losses:
        # No discordant test at all is as extreme as this, and may have probability 1.
        return 1.0
    angles = _angle_grid(wins + losses, n)
    tails = _tail_probabilities(angles, wins, losses, n)
    for _ in range(REFINEMENTS):
        best = int(np.argmax(tails))
        around = angles[max(best - 1, 0)], angles[min(best + 1, len(angles) - 1)]
        angles = np.append(np.linspace(*around, POINTS_PER_REFINEMENT), angles[best])
        angles.sort()
        tails = _tail_probabilities(angles, wins, losses, n)
    return min(1.0, float(tails.max()))


def _angle_grid(discordant: int, n: int) -> FloatArray:
    """Shares of discordant tests to try, as arcsine of the square root."""
    step = STEP / sqrt(n)
    end = asin(sqrt(LARGEST_SHARE))
    dense_end = min(DENSE_UNTIL / sqrt(n), end)
    dense = np.arange(1, int(dense_end / step) + 1) * step
    coarse = np.linspace(dense_end, end, COARSE_POINTS) if dense_end < end else np.array([end])
    observed = asin(sqrt(discordant / n))
    near = [point + step * np.arange(-2, 3) for point in (observed, end)]
    angles = np.unique(np.concatenate([dense, coarse, *near]))
    return angles[(angles > 0.0) & (angles <= end)]


def _tail_probabilities(angles: FloatArray, wins: int, losses: int, n: int) -> FloatArray:
    """P(z at least as large as observed) for each share of discordant tests."""
    shares = np.sin(angles) ** 2
    spread = np.sqrt(n * shares * (1.0 - shares))
    low = np.floor(n * shares - WINDOW * spread - WINDOW**2).clip(0, n).astype(np.int64)
    high = np.ceil(n * shares + WINDOW * spread + WINDOW**2).clip(0, n).astype(np.int64)
    tails = np.empty(len(angles))
    start = 0
    while start < len(angles):
        # Neighbouring shares have overlapping windows: take as many as fit in a block.
        width = high[start:] - low[start] + 1
        fitting = np.flatnonzero(width * np.arange(1, len(width) + 1) <= BLOCK)
        stop = start + max(len(fitting), 1)
        discordant = np.arange(low[start], high[stop - 1] + 1, dtype=np.float64)
        weights = _binomial(discordant, n, shares[start:stop])
        tails[start:stop] = weights @ _conditional_tail(discordant, wins, losses)
        start = stop
    return tails


def _binomial(k: FloatArray, n: int, shares: FloatArray) -> FloatArray:
    """Binomial(n, share) probabilities of k, shape (shares, k)."""
    coefficient = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    column = shares[:, None]
    # sin² rounds to 1 at most; log1p needs the exact edge, which xlog1py handles.
    return np.exp(coefficient + xlogy(k, column) + xlog1py(n - k, -column))


def _conditional_tail(discordant: FloatArray, wins: int, losses: int) -> FloatArray:
    """P(z at least as large as observed) given each number of discordant tests."""
    z = (wins - losses) / sqrt(wins + losses)
    needed = np.ceil((discordant + z * np.sqrt(discordant)) / 2.0)
    # Ties with the observed z must count, and rounding may have lifted them by one.
    one_less = 2.0 * (needed - 1.0) - discordant
    ties = (one_less > 0.0) & (
        one_less**2 * (wins + losses) >= (wins - losses) ** 2 * discordant * (1.0 - 1e-12)
    )
    tail = binomial_half_tail(needed - ties, discordant)
    return np.where(discordant == 0.0, 0.0, tail)
