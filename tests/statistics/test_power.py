"""The chance that one target reaches a small p, by enumeration."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.statistics.mcnemar import sign_exact, sign_midp
from praktijktest.statistics.power import chance_of_small_p, wins_needed


def by_enumeration(n: int, p10: float, p01: float, alpha: float) -> float:
    total = 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            if b + c and float(sign_exact(b, c)) <= alpha + 1e-12:
                ways = comb(n, b) * comb(n - b, c)
                total += ways * p10**b * p01**c * (1 - p10 - p01) ** (n - b - c)
    return total


@given(
    st.integers(0, 14),
    st.floats(0, 0.6),
    st.floats(0, 0.4),
    st.sampled_from((0.01, 0.03125, 0.05, 0.3)),
)
def test_chance_by_enumeration(n: int, p10: float, p01: float, alpha: float) -> None:
    (ours,) = chance_of_small_p([n], p10, p01, alpha)
    assert ours == pytest.approx(by_enumeration(n, p10, p01, alpha), abs=1e-10)


def test_each_target_has_the_chance_of_its_number_of_tests() -> None:
    n = np.array([12, 5, 12, 0, 8])
    together = chance_of_small_p(n, 0.5, 0.05, 0.05)
    alone = [chance_of_small_p([m], 0.5, 0.05, 0.05)[0] for m in n]
    assert together.tolist() == pytest.approx(alone)
    assert together[3] == 0.0
    assert chance_of_small_p([], 0.5, 0.05, 0.05).tolist() == []


def test_a_fair_target_is_found_at_most_as_often_as_alpha() -> None:
    n = np.arange(0, 400, 7)
    for share in (0.1, 0.3, 0.5):
        assert (chance_of_small_p(n, share, share, 0.05) <= 0.05).all()


def test_thousands_of_tests() -> None:
    few, many = chance_of_small_p([3000, 6000], 0.11, 0.10, 0.05)
    assert 0.0 < few < many < 1.0
    assert chance_of_small_p([5000], 1.0, 0.0, 0.05) == pytest.approx([1.0])
    assert chance_of_small_p([5000], 0.0, 0.0, 0.05).tolist() == [0.0]


@pytest.mark.parametrize("midp", [False, True])
def test_wins_needed_is_the_first_number_that_is_enough(midp: bool) -> None:
    p_value = sign_midp if midp else sign_exact
    for d in (*range(1, 40), 500, 20_001):
        for alpha in (0.01, 0.05, 0.5):
            wins = int(wins_needed(d, alpha, midp))
            assert p_value(wins - 1, d - wins + 1) > alpha
            if wins <= d:
                assert p_value(wins, d - wins) <= alpha + 1e-12


def test_no_discordant_test_is_never_enough() -> None:
    assert wins_needed([0, 4], 0.05).tolist() == [1, 5]
    assert wins_needed([0], 0.6, midp=True).tolist() == [1]


@pytest.mark.parametrize(("p10", "p01"), [(-0.1, 0.2), (0.2, -0.1), (0.7, 0.4)])
def test_impossible_shares_are_refused(p10: float, p01: float) -> None:
    with pytest.raises(ValueError, match="shares"):
        chance_of_small_p([5], p10, p01, 0.05)


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        chance_of_small_p([5, -1], 0.2, 0.1, 0.05)
    with pytest.raises(ValueError, match="negative"):
        wins_needed([-1], 0.05)
    for alpha in (0.0, 1.0):
        with pytest.raises(ValueError, match="alpha"):
            wins_needed([3], alpha)
