"""False discovery rate for sign tests, using which p-values each test can reach.

A sign test with few discordant tests has few possible p-values. Taking every null
distribution as it is, instead of as uniform, gives back the power that this loses
(Döhler, Durand & Roquain 2018, Electronic Journal of Statistics 12:1867-1900). Both
procedures control the false discovery rate for independent targets. Tested against
`discreteBH` (R package DiscreteFDR).
"""

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Final, Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics.mcnemar import (
    mcnemar_exact,
    sign_exact,
    sign_midp,
)
from praktijktest.statistics.multiplicity import ranks_before

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Direction = Literal["control-favoured", "either"]

DECIMALS: Final = 12
"""Equal p-values from different tests differ in the last bits until they are rounded."""

SMALLEST_EXPONENT: Final = -300.0
"""Below it numbers lose digits, and there is nothing left to round."""

FEWEST_WINS: Final = 4.0
MOST_WINS: Final = 19.0
"""How far a support reaches from d/2, in units of sqrt(d): fewer wins give a p that
rounds to 1, more wins give one too small for a number."""

CERTAIN: Final = 1e15
"""Odds of a null p-value that is certain: finite, so that sums can be taken apart again."""


@dataclass(frozen=True, slots=True)
class SignFamily:
    """Sign tests of many targets that are judged together.

    Attributes:
        wins: per target, tests that favoured the control applicant only.
        losses: per target, tests that favoured the test applicant only.
        direction: "control-favoured" (one-sided) or "either" (two-sided).
        p: per target, the exact p-value; 1 without discordant tests.
        p_midp: per target, the one-sided mid-p whatever the direction.
        discordant: the different numbers of discordant tests, ascending.
        targets: how many targets have each of them.
    """

    wins: IntArray
    losses: IntArray
    direction: Direction
    p: FloatArray
    p_midp: FloatArray
    discordant: IntArray
    targets: IntArray


def sign_test_family(
    wins: ArrayLike, losses: ArrayLike, direction: str = "control-favoured"
) -> SignFamily:
    """The sign tests of all targets; equal counts are computed once.

    Args:
        wins: tests that favoured the control applicant only, shape (targets,).
        losses: tests that favoured the test applicant only, shape (targets,).
        direction: "control-favoured" or "either".

    Raises:
        ValueError: counts are negative or not whole, shapes differ, or the direction
            is unknown.
    """
    b, c = _counts("wins", wins), _counts("losses", losses)
    if b.shape != c.shape:
        raise ValueError(f"Wins {b.shape} and losses {c.shape} must have the same length.")
    known = checked_direction(direction)
    _, first, inverse = np.unique(
        b * (c.max(initial=0) + 1) + c, return_index=True, return_inverse=True
    )
    discordant, targets = np.unique(b + c, return_counts=True)
    return SignFamily(
        wins=b,
        losses=c,
        direction=known,
        p=exact_p(b[first], c[first], known)[inverse],
        p_midp=sign_midp(b[first], c[first])[inverse],
        discordant=discordant,
        targets=targets.astype(np.int64),
    )


def discrete_fdr_stepdown(family: SignFamily) -> FloatArray:
    """Adjusted p-values of the step-down procedure HSD, one per target.

    Reject where the adjusted value is at most alpha. It may lie below the raw p, as
    targets that cannot reach so small a p-value do not count against the others;
    targets without discordant tests change nothing at all.
    """
    points, inverse, counts = np.unique(rounded(family.p), return_inverse=True, return_counts=True)
    total = total_odds(points, family.discordant, family.targets, family.direction)
    return step_down(total, counts.astype(np.int64))[inverse.ravel()]


