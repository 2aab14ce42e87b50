"""Two groups compared within strata: one common odds ratio, nobody compared across strata.

Cochran (1954), Mantel & Haenszel (1959), with the variance of Robins, Breslow & Greenland
(1986, Biometrics 42:311-323). Tested against `cmh_pairs` (R's `mantelhaen.test`).
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from praktijktest.statistics.mcnemar import chi2_p
from praktijktest.statistics.proportions import critical_value


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """A comparison of two groups within strata.

    Attributes:
        statistic: chi-square with one degree of freedom; None where no stratum tells.
        p: its p-value; 1 where no stratum tells.
        statistic_cc, p_cc: with continuity correction.
        odds_ratio: common odds ratio; None where it does not exist.
        low, high: its limits.
        strata: strata that tell something: with both groups and both replies.
    """

    statistic: float | None
    p: float
    statistic_cc: float | None
    p_cc: float
    odds_ratio: float | None
    low: float | None
    high: float | None
    strata: int


def mantel_haenszel(tables: ArrayLike, confidence: float = 0.95) -> MantelHaenszel:
    """Compare two groups within strata.

    Args:
        tables: positive and not positive of the first group, then of the second, per stratum;
            shape (strata, 4). The odds ratio is that of the first group against the second.
        confidence: of the limits.

    Raises:
        ValueError: the shape is wrong, a count is negative, or the level impossible.
    """
    z = critical_value(confidence)
    counts = np.asarray(tables, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[1] != 4 or not (counts >= 0).all():
        raise ValueError(f"Strata need four counts each from 0 up, not shape {counts.shape}.")
    a, b, c, d = counts.T
    tells = ((a + b) * (c + d) * (a + c) * (b + d)) > 0
    a, b, c, d = counts[tells].T
    n = a + b + c + d
    if not len(n):
        return MantelHaenszel(None, 1.0, None, 1.0, None, None, None, 0)
    gap = float((a - (a + b) * (a + c) / n).sum())
    variance = float(((a + b) * (c + d) * (a + c) * (b + d) / (n**2 * (n - 1.0))).sum())
    plain, corrected = gap**2 / variance, max(abs(gap) - 0.5, 0.0) ** 2 / variance
    r, s = a * d / n, b * c / n
    over, under = float(r.sum()), float(s.sum())
    value = over / under if under else None
    low = high = None
    if over and under:
        p, q = (a + d) / n, (b + c) / n
        spread = float((p * r).sum()) / (2 * over**2)
        spread += float((p * s + q * r).sum()) / (2 * over * under)
        spread += float((q * s).sum()) / (2 * under**2)
        centre, half = log(over / under), z * sqrt(spread)
        low, high = exp(centre - half), exp(centre + half)
    return MantelHaenszel(
        plain, chi2_p(plain), corrected, chi2_p(corrected), value, low, high, len(n)
    )
