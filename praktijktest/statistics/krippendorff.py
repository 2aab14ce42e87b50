"""Krippendorff's alpha: agreement of any number of coders, with units left uncoded.

Krippendorff (2011, Computing Krippendorff's Alpha-Reliability; 2019, Content Analysis,
4th ed., ch. 12). The interval resamples units.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics.agreement import MISSING, Agreement, FloatArray

Level = Literal["nominal", "ordinal"]

REPLICATES_AT_ONCE = 4_000_000
"""How many numbers one block of bootstrap samples may hold."""


def krippendorff_alpha(
    codes: ArrayLike,
    categories: int,
    *,
    level: Level = "nominal",
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> Agreement:
    """Krippendorff's alpha with a percentile bootstrap interval over units.

    Units with fewer than two codes cannot be compared and are left out. A bootstrap sample
    in which one category alone occurs has no alpha and is left out. The interval is the same
    for the same seed.

    Tested against the worked examples of Krippendorff (2011).

    Args:
        codes: index of the category, `MISSING` where not coded; shape (coders, units).
        categories: how many categories there are; their order counts at ordinal level.
        level: whether the categories have an order.
        confidence: confidence level of the interval.
        replicates: bootstrap samples.
        seed: seed of the bootstrap.
    """
    patterns, frequency = _patterns(np.asarray(codes, dtype=np.int64), categories)
    name = f"krippendorff_alpha_{level}"
    n = int(frequency.sum())
    if n == 0:
        return Agreement(name, None, None, None, confidence, 0, "bootstrap")
    coincidences = _coincidences(patterns)
    observed = (frequency.astype(float) @ coincidences)[None, :]
    value = float(_alpha(observed, categories, level)[0])
    if np.isnan(value):
        return Agreement(name, None, None, None, confidence, n, "bootstrap")
    if value == 1.0:
        return Agreement(name, value, None, None, confidence, n, "bootstrap")
    samples = _resampled(frequency, coincidences, categories, level, replicates, seed)
    tail = 50.0 * (1.0 - confidence)
    low, high = np.percentile(samples[~np.isnan(samples)], [tail, 100.0 - tail])
    return Agreement(name, value, float(low), float(high), confidence, n, "bootstrap")


def _patterns(codes: NDArray[np.int64], categories: int) -> tuple[FloatArray, NDArray[np.int64]]:
    """How often each category was given to a unit, once per distinct way, and how many units."""
    coders, units = codes.shape
    coded = codes != MISSING
    place = np.broadcast_to(np.arange(units), (coders, units))
    flat = place[coded] * categories + codes[coded]
    counts = np.bincount(flat, minlength=units * categories).reshape(units, categories)
    counts = counts[counts.sum(axis=1) >= 2]
    distinct, frequency = np.unique(counts, axis=0, return_counts=True)
    return distinct.astype(float), frequency


def _coincidences(patterns: FloatArray) -> FloatArray:
    """What one unit of each pattern adds to the coincidence matrix; shape (patterns, k * k)."""
    count, categories = patterns.shape
    pairs = patterns[:, :, None] * patterns[:, None, :]
    diagonal = np.arange(categories)
    pairs[:, diagonal, diagonal] -= patterns
    weighted: FloatArray = pairs / (patterns.sum(axis=1) - 1.0)[:, None, None]
    return weighted.reshape(count, categories * categories)


def _alpha(coincidences: FloatArray, categories: int, level: Level) -> FloatArray:
    """Alpha of every coincidence matrix, NaN where only one category occurs.

    Args:
        coincidences: shape (samples, k * k).
        categories: k.
        level: which distance between categories.
    """
    matrices = coincidences.reshape(-1, categories, categories)
    given = matrices.sum(axis=2)
    total = given.sum(axis=1)
    distance = _distance(given, level)
    observed = (matrices * distance).sum(axis=(1, 2))
    expected = (given[:, :, None] * given[:, None, :] * distance).sum(axis=(1, 2))
    ratio = np.full(len(total), np.nan)
    np.divide((total - 1.0) * observed, expected, out=ratio, where=expected > 0.0)
    return 1.0 - ratio


def _distance(given: FloatArray, level: Level) -> FloatArray:
    """Squared distance of every two categories; shape (samples, k, k)."""
    samples, categories = given.shape
    if level == "nominal":
        unlike = 1.0 - np.eye(categories)
        return np.broadcast_to(unlike, (samples, categories, categories))
    middle = np.cumsum(given, axis=1) - given / 2.0
    return (middle[:, :, None] - middle[:, None, :]) ** 2


def _resampled(
    frequency: NDArray[np.int64],
    coincidences: FloatArray,
    categories: int,
    level: Level,
    replicates: int,
    seed: int,
) -> FloatArray:
    """Alpha of samples of as many units, drawn with replacement."""
    generator = np.random.default_rng(seed)
    units = int(frequency.sum())
    widest = max(len(frequency), categories * categories)
    block = max(REPLICATES_AT_ONCE // widest, 1)
    found = []
    for start in range(0, replicates, block):
        size = min(block, replicates - start)
        drawn = generator.multinomial(units, frequency / units, size=size)
        found.append(_alpha(drawn @ coincidences, categories, level))
    return np.concatenate(found)
