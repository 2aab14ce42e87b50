"""What is calibrated: every flag rule on counts, second opinions, and the oracle."""

from collections.abc import Callable
from functools import cache

import numpy as np
from populations import Population, Round, innocence

from praktijktest.statistics.flags import AVAILABLE_RULES, decide
from praktijktest.statistics.multiplicity import benjamini_hochberg
from praktijktest.statistics.two_group import discrimination_posterior, flagged_by_local_fdr
from praktijktest.statistics.unconditional import unconditional_exact

ORACLE = "oracle"
"""Knows the population; finds as much as can be found with its mean posterior at alpha."""

WITHOUT_TESTS = "adaptive, tests not known"
UNCONDITIONAL = "bh on unconditional tests"
EMPIRICAL_BAYES = "empirical Bayes"
NET = "more refusals than invitations"

Rule = Callable[[Round, float], np.ndarray]


def flags(rule: str, population: Population, drawn: Round) -> np.ndarray:
    """Who is flagged in a round."""
    if rule == ORACLE:
        return flagged_by_local_fdr(innocence(population, drawn), population.alpha)
    return RULES[rule](drawn, population.alpha)


def _named(name: str) -> Rule:
    def rule(drawn: Round, alpha: float) -> np.ndarray:
        return decide(name, drawn.wins, drawn.losses, alpha, tests=drawn.tests).flagged

    return rule


def _without_tests(drawn: Round, alpha: float) -> np.ndarray:
    return decide("adaptive-discrete-fdr", drawn.wins, drawn.losses, alpha).flagged


def _unconditional(drawn: Round, alpha: float) -> np.ndarray:
    counts = zip(drawn.wins.tolist(), drawn.losses.tolist(), drawn.tests.tolist(), strict=True)
    p = [_unconditional_p(b, c, n) for b, c, n in counts]
    return benjamini_hochberg(p) <= alpha


@cache
def _unconditional_p(wins: int, losses: int, tests: int) -> float:
    return unconditional_exact(wins, losses, tests, "control-favoured")


def _empirical_bayes(drawn: Round, alpha: float) -> np.ndarray:
    fitted = discrimination_posterior(drawn.wins, drawn.losses)
    return flagged_by_local_fdr(fitted.local_fdr, alpha)


def _net(drawn: Round, _alpha: float) -> np.ndarray:
    return drawn.wins > drawn.losses


RULES: dict[str, Rule] = {
    AVAILABLE_RULES[0]: _named(AVAILABLE_RULES[0]),
    WITHOUT_TESTS: _without_tests,
    **{name: _named(name) for name in AVAILABLE_RULES[1:]},
    UNCONDITIONAL: _unconditional,
    EMPIRICAL_BAYES: _empirical_bayes,
    NET: _net,
}
ALL = (ORACLE, *RULES)
VALID = AVAILABLE_RULES[0], WITHOUT_TESTS
