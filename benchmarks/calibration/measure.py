"""Error rates and power of every rule, from many simulated rounds of a population."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np
from populations import POPULATIONS, Population, draw
from rules import ALL, ORACLE, flags

CHUNK = 10
"""Rounds handed to a worker at a time."""


@dataclass(frozen=True)
class Measured:
    """What a rule did in a population.

    Attributes:
        false_discovery_rate: mean share of innocents among the flagged, and its Monte
            Carlo error.
        any_false: share of rounds with a false flag.
        power: share of all discriminators who are flagged; None where there are none.
        of_oracle: discriminators found, as a share of what the oracle finds; None where
            it finds less than one in ten rounds.
    """

    rule: str
    false_discovery_rate: float
    error: float
    any_false: float
    power: float | None
    of_oracle: float | None

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain data."""
        return asdict(self)


def tasks(rounds: int, seed: int) -> list[tuple[int, int, int, int]]:
    """Population, first round, last round (not included) and seed of every piece of work."""
    return [
        (place, first, min(first + CHUNK, rounds), seed)
        for place in _slowest_first()
        for first in range(0, rounds, CHUNK)
    ]


def _slowest_first() -> Iterator[int]:
    yield from sorted(range(len(POPULATIONS)), key=lambda place: -POPULATIONS[place].targets)


def work(task: tuple[int, int, int, int]) -> tuple[int, int, np.ndarray]:
    """Counts of some rounds, shape (rounds, rules, 3): false flags, found, flagged.

    The last entry of the second axis counts the truth: innocents, discriminators, agents.
    Every round has its own seed, so that it does not matter who works on it.
    """
    place, first, last, seed = task
    population = POPULATIONS[place]
    counts = np.zeros((last - first, len(ALL) + 1, 3), dtype=np.int64)
    for row, number in enumerate(range(first, last)):
        rng = np.random.default_rng(np.random.SeedSequence([seed, place, number]))
        drawn = draw(population, rng)
        for column, rule in enumerate(ALL):
            flagged = flags(rule, population, drawn)
            false, found = (flagged & drawn.innocent).sum(), (flagged & drawn.guilty).sum()
            counts[row, column] = false, found, flagged.sum()
        counts[row, -1] = drawn.innocent.sum(), drawn.guilty.sum(), population.targets
    return place, first, counts


def summary(population: Population, counts: np.ndarray) -> dict[str, Any]:
    """All rules in one population, from the counts of all rounds."""
    measured = [_measured(rule, counts[:, place], counts) for place, rule in enumerate(ALL)]
    return {
        "population": population.name,
        "targets": population.targets,
        "tests": list(population.tests),
        "alpha": population.alpha,
        "rounds": len(counts),
        "rules": [one.to_dict() for one in measured],
    }


def _measured(rule: str, own: np.ndarray, counts: np.ndarray) -> Measured:
    false, found, flagged = own.T
    shares = false / np.maximum(flagged, 1)
    guilty = int(counts[:, -1, 1].sum())
    best = int(counts[:, ALL.index(ORACLE), 1].sum())
    return Measured(
        rule=rule,
        false_discovery_rate=round(float(shares.mean()), 5),
        error=round(float(shares.std(ddof=1)) / sqrt(len(shares)), 5),
        any_false=round(float((false > 0).mean()), 5),
        power=round(float(found.sum()) / guilty, 5) if guilty else None,
        of_oracle=round(float(found.sum()) / best, 5) if 10 * best > len(shares) else None,
    )
