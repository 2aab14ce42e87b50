"""Net rates of several rounds: their differences, differences of differences and trends.

All are linear combinations of ratios of two sums. Clusters that recur, such as agents tested
in every round, stand in several ratios at once: their covariance is counted, which is what
an analysis that takes rounds as independent forgets. Where no cluster recurs the variance is
the sum of those of the rounds, with the degrees of freedom of Welch and Satterthwaite; where
all recur it is the clustered variance (CR1) of a regression on round and group, with
clusters - 1 degrees of freedom. Tested against `did_wave` (R package sandwich), Welch's t and
the paired t.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from praktijktest.statistics.clustered import NO_SPREAD

FloatArray = NDArray[np.floating[Any]]

FEWEST_CLUSTERS = 2
"""Clusters that every rate of a combination needs before anything is said of its spread."""


@dataclass(frozen=True, slots=True)
class Combination:
    """A linear combination of rates; limits are None where clusters are too few or too alike.

    Attributes:
        value: the combination; None where a rate it needs has no denominator.
        se: standard error, clustered.
        low, high: confidence limits, Student's t.
        p: two-sided p-value of zero.
        df: degrees of freedom of t.
        clusters: clusters with a test in one of the rates.
    """

    value: float | None
    se: float | None
    low: float | None
    high: float | None
    p: float | None
    df: float | None
    clusters: int

    def to_dict(self) -> dict[str, Any]:
        """The combination as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


def combined_rates(
    sums: ArrayLike,
    sizes: ArrayLike,
    weights: ArrayLike,
    confidence: float = 0.95,
    *,
    tests: ArrayLike | None = None,
) -> Combination:
    """A weighted sum of rates over the same clusters, by linearisation (Cochran 1977, 6.4).

    Args:
        sums: numerators by cluster and rate, shape (clusters, rates).
        sizes: denominators, same shape; 0 where a cluster has nothing in a rate.
        weights: one per rate; a rate with weight 0 plays no part.
        confidence: of the limits.
        tests: tests by cluster and rate, where a cluster with tests that are in no
            denominator counts as a cluster too; default: `sizes`.

    Raises:
        ValueError: shapes differ, or a size is negative.
    """
    x, n, m, w = _used(sums, sizes, weights, tests)
    clusters, totals = len(x), n.sum(axis=0)
    if (totals <= 0).any():
        return Combination(None, None, None, None, None, None, clusters)
    rates = x.sum(axis=0) / totals
    value = float((w * rates).sum())
    present = m > 0
    counts = present.sum(axis=0)
    residuals = x - rates * n
    spread = np.sqrt(np.square(residuals).sum(axis=0))
    if (counts < FEWEST_CLUSTERS).any() or (spread <= NO_SPREAD * np.abs(x).sum(axis=0)).any():
        return Combination(value, None, None, None, None, None, clusters)
    # Each rate with the correction that its own clusters ask for: rounds that share no cluster
    # then have the variances they have alone.
    parts = residuals * (w / totals * np.sqrt(counts / (counts - 1)))
    influence = parts.sum(axis=1)
    error = sqrt(float(np.square(influence).sum()))
    if error <= NO_SPREAD * float(np.abs(parts).sum()):
        return Combination(value, None, None, None, None, None, clusters)
    df = _degrees(np.square(parts).sum(axis=0), present)
    half = float(stdtrit(df, 0.5 + confidence / 2)) * error
    p = float(2 * stdtr(df, -abs(value) / error))
    return Combination(value, error, value - half, value + half, p, df, clusters)


def _used(
    sums: ArrayLike, sizes: ArrayLike, weights: ArrayLike, tests: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Sums, sizes, tests and weights of the rates that count, of the clusters in them."""
    x, n = np.asarray(sums, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    m = n if tests is None else np.asarray(tests, dtype=np.float64)
    w = np.asarray(weights, dtype=np.float64)
    if x.ndim != 2 or x.shape != n.shape or x.shape != m.shape or w.shape != x.shape[1:]:
        raise ValueError(f"Sums {x.shape}, sizes {n.shape} and weights {w.shape} do not match.")
    if not (n >= 0).all() or not (m >= n).all():
        raise ValueError("Sizes cannot be negative, nor larger than the number of tests.")
    used = w != 0
    present = (m[:, used] > 0).any(axis=1)
    return x[present][:, used], n[present][:, used], m[present][:, used], w[used]


def _degrees(variances: FloatArray, present: NDArray[np.bool_]) -> float:
    """Degrees of freedom of a sum of means whose clusters may recur.

    Satterthwaite's: twice the squared mean of the variance estimator over its variance, were
    clusters normal with variances per rate as estimated. That gives Welch's number for means
    without a common cluster, and clusters - 1 where all are in every mean.
    """
    m = present.astype(np.float64)
    counts = m.sum(axis=0)
    scale = variances / (counts - 1)
    diagonal = (scale * m).sum(axis=1)
    overlap = m.T @ m
    share = scale / counts
    square = (
        np.square(diagonal).sum()
        - 2 * (share * (diagonal[:, None] * m).sum(axis=0)).sum()
        + (np.outer(share, share) * np.square(overlap)).sum()
    )
    # Rounded, for a whole number to be one whatever the order of the terms.
    return round(float(np.square(variances.sum()) / square), 9)


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
    total = float(np.square(centred).sum())
    if total <= 0:
        raise ValueError("A trend needs rounds at different times.")
    slope: FloatArray = centred / total
    return slope
