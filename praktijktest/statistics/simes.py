"""One verdict per target over several grounds: Simes' test, and which grounds it points at.

A target that is tested on several grounds stands in a list once per ground. Where the list
is to be one of targets, the p-values of a target are joined by Simes (1986, Biometrika
73:751-754), the list is judged by the joined values, and the grounds of a target that is
found are picked by Benjamini and Bogomolov (2014, Journal of the Royal Statistical Society
B 76:297-318). Valid where a target's grounds are tested on different adverts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics import discrete_fdr as discrete
from praktijktest.statistics import multiplicity
from praktijktest.statistics.discrete_fdr import Direction

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

ADJUSTMENTS = {
    "bonferroni": multiplicity.bonferroni,
    "holm": multiplicity.holm,
    "bh": multiplicity.benjamini_hochberg,
    "by": multiplicity.benjamini_yekutieli,
}
RULES = ("discrete-fdr", *ADJUSTMENTS)
"""Flag rules that can judge joined p-values."""


@dataclass(frozen=True, slots=True)
class SimesDecisions:
    """What is decided about targets and their grounds, one entry per (target, ground).

    Attributes:
        joined: Simes p-value of the entry's target.
        q: adjusted joined p-value; the target is found where it is at most alpha.
        flagged: the target is found and this ground is one it is found on.
    """

    joined: FloatArray
    q: FloatArray
    flagged: BoolArray


def simes(p: ArrayLike, target: ArrayLike) -> FloatArray:
    """Simes p-value of every entry's target: the least of k·p(j)/j over its k p-values.

    Args:
        p: p-values, shape (entries,).
        target: number of the target of each entry, shape (entries,).

    Raises:
        ValueError: the shapes differ.
    """
    values, owner = np.asarray(p, dtype=np.float64), np.asarray(target)
    if values.shape != owner.shape or values.ndim != 1:
        raise ValueError(f"P-values {values.shape} and targets {owner.shape} must fit.")
    order, start, number, rank = _ranked(values, owner)
    scaled = values[order] * number / rank
    least = np.minimum.reduceat(scaled, start) if len(start) else np.zeros(0)
    joined = np.empty(len(values))
    joined[order] = np.minimum(1.0, np.repeat(least, _sizes(start, len(values))))
    return joined


def decide_by_target(
    rule: str,
    wins: ArrayLike,
    losses: ArrayLike,
    target: ArrayLike,
    alpha: float,
    direction: Direction = "control-favoured",
) -> SimesDecisions:
    """Judge a list of targets by the Simes p-values over their grounds.

    The discrete rule takes, for the null chance that a joined value is at most t, the
    smaller of t and the chance that any ground's p is at most t: both are upper bounds for
    independent grounds, so the step-down of Döhler, Durand and Roquain stays valid.

    Args:
        rule: one of `RULES`.
        wins: tests that favoured the control only, per entry.
        losses: tests that favoured the test applicant only, per entry.
        target: number of the target of each entry.
        alpha: level, inside (0, 1).
        direction: as for `flags.decide`.

    Raises:
        ValueError: unknown rule or impossible level.
    """
    if rule not in RULES:
        raise ValueError(f"The rule {rule!r} cannot judge joined p-values; {', '.join(RULES)} can.")
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"The level alpha must lie between 0 and 1, not {alpha!r}.")
    family = discrete.sign_test_family(wins, losses, direction)
    p = discrete.rounded(family.p)
    owner = np.asarray(target)
    joined = discrete.rounded(simes(p, owner))
    _, first, inverse = np.unique(owner, return_index=True, return_inverse=True)
    if rule == "discrete-fdr":
        q = _discrete(joined[first], family.wins + family.losses, owner, direction)
    else:
        q = ADJUSTMENTS[rule](joined[first])
    adjusted = discrete.rounded(q)[inverse.ravel()]
    found = (adjusted <= alpha) & (joined < 1.0)
    return SimesDecisions(joined, adjusted, _picked(p, owner, joined, found))


def _ranked(values: FloatArray, owner: NDArray[np.int64]) -> tuple[IntArray, ...]:
    """Order by target and p, where each target starts, its entries, and ranks from 1."""
    order = np.lexsort((values, owner))
    sorted_owner = owner[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = sorted_owner[1:] != sorted_owner[:-1]
    start = np.flatnonzero(new)
    sizes = _sizes(start, len(order))
    rank = np.arange(len(order)) - np.repeat(start, sizes) + 1
    return order, start, np.repeat(sizes, sizes), rank


def _sizes(start: IntArray, entries: int) -> IntArray:
    return np.diff(np.append(start, entries))


def _discrete(
    joined: FloatArray, discordant: IntArray, owner: NDArray[np.int64], direction: Direction
) -> FloatArray:
    """Step-down adjusted values; targets with equal sets of discordant numbers count once."""
    points, place, counts = np.unique(joined, return_inverse=True, return_counts=True)
    total = np.zeros(len(points))
    for numbers, targets in _patterns(discordant, owner):
        missed = np.ones(len(points))
        for d in numbers:
            missed *= 1.0 - discrete.null_cdf(points, d, direction)
        chance = np.minimum(points, 1.0 - missed)
        odds = np.full(len(points), discrete.CERTAIN)
        np.divide(chance, 1.0 - chance, out=odds, where=chance < 1.0)
        total += targets * odds
    return discrete.step_down(total, counts.astype(np.int64))[place.ravel()]


def _patterns(discordant: IntArray, owner: NDArray[np.int64]) -> list[tuple[tuple[int, ...], int]]:
    """The different sets of discordant numbers that targets have, and how many have each."""
    order = np.lexsort((discordant, owner))
    _, start = np.unique(owner[order], return_index=True)
    found: dict[tuple[int, ...], int] = {}
    for numbers in np.split(discordant[order], start[1:]) if len(start) else []:
        key = tuple(numbers.tolist())
        found[key] = found.get(key, 0) + 1
    return sorted(found.items())


def _picked(
    p: FloatArray, owner: NDArray[np.int64], joined: FloatArray, found: BoolArray
) -> BoolArray:
    """The grounds a found target is found on: step-up within it, at the list's threshold."""
    picked = np.zeros(len(p), dtype=np.bool_)
    if not found.any():
        return picked
    threshold = float(joined[found].max())
    order, start, number, rank = _ranked(p, owner)
    # Rounded as the joined values were, or a target could lose its own smallest one.
    scaled = discrete.rounded(np.minimum(1.0, p[order] * number / rank))
    met = (scaled <= threshold) & found[order]
    last = np.maximum.reduceat(np.where(met, rank, 0), start)
    picked[order] = rank <= np.repeat(last, _sizes(start, len(p)))
    return picked & found
