"""Least squares with standard errors that hold when observations come in clusters.

CR1 is the usual correction, G/(G-1) · (N-1)/(N-K), with Student's t on G-1 degrees of
freedom. CR2 (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018) corrects each cluster for its
own leverage and comes with Satterthwaite degrees of freedom: the choice with few clusters.
Tested against `lpm_cr`, `lpm_pairfe` and `did_wave` (R packages sandwich and clubSandwich).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.int64]

RANK_TOLERANCE = 1e-10
"""Singular values below this share of the largest count as zero."""

ROUNDING = 1e-16
"""Variances below this share of what one observation gives are rounding."""

DUST = 1e-4
"""Standard errors below this share of those of the likelihood are rounding."""

ALL_LEVERAGE = 1e-10
"""A direction a cluster alone decides; it has no residual and no say in the variance."""


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """A linear fit.

    Attributes:
        x: regressors, shape (n, k), of full column rank.
        coefficients: shape (k,).
        residuals: shape (n,).
        bread: inverse of x'x, shape (k, k).
    """

    x: FloatArray
    coefficients: FloatArray
    residuals: FloatArray
    bread: FloatArray


@dataclass(frozen=True, slots=True)
class Robust:
    """Standard errors with their degrees of freedom, one entry per coefficient."""

    standard_errors: FloatArray
    degrees: FloatArray


def least_squares(x: FloatArray, y: FloatArray) -> LeastSquares:
    """Ordinary least squares.

    Args:
        x: regressors, shape (n, k).
        y: outcomes, shape (n,).

    Raises:
        ValueError: the columns of x are not linearly independent.
    """
    if rank_of(x) < x.shape[1]:
        raise ValueError("The regressors are not linearly independent.")
    bread = np.linalg.inv(x.T @ x)
    coefficients = np.linalg.lstsq(x, y, rcond=None)[0]
    return LeastSquares(x, coefficients, y - x @ coefficients, bread)


def rank_of(x: FloatArray) -> int:
    """How many columns of a matrix are linearly independent, whatever their units."""
    lengths = np.sqrt((x**2).sum(axis=0))
    scaled = x / np.where(lengths > 0, lengths, 1.0)
    singular = np.linalg.svd(scaled, compute_uv=False)
    return int((singular > RANK_TOLERANCE * max(singular.max(initial=0.0), 1e-300)).sum())


def clustered_covariance(bread: FloatArray, scores: FloatArray, cluster: IntArray) -> FloatArray:
    """The sandwich with scores summed by cluster and the CR1 correction.

    Args:
        bread: inverse of the information or of x'x, shape (k, k).
        scores: derivative of the fit per observation, shape (n, k).
        cluster: cluster number per observation, 0 … G-1, all of them in use; at least two.
    """
    n, k = scores.shape
    clusters = int(cluster.max()) + 1
    sums = np.zeros((clusters, k))
    np.add.at(sums, cluster, scores)
    correction = clusters / (clusters - 1) * (n - 1) / (n - k)
    covariance: FloatArray = correction * bread @ (sums.T @ sums) @ bread
    return covariance


def variances(covariance: FloatArray, fit: LeastSquares) -> FloatArray:
    """The diagonal of a sandwich of a fit; 0 where there is nothing but rounding.

    A term that fits its only cluster exactly has no residual there: its sandwich is 0, and what
    rounding leaves of it, positive or negative, is no variance.
    """
    outcome = fit.x @ fit.coefficients + fit.residuals
    scale = np.diag(fit.bread) * max(float(outcome @ outcome), 1.0)
    found = np.diag(covariance)
    return np.where(found > ROUNDING * scale, found, 0.0)


def without_rounding(errors: FloatArray, scale: FloatArray) -> FloatArray:
    """Standard errors by cluster of a fit by steps; 0 where only its rounding is left.

    Args:
        errors: by cluster, shape (k,).
        scale: those of the likelihood, shape (k,).
    """
    return np.where(errors > DUST * scale, errors, 0.0)


def cr1(fit: LeastSquares, cluster: IntArray) -> Robust:
    """CR1 standard errors on G-1 degrees of freedom.

    Args:
        fit: the fit.
        cluster: cluster number per observation, 0 … G-1; at least two clusters.
    """
    covariance = clustered_covariance(fit.bread, fit.x * fit.residuals[:, None], cluster)
    degrees = np.full(len(fit.coefficients), float(cluster.max()))
    return Robust(np.sqrt(variances(covariance, fit)), degrees)


def cr2(fit: LeastSquares, cluster: IntArray) -> Robust:
    """CR2 standard errors with Satterthwaite degrees of freedom, for few clusters.

    Args:
        fit: the fit.
        cluster: cluster number per observation, 0 … G-1; at least two clusters.
    """
    root = np.linalg.cholesky(fit.bread)
    clusters, k = int(cluster.max()) + 1, len(fit.coefficients)
    scores = np.zeros((clusters, k))
    weights = np.zeros((clusters, k, k))
    lengths = np.zeros((clusters, k))
    for number in range(clusters):
        here = cluster == number
        x = fit.x[here]
        adjusted = _adjusted(x, root)
        scores[number] = adjusted.T @ fit.residuals[here]
        influence = adjusted @ fit.bread
        weights[number] = influence.T @ x
        lengths[number] = (influence**2).sum(axis=0)
    covariance = fit.bread @ (scores.T @ scores) @ fit.bread
    degrees = np.array([_satterthwaite(weights[:, j], lengths[:, j], fit.bread) for j in range(k)])
    return Robust(np.sqrt(variances(covariance, fit)), degrees)


def _adjusted(x: FloatArray, root: FloatArray) -> FloatArray:
    """(I - H_g)^(-1/2) x of one cluster, by the directions in which it has leverage."""
    left, singular, _ = np.linalg.svd(x @ root, full_matrices=False)
    remaining = 1.0 - singular**2
    decided = remaining < ALL_LEVERAGE
    factor = np.where(decided, 0.0, 1.0 / np.sqrt(np.where(decided, 1.0, remaining)))
    adjusted: FloatArray = x + left @ ((factor - 1.0)[:, None] * (left.T @ x))
    return adjusted


def _satterthwaite(weights: FloatArray, lengths: FloatArray, bread: FloatArray) -> float:
    """Degrees of freedom of one coefficient under independent errors of equal variance."""
    products = np.diag(lengths) - weights @ bread @ weights.T
    total = float((products**2).sum())
    return float(np.trace(products)) ** 2 / total if total > 0 else 1.0
