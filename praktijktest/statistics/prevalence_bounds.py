"""How many targets discriminate at the very least, and how sure one can be of one of them.

Kline & Walters (2021, Econometrica 89:765-792) bound both without assuming anything about
the distribution over targets. Their bounds take the observed shares of outcomes for the
true ones, which makes them far too bold (Gu, Ignatiadis & Shaikh 2025, "Reasonable
uncertainty"). Here the true shares lie anywhere in simultaneous Clopper-Pearson limits
(a localisation in the sense of Ignatiadis & Wager 2022, JASA 117:1149-1166) and a linear
programme finds the worst case, so that a bound holds with the confidence it states.

Their model is that the applications of one job are independent draws. The two of a paired
test are not (both fail when the flat was let before), so it is not used for paired tests.
Two models are, both given the number d of discordant tests:

* `prevalence_bound`: of a target that treats both alike, wins are Bin(d, 1/2) whatever its
  adverts are like; of any other target they may be anything. Valid by randomisation alone.
* `posterior_bound`: of any target, wins are Bin(d, q) with q of its own. The distribution
  of q may differ for every d, as who discriminates has more discordant tests. One
  distribution for all d would give larger bounds, and wrong ones.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.special import betaincinv, binom, gammaln, ndtri, xlog1py, xlogy

from praktijktest.statistics.count_patterns import IntArray, Patterns, patterns_of_pairs
from praktijktest.statistics.mcnemar import binomial_half_tail
from praktijktest.statistics.power import wins_needed
from praktijktest.statistics.proportions import critical_value

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LEVELS: Final = (0.5, 0.2, 0.05, 0.01, 0.001)
"""One-sided levels of the events that the bound on prevalence counts, for control favoured;
all but the first are counted for either direction too."""

APART: Final = 64

STEPS: Final = 200
"""Steps of the grid of q from 0 to 1."""

SOLVER: Final = 1e-6
"""What is taken off for the accuracy of the linear programme."""

MOST_DISCORDANT: Final = 150
"""Posterior bounds are computed up to so many discordant tests, and are 0 beyond."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A lower confidence bound on the share of targets that treat applicants unequally.

    Attributes:
        low: at least this share of the targets does, with the stated confidence.
        targets: the targets it is a share of.
        informative: those with a discordant test; the others count as treating alike.
        confidence: the chance that the bound is true, one-sided.
        solved: the linear programme was solved; where not, `low` is 0.
    """

    low: float
    targets: int
    informative: int
    confidence: float
    solved: bool

    def to_dict(self) -> dict[str, Any]:
        """The bound as plain data."""
        return {
            "low": self.low,
            "targets": self.targets,
            "informative": self.informative,
            "confidence": self.confidence,
            "solved": self.solved,
        }


def prevalence_bound(wins: ArrayLike, losses: ArrayLike, confidence: float = 0.95) -> Bound:
    """Share of these targets that treat control and test applicants unequally, at least.

    Few of the targets that treat both alike have extreme counts, and how few is known
    exactly. Counting who has them bounds how many there can be. The count is a sum of
    independent events with unequal chances, for whose mean Clopper-Pearson limits hold
    (Hoeffding 1956). It speaks of the targets given, and of no others.

    Args:
        wins: tests that favoured the control applicant only, shape (targets,).
        losses: tests that favoured the test applicant only, shape (targets,).
        confidence: one-sided, inside (0, 1).

    Raises:
        ValueError: impossible counts or level.
    """
    critical_value(confidence)
    patterns = patterns_of_pairs(wins, losses)
    targets = int(patterns.targets.sum())
    discordant = patterns.counts.sum(axis=1)
    informative = int(patterns.targets[discordant > 0].sum())
    if informative == 0:
        return Bound(0.0, targets, 0, confidence, True)
    rows, limits, size = _events(patterns, discordant, confidence)
    most = _most_alike(rows, limits, size)
    low = 0.0 if most is None else max(0.0, 1.0 - most / targets - SOLVER)
    return Bound(low, targets, informative, confidence, most is not None)


def posterior_bound(
    wins: ArrayLike, losses: ArrayLike, which: ArrayLike, confidence: float = 0.95
) -> FloatArray:
    """P(q > 1/2 | b, d) of chosen targets, at least; what holds without any model of q.

    With fewer than hundreds of targets that have the same d this is 0 or little more: what
    an estimate says beyond it comes from its assumptions. The limits of all outcomes hold
    together, so all bounds do, whichever targets are chosen.

    Args:
        wins: of all targets, shape (targets,).
        losses: of all targets.
        which: which targets to bound, shape (targets,); the others get 0.
        confidence: one-sided, inside (0, 1).

    Raises:
        ValueError: impossible counts, level or shapes.
    """
    critical_value(confidence)
    patterns = patterns_of_pairs(wins, losses)
    chosen = np.asarray(which, dtype=np.bool_)
    if chosen.shape != patterns.of_target.shape:
        raise ValueError(f"Which {chosen.shape} must say of every target whether it is chosen.")
    discordant = patterns.counts.sum(axis=1)
    judged = (discordant > 0) & (discordant <= MOST_DISCORDANT)
    alpha = (1.0 - confidence) / max(1, int((np.unique(discordant[judged]) + 1).sum()))
    asked = np.zeros(len(patterns), dtype=np.bool_)
    asked[patterns.of_target[chosen]] = True
    low = np.zeros(len(patterns))
    for d in np.unique(discordant[asked & judged]).tolist():
        same = discordant == d
        won = patterns.counts[same, 0]
        counts = np.bincount(won, patterns.targets[same], d + 1).astype(np.float64)
        bounds = {k: _posterior_low(d, counts, k, alpha) for k in won[asked[same]].tolist()}
        low[same] = [bounds.get(k, 0.0) for k in won.tolist()]
    return np.where(chosen, low[patterns.of_target], 0.0)


def kw_moments(shares: ArrayLike) -> FloatArray:
    """Moments of two callback rates that counts per job identify (Kline & Walters 2021).

    For jobs that get so many applications of either kind; nothing beyond these moments is
    known of the distribution over jobs. The variance of the gap is
    m[2, 0] + m[0, 2] - 2 m[1, 1] - (m[1, 0] - m[0, 1])². Tested against `kw_moments`.

    Args:
        shares: share of the jobs with i callbacks of the one kind and j of the other, shape
            (applications + 1, applications + 1).

    Returns:
        The mean of (first rate)^m (second rate)^n at [m, n], of the same shape.

    Raises:
        ValueError: not a table of shares that sum to 1.
    """
    table = np.asarray(shares, dtype=np.float64)
    if table.ndim != 2 or not (table >= 0.0).all() or not np.isclose(table.sum(), 1.0):
        raise ValueError("Shares of jobs must be a table of shares that sum to 1.")
    first, second = (_falling(size - 1) for size in table.shape)
    moments: FloatArray = first @ table @ second.T
    return moments


def _falling(most: int) -> FloatArray:
    """C(i, m) / C(most, m) at [m, i]."""
    count = np.arange(most + 1)
    return np.asarray(binom(count[None, :], count[:, None]) / binom(most, count)[:, None])


def largest_posterior(
    kernel: FloatArray, low: FloatArray, high: FloatArray, members: BoolArray, outcome: int
) -> float | None:
    """The largest posterior probability that the members of a mixture can have.

    A ratio of two linear forms, made linear by scaling so that the outcome has
    probability 1 (Charnes & Cooper 1962). With an outcome that is certain it is the
    largest share of the members.

    Args:
        kernel: probability of every outcome under every component, (outcomes, components).
        low: lower limits of the shares of the outcomes, shape (outcomes,).
        high: upper limits.
        members: which components count, shape (components,).
        outcome: the outcome that was observed.

    Returns:
        The probability, 1 where the outcome need not occur at all, or None where no mixture
        meets the limits.
    """
    if low[outcome] <= 0.0:
        return 1.0
    components = kernel.shape[1]
    # Unknowns: the scaled weights, and the scale.
    found = linprog(
        -np.append(kernel[outcome] * members, 0.0),
        A_ub=np.vstack([np.column_stack([kernel, -high]), np.column_stack([-kernel, low])]),
        b_ub=np.zeros(2 * len(kernel)),
        A_eq=np.vstack([np.append(kernel[outcome], 0.0), np.append(np.ones(components), -1.0)]),
        b_eq=[1.0, 0.0],
        method="highs",
    )
    if not found.success or found.fun is None:
        return None
    return min(1.0, max(0.0, -float(found.fun)))


def clopper_pearson_box(counts: ArrayLike, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Limits of the shares of outcomes, each wrong with chance alpha at most.

    With alpha a share of the whole error per outcome all hold together (Bonferroni).

    Args:
        counts: how often every outcome occurred, shape (outcomes,).
        alpha: both sides together, inside (0, 1).
    """
    x = np.asarray(counts, dtype=np.float64)
    n = float(x.sum())
    low = np.where(x > 0.0, betaincinv(np.maximum(x, 0.5), n - x + 1.0, alpha / 2.0), 0.0)
    high = np.where(x < n, betaincinv(x + 1.0, np.maximum(n - x, 0.5), 1.0 - alpha / 2.0), 1.0)
    return low, high


