"""A report card: targets in a few grades, as many as the tests can tell apart.

A ranking of targets by their results is mostly a ranking of chance. Kline, Rose & Walters
(2024, AER 114:2472-2525, "A Discrimination Report Card") give equal grades unless two
targets can be told apart, and weigh what grades tell against how often they are wrong:
with pairwise posterior probabilities π_ij that i discriminates more than j, grading i
above j costs π_ji - λ π_ij, and a pair is worth separating when π_ij > 1 / (1 + λ); with
λ = 0.25 that is 80 %.

Here targets stand in order of how often they are expected to outrank others, and the
cheapest cut of that order in grades is found exactly by dynamic programming. Nothing is
lost against all orders where the π_ij agree with one order (strong stochastic
transitivity); the tests compare it with integer programming over all weak orders.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics.count_patterns import IntArray
from praktijktest.statistics.net_rates import NetRatePrior, net_rate_prior, posterior_weights
from praktijktest.statistics.shrinkage import discordance_patterns

FloatArray = NDArray[np.float64]

LAMBDA: Final = 0.25
FEWEST_TESTS: Final = 10

BINS: Final = 401
RARE: Final = 1e-5
"""Net rates are compared in so many steps, from where the targets begin to where they end but
for a share of one in a hundred thousand; equal steps count half."""

MOST_KINDS: Final = 1_500
"""Kinds of targets graded apart; of more, those with nearly equal posterior means go together."""


@dataclass(frozen=True, slots=True)
class Grade:
    """The targets with one grade.

    Attributes:
        grade: 1 is the most discriminating.
        targets: how many have it.
        net_rate: mean of their posterior means of the net rate over all tests.
        lowest: the smallest of those posterior means.
        highest: the largest.
    """

    grade: int
    targets: int
    net_rate: float
    lowest: float
    highest: float

    def to_dict(self) -> dict[str, Any]:
        """The grade as plain data."""
        return {
            "grade": self.grade,
            "targets": self.targets,
            "net_rate": self.net_rate,
            "lowest": self.lowest,
            "highest": self.highest,
        }


@dataclass(frozen=True, slots=True)
class Grades:
    """A report card.

    Attributes:
        grade: per target, 1 for the most discriminating; None with fewer than ten tests.
        grades: the grades, from 1 on.
        discordance_rate: of pairs of targets with different grades, the share that is
            expected to stand in the wrong order; None where all have one grade.
        reliability: share of the variance of the true net rates that lies between grades;
            0 where all have one grade.
        ungraded: targets with too few tests.
        kinds: how many kinds of targets were compared.
        lambda_: what a right order is worth, a wrong one costing 1.
        converged: the fit of the distribution of net rates converged.
    """

    grade: tuple[int | None, ...]
    grades: tuple[Grade, ...]
    discordance_rate: float | None
    reliability: float
    ungraded: int
    kinds: int
    lambda_: float
    converged: bool

    def to_dict(self) -> dict[str, Any]:
        """The report card as plain data."""
        return {
            "grade": list(self.grade),
            "grades": [grade.to_dict() for grade in self.grades],
            "discordance_rate": self.discordance_rate,
            "reliability": self.reliability,
            "ungraded": self.ungraded,
            "kinds": self.kinds,
            "lambda": self.lambda_,
            "converged": self.converged,
        }


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Kinds of targets that are graded: posterior of the net rate, and how many there are."""

    posterior: FloatArray
    mean: FloatArray
    variance: FloatArray
    targets: FloatArray
    of_pattern: NDArray[np.intp]


