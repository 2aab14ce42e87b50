"""Power to flag single targets: what share of the discriminating agents a plan finds.

One agent alone is exact (`praktijktest.statistics.power.chance_of_small_p`). A whole list
under a rule for many comparisons is simulated from counts: every agent's tests are drawn,
each simulated list is decided by `praktijktest.statistics.power_decisions`, and the shares
found and falsely flagged are averaged. A two-stage plan screens everybody with a few tests
and decides on fresh tests of those who stood out, so that its list holds only fresh
evidence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.random import Generator

from praktijktest.statistics.power_decisions import Outcomes, flagged_lists
from praktijktest.statistics.power_discordant import (
    FloatArray,
    IntArray,
    discordant_window,
    over_discordant,
    tail,
)

AGENTS_AT_ONCE: Final = 400_000
"""Simulated agents drawn together; keeps memory at some tens of megabytes."""

CELLS_AT_ONCE: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class AgentType:
    """Agents who behave alike.

    Attributes:
        count: how many of them there are.
        only_control: chance per test that they answer only the control applicant.
        only_test: chance per test that they answer only the test applicant.
        discriminates: whether flagging one of them is right.
    """

    count: int
    only_control: float
    only_test: float
    discriminates: bool

    @property
    def discordance(self) -> float:
        """Chance per test that only one applicant is answered."""
        return min(self.only_control + self.only_test, 1.0)

    @property
    def share(self) -> float:
        """Chance that a discordant test favours the control; 0 where none is discordant."""
        return min(self.only_control / self.discordance, 1.0) if self.discordance else 0.0


@dataclass(frozen=True, slots=True)
class FlagPower:
    """What a plan finds, from a simulation.

    Attributes:
        chance_flagged: mean share of the discriminating agents that is flagged; None
            where there are none.
        chance_flagged_se: its Monte Carlo standard error; None likewise.
        expected_flags: mean number of flagged agents, right and wrong ones.
        fdr: false discovery rate, the mean share of wrong flags among the flags (0 for a
            list without flags).
        fdr_se: its Monte Carlo standard error.
        any_false: share of the simulations with at least one wrong flag.
        simulations: number of simulated lists.
    """

    chance_flagged: float | None
    chance_flagged_se: float | None
    expected_flags: float
    fdr: float
    fdr_se: float
    any_false: float
    simulations: int

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data."""
        return {
            "chance_flagged": self.chance_flagged,
            "chance_flagged_se": self.chance_flagged_se,
            "expected_flags": self.expected_flags,
            "fdr": self.fdr,
            "fdr_se": self.fdr_se,
            "any_false": self.any_false,
        }


