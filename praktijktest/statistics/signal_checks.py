"""Checks beside a signal: what else could explain it, and what would undo it.

They never change a decision. Counts are per target, shape (targets,); targets with equal
counts are computed once. A "win" is a test that only the control applicant won, a "loss"
one that only the test applicant won.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from praktijktest.statistics.discrete_fdr import Direction, checked_direction
from praktijktest.statistics.flags import decide
from praktijktest.statistics.mcnemar import mcnemar_exact, mcnemar_midp

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FEWEST_DISCORDANT: Final = 5
"""A signal on fewer discordant tests than this rests on very little."""

AS_LIKELY: Final = 1.0 + 1e-7
"""Two tables are equally likely if their chances differ by less, as in R's `fisher.test`."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Exact tests of balance; every array has shape (targets,).

    Attributes:
        p: two-sided exact p-value; 1 where the counts can show nothing.
        p_midp: two-sided mid-p, the better measure for a check that accuses nobody.
    """

    p: FloatArray
    p_midp: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """The tests as plain lists."""
        return {"p": self.p.tolist(), "p_midp": self.p_midp.tolist()}


@dataclass(frozen=True, slots=True)
class Recoding:
    """How many tests hinge on ambiguous replies; every array has shape (targets,).

    Attributes:
        wins_fall: wins that one reply read the other way would make concordant.
        wins_turn: wins that two such replies would turn into losses.
        losses_fall: losses that would become concordant.
        losses_turn: losses that would turn into wins.
        become_wins: concordant tests that would become wins.
        become_losses: concordant tests that would become losses.
    """

    wins_fall: IntArray
    wins_turn: IntArray
    losses_fall: IntArray
    losses_turn: IntArray
    become_wins: IntArray
    become_losses: IntArray


def allotment_balance(one: ArrayLike, other: ArrayLike) -> Balance:
    """Was what should be drawn by lot drawn by lot, half and half?

    For the order of sending: tests in which the control applicant wrote first, and in which
    they wrote second; for letters: tests in which they had letter A, and letter B. Two-sided
    exact binomial test of one half.

    Args:
        one: tests with one order or letter, all valid tests and not the discordant alone.
        other: tests with the other.

    Raises:
        ValueError: counts are negative or not whole, or lengths differ.
    """
    table = _table(one, other)
    return Balance(mcnemar_exact(*table), mcnemar_midp(*table))


def outcome_balance(
    wins_one: ArrayLike, losses_one: ArrayLike, wins_other: ArrayLike, losses_other: ArrayLike
) -> Balance:
    """Does who wins hang on who wrote first (or on who had which letter)?

    Fisher's exact test on the discordant tests of each target, two-sided by likelihood:
    wins and losses with the control applicant first against those with them second. A
    small p says that the order has to do with the result; it does not say that there is no
    discrimination. Where all tests were won by one side there is nothing to compare: p is 1.
    Tested against scipy's `fisher_exact`.

    Args:
        wins_one: wins with the control applicant first (or with letter A).
        losses_one: losses with them first.
        wins_other: wins with them second (or with letter B).
        losses_other: losses with them second.

    Raises:
        ValueError: counts are negative or not whole, or lengths differ.
    """
    table = np.stack(_table(wins_one, losses_one, wins_other, losses_other), axis=1)
    cases, inverse = np.unique(table, axis=0, return_inverse=True)
    found = np.ones((len(cases), 2))
    for place, (a, b, c, d) in enumerate(cases.tolist()):
        chances, smallest = _hypergeometric(a, b, c, d)
        found[place] = _two_sided(chances, a - smallest)
    return Balance(found[inverse.ravel(), 0], found[inverse.ravel(), 1])


def pooled_outcome_balance(
    wins_one: ArrayLike, losses_one: ArrayLike, wins_other: ArrayLike, losses_other: ArrayLike
) -> tuple[float, float]:
    """The question of `outcome_balance` over several targets together.

    Exact conditional test (the exact form of Cochran, Mantel and Haenszel's): given every
    target's wins, losses and orders, the sum of `wins_one` is a sum of hypergeometric
    numbers. Targets of different strength are not mixed up. Arguments and errors as there.

    Returns:
        The two-sided exact p-value and the mid-p; 1 and 1 where nothing can be compared.
    """
    table = np.stack(_table(wins_one, losses_one, wins_other, losses_other), axis=1)
    cases, counts = np.unique(table, axis=0, return_counts=True)
    pieces, lowest = [], 0
    for (a, b, c, d), number in zip(cases.tolist(), counts.tolist(), strict=True):
        chances, smallest = _hypergeometric(a, b, c, d)
        pieces.append((chances, number))
        lowest += smallest * number
    length = sum((len(chances) - 1) * number for chances, number in pieces) + 1
    # The distribution of a sum, by the product of transforms: linear in targets.
    transform = np.ones(length // 2 + 1, dtype=np.complex128)
    for chances, number in pieces:
        if len(chances) > 1:
            transform *= np.fft.rfft(chances, length) ** number
    total = np.clip(np.fft.irfft(transform, length), 0.0, None)
    total /= total.sum()
    p, midp = _two_sided(total, int(table[:, 0].sum()) - lowest)
    return p, midp


def few_discordant(wins: ArrayLike, losses: ArrayLike) -> BoolArray:
    """Whether a signal would rest on fewer than five discordant tests.

    Raises:
        ValueError: counts are negative or not whole, or lengths differ.
    """
    b, c = _table(wins, losses)
    return b + c < FEWEST_DISCORDANT


def recoding(
    target: ArrayLike,
    control: ArrayLike,
    test: ArrayLike,
    control_ambiguous: ArrayLike,
    test_ambiguous: ArrayLike,
    targets: int,
) -> Recoding:
    """Count per target the tests that hinge on ambiguous replies.

    Args:
        target: index of the target of each test, 0 to targets - 1, shape (tests,).
        control: whether the control applicant's reply counts as positive, (tests,).
        test: the same for the test applicant's.
        control_ambiguous: whether the control applicant's reply could be read the other way.
        test_ambiguous: the same for the test applicant's.
        targets: number of targets.

    Raises:
        ValueError: lengths differ or an index is impossible.
    """
    who = np.asarray(target, dtype=np.int64)
    a, b, first, second = (
        np.asarray(values, dtype=bool)
        for values in (control, test, control_ambiguous, test_ambiguous)
    )
    if not len(who) == len(a) == len(b) == len(first) == len(second):
        raise ValueError("All arguments must have one length.")
    if len(who) and not 0 <= int(who.min()) <= int(who.max()) < targets:
        raise ValueError(f"The target must be 0 to {targets - 1}.")

    def count(which: BoolArray) -> IntArray:
        return np.bincount(who[which], minlength=targets).astype(np.int64)

    win, loss, same = a & ~b, b & ~a, a == b
    return Recoding(
        wins_fall=count(win & (first ^ second)),
        wins_turn=count(win & first & second),
        losses_fall=count(loss & (first ^ second)),
        losses_turn=count(loss & first & second),
        become_wins=count(same & np.where(a, second, first)),
        become_losses=count(same & np.where(a, first, second)),
    )


def worst_case(
    wins: ArrayLike, losses: ArrayLike, hinging: Recoding, direction: str = "control-favoured"
) -> tuple[IntArray, IntArray]:
    """Wins and losses if every ambiguous reply were read against the signal.

    With the direction "either" that is against whoever won more tests.

    Returns:
        The wins and losses of the worst case, each of shape (targets,).

    Raises:
        ValueError: more wins or losses hinge on replies than there are, lengths differ, or
            the direction is unknown.
    """
    known = checked_direction(direction)
    b, c = _table(wins, losses)
    for whole, parts in (
        (b, hinging.wins_fall + hinging.wins_turn),
        (c, hinging.losses_fall + hinging.losses_turn),
    ):
        if parts.shape != whole.shape or (parts > whole).any():
            raise ValueError("More tests hinge on ambiguous replies than there are.")
    against_control = (
        b - hinging.wins_fall - hinging.wins_turn,
        c + hinging.become_losses + hinging.wins_turn,
    )
    if known == "control-favoured":
        return against_control
    against_test = (
        b + hinging.become_wins + hinging.losses_turn,
        c - hinging.losses_fall - hinging.losses_turn,
    )
    mirrored = c > b
    return (
        np.where(mirrored, against_test[0], against_control[0]),
        np.where(mirrored, against_test[1], against_control[1]),
    )


def undone(
    rule: str,
    wins: ArrayLike,
    losses: ArrayLike,
    changed_wins: ArrayLike,
    changed_losses: ArrayLike,
    flagged: ArrayLike,
    alpha: float,
    direction: str = "control-favoured",
) -> BoolArray:
    """Which flags would not survive other counts of that one target, the others as they are.

    A flag survives if the target is still flagged and still by the same side.

    Args:
        rule: the rule that flagged, as for `praktijktest.statistics.flags.decide`.
        wins: as for `decide`.
        losses: as for `decide`.
        changed_wins: wins of each target after the change, for example of `worst_case`.
        changed_losses: its losses.
        flagged: which targets were flagged, shape (targets,).
        alpha: as for `decide`.
        direction: as for `decide`.

    Raises:
        ValueError: as `decide`, or lengths differ.
    """
    known: Direction = checked_direction(direction)
    b, c, new_b, new_c = _table(wins, losses, changed_wins, changed_losses)
    is_flagged = np.asarray(flagged, dtype=np.bool_)
    if is_flagged.shape != b.shape:
        raise ValueError(f"Flags {is_flagged.shape} do not fit targets {b.shape}.")
    result = np.zeros(len(b), dtype=np.bool_)
    candidates = np.flatnonzero(is_flagged & ((b != new_b) | (c != new_c)))
    # Exchanged sides are another finding, whatever its p-value.
    turned = np.sign(b - c) != np.sign(new_b - new_c)
    result[candidates] = turned[candidates]
    candidates = candidates[~turned[candidates]]
    table = np.stack([b, c, new_b, new_c], axis=1)[candidates]
    cases, first, inverse = np.unique(table, axis=0, return_index=True, return_inverse=True)
    gone = np.zeros(len(cases), dtype=np.bool_)
    for case, place in enumerate(candidates[first].tolist()):
        other_b, other_c = b.copy(), c.copy()
        other_b[place], other_c[place] = new_b[place], new_c[place]
        gone[case] = not decide(rule, other_b, other_c, alpha, known).flagged[place]
    result[candidates] = gone[inverse.ravel()]
    return result


def _table(*counts: ArrayLike) -> tuple[IntArray, ...]:
    columns = []
    for values in counts:
        array = np.asarray(values)
        whole = array.astype(np.int64) if array.size else np.zeros(array.shape, dtype=np.int64)
        if array.ndim != 1 or (whole != array).any() or (whole < 0).any():
            raise ValueError("Counts must be rows of whole numbers from 0 up.")
        columns.append(whole)
    if len({len(column) for column in columns}) != 1:
        raise ValueError("All counts must have one length.")
    return tuple(columns)


def _hypergeometric(a: int, b: int, c: int, d: int) -> tuple[FloatArray, int]:
    """Chances of each first cell given the margins of [[a, b], [c, d]], and the smallest."""
    row, column, other = a + b, a + c, c + d
    smallest, largest = max(0, column - other), min(row, column)
    cell = np.arange(smallest, largest + 1, dtype=np.float64)
    logs = -(
        gammaln(cell + 1.0)
        + gammaln(row - cell + 1.0)
        + gammaln(column - cell + 1.0)
        + gammaln(other - column + cell + 1.0)
    )
    chances = np.exp(logs - logs.max())
    return chances / chances.sum(), smallest


def _two_sided(chances: FloatArray, observed: int) -> tuple[float, float]:
    """Chance of what is at most as likely as the observed, and the same as mid-p."""
    here = float(chances[observed])
    p = min(1.0, float(chances[chances <= here * AS_LIKELY].sum()))
    # A distribution of one value shows nothing.
    return (p, p - here / 2.0) if len(chances) > 1 else (1.0, 1.0)
