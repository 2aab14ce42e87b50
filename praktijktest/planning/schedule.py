"""When applications are sent: gaps within a test, caps per target, working time only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.planning.ordering import IntArray, fractions, keys
from praktijktest.planning.working_time import WorkingTime
from praktijktest.problems import DataError, Problem

CAP_DAYS: Final = 31
"""Two days that are 30 apart share a period of 30 days when the second writes earlier in the
day, so tests that must not share one start at least 31 days apart."""
NO_DAY: Final = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, slots=True)
class TestRules:
    """What the schedule of a test must keep to.

    Attributes:
        size: applications per test.
        gap_minutes: shortest and longest time between two applications of a test.
        cap: most applications per target in any 30 days, over all contrasts, if any.
    """

    size: int
    gap_minutes: tuple[int, int]
    cap: int | None

    @property
    def tests_per_period(self) -> int | None:
        """Most tests per target in any 30 days."""
        return None if self.cap is None else self.cap // self.size


@dataclass(frozen=True, slots=True)
class Timetable:
    """Which moments can be the first, second … application of a test.

    Attributes:
        time: the working time.
        rules: rules of a test.
        startable: [application, moment] whether it can be that application, with the later
            ones still fitting.
        reach: first and one-past-last moment that lie in the gap after every moment.
        days: days on which a test can start, sorted.
        span: most calendar days between the first and the last application of a test.
    """

    time: WorkingTime
    rules: TestRules
    startable: NDArray[np.bool_]
    reach: tuple[IntArray, IntArray]
    days: IntArray
    span: int

    @property
    def apart(self) -> int:
        """Days between starts of two tests of one target: tests never overlap."""
        return self.span + 1

    @property
    def period(self) -> int:
        """Days between the starts of tests that may not share a period of 30 days."""
        return CAP_DAYS + self.span


def timetable(time: WorkingTime, rules: TestRules) -> Timetable:
    """Work out when a test can start so that all its applications fit.

    Raises:
        DataError: the period has no working day, no moment fits the gaps, or the cap is
            below one test.
    """
    if rules.cap is not None and rules.cap < rules.size:
        raise _impossible(
            "cap-below-test",
            f"a test takes {rules.size} applications and the cap is {rules.cap} in 30 days",
            "sampling.max_applications_per_target_per_30_days",
            "raise the cap",
        )
    if len(time.days) == 0:
        raise _impossible(
            "no-working-day",
            "the round has no working day between its start and end",
            "round.end",
            "move round.start or round.end, or open more days under [schedule]",
        )
    shortest, longest = rules.gap_minutes
    low = np.searchsorted(time.minute, time.minute + shortest, side="left")
    high = np.searchsorted(time.minute, time.minute + longest, side="right")
    startable = np.ones((rules.size, len(time.minute)), dtype=bool)
    for application in range(rules.size - 2, -1, -1):
        later = np.r_[0, np.cumsum(startable[application + 1])]
        startable[application] = later[high] > later[low]
    if not startable[0].any():
        raise _impossible(
            "gap-does-not-fit",
            f"{rules.size} applications {shortest / 60:g} to {longest / 60:g} hours apart do not "
            "fit the working time",
            "test.gap_hours",
            "shorten the gap or widen the time windows",
        )
    last = np.arange(len(time.minute))
    for _ in range(rules.size - 1):
        last = np.maximum(high[last] - 1, last)
    span = int((time.day[last] - time.day)[startable[0]].max())
    return Timetable(
        time=time,
        rules=rules,
        startable=startable,
        reach=(low, high),
        days=np.unique(time.day[startable[0]]),
        span=span,
    )


def spread_days(
    table: Timetable,
    counts: IntArray,
    attached: IntArray,
    attached_until: int | None,
    labels: Sequence[str],
    seed: int,
) -> IntArray:
    """Spread the tests of every target over the round.

    Every target's tests are laid at even distances with a random shift, then moved as
    little as the rules ask: no two tests of a target at once, never more than the cap in
    30 days, and all of them before the end.

    Args:
        table: the timetable.
        counts: tests per target; targets one after another.
        attached: how many of them, the first, already have an advert.
        attached_until: last day for those, where adverts do not last; None: the end.
        labels: stable label of every test, for the shifts.
        seed: seed of the plan.

    Returns:
        The day on which every test starts.

    Raises:
        DataError: not all tests fit; the message says how many do.
    """
    most = int(counts.max(initial=0))
    shape = (len(counts), most)
    number = np.arange(most)[None, :]
    exists = number < counts[:, None]
    last_day = int(table.days[-1])
    soon = last_day if attached_until is None else min(attached_until, last_day)
    deadline = np.where(number < attached[:, None], soon, last_day)
    latest = _latest(table, deadline, exists)
    _refuse_overfull(table, deadline, exists)
    shift = np.zeros(shape)
    shift[exists] = fractions(seed, "day", labels)
    wanted = _wanted_days(table, number + shift, counts, attached, soon)
    return _settle(table, np.minimum(wanted, latest))[exists]


def _wanted_days(
    table: Timetable,
    place: NDArray[np.float64],
    counts: IntArray,
    attached: IntArray,
    soon: int,
) -> IntArray:
    """Even distances: attached tests until their deadline, open slots over what is left."""
    days = len(table.days)
    parting = int(np.searchsorted(table.days, soon, side="right"))
    counts, attached = counts[:, None], attached[:, None]
    parted = (attached > 0) & (parting < days)
    sooner = parted & (place < attached)
    later = parted & ~sooner
    begin = np.where(later, parting, 0)
    finish = np.where(sooner, parting, days)
    share = np.where(sooner, attached, np.where(later, counts - attached, counts))
    place = place - np.where(later, attached, 0)
    index = begin + (place / np.maximum(share, 1) * (finish - begin)).astype(np.int64)
    found: IntArray = table.days[np.clip(index, 0, days - 1)]
    return found


def _settle(table: Timetable, wanted: IntArray) -> IntArray:
    """The first day from the wanted one on that keeps the distance to the tests before."""
    days = np.empty_like(wanted)
    period = table.rules.tests_per_period
    for test in range(wanted.shape[1]):
        bound = wanted[:, test]
        if test:
            bound = np.maximum(bound, days[:, test - 1] + table.apart)
        if period is not None and test >= period:
            bound = np.maximum(bound, days[:, test - period] + table.period)
        days[:, test] = _next_day(table.days, bound)
    return days


def _latest(table: Timetable, deadline: IntArray, exists: NDArray[np.bool_]) -> IntArray:
    """The last day on which each test can start with all later ones still fitting."""
    latest = np.full(deadline.shape, NO_DAY)
    period = table.rules.tests_per_period
    width = deadline.shape[1]
    for test in range(width - 1, -1, -1):
        bound = deadline[:, test]
        if test + 1 < width:
            bound = np.minimum(bound, latest[:, test + 1] - table.apart)
        if period is not None and test + period < width:
            bound = np.minimum(bound, latest[:, test + period] - table.period)
        place = np.searchsorted(table.days, bound, side="right") - 1
        found = np.where(place >= 0, table.days[np.maximum(place, 0)], -NO_DAY)
        latest[:, test] = np.where(exists[:, test], found, NO_DAY)
    return latest


def _refuse_overfull(table: Timetable, deadline: IntArray, exists: NDArray[np.bool_]) -> None:
    """Say how many tests fit when not all of them do."""
    earliest = _settle(table, np.full((1, deadline.shape[1]), int(table.days[0])))
    fits = exists & (earliest <= deadline)
    planned, fitting = int(exists.sum()), int(fits.sum())
    if fitting == planned:
        return
    per_target = int((earliest[0] <= int(table.days[-1])).sum())
    worst = int(exists.sum(axis=1).max())
    raise _impossible(
        "round-too-short",
        f"{planned} tests are planned and {fitting} fit before the end; "
        f"a target can have {per_target} (never two at once) and one has {worst}",
        "round.end",
        "move round.end, lower sampling.tests_per_target, or raise "
        "sampling.max_applications_per_target_per_30_days"
        + (" or schedule.advert_days" if (deadline < int(table.days[-1])).any() else ""),
    )


def _next_day(days: IntArray, bound: IntArray) -> IntArray:
    """The first working day on or after each bound; far away where there is none."""
    place = np.searchsorted(days, bound, side="left")
    return np.where(place < len(days), days[np.minimum(place, len(days) - 1)], NO_DAY // 2)


def moments_of_day(table: Timetable, days: IntArray, labels: Sequence[str], seed: int) -> IntArray:
    """Draw the moments of every test: [test, application], as indices of the working time.

    The first application comes at a random startable moment of its day, each next one at
    a random moment in the gap after the one before from which the rest still fits.
    """
    moments = np.empty((len(days), table.rules.size), dtype=np.int64)
    low = np.searchsorted(table.time.day, days, side="left")
    high = np.searchsorted(table.time.day, days, side="right")
    for application in range(table.rules.size):
        allowed = np.flatnonzero(table.startable[application])
        before = np.searchsorted(allowed, low)
        choices = np.searchsorted(allowed, high) - before
        drawn = keys(seed, f"moment/{application + 1}", labels) % choices.astype(np.uint64)
        moments[:, application] = allowed[before + drawn.astype(np.int64)]
        low = table.reach[0][moments[:, application]]
        high = table.reach[1][moments[:, application]]
    return moments


def first_free_day(
    table: Timetable, taken: Sequence[int], earliest: int, latest: int
) -> int | None:
    """The first day for one more test of a target, given the days of its other tests.

    Args:
        table: the timetable.
        taken: days on which the target's other tests start.
        earliest: first day to consider.
        latest: last day to consider.

    Returns:
        The day, or None where nothing fits.
    """
    period = table.rules.tests_per_period
    span = table.days[(table.days >= earliest) & (table.days <= latest)]
    for day in span.tolist():
        if any(abs(day - other) < table.apart for other in taken):
            continue
        together = sorted([*taken, day])
        if period is None or all(
            later - sooner >= table.period
            for sooner, later in zip(together, together[period:], strict=False)
        ):
            return int(day)
    return None


def local_moments(table: Timetable, moments: IntArray) -> list[list[datetime]]:
    """Moments as local times with their offset, [test][application]."""
    return [[table.time.moment(index) for index in row] for row in moments.tolist()]


def _impossible(code: str, message: str, column: str, hint: str) -> DataError:
    problem = Problem(code=code, message=message, column=column, hint=hint)
    return DataError("The schedule cannot be made.", [problem])
