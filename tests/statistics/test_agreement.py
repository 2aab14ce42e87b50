"""Agreement between two coders, against published tables, statsmodels and the delta method."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.statistics.agreement import (
    WEIGHTS,
    against_rest,
    cohen_kappa,
    confusion_table,
    gwet_ac1,
    percent_agreement,
    specific_agreement,
)

COHEN_1960 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
"""Cohen (1960, Educational and Psychological Measurement 20:37-46), as counts of 200."""
FLEISS_18_1 = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
"""Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, table 18.1."""
PARADOX = [[118, 5], [2, 0]]
"""Gwet (2002), Series: Kappa Statistic is not Satisfactory, no. 1: kappa paradox."""
DANISH = Path(__file__).parents[2].parent / "shared/data/denmark_schools_olsen2020/df1.csv"

tables = st.integers(2, 5).flatmap(
    lambda k: st.lists(
        st.lists(st.integers(0, 40), min_size=k, max_size=k), min_size=k, max_size=k
    ).filter(lambda rows: sum(map(sum, rows)) > 0)
)


def test_kappa_of_cohens_own_example():
    found = cohen_kappa(COHEN_1960)
    assert found.n == 200
    assert found.value == pytest.approx(0.492, abs=5e-4)


def test_kappa_and_its_standard_error_in_a_textbook():
    found = cohen_kappa(FLEISS_18_1)
    assert found.value == pytest.approx(0.68, abs=5e-3)
    assert (found.high - found.low) / (2 * 1.959964) == pytest.approx(0.087, abs=1e-3)


def test_ac1_of_the_paradox():
    found = gwet_ac1(PARADOX)
    assert found.value == pytest.approx(0.941, abs=5e-4)
    assert cohen_kappa(PARADOX).value == pytest.approx(-0.0234, abs=5e-5)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("table", [COHEN_1960, FLEISS_18_1, [[20, 5], [10, 15]]])
def test_kappa_is_that_of_statsmodels(table, weights):
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    reference = inter_rater.cohens_kappa(table, wt=None if weights == "unweighted" else weights)
    found = cohen_kappa(table, weights)
    assert found.value == pytest.approx(reference.kappa, rel=1e-12)
    assert found.low == pytest.approx(max(reference.kappa_low, -1), rel=1e-9)
    assert found.high == pytest.approx(min(reference.kappa_upp, 1), rel=1e-9)


@pytest.mark.parametrize("table", [COHEN_1960, FLEISS_18_1, PARADOX, [[3, 9], [7, 2]]])
@pytest.mark.parametrize("measure", [cohen_kappa, gwet_ac1])
def test_variance_is_that_of_the_delta_method(table, measure):
    """The gradient over the cell shares, taken numerically, gives the same standard error."""
    counts = np.array(table, dtype=float)
    n, shares = counts.sum(), counts / counts.sum()
    gradient = np.zeros_like(shares)
    scale, step = 10**9, 10**3
    big = np.rint(shares * scale).astype(np.int64)
    for place in np.ndindex(*shares.shape):
        up = big.copy()
        up[place] += step
        total = up.sum()
        change = measure(up).value - measure(big).value
        # Adding to one cell moves the shares towards it by step / total.
        gradient[place] = change * total / step
    variance = ((shares * gradient**2).sum() - (shares * gradient).sum() ** 2) / n
    found = measure(table)
    width = (found.high - found.low) / 2 if found.high < 1 else found.value - found.low
    assert width / 1.959964 == pytest.approx(np.sqrt(variance), rel=1e-3)


@pytest.mark.skipif(not DANISH.is_file(), reason="../shared/data/denmark_schools is not here")
def test_two_coders_of_the_danish_schools():
    """Olsen, Kyhse-Andersen & Moynihan (2020): 1,698 replies, three codes, two coders."""
    with DANISH.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    first, second = ([int(row[name]) for row in rows] for name in ("spot1", "spot2"))
    table = confusion_table(first, second, 3)
    assert table.sum() == 1698
    assert np.trace(table) == sum(a == b for a, b in zip(first, second, strict=True)) == 1577
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    assert cohen_kappa(table).value == pytest.approx(inter_rater.cohens_kappa(table).kappa)


def test_per_cent_agreement_has_wilsons_interval():
    found = percent_agreement(COHEN_1960)
    assert found.value == pytest.approx(0.7)
    assert (found.low, found.high) == pytest.approx((0.63319, 0.75933), abs=1e-4)


def test_agreement_on_one_category():
    assert specific_agreement([[40, 10], [10, 40]]) == pytest.approx([0.8, 0.8])
    assert np.isnan(specific_agreement([[3, 0], [0, 0]])[1])
    assert against_rest(COHEN_1960, 1).tolist() == [[40, 20], [20, 120]]


def test_units_that_one_coder_skipped_are_left_out():
    table = confusion_table([0, 1, -1, 1], [0, -1, 1, 0], 2)
    assert table.tolist() == [[1, 0], [1, 0]]


@pytest.mark.parametrize("measure", [percent_agreement, cohen_kappa, gwet_ac1])
def test_nothing_coded_has_no_agreement(measure):
    found = measure(np.zeros((3, 3), dtype=int))
    assert (found.value, found.low, found.high, found.n) == (None, None, None, 0)


def test_one_category_alone_has_no_chance_corrected_agreement():
    assert cohen_kappa([[9, 0], [0, 0]]).value is None
    assert gwet_ac1([[9, 0], [0, 0]]).value is None
    assert percent_agreement([[9, 0], [0, 0]]).value == 1.0


def test_full_agreement_has_no_interval_that_pretends_to_certainty():
    found = cohen_kappa([[5, 0], [0, 4]])
    assert (found.value, found.low, found.high) == (1.0, None, None)


@pytest.mark.parametrize("bad", [[[1, 2]], [[1, -1], [0, 1]], [1, 2]])
def test_impossible_tables_are_refused(bad):
    with pytest.raises(ValueError, match="square"):
        cohen_kappa(bad)


@given(tables)
def test_measures_stay_in_bounds_and_do_not_mind_who_comes_first(rows):
    table = np.array(rows)
    for measure in (percent_agreement, cohen_kappa, gwet_ac1):
        found, mirrored = measure(table), measure(table.T)
        assert found.value == pytest.approx(mirrored.value, abs=1e-9)
        if found.value is not None:
            assert -1 - 1e-9 <= found.value <= 1 + 1e-9
        if found.low is not None:
            assert -1 <= found.low <= found.value + 1e-9
            assert found.value - 1e-9 <= found.high <= 1


@given(tables)
def test_weights_make_no_difference_between_two_categories(rows):
    table = np.array(rows)[:2, :2]
    plain = cohen_kappa(table).value
    for weights in WEIGHTS[1:]:
        assert cohen_kappa(table, weights).value == pytest.approx(plain, abs=1e-12)
