"""Classes of outcomes: the bounds that the proof of the adaptive rule stands on."""

import numpy as np
import pytest
from scipy.stats import binom

from praktijktest.statistics.sign_strata import (
    EXACT_UP_TO,
    FAR,
    FAR_SIDE,
    class_numbers,
    classes,
    strata,
)

NUMBERS = (1, 2, 3, 4, 5, 6, 7, 10, 19, 40, 60, 61, 75, 90, 200, 1_001)
each_direction = pytest.mark.parametrize("direction", ["control-favoured", "either"])


@each_direction
@pytest.mark.parametrize("d", NUMBERS)
def test_bounds_hold_for_every_number_of_discordant_tests(d: int, direction: str) -> None:
    wins = np.arange(d + 1)
    chance = binom.pmf(wins, d, 0.5)
    number = class_numbers(wins, d - wins, direction)
    stratum = int(strata(np.array([d]))[0])
    found = classes(stratum, direction)
    for each in range(1, len(found.tail)):
        reached = float(chance[number >= each].sum())
        assert reached <= found.tail[each] + 1e-12
        if d <= EXACT_UP_TO:
            assert reached == pytest.approx(found.tail[each], abs=1e-12)
    assert float(chance[number == 0].sum()) >= found.ordinary - 1e-12
    assert float(chance[number == FAR].sum()) <= FAR_SIDE
    assert number.max() < len(found.tail)


@each_direction
@pytest.mark.parametrize("d", NUMBERS)
def test_every_view_is_a_distribution_and_more_wins_speak_for_guilt(d: int, direction: str) -> None:
    found = classes(int(strata(np.array([d]))[0]), direction)
    assert found.innocent.sum() == pytest.approx(1.0)
    assert found.guilty.sum(axis=1) == pytest.approx(1.0)
    if d <= EXACT_UP_TO:
        odds = found.guilty / found.innocent
        assert (np.diff(odds, axis=1) >= -1e-9 * odds[:, 1:]).all()


def test_neighbouring_large_numbers_share_a_stratum() -> None:
    d = np.array([1, 60, 61, 62, 75, 76, 1_000_000])
    found = strata(d)
    assert found[:2].tolist() == [1, 60]
    assert found[2] == found[3] == 61
    assert (np.diff(found) >= 0).all()
    assert (found <= d).all()
    assert (found * 1.26 >= d - 1).all()


def test_the_two_sides_of_an_outcome_are_one_class_where_either_counts() -> None:
    wins, losses = np.array([9, 1, 300, 100]), np.array([1, 9, 100, 300])
    number = class_numbers(wins, losses, "either")
    assert number[0] == number[1] > 0
    assert number[2] == number[3] > 0
    assert class_numbers(wins, losses, "control-favoured")[[1, 3]].tolist() == [FAR, FAR]
