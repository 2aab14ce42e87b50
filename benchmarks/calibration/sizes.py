"""How often one fair agent, judged alone, gets a small p: exactly, by adding up outcomes.

The unconditional test also uses how often replies differ. That is right where adverts are
alike, and breaks where every advert has its own chance of differing replies.
"""

from collections.abc import Callable
from math import comb

import numpy as np

from praktijktest.statistics.mcnemar import sign_exact, sign_midp
from praktijktest.statistics.unconditional import unconditional_exact

TESTS = 10
LEVELS = (0.05, 0.025)
SHARES = np.linspace(0.0, 1.0, 201)
"""Shares of discordant tests where adverts are alike."""


def sizes() -> list[tuple[str, float, float, float]]:
    """Test, level, and its largest size with adverts alike and with every advert fixed."""
    tests: dict[str, Callable[[int, int], float]] = {
        "sign, exact": lambda wins, losses: float(sign_exact(wins, losses)),
        "sign, mid-p": lambda wins, losses: float(sign_midp(wins, losses)),
        "unconditional": lambda wins, losses: unconditional_exact(
            wins, losses, TESTS, "control-favoured"
        ),
    }
    return [(name, level, *_largest(p, level)) for name, p in tests.items() for level in LEVELS]


def _largest(p: Callable[[int, int], float], level: float) -> tuple[float, float]:
    by_discordant = np.array(
        [
            sum(comb(d, x) for x in range(d + 1) if p(x, d - x) <= level + 1e-12) / 2**d
            for d in range(TESTS + 1)
        ]
    )
    number = np.arange(TESTS + 1)
    ways = np.array([comb(TESTS, d) for d in number])
    alike = max(
        float((ways * share**number * (1.0 - share) ** (TESTS - number)) @ by_discordant)
        for share in SHARES
    )
    return alike, float(by_discordant.max())
