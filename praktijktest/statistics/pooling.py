"""Several rounds or cities together: random-effects meta-analysis of a few estimates.

REML by Fisher scoring run to the end (defaults of other programs stop at 1e-5), with the
Hartung-Knapp-Sidik-Jonkman interval, which is the one to use with few studies. Tested against
`meta_reml`, `meta_hksj` and `meta_dl_pm_fe` (R package metafor).
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, stdtr, stdtrit

from praktijktest.statistics.proportions import critical_value
from praktijktest.statistics.sandwich import rank_of

FloatArray = NDArray[np.floating[Any]]

STEPS, TOLERANCE = 10_000, 1e-13


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One pooled coefficient; limits are None where one study cannot give them."""

    name: str
    value: float
    se: float | None
    low: float | None
    high: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Pooled:
    """A random-effects meta-analysis.

    Attributes:
        studies: how many estimates were pooled.
        coefficients: the pooled effect, and slopes of a meta-regression; by
            Hartung-Knapp-Sidik-Jonkman on studies minus coefficients degrees of freedom.
        normal: the same with a normal interval, which is too short with few studies.
        tau2: variance between studies by REML.
        tau2_dl, tau2_pm: the same by DerSimonian-Laird and Paule-Mandel.
        fixed: the effect if studies did not differ, with its standard error.
        i2: share of the variation that is between studies, 0 … 1.
        q, q_p: Cochran's heterogeneity statistic and its p-value.
        prediction: where the effect of one more study is expected; None below three studies.
        weights: weight of each study in the pooled effect, adding to one.
    """

    studies: int
    coefficients: tuple[Coefficient, ...]
    normal: tuple[Coefficient, ...]
    tau2: float
    tau2_dl: float
    tau2_pm: float
    fixed: tuple[float, float]
    i2: float
    q: float
    q_p: float | None
    prediction: tuple[float, float] | None
    weights: FloatArray


def pool(
    values: FloatArray,
    variances: FloatArray,
    *,
    confidence: float = 0.95,
    moderator: FloatArray | None = None,
    moderator_name: str = "moderator",
) -> Pooled:
    """Pool estimates of independent studies.

    Args:
        values: one estimate per study, shape (k,).
        variances: their sampling variances, all above 0.
        confidence: of every interval.
        moderator: a covariate of the studies for a meta-regression.
        moderator_name: what the slope is called.

    Raises:
        ValueError: there is no study, a variance is not above zero, or the moderator does
            not vary or leaves no degree of freedom.
    """
    k = len(values)
    if not k:
        raise ValueError("There is nothing to pool.")
    if not (np.isfinite(values).all() and np.isfinite(variances).all() and (variances > 0).all()):
        raise ValueError("Every estimate needs a variance above zero.")
    x, names = np.ones((k, 1)), ["effect"]
    if moderator is not None:
        x, names = np.column_stack([x, moderator]), ["effect", moderator_name]
        if rank_of(x) < 2 or k < 3:
            raise ValueError(
                "A meta-regression needs at least three studies that differ in the covariate."
            )
    tau2 = _reml(values, variances, x)
    fixed_coefficients, fixed_covariance, q = _weighted(values, 1 / variances, x)
    degrees = k - x.shape[1]
    coefficients, covariance, spread = _weighted(values, 1 / (variances + tau2), x)
    knapp = spread / degrees if degrees else None
    typical = _typical_variance(1 / variances, x)
    weights = 1 / (variances + tau2)
    hksj = tuple(
        _coefficient(
            name,
            coefficients[place],
            None if knapp is None else sqrt(knapp * covariance[place, place]),
            degrees,
            confidence,
        )
        for place, name in enumerate(names)
    )
    return Pooled(
        studies=k,
        coefficients=hksj,
        normal=tuple(
            _coefficient(name, coefficients[i], sqrt(covariance[i, i]), None, confidence)
            for i, name in enumerate(names)
        ),
        tau2=tau2,
        tau2_dl=_dersimonian_laird(variances, x, q),
        tau2_pm=_paule_mandel(values, variances, x),
        fixed=(float(fixed_coefficients[0]), sqrt(float(fixed_covariance[0, 0]))),
        i2=tau2 / (tau2 + typical) if tau2 > 0 and degrees else 0.0,
        q=q,
        q_p=float(chdtrc(degrees, q)) if degrees else None,
        prediction=_prediction(hksj[0], tau2, degrees, confidence, plain=moderator is None),
        weights=weights / weights.sum(),
    )


