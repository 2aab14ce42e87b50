"""How alike the trials of one target are: the beta-binomial model of overdispersion.

Every target has a probability of its own, drawn from a beta distribution. Its mean says
what targets do on average, its concentration how much they differ: with parameters a and
b two trials of one target correlate with 1 / (1 + a + b) (Skellam 1948, JRSS B 10:257-261).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import betaln, digamma, gammaln

from praktijktest.statistics.count_patterns import IntArray, patterns_of

FloatArray = NDArray[np.float64]

SMALLEST: Final = -12.0
LARGEST: Final = 14.0
"""Limits of the logarithms of the parameters: from e¹⁴ on, 1.2 million, targets are alike."""

STARTS: Final = (3.0, 50.0)
"""Concentrations to start from: the likelihood can be flat far from its top."""

FLAT: Final = 1e-4
"""Slope of the log-likelihood per target, in the logarithm of a parameter, that is as good as 0."""


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """A beta distribution of probabilities over targets, fitted by maximum likelihood.

    Attributes:
        alpha: its first parameter; the mean is alpha / (alpha + beta).
        beta: its second parameter.
        log_likelihood: of the counts, binomial coefficients included.
        correlation: of two trials of one target, 1 / (1 + alpha + beta).
        at_limit: a parameter stands at the limit of the search: targets differ no more than
            chance (large), or some outcome never occurs or never mixes (small).
        converged: the slope of the log-likelihood vanishes, but for parameters at a limit.
        targets: how many targets were fitted; those without a trial are left out.
    """

    alpha: float
    beta: float
    log_likelihood: float
    correlation: float
    at_limit: bool
    converged: bool
    targets: int

    def to_dict(self) -> dict[str, Any]:
        """The fit as plain data."""
        return {
            "alpha": self.alpha,
            "beta": self.beta,
            "log_likelihood": self.log_likelihood,
            "correlation": self.correlation,
            "at_limit": self.at_limit,
            "converged": self.converged,
            "targets": self.targets,
        }


def beta_binomial(successes: ArrayLike, trials: ArrayLike) -> BetaBinomial:
    """Beta-binomial fit by maximum likelihood; without any trial both parameters are 1.

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
    patterns = patterns_of(np.stack([x, n - x], axis=1), 2)
    return fitted(patterns.counts, patterns.targets.astype(np.float64))


def fitted(counts: IntArray, targets: FloatArray) -> BetaBinomial:
    """As `beta_binomial`, for rows (successes, failures) that many targets share."""
    tried = counts.sum(axis=1) > 0
    counts, targets = counts[tried], targets[tried]
    scale = float(targets.sum())
    if scale == 0.0:
        return BetaBinomial(1.0, 1.0, 0.0, 1.0 / 3.0, False, True, 0)

    def objective(logs: FloatArray) -> tuple[float, FloatArray]:
        parameters = np.exp(logs)
        slope = _slope(parameters, counts, targets) * parameters
        return -log_likelihood(parameters, counts, targets) / scale, -slope / scale

    total = targets @ counts + 0.5
    mean = total / total.sum()
    tries = [
        minimize(
            objective,
            np.log(mean * start).clip(SMALLEST, LARGEST),
            jac=True,
            method="L-BFGS-B",
            bounds=[(SMALLEST, LARGEST)] * 2,
            options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-10},
        )
        for start in STARTS
    ]
    best = np.asarray(min(tries, key=lambda found: float(found.fun)).x)
    return _result(best, objective(best)[1], counts, targets)


def log_likelihood(parameters: FloatArray, counts: IntArray, targets: FloatArray) -> float:
    """Log-likelihood of (alpha, beta) without binomial coefficients."""
    alpha, beta = parameters
    per_row = betaln(alpha + counts[:, 0], beta + counts[:, 1]) - betaln(alpha, beta)
    return float(targets @ per_row)


def _slope(parameters: FloatArray, counts: IntArray, targets: FloatArray) -> FloatArray:
    total, n = parameters.sum(), counts.sum(axis=1)
    shared = float(targets @ (digamma(total) - digamma(total + n)))
    slope: FloatArray = shared + targets @ (digamma(parameters + counts) - digamma(parameters))
    return slope


def _result(
    logs: FloatArray, slope: FloatArray, counts: IntArray, targets: FloatArray
) -> BetaBinomial:
    parameters = np.exp(logs)
    at_limit = (logs <= SMALLEST + 1e-6) | (logs >= LARGEST - 1e-6)
    coefficients = gammaln(counts.sum(axis=1) + 1.0) - gammaln(counts + 1.0).sum(axis=1)
    return BetaBinomial(
        alpha=float(parameters[0]),
        beta=float(parameters[1]),
        log_likelihood=log_likelihood(parameters, counts, targets) + float(targets @ coefficients),
        correlation=1.0 / (1.0 + float(parameters.sum())),
        at_limit=bool(at_limit.any()),
        converged=bool((np.abs(slope[~at_limit]) < FLAT).all()),
        targets=round(float(targets.sum())),
    )
