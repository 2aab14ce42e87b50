"""E-values of sign tests: evidence that may be looked at whenever one likes, and multiplied.

An e-value is what a fair bet against "the control is favoured in at most half of the
discordant tests" has earned: it is 1 before the first test and at most 1 on average while
that is true, so it exceeds 20 with chance 1/20 at most, however often somebody looks
(Ville 1939; Ramdas, Grünwald, Vovk & Shafer 2023, Statistical Science 38:576-601). Only
discordant tests change it. All values are natural logarithms of e-values, so that a
target with a million tests stays a number. Tested against `evalue_beta`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final, Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaln

from praktijktest.statistics.discrete_fdr import checked_direction
from praktijktest.statistics.multiplicity import benjamini_hochberg

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
BetName = Literal["constant", "jeffreys", "uniform"]

STRONG_SHARE: Final = 0.85
"""The control's share of discordant tests in the alternative that is bet on."""

SMALLEST_TAIL: Final = 1e-280
"""Below it a tail of the beta distribution is summed as a series instead."""

LARGEST_LOG: Final = 700.0
"""Evidence beyond e^700 is capped where a p-value is made of it, which would be 0 else."""

ROUNDING: Final = 1e-9
"""Logarithms this close are equal: 1.8^b 0.2^c has no exact logarithm."""

_PRIOR: Final[dict[str, float]] = {"jeffreys": 0.5, "uniform": 1.0}


@dataclass(frozen=True, slots=True)
class Bet:
    """What is staked on the next discordant test, fixed before the first.

    Attributes:
        name: "constant" bets on one share (the sequential probability ratio test);
            "jeffreys" and "uniform" spread the stake over all shares above a half by a
            Beta(½, ½) or flat density (Robbins 1970, Annals of Mathematical Statistics
            41:1397-1409).
        share: the control's share of discordant tests that a constant bet is on.
    """

    name: BetName = "constant"
    share: float = STRONG_SHARE

    def to_dict(self) -> dict[str, str | float | None]:
        """The bet as plain data."""
        return {"bet": self.name, "share": self.share if self.name == "constant" else None}


def bet_named(name: str, share: float = STRONG_SHARE) -> Bet:
    """The bet of that name.

    Raises:
        ValueError: there is no such bet, or the share does not lie between ½ and 1.
    """
    if name not in get_args(BetName):
        raise ValueError(f"No bet {name!r}; there are: {', '.join(get_args(BetName))}.")
    if not 0.5 < share < 1.0:
        raise ValueError(f"A bet is on a share between 0.5 and 1, not {share!r}.")
    return Bet(cast("BetName", name), share)


STANDARD_BET: Final = Bet()


def log_e_values(
    wins: ArrayLike,
    losses: ArrayLike,
    bet: Bet = STANDARD_BET,
    direction: str = "control-favoured",
) -> FloatArray:
    """Natural logarithm of the e-value of each target; equal counts are computed once.

    Args:
        wins: discordant tests that favoured the control applicant, any shape.
        losses: discordant tests that favoured the test applicant, the same shape.
        bet: what was staked.
        direction: "control-favoured", or "either": half the stake on each side, which is
            an e-value for "no side is favoured".

    Returns:
        The logarithms, in the shape of `wins`; 0 without discordant tests.

    Raises:
        ValueError: counts are negative or not whole, shapes differ, or the direction is
            unknown.
    """
    b, c = _checked_counts(wins, losses)
    either = checked_direction(direction) == "either"
    if not b.size:
        return np.zeros(b.shape)
    keys = np.stack([b.ravel(), c.ravel()], axis=1)
    distinct, inverse = np.unique(keys, axis=0, return_inverse=True)
    found = _one_sided(distinct[:, 0], distinct[:, 1], bet)
    if either:
        mirrored = _one_sided(distinct[:, 1], distinct[:, 0], bet)
        found = np.logaddexp(found, mirrored) - log(2.0)
    return found[inverse.ravel()].reshape(b.shape)


