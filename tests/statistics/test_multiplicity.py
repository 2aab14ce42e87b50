"""Adjusted p-values: against scipy, with counts, in their limits."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from praktijktest.statistics.multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    holm,
    storey_bootstrap,
)


def storey(p: object, counts: object = None) -> np.ndarray:
    return storey_bootstrap(p, counts)[1]


ALL = (bonferroni, holm, benjamini_hochberg, benjamini_yekutieli, storey)
P_VALUES = st.lists(
    st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.03125, 0.0625, 0.5, 0.75, 1.0])),
    min_size=1,
    max_size=40,
).map(np.array)
each = pytest.mark.parametrize("adjust", ALL, ids=lambda function: function.__name__)


@given(P_VALUES)
def test_against_scipy(p: np.ndarray) -> None:
    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p), rel=1e-9)
    expected = false_discovery_control(p, method="by")
    assert benjamini_yekutieli(p) == pytest.approx(expected, rel=1e-9)


@given(P_VALUES)
def test_holm_by_its_definition(p: np.ndarray) -> None:
    """Reject the k smallest as long as p(i) <= alpha / (K - i + 1) for all of them."""
    adjusted = holm(p)
    ascending = np.sort(p)
    for alpha in (0.01, 0.05, 0.3):
        allowed = ascending <= alpha / (len(p) - np.arange(len(p)))
        rejections = len(p) if allowed.all() else int(np.argmin(allowed))
        near = np.abs(adjusted - alpha) < 1e-9
        if not near.any():
            assert (adjusted <= alpha).sum() == rejections


@each
@given(p=P_VALUES, seed=st.integers(0, 100))
def test_the_order_of_the_targets_does_not_matter(
    adjust: Callable[..., np.ndarray], p: np.ndarray, seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(p))
    assert adjust(p[order]).tolist() == adjust(p)[order].tolist()


@each
@given(p=P_VALUES)
def test_adjusted_values_rise_with_p_and_ties_share_them(
    adjust: Callable[..., np.ndarray], p: np.ndarray
) -> None:
    adjusted = adjust(p)
    order = np.argsort(p)
    assert (np.diff(adjusted[order]) >= 0).all()
    for value in np.unique(p):
        assert len(set(adjusted[p == value])) == 1
    assert ((adjusted >= 0) & (adjusted <= 1)).all()
    if adjust is not storey:
        assert (adjusted >= p * (1 - 1e-12)).all()


@each
@given(p=P_VALUES)
def test_counts_stand_for_repeated_p_values(
    adjust: Callable[..., np.ndarray], p: np.ndarray
) -> None:
    values, number = np.unique(p, return_counts=True)
    expanded = dict(zip(p.tolist(), adjust(p).tolist(), strict=True))
    compact = dict(zip(values.tolist(), adjust(values, number).tolist(), strict=True))
    assert compact == pytest.approx(expanded, rel=1e-12)


@each
@given(p=P_VALUES, extra=st.floats(0, 1))
def test_a_row_that_nobody_has_changes_nothing(
    adjust: Callable[..., np.ndarray], p: np.ndarray, extra: float
) -> None:
    counts = np.append(np.ones(len(p), dtype=int), 0)
    assert adjust(np.append(p, extra), counts)[:-1].tolist() == adjust(p).tolist()


def test_storey_share_stays_between_one_hypothesis_and_all() -> None:
    assert storey_bootstrap([])[0] == 1.0
    assert storey_bootstrap([0.2])[0] == 1.0
    share, q = storey_bootstrap(np.full(50, 0.001))
    assert share == pytest.approx(1 / 50)
    assert (q > 0).all()
    assert storey_bootstrap(np.linspace(0.6, 1, 30))[0] == 1.0


@each
@pytest.mark.parametrize("wrong", [[0.1, 1.2], [-0.1], [np.nan], [[0.1]]])
def test_impossible_p_values_are_refused(
    adjust: Callable[..., np.ndarray], wrong: list[float]
) -> None:
    with pytest.raises(ValueError, match="P-values"):
        adjust(wrong)


@each
def test_impossible_counts_are_refused(adjust: Callable[..., np.ndarray]) -> None:
    for counts in ([1], [1, -1]):
        with pytest.raises(ValueError, match="count of 0 or more"):
            adjust([0.1, 0.2], counts)


@each
def test_an_empty_family(adjust: Callable[..., np.ndarray]) -> None:
    assert adjust([]).tolist() == []
