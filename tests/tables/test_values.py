"""Cells become text in one way, and text becomes numbers without guessing."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.tables import as_text, canonical, parse_numbers
from praktijktest.tables.columns import encoded


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("1.0", "1"),
        ("1,00", "1"),
        ("-3.0", "-3"),
        (" 1.0\u00a0", "1"),
        ("1.50", "1.50"),
        ("10", "10"),
        ("007", "007"),
        ("TRUE", "true"),
        ("True ", "true"),
        ("False", "false"),
        ("tRuE", "tRuE"),
        (" x\u00a0", "x"),
        ("NA", "NA"),
        ("Cafe\u0301", "Café"),
        ("", ""),
        ("1.0.0", "1.0.0"),
        (".0", ".0"),
        ("٣.0", "٣.0"),
        ("None", "None"),
        ("nan", "nan"),
        ("null", "null"),
    ],
)
def test_values_are_cleaned_in_one_way(raw: str, clean: str) -> None:
    assert canonical(raw) == clean


texts = st.text(max_size=8) | st.from_regex(r"[ \u00a0]?-?\d{1,3}[.,]0*[ ]?", fullmatch=True)


@given(raw=texts)
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    assert canonical(canonical(raw)) == canonical(raw)


@given(raw=st.lists(texts | st.sampled_from(["TRUE", "true", "1.0", "1", "NA", ""]), max_size=30))
def test_a_column_holds_each_cleaned_value_once(raw: list[str]) -> None:
    column = encoded(raw)
    assert list(column.texts()) == [canonical(text) for text in raw]
    assert len(set(column.values)) == len(column.values)
    assert column.codes.dtype == np.int32


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (-0.5, "-0.5"),
        (850.5, "850.5"),
        (np.float32(850.1), "850.1"),
        (np.float32(2), "2"),
        (1e15, "1000000000000000"),
        (1e20, "1e+20"),
        (float("inf"), "inf"),
        (True, "true"),
        (np.False_, "false"),
        (None, ""),
        (float("nan"), ""),
        (pd.NaT, ""),
        (pd.NA, ""),
        (np.int64(4), "4"),
        (10**30, "1" + "0" * 30),
        (Decimal("3.00"), "3"),
        (Decimal("850.50"), "850.5"),
        (Decimal("100"), "100"),
        (Decimal("NaN"), ""),
        (dt.date(2026, 11, 3), "2026-11-03"),
        (dt.datetime(2026, 11, 3), "2026-11-03"),
        (dt.datetime(2026, 11, 3, 9, 15), "2026-11-03T09:15:00"),
        (dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC), "2026-11-03T09:00:00+00:00"),
        (dt.datetime(2026, 11, 3, tzinfo=dt.UTC), "2026-11-03T00:00:00+00:00"),
        (pd.Timestamp("2026-11-03 09:15"), "2026-11-03T09:15:00"),
        (dt.time(9, 15), "09:15:00"),
    ],
)
def test_typed_cells_as_text(value: object, text: str) -> None:
    assert as_text(value) == text


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_as_text_is_the_same_float(number: float) -> None:
    parsed, bad = parse_numbers([as_text(number)])
    assert parsed[0] == number
    assert not bad[0]


def test_numbers_with_either_decimal_mark() -> None:
    good = ["850,5", "850.5", "-3", "1e3", "+2", ",5", "5."]
    numbers, bad = parse_numbers([*good, ""])
    assert numbers[:-1].tolist() == [850.5, 850.5, -3.0, 1000.0, 2.0, 0.5, 5.0]
    assert np.isnan(numbers[-1])
    assert not bad.any()
    wrong = ["1.234,5", "1,234.5", "x", "1 000", "1\u00a0000", "nan", "inf", "1e999", "٣", "€ 5"]
    numbers, bad = parse_numbers(wrong)
    assert np.isnan(numbers).all()
    assert bad.all()
