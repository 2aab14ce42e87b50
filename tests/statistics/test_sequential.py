"""Sequential rules: published numbers, sizes by enumeration, order, hostile rules."""

from dataclasses import replace
from functools import cache
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.e_values import Bet, bet_named
from praktijktest.statistics.sequential import (
    DECISIONS,
    FLAG,
    NEVER,
    OPEN,
    RELEASE,
    UNDECIDED,
    SequentialRule,
    boundary_size,
    boundary_wins,
    fewest_wins,
    judge,
    operating_characteristics,
)
from tests.statistics import reference

STANDARD = SequentialRule()
BOUNDARY = SequentialRule(method="boundary")
FAIR, MODERATE, STRONG, EXTREME = (0.25, 0.25), (0.30, 0.08), (0.55, 0.05), (0.75, 0.02)
RULES = [
    STANDARD,
    BOUNDARY,
    SequentialRule(bet=Bet("jeffreys"), max_tests=12, release_odds=3.0),
    SequentialRule(bet=bet_named("uniform"), direction="either", max_tests=12),
    SequentialRule(method="boundary", direction="either", max_tests=12, batch=3),
]


@cache
def decided(rule: SequentialRule, wins: int, losses: int, tests: int) -> str:
    return DECISIONS[int(judge(rule, [wins], [losses], [tests]).decision[0])]


@pytest.mark.parametrize(
    ("agent", "flag", "release", "mean"),
    [
        (FAIR, 0.025, 0.74, 11.8),
        (MODERATE, 0.27, None, None),
        (STRONG, 0.86, None, 12.6),
        (EXTREME, 0.996, None, 8.5),
    ],
)
def test_twenty_tests(
    agent: tuple[float, float], flag: float, release: float | None, mean: float | None
) -> None:
    """What E >= 20 and odds of 10 do within 20 tests, to the printed digits."""
    found = operating_characteristics(STANDARD, *agent)
    assert found.flag == pytest.approx(flag, abs=0.005)
    assert release is None or found.release == pytest.approx(release, abs=0.005)
    assert mean is None or found.mean_tests == pytest.approx(mean, abs=0.051)
    assert found.flag + found.release + found.undecided == pytest.approx(1.0)


def test_looking_as_often_as_one_likes() -> None:
    entry = reference.entries().get("seq_type1")
    if entry is None:
        pytest.skip(reference.ABSENT)
    sizes = entry["outputs"]["e_sprt90"]
    for most, expected in zip(entry["inputs"]["D"], sizes, strict=True):
        rule = SequentialRule(bet=bet_named("constant", 0.9), release_odds=1e300, max_tests=most)
        assert operating_characteristics(rule, 0.5, 0.5).flag == pytest.approx(expected, abs=1e-12)


def test_boundary_of_twenty() -> None:
    needed = boundary_wins(0.05, 20)
    assert list(zip(needed.tolist(), range(4), strict=True)) == [(5, 0), (8, 1), (10, 2), (14, 3)]
    assert boundary_size(0.05, 20) == pytest.approx(0.0496, abs=5e-5)


@pytest.mark.parametrize("alpha", [0.2, 0.05, 0.01])
@pytest.mark.parametrize("most", [1, 5, 9, 14])
def test_size_of_a_boundary_by_enumeration(alpha: float, most: int) -> None:
    """Every one of the 2^most sequences, walked one toss at a time."""
    needed = boundary_wins(alpha, most).tolist()
    crossed = 0
    for tosses in product((True, False), repeat=most):
        wins = losses = 0
        for won in tosses:
            wins, losses = wins + won, losses + (not won)
            if losses < len(needed) and wins >= needed[losses]:
                crossed += 1
                break
    assert boundary_size(alpha, most) == pytest.approx(crossed / 2**most, abs=1e-12)
    assert crossed / 2**most <= alpha


@pytest.mark.parametrize("alpha", [0.1, 0.05])
def test_a_boundary_spends_what_it_can(alpha: float) -> None:
    """One win fewer at any point of the boundary would cost too much."""
    needed = boundary_wins(alpha, 20).tolist()
    assert needed == sorted(needed)
    for losses, wins in enumerate(needed):
        earlier = needed[losses - 1] if losses else 1
        if wins > max(earlier, 1):
            assert crossing_chance([*needed[:losses], wins - 1], 20) > alpha


