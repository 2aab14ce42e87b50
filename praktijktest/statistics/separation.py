"""Whether the outcomes of a binary regression are separated, so that no estimate exists.

A logit has no finite maximum where some combination of the regressors tells every outcome,
or tells some and is undecided about the others (Albert & Anderson 1984, Biometrika 71: 1-10).
A linear program finds such a combination where there is one (Konis 2007), which a look at
large coefficients does not.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

TOLERANCE = 1e-7


def separated(x: FloatArray, y: NDArray[np.bool_]) -> bool:
    """Whether a combination of regressors separates positive from negative outcomes.

    Args:
        x: regressors, shape (n, k), of full column rank.
        y: outcomes, shape (n,).
    """
    return one_sided(np.where(y[:, None], x, -x))


def one_sided(rows: FloatArray) -> bool:
    """Whether some combination of the columns is nowhere negative and somewhere positive.

    For a conditional logit the rows are regressors of who was chosen minus those of who was
    not, over all such pairs within the tests.

    Args:
        rows: shape (n, k).
    """
    from scipy.optimize import linprog

    if not len(rows):
        return True
    scale = np.abs(rows).max(axis=0)
    distinct = np.unique(rows / np.where(scale > 0, scale, 1.0), axis=0)
    found = linprog(
        -distinct.sum(axis=0), A_ub=-distinct, b_ub=np.zeros(len(distinct)), bounds=(-1, 1)
    )
    return bool(found.fun is not None and -found.fun > TOLERANCE)
