"""Cumulative discrimination over stages against the published tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.intervals import tango
from praktijktest.statistics.stages import StageCounts, cumulative

FRANCE = (
    # 1,100 usable tests: 212 interviews and 238 waiting lists for both, and who alone got on.
    StageCounts("contact", Cells(212, 507, 143, 238), waiting=238),
    StageCounts("waiting list", Cells(20, 167, 51, 0)),
    StageCounts("interview", Cells(29, 93, 13, 77)),
    StageCounts("interview after waiting", Cells(9, 3, 2, 6)),
)


def test_france() -> None:
    """Cediey & Foroni 2007: 33.1, 10.5, 7.2, 0.1 and together 51.0 % of 1,100 tests.

    80 of 1,100 is 7.27 %; the publication prints 7.2.
    """
    found = cumulative(FRANCE)
    assert found.usable == 1100
    nets = [stage.net for stage in found.stages]
    assert nets == pytest.approx([0.331, 0.105, 0.0727, 0.001], abs=5e-4)
    assert found.net == pytest.approx(0.510, abs=5e-4)
    assert found.stages[-1].cumulative == found.net
    assert [stage.counts.cells.n for stage in found.stages] == [1100, 238, 212, 20]


def test_the_netherlands() -> None:
    """Moroccan men: 66 against 3 on 165 usable tests."""
    found = cumulative(
        [
            StageCounts("contact", Cells(122, 43, 0, 92)),
            StageCounts("interview", Cells(43, 17, 2, 60)),
            StageCounts("offer", Cells(1, 6, 1, 9)),
        ]
    )
    assert (found.cells.only_control, found.cells.only_test, found.usable) == (66, 3, 165)
    assert found.net == pytest.approx(0.382, abs=5e-4)
    assert (found.low, found.high) == tango(66, 3, 165)
    assert found.cells == Cells(96, 66, 3, 92)


@given(*[st.integers(0, 50)] * 4)
def test_one_stage_is_the_net_rate(a: int, b: int, c: int, d: int) -> None:
    found = cumulative([StageCounts("contact", Cells(a, b, c, d))])
    assert found.cells == Cells(a, b, c, d)
    if a + b + c:
        assert found.net == pytest.approx((b - c) / (a + b + c))
        assert found.stages[0].net_here == found.net
    else:
        assert found.net is None


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="at least one"):
        cumulative([])
    with pytest.raises(ValueError, match="wait"):
        StageCounts("contact", Cells(1, 1, 1, 1), waiting=2)
    later = StageCounts("interview", Cells(0, 4, 0, 0))
    with pytest.raises(ValueError, match="'interview'"):
        cumulative([StageCounts("contact", Cells(2, 1, 1, 0)), later])
