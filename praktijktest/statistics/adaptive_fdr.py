"""Flags whose false discovery rate is at most alpha by randomisation alone.

The rule and its proof stand in docs/methods/flags.md. In short: for every target i,
pretend that it showed what innocent targets usually show (the ordinary class of its
stratum) and let models of the whole list, that one target put back, name a cutoff for
every stratum. The targets in their ordinary classes then say how many false flags to
expect beyond these cutoffs, i counted among them. Target i is flagged if it lies beyond
its cutoff and that number is at most alpha times the number of targets flagged.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.statistics.discrete_fdr import DECIMALS, Direction
from praktijktest.statistics.sign_tally import MODELS, Kinds, Tally, kinds, tally

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

GRID: Final = np.concatenate([np.arange(1, 100) / 1000, np.arange(20, 101) / 200])
"""Levels at which adjusted values are told: .001(.001).1(.005).5."""

SLACK: Final = 0.2
"""Largest share of alpha kept free when cutoffs are chosen."""

SLACK_TARGETS: Final = 2.0
"""Slack as a number of further ordinary targets, where that is less: a cutoff must not
hang on one target more or less, or the targets beyond it would not agree about it."""

BLOCK: Final = 2_000_000
"""Numbers held at once for a block of classes."""

JUDGED_AGAIN: Final = 40
"""With more kinds of flagged targets, `adaptive_fragile` looks at each one's own condition."""

NEGLIGIBLE: Final = 1e-15
"""Models with less weight than this everywhere are left out."""


@dataclass(frozen=True, slots=True)
class AdaptiveDecisions:
    """What the adaptive rule decides.

    Attributes:
        flagged: the decision per target.
        q: per target, the lowest level on the grid that leads up to a flag (see
            `adaptive_fdr`); 1 where there is none.
    """

    flagged: BoolArray
    q: FloatArray


def adaptive_fdr(
    wins: IntArray,
    losses: IntArray,
    alpha: float,
    direction: Direction = "control-favoured",
    tests: IntArray | None = None,
) -> AdaptiveDecisions:
    """Flag targets with a false discovery rate of at most alpha.

    Valid where innocent targets favour either applicant equally often among their
    discordant tests, independently of all other targets; anything goes for the others.

    The adjusted value of a flagged target is the lowest level on `GRID` (with alpha)
    from which on, up to alpha, every level flags it; that of another target the lowest
    level above alpha from which on every level flags it. So `q <= alpha` is the decision
    at the declared level, while q itself is a monotone envelope, to the grid's precision.

    Args:
        wins: tests that favoured the control applicant only, shape (targets,).
        losses: tests that favoured the test applicant only, shape (targets,).
        alpha: level, inside (0, 1).
        direction: "control-favoured", or "either" for two-sided tests.
        tests: tests of each target, concordant ones included; with them it is known
            how unusual a number of discordant tests is. None if not known.
    """
    listed, kind = kinds(wins, losses, tests)
    levels = np.unique(np.append(GRID, alpha))
    flagged = _flagged(listed, levels, direction)
    declared = int(np.searchsorted(levels, alpha))
    q = _envelope(flagged, levels, declared)
    return AdaptiveDecisions(flagged[kind, declared], q[kind])


def adaptive_fragile(
    wins: IntArray,
    losses: IntArray,
    alpha: float,
    flagged: BoolArray,
    direction: Direction = "control-favoured",
    tests: IntArray | None = None,
) -> BoolArray:
    """Which flags of `adaptive_fdr` do not survive if any one discordant test is left out.

    The list is judged again without the test. Where more than `JUDGED_AGAIN` kinds of
    targets are flagged, the flags of the others and the models' averages are kept as they
    are and only the target's own condition is looked at again.

    Args:
        wins: as for `adaptive_fdr`.
        losses: as for `adaptive_fdr`.
        alpha: as for `adaptive_fdr`.
        flagged: its decisions, shape (targets,).
        direction: as for `adaptive_fdr`.
        tests: as for `adaptive_fdr`; the test left out is taken off.
    """
    if not flagged.any():
        return np.zeros(len(wins), dtype=np.bool_)
    listed, kind, goals = _with_one_test_less(wins, losses, tests)
    cases = np.unique(kind[flagged])
    undone = np.zeros(len(listed.wins), dtype=np.bool_)
    if len(cases) <= JUDGED_AGAIN:
        for case in cases.tolist():
            again = [(listed.moved(case, g), g) for g in goals[:, case].tolist() if g >= 0]
            undone[case] = any(
                not _flagged(after, np.array([alpha]), direction)[g, 0] for after, g in again
            )
    else:
        undone[cases] = _fails_alone(
            listed, cases, goals[:, cases], alpha, direction, flagged.sum()
        )
    return undone[kind] & flagged


