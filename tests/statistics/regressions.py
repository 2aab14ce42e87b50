"""The reference data of the regressions, read once."""

import csv
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tests.statistics.reference import FOLDER


@cache
def columns(name: str) -> dict[str, NDArray[np.str_]]:
    """Columns of a reference data set as text."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


def numbers(name: str, column: str) -> NDArray[np.float64]:
    """One column as numbers."""
    return columns(name)[column].astype(np.float64)


def codes(name: str, column: str) -> NDArray[np.int64]:
    """One column as numbers 0 … k-1 in alphabetical order."""
    return np.unique(columns(name)[column], return_inverse=True)[1].astype(np.int64)
