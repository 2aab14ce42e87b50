"""The measure of a whole round with each target left out in turn."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

MEASURES: Final = (
    "net_rate_usable",
    "net_rate_all",
    "net_rate_discordant",
    "gross_rate_usable",
    "gross_rate_all",
    "discordance_rate",
    "response_rate_control",
    "response_rate_test",
    "response_ratio",
    "odds_ratio_conditional",
)
"""Every measure of four cells, by its name in the analysis document."""


def values_without_each(counts: ArrayLike, name: str) -> FloatArray:
    """A measure of all targets but one, for every target.

    Args:
        counts: both, only_control, only_test, neither of every target; shape (targets, 4).
        name: one of `MEASURES`.

    Returns:
        Shape (targets,); NaN where nothing would be left to divide by.

    Raises:
        KeyError: there is no such measure.
        ValueError: the counts do not have four columns.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != 4:
        raise ValueError(f"Counts per target need four columns, not shape {table.shape}.")
    both, control, test, neither = (table.sum(axis=0) - table).T
    discordant = control + test
    usable, n = both + discordant, both + discordant + neither
    parts = {
        "net_rate_usable": (control - test, usable),
        "net_rate_all": (control - test, n),
        "net_rate_discordant": (control - test, discordant),
        "gross_rate_usable": (control, usable),
        "gross_rate_all": (control, n),
        "discordance_rate": (discordant, n),
        "response_rate_control": (both + control, n),
        "response_rate_test": (both + test, n),
        "response_ratio": (both + test, both + control),
        "odds_ratio_conditional": (control, test),
    }
    top, bottom = parts[name]
    found: FloatArray = np.full(len(table), np.nan)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return found
