"""Empirical Bayes: how long it takes, and whether it keeps its word.

Speed: processor seconds per part and number of targets with 6 to 15 tests; grades also for
targets with 10 to 40. Quality: rounds drawn from populations with known truth; how much
closer shrunken net rates are to the truth than raw ones, how often intervals hold it, what
regression to the mean was predicted and what fresh tests gave, how often flags at a local
false discovery rate of 10 % are wrong.
Usage: python benchmarks/empirical_bayes.py [--rounds 40] [--seed 1]
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from praktijktest.statistics.grades import report_card
from praktijktest.statistics.mixtures import binomial_mixture, multinomial_mixture
from praktijktest.statistics.prevalence_bounds import posterior_bound, prevalence_bound
from praktijktest.statistics.regression_to_mean import expected_again
from praktijktest.statistics.shrinkage import shrunken_net_rates
from praktijktest.statistics.two_group import (
    cell_posterior,
    discrimination_posterior,
    flagged_by_local_fdr,
)

FRESH = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    speed(np.random.default_rng(arguments.seed))
    quality(arguments.rounds, arguments.seed)


def speed(rng: np.random.Generator) -> None:
    rounds = {f"{size:,}": draw("strong", size, rng)[0] for size in (86, 1_000, 42_000, 100_000)}
    rounds["500, 10-40 tests"] = draw("strong", 500, rng, (10, 41))[0]
    print(f"| part | {' | '.join(rounds)} |")
    print("|---|" + "---|" * len(rounds))
    for name, work in PARTS.items():
        cells = [f"{seconds(work, counts):.2f}" for counts in rounds.values()]
        print(f"| {name} | {' | '.join(cells)} |")


def seconds(work: Callable[[np.ndarray], object], counts: np.ndarray) -> float:
    taken = []
    for _ in range(3):
        began = time.process_time()
        work(counts)
        taken.append(time.process_time() - began)
    return min(taken)


def wins_and_losses(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return counts[:, 1], counts[:, 2]


PARTS: dict[str, Callable[[np.ndarray], object]] = {
    "`binomial_mixture`": lambda x: binomial_mixture(x[:, 1], x[:, 1] + x[:, 2]),
    "`multinomial_mixture`, four cells": multinomial_mixture,
    "`discrimination_posterior`": lambda x: discrimination_posterior(*wins_and_losses(x)),
    "`cell_posterior`": cell_posterior,
    "`shrunken_net_rates`": shrunken_net_rates,
    "`expected_again`, a tenth": lambda x: expected_again(x, suspects(x), FRESH),
    "`prevalence_bound`": lambda x: prevalence_bound(*wins_and_losses(x)),
    "`posterior_bound`, a tenth": lambda x: posterior_bound(*wins_and_losses(x), suspects(x)),
    "`report_card`": report_card,
}


def suspects(counts: np.ndarray) -> np.ndarray:
    """The tenth of the targets with the highest raw net rates."""
    rate = (counts[:, 1] - counts[:, 2]) / counts.sum(axis=1)
    chosen = np.zeros(len(counts), dtype=bool)
    chosen[np.argsort(-rate, kind="stable")[: max(1, len(counts) // 10)]] = True
    return chosen


def draw(
    kind: str, targets: int, rng: np.random.Generator, tests: tuple[int, int] = (6, 16)
) -> tuple[np.ndarray, np.ndarray]:
    """Cells per target, and the chances of all four cells."""
    only = np.full((targets, 2), 0.12)
    third = targets // 7
    if kind == "strong":
        only[:third] = (0.50, 0.05)
    if kind == "mixed":
        only[: 2 * third] = (0.30, 0.08)
        only[:third] = (0.55, 0.05)
    if kind == "diffuse":
        discordance = rng.beta(2, 5, targets)
        favour = np.where(rng.random(targets) < 0.4, rng.uniform(0.5, 1, targets), 0.5)
        only = np.stack([discordance * favour, discordance * (1 - favour)], axis=1)
    if kind == "continuous":
        only = rng.dirichlet((1.5, 0.8, 6.0), targets)[:, :2]
    if kind == "reverse cases":
        only[:third] = (0.50, 0.05)
        only[third : 2 * third] = (0.05, 0.50)
    rest = 1.0 - only.sum(axis=1)
    chances = np.column_stack([0.4 * rest, only, 0.6 * rest])
    numbers = rng.integers(*tests, targets)
    cells = [rng.multinomial(n, p) for n, p in zip(numbers, chances, strict=True)]
    return np.array(cells), chances


def quality(rounds: int, seed: int) -> None:
    kinds = ("fair", "strong", "mixed", "diffuse", "continuous", "reverse cases")
    names = (
        "error raw",
        "error shrunken",
        "interval holds",
        "first result",
        "expected again",
        "fresh tests",
        "limits hold",
        "prevalence too high",
        "wrong flags (b, d)",
        "found (b, d)",
        "wrong flags four cells",
        "found four cells",
    )
    print(f"\n| population | targets | {' | '.join(names)} |")
    print("|---|---|" + "---|" * len(names))
    for number, kind in enumerate(kinds):
        for targets in (30, 86, 300):
            rng = np.random.default_rng([seed, number, targets])
            drawn = [one_round(kind, targets, rng) for _ in range(rounds)]
            means = " | ".join(f"{value:.3f}" for value in np.mean(drawn, axis=0))
            print(f"| {kind} | {targets} | {means} |", flush=True)


def one_round(kind: str, targets: int, rng: np.random.Generator) -> list[float]:
    cells, chances = draw(kind, targets, rng)
    truth = chances[:, 1] - chances[:, 2]
    raw = (cells[:, 1] - cells[:, 2]) / cells.sum(axis=1)
    shrunken = shrunken_net_rates(cells)
    chosen = suspects(cells)
    again = expected_again(cells, chosen, FRESH)
    fresh = np.array([rng.multinomial(FRESH, p) for p in chances[chosen]])
    rate = float((fresh[:, 1] - fresh[:, 2]).sum() / fresh.sum())
    bound = prevalence_bound(cells[:, 1], cells[:, 2]).low
    return [
        float(np.sqrt(((raw - truth) ** 2).mean())),
        float(np.sqrt(((shrunken.mean - truth) ** 2).mean())),
        float(((shrunken.low <= truth) & (truth <= shrunken.high)).mean()),
        again.observed or 0.0,
        again.expected or 0.0,
        rate,
        float((again.low or 0.0) <= rate <= (again.high or 0.0)),
        float(bound > (np.abs(truth) > 1e-9).mean()),
        *flags(discrimination_posterior(cells[:, 1], cells[:, 2]).local_fdr, truth > 1e-9),
        *flags(cell_posterior(cells).local_fdr, truth > 1e-9),
    ]


def flags(local_fdr: np.ndarray, guilty: np.ndarray) -> tuple[float, float]:
    """Share of wrong flags, and share of the guilty that is found."""
    flagged = flagged_by_local_fdr(local_fdr, 0.1)
    wrong = (flagged & ~guilty).sum() / max(1, flagged.sum())
    return float(wrong), float((flagged & guilty).sum() / max(1, guilty.sum()))


if __name__ == "__main__":
    main()
