"""Adjusted p-values for many hypotheses at once, from the p-values alone.

Every function takes `p`, shape (rows,), and optionally `counts`: how many
hypotheses share that row, so that a family of 42,000 targets with 300 different
p-values costs 300 rows. A row with count 0 gets the value it would have but changes
nothing for the others. Results have the shape of `p`, are at most 1, and equal
p-values share a value. All raise `ValueError` for p outside [0, 1] or missing.
Tested against `padjust20` and `qvalue200_*` (R packages stats and qvalue).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

LAMBDAS = 0.05 + np.arange(19) * 0.05
"""Thresholds for Storey's share of true nulls: .05(.05).95, to the bit as R's `seq` has them."""


def bonferroni(p: ArrayLike, counts: ArrayLike | None = None) -> FloatArray:
    """Bonferroni: p times the number of hypotheses."""
    values, number = _checked(p, counts)
    adjusted: FloatArray = np.minimum(1.0, values * number.sum())
    return adjusted


def holm(p: ArrayLike, counts: ArrayLike | None = None) -> FloatArray:
    """Step-down Bonferroni (Holm 1979): controls the chance of any false rejection."""
    values, number = _checked(p, counts)
    order = np.argsort(values, kind="stable")
    remaining = number.sum() - ranks_before(number[order])
    return _unsorted(np.maximum.accumulate(values[order] * remaining), order)


def benjamini_hochberg(p: ArrayLike, counts: ArrayLike | None = None) -> FloatArray:
    """Step-up false discovery rate (Benjamini & Hochberg 1995)."""
    values, number = _checked(p, counts)
    return _step_up(values, number, float(number.sum()))


def benjamini_yekutieli(p: ArrayLike, counts: ArrayLike | None = None) -> FloatArray:
    """False discovery rate under any dependence (Benjamini & Yekutieli 2001)."""
    values, number = _checked(p, counts)
    hypotheses = int(number.sum())
    harmonic = float((1.0 / np.arange(1, hypotheses + 1)).sum())
    return _step_up(values, number, hypotheses * harmonic)


def storey_bootstrap(p: ArrayLike, counts: ArrayLike | None = None) -> tuple[float, FloatArray]:
    """Storey's q-values with the bootstrap choice of lambda, in closed form.

    Storey, Taylor & Siegmund 2004; lambda in .05, .10, …, .95 minimises the estimated
    mean squared error (Robinson's closed form of the bootstrap, as in R's qvalue 2).
    The share is at least one hypothesis (an estimate of 0, where R stops, would make
    every q-value 0), and 1 where there are fewer than two hypotheses.

    Returns:
        The estimated share of true null hypotheses and the q-values.
    """
    values, number = _checked(p, counts)
    share = _storey_share(values, number)
    return share, _step_up(values, number, share * float(number.sum()))


def ranks_before(sorted_counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Per row of sorted p-values, how many hypotheses stand in earlier rows."""
    return np.cumsum(sorted_counts) - sorted_counts


def _checked(p: ArrayLike, counts: ArrayLike | None) -> tuple[FloatArray, NDArray[np.int64]]:
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1 or not ((values >= 0.0) & (values <= 1.0)).all():
        raise ValueError("P-values must be one row of numbers from 0 to 1.")
    if counts is None:
        return values, np.ones(len(values), dtype=np.int64)
    number = np.asarray(counts, dtype=np.int64)
    if number.shape != values.shape or (number < 0).any():
        raise ValueError("Every p-value needs a count of 0 or more.")
    return values, number


def _step_up(values: FloatArray, number: NDArray[np.int64], factor: float) -> FloatArray:
    """Smallest factor * p / rank over this and later rows, ranked by the row's last."""
    order = np.argsort(values, kind="stable")
    rank = np.maximum(np.cumsum(number[order]), 1)
    scaled = factor * values[order] / rank
    return _unsorted(np.minimum.accumulate(scaled[::-1])[::-1], order)


def _unsorted(adjusted: FloatArray, order: NDArray[np.intp]) -> FloatArray:
    result = np.empty_like(adjusted)
    result[order] = np.minimum(1.0, adjusted)
    return result


def _storey_share(values: FloatArray, number: NDArray[np.int64]) -> float:
    hypotheses = float(number.sum())
    if hypotheses < 2:
        return 1.0
    order = np.argsort(values, kind="stable")
    below = np.concatenate([[0], np.cumsum(number[order])])
    above = hypotheses - below[np.searchsorted(values[order], LAMBDAS, side="left")]
    shares = above / (hypotheses * (1.0 - LAMBDAS))
    reference = float(np.quantile(shares, 0.1))
    variance = above / (hypotheses**2 * (1.0 - LAMBDAS) ** 2) * (1.0 - above / hypotheses)
    error = variance + (shares - reference) ** 2
    # Errors that are equal but for rounding are ties, and the smallest share wins.
    best = float(shares[error <= error.min() + 5e-13].min())
    return min(1.0, max(best, 1.0 / hypotheses))
