"""How many of a list of flags are likely to be false.

Given each flagged target's chance of being innocent, the number of false flags among them
is a sum of independent coin tosses with different chances: a Poisson-binomial number
(Hong 2013, Computational Statistics & Data Analysis 59:41-51). Tested against `poisbinom`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FalseFlags:
    """False flags to expect among flagged targets; an estimate that leans on its model.

    Attributes:
        flagged: how many targets are flagged.
        expected: expected number of false ones.
        upper: a number that they exceed with chance 1 - confidence at most.
        confidence: of the bound.
    """

    flagged: int
    expected: float
    upper: int
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data."""
        return {
            "flagged": self.flagged,
            "expected": self.expected,
            "upper": self.upper,
            "confidence": self.confidence,
        }


def false_flags(innocence: ArrayLike, confidence: float = 0.95) -> FalseFlags:
    """Expected number of false flags and its upper bound.

    Args:
        innocence: each flagged target's chance of being innocent, shape (flagged,).
        confidence: of the upper bound, inside (0, 1).

    Raises:
        ValueError: a chance lies outside [0, 1] or is missing, or the confidence is
            impossible.
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"The confidence must lie between 0 and 1, not {confidence!r}.")
    chances = np.asarray(innocence, dtype=np.float64)
    cumulative = np.cumsum(poisson_binomial(chances))
    # Sums of rounded chances: a bound is not missed by the last decimals.
    upper = int(np.searchsorted(cumulative, confidence - 1e-12))
    expected = float(chances.sum())
    return FalseFlags(len(chances), expected, min(upper, len(chances)), confidence)


def poisson_binomial(chances: ArrayLike) -> FloatArray:
    """P(k events) for k = 0, 1, … of independent events with these chances.

    Factors of the generating function are multiplied in pairs, so that 10,000 events take
    a fraction of a second.

    Raises:
        ValueError: a chance lies outside [0, 1] or is missing.
    """
    values = np.asarray(chances, dtype=np.float64)
    if values.ndim != 1 or not ((values >= 0.0) & (values <= 1.0)).all():
        raise ValueError("Chances must be one row of numbers from 0 to 1.")
    factors = [np.array([1.0 - chance, chance]) for chance in np.sort(values).tolist()]
    while len(factors) > 1:
        pairs = [np.convolve(a, b) for a, b in zip(factors[::2], factors[1::2], strict=False)]
        factors = pairs + factors[2 * len(pairs) :]
    return factors[0] if factors else np.ones(1)
