"""Shares of several groups: do they differ, do they rise or fall, exactly for two groups.

Every function takes counts and returns a two-sided p-value. p is 1 where there is nothing to
compare: fewer than two groups, or everybody the same. Tested against scipy and statsmodels.
"""

from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, gammaln

FloatArray = NDArray[np.float64]
SAME = 1.0 + 1e-7
"""Tables whose probability differs by less count as equally likely, as in R."""


def trend(positive: ArrayLike, total: ArrayLike, scores: ArrayLike) -> tuple[float, float]:
    """Cochran-Armitage test for a trend in shares (Armitage 1955, Biometrics 11:375-386).

    Args:
        positive: positive units per group; shape (groups,).
        total: units per group; shape (groups,).
        scores: place of every group, for instance its week; shape (groups,).

    Returns:
        z, above 0 where the share rises with the score, and its two-sided p-value.
    """
    x, n, place = _groups(positive, total, scores)
    units = n.sum()
    if units == 0:
        return 0.0, 1.0
    share = x.sum() / units
    centred = place - (n * place).sum() / units
    variance = share * (1.0 - share) * (n * centred**2).sum()
    if variance <= 0.0:
        return 0.0, 1.0
    z = float((x * centred).sum() / sqrt(variance))
    return z, erfc(abs(z) / sqrt(2.0))


def homogeneity(positive: ArrayLike, total: ArrayLike) -> tuple[float, float]:
    """Pearson's chi-square test that all groups have one share, groups without units left out.

    Args:
        positive: positive units per group; shape (groups,).
        total: units per group; shape (groups,).

    Returns:
        The statistic, with as many degrees of freedom as groups less one, and its p-value.
    """
    x, n, _ = _groups(positive, total, total)
    x, n = x[n > 0], n[n > 0]
    if len(n) < 2 or x.sum() in (0.0, n.sum()):
        return 0.0, 1.0
    share = x.sum() / n.sum()
    statistic = float(((x - n * share) ** 2 / (n * share * (1.0 - share))).sum())
    return statistic, float(chdtrc(len(n) - 1, statistic))


def fisher_exact(positive: ArrayLike, total: ArrayLike) -> float:
    """Fisher's exact test of two shares: the p-value of all tables at most as likely.

    Args:
        positive: positive units of both groups; shape (2,).
        total: units of both groups; shape (2,).
    """
    x, n, _ = _groups(positive, total, total)
    drawn = x.sum()
    possible = np.arange(max(0.0, drawn - n[1]), min(n[0], drawn) + 1.0)
    likelihood = np.exp(
        _log_choose(n[0], possible)
        + _log_choose(n[1], drawn - possible)
        - _log_choose(n.sum(), drawn)
    )
    seen = likelihood[int(x[0] - possible[0])]
    return min(1.0, float(likelihood[likelihood <= seen * SAME].sum()))


def _log_choose(n: float, k: ArrayLike) -> FloatArray:
    chosen = np.asarray(k, dtype=float)
    found: FloatArray = gammaln(n + 1.0) - gammaln(chosen + 1.0) - gammaln(n - chosen + 1.0)
    return found


def _groups(*columns: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    x, n, place = (np.asarray(column, dtype=float) for column in columns)
    if x.shape != n.shape or (x < 0).any() or (x > n).any():
        raise ValueError("Every group needs 0 or more positive units, at most all of them.")
    return x, n, place
