"""Estimates and tests that treat targets, not tests, as the independent units.

For inference to targets like these: tests of one agent resemble one another, so
an interval that takes them as independent is far too short. Every quantity is a
ratio of two sums over clusters, its variance is that of the linearised cluster
totals, and limits use Student's t with clusters - 1 degrees of freedom (Cochran
1977, Sampling Techniques, 6.4 and 11; what survey software calls linearisation).

Where this breaks down the limits are None and the value stays: fewer than two
clusters, or all clusters with exactly the same ratio. Identical clusters would give
an interval of width 0, which claims a certainty that the data do not have.
"""

from math import exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from praktijktest.statistics.cells import (
    ALL_TESTS,
    AT_LEAST_ONE_POSITIVE,
    DISCORDANT_TESTS,
    ONLY_TEST_POSITIVE,
    POSITIVE_FOR_CONTROL,
    TARGETS_LIKE_THESE,
    Estimate,
    Scope,
    Significance,
)
from praktijktest.statistics.mcnemar import student_p
from praktijktest.statistics.proportions import critical_value

FloatArray = NDArray[np.float64]
Limits = tuple[float | None, float | None]

NO_SPREAD = 1e-13
"""Residuals below this share of the data's own size are rounding, not variation."""

NO_LIMITS: Limits = (None, None)
NET = (-1.0, 1.0)
SHARE = (0.0, 1.0)


def clustered_estimates(counts: ArrayLike, confidence: float = 0.95) -> tuple[Estimate, ...]:
    """The estimates of `paired.estimates`, in the same order, clustered by target.

    Rates are linearised ratio estimators, clipped to what is possible; the two
    ratios are linearised on the log scale. Clusters without any test are left out;
    those without a test in a rate's denominator still count as clusters. Tested
    against `lpm_pairfe` (R package sandwich), the jackknife and, with clusters of
    one, textbook formulas.

    Args:
        counts: shape (clusters, 4): both, only_control, only_test, neither.
        confidence: two-sided confidence level, inside (0, 1).

    Raises:
        ValueError: the shape is wrong, a count is negative, or the level impossible.
    """
    critical_value(confidence)
    table = _table(counts)
    both, only_control, only_test, neither = table.T
    discordant = only_control + only_test
    usable = both + discordant
    n = usable + neither
    control, test = both + only_control, both + only_test
    net = only_control - only_test
    rates = (
        ("net_rate_usable", net, usable, NET, AT_LEAST_ONE_POSITIVE),
        ("net_rate_all", net, n, NET, ALL_TESTS),
        ("net_rate_discordant", net, discordant, NET, DISCORDANT_TESTS),
        ("gross_rate_usable", only_control, usable, SHARE, AT_LEAST_ONE_POSITIVE),
        ("gross_rate_all", only_control, n, SHARE, ALL_TESTS),
        ("discordance_rate", discordant, n, SHARE, ALL_TESTS),
        ("response_rate_control", control, n, SHARE, ALL_TESTS),
        ("response_rate_test", test, n, SHARE, ALL_TESTS),
    )
    ratios = (
        ("response_ratio", test, control, POSITIVE_FOR_CONTROL),
        ("odds_ratio_conditional", only_control, only_test, ONLY_TEST_POSITIVE),
    )
    found = []
    for name, top, bottom, span, denominator in rates:
        value, limits = _ratio(top, bottom, confidence, span)
        found.append(_estimate(name, value, limits, confidence, denominator, bottom))
    for name, top, bottom, denominator in ratios:
        value, limits = _log_ratio(top, bottom, confidence)
        found.append(_estimate(name, value, limits, confidence, denominator, bottom))
    return tuple(found)


def clustered_mean(
    sums: ArrayLike,
    sizes: ArrayLike,
    confidence: float = 0.95,
    name: str = "mean_difference",
    method: str = "linearised",
    denominator: str = ALL_TESTS,
    scope: Scope = TARGETS_LIKE_THESE,
) -> Estimate:
    """Mean of a graded outcome over tests, with an interval clustered by target.

    With clusters of one test this is the textbook t interval of a mean. Not clipped:
    the range of a graded outcome is not known here.

    Args:
        sums: per cluster, the sum of the values; shape (clusters,).
        sizes: per cluster, how many values; clusters of size 0 are left out.
        confidence: two-sided confidence level, inside (0, 1).
        name: name of the estimate.
        method: name of the method.
        denominator: in words, what the mean is over.
        scope: whom the interval speaks of; depends on what the clusters are.

    Raises:
        ValueError: shapes differ, a size is negative, or the level is impossible.
    """
    critical_value(confidence)
    top, bottom = _sums_and_sizes(sums, sizes)
    value, (low, high) = _ratio(top, bottom, confidence, None)
    n = round(float(bottom.sum()))
    return Estimate(name, value, low, high, confidence, method, scope, denominator, n)