def combined_log_e_values(phases: Sequence[ArrayLike]) -> FloatArray:
    """The evidence of several waves or phases together: their e-values multiplied.

    Valid when the tests of every later phase are fresh, however it was decided who gets
    them. A target without tests in a phase has logarithm 0 there.

    Args:
        phases: logarithms of e-values, one array of shape (targets,) per phase.

    Raises:
        ValueError: there is no phase, or they differ in length.
    """
    arrays = [np.asarray(phase, dtype=np.float64) for phase in phases]
    if not arrays or len({array.shape for array in arrays}) > 1:
        raise ValueError("Every phase needs one logarithm per target, in the same order.")
    total: FloatArray = np.sum(arrays, axis=0)
    return total


def e_benjamini_hochberg(log_e: ArrayLike) -> FloatArray:
    """Adjusted values of e-BH: flagged where at most the level.

    E-BH flags the k largest e-values for the largest k with e_(k) >= K / (alpha k), and
    keeps the false discovery rate under any dependence between the targets (Wang & Ramdas
    2022, JRSS B 84:822-852). It needs the e-values as they stand when testing stopped, not
    the largest they ever were. The adjusted values are those of Benjamini-Hochberg on 1/e.

    Args:
        log_e: natural logarithms of the e-values, shape (targets,).

    Raises:
        ValueError: a logarithm is missing.
    """
    return benjamini_hochberg(anytime_p(log_e))


def anytime_p(log_e: ArrayLike) -> FloatArray:
    """The p-value that an e-value stands for, 1/e and at most 1.

    Raises:
        ValueError: a logarithm is missing.
    """
    values = np.asarray(log_e, dtype=np.float64)
    if np.isnan(values).any():
        raise ValueError("Every target needs an e-value.")
    p: FloatArray = np.exp(-np.clip(values, 0.0, LARGEST_LOG))
    return p


def reaches(log_e: ArrayLike, threshold: float) -> BoolArray:
    """Whether e-values reach a threshold above 0, whatever rounding does to logarithms.

    Raises:
        ValueError: the threshold is not above 0.
    """
    if not threshold > 0.0:
        raise ValueError(f"A threshold of evidence lies above 0, not at {threshold!r}.")
    return np.asarray(np.asarray(log_e, dtype=np.float64) >= log(threshold) - ROUNDING)


def _checked_counts(wins: ArrayLike, losses: ArrayLike) -> tuple[IntArray, IntArray]:
    counts = []
    for name, values in (("wins", wins), ("losses", losses)):
        array = np.asarray(values)
        if not array.size:
            array = np.zeros(array.shape)
        whole = array.astype(np.int64)
        if (whole != array).any() or (whole < 0).any():
            raise ValueError(f"The {name} must be whole numbers from 0 up.")
        counts.append(whole)
    b, c = counts
    if b.shape != c.shape:
        raise ValueError(f"Wins {b.shape} and losses {c.shape} must have the same shape.")
    return b, c


def _one_sided(b: IntArray, c: IntArray, bet: Bet) -> FloatArray:
    if bet.name == "constant":
        constant: FloatArray = b * log(2.0 * bet.share) + c * log(2.0 * (1.0 - bet.share))
        return constant
    return _mixture(b, c, _PRIOR[bet.name])


def _mixture(b: IntArray, c: IntArray, prior: float) -> FloatArray:
    """2^d B(b+s, c+s) P(Beta(b+s, c+s) > ½) over the same without tests, in logarithms."""
    first = np.asarray(b + prior, dtype=np.float64)
    second = np.asarray(c + prior, dtype=np.float64)
    start = float(betaln(prior, prior)) - log(2.0)
    tail = betainc(second, first, 0.5)
    deep = tail < SMALLEST_TAIL
    result = (b + c) * log(2.0) + betaln(first, second) + np.log(np.where(deep, 1.0, tail)) - start
    if deep.any():
        result[deep] = _deep_tail(first[deep], second[deep], prior) - start
    return np.asarray(result, dtype=np.float64)


def _deep_tail(first: FloatArray, second: FloatArray, prior: float) -> FloatArray:
    """log(2^d B(½; second, first)) where the losses are so many that the tail vanishes.

    The incomplete beta function is 2^-(first + second) / second times the series
    sum_k (first + second)_k / (second + 1)_k 2^-k, whose terms fall from the start here.
    """
    term = np.ones(len(first))
    total = term.copy()
    step = 0.0
    while (term > 1e-17 * total).any():
        term = term * (first + second + step) / (2.0 * (second + 1.0 + step))
        total += term
        step += 1.0
    return np.log(total / second) - 2.0 * prior * log(2.0)
