"""The population file: who is tested, how they behave, and what goes wrong in the log."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from praktijktest.design.sections import Section
from praktijktest.design.values import (
    Day,
    Filled,
    Gap,
    Id,
    Number,
    SomeNames,
    Whole,
    as_text,
    at_least,
    between,
    one_of,
    refused,
)
from praktijktest.problems import shown
from praktijktest.vocabulary import (
    FLAG_RULES,
    GROUNDS,
    JURISDICTIONS,
    LANGUAGES,
    SENDING_ORDERS,
)

MARKETS: Final = ("housing", "labour")
"""Markets whose replies can be simulated."""
SHAPES: Final = ("even", "skewed")
FAVOURS: Final = ("control", "test")
FAIR: Final = "fair"
"""What agents are called who treat both applicants alike."""
MOST_TARGETS: Final = 1_000_000
MOST_TESTS: Final = 50_000_000
"""Tests of one round: about what fits in the memory of a large machine."""
MOST_GAP_DAYS: Final = 30
MOST_WAVES: Final = 100
SLACK: Final = 1e-9
LOG_COLUMNS: Final = (
    "test", "target", "advert", "channel", "tester", "wave", "phase", "profile", "name",
    "position", "template", "sent_at", "replied_at", "outcome", "failed", "evidence", "note",
    "application", "target_group", "stage", "coder",
)  # fmt: skip
"""Columns that mean something in a log, so that no stratum can have their name."""


def _share(value: float) -> float:
    if 0 <= value <= 1:
        return value
    raise refused("must lie between 0 and 1", "a share: 0.1 is one in ten")


def _half(value: float) -> float:
    if 0 <= value <= 0.5:
        return value
    raise refused("must lie between 0 and 0.5", "at 0.5 the log says nothing any more")


def _likeness(value: float) -> float:
    if 0 <= value < 1:
        return value
    raise refused("must be 0 or more and less than 1", "0 means that all are alike; often 0.1")


def _range(
    check: Callable[[object], float], words: str, example: str
) -> Callable[[object], tuple[float, float]]:
    """A number, or the smallest and the largest of a range."""

    def read(value: object) -> tuple[float, float]:
        parts = value if isinstance(value, list | tuple) else [value, value]
        if len(parts) != 2:
            raise refused(f"must be {words}, or the smallest and the largest", example)
        low, high = (check(part) for part in parts)
        if high < low:
            raise refused("names the largest first", f"write [{high:g}, {low:g}]")
        return low, high

    return read


def _strength(value: object) -> float:
    number = _number(value)
    if 0 < number <= 1:
        return number
    raise refused(
        "must be more than 0 and at most 1", "0.7: seven in ten positive replies are withheld"
    )


def _tests(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise refused("must be a whole number", "for example tests = 12 or tests = [8, 15]")
    if not 1 <= value <= 1_000_000:
        raise refused("must be 1 or more, and at most a million")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused("must be a number", "write it without quotes, for example 0.7")
    if not -1e9 < value < 1e9:
        raise refused("must be a number", "for example 0.7")
    return float(value)


def _levels(value: object) -> dict[str, float]:
    """Levels and their shares, which are parts of a whole."""
    example = "for example { chain = 0.3, independent = 0.7 }"
    if not isinstance(value, dict) or not value:
        raise refused("must be a table of levels and their shares", example)
    shares = {as_text(level): _share(_number(share)) for level, share in value.items()}
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise refused(f"has shares that sum to {sum(shares.values()):g}, not to 1", example)
    return shares


def _up_to(most: int) -> AfterValidator:
    def check(value: int) -> int:
        if value <= most:
            return value
        raise refused(f"must be {most:,} or less")

    return AfterValidator(check)


def _soon(value: date) -> date:
    if 1950 <= value.year <= 2200:
        return value
    raise refused("must lie between 1950 and 2200", "for example 2026-09-01")


def _own_name(value: str) -> str:
    if value in LOG_COLUMNS:
        raise refused("is the name of a column of the log", "give the ground another id")
    return value


def _days_gap(value: tuple[float, float]) -> tuple[float, float]:
    if value[1] <= 24 * MOST_GAP_DAYS:
        return value
    raise refused(f"must be {24 * MOST_GAP_DAYS} hours or less", "for example [3, 8]")


Share = Annotated[Number, AfterValidator(_share)]
Likeness = Annotated[Number, AfterValidator(_likeness)]
Strength = Annotated[
    tuple[float, float],
    BeforeValidator(_range(_strength, "a number", "for example 0.7 or [0.4, 0.9]")),
]
Tests = Annotated[
    tuple[int, int],
    BeforeValidator(_range(_tests, "a whole number", "for example 12 or [8, 15]")),
]
Levels = Annotated[dict[str, float], BeforeValidator(_levels)]


class Round(Section):
    """`[population]`: the round as a whole.

    `tests` is per agent and ground; `overlap` says how far the agents who discriminate on
    one ground are those who do so on another; `tests_per_advert` tests share an advert.
    """

    id: Id
    title: Filled = "Simulated practice tests"
    market: Annotated[str, one_of(MARKETS)] = "housing"
    place: Filled = "nowhere (simulated)"
    jurisdiction: Annotated[str, one_of(JURISDICTIONS)] = "other"
    language: Annotated[str, one_of(LANGUAGES)] = "en"
    targets: Annotated[Whole, at_least(1), _up_to(MOST_TARGETS)]
    target_name: Id = "agent"
    tests: Tests
    tests_shape: Annotated[str, one_of(SHAPES)] = "even"
    tests_per_advert: Annotated[Whole, at_least(1), _up_to(1000)] = 1
    overlap: Share = 0.0
    order: Annotated[str, one_of(SENDING_ORDERS)] = "random"
    start: Annotated[Day, AfterValidator(_soon)] = date(2026, 9, 1)
    working_days: Annotated[Whole, at_least(1), _up_to(2600)] = 130
    gap_hours: Annotated[Gap, AfterValidator(_days_gap)] = (3.0, 8.0)
    response_days: Annotated[Whole, at_least(1), _up_to(366)] = 14


class Behaviour(Section):
    """`[[ground.behaviour]]`: a kind of agent who treats the two applicants differently.

    Of the positive replies that the applicant they do not favour would have had, the share
    `strength` is withheld; with a range every agent has a strength of their own.
    """

    id: Id
    share: Share
    strength: Strength
    favours: Annotated[str, one_of(FAVOURS)] = "control"
    response: Share | None = None


def _behaviours(kinds: tuple[Behaviour, ...]) -> tuple[Behaviour, ...]:
    _refuse_twice([kind.id for kind in kinds], "behaviours with the id")
    if FAIR in [kind.id for kind in kinds]:
        raise refused(f"has a behaviour with the id {FAIR!r}", "that is what all others are")
    if sum(kind.share for kind in kinds) > 1 + SLACK:
        raise refused("has shares that sum to more than 1", "what they leave is fair")
    return kinds


class Ground(Section):
    """`[[ground]]`: what is tested, on adverts of its own."""

    id: Annotated[Id, AfterValidator(_own_name)]
    ground: Annotated[str, one_of(GROUNDS)]
    control: Id
    test: Id
    control_names: SomeNames = ("Control applicant",)
    test_names: SomeNames = ("Test applicant",)
    response: Share
    agents_differ: Likeness = 0.1
    adverts_differ: Likeness = 0.2
    agreement: Share = 0.5
    behaviours: Annotated[
        tuple[Behaviour, ...], AfterValidator(_behaviours), Field(alias="behaviour")
    ] = ()

    @model_validator(mode="after")
    def _checked(self) -> "Ground":
        if self.control == self.test:
            raise refused("has one applicant as control and as test", "they are two profiles")
        return self


class Noise(Section):
    """`[noise]`: what lies between what agents do and what the log says, as shares.

    The first four are of the applications' positive replies, the others as named in the log.
    """

    order_effect: Share = 0.0
    template_effect: Share = 0.0
    missing_replies: Share = 0.0
    coding_error: Annotated[Number, AfterValidator(_half)] = 0.0
    explicit: Share = 0.04
    late: Share = 0.03
    failed: Share = 0.02
    incomplete: Share = 0.01
    silence_left_empty: Share = 0.5


class Wave(Section):
    """`[[wave]]`: one of several rounds in a row; tests are shared out over them evenly."""

    id: Id
    strength: Annotated[Number, AfterValidator(_share)] = 1.0


class Confirm(Section):
    """`[confirm]`: fresh tests of every agent whose first tests differ by `net` or more."""

    net: Annotated[Whole, at_least(1)] = 2
    tests: Tests


class Flagging(Section):
    """`[flagging]`: put into the design file as it stands here."""

    rule: Annotated[str, one_of(FLAG_RULES)] | None = None
    alpha: Annotated[Number, between(0, 1, "0.05")] | None = None
    min_tests: Annotated[Whole, at_least(1)] | None = None


def _grounds(grounds: tuple[Ground, ...]) -> tuple[Ground, ...]:
    if not grounds:
        raise refused("is an empty list", "a population has at least one [[ground]]")
    _refuse_twice([ground.id for ground in grounds], "grounds with the id")
    profiles = [name for ground in grounds for name in (ground.control, ground.test)]
    _refuse_twice(profiles, "grounds with the applicant", "every ground has applicants of its own")
    return grounds


def _waves(waves: tuple[Wave, ...]) -> tuple[Wave, ...]:
    _refuse_twice([wave.id for wave in waves], "waves with the id")
    if len(waves) > MOST_WAVES:
        raise refused(f"has {len(waves)} waves", f"at most {MOST_WAVES}")
    return waves


def _strata(strata: dict[str, Levels]) -> dict[str, Levels]:
    for name in strata:
        if name in LOG_COLUMNS or not name.strip():
            raise refused(f"cannot be called {shown(name)!r}", "the log has a column of that name")
    return strata


def _refuse_twice(names: Sequence[str], what: str, hint: str = "rename one") -> None:
    if twice := [name for name in names if names.count(name) > 1]:
        raise refused(f"has two {what} {shown(twice[0])!r}", hint)


class Population(Section):
    """A whole population file."""

    format: Whole = 1
    population: Round
    grounds: Annotated[tuple[Ground, ...], AfterValidator(_grounds), Field(alias="ground")]
    noise: Noise = Noise()
    strata: Annotated[dict[str, Levels], AfterValidator(_strata), Field(default_factory=dict)]
    waves: Annotated[tuple[Wave, ...], AfterValidator(_waves), Field(alias="wave")] = ()
    confirm: Confirm | None = None
    flagging: Flagging = Flagging()

    @model_validator(mode="after")
    def _checked(self) -> "Population":
        tests = self.population.targets * self.population.tests[1] * len(self.grounds)
        if tests > MOST_TESTS:
            raise refused(f"asks for up to {tests:,} tests", f"at most {MOST_TESTS:,} fit")
        return self

    def with_targets(self, targets: int) -> "Population":
        """The same population with another number of agents.

        Raises:
            ValidationError: the number is below 1, or too large for the tests asked for.
        """
        data = self.model_dump(by_alias=True)
        data["population"]["targets"] = targets
        return Population.model_validate(data)
