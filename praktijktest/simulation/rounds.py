"""Simulate a round: agents with known behaviour, and the log their replies leave."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from praktijktest.simulation.columns import Columns, log_columns, numbered, text
from praktijktest.simulation.parameters import RoundParameters
from praktijktest.simulation.replies import Replies, draw_replies, drawn_values
from praktijktest.simulation.schedule import SentTests, positives, schedule

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

CONTROL, TEST = 0, 1


@dataclass(frozen=True, slots=True)
class SimulatedRound:
    """A simulated log and the truth behind it.

    Attributes:
        log: column -> one value per application, sorted by test and position: text, but
            `position` (whole numbers), `rent` (euros a month) and `sent_at`, `replied_at`
            (datetime64 in minutes, NaT where there was no reply).
        truth: column -> one value per (target, ground): `target`, `contrast`, `discriminates`
            (bool), `tests` (sent, noise included) and the true probabilities `p_both`,
            `p_only_control`, `p_only_test`, `p_neither` of a test under the strict rule.
        seed: what made it.
    """

    log: Columns
    truth: Columns
    seed: int


def simulate_round(parameters: RoundParameters, seed: int) -> SimulatedRound:
    """Make a round with known truth.

    Who discriminates, how every agent answers, when and in which order applications are
    sent, what fails and what is left out of the log all follow from the seed. Failed and
    incomplete tests hit both arms alike, and late replies come from what would have been
    silence, so that the true probabilities hold for the tests that remain.

    Args:
        parameters: size, grounds, true behaviour and noise of the round.
        seed: any whole number; the same seed gives the same round.

    Returns:
        The log as columns and the truth per target and ground.
    """
    generator = np.random.default_rng(seed)
    discriminates = _discriminators(parameters, generator)
    probabilities = _cell_probabilities(parameters, discriminates, generator)
    fewest, most = parameters.tests_per_target
    shape = (parameters.targets, len(parameters.grounds))
    numbers = generator.integers(fewest, most + 1, size=shape)
    tests = schedule(
        numbers,
        start=parameters.start,
        working_days=parameters.working_days,
        gap_hours=parameters.gap_hours,
        generator=generator,
    )
    positive = positives(probabilities.reshape(-1, 4)[tests.pair], generator)
    replies = draw_replies(
        parameters, positive, discriminates.ravel()[tests.pair], tests.sent_at, generator
    )
    return SimulatedRound(
        log=_log(parameters, tests, replies, generator),
        truth=_truth(parameters, discriminates, probabilities, numbers),
        seed=seed,
    )


def _discriminators(parameters: RoundParameters, generator: np.random.Generator) -> BoolArray:
    """Who discriminates on which ground, [target, ground]."""
    discriminates = np.zeros((parameters.targets, len(parameters.grounds)), dtype=bool)
    order = generator.permutation(parameters.targets)
    used = parameters.discriminators_on_all
    discriminates[order[:used]] = True
    for number, ground in enumerate(parameters.grounds):
        more = ground.discriminators - parameters.discriminators_on_all
        discriminates[order[used : used + more], number] = True
        used += more
    return discriminates


def _cell_probabilities(
    parameters: RoundParameters, discriminates: BoolArray, generator: np.random.Generator
) -> NDArray[np.float64]:
    """True chances of both, only control, only test, neither: [target, ground, 4]."""
    probabilities = np.empty((*discriminates.shape, 4))
    for number, ground in enumerate(parameters.grounds):
        for kind, cells in ((False, ground.fair), (True, ground.discriminating)):
            who = discriminates[:, number] == kind
            discordant = cells.only_control + cells.only_test
            parts = np.array([cells.both, discordant, cells.neither])
            drawn = np.tile(parts, (int(who.sum()), 1))
            if parameters.concentration is not None:
                # A Dirichlet needs positive parts; a part of nothing stays nothing.
                filled = parts > 0
                precision = parameters.concentration * parts[filled]
                drawn[:, filled] = generator.dirichlet(precision, size=len(drawn))
            to_control = cells.only_control / discordant if discordant else 0.0
            probabilities[who, number] = np.column_stack(
                [drawn[:, 0], drawn[:, 1] * to_control, drawn[:, 1] * (1 - to_control), drawn[:, 2]]
            )
    return probabilities


def _log(
    parameters: RoundParameters,
    tests: SentTests,
    replies: Replies,
    generator: np.random.Generator,
) -> Columns:
    """The log's columns, one row per application that was sent."""
    count = len(tests)
    position = np.where(tests.control_first[:, None], np.array([[1, 2]]), np.array([[2, 1]]))
    swap = generator.random(count) < 0.5
    template = np.where(swap[:, None], np.array([[1, 0]]), np.array([[0, 1]]))
    per_test = {
        "test": numbered(f"T{{:0{max(5, len(str(count)))}d}}", count),
        "target": _target_names(parameters)[tests.target],
        **{name: column[tests.target] for name, column in _strata(parameters, generator).items()},
        "advert": numbered("AD-{:07d}", count, generator.permutation(count) + 1_000_000),
        "rent": np.round(generator.normal(880, 160, size=count).clip(400) / 12.5) * 12.5,
        "channel": drawn_values({"form": 0.6, "mail": 0.4}, count, generator),
        "tester": text(parameters.testers)[generator.integers(len(parameters.testers), size=count)],
    }
    profile, name = _applicants(parameters, tests, generator)
    per_application = {
        "profile": profile,
        "name": name,
        "position": position,
        "template": text(parameters.templates)[template % len(parameters.templates)],
        "sent_at": tests.sent_at,
        "replied_at": replies.replied_at,
        "outcome": replies.outcome,
        "failed": replies.failed,
        "evidence": replies.evidence,
        "note": replies.note,
    }
    return log_columns(per_test, per_application, replies.sent)


def _applicants(
    parameters: RoundParameters, tests: SentTests, generator: np.random.Generator
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Profile and name of each applicant, both [test, arm]."""
    profile = np.empty((len(tests), 2), dtype=object)
    name = np.empty((len(tests), 2), dtype=object)
    for number, ground in enumerate(parameters.grounds):
        here = tests.ground == number
        for arm, applicant in ((CONTROL, ground.control), (TEST, ground.test)):
            profile[here, arm] = applicant.id
            drawn = generator.integers(len(applicant.names), size=int(here.sum()))
            name[here, arm] = text(applicant.names)[drawn]
    return profile, name


def _truth(
    parameters: RoundParameters,
    discriminates: BoolArray,
    probabilities: NDArray[np.float64],
    numbers: IntArray,
) -> Columns:
    grounds = len(parameters.grounds)
    cells = probabilities.reshape(-1, 4)
    return {
        "target": np.repeat(_target_names(parameters), grounds),
        "contrast": np.tile(text([ground.id for ground in parameters.grounds]), parameters.targets),
        "discriminates": discriminates.ravel(),
        "tests": numbers.ravel(),
        "p_both": cells[:, 0],
        "p_only_control": cells[:, 1],
        "p_only_test": cells[:, 2],
        "p_neither": cells[:, 3],
    }


def _strata(parameters: RoundParameters, generator: np.random.Generator) -> Columns:
    return {
        name: drawn_values(shares, parameters.targets, generator)
        for name, shares in parameters.strata.items()
    }


def _target_names(parameters: RoundParameters) -> NDArray[np.object_]:
    return numbered(parameters.target_name, parameters.targets)