def report_card(
    cells: ArrayLike, lambda_: float = LAMBDA, fewest_tests: int = FEWEST_TESTS
) -> Grades:
    """Grade targets by their net rate over all tests.

    What targets are like is estimated from all of them (`net_rates`), but only those with
    enough tests get a grade. Equal counts get equal grades.

    Args:
        cells: shape (targets, 4): both, only_control, only_test, neither.
        lambda_: what a right order of two targets is worth, above 0 and at most 1.
        fewest_tests: targets with fewer tests get no grade.

    Raises:
        ValueError: impossible counts or lambda.
    """
    if not 0.0 < lambda_ <= 1.0:
        raise ValueError(f"Lambda must lie above 0 and be at most 1, not {lambda_!r}.")
    patterns = discordance_patterns(cells)
    prior = net_rate_prior(patterns)
    enough = patterns.counts.sum(axis=1) >= max(1, fewest_tests)
    kinds = _kinds(prior, patterns.counts[enough], patterns.targets[enough])
    above = outranks(kinds.posterior)
    grade_of_kind = best_grades(above, kinds.targets, lambda_)
    grade_of_pattern = np.zeros(len(patterns), dtype=np.int64)
    grade_of_pattern[enough] = grade_of_kind[kinds.of_pattern]
    given = grade_of_pattern[patterns.of_target]
    return Grades(
        grade=tuple(grade or None for grade in given.tolist()),
        grades=_grades(kinds, grade_of_kind),
        discordance_rate=_discordance_rate(above, kinds.targets, grade_of_kind),
        reliability=_reliability(kinds, grade_of_kind),
        ungraded=int((given == 0).sum()),
        kinds=len(kinds.targets),
        lambda_=lambda_,
        converged=prior.converged,
    )


def outranks(posterior: FloatArray) -> FloatArray:
    """Probability that row i has the larger value than row j; equal values count half.

    Args:
        posterior: per row, probabilities of ascending values, shape (rows, values).

    Returns:
        Shape (rows, rows); entries (i, j) and (j, i) sum to 1.
    """
    below = np.cumsum(posterior, axis=1) - posterior / 2.0
    chance = posterior @ below.T
    # Rounding aside the two already sum to 1.
    return (chance + 1.0 - chance.T) / 2.0


def best_grades(above: FloatArray, number: FloatArray, lambda_: float) -> IntArray:
    """Grades with the least expected loss, of the grades that follow the expected order.

    Args:
        above: probability that i outranks j, shape (kinds, kinds).
        number: how many targets every kind has, shape (kinds,).
        lambda_: what a right order of two targets is worth, a wrong one costing 1.

    Returns:
        The grade of every kind, from 1 on, shape (kinds,).
    """
    order = np.argsort(-(above @ number), kind="stable")
    grade = np.zeros(len(order), dtype=np.int64)
    grade[order] = np.cumsum(_first_of_grade(above[np.ix_(order, order)], number[order], lambda_))
    return grade


def _first_of_grade(ranked: FloatArray, number: FloatArray, lambda_: float) -> NDArray[np.bool_]:
    """Cut an order where that costs least; True for the first kind of every grade."""
    size = len(number)
    loss = np.triu(ranked.T - lambda_ * ranked, 1) * np.outer(number, number)
    # One grade for several kinds avoids the loss of all pairs among them: find the cut that
    # avoids most, from sums over rectangles.
    upto = np.zeros((size + 1, size + 1))
    upto[1:, 1:] = loss.cumsum(axis=0).cumsum(axis=1)
    best = np.zeros(size + 1)
    start = np.zeros(size + 1, dtype=np.intp)
    corner = np.diagonal(upto)
    for end in range(1, size + 1):
        # Per possible start, the pairs within start..end; below the diagonal there is nothing.
        within = upto[end, end] - upto[end, :end] - upto[:end, end] + corner[:end]
        value = best[:end] + within
        start[end] = int(value.argmax())
        best[end] = value[start[end]]
    first = np.zeros(size, dtype=np.bool_)
    end = size
    while end > 0:
        first[start[end]] = True
        end = int(start[end])
    return first


