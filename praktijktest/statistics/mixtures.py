"""What the targets are like, estimated from all of them: mixtures of binomials and multinomials.

Every target has a probability (or a row of four) of its own, drawn from a distribution
about which nothing is assumed. The nonparametric maximum likelihood estimate of that
distribution (Kiefer & Wolfowitz 1956; Koenker & Mizera 2014) is a convex problem on a
fixed set of candidate points, solved in `mixture_weights`.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, logsumexp

from praktijktest.statistics.count_patterns import IntArray, Patterns, patterns_of, thinned
from praktijktest.statistics.mixture_weights import fit_weights

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MOST_PATTERNS: Final = 3_000
"""Different rows of counts that a fit uses at most; of more, an even selection."""

MOST_OBSERVED: Final = 200
"""Observed proportions that are added to the candidate points at most."""

MANY_TRIALS: Final = 1_000
MANY_TESTS: Final = 30
"""From so many trials (tests of several cells) on, an even grid can miss where a target is."""

GRID: Final = np.linspace(0.0, 1.0, 101)
SIMPLEX_STEPS: Final = 16

IMPOSSIBLE: Final = -1e12


@dataclass(frozen=True, slots=True)
class Mixture:
    """A distribution of probabilities over targets, as points with weights.

    Attributes:
        support: the points that have weight: probabilities, shape (points,), or rows of
            probabilities, shape (points, cells).
        weights: the share of the targets at each point; they sum to 1. Without any target
            there is no point at all.
        log_likelihood: of the counts fitted, binomial coefficients included.
        shortfall: no distribution on the candidate points has a log-likelihood (with the
            penalty, where there is one) that is better by more than this.
        iterations: Newton steps taken.
        converged: the shortfall is negligible.
        targets: how many targets were fitted; those without a trial are left out.
        patterns_fitted: how many different rows of counts stood for them.
    """

    support: FloatArray
    weights: FloatArray
    log_likelihood: float
    shortfall: float
    iterations: int
    converged: bool
    targets: int
    patterns_fitted: int

    def to_dict(self) -> dict[str, Any]:
        """The mixture as plain data."""
        return {
            "support": self.support.tolist(),
            "weights": self.weights.tolist(),
            "log_likelihood": self.log_likelihood,
            "shortfall": self.shortfall,
            "iterations": self.iterations,
            "converged": self.converged,
            "targets": self.targets,
            "patterns_fitted": self.patterns_fitted,
        }


def binomial_mixture(
    successes: ArrayLike,
    trials: ArrayLike,
    grid: ArrayLike | None = None,
    null: ArrayLike | None = None,
    null_weight: float = 1.0,
) -> Mixture:
    """Nonparametric estimate of the distribution of a probability over targets.

    Tested against `npmle_binom` (R package mixsqp).

    Args:
        successes: per target, shape (targets,).
        trials: per target, at least the successes; without trials a target is left out.
        grid: candidate probabilities inside [0, 1]; hundredths, and what was observed in
            targets with very many trials, where not given.
        null: which candidates count as null, shape of `grid`; only with `grid`.
        null_weight: Dirichlet parameter of the null points together, 1 for all others: the
            likelihood is multiplied by their weight to the power null_weight - 1.

    Raises:
        ValueError: impossible counts, grid or weight.
    """
    patterns = _binomial_patterns(successes, trials)
    points = binomial_grid(patterns) if grid is None else _checked_grid(grid)
    counts, targets = thinned(patterns, MOST_PATTERNS)
    kernel = log_binomial(counts, points)
    coefficients = _log_coefficients(counts)
    return _mixture(points, kernel, coefficients, targets, null, null_weight)


def multinomial_mixture(
    counts: ArrayLike,
    cells: int = 4,
    support: ArrayLike | None = None,
    null: ArrayLike | None = None,
    null_weight: float = 1.0,
) -> Mixture:
    """Nonparametric estimate of the distribution of the cell probabilities over targets.

    The candidate points are a lattice over all rows of probabilities and what was
    observed in the targets with most tests (observed rows as candidates: Soloff,
    Guntuboyina & Sen 2024, JRSS B 87:1-32). It assumes that the tests of one target are
    alike: adverts drawn at random from those of the target. With two cells it is the
    binomial mixture.

    Args:
        counts: shape (targets, cells): both, only_control, only_test, neither.
        cells: how many cells there are.
        support: candidate rows of probabilities, shape (points, cells).
        null: which candidates count as null, shape (points,); only with `support`.
        null_weight: as for `binomial_mixture`.

    Raises:
        ValueError: impossible counts, candidates or weight.
    """
    patterns = _with_tests(patterns_of(counts, cells))
    points = multinomial_grid(patterns, cells) if support is None else _checked_rows(support, cells)
    used, targets = thinned(patterns, MOST_PATTERNS)
    kernel = log_multinomial(used, points)
    return _mixture(points, kernel, _log_coefficients(used), targets, null, null_weight)


def log_binomial(counts: IntArray, points: FloatArray) -> FloatArray:
    """Log-likelihood without coefficients of (successes, failures), shape (rows, points)."""
    return log_multinomial(counts, np.stack([points, 1.0 - points], axis=1))


def log_multinomial(counts: IntArray, points: FloatArray) -> FloatArray:
    """Log-likelihood without coefficients of rows of counts at rows of probabilities.

    What is impossible gets a very low number instead of minus infinity, so that matrix
    products stay numbers: a count of 0 in a cell of probability 0 costs nothing.
    """
    possible = points > 0.0
    logs = np.where(possible, np.log(np.where(possible, points, 1.0)), IMPOSSIBLE)
    result: FloatArray = counts.astype(np.float64) @ logs.T
    return result


def binomial_grid(patterns: Patterns) -> FloatArray:
    """Hundredths, and the observed proportions of targets with very many trials."""
    trials = patterns.counts.sum(axis=1)
    many = patterns.counts[trials >= MANY_TRIALS]
    return np.union1d(GRID, _even_selection(np.unique(many[:, 0] / many.sum(axis=1))))


def multinomial_grid(patterns: Patterns, cells: int) -> FloatArray:
    """A lattice over all rows of probabilities, and observed rows of the largest targets."""
    tests = patterns.counts.sum(axis=1)
    largest = np.argsort(-tests, kind="stable")[:MOST_OBSERVED]
    largest = largest[tests[largest] >= MANY_TESTS]
    observed = patterns.counts[largest] / tests[largest, None]
    return np.unique(np.vstack([simplex_lattice(cells, SIMPLEX_STEPS), observed]), axis=0)


def simplex_lattice(cells: int, steps: int) -> FloatArray:
    """All rows of `cells` probabilities that are multiples of 1 / steps and sum to 1."""
    axes = np.meshgrid(*[np.arange(steps + 1)] * (cells - 1), indexing="ij")
    free = np.stack([axis.ravel() for axis in axes], axis=1)
    free = free[free.sum(axis=1) <= steps]
    lattice: FloatArray = np.column_stack([free, steps - free.sum(axis=1)]) / steps
    return lattice


def _mixture(
    points: FloatArray,
    kernel: FloatArray,
    coefficients: FloatArray,
    targets: FloatArray,
    null: ArrayLike | None,
    null_weight: float,
) -> Mixture:
    is_null = None if null is None else np.asarray(null, dtype=np.bool_)
    if not null_weight >= 1.0:
        raise ValueError(f"The null weight must be at least 1, not {null_weight!r}.")
    if null_weight > 1.0 and (is_null is None or not is_null.any()):
        raise ValueError("A null weight needs candidate points that count as null.")
    if is_null is not None and is_null.shape != (len(points),):
        raise ValueError("Null must say of every candidate point whether it is null.")
    found = fit_weights(kernel, targets, is_null, null_weight)
    kept = found.weights > 0.0
    log_joint = kernel[:, kept] + np.log(found.weights[kept])
    return Mixture(
        support=points[kept],
        weights=found.weights[kept],
        log_likelihood=float(targets @ (logsumexp(log_joint, axis=1) + coefficients)),
        shortfall=found.shortfall,
        iterations=found.iterations,
        converged=found.converged,
        targets=round(float(targets.sum())),
        patterns_fitted=len(targets),
    )


def _binomial_patterns(successes: ArrayLike, trials: ArrayLike) -> Patterns:
    x, n = np.asarray(successes), np.asarray(trials)
    if x.shape != n.shape or x.ndim != 1:
        raise ValueError(f"Successes {x.shape} and trials {n.shape} must be two equal rows.")
    return _with_tests(patterns_of(np.stack([x, n - x], axis=1), 2))


def _with_tests(patterns: Patterns) -> Patterns:
    tested = patterns.counts.sum(axis=1) > 0
    return Patterns(patterns.counts[tested], patterns.targets[tested], patterns.of_target[:0])


def _even_selection(values: FloatArray) -> FloatArray:
    if len(values) <= MOST_OBSERVED:
        return values
    return values[np.linspace(0, len(values) - 1, MOST_OBSERVED).round().astype(np.intp)]


def _log_coefficients(counts: IntArray) -> FloatArray:
    ways: FloatArray = gammaln(counts.sum(axis=1) + 1.0) - gammaln(counts + 1.0).sum(axis=1)
    return ways


def _checked_grid(grid: ArrayLike) -> FloatArray:
    points = np.asarray(grid, dtype=np.float64)
    if points.ndim != 1 or len(points) == 0 or not ((points >= 0) & (points <= 1)).all():
        raise ValueError("Candidate points must be one row of probabilities.")
    return points


def _checked_rows(support: ArrayLike, cells: int) -> FloatArray:
    points = np.asarray(support, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != cells or len(points) == 0:
        raise ValueError(f"Candidate points must be rows of {cells} probabilities.")
    if not (points >= 0.0).all() or not np.allclose(points.sum(axis=1), 1.0):
        raise ValueError("Every candidate row of probabilities must sum to 1.")
    return points
