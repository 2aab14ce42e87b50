"""Which outcomes a sign test tells apart, for targets with equally many discordant tests.

Given its number d of discordant tests, an innocent target has X ~ Binomial(d, 1/2)
tests that favoured the control applicant, whatever its adverts are like. Everything
here therefore conditions on d. Within a stratum every outcome falls in one class:

* far side: so many reversed tests that it looks like discrimination the other way;
* ordinary: what an innocent target usually shows, the middle of the far side up to d/2;
* one class per larger number of wins, with its tail probability under innocence.

With direction "either" an outcome is the larger of wins and losses, the tails have two
sides, and there is no far side.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from praktijktest.statistics.discrete_fdr import Direction, exact_p, rounded

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

WIN_SHARES: Final = ((0.97,), (0.90,), (0.82,), (0.74,), (0.65,), tuple(np.arange(21, 40) / 40))
"""Shares of discordant tests won by the control applicant at discriminating targets: one
share each, and last all shares between a half and one."""

FAR_SIDE: Final = 0.2
"""Chance under innocence that the far side may have at most."""

WEAKEST: Final = 0.25
"""Outcomes with a larger tail under innocence are never flagged."""

EXACT_UP_TO: Final = 60
"""Above this d, outcomes are classed by p-value and neighbouring d share a stratum."""

BAND: Final = 1.25
"""Ratio of the ends of a band of d above `EXACT_UP_TO`."""

LEVELS: Final = np.round(WEAKEST * 10.0 ** (-np.arange(46) / 5.0), 15)
"""P-values that part the classes above `EXACT_UP_TO`, down to 2.5e-10."""

STEPS: Final = 4_000
"""Points between which the wins that reach a level are interpolated."""

FAR: Final = -1
"""Class number of the far side."""


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of one stratum: the ordinary one first, then by ascending wins.

    Attributes:
        tail: chance under innocence of the class or a higher one, never too small; 1 for
            the ordinary class. Shape (classes,).
        ordinary: chance of the ordinary class under innocence, never too large.
        innocent: chance of each class under innocence, given it is not the far side.
        guilty: the same for each of `WIN_SHARES`, shape (shares, classes).
    """

    tail: FloatArray
    ordinary: float
    innocent: FloatArray
    guilty: FloatArray


def strata(discordant: IntArray) -> IntArray:
    """The d that stands for each target's stratum: its own, or the first of its band."""
    large = np.maximum(discordant, EXACT_UP_TO + 1)
    band = np.floor(np.log(large / (EXACT_UP_TO + 1)) / np.log(BAND) + 1e-9)
    first = np.ceil((EXACT_UP_TO + 1) * BAND**band).astype(np.int64)
    return np.where(discordant > EXACT_UP_TO, first, discordant)


def class_numbers(wins: IntArray, losses: IntArray, direction: Direction) -> IntArray:
    """Number of the class of each target's outcome; `FAR` for the far side.

    Args:
        wins: tests that favoured the control applicant only, shape (targets,).
        losses: tests that favoured the test applicant only; some must be discordant.
        direction: "control-favoured" or "either".
    """
    d = wins + losses
    outcome = np.maximum(wins, losses) if direction == "either" else wins
    number = np.zeros(len(d), dtype=np.int64)
    for each in np.unique(d[d <= EXACT_UP_TO]).tolist():
        here = d == each
        number[here] = np.maximum(outcome[here] - _last_ordinary(each, direction), 0)
    large = d > EXACT_UP_TO
    p = rounded(exact_p(wins[large], losses[large], direction))
    number[large] = np.searchsorted(-LEVELS, -p, side="right")
    if direction == "control-favoured":
        # P(X <= x) is the tail of the losses.
        number[rounded(exact_p(losses, wins, direction)) <= FAR_SIDE] = FAR
    return number


@lru_cache(maxsize=4096)
def classes(stratum: int, direction: Direction) -> Classes:
    """The classes of outcomes of a stratum, as `class_numbers` counts them."""
    if stratum > EXACT_UP_TO:
        return _classes_by_level(stratum, direction)
    last = _last_ordinary(stratum, direction)
    wins = np.arange(last, stratum + 1, dtype=np.float64)
    wins[0] = _first_ordinary(stratum, direction)
    chance = chance_from(wins, stratum, 0.5, direction)
    beyond = chance[1] if len(chance) > 1 else 0.0
    return Classes(
        tail=np.concatenate([[1.0], chance[1:]]),
        ordinary=float(chance[0] - beyond),
        innocent=_shares(chance),
        guilty=_guilty(wins, stratum, direction),
    )


def chance_from(wins: FloatArray, d: int, share: float, direction: Direction) -> FloatArray:
    """P(outcome >= wins) where each of d discordant tests is won with chance `share`."""
    inside = np.clip(wins, 1, d)
    upper = np.where(wins <= 0, 1.0, betainc(inside, d - inside + 1.0, share))
    if direction == "control-favoured":
        return upper
    lower = betainc(inside, d - inside + 1.0, 1.0 - share)
    return np.where(2 * wins <= d + 1, 1.0, np.minimum(1.0, upper + lower))


def _classes_by_level(stratum: int, direction: Direction) -> Classes:
    """Classes by p-value; the levels bound the tails of every d in the band."""
    # The tails are continuous in the number of wins, so a band needs no steps.
    most = min(stratum, stratum / 2 + 4.0 * stratum**0.5)
    wins = np.linspace((stratum + 1) / 2, most, STEPS)
    p = chance_from(wins, stratum, 0.5, direction)
    reached = np.interp(-np.log(LEVELS), -np.log(p), wins)
    bounds = np.concatenate([[1.0], LEVELS])
    return Classes(
        tail=bounds,
        ordinary=1.0 - WEAKEST - (FAR_SIDE if direction == "control-favoured" else 0.0),
        innocent=_shares(bounds),
        guilty=_guilty(np.append(0.0, reached), stratum, direction),
    )


def _guilty(wins: FloatArray, d: int, direction: Direction) -> FloatArray:
    """Chance of each class, by its fewest wins, for each of `WIN_SHARES`."""
    return np.stack(
        [
            _shares(np.mean([chance_from(wins, d, q, direction) for q in shares], axis=0))
            for shares in WIN_SHARES
        ]
    )


def _shares(chance_from_class: FloatArray) -> FloatArray:
    """Chance of each class among them all, from the chances of that class or a higher one."""
    chances = chance_from_class - np.append(chance_from_class[1:], 0.0)
    shares: FloatArray = np.maximum(chances, 0.0) / chance_from_class[0]
    return shares


@lru_cache(maxsize=256)
def _last_ordinary(d: int, direction: Direction) -> int:
    """Most wins in the ordinary class: beyond lies at most half of the chance."""
    if direction == "control-favoured":
        return d // 2
    wins = np.arange((d + 1) // 2, d + 2, dtype=np.float64)
    beyond = chance_from(wins[1:], d, 0.5, direction)
    beyond[-1] = 0.0
    return int(wins[np.flatnonzero(rounded(beyond) <= 0.5)[0]])


def _first_ordinary(d: int, direction: Direction) -> int:
    """Fewest wins in the ordinary class."""
    if direction == "either":
        return (d + 1) // 2
    wins = np.arange(d + 1)
    return int((rounded(exact_p(d - wins, wins, direction)) <= FAR_SIDE).sum())
