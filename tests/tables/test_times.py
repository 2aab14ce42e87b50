"""Times are read in ISO form or day first, never by guessing."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.tables import parse_times


def iso(values: list[str]) -> list[str]:
    return [str(value)[:16] for value in parse_times(values).values]


@pytest.mark.parametrize(
    ("value", "moment", "style"),
    [
        ("2026-11-03", "2026-11-03T00:00", "iso"),
        ("2026-11-03 09:15", "2026-11-03T09:15", "iso"),
        ("2026-11-03T09:15:30.5", "2026-11-03T09:15", "iso"),
        ("2026-11-03T09:15:00+01:00", "2026-11-03T08:15", "iso"),
        ("2026-11-03T09:15Z", "2026-11-03T09:15", "iso"),
        ("2026-11-03 09:15:00 +0100", "2026-11-03T08:15", "iso"),
        ("3/11/2026", "2026-11-03T00:00", "day-first/"),
        ("03-11-2026 9:15", "2026-11-03T09:15", "day-first-"),
        ("3.11.2026 09:15:59", "2026-11-03T09:15", "day-first."),
        ("31/12/2026, 23:59", "2026-12-31T23:59", "day-first/"),
    ],
)
def test_what_is_read(value: str, moment: str, style: str) -> None:
    times = parse_times([value])
    assert iso([value]) == [moment]
    assert times.styles == {style: value}
    assert not times.bad.any()
    assert times.utc == ("+" in value or "Z" in value)


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-30",
        "31/4/2026",
        "2026-11",
        "2026-11-03T09",
        "2026-11-03X09:15",
        "20261103",
        "2026-W45-2",
        "3/11/26",
        "3/11-2026",
        "0/11/2026",
        "Nov 3",
        "46329",
        "2026-11-03T25:00",
        "3/11/2026 9:75",
        "0001-01-01T00:00+05:00",
        "x",
    ],
)
def test_what_is_bad(value: str) -> None:
    times = parse_times([value, "", "2026-11-03"])
    assert times.bad.tolist() == [True, False, False]
    assert times.styles == {"iso": "2026-11-03"}


def test_styles_that_are_mixed_are_all_named_with_an_example() -> None:
    times = parse_times(["2026-11-03", "3/11/2026", "4-11-2026", "5.11.2026", "6/11/2026"])
    assert times.styles == {
        "iso": "2026-11-03",
        "day-first/": "3/11/2026",
        "day-first-": "4-11-2026",
        "day-first.": "5.11.2026",
    }


def test_a_month_first_column_is_not_read_as_day_first() -> None:
    times = parse_times(["11/3/2026", "11/13/2026", "", "3-11-2026"])
    assert times.bad.tolist() == [True, True, False, False]
    assert times.styles == {"month-first": "11/13/2026", "day-first-": "3-11-2026"}


def test_one_impossible_month_in_a_day_first_column_is_only_that() -> None:
    times = parse_times(["13/11/2026", "11/13/2026", "3/11/2026"])
    assert times.bad.tolist() == [False, True, False]
    assert set(times.styles) == {"day-first/", "month-first"}


def test_times_with_and_without_an_offset_are_two_styles() -> None:
    offsets = ["2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"]
    times = parse_times(offsets)
    assert iso(offsets) == ["2026-10-25T00:30", "2026-10-25T01:30"]
    assert times.utc
    assert set(times.styles) == {"iso"}
    assert set(parse_times([*offsets, "2026-10-25T02:30"]).styles) == {"iso", "iso-offset"}


@given(moment=st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2099, 1, 1)))
def test_every_style_says_the_same_moment(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    values = [
        moment.isoformat(),
        moment.isoformat(" "),
        f"{moment:%d/%m/%Y %H:%M:%S}",
        f"{moment.day}-{moment.month}-{moment.year} {moment.hour}:{moment:%M:%S}",
    ]
    assert [value.astype(dt.datetime) for value in parse_times(values).values] == [moment] * 4
