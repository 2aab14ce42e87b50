"""Testing one target after another look: when to flag, when to release, when to stop.

The clock is the number of discordant tests; the others leave the evidence as it is. A
rule flags a target whose e-value reaches 1/alpha (Ville 1939: a target that favours
nobody is flagged with chance alpha at most, however often one looks) or that reaches a
boundary worked out beforehand for a largest number of tests, and releases one whose
results are so many times likelier without any preference than under strong bias. A
decision rests on the counts as they stand, so the order of the tests does not matter.
"""

from dataclasses import dataclass
from functools import cache
from math import log
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics.e_values import (
    ROUNDING,
    STANDARD_BET,
    STRONG_SHARE,
    Bet,
    log_e_values,
    reaches,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Method = Literal["e-process", "boundary"]

MOST_TESTS: Final = 500
"""Largest number of tests a rule may ask of one target."""

NEVER: Final = 2**62
"""Wins that no target can reach."""

OPEN, FLAG, RELEASE, UNDECIDED = range(4)
DECISIONS: Final = ("open", "flag", "release", "undecided")
"""What a rule says of a target; undecided: its tests are used up."""


@dataclass(frozen=True, slots=True)
class SequentialRule:
    """When the testing of a target stops, fixed before the first test.

    Attributes:
        method: "e-process" flags at e-value 1/alpha; "boundary" at `boundary_wins`.
        bet: what the e-value bets on; with a boundary it only measures the evidence.
        alpha: largest chance that a target which favours nobody is flagged.
        release_odds: how many times likelier the results must be without preference than
            under strong bias for a target to be released; 1 or more.
        release_share: strong bias, as the control's share of discordant tests.
        max_tests: most tests of one target, `MOST_TESTS` at most.
        batch: tests made between two looks.
        direction: "control-favoured", or "either": flagged on either side.
    """

    method: Method = "e-process"
    bet: Bet = STANDARD_BET
    alpha: float = 0.05
    release_odds: float = 10.0
    release_share: float = STRONG_SHARE
    max_tests: int = 20
    batch: int = 1
    direction: str = "control-favoured"


@dataclass(frozen=True, slots=True)
class SequentialDecisions:
    """What a rule says of every target.

    Attributes:
        decision: number of the decision in `DECISIONS`, shape (targets,).
        log_e: natural logarithm of the e-value.
        log_release_odds: natural logarithm of how many times likelier the results are
            without preference than under strong bias.
        remaining: tests that are left of `max_tests`; 0 where decided.
        wins_to_flag: further wins in a row that would flag; `NEVER` where none would.
        losses_to_release: further losses in a row that would release; likewise.
    """

    decision: IntArray
    log_e: FloatArray
    log_release_odds: FloatArray
    remaining: IntArray
    wins_to_flag: IntArray
    losses_to_release: IntArray

    @property
    def out_of_reach(self) -> BoolArray:
        """Open targets that no result of the remaining tests can flag or release."""
        nearest = np.minimum(self.wins_to_flag, self.losses_to_release)
        return np.asarray((self.decision == OPEN) & (nearest > self.remaining))


@dataclass(frozen=True, slots=True)
class OperatingCharacteristics:
    """What a rule does to one kind of target, exactly.

    Attributes:
        flag: chance that it is flagged.
        release: chance that it is released.
        undecided: chance that its tests are used up without a decision.
        mean_tests: tests it costs on average.
    """

    flag: float
    release: float
    undecided: float
    mean_tests: float

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data."""
        return {
            "flag": self.flag,
            "release": self.release,
            "undecided": self.undecided,
            "mean_tests": self.mean_tests,
        }


def judge(
    rule: SequentialRule, wins: ArrayLike, losses: ArrayLike, tests: ArrayLike
) -> SequentialDecisions:
    """Judge targets by their counts; targets with equal counts are computed once.

    Args:
        rule: the rule.
        wins: discordant tests that favoured the control applicant, shape (targets,).
        losses: discordant tests that favoured the test applicant, shape (targets,).
        tests: all valid tests of the target, concordant ones included, shape (targets,).

    Raises:
        ValueError: the rule is impossible, counts are negative or not whole, shapes
            differ, or a target has more discordant tests than tests.
    """
    check_rule(rule)
    b, c, n = (np.asarray(values, dtype=np.int64) for values in (wins, losses, tests))
    log_e = log_e_values(wins, losses, rule.bet, rule.direction)
    if n.shape != b.shape or (n != np.asarray(tests)).any() or (b + c > n).any():
        raise ValueError("Every target needs a whole number of tests, no fewer than discordant.")
    log_odds = log_release_odds(rule, b, c)
    flag, release = _flagged(rule, b, c), reaches(log_odds, rule.release_odds)
    used_up = n >= rule.max_tests
    decision = np.select([flag, release, used_up], [FLAG, RELEASE, UNDECIDED], default=OPEN)
    to_flag, to_release = _straight_runs(rule, b, c)
    is_open = decision == OPEN
    return SequentialDecisions(
        decision=decision.astype(np.int64),
        log_e=log_e,
        log_release_odds=log_odds,
        remaining=np.where(is_open, rule.max_tests - n, 0),
        wins_to_flag=np.where(flag, 0, to_flag),
        losses_to_release=np.where(release, 0, to_release),
    )


def operating_characteristics(
    rule: SequentialRule, only_control: float, only_test: float
) -> OperatingCharacteristics:
    """What a rule does to a target whose tests are alike, by dynamic programming.

    Args:
        rule: the rule; looks are after every `batch` tests and after the last.
        only_control: chance that a test favours the control applicant.
        only_test: chance that it favours the test applicant.

    Raises:
        ValueError: the rule or the chances are impossible.
    """
    check_rule(rule)
    if not (0 <= only_control <= 1 and 0 <= only_test <= 1 and only_control + only_test <= 1):
        raise ValueError(f"Chances {only_control!r} and {only_test!r} are impossible together.")
    flag_at, release_at = _regions(rule)
    going = np.ones((1, 1))
    flag = release = mean_tests = 0.0
    for used in range(1, rule.max_tests + 1):
        mean_tests += float(going.sum())
        after = np.pad(going, (0, 1)) * (1.0 - only_control - only_test)
        after[1:, :-1] += going * only_control
        after[:-1, 1:] += going * only_test
        going = after
        if used % rule.batch and used < rule.max_tests:
            continue
        flagged, released = flag_at[: used + 1, : used + 1], release_at[: used + 1, : used + 1]
        flag += float(going[flagged].sum())
        release += float(going[released].sum())
        going[flagged | released] = 0.0
    return OperatingCharacteristics(flag, release, float(going.sum()), mean_tests)


def boundary_wins(alpha: float, most: int) -> IntArray:
    """Wins at which a target is flagged, by losses: the boundary of a finite horizon.

    For 0, 1, 2 … losses in turn the fewest wins are taken with which the chance that a
    fair coin ever reaches the boundary stays at or below alpha within `most` discordant
    tests. It is more powerful than an e-value where the horizon is fixed beforehand.

    Args:
        alpha: total chance, inside (0, 1).
        most: largest number of discordant tests, at least 1.

    Returns:
        Wins needed with 0, 1, 2 … losses, not falling; with more losses nobody is
        flagged. Empty where `most` straight wins are not enough.

    Raises:
        ValueError: the level or the number is impossible.
    """
    return np.array(_boundary(alpha, most)[0], dtype=np.int64)


def boundary_size(alpha: float, most: int) -> float:
    """Chance that a fair coin reaches `boundary_wins` within `most` tosses; at most alpha.

    Raises:
        ValueError: the level or the number is impossible.
    """
    return _boundary(alpha, most)[1]


def log_release_odds(rule: SequentialRule, wins: ArrayLike, losses: ArrayLike) -> FloatArray:
    """How many times likelier results are without preference than under strong bias, as log.

    With direction "either" the side that fits strong bias better counts. An agent with at
    least the rule's `release_share` reaches odds K with chance 1/K at most (Ville).
    """
    bet = Bet("constant", rule.release_share)
    log_odds = -log_e_values(wins, losses, bet)
    if rule.direction == "either":
        log_odds = np.minimum(log_odds, -log_e_values(losses, wins, bet))
    return log_odds + 0.0


def check_rule(rule: SequentialRule) -> None:
    """Refuse a rule that means nothing.

    Raises:
        ValueError: says what is impossible.
    """
    if not 0.0 < rule.alpha < 1.0:
        raise ValueError(f"The level alpha must lie between 0 and 1, not {rule.alpha!r}.")
    if not rule.release_odds >= 1.0:
        raise ValueError(f"The release odds must be 1 or more, not {rule.release_odds!r}.")
    if not 0.5 < rule.release_share < 1.0:
        raise ValueError(f"Strong bias is a share between 0.5 and 1, not {rule.release_share!r}.")
    if not 1 <= rule.max_tests <= MOST_TESTS:
        raise ValueError(f"A target has 1 to {MOST_TESTS} tests, not {rule.max_tests!r}.")
    if rule.batch < 1:
        raise ValueError(f"A batch holds 1 test or more, not {rule.batch!r}.")


def fewest_wins(rule: SequentialRule) -> int | None:
    """Straight wins that flag a target, None where `max_tests` of them are not enough."""
    needed = int(_wins_needed(rule, np.zeros(1, dtype=np.int64))[0])
    return needed if needed <= rule.max_tests else None


def _flagged(rule: SequentialRule, b: IntArray, c: IntArray) -> BoolArray:
    flagged = b >= _wins_needed(rule, c)
    if rule.direction == "either":
        flagged |= c >= _wins_needed(rule, b)
    return np.asarray(flagged)


def _wins_needed(rule: SequentialRule, losses: IntArray) -> IntArray:
    """Wins that flag with so many losses, `NEVER` where none do; not falling in the losses."""
    different, inverse = np.unique(losses, return_inverse=True)
    if rule.method == "boundary":
        alpha = rule.alpha / 2.0 if rule.direction == "either" else rule.alpha
        table = np.append(boundary_wins(alpha, rule.max_tests), NEVER)
        needed = table[np.minimum(different, len(table) - 1)]
    else:
        needed = _wins_for_evidence(rule, different)
    return np.asarray(needed)[inverse.ravel()].reshape(losses.shape)


def _wins_for_evidence(rule: SequentialRule, losses: IntArray) -> IntArray:
    """Fewest wins above the losses with which the e-value reaches 1/alpha, by bisection."""

    def enough(wins: IntArray) -> BoolArray:
        return reaches(log_e_values(wins, losses, rule.bet, rule.direction), 1.0 / rule.alpha)

    low = losses - 1
    high = losses + 1
    while not (found := enough(high)).all():
        low, high = np.where(found, low, high), np.where(found, high, losses + 2 * (high - losses))
    while (high - low > 1).any():
        middle = (low + high) // 2
        found = enough(middle)
        low, high = np.where(found, low, middle), np.where(found, middle, high)
    return high


def _straight_runs(rule: SequentialRule, b: IntArray, c: IntArray) -> tuple[IntArray, IntArray]:
    """Further straight wins that would flag, and straight losses that would release."""
    needed = _wins_needed(rule, c)
    to_flag = np.where(needed == NEVER, NEVER, needed - b)
    gain = log(rule.release_share / 0.5)
    loss = log(0.5 / (1.0 - rule.release_share))
    if rule.direction == "either":
        other = _wins_needed(rule, b)
        to_flag = np.minimum(to_flag, np.where(other == NEVER, NEVER, other - c))
        b, c = np.maximum(b, c), np.minimum(b, c)
    missing = log(rule.release_odds) - ROUNDING - (c * loss - b * gain)
    to_release = np.ceil(np.maximum(missing, 0.0) / loss).astype(np.int64)
    return to_flag, to_release


def _regions(rule: SequentialRule) -> tuple[BoolArray, BoolArray]:
    """Where a target is flagged and where it is released, by wins and losses."""
    wins, losses = np.indices((rule.max_tests + 1, rule.max_tests + 1))
    flag = _flagged(rule, wins, losses)
    release = reaches(log_release_odds(rule, wins, losses), rule.release_odds)
    return flag, release & ~flag


@cache
def _boundary(alpha: float, most: int) -> tuple[tuple[int, ...], float]:
    """The boundary and its size; `arrived[b]`: chance to come to b wins by this loss."""
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"The level alpha must lie between 0 and 1, not {alpha!r}.")
    if not 1 <= most <= MOST_TESTS:
        raise ValueError(f"A horizon has 1 to {MOST_TESTS} discordant tests, not {most!r}.")
    arrived = np.zeros(most + 1)
    arrived[0] = 1.0
    needed: list[int] = []
    size = 0.0
    for losses in range(most):
        # Chance to stand at b wins with these losses, if no boundary stopped it here.
        there = arrived.copy()
        for wins in range(1, most - losses + 1):
            there[wins] += there[wins - 1] / 2.0
        reached = there - arrived
        lowest = max(1, needed[-1] if needed else 1)
        possible = np.flatnonzero(size + reached[lowest : most - losses + 1] <= alpha + 1e-12)
        if not len(possible):
            break
        needed.append(lowest + int(possible[0]))
        size += float(reached[needed[-1]])
        arrived = there / 2.0
        arrived[needed[-1] :] = 0.0
    return tuple(needed), size
