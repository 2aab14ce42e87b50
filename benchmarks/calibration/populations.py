"""Cities of agents whose truth is known: who discriminates, how often, with how many tests."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlogy


@dataclass(frozen=True)
class Kind:
    """Agents who are alike.

    Attributes:
        share: of all agents.
        only_control: chance that a live advert favours the control applicant only.
        only_test: chance that it favours the test applicant only.
    """

    share: float
    only_control: float
    only_test: float


@dataclass(frozen=True)
class Population:
    """A city and how it is tested.

    Attributes:
        name: what is special about it.
        targets: number of agents.
        tests: fewest and most tests per agent, all numbers equally likely.
        kinds: the agents; who favours neither applicant is innocent.
        alpha: level at which is flagged.
        live: share of an agent's adverts on which replies can differ at all, the same for
            every agent; with `only_control + only_test = 1` every live advert is discordant.
        office: agents that share an office.
        together: chance that a discordant test goes the way of the office.
    """

    name: str
    targets: int
    tests: tuple[int, int]
    kinds: tuple[Kind, ...]
    alpha: float = 0.05
    live: float = 1.0
    office: int = 1
    together: float = 0.0


@dataclass(frozen=True)
class Round:
    """One simulated round: counts per agent, and the truth."""

    wins: np.ndarray
    losses: np.ndarray
    tests: np.ndarray
    innocent: np.ndarray
    guilty: np.ndarray


def draw(population: Population, rng: np.random.Generator) -> Round:
    """Agents, their tests and the replies."""
    shares = [kind.share for kind in population.kinds]
    kind = rng.choice(len(shares), size=population.targets, p=shares)
    control = np.array([kind.only_control for kind in population.kinds])[kind]
    test = np.array([kind.only_test for kind in population.kinds])[kind]
    tests = rng.integers(population.tests[0], population.tests[1] + 1, population.targets)
    discordant = rng.binomial(_live(tests, population), control + test)
    wins = _wins(discordant, control / (control + test), population, rng)
    return Round(wins, discordant - wins, tests, ~(control > test), control > test)


def innocence(population: Population, drawn: Round) -> np.ndarray:
    """True posterior chance that an agent does not favour the control, given its counts."""
    live = _live(drawn.tests, population)
    concordant = live - drawn.wins - drawn.losses
    log_ways = gammaln(live + 1) - gammaln(drawn.wins + 1) - gammaln(drawn.losses + 1)
    log_ways -= gammaln(concordant + 1)
    chances = np.stack(
        [
            kind.share
            * np.exp(
                log_ways
                + xlogy(drawn.wins, kind.only_control)
                + xlogy(drawn.losses, kind.only_test)
                + xlogy(concordant, max(1.0 - kind.only_control - kind.only_test, 0.0))
            )
            for kind in population.kinds
        ]
    )
    mild = np.array([not kind.only_control > kind.only_test for kind in population.kinds])
    return chances[mild].sum(axis=0) / chances.sum(axis=0)


def _live(tests: np.ndarray, population: Population) -> np.ndarray:
    return np.round(tests * population.live).astype(np.int64)


def _wins(
    discordant: np.ndarray, share: np.ndarray, population: Population, rng: np.random.Generator
) -> np.ndarray:
    if population.together == 0.0:
        return rng.binomial(discordant, share)
    shape = (population.targets, int(discordant.max(initial=0)))
    offices = -(-population.targets // population.office)
    office = np.repeat(rng.random((offices, shape[1])), population.office, axis=0)
    follows = rng.random(shape) < population.together
    luck = np.where(follows, office[: population.targets], rng.random(shape))
    happens = np.arange(shape[1]) < discordant[:, None]
    return (happens & (luck < share[:, None])).sum(axis=1)


def _city(guilty: float, control: float, test: float, fair: float) -> tuple[Kind, ...]:
    return (Kind(1.0 - guilty, fair, fair), Kind(guilty, control, test))


MIXED = (Kind(0.7, 0.12, 0.12), Kind(0.2, 0.30, 0.08), Kind(0.1, 0.55, 0.05))
DIFFUSE = (
    Kind(0.6, 0.15, 0.15),
    *(Kind(0.1, 0.5 * q, 0.5 * (1.0 - q)) for q in (0.6, 0.7, 0.8, 0.9)),
)
SPREAD = (
    *(Kind(0.85 / 4, fair, fair) for fair in (0.02, 0.08, 0.20, 0.35)),
    Kind(0.15, 0.5, 0.05),
)

POPULATIONS = (
    Population("all fair, 86 agents", 86, (6, 15), (Kind(1.0, 0.12, 0.12),)),
    Population("all fair, much response", 300, (20, 20), (Kind(1.0, 0.30, 0.30),)),
    Population("15 % consistent, a city of 86", 86, (6, 15), _city(0.15, 0.50, 0.05, 0.12)),
    Population("15 % consistent, 30 agents", 30, (12, 12), _city(0.15, 0.50, 0.05, 0.12)),
    Population("30 % consistent, 100 agents", 100, (12, 12), _city(0.30, 0.50, 0.05, 0.12)),
    Population("5 % consistent, 300 agents", 300, (12, 12), _city(0.05, 0.60, 0.05, 0.15)),
    Population("15 % consistent, 3,000 agents", 3000, (8, 8), _city(0.15, 0.50, 0.05, 0.12)),
    Population("30 % extreme, 4 tests", 300, (4, 4), _city(0.30, 0.75, 0.02, 0.12)),
    Population("15 % consistent, 6 tests", 300, (6, 6), _city(0.15, 0.60, 0.05, 0.12), 0.10),
    Population("15 % moderate, 20 tests", 300, (20, 20), _city(0.15, 0.30, 0.08, 0.12)),
    Population("15 % moderate, 40 tests", 86, (40, 40), _city(0.15, 0.30, 0.08, 0.12)),
    Population("20 % moderate, 10 % strong", 200, (10, 10), MIXED, 0.10),
    Population("40 % diffuse", 300, (20, 20), DIFFUSE),
    Population("unequal numbers of tests", 300, (4, 20), _city(0.15, 0.50, 0.05, 0.12)),
    Population("low response", 200, (20, 20), _city(0.15, 0.25, 0.01, 0.04)),
    Population("high response", 200, (10, 10), _city(0.20, 0.70, 0.05, 0.35)),
    Population("innocents answer unequally", 200, (12, 12), SPREAD),
    Population("half of the adverts dead", 200, (12, 12), _city(0.15, 0.80, 0.08, 0.24), live=0.5),
    Population("adverts fixed, all fair", 86, (10, 10), (Kind(1.0, 0.5, 0.5),), live=0.6),
    Population("adverts fixed", 200, (14, 14), _city(0.15, 0.95, 0.05, 0.5), live=0.6),
    Population(
        "20 % the other way",
        200,
        (10, 10),
        (Kind(0.6, 0.12, 0.12), Kind(0.2, 0.5, 0.05), Kind(0.2, 0.05, 0.5)),
        0.10,
    ),
    Population("90 % discriminate", 200, (10, 10), _city(0.90, 0.50, 0.05, 0.12)),
    Population(
        "dependent, offices of 5",
        200,
        (10, 10),
        _city(0.15, 0.50, 0.05, 0.12),
        office=5,
        together=0.5,
    ),
    Population(
        "dependent, all fair",
        200,
        (10, 10),
        (Kind(1.0, 0.25, 0.25),),
        office=5,
        together=0.5,
    ),
)
