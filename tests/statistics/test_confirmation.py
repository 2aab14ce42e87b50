"""Screen and confirm: fresh tests only, both errors by enumeration, hostile counts."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multinomial

from praktijktest.statistics.confirmation import ReleaseRule, confirm
from praktijktest.statistics.discrete_fdr import discrete_fdr_stepdown, sign_test_family
from praktijktest.statistics.e_values import log_e_values

FAIR_AGENTS = [(0.05, 0.05), (0.12, 0.12), (0.25, 0.25)]
STRONG, EXTREME = (0.55, 0.05), (0.75, 0.02)


def every_result(tests: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    wins, losses = (a.ravel() for a in np.indices((tests + 1, tests + 1)))
    possible = wins + losses <= tests
    return wins[possible], losses[possible]


def chances(tests: int, agent: tuple[float, float]) -> tuple[float, float]:
    """Chance that an agent alone on the list is confirmed, and that it is released."""
    wins, losses = every_result(tests)
    chance = multinomial.pmf(
        np.stack([wins, losses, tests - wins - losses], axis=1), tests, [*agent, 1 - sum(agent)]
    )
    found = [confirm([b], [c], [tests], 0.05) for b, c in zip(wins, losses, strict=True)]
    confirmed = np.array([one.confirmed[0] for one in found])
    released = np.array([one.released[0] for one in found])
    return float(chance[confirmed].sum()), float(chance[released].sum())


@pytest.mark.parametrize("agent", FAIR_AGENTS)
def test_a_fair_agent_is_seldom_confirmed_and_often_released(agent: tuple[float, float]) -> None:
    confirmed, released = chances(15, agent)
    assert confirmed <= 0.05
    assert released > 0.4


@pytest.mark.parametrize("agent", [STRONG, EXTREME])
def test_a_strong_one_is_often_confirmed_and_almost_never_released(
    agent: tuple[float, float],
) -> None:
    confirmed, released = chances(15, agent)
    assert confirmed > 0.75
    assert released < 0.005


def test_the_list_is_judged_together() -> None:
    wins, losses = [8, 6, 5, 1], [0, 1, 0, 2]
    found = confirm(wins, losses, [15] * 4, 0.05)
    family = sign_test_family(wins, losses)
    assert found.q == pytest.approx(discrete_fdr_stepdown(family), abs=1e-12)
    assert found.p == pytest.approx(family.p)
    assert (found.confirmed == (found.q <= 0.05)).all()
    assert not (found.confirmed & found.released).any()


def test_two_fair_agents_by_enumeration() -> None:
    """Whatever the first phase chose, the fresh list confirms a fair agent 1 time in 20 at most."""
    wins = np.arange(9)
    half = np.array([1, 8, 28, 56, 70, 56, 28, 8, 1]) / 256
    any_false = sum(
        half[a] * half[b]
        for a, b in product(wins, wins)
        if confirm([a, b], [8 - a, 8 - b], [8, 8], 0.05).confirmed.any()
    )
    assert any_false <= 0.05


def test_the_first_phase_does_not_count() -> None:
    """However bad the first results were, fresh tests decide; only e-values multiply."""
    fresh = ([3, 0], [1, 0], [15, 0])
    alone = confirm(*fresh, 0.05)
    after = confirm(*fresh, 0.05, screening=([12, 9], [0, 0]))
    for name in ("p", "p_midp", "q", "confirmed", "released", "log_e"):
        assert (getattr(alone, name) == getattr(after, name)).all(), name
    together = log_e_values([12, 9], [0, 0]) + log_e_values([3, 0], [1, 0])
    assert after.log_e_both == pytest.approx(together)
    assert alone.log_e_both == pytest.approx(alone.log_e)


def test_without_fresh_tests_a_target_stays_open_and_costs_the_others_nothing() -> None:
    alone = confirm([6], [0], [15], 0.05)
    beside = confirm([6, 0, 0], [0, 0, 0], [15, 0, 0], 0.05)
    assert beside.q[0] == alone.q[0]
    assert beside.q[1] == 1.0
    assert not beside.confirmed[1:].any()
    assert not beside.released[1:].any()


@pytest.mark.parametrize(
    ("wins", "losses", "tests", "answered", "released"),
    [
        (0, 2, 2, 2, True),  # 11 times likelier without preference than under strong bias
        (0, 1, 5, 5, False),
        (0, 0, 11, 11, True),  # the limit is .197
        (0, 0, 10, 10, False),  # .213
        (0, 0, 30, 7, False),  # answers hardly anyone: shows nothing
        (0, 0, 30, 8, True),
        (4, 0, 60, 60, False),  # a small rate, but all one way: mid-p .031
        (5, 3, 15, 15, False),
    ],
)
def test_when_a_target_is_released(
    wins: int, losses: int, tests: int, answered: int, released: bool
) -> None:
    found = confirm([wins], [losses], [tests], 0.05, answered=[answered])
    assert bool(found.released[0]) is released
    assert not found.confirmed[0]


def test_stricter_release() -> None:
    rule = ReleaseRule(odds=100.0, margin=0.10)
    found = confirm([0, 0, 0], [2, 0, 0], [5, 24, 26], 0.05, release=rule)
    assert found.released.tolist() == [False, False, True]


def test_either_side_must_be_the_one_that_was_flagged() -> None:
    found = confirm(
        [0, 8, 8], [8, 0, 0], [15] * 3, 0.05, direction="either",
        screening=([0, 0, 9], [9, 9, 0]),
    )  # fmt: skip
    assert found.confirmed.tolist() == [True, False, True]
    assert found.p == pytest.approx([1 / 256, 1.0, 1 / 256])
    with pytest.raises(ValueError, match="screening counts"):
        confirm([1], [0], [1], 0.05, direction="either")


def test_nobody_and_a_million() -> None:
    assert confirm([], [], [], 0.05).q.shape == (0,)
    many = 10**6
    found = confirm([many, 0, many // 2], [0, many, many // 2], [many] * 3, 0.05)
    assert found.confirmed.tolist() == [True, False, False]
    assert found.released.tolist() == [False, True, True]
    assert np.isfinite(found.log_e).all()


def test_plain_data() -> None:
    written = confirm([6], [0], [15], 0.05).to_dict()
    assert written["confirmed"] == [True]
    assert set(written) == {
        "p", "p_midp", "q", "confirmed", "released", "log_e", "log_e_both"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (([1], [0], [0], 0.05), {}, "at least"),
        (([1], [0], [5], 0.05), {"answered": [6]}, "at least"),
        (([1], [-1], [5], 0.05), {}, "whole counts"),
        (([1.5], [0], [5], 0.05), {}, "whole counts"),
        (([1, 2], [0], [5], 0.05), {}, "whole counts"),
        (([1], [0], [5], 1.0), {}, "alpha"),
        (([1], [0], [5], 0.05), {"screening": ([1, 2], [0, 0])}, "same targets"),
        (([1], [0], [5], 0.05), {"direction": "sideways"}, "direction"),
    ],
)
def test_impossible(arguments: tuple[object, ...], options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        confirm(*arguments, **options)
