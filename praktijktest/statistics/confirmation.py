"""Screen and confirm: what fresh tests say about the targets that a first round flagged.

Who comes into the second phase is chosen on the first results, so these never count
again in a p-value: pooled, the choice itself would look like evidence. The fresh tests
are a family of their own. Only e-values may be multiplied over the phases, as a fresh bet
stays fair however it was decided to place it.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics.discrete_fdr import (
    checked_direction,
    discrete_fdr_stepdown,
    rounded,
    sign_test_family,
)
from praktijktest.statistics.e_values import (
    STANDARD_BET,
    STRONG_SHARE,
    Bet,
    combined_log_e_values,
    log_e_values,
    reaches,
)
from praktijktest.statistics.intervals import tango

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

RELEASE_CONFIDENCE: Final = 0.90
"""The upper limit of a 90 % interval is a one-sided 95 % limit."""

ANSWERED_NEEDED: Final = 8
"""Fresh tests with a positive reply to anyone below which a small gap shows nothing."""


@dataclass(frozen=True, slots=True)
class ReleaseRule:
    """When fresh tests that show no pattern are enough to release a target.

    A target is released when it is not confirmed, its mid-p is above `grey_midp`, and one
    of two things holds: the fresh results are `odds` times likelier without preference than
    under strong bias; or at least `ANSWERED_NEEDED` fresh tests had a positive reply to
    anyone and the one-sided 95 % Tango limit of the net rate over all fresh tests lies
    below `margin`. The first needs discordant tests, of which a target that treats both
    alike may have none; the second takes eleven clean tests for a margin of 0.20.

    Attributes:
        odds: likelihood ratio; an agent of at least `share` reaches it with chance 1/odds
            at most.
        share: strong bias, as the control's share of discordant tests.
        margin: net rate over all tests that the upper limit must stay below.
        grey_midp: one-sided mid-p of the fresh tests up to which nobody is released.
    """

    odds: float = 10.0
    share: float = STRONG_SHARE
    margin: float = 0.20
    grey_midp: float = 0.05


STANDARD_RELEASE: Final = ReleaseRule()


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the fresh tests say, one entry per target in every array.

    A target that is neither confirmed nor released is still open.

    Attributes:
        p: one-sided exact sign test on the fresh tests; 1 without discordant ones.
        p_midp: its mid-p.
        q: discrete step-down adjusted p over the targets that were in the first list.
        confirmed: q is at most alpha.
        released: enough fresh tests show no pattern.
        log_e: natural logarithm of the e-value of the fresh tests.
        log_e_both: the same of screening and fresh tests, their e-values multiplied;
            that of the fresh tests where no screening counts were given.
    """

    p: FloatArray
    p_midp: FloatArray
    q: FloatArray
    confirmed: BoolArray
    released: BoolArray
    log_e: FloatArray
    log_e_both: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """The results as plain lists."""
        return {
            "p": self.p.tolist(),
            "p_midp": self.p_midp.tolist(),
            "q": self.q.tolist(),
            "confirmed": self.confirmed.tolist(),
            "released": self.released.tolist(),
            "log_e": self.log_e.tolist(),
            "log_e_both": self.log_e_both.tolist(),
        }


