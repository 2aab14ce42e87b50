"""Do small studies show more than large ones? Asymmetry of a meta-analysis.

Small studies that show little are less often published, so that a pooled effect may be too
large. Both checks have little power with few studies and are not made below ten (Sterne et al.
2011, BMJ 343:d4002). Asymmetry has other causes too.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.statistics.pooling import Coefficient, pool
from praktijktest.statistics.sandwich import rank_of

FloatArray = NDArray[np.floating[Any]]

FEWEST = 10


@dataclass(frozen=True, slots=True)
class SmallStudies:
    """Whether effects go with their standard errors.

    Attributes:
        studies: how many effects were looked at.
        tau, rank_p: Kendall's rank correlation of standardised effects and variances, and its
            p-value (Begg & Mazumdar 1994).
        slope: effect per unit of standard error, in a random-effects regression (Egger et al.
            1997); None where all standard errors are equal.
    """

    studies: int
    tau: float
    rank_p: float
    slope: Coefficient | None


def small_studies(
    values: FloatArray, variances: FloatArray, *, confidence: float = 0.95
) -> SmallStudies | None:
    """Look for small-study effects; None below ten studies or with equal variances.

    Args:
        values: one effect per study, shape (k,).
        variances: their sampling variances, all above 0.
        confidence: of the slope's limits.
    """
    from scipy.stats import kendalltau

    k = len(values)
    errors = np.sqrt(variances)
    if k < FEWEST or rank_of(np.column_stack([np.ones(k), errors])) < 2:
        return None
    weights = 1 / variances
    mean = float((weights * values).sum() / weights.sum())
    standardised = (values - mean) / np.sqrt(variances - 1 / weights.sum())
    found = kendalltau(standardised, variances)
    if not np.isfinite(found.statistic):
        return None
    slope = pool(
        values, variances, moderator=errors, moderator_name="standard error", confidence=confidence
    ).coefficients[1]
    return SmallStudies(k, float(found.statistic), float(found.pvalue), slope)
