"""Power for flags: what share of the discriminating agents a plan will find.

The list of agents, their tests and the flag rule are simulated with counts; one agent alone
is exact. Flat plans give every agent the same tests. Two-stage plans screen everybody and
spend the rest of the same budget on fresh tests of those who stood out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import UsageError
from praktijktest.rounds.power import checked_alpha
from praktijktest.rounds.power_expectation import checked_rates
from praktijktest.rounds.power_plans import (
    USUAL_NUMBERS,
    Meter,
    Plan,
    Settings,
    best_plan,
    most_found,
    simulate_flat,
    simulate_two_stage,
    two_stage_candidates,
)

if TYPE_CHECKING:
    from praktijktest.statistics.power_targets import AgentType, FlagPower

MOST_SIMULATED: Final = 20_000_000
"""Simulated agents in all, above which a command would take minutes."""

MOST_TARGETS: Final = 1_000_000
MOST_TESTS_PER_TARGET: Final = 250
MOST_SIMULATIONS: Final = 1_000_000
MOST_SEED: Final = 2**63 - 1

CURVE_POINTS: Final = 10


@dataclass(frozen=True, slots=True)
class ExpectedAgents:
    """The agents of a round, as a researcher expects them.

    Attributes:
        targets: number of agents.
        discriminating: how many of them discriminate.
        rates: of a discriminating agent's tests, the shares with only the control and with
            only the test applicant answered.
        fair_rates: the same of a fair agent's tests.
    """

    targets: int
    discriminating: int
    rates: tuple[float, float]
    fair_rates: tuple[float, float]

    def kinds(self) -> "tuple[AgentType, ...]":
        """The two kinds of agents, as the simulation takes them."""
        from praktijktest.statistics.power_targets import AgentType

        return (
            AgentType(self.discriminating, *self.rates, True),
            AgentType(self.targets - self.discriminating, *self.fair_rates, False),
        )


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What the flat plan finds with another number of tests per agent.

    Attributes:
        tests_per_target: tests of every agent.
        chance_alone: exact chance for one discriminating agent without the others.
        found: simulated shares under the rule.
    """

    tests_per_target: int
    chance_alone: float
    found: "FlagPower"

    def to_dict(self) -> dict[str, Any]:
        """The point as plain data; the first three keys are the contract."""
        return {
            "tests_per_target": self.tests_per_target,
            "chance_flagged": self.found.chance_flagged,
            "fdr": self.found.fdr,
            "chance_flagged_se": self.found.chance_flagged_se,
            "fdr_se": self.found.fdr_se,
            "expected_flags": self.found.expected_flags,
            "chance_alone": self.chance_alone,
        }


