"""Independent groups against scipy, R and print; Cochran's Q against R."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from praktijktest.statistics.cochran import cochran_q
from praktijktest.statistics.unpaired import (
    Groups,
    newcombe,
    pearson,
    unpaired_estimates,
    unpaired_significance,
)
from tests.statistics import reference

RESUME = Groups(235, 2435, 157, 2435)
"""Call-backs of white and black names (Bertrand & Mullainathan 2004, American Economic Review)."""


def counts(most: int = 30) -> st.SearchStrategy[Groups]:
    one = st.integers(0, most).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    return st.tuples(one, one).map(lambda pair: Groups(*pair[0], *pair[1]))


def test_names_on_resumes() -> None:
    found = {e.name: e for e in unpaired_estimates(RESUME)}
    assert found["response_rate_control"].value == pytest.approx(0.0965, abs=5e-5)
    assert found["response_rate_test"].value == pytest.approx(0.0645, abs=5e-5)
    assert 1 / found["response_ratio"].value == pytest.approx(1.50, abs=0.005)
    tests = {test.name: test for test in unpaired_significance(RESUME)}
    assert tests["chi2"].statistic == pytest.approx(16.879, abs=5e-4)
    assert tests["chi2"].p == pytest.approx(3.98e-5, rel=2e-3)
    assert tests["chi2_cc"].statistic == pytest.approx(16.449, abs=5e-4)


@given(counts())
@settings(max_examples=80, deadline=None)
def test_fisher_and_chi_square_are_those_of_scipy(groups: Groups) -> None:
    table = [
        [groups.control_positive, groups.control - groups.control_positive],
        [groups.test_positive, groups.test - groups.test_positive],
    ]
    tests = {test.name: test for test in unpaired_significance(groups)}
    if tests["chi2"].p is None:
        return
    assert tests["fisher_exact"].p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)
    for name, corrected in (("chi2", False), ("chi2_cc", True)):
        expected = stats.chi2_contingency(table, correction=corrected)
        assert tests[name].statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert tests["fisher_midp"].p <= tests["fisher_exact"].p


@given(counts())
@settings(max_examples=80, deadline=None)
def test_swapping_the_groups_turns_everything_round(groups: Groups) -> None:
    there = {e.name: e for e in unpaired_estimates(groups)}
    turned = Groups(groups.test_positive, groups.test, groups.control_positive, groups.control)
    back = {e.name: e for e in unpaired_estimates(turned)}
    if there["rate_difference"].value is not None:
        assert back["rate_difference"].value == pytest.approx(-there["rate_difference"].value)
        assert back["rate_difference"].low == pytest.approx(-there["rate_difference"].high)
        assert there["rate_difference"].low <= there["rate_difference"].value
    if there["odds_ratio"].low is not None:
        assert back["odds_ratio"].value == pytest.approx(1 / there["odds_ratio"].value)
    for one, other in zip(
        unpaired_significance(groups), unpaired_significance(turned), strict=True
    ):
        assert one.p == pytest.approx(other.p, abs=1e-12) if one.p is not None else other.p is None


def test_newcombe_by_the_examples_of_his_paper() -> None:
    """Newcombe 1998 (b), table II, method 10: 56/70 - 48/80 and 0/10 - 0/10."""
    assert newcombe(Groups(48, 80, 56, 70)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe(Groups(0, 10, 0, 10)) == pytest.approx((-0.2775, 0.2775), abs=5e-5)


def test_an_empty_group_has_no_rate_and_no_test() -> None:
    found = {e.name: e for e in unpaired_estimates(Groups(3, 10, 0, 0))}
    assert found["response_rate_control"].value == 0.3
    assert found["response_rate_test"].value is None
    assert found["rate_difference"].value is None
    assert all(test.p is None for test in unpaired_significance(Groups(3, 10, 0, 0)))
    with pytest.raises(ValueError, match="out of"):
        Groups(3, 2, 0, 0)


def test_chi_square_of_several_groups() -> None:
    table = np.array([[12, 30], [20, 25], [9, 33], [0, 0]])
    statistic, degrees = pearson(table)
    expected = stats.chi2_contingency(table[:3], correction=False)
    assert (statistic, degrees) == (pytest.approx(expected.statistic), expected.dof)


@pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)
def test_cochrans_q() -> None:
    entry = reference.entries()["cochranq"]
    replies = np.array(entry["inputs"]["rows"]).reshape(-1, 3) > 0
    found = cochran_q(replies)
    assert found.statistic == pytest.approx(entry["outputs"]["Q"], rel=1e-9)
    assert found.p == pytest.approx(entry["outputs"]["p"], rel=1e-9)
    assert found.p_dealt == pytest.approx(found.p, abs=0.02)
    assert found.tests == 10


def test_two_levels_are_mcnemar_and_equal_treatment_is_nothing() -> None:
    replies = np.array([[1, 0]] * 9 + [[0, 1]] * 2 + [[1, 1]] * 5) > 0
    assert cochran_q(replies).statistic == pytest.approx((9 - 2) ** 2 / 11)
    assert cochran_q(np.ones((4, 3), dtype=bool)).p is None
    assert cochran_q(np.zeros((0, 3), dtype=bool)).statistic is None
