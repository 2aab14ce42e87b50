"""How often both kinds of intervals hold the truth, by simulation.

Agents differ, in two ways. In one market a part of them discriminates strongly and the others
treat both applicants alike; in the other every agent leans to one side somewhat. Intervals of
scope `these-targets` are meant for the agents that were tested; intervals of scope
`targets-like-these` for the market they were drawn from. The third line shows why there are
two: the first kind, used for the market.
Usage: python benchmarks/coverage.py [--simulations 2000] [--seed 1]
"""

import argparse
from collections import defaultdict
from itertools import product
from math import sqrt

import numpy as np

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.clustered import clustered_estimates
from praktijktest.statistics.paired import estimates

CONCENTRATION = 12.0
"""How alike agents of one kind are: precision of the Dirichlet that their chances come from."""

FAIR = (0.30, 0.12, 0.12, 0.46)
DISCRIMINATING = (0.10, 0.50, 0.05, 0.35)
LEANING = (0.27, 0.18, 0.11, 0.44)
MARKETS = {
    "15 % discriminate, the others do not": ((0.85, FAIR), (0.15, DISCRIMINATING)),
    "every agent leans somewhat": ((1.0, LEANING),),
}
"""Kinds of agents: their share, and mean chances of both, control only, test only, neither."""

DESIGNS = {"86 agents x 6-15 tests": (86, 6, 15), "54 agents x 100 tests": (54, 100, 100)}
Market = tuple[tuple[float, tuple[float, ...]], ...]
Design = tuple[int, int, int]

NAMES = ("net_rate_usable", "net_rate_all", "response_ratio")
CONFIDENCE = 0.95


def truth(cells: np.ndarray) -> dict[str, float]:
    """The true value of each estimate from expected cells (both, control, test, neither)."""
    both, control, test, neither = cells
    return {
        "net_rate_usable": (control - test) / (both + control + test),
        "net_rate_all": (control - test) / (both + control + test + neither),
        "response_ratio": (both + test) / (both + control),
    }


def agents(market: Market, count: int, generator: np.random.Generator) -> np.ndarray:
    """True cell chances of newly drawn agents, shape (count, 4).

    Where the market has two kinds, all agents of a kind favour the control equally, so that
    those who do not discriminate are exactly fair; they differ in how often they answer.
    """
    kind = generator.choice(len(market), size=count, p=[share for share, _ in market])
    chances = np.empty((count, 4))
    for number, (_, cells) in enumerate(market):
        here = kind == number
        drawn = generator.dirichlet(CONCENTRATION * np.array(cells), size=int(here.sum()))
        if len(market) > 1:
            discordant = drawn[:, 1] + drawn[:, 2]
            drawn[:, 1] = discordant * cells[1] / (cells[1] + cells[2])
            drawn[:, 2] = discordant - drawn[:, 1]
        chances[here] = drawn
    return chances


def covered(
    market: Market, design: Design, simulations: int, generator: np.random.Generator
) -> dict[tuple[str, str], int]:
    """How many intervals held the truth, by kind of interval and estimate."""
    count, fewest, most = design
    everywhere = truth(sum(share * np.array(cells) for share, cells in market))
    hits: dict[tuple[str, str], int] = defaultdict(int)
    for _ in range(simulations):
        chances = agents(market, count, generator)
        tests = generator.integers(fewest, most + 1, size=count)
        counts = generator.multinomial(tests, chances)
        tested = truth((chances * tests[:, None]).sum(axis=0))
        score = {e.name: e for e in estimates(Cells(*counts.sum(axis=0).tolist()), CONFIDENCE)}
        clustered = {e.name: e for e in clustered_estimates(counts, CONFIDENCE)}
        for kind, found, value in (
            ("these-targets, for the tested agents", score, tested),
            ("targets-like-these, for the market", clustered, everywhere),
            ("these-targets, used for the market", score, everywhere),
        ):
            for name in NAMES:
                hits[kind, name] += found[name].low <= value[name] <= found[name].high
    return hits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generator = np.random.default_rng(options.seed)
    error = sqrt(CONFIDENCE * (1 - CONFIDENCE) / options.simulations)
    print(
        f"{options.simulations} simulations; wanted {CONFIDENCE:.3f}, Monte Carlo error {error:.4f}"
    )
    for (size, design), (market, kinds) in product(DESIGNS.items(), MARKETS.items()):
        print(f"\n{size}; {market}\n{'':<38} " + " ".join(f"{name:>16}" for name in NAMES))
        hits = covered(kinds, design, options.simulations, generator)
        for kind in dict.fromkeys(kind for kind, _ in hits):
            shares = [hits[kind, name] / options.simulations for name in NAMES]
            print(f"{kind:<38} " + " ".join(f"{share:>16.3f}" for share in shares))


if __name__ == "__main__":
    main()
