"""Mixing weights of greatest likelihood over given candidate points.

The constrained Newton method of Wang (2007, JRSS B 69:185-198): every step maximises the
quadratic approximation of the log-likelihood over weights that are not negative, by
non-negative least squares. For weights with fitted probabilities f and N targets, no
other weights have a log-likelihood that is more than max_k Σ_j n_j L_jk / f_j - N better
(Lindsay 1983, Annals of Statistics 11:86-94). That number is returned as `shortfall`: the
solution carries its own proof.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Points = NDArray[np.intp]

MOST_ITERATIONS: Final = 100
FIRST_STEPS: Final = 10
BLOCKS: Final = 32
ACCURACY: Final = 1e-9
CONVERGED: Final = 1e-6
NEGLIGIBLE: Final = 1e-12
SHORTEST_STEP: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Weights:
    """Mixing weights over all candidate points.

    Attributes:
        weights: shape (points,); they sum to 1, or are all 0 where there is no target.
        shortfall: no weights have a (penalised) log-likelihood better by more than this.
        iterations: Newton steps taken.
        converged: the shortfall is less than a millionth per target.
    """

    weights: FloatArray
    shortfall: float
    iterations: int
    converged: bool


def fit_weights(
    log_kernel: FloatArray,
    targets: FloatArray,
    null: BoolArray | None = None,
    null_weight: float = 1.0,
) -> Weights:
    """Mixing weights of greatest likelihood over given candidate points.

    Args:
        log_kernel: log-likelihood of every row of counts at every candidate point, up
            to a constant per row; shape (rows, points).
        targets: how many targets have each row, shape (rows,).
        null: which points are null; needed with a weight other than 1.
        null_weight: Dirichlet parameter of the null points together, 1 for all others: the
            likelihood is multiplied by their weight to the power null_weight - 1.
    """
    likelihood = np.exp(log_kernel - log_kernel.max(axis=1, keepdims=True))
    if null is not None and null_weight > 1.0:
        # The penalty is the likelihood of null_weight - 1 targets known to be null.
        likelihood = np.vstack([likelihood, null.astype(np.float64)])
        targets = np.append(targets, null_weight - 1.0)
    total = float(targets.sum())
    if total == 0.0:
        return Weights(np.zeros(likelihood.shape[1]), 0.0, 0, True)
    points, weights = _start(likelihood, targets)
    iterations, shortfall = 0, np.inf
    while True:
        slope = (targets / (likelihood[:, points] @ weights)) @ likelihood
        shortfall = float(slope.max()) - total
        if shortfall <= ACCURACY * total or iterations == MOST_ITERATIONS:
            break
        points, weights = _newton(likelihood, targets, points, weights, slope)
        iterations += 1
    spread = np.zeros(likelihood.shape[1])
    spread[points] = weights
    return Weights(spread, max(0.0, shortfall), iterations, shortfall <= CONVERGED * total)


def responsibilities(log_kernel: FloatArray, weights: FloatArray) -> FloatArray:
    """Posterior probability of every point for every row of counts; rows sum to 1.

    Args:
        log_kernel: as for `fit_weights`, shape (rows, points).
        weights: the mixing weights, shape (points,).
    """
    with np.errstate(divide="ignore"):
        log_joint = log_kernel + np.log(weights)
    log_joint -= log_joint.max(axis=1, keepdims=True)
    joint: FloatArray = np.exp(log_joint)
    joint /= joint.sum(axis=1, keepdims=True)
    return joint


def _start(likelihood: FloatArray, targets: FloatArray) -> tuple[Points, FloatArray]:
    """A few steps of expectation-maximisation from even weights: the likeliest point per row.

    With these points no row has fitted probability 0, which Newton needs.
    """
    weights = np.full(likelihood.shape[1], 1.0 / likelihood.shape[1])
    for _ in range(FIRST_STEPS):
        weights = weights * ((targets / (likelihood @ weights)) @ likelihood) / targets.sum()
    points = np.unique((likelihood * weights).argmax(axis=1))
    kept = weights[points]
    return points, kept / kept.sum()


def _newton(
    likelihood: FloatArray,
    targets: FloatArray,
    points: Points,
    weights: FloatArray,
    slope: FloatArray,
) -> tuple[Points, FloatArray]:
    """Add the most promising points, maximise the quadratic approximation, step back if needed."""
    blocks = np.array_split(np.arange(len(slope)), min(BLOCKS, len(slope)))
    best = np.array([block[slope[block].argmax()] for block in blocks])
    active = np.union1d(points, best[slope[best] > targets.sum()])
    before = np.zeros(len(active))
    before[np.searchsorted(active, points)] = weights
    columns = likelihood[:, active]
    fitted = columns @ before
    goal = _quadratic_maximum(columns / fitted[:, None], targets)
    if goal is None:
        # The solver of the subproblem gave up: one step of expectation-maximisation instead.
        goal = before * ((targets / fitted) @ columns) / targets.sum()
    after = _line_search(columns, targets, before, goal - before, fitted)
    kept = after > NEGLIGIBLE
    return active[kept], after[kept] / after[kept].sum()


def _quadratic_maximum(ratios: FloatArray, targets: FloatArray) -> FloatArray | None:
    """Weights that sum to 1 and minimise ‖√targets (ratios·w - 2)‖, as Wang (2007) and Dax."""
    system = np.sqrt(targets)[:, None] * (ratios - 2.0)
    if len(system) > system.shape[1]:
        system = np.asarray(np.linalg.qr(system, mode="r"))
    system = np.vstack([system, np.ones(system.shape[1])])
    wanted = np.zeros(len(system))
    wanted[-1] = 1.0
    try:
        solution, _ = nnls(system, wanted)
    except RuntimeError:
        return None
    return solution / solution.sum() if solution.sum() > 0.0 else None


def _line_search(
    columns: FloatArray,
    targets: FloatArray,
    before: FloatArray,
    step: FloatArray,
    fitted: FloatArray,
) -> FloatArray:
    """Halve the step until the log-likelihood rises as it should (Armijo)."""
    rise = columns @ step
    slope = float((targets / fitted) @ rise)
    length = 1.0
    while length > SHORTEST_STEP:
        relative = np.maximum(1.0 + length * rise / fitted, 0.0)
        if (relative > 0.0).all() and targets @ np.log(relative) >= length * slope / 3.0:
            break
        length /= 2.0
    return np.maximum(before + length * step, 0.0)
