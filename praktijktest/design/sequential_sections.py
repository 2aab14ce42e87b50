"""What a design declares about testing one target after another look: `[sequential]`."""

from typing import Annotated, Final

from praktijktest.design.sections import Section
from praktijktest.design.values import Number, Whole, at_least, between, one_of

METHODS: Final = ("e-process", "boundary")
BETS: Final = ("constant", "jeffreys", "uniform")
DEFAULT_MAX_TESTS: Final = 20
MOST_TESTS: Final = 500
"""Tests of one target for which the rule can still be worked out in a moment."""


class Sequential(Section):
    """`[sequential]`: when the testing of a target stops; fixed once the round has begun.

    Attributes:
        method: flag at an e-value of 1/alpha, or at a boundary worked out for `max_tests`.
        bet: what the e-value bets on: one share, or all shares above a half with a
            Jeffreys or flat weight.
        share: the control's share of discordant tests that a constant bet is on.
        alpha: largest chance that a target which favours nobody is flagged.
        release_odds: how many times likelier the results must be without preference than
            under strong bias for a target to be released.
        release_share: strong bias, as the control's share of discordant tests.
        max_tests: most tests of one target per contrast; default: `tests_per_target` of
            `[sampling]`, else 20.
        batch: tests of a target between two looks.
    """

    method: Annotated[str, one_of(METHODS)] = "e-process"
    bet: Annotated[str, one_of(BETS)] = "constant"
    share: Annotated[Number, between(0.5, 1, "0.85")] = 0.85
    alpha: Annotated[Number, between(0, 1, "0.05")] = 0.05
    release_odds: Annotated[Number, at_least(1)] = 10.0
    release_share: Annotated[Number, between(0.5, 1, "0.85")] = 0.85
    max_tests: Annotated[Whole, at_least(1)] | None = None
    batch: Annotated[Whole, at_least(1)] = 1
