"""The rule `adaptive-discrete-fdr` as it is applied: the adaptive list, with a safety net.

The adaptive procedure (`adaptive_fdr`) needs a list to learn from, and its targets must
agree about the cutoffs. In a short list there is nothing to learn: below `FEWEST` targets
the step-down procedure of Döhler, Durand and Roquain judges at the whole level. In a list of
a city's size it gets a twentieth of the level: whoever is beyond doubt is flagged even in a
round in which the adaptive targets cannot agree. In a long list that hardly happens, and the
adaptive procedure has the whole level. The false discovery rate of two lists together is at
most the sum of theirs, and what is used depends on the number of targets alone, so that the
rate stays at most alpha.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.statistics import discrete_fdr as discrete
from praktijktest.statistics.adaptive_fdr import AdaptiveDecisions, adaptive_fdr, adaptive_fragile
from praktijktest.statistics.discrete_fdr import SignFamily

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FEWEST: Final = 12
"""Targets from which the adaptive procedure finds more than the step-down one."""

LONG: Final = 120
"""Targets from which the adaptive procedure has the whole level."""

MAIN: Final = 0.95
"""The adaptive procedure's part of the level in shorter lists."""


def is_short(family: SignFamily) -> bool:
    """Whether the list is too short for the adaptive procedure."""
    return len(family.p) < FEWEST


def adaptive_part(family: SignFamily) -> float:
    """The adaptive procedure's part of the level; the step-down procedure has the rest."""
    return 1.0 if len(family.p) >= LONG else MAIN


def judge(family: SignFamily, alpha: float, tests: IntArray | None) -> AdaptiveDecisions:
    """Flag targets with a false discovery rate of at most alpha.

    Args:
        family: the sign tests of the list.
        alpha: level, inside (0, 1).
        tests: all tests of each target, or None.

    Returns:
        The decisions, and adjusted values for which `q <= alpha` is the decision.
    """
    certain = discrete.rounded(discrete.discrete_fdr_stepdown(family))
    if is_short(family):
        return AdaptiveDecisions((certain <= alpha) & (family.p < 1.0), certain)
    part = adaptive_part(family)
    found = adaptive_fdr(family.wins, family.losses, part * alpha, family.direction, tests)
    q = found.q / part
    if part < 1.0:
        q = np.minimum(q, certain / (1.0 - part))
    q = discrete.rounded(q.clip(max=1.0))
    return AdaptiveDecisions((q <= alpha) & (family.p < 1.0), q)


def undone_by_one_test(
    family: SignFamily,
    alpha: float,
    flagged: BoolArray,
    certain_undone: BoolArray,
    tests: IntArray | None,
) -> BoolArray:
    """Which flags of a long list do not survive if any one discordant test is left out.

    A flag that survives in either procedure survives. One that neither keeps by itself is
    judged anew by both together: one of them may flag the result with a test less that it did
    not flag before.

    Args:
        family: the sign tests of the list.
        alpha: level of the whole rule.
        flagged: its flags.
        certain_undone: of those the step-down procedure flags at its part of the level, which
            it would no longer flag.
        tests: as for `judge`.
    """
    level = adaptive_part(family) * alpha
    found = adaptive_fdr(family.wins, family.losses, level, family.direction, tests).flagged
    adaptive_undone = adaptive_fragile(
        family.wins, family.losses, level, found, family.direction, tests
    )
    certain = certain_flags(family, alpha)
    survives = (found & ~adaptive_undone) | (certain & ~certain_undone)
    undone = flagged & ~survives
    if adaptive_part(family) == 1.0:
        return undone
    known: dict[tuple[int, int, int], bool] = {}
    for place in np.flatnonzero(undone).tolist():
        own = 0 if tests is None else int(tests[place])
        case = (int(family.wins[place]), int(family.losses[place]), own)
        if case not in known:
            known[case] = _judged_anew(family, alpha, place, tests)
        undone[place] = known[case]
    return undone


def _judged_anew(family: SignFamily, alpha: float, place: int, tests: IntArray | None) -> bool:
    """Whether leaving out one win, or one loss, of a target undoes its flag."""
    for less_wins, less_losses in ((1, 0), (0, 1)):
        wins, losses = family.wins.copy(), family.losses.copy()
        if wins[place] < less_wins or losses[place] < less_losses:
            continue
        wins[place] -= less_wins
        losses[place] -= less_losses
        left = None
        if tests is not None:
            left = tests.copy()
            left[place] -= 1
        changed = discrete.sign_test_family(wins, losses, family.direction)
        if not judge(changed, alpha, left).flagged[place]:
            return True
    return False


def certain_flags(family: SignFamily, alpha: float) -> BoolArray:
    """What the step-down procedure flags at its part of the level."""
    part = certain_part(family, alpha)
    q = discrete.rounded(discrete.discrete_fdr_stepdown(family))
    return (q <= part) & (part > 0.0) & (family.p < 1.0)


def certain_part(family: SignFamily, alpha: float) -> float:
    """The step-down procedure's part of the level; 0 in long lists."""
    return (1.0 - adaptive_part(family)) * alpha
