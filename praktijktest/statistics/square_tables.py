"""Graded replies of pairs: a square table of what the two applicants of each test got.

Rows are the control applicant's reply and columns the test applicant's, on one ladder. Tested
against `stuart` (R package contingencytables and `mcnemar.test`).
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SquareTest:
    """A chi-square test of a square table.

    Attributes:
        statistic: the test statistic; 0 where no pair differs.
        degrees: its degrees of freedom; 0 where no pair differs.
        p: two-sided p-value; 1 where no pair differs.
    """

    statistic: float
    degrees: int
    p: float

    def to_dict(self) -> dict[str, float | int]:
        """The test as plain data."""
        return {"statistic": self.statistic, "degrees": self.degrees, "p": self.p}


def stuart_maxwell(table: ArrayLike) -> SquareTest:
    """Do both groups climb the ladder equally often? Homogeneity of the margins.

    Stuart (1955, Biometrika 42:412-416), Maxwell (1970, British Journal of Psychiatry
    116:651-655). Rungs on which nobody differs drop out; where the rest falls apart into rungs
    that no pair links, each part loses a degree of freedom. With two rungs it is McNemar's
    chi-square.

    Args:
        table: pairs by rung of the control and of the test applicant, shape (k, k).

    Raises:
        ValueError: the table is not square, or a count is negative.
    """
    counts = _square(table)
    both_ways = counts + counts.T
    np.fill_diagonal(both_ways, 0)
    gap = counts.sum(axis=1) - counts.sum(axis=0)
    covariance = np.diag(both_ways.sum(axis=1)) - both_ways
    statistic, degrees = _quadratic(covariance.tolist(), gap.tolist())
    return _tested(statistic, degrees)


def _quadratic(matrix: list[list[int]], vector: list[int]) -> tuple[float, int]:
    """A quadratic form in the inverse of a matrix, and its rank, by elimination in whole fractions.

    Exact, because the table may be singular and a report must not depend on the machine.
    """
    rows = [
        [Fraction(n) for n in row] + [Fraction(v)] for row, v in zip(matrix, vector, strict=True)
    ]
    statistic, degrees = Fraction(0), 0
    for place in range(len(rows)):
        pivot = rows[place][place]
        # A positive semidefinite matrix has nothing beside a zero on its diagonal.
        if not pivot:
            continue
        statistic += rows[place][-1] ** 2 / pivot
        degrees += 1
        for below in range(place + 1, len(rows)):
            factor = rows[below][place] / pivot
            rows[below] = [n - factor * m for n, m in zip(rows[below], rows[place], strict=True)]
    return float(statistic), degrees


def bowker(table: ArrayLike) -> SquareTest:
    """Is every difference as frequent in one direction as in the other? Symmetry.

    Bowker (1948, Journal of the American Statistical Association 43:572-574). Differences that
    never occur count no degree of freedom.

    Args:
        table: as for `stuart_maxwell`.

    Raises:
        ValueError: the table is not square, or a count is negative.
    """
    counts = _square(table)
    upper = np.triu_indices(len(counts), 1)
    one, other = counts[upper], counts.T[upper]
    seen = one + other > 0
    gaps = (one[seen] - other[seen]) ** 2 / (one[seen] + other[seen])
    return _tested(float(gaps.sum()), int(seen.sum()))


def _tested(statistic: float, degrees: int) -> SquareTest:
    p = float(chdtrc(degrees, statistic)) if degrees else 1.0
    return SquareTest(statistic, degrees, p)


def _square(table: ArrayLike) -> IntArray:
    counts = np.asarray(table, dtype=np.int64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"A table of pairs must be square, not {counts.shape}.")
    if (counts < 0).any():
        raise ValueError("Counts cannot be negative.")
    return counts
