"""Meta-analysis of effects within studies within which effects differ: three levels.

Values from one study resemble each other. The variances between studies and between effects of
one study are estimated by REML, and coefficients are tested with t on the number of studies
minus the number of coefficients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from praktijktest.statistics.pooling import Coefficient, products
from praktijktest.statistics.sandwich import rank_of

FloatArray = NDArray[np.floating[Any]]

MOST_STEPS = 2_000


@dataclass(frozen=True, slots=True)
class MultilevelPooled:
    """A three-level meta-analysis.

    Attributes:
        effects, studies: how many of each.
        value, se, low, high, p: the pooled effect; with a moderator, where that is zero.
        between: variance between studies.
        within: variance between effects of one study.
        weights: weight of each effect in the pooled effect (without a moderator), adding to one.
        slope: of the moderator, None without.
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
    weights: FloatArray
    slope: Coefficient | None = None


def pool_multilevel(
    values: FloatArray,
    variances: FloatArray,
    study: NDArray[np.int64],
    group: NDArray[np.int64] | None = None,
    *,
    confidence: float = 0.95,
    moderator: FloatArray | None = None,
    moderator_name: str = "moderator",
    near: tuple[float, float] | None = None,
) -> MultilevelPooled:
    """Pool effects that belong to studies.

    Args:
        values: effects, shape (k,).
        variances: sampling variances, all above 0.
        study: number of the study of each effect, 0 … S-1; at least two studies.
        group: number of the group of effects within studies that share a deviation, 0 … H-1,
            each within one study; default: every effect on its own.
        confidence: of the interval.
        moderator: a covariate for a meta-regression, shape (k,).
        moderator_name: what the slope is called.
        near: variances between and within to start from, as of a fit to nearly the same
            effects, instead of three starts.

    Raises:
        ValueError: there are fewer than two studies, or with a moderator fewer than three or
            none that differ in it.
    """
    studies = int(study.max(initial=-1)) + 1
    if studies < 2:
        raise ValueError("A multilevel model needs effects of at least two studies.")
    design = _design(len(values), studies, moderator)
    inner = np.arange(len(values)) if group is None else group
    data = _Nested(np.column_stack([design, values]), variances, inner, study)
    between, within = _components(data, max(float(np.var(values)), 1e-8), near)
    names = ("effect", moderator_name)[: design.shape[1]]
    found = _coefficients(data, between, within, names, studies - len(names), confidence)
    effect = found[0]
    assert effect.se is not None and effect.low is not None
    assert effect.high is not None and effect.p is not None
    return MultilevelPooled(
        effects=len(values),
        studies=studies,
        value=effect.value,
        se=effect.se,
        low=effect.low,
        high=effect.high,
        p=effect.p,
        between=between,
        within=within,
        weights=_weights(data, between, within),
        slope=found[1] if moderator is not None else None,
    )


def _design(effects: int, studies: int, moderator: FloatArray | None) -> FloatArray:
    """A constant, and the covariate where there is one."""
    if moderator is None:
        return np.ones((effects, 1))
    design = np.column_stack([np.ones(effects), moderator])
    if studies < 3 or rank_of(design) < 2:
        raise ValueError(
            "A meta-regression needs at least three studies that differ in the covariate."
        )
    return design


@dataclass(frozen=True, slots=True)
class _Nested:
    """Covariates and effects (last column) with variances, the group and the study of each."""

    columns: FloatArray
    variances: FloatArray
    group: NDArray[np.int64]
    study: NDArray[np.int64]


