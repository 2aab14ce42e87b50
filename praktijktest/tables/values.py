"""Single values: how a cell becomes text, and how text becomes a number or a time."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

Texts = Sequence[str] | NDArray[np.object_]

WHOLE_NUMBER = re.compile(r"(-?\d+)[.,]0+")
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
SIGNS_OF_WORK = (
    *(chr(code) for code in (*range(9), *range(11, 33))),
    ".0",
    ",0",
    "TRUE",
    "True",
    "FALSE",
    "False",
)
TRUTHS = {"TRUE": "true", "True": "true", "FALSE": "false", "False": "false"}
DAY_FIRST = re.compile(
    r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
)
ISO_LENGTHS = frozenset(map(len, ("2026-11-03", "2026-11-03T09:15", "2026-11-03T09:15:00")))
ISO_START = re.compile(r"\d{4}-\d{2}-\d{2}")


def canonical(value: str) -> str:
    """A value as it is compared: trimmed, composed, whole numbers and truths in one form.

    A spreadsheet turns the code 1 into 1.0 or 1,0 and true into TRUE; both come back.
    "NA" and the like stay text; only "" is empty.
    """
    if value.isascii():
        if value.isalnum() and value not in TRUTHS:
            return value
    else:
        value = unicodedata.normalize("NFC", value)
    value = value.strip()
    whole = WHOLE_NUMBER.fullmatch(value)
    return whole[1] if whole else TRUTHS.get(value, value)


def all_canonical(values: Sequence[str]) -> bool:
    """Whether nothing in many values can need cleaning; a quick look, in doubt no.

    Half a million ids are looked at as one text, which is a hundred times faster than one
    by one.
    """
    joined = "\n".join(values)
    if not joined.isascii() or joined.count("\n") != max(len(values) - 1, 0):
        return False
    return not any(sign in joined for sign in SIGNS_OF_WORK)


def as_text(value: Any) -> str:
    """A typed cell as text: 3.0 is "3", True "true", times in ISO form, nothing is "".

    A date, and a time at midnight, are written as a date.
    """
    if value is None or value is np.ma.masked:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _time_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating | Decimal):
        number = float(value)
        if isnan(number):
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    text = str(value)
    return "" if text in ("NaT", "<NA>") else text


def _time_text(value: datetime) -> str:
    if str(value) == "NaT":
        return ""
    if value.tzinfo is None and value.time() == time.min:
        return value.date().isoformat()
    return value.isoformat()


def parse_numbers(values: Texts) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numbers with a decimal point or a decimal comma, without thousands separators.

    Returns:
        The numbers, NaN where empty or bad, and which values are bad.
    """
    numbers = np.full(len(values), np.nan)
    bad = np.zeros(len(values), dtype=bool)
    for place, value in enumerate(values):
        if not value:
            continue
        if NUMBER.fullmatch(value):
            numbers[place] = float(value.replace(",", "."))
        else:
            bad[place] = True
    return numbers, bad


@dataclass(frozen=True, slots=True)
class Times:
    """Times of the distinct values of a column.

    Attributes:
        values: moments in microseconds, not-a-time where empty or bad. Times with an offset
            are turned into UTC, times without one are kept as they are.
        bad: which values are not a time.
        styles: way of writing -> the first value written so.
    """

    values: NDArray[np.datetime64]
    bad: NDArray[np.bool_]
    styles: dict[str, str]


def parse_times(values: Texts) -> Times:
    """Read ISO 8601 and day-first dates and times; nothing else, and nothing by guessing."""
    quick = _all_iso(values)
    if quick is not None:
        return quick
    found = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    bad = np.zeros(len(values), dtype=bool)
    styles: dict[str, str] = {}
    for place, value in enumerate(values):
        if not value:
            continue
        parsed = _parsed(value)
        if parsed is None:
            bad[place] = True
            continue
        style, moment = parsed
        styles.setdefault(style, value)
        found[place] = np.datetime64(moment, "us")
    return Times(found, bad, styles)


def _all_iso(values: Texts) -> Times | None:
    """The times where every value is ISO without an offset, read all at once; else None."""
    filled = [value for value in values if value]
    if not filled or not all(len(v) in ISO_LENGTHS and v[4] == "-" for v in filled):
        return None
    try:
        moments = np.array([value or "NaT" for value in values], dtype="datetime64[us]")
    except ValueError:
        return None
    if np.isnat(moments).sum() != len(values) - len(filled):
        return None
    return Times(moments, np.zeros(len(values), dtype=bool), {"iso": filled[0]})


def _parsed(value: str) -> tuple[str, datetime] | None:
    if ISO_START.match(value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        return "iso", moment
    match = DAY_FIRST.fullmatch(value)
    if match is None:
        return None
    day, mark, month, year, hour, minute, second = match.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
        )
    except ValueError:
        return None
    return f"day{mark}month{mark}year", moment
