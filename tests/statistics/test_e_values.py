"""E-values: R's numbers, the martingale property by enumeration, and hostile counts."""

from math import comb, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.statistics.e_values import (
    Bet,
    anytime_p,
    bet_named,
    combined_log_e_values,
    e_benjamini_hochberg,
    log_e_values,
    reaches,
)
from tests.statistics import reference

BETS = (bet_named("constant"), bet_named("constant", 0.9), bet_named("jeffreys"), Bet("uniform"))
DIRECTIONS = ("control-favoured", "either")
counts = st.integers(0, 60)


def e_value(wins: int, losses: int, bet: Bet, direction: str = "control-favoured") -> float:
    return float(np.exp(log_e_values([wins], [losses], bet, direction))[0])


def test_as_r_computes_them() -> None:
    entry = reference.entries().get("evalue_beta")
    if entry is None:
        pytest.skip(reference.ABSENT)
    columns = {
        0: (bet_named("jeffreys"), "control-favoured"),
        1: (bet_named("uniform"), "control-favoured"),
        3: (bet_named("constant", 0.9), "control-favoured"),
        4: (bet_named("constant", 0.95), "control-favoured"),
    }
    for sequence, expected in entry["outputs"].items():
        wins, losses = sequence.count("W"), sequence.count("M")
        for place, (bet, direction) in columns.items():
            found = e_value(wins, losses, bet, direction)
            assert found == pytest.approx(expected[place], rel=1e-9), (sequence, bet)
        two_sided = e_value(wins, losses, bet_named("uniform"), "either")
        # Half the stake on each side of a flat density is the flat density on both sides.
        assert two_sided == pytest.approx(expected[2], rel=1e-9)


@pytest.mark.parametrize(
    ("losses", "needed"),
    [
        (0, [(6, 8), (6, 9), (6, 8), (7, 9)]),
        (1, [(8, 11), (8, 11), (10, 12), (10, 13)]),
        (2, [(11, 14), (11, 14), (12, 15), (12, 15)]),
    ],
)
def test_wins_needed(losses: int, needed: list[tuple[int, int]]) -> None:
    """The table of wins needed for E >= 20 and, in brackets, E >= 100."""
    bets = (bet_named("constant", 0.9), bet_named("constant"), Bet("jeffreys"), Bet("uniform"))
    for bet, pair in zip(bets, needed, strict=True):
        log_e = log_e_values(np.arange(40), np.full(40, losses), bet)
        assert tuple(int(np.argmax(reaches(log_e, t))) for t in (20, 100)) == pair


