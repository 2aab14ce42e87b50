"""Randomisation tests: what chance alone gives when the roles within a test are dealt again.

The null is the sharp one: in every test each applicant would have got the same reply in the
other role. It speaks of the tests that were sent and of no wider market; it needs no model
and no independence between tests beyond the dealing itself. With one applicant per group and
yes or no it is the exact sign test; this module holds it for graded outcomes and for several
applicants. Tested against `perm_withinpair` (R package coin) and by enumeration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LONGEST = 2_000_000
"""Longest distribution that is worked out exactly, in steps of its lattice."""

FINEST = 5040
"""Differences that are whole multiples of 1/n for some n up to here lie on a lattice."""

DIRECT = 400_000_000
"""Products up to which distributions are convolved term by term, exact in the far tails too."""

TIES = 1e-9

Spread = tuple[Mapping[float, int], int]
"""Differences a test can give with the number of dealings for each, and how many such tests."""


@dataclass(frozen=True, slots=True)
class Randomisation:
    """A two-sided randomisation test of the sum of differences.

    Attributes:
        p: share of dealings at least as far from zero as the one observed.
        total: observed sum over tests of the control's mean minus the test group's mean.
        method: "exact", or "drawn" from a number of dealings.
        draws: how many were drawn; 0 where exact.
    """

    p: float
    total: float
    method: Literal["exact", "drawn"]
    draws: int


def swap_test(differences: FloatArray, *, draws: int = 100_000, seed: int = 0) -> Randomisation:
    """Both applicants of every pair swap roles or not, each with chance one half.

    Args:
        differences: control minus test outcome of every pair, of any scale.
        draws: dealings drawn where the exact distribution is too long.
        seed: of the draws.
    """
    sizes, counts = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    spreads: list[Spread] = [
        ({-size: 1, size: 1}, int(count))
        for size, count in zip(sizes.tolist(), counts.tolist(), strict=True)
    ]
    return _tested(spreads, float(differences.sum()), draws, seed)


def deal_test(counts: NDArray[np.int64], *, draws: int = 100_000, seed: int = 0) -> Randomisation:
    """Roles are dealt again among all applicants of every test, every way equally likely.

    The difference of a test is the share of positive replies among its control applicants
    minus that among its test applicants.

    Args:
        counts: shape (tests, 4): control applicants, those with a positive reply, applicants of
            the test group, those with a positive reply.
        draws: dealings drawn where the exact distribution is too long.
        seed: of the draws.

    Raises:
        ValueError: a test has no applicant of a group, or more positive replies than applicants.
    """
    control, control_positive, test, test_positive = counts.T
    if (counts < 0).any() or (control_positive > control).any() or (test_positive > test).any():
        raise ValueError("A group cannot have more positive replies than applicants.")
    if (control < 1).any() or (test < 1).any():
        raise ValueError("Every test needs an applicant of either group.")
    kinds, number = np.unique(
        np.column_stack([control, test, control_positive + test_positive]),
        axis=0,
        return_counts=True,
    )
    spreads: list[Spread] = [
        (_ways(*kind), int(count)) for kind, count in zip(kinds.tolist(), number, strict=True)
    ]
    total = float((control_positive / control - test_positive / test).sum())
    return _tested(spreads, total, draws, seed)


def _ways(control: int, test: int, positive: int) -> dict[float, int]:
    """Differences of one test with the number of dealings that give each."""
    found: dict[float, int] = {}
    for own in range(max(0, positive - control), min(test, positive) + 1):
        difference = round((positive - own) / control - own / test, 12)
        found[difference] = comb(positive, own) * comb(control + test - positive, test - own)
    return found


def _tested(spreads: list[Spread], total: float, draws: int, seed: int) -> Randomisation:
    spreads = [(ways, count) for ways, count in spreads if len(ways) > 1]
    if not spreads:
        return Randomisation(1.0, total, "exact", 0)
    step = _lattice(spreads)
    if step is not None:
        return Randomisation(_exact(spreads, total, step), total, "exact", 0)
    generator = np.random.default_rng(seed)
    sums = np.zeros(draws)
    for ways, count in spreads:
        values = np.array(list(ways))
        chances = np.array(list(ways.values()), dtype=np.float64)
        dealt = generator.multinomial(count, chances / chances.sum(), size=draws)
        sums += dealt @ values
    reached = TIES * max(abs(total), 1.0)
    hits = int((np.abs(sums) >= abs(total) - reached).sum())
    return Randomisation((hits + 1) / (draws + 1), total, "drawn", draws)


def _lattice(spreads: list[Spread]) -> float | None:
    """A step that every difference is a whole multiple of; None where that is too fine."""
    values = np.array(sorted({abs(value) for ways, _ in spreads for value in ways}))
    smallest = values[values > 0].min()
    for parts in (1, 2, 3, 4, 5, 6, 10, 12, 20, 30, 60, 100, 420, 2520, FINEST):
        for unit in (smallest / parts, 1.0 / parts):
            multiples = values / unit
            if np.abs(multiples - np.round(multiples)).max() < TIES * max(multiples.max(), 1.0):
                reach = sum(max(map(abs, ways)) * count for ways, count in spreads) / unit
                if reach <= LONGEST / 2:
                    return float(unit)
    return None


def _exact(spreads: list[Spread], total: float, step: float) -> float:
    distribution = np.ones(1)
    for ways, count in spreads:
        reach = round(max(map(abs, ways)) / step)
        one = np.zeros(2 * reach + 1)
        for value, number in ways.items():
            one[reach + round(value / step)] += number
        distribution = _convolved(distribution, _sum_of(one / one.sum(), count))
    places = np.abs(np.arange(len(distribution)) - len(distribution) // 2)
    return min(float(distribution[places >= round(abs(total) / step)].sum()), 1.0)


def _sum_of(one: FloatArray, count: int) -> FloatArray:
    """Distribution of the sum of a number of independent terms, by repeated doubling."""
    result = np.ones(1)
    while count:
        if count % 2:
            result = _convolved(result, one)
        count //= 2
        if count:
            one = _convolved(one, one)
    return result


def _convolved(first: FloatArray, second: FloatArray) -> FloatArray:
    if len(first) * len(second) <= DIRECT:
        return np.convolve(first, second)
    from scipy.signal import fftconvolve

    return np.maximum(fftconvolve(first, second), 0.0)
