"""What agents answer in one stretch of fieldwork, and what of it reaches the log."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from praktijktest.simulation.agents import CONTROL, TEST, Agents, cell_chances, spread
from praktijktest.simulation.population import Population
from praktijktest.simulation.schedule import SentTests, positives, schedule
from praktijktest.simulation.stretches import Stretch

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FIRST_CONTROL = {"random": 0.5, "control-first": 1.0, "test-first": 0.0}


@dataclass(frozen=True, slots=True)
class Answers:
    """The tests of one stretch and what came of them.

    Attributes:
        stretch: the wave or phase.
        tests: its tests, in order of sending.
        advert: number of the advert among those of the same agent and ground, [test].
        expected: true chances of the four cells over the orders and templates that chance
            could have drawn, [test, 4].
        control_has_second: whether the control applicant had template B, [test].
        coded: positive or not as the log says it, [test, arm].
        lost: positive replies that never reached the log, [test, arm].
    """

    stretch: Stretch
    tests: SentTests
    advert: IntArray
    expected: FloatArray
    control_has_second: BoolArray
    coded: BoolArray
    lost: BoolArray


def answer(
    population: Population, agents: Agents, stretch: Stretch, generator: np.random.Generator
) -> Answers:
    """Send the tests of one stretch and let agents answer."""
    tests = schedule(
        stretch.numbers,
        start=stretch.start,
        working_days=population.population.working_days,
        gap_hours=population.population.gap_hours,
        generator=generator,
        control_first=FIRST_CONTROL[population.population.order],
    )
    advert = _places(tests.pair) // population.population.tests_per_advert
    response = _on_adverts(population, agents, tests, advert, generator)
    second = generator.random(len(tests)) < 0.5
    keep = _kept(population, agents, tests, stretch.strength, second)
    agreement = np.array([ground.agreement for ground in population.grounds])[tests.ground]
    answered = positives(cell_chances(response, agreement, keep), generator)
    noise = population.noise
    lost = answered & (generator.random(answered.shape) < noise.missing_replies)
    miscoded = ~lost & (generator.random(answered.shape) < noise.coding_error)
    return Answers(
        stretch=stretch,
        tests=tests,
        advert=advert,
        expected=_expected(population, agents, tests, stretch.strength, response, agreement),
        control_has_second=second,
        coded=(answered & ~lost) ^ miscoded,
        lost=lost,
    )


def _places(pair: IntArray) -> IntArray:
    """The how-manieth test of its agent and ground every test is, counted from 0."""
    order = np.argsort(pair, kind="stable")
    ordered = pair[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(starts, len(pair)))
    places = np.empty(len(pair), dtype=np.int64)
    places[order] = np.arange(len(pair)) - np.repeat(starts, sizes)
    return places


def _on_adverts(
    population: Population,
    agents: Agents,
    tests: SentTests,
    advert: IntArray,
    generator: np.random.Generator,
) -> FloatArray:
    """Chance of a positive reply on the advert of every test, [test]."""
    response = np.empty(len(tests))
    key = tests.pair * (int(advert.max(initial=0)) + 1) + advert
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    for number, ground in enumerate(population.grounds):
        mine = tests.ground[first] == number
        mean = agents.response[tests.target[first[mine]], number]
        chances = np.empty(len(first))
        chances[mine] = spread(mean, ground.adverts_differ, generator)
        here = tests.ground == number
        response[here] = chances[which.ravel()[here]]
    return response


def _withheld(agents: Agents, tests: SentTests, strength: float) -> FloatArray:
    """Share of positive replies that discrimination leaves, [test, arm]."""
    held = 1 - strength * agents.strength.ravel()[tests.pair]
    reverse = agents.favours_test.ravel()[tests.pair]
    return np.column_stack([np.where(reverse, held, 1.0), np.where(reverse, 1.0, held)])


def _kept(
    population: Population,
    agents: Agents,
    tests: SentTests,
    strength: float,
    control_has_second: BoolArray,
) -> FloatArray:
    """Share of positive replies that is not withheld, order and template included."""
    keep = _withheld(agents, tests, strength)
    later = 1 - population.noise.order_effect
    worse = 1 - population.noise.template_effect
    control_is_later = ~tests.control_first
    keep[:, CONTROL] *= np.where(control_is_later, later, 1) * np.where(
        control_has_second, worse, 1
    )
    keep[:, TEST] *= np.where(control_is_later, 1, later) * np.where(control_has_second, 1, worse)
    return keep


def _expected(
    population: Population,
    agents: Agents,
    tests: SentTests,
    strength: float,
    response: FloatArray,
    agreement: FloatArray,
) -> FloatArray:
    """Cell chances of every test over the orders and templates it could have had."""
    withheld = _withheld(agents, tests, strength)
    first = FIRST_CONTROL[population.population.order]
    later = 1 - population.noise.order_effect
    worse = 1 - population.noise.template_effect
    cells = np.zeros((len(tests), 4))
    for chance, order in ((first, (1.0, later)), (1 - first, (later, 1.0))):
        for template in ((1.0, worse), (worse, 1.0)):
            keep = withheld * np.array(order) * np.array(template)
            cells += chance / 2 * cell_chances(response, agreement, keep)
    return cells
