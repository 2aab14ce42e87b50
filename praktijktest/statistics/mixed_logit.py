"""A logit in which targets differ: in how often they answer, and in how they treat the groups.

The random intercept and slope are normal and correlated. The likelihood is integrated by
adaptive Gauss-Hermite quadrature around each target's own mode (Pinheiro & Bates 1995); one
node is the Laplace approximation. The standard deviation of the slope says how much targets
differ in discrimination. Tested against `glmer_ri` and `glmer_rs` (R package lme4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy.special import expit, logsumexp

from praktijktest.statistics.scaling import standardised

FloatArray = NDArray[np.floating[Any]]

NODES = {1: (15, 41, 81), 2: (5, 11, 21)}
"""Quadrature nodes per dimension, by the number of random effects: what is tried first, what is
taken where the likelihood is not yet exact, as when targets of a few tests differ a lot, and what
the second is checked with."""

MOST_WORK = 1_500_000
"""Rows times nodes that a likelihood is computed for: about a minute for a whole fit."""

EXACT = 0.01
"""Largest difference in log-likelihood between the two that needs no finer fit."""

MOST_WRONG = 0.1
"""Largest difference from the finest that a fit may have; else there is none."""

NO_DEVIATION = 1e-2
"""A random effect with a smaller standard deviation, in log odds, practically has none."""

ONE_LINE = 0.99
"""With a larger correlation intercept and slope are one effect, not two."""

STEPS, STEP_TOLERANCE = 60, 1e-10
SLOPE_TOLERANCE = 1e-4
"""Largest slope of the log-likelihood at what counts as its maximum."""


@dataclass(frozen=True, slots=True)
class MixedLogit:
    """A fitted mixed logit.

    Attributes:
        coefficients: fixed effects, shape (k,).
        covariance: of the fixed effects, shape (k, k).
        deviations: standard deviations of the random effects, shape (r,).
        correlation: of intercept and slope; None with an intercept alone.
        log_likelihood: at the maximum, without binomial coefficients.
        checked: whether the likelihood was compared with that of more nodes.
        at_boundary: whether the data cannot tell the random effects apart from none or one.
    """

    coefficients: FloatArray
    covariance: FloatArray
    deviations: FloatArray
    correlation: float | None
    log_likelihood: float
    checked: bool
    at_boundary: bool


@dataclass(frozen=True, slots=True)
class _Grouped:
    """Distinct rows per target with how many replies were positive, out of how many."""

    x: FloatArray
    z: FloatArray
    positive: FloatArray
    trials: FloatArray
    cluster: NDArray[np.int64]
    clusters: int


def within_reach(rows: int, effects: int) -> bool:
    """Whether a fit takes no longer than people wait.

    Args:
        rows: different combinations of target and regressors.
        effects: random effects, one or two.
    """
    nodes: int = NODES[effects][0] ** effects
    return rows * nodes <= MOST_WORK


def fit_mixed_logit(
    x: FloatArray,
    z: FloatArray,
    y: NDArray[np.bool_],
    cluster: NDArray[np.int64],
    *,
    nodes: int | None = None,
) -> MixedLogit:
    """Fit by maximum likelihood.

    Args:
        x: fixed regressors, shape (n, k), of full column rank.
        z: random regressors, shape (n, r): ones, or ones and the test group.
        y: outcomes, shape (n,).
        cluster: target per observation, 0 … G-1.
        nodes: quadrature nodes per dimension; by default as many as it takes (`NODES`).

    Raises:
        ArithmeticError: no maximum was found.
    """
    scaled, back = standardised(x)
    grouped = _grouped(scaled, z, y, cluster)
    k, r = x.shape[1], z.shape[1]
    steps = NODES[r] if nodes is None else (nodes,)
    start = np.concatenate([_plain_logit(grouped), [0.5] if r == 1 else [0.5, 0.0, 0.3]])
    loss, found = _lowest(start, grouped, _rule(steps[0], r), len(y))
    checked = False
    for finer in steps[1:]:
        if len(grouped.trials) * finer**r > MOST_WORK:
            break
        exact = -_log_likelihood(found.x, grouped, _rule(finer, r))
        last = finer == steps[-1]
        checked = abs(exact - found.fun) <= (MOST_WRONG if last else EXACT)
        if checked:
            break
        if last:
            raise ArithmeticError("The likelihood cannot be computed exactly.")
        # From the beginning: the top of a likelihood that is not exact may lie anywhere.
        loss, found = _lowest(start, grouped, _rule(finer, r), len(y))
    factor = _factor(found.x[k:], r)
    spread = factor @ factor.T
    deviations = np.sqrt(np.diag(spread))
    boundary = bool((deviations < NO_DEVIATION).any())
    correlation = None
    if r > 1 and not boundary:
        correlation = float(spread[0, 1] / (deviations[0] * deviations[1]))
        boundary = abs(correlation) > ONE_LINE
    return MixedLogit(
        coefficients=back @ found.x[:k],
        covariance=back @ _covariance(loss, found.x, k) @ back.T,
        deviations=deviations,
        correlation=correlation,
        log_likelihood=-float(found.fun),
        checked=checked,
        at_boundary=boundary,
    )


def _lowest(
    start: FloatArray, data: _Grouped, rule: tuple[FloatArray, FloatArray], observations: int
) -> tuple[Callable[[FloatArray], float], Any]:
    """The loss under a quadrature rule and where it is least."""
    from scipy.optimize import minimize

    def loss(theta: FloatArray) -> float:
        return -_log_likelihood(theta, data, rule)

    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-5, "maxiter": 300})
    if not np.isfinite(found.fun) or np.abs(found.jac).max() > SLOPE_TOLERANCE * observations:
        raise ArithmeticError("No maximum of the likelihood was found.")
    return loss, found


def _grouped(
    x: FloatArray, z: FloatArray, y: NDArray[np.bool_], cluster: NDArray[np.int64]
) -> _Grouped:
    keys = np.column_stack([cluster, x, z])
    distinct, number = np.unique(keys, axis=0, return_inverse=True)
    number = number.ravel()
    k = x.shape[1]
    return _Grouped(
        x=distinct[:, 1 : 1 + k],
        z=distinct[:, 1 + k :],
        positive=np.bincount(number, weights=y) * 1.0,
        trials=np.bincount(number).astype(np.float64),
        cluster=distinct[:, 0].astype(np.int64),
        clusters=int(cluster.max()) + 1,
    )


def _plain_logit(data: _Grouped) -> FloatArray:
    """Coefficients without random effects: where the search begins."""
    coefficients = np.zeros(data.x.shape[1])
    for _ in range(STEPS):
        chance = expit(data.x @ coefficients)
        weight = data.trials * chance * (1 - chance)
        slope = data.x.T @ (data.positive - data.trials * chance)
        step = np.linalg.solve((data.x * weight[:, None]).T @ data.x, slope)
        coefficients = coefficients + np.clip(step, -2, 2)
        if np.abs(step).max() < STEP_TOLERANCE:
            break
    return coefficients


def _rule(nodes: int, r: int) -> tuple[FloatArray, FloatArray]:
    """Standard normal nodes, shape (q^r, r), and logs of weight over density at each."""
    points, weights = hermegauss(nodes)
    grids = np.meshgrid(*[points] * r, indexing="ij")
    logs = np.meshgrid(*[np.log(weights)] * r, indexing="ij")
    places = np.column_stack([grid.ravel() for grid in grids])
    total = np.sum([log.ravel() for log in logs], axis=0)
    return places, total + 0.5 * (places**2).sum(axis=1)


def _factor(parameters: FloatArray, r: int) -> FloatArray:
    """Lower-triangular factor of the covariance of the random effects."""
    factor = np.zeros((r, r))
    factor[np.tril_indices(r)] = parameters
    return factor


def _log_likelihood(
    theta: FloatArray, data: _Grouped, rule: tuple[FloatArray, FloatArray]
) -> float:
    k, r = data.x.shape[1], data.z.shape[1]
    fixed = data.x @ theta[:k]
    loading = data.z @ _factor(theta[k:], r)
    mode, curvature = _modes(fixed, loading, data)
    places, logs = rule
    spread = np.linalg.inv(np.linalg.cholesky(curvature)).transpose(0, 2, 1)
    effects = mode[:, None, :] + np.einsum("gij,qj->gqi", spread, places)
    terms = _joint(effects, fixed, loading, data) + logs
    log_determinant = np.log(np.linalg.det(curvature))
    whole = logsumexp(terms, axis=1) - 0.5 * log_determinant - 0.5 * r * np.log(2 * np.pi)
    return float(whole.sum())


def _joint(
    effects: FloatArray, fixed: FloatArray, loading: FloatArray, data: _Grouped
) -> FloatArray:
    """Log density of replies and effects per target and node, up to the normal constant."""
    eta = fixed[:, None] + np.einsum("mi,mqi->mq", loading, effects[data.cluster])
    each = data.positive[:, None] * eta - data.trials[:, None] * np.logaddexp(0.0, eta)
    sums = np.zeros((data.clusters, effects.shape[1]))
    np.add.at(sums, data.cluster, each)
    joint: FloatArray = sums - 0.5 * (effects**2).sum(axis=2)
    return joint


def _modes(fixed: FloatArray, loading: FloatArray, data: _Grouped) -> tuple[FloatArray, FloatArray]:
    """Each target's most likely effects and the curvature there, by damped Newton steps."""
    r = loading.shape[1]
    mode = np.zeros((data.clusters, r))
    value = _joint(mode[:, None, :], fixed, loading, data)[:, 0]
    for _ in range(STEPS):
        slope, curvature = _derivatives(mode, fixed, loading, data)
        step = np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
        if np.abs(step).max(initial=0.0) < STEP_TOLERANCE:
            break
        moved = mode + step
        reached = _joint(moved[:, None, :], fixed, loading, data)[:, 0]
        worse = reached < value - 1e-12
        mode = np.where(worse[:, None], mode + step / 4, moved)
        value = _joint(mode[:, None, :], fixed, loading, data)[:, 0]
    return mode, _derivatives(mode, fixed, loading, data)[1]


