"""Neumark's test: is the gap a difference in level, or in what employers cannot see?

An ideal paired test still mistakes a difference in the variance of unobserved qualities for
discrimination, in either direction (Heckman & Siegelman 1993). Where covariates of quality
vary and mean the same for both groups, the two can be told apart: P(Y=1) =
Phi((x'beta + gamma·B) / exp(omega·B)), Neumark 2012, Journal of Human Resources 47:
1128-1157. Tested against `hetprobit_neumark` (R package glmx).
"""

from dataclasses import dataclass
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

from praktijktest.statistics.scaling import standardised

FloatArray = NDArray[np.floating[Any]]

CONVERGED = 1e-5
"""Largest slope of the log-likelihood, per observation, at what counts as its maximum."""


@dataclass(frozen=True, slots=True)
class HeteroskedasticProbit:
    """A fitted model and what it says of the gap.

    Attributes:
        coefficients: of the regressors and the group, shape (k + 1,), the group last.
        log_ratio: omega, log of the groups' ratio of standard deviations, test over control.
        covariance: of the coefficients and omega, shape (k + 2, k + 2).
        scores: slope of the log-likelihood per observation, shape (n, k + 2).
        log_likelihood: at the maximum.
        probit_log_likelihood: of the model with equal variances.
        lr: likelihood-ratio statistic of equal variances, chi-square on 1 degree of freedom.
        total: mean marginal effect of the group on the chance of a positive reply.
        level: the part of it that is a difference in level: discrimination.
        variance: the part that comes from unequal variance.
    """

    coefficients: FloatArray
    log_ratio: float
    covariance: FloatArray
    scores: FloatArray
    log_likelihood: float
    probit_log_likelihood: float
    lr: float
    total: float
    level: float
    variance: float


def fit_heteroskedastic_probit(
    x: FloatArray, group: NDArray[np.bool_], y: NDArray[np.bool_]
) -> HeteroskedasticProbit:
    """Fit the model by maximum likelihood.

    Args:
        x: constant and covariates, shape (n, k), without the group; at least one covariate
            besides the constant, or the model is not identified.
        group: whether each application is of the test group.
        y: outcomes.

    Raises:
        ArithmeticError: no maximum was found.
    """
    scaled, back = standardised(x)
    design = np.column_stack([scaled, group])
    sign = np.where(y, 1.0, -1.0)
    member = group.astype(np.float64)
    start = np.zeros(design.shape[1] + 1)
    probit = _maximum(start, design, member, sign, free=False)
    full = _maximum(probit, design, member, sign, free=True)
    information = -_hessian(full, design, member, sign)
    try:
        covariance = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        raise ArithmeticError("The likelihood is flat at its maximum.") from None
    if not (np.diag(covariance) > 0).all():
        raise ArithmeticError("No maximum of the likelihood was found.")
    whole = np.eye(len(full))
    whole[: len(back), : len(back)] = back
    covariance = whole @ covariance @ whole.T
    log_likelihood = _log_likelihood(full, design, member, sign)
    equal = _log_likelihood(probit, design, member, sign)
    full, design = whole @ full, np.column_stack([x, group])
    coefficients, omega = full[:-1], float(full[-1])
    level, variance = _decomposition(coefficients, omega, x, group)
    return HeteroskedasticProbit(
        coefficients=coefficients,
        log_ratio=omega,
        covariance=covariance,
        scores=_scores(full, design, member, sign),
        log_likelihood=log_likelihood,
        probit_log_likelihood=equal,
        lr=max(2 * (log_likelihood - equal), 0.0),
        total=level + variance,
        level=level,
        variance=variance,
    )


def _decomposition(
    coefficients: FloatArray, omega: float, x: FloatArray, group: NDArray[np.bool_]
) -> tuple[float, float]:
    """Mean effect of moving everybody from the control to the test group, in two steps.

    First the level at the control's variance, then the variance at the test group's level.
    """
    base = x @ coefficients[:-1]
    gamma = coefficients[-1]
    control = ndtr(base).mean()
    moved = ndtr(base + gamma).mean()
    both = ndtr((base + gamma) / exp(omega)).mean()
    return float(moved - control), float(both - moved)


def _log_likelihood(
    theta: FloatArray, design: FloatArray, member: FloatArray, sign: FloatArray
) -> float:
    index = (design @ theta[:-1]) * np.exp(-theta[-1] * member)
    return float(log_ndtr(sign * index).sum())


def _scores(
    theta: FloatArray, design: FloatArray, member: FloatArray, sign: FloatArray
) -> FloatArray:
    scale = np.exp(-theta[-1] * member)
    index = (design @ theta[:-1]) * scale
    ratio = np.exp(-0.5 * index**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(sign * index))
    slope = sign * ratio
    return np.column_stack([design * (slope * scale)[:, None], -slope * index * member])


def _gradient(
    theta: FloatArray, design: FloatArray, member: FloatArray, sign: FloatArray
) -> FloatArray:
    gradient: FloatArray = _scores(theta, design, member, sign).sum(axis=0)
    return gradient


def _maximum(
    start: FloatArray, design: FloatArray, member: FloatArray, sign: FloatArray, *, free: bool
) -> FloatArray:
    """Where the likelihood is largest; the last parameter stays at zero unless `free`."""
    from scipy.optimize import minimize

    used = np.ones(len(start), dtype=bool)
    used[-1] = free

    def whole(part: FloatArray) -> FloatArray:
        theta = np.zeros(len(start))
        theta[used] = part
        return theta

    def loss(part: FloatArray) -> tuple[float, FloatArray]:
        theta = whole(part)
        slope = _gradient(theta, design, member, sign)[used]
        return -_log_likelihood(theta, design, member, sign), -slope

    found = minimize(
        loss,
        start[used],
        jac=True,
        method="BFGS",
        options={"gtol": 1e-8, "maxiter": 500},
    )
    theta = whole(found.x)
    slope = np.abs(_gradient(theta, design, member, sign)[used]).max()
    if not np.isfinite(found.fun) or slope > CONVERGED * len(sign):
        raise ArithmeticError("No maximum of the likelihood was found.")
    return theta


def _hessian(
    theta: FloatArray, design: FloatArray, member: FloatArray, sign: FloatArray
) -> FloatArray:
    """Second derivatives, by central differences of the exact slope."""
    size = len(theta)
    matrix = np.zeros((size, size))
    for place in range(size):
        step = 1e-5 * max(abs(theta[place]), 1.0)
        ahead, behind = theta.copy(), theta.copy()
        ahead[place] += step
        behind[place] -= step
        difference = _gradient(ahead, design, member, sign) - _gradient(
            behind, design, member, sign
        )
        matrix[place] = difference / (2 * step)
    return (matrix + matrix.T) / 2
