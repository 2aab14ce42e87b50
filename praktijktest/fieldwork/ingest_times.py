"""Times of a source in the one form that the ledger keeps: ISO, to the second, with an offset."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.tables import parse_times

LENGTH_OF_DATE: Final = len("2026-11-03")

YEARS: Final = range(1900, 2200)
"""Years that a round can lie in: 0206 and 9999 are slips, and other parts cannot count there."""

NO_TIME: Final = np.datetime64("NaT")


def ledger_times(
    values: NDArray[np.object_], zone: tzinfo | None
) -> tuple[list[str], NDArray[np.bool_], dict[str, str]]:
    """Texts of times as the ledger writes them.

    With a zone every time is written as the clock there shows it, with the offset of that day,
    so that one moment has one text whoever wrote it; a time without an offset is one of that
    place. Without a zone a time keeps the offset it has or lacks, and a date stays a date.

    Args:
        values: the distinct texts of one column; shape (values,).
        zone: zone of the round's place, None to leave times as they are.

    Returns:
        The texts, "" where empty or bad; which are bad; way of writing -> first value.
        A time in a year outside `YEARS` is bad.
    """
    times = parse_times(values)
    times = replace(times, bad=times.bad | _in_no_year(times.values))
    if zone is None and set(times.styles) <= {"iso"} and not times.utc:
        return _plain(np.where(times.bad, NO_TIME, times.values)), times.bad, times.styles
    texts = []
    for value, moment, bad in zip(values, times.values.tolist(), times.bad, strict=True):
        if bad or not value:
            texts.append("")
        else:
            texts.append(_text(_with_offset(value, moment), zone))
    return texts, times.bad, times.styles


def ledger_time(moment: datetime, zone: tzinfo | None) -> str:
    """One moment as the ledger writes it; see `ledger_times`."""
    return _text(moment, zone)


def _in_no_year(values: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    years = values.astype("datetime64[Y]").astype(int) + 1970
    return ~np.isnat(values) & ((years < YEARS.start) | (years >= YEARS.stop))


def _with_offset(value: str, moment: datetime) -> datetime:
    """A parsed moment, which is UTC where its text has an offset, with that offset."""
    text = value.strip()
    if text.endswith("Z"):
        return moment.replace(tzinfo=UTC)
    tail = text[LENGTH_OF_DATE:]
    if text[4:5] != "-" or not any(sign in tail for sign in "+-"):
        return moment
    sign = "+" if "+" in tail else "-"
    hours, minutes = _hours_and_minutes(tail.rpartition(sign)[2])
    offset = timedelta(hours=hours, minutes=minutes) * (1 if sign == "+" else -1)
    return moment.replace(tzinfo=UTC).astimezone(timezone(offset))


def _hours_and_minutes(text: str) -> tuple[int, int]:
    digits = text.replace(":", "")
    return int(digits[:2]), int(digits[2:4] or "0")


def _text(moment: datetime, zone: tzinfo | None) -> str:
    if moment.tzinfo is None and zone is None:
        if moment.time() == time.min:
            return moment.date().isoformat()
        return moment.isoformat()
    if zone is not None:
        moment = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    offset = moment.utcoffset() or timedelta()
    return moment.replace(tzinfo=timezone(offset)).isoformat()


def _plain(values: NDArray[np.datetime64]) -> list[str]:
    """Times without offsets, dates where it is midnight, in one go."""
    empty = np.isnat(values)
    midnight = values == values.astype("datetime64[D]")
    whole = values == values.astype("datetime64[s]")
    texts = np.where(
        midnight,
        np.datetime_as_string(values, unit="D").astype(object),
        np.datetime_as_string(values, unit="s").astype(object),
    )
    for place in np.flatnonzero(~whole & ~empty).tolist():
        texts[place] = values[place].astype(datetime).isoformat()
    texts[empty] = ""
    found: list[str] = texts.tolist()
    return found
