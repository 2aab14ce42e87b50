"""What the number of discordant tests decides: binomial tails, and averages over it.

A paired test is discordant when only one of its two applicants is answered. Concordant
tests carry no evidence, so every exact chance about paired tests is a chance given the
number of discordant tests d, averaged over d.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaln, xlog1py, xlogy

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

CELLS_AT_ONCE: Final = 2_000_000


def tail(discordant: IntArray, wins: IntArray, share: float) -> FloatArray:
    """P(Bin(d, share) >= wins), element by element."""
    inside = betainc(np.maximum(wins, 1), np.maximum(discordant - wins + 1, 1), share)
    beyond = np.where(wins > discordant, 0.0, inside)
    return np.asarray(np.where(wins <= 0, 1.0, beyond), dtype=np.float64)


def over_discordant(
    tests: ArrayLike, discordance: float, chance: FloatArray, first: int = 0
) -> FloatArray:
    """Average a chance that depends on the number of discordant tests.

    Args:
        tests: numbers of tests n, one-dimensional.
        discordance: chance that a test is discordant.
        chance: chance of the event with `first`, `first` + 1, … discordant tests; it must
            reach over the windows of `discordant_window`.
        first: number of discordant tests that `chance` starts with.

    Returns:
        Sum over d of Bin(d; n, discordance) times chance(d), for each n.
    """
    sizes = np.atleast_1d(np.asarray(tests, dtype=np.int64))
    low, high = discordant_window(sizes, discordance)
    width = int(np.max(high - low)) + 1
    rows = max(1, CELLS_AT_ONCE // width)
    result = np.empty(len(sizes))
    for start in range(0, len(sizes), rows):
        part = slice(start, start + rows)
        n = sizes[part, None]
        d = low[part, None] + np.arange(width)
        inside = d <= high[part, None]
        d = np.minimum(d, n)
        log_weight = gammaln(n + 1) - gammaln(d + 1) - gammaln(n - d + 1)
        log_weight += xlogy(d, discordance) + xlog1py(n - d, -discordance)
        weight = np.where(inside, np.exp(log_weight), 0.0)
        # Dividing by the sum removes what the logarithms of large factorials lose.
        weight /= weight.sum(axis=1, keepdims=True)
        found = chance[np.clip(d - first, 0, len(chance) - 1)]
        result[part] = (weight * found).sum(axis=1)
    return result


def discordant_window(tests: IntArray, discordance: float) -> tuple[IntArray, IntArray]:
    """The numbers of discordant tests outside which less than 1e-16 of the chance lies."""
    mean = tests * discordance
    reach = 9 * np.sqrt(mean * (1 - discordance)) + 30
    low = np.maximum(np.floor(mean - reach), 0).astype(np.int64)
    high = np.minimum(np.ceil(mean + reach), tests).astype(np.int64)
    return low, high