def _kinds(prior: NetRatePrior, counts: IntArray, targets: IntArray) -> _Kinds:
    """Posterior of the net rate per kind of target, in steps of the net rate."""
    bins = _steps(prior)
    order = np.argsort(bins, kind="stable")
    used, begin = np.unique(bins[order], return_index=True)
    posterior = np.zeros((len(counts), len(used)))
    mean, square = np.zeros(len(counts)), np.zeros(len(counts))
    for rows, weights in posterior_weights(prior, prior.mass, counts):
        posterior[rows] = np.add.reduceat(weights[:, order], begin, axis=1)
        mean[rows] = weights @ prior.net_rate
        square[rows] = weights @ prior.net_rate**2
    variance = np.maximum(square - mean**2, 0.0)
    number = targets.astype(np.float64)
    if len(counts) <= MOST_KINDS:
        return _Kinds(posterior, mean, variance, number, np.arange(len(counts)))
    return _merged(_Kinds(posterior, mean, variance, number, np.arange(len(counts))))


def _steps(prior: NetRatePrior) -> NDArray[np.intp]:
    """Step of the net rate in which every cell of the grid lies, where targets are at all."""
    ascending = np.argsort(prior.net_rate, kind="stable")
    upto = np.cumsum(prior.mass.ravel()[ascending])
    ends = np.searchsorted(upto, (RARE, 1.0 - RARE)).clip(0, len(upto) - 1)
    low, high = prior.net_rate[ascending[ends]].tolist()
    width = max(high - low, np.finfo(np.float64).tiny)
    step = (prior.net_rate - low) / width * (BINS - 1)
    return np.asarray(step.clip(0.0, BINS - 1.0).round(), dtype=np.intp)


def _merged(kinds: _Kinds) -> _Kinds:
    """At most `MOST_KINDS` kinds: those next to each other by posterior mean go together."""
    rank = np.argsort(np.argsort(kinds.mean, kind="stable"), kind="stable")
    group = rank * MOST_KINDS // len(rank)
    share = kinds.targets / np.bincount(group, kinds.targets)[group]
    posterior = np.zeros((MOST_KINDS, kinds.posterior.shape[1]))
    np.add.at(posterior, group, share[:, None] * kinds.posterior)
    mean = np.bincount(group, share * kinds.mean).astype(np.float64)
    square = np.bincount(group, share * (kinds.variance + kinds.mean**2))
    return _Kinds(
        posterior=posterior,
        mean=mean,
        variance=np.maximum(square - mean**2, 0.0),
        targets=np.bincount(group, kinds.targets).astype(np.float64),
        of_pattern=group,
    )


def _grades(kinds: _Kinds, grade_of_kind: IntArray) -> tuple[Grade, ...]:
    found = []
    for grade in range(1, int(grade_of_kind.max(initial=0)) + 1):
        mine = grade_of_kind == grade
        number, mean = kinds.targets[mine], kinds.mean[mine]
        found.append(
            Grade(
                grade=grade,
                targets=int(number.sum()),
                net_rate=float(number @ mean / number.sum()),
                lowest=float(mean.min()),
                highest=float(mean.max()),
            )
        )
    return tuple(found)


def _discordance_rate(above: FloatArray, number: FloatArray, grade: IntArray) -> float | None:
    """Expected share of wrong orders among pairs of targets with different grades."""
    apart = np.outer(number, number) * (grade[:, None] < grade[None, :])
    pairs = float(apart.sum())
    return max(0.0, float((apart * above.T).sum()) / pairs) if pairs > 0.0 else None


def _reliability(kinds: _Kinds, grade_of_kind: IntArray) -> float:
    """Variance of the mean net rate of a target's grade, over the variance of true net rates."""
    total = float(kinds.targets.sum())
    if total == 0.0:
        return 0.0
    overall = float(kinds.targets @ kinds.mean) / total
    between = kinds.targets @ (kinds.mean - overall) ** 2
    everything = float(between + kinds.targets @ kinds.variance)
    number = np.bincount(grade_of_kind, kinds.targets)
    sums = np.bincount(grade_of_kind, kinds.targets * kinds.mean)
    given = number > 0.0
    explained = float(number[given] @ (sums[given] / number[given] - overall) ** 2)
    return min(1.0, explained / everything) if everything > 0.0 else 0.0