def confirm(
    wins: ArrayLike,
    losses: ArrayLike,
    tests: ArrayLike,
    alpha: float,
    *,
    answered: ArrayLike | None = None,
    screening: tuple[ArrayLike, ArrayLike] | None = None,
    direction: str = "control-favoured",
    bet: Bet = STANDARD_BET,
    release: ReleaseRule = STANDARD_RELEASE,
) -> Confirmation:
    """Judge the targets of a first list on their fresh tests alone.

    Args:
        wins: fresh tests that favoured the control applicant only, shape (targets,); a
            target without fresh tests has zeros and stays open.
        losses: fresh tests that favoured the test applicant only.
        tests: all valid fresh tests.
        alpha: level of the false discovery rate among the confirmed.
        answered: fresh tests with a positive reply to anyone; default: all of them.
        screening: wins and losses of the first phase, for the evidence of both together
            and, with direction "either", for the side on which each target was flagged.
        direction: "control-favoured", or "either": fresh tests must favour the side that
            the first ones favoured.
        bet: what the e-values bet on.
        release: when a target is released.

    Raises:
        ValueError: counts or settings are impossible, or "either" without screening.
    """
    b, c, n, seen = _checked(wins, losses, tests, answered)
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"The level alpha must lie between 0 and 1, not {alpha!r}.")
    first = _screening(screening, b, direction)
    if checked_direction(direction) == "either":
        # Only the side of the first signal counts, so the test stays one-sided.
        mirrored = first[0] < first[1]
        b, c = np.where(mirrored, c, b), np.where(mirrored, b, c)
        first = (np.maximum(*first), np.minimum(*first))
    family = sign_test_family(b, c)
    q = rounded(discrete_fdr_stepdown(family))
    confirmed = (q <= alpha) & (b > c)
    fresh_log_e = log_e_values(b, c, bet)
    screen_log_e = log_e_values(*first, bet, direction)
    return Confirmation(
        p=family.p,
        p_midp=family.p_midp,
        q=q,
        confirmed=confirmed,
        released=_no_pattern(release, b, c, n, seen, family.p_midp) & ~confirmed,
        log_e=fresh_log_e,
        log_e_both=combined_log_e_values([screen_log_e, fresh_log_e]),
    )


def _checked(
    wins: ArrayLike, losses: ArrayLike, tests: ArrayLike, answered: ArrayLike | None
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    given = (wins, losses, tests, tests if answered is None else answered)
    arrays = [np.asarray(values) if np.size(values) else np.zeros(0, int) for values in given]
    b, c, n, seen = (array.astype(np.int64) for array in arrays)
    whole = all(
        (found == array).all() for found, array in zip((b, c, n, seen), arrays, strict=True)
    )
    if not whole or any(array.shape != b.shape or (array < 0).any() for array in (b, c, n, seen)):
        raise ValueError("Every target needs whole counts from 0 up, in arrays of one length.")
    if (b + c > seen).any() or (seen > n).any():
        raise ValueError("Tests are at least those answered, and these those discordant.")
    return b, c, n, seen


def _screening(
    screening: tuple[ArrayLike, ArrayLike] | None, b: IntArray, direction: str
) -> tuple[IntArray, IntArray]:
    if screening is None:
        if direction == "either":
            raise ValueError("Which side was flagged follows from the screening counts.")
        return np.zeros_like(b), np.zeros_like(b)
    wins, losses = (np.asarray(values, dtype=np.int64) for values in screening)
    if wins.shape != b.shape or losses.shape != b.shape:
        raise ValueError("Screening and fresh counts must be of the same targets.")
    return wins, losses


def _no_pattern(
    release: ReleaseRule,
    b: IntArray,
    c: IntArray,
    n: IntArray,
    answered: IntArray,
    p_midp: FloatArray,
) -> BoolArray:
    log_odds = -log_e_values(b, c, Bet("constant", release.share))
    likely = reaches(log_odds, release.odds)
    small = (answered >= ANSWERED_NEEDED) & _upper_below(release.margin, b, c, n)
    return np.asarray((likely | small) & (p_midp > release.grey_midp))


def _upper_below(margin: float, b: IntArray, c: IntArray, n: IntArray) -> BoolArray:
    """Whether the one-sided 95 % Tango limit of (b - c) / n lies below the margin."""
    distinct, inverse = np.unique(np.stack([b, c, n], axis=1), axis=0, return_inverse=True)
    below = [
        total > 0 and tango(wins, losses, total, RELEASE_CONFIDENCE)[1] < margin
        for wins, losses, total in distinct.tolist()
    ]
    return np.array(below, dtype=np.bool_)[inverse.ravel()]
