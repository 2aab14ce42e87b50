"""Ways to spend a number of tests on a list of agents, and which of them finds most.

Flat plans give every agent the same tests. Two-stage plans screen everybody and spend the
rest of the same budget on fresh tests of those who stood out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from praktijktest.statistics.power_targets import AgentType, FlagPower

USUAL_NUMBERS: Final = (3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200)
"""Numbers of tests per agent that plans are made with."""

FEWEST_FRESH: Final = 5
"""Four wins out of four give p = .0625: fewer fresh tests than five can show nothing."""

MOST_FRESH: Final = 40
"""More fresh tests than this on one agent are not carried out in practice."""

MOST_SCREENS_COMPARED: Final = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """A way to spend tests, with what it finds.

    Attributes:
        kind: "flat" or "two-stage".
        tests_per_target: tests of every agent (in the screening, if two-stage).
        screen_net: wins minus losses that earn fresh tests; None for a flat plan.
        fresh_tests: fresh tests of an agent who stood out; None for a flat plan.
        mean_tests: expected tests per agent, exact.
        found: simulated shares found and wrongly flagged.
    """

    kind: Literal["flat", "two-stage"]
    tests_per_target: int
    screen_net: int | None
    fresh_tests: int | None
    mean_tests: float
    found: "FlagPower"

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain data."""
        return {
            "kind": self.kind,
            "tests_per_target": self.tests_per_target,
            "screen_net": self.screen_net,
            "fresh_tests": self.fresh_tests,
            "mean_tests_per_target": self.mean_tests,
            **self.found.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Settings:
    """What all simulated plans have in common.

    Attributes:
        agents: the kinds of agents on the list.
        rule: flag rule.
        alpha: its level.
        simulations: simulated lists per plan.
        seed: seed; every plan has a stream of its own.
        min_tests: fewest tests with which an agent is flagged at all.
    """

    agents: "tuple[AgentType, ...]"
    rule: str
    alpha: float
    simulations: int
    seed: int
    min_tests: int


def two_stage_candidates(
    agents: "Sequence[AgentType]", budget: int, screen_net: int
) -> list[tuple[int, int]]:
    """Two-stage plans whose expected cost per agent stays within a flat plan's.

    Args:
        agents: the kinds of agents on the list.
        budget: tests per agent of the flat plan.
        screen_net: wins minus losses that earn fresh tests.

    Returns:
        Pairs of screening tests and fresh tests.
    """
    from praktijktest.statistics.power_targets import share_retested

    screens = [n for n in USUAL_NUMBERS if screen_net <= n < budget][-MOST_SCREENS_COMPARED:]
    stages = []
    for screen in screens:
        retested = share_retested(agents, screen, screen_net)
        left = budget - screen
        fresh = MOST_FRESH if left >= MOST_FRESH * retested else int(left / retested)
        if fresh >= FEWEST_FRESH:
            stages.append((screen, fresh))
    return stages


def best_plan(plans: Sequence[Plan], budget: float) -> tuple[Plan | None, bool]:
    """The plan within the budget that finds most, and whether the next is as good.

    Args:
        plans: what was compared.
        budget: mean tests per agent that may be spent.

    Returns:
        The plan, or None where nobody discriminates; and whether the runner-up's share lies
        within two standard errors of the difference.
    """
    within = [plan for plan in plans if plan.mean_tests <= budget + 1e-9]
    ranked = sorted(within, key=_share_found, reverse=True)
    if not ranked or ranked[0].found.chance_flagged is None:
        return None, False
    if len(ranked) == 1:
        return ranked[0], False
    errors = [plan.found.chance_flagged_se or 0.0 for plan in ranked[:2]]
    gap = _share_found(ranked[0]) - _share_found(ranked[1])
    return ranked[0], gap <= 2 * (errors[0] ** 2 + errors[1] ** 2) ** 0.5


def most_found(plans: Sequence[Plan]) -> Plan | None:
    """The plan that finds the largest share; None where there is no plan."""
    return max(plans, key=_share_found, default=None)


def _share_found(plan: Plan) -> float:
    return plan.found.chance_flagged or 0.0


class Meter:
    """Turns simulated lists into the share of the work that is done."""

    def __init__(self, total: int, progress: Callable[[float], None] | None) -> None:
        self._total, self._progress, self._done = total, progress, 0

    def advance(self, lists: int) -> None:
        """Say that some more lists are done."""
        self._done += lists
        if self._progress is not None:
            self._progress(self._done / self._total)


def simulate_flat(settings: Settings, tests: int, meter: Meter) -> Plan:
    """The plan that gives every agent the same number of tests, simulated."""
    import numpy as np

    from praktijktest.statistics.power_targets import flat_plan

    found = flat_plan(
        settings.agents,
        tests,
        rule=settings.rule,
        alpha=settings.alpha,
        simulations=settings.simulations,
        rng=np.random.default_rng([settings.seed, tests]),
        min_tests=settings.min_tests,
        advance=meter.advance,
    )
    return Plan("flat", tests, None, None, float(tests), found)


def simulate_two_stage(
    settings: Settings, screen: int, fresh: int, screen_net: int, meter: Meter
) -> Plan:
    """The plan that screens everybody and decides on fresh tests, simulated."""
    import numpy as np

    from praktijktest.statistics.power_targets import mean_tests, two_stage_plan

    found = two_stage_plan(
        settings.agents,
        screen,
        fresh,
        net=screen_net,
        rule=settings.rule,
        alpha=settings.alpha,
        simulations=settings.simulations,
        rng=np.random.default_rng([settings.seed, screen, fresh]),
        min_tests=settings.min_tests,
        advance=meter.advance,
    )
    mean = mean_tests(settings.agents, screen, fresh, screen_net)
    return Plan("two-stage", screen, screen_net, fresh, mean, found)
