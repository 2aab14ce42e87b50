"""What looking again after every discordant test costs, by exact dynamic programming."""

from typing import Final

import numpy as np

from praktijktest.statistics.power import ROUNDING, wins_needed
from praktijktest.statistics.power_discordant import FloatArray, IntArray

BETTING_SHARE: Final = 0.9
EVIDENCE_THRESHOLD: Final = 20.0


def peeking_type1(most: int, alpha: float = 0.05) -> float:
    """Chance of a false alarm when p is looked at after every discordant test.

    Args:
        most: largest number of discordant tests, at least 1.
        alpha: one-sided level below 0.5 at which somebody would stop.

    Returns:
        Chance, without any preference, that the one-sided exact sign test gives p <= alpha
        at least once up to `most` discordant tests.

    Reference: `seq_type1` (peek).
    """
    return _crossing_chance(wins_needed(np.arange(most + 1), alpha))


def e_value_type1(
    most: int, share: float = BETTING_SHARE, threshold: float = EVIDENCE_THRESHOLD
) -> float:
    """Chance of a false alarm when an e-value is looked at after every discordant test.

    Args:
        most: largest number of discordant tests, at least 1.
        share: the control's share of discordant tests that the bet is on, above 0.5.
        threshold: e-value at which the testing stops, above 1.

    Returns:
        Chance, without any preference, that (2 share)^wins (2 (1 - share))^losses reaches
        the threshold up to `most` discordant tests; at most 1 / threshold (Ville).

    Reference: `seq_type1` (e_sprt90).
    """
    drawn = np.arange(most + 1)
    gain, loss = np.log(2 * share), np.log(2 * (1 - share))
    needed = np.ceil((np.log(threshold) - ROUNDING - drawn * loss) / (gain - loss))
    return _crossing_chance(np.minimum(needed, drawn + 1).astype(np.int64))


def _crossing_chance(needed: IntArray) -> float:
    """Chance that fair coin tosses reach `needed[d]` wins after some number d of tosses."""
    going = np.array([1.0])
    crossed = 0.0
    for wins in needed[1:].tolist():
        half = going / 2
        after: FloatArray = np.append(half, 0.0)
        after[1:] += half
        crossed += float(after[wins:].sum())
        after[wins:] = 0.0
        going = after
    return crossed