def _events(
    patterns: Patterns, discordant: IntArray, confidence: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """How many of the targets that treat both alike should have no extreme count.

    Returns:
        Per event and group of d, the chance of such a target to be free of the event, shape
        (events, groups); how many targets at most are so on average, shape (events,); and
        how many targets every group has, shape (groups,).
    """
    numbers, which = np.unique(discordant, return_inverse=True)
    group = np.unique(_group_of_number(numbers), return_inverse=True)[1]
    size = np.bincount(group[which], weights=patterns.targets).astype(np.float64)
    alpha = (1.0 - confidence) / (2 * len(LEVELS) - 1)
    rows, limits = [], []
    for level in LEVELS:
        needed = _extreme_from(numbers, level)
        chance = np.where(needed <= numbers, binomial_half_tail(needed, numbers), 0.0)
        won = patterns.counts >= needed[which, None]
        for sides in (1, 2) if level < 0.5 else (1,):
            event = won.any(axis=1) if sides == 2 else won[:, 0]
            # The largest chance in the group leaves room for most targets.
            most = np.zeros(len(size))
            np.maximum.at(most, group, sides * chance)
            able = most > 0.0
            number = float(size[able].sum())
            count = float(patterns.targets @ (able[group[which]] & ~event))
            rows.append(np.where(able, 1.0 - most, 0.0))
            limits.append(number * _upper_limit(count, number, alpha))
    return np.array(rows), np.array(limits), size


def _extreme_from(numbers: IntArray, level: float) -> IntArray:
    """Wins from which a count is extreme: by the exact test, or its approximation for many.

    Any number would do, as the chance of reaching it is computed exactly.
    """
    needed = wins_needed(np.minimum(numbers, APART), level)
    normal = np.ceil((numbers - ndtri(level) * np.sqrt(numbers) + 1.0) / 2.0).astype(np.int64)
    return np.where(numbers <= APART, needed, normal)


def _group_of_number(numbers: IntArray) -> IntArray:
    """Numbers of discordant tests to 64 stand alone, larger ones with those within 5 %."""
    larger = np.maximum(numbers, APART)
    steps = np.round(np.log(larger / APART) / np.log(1.05)).astype(np.int64)
    return np.where(numbers <= APART, numbers, APART + steps)


def _upper_limit(count: float, number: float, alpha: float) -> float:
    """One-sided upper Clopper-Pearson limit of a share."""
    if count >= number:
        return 1.0
    return float(betaincinv(count + 1.0, number - count, 1.0 - alpha))


def _most_alike(rows: FloatArray, limits: FloatArray, size: FloatArray) -> float | None:
    """The most targets that can treat both alike: numbers per d, within size and limits."""
    bounds = [(0.0, most) for most in size.tolist()]
    found = linprog(-np.ones(len(size)), A_ub=rows, b_ub=limits, bounds=bounds, method="highs")
    return -float(found.fun) if found.success and found.fun is not None else None


def _posterior_low(d: int, counts: FloatArray, won: int, alpha: float) -> float:
    """Lower bound of P(q > 1/2) after `won` of d, from how often every outcome occurred."""
    kernel, slack = _binomial_kernel(d)
    low, high = clopper_pearson_box(counts, alpha)
    low, high = np.maximum(low - slack, 0.0), high + slack
    innocent = np.arange(STEPS + 1) <= STEPS // 2
    share = largest_posterior(kernel, low, high, innocent, won)
    if share is None or low[won] <= 0.0:
        return 0.0
    return max(0.0, 1.0 - share - 2.0 * float(slack[won] / low[won]) - SOLVER)


def _binomial_kernel(d: int) -> tuple[FloatArray, FloatArray]:
    """Bin(d, q) on the grid of q, and how far values between the points can be off.

    Between two points a chance is within step² / 8 times its curvature of the line.
    """
    grid = np.linspace(0.0, 1.0, STEPS + 1)
    curvature = np.zeros((d + 1, STEPS + 1))
    if d > 1:
        shorter = np.pad(_binomial(d - 2, grid), ((2, 2), (0, 0)))
        curvature = d * (d - 1) * np.abs(shorter[:-2] - 2.0 * shorter[1:-1] + shorter[2:])
    steepest = curvature.max(axis=1) * 1.1
    return _binomial(d, grid), steepest / (8.0 * STEPS**2)


def _binomial(d: int, grid: FloatArray) -> FloatArray:
    """Probabilities of 0, …, d successes, shape (d + 1, points)."""
    k = np.arange(d + 1)
    ways = gammaln(d + 1.0) - gammaln(k + 1.0) - gammaln(d - k + 1.0)
    logs = xlogy(k[:, None], grid) + xlog1py((d - k)[:, None], -grid)
    chances: FloatArray = np.exp(ways[:, None] + logs)
    return chances
