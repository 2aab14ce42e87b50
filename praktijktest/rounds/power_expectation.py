"""What a researcher expects to see, said in one of three ways, before power is computed."""

from dataclasses import dataclass
from typing import Final

from praktijktest.problems import UsageError
from praktijktest.rounds.past_rounds import PastRound, past_round

ROUNDING: Final = 1e-9
"""Sums of shares typed with a few decimals miss their round value by less than this."""

HOW_TO_SAY: Final = (
    "Say what you expect: --only-control and --only-test, or --response-control, "
    "--response-test and --discordance, or --like with a published round."
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a researcher expects to see in a share of all tests.

    Attributes:
        only_control: share with only the control applicant answered.
        only_test: share with only the test applicant answered.
        like: the published round it was taken from, if any.
    """

    only_control: float
    only_test: float
    like: PastRound | None = None

    @property
    def discordance(self) -> float:
        """Share of tests in which exactly one applicant is answered."""
        return min(self.only_control + self.only_test, 1.0)


def expectation(
    only_control: float | None = None,
    only_test: float | None = None,
    *,
    response_control: float | None = None,
    response_test: float | None = None,
    discordance: float | None = None,
    like: str | None = None,
) -> Expectation:
    """What to expect, said in one of three ways.

    Args:
        only_control: share of tests with only the control applicant answered.
        only_test: share of tests with only the test applicant answered.
        response_control: share of tests in which the control applicant is answered.
        response_test: share of tests in which the test applicant is answered.
        discordance: share of tests in which exactly one of them is.
        like: id of a published round (`praktijktest.rounds.past_rounds`).

    Raises:
        UsageError: none or more than one way was used, or the numbers are impossible.
    """
    direct = (only_control, only_test)
    responses = (response_control, response_test, discordance)
    ways = [any(v is not None for v in way) for way in (direct, responses, (like,))]
    if sum(ways) != 1:
        raise UsageError(HOW_TO_SAY if not any(ways) else f"{HOW_TO_SAY} Use one way only.")
    if like is not None:
        past = past_round(like)
        return Expectation(past.only_control / past.tests, past.only_test / past.tests, past)
    if only_control is not None or only_test is not None:
        return Expectation(*checked_rates(only_control, only_test, "--only-control", "--only-test"))
    return _from_responses(response_control, response_test, discordance)


def checked_rates(
    only_control: float | None, only_test: float | None, control_name: str, test_name: str
) -> tuple[float, float]:
    """Two shares of the same tests.

    Raises:
        UsageError: one is missing or outside 0 to 1, or together they exceed 1.
    """
    control = _share(only_control, control_name)
    test = _share(only_test, test_name)
    if control + test > 1 + ROUNDING:
        raise UsageError(
            f"{control_name} {control:g} and {test_name} {test:g} are shares of the same "
            "tests: together they cannot exceed 1."
        )
    return control, min(test, 1 - control)


def _share(value: float | None, name: str) -> float:
    if value is None:
        raise UsageError(f"{name} is missing. {HOW_TO_SAY}")
    if not 0 <= value <= 1:
        raise UsageError(f"{name} is a share between 0 and 1, not {value:g}.")
    return value


def _from_responses(
    response_control: float | None, response_test: float | None, discordance: float | None
) -> Expectation:
    control = _share(response_control, "--response-control")
    test = _share(response_test, "--response-test")
    differ = _share(discordance, "--discordance")
    least, most = abs(control - test), min(control + test, 2 - control - test)
    if not least - ROUNDING <= differ <= most + ROUNDING:
        raise UsageError(
            f"With responses of {control:g} and {test:g} the share of tests in which only one "
            f"is answered lies between {least:g} and {most:g}, so --discordance cannot be "
            f"{differ:g}."
        )
    # Rounding may leave -1e-17 where nobody is answered alone.
    return Expectation(
        max((differ + control - test) / 2, 0.0), max((differ - control + test) / 2, 0.0)
    )
