"""Flag rules applied to thousands of simulated lists of targets at once.

A list is known by how many of its targets have d discordant tests and how many have each
attainable p-value, so a rule becomes a few matrix products over (list, p-value). The
decisions are those of `praktijktest.statistics.flags.decide`, against which they are tested.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.statistics.multiplicity import LAMBDAS
from praktijktest.statistics.power_discordant import FloatArray, IntArray, tail

BoolArray = NDArray[np.bool_]

DECIMALS: Final = 12
"""Equal p-values from different d differ by rounding errors beyond this (cf. `discreteBH`)."""

ROUNDING: Final = 5e-13
"""An adjusted p-value is compared after rounding to `DECIMALS`."""

CERTAIN: Final = 1e9
"""Stands for F / (1 - F) where F = 1: a p-value at which no rule rejects."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The targets of many simulated lists, one after another.

    Attributes:
        where: number of the list each target is on, shape (targets,).
        drawn: its discordant tests d, shape (targets,).
        wins: those in which the control applicant was favoured, shape (targets,).
        discriminates: whether flagging it is right, shape (targets,).
        lists: how many lists there are; a list may be empty.
        most: largest d possible, the number of tests per target.
    """

    where: IntArray
    drawn: IntArray
    wins: IntArray
    discriminates: BoolArray
    lists: int
    most: int


@dataclass(frozen=True, slots=True)
class _Lists:
    """The lists as counts; columns are the attainable p-values below 1, ascending.

    Attributes:
        p: attainable p-values, shape (columns,).
        at: targets with this p-value, shape (lists, columns).
        upto: targets with this p-value or a smaller one, shape (lists, columns).
        drawn: targets with d discordant tests, shape (lists, most + 1).
        size: targets on the list, shape (lists, 1).
        most: largest d.
    """

    p: FloatArray
    at: IntArray
    upto: IntArray
    drawn: FloatArray
    size: IntArray
    most: int


def flagged_lists(outcomes: Outcomes, rule: str, alpha: float) -> tuple[IntArray, IntArray]:
    """Right and wrong flags on each list.

    Args:
        outcomes: the targets of all lists.
        rule: one of `SIMULATED_RULES`.
        alpha: level of the rule, between 0 and 0.5.

    Returns:
        Numbers of flagged targets per list that discriminate, and that do not.
    """
    flagged = decide_lists(outcomes, rule, alpha)
    right = outcomes.where[flagged & outcomes.discriminates]
    wrong = outcomes.where[flagged & ~outcomes.discriminates]
    return (
        np.bincount(right, minlength=outcomes.lists),
        np.bincount(wrong, minlength=outcomes.lists),
    )


def decide_lists(outcomes: Outcomes, rule: str, alpha: float) -> BoolArray:
    """Which targets a rule flags, every list being a family of its own.

    Args:
        outcomes: the targets of all lists.
        rule: one of `SIMULATED_RULES`.
        alpha: level of the rule, between 0 and 0.5.

    Returns:
        The decision for each target, shape (targets,). P-values are those of the one-sided
        exact sign test.

    Sources: discrete rules Döhler, Durand and Roquain 2018; Storey 2002 with the bootstrap
    choice of lambda; tested against `flags.decide` and `discreteBH`.
    """
    p, column_of = attainable(outcomes.most)
    columns = column_of[outcomes.drawn, outcomes.wins]
    width = len(p) + 1
    cells = np.bincount(outcomes.where * width + columns, minlength=outcomes.lists * width)
    at = cells.reshape(outcomes.lists, width)[:, :-1]
    depth = outcomes.most + 1
    drawn = np.bincount(
        outcomes.where * depth + outcomes.drawn, minlength=outcomes.lists * depth
    ).reshape(outcomes.lists, depth)
    lists = _Lists(
        p=p,
        at=at,
        upto=np.cumsum(at, axis=1),
        drawn=drawn.astype(np.float64),
        size=drawn.sum(axis=1, keepdims=True),
        most=outcomes.most,
    )
    rejected_columns = _RULES[rule](lists, alpha)
    return np.asarray(columns < rejected_columns[outcomes.where], dtype=np.bool_)


@lru_cache(maxsize=8)
def attainable(most: int) -> tuple[FloatArray, IntArray]:
    """The p-values that up to `most` discordant tests can give.

    Args:
        most: largest number of discordant tests.

    Returns:
        The distinct p-values below 1, ascending, and a table (d, wins) of their columns;
        p = 1 has the column after the last.
    """
    drawn, wins = np.meshgrid(np.arange(most + 1), np.arange(most + 1), indexing="ij")
    p = np.round(tail(drawn, np.minimum(wins, drawn), 0.5), DECIMALS)
    values, columns = np.unique(p, return_inverse=True)
    return values[values < 1], columns.reshape(p.shape)


@lru_cache(maxsize=4)
def _null_chance(most: int) -> tuple[FloatArray, FloatArray]:
    """F_d(t), and its odds F / (1 - F), for all d and columns t, shape (most + 1, columns).

    F_d(t) is the chance of a p-value of at most t with d discordant tests and no preference:
    the largest p-value attainable with d that does not exceed t, or 0.
    """
    p, column_of = attainable(most)
    chance = np.zeros((most + 1, len(p)))
    for d in range(1, most + 1):
        # With many tests p rounds to 0 or 1: counts of wins share a column, or have none.
        own = np.unique(column_of[d, 1 : d + 1])
        own = own[own < len(p)]
        largest = np.searchsorted(own, np.arange(len(p)), side="right")
        chance[d] = np.concatenate([[0.0], p[own]])[largest]
    odds = np.divide(chance, 1 - chance, out=np.full_like(chance, CERTAIN), where=chance < 1)
    return chance, odds


def _step_down(lists: _Lists, small: BoolArray) -> IntArray:
    """Columns before the first observed p-value that is not small enough."""
    stops = ~small & (lists.at > 0)
    first = np.where(stops.any(axis=1), stops.argmax(axis=1), stops.shape[1])
    return np.asarray(first, dtype=np.int64)


def _step_up(lists: _Lists, small: BoolArray) -> IntArray:
    """Columns up to the last observed p-value that is small enough."""
    return _last_true(small & (lists.at > 0))


def _last_true(marked: BoolArray) -> IntArray:
    """Per row one more than the place of the last true value, 0 without any."""
    last = marked.shape[1] - marked[:, ::-1].argmax(axis=1)
    return np.asarray(np.where(marked.any(axis=1), last, 0), dtype=np.int64)


def _discrete_step_down(lists: _Lists, alpha: float) -> IntArray:
    _, odds = _null_chance(lists.most)
    # Of targets with one p-value the first in rank has the largest adjusted value, and the
    # running maximum hands it on to the others.
    adjusted = lists.drawn @ odds / (lists.upto - lists.at + 1)
    return _step_down(lists, adjusted <= alpha + ROUNDING)


def _discrete_step_up(lists: _Lists, alpha: float) -> IntArray:
    chance, odds = _null_chance(lists.most)
    largest = _last_true(lists.drawn @ odds <= alpha * lists.size) - 1
    rejected = np.zeros(len(largest), dtype=np.int64)
    for top in np.unique(largest[largest >= 0]):
        rows = np.flatnonzero(largest == top)
        weights = chance[:, : top + 1] / (1 - chance[:, [top]])
        small = lists.drawn[rows] @ weights <= alpha * lists.upto[rows, : top + 1]
        rejected[rows] = _last_true(small & (lists.at[rows, : top + 1] > 0))
    return rejected


def _bonferroni(lists: _Lists, alpha: float) -> IntArray:
    return _step_up(lists, lists.p * lists.size <= alpha + ROUNDING)


def _holm(lists: _Lists, alpha: float) -> IntArray:
    remaining = lists.size - lists.upto + lists.at
    return _step_down(lists, lists.p * remaining <= alpha + ROUNDING)


def _benjamini_hochberg(lists: _Lists, alpha: float) -> IntArray:
    return _step_up_by_rank(lists, lists.p * lists.size, alpha)


def _benjamini_yekutieli(lists: _Lists, alpha: float) -> IntArray:
    largest = max(int(lists.size.max(initial=1)), 1)
    harmonic = np.concatenate([[1.0], np.cumsum(1 / np.arange(1, largest + 1))])
    return _step_up_by_rank(lists, lists.p * lists.size * harmonic[lists.size], alpha)


def _storey(lists: _Lists, alpha: float) -> IntArray:
    return _step_up_by_rank(lists, lists.p * lists.size * _innocent_share(lists), alpha)


def _step_up_by_rank(lists: _Lists, total: FloatArray, alpha: float) -> IntArray:
    return _step_up(lists, total / np.maximum(lists.upto, 1) <= alpha + ROUNDING)


def _innocent_share(lists: _Lists) -> FloatArray:
    """Storey's estimate of the share without a preference, bootstrap choice, (lists, 1).

    The same arithmetic as `multiplicity.storey_bootstrap`, list by list.
    """
    before = np.searchsorted(lists.p, LAMBDAS, side="left")
    below = np.concatenate([np.zeros_like(lists.size), lists.upto], axis=1)[:, before]
    size = np.maximum(lists.size, 1)
    above = lists.size - below
    estimate = above / (size * (1 - LAMBDAS))
    floor = np.quantile(estimate, 0.1, axis=1, keepdims=True)
    error = above / (size * (1 - LAMBDAS)) ** 2 * (1 - above / size) + (estimate - floor) ** 2
    fewest = error <= error.min(axis=1, keepdims=True) + ROUNDING
    best = np.where(fewest, estimate, np.inf).min(axis=1, keepdims=True)
    share = np.minimum(np.maximum(best, 1 / size), 1.0)
    return np.asarray(np.where(lists.size < 2, 1.0, share), dtype=np.float64)


_RULES: Final[dict[str, Callable[[_Lists, float], IntArray]]] = {
    "discrete-fdr": _discrete_step_down,
    "discrete-fdr-stepup": _discrete_step_up,
    "bh": _benjamini_hochberg,
    "by": _benjamini_yekutieli,
    "holm": _holm,
    "bonferroni": _bonferroni,
    "storey": _storey,
}

SIMULATED_RULES: Final = tuple(_RULES)
"""The rules a plan can be simulated under."""