def products(left: FloatArray, right: FloatArray) -> FloatArray:
    """Sums over rows of the products of two sets of columns.

    Not a BLAS product: its last digits depend on the machine and its number of threads.
    """
    found: FloatArray = np.einsum("ki,kj->ij", left, right)
    return found


def _weighted(
    values: FloatArray, weights: FloatArray, x: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Weighted least squares: coefficients, their covariance, weighted residual sum of squares."""
    covariance = np.linalg.inv(products(x * weights[:, None], x))
    coefficients = covariance @ products(x, (weights * values)[:, None])[:, 0]
    residual = values - (x * coefficients).sum(axis=1)
    return coefficients, covariance, float((weights * residual**2).sum())


def _traces(weights: FloatArray, x: FloatArray) -> tuple[float, float]:
    """Trace of the projection on the residuals and of its square, without the matrix itself."""
    inverse = np.linalg.inv(products(x * weights[:, None], x))
    second, third = (inverse @ products(x * weights[:, None] ** power, x) for power in (2, 3))
    first = float(weights.sum() - np.trace(second))
    square = (weights**2).sum() - 2 * np.trace(third) + np.trace(second @ second)
    return first, float(square)


def _reml(values: FloatArray, variances: FloatArray, x: FloatArray) -> float:
    """Variance between studies by restricted maximum likelihood; never below zero."""
    if len(values) <= x.shape[1]:
        return 0.0
    tau2 = max(float(np.var(values, ddof=1) - variances.mean()), 0.0)
    for _ in range(STEPS):
        weights = 1 / (variances + tau2)
        fitted = (x * _weighted(values, weights, x)[0]).sum(axis=1)
        weighted = weights * (values - fitted)
        trace, information = _traces(weights, x)
        step = (float((weighted**2).sum()) - trace) / information
        moved = max(tau2 + step, 0.0)
        if abs(moved - tau2) <= TOLERANCE * max(tau2, 1e-12):
            return moved
        tau2 = moved
    return tau2


def _dersimonian_laird(variances: FloatArray, x: FloatArray, q: float) -> float:
    degrees = len(variances) - x.shape[1]
    trace = _traces(1 / variances, x)[0]
    return max((q - degrees) / trace, 0.0) if degrees else 0.0


def _paule_mandel(values: FloatArray, variances: FloatArray, x: FloatArray) -> float:
    """The variance at which the weighted residuals are as large as expected."""
    from scipy.optimize import brentq

    degrees = len(values) - x.shape[1]
    if not degrees:
        return 0.0

    def excess(tau2: float) -> float:
        return float(_weighted(values, 1 / (variances + tau2), x)[2] - degrees)

    if excess(0.0) <= 0:
        return 0.0
    high = float(np.var(values) + variances.max())
    while excess(high) > 0:
        high *= 2
    return float(brentq(excess, 0.0, high, xtol=1e-15, rtol=1e-14))


def _typical_variance(weights: FloatArray, x: FloatArray) -> float:
    """The sampling variance of a typical study (Higgins & Thompson 2002)."""
    degrees = len(weights) - x.shape[1]
    trace = _traces(weights, x)[0]
    return degrees / trace if degrees else 0.0


def _prediction(
    effect: Coefficient, tau2: float, degrees: int, confidence: float, *, plain: bool
) -> tuple[float, float] | None:
    if effect.se is None or degrees < 2 or not plain:
        return None
    half = float(stdtrit(degrees, 0.5 + confidence / 2)) * sqrt(effect.se**2 + tau2)
    return effect.value - half, effect.value + half


def _coefficient(
    name: str, value: float, error: float | None, degrees: int | None, confidence: float
) -> Coefficient:
    value = float(value)
    if not error:
        return Coefficient(name, value, error, None, None, None)
    freedom = 1e9 if degrees is None else float(degrees)
    critical = (
        critical_value(confidence)
        if degrees is None
        else float(stdtrit(freedom, 0.5 + confidence / 2))
    )
    p = float(2 * stdtr(freedom, -abs(value) / error))
    return Coefficient(name, value, error, value - critical * error, value + critical * error, p)
