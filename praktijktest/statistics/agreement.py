"""How far two coders agree, from the table of their codes.

A table is square: entry (i, j) counts the units that the first coder gave category i and
the second category j. Categories keep one order for rows and columns. For more than two
coders, or units that not everybody coded, see `krippendorff`.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praktijktest.statistics.proportions import critical_value, wilson

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Weights = Literal["unweighted", "linear", "quadratic"]

WEIGHTS: Final[tuple[Weights, ...]] = ("unweighted", "linear", "quadratic")
MISSING: Final = -1
"""The code of a unit that a coder did not code."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One measure of agreement.

    Attributes:
        name: "percent_agreement", "cohen_kappa", "cohen_kappa_linear",
            "cohen_kappa_quadratic", "gwet_ac1", "krippendorff_alpha_nominal" or
            "krippendorff_alpha_ordinal".
        value: the measure; 1 is full agreement, 0 for the chance-corrected ones is what
            chance gives. None where it does not exist: no unit, or one category alone.
        low, high: ends of the interval; None where it does not exist. Where no unit is coded
            differently, a chance-corrected measure has no interval: its variance comes out 0.
        confidence: confidence level of the interval.
        n: units with at least two codes.
        method: how the interval was made: "wilson", "analytic" or "bootstrap".
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    confidence: float
    n: int
    method: str

    def to_dict(self) -> dict[str, Any]:
        """The measure as plain data."""
        return {
            "name": self.name,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "confidence": self.confidence,
            "n": self.n,
            "method": self.method,
        }


def confusion_table(first: ArrayLike, second: ArrayLike, categories: int) -> IntArray:
    """The table of two coders; units that one of them did not code are left out.

    Args:
        first: index of the category of every unit, `MISSING` where not coded; shape (units,).
        second: the same of the other coder.
        categories: how many categories there are.

    Returns:
        Counts; shape (categories, categories).
    """
    one, other = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    coded = (one != MISSING) & (other != MISSING)
    pairs = one[coded] * categories + other[coded]
    return np.bincount(pairs, minlength=categories**2).reshape(categories, categories)


def percent_agreement(table: ArrayLike, confidence: float = 0.95) -> Agreement:
    """Share of the units with the same code from both, with its Wilson interval."""
    counts = _square(table)
    n, same = int(counts.sum()), int(np.trace(counts))
    if n == 0:
        return _absent("percent_agreement", confidence, 0, "wilson")
    low, high = wilson(same, n, confidence)
    return Agreement("percent_agreement", same / n, low, high, confidence, n, "wilson")


def cohen_kappa(
    table: ArrayLike, weights: Weights = "unweighted", confidence: float = 0.95
) -> Agreement:
    """Cohen's kappa, weighted or not, with the large-sample interval.

    Cohen (1960, 1968); the variance is that of Fleiss, Cohen & Everitt (1969, Psychological
    Bulletin 72:323-327) for intervals, which does not suppose that kappa is 0. Linear weights
    take off |i - j| / (k - 1) for a disagreement, quadratic ones its square, so the order of
    the categories counts. Ends of the interval stay inside [-1, 1].

    Tested against statsmodels, the delta method and published tables.

    Args:
        table: counts; shape (categories, categories).
        weights: how near misses count.
        confidence: confidence level of the interval.

    Raises:
        ValueError: the table is not square or has negative counts.
    """
    counts = _square(table)
    name = "cohen_kappa" if weights == "unweighted" else f"cohen_kappa_{weights}"
    n = int(counts.sum())
    if n == 0:
        return _absent(name, confidence, 0, "analytic")
    shares = counts / n
    credit = agreement_weights(len(counts), weights)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed = float((credit * shares).sum())
    expected = float(rows @ credit @ columns)
    if np.isclose(expected, 1.0, rtol=0.0, atol=1e-12):
        return _absent(name, confidence, n, "analytic")
    kappa = (observed - expected) / (1.0 - expected)
    mean_credit = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    spread = credit * (1.0 - expected) - mean_credit * (1.0 - observed)
    centre = observed * expected - 2.0 * expected + observed
    variance = float((shares * spread**2).sum() - centre**2) / (n * (1.0 - expected) ** 4)
    return _normal(name, kappa, variance, confidence, n, same=bool(np.trace(counts) == n))


