"""Confidence intervals for the paired difference (b - c) / n.

b is the number of tests with only the control applicant positive, c those with
only the test applicant positive, n the tests in the denominator (all of them, or
those with at least one positive reply). Every function returns `(low, high)`
inside [-1, 1] and raises `ValueError` for impossible counts or confidence levels.
All of them mirror when b and c are exchanged.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.proportions import critical_value, wilson_at

SMALLEST_STEP = 1e-300
"""Absolute root tolerance: none, so that limits near 0 keep their relative precision."""

RELATIVE_STEP = 1e-14


def tango(b: int, c: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Asymptotic score interval (Tango 1998, Statistics in Medicine 17:891-908).

    The limits are the differences that the score test does not reject. With no
    discordant tests they are ±z²/(n + z²); with only discordant tests the interval
    is the transformed Wilson interval. Tested against `tango_*`, `tango_ratesci_*`,
    `nam_equiv` and `zero_discordant_equiv`.
    """
    _check(b, c, n)
    z = critical_value(confidence)
    if b + c == 0:
        limit = z * z / (n + z * z)
        return -limit, limit
    if b + c == n:
        low, high = wilson_at(b, n, z)
        return 2.0 * low - 1.0, 2.0 * high - 1.0
    return -_tango_upper(c, b, n, z), _tango_upper(b, c, n, z)


def newcombe(cells: Cells, confidence: float = 0.95) -> tuple[float, float]:
    """Square-and-add Wilson interval, method 10 of Newcombe (1998, SiM 17:2635-2650).

    With the corrected phi: a positive numerator is reduced by n/2, not below 0.
    For the difference over all tests. Tested against `newcombe10_*`.
    """
    a, b, c, d, n = cells.both, cells.only_control, cells.only_test, cells.neither, cells.n
    _check(b, c, n)
    z = critical_value(confidence)
    p1, p2, difference = (a + b) / n, (a + c) / n, (b - c) / n
    low1, high1 = wilson_at(a + b, n, z)
    low2, high2 = wilson_at(a + c, n, z)
    phi = _corrected_phi(a, b, c, d)
    below = _square_and_add(p1 - low1, high2 - p2, phi)
    above = _square_and_add(high1 - p1, p2 - low2, phi)
    return max(-1.0, difference - below), min(1.0, difference + above)


def bonett_price(b: int, c: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Laplace-adjusted Wald interval (Bonett & Price 2012, JEBS 37:479-488).

    Adds one test to each discordant cell. Tested against `bonettprice_*`.
    """
    _check(b, c, n)
    return _wald(b + 1.0, c + 1.0, n + 2.0, critical_value(confidence))


def agresti_min(b: int, c: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Adjusted Wald interval (Agresti & Min 2005, Statistics in Medicine 24:729-740).

    Adds half a test to each of the four cells. Tested against `agrestimin_*`.
    """
    _check(b, c, n)
    return _wald(b + 0.5, c + 0.5, n + 2.0, critical_value(confidence))


def scas(b: int, c: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Skewness-corrected score interval (Laud 2017, Pharmaceutical Statistics 16:334-348).

    Tango's score with the third moment of Gart & Nam and the variance factor
    n/(n - 1), as in ratesci. Holds its level better in small samples. Where the
    corrected score rejects nothing up to the edge, the limit is the edge. Tested
    against `scas_*`.
    """
    _check(b, c, n)
    z = critical_value(confidence)
    if n == 1:
        return -1.0, 1.0
    return -_scas_upper(c, b, n, z), _scas_upper(b, c, n, z)


def _check(b: int, c: int, n: int) -> None:
    if b < 0 or c < 0 or b + c > n or n == 0:
        raise ValueError(f"Cannot make an interval for {b} and {c} discordant tests out of {n}.")


def _only_test_share(difference: float, b: int, c: int, n: int) -> float:
    """Share of (only test positive) that is most likely if the true difference is given."""
    if difference < 0.0:
        # The mirrored problem has no cancellation: its constant term is never positive.
        return _only_test_share(-difference, c, b, n) - difference
    linear = (2.0 * n - b + c) * difference - b - c
    constant = c * difference * (1.0 - difference)
    root = sqrt(linear * linear + 8.0 * n * constant)
    if linear > 0.0:
        return 2.0 * constant / (linear + root)
    return (root - linear) / (4.0 * n)


def _variance(difference: float, b: int, c: int, n: int) -> float:
    """Variance of one test's difference under the null of a given true difference."""
    share = _only_test_share(difference, b, c, n)
    return max(0.0, 2.0 * share + difference * (1.0 - difference))


def _tango_upper(b: int, c: int, n: int, z: float) -> float:
    """Upper limit where some tests but not all are discordant."""

    def excess(difference: float) -> float:
        return b - c - n * difference + z * sqrt(n * _variance(difference, b, c, n))

    return _root(excess, (b - c) / n, 1.0)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=SMALLEST_STEP, rtol=RELATIVE_STEP, maxiter=500))


def _corrected_phi(a: int, b: int, c: int, d: int) -> float:
    margins = sqrt(float(a + b) * (c + d)) * sqrt(float(a + c) * (b + d))
    if margins == 0.0:
        return 0.0
    association = a * d - b * c
    if association > 0:
        return max(association - (a + b + c + d) / 2.0, 0.0) / margins
    return association / margins


def _square_and_add(first: float, second: float, phi: float) -> float:
    return sqrt(max(0.0, first * first - 2.0 * phi * first * second + second * second))


def _wald(b: float, c: float, n: float, z: float) -> tuple[float, float]:
    difference = (b - c) / n
    half = z * sqrt(max(0.0, (b + c) / n - difference * difference) / n)
    return max(-1.0, difference - half), min(1.0, difference + half)


def _scas_upper(b: int, c: int, n: int, z: float) -> float:
    """Largest difference that the skewness-corrected score does not reject.

    The corrected score may cross its critical value more than once near the edges,
    so crossings are looked for on a grid and the outermost one is refined.
    """
    observed = (b - c) / n
    if observed == 1.0:
        return 1.0

    def excess(difference: float) -> float:
        return _scas_excess(difference, b, c, n, z)

    points = _outward_grid(observed, n)
    signs = np.array([excess(point) > 0.0 for point in points.tolist()])
    if signs[-1] or not signs.any():
        return 1.0
    last = int(np.flatnonzero(signs)[-1])
    return _root(excess, float(points[last]), float(points[last + 1]))


def _outward_grid(observed: float, n: int) -> NDArray[np.float64]:
    """Points from the observed difference to 1, dense where the limit can be."""
    span = 1.0 - observed
    nearest = min(0.01 / n, span / 10.0)
    return np.append(observed + np.geomspace(nearest, span, 60)[:-1], 1.0)


def _scas_excess(difference: float, b: int, c: int, n: int, z: float) -> float:
    """Positive while the corrected score does not reject `difference` as too large.

    The corrected z solves score = z + skewness (z² - 1); at the critical value -z
    that gives a condition on the score itself, which stays finite at the edges.
    """
    only_test = _only_test_share(difference, b, c, n)
    only_control = max(0.0, only_test + difference)
    neither_way = max(0.0, 1.0 - only_control - only_test)
    variance = max(0.0, only_control + only_test - difference**2)
    third = (
        only_control * (1.0 - difference) ** 3
        - only_test * (1.0 + difference) ** 3
        - neither_way * difference**3
    )
    inflated = variance * n / (n - 1.0)
    score = (b - c) / n - difference
    skewness = third / (6.0 * n * inflated) if inflated > 0.0 else 0.0
    return score + z * sqrt(inflated / n) - skewness * (z * z - 1.0)