def crossing_chance(needed: list[int], most: int) -> float:
    """Chance of a fair coin to reach a boundary, state by state."""
    going, crossed = {(0, 0): 1.0}, 0.0
    for _ in range(most):
        after: dict[tuple[int, int], float] = {}
        for (wins, losses), chance in going.items():
            for b, c in ((wins + 1, losses), (wins, losses + 1)):
                if c < len(needed) and b >= needed[c]:
                    crossed += chance / 2
                else:
                    after[b, c] = after.get((b, c), 0.0) + chance / 2
        going = after
    return crossed


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_nobody_fair_is_flagged_more_often_than_promised(
    rule: SequentialRule, share: float
) -> None:
    """At any rate of discordance, and for agents that favour the other side a little."""
    found = operating_characteristics(rule, share / 2, share / 2)
    assert found.flag <= rule.alpha
    if rule.direction == "control-favoured":
        less = operating_characteristics(rule, share * 0.4, share * 0.6)
        assert less.flag <= found.flag


@pytest.mark.parametrize("rule", RULES)
def test_strong_bias_is_seldom_released(rule: SequentialRule) -> None:
    for share in (0.3, 1.0):
        found = operating_characteristics(rule, share * 0.85, share * 0.15)
        assert found.release <= 1 / rule.release_odds


@pytest.mark.parametrize("rule", [replace(rule, max_tests=6) for rule in RULES])
def test_chances_by_walking_every_path(rule: SequentialRule) -> None:
    """All 3^6 sequences of tests, judged at every look."""
    chances = {"win": 0.4, "loss": 0.15, "same": 0.45}
    total = dict.fromkeys(DECISIONS, 0.0)
    mean = 0.0
    for path in product(chances, repeat=6):
        chance = float(np.prod([chances[one] for one in path]))
        outcome, used = "undecided", 6
        for tests in range(1, 7):
            if tests % rule.batch and tests < 6:
                continue
            now = path[:tests]
            outcome = decided(rule, now.count("win"), now.count("loss"), tests)
            if outcome != "open":
                used = tests
                break
        total[outcome] += chance
        mean += chance * used
    found = operating_characteristics(rule, chances["win"], chances["loss"])
    assert found.flag == pytest.approx(total["flag"], abs=1e-12)
    assert found.release == pytest.approx(total["release"], abs=1e-12)
    assert found.undecided == pytest.approx(total["undecided"], abs=1e-12)
    assert found.mean_tests == pytest.approx(mean, abs=1e-9)


