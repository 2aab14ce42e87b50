"""The size of an effect and its variance, from four cells or from published margins.

Published studies often give only how many applicants of each group got a positive reply. The
variance of a paired effect then depends on how many tests had both, which the margins only
bound: both ends are given.
"""

from dataclasses import dataclass
from math import log
from typing import Literal

from praktijktest.statistics.cells import Cells

Measure = Literal["log-response-ratio", "net-rate-all", "log-odds-ratio"]
CONTINUITY = 0.5
"""Added to counts where a logarithm would not exist otherwise."""


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect with the least and the largest variance that the data allow.

    Attributes:
        value: log ratio of positive replies (test over control), net rate of all tests, or log
            of the conditional odds ratio (only control over only test).
        variance_low, variance_high: equal where the four cells are known.
    """

    value: float
    variance_low: float
    variance_high: float


def effect_of_cells(cells: Cells, measure: Measure) -> Effect | None:
    """The effect of one study from its four cells; None where it does not exist.

    Log response ratio: variance (b + c) / ((a + b)(a + c)) for paired proportions (Zou 2007);
    net rate: (b + c - (b - c)²/n) / n²; log odds ratio: 1/b + 1/c.

    Args:
        cells: the four counts.
        measure: which effect.
    """
    a, b, c, n = cells.both, cells.only_control, cells.only_test, cells.n
    if not n:
        return None
    if measure == "net-rate-all":
        variance = (b + c - (b - c) ** 2 / n) / n**2
        return Effect((b - c) / n, variance, variance) if variance > 0 else None
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
        measure: which effect; the conditional odds ratio does not follow from margins.

    Raises:
        ValueError: no four cells have these margins, or the measure cannot be had from them.
    """
    if not (0 <= control <= n and 0 <= test <= n):
        raise ValueError(f"No {n} tests can have {control} and {test} positive replies.")
    if measure == "log-odds-ratio":
        raise ValueError("The conditional odds ratio does not follow from margins.")
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