def discrete_fdr_stepup(family: SignFamily, alpha: float) -> NDArray[np.bool_]:
    """Decisions of the step-up procedure HSU at level alpha, one per target.

    Its rejections need not be nested in alpha, so there is no adjusted value.

    Raises:
        ValueError: alpha is not inside (0, 1).
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"The level alpha must lie between 0 and 1, not {alpha!r}.")
    if not len(family.p):
        return np.zeros(0, dtype=np.bool_)
    reachable = all_supports(family.discordant, family.direction)
    odds = total_odds(reachable, family.discordant, family.targets, family.direction)
    largest = step_up_limit(reachable, odds, len(family.p), alpha)
    weights = family.targets / (1.0 - null_at(largest, family.discordant, family.direction))
    raw = rounded(family.p)
    points, inverse, counts = np.unique(raw, return_inverse=True, return_counts=True)
    total = np.zeros(len(points))
    for d, weight in zip(family.discordant.tolist(), weights.tolist(), strict=True):
        total += weight * null_cdf(points, d, family.direction)
    rejected = step_up(points, total, counts.astype(np.int64), largest, alpha)
    return rejected[inverse.ravel()]


def step_down(total: FloatArray, counts: IntArray) -> FloatArray:
    """Adjusted values of ascending p-values from their summed null odds.

    Args:
        total: per different p-value, the sum of null odds over all targets.
        counts: how many targets have that p-value.
    """
    # Of tied p-values the first rank counts: it has the largest of the maxima.
    return np.minimum(1.0, np.maximum.accumulate(total / (ranks_before(counts) + 1)))


def step_up(
    points: FloatArray, total: FloatArray, counts: IntArray, largest: float, alpha: float
) -> NDArray[np.bool_]:
    """Which of ascending p-values the step-up procedure rejects.

    Args:
        points: the different p-values, ascending.
        total: the sum over all targets of F(p) / (1 - F(largest)).
        counts: how many targets have that p-value.
        largest: the largest critical value.
        alpha: the level.
    """
    met = (points <= largest) & (total <= alpha * np.cumsum(counts)) & (counts > 0)
    last = int(np.flatnonzero(met)[-1]) if met.any() else -1
    return np.arange(len(points)) <= last


def step_up_limit(points: FloatArray, total: FloatArray, targets: int, alpha: float) -> float:
    """Largest critical value: the last point where the null odds sum to alpha * targets at most.

    Args:
        points: all p-values that any of the tests can reach, ascending.
        total: per point, the sum of null odds over all targets.
        targets: how many targets there are.
        alpha: the level.
    """
    met = np.flatnonzero(total <= alpha * targets)
    return float(points[met[-1]]) if len(met) else 0.0


def total_odds(
    points: FloatArray, discordant: IntArray, targets: IntArray, direction: Direction
) -> FloatArray:
    """Sum of null odds over all targets, at each point."""
    total = np.zeros(len(points))
    for d, number in zip(discordant.tolist(), targets.tolist(), strict=True):
        total += number * null_odds(points, d, direction)
    return total


def all_supports(discordant: IntArray, direction: Direction) -> FloatArray:
    """Ascending p-values that a test with any of these numbers of discordant tests can reach."""
    return np.unique(np.concatenate([support(d, direction) for d in discordant.tolist()]))


@lru_cache(maxsize=8192)
def support(d: int, direction: Direction) -> FloatArray:
    """Ascending p-values that a sign test with d discordant tests can reach, rounded."""
    fewest = max(0, int(d / 2 - FEWEST_WINS * sqrt(d)))
    most = min(d, int(d / 2 + MOST_WINS * sqrt(d)) + 1)
    wins = np.arange(fewest, most + 1)
    reachable = np.unique(rounded(exact_p(wins, d - wins, direction)))
    reachable.setflags(write=False)  # one array for every caller
    return reachable


def null_cdf(points: FloatArray, d: int, direction: Direction) -> FloatArray:
    """P(p <= point) under the null for d discordant tests.

    The p-value is exact, so this is the largest reachable p-value up to the point.
    """
    reachable = np.concatenate([[0.0], support(d, direction)])
    cdf: FloatArray = reachable[np.searchsorted(reachable, points, side="right") - 1]
    return cdf


def null_odds(points: FloatArray, d: int, direction: Direction) -> FloatArray:
    """F / (1 - F) of the null distribution at each point; `CERTAIN` where F is 1."""
    cdf = null_cdf(points, d, direction)
    odds = np.full(len(cdf), CERTAIN)
    np.divide(cdf, 1.0 - cdf, out=odds, where=cdf < 1.0)
    return odds


def null_at(point: float, discordant: IntArray, direction: Direction) -> FloatArray:
    """P(p <= point) under the null for each number of discordant tests."""
    at = np.array([point])
    return np.array([null_cdf(at, d, direction)[0] for d in discordant.tolist()])


def exact_p(wins: ArrayLike, losses: ArrayLike, direction: Direction) -> FloatArray:
    """One-sided or two-sided exact sign test p, elementwise."""
    if direction == "either":
        return mcnemar_exact(wins, losses)
    return sign_exact(wins, losses)


def rounded(p: FloatArray) -> FloatArray:
    """P-values to 12 decimals, so that equal ones are equal; tiny ones to 12 digits.

    A p-value of 1e-15 rounded to decimals alone would become a certainty of 0.
    """
    coarse = np.round(p, DECIMALS)
    tiny = (coarse == 0.0) & (p > 0.0)
    if tiny.any():
        scale = 10.0 ** np.maximum(np.floor(np.log10(p[tiny])), SMALLEST_EXPONENT)
        coarse[tiny] = np.round(p[tiny] / scale, DECIMALS) * scale
    return coarse


def checked_direction(direction: str) -> Direction:
    """The direction, if it is one.

    Raises:
        ValueError: it is not.
    """
    for known in get_args(Direction):
        if direction == known:
            return cast("Direction", known)
    raise ValueError(f"The direction must be 'control-favoured' or 'either', not {direction!r}.")


def _counts(name: str, values: ArrayLike) -> IntArray:
    array = np.asarray(values)
    whole = array.astype(np.int64) if array.size else np.zeros(array.shape, dtype=np.int64)
    if array.ndim != 1 or (whole != array).any() or (whole < 0).any():
        raise ValueError(f"The {name} must be one row of whole numbers from 0 up.")
    return whole