@dataclass(frozen=True, slots=True)
class TargetPower:
    """Power of a plan to flag single agents.

    Attributes:
        flat: the plan asked about.
        curve: the same plan with other numbers of tests per agent, ascending.
        chance_alone: exact chance that one discriminating agent has p <= alpha, without
            allowance for the other agents.
        chance_alone_fair: the same chance for one fair agent.
        two_stage: the two-stage plan asked for, else the best of those compared; None where
            the budget allows none.
        plans: everything compared, the flat plan first.
        best: the plan within the budget that finds most; None without discriminating agents.
        equally_good: whether the runner-up lies within the Monte Carlo error.
        expected: the agents.
        rule: flag rule.
        alpha: its level.
        min_tests: fewest tests with which an agent is flagged at all.
        seed: seed of the simulation.
        simulations: simulated lists per plan.
    """

    flat: Plan
    curve: tuple[CurvePoint, ...]
    chance_alone: float
    chance_alone_fair: float
    two_stage: Plan | None
    plans: tuple[Plan, ...]
    best: Plan | None
    equally_good: bool
    expected: ExpectedAgents
    rule: str
    alpha: float
    min_tests: int
    seed: int
    simulations: int

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data; the first five keys are the contract."""
        found = self.flat.found
        return {
            "chance_flagged": found.chance_flagged,
            "expected_flags": found.expected_flags,
            "fdr": found.fdr,
            "fdr_se": found.fdr_se,
            "curve": [point.to_dict() for point in self.curve],
            "chance_flagged_se": found.chance_flagged_se,
            "any_false": found.any_false,
            "chance_alone": self.chance_alone,
            "chance_alone_fair": self.chance_alone_fair,
            "two_stage": None if self.two_stage is None else self.two_stage.to_dict(),
            "plans": [plan.to_dict() for plan in self.plans],
            "best_plan": None if self.best is None else self.best.to_dict(),
            "best_plan_equally_good": self.equally_good,
            "targets": self.expected.targets,
            "tests_per_target": self.flat.tests_per_target,
            "discriminating": self.expected.discriminating,
            "only_control": self.expected.rates[0],
            "only_test": self.expected.rates[1],
            "fair_only_control": self.expected.fair_rates[0],
            "fair_only_test": self.expected.fair_rates[1],
            "rule": self.rule,
            "alpha": self.alpha,
            "min_tests": self.min_tests,
            "seed": self.seed,
            "simulations": self.simulations,
        }


def expected_agents(
    *,
    targets: int,
    share: float,
    only_control: float,
    only_test: float,
    fair_only_control: float,
    fair_only_test: float,
) -> ExpectedAgents:
    """The agents of a round, checked.

    Args:
        targets: number of agents.
        share: share of them that discriminate; rounded to whole agents, and at least one
            where it is above 0.
        only_control: share of a discriminating agent's tests with only the control answered.
        only_test: share of them with only the test applicant answered.
        fair_only_control: the first share for a fair agent.
        fair_only_test: the second share for a fair agent.

    Raises:
        UsageError: a number is impossible.
    """
    _check_whole("--targets", targets, 1, MOST_TARGETS)
    if not 0 <= share <= 1:
        raise UsageError(f"--share is a share between 0 and 1, not {share:g}.")
    rates = checked_rates(only_control, only_test, "--only-control", "--only-test")
    if share > 0 and only_control < only_test:
        raise UsageError(
            f"With --only-control {only_control:g} and --only-test {only_test:g} these agents "
            "favour the test applicant; the flag rule looks for agents who favour the control."
        )
    fair = checked_rates(
        fair_only_control, fair_only_test, "--fair-only-control", "--fair-only-test"
    )
    discriminating = max(1, int(targets * share + 0.5)) if share > 0 else 0
    return ExpectedAgents(targets, discriminating, rates, fair)


def _check_work(targets: int, simulations: int) -> None:
    if targets * simulations > MOST_SIMULATED:
        most = max(1, MOST_SIMULATED // targets)
        raise UsageError(
            f"{targets} targets in {simulations} simulated rounds would take very long; "
            f"use --simulations {most} or fewer."
        )


def target_power(
    expected: ExpectedAgents,
    tests_per_target: int,
    *,
    rule: str = "discrete-fdr",
    alpha: float = 0.05,
    seed: int = 1,
    simulations: int = 1000,
    screen_tests: int | None = None,
    fresh_tests: int | None = None,
    screen_net: int = 2,
    min_tests: int = 0,
    progress: Callable[[float], None] | None = None,
) -> TargetPower:
    """What a plan finds on a list of agents, other numbers of tests, and two-stage plans.

    Args:
        expected: the agents, from `expected_agents`.
        tests_per_target: tests of every agent.
        rule: flag rule (`praktijktest.statistics.power_decisions.SIMULATED_RULES`).
        alpha: level of the rule.
        seed: seed of numpy's default generator; every plan has its own stream of it.
        simulations: simulated lists per plan.
        screen_tests: screening tests of a two-stage plan; with `fresh_tests`, or neither.
        fresh_tests: fresh tests of an agent who stood out.
        screen_net: wins minus losses that earn fresh tests.
        min_tests: agents with fewer tests are not flagged.
        progress: called with the share of the work that is done.

    Raises:
        UsageError: a number is missing or impossible, or the rule is unknown.
    """
    _check_work(expected.targets, simulations)
    _check_whole("--tests-per-target", tests_per_target, 1, MOST_TESTS_PER_TARGET)
    _check_whole("--simulations", simulations, 2, MOST_SIMULATIONS)
    _check_whole("--seed", seed, 0, MOST_SEED)
    _check_whole("--min-tests", min_tests, 0, MOST_TESTS_PER_TARGET)
    _check_two_stage(screen_tests, fresh_tests, screen_net)
    _check_rule(rule)
    kinds = expected.kinds()
    if screen_tests is not None and fresh_tests is not None:
        stages = [(screen_tests, fresh_tests)]
    else:
        stages = two_stage_candidates(kinds, tests_per_target, screen_net)
    numbers = curve_numbers(tests_per_target)
    settings = Settings(kinds, rule, checked_alpha(alpha), simulations, seed, min_tests)
    meter = Meter((len(numbers) + len(stages)) * simulations, progress)
    flats = [simulate_flat(settings, number, meter) for number in numbers]
    two_stages = [simulate_two_stage(settings, *stage, screen_net, meter) for stage in stages]
    return _gathered(expected, settings, flats, two_stages, tests_per_target)


def _gathered(
    expected: ExpectedAgents,
    settings: Settings,
    flats: Sequence[Plan],
    two_stages: Sequence[Plan],
    tests_per_target: int,
) -> TargetPower:
    from praktijktest.statistics.power import chance_of_small_p

    numbers = [plan.tests_per_target for plan in flats]
    here = numbers.index(tests_per_target)
    alone = chance_of_small_p(numbers, *expected.rates, settings.alpha).tolist()
    fair = chance_of_small_p([tests_per_target], *expected.fair_rates, settings.alpha)
    plans = (flats[here], *two_stages)
    best, equally_good = best_plan(plans, budget=tests_per_target)
    return TargetPower(
        flat=flats[here],
        curve=tuple(
            CurvePoint(plan.tests_per_target, chance, plan.found)
            for plan, chance in zip(flats, alone, strict=True)
        ),
        chance_alone=alone[here],
        chance_alone_fair=float(fair[0]),
        two_stage=most_found(two_stages),
        plans=plans,
        best=best,
        equally_good=equally_good,
        expected=expected,
        rule=settings.rule,
        alpha=settings.alpha,
        min_tests=settings.min_tests,
        seed=settings.seed,
        simulations=settings.simulations,
    )


def curve_numbers(tests_per_target: int) -> list[int]:
    """Ten numbers of tests per agent around the one asked about, ascending."""
    known = sorted({*USUAL_NUMBERS, tests_per_target})
    place = known.index(tests_per_target)
    start = max(0, min(place - CURVE_POINTS // 2 + 1, len(known) - CURVE_POINTS))
    return known[start : start + CURVE_POINTS]


def _check_whole(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise UsageError(f"{name} is a whole number from {least} to {most:,}, not {value}.")


def _check_two_stage(screen_tests: int | None, fresh_tests: int | None, screen_net: int) -> None:
    if (screen_tests is None) != (fresh_tests is None):
        raise UsageError("--screen-tests and --fresh-tests go together; give both or neither.")
    for name, value in (
        ("--screen-tests", screen_tests),
        ("--fresh-tests", fresh_tests),
        ("--screen-net", screen_net),
    ):
        if value is not None:
            _check_whole(name, value, 1, MOST_TESTS_PER_TARGET)


def _check_rule(rule: str) -> None:
    from praktijktest.statistics.power_decisions import SIMULATED_RULES

    if rule not in SIMULATED_RULES:
        raise UsageError(f"--rule is one of {', '.join(SIMULATED_RULES)}, not {rule!r}.")
