"""How many tests a wanted power needs, when exact power goes up and down with the number.

Exact tests reject at whole counts. One more test can raise the counts needed, so the power
falls a little before it rises again. The answer given is therefore the number from which
the power stays at or above the wanted one, and beside it the first number that touches it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from praktijktest.statistics.power_discordant import FloatArray, IntArray
from praktijktest.statistics.power_market import Method, Sided, normal_tests_needed, power

MOST_TESTS: Final = 10_000_000
MOST_TESTS_UNCONDITIONAL: Final = 1_000
"""The unconditional test has a new rejection region for every number of tests."""

STEPS_PER_WAVE: Final = 100


@dataclass(frozen=True, slots=True)
class TestsNeeded:
    """Tests needed for a power.

    Attributes:
        tests: smallest number from which the power stays at or above the wanted one.
        first: smallest number at which the power reaches it at all, at most `tests`.
        formula: what the normal formula gives, not rounded.
    """

    tests: int
    first: int
    formula: float


class TooManyTestsError(ValueError):
    """More tests than the search goes to; `formula` says about how many are needed."""

    def __init__(self, formula: float) -> None:
        super().__init__(f"about {formula:.0f} tests")
        self.formula = formula


def tests_needed(
    only_control: float,
    only_test: float,
    wanted: float,
    *,
    alpha: float = 0.05,
    sided: Sided = "two",
    method: Method = "mcnemar-exact",
) -> TestsNeeded:
    """Tests needed to find the expected difference with the wanted power.

    The waves of exact power near the wanted level are about 4 / |p10 - p01| tests long, so
    a stretch of many times that is looked through, and widened until its upper part lies
    wholly above the wanted power and its lower part wholly below.

    Args:
        only_control: chance that only the control applicant is answered (p10).
        only_test: chance that only the test applicant is answered (p01), another than p10.
        wanted: power wanted, above alpha and below 1.
        alpha: significance level between 0 and 0.5.
        sided: "two" or "one".
        method: as in `praktijktest.statistics.power_market.power`.

    Returns:
        The number needed; with the normal formula rounded up.

    Raises:
        TooManyTestsError: more than `MOST_TESTS`, or with the unconditional method more
            than `MOST_TESTS_UNCONDITIONAL`.

    References: `power_norm_mess` and `power_trialsize` (normal); the exact numbers are
    tested against a look through every number of tests.
    """
    formula = normal_tests_needed(only_control, only_test, wanted, alpha, sided)
    limit = MOST_TESTS_UNCONDITIONAL if method == "unconditional" else MOST_TESTS
    if formula > limit:
        raise TooManyTestsError(formula)
    if method == "normal":
        rounded = max(1, int(np.ceil(formula - 1e-9)))
        return TestsNeeded(rounded, rounded, formula)

    low, high, pad = _stretch(only_control, only_test, wanted, alpha, sided, method, formula)

    def powers(sizes: IntArray) -> FloatArray:
        return power(sizes, only_control, only_test, alpha=alpha, sided=sided, method=method)

    discordance = only_control + only_test
    step = 1
    if formula * discordance * (1 - discordance) > 25:
        # Many discordant tests more or less even out the small teeth; what is left are
        # waves as long as the square root of the number of tests.
        step = max(1, int(np.sqrt(formula) / STEPS_PER_WAVE))
    return TestsNeeded(*_crossings(powers, wanted, low, high, pad, step), formula)


def _stretch(
    only_control: float,
    only_test: float,
    wanted: float,
    alpha: float,
    sided: Sided,
    method: Method,
    formula: float,
) -> tuple[int, int, int]:
    """Where to look: lowest and highest number of tests, and by how much to widen."""
    difference = abs(only_control - only_test)
    if method != "unconditional":
        pad = 20 + int(np.ceil(8 / difference))
        return int(formula) - pad, int(formula + 2 / difference) + pad, pad
    # Each number costs a search of its own here, so a cheap and close test goes ahead.
    near = tests_needed(
        only_control, only_test, wanted, alpha=alpha, sided=sided, method="mcnemar-midp"
    )
    pad = 10 + int(np.ceil(2 / difference))
    return near.first - pad, near.tests + pad, pad


def _crossings(
    powers: Callable[[IntArray], FloatArray],
    wanted: float,
    low: int,
    high: int,
    pad: int,
    step: int,
) -> tuple[int, int]:
    """From which size on the power stays up, and where it first gets there."""
    while True:
        sizes = np.arange(max(low, 1), high + step, step)
        below = powers(sizes) < wanted
        last = int(np.flatnonzero(below)[-1]) if below.any() else -1
        first = int(np.flatnonzero(~below)[0]) if not below.all() else len(sizes)
        if last >= 0 and sizes[last] > high - pad // 2:
            high += max(pad, (high - low) // 2)
        elif low > 1 and (first == len(sizes) or sizes[first] < low + pad // 2):
            low -= max(pad, (high - low) // 2)
        else:
            break
    if step == 1:
        return int(sizes[last]) + 1 if last >= 0 else 1, int(sizes[first])
    after = np.arange(sizes[max(last, 0)], sizes[max(last, 0) + 1] + 1)
    before = np.arange(sizes[max(first - 1, 0)], sizes[first] + 1)
    still_below = np.flatnonzero(powers(after) < wanted)
    stays = int(after[still_below[-1]]) + 1 if len(still_below) else int(after[0])
    return stays, int(before[np.flatnonzero(powers(before) >= wanted)[0]])
