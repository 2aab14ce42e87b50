"""How often both kinds of intervals hold the truth, and how often tests reject a true null.

Agents differ, in two ways. In one market a part of them discriminates strongly and the others
treat both applicants alike; in the other every agent leans to one side somewhat. Intervals of
scope `these-targets` are meant for the agents that were tested; intervals of scope
`targets-like-these` for the market they were drawn from. The third line shows why there are
two: the first kind, used for the market. Below each table stands how often the tests at 5 %
reject, where agents lean to either side but the market as a whole to none: `cluster_t` is meant
for that question, the others for whether these agents treat applicants alike.
Usage: python benchmarks/calibration/intervals.py [--simulations 2000] [--seed 1]
"""

import argparse
from collections import defaultdict
from itertools import product
from math import sqrt

import numpy as np

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.clustered import cluster_t, clustered_estimates
from praktijktest.statistics.mcnemar import mcnemar_exact, mcnemar_midp
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

BALANCED = ((1.0, (0.25, 0.15, 0.15, 0.45)),)
"""A market where agents lean to either side and the whole to none."""

DESIGNS = {
    "20 agents x 6-15 tests": (20, 6, 15),
    "40 agents x 6-15 tests": (40, 6, 15),
    "86 agents x 6-15 tests": (86, 6, 15),
    "200 agents x 6-15 tests": (200, 6, 15),
    "500 agents x 6-15 tests": (500, 6, 15),
    "54 agents x 100 tests": (54, 100, 100),
}
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


def rejected(design: Design, simulations: int, generator: np.random.Generator) -> dict[str, int]:
    """How many p-values were at most .05 where the market as a whole leans to no side."""
    count, fewest, most = design
    hits: dict[str, int] = defaultdict(int)
    for _ in range(simulations):
        chances = agents(BALANCED, count, generator)
        tests = generator.integers(fewest, most + 1, size=count)
        counts = generator.multinomial(tests, chances)
        control, test = int(counts[:, 1].sum()), int(counts[:, 2].sum())
        p_values = {
            "cluster_t": cluster_t(counts[:, 1] - counts[:, 2], tests).p,
            "mcnemar_midp": float(mcnemar_midp(control, test)),
            "mcnemar_exact": float(mcnemar_exact(control, test)),
        }
        for name, p in p_values.items():
            hits[name] += p is not None and p <= 1 - CONFIDENCE
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
    print(f"\nTests at {1 - CONFIDENCE:.2f}, no net difference in the market: share rejected")
    for size, design in DESIGNS.items():
        hits = rejected(design, options.simulations, generator)
        shares = [f"{name} {hits[name] / options.simulations:.3f}" for name in hits]
        print(f"{size:<38} " + "   ".join(shares))


if __name__ == "__main__":
    main()
