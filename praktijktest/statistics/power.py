"""What few tests can show: the chance that a single target reaches a small p."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaln, xlog1py, xlogy

from praktijktest.statistics.mcnemar import binomial_half_tail

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ROUNDING = 1e-12
"""A p-value this little above alpha is equal to it but for rounding."""


def wins_needed(discordant: ArrayLike, alpha: float, midp: bool = False) -> IntArray:
    """Smallest number of wins that gives a one-sided sign p of at most alpha.

    Where even a clean sweep is not enough the result is `discordant + 1`: more wins
    than there are tests. Tested against `detect_table`.

    Args:
        discordant: numbers of discordant tests, 0 or more; any shape.
        alpha: level, inside (0, 1).
        midp: take the mid-p instead of the exact p.

    Raises:
        ValueError: alpha is impossible or a number is negative.
    """
    _check_level(alpha)
    d = np.asarray(discordant, dtype=np.int64)
    if (d < 0).any():
        raise ValueError("Numbers of discordant tests cannot be negative.")
    fails, reaches = np.full(d.shape, -1, dtype=np.int64), d + 1
    # p falls as wins rise, so halving the range finds the first that is small enough.
    while (reaches - fails > 1).any():
        middle = (fails + reaches) // 2
        p = binomial_half_tail(middle, d)
        if midp:
            p = (p + binomial_half_tail(middle + 1, d)) / 2.0
        small = p <= alpha + ROUNDING
        fails = np.where(small, fails, middle)
        reaches = np.where(small, middle, reaches)
    # Without a discordant test there is nothing to judge, whatever the mid-p is.
    return np.where(d == 0, 1, reaches)


def chance_of_small_p(
    n: ArrayLike, only_control: float, only_test: float, alpha: float
) -> FloatArray:
    """Chance that the one-sided exact sign test gives p <= alpha.

    Exact and unconditional: every test is independently "only control positive"
    with probability `only_control`, "only test positive" with `only_test`, otherwise
    concordant. Equal numbers of tests are computed once. Tested against
    `power_flag_m` and the one-sided `power_exact_*`.

    Args:
        n: numbers of tests per target, 0 or more; shape (targets,).
        only_control: probability that only the control applicant gets a reply.
        only_test: probability that only the test applicant does.
        alpha: level, inside (0, 1).

    Raises:
        ValueError: the probabilities or the level are impossible, or n is negative.
    """
    _check_level(alpha)
    share = only_control + only_test
    if only_control < 0.0 or only_test < 0.0 or share > 1.0 + ROUNDING:
        raise ValueError(
            f"The shares {only_control!r} and {only_test!r} must be from 0 to 1, together too."
        )
    numbers, inverse = np.unique(np.asarray(n, dtype=np.int64), return_inverse=True)
    if len(numbers) and numbers[0] < 0:
        raise ValueError("Numbers of tests cannot be negative.")
    if share == 0.0 or not len(numbers):
        return np.zeros(inverse.shape)
    chance_given_d = _chance_given_discordant(int(numbers[-1]), only_control / share, alpha)
    chances = [
        float(_binomial(number, min(share, 1.0)) @ chance_given_d[: number + 1])
        for number in numbers.tolist()
    ]
    result: FloatArray = np.minimum(1.0, np.array(chances))[inverse]
    return result


def _chance_given_discordant(most: int, favoured: float, alpha: float) -> FloatArray:
    """P(p <= alpha) for 0, 1, …, most discordant tests, each won with chance `favoured`."""
    d = np.arange(most + 1, dtype=np.int64)
    needed = wins_needed(d, alpha)
    reachable = needed <= d
    chance = np.zeros(most + 1)
    k = needed[reachable].astype(np.float64)
    chance[reachable] = betainc(k, d[reachable] - k + 1.0, favoured)
    return chance


def _binomial(n: int, share: float) -> FloatArray:
    """Binomial(n, share) probabilities of 0, 1, …, n."""
    k = np.arange(n + 1, dtype=np.float64)
    coefficient = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    probability: FloatArray = np.exp(coefficient + xlogy(k, share) + xlog1py(n - k, -share))
    return probability


def _check_level(alpha: float) -> None:
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"The level alpha must lie between 0 and 1, not {alpha!r}.")
