"""Intervals for the paired difference: shape, symmetry, extremes."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.intervals import agresti_min, bonett_price, newcombe, scas, tango
from praktijktest.statistics.proportions import critical_value, wilson
from tests.statistics.tables import CONFIDENCES, SMALL_COUNTS, nonempty_cells

THREE_COUNTS = (tango, bonett_price, agresti_min, scas)
Z = critical_value(0.95)


def every_interval(cells: Cells, confidence: float) -> dict[str, tuple[float, float]]:
    b, c, n = cells.only_control, cells.only_test, cells.n
    found = {f.__name__: f(b, c, n, confidence) for f in THREE_COUNTS}
    return found | {"newcombe": newcombe(cells, confidence)}


@given(nonempty_cells(), CONFIDENCES)
def test_intervals_lie_in_range_and_hold_the_difference(cells: Cells, confidence: float) -> None:
    difference = (cells.only_control - cells.only_test) / cells.n
    for name, (low, high) in every_interval(cells, confidence).items():
        assert -1.0 <= low <= high <= 1.0, name
        if name == "agresti_min" and cells.n < 4:
            continue  # shrinks towards 0 so much that two tests of two can fall outside
        assert low - 1e-12 <= difference <= high + 1e-12, name


@given(nonempty_cells(), CONFIDENCES)
def test_swapping_the_applicants_mirrors_the_interval(cells: Cells, confidence: float) -> None:
    mirrored = every_interval(cells.swapped(), confidence)
    for name, (low, high) in every_interval(cells, confidence).items():
        assert mirrored[name] == pytest.approx((-high, -low), rel=1e-9, abs=1e-14), name


@given(nonempty_cells(), CONFIDENCES)
def test_more_of_the_same_tests_shorten_the_interval(cells: Cells, confidence: float) -> None:
    more = Cells(*(4 * count for count in cells.to_dict().values()))
    longer = every_interval(cells, confidence)
    for name, (low, high) in every_interval(more, confidence).items():
        assert high - low <= (longer[name][1] - longer[name][0]) * (1 + 1e-9), name


@given(nonempty_cells())
def test_a_higher_confidence_gives_a_longer_interval(cells: Cells) -> None:
    wide = every_interval(cells, 0.99)
    for name, (low, high) in every_interval(cells, 0.90).items():
        assert wide[name][0] <= low + 1e-12, name
        assert high <= wide[name][1] + 1e-12, name


@given(nonempty_cells(SMALL_COUNTS), CONFIDENCES)
def test_tango_limits_are_where_the_score_test_stops_rejecting(
    cells: Cells, confidence: float
) -> None:
    b, c, n = cells.only_control, cells.only_test, cells.n
    z = critical_value(confidence)
    for limit in tango(b, c, n, confidence):
        if abs(limit) < 1.0:
            # Constrained likelihood in closed form, written another way than in the package.
            quadratic = (2 * n, -b - c + (2 * n - b + c) * limit, -c * limit * (1 - limit))
            share = max(np.roots(quadratic).real)
            variance = n * (2 * share + limit * (1 - limit))
            assert abs(b - c - n * limit) == pytest.approx(z * np.sqrt(variance), rel=1e-5)


@pytest.mark.parametrize("n", [1, 2, 5, 40, 10_000_000])
def test_tango_without_discordant_tests(n: int) -> None:
    limit = Z**2 / (n + Z**2)
    assert tango(0, 0, n) == pytest.approx((-limit, limit), rel=1e-12)


@pytest.mark.parametrize(("b", "c"), [(1, 0), (0, 7), (46, 14), (10_000_000, 3)])
def test_tango_of_discordant_tests_alone_is_wilson_transformed(b: int, c: int) -> None:
    low, high = wilson(b, b + c)
    assert tango(b, c, b + c) == pytest.approx((2 * low - 1, 2 * high - 1), rel=1e-12)


def test_tango_is_continuous_where_the_closed_form_takes_over() -> None:
    # One concordant test more or less among ten million cannot matter.
    closed, searched = tango(6_000_000, 4_000_000, 10**7), tango(6_000_000, 4_000_000, 10**7 + 1)
    assert closed == pytest.approx(searched, abs=1e-6)


def test_limits_near_zero_keep_their_relative_precision() -> None:
    low, high = tango(1, 0, 10_000_000)
    # With rare discordant tests the score interval solves (1 - x)² = z² x or z² (2 share + x).
    roots = np.roots([1.0, -(2.0 + Z**2), 1.0])
    assert high * 1e7 == pytest.approx(max(roots), rel=1e-6)
    assert -1e-6 < low < 0.0


@pytest.mark.parametrize("function", THREE_COUNTS)
@pytest.mark.parametrize(("b", "c", "n"), [(1, 1, 1), (-1, 0, 3), (0, -1, 3), (0, 0, 0)])
def test_impossible_counts_are_refused(function: object, b: int, c: int, n: int) -> None:
    with pytest.raises(ValueError, match="Cannot make an interval"):
        function(b, c, n)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.5, 95, float("nan")])
def test_impossible_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence level"):
        tango(1, 2, 5, confidence)
    with pytest.raises(ValueError, match="confidence level"):
        newcombe(Cells(1, 2, 3, 4), confidence)


def test_tango_covers_its_level_in_small_samples() -> None:
    """Exact coverage at n = 20, averaged over a grid of truths: close to 95 %."""
    n = 20
    triples = [(b, c) for b, c in product(range(n + 1), repeat=2) if b + c <= n]
    limits = np.array([tango(b, c, n) for b, c in triples])
    b, c = np.array(triples).T
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    coefficient = log_factorial[n] - log_factorial[b] - log_factorial[c] - log_factorial[n - b - c]
    covered = []
    for p10, p01 in product(np.arange(0.05, 0.5, 0.05), repeat=2):
        chance = np.exp(
            coefficient + b * np.log(p10) + c * np.log(p01) + (n - b - c) * np.log1p(-p10 - p01)
        )
        inside = (limits[:, 0] <= p10 - p01) & (p10 - p01 <= limits[:, 1])
        covered.append(chance[inside].sum())
    assert np.mean(covered) == pytest.approx(0.95, abs=0.01)
    assert min(covered) > 0.91
