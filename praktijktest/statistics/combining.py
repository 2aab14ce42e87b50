"""One p-value from several independent ones: the same question asked in several waves.

Both methods ask whether any of the hypotheses is wrong. Tested against `pcombine` (R package
metap).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, ndtr, ndtri

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Combined:
    """A combined test.

    Attributes:
        statistic: chi-square (Fisher) or z (Stouffer); None without p-values or where a
            p-value of 0 or 1 makes it infinite.
        p: combined p-value; 1 without p-values.
    """

    statistic: float | None
    p: float


def fisher_combined(p: ArrayLike) -> Combined:
    """Fisher's method: -2 Σ log p is chi-square with two degrees of freedom per p-value.

    Raises:
        ValueError: a p-value lies outside [0, 1] or is missing.
    """
    values = _checked(p)
    if not len(values):
        return Combined(None, 1.0)
    if (values == 0.0).any():
        return Combined(None, 0.0)
    half = -float(np.log(values).sum())
    return Combined(2.0 * half, float(gammaincc(len(values), half)))


def stouffer_combined(p: ArrayLike) -> Combined:
    """Stouffer's method, unweighted: the normal scores added up.

    A p-value of 1 says that nothing speaks against the hypothesis and decides alone, unless
    another is 0: then the two contradict each other and the combined p is 1 as well.

    Raises:
        ValueError: a p-value lies outside [0, 1] or is missing.
    """
    values = _checked(p)
    if not len(values) or (values == 1.0).any():
        return Combined(None, 1.0)
    if (values == 0.0).any():
        return Combined(None, 0.0)
    z = -float(ndtri(values).sum()) / len(values) ** 0.5
    return Combined(z, float(ndtr(-z)))


def _checked(p: ArrayLike) -> FloatArray:
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1 or not ((values >= 0.0) & (values <= 1.0)).all():
        raise ValueError("P-values must be one row of numbers from 0 to 1.")
    return values
