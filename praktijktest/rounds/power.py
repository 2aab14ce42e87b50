"""Power before the field: how many tests one contrast on the whole market needs.

`market_power` answers for one contrast on the whole market; for the list of agents that a
flag rule will decide on see `praktijktest.rounds.power_target`. What is given is checked
here, with one clear sentence; the numbers come from `praktijktest.statistics`.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import UsageError
from praktijktest.rounds.power_expectation import ROUNDING, Expectation

if TYPE_CHECKING:
    from praktijktest.statistics.power_market import Method, Sided
    from praktijktest.statistics.power_tests_needed import TestsNeeded

USUAL_POWER: Final = 0.8
"""Power meant by "detectable" when none was asked for."""

MOST_TESTS: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class MarketPower:
    """Power of one contrast on the whole market.

    Attributes:
        tests: number of tests, given or needed.
        power: chance to find the expected difference with them, in the expected direction.
        detectable_difference: smallest difference (share of all tests) found with
            `detectable_power` at the expected discordance rate; None where none is.
        method: the significance test.
        alpha: its level.
        sided: "two" or "one".
        expected: the expected shares.
        detectable_power: the power meant by "detectable".
        first_tests: first number of tests that reaches the wanted power, where the power
            falls below it again before `tests`; else None.
        formula_tests: tests by the normal formula, not rounded; None when tests were given.
        tests_per_target: mean tests per agent, if given.
        icc: likeness of tests of one agent, if given.
        design_effect: 1 + (tests per agent - 1) times icc.
        effective_tests: tests divided by the design effect.
        note: what a reader of the numbers must know, one sentence each.
    """

    tests: int
    power: float
    detectable_difference: float | None
    method: "Method"
    alpha: float
    sided: "Sided"
    expected: Expectation
    detectable_power: float
    first_tests: int | None
    formula_tests: float | None
    tests_per_target: float | None
    icc: float | None
    design_effect: float
    effective_tests: float
    note: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data; the first six keys are the contract."""
        like = self.expected.like
        return {
            "tests": self.tests,
            "power": self.power,
            "detectable_difference": self.detectable_difference,
            "method": self.method,
            "alpha": self.alpha,
            "sided": self.sided,
            "only_control": self.expected.only_control,
            "only_test": self.expected.only_test,
            "detectable_power": self.detectable_power,
            "first_tests": self.first_tests,
            "formula_tests": self.formula_tests,
            "tests_per_target": self.tests_per_target,
            "icc": self.icc,
            "design_effect": self.design_effect,
            "effective_tests": self.effective_tests,
            "like": None if like is None else like.to_dict(),
            "note": list(self.note),
        }


def market_power(
    expected: Expectation,
    *,
    tests: int | None = None,
    power: float | None = None,
    alpha: float = 0.05,
    sided: str = "two",
    method: str = "mcnemar-exact",
    tests_per_target: float | None = None,
    icc: float | None = None,
) -> MarketPower:
    """Power of a number of tests, or the tests needed for a power.

    Args:
        expected: what is expected, from `expectation`.
        tests: number of tests; give this or `power`.
        power: wanted power; give this or `tests`.
        alpha: significance level, between 0 and 0.5.
        sided: "two" or "one"; power counts the expected direction only.
        method: "mcnemar-exact", "mcnemar-midp", "unconditional" or "normal".
        tests_per_target: mean number of tests per agent; needs `icc`.
        icc: intraclass correlation over agents of the difference in answers, 0 to 1.

    Raises:
        UsageError: a number is impossible or missing, the difference is zero while a power
            is wanted, or the search would take too many tests.
    """
    known_method, known_sided = _known_test(alpha, sided, method)
    effect = _design_effect(tests_per_target, icc)
    if (tests is None) == (power is None):
        raise UsageError("Give exactly one of --tests and --power.")
    if power is not None:
        total, first, formula = _tests_needed(
            expected, power, alpha, known_sided, known_method, effect
        )
    else:
        total, first, formula = _checked_tests(tests, tests_per_target), None, None
    effective = _whole_effective_tests(total, effect, known_method)
    wanted = USUAL_POWER if power is None else power
    found, detectable = _found_with(effective, expected, wanted, alpha, known_sided, known_method)
    return MarketPower(
        tests=total,
        power=found,
        detectable_difference=detectable,
        method=known_method,
        alpha=alpha,
        sided=known_sided,
        expected=expected,
        detectable_power=wanted,
        first_tests=first,
        formula_tests=formula,
        tests_per_target=tests_per_target,
        icc=icc,
        design_effect=effect,
        effective_tests=total / effect,
        note=_notes(expected, effect, known_method),
    )


def _found_with(
    tests: float,
    expected: Expectation,
    wanted: float,
    alpha: float,
    sided: "Sided",
    method: "Method",
) -> tuple[float, float | None]:
    """Power for the expected difference, and the difference found with the wanted power."""
    from praktijktest.statistics.power_market import detectable_difference, power

    rates = expected.only_control, expected.only_test
    found = power(tests, *rates, alpha=alpha, sided=sided, method=method)
    detectable = detectable_difference(
        tests, expected.discordance, wanted, alpha=alpha, sided=sided, method=method
    )
    return float(found[0]), detectable


