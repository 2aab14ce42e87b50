"""Tests of equal treatment in paired tests.

The paired ones look at the discordant tests alone: b with only the control
applicant positive, c with only the test applicant positive. b and c are counts or
arrays of counts; p-values come back in the same shape. With b + c = 0 every paired
p is 1. Tested against `mcnemar_exact_*`, `mcnemar_asym_*`, `sign_onesided_*`,
`binom_*`, `perm_withinpair` and `detect_table`.
"""

from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, stdtr

from praktijktest.statistics.cells import Cells, Significance

FloatArray = NDArray[np.float64]


def binomial_half_tail(at_least: ArrayLike, trials: ArrayLike) -> FloatArray:
    """P(X >= at_least) for X ~ Binomial(trials, 1/2), elementwise."""
    k, d = np.broadcast_arrays(np.asarray(at_least, float), np.asarray(trials, float))
    # The incomplete beta function needs both parameters above 0; the edges are known.
    inside = betainc(np.clip(k, 1.0, None), np.clip(d - k + 1.0, 1.0, None), 0.5)
    return np.where(k <= 0.0, 1.0, np.where(k > d, 0.0, inside))


def sign_exact(b: ArrayLike, c: ArrayLike) -> FloatArray:
    """One-sided exact sign test, P(X >= b): is the control applicant favoured?

    Also the exact randomisation test of Fisher's sharp null where names and order
    were allotted at random, whatever the differences between adverts.
    """
    b, d = _wins_and_trials(b, c)
    return binomial_half_tail(b, d)


def sign_midp(b: ArrayLike, c: ArrayLike) -> FloatArray:
    """One-sided sign mid-p: P(X > b) + P(X = b) / 2 (Lancaster 1961)."""
    b, d = _wins_and_trials(b, c)
    midp = (binomial_half_tail(b, d) + binomial_half_tail(b + 1.0, d)) / 2.0
    return np.where(d == 0.0, 1.0, midp)


def mcnemar_exact(b: ArrayLike, c: ArrayLike) -> FloatArray:
    """Two-sided exact conditional McNemar test: twice the smaller tail, at most 1."""
    b, d = _wins_and_trials(b, c)
    return np.minimum(1.0, 2.0 * binomial_half_tail(np.maximum(b, d - b), d))


def mcnemar_midp(b: ArrayLike, c: ArrayLike) -> FloatArray:
    """Two-sided McNemar mid-p (Fagerland, Lydersen & Laake 2013, BMC MRM 13:91)."""
    b, d = _wins_and_trials(b, c)
    larger = np.maximum(b, d - b)
    tail = binomial_half_tail(larger, d)
    midp = tail + binomial_half_tail(larger + 1.0, d)
    # At b = c half of P(X = b) is taken off once, and P(X = b) = 2 P(X >= b) - 1.
    return np.where(d == 0.0, 1.0, np.where(2.0 * b == d, 1.5 - tail, midp))


def mcnemar_chi2(cells: Cells, corrected: bool) -> Significance:
    """McNemar's chi-square with one degree of freedom.

    `corrected`: Edwards' continuity correction, (|b - c| - 1)² / (b + c); with
    b = c there is nothing to correct, as in R.
    """
    name = "mcnemar_chi2_cc" if corrected else "mcnemar_chi2"
    if cells.discordant == 0:
        return Significance(name, 1.0, None, "two-sided")
    distance = abs(cells.only_control - cells.only_test)
    if corrected:
        distance = max(distance - 1, 0)
    statistic = distance**2 / cells.discordant
    return Significance(name, chi2_p(statistic), statistic, "two-sided")


def pearson_chi2_unpaired(cells: Cells, corrected: bool) -> Significance:
    """Pearson's chi-square of the two response rates as if the arms were unrelated.

    Papers print it for paired tests, where it ignores the pairing: it is given so
    that such papers can be checked, not as a test to rely on. `corrected`: Yates.
    """
    name = "pearson_chi2_cc_unpaired" if corrected else "pearson_chi2_unpaired"
    positive = 2 * cells.both + cells.discordant
    negative = 2 * cells.neither + cells.discordant
    if positive == 0 or negative == 0:
        return Significance(name, 1.0, None, "two-sided")
    distance = abs(cells.only_control - cells.only_test) / 2.0
    if corrected:
        distance = max(distance - 0.5, 0.0)
    statistic = 4.0 * distance**2 * (1.0 / positive + 1.0 / negative)
    return Significance(name, chi2_p(statistic), statistic, "two-sided")


def paired_t(cells: Cells) -> Significance:
    """Student's paired t of the difference in positive replies, every test on its own.

    The `cluster_t` of tests that do not share a target. p is 1 where no test is
    discordant and None where t does not exist: one test, or all of them the same.
    """
    n, difference = cells.n, cells.only_control - cells.only_test
    if cells.discordant == 0:
        return Significance("cluster_t", 1.0, None, "two-sided")
    # n² times the mean square deviation, in whole numbers so that 0 is exactly 0.
    spread = n * cells.discordant - difference**2
    if n < 2 or spread == 0:
        return Significance("cluster_t", None, None, "two-sided")
    t = difference * sqrt((n - 1) / spread)
    return Significance("cluster_t", student_p(t, n - 1), t, "two-sided")


def chi2_p(statistic: float) -> float:
    """Upper tail of the chi-square distribution with one degree of freedom."""
    return erfc(sqrt(statistic / 2.0))


def student_p(t: float, degrees: float) -> float:
    """Two-sided p-value of Student's t."""
    return min(1.0, 2.0 * float(stdtr(degrees, -abs(t))))


def _wins_and_trials(b: ArrayLike, c: ArrayLike) -> tuple[FloatArray, FloatArray]:
    wins, losses = np.asarray(b, float), np.asarray(c, float)
    return wins, wins + losses
