"""Simulate a round on a population: agents, adverts, tests, replies, and the truth."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from praktijktest.simulation.agents import CONTROL, TEST, Agents, draw_agents
from praktijktest.simulation.answering import Answers, answer
from praktijktest.simulation.columns import Columns, log_columns, numbered, text
from praktijktest.simulation.parameters import LogNoise
from praktijktest.simulation.population import Population
from praktijktest.simulation.replies import Replies, draw_replies, drawn_values
from praktijktest.simulation.rounds import SimulatedRound
from praktijktest.simulation.stretches import confirmation, tests_wanted, waves

IntArray = NDArray[np.int64]
ObjectArray = NDArray[np.object_]

TEMPLATES = ("A", "B")
TESTERS = ("tester 1", "tester 2", "tester 3")
CHANNELS = {"form": 0.6, "mail": 0.4}
FAILURES = ("advert-gone", "bounced")

LABOUR_POSITIVE = {"interview": 0.9, "offer": 0.1}
LABOUR_NEGATIVE = {
    "no-reply": 0.62,
    "refused": 0.16,
    "kept-on-file": 0.08,
    "vacancy-closed": 0.05,
    "information-request": 0.03,
    "call-back": 0.03,
    "auto-reply": 0.03,
}


def simulate_population(population: Population, seed: int) -> SimulatedRound:
    """Make a round on a population, with its truth.

    Args:
        population: who is tested and how they behave.
        seed: any whole number from 0 up; the same seed gives the same round.

    Returns:
        The log, and the truth per (target, ground): `target`, `contrast`, `behaviour`,
        `favours` (control, test or none), `discriminates` (whether it favours the control
        applicant), `strength`, `tests` (sent, noise included), and the chances of the four
        cells of a test, `p_both`, `p_only_control`, `p_only_test`, `p_neither`: what the
        agent does under the strict rule, mean over the tests sent, before coding errors
        and lost replies.
    """
    generator = np.random.default_rng(seed)
    agents = draw_agents(population, generator)
    fields = [
        answer(population, agents, stretch, generator)
        for stretch in waves(population, tests_wanted(population, generator), generator)
    ]
    if population.confirm is not None:
        net = _net(population, fields)
        before = [field.stretch for field in fields]
        confirming = confirmation(population, population.confirm, net, before, generator)
        fields.append(answer(population, agents, confirming, generator))
    return SimulatedRound(
        log=_log(population, agents, fields, generator),
        truth=_truth(population, agents, fields),
        seed=seed,
    )


def _net(population: Population, fields: Sequence[Answers]) -> IntArray:
    """Tests that the control applicant won minus those they lost, as coded, [target, ground]."""
    shape = (population.population.targets, len(population.grounds))
    net = np.zeros(shape, dtype=np.int64)
    for field in fields:
        gap = field.coded[:, CONTROL].astype(np.int64) - field.coded[:, TEST]
        np.add.at(net.reshape(-1), field.tests.pair, gap)
    return net


def _log(
    population: Population,
    agents: Agents,
    fields: Sequence[Answers],
    generator: np.random.Generator,
) -> Columns:
    """The log of all stretches, one row per application that was sent."""
    pair = np.concatenate([field.tests.pair for field in fields])
    target, ground = np.divmod(pair, len(population.grounds))
    sent_at = np.concatenate([field.tests.sent_at for field in fields])
    favours_control = (agents.kind >= 0) & ~agents.favours_test
    replies = draw_replies(
        log_noise(population),
        np.concatenate([field.coded for field in fields]),
        favours_control.ravel()[pair],
        sent_at,
        generator,
        np.concatenate([field.lost for field in fields]),
    )
    per_test = _per_test(population, fields, target, generator)
    per_application = _per_application(population, fields, ground, replies, generator)
    return log_columns(per_test, per_application, replies.sent)


def log_noise(population: Population) -> LogNoise:
    """How a population's replies look in the log."""
    housing = population.population.market == "housing"
    usual = LogNoise()
    return LogNoise(
        positive=usual.positive if housing else LABOUR_POSITIVE,
        negative=usual.negative if housing else LABOUR_NEGATIVE,
        explicit=population.noise.explicit,
        late=population.noise.late,
        failed=dict.fromkeys(FAILURES, population.noise.failed / len(FAILURES)),
        incomplete=population.noise.incomplete,
        silence_left_empty=population.noise.silence_left_empty,
        response_days=population.population.response_days,
        notes=(),
    )


