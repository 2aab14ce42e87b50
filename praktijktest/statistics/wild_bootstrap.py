"""The wild cluster bootstrap for one coefficient of a linear fit.

The null is imposed and residuals are flipped as whole clusters (Rademacher weights), which
keeps its size with few clusters where a normal approximation does not (Cameron, Gelbach &
Miller 2008, Review of Economics and Statistics 90: 414-427). With up to `ENUMERATED`
clusters every pattern of flips is gone through, so that no chance is left in the answer.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.statistics.sandwich import LeastSquares, least_squares

FloatArray = NDArray[np.floating[Any]]

ENUMERATED = 12
"""Up to this many clusters all 2^G patterns are used."""

BLOCK = 2_000_000
"""Signs that are kept at a time."""

TIES = 1e-9
"""Statistics closer than this are equal."""


def wild_cluster_p(
    fit: LeastSquares,
    y: FloatArray,
    coefficient: int,
    cluster: NDArray[np.int64],
    *,
    draws: int,
    seed: int,
) -> float:
    """Two-sided p-value of the null that a coefficient is zero.

    Args:
        fit: the unrestricted fit.
        y: its outcomes, shape (n,).
        coefficient: column of the coefficient.
        cluster: cluster number per observation, 0 … G-1; at least two clusters.
        draws: patterns drawn where there are too many to go through.
        seed: of the draws.

    Returns:
        The share of patterns whose t is at least as far from zero as the one observed; with
        drawn patterns (hits + 1) / (draws + 1).
    """
    others = np.delete(fit.x, coefficient, axis=1)
    under_null = least_squares(others, y).residuals if others.shape[1] else y
    clusters = int(cluster.max()) + 1
    influence = fit.x @ fit.bread[:, coefficient]
    own = np.bincount(cluster, weights=influence * under_null, minlength=clusters) * 1.0
    moments = _sums(fit.x * under_null[:, None], cluster, clusters)
    leverage = _sums(fit.x * influence[:, None], cluster, clusters)
    exact = clusters <= ENUMERATED
    observed = abs(_t_values(np.ones((1, clusters)), own, moments, leverage @ fit.bread)[0])
    hits = patterns = 0
    for flips in [_all_flips(clusters)] if exact else _drawn_flips(clusters, draws, seed):
        statistics = np.abs(_t_values(flips, own, moments, leverage @ fit.bread))
        hits += int((statistics >= observed * (1 - TIES) - TIES).sum())
        patterns += len(flips)
    return hits / patterns if exact else (hits + 1) / (patterns + 1)


def _t_values(
    flips: FloatArray, own: FloatArray, moments: FloatArray, leverage: FloatArray
) -> FloatArray:
    """The coefficient over its clustered standard error for every pattern of flips.

    The small-sample factor of the standard error is the same for every pattern and left out.
    """
    estimates = flips @ own
    scores = flips * own - (flips @ moments) @ leverage.T
    spread = np.sqrt((scores**2).sum(axis=1))
    known = spread > TIES * np.abs(own).sum()
    quotients = estimates / np.where(known, spread, 1.0)
    return np.where(known, quotients, np.where(np.abs(estimates) > 0, np.inf, 0.0))


def _sums(values: FloatArray, cluster: NDArray[np.int64], clusters: int) -> FloatArray:
    sums = np.zeros((clusters, values.shape[1]))
    np.add.at(sums, cluster, values)
    return sums


def _all_flips(clusters: int) -> FloatArray:
    patterns = np.arange(2**clusters)[:, None] >> np.arange(clusters)
    flips: FloatArray = 1.0 - 2.0 * (patterns & 1)
    return flips


def _drawn_flips(clusters: int, draws: int, seed: int) -> Iterator[FloatArray]:
    """Patterns in blocks, so that many clusters need no more memory than few."""
    generator = np.random.default_rng(seed)
    block = max(BLOCK // clusters, 1)
    for start in range(0, draws, block):
        size = (min(block, draws - start), clusters)
        yield 1.0 - 2.0 * generator.integers(0, 2, size=size)