def _components(
    data: _Nested, scale: float, near: tuple[float, float] | None
) -> tuple[float, float]:
    """The variances between studies and within them, by REML.

    Nelder-Mead for its two parameters: no gradients, and no threads for tiny matrices.
    """
    from scipy.optimize import minimize

    floor = np.log(scale) - 25
    starts: tuple[tuple[float, float], ...] = ((0.5, 0.5), (0.05, 0.9), (0.9, 0.05))
    if near is not None:
        starts = ((max(near[0] / scale, 1e-3), max(near[1] / scale, 1e-3)),)

    def loss(logs: FloatArray) -> float:
        return _minus_restricted(data, *np.exp(logs))

    found = min(
        (
            minimize(
                loss,
                np.log([scale * outer, scale * within]),
                method="Nelder-Mead",
                bounds=[(floor, np.log(scale) + 8)] * 2,
                options={"xatol": 1e-6, "fatol": 1e-11, "maxfev": MOST_STEPS},
            )
            for outer, within in starts
        ),
        key=lambda result: float(result.fun),
    )
    between, within = (float(v) if v > scale * 1e-9 else 0.0 for v in np.exp(found.x))
    return between, within


def _sums(data: _Nested, between: float, within: float) -> tuple[float, FloatArray]:
    """Log determinant, and weighted sums of products of the columns.

    The covariance of a study is diagonal, plus a constant within groups, plus a constant,
    which inverts in closed form one level after the other.
    """
    weight = 1 / data.variances
    determinant = -float(np.log(weight).sum())
    weighted = data.columns * weight[:, None]
    moments = products(data.columns, weighted)
    study_of_group = np.zeros(int(data.group.max()) + 1, dtype=np.int64)
    study_of_group[data.group] = data.study
    sums = np.bincount(data.group, weights=weight)
    linear = _by_label(data.group, weighted)
    for labels, variance in ((study_of_group, within), (None, between)):
        shrink = variance / (1 + variance * sums)
        determinant += float(np.log1p(variance * sums).sum())
        moments = moments - products(linear, shrink[:, None] * linear)
        linear = linear - (shrink * sums)[:, None] * linear
        sums = sums - shrink * sums**2
        if labels is not None:
            sums = np.bincount(labels, weights=sums)
            linear = _by_label(labels, linear)
    return determinant, moments


def _weights(data: _Nested, between: float, within: float) -> FloatArray:
    """Row sums of the inverse of the covariance, made to add to one."""
    weight = 1 / data.variances
    of_group = np.bincount(data.group, weights=weight)
    weight = weight / (1 + within * of_group)[data.group]
    of_study = np.bincount(data.study, weights=weight)
    weight = weight / (1 + between * of_study)[data.study]
    shares: FloatArray = weight / weight.sum()
    return shares


def _by_label(labels: NDArray[np.int64], columns: FloatArray) -> FloatArray:
    summed: FloatArray = np.column_stack(
        [np.bincount(labels, weights=column) for column in columns.T]
    )
    return summed


def _minus_restricted(data: _Nested, between: float, within: float) -> float:
    determinant, moments = _sums(data, between, within)
    information, linear = moments[:-1, :-1], moments[:-1, -1]
    fitted = float(linear @ np.linalg.solve(information, linear))
    log_information = float(np.linalg.slogdet(information)[1])
    return 0.5 * (determinant + log_information + float(moments[-1, -1]) - fitted)


def _coefficients(
    data: _Nested,
    between: float,
    within: float,
    names: Sequence[str],
    freedom: int,
    confidence: float,
) -> list[Coefficient]:
    """Generalised least squares with these variances."""
    _, moments = _sums(data, between, within)
    covariance = np.linalg.inv(moments[:-1, :-1])
    values, errors = covariance @ moments[:-1, -1], np.sqrt(np.diag(covariance))
    return [
        _coefficient(name, float(value), float(error), freedom, confidence)
        for name, value, error in zip(names, values, errors, strict=True)
    ]


def _coefficient(
    name: str, value: float, error: float, freedom: int, confidence: float
) -> Coefficient:
    half = float(stdtrit(freedom, 0.5 + confidence / 2)) * error
    p = float(2 * stdtr(freedom, -abs(value) / error))
    return Coefficient(name, value, error, value - half, value + half, p)
