"""Dates and times as people and programs write them, read without guessing."""

import re
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from praktijktest.tables.values import Texts

ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
    r"(?: ?(Z|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
PLAIN_ISO = re.compile(
    r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?"
)
DAY_FIRST = re.compile(
    r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})"
    r"(?:[ T,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}(?:[.,][0-9]+)?))?)?"
)
MONTHS = 12
MONTH_FIRST = "month-first"


@dataclass(frozen=True, slots=True)
class Times:
    """Times of the distinct values of a column.

    Attributes:
        values: moments in microseconds, not-a-time where empty or bad; shape (values,). Times
            without an offset are kept as written; times with one are turned into UTC.
        bad: which values are not a time; shape (values,).
        styles: way of writing -> the first value written so. "iso"; "iso-offset" only where
            times with and without an offset stand in one column, which must not be compared;
            "day-first/", "day-first-" and "day-first."; "month-first" (all its values are bad).
        utc: whether the moments are UTC, because the values have offsets.
    """

    values: NDArray[np.datetime64]
    bad: NDArray[np.bool_]
    styles: dict[str, str]
    utc: bool = False


def parse_times(values: Texts) -> Times:
    """Read ISO 8601 (2026-11-03, 2026-11-03T09:15+01:00) and day-first (3/11/2026 9:15) times.

    Dates alone stand for midnight. Impossible dates, two-digit years and anything else are
    bad. Where a value such as 11/13/2026 shows that months come first, and no value shows the
    opposite, all values written with that mark are bad: read day first they would be wrong
    without anybody noticing.

    Args:
        values: the distinct texts of one column; shape (values,).
    """
    quick = _plain_iso(values)
    if quick is not None:
        return quick
    count = len(values)
    moments: list[datetime | None] = [None] * count
    bad = np.zeros(count, dtype=bool)
    styles: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        if not value:
            continue
        style, moment = _parsed(value)
        if style:
            styles.setdefault(style, []).append(place)
        moments[place] = moment
        bad[place] = moment is None
    found = np.array(moments, dtype="datetime64[us]")
    for style in [style for style in styles if style.startswith(MONTH_FIRST)]:
        same_mark = styles.get(f"day-first{style[-1]}", [])
        if not any(_day_beyond_months(values[place]) for place in same_mark):
            bad[same_mark] = True
            found[same_mark] = np.datetime64("NaT")
            styles.pop(f"day-first{style[-1]}", None)
    first = {style: places[0] for style, places in styles.items()}
    offsets = "iso-offset" in first
    if offsets and "iso" not in first:
        first["iso"] = first.pop("iso-offset")
    named = {
        MONTH_FIRST if style.startswith(MONTH_FIRST) else style: str(values[place])
        for style, place in sorted(first.items(), key=lambda entry: entry[1])
    }
    return Times(found, bad, named, utc=offsets)


def _plain_iso(values: Texts) -> Times | None:
    """The times of a column that is ISO without offsets all over, read in one go; else None."""
    filled = [value for value in values if value]
    if not filled or not all(map(PLAIN_ISO.fullmatch, filled)):
        return None
    try:
        moments = np.array([value or "NaT" for value in values], dtype="datetime64[us]")
    except ValueError:  # an impossible date among them
        return None
    return Times(moments, np.zeros(len(values), dtype=bool), {"iso": filled[0]})


def _parsed(value: str) -> tuple[str | None, datetime | None]:
    """Style and moment of one value; a style without a moment is one that cannot be read."""
    iso = ISO.fullmatch(value)
    if iso is not None:
        moment = _moment(value.replace(" ", "T", 1).replace(" ", ""))
        return (("iso-offset" if iso[1] else "iso") if moment else None), moment
    match = DAY_FIRST.fullmatch(value)
    if match is None:
        return None, None
    day, mark, month, year, hour, minute, second = match.groups(default="0")
    if int(month) > MONTHS and 1 <= int(day) <= MONTHS:
        return f"{MONTH_FIRST}{mark}", None
    moment = _moment(
        f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute:0>2}:{second.replace(',', '.'):0>2}"
    )
    return (f"day-first{mark}" if moment else None), moment


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        return moment if offset is None else moment.replace(tzinfo=None) - offset
    except (ValueError, OverflowError):
        return None


def _day_beyond_months(value: str) -> bool:
    match = DAY_FIRST.fullmatch(value)
    return match is not None and int(match[1]) > MONTHS
