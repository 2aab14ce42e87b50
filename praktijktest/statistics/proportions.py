"""Confidence intervals for one proportion: x positive out of n.

Every function takes counts and a two-sided confidence level and returns
`(low, high)` as proportions. All raise `ValueError` for impossible counts
(x below 0 or above n, n = 0) or a confidence level that is not inside (0, 1).
Tested against the reference ids `propci_*` (R packages stats and binom).
"""

from math import sqrt

from scipy.special import betaincinv, ndtri


def critical_value(confidence: float) -> float:
    """Standard normal quantile z of a two-sided interval: 1.96 for 0.95.

    Raises:
        ValueError: the confidence level is not inside (0, 1).
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"The confidence level must lie between 0 and 1, not {confidence!r}.")
    return float(ndtri(0.5 + confidence / 2.0))


def wilson(x: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson score interval (Wilson 1927; Newcombe 1998, method 3)."""
    _check(x, n)
    return wilson_at(x, n, critical_value(confidence))


def wilson_at(x: float, n: float, z: float) -> tuple[float, float]:
    """Wilson score interval at a given normal quantile z instead of a confidence level."""
    centre = (x + z * z / 2.0) / (n + z * z)
    half = z * sqrt(x * (n - x) / n + z * z / 4.0) / (n + z * z)
    return (0.0 if x == 0 else centre - half), (1.0 if x == n else centre + half)


def wilson_cc(x: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson score interval with continuity correction (Newcombe 1998, method 4).

    The correction is always half a count. R's `prop.test` shrinks it to |x - n/2|
    within half a count of n/2, because it corrects the test of 1/2 as well.
    """
    _check(x, n)
    z = critical_value(confidence)
    low = 0.0 if x == 0 else wilson_at(max(x - 0.5, 0.0), n, z)[0]
    high = 1.0 if x == n else wilson_at(min(x + 0.5, n), n, z)[1]
    return low, high


def clopper_pearson(x: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact interval that covers at least as often as it says (Clopper & Pearson 1934)."""
    _check(x, n)
    tail = _tail(confidence)
    low = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, tail))
    high = 1.0 if x == n else float(betaincinv(x + 1, n - x, 1.0 - tail))
    return low, high


def jeffreys(x: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Jeffreys interval, Beta(1/2, 1/2) prior (Brown, Cai & DasGupta 2001).

    The lower limit is 0 at x = 0 and the upper limit is 1 at x = n: without that
    the interval would leave out the observed proportion.
    """
    _check(x, n)
    tail = _tail(confidence)
    low = 0.0 if x == 0 else float(betaincinv(x + 0.5, n - x + 0.5, tail))
    high = 1.0 if x == n else float(betaincinv(x + 0.5, n - x + 0.5, 1.0 - tail))
    return low, high


def agresti_coull(x: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wald interval after adding z²/2 to both outcomes (Agresti & Coull 1998).

    Not clipped, as in the paper and in R: a limit may lie below 0 or above 1.
    """
    _check(x, n)
    z = critical_value(confidence)
    trials = n + z * z
    centre = (x + z * z / 2.0) / trials
    half = z * sqrt(centre * (1.0 - centre) / trials)
    return centre - half, centre + half


def _check(x: int, n: int) -> None:
    if not 0 <= x <= n or n == 0:
        raise ValueError(f"Cannot make an interval for {x} out of {n}.")


def _tail(confidence: float) -> float:
    critical_value(confidence)
    return (1.0 - confidence) / 2.0
