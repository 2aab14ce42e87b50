"""Shares of several groups, against scipy and statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.statistics.contingency import fisher_exact, homogeneity, trend

groups = st.lists(
    st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=8,
)


def test_trend_is_that_of_statsmodels():
    contingency = pytest.importorskip("statsmodels.stats.contingency_tables")
    x, n, weeks = np.array([12, 18, 25, 31]), np.array([60, 55, 61, 58]), np.array([0, 1, 2, 4])
    table = contingency.Table(np.array([n - x, x]), shift_zeros=False)
    reference = table.test_ordinal_association(row_scores=np.array([0, 1]), col_scores=weeks)
    z, p = trend(x, n, weeks)
    # statsmodels conditions on both margins, which takes (N - 1) for N.
    assert z == pytest.approx(reference.zscore * np.sqrt(n.sum() / (n.sum() - 1)), rel=1e-9)
    assert p == pytest.approx(reference.pvalue, rel=0.05)


def test_trend_of_two_groups_is_the_chi_square_of_the_table():
    x, n = [30, 45], [100, 110]
    z, p = trend(x, n, [0, 1])
    statistic, other = homogeneity(x, n)
    assert z**2 == pytest.approx(statistic, rel=1e-12)
    assert p == pytest.approx(other, rel=1e-12)
    assert z > 0


@given(groups)
def test_homogeneity_is_the_chi_square_of_scipy(rows):
    from scipy.stats import chi2_contingency

    x, n = map(np.array, zip(*rows, strict=True))
    filled = n > 0
    table = np.array([x[filled], (n - x)[filled]])
    statistic, p = homogeneity(x, n)
    if table.shape[1] < 2 or (table.sum(axis=1) == 0).any():
        assert (statistic, p) == (0.0, 1.0)
    else:
        reference = chi2_contingency(table, correction=False)
        assert statistic == pytest.approx(reference.statistic, abs=1e-9)
        assert p == pytest.approx(reference.pvalue, abs=1e-9)


@given(groups)
def test_fisher_is_that_of_scipy(rows):
    from scipy.stats import fisher_exact as reference

    (a, n), (b, m) = rows[:2]
    expected = reference([[a, n - a], [b, m - b]]).pvalue
    assert fisher_exact([a, b], [n, m]) == pytest.approx(expected, rel=1e-6)


@given(groups)
def test_a_trend_turns_round_with_its_scores(rows):
    x, n = zip(*rows, strict=True)
    places = np.arange(len(x))
    z, p = trend(x, n, places)
    back, same = trend(x, n, -places)
    assert z == pytest.approx(-back, abs=1e-9)
    assert p == pytest.approx(same)
    assert 0 <= p <= 1


def test_nothing_to_compare():
    assert trend([0, 0], [0, 0], [0, 1]) == (0.0, 1.0)
    assert trend([3, 4], [3, 4], [0, 1]) == (0.0, 1.0)
    assert homogeneity([3], [9]) == (0.0, 1.0)
    assert fisher_exact([0, 0], [0, 0]) == 1.0
    with pytest.raises(ValueError, match="at most all"):
        trend([4, 1], [3, 4], [0, 1])
