"""Confidence intervals for paired ratios: response ratio and conditional odds ratio.

The response ratio is test over control, (a + c) / (a + b): below 1 where the test
applicant hears back less often. Concordant negatives do not matter to any of
these. A limit that does not exist (the ratio is unbounded) is None. All functions
raise `ValueError` for an impossible confidence level.
"""

from math import exp, log, sqrt

from scipy.optimize import brentq
from scipy.special import betaincinv

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.proportions import critical_value, wilson_at

Limits = tuple[float | None, float | None]


def bonett_price_ratio(cells: Cells, confidence: float = 0.95) -> Limits:
    """Hybrid Wilson interval of the response ratio (Bonett & Price 2006, SiM 25:3039-3047).

    Two Wilson intervals, narrowed for the pairing, divided crosswise. With nobody
    positive for the control the upper limit does not exist; with no positive reply
    at all there is no interval. Tested against `bp_rr_*` (which are control over
    test, so reversed).
    """
    z = critical_value(confidence)
    if cells.usable == 0:
        return None, None
    n = cells.usable
    control, test = cells.both + cells.only_control, cells.both + cells.only_test
    joint = sqrt((cells.discordant + 2.0) / ((control + 1.0) * (test + 1.0)))
    apart = _log_error(control, n) + _log_error(test, n)
    low_control, high_control = wilson_at(control, n, z * joint / apart)
    low_test, high_test = wilson_at(test, n, z * joint / apart)
    high = None if low_control == 0.0 else high_test / low_control
    return low_test / high_control, high


def tang(cells: Cells, confidence: float = 0.95) -> Limits:
    """Score interval of the response ratio (Tang, Tang & Chan 2003, SiM 22:1217-1233).

    The limits are the ratios that the score test does not reject; exchanging the
    applicants gives the reciprocals. Tested against `tang_rr_*` (control over test).
    """
    z = critical_value(confidence)
    if cells.usable == 0:
        return None, None
    low = _tang_lower(cells.both, cells.only_test, cells.only_control, z)
    inverse_high = _tang_lower(cells.both, cells.only_control, cells.only_test, z)
    return low, (None if inverse_high == 0.0 else 1.0 / inverse_high)


def conditional_odds_ratio(cells: Cells, confidence: float = 0.95) -> Limits:
    """Exact interval of the odds ratio b/c, given the number of discordant tests.

    The Clopper-Pearson limits p of b out of b + c, as odds p / (1 - p). Zero
    c: no upper limit; zero b: the lower limit is 0; no discordant tests: no interval.
    Tested against `mcnemar_exact_*`.
    """
    critical_value(confidence)
    b, c, tail = cells.only_control, cells.only_test, (1.0 - confidence) / 2.0
    if b + c == 0:
        return None, None
    low = 0.0 if b == 0 else _odds_of_beta(b, c + 1, tail)
    high = None if c == 0 else 1.0 / _odds_of_beta(c, b + 1, tail)
    return low, high


def _odds_of_beta(first: int, second: int, tail: float) -> float:
    """Odds of the lower `tail` quantile of Beta(first, second), precise near 0 and 1."""
    below = float(betaincinv(first, second, tail))
    above = float(betaincinv(second, first, 1.0 - tail))
    return below / above


def _log_error(positive: int, n: int) -> float:
    """Adjusted standard error of the log of one response rate."""
    return sqrt((1.0 - (positive + 1.0) / (n + 2.0)) / (positive + 1.0))


def _tang_lower(both: int, only_first: int, only_second: int, z: float) -> float:
    """Lower limit of the ratio first / second of two response rates."""
    first, second = both + only_first, both + only_second
    if first == 0:
        return 0.0
    if only_first + only_second == 0:
        # The general equation has a second, meaningless root at the estimate itself.
        return both / (both + z * z)

    def excess(log_ratio: float) -> float:
        ratio = exp(log_ratio)
        deviation = _tang_deviation(ratio, both, only_first, only_second)
        return first - ratio * second - z * deviation

    high = log(first / second) if second else log(first / (z * z)) + 1.0
    step = 1.0
    while excess(high - step) <= 0.0:
        step *= 2.0
    return exp(float(brentq(excess, high - step, high, xtol=1e-14, rtol=1e-14, maxiter=500)))


def _tang_deviation(ratio: float, both: int, only_first: int, only_second: int) -> float:
    """Standard deviation of (first - ratio * second) under the null of that ratio."""
    if ratio < 1.0:
        # The mirrored problem adds positive terms where this one would cancel.
        return ratio * _tang_deviation(1.0 / ratio, both, only_second, only_first)
    positive = both + only_first + only_second
    first, second = both + only_first, both + only_second
    # In counts: n times the share of (only second) that is most likely under the null.
    quadratic = 1.0 + ratio
    linear = second * ratio * ratio - first - 2.0 * only_second
    constant = only_second * (ratio - 1.0) * positive
    root = sqrt(linear * linear + 4.0 * quadratic * constant)
    if linear > 0.0:
        share = 2.0 * constant / (linear + root)
    else:
        share = (root - linear) / (2.0 * quadratic)
    return sqrt((1.0 + ratio) * share + positive * (ratio - 1.0))
