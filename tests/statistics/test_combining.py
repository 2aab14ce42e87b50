"""Combined p-values: R's numbers and edges."""

from collections.abc import Callable

import pytest
from numpy.typing import ArrayLike

from praktijktest.statistics.combining import Combined, fisher_combined, stouffer_combined
from tests.statistics import reference


def test_as_r_computes_them() -> None:
    entry = reference.entries().get("pcombine")
    if entry is None:
        pytest.skip(reference.ABSENT)
    p, expected = entry["inputs"]["p"], entry["outputs"]
    fisher, stouffer = fisher_combined(p), stouffer_combined(p)
    assert fisher.statistic == pytest.approx(expected["fisher_chi2"], rel=1e-12)
    assert fisher.p == pytest.approx(expected["fisher_p"], rel=1e-12)
    assert stouffer.statistic == pytest.approx(expected["stouffer_z"], rel=1e-12)
    assert stouffer.p == pytest.approx(expected["stouffer_p"], rel=1e-12)


@pytest.mark.parametrize("combined", [fisher_combined, stouffer_combined])
def test_edges(combined: Callable[[ArrayLike], Combined]) -> None:
    assert combined([]).p == 1.0
    assert combined([0.2]).p == pytest.approx(0.2)
    assert combined([0.0, 0.5]).p == 0.0
    assert combined([1.0, 1.0]).p == 1.0
    for wrong in ([1.1], [float("nan")], [[0.1]]):
        with pytest.raises(ValueError, match="P-values"):
            combined(wrong)
