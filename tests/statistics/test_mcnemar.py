"""Tests of equal treatment: against scipy, by enumeration, at the edges."""

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.mcnemar import (
    binomial_half_tail,
    mcnemar_chi2,
    mcnemar_exact,
    mcnemar_midp,
    paired_t,
    pearson_chi2_unpaired,
    sign_exact,
    sign_midp,
)
from tests.statistics.tables import COUNTS, cells

SMALL = [(b, c) for b, c in product(range(9), repeat=2) if b + c > 0]


def half_pmf(k: int, d: int) -> float:
    return comb(d, k) / 2**d if 0 <= k <= d else 0.0


@pytest.mark.parametrize(("b", "c"), SMALL)
def test_p_values_by_counting(b: int, c: int) -> None:
    d = b + c
    upper = sum(half_pmf(k, d) for k in range(b, d + 1))
    lower = sum(half_pmf(k, d) for k in range(min(b, c) + 1))
    assert sign_exact(b, c) == pytest.approx(upper, rel=1e-12)
    assert sign_midp(b, c) == pytest.approx(upper - half_pmf(b, d) / 2, rel=1e-12)
    exact = min(1.0, 2 * lower)
    assert mcnemar_exact(b, c) == pytest.approx(exact, rel=1e-12)
    # Fagerland, Lydersen & Laake 2013, section "mid-p".
    midp = 1 - half_pmf(b, d) / 2 if b == c else exact - half_pmf(b, d)
    assert mcnemar_midp(b, c) == pytest.approx(midp, rel=1e-12)


def test_without_discordant_tests_every_p_is_one() -> None:
    for p_value in (sign_exact, sign_midp, mcnemar_exact, mcnemar_midp):
        assert p_value(0, 0) == 1.0
    for table in (Cells(3, 0, 0, 4), Cells(0, 0, 0, 0), Cells(0, 0, 0, 5), Cells(1, 0, 0, 0)):
        for corrected in (True, False):
            assert mcnemar_chi2(table, corrected).p == 1.0
            assert pearson_chi2_unpaired(table, corrected).p == 1.0
        assert paired_t(table).p == 1.0


@given(COUNTS, COUNTS)
def test_two_sided_tests_do_not_care_who_is_the_control(b: int, c: int) -> None:
    assert mcnemar_exact(b, c) == mcnemar_exact(c, b)
    assert mcnemar_midp(b, c) == mcnemar_midp(c, b)


@given(COUNTS, COUNTS)
def test_one_sided_p_values_of_both_directions_fit_together(b: int, c: int) -> None:
    if b + c:
        assert sign_midp(b, c) + sign_midp(c, b) == pytest.approx(1.0, abs=1e-9)
        assert sign_midp(b, c) <= sign_exact(b, c)
    assert 0.0 <= sign_exact(b, c) <= 1.0


def test_large_counts_agree_with_the_normal_distribution() -> None:
    b, c = 5_010_000, 4_990_000
    z = (b - c) / np.sqrt(b + c)
    assert sign_midp(b, c) == pytest.approx(stats.norm.sf(z), rel=1e-6)
    assert mcnemar_chi2(Cells(0, b, c, 0), False).statistic == pytest.approx(z**2, rel=1e-12)


def test_tail_outside_the_possible_counts() -> None:
    assert binomial_half_tail([-1, 0, 4, 5, 0], [4, 4, 4, 4, 0]).tolist() == [1, 1, 1 / 16, 0, 1]


@given(cells())
def test_chi_squares_against_scipy(table: Cells) -> None:
    positive = 2 * table.both + table.discordant
    negative = 2 * table.neither + table.discordant
    control, test = table.both + table.only_control, table.both + table.only_test
    arms = [[control, table.n - control], [test, table.n - test]]
    for corrected in (True, False):
        ours = pearson_chi2_unpaired(table, corrected)
        assert ours.alternative == "two-sided"
        if positive and negative:
            theirs = stats.chi2_contingency(arms, correction=corrected)
            assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9, abs=1e-9)
            assert ours.p == pytest.approx(theirs.pvalue, rel=1e-7, abs=1e-300)
        else:
            assert (ours.statistic, ours.p) == (None, 1.0)


def test_the_correction_leaves_nothing_to_correct_at_equality() -> None:
    for table in (Cells(0, 5, 5, 0), Cells(0, 6, 5, 0)):
        assert mcnemar_chi2(table, True).statistic == 0.0
        assert mcnemar_chi2(table, True).p == 1.0


@pytest.mark.parametrize("table", [Cells(40, 46, 14, 141), Cells(0, 1, 3, 0), Cells(2, 5, 0, 3)])
def test_paired_t_is_students(table: Cells) -> None:
    b, c = table.only_control, table.only_test
    differences = np.repeat([1, -1, 0], [b, c, table.n - b - c])
    theirs = stats.ttest_1samp(differences, 0)
    assert paired_t(table).statistic == pytest.approx(theirs.statistic, rel=1e-12)
    assert paired_t(table).p == pytest.approx(theirs.pvalue, rel=1e-10)


@pytest.mark.parametrize("table", [Cells(0, 1, 0, 0), Cells(0, 12, 0, 0), Cells(0, 0, 4, 0)])
def test_paired_t_does_not_exist_where_nothing_varies(table: Cells) -> None:
    assert paired_t(table).p is None
    assert paired_t(table).statistic is None
