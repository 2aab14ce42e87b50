"""A randomisation test that keeps how often the control wrote first to every target.

A plan that balances the order of sending within targets does not deal the roles of every test
by a coin of its own. Here the places in the order are dealt again among the tests of one target,
so that the control writes first as often as it did. The null is the sharp one: in every test
whoever wrote first would have got the reply that the first one got. An effect of the order that
is the same for all tests of a target cancels. Tested by enumeration.
"""

from collections import Counter
from dataclasses import dataclass
from math import comb, erfc, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MOST_EXACT = 4000
"""Tests with different replies up to which the distribution is worked out exactly."""

TIES = 1e-9


@dataclass(frozen=True, slots=True)
class OrderStrata:
    """The test, two-sided.

    Attributes:
        p: chance of a sum at least as far from its mean as the one observed; 1 where the order
            within targets leaves nothing to deal.
        total: tests that favoured the control less those that favoured the test applicant.
        expected: mean of that under the null: what the order of sending alone gives.
        method: "exact", or "normal" with the exact mean and variance.
        strata: targets with something to deal.
    """

    p: float
    total: int
    expected: float
    method: Literal["exact", "normal"]
    strata: int


def order_strata_test(gap: ArrayLike, control_first: ArrayLike, stratum: ArrayLike) -> OrderStrata:
    """Deal the places in the order again among the tests of every stratum.

    Args:
        gap: control's reply less the test applicant's: 1, 0 or -1; shape (tests,).
        control_first: whether the control wrote first; shape (tests,).
        stratum: number of the stratum of each test, from 0 up; shape (tests,).

    Raises:
        ValueError: lengths differ, or a gap is another number.
    """
    differences = np.asarray(gap, dtype=np.int64)
    first, label = np.asarray(control_first, dtype=bool), np.asarray(stratum, dtype=np.int64)
    if not differences.shape == first.shape == label.shape:
        raise ValueError("Gaps, order and strata must have one length.")
    if (np.abs(differences) > 1).any():
        raise ValueError("The gap of a test is 1, 0 or -1.")
    by_place = np.where(first, differences, -differences)
    size = int(label.max(initial=-1)) + 1
    counts = np.stack(
        [
            np.bincount(label[which], minlength=size)
            for which in (by_place == 1, by_place == -1, by_place == 0, first)
        ],
        axis=1,
    )
    n, k = counts[:, :3].sum(axis=1), counts[:, 3]
    mixed = counts[:, (0, 1)].sum(axis=1) > 0
    mixed &= (k > 0) & (k < n) & (counts[:, :3].max(axis=1) < n)
    total = int(differences.sum())
    # The rest of the tests can only come out as they did.
    fixed = int(np.where(mixed[label], 0, differences).sum()) if size else 0
    dealt = counts[mixed]
    mean, variance = _moments(dealt)
    centre = fixed + mean
    if not len(dealt):
        return OrderStrata(1.0, total, float(centre), "exact", 0)
    if int(dealt[:, :2].sum()) > MOST_EXACT:
        p = erfc(abs(total - centre) / sqrt(2.0 * variance))
        return OrderStrata(p, total, float(centre), "normal", len(dealt))
    p = _exact(dealt, total - fixed, mean)
    return OrderStrata(p, total, float(centre), "exact", len(dealt))


def _moments(counts: IntArray) -> tuple[float, float]:
    """Mean and variance of the sum, strata added up: sampling without replacement."""
    plus, minus, zero, k = counts.T.astype(np.float64)
    n = plus + minus + zero
    net, squares = plus - minus, plus + minus
    sign_sum = 2.0 * k - n
    mean = net * sign_sum / n
    variance = (squares - net**2 / n) * (n - sign_sum**2 / n) / (n - 1.0)
    return float(mean.sum()), float(variance.sum())


def _exact(counts: IntArray, observed: int, mean: float) -> float:
    """Chance of a sum at least as far from the mean, over all ways of dealing."""
    kinds = Counter(map(tuple, counts.tolist()))
    distribution, reach = np.ones(1), 0
    for (plus, minus, zero, k), times in sorted(kinds.items()):
        one = _of_stratum(plus, minus, zero, k)
        for _ in range(times):
            distribution = np.convolve(distribution, one)
        reach += (plus + minus) * times
    values = np.arange(-reach, reach + 1)
    far = np.abs(values - mean) >= abs(observed - mean) - TIES
    return min(float(distribution[far].sum()), 1.0)


def _of_stratum(plus: int, minus: int, zero: int, k: int) -> FloatArray:
    """Chances of every sum of one stratum, from -(plus + minus) up."""
    reach = plus + minus
    ways = np.zeros(2 * reach + 1)
    whole = comb(plus + minus + zero, k)
    for x in range(plus + 1):
        for y in range(minus + 1):
            rest = k - x - y
            if 0 <= rest <= zero:
                value = (2 * x - plus) - (2 * y - minus)
                ways[reach + value] += comb(plus, x) * comb(minus, y) * comb(zero, rest) / whole
    return ways
