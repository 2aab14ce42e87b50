"""Checks beside a signal: could order, letters or too few tests explain it?

They never change a decision. Counts are per target, shape (targets,); targets with equal
counts are computed once. A "win" is a test that only the control applicant won, a "loss"
one that only the test applicant won.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FEWEST_DISCORDANT: Final = 5
"""A signal on fewer discordant tests than this rests on very little."""

SHORT: Final = 64
"""Distributions up to this length are added up directly, which is exact to the last digits."""

AS_LIKELY: Final = 1.0 + 1e-7
"""Two tables are equally likely if their chances differ by less, as in R's `fisher.test`."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Exact tests of balance; every array has shape (targets,).

    Attributes:
        p: two-sided exact p-value; 1 where the counts can show nothing.
        p_midp: two-sided mid-p, the better measure for a check that accuses nobody.
    """

    p: FloatArray
    p_midp: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """The tests as plain lists."""
        return {"p": self.p.tolist(), "p_midp": self.p_midp.tolist()}


def outcome_balance(
    wins_one: ArrayLike, losses_one: ArrayLike, wins_other: ArrayLike, losses_other: ArrayLike
) -> Balance:
    """Does who wins hang on who wrote first (or on who had which letter)?

    Fisher's exact test on the discordant tests of each target, two-sided by likelihood:
    wins and losses with the control applicant first against those with them second. A
    small p says that the order has to do with the result; it does not say that there is no
    discrimination. Where all tests were won by one side there is nothing to compare: p is 1.
    Tested against scipy's `fisher_exact`.

    Args:
        wins_one: wins with the control applicant first (or with letter A).
        losses_one: losses with them first.
        wins_other: wins with them second (or with letter B).
        losses_other: losses with them second.

    Raises:
        ValueError: counts are negative or not whole, or lengths differ.
    """
    table = np.stack(counts_of_targets(wins_one, losses_one, wins_other, losses_other), axis=1)
    cases, inverse = np.unique(table, axis=0, return_inverse=True)
    found = np.ones((len(cases), 2))
    for place, (a, b, c, d) in enumerate(cases.tolist()):
        chances, smallest = _hypergeometric(a, b, c, d)
        found[place] = _two_sided(chances, a - smallest)
    return Balance(found[inverse.ravel(), 0], found[inverse.ravel(), 1])


def pooled_outcome_balance(
    wins_one: ArrayLike, losses_one: ArrayLike, wins_other: ArrayLike, losses_other: ArrayLike
) -> tuple[float, float]:
    """The question of `outcome_balance` over several targets together.

    Exact conditional test (the exact form of Cochran, Mantel and Haenszel's): given every
    target's wins, losses and orders, the sum of `wins_one` is a sum of hypergeometric
    numbers. Targets of different strength are not mixed up. Arguments and errors as there.

    Returns:
        The two-sided exact p-value and the mid-p; 1 and 1 where nothing can be compared.
    """
    table = np.stack(counts_of_targets(wins_one, losses_one, wins_other, losses_other), axis=1)
    cases, counts = np.unique(table, axis=0, return_counts=True)
    pieces, lowest = [], 0
    for (a, b, c, d), number in zip(cases.tolist(), counts.tolist(), strict=True):
        chances, smallest = _hypergeometric(a, b, c, d)
        pieces.append(_sum_of_alike(chances, number))
        lowest += smallest * number
    return _two_sided(_sum_of_all(pieces), int(table[:, 0].sum()) - lowest)


def few_discordant(wins: ArrayLike, losses: ArrayLike) -> BoolArray:
    """Whether a signal would rest on fewer than five discordant tests.

    Raises:
        ValueError: counts are negative or not whole, or lengths differ.
    """
    b, c = counts_of_targets(wins, losses)
    return b + c < FEWEST_DISCORDANT


def counts_of_targets(*counts: ArrayLike) -> tuple[IntArray, ...]:
    """Counts per target as whole numbers.

    Raises:
        ValueError: counts are negative or not whole, or lengths differ.
    """
    columns = []
    for values in counts:
        array = np.asarray(values)
        whole = array.astype(np.int64) if array.size else np.zeros(array.shape, dtype=np.int64)
        if array.ndim != 1 or (whole != array).any() or (whole < 0).any():
            raise ValueError("Counts must be rows of whole numbers from 0 up.")
        columns.append(whole)
    if len({len(column) for column in columns}) != 1:
        raise ValueError("All counts must have one length.")
    return tuple(columns)


def _hypergeometric(a: int, b: int, c: int, d: int) -> tuple[FloatArray, int]:
    """Chances of each first cell given the margins of [[a, b], [c, d]], and the smallest."""
    row, column, other = a + b, a + c, c + d
    smallest, largest = max(0, column - other), min(row, column)
    cell = np.arange(smallest, largest + 1, dtype=np.float64)
    logs = -(
        gammaln(cell + 1.0)
        + gammaln(row - cell + 1.0)
        + gammaln(column - cell + 1.0)
        + gammaln(other - column + cell + 1.0)
    )
    chances = np.exp(logs - logs.max())
    return chances / chances.sum(), smallest


def _sum_of_alike(chances: FloatArray, number: int) -> FloatArray:
    """Distribution of the sum of independent numbers that all have this distribution."""
    if number == 1 or len(chances) == 1:
        return chances
    length = (len(chances) - 1) * number + 1
    return _chances(np.fft.irfft(np.fft.rfft(chances, length) ** number, length))


def _sum_of_all(pieces: list[FloatArray]) -> FloatArray:
    """Distribution of the sum of independent numbers, two by two so that sizes stay equal."""
    while len(pieces) > 1:
        pieces.sort(key=len)
        joined = [
            _joined(one, other) for one, other in zip(pieces[::2], pieces[1::2], strict=False)
        ]
        pieces = joined + (pieces[-1:] if len(pieces) % 2 else [])
    return pieces[0] if pieces else np.ones(1)


def _joined(one: FloatArray, other: FloatArray) -> FloatArray:
    length = len(one) + len(other) - 1
    if min(len(one), len(other)) <= SHORT:
        direct: FloatArray = np.convolve(one, other)
        return direct
    # Lengths that are powers of two, as others can be slow.
    size = 1 << (length - 1).bit_length()
    product = np.fft.rfft(one, size) * np.fft.rfft(other, size)
    return _chances(np.fft.irfft(product, size)[:length])


def _chances(values: FloatArray) -> FloatArray:
    """Without the rounding of a transform: no chance below 0, all together 1."""
    clipped: FloatArray = np.clip(values, 0.0, None)
    clipped /= clipped.sum()
    return clipped


def _two_sided(chances: FloatArray, observed: int) -> tuple[float, float]:
    """Chance of what is at most as likely as the observed, and the same as mid-p."""
    here = float(chances[observed])
    p = min(1.0, float(chances[chances <= here * AS_LIKELY].sum()))
    # A distribution of one value shows nothing.
    return (p, p - here / 2.0) if len(chances) > 1 else (1.0, 1.0)
