"""Balance of order and letters, few discordant tests, ambiguous replies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.flags import decide
from praktijktest.statistics.recoding import Recoding, recoding, undone, worst_case
from praktijktest.statistics.signal_checks import (
    few_discordant,
    outcome_balance,
    pooled_outcome_balance,
)

TABLES = st.lists(st.tuples(*[st.integers(0, 12)] * 4), min_size=1, max_size=12).map(np.array)
REPLIES = st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans())


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_every_target_has_fishers_exact_p(tables: np.ndarray) -> None:
    from scipy.stats import fisher_exact

    found = outcome_balance(*tables.T)
    for place, (a, b, c, d) in enumerate(tables.tolist()):
        wanted = fisher_exact([[a, b], [c, d]]).pvalue
        assert found.p[place] == pytest.approx(wanted, rel=1e-9)
    assert ((found.p_midp <= found.p) & (found.p_midp > 0)).all()


def test_the_midp_takes_half_of_the_observed_chance() -> None:
    # All four tests with the control first won, all four with them second lost.
    found = outcome_balance([4], [0], [0], [4])
    assert found.p[0] == pytest.approx(2 / 70)
    assert found.p_midp[0] == pytest.approx(1.5 / 70)


def test_a_signal_won_whatever_the_order_shows_no_imbalance() -> None:
    found = outcome_balance([5, 0, 7], [0, 0, 0], [5, 0, 0], [0, 0, 0])
    assert found.p.tolist() == [1, 1, 1]
    assert found.p_midp.tolist() == [1, 1, 1]


def test_one_target_pooled_is_that_target() -> None:
    found = outcome_balance([9], [1], [3], [7])
    p, midp = pooled_outcome_balance([9], [1], [3], [7])
    assert (p, midp) == pytest.approx((found.p[0], found.p_midp[0]), rel=1e-12)


def test_pooling_is_the_distribution_of_the_sum() -> None:
    """Against the sum drawn a million times, given every target's margins."""
    tables = np.array([[3, 1, 1, 4], [2, 2, 0, 5], [6, 0, 3, 3], [6, 0, 3, 3]])
    rng = np.random.default_rng(3)
    totals = sum(
        rng.hypergeometric(a + c, b + d, a + b, size=1_000_000) for a, b, c, d in tables.tolist()
    )
    chances = np.bincount(totals) / len(totals)
    seen = chances[int(tables[:, 0].sum())]
    p, midp = pooled_outcome_balance(*tables.T)
    assert p == pytest.approx(chances[chances <= seen * 1.02].sum(), abs=0.003)
    assert midp == pytest.approx(p - seen / 2, abs=0.003)


def test_pooling_many_targets_is_about_mantel_and_haenszels_normal_test() -> None:
    from scipy.special import ndtr

    rng = np.random.default_rng(8)
    a, b, c, d = tables = rng.integers(0, 9, (4, 3000)).astype(float)
    n = np.maximum(a + b + c + d, 1)
    expected = ((a + b) * (a + c) / n).sum()
    each = (a + b) * (a + c) * (c + d) * (b + d) / (n**2 * np.maximum(n - 1, 1))
    z = abs(a.sum() - expected) / np.sqrt(each.sum())
    assert pooled_outcome_balance(*tables)[1] == pytest.approx(2 * ndtr(-z), abs=2e-3)


def test_no_targets_pooled_show_nothing() -> None:
    assert pooled_outcome_balance([], [], [], []) == (1.0, 1.0)


def test_four_discordant_tests_are_few() -> None:
    assert few_discordant([4, 5, 0, 3], [0, 0, 0, 2]).tolist() == [True, False, True, False]


@settings(max_examples=200, deadline=None)
@given(st.lists(REPLIES, max_size=8))
def test_the_worst_case_is_the_worst_of_all_readings(tests) -> None:
    """Every way of reading the ambiguous replies, tried out; a test at a time is enough."""
    a, b, first, second = (
        (np.array(part, dtype=bool) for part in zip(*tests, strict=True))
        if (tests)
        else (np.zeros(0, bool),) * 4
    )
    wins, losses = int((a & ~b).sum()), int((b & ~a).sum())
    hinging = recoding(np.zeros(len(a), int), a, b, first, second, 1)
    worst_gap = 0
    for control, test, one, other in tests:
        readings = [
            (int(x) - int(y)) for x in {control, control ^ one} for y in {test, test ^ other}
        ]
        worst_gap += min(readings)
    new_wins, new_losses = worst_case([wins], [losses], hinging)
    assert new_wins[0] - new_losses[0] == worst_gap
    assert new_wins[0] >= 0
    assert new_losses[0] >= losses


def test_the_worst_case_of_a_reverse_finding_is_mirrored() -> None:
    control, test = np.array([0, 0, 0, 1], bool), np.array([1, 1, 1, 1], bool)
    ambiguous = np.array([1, 0, 0, 0], bool), np.array([1, 0, 1, 1], bool)
    hinging = recoding([0] * 4, control, test, *ambiguous, 1)
    wins, losses = worst_case([0], [3], hinging, "either")
    assert (wins.tolist(), losses.tolist()) == ([2], [1])


def test_a_flag_that_hinges_on_one_reply_is_undone_and_a_solid_one_is_not() -> None:
    wins, losses = np.array([14, 5, 2, 1]), np.array([0, 0, 2, 1])
    flagged = decide("holm", wins, losses, 0.15).flagged
    assert flagged.tolist() == [True, True, False, False]
    gone = undone("holm", wins, losses, wins - [1, 1, 0, 0], losses, flagged, 0.15)
    assert gone.tolist() == [False, True, False, False]
    kept = undone("holm", wins, losses, wins, losses, flagged, 0.15)
    assert not kept.any()


def test_a_flag_for_the_other_side_is_another_finding() -> None:
    flagged = decide("bonferroni", [9], [0], 0.05, "either").flagged
    assert undone("bonferroni", [9], [0], [0], [9], flagged, 0.05, "either").tolist() == [True]


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        few_discordant([-1], [2])
    with pytest.raises(ValueError, match="one length"):
        outcome_balance([1, 2], [1], [1], [1])
    with pytest.raises(ValueError, match="target"):
        recoding([3], [True], [False], [False], [False], 2)
    with pytest.raises(ValueError, match="one length"):
        recoding([0], [True, True], [False], [False], [False], 2)
    with pytest.raises(ValueError, match="do not fit"):
        undone("bh", [1], [0], [1], [0], [True, False], 0.05)
    one, none = np.ones(1, int), np.zeros(1, int)
    with pytest.raises(ValueError, match="hinge"):
        worst_case([0], [0], Recoding(one, none, none, none, none, none))
