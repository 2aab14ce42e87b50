"""Regressors in units of their own spread, for fits that search for a maximum step by step.

A rent in euros beside a group of zeros and ones makes a likelihood that is a thousand times
steeper in one direction than in another; a search then stops before the top.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]


def standardised(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Columns other than zeros and ones, centred (where there is a constant) and scaled.

    Args:
        x: regressors, shape (n, k); a constant comes first.

    Returns:
        The regressors, shape (n, k), and the matrix, shape (k, k), that takes their
        coefficients back to those of `x`.
    """
    constant = bool((x[:, 0] == 1).all())
    spread = x.std(axis=0)
    moved = ~np.isin(x, (0.0, 1.0)).all(axis=0) & (spread > 0)
    centre = np.where(moved & constant, x.mean(axis=0), 0.0)
    scale = np.where(moved, spread, 1.0)
    back = np.diag(1.0 / scale)
    if constant:
        back[0] -= centre / scale
    return (x - centre) / scale, back
