"""Working time: the days and minutes in which applications are sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from praktijktest.design.planning_sections import WEEKDAYS, Schedule, TimeWindow
from praktijktest.planning.ordering import IntArray

STEP_MINUTES: Final = 5
DAY_MINUTES: Final = 24 * 60
EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Every moment at which something may be sent, sorted.

    Attributes:
        minute: minutes since 1970-01-01 UTC; gaps are true hours also when clocks change.
        day: local day of every moment, as days since 1970-01-01.
        days: the working days, sorted.
        zone: time zone of the round.
    """

    minute: IntArray
    day: IntArray
    days: IntArray
    zone: ZoneInfo

    def moment(self, index: int) -> datetime:
        """A moment as local time with its offset.

        The offset is fixed: Python subtracts two times of one named zone by the clock on
        the wall, which is an hour wrong when the clocks change between them.
        """
        utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=int(self.minute[index]))
        local = utc.astimezone(self.zone)
        return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))


def working_time(start: date, end: date, schedule: Schedule, jurisdiction: str) -> WorkingTime:
    """Lay out the working time from a first to a last day, both included.

    Days of the week and public holidays follow the schedule; the holidays are those of
    Belgium or the Netherlands, by the jurisdiction where the schedule does not say.
    """
    region = schedule.holidays or region_of(jurisdiction)
    closed = public_holidays(region, start, end) | set(schedule.closed)
    days = working_days(start, end, schedule.working_days, closed)
    zone = ZoneInfo("Europe/Amsterdam" if region_of(jurisdiction) == "nl" else "Europe/Brussels")
    offsets = np.array([_offset_minutes(day, zone) for day in days.tolist()], dtype=np.int64)
    clock = _minutes_of_day(schedule.windows)
    minute = days[:, None] * DAY_MINUTES + clock[None, :] - offsets[:, None]
    return WorkingTime(minute.ravel(), np.repeat(days, len(clock)), days, zone)


def region_of(jurisdiction: str) -> str:
    """Whose public holidays a jurisdiction keeps: be, nl or none."""
    country = jurisdiction.partition("-")[0]
    return country if country in ("be", "nl") else "none"


@cache
def public_holidays(region: str, start: date, end: date) -> frozenset[date]:
    """The public holidays of Belgium ("be") or the Netherlands ("nl") in a period."""
    if region == "none":
        return frozenset()
    import holidays

    years = range(start.year, end.year + 1)
    return frozenset(holidays.country_holidays(region.upper(), years=years))


def working_days(
    start: date, end: date, weekdays: Collection[str], closed: Collection[date]
) -> IntArray:
    """The working days of a period, as days since 1970-01-01."""
    first, last = day_number(start), day_number(end)
    days = np.arange(first, last + 1)
    # 1 January 1970 was a Thursday, weekday 3.
    open_weekdays = [number for number, name in enumerate(WEEKDAYS) if name in weekdays]
    open_days = np.isin((days + 3) % 7, open_weekdays)
    return days[open_days & ~np.isin(days, [day_number(day) for day in closed])]


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def _offset_minutes(day: int, zone: ZoneInfo) -> int:
    noon = datetime.combine(EPOCH + timedelta(days=day), datetime.min.time(), zone)
    offset = (noon + timedelta(hours=12)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)


def _minutes_of_day(windows: Sequence[TimeWindow]) -> NDArray[np.int64]:
    """The minutes of a day on which something may be sent, every five minutes."""
    found = {
        minute
        for window in windows
        for minute in range(
            window.start.hour * 60 + window.start.minute,
            window.end.hour * 60 + window.end.minute + 1,
            STEP_MINUTES,
        )
    }
    return np.array(sorted(found), dtype=np.int64)