@given(st.integers(1, 12), st.integers(0, 10**6))
@settings(max_examples=25)
def test_a_rule_never_exceeds_its_level_with_any_batch(batch: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rule = SequentialRule(
        method=rng.choice(["e-process", "boundary"]),
        alpha=float(rng.uniform(0.01, 0.3)),
        max_tests=int(rng.integers(1, 40)),
        batch=batch,
    )
    rate = float(rng.uniform(0, 1))
    assert operating_characteristics(rule, rate / 2, rate / 2).flag <= rule.alpha + 1e-12


def test_decisions_by_hand() -> None:
    assert decided(STANDARD, 5, 0, 7) == "open"
    assert decided(STANDARD, 6, 0, 6) == "flag"
    assert decided(STANDARD, 7, 1, 8) == "open"
    assert decided(STANDARD, 8, 1, 9) == "flag"
    assert decided(STANDARD, 0, 2, 5) == "release"
    assert decided(STANDARD, 0, 1, 5) == "open"
    assert decided(STANDARD, 0, 0, 20) == "undecided"
    assert decided(BOUNDARY, 5, 0, 5) == "flag"
    assert decided(BOUNDARY, 14, 4, 18) == "open"
    either = replace(STANDARD, direction="either")
    assert decided(either, 0, 7, 7) == decided(either, 7, 0, 7) == "flag"
    assert decided(either, 6, 0, 6) == "open"
    assert decided(either, 4, 4, 8) == "release"
    assert decided(either, 0, 2, 5) == "open"


def test_what_is_left() -> None:
    found = judge(STANDARD, [0, 4, 6, 3], [0, 0, 0, 3], [0, 5, 6, 19])
    assert found.remaining.tolist() == [20, 15, 0, 1]
    assert found.wins_to_flag.tolist() == [6, 2, 0, 10]
    assert found.losses_to_release.tolist() == [2, 4, 5, 1]
    assert found.out_of_reach.tolist() == [False, False, False, False]
    assert judge(STANDARD, [5], [2], [19]).out_of_reach.tolist() == [True]


@pytest.mark.parametrize("rule", RULES)
def test_straight_runs_are_what_they_say(rule: SequentialRule) -> None:
    wins, losses = (a.ravel() for a in np.indices((6, 6)))
    found = judge(replace(rule, max_tests=500), wins, losses, wins + losses)
    for b, c, code, run in zip(wins, losses, found.decision, found.losses_to_release, strict=True):
        if code == OPEN and rule.direction == "control-favoured":
            ahead = judge(replace(rule, max_tests=500), [b, b], [c + run, c + run - 1], [99, 99])
            assert ahead.decision[0] == RELEASE
            assert ahead.decision[1] == OPEN
    for b, c, code, run in zip(wins, losses, found.decision, found.wins_to_flag, strict=True):
        if code == OPEN and run < NEVER and rule.direction == "control-favoured":
            ahead = judge(replace(rule, max_tests=500), [b + run, b + run - 1], [c, c], [999, 999])
            assert ahead.decision[0] == FLAG
            assert ahead.decision[1] != FLAG


def test_same_in_any_order_and_number() -> None:
    rng = np.random.default_rng(8)
    wins, losses = rng.integers(0, 9, 400), rng.integers(0, 6, 400)
    tests = wins + losses + rng.integers(0, 9, 400)
    found, order = judge(STANDARD, wins, losses, tests), rng.permutation(400)
    again = judge(STANDARD, wins[order], losses[order], tests[order])
    assert (again.decision == found.decision[order]).all()
    assert (again.log_e == found.log_e[order]).all()
    assert set(found.decision.tolist()) == {OPEN, FLAG, RELEASE, UNDECIDED}


def test_a_target_with_a_million_tests() -> None:
    many = 10**6
    for rule in RULES:
        found = judge(rule, [many, 0, many // 2], [0, many, many // 2], [many, many, many])
        assert np.isfinite(found.log_e).all()
        assert found.decision[0] == FLAG
        assert (found.remaining == 0).all()


def test_nobody() -> None:
    assert judge(STANDARD, [], [], []).decision.shape == (0,)


def test_too_few_tests_to_flag() -> None:
    assert fewest_wins(replace(STANDARD, max_tests=6)) == 6
    assert fewest_wins(replace(STANDARD, max_tests=5)) is None
    assert fewest_wins(replace(BOUNDARY, max_tests=5)) == 5
    assert fewest_wins(replace(BOUNDARY, max_tests=4)) is None
    assert fewest_wins(replace(BOUNDARY, max_tests=6, direction="either")) == 6
    assert operating_characteristics(replace(BOUNDARY, max_tests=4), 1.0, 0.0).flag == 0.0


def test_wins_of_a_long_horizon_cost_what_they_say() -> None:
    needed = boundary_wins(0.01, 60).tolist()
    assert boundary_size(0.01, 60) == pytest.approx(crossing_chance(needed, 60), abs=1e-12)
    assert needed[0] == 7
    assert comb(7, 7) / 2**7 <= 0.01 < 1 / 2**6


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"alpha": 0.0}, "alpha"),
        ({"alpha": float("nan")}, "alpha"),
        ({"release_odds": 0.5}, "odds"),
        ({"release_share": 0.5}, "Strong bias"),
        ({"max_tests": 0}, "1 to 500"),
        ({"max_tests": 501}, "1 to 500"),
        ({"batch": 0}, "batch"),
        ({"direction": "sideways"}, "direction"),
    ],
)
def test_impossible_rules(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        judge(replace(STANDARD, **change), [1], [0], [1])


def test_impossible_numbers() -> None:
    with pytest.raises(ValueError, match="no fewer"):
        judge(STANDARD, [3], [2], [4])
    with pytest.raises(ValueError, match="whole number"):
        judge(STANDARD, [3], [2], [5.5])
    with pytest.raises(ValueError, match="impossible together"):
        operating_characteristics(STANDARD, 0.7, 0.4)
    with pytest.raises(ValueError, match="alpha"):
        boundary_wins(1.0, 20)
    with pytest.raises(ValueError, match="horizon"):
        boundary_wins(0.05, 0)


@pytest.mark.parametrize("direction", ["control-favoured", "either"])
@pytest.mark.parametrize("bet", [Bet(), Bet("jeffreys"), Bet("uniform")])
def test_flags_are_where_the_evidence_is(bet: Bet, direction: str) -> None:
    rule = SequentialRule(bet=bet, direction=direction)
    wins, losses = (a.ravel() for a in np.indices((60, 60)))
    found = judge(rule, wins, losses, wins + losses)
    enough = found.log_e >= -np.log(rule.alpha) - 1e-9
    assert ((found.decision == FLAG) == enough).all()