def gwet_ac1(table: ArrayLike, confidence: float = 0.95) -> Agreement:
    """Gwet's AC1, which stays near the share of agreement where one category prevails.

    Gwet (2008, British Journal of Mathematical and Statistical Psychology 61:29-48), with
    his variance. Only categories that somebody used count.

    Args:
        table: counts; shape (categories, categories).
        confidence: confidence level of the interval.

    Raises:
        ValueError: the table is not square or has negative counts.
    """
    counts = _square(table)
    used = (counts.sum(axis=0) + counts.sum(axis=1)) > 0
    counts = counts[np.ix_(used, used)]
    n, categories = int(counts.sum()), len(counts)
    if n == 0 or categories < 2:
        return _absent("gwet_ac1", confidence, n, "analytic")
    shares = counts / n
    mean = (shares.sum(axis=1) + shares.sum(axis=0)) / 2.0
    observed = float(np.trace(shares))
    expected = float((mean * (1.0 - mean)).sum()) / (categories - 1)
    value = (observed - expected) / (1.0 - expected)
    rest = 1.0 - (mean[:, None] + mean[None, :]) / 2.0
    on_diagonal = float((np.diag(shares) * (1.0 - mean)).sum()) / (categories - 1)
    everywhere = float((shares * rest**2).sum()) / (categories - 1) ** 2
    bracket = (
        observed * (1.0 - observed)
        - 4.0 * (1.0 - value) * (on_diagonal - observed * expected)
        + 4.0 * (1.0 - value) ** 2 * (everywhere - expected**2)
    )
    variance = bracket / (n * (1.0 - expected) ** 2)
    return _normal("gwet_ac1", value, variance, confidence, n, same=bool(np.trace(counts) == n))


def specific_agreement(table: ArrayLike) -> FloatArray:
    """Agreement on each category: of all times it was given, how often by both.

    2 n_kk / (n_k+ + n_+k) (Dice 1945; Spitzer & Fleiss 1974). NaN for a category that
    nobody used; shape (categories,).
    """
    counts = _square(table)
    given = counts.sum(axis=1) + counts.sum(axis=0)
    found = np.full(len(counts), np.nan)
    np.divide(2.0 * np.diag(counts), given, out=found, where=given > 0)
    return found


def against_rest(table: ArrayLike, category: int) -> IntArray:
    """The 2 × 2 table of one category against all others together."""
    counts = _square(table)
    both = counts[category, category]
    first = counts[category].sum() - both
    second = counts[:, category].sum() - both
    return np.array([[both, first], [second, counts.sum() - both - first - second]])


def agreement_weights(categories: int, weights: Weights) -> FloatArray:
    """How much a pair of codes counts as agreement, 1 on the diagonal; shape (k, k)."""
    if weights == "unweighted":
        return np.eye(categories)
    steps = np.arange(categories, dtype=float)
    distance = np.abs(steps[:, None] - steps[None, :]) / max(categories - 1, 1)
    loss: FloatArray = distance if weights == "linear" else distance**2
    return 1.0 - loss


def _square(table: ArrayLike) -> IntArray:
    counts = np.asarray(table, dtype=np.int64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or (counts < 0).any():
        raise ValueError("A table of agreement is square and holds counts of 0 or more.")
    return counts


def _normal(
    name: str, value: float, variance: float, confidence: float, n: int, *, same: bool
) -> Agreement:
    if same:
        return Agreement(name, value, None, None, confidence, n, "analytic")
    half = critical_value(confidence) * sqrt(max(variance, 0.0))
    low, high = max(value - half, -1.0), min(value + half, 1.0)
    return Agreement(name, value, low, high, confidence, n, "analytic")


def _absent(name: str, confidence: float, n: int, method: str) -> Agreement:
    return Agreement(name, None, None, None, confidence, n, method)
