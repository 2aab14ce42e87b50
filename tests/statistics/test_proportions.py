"""Intervals for one proportion: shape, edges, published values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.statistics.proportions import (
    agresti_coull,
    clopper_pearson,
    jeffreys,
    wilson,
    wilson_cc,
)
from tests.statistics.tables import CONFIDENCES

INSIDE = (wilson, wilson_cc, clopper_pearson, jeffreys)
X_OF_N = st.one_of(st.integers(1, 30), st.integers(1, 10_000_000)).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.just(n))
)


@given(X_OF_N, CONFIDENCES)
def test_intervals_lie_in_range_and_hold_the_proportion(
    counts: tuple[int, int], confidence: float
) -> None:
    x, n = counts
    for function in INSIDE:
        low, high = function(x, n, confidence)
        assert 0.0 <= low <= high <= 1.0, function.__name__
        if function is jeffreys and x in (1, n - 1):
            continue  # at low confidence a Jeffreys limit can pass the estimate next to an edge
        assert low <= x / n * (1 + 1e-9), function.__name__
        assert x / n <= high * (1 + 1e-9), function.__name__


@given(X_OF_N, CONFIDENCES)
def test_counting_the_other_outcome_mirrors_the_interval(
    counts: tuple[int, int], confidence: float
) -> None:
    x, n = counts
    for function in (*INSIDE, agresti_coull):
        low, high = function(x, n, confidence)
        mirrored = function(n - x, n, confidence)
        assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9), function.__name__


@given(X_OF_N, CONFIDENCES)
def test_clopper_pearson_and_the_correction_only_lengthen(
    counts: tuple[int, int], confidence: float
) -> None:
    x, n = counts
    low, high = wilson(x, n, confidence)
    corrected = wilson_cc(x, n, confidence)
    assert corrected[0] <= low * (1 + 1e-12)
    assert high <= corrected[1] * (1 + 1e-12)


@pytest.mark.parametrize("function", INSIDE)
def test_limits_are_pinned_at_the_edges(function: object) -> None:
    assert function(0, 17)[0] == 0.0
    assert function(17, 17)[1] == 1.0


@pytest.mark.parametrize(
    ("function", "limits"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857-872, Table I: 81 of 263.
        (wilson, (0.2553, 0.3662)),
        (wilson_cc, (0.2535, 0.3682)),
        (clopper_pearson, (0.2527, 0.3676)),
    ],
)
def test_published_example(function: object, limits: tuple[float, float]) -> None:
    assert function(81, 263) == pytest.approx(limits, abs=5.1e-5)


@pytest.mark.parametrize("function", [*INSIDE, agresti_coull])
@pytest.mark.parametrize(("x", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(function: object, x: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"{x} out of {n}"):
        function(x, n)
