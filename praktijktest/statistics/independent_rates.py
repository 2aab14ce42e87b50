"""The difference of two rates that were estimated from different tests, by their intervals."""

from math import sqrt

Limits = tuple[float, float]


def difference_limits(first: float, of_first: Limits, second: float, of_second: Limits) -> Limits:
    """Confidence limits of `second - first`, from the limits of both (MOVER).

    The method of variance estimates recovery (Zou & Donner 2008, Statistics in Medicine 27):
    with Wilson limits for two proportions it is Newcombe's method 10 (1998). It holds for
    estimates that are independent, whatever intervals they have, also when those are not
    symmetric.

    Args:
        first: the first rate.
        of_first: its limits.
        second: the second rate, in the same unit.
        of_second: its limits, at the same confidence level.

    Raises:
        ValueError: an estimate lies outside its limits.
    """
    (low1, high1), (low2, high2) = of_first, of_second
    if not (low1 <= first <= high1 and low2 <= second <= high2):
        raise ValueError("an estimate lies outside its limits")
    change = second - first
    low = change - sqrt((second - low2) ** 2 + (high1 - first) ** 2)
    high = change + sqrt((high2 - second) ** 2 + (first - low1) ** 2)
    return low, high
