"""The rejection region of the exact unconditional test of a paired comparison.

The test orders outcomes by z = (b - c) / sqrt(b + c) and takes as p-value the chance of
that much or more under the least favourable discordance rate. Its regions are nested, so
the tests of one size n share one threshold of z, found here by halving.
"""

from typing import Final

import numpy as np
from scipy.special import gammaln, ndtri, xlog1py, xlogy

from praktijktest.statistics.power import ROUNDING
from praktijktest.statistics.power_discordant import FloatArray, IntArray, tail

MOST_TESTS: Final = 20_000
"""Above this two outcomes may lie closer in z than the halving can tell apart."""

GRID_PER_SPREAD: Final = 4
SPREADS_KEPT: Final = 7
HALVING_ENDS: Final = 1e-10


def unconditional_wins(tests: int, alpha: float) -> IntArray:
    """Fewest wins that the unconditional test rejects with, for each number discordant.

    Args:
        tests: number of tests n, at most `MOST_TESTS`.
        alpha: one-sided level below 0.5; give half of it for a two-sided test, whose
            p-value is twice the one-sided one.

    Returns:
        For d = 0 … n discordant tests the smallest number of wins, shape (n + 1,);
        d + 1 where even d wins are not enough.

    Source: Suissa and Shuster 1985, Biometrics 41; the same ordering as "uam" of R's
    Exact::paired.exact.test. Tested against its published minimum counts
    ((4,0) from 5 tests on, (6,1) from 8, (8,2) from 11 at one-sided .05).
    """
    drawn = np.arange(tests + 1)
    grid = _DiscordanceGrid(tests)
    # The threshold lies near the normal quantile; where it does not, halving finds it too.
    low, high = 0.0, float(np.sqrt(tests)) + 1.0
    guess = -float(ndtri(alpha))
    for edge in (guess - 0.1, guess + 0.4):
        if low < edge < high:
            small = grid.largest(tail(drawn, _wins(drawn, edge), 0.5)) <= alpha + ROUNDING
            low, high = (low, edge) if small else (edge, high)
    while high - low > HALVING_ENDS:
        middle = (low + high) / 2
        small = grid.largest(tail(drawn, _wins(drawn, middle), 0.5)) <= alpha + ROUNDING
        low, high = (low, middle) if small else (middle, high)
    # A step further up, so that outcomes with z exactly at the threshold stay outside.
    return _wins(drawn, high + HALVING_ENDS)


def _wins(drawn: IntArray, z: float) -> IntArray:
    """Fewest wins b with (2b - d) / sqrt(d) at least z."""
    wins = np.ceil((drawn + z * np.sqrt(drawn)) / 2).astype(np.int64)
    return np.where(drawn == 0, 1, np.minimum(wins, drawn + 1))


class _DiscordanceGrid:
    """Binomial weights of d for a fine grid of discordance rates.

    The grid is even in arcsin(sqrt(rate)), where the spread of d / n is the same for every
    rate; four points per spread and a parabola through the best three leave an error of
    a few parts in 100,000 of the largest chance.
    """

    def __init__(self, tests: int) -> None:
        points = int(np.ceil(np.pi * np.sqrt(tests) * GRID_PER_SPREAD)) + 8
        rate = np.sin(np.linspace(0, np.pi / 2, points + 1)[1:]) ** 2
        reach = SPREADS_KEPT * np.sqrt(tests * rate * (1 - rate)) + 20
        low = np.maximum(np.floor(tests * rate - reach), 0).astype(np.int64)
        width = min(int(np.ceil(2 * reach.max())) + 1, tests + 1)
        low = np.minimum(low, tests + 1 - width)
        self._drawn = low[:, None] + np.arange(width)
        counts = np.arange(tests + 1)
        log_choose = gammaln(tests + 1) - gammaln(counts + 1) - gammaln(tests - counts + 1)
        log_weight = log_choose[self._drawn] + xlogy(self._drawn, rate[:, None])
        log_weight += xlog1py(tests - self._drawn, -rate[:, None])
        self._weight = np.exp(log_weight)

    def largest(self, chance: FloatArray) -> float:
        """The largest average of chance(d) over the discordance rates."""
        size = np.einsum("ij,ij->i", self._weight, chance[self._drawn])
        best = int(size.argmax())
        if best in (0, len(size) - 1):
            return float(size[best])
        before, peak, after = size[best - 1 : best + 2]
        bend = 2 * peak - before - after
        return float(peak + (before - after) ** 2 / (8 * bend)) if bend > 0 else float(peak)
