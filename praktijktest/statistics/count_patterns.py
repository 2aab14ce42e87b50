"""Counts per target as patterns: every different row once, with how many targets have it.

A round of 42,000 targets with twelve tests each has some hundreds of different rows of
counts. Whatever depends on the counts alone is computed once per pattern, so that cost
hardly grows with the number of targets, equal counts get equal answers to the last bit,
and the order of the targets does not matter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LARGEST = 10**12
"""Counts above this are refused: sums of them could leave the range of whole numbers."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """The different rows of a table of counts.

    Attributes:
        counts: the different rows, ascending, shape (patterns, columns).
        targets: how many targets have each, shape (patterns,).
        of_target: row of `counts` that each target has, shape (targets,).
    """

    counts: IntArray
    targets: IntArray
    of_target: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.counts)


def patterns_of(counts: ArrayLike, columns: int) -> Patterns:
    """Find the different rows of a table of counts.

    Args:
        counts: whole numbers from 0 up, shape (targets, columns); an empty list will do.
        columns: how many columns there must be.

    Raises:
        ValueError: the shape is wrong, or a count is negative, not whole or above 1e12.
    """
    table = _whole(counts, columns)
    order = np.lexsort(table.T[::-1])
    ascending = table[order]
    is_new = np.ones(len(table), dtype=np.bool_)
    is_new[1:] = (ascending[1:] != ascending[:-1]).any(axis=1)
    first = np.flatnonzero(is_new)
    of_target = np.empty(len(table), dtype=np.intp)
    of_target[order] = np.cumsum(is_new) - 1
    targets = np.diff(np.append(first, len(table)))
    return Patterns(ascending[first], targets, of_target)


def patterns_of_pairs(wins: ArrayLike, losses: ArrayLike) -> Patterns:
    """The different pairs (wins, losses); both of shape (targets,).

    Raises:
        ValueError: the lengths differ, or a count is negative, not whole or above 1e12.
    """
    b, c = np.asarray(wins), np.asarray(losses)
    if b.shape != c.shape or b.ndim != 1:
        raise ValueError(f"Wins {b.shape} and losses {c.shape} must be two equal rows.")
    return patterns_of(np.stack([b, c], axis=1), 2)


def thinned(patterns: Patterns, limit: int) -> tuple[IntArray, FloatArray]:
    """At most `limit` patterns that stand for all targets: every so-manieth of them.

    The targets are taken in the order of their counts and every (targets / limit)-th
    stands for its neighbours. It says the same for the same counts in any order.

    Returns:
        The counts of the patterns kept, and how many targets each stands for.
    """
    if len(patterns) <= limit:
        return patterns.counts, patterns.targets.astype(np.float64)
    total = int(patterns.targets.sum())
    places = (np.arange(limit) + 0.5) * (total / limit)
    chosen = np.searchsorted(np.cumsum(patterns.targets), places, side="right")
    kept, number = np.unique(chosen, return_counts=True)
    return patterns.counts[kept], number.astype(np.float64) * (total / limit)


def _whole(counts: ArrayLike, columns: int) -> IntArray:
    given = np.asarray(counts)
    if given.size == 0:
        return np.zeros((0, columns), dtype=np.int64)
    if given.ndim != 2 or given.shape[1] != columns:
        raise ValueError(f"Counts per target need {columns} columns, not shape {given.shape}.")
    if given.dtype == np.bool_ or not np.issubdtype(given.dtype, np.number):
        raise ValueError("Counts per target must be whole numbers.")
    if not ((given >= 0) & (given <= LARGEST)).all():
        raise ValueError("Counts per target must be from 0 to 1e12, and none missing.")
    whole = given.astype(np.int64)
    if (whole != given).any():
        raise ValueError("Counts per target must be whole numbers.")
    return whole
