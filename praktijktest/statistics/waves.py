"""Net rates of several rounds: their differences, differences of differences and trends.

All are linear combinations of ratios of two sums. Clusters that recur, such as agents tested
in every round, may stand in several ratios at once: their covariance is counted, which is what
an analysis that takes rounds as independent forgets. Tested against `did_wave` (R package
sandwich) and by independent rounds.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Combination:
    """A linear combination of rates; limits are None where clusters are too few or too alike.

    Attributes:
        value: the combination; None where a rate it needs has no denominator.
        se: standard error, clustered.
        low, high: confidence limits, t on clusters minus one.
        p: two-sided p-value of zero.
        clusters: clusters with anything in one of the rates.
    """

    value: float | None
    se: float | None
    low: float | None
    high: float | None
    p: float | None
    clusters: int

    def to_dict(self) -> dict[str, Any]:
        """The combination as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


def combined_rates(
    sums: ArrayLike, sizes: ArrayLike, weights: ArrayLike, confidence: float = 0.95
) -> Combination:
    """A weighted sum of rates over the same clusters, by linearisation (Cochran 1977, 6.4).

    Args:
        sums: numerators by cluster and rate, shape (clusters, rates).
        sizes: denominators, same shape; 0 where a cluster has nothing in a rate.
        weights: one per rate.
        confidence: of the limits.
    """
    x, n = np.asarray(sums, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    w = np.asarray(weights, dtype=np.float64)
    present = (n > 0).any(axis=1)
    x, n = x[present], n[present]
    clusters, totals = len(x), n.sum(axis=0)
    if clusters == 0 or (totals <= 0)[w != 0].any():
        return Combination(None, None, None, None, None, clusters)
    safe = np.where(totals > 0, totals, 1.0)
    rates = x.sum(axis=0) / safe
    value = float(w @ rates)
    influence = ((x - rates * n) / safe) @ w
    spread = float((influence**2).sum())
    if clusters < 2 or spread < 1e-24:
        return Combination(value, None, None, None, None, clusters)
    error = sqrt(clusters / (clusters - 1) * spread)
    half = float(stdtrit(clusters - 1, 0.5 + confidence / 2)) * error
    p = float(2 * stdtr(clusters - 1, -abs(value) / error))
    return Combination(value, error, value - half, value + half, p, clusters)


def change_weights(rounds: int, first: int, second: int) -> FloatArray:
    """Weights of the second of two rates minus the first."""
    weights = np.zeros(rounds)
    weights[first], weights[second] = -1.0, 1.0
    return weights


def slope_weights(times: ArrayLike) -> FloatArray:
    """Weights of the least-squares slope of rates over times.

    Raises:
        ValueError: all times are equal.
    """
    moments = np.asarray(times, dtype=np.float64)
    centred = moments - moments.mean()
    total = float((centred**2).sum())
    if total <= 0:
        raise ValueError("A trend needs rounds at different times.")
    slope: FloatArray = centred / total
    return slope
