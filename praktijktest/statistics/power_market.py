"""Power of a test of one contrast on the whole market: exact, by counts alone.

Everything rests on two rates, the chance that only the control applicant is answered (p10)
and the chance that only the test applicant is (p01). The power is an average over the
number of discordant tests: sum over d of Bin(d; n, p10 + p01) times the chance to reject
with d discordant tests. Only the expected direction counts as success.

Rates are shares of all tests between 0 and 1 with a sum of at most 1; they are checked by
the commands (`praktijktest.rounds.power`), not here.
"""

from collections.abc import Callable
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from praktijktest.statistics.power import wins_needed
from praktijktest.statistics.power_discordant import (
    FloatArray,
    IntArray,
    discordant_window,
    over_discordant,
    tail,
)
from praktijktest.statistics.power_unconditional import unconditional_wins

Method = Literal["mcnemar-exact", "mcnemar-midp", "unconditional", "normal"]
Sided = Literal["two", "one"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
SIDES: Final[tuple[Sided, ...]] = get_args(Sided)


def rejection_chance(
    tests: ArrayLike, only_control: float, only_test: float, alpha: float, method: Method
) -> FloatArray:
    """Chance of a one-sided rejection in favour of the control, for each number of tests.

    Args:
        tests: numbers of tests n, one-dimensional.
        only_control: chance that only the control applicant is answered (p10).
        only_test: chance that only the test applicant is answered (p01).
        alpha: one-sided level below 0.5.
        method: an exact method (not "normal").

    Returns:
        The chance for each n, between 0 and 1.

    References: `power_flag_m` (one target), `power_exact_*`. The unconditional test is
    Suissa and Shuster 1985, with the nuisance rate at its least favourable value.
    """
    sizes = np.atleast_1d(np.asarray(tests, dtype=np.int64))
    discordance = min(only_control + only_test, 1.0)
    if discordance == 0:
        return np.zeros(len(sizes))
    share = min(only_control / discordance, 1.0)
    if method == "unconditional":
        # Its rejection region belongs to one number of tests; the others' to any number.
        each = [_chance_by_share(np.array([n]), discordance, alpha, method)(share) for n in sizes]
        return np.concatenate(each)
    return _chance_by_share(sizes, discordance, alpha, method)(share)


def _chance_by_share(
    sizes: IntArray, discordance: float, alpha: float, method: Method
) -> Callable[[float], FloatArray]:
    """The chance to reject as a function of the control's share of the discordant tests."""
    if method == "unconditional":
        first, wins = 0, unconditional_wins(int(sizes[0]), alpha)
        drawn = np.arange(len(wins))
    else:
        low, high = discordant_window(sizes, discordance)
        first = int(low.min())
        drawn = np.arange(first, int(high.max()) + 1)
        wins = wins_needed(drawn, alpha, midp=method == "mcnemar-midp")

    def chance(share: float) -> FloatArray:
        rejecting = tail(drawn, wins, share)
        return np.clip(over_discordant(sizes, discordance, rejecting, first), 0.0, 1.0)

    return chance


def power(
    tests: ArrayLike,
    only_control: float,
    only_test: float,
    *,
    alpha: float = 0.05,
    sided: Sided = "two",
    method: Method = "mcnemar-exact",
) -> FloatArray:
    """Power to find the expected difference with n paired tests.

    The favoured group is the one with the larger rate: swapping the rates gives the same
    power. Equal rates give the chance of a false alarm in one direction.

    Args:
        tests: numbers of tests n, one-dimensional or a single number; whole numbers for
            the exact methods.
        only_control: chance that only the control applicant is answered (p10).
        only_test: chance that only the test applicant is answered (p01).
        alpha: significance level between 0 and 0.5.
        sided: "two" rejects at alpha / 2 in each direction, of which only the expected one
            counts as power; "one" rejects at alpha in the expected direction.
        method: "mcnemar-exact" (conditional), "mcnemar-midp", "unconditional" or "normal".

    Returns:
        The power for each n, between 0 and 1.

    References: `power_exact_*` (exact and mid-p), `power_norm_mess` (normal; Miettinen 1968,
    Connor 1987).
    """
    larger, smaller = max(only_control, only_test), min(only_control, only_test)
    one_tail = alpha / 2 if sided == "two" else alpha
    if method == "normal":
        return _normal_power(np.atleast_1d(np.asarray(tests, float)), larger, smaller, one_tail)
    return rejection_chance(tests, larger, smaller, one_tail, method)


def _normal_power(tests: FloatArray, larger: float, smaller: float, alpha: float) -> FloatArray:
    discordance, difference = larger + smaller, larger - smaller
    if discordance == 0:
        return np.zeros(len(tests))
    spread = np.sqrt(max(discordance - difference**2, 0.0))
    margin = difference * np.sqrt(tests) + ndtri(alpha) * np.sqrt(discordance)
    if spread == 0:
        return np.asarray(margin >= 0, dtype=np.float64)
    return np.asarray(ndtr(margin / spread), dtype=np.float64)


def normal_tests_needed(
    only_control: float, only_test: float, wanted: float, alpha: float, sided: Sided
) -> float:
    """Tests needed for a power by the normal formula, not rounded.

    Args:
        only_control: chance that only the control applicant is answered (p10).
        only_test: chance that only the test applicant is answered (p01), another than p10.
        wanted: power wanted, between alpha and 1.
        alpha: significance level.
        sided: "two" or "one".

    Returns:
        n = [z(1 - alpha/2) sqrt(p10 + p01) + z(power) sqrt(p10 + p01 - D^2)]^2 / D^2 with
        D = p10 - p01 (alpha instead of alpha/2 when one-sided).

    References: `power_norm_mess`, `power_trialsize`. Miettinen 1968; Connor 1987.
    """
    discordance, difference = only_control + only_test, only_control - only_test
    one_tail = alpha / 2 if sided == "two" else alpha
    spread = np.sqrt(max(discordance - difference**2, 0.0))
    root = -ndtri(one_tail) * np.sqrt(discordance) + ndtri(wanted) * spread
    return float((max(root, 0.0) / difference) ** 2)


def design_effect(tests_per_target: float, icc: float) -> float:
    """How many times more tests are needed because tests of one agent are alike.

    Args:
        tests_per_target: mean number of tests per agent, at least 1.
        icc: intraclass correlation over agents of the difference in answers, 0 to 1.

    Returns:
        1 + (tests_per_target - 1) * icc (Kish 1965).
    """
    return 1 + (tests_per_target - 1) * icc


def detectable_difference(
    tests: float,
    discordance: float,
    wanted: float,
    *,
    alpha: float = 0.05,
    sided: Sided = "two",
    method: Method = "mcnemar-exact",
) -> float | None:
    """Smallest difference p10 - p01 that n tests find with the wanted power.

    The discordance rate p10 + p01 is held fixed and only its split over the two groups
    changes: it is what a pilot or an earlier round tells, and what the power hangs on.

    Args:
        tests: number of tests n; whole for the exact methods.
        discordance: share of discordant tests, p10 + p01.
        wanted: power wanted, above alpha and below 1.
        alpha: significance level.
        sided: "two" or "one".
        method: as in `power`.

    Returns:
        The difference in shares of all tests, to 1e-9; None where even the largest possible
        difference, the discordance rate itself, is found with less power than wanted.
    """
    if discordance == 0:
        return None
    one_tail = alpha / 2 if sided == "two" else alpha
    if method == "normal":

        def found(share: float) -> float:
            rates = discordance * share, discordance * (1 - share)
            return float(_normal_power(np.array([tests], float), *rates, one_tail)[0])
    else:
        chance = _chance_by_share(np.array([int(tests)]), discordance, one_tail, method)

        def found(share: float) -> float:
            return float(chance(share)[0])

    if found(1.0) < wanted:
        return None
    low, high = 0.5, 1.0
    while high - low > 1e-10:
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) >= wanted else (middle, high)
    return discordance * (2 * high - 1)
