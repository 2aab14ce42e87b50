"""The four cells of a paired contrast, and the shapes in which numbers leave this package."""

from contextlib import suppress
from dataclasses import dataclass
from operator import index
from typing import Any, Final, Literal, SupportsIndex

Scope = Literal["these-targets", "targets-like-these"]
Alternative = Literal["two-sided", "control-favoured"]

THESE_TARGETS: Final = "these-targets"
TARGETS_LIKE_THESE: Final = "targets-like-these"

AT_LEAST_ONE_POSITIVE: Final = "at least one positive"
ALL_TESTS: Final = "all tests"
DISCORDANT_TESTS: Final = "discordant tests"
POSITIVE_FOR_CONTROL: Final = "positive for control"
ONLY_TEST_POSITIVE: Final = "only test positive"


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts of paired tests by who got a positive reply.

    Attributes:
        both: tests in which both applicants did (a).
        only_control: tests in which only the control applicant did (b).
        only_test: tests in which only the test applicant did (c).
        neither: tests in which nobody did (d).

    Raises:
        ValueError: a count is negative or not a whole number.
    """

    both: int
    only_control: int
    only_test: int
    neither: int

    def __post_init__(self) -> None:
        for name in self.__slots__:
            object.__setattr__(self, name, _count(name, getattr(self, name)))

    @property
    def n(self) -> int:
        """All tests: a + b + c + d."""
        return self.both + self.only_control + self.only_test + self.neither

    @property
    def usable(self) -> int:
        """Tests with a positive reply to at least one applicant: a + b + c."""
        return self.both + self.only_control + self.only_test

    @property
    def discordant(self) -> int:
        """Tests in which the two applicants were treated differently: b + c."""
        return self.only_control + self.only_test

    def swapped(self) -> "Cells":
        """The same tests with control and test exchanged."""
        return Cells(self.both, self.only_test, self.only_control, self.neither)

    def to_dict(self) -> dict[str, int]:
        """The cells as plain data."""
        return {
            "both": self.both,
            "only_control": self.only_control,
            "only_test": self.only_test,
            "neither": self.neither,
        }


def _count(name: str, value: object) -> int:
    """A whole number from 0 up as a plain int; True and False are no counts."""
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        with suppress(TypeError):
            number = index(value)
            if number >= 0:
                return number
    raise ValueError(f"The count '{name}' must be a whole number from 0 up, not {value!r}.")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantity with its interval; what does not exist is None, never NaN or infinite.

    Attributes:
        name: name in the analysis document, such as "net_rate_usable".
        value: the point estimate.
        low: lower limit.
        high: upper limit.
        confidence: confidence level of the two limits together, such as 0.95.
        method: name of the interval method.
        scope: whom the interval speaks of.
        denominator: in words, what `value` is a share of.
        n: that denominator as a count.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    confidence: float
    method: str
    scope: Scope
    denominator: str
    n: int

    def to_dict(self) -> dict[str, Any]:
        """The estimate as plain data, in the order of the analysis document."""
        return {
            "name": self.name,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "confidence": self.confidence,
            "method": self.method,
            "scope": self.scope,
            "denominator": self.denominator,
            "n": self.n,
        }


@dataclass(frozen=True, slots=True)
class Interval:
    """Another interval for an estimate that is given elsewhere.

    Attributes:
        estimate: name of the estimate.
        method: name of the interval method.
        scope: whom the interval speaks of.
        low: lower limit, None where it does not exist.
        high: upper limit, None where it does not exist.
        confidence: confidence level of the two limits together.
    """

    estimate: str
    method: str
    scope: Scope
    low: float | None
    high: float | None
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """The interval as plain data, in the order of the analysis document."""
        return {
            "estimate": self.estimate,
            "method": self.method,
            "scope": self.scope,
            "low": self.low,
            "high": self.high,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class Significance:
    """A significance test.

    Attributes:
        name: name in the analysis document, such as "mcnemar_midp".
        p: p-value, None where the data do not allow the test.
        statistic: test statistic, None for tests that have none.
        alternative: "two-sided", or "control-favoured" for one-sided tests.
    """

    name: str
    p: float | None
    statistic: float | None
    alternative: Alternative

    def to_dict(self) -> dict[str, Any]:
        """The test as plain data, in the order of the analysis document."""
        return {
            "name": self.name,
            "p": self.p,
            "statistic": self.statistic,
            "alternative": self.alternative,
        }
