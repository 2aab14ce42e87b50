"""What agents answer in a simulated round, and what goes wrong on the way to the log."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from praktijktest.simulation.parameters import LogNoise
from praktijktest.vocabulary import NO_REPLY, REFUSED_GROUND

BoolArray = NDArray[np.bool_]
ObjectArray = NDArray[np.object_]

CONTROL, TEST = 0, 1
LATEST_LATE_DAYS = 10
"""A late reply comes at most this many days after the response window."""

WRITTEN_AS_OUTCOME = ("bounced", "scam")
"""Failures that stand in the log as the outcome of an application."""


@dataclass(frozen=True, slots=True)
class Replies:
    """What the log says about each application, every field [test, arm].

    Attributes:
        outcome: raw outcome code, "" for silence that nobody wrote down.
        replied_at: time of the reply in minutes, NaT where there was none.
        failed: reason code, "" where nothing failed.
        evidence: "explicit" where the ground was given as reason, else "".
        note: a remark, mostly "".
        sent: whether the application was sent at all (one is missing in incomplete tests).
    """

    outcome: ObjectArray
    replied_at: NDArray[np.datetime64]
    failed: ObjectArray
    evidence: ObjectArray
    note: ObjectArray
    sent: BoolArray


def draw_replies(
    noise: LogNoise,
    positive: BoolArray,
    discriminates: BoolArray,
    sent_at: NDArray[np.datetime64],
    generator: np.random.Generator,
    lost: BoolArray | None = None,
) -> Replies:
    """Turn positive or not into the codes, times and gaps of a real log.

    Args:
        noise: shares of codes and of noise.
        positive: whether each applicant gets a positive reply, [test, arm].
        discriminates: whether the agent of each test discriminates on its ground, [test].
        sent_at: time of sending in minutes, [test, arm].
        generator: where chance comes from.
        lost: replies that were sent but never reached the log, [test, arm]: silence there.

    Returns:
        The replies, every field [test, arm].
    """
    outcome = np.where(
        positive,
        drawn_values(noise.positive, positive.shape, generator),
        drawn_values(noise.negative, positive.shape, generator),
    )
    explicit = _explicit(noise, positive, discriminates, generator)
    outcome[explicit] = REFUSED_GROUND
    if lost is not None:
        outcome[lost] = NO_REPLY
    late = (outcome == NO_REPLY) & (generator.random(outcome.shape) < noise.late)
    if lost is not None:
        late &= ~lost
    outcome[late] = drawn_values(noise.positive, (int(late.sum()),), generator)
    failed, outcome = _failures(noise, outcome, generator)
    replied_at = _reply_times(noise, sent_at, outcome, late, generator)
    replied_at[failed != ""] = np.datetime64("NaT")
    return Replies(
        outcome=_written(noise, outcome, failed, sent_at, replied_at, generator),
        replied_at=replied_at,
        failed=failed,
        evidence=np.where(outcome == REFUSED_GROUND, "explicit", "").astype(object),
        note=_notes(noise, outcome.shape, generator),
        sent=_sent(noise, failed, outcome, generator),
    )


def _explicit(
    noise: LogNoise,
    positive: BoolArray,
    discriminates: BoolArray,
    generator: np.random.Generator,
) -> BoolArray:
    """Refusals of the test applicant in which the agent says why, [test, arm]."""
    said = discriminates & positive[:, CONTROL] & ~positive[:, TEST]
    said &= generator.random(len(said)) < noise.explicit
    return np.column_stack([np.zeros_like(said), said])


def _failures(
    noise: LogNoise, outcome: ObjectArray, generator: np.random.Generator
) -> tuple[ObjectArray, ObjectArray]:
    """Let some tests fail at one of their applications, either arm alike."""
    failed = np.full(outcome.shape, "", dtype=object)
    outcome = outcome.copy()
    drawn = generator.random(len(outcome))
    arm = generator.integers(2, size=len(outcome))
    reached = 0.0
    for reason, share in noise.failed.items():
        tests = np.flatnonzero((drawn >= reached) & (drawn < reached + share))
        reached += share
        if reason in WRITTEN_AS_OUTCOME:
            outcome[tests, arm[tests]] = reason
        else:
            failed[tests, arm[tests]] = reason
            outcome[tests, arm[tests]] = NO_REPLY
    return failed, outcome


def _reply_times(
    noise: LogNoise,
    sent_at: NDArray[np.datetime64],
    outcome: ObjectArray,
    late: BoolArray,
    generator: np.random.Generator,
) -> NDArray[np.datetime64]:
    """When replies came: within the window, or after it for late ones."""
    window = noise.response_days * 1440
    minutes = generator.exponential(noise.reply_hours * 60, size=outcome.shape)
    minutes = np.clip(minutes, 2, window - 60)
    after = generator.uniform(window + 1440, window + LATEST_LATE_DAYS * 1440, size=outcome.shape)
    delay = np.where(late, after, minutes).astype("timedelta64[m]")
    replied_at: NDArray[np.datetime64] = sent_at + delay
    replied_at[outcome == NO_REPLY] = np.datetime64("NaT")
    return replied_at


def _written(
    noise: LogNoise,
    outcome: ObjectArray,
    failed: ObjectArray,
    sent_at: NDArray[np.datetime64],
    replied_at: NDArray[np.datetime64],
    generator: np.random.Generator,
) -> ObjectArray:
    """Leave some silences as empty cells, as coders do.

    At the end of the round they are written out: an empty cell there would say that the
    response window is still open.
    """
    known = replied_at[~np.isnat(replied_at)]
    last = max(sent_at.max(), known.max()) if len(known) else sent_at.max()
    closed = sent_at + np.timedelta64(noise.response_days, "D") <= last
    empty = (outcome == NO_REPLY) & closed
    empty &= generator.random(outcome.shape) < noise.silence_left_empty
    return np.where(empty | (failed != ""), "", outcome).astype(object)


def _notes(noise: LogNoise, shape: tuple[int, ...], generator: np.random.Generator) -> ObjectArray:
    if not noise.notes:
        return np.full(shape, "", dtype=object)
    texts = np.array(noise.notes, dtype=object)
    drawn = texts[generator.integers(len(texts), size=shape)]
    return np.where(generator.random(shape) < noise.noted, drawn, "").astype(object)


def _sent(
    noise: LogNoise,
    failed: ObjectArray,
    outcome: ObjectArray,
    generator: np.random.Generator,
) -> BoolArray:
    """Leave one application out of some tests that did not fail, either arm alike."""
    sent = np.ones(failed.shape, dtype=bool)
    whole = (failed == "").all(axis=1) & ~np.isin(outcome.astype(str), WRITTEN_AS_OUTCOME).any(
        axis=1
    )
    tests = np.flatnonzero(whole & (generator.random(len(sent)) < noise.incomplete))
    sent[tests, generator.integers(2, size=len(tests))] = False
    return sent


def drawn_values(
    shares: Mapping[str, float], shape: int | tuple[int, ...], generator: np.random.Generator
) -> ObjectArray:
    """Draw values with the given shares."""
    codes = generator.choice(len(shares), size=shape, p=list(shares.values()))
    return np.array(list(shares), dtype=object)[codes]