def _with_one_test_less(
    wins: IntArray, losses: IntArray, tests: IntArray | None
) -> tuple[Kinds, IntArray, IntArray]:
    """Kinds of the list, of its targets, and of each kind with a win or a loss less.

    The last has shape (2, kinds), -1 where there is no such test.
    """
    n = np.zeros_like(wins) if tests is None else tests
    fewer = np.maximum(n - 1, 0)
    listed, kind = kinds(
        np.concatenate([wins, np.maximum(wins - 1, 0), wins]),
        np.concatenate([losses, losses, np.maximum(losses - 1, 0)]),
        np.concatenate([n, fewer, fewer]),
    )
    own, without_win, without_loss = np.split(kind, 3)
    goals = np.full((2, len(listed.wins)), -1)
    goals[0, own] = np.where(wins > 0, without_win, -1)
    goals[1, own] = np.where(losses > 0, without_loss, -1)
    targets = np.bincount(own, minlength=len(listed.wins)).astype(np.int64)
    return Kinds(listed.wins, listed.losses, listed.tests, targets), own, goals


def _fails_alone(
    listed: Kinds,
    cases: IntArray,
    goals: IntArray,
    alpha: float,
    direction: Direction,
    found: int,
) -> BoolArray:
    """Whether a case's own condition fails at either of its goals, all else as it is."""
    counted = tally(listed, direction)
    undone = np.zeros(len(cases), dtype=np.bool_)
    if counted is None:
        return undone
    for goal in goals:
        there = counted.number[goal]
        lost = (goal >= 0) & ~np.isin(there, counted.layout.path)
        held = np.flatnonzero((goal >= 0) & ~lost)
        moves = np.stack([there[held], counted.number[cases[held]]])
        different, move = np.unique(moves, axis=1, return_inverse=True)
        expected = _expected_false(counted, different[0], np.array([alpha]), different[1])
        fails = expected[:, 0] > alpha * found + 10.0**-DECIMALS
        lost[held] = fails[move.ravel()]
        undone |= lost
    return undone


def _flagged(listed: Kinds, levels: FloatArray, direction: Direction) -> BoolArray:
    """Decisions per kind and level."""
    counted = tally(listed, direction)
    result = np.zeros((len(listed.wins), len(levels)), dtype=np.bool_)
    if counted is None:
        return result
    path = counted.layout.path
    classes = path[counted.counts[path] > 0]
    if not len(classes):
        return result
    expected = _expected_false(counted, classes, levels, classes)
    by_class = np.zeros((len(counted.counts) + 1, len(levels)), dtype=np.bool_)
    by_class[classes] = _largest_set(expected, counted.counts[classes], levels)
    return by_class[counted.number]