def _per_test(
    population: Population,
    fields: Sequence[Answers],
    target: IntArray,
    generator: np.random.Generator,
) -> Columns:
    targets, count = population.population.targets, len(target)
    names = target_names(population)
    columns: Columns = {
        "test": numbered(f"T{{:0{max(5, len(str(count)))}d}}", count),
        "target": names[target],
    }
    for name, levels in population.strata.items():
        columns[name] = drawn_values(levels, targets, generator)[target]
    columns["advert"] = _adverts(fields)
    sizes = [len(field.tests) for field in fields]
    if population.waves:
        columns["wave"] = np.repeat(text([field.stretch.wave for field in fields]), sizes)
    if population.confirm is not None:
        columns["phase"] = np.repeat(text([field.stretch.phase for field in fields]), sizes)
    columns["channel"] = drawn_values(CHANNELS, count, generator)
    columns["tester"] = text(TESTERS)[generator.integers(len(TESTERS), size=count)]
    return columns


def _adverts(fields: Sequence[Answers]) -> ObjectArray:
    """A reference per advert; every stretch has adverts of its own."""
    stretch = np.repeat(np.arange(len(fields)), [len(field.tests) for field in fields])
    pair = np.concatenate([field.tests.pair for field in fields])
    advert = np.concatenate([field.advert for field in fields])
    keys = (stretch * (int(pair.max()) + 1) + pair) * (int(advert.max()) + 1) + advert
    _, number = np.unique(keys, return_inverse=True)
    different, place = np.unique(number.ravel(), return_inverse=True)
    return numbered("AD-{:07d}", len(different), different + 1)[place.ravel()]


def _per_application(
    population: Population,
    fields: Sequence[Answers],
    ground: IntArray,
    replies: Replies,
    generator: np.random.Generator,
) -> Columns:
    control_first = np.concatenate([field.tests.control_first for field in fields])
    second = np.concatenate([field.control_has_second for field in fields])
    profile = np.empty((len(ground), 2), dtype=object)
    name = np.empty((len(ground), 2), dtype=object)
    for number, tested in enumerate(population.grounds):
        here = ground == number
        arms = ((tested.control, tested.control_names), (tested.test, tested.test_names))
        for arm, (applicant, names) in enumerate(arms):
            profile[here, arm] = applicant
            drawn = generator.integers(len(names), size=int(here.sum()))
            name[here, arm] = text(names)[drawn]
    template = np.where(second[:, None], np.array([[1, 0]]), np.array([[0, 1]]))
    return {
        "profile": profile,
        "name": name,
        "position": np.where(control_first[:, None], np.array([[1, 2]]), np.array([[2, 1]])),
        "template": text(TEMPLATES)[template],
        "sent_at": np.concatenate([field.tests.sent_at for field in fields]),
        "replied_at": replies.replied_at,
        "outcome": replies.outcome,
        "failed": replies.failed,
        "evidence": replies.evidence,
    }


def _truth(population: Population, agents: Agents, fields: Sequence[Answers]) -> Columns:
    """One row per (target, ground)."""
    targets, grounds = population.population.targets, len(population.grounds)
    tests = np.zeros(targets * grounds, dtype=np.int64)
    cells = np.zeros((targets * grounds, 4))
    for field in fields:
        tests += np.bincount(field.tests.pair, minlength=len(tests))
        for cell in range(4):
            cells[:, cell] += np.bincount(
                field.tests.pair, weights=field.expected[:, cell], minlength=len(tests)
            )
    cells /= tests[:, None]
    discriminates = (agents.kind >= 0).ravel()
    reverse = agents.favours_test.ravel()
    return {
        "target": np.repeat(target_names(population), grounds),
        "contrast": np.tile(text([ground.id for ground in population.grounds]), targets),
        "behaviour": agents.names(population).ravel(),
        "favours": np.where(reverse, "test", np.where(discriminates, "control", "none")),
        "discriminates": discriminates & ~reverse,
        "strength": agents.strength.ravel(),
        "tests": tests,
        "p_both": cells[:, 0],
        "p_only_control": cells[:, CONTROL + 1],
        "p_only_test": cells[:, TEST + 1],
        "p_neither": cells[:, 3],
    }


def target_names(population: Population) -> ObjectArray:
    """What the agents of a population are called in the log and in the truth."""
    targets = population.population.targets
    pattern = f"{population.population.target_name}-{{:0{max(3, len(str(targets)))}d}}"
    return numbered(pattern, targets)
