"""Meta-analysis of effects within studies within which effects differ: three levels.

Values from one study resemble each other. The variances between studies and between effects of
one study are estimated by REML, and the pooled effect is tested with t on the number of studies
minus one.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class MultilevelPooled:
    """A three-level meta-analysis.

    Attributes:
        effects, studies: how many of each.
        value, se, low, high, p: the pooled effect.
        between: variance between studies.
        within: variance between effects of one study.
    """

    effects: int
    studies: int
    value: float
    se: float
    low: float
    high: float
    p: float
    between: float
    within: float


def pool_multilevel(
    values: FloatArray,
    variances: FloatArray,
    study: NDArray[np.int64],
    group: NDArray[np.int64] | None = None,
    *,
    confidence: float = 0.95,
) -> MultilevelPooled:
    """Pool effects that belong to studies.

    Args:
        values: effects, shape (k,).
        variances: sampling variances, all above 0.
        study: number of the study of each effect, 0 … S-1; at least two studies.
        group: number of the group of effects within studies that share a deviation, 0 … H-1,
            each within one study; default: every effect on its own.
        confidence: of the interval.

    Raises:
        ValueError: there are fewer than two studies.
    """
    from scipy.optimize import minimize

    studies = int(study.max(initial=-1)) + 1
    if studies < 2:
        raise ValueError("A multilevel model needs effects of at least two studies.")
    inner = np.arange(len(values)) if group is None else group
    data = _Nested(values, variances, inner, study)
    scale = max(float(np.var(values)), 1e-8)
    floor = np.log(scale) - 25

    def loss(logs: FloatArray) -> float:
        return _minus_restricted(data, *np.exp(logs))

    found = min(
        (
            minimize(
                loss,
                np.log([scale * outer, scale * within]),
                method="L-BFGS-B",
                bounds=[(floor, np.log(scale) + 8)] * 2,
                options={"ftol": 1e-14, "gtol": 1e-9},
            )
            for outer, within in ((0.5, 0.5), (0.05, 0.9), (0.9, 0.05))
        ),
        key=lambda result: float(result.fun),
    )
    between, within = (float(v) if v > scale * 1e-9 else 0.0 for v in np.exp(found.x))
    _, information, linear, _ = _sums(data, between, within)
    mean, error = linear / information, sqrt(1 / information)
    half = float(stdtrit(studies - 1, 0.5 + confidence / 2)) * error
    p = float(2 * stdtr(studies - 1, -abs(mean) / error))
    return MultilevelPooled(
        len(values), studies, mean, error, mean - half, mean + half, p, between, within
    )


@dataclass(frozen=True, slots=True)
class _Nested:
    """Effects with their variances, the group of each and the study of each."""

    values: FloatArray
    variances: FloatArray
    group: NDArray[np.int64]
    study: NDArray[np.int64]


def _sums(data: _Nested, between: float, within: float) -> tuple[float, float, float, float]:
    """Log determinant, sum of weights, weighted sum and weighted sum of squares of everything.

    The covariance of a study is diagonal, plus a constant within groups, plus a constant,
    which inverts in closed form one level after the other.
    """
    weight = 1 / data.variances
    determinant = -float(np.log(weight).sum())
    square = float((weight * data.values**2).sum())
    study_of_group = np.zeros(int(data.group.max()) + 1, dtype=np.int64)
    study_of_group[data.group] = data.study
    sums = np.bincount(data.group, weights=weight)
    linear = np.bincount(data.group, weights=weight * data.values)
    for labels, variance in ((study_of_group, within), (None, between)):
        shrink = variance / (1 + variance * sums)
        determinant += float(np.log1p(variance * sums).sum())
        square -= float((shrink * linear**2).sum())
        linear = linear - shrink * sums * linear
        sums = sums - shrink * sums**2
        if labels is not None:
            sums = np.bincount(labels, weights=sums)
            linear = np.bincount(labels, weights=linear)
    return determinant, float(sums.sum()), float(linear.sum()), square


def _minus_restricted(data: _Nested, between: float, within: float) -> float:
    determinant, information, linear, square = _sums(data, between, within)
    return 0.5 * (determinant + float(np.log(information)) + square - linear**2 / information)
