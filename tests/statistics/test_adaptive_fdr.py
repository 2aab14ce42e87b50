"""The adaptive rule: its error rate by full enumeration, and hostile lists."""

from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics import adaptive_fdr as adaptive
from praktijktest.statistics.adaptive_fdr import adaptive_fdr, adaptive_fragile
from praktijktest.statistics.discrete_fdr import exact_p

DIRECTIONS = ("control-favoured", "either")
LISTS = st.lists(
    st.tuples(st.integers(0, 14), st.integers(0, 5), st.integers(0, 9)), min_size=1, max_size=15
).map(lambda rows: np.array(rows).T)


def error_rates(
    discordant: tuple[int, ...], alpha: float, direction: str, tests: tuple[int, ...] | None
) -> list[float]:
    """The exact false discovery rate for every set of innocents and strength of the others."""
    d = np.array(discordant)
    outcomes = np.array(list(product(*(range(each + 1) for each in discordant))))
    n = None if tests is None else np.array(tests)
    flagged = np.array([adaptive_fdr(x, d - x, alpha, direction, n).flagged for x in outcomes])
    found = np.maximum(flagged.sum(axis=1), 1)
    rates = []
    for innocents in range(1, len(d) + 1):
        for members in combinations(range(len(d)), innocents):
            false = flagged[:, list(members)].sum(axis=1) / found
            for share in (0.5, 0.7, 0.9, 1.0):
                chance = np.ones(len(outcomes))
                for i, each in enumerate(discordant):
                    q = 0.5 if i in members else share
                    pmf = [comb(each, x) * q**x * (1 - q) ** (each - x) for x in range(each + 1)]
                    chance *= np.array(pmf)[outcomes[:, i]]
                rates.append(float(chance @ false))
    return rates


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    ("discordant", "alpha", "tests"),
    [
        ((4, 5, 6), 0.05, None),
        ((4, 5, 6), 0.30, None),
        ((6, 6, 6), 0.10, None),
        ((6, 6, 6), 0.20, (6, 9, 30)),
        ((5, 5, 6), 0.50, (5, 12, 12)),
        ((3, 4, 4, 5), 0.20, None),
        ((1, 2, 3, 6), 0.50, None),
        ((2, 3, 3, 3, 4), 0.50, None),
    ],
)
def test_no_population_breaks_the_level(
    discordant: tuple[int, ...], alpha: float, tests: tuple[int, ...] | None, direction: str
) -> None:
    rates = error_rates(discordant, alpha, direction, tests)
    assert max(rates) <= alpha + 1e-12
    assert max(rates) > 0.0 or alpha < 0.1  # the rule does flag somebody


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_level_holds_in_simulated_rounds(direction: str) -> None:
    """Cities of 86 agents, of whom none, some or most discriminate, some the other way."""
    rng = np.random.default_rng(20260901)
    alpha, rounds = 0.10, 60
    for shares in ((1.0, 0.0, 0.0), (0.85, 0.15, 0.0), (0.6, 0.2, 0.2), (0.1, 0.9, 0.0)):
        false = []
        for _ in range(rounds):
            kind = rng.choice(3, 86, p=shares)
            tests = rng.integers(6, 16, 86)
            wins = rng.binomial(tests, np.array([0.12, 0.5, 0.05])[kind])
            losses = rng.binomial(tests - wins, np.array([0.12, 0.05, 0.5])[kind] / 0.88)
            flagged = adaptive_fdr(wins, losses, alpha, direction, tests).flagged
            wrong = (kind == 0) if direction == "either" else (kind != 1)
            false.append((flagged & wrong).sum() / max(flagged.sum(), 1))
        assert np.mean(false) <= alpha + 4 * np.std(false, ddof=1) / rounds**0.5


@given(rows=LISTS, direction=st.sampled_from(DIRECTIONS), alpha=st.sampled_from((0.01, 0.07, 0.2)))
def test_adjusted_values_are_an_envelope(rows: np.ndarray, direction: str, alpha: float) -> None:
    wins, losses, concordant = rows
    tests = wins + losses + concordant
    decided = adaptive_fdr(wins, losses, alpha, direction, tests)
    assert decided.flagged.tolist() == (decided.q <= alpha).tolist()
    for level in (0.005, 0.03, 0.3):
        flagged = adaptive_fdr(wins, losses, level, direction, tests).flagged
        if level < alpha:
            assert flagged[decided.flagged & (decided.q <= level)].all()
        else:
            assert flagged[~decided.flagged & (decided.q <= level)].all()


