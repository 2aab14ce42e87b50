"""Waiting curves against statsmodels, and measures with one target left out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.one_target_out import values_without_each
from praktijktest.statistics.paired import estimates
from praktijktest.statistics.waiting import waiting_curve, waits_within


@pytest.mark.parametrize("seed", range(4))
def test_the_product_limit_curve_is_that_of_statsmodels(seed: int) -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    chance = np.random.default_rng(seed)
    waits = np.round(chance.exponential(5, 60), 1)
    replied = chance.random(60) < 0.6
    found, theirs = waiting_curve(waits, replied), SurvfuncRight(waits, replied)
    np.testing.assert_allclose(found.times, theirs.surv_times)
    np.testing.assert_allclose(found.waiting, theirs.surv_prob)
    reached = np.flatnonzero(theirs.surv_prob <= 0.5)
    assert found.median == (theirs.surv_times[reached[0]] if len(reached) else None)


def test_with_one_window_the_curve_counts_those_who_wait() -> None:
    waits, replied = [1, 2, 2, 14, 14], [True, True, True, False, False]
    found = waiting_curve(waits, replied)
    assert found.times.tolist() == [1, 2]
    assert found.waiting == pytest.approx([0.8, 0.4])
    assert found.median == 2
    assert waits_within(waits, replied, 14).mean() == pytest.approx(33 / 5)


def test_nobody_replied_and_waits_that_cannot_be() -> None:
    assert waiting_curve([14, 14], [False, False]).median is None
    with pytest.raises(ValueError, match="negative"):
        waiting_curve([-1], [True])
    with pytest.raises(ValueError, match="followed"):
        waits_within([3], [False], 14)
    with pytest.raises(ValueError, match="fit"):
        waiting_curve([1, 2], [True])


@given(st.lists(st.tuples(*[st.integers(0, 5)] * 4), min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_each_target_left_out_is_the_table_without_it(rows: list) -> None:
    table = np.array(rows)
    for place in range(len(table)):
        rest = Cells(*(int(n) for n in np.delete(table, place, axis=0).sum(axis=0)))
        for estimate in estimates(rest):
            found = values_without_each(table, estimate.name)[place]
            if estimate.value is None:
                assert np.isnan(found)
            else:
                assert found == pytest.approx(estimate.value, abs=1e-12)


def test_counts_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="four columns"):
        values_without_each([[1, 2, 3]], "net_rate_all")
