"""Equal treatment of single targets: tests of equivalence, the positive list, what is missing.

That nothing was found is no proof of fairness. Equal treatment is claimed where the 90 %
score interval of (b - c) / n lies inside a margin declared beforehand, which is a test at
5 % in either direction (Tango 1998; Nam 1997). b counts the tests that only the control
applicant won, c those that only the test applicant won, n all valid tests. Counts are per
target, shape (targets,); targets with equal counts are computed once where that costs time.
Tested against `nam_equiv` and `zero_discordant_equiv`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, betaincinv, ndtr

from praktijktest.statistics.discrete_fdr import CERTAIN, rounded, step_down
from praktijktest.statistics.signal_checks import counts_of_targets

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LEVEL: Final = 0.05
"""Of each of the two one-sided tests: a 90 % interval inside the margin."""

POSITIVE_TESTS_NEEDED: Final = 8
"""Tests with a positive reply to anyone below which equal treatment cannot be assessed."""

SMALLEST: Final = 1e-290
"""Smaller p-values count as 0."""

MOST_MISSING: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class EqualTreatment:
    """Tests of equal treatment; every array has shape (targets,).

    Attributes:
        inside: the 90 % score interval of (b - c) / n lies inside the margin.
        p_score: the larger p-value of the two one-sided score tests; `inside` is
            p_score < 0.05.
        p_exact: exact p-value of "at least one side loses the margin or more of all tests":
            P(Bin(n, margin) <= max(b, c)). Valid for any number of tests, and stricter.
        q: p_exact adjusted for the false discovery rate over the targets of the list;
            NaN for targets that are not in it.
        upper: exact 95 % upper bound of the chance that only the control applicant is
            answered: the number to print on a label. 1 without tests.
    """

    inside: BoolArray
    p_score: FloatArray
    p_exact: FloatArray
    q: FloatArray
    upper: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """The tests as plain lists."""
        return {
            "inside": self.inside.tolist(),
            "p_score": self.p_score.tolist(),
            "p_exact": self.p_exact.tolist(),
            "q": [None if np.isnan(value) else float(value) for value in self.q],
            "upper": self.upper.tolist(),
        }


def equal_treatment(
    b: ArrayLike, c: ArrayLike, n: ArrayLike, margin: float, in_list: ArrayLike | None = None
) -> EqualTreatment:
    """Test every target for equal treatment.

    The false discovery rate is that of the list of all who are called equal: the discrete
    step-down of Döhler, Durand & Roquain 2018 on the exact p-values, each with the p-values
    that its number of tests can reach. A target with few tests can reach no small p-value
    and costs the others next to nothing.

    Args:
        b: tests that only the control applicant won.
        c: tests that only the test applicant won.
        n: all valid tests, b and c among them.
        margin: the largest difference that still counts as equal, inside (0, 1).
        in_list: which targets are candidates for the positive list; default all. To stay
            valid it may depend on numbers of tests, not on who won them.

    Raises:
        ValueError: impossible counts or margin, or lengths differ.
    """
    control, test, tests = _checked(b, c, n, margin)
    listed = np.ones(len(tests), bool) if in_list is None else np.asarray(in_list, dtype=bool)
    if listed.shape != tests.shape:
        raise ValueError(f"The list {listed.shape} does not fit {len(tests)} targets.")
    p_score = np.maximum(
        score_p(control, test, tests, margin), score_p(test, control, tests, margin)
    )
    larger = np.maximum(control, test)
    p_exact = np.where(tests > 0, _binomial_cdf(larger, tests, margin), 1.0)
    q = np.full(len(tests), np.nan)
    q[listed] = _step_down_q(rounded(p_exact[listed]), tests[listed], margin)
    return EqualTreatment(
        inside=p_score < LEVEL,
        p_score=p_score,
        p_exact=p_exact,
        q=q,
        upper=_upper_bound(control, tests),
    )


def score_p(b: ArrayLike, c: ArrayLike, n: ArrayLike, margin: float) -> FloatArray:
    """One-sided score test that (b - c) / n is truly less than the margin (Nam 1997).

    The 90 % interval of Tango ends below the margin exactly where this p is below 0.05.
    Without tests p is 1. Arguments and errors as in `equal_treatment`.
    """
    control, test, tests = (x.astype(np.float64) for x in _checked(b, c, n, margin))
    some = np.maximum(tests, 1.0)
    linear = (2.0 * some - control + test) * margin - control - test
    constant = test * margin * (1.0 - margin)
    root = np.sqrt(linear * linear + 8.0 * some * constant)
    # The form without cancellation, for either sign of the linear term.
    upwards = linear > 0.0
    share = np.where(
        upwards,
        2.0 * constant / np.where(upwards, linear + root, 1.0),
        (root - linear) / (4.0 * some),
    )
    variance = some * (2.0 * share + margin * (1.0 - margin))
    z = (control - test - some * margin) / np.sqrt(variance)
    return np.where(tests > 0.0, ndtr(z), 1.0)


def clean_tests_missing(
    b: ArrayLike,
    c: ArrayLike,
    n: ArrayLike,
    margin: float,
    positive: ArrayLike | None = None,
) -> IntArray:
    """How many more tests in which both applicants are treated alike the label still needs.

    The smallest number of further tests, all won by both or by neither, after which the
    interval lies inside the margin. Further tests that are not clean need more.

    Args:
        b: tests that only the control applicant won.
        c: tests that only the test applicant won.
        n: all valid tests.
        margin: as in `equal_treatment`.
        positive: tests with a positive reply to anyone; if given, the number counts tests
            in which both are answered, and is large enough for the eight that are needed.

    Returns:
        Numbers of tests, 0 where none is missing, shape (targets,).

    Raises:
        ValueError: as `equal_treatment`.
    """
    table = np.stack(_checked(b, c, n, margin), axis=1)
    cases, inverse = np.unique(table, axis=0, return_inverse=True)
    control, test, tests = cases.T

    def enough(more: IntArray) -> BoolArray:
        first = score_p(control, test, tests + more, margin)
        second = score_p(test, control, tests + more, margin)
        return np.maximum(first, second) < LEVEL

    missing = _smallest(enough, len(cases))[inverse.ravel()]
    if positive is None:
        return missing
    (answered,) = counts_of_targets(positive)
    if answered.shape != missing.shape:
        raise ValueError(f"Positive tests {answered.shape} do not fit {len(missing)} targets.")
    return np.maximum(missing, POSITIVE_TESTS_NEEDED - answered)


def _smallest(enough: Callable[[IntArray], BoolArray], cases: int) -> IntArray:
    """The smallest number per case that is enough; once enough, more stays enough."""
    low = np.full(cases, -1, dtype=np.int64)
    high = np.zeros(cases, dtype=np.int64)
    while not (met := enough(high)).all() and int(high.max(initial=0)) < MOST_MISSING:
        low = np.where(met, low, high)
        high = np.where(met, high, 2 * high + 1)
    while (high - low > 1).any():
        middle = (low + high) // 2
        met = enough(np.maximum(middle, 0)) & (middle >= 0)
        high, low = np.where(met, middle, high), np.where(met, low, middle)
    return high


def _step_down_q(p: FloatArray, tests: IntArray, margin: float) -> FloatArray:
    """Adjusted p-values by the discrete step-down, from exact p-values and numbers of tests."""
    points, inverse, counts = np.unique(p, return_inverse=True, return_counts=True)
    odds = np.zeros(len(points))
    for number, targets in zip(*np.unique(tests, return_counts=True), strict=True):
        reachable = np.concatenate([[0.0], _reachable(int(number), margin)])
        cdf = reachable[np.searchsorted(reachable, points, side="right") - 1]
        certain = cdf >= 1.0
        odds += targets * np.where(certain, CERTAIN, cdf / np.where(certain, 1.0, 1.0 - cdf))
    adjusted = step_down(odds, counts.astype(np.int64))
    return rounded(adjusted[inverse.ravel()])


def _reachable(tests: int, margin: float) -> FloatArray:
    """Ascending p-values that a target with so many tests can have, rounded."""
    if tests == 0:
        return np.ones(1)
    return np.unique(rounded(_binomial_cdf(np.arange(tests + 1), tests, margin)))


def _binomial_cdf(most: IntArray, trials: IntArray | int, chance: float) -> FloatArray:
    cdf = np.asarray(bdtr(most, trials, chance), dtype=np.float64)
    # Numbers with few digits left cannot be rounded to twelve.
    return np.where(cdf < SMALLEST, 0.0, cdf)


def _upper_bound(won: IntArray, tests: IntArray) -> FloatArray:
    """Exact one-sided 95 % bound of Clopper & Pearson (1934)."""
    below = won < tests
    bound = np.ones(len(tests))
    bound[below] = betaincinv(won[below] + 1.0, (tests - won)[below], 1.0 - LEVEL)
    return bound


def _checked(
    b: ArrayLike, c: ArrayLike, n: ArrayLike, margin: float
) -> tuple[IntArray, IntArray, IntArray]:
    control, test, tests = counts_of_targets(b, c, n)
    if (control + test > tests).any():
        raise ValueError("There are more discordant tests than tests.")
    if not 0.0 < margin < 1.0:
        raise ValueError(f"The margin must lie between 0 and 1, not {margin!r}.")
    return control, test, tests