def _derivatives(
    mode: FloatArray, fixed: FloatArray, loading: FloatArray, data: _Grouped
) -> tuple[FloatArray, FloatArray]:
    r = loading.shape[1]
    chance = expit(fixed + (loading * mode[data.cluster]).sum(axis=1))
    slope = np.zeros((data.clusters, r))
    np.add.at(slope, data.cluster, loading * (data.positive - data.trials * chance)[:, None])
    weight = data.trials * chance * (1 - chance)
    curvature = np.zeros((data.clusters, r, r))
    np.add.at(
        curvature, data.cluster, loading[:, :, None] * loading[:, None, :] * weight[:, None, None]
    )
    return slope - mode, curvature + np.eye(r)


def _covariance(loss: Callable[[FloatArray], float], theta: FloatArray, k: int) -> FloatArray:
    """Covariance of the fixed effects from second differences of the likelihood."""
    size = len(theta)
    steps = 1e-3 * np.maximum(np.abs(theta), 0.3)
    centre = loss(theta)
    matrix = np.zeros((size, size))

    def at(*moves: tuple[int, float]) -> float:
        moved = theta.copy()
        for place, amount in moves:
            moved[place] += amount
        return float(loss(moved))

    for i in range(size):
        matrix[i, i] = (at((i, steps[i])) - 2 * centre + at((i, -steps[i]))) / steps[i] ** 2
        for j in range(i):
            corners = (
                at((i, steps[i]), (j, steps[j]))
                - at((i, steps[i]), (j, -steps[j]))
                - at((i, -steps[i]), (j, steps[j]))
                + at((i, -steps[i]), (j, -steps[j]))
            )
            matrix[i, j] = matrix[j, i] = corners / (4 * steps[i] * steps[j])
    for part in (matrix, matrix[:k, :k]):
        if (np.linalg.eigvalsh(part) > 0).all():
            covariance: FloatArray = np.linalg.inv(part)[:k, :k]
            return covariance
    raise ArithmeticError("The likelihood is flat at its maximum.")
