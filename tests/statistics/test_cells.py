"""The four cells refuse what cannot be counts; results are plain data."""

import json

import numpy as np
import pytest

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.paired import alternative_intervals, estimates, significance


def test_totals_and_swap() -> None:
    cells = Cells(40, 46, 14, 141)
    assert (cells.n, cells.usable, cells.discordant) == (241, 100, 60)
    assert cells.swapped() == Cells(40, 14, 46, 141)
    assert cells.swapped().swapped() == cells
    assert cells.to_dict() == {"both": 40, "only_control": 46, "only_test": 14, "neither": 141}


@pytest.mark.parametrize("wrong", [-1, 1.5, 2.0, "3", None, True, float("nan")])
def test_what_is_not_a_count_is_refused_by_name(wrong: object) -> None:
    with pytest.raises(ValueError, match="'only_test' must be a whole number"):
        Cells(1, 2, wrong, 4)


def test_numpy_integers_become_plain_ones() -> None:
    cells = Cells(*np.array([1, 2, 3, 4]))
    assert all(type(count) is int for count in cells.to_dict().values())


@pytest.mark.parametrize(
    "cells",
    [
        Cells(0, 0, 0, 0),
        Cells(0, 0, 0, 9),
        Cells(9, 0, 0, 0),
        Cells(0, 9, 0, 0),
        Cells(0, 0, 9, 0),
        Cells(0, 1, 0, 0),
        Cells(5, 0, 0, 5),
        Cells(1, 5, 0, 4),
        Cells(10**7, 10**7, 10**7, 10**7),
    ],
)
def test_every_result_is_json_without_nan_or_infinity(cells: Cells) -> None:
    results = (*estimates(cells), *alternative_intervals(cells), *significance(cells))
    for result in results:
        json.dumps(result.to_dict(), allow_nan=False)
