"""Cochran's Q: three or more applicants who wrote to the same adverts.

Tested against `cochranq` (R package coin).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

DRAWS = 20_000
FEW = 60
"""Up to this many informative tests the p-value is also found by dealing replies again."""

TIES = 1e-9


@dataclass(frozen=True, slots=True)
class CochranQ:
    """Whether applicants of all levels are treated alike.

    Attributes:
        statistic: Q; None where no test treats its applicants differently.
        degrees: levels minus one.
        p: from chi-square; None with the statistic.
        p_dealt: from dealing the replies of every test again among its applicants; None with
            many tests, where chi-square is near enough.
        tests: tests with one applicant of every level.
        informative: tests that do not treat all of them alike.
    """

    statistic: float | None
    degrees: int
    p: float | None
    p_dealt: float | None
    tests: int
    informative: int


def cochran_q(replies: NDArray[np.bool_], *, seed: int = 0) -> CochranQ:
    """Cochran 1950, Biometrika 37: 256-266.

    Args:
        replies: shape (tests, levels): whether each applicant got a positive reply.
        seed: of the dealings.
    """
    tests, levels = replies.shape
    positive = replies.sum(axis=1)
    mixed = replies[(positive > 0) & (positive < levels)]
    if not len(mixed):
        return CochranQ(None, levels - 1, None, None, tests, 0)
    statistic = _statistic(mixed.sum(axis=0), mixed.sum(axis=1), levels)
    dealt = None
    if len(mixed) <= FEW:
        generator = np.random.default_rng(seed)
        columns = np.zeros((DRAWS, levels))
        for row in mixed:
            ranks = np.argsort(generator.random((DRAWS, levels)), axis=1)
            columns += row[ranks]
        drawn = _statistic(columns, mixed.sum(axis=1), levels)
        hits = int((drawn >= statistic - TIES).sum())
        dealt = (hits + 1) / (DRAWS + 1)
    p = float(chdtrc(levels - 1, statistic))
    return CochranQ(float(statistic), levels - 1, p, dealt, tests, len(mixed))


def _statistic(
    columns: NDArray[np.floating] | NDArray[np.int64], rows: NDArray[np.int64], levels: int
) -> NDArray[np.float64]:
    spread = levels * (columns**2).sum(axis=-1) - columns.sum(axis=-1) ** 2
    between: NDArray[np.float64] = (levels - 1) * spread / (levels * rows.sum() - (rows**2).sum())
    return between
