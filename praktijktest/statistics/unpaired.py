"""Two or more independent groups: applicants who each wrote to another advert.

Tested against `propci_*`, scipy's exact tests, and the published counts of Bertrand &
Mullainathan 2004.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, gammaln

from praktijktest.statistics.cells import THESE_TARGETS, Estimate, Significance
from praktijktest.statistics.proportions import critical_value, wilson

APPLICATIONS_OF_CONTROL = "applications of the control group"
APPLICATIONS_OF_TEST = "applications of the test group"
BOTH_GROUPS = "applications of each group"
TIES = 1e-7
"""Tables whose chance is within this share of the observed one are equally likely."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Positive replies out of applications, by group.

    Attributes:
        control_positive, control: positive replies to, and applications of, the control group.
        test_positive, test: the same for the test group.
    """

    control_positive: int
    control: int
    test_positive: int
    test: int

    def __post_init__(self) -> None:
        for positive, n in (
            (self.control_positive, self.control),
            (self.test_positive, self.test),
        ):
            if not 0 <= positive <= n:
                raise ValueError(f"There cannot be {positive} positive replies out of {n}.")

    def to_dict(self) -> dict[str, dict[str, int]]:
        """The groups in the shape of the analysis document."""
        return {
            "control": {"positive": self.control_positive, "n": self.control},
            "test": {"positive": self.test_positive, "n": self.test},
        }


def unpaired_estimates(groups: Groups, confidence: float = 0.95) -> tuple[Estimate, ...]:
    """Rates of both groups, their difference, ratio and odds ratio, test against control.

    Rates have Wilson's interval, the difference Newcombe's from those two (Newcombe 1998,
    Statistics in Medicine 17: 873-890, method 10), the ratios intervals on the log scale
    (Katz; Woolf). What has no applications, or no interval, is None.

    Args:
        groups: the counts.
        confidence: two-sided confidence level, inside (0, 1).
    """
    z = critical_value(confidence)
    c, n, t, m = groups.control_positive, groups.control, groups.test_positive, groups.test
    total = n + m

    def estimate(
        name: str, value: float | None, ends: tuple[float | None, float | None], how: str, of: str
    ) -> Estimate:
        count = {APPLICATIONS_OF_CONTROL: n, APPLICATIONS_OF_TEST: m}.get(of, total)
        return Estimate(name, value, *ends, confidence, how, THESE_TARGETS, of, count)

    own = wilson(c, n, confidence) if n else (None, None)
    other = wilson(t, m, confidence) if m else (None, None)
    difference = t / m - c / n if n and m else None
    ends = newcombe(groups, confidence) if n and m else (None, None)
    ratio = (t / m) / (c / n) if n and m and c else None
    odds = t * (n - c) / (c * (m - t)) if c and m - t else None
    return (
        estimate(
            "response_rate_control", c / n if n else None, own, "wilson", APPLICATIONS_OF_CONTROL
        ),
        estimate("response_rate_test", t / m if m else None, other, "wilson", APPLICATIONS_OF_TEST),
        estimate("rate_difference", difference, ends, "newcombe", BOTH_GROUPS),
        estimate(
            "response_ratio",
            ratio,
            _on_log_scale(ratio, z, 1 / t - 1 / m + 1 / c - 1 / n if t and c else None),
            "katz-log",
            BOTH_GROUPS,
        ),
        estimate(
            "odds_ratio",
            odds,
            _on_log_scale(
                odds,
                z,
                1 / c + 1 / (n - c) + 1 / t + 1 / (m - t) if all((c, n - c, t, m - t)) else None,
            ),
            "woolf-log",
            BOTH_GROUPS,
        ),
    )


def newcombe(groups: Groups, confidence: float = 0.95) -> tuple[float, float]:
    """Newcombe's interval for the rate of the test group minus that of the control.

    Args:
        groups: the counts; both groups have applications.
        confidence: two-sided confidence level.
    """
    p, q = groups.test_positive / groups.test, groups.control_positive / groups.control
    low_p, high_p = wilson(groups.test_positive, groups.test, confidence)
    low_q, high_q = wilson(groups.control_positive, groups.control, confidence)
    below = sqrt((p - low_p) ** 2 + (high_q - q) ** 2)
    above = sqrt((high_p - p) ** 2 + (q - low_q) ** 2)
    return max(p - q - below, -1.0), min(p - q + above, 1.0)


def unpaired_significance(groups: Groups) -> tuple[Significance, ...]:
    """Fisher's exact test, its mid-p, and chi-square without and with Yates's correction.

    All two-sided; the exact tests sum what is at most as likely as what was seen. None where
    a group is empty or all replies are equal.
    """
    names = ("fisher_exact", "fisher_midp", "chi2", "chi2_cc")
    positive = groups.control_positive + groups.test_positive
    total = groups.control + groups.test
    if not groups.control or not groups.test or positive in (0, total):
        return tuple(Significance(name, None, None, "two-sided") for name in names)
    exact, midp = _fisher(groups)
    table = np.array(
        [
            [groups.control_positive, groups.control - groups.control_positive],
            [groups.test_positive, groups.test - groups.test_positive],
        ]
    )
    plain, _ = pearson(table)
    gap = abs(float(np.linalg.det(table)))
    margins = float(np.prod(table.sum(axis=0)) * np.prod(table.sum(axis=1), dtype=float))
    corrected = total * max(gap - total / 2, 0.0) ** 2 / margins
    return (
        Significance("fisher_exact", exact, None, "two-sided"),
        Significance("fisher_midp", midp, None, "two-sided"),
        Significance("chi2", float(chdtrc(1, plain)), plain, "two-sided"),
        Significance("chi2_cc", float(chdtrc(1, corrected)), corrected, "two-sided"),
    )


def pearson(table: NDArray[np.int64]) -> tuple[float, int]:
    """Pearson's chi-square of a table and its degrees of freedom.

    Rows or columns without any count add nothing and take no degree of freedom.

    Args:
        table: counts, shape (groups, outcomes).
    """
    used = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0].astype(np.float64)
    expected = np.outer(used.sum(axis=1), used.sum(axis=0)) / max(used.sum(), 1.0)
    statistic = float((((used - expected) ** 2) / expected).sum())
    return statistic, max((used.shape[0] - 1) * (used.shape[1] - 1), 0)


def _fisher(groups: Groups) -> tuple[float, float]:
    positive = groups.control_positive + groups.test_positive
    low = max(0, positive - groups.test)
    high = min(positive, groups.control)
    x = np.arange(low, high + 1)
    logs = _log_choose(groups.control, x) + _log_choose(groups.test, positive - x)
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    seen = chances[groups.control_positive - low]
    exact = float(chances[chances <= seen * (1 + TIES)].sum())
    equal = float(chances[np.abs(chances - seen) <= seen * TIES].sum())
    return min(exact, 1.0), min(exact - equal / 2, 1.0)


def _log_choose(n: int, k: NDArray[np.int64]) -> NDArray[np.float64]:
    logs: NDArray[np.float64] = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return logs


def _on_log_scale(
    value: float | None, z: float, variance: float | None
) -> tuple[float | None, float | None]:
    if value is None or variance is None or value <= 0:
        return None, None
    half = z * sqrt(variance)
    return exp(log(value) - half), exp(log(value) + half)