def chance_of_net(tests: int, only_control: float, only_test: float, net: int) -> float:
    """Exact chance that the net count, wins minus losses, reaches a number.

    Args:
        tests: number of tests of the agent.
        only_control: chance per test of a win (only the control applicant is answered).
        only_test: chance per test of a loss.
        net: smallest net count that counts, at least 1.

    Returns:
        P(b - c >= net). Reference: the "net >= 2" rows of the table of single agents
        (fair .12/.12 with 8 tests: .131).
    """
    discordance = min(only_control + only_test, 1.0)
    if discordance == 0:
        return 0.0
    _, high = discordant_window(np.array([tests]), discordance)
    drawn = np.arange(int(high[0]) + 1)
    reaching = tail(drawn, (drawn + net + 1) // 2, min(only_control / discordance, 1.0))
    return float(np.clip(over_discordant([tests], discordance, reaching)[0], 0.0, 1.0))


def flat_plan(
    agents: Sequence[AgentType],
    tests: int,
    *,
    rule: str,
    alpha: float,
    simulations: int,
    rng: Generator,
    min_tests: int = 0,
    advance: Callable[[int], None] | None = None,
) -> FlagPower:
    """Power of a plan that gives every agent the same number of tests.

    Args:
        agents: the kinds of agents on the list.
        tests: tests per agent, at least 1.
        rule: one of `praktijktest.statistics.power_decisions.SIMULATED_RULES`.
        alpha: level of the rule, below 0.5.
        simulations: number of simulated lists.
        rng: source of randomness.
        min_tests: agents with fewer tests than this are never flagged.
        advance: called with the number of lists done, after each batch.

    Returns:
        Mean shares with their Monte Carlo standard errors.
    """
    found = _Tally(agents)
    for lists in _batches(simulations, found.total, tests):
        drawn, wins = _draw(rng, found.kinds, tests, lists)
        if tests >= min_tests:
            where = np.repeat(np.arange(lists), found.total)
            guilty = np.tile(found.discriminates, lists)
            outcomes = Outcomes(where, drawn.ravel(), wins.ravel(), guilty, lists, tests)
            found.add(*flagged_lists(outcomes, rule, alpha))
        else:
            found.add_empty(lists)
        if advance is not None:
            advance(lists)
    return found.result()


def two_stage_plan(
    agents: Sequence[AgentType],
    screen_tests: int,
    fresh_tests: int,
    *,
    net: int,
    rule: str,
    alpha: float,
    simulations: int,
    rng: Generator,
    min_tests: int = 0,
    advance: Callable[[int], None] | None = None,
) -> FlagPower:
    """Power of screening everybody and deciding on fresh tests of those who stood out.

    Args:
        agents: the kinds of agents on the list.
        screen_tests: tests of every agent in the first stage, at least 1.
        fresh_tests: fresh tests of an agent whose screening gave wins minus losses of at
            least `net`, at least 1.
        net: net count that earns fresh tests.
        rule: rule applied to the fresh tests of the retested agents alone.
        alpha: level of the rule, below 0.5.
        simulations: number of simulated rounds.
        rng: source of randomness.
        min_tests: agents with fewer fresh tests than this are never flagged.
        advance: called with the number of rounds done, after each batch.

    Returns:
        Mean shares over all agents (not only the retested) with their standard errors.

    The rule's guarantee holds for the fresh tests, because given what an agent does they do
    not depend on the screening.
    """
    found = _Tally(agents)
    for lists in _batches(simulations, found.total, fresh_tests):
        drawn, wins = _draw(rng, found.kinds, screen_tests, lists)
        stood_out = 2 * wins - drawn >= net
        where, which = np.nonzero(stood_out)
        if len(where) and fresh_tests >= min_tests:
            fresh = rng.binomial(fresh_tests, found.discordance[which])
            fresh_wins = rng.binomial(fresh, found.share[which])
            guilty = found.discriminates[which]
            outcomes = Outcomes(where, fresh, fresh_wins, guilty, lists, fresh_tests)
            found.add(*flagged_lists(outcomes, rule, alpha))
        else:
            found.add_empty(lists)
        if advance is not None:
            advance(lists)
    return found.result()


def mean_tests(agents: Sequence[AgentType], screen_tests: int, fresh_tests: int, net: int) -> float:
    """Mean number of tests per agent that a two-stage plan spends, computed exactly.

    Args:
        agents: the kinds of agents on the list.
        screen_tests: tests of every agent in the first stage.
        fresh_tests: fresh tests of an agent who stood out.
        net: net count that earns fresh tests.
    """
    return screen_tests + fresh_tests * share_retested(agents, screen_tests, net)


def share_retested(agents: Sequence[AgentType], screen_tests: int, net: int) -> float:
    """Expected share of all agents whose screening reaches the net count, exact."""
    total = sum(agent.count for agent in agents)
    reaching = (
        agent.count * chance_of_net(screen_tests, agent.only_control, agent.only_test, net)
        for agent in agents
    )
    return sum(reaching) / total


def _batches(simulations: int, agents: int, tests: int) -> list[int]:
    """Simulations in batches that fit in memory, both as agents and as tables of p-values."""
    size = min(simulations, AGENTS_AT_ONCE // agents, CELLS_AT_ONCE // (tests + 1) ** 2)
    whole, rest = divmod(simulations, max(size, 1))
    return [max(size, 1)] * whole + ([rest] if rest else [])


def _draw(
    rng: Generator, kinds: Sequence[AgentType], tests: int, lists: int
) -> tuple[IntArray, IntArray]:
    """Discordant tests and wins of every agent in every list, shape (lists, agents)."""
    drawn = [rng.binomial(tests, kind.discordance, size=(lists, kind.count)) for kind in kinds]
    wins = [rng.binomial(number, kind.share) for number, kind in zip(drawn, kinds, strict=True)]
    return np.concatenate(drawn, axis=1), np.concatenate(wins, axis=1)


class _Tally:
    """Adds up flags over batches of simulated lists, right and wrong ones apart."""

    def __init__(self, agents: Sequence[AgentType]) -> None:
        self.kinds = [agent for agent in agents if agent.count > 0]
        counts = [kind.count for kind in self.kinds]
        self.total = sum(counts)
        self.discordance = np.repeat([kind.discordance for kind in self.kinds], counts)
        self.share = np.repeat([kind.share for kind in self.kinds], counts)
        self.discriminates = np.repeat([kind.discriminates for kind in self.kinds], counts)
        self._right: list[IntArray] = []
        self._wrong: list[IntArray] = []

    def add(self, right: IntArray, wrong: IntArray) -> None:
        self._right.append(right)
        self._wrong.append(wrong)

    def add_empty(self, lists: int) -> None:
        self.add(np.zeros(lists, dtype=np.int64), np.zeros(lists, dtype=np.int64))

    def result(self) -> FlagPower:
        right, wrong = np.concatenate(self._right), np.concatenate(self._wrong)
        flags = right + wrong
        false_share = wrong / np.maximum(flags, 1)
        guilty = int(self.discriminates.sum())
        share = right / guilty if guilty else None
        return FlagPower(
            chance_flagged=None if share is None else float(share.mean()),
            chance_flagged_se=None if share is None else _standard_error(share),
            expected_flags=float(flags.mean()),
            fdr=float(false_share.mean()),
            fdr_se=_standard_error(false_share),
            any_false=float((wrong > 0).mean()),
            simulations=len(flags),
        )


def _standard_error(values: FloatArray) -> float:
    """Standard error of a mean; one simulation has none to show and counts as 0."""
    if len(values) < 2:
        return 0.0
    return float(values.std(ddof=1) / np.sqrt(len(values)))