def cluster_t(differences: ArrayLike, sizes: ArrayLike) -> Significance:
    """t-test of a mean difference of 0, with targets as the independent units.

    Two-sided, clusters - 1 degrees of freedom. With clusters of one test it is
    Student's paired t. p is 1 where every cluster's difference is 0, and None
    where t does not exist: fewer than two clusters, or all with the same mean
    difference other than 0.

    Args:
        differences: per cluster, the sum of (control - test); shape (clusters,).
        sizes: per cluster, the number of pairs; clusters of size 0 are left out.

    Raises:
        ValueError: shapes differ or a size is negative.
    """
    top, bottom = _sums_and_sizes(differences, sizes)
    if not top.any():
        return Significance("cluster_t", 1.0, None, "two-sided")
    mean = float(top.sum() / bottom.sum())
    error = _standard_error(top - mean * bottom, float(bottom.sum()), float(np.abs(top).sum()))
    if error is None:
        return Significance("cluster_t", None, None, "two-sided")
    t = mean / error
    return Significance("cluster_t", student_p(t, len(top) - 1), t, "two-sided")


def _table(counts: ArrayLike) -> FloatArray:
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != 4:
        raise ValueError(f"Counts per cluster need four columns, not shape {table.shape}.")
    if not (table >= 0).all():
        raise ValueError("Counts per cluster cannot be negative or missing.")
    tested: FloatArray = table[table.sum(axis=1) > 0]
    return tested


def _sums_and_sizes(sums: ArrayLike, sizes: ArrayLike) -> tuple[FloatArray, FloatArray]:
    top = np.asarray(sums, dtype=np.float64)
    bottom = np.asarray(sizes, dtype=np.float64)
    if top.shape != bottom.shape or top.ndim != 1:
        raise ValueError(f"Sums {top.shape} and sizes {bottom.shape} must be two equal rows.")
    if not (bottom >= 0).all() or not np.isfinite(top).all():
        raise ValueError("Cluster sizes cannot be negative, and sums must be numbers.")
    return top[bottom > 0], bottom[bottom > 0]


def _ratio(
    top: FloatArray, bottom: FloatArray, confidence: float, span: tuple[float, float] | None
) -> tuple[float | None, Limits]:
    """Ratio of two sums over clusters with its t interval."""
    total = float(bottom.sum())
    if total == 0.0:
        return None, NO_LIMITS
    value = float(top.sum()) / total
    error = _standard_error(top - value * bottom, total, float(np.abs(top).sum()))
    if error is None:
        return value, NO_LIMITS
    half = _t_quantile(confidence, len(top)) * error
    low, high = value - half, value + half
    return value, ((low, high) if span is None else (max(span[0], low), min(span[1], high)))


def _log_ratio(
    top: FloatArray, bottom: FloatArray, confidence: float
) -> tuple[float | None, Limits]:
    """Ratio of two sums over clusters with a t interval on the log scale."""
    over, under = float(top.sum()), float(bottom.sum())
    if under == 0.0:
        return None, NO_LIMITS
    value = over / under
    if over == 0.0:
        return value, NO_LIMITS
    error = _standard_error(top / over - bottom / under, 1.0, 1.0)
    if error is None:
        return value, NO_LIMITS
    half = _t_quantile(confidence, len(top)) * error
    return value, _finite(log(value) - half, log(value) + half)


def _standard_error(residuals: FloatArray, total: float, size: float) -> float | None:
    """Linearised standard error of a ratio, None where the clusters do not vary."""
    clusters = len(residuals)
    if clusters < 2:
        return None
    # Not a BLAS product: its last digits depend on the machine and its number of threads.
    squares = float(np.square(residuals).sum())
    if sqrt(squares) <= NO_SPREAD * size:
        return None
    return sqrt(clusters / (clusters - 1) * squares) / total


def _finite(log_low: float, log_high: float) -> Limits:
    """Limits from their logs; with two or three clusters they can leave the number range."""
    return exp(log_low), (exp(log_high) if log_high < 700.0 else None)


def _t_quantile(confidence: float, clusters: int) -> float:
    return float(stdtrit(clusters - 1, 0.5 + confidence / 2.0))


def _estimate(
    name: str,
    value: float | None,
    limits: Limits,
    confidence: float,
    denominator: str,
    bottom: FloatArray,
) -> Estimate:
    low, high = limits
    return Estimate(
        name,
        value,
        low,
        high,
        confidence,
        "linearised",
        TARGETS_LIKE_THESE,
        denominator,
        int(bottom.sum()),
    )