@given(rows=LISTS)
def test_equal_counts_get_equal_decisions(rows: np.ndarray) -> None:
    wins, losses, concordant = np.concatenate([rows, rows], axis=1)
    flagged = adaptive_fdr(wins, losses, 0.1, tests=wins + losses + concordant).flagged
    half = len(flagged) // 2
    assert flagged[:half].tolist() == flagged[half:].tolist()


@given(wins=st.integers(0, 60), losses=st.integers(0, 60), direction=st.sampled_from(DIRECTIONS))
def test_one_target_alone_is_flagged_by_its_own_p(wins: int, losses: int, direction: str) -> None:
    """Alone, a target is its own estimate of the innocent: the test is p at most alpha."""
    flagged = adaptive_fdr(np.array([wins]), np.array([losses]), 0.05, direction).flagged[0]
    p = float(exact_p(np.array([wins]), np.array([losses]), direction)[0])
    assert not flagged or p <= 0.05


def test_more_is_found_where_the_numbers_of_tests_are_known() -> None:
    rng = np.random.default_rng(4)
    found = np.zeros(3)
    for _ in range(20):
        guilty = rng.random(300) < 0.15
        tests = rng.integers(4, 21, 300)
        wins = rng.binomial(tests, np.where(guilty, 0.5, 0.12))
        losses = rng.binomial(tests - wins, np.where(guilty, 0.1, 0.12 / 0.88))
        with_tests = adaptive_fdr(wins, losses, 0.05, tests=tests).flagged
        without = adaptive_fdr(wins, losses, 0.05).flagged
        found += (guilty & with_tests).sum(), (guilty & without).sum(), guilty.sum()
    assert found[0] > 1.15 * found[1] > 0.4 * found[2]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_extreme_lists(direction: str) -> None:
    def flags(wins: list[int], losses: list[int]) -> list[bool]:
        return adaptive_fdr(np.array(wins), np.array(losses), 0.05, direction).flagged.tolist()

    assert flags([], []) == []
    assert flags([0, 0], [0, 0]) == [False, False]
    assert flags([5], [5]) == [False]
    assert flags([1_000_000, 6, 0], [0, 0, 3])[0]
    assert flags([500_000, 3], [500_000, 3]) == [False, False]
    assert flags([530_000, 470_000], [470_000, 530_000])[0]
    assert flags([9] * 50, [0] * 50) == [True] * 50
    assert flags([0] * 50, [9] * 50) == [direction == "either"] * 50


@settings(max_examples=25)
@given(rows=LISTS, direction=st.sampled_from(DIRECTIONS))
def test_fragile_is_leaving_out_each_test_in_turn(rows: np.ndarray, direction: str) -> None:
    wins, losses, concordant = rows
    tests = wins + losses + concordant
    flagged = adaptive_fdr(wins, losses, 0.2, direction, tests).flagged
    fragile = adaptive_fragile(wins, losses, 0.2, flagged, direction, tests)
    assert not fragile[~flagged].any()
    for target in np.flatnonzero(flagged):
        undone = False
        for arm in (wins, losses):
            if arm[target]:
                arm[target] -= 1
                tests[target] -= 1
                undone |= not adaptive_fdr(wins, losses, 0.2, direction, tests).flagged[target]
                arm[target] += 1
                tests[target] += 1
        assert bool(fragile[target]) == undone


def test_long_lists_judge_each_flag_alone_and_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(9)
    tests = rng.integers(8, 30, 2_000)
    guilty = rng.random(2_000) < 0.2
    wins = rng.binomial(tests, np.where(guilty, 0.6, 0.15))
    losses = rng.binomial(tests - wins, 0.12)
    flagged = adaptive_fdr(wins, losses, 0.05).flagged
    quick = adaptive_fragile(wins, losses, 0.05, flagged)
    monkeypatch.setattr(adaptive, "JUDGED_AGAIN", 10**6)
    slow = adaptive_fragile(wins, losses, 0.05, flagged)
    assert 5 < slow.sum() < flagged.sum()
    assert (quick == slow).mean() > 0.99
