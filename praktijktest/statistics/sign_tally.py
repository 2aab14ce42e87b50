"""A list of targets counted by stratum and class, with models of who is innocent.

The models are two-group models: within a stratum a share of the targets discriminates and
wins discordant tests with one of a few chances, the others with chance 1/2; the log odds
of discriminating rise linearly with the number of discordant tests. A grid of such models
is weighed by how well each explains the list (Bayesian model averaging with equal prior
weights). They decide how much is found, never whether the error rate holds.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.statistics import sign_strata
from praktijktest.statistics.discrete_fdr import Direction

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SLOPES: Final = (0.0, 0.1, 0.3, 0.7, 1.2, 1.8)
"""How much the log odds of discriminating rise with each discordant test."""

STARTS: Final = (-7.0, -5.5, -4.5, -3.5, -2.7, -2.0, -1.4, -0.7, 0.0, 0.8, 2.0)
"""Log odds of discriminating where the number of discordant tests is average."""

MODELS: Final = len(SLOPES) * len(STARTS) * len(sign_strata.WIN_SHARES)
"""How many models there are."""

FARTHEST: Final = 8.0
"""Log odds stay within this distance of 0."""

TURNING: Final = 1.3
"""Discordant tests that speak neither way, in multiples of the number expected from the
target's number of tests: discriminators differ above it, innocents below."""

MOST_CLASSES: Final = 1_200
"""With more classes, similar numbers of tests are taken together, or none are told apart."""

SIMILAR: Final = (1.0, 1.15, 1.5, np.inf)
"""Ratio of the ends of a group of similar numbers of tests; tried in this order."""

LEAST_CHANCE: Final = 1e-300
"""Keeps the logarithm of an impossible outcome finite."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The classes of all strata side by side, and every model's view of them.

    It depends on the numbers of tests and of discordant tests alone, never on who won.

    Attributes:
        start: the ordinary class of each class's stratum, shape (classes,).
        tail: chance under innocence of the class or a higher one, shape (classes,).
        ordinary: chance under innocence of the stratum's ordinary class, shape (classes,).
        path: the classes that may be flagged, ascending.
        log_chance: log chance of each class by each model, shape (models, classes).
        innocence: chance of innocence in each class by each model, the same shape.
    """

    start: IntArray
    tail: FloatArray
    ordinary: FloatArray
    path: IntArray
    log_chance: FloatArray
    innocence: FloatArray


@dataclass(frozen=True, slots=True)
class Kinds:
    """Targets with equal counts, taken together.

    Attributes:
        wins: tests that favoured the control applicant only, shape (kinds,).
        losses: tests that favoured the test applicant only.
        tests: all tests, concordant ones included; 0 where not known.
        targets: how many targets are of each kind.
    """

    wins: IntArray
    losses: IntArray
    tests: IntArray
    targets: IntArray

    def moved(self, origin: int, goal: int) -> "Kinds":
        """The list after one target went from one kind to another."""
        targets = self.targets.copy()
        targets[origin] -= 1
        targets[goal] += 1
        return Kinds(self.wins, self.losses, self.tests, targets)


@dataclass(frozen=True, slots=True)
class Tally:
    """A list of targets, counted by class.

    Attributes:
        layout: the classes.
        counts: targets in each class; those on the far side are in none.
        number: each kind's class; -1 on the far side or without discordant tests.
    """

    layout: Layout
    counts: IntArray
    number: IntArray


def kinds(wins: IntArray, losses: IntArray, tests: IntArray | None) -> tuple[Kinds, IntArray]:
    """The kinds of targets in a list, and the kind of each target."""
    code = np.zeros(len(wins), dtype=np.int64)
    n = np.zeros_like(wins) if tests is None else tests
    for counts in (wins, losses, n):
        different, each = np.unique(counts, return_inverse=True)
        code = code * max(len(different), 1) + each
    _, first, member, targets = np.unique(
        code, return_index=True, return_inverse=True, return_counts=True
    )
    found = Kinds(wins[first], losses[first], n[first], targets.astype(np.int64))
    return found, member.astype(np.int64)


