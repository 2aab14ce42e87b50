"""Response ratio and conditional odds ratio: symmetry, edges, extremes."""

import pytest
from hypothesis import given

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.proportions import clopper_pearson, critical_value
from praktijktest.statistics.ratios import (
    Limits,
    bonett_price_ratio,
    conditional_odds_ratio,
    tang,
)
from tests.statistics.tables import CONFIDENCES, cells, nonempty_cells

Z = critical_value(0.95)


def inverted(limits: Limits) -> Limits:
    """Limits of 1 / ratio; no upper limit stands for infinity."""
    low, high = limits
    return (
        0.0 if high is None else 1.0 / high,
        None if low in (0.0, None) else 1.0 / low,
    )


def assert_same(first: Limits, second: Limits) -> None:
    for one, other in zip(first, second, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            assert one == pytest.approx(other, rel=1e-9)


@given(nonempty_cells(), CONFIDENCES)
def test_swapping_the_applicants_inverts_the_response_ratio(
    table: Cells, confidence: float
) -> None:
    for function in (bonett_price_ratio, tang):
        limits = function(table, confidence)
        if table.usable:
            assert_same(function(table.swapped(), confidence), inverted(limits))


@given(cells(), CONFIDENCES)
def test_swapping_the_applicants_inverts_the_odds_ratio(table: Cells, confidence: float) -> None:
    limits = conditional_odds_ratio(table, confidence)
    if table.discordant:
        assert_same(conditional_odds_ratio(table.swapped(), confidence), inverted(limits))


@given(nonempty_cells(), CONFIDENCES)
def test_intervals_hold_the_ratio(table: Cells, confidence: float) -> None:
    control, test = table.both + table.only_control, table.both + table.only_test
    if not control:
        return
    for function in (bonett_price_ratio, tang):
        low, high = function(table, confidence)
        assert low is not None
        assert low <= test / control * (1 + 1e-9)
        assert high is None or test / control <= high * (1 + 1e-9)


@given(nonempty_cells())
def test_tests_without_any_reply_do_not_matter(table: Cells) -> None:
    fewer = Cells(table.both, table.only_control, table.only_test, 0)
    for function in (bonett_price_ratio, tang, conditional_odds_ratio):
        assert function(table) == function(fewer)


@given(nonempty_cells(), CONFIDENCES)
def test_tang_limits_are_where_the_score_test_stops_rejecting(
    table: Cells, confidence: float
) -> None:
    z = critical_value(confidence)
    n, positive = table.n, table.usable
    first, second = table.both + table.only_test, table.both + table.only_control
    for limit in tang(table, confidence):
        if not limit or limit > 1e4 or limit < 1e-4 or not table.discordant:
            continue
        # The score as Fagerland, Lydersen & Laake (2017) print it.
        a = n * (1 + limit)
        b = second * limit**2 - (first + 2 * table.only_control)
        c = table.only_control * (1 - limit) * positive / n
        share = (-b + (b * b - 4 * a * c) ** 0.5) / (2 * a)
        variance = n * (1 + limit) * share + positive * (limit - 1)
        score = (first - limit * second) ** 2
        assert score == pytest.approx(z**2 * variance, rel=1e-4, abs=1e-3)


def test_nobody_discordant() -> None:
    assert_same(tang(Cells(50, 0, 0, 9)), (50 / (50 + Z**2), (50 + Z**2) / 50))
    assert conditional_odds_ratio(Cells(50, 0, 0, 9)) == (None, None)


@pytest.mark.parametrize("function", [bonett_price_ratio, tang])
def test_edges_of_the_response_ratio(function: object) -> None:
    nobody = function(Cells(0, 0, 0, 12))
    assert nobody == (None, None)
    low, high = function(Cells(0, 8, 0, 4))
    assert low == 0.0
    assert 0.0 < high < 1.0
    low, high = function(Cells(0, 0, 8, 4))
    assert low > 1.0
    assert high is None


def test_edges_of_the_odds_ratio() -> None:
    low, high = conditional_odds_ratio(Cells(3, 5, 0, 2))
    share = clopper_pearson(5, 5)[0]
    assert low == pytest.approx(share / (1 - share), rel=1e-12)
    assert high is None
    assert conditional_odds_ratio(Cells(3, 0, 5, 2))[0] == 0.0


def test_ten_million_tests() -> None:
    many = 10**7
    low, high = conditional_odds_ratio(Cells(0, many, 1, 0))
    assert 0.0 < low < many < high
    assert_same(inverted((low, high)), conditional_odds_ratio(Cells(0, 1, many, 0)))


@pytest.mark.parametrize("function", [bonett_price_ratio, tang, conditional_odds_ratio])
@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_impossible_confidence_is_refused(function: object, confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence level"):
        function(Cells(1, 2, 3, 4), confidence)
