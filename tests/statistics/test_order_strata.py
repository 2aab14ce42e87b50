"""Orders dealt again within targets, against enumeration of every dealing."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics import order_strata
from praktijktest.statistics.order_strata import order_strata_test

rounds = st.lists(
    st.tuples(st.sampled_from([-1, 0, 1]), st.booleans(), st.integers(0, 2)), min_size=1, max_size=9
)


def enumerated(gap: np.ndarray, first: np.ndarray, stratum: np.ndarray) -> tuple[float, float]:
    """p and mean over every way to give as many first places within each stratum."""
    by_place = np.where(first, gap, -gap)
    per_stratum = []
    for label in np.unique(stratum):
        rows = np.flatnonzero(stratum == label)
        sums = []
        for chosen in combinations(range(len(rows)), int(first[rows].sum())):
            sign = -np.ones(len(rows), dtype=int)
            sign[list(chosen)] = 1
            sums.append(int((by_place[rows] * sign).sum()))
        per_stratum.append(sums)
    totals = np.array([sum(way) for way in product(*per_stratum)])
    mean = totals.mean()
    return float((np.abs(totals - mean) >= abs(gap.sum() - mean) - 1e-9).mean()), float(mean)


@given(rounds)
@settings(max_examples=120, deadline=None)
def test_every_dealing_by_enumeration(tests: list) -> None:
    gap, first, stratum = map(np.array, zip(*tests, strict=True))
    p, mean = enumerated(gap, first, stratum)
    found = order_strata_test(gap, first, stratum)
    assert found.method == "exact"
    assert found.p == pytest.approx(p, abs=1e-12)
    assert found.expected == pytest.approx(mean, abs=1e-12)
    turned = order_strata_test(-gap, ~first, stratum)
    assert turned.p == pytest.approx(p, abs=1e-12)
    assert turned.expected == pytest.approx(-mean, abs=1e-12)


def test_an_effect_of_order_alone_is_expected_and_not_found() -> None:
    """Whoever writes first is answered; the control wrote first in 8 of 10 tests per target."""
    first = np.tile([True] * 8 + [False] * 2, 5)
    gap = np.where(first, 1, -1)
    found = order_strata_test(gap, first, np.repeat(np.arange(5), 10))
    assert found.total == found.expected == 30
    assert found.p == 1.0


def test_many_tests_are_near_the_exact_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(3)
    gap = chance.choice([-1, 0, 1], size=1500, p=[0.1, 0.75, 0.15])
    first = chance.random(1500) < 0.5
    stratum = np.repeat(np.arange(150), 10)
    exact = order_strata_test(gap, first, stratum)
    monkeypatch.setattr(order_strata, "MOST_EXACT", 10)
    normal = order_strata_test(gap, first, stratum)
    assert (exact.method, normal.method) == ("exact", "normal")
    assert normal.p == pytest.approx(exact.p, abs=0.01)
    assert normal.expected == pytest.approx(exact.expected)


def test_nothing_to_deal_and_wrong_input() -> None:
    found = order_strata_test([1, 1, -1], [True, True, True], [0, 0, 0])
    assert (found.p, found.strata, found.total) == (1.0, 0, 1)
    with pytest.raises(ValueError, match="1, 0 or -1"):
        order_strata_test([2], [True], [0])
    with pytest.raises(ValueError, match="one length"):
        order_strata_test([1], [True, False], [0])