@pytest.mark.parametrize("bet", BETS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_fair_coin_earns_nothing(bet: Bet, direction: str) -> None:
    """The mean over all outcomes of d fair tosses is exactly 1."""
    for d in range(25):
        mean = sum(comb(d, b) / 2**d * e_value(b, d - b, bet, direction) for b in range(d + 1))
        assert mean == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("bet", BETS)
@pytest.mark.parametrize("share", [0.1, 0.3, 0.49])
def test_favouring_the_other_side_earns_less(bet: Bet, share: float) -> None:
    """Below a half the value is expected to fall with every discordant test."""
    for b in range(12):
        for c in range(12):
            after = share * e_value(b + 1, c, bet) + (1 - share) * e_value(b, c + 1, bet)
            assert after < e_value(b, c, bet)


@pytest.mark.parametrize("bet", BETS)
@given(wins=counts, losses=counts)
def test_one_more_test_is_a_fair_bet(bet: Bet, wins: int, losses: int) -> None:
    now = e_value(wins, losses, bet)
    after = (e_value(wins + 1, losses, bet) + e_value(wins, losses + 1, bet)) / 2
    assert after == pytest.approx(now, rel=1e-9)


@pytest.mark.parametrize("bet", BETS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_million_tests(bet: Bet, direction: str) -> None:
    many = 10**6
    wins = np.array([many, 0, many // 2, many - 300, 300, 0])
    losses = many - wins
    log_e = log_e_values(wins, losses, bet, direction)
    assert np.isfinite(log_e).all()
    assert (np.diff(log_e[[1, 4, 2, 3, 0]]) > 0).all() or direction == "either"
    assert np.isfinite(e_benjamini_hochberg(log_e)).all()


@pytest.mark.parametrize("name", ["jeffreys", "uniform"])
def test_many_losses_meet_the_limit(name: str) -> None:
    """With n losses and no win the mixture is the prior's density at a half, over 2n."""
    density = {"jeffreys": 4 / np.pi, "uniform": 2.0}[name]
    for losses in (10**4, 10**6, 10**9):
        found = float(log_e_values([0], [losses], bet_named(name))[0])
        assert found == pytest.approx(log(density / 2 / losses), abs=2 / losses)


@pytest.mark.parametrize("name", ["jeffreys", "uniform"])
def test_the_series_meets_the_closed_form(name: str) -> None:
    """Where the tail vanishes another formula takes over; the bet stays fair across."""
    bet = bet_named(name)
    losses = np.arange(900, 1200)
    now = log_e_values(np.zeros_like(losses), losses, bet)
    lost = log_e_values(np.zeros_like(losses), losses + 1, bet)
    won = log_e_values(np.ones_like(losses), losses, bet)
    assert np.logaddexp(lost, won) - log(2) == pytest.approx(now, abs=1e-10)


def test_waves_multiply() -> None:
    first, second = log_e_values([5, 0], [0, 3]), log_e_values([3, 0], [1, 0])
    constant = log_e_values([8, 0], [1, 3])
    assert combined_log_e_values([first, second]) == pytest.approx(constant)
    with pytest.raises(ValueError, match="same order"):
        combined_log_e_values([first, [1.0]])
    with pytest.raises(ValueError, match="one logarithm"):
        combined_log_e_values([])


@given(st.lists(st.floats(-5, 20), min_size=1, max_size=30), st.sampled_from([0.05, 0.1, 0.2]))
def test_list_as_defined(log_e: list[float], alpha: float) -> None:
    """Largest k with e_(k) >= K / (alpha k), looked up one by one."""
    ordered = sorted(np.exp(log_e), reverse=True)
    many = len(ordered)
    met = [k for k in range(1, many + 1) if ordered[k - 1] >= many / (alpha * k) * (1 + 1e-12)]
    flagged = e_benjamini_hochberg(log_e) <= alpha
    assert flagged.sum() == max(met, default=0)


def test_list_by_hand() -> None:
    e = np.array([200.0, 45.0, 10.0, 0.5])
    assert e_benjamini_hochberg(np.log(e)) == pytest.approx([4 / 200, 4 / 90, 4 / 30, 1.0])


def test_evidence_against_is_no_evidence() -> None:
    assert anytime_p([-3.0, 0.0, log(20)]) == pytest.approx([1.0, 1.0, 0.05])
    assert (anytime_p([1e9]) > 0).all()


def test_same_for_any_order_and_shape() -> None:
    rng = np.random.default_rng(3)
    wins, losses = rng.integers(0, 9, 500), rng.integers(0, 9, 500)
    found = log_e_values(wins, losses, Bet("jeffreys"))
    order = rng.permutation(500)
    assert (log_e_values(wins[order], losses[order], Bet("jeffreys")) == found[order]).all()
    grid = log_e_values(wins.reshape(20, 25), losses.reshape(20, 25), Bet("jeffreys"))
    assert (grid.ravel() == found).all()


def test_nobody() -> None:
    assert log_e_values([], []).shape == (0,)
    assert e_benjamini_hochberg([]).shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([1.5], [0]), "whole numbers"),
        (([-1], [0]), "whole numbers"),
        (([1, 2], [0]), "same shape"),
        (([1], [0], Bet(), "sideways"), "direction"),
    ],
)
def test_impossible_counts(arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        log_e_values(*arguments)


@pytest.mark.parametrize("share", [0.5, 1.0, 0.0, float("nan")])
def test_impossible_bets(share: float) -> None:
    with pytest.raises(ValueError, match=r"between 0\.5 and 1"):
        bet_named("constant", share)
    with pytest.raises(ValueError, match="No bet"):
        bet_named("horse")


def test_impossible_evidence() -> None:
    with pytest.raises(ValueError, match="above 0"):
        reaches([1.0], 0.0)
    with pytest.raises(ValueError, match="needs an e-value"):
        anytime_p([float("nan")])