def _expected_false(
    counted: Tally, own: IntArray, levels: FloatArray, origin: IntArray
) -> FloatArray:
    """False flags to expect at the cutoffs named for a target of each class.

    Shape (own classes, levels); infinite where the target is not beyond its cutoff.

    Args:
        counted: the list.
        own: classes of targets that are asked about.
        levels: levels at which to name cutoffs.
        origin: the class each of them is counted in.
    """
    blocks = -(-len(own) * max(len(counted.layout.path), MODELS) // BLOCK)
    parts = zip(np.array_split(own, blocks), np.array_split(origin, blocks), strict=True)
    return np.concatenate([_block(counted, a, levels, b) for a, b in parts])


def _block(counted: Tally, own: IntArray, levels: FloatArray, origin: IntArray) -> FloatArray:
    """`_expected_false` for one block of classes."""
    innocence, place, cost, others = _pretended(counted, own, origin)
    order = np.argsort(innocence, axis=1, kind="stable")
    sorted_innocence = np.take_along_axis(innocence, order, axis=1)
    expected = np.cumsum(np.take_along_axis(cost, order, axis=1), axis=1)
    found = np.cumsum(np.take_along_axis(others, order, axis=1), axis=1) + 1.0
    largest = np.maximum.accumulate(
        (counted.layout.tail / counted.layout.ordinary)[counted.layout.path][order], axis=1
    )
    level = np.minimum(expected / (1.0 - SLACK), expected + SLACK_TARGETS * largest) / found
    # Classes that are equally innocent come together or not at all.
    level[:, :-1][sorted_innocence[:, 1:] == sorted_innocence[:, :-1]] = np.inf
    needed = np.minimum.accumulate(np.round(level, DECIMALS)[:, ::-1], axis=1)[:, ::-1]
    rank = (order == place[:, None]).argmax(axis=1)
    return _at_levels(needed, np.round(expected, DECIMALS), rank, levels)


def _pretended(
    counted: Tally, own: IntArray, origin: IntArray
) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
    """The list as it would be with one target of each own class put back as ordinary.

    Returns:
        Over the path, shape (own classes, path): the averaged chance of innocence, the
        place of the own class in the path (own classes,), the false flags to expect in
        each class, and the other targets in it.
    """
    layout, path = counted.layout, counted.layout.path
    score = (layout.log_chance @ counted.counts)[:, None] + (
        layout.log_chance[:, layout.start[own]] - layout.log_chance[:, origin]
    )
    weight = np.exp(score - score.max(axis=0))
    weight /= weight.sum(axis=0)
    used = (weight > NEGLIGIBLE).any(axis=1)
    innocence = np.round(weight[used].T @ layout.innocence[np.ix_(used, path)], DECIMALS)
    higher = np.append(layout.tail[1:], 0.0)
    higher[np.unique(layout.start)[1:] - 1] = 0.0
    cost = ((layout.tail - higher) / layout.ordinary)[path]
    ordinary = counted.counts[layout.start[path]] + (
        layout.start[path] == layout.start[own][:, None]
    )
    place = np.searchsorted(path, own)
    others = np.tile(counted.counts[path].astype(np.float64), (len(own), 1))
    others -= path == origin[:, None]
    return innocence, place, ordinary * cost, others


def _at_levels(
    needed: FloatArray, expected: FloatArray, rank: IntArray, levels: FloatArray
) -> FloatArray:
    """Expected false flags at each level's cutoff, where that lies beyond the own rank."""
    result = np.full((len(needed), len(levels)), np.inf)
    for row, (need, own) in enumerate(zip(needed, rank.tolist(), strict=True)):
        last = np.searchsorted(need, levels, side="right") - 1
        inside = last >= own
        result[row, inside] = expected[row, last[inside]]
    return result


def _largest_set(expected: FloatArray, counts: IntArray, levels: FloatArray) -> BoolArray:
    """The largest set of classes in which nobody expects more than alpha times its size."""
    order = np.argsort(expected, axis=0, kind="stable")
    ranked = np.take_along_axis(expected, order, axis=0)
    size = np.cumsum(counts[order], axis=0)
    fits = np.isfinite(ranked) & (ranked <= levels * size + 10.0**-DECIMALS)
    # Equal expectations come together: the size at the last of them counts.
    best = np.where(fits, ranked, -np.inf).max(axis=0)
    within: BoolArray = expected <= best
    return within


def _envelope(flagged: BoolArray, levels: FloatArray, declared: int) -> FloatArray:
    """The lowest level from which on every level flags, on the declared level's side."""
    below = np.logical_and.accumulate(flagged[:, : declared + 1][:, ::-1], axis=1)
    above = np.logical_and.accumulate(flagged[:, ::-1], axis=1)
    runs = np.where(flagged[:, declared], below.sum(axis=1), above.sum(axis=1))
    last = np.where(flagged[:, declared], declared + 1, len(levels))
    return np.where(runs > 0, levels[np.minimum(last - runs, len(levels) - 1)], 1.0)
