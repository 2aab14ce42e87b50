"""Two groups within strata, against R and against one stratum by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.mantel_haenszel import mantel_haenszel
from praktijktest.statistics.mcnemar import chi2_p
from tests.statistics import reference


@pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)
def test_four_cities_of_r() -> None:
    entry = reference.entries()["cmh_pairs"]
    r = entry["outputs"]
    tables = list(zip(*(entry["inputs"][name] for name in "abcd"), strict=True))
    found = mantel_haenszel(tables)
    assert found.statistic == pytest.approx(r["chi2"], abs=1e-9)
    assert found.p == pytest.approx(r["p"], abs=1e-9)
    assert found.statistic_cc == pytest.approx(r["chi2_cc"], abs=1e-9)
    assert found.p_cc == pytest.approx(r["p_cc"], abs=1e-9)
    assert found.odds_ratio == pytest.approx(r["or"], abs=1e-9)
    assert (found.low, found.high) == pytest.approx(r["ci"], abs=1e-9)


@given(st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=40, deadline=None)
def test_strata_of_one_pair_are_mcnemar(b: int, c: int) -> None:
    """Every pair a stratum: (b - c)² / (b + c) and the conditional odds ratio."""
    tables = [[1, 0, 0, 1]] * b + [[0, 1, 1, 0]] * c + [[1, 0, 1, 0], [0, 1, 0, 1]]
    found = mantel_haenszel(tables)
    assert found.strata == b + c
    if b + c:
        assert found.statistic == pytest.approx((b - c) ** 2 / (b + c))
        assert found.p == pytest.approx(chi2_p((b - c) ** 2 / (b + c)))
    else:
        assert (found.statistic, found.p) == (None, 1.0)
    assert found.odds_ratio == (pytest.approx(b / c) if c and b + c else None)


def test_wrong_tables() -> None:
    with pytest.raises(ValueError, match="four counts"):
        mantel_haenszel([[1, 2, 3]])
