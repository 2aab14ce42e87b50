"""Figures in data units."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.reporting.blocks import Estimated
from praktijktest.reporting.figures import PICTURES, axis, four_cells
from tests.reporting.documents import NAMES, contrast

counts = st.tuples(*[st.integers(0, 5000)] * 4).filter(lambda cells: sum(cells) > 0)


@given(counts)
def test_pictures_are_the_tests_or_a_hundred_of_them(cells: tuple[int, int, int, int]) -> None:
    entry = contrast("c", "origin", ("a", "b"), (1, 0, 0, 0))
    entry |= {"cells": dict(zip(NAMES, cells, strict=True)), "n": sum(cells)}
    figure = four_cells(entry)
    total = sum(cells)
    assert figure.counts == cells
    if total <= PICTURES:
        assert figure.exact
        assert figure.pictures == cells
        return
    assert sum(figure.pictures) == PICTURES
    for picture, count in zip(figure.pictures, cells, strict=True):
        assert abs(picture - 100 * count / total) < 1


def test_the_washington_audit_in_a_hundred_pairs() -> None:
    figure = four_cells(contrast("c", "origin", ("white", "black"), (40, 46, 14, 141)))
    assert figure.pictures == (17, 19, 6, 58)


ends = st.floats(-1, 1, allow_nan=False)


@given(st.lists(st.tuples(ends, ends, ends), max_size=20))
def test_an_axis_holds_every_interval_and_zero_on_round_ticks(
    found: list[tuple[float, float, float]],
) -> None:
    estimates = [Estimated(e[1], e[0], e[2]) for e in (sorted(entry) for entry in found)]
    low, high, ticks = axis(estimates)
    assert low < high
    assert (ticks[0], ticks[-1]) == (low, high)
    assert 0 in ticks
    assert 2 <= len(ticks) <= 8
    steps = {round(b - a, 9) for a, b in pairwise(ticks)}
    assert len(steps) == 1
    for entry in estimates:
        assert entry.low is not None
        assert entry.high is not None
        assert low - 1e-9 <= entry.low
        assert entry.high <= high + 1e-9


@pytest.mark.parametrize("nothing", [[], [Estimated(None, None, None)], [Estimated(0.0, 0.0, 0.0)]])
def test_an_axis_without_numbers_is_an_axis(nothing: list[Estimated]) -> None:
    low, high, _ = axis(nothing)
    assert (low, high) == (-0.1, 0.1)