def checked_alpha(alpha: float) -> float:
    """A significance level that a plan can use.

    Raises:
        UsageError: it is not between 0 and 0.5.
    """
    if not 0 < alpha < 0.5:
        raise UsageError(f"--alpha is a level between 0 and 0.5, such as 0.05, not {alpha:g}.")
    return alpha


def _known_test(alpha: float, sided: str, method: str) -> "tuple[Method, Sided]":
    from praktijktest.statistics.power_market import METHODS, SIDES

    checked_alpha(alpha)
    known_sided = next((name for name in SIDES if name == sided), None)
    if known_sided is None:
        raise UsageError(f"--sided is two or one, not {sided!r}.")
    known_method = next((name for name in METHODS if name == method), None)
    if known_method is None:
        raise UsageError(f"--method is {', '.join(METHODS)}, not {method!r}.")
    return known_method, known_sided


def _checked_tests(tests: int | None, tests_per_target: float | None) -> int:
    if tests is None or not 1 <= tests <= MOST_TESTS:
        raise UsageError(f"--tests is a whole number from 1 to {MOST_TESTS:,}, not {tests}.")
    if tests_per_target is not None and tests_per_target > tests:
        raise UsageError(
            f"{tests} tests in all cannot be {tests_per_target:g} tests per agent; "
            "check --tests and --tests-per-target."
        )
    return tests


def _design_effect(tests_per_target: float | None, icc: float | None) -> float:
    from praktijktest.statistics.power_market import design_effect

    if tests_per_target is None and icc is None:
        return 1.0
    if tests_per_target is None or icc is None:
        raise UsageError("--tests-per-target and --icc go together; give both or neither.")
    if not 1 <= tests_per_target <= MOST_TESTS:
        raise UsageError(f"--tests-per-target is 1 or more, not {tests_per_target:g}.")
    if not 0 <= icc <= 1:
        raise UsageError(f"--icc lies between 0 and 1, not {icc:g}.")
    return design_effect(tests_per_target, icc)


def _whole_effective_tests(tests: int, effect: float, method: "Method") -> float:
    from praktijktest.statistics.power_unconditional import MOST_TESTS as MOST_UNCONDITIONAL

    effective = tests / effect
    if method == "normal":
        return effective
    # Exact power is defined for whole tests only; part of a test is not counted.
    whole = math.floor(effective + ROUNDING)
    if method == "unconditional" and whole > MOST_UNCONDITIONAL:
        raise UsageError(
            f"The unconditional test is computed for up to {MOST_UNCONDITIONAL:,} tests. With "
            f"{whole:,} tests use --method mcnemar-midp, which then hardly differs."
        )
    return whole


def _tests_needed(
    expected: Expectation,
    power: float,
    alpha: float,
    sided: "Sided",
    method: "Method",
    effect: float,
) -> tuple[int, int | None, float]:
    """Tests that stay at the power, the first that reach it if fewer, and by formula."""
    needed = _unclustered_tests_needed(expected, power, alpha, sided, method)
    unclustered = needed.formula if method == "normal" else needed.tests
    total = max(1, math.ceil(unclustered * effect - ROUNDING))
    first = math.ceil(needed.first * effect - ROUNDING)
    return total, first if needed.first < needed.tests else None, needed.formula


def _unclustered_tests_needed(
    expected: Expectation, power: float, alpha: float, sided: "Sided", method: "Method"
) -> "TestsNeeded":
    from praktijktest.statistics.power_tests_needed import TooManyTestsError, tests_needed

    if not 0 < power < 1:
        raise UsageError(f"--power is a chance between 0 and 1, such as 0.8, not {power:g}.")
    if power <= alpha:
        raise UsageError(f"A power of {power:g} is not above alpha ({alpha:g}); ask for more.")
    if expected.only_control == expected.only_test:
        raise UsageError(
            "The two shares are equal: there is no difference to find, so no number of tests "
            f"gives a power of {power:g}."
        )
    try:
        return tests_needed(
            expected.only_control,
            expected.only_test,
            power,
            alpha=alpha,
            sided=sided,
            method=method,
        )
    except TooManyTestsError as error:
        advice = (
            "Use --method mcnemar-midp, which then hardly differs, or give --tests."
            if method == "unconditional"
            else "No round is that large; expect a larger difference."
        )
        raise UsageError(
            f"About {error.formula:,.0f} tests are needed, more than is searched. {advice}"
        ) from None


def _notes(expected: Expectation, effect: float, method: "Method") -> tuple[str, ...]:
    notes = []
    like = expected.like
    if like is not None and like.estimated:
        low, high = like.both_range
        notes.append(
            f"Of {like.id} only the margins and the net rate were published, from which both "
            f"applicants were answered in {low} to {high} of {like.tests} tests; the middle, "
            f"{like.both}, is used."
        )
    if expected.only_control == expected.only_test:
        notes.append(
            "The two shares are equal, so this is the chance of a false alarm in one direction."
        )
    elif expected.only_control < expected.only_test:
        notes.append("The test applicant is expected to be favoured; power looks that way.")
    if effect > 1 and method != "normal":
        notes.append("The power is that of the effective tests, rounded down to whole tests.")
    return tuple(notes)
