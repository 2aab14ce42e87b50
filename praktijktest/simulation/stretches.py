"""The stretches of a simulated round: waves, and fresh tests to confirm what the first showed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from praktijktest.simulation.population import Confirm, Population

IntArray = NDArray[np.int64]

DAYS_BETWEEN = 30
"""Days between the end of one wave or phase and the start of the next."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One wave or phase of fieldwork.

    Attributes:
        numbers: tests to send, [target, ground].
        start: first day of sending.
        strength: what discrimination is multiplied by.
        wave: what stands in the log's column of that name.
        phase: the same.
    """

    numbers: IntArray
    start: date
    strength: float
    wave: str
    phase: str


def tests_wanted(population: Population, generator: np.random.Generator) -> IntArray:
    """How many tests every agent gets on every ground, [target, ground]."""
    shape = (population.population.targets, len(population.grounds))
    fewest, most = population.population.tests
    if population.population.tests_shape == "even":
        return generator.integers(fewest, most + 1, size=shape)
    # The third power of a uniform number: half of the agents have an eighth of the range.
    more = (most - fewest + 1) * generator.random(shape) ** 3
    return fewest + more.astype(np.int64)


def waves(
    population: Population, numbers: IntArray, generator: np.random.Generator
) -> list[Stretch]:
    """Share the tests out over the waves; what cannot be shared goes to waves at random."""
    waves = population.waves
    phase = "screen" if population.confirm is not None else ""
    start = population.population.start
    if not waves:
        return [Stretch(numbers, start, 1.0, "", phase)]
    each, rest = np.divmod(numbers, len(waves))
    first = generator.integers(len(waves), size=numbers.shape)
    return [
        Stretch(
            each + ((place - first) % len(waves) < rest),
            _later(population, start, place),
            wave.strength,
            wave.id,
            phase,
        )
        for place, wave in enumerate(waves)
    ]


def confirmation(
    population: Population,
    confirm: Confirm,
    net: IntArray,
    before: Sequence[Stretch],
    generator: np.random.Generator,
) -> Stretch:
    """Fresh tests for every agent whose first tests, as coded, differ enough.

    Args:
        population: the whole population.
        confirm: what makes an agent be tested again, and how often.
        net: tests that the control applicant won minus those they lost, [target, ground].
        before: the stretches so far.
        generator: where chance comes from.
    """
    fewest, most = confirm.tests
    more = generator.integers(fewest, most + 1, size=net.shape)
    return Stretch(
        np.where(net >= confirm.net, more, 0),
        _later(population, population.population.start, len(before)),
        before[-1].strength,
        before[-1].wave,
        "confirm",
    )


def _later(population: Population, start: date, stretches: int) -> date:
    weeks = -(-population.population.working_days // 5)
    return start + timedelta(days=stretches * (7 * weeks + DAYS_BETWEEN))
