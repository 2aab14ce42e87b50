"""The sequential rule of a design as something to reckon with, and what it can do."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import DesignError, Problem, UsageError

if TYPE_CHECKING:
    from praktijktest.design import Design, Summary
    from praktijktest.statistics.sequential import OperatingCharacteristics, SequentialRule

AGENTS: Final[dict[str, tuple[float, float]]] = {
    "fair agent": (0.25, 0.25),
    "moderate bias": (0.30, 0.08),
    "strong bias": (0.55, 0.05),
    "extreme bias": (0.75, 0.02),
}
"""Kinds of agents: share of tests with only the control and only the test applicant answered."""

SECTION: Final = "Sequential"


@dataclass(frozen=True, slots=True)
class AgentChances:
    """What a sequential rule does to one kind of agent.

    Attributes:
        agent: name of the kind.
        direction: which way the rule looks.
        only_control: share of its tests with only the control answered.
        only_test: share of them with only the test applicant answered.
        found: the chances, exact.
    """

    agent: str
    direction: str
    only_control: float
    only_test: float
    found: "OperatingCharacteristics"

    def to_dict(self) -> dict[str, Any]:
        """The chances as plain data."""
        return {
            "agent": self.agent,
            "direction": self.direction,
            "only_control": self.only_control,
            "only_test": self.only_test,
            **self.found.to_dict(),
        }

    def text(self) -> str:
        """The chances in words."""
        found = self.found
        return (
            f"{self.only_control:.0%} of the tests favour the control, {self.only_test:.0%} the "
            f"other: flagged {found.flag:.1%}, released {found.release:.0%}, undecided "
            f"{found.undecided:.0%}; {found.mean_tests:.1f} tests on average"
        )


def sequential_rules(design: "Design") -> "dict[str, SequentialRule]":
    """The rule for every contrast that may flag, by its id.

    Raises:
        UsageError: the design declares no sequential rule.
        DesignError: not even results that all point one way would flag within its tests.
    """
    from praktijktest.design.sequential_rule import max_tests
    from praktijktest.statistics.e_values import bet_named
    from praktijktest.statistics.sequential import SequentialRule, fewest_wins

    declared = design.sequential
    if declared is None:
        raise UsageError(
            "The design declares no sequential rule: every target gets all its tests. "
            "Add a table [sequential]; docs/sequential.md says how."
        )
    common = SequentialRule(
        method="boundary" if declared.method == "boundary" else "e-process",
        bet=bet_named(declared.bet, declared.share),
        alpha=declared.alpha,
        release_odds=declared.release_odds,
        release_share=declared.release_share,
        max_tests=max_tests(design),
        batch=declared.batch,
    )
    rules = {c.id: replace(common, direction=c.direction) for c in design.flagged_comparisons()}
    problems = [
        _never_flags(contrast, rule) for contrast, rule in rules.items() if not fewest_wins(rule)
    ]
    if problems:
        raise DesignError("The sequential rule can never flag anybody.", problems)
    return rules


def agent_chances(design: "Design") -> tuple[AgentChances, ...]:
    """What the rule of a design does to four kinds of agents, before anything is sent.

    Raises:
        UsageError, DesignError: as for `sequential_rules`.
    """
    from praktijktest.statistics.sequential import operating_characteristics

    by_direction = {rule.direction: rule for rule in sequential_rules(design).values()}
    return tuple(
        AgentChances(agent, direction, *rates, operating_characteristics(rule, *rates))
        for direction, rule in sorted(by_direction.items())
        for agent, rates in AGENTS.items()
    )


def with_chances(summary: "Summary", chances: tuple[AgentChances, ...]) -> "Summary":
    """The summary of a design with what its sequential rule can do."""
    several = len({one.direction for one in chances}) > 1
    lines = tuple(
        (f"{one.agent}, {one.direction}" if several else one.agent, one.text()) for one in chances
    )
    sections = tuple(
        replace(section, entries=(*section.entries, *lines))
        if section.title == SECTION
        else section
        for section in summary.sections
    )
    return replace(summary, sections=sections)


def _never_flags(contrast: str, rule: "SequentialRule") -> Problem:
    return Problem(
        code="sequential-cannot-flag",
        message=f"{rule.max_tests} tests of a target that all favour the control would not flag "
        f"it on {contrast!r} at alpha {rule.alpha:g}",
        column="sequential.max_tests",
        value=str(rule.max_tests),
        hint="allow more tests, or a larger alpha",
    )
