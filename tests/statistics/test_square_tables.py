"""Stuart-Maxwell and Bowker against R, McNemar and statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.square_tables import bowker, stuart_maxwell
from tests.statistics import reference

tables = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 9), min_size=k, max_size=k), min_size=k, max_size=k)
)


@pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)
def test_the_table_of_r() -> None:
    entry = reference.entries()["stuart"]
    table = np.array(entry["inputs"]["cells"]).reshape(3, 3)
    r = entry["outputs"]
    found = stuart_maxwell(table)
    assert found.statistic == pytest.approx(r["stuart_T"], abs=1e-9)
    assert found.degrees == r["stuart_df"]
    assert found.p == pytest.approx(r["stuart_p"], abs=1e-9)
    symmetry = bowker(table)
    assert symmetry.statistic == pytest.approx(r["bowker"], abs=1e-9)
    assert symmetry.p == pytest.approx(r["bowker_p"], abs=1e-9)
    assert symmetry.degrees == 3


@given(tables)
@settings(max_examples=60, deadline=None)
def test_exchanging_the_groups_changes_nothing_and_order_of_rungs_neither(table: list) -> None:
    counts = np.array(table)
    for test in (stuart_maxwell, bowker):
        found, turned, reversed_ = test(counts), test(counts.T), test(counts[::-1, ::-1])
        for other in (turned, reversed_):
            assert other.statistic == pytest.approx(found.statistic, abs=1e-7)
            assert other.degrees == found.degrees
        assert 0 <= found.p <= 1


@given(*[st.integers(0, 30)] * 4)
@settings(max_examples=60, deadline=None)
def test_two_rungs_are_mcnemar(a: int, b: int, c: int, d: int) -> None:
    table = [[d, c], [b, a]]
    expected = (b - c) ** 2 / (b + c) if b + c else 0.0
    for test in (stuart_maxwell, bowker):
        found = test(table)
        assert found.statistic == pytest.approx(expected, abs=1e-9)
        assert found.degrees == (1 if b + c else 0)


def test_rungs_nobody_stands_on_drop_out() -> None:
    from statsmodels.stats.contingency_tables import SquareTable

    small = np.array([[20, 10, 5], [3, 30, 15], [1, 5, 40]])
    wide = np.zeros((5, 5), dtype=int)
    wide[np.ix_([0, 2, 4], [0, 2, 4])] = small
    wide[1, 1] = 7
    assert stuart_maxwell(wide) == stuart_maxwell(small)
    theirs = SquareTable(small, shift_zeros=False)
    assert stuart_maxwell(wide).statistic == pytest.approx(theirs.homogeneity().statistic)
    assert bowker(wide).statistic == pytest.approx(theirs.symmetry().statistic)


def test_parts_of_the_ladder_that_no_pair_links() -> None:
    """Two separate two-by-two tables: their McNemar statistics add up."""
    table = np.zeros((4, 4))
    table[0, 1], table[1, 0], table[2, 3], table[3, 2] = 9, 2, 5, 1
    expected = 49 / 11 + 16 / 6
    found = stuart_maxwell(table)
    assert found.statistic == pytest.approx(expected)
    assert found.degrees == 2


def test_nobody_differs_and_what_is_no_table() -> None:
    assert stuart_maxwell(np.eye(3) * 4).p == bowker(np.eye(3) * 4).p == 1.0
    for wrong in ([[1, 2, 3]], [[1, -1], [0, 2]]):
        with pytest.raises(ValueError, match=r"square|negative"):
            bowker(wrong)
