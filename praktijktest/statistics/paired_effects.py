"""The size of an effect and its variance: from four cells, published margins or two groups.

Published studies often give only how many applicants of each group got a positive reply. The
variance of a paired effect then depends on how many tests had both, which the margins only
bound: both ends are given.
"""

from dataclasses import dataclass
from math import log
from typing import Literal

from praktijktest.statistics.cells import Cells

Measure = Literal["log-response-ratio", "net-rate-all", "net-rate-usable", "log-odds-ratio"]
CONTINUITY = 0.5
"""Added to counts where a logarithm would not exist otherwise."""


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect with the least and the largest variance that the data allow.

    Attributes:
        value: log ratio of positive replies (test over control), net rate (of all tests, or of
            tests with at least one positive reply), or log of the conditional odds ratio (only
            control over only test).
        variance_low, variance_high: equal where the four cells are known.
    """

    value: float
    variance_low: float
    variance_high: float


def effect_of_cells(cells: Cells, measure: Measure) -> Effect | None:
    """The effect of one study from its four cells; None where it does not exist.

    Log response ratio: variance (b + c) / ((a + b)(a + c)) for paired proportions (Zou 2007);
    net rate: (b + c - (b - c)²/n) / n², with n the tests it is a share of; log odds ratio:
    1/b + 1/c.

    Args:
        cells: the four counts.
        measure: which effect.
    """
    a, b, c, n = cells.both, cells.only_control, cells.only_test, cells.n
    if not n:
        return None
    if measure in ("net-rate-all", "net-rate-usable"):
        of = n if measure == "net-rate-all" else a + b + c
        variance = (b + c - (b - c) ** 2 / of) / of**2 if of else 0.0
        return Effect((b - c) / of, variance, variance) if variance > 0 else None
    if measure == "log-odds-ratio":
        shift = CONTINUITY if not b or not c else 0.0
        if not b + c:
            return None
        variance = 1 / (b + shift) + 1 / (c + shift)
        return Effect(log((b + shift) / (c + shift)), variance, variance)
    shift = CONTINUITY if not (a + b) or not (a + c) else 0.0
    control, test = a + b + shift, a + c + shift
    variance = (b + c + 2 * shift) / (control * test)
    if not a + b + c or variance <= 0:
        return None
    return Effect(log(test / control), variance, variance)


def effect_of_margins(control: int, test: int, n: int, measure: Measure) -> Effect | None:
    """The effect from how many tests were positive for each group.

    Args:
        control: tests with a positive reply to the control.
        test: tests with a positive reply to the test applicant.
        n: tests.
        measure: which effect; the conditional odds ratio and the net rate of tests with a
            positive reply do not follow from margins.

    Raises:
        ValueError: no four cells have these margins, or the measure cannot be had from them.
    """
    if not (0 <= control <= n and 0 <= test <= n):
        raise ValueError(f"No {n} tests can have {control} and {test} positive replies.")
    if measure in ("log-odds-ratio", "net-rate-usable"):
        raise ValueError(f"The {measure} does not follow from margins.")
    found = [
        effect_of_cells(
            Cells(both, control - both, test - both, n - control - test + both), measure
        )
        for both in (min(control, test), max(0, control + test - n))
    ]
    known = [effect for effect in found if effect is not None]
    if not known:
        return None
    # A table in which no test treats its applicants differently has an effect without variance.
    variances = [0.0 if effect is None else effect.variance_low for effect in found]
    return Effect(known[0].value, min(variances), max(variances))


def least_variance(control: int, test: int, n: int, measure: Measure) -> float | None:
    """The least variance above zero that margins allow.

    Equal margins allow a table without any discordant test, whose variance is zero: nothing
    could outweigh such a study. One discordant test on either side is then the least.

    Args:
        control: tests with a positive reply to the control.
        test: tests with a positive reply to the test applicant.
        n: tests.
        measure: as for `effect_of_margins`.
    """
    found = effect_of_margins(control, test, n, measure)
    if found is None or found.variance_high <= 0:
        return None
    if found.variance_low > 0:
        return found.variance_low
    nearest = Cells(control - 1, 1, 1, n - control - 1)
    effect = effect_of_cells(nearest, measure)
    return None if effect is None else effect.variance_low


def effect_of_groups(
    control: int, n_control: int, test: int, n_test: int, measure: Measure
) -> Effect | None:
    """The effect where each applicant stood alone, from two independent groups.

    Log response ratio: variance 1/x - 1/n + 1/y - 1/m (Katz et al. 1978); net rate: the sum of
    the two binomial variances. Tested against the effects published with
    `verhaeghe_housing_meta_2026`.

    Args:
        control: positive replies to the control.
        n_control: applications of the control.
        test: positive replies to the test applicant.
        n_test: applications of the test applicant.
        measure: which effect; the others need pairs.

    Raises:
        ValueError: more positive replies than applications, or the measure needs pairs.
    """
    if not (0 <= control <= n_control and 0 <= test <= n_test):
        raise ValueError("A group cannot have more positive replies than applications.")
    if measure in ("log-odds-ratio", "net-rate-usable"):
        raise ValueError(f"The {measure} does not follow from two groups.")
    if not n_control or not n_test:
        return None
    if measure == "net-rate-all":
        x, y = control / n_control, test / n_test
        variance = x * (1 - x) / n_control + y * (1 - y) / n_test
        return Effect(x - y, variance, variance) if variance > 0 else None
    if not control + test:
        return None
    shift = CONTINUITY if not control or not test else 0.0
    x, y, n, m = (count + shift for count in (control, test, n_control, n_test))
    variance = 1 / x - 1 / n + 1 / y - 1 / m
    return Effect(log((y / m) / (x / n)), variance, variance) if variance > 0 else None


def usable_range(control: int, test: int, n: int) -> tuple[float, float] | None:
    """The least and the largest net rate of tests with a positive reply that margins allow.

    Args:
        control: tests with a positive reply to the control.
        test: tests with a positive reply to the test applicant.
        n: tests.
    """
    if not control + test:
        return None
    rates = [
        (control - test) / (control + test - both)
        for both in (min(control, test), max(0, control + test - n))
    ]
    return min(rates), max(rates)
