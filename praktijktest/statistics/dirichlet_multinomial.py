"""How alike the tests of one target are: the Dirichlet-multinomial and beta-binomial models.

Every target has cell probabilities of its own, drawn from a Dirichlet distribution. Its
mean says what targets do on average, its concentration how much they differ: a
concentration of A means that tests of one target correlate with 1 / (1 + A). With two
cells this is the beta-binomial. It is the smooth start of `net_rates` and, alone, the
usual measure of overdispersion (Skellam 1948; Mosimann 1962, Biometrika 49:65-82).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from praktijktest.statistics.count_patterns import IntArray, patterns_of

FloatArray = NDArray[np.float64]

SMALLEST: Final = -12.0
LARGEST: Final = 14.0
"""Limits of log alpha: at exp(14) = 1.2 million targets are alike for every purpose."""

STARTS: Final = (3.0, 50.0)
"""Concentrations to start from: the likelihood can be flat far from its top."""


@dataclass(frozen=True, slots=True)
class DirichletMultinomial:
    """A Dirichlet distribution of cell probabilities, fitted by maximum likelihood.

    Attributes:
        alpha: its parameters, shape (cells,); the mean is alpha / sum(alpha).
        log_likelihood: of the counts, multinomial coefficients included.
        correlation: of two tests of one target, 1 / (1 + sum(alpha)).
        at_limit: a parameter stands at the limit of the search: the targets differ no more
            than chance (large), or a cell never occurs or targets are all of one kind (small).
        converged: the slope of the log-likelihood vanishes, but for parameters at a limit.
        targets: how many targets were fitted.
    """

    alpha: FloatArray
    log_likelihood: float
    correlation: float
    at_limit: bool
    converged: bool
    targets: int

    def to_dict(self) -> dict[str, Any]:
        """The fit as plain data."""
        return {
            "alpha": self.alpha.tolist(),
            "log_likelihood": self.log_likelihood,
            "correlation": self.correlation,
            "at_limit": self.at_limit,
            "converged": self.converged,
            "targets": self.targets,
        }


def beta_binomial(successes: ArrayLike, trials: ArrayLike) -> DirichletMultinomial:
    """Beta-binomial fit; alpha holds the two parameters of the beta distribution.

    Tested against `betabinom_mle` (R package VGAM).

    Args:
        successes: per target, shape (targets,).
        trials: per target, at least the successes.

    Raises:
        ValueError: impossible counts.
    """
    x, n = np.asarray(successes), np.asarray(trials)
    if x.shape != n.shape or x.ndim != 1:
        raise ValueError(f"Successes {x.shape} and trials {n.shape} must be two equal rows.")
    return dirichlet_multinomial(np.stack([x, n - x], axis=1), 2)


def dirichlet_multinomial(counts: ArrayLike, cells: int = 4) -> DirichletMultinomial:
    """Dirichlet-multinomial fit to counts, shape (targets, cells).

    Targets without a test are left out. Without any, alpha is 1 in every cell.

    Raises:
        ValueError: impossible counts.
    """
    patterns = patterns_of(counts, cells)
    tested = patterns.counts.sum(axis=1) > 0
    return fitted(patterns.counts[tested], patterns.targets[tested].astype(np.float64))


def fitted(counts: IntArray, targets: FloatArray) -> DirichletMultinomial:
    """As `dirichlet_multinomial`, for rows of counts that many targets share."""
    cells = counts.shape[1]
    if len(counts) == 0:
        return DirichletMultinomial(np.ones(cells), 0.0, 1.0 / (1.0 + cells), False, True, 0)

    def objective(log_alpha: FloatArray) -> tuple[float, FloatArray]:
        alpha = np.exp(log_alpha)
        slope = _slope(alpha, counts, targets) * alpha
        return -log_likelihood(alpha, counts, targets) / scale, -slope / scale

    scale = float(targets.sum())
    mean = (targets @ counts + 0.5) / (targets @ counts + 0.5).sum()
    bounds = [(SMALLEST, LARGEST)] * cells
    options = {"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-9}
    tries = [
        minimize(
            objective,
            np.log(mean * start).clip(SMALLEST, LARGEST),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options=options,
        )
        for start in STARTS
    ]
    best = min(tries, key=lambda found: float(found.fun))
    return _result(np.asarray(best.x), objective(best.x)[1], counts, targets)


def log_likelihood(alpha: FloatArray, counts: IntArray, targets: FloatArray) -> float:
    """Log-likelihood without multinomial coefficients."""
    total, n = alpha.sum(), counts.sum(axis=1)
    per_row = gammaln(total) - gammaln(total + n)
    per_row += (gammaln(alpha + counts) - gammaln(alpha)).sum(axis=1)
    return float(targets @ per_row)


def _slope(alpha: FloatArray, counts: IntArray, targets: FloatArray) -> FloatArray:
    total, n = alpha.sum(), counts.sum(axis=1)
    shared = float(targets @ (digamma(total) - digamma(total + n)))
    slope: FloatArray = shared + targets @ (digamma(alpha + counts) - digamma(alpha))
    return slope


def _result(
    log_alpha: FloatArray, slope: FloatArray, counts: IntArray, targets: FloatArray
) -> DirichletMultinomial:
    alpha = np.exp(log_alpha)
    at_limit = (log_alpha <= SMALLEST + 1e-6) | (log_alpha >= LARGEST - 1e-6)
    coefficients = gammaln(counts.sum(axis=1) + 1.0) - gammaln(counts + 1.0).sum(axis=1)
    return DirichletMultinomial(
        alpha=alpha,
        log_likelihood=log_likelihood(alpha, counts, targets) + float(targets @ coefficients),
        correlation=1.0 / (1.0 + float(alpha.sum())),
        at_limit=bool(at_limit.any()),
        converged=bool((np.abs(slope[~at_limit]) < 1e-4).all()),
        targets=round(float(targets.sum())),
    )
