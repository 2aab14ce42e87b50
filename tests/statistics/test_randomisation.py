"""Randomisation tests against enumeration, R and the sign test."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.mcnemar import mcnemar_exact
from praktijktest.statistics.randomisation import deal_test, swap_test
from tests.statistics import reference

graded = st.lists(
    st.sampled_from([-1.0, -2 / 3, -0.5, -1 / 3, 0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=9
)


@given(graded)
@settings(max_examples=100, deadline=None)
def test_swaps_of_graded_pairs_by_enumeration(differences: list[float]) -> None:
    values = np.array(differences)
    sums = [abs((values * signs).sum()) for signs in product([1, -1], repeat=len(values))]
    expected = np.mean(np.array(sums) >= abs(values.sum()) - 1e-9)
    found = swap_test(values)
    assert found.method == "exact"
    assert found.p == pytest.approx(expected, abs=1e-12)
    assert swap_test(-values).p == pytest.approx(found.p, abs=1e-12)
    assert swap_test(values[::-1]).p == found.p


@given(st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=40, deadline=None)
def test_yes_and_no_is_the_sign_test(b: int, c: int) -> None:
    found = swap_test(np.repeat([1.0, -1.0, 0.0], [b, c, 5]))
    assert found.p == pytest.approx(float(mcnemar_exact(b, c)), rel=1e-9)


@pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)
def test_the_reference_pairs() -> None:
    expected = reference.entries()["perm_withinpair"]["outputs"]
    counts = [expected["n10"], expected["n01"]]
    found = swap_test(np.repeat([1.0, -1.0], counts))
    assert found.p == pytest.approx(expected["exact_p"], rel=1e-9)
    z = found.total / np.sqrt(sum(counts))
    assert z == pytest.approx(expected["z"], rel=1e-9)


sets = st.lists(
    st.lists(st.tuples(st.integers(0, 1), st.booleans()), min_size=2, max_size=4).filter(
        lambda test: len({arm for _, arm in test}) == 2
    ),
    min_size=1,
    max_size=3,
)


@given(sets)
@settings(max_examples=60, deadline=None)
def test_dealing_roles_among_several_applicants_by_enumeration(tests: list) -> None:
    outcomes = [np.array([value for value, _ in test]) for test in tests]
    treated = [np.array([arm for _, arm in test]) for test in tests]

    def gap(values: np.ndarray, arm: np.ndarray) -> float:
        return values[~arm].mean() - values[arm].mean()

    ways = []
    for values, arm in zip(outcomes, treated, strict=True):
        chosen = combinations(range(len(values)), int(arm.sum()))
        ways.append([gap(values, np.isin(np.arange(len(values)), part)) for part in chosen])
    observed = sum(map(gap, outcomes, treated))
    sums = np.array([abs(sum(way)) for way in product(*ways)])
    counts = [
        [(~arm).sum(), values[~arm].sum(), arm.sum(), values[arm].sum()]
        for values, arm in zip(outcomes, treated, strict=True)
    ]
    found = deal_test(np.array(counts))
    assert found.total == pytest.approx(observed, abs=1e-9)
    assert found.p == pytest.approx(np.mean(sums >= abs(observed) - 1e-9), abs=1e-9)


def test_what_lies_on_no_lattice_is_drawn_with_a_seed() -> None:
    values = np.random.default_rng(1).normal(size=40)
    first = swap_test(values, draws=20_000, seed=3)
    assert first.method == "drawn"
    assert first == swap_test(values, draws=20_000, seed=3)
    assert first.p == pytest.approx(swap_test(values, draws=20_000, seed=4).p, abs=0.02)
    small = swap_test(values[:12] * 0 + np.round(values[:12], 1))
    assert small.method == "exact"


def test_no_difference_at_all_is_no_evidence() -> None:
    assert swap_test(np.zeros(5)).p == 1.0
    assert swap_test(np.zeros(0)).p == 1.0


def test_a_test_with_one_group_cannot_be_dealt() -> None:
    with pytest.raises(ValueError, match="either group"):
        deal_test(np.array([[0, 0, 2, 1]]))


def test_more_replies_than_applicants_are_refused() -> None:
    with pytest.raises(ValueError, match="more positive"):
        deal_test(np.array([[1, 2, 1, 1]]))


def test_far_tails_are_exact() -> None:
    assert swap_test(np.ones(100)).p == pytest.approx(2.0**-99, rel=1e-9)
