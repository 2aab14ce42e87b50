"""Every estimate, interval and test of one four-cell table, by name."""

from collections.abc import Callable

from praktijktest.statistics import intervals, mcnemar, ratios
from praktijktest.statistics.cells import (
    ALL_TESTS,
    AT_LEAST_ONE_POSITIVE,
    DISCORDANT_TESTS,
    ONLY_TEST_POSITIVE,
    POSITIVE_FOR_CONTROL,
    THESE_TARGETS,
    Cells,
    Estimate,
    Interval,
    Significance,
)
from praktijktest.statistics.proportions import critical_value, wilson
from praktijktest.statistics.unconditional import unconditional_exact


def estimates(cells: Cells, confidence: float = 0.95) -> tuple[Estimate, ...]:
    """All estimates of a four-cell table, with intervals for the tested agents as they are.

    A zero denominator gives a value and limits of None. Net rates have Tango score
    intervals (over the tests in their own denominator), rates Wilson, the response
    ratio Bonett-Price, the odds ratio Clopper-Pearson given the discordant tests.

    Args:
        cells: the four counts.
        confidence: two-sided confidence level, inside (0, 1).

    Raises:
        ValueError: the confidence level is impossible.
    """
    critical_value(confidence)
    b, c = cells.only_control, cells.only_test
    usable, discordant, n = cells.usable, cells.discordant, cells.n
    control, test = cells.both + b, cells.both + c
    return (
        _net_rate("net_rate_usable", cells, usable, AT_LEAST_ONE_POSITIVE, confidence),
        _net_rate("net_rate_all", cells, n, ALL_TESTS, confidence),
        _net_rate("net_rate_discordant", cells, discordant, DISCORDANT_TESTS, confidence),
        _rate("gross_rate_usable", b, usable, AT_LEAST_ONE_POSITIVE, confidence),
        _rate("gross_rate_all", b, n, ALL_TESTS, confidence),
        _rate("discordance_rate", discordant, n, ALL_TESTS, confidence),
        _rate("response_rate_control", control, n, ALL_TESTS, confidence),
        _rate("response_rate_test", test, n, ALL_TESTS, confidence),
        _response_ratio(cells, confidence),
        _odds_ratio(cells, confidence),
    )


def alternative_intervals(cells: Cells, confidence: float = 0.95) -> tuple[Interval, ...]:
    """Other intervals in use for the net rate over all tests and for the response ratio.

    For readers who want to compare with a paper: `newcombe`, `bonett-price`,
    `agresti-min`, `scas` for `net_rate_all`, `tang` for `response_ratio`. Limits
    are None where there is nothing to divide by.

    Raises:
        ValueError: the confidence level is impossible.
    """
    critical_value(confidence)
    b, c, n = cells.only_control, cells.only_test, cells.n
    methods: dict[str, Callable[[], tuple[float, float]]] = {
        "newcombe": lambda: intervals.newcombe(cells, confidence),
        "bonett-price": lambda: intervals.bonett_price(b, c, n, confidence),
        "agresti-min": lambda: intervals.agresti_min(b, c, n, confidence),
        "scas": lambda: intervals.scas(b, c, n, confidence),
    }
    found = []
    for method, limits in methods.items():
        low, high = limits() if n else (None, None)
        found.append(Interval("net_rate_all", method, THESE_TARGETS, low, high, confidence))
    low, high = ratios.tang(cells, confidence)
    found.append(Interval("response_ratio", "tang", THESE_TARGETS, low, high, confidence))
    return tuple(found)


def significance(cells: Cells) -> tuple[Significance, ...]:
    """All significance tests of a four-cell table.

    `cluster_t` here takes every test as its own cluster (Student's paired t); where
    tests share targets, `clustered.cluster_t` replaces it. The two `*_unpaired`
    tests ignore the pairing and serve to check papers that print them. With no
    discordant tests every paired p is 1.
    """
    b, c = cells.only_control, cells.only_test
    return (
        Significance("mcnemar_exact", float(mcnemar.mcnemar_exact(b, c)), None, "two-sided"),
        Significance("mcnemar_midp", float(mcnemar.mcnemar_midp(b, c)), None, "two-sided"),
        mcnemar.mcnemar_chi2(cells, corrected=False),
        mcnemar.mcnemar_chi2(cells, corrected=True),
        Significance("sign_exact", float(mcnemar.sign_exact(b, c)), None, "control-favoured"),
        Significance("sign_midp", float(mcnemar.sign_midp(b, c)), None, "control-favoured"),
        _unconditional(cells),
        mcnemar.paired_t(cells),
        mcnemar.pearson_chi2_unpaired(cells, corrected=False),
        mcnemar.pearson_chi2_unpaired(cells, corrected=True),
    )


def _net_rate(name: str, cells: Cells, n: int, denominator: str, confidence: float) -> Estimate:
    b, c = cells.only_control, cells.only_test
    if n == 0:
        return _estimate(name, None, (None, None), "tango", denominator, n, confidence)
    limits = intervals.tango(b, c, n, confidence)
    return _estimate(name, (b - c) / n, limits, "tango", denominator, n, confidence)


def _rate(name: str, x: int, n: int, denominator: str, confidence: float) -> Estimate:
    if n == 0:
        return _estimate(name, None, (None, None), "wilson", denominator, n, confidence)
    limits = wilson(x, n, confidence)
    return _estimate(name, x / n, limits, "wilson", denominator, n, confidence)


def _response_ratio(cells: Cells, confidence: float) -> Estimate:
    control, test = cells.both + cells.only_control, cells.both + cells.only_test
    value = test / control if control else None
    limits = ratios.bonett_price_ratio(cells, confidence)
    return _estimate(
        "response_ratio", value, limits, "bonett-price", POSITIVE_FOR_CONTROL, control, confidence
    )


def _odds_ratio(cells: Cells, confidence: float) -> Estimate:
    b, c = cells.only_control, cells.only_test
    return _estimate(
        "odds_ratio_conditional",
        b / c if c else None,
        ratios.conditional_odds_ratio(cells, confidence),
        "clopper-pearson",
        ONLY_TEST_POSITIVE,
        c,
        confidence,
    )


def _estimate(
    name: str,
    value: float | None,
    limits: tuple[float | None, float | None],
    method: str,
    denominator: str,
    n: int,
    confidence: float,
) -> Estimate:
    low, high = limits
    return Estimate(name, value, low, high, confidence, method, THESE_TARGETS, denominator, n)


def _unconditional(cells: Cells) -> Significance:
    b, c = cells.only_control, cells.only_test
    p = unconditional_exact(b, c, cells.n)
    statistic = (b - c) / (b + c) ** 0.5 if b + c else None
    return Significance("unconditional", p, statistic, "two-sided")
