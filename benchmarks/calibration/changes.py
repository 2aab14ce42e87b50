"""How often the interval of a change between two rounds holds the true change.

Agents differ in how often they favour the control, and an agent tested in both rounds keeps
what it is like as far as "kept" says. The last two columns give what two simpler habits would
cover for the first estimate: rounds taken as independent although agents recur, and
clusters - 1 degrees of freedom with one correction for all clusters, also where one round is
small.
Usage: python benchmarks/calibration/changes.py [--simulations 2000] [--seed 1]
"""

import argparse
from math import sqrt

import numpy as np
from scipy.special import gammaincinv, stdtrit

from praktijktest.statistics.waves import combined_rates

CONFIDENCE = 0.95
CONCENTRATION = 12.0
"""How alike agents are: precision of the Dirichlet that their chances come from."""

ROUNDS = np.array([(0.27, 0.20, 0.08, 0.45), (0.30, 0.14, 0.10, 0.46)])
"""Mean chances of both, only control, only test applicant, neither, in either round."""

DESIGNS = {
    # agents in both rounds, in the first alone, in the second alone; tests of each; kept
    "20 agents, all in both": (20, 0, 0, 12, 0.8),
    "40 agents, all in both": (40, 0, 0, 10, 0.8),
    "86 agents, all in both": (86, 0, 0, 10, 0.8),
    "54 firms x 80, all in both": (54, 0, 0, 80, 0.9),
    "60 in both, 26 left, 40 new": (60, 26, 40, 10, 0.8),
    "60 in both, nothing kept": (60, 26, 40, 10, 0.0),
    "86 and 86, none in both": (0, 86, 86, 10, 0.0),
    "200 and 12, none in both": (0, 200, 12, 10, 0.0),
    "200 and 12, the 12 in both": (12, 188, 0, 10, 0.8),
    "8 and 8, none in both": (0, 8, 8, 12, 0.0),
}


def rounds(design: tuple[int, int, int, int, float], generator: np.random.Generator) -> np.ndarray:
    """Cells of every agent in either round, shape (agents, 2, 4)."""
    both, first, second, tests, kept = design
    agents = both + first + second
    quantiles = generator.random((agents, 2, 4))
    same = generator.random(agents) < kept
    quantiles[same, 1] = quantiles[same, 0]
    shares = gammaincinv(CONCENTRATION * ROUNDS, quantiles)
    chances = shares / shares.sum(axis=2, keepdims=True)
    counts = generator.multinomial(tests, chances)
    counts[both : both + first, 1] = 0
    counts[both + first :, 0] = 0
    return counts


def sums(counts: np.ndarray, *, usable: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Differences, tests in the denominator and all tests, by agent and round."""
    tests = counts.sum(axis=2)
    return counts[..., 1] - counts[..., 2], tests - counts[..., 3] * usable, tests


def simple_habits(
    top: np.ndarray, bottom: np.ndarray, tests: np.ndarray, truth: float
) -> tuple[bool, bool]:
    """Whether rounds as independent, and one correction for all clusters, hold the truth."""
    here = (tests > 0).any(axis=1)
    top, bottom, tests = top[here], bottom[here], tests[here]
    rates = top.sum(axis=0) / bottom.sum(axis=0)
    parts = (top - rates * bottom) / bottom.sum(axis=0) * np.array([-1, 1])
    number = (tests > 0).sum(axis=0)
    apart = sqrt((number / (number - 1) * np.square(parts).sum(axis=0)).sum())
    clusters = len(top)
    joint = sqrt(clusters / (clusters - 1) * np.square(parts.sum(axis=1)).sum())
    off = abs(rates[1] - rates[0] - truth)
    quantile = 0.5 + CONFIDENCE / 2
    return (
        bool(off <= stdtrit(number.sum() - 2, quantile) * apart),
        bool(off <= stdtrit(clusters - 1, quantile) * joint),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generator = np.random.default_rng(options.seed)
    net = ROUNDS[:, 1] - ROUNDS[:, 2]
    truths = {
        "net_rate_usable": np.diff(net / (1 - ROUNDS[:, 3]))[0],
        "net_rate_all": np.diff(net)[0],
    }
    error = sqrt(CONFIDENCE * (1 - CONFIDENCE) / options.simulations)
    print(f"{options.simulations} simulations; wanted {CONFIDENCE}, Monte Carlo error {error:.4f}")
    columns = (*truths, "as independent", "one correction")
    print(f"{'':<30} " + " ".join(f"{name:>16}" for name in columns))
    for name, design in DESIGNS.items():
        hits = np.zeros(len(columns))
        for _ in range(options.simulations):
            counts = rounds(design, generator)
            for place, (measure, truth) in enumerate(truths.items()):
                top, bottom, tests = sums(counts, usable=measure == "net_rate_usable")
                found = combined_rates(top, bottom, [-1, 1], CONFIDENCE, tests=tests)
                known = found.low is not None and found.high is not None
                hits[place] += known and found.low <= truth <= found.high
                if place == 0:
                    hits[2:] += simple_habits(top, bottom, tests, truth)
        shares = hits / options.simulations
        print(f"{name:<30} " + " ".join(f"{share:>16.3f}" for share in shares))


if __name__ == "__main__":
    main()
