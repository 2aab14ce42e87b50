"""When the tests of a simulated round are sent, and which cell each of them falls in."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MORNING_MINUTES = (8 * 60 + 30, 12 * 60)
"""First applications of a test are sent between half past eight and noon."""


@dataclass(frozen=True, slots=True)
class SentTests:
    """Tests in order of sending; one entry per test.

    Attributes:
        pair: index of (target, ground), target-major.
        target: index of the target.
        ground: index of the ground.
        sent_at: when each applicant wrote, minutes, [test, arm].
        control_first: whether the control applicant wrote first.
    """

    pair: IntArray
    target: IntArray
    ground: IntArray
    sent_at: NDArray[np.datetime64]
    control_first: BoolArray

    def __len__(self) -> int:
        return len(self.pair)


def schedule(
    numbers: IntArray,
    *,
    start: date,
    working_days: int,
    gap_hours: tuple[float, float],
    generator: np.random.Generator,
    control_first: float = 0.5,
) -> SentTests:
    """Spread the tests over the round and draw who writes first.

    Args:
        numbers: tests to send, [target, ground].
        start: first day of sending.
        working_days: number of weekdays in which tests are sent.
        gap_hours: shortest and longest time between the applications of a test.
        generator: where chance comes from.
        control_first: chance that the control applicant writes first.
    """
    pair = np.repeat(np.arange(numbers.size), numbers.ravel())
    count = len(pair)
    day = generator.integers(0, working_days, size=count)
    minute = generator.integers(*MORNING_MINUTES, size=count)
    gap = (generator.uniform(*gap_hours, size=count) * 60).astype(np.int64)
    first_is_control = generator.random(count) < control_first
    opening = np.full(count, start, dtype="datetime64[D]")
    weekday = np.busday_offset(opening, day, roll="forward").astype("datetime64[m]")
    first = weekday + minute.astype("timedelta64[m]")
    order = np.lexsort((pair, first))
    pair, first, first_is_control = pair[order], first[order], first_is_control[order]
    second = first + gap[order].astype("timedelta64[m]")
    sent_at = np.where(
        first_is_control[:, None],
        np.column_stack([first, second]),
        np.column_stack([second, first]),
    )
    target, ground = np.divmod(pair, numbers.shape[1])
    return SentTests(pair, target, ground, sent_at, first_is_control)


def positives(probabilities: NDArray[np.float64], generator: np.random.Generator) -> BoolArray:
    """Whether each applicant gets a positive reply, [test, arm], from cell chances [test, 4]."""
    drawn = generator.random(len(probabilities))
    cell = (drawn[:, None] >= np.cumsum(probabilities[:, :3], axis=1)).sum(axis=1)
    return np.column_stack([(cell == 0) | (cell == 1), (cell == 0) | (cell == 2)])
