"""Would a signal stand if ambiguous replies were read the other way?

A reply is ambiguous where coders could doubt: an invitation with conditions, a form to fill
in. Counts are per target, shape (targets,). A "win" is a test that only the control applicant
won, a "loss" one that only the test applicant won.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics.discrete_fdr import Direction, checked_direction, exact_p, rounded
from praktijktest.statistics.flags import decide
from praktijktest.statistics.signal_checks import counts_of_targets

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

JUDGED_AGAIN: Final = 40
"""Kinds of changes up to which the whole list is judged again for each."""


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
    b, c = counts_of_targets(wins, losses)
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
    tests: ArrayLike | None = None,
) -> BoolArray:
    """Which flags would not survive other counts of that one target, the others as they are.

    A flag survives if the target is still flagged and still by the same side. The list is
    judged again for every kind of change; where there are more than `JUDGED_AGAIN` kinds,
    one target more or less hardly moves the list, and a flag survives if its new p-value is
    no larger than the largest that is flagged.

    Args:
        rule: the rule that flagged, as for `praktijktest.statistics.flags.decide`.
        wins: as for `decide`.
        losses: as for `decide`.
        changed_wins: wins of each target after the change, for example of `worst_case`.
        changed_losses: its losses.
        flagged: which targets were flagged, shape (targets,).
        alpha: as for `decide`.
        direction: as for `decide`.
        tests: as for `decide`; no change of a reply changes them.

    Raises:
        ValueError: as `decide`, or lengths differ.
    """
    known = checked_direction(direction)
    b, c, new_b, new_c = counts_of_targets(wins, losses, changed_wins, changed_losses)
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
    if len(cases) > JUDGED_AGAIN:
        p = decide(rule, b, c, alpha, known, tests).p
        gone = _beyond_the_flagged(p, is_flagged, cases, known)
    else:
        gone = np.zeros(len(cases), dtype=np.bool_)
        for case, place in enumerate(candidates[first].tolist()):
            other_b, other_c = b.copy(), c.copy()
            other_b[place], other_c[place] = new_b[place], new_c[place]
            gone[case] = not decide(rule, other_b, other_c, alpha, known, tests).flagged[place]
    result[candidates] = gone[inverse.ravel()]
    return result


def _beyond_the_flagged(
    p: FloatArray, flagged: BoolArray, cases: IntArray, direction: Direction
) -> BoolArray:
    changed = rounded(exact_p(cases[:, 2], cases[:, 3], direction))
    return np.asarray(changed > rounded(p[flagged]).max())