def tally(listed: Kinds, direction: Direction) -> Tally | None:
    """The targets by class; None where no target has a discordant test.

    Kinds of which there is no target get a class too, but change nothing for the others.
    """
    judged = np.flatnonzero(listed.wins + listed.losses)
    targets = listed.targets[judged]
    if not targets.any():
        return None
    wins, losses, n = listed.wins[judged], listed.losses[judged], listed.tests[judged]
    strata, stratum = _strata(wins + losses, n, direction)
    members = np.bincount(stratum, weights=targets).astype(np.int64)
    usual = TURNING * float((wins + losses) @ targets) / max(int(n @ targets), 1)
    layout, first = _layout(strata, members, usual, direction)
    within = sign_strata.class_numbers(wins, losses, direction)
    ours = np.where(within == sign_strata.FAR, sign_strata.FAR, first[stratum] + within)
    number = np.full(len(listed.wins), sign_strata.FAR)
    number[judged] = ours
    known = ours != sign_strata.FAR
    counts = np.bincount(ours[known], weights=targets[known], minlength=len(layout.tail))
    return Tally(layout, counts.astype(np.int64), number)


def _strata(
    discordant: IntArray, tests: IntArray, direction: Direction
) -> tuple[IntArray, IntArray]:
    """Strata (d, tests), shape (strata, 2), and each kind's stratum."""
    d = sign_strata.strata(discordant)
    for ratio in SIMILAR:
        keys = np.stack([d, _similar(tests, ratio)], axis=1)
        found, member = np.unique(keys, axis=0, return_inverse=True)
        parts = (sign_strata.classes(each, direction) for each in found[:, 0].tolist())
        if sum(len(part.tail) for part in parts) <= MOST_CLASSES:
            break
    return found, member.ravel()


def _similar(tests: IntArray, ratio: float) -> IntArray:
    """A number of tests that stands for all similar ones; 0 stays 0."""
    if ratio == 1.0:
        return tests
    if ratio == np.inf:
        return np.zeros_like(tests)
    group = np.round(np.log(np.maximum(tests, 1)) / np.log(ratio))
    return np.where(tests > 0, np.round(ratio**group), 0).astype(np.int64)


def _layout(
    strata: IntArray, targets: IntArray, usual: float, direction: Direction
) -> tuple[Layout, IntArray]:
    """The layout, and the first class of each stratum."""
    parts = [sign_strata.classes(d, direction) for d in strata[:, 0].tolist()]
    sizes = np.array([len(part.tail) for part in parts])
    first = np.cumsum(sizes) - sizes
    surplus = strata[:, 0] - usual * strata[:, 1]
    average = float((surplus * targets).sum() / targets.sum())
    tail = np.concatenate([part.tail for part in parts])
    log_chance, innocence = _models(
        np.repeat(surplus - average, sizes),
        np.concatenate([part.innocent for part in parts]),
        np.concatenate([part.guilty for part in parts], axis=1),
    )
    for begin, size in zip(first.tolist(), sizes.tolist(), strict=True):
        # More wins never speak for innocence; the proof needs whole tails.
        own = innocence[:, begin : begin + size]
        np.minimum.accumulate(own, axis=1, out=own)
    layout = Layout(
        start=np.repeat(first, sizes),
        tail=tail,
        ordinary=np.repeat([part.ordinary for part in parts], sizes),
        path=np.flatnonzero(tail <= sign_strata.WEAKEST),
        log_chance=log_chance,
        innocence=innocence,
    )
    return layout, first


def _models(
    surplus: FloatArray, innocent: FloatArray, guilty: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log chance of every class and chance of innocence in it, by every model.

    Args:
        surplus: discordant tests beyond the average, shape (classes,).
        innocent: chance of the class for an innocent target, shape (classes,).
        guilty: the same for each share of wins, shape (shares, classes).
    """
    slopes, starts = np.meshgrid(SLOPES, STARTS, indexing="ij")
    odds = starts.reshape(-1, 1) + slopes.reshape(-1, 1) * surplus
    share = 1.0 / (1.0 + np.exp(-np.clip(odds, -FARTHEST, FARTHEST)))
    for_innocent = np.broadcast_to(
        ((1.0 - share) * innocent)[:, None, :], (len(share), len(guilty), len(surplus))
    )
    together = np.maximum(for_innocent + share[:, None, :] * guilty, LEAST_CHANCE)
    shape = (-1, len(surplus))
    return np.log(together).reshape(shape), (for_innocent / together).reshape(shape)
