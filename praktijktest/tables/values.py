"""Single values: how a cell becomes text, and how text becomes a number."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite, isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHOLE_NUMBER = re.compile(r"(-?[0-9]+)[.,]0+")
NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?")
TRUTHS = {"TRUE": "true", "True": "true", "FALSE": "false", "False": "false"}
Texts = Sequence[str] | NDArray[np.object_]

EXACT_FLOATS = 1e16
"""Below this a whole float is written out; above it floats skip whole numbers."""


def canonical(value: str) -> str:
    """A value as it is compared: trimmed, composed, whole numbers and truths in one form.

    A spreadsheet turns the code 1 into 1.0 or 1,0 and true into TRUE; both come back.
    "NA" and the like stay text; only "" is empty. Doing it twice changes nothing.
    """
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    value = value.strip()
    if value[-1:] == "0":
        whole = WHOLE_NUMBER.fullmatch(value)
        return whole[1] if whole else value
    return TRUTHS.get(value, value)


def as_text(value: object) -> str:
    """A typed cell as text: 3.0 is "3", True "true", times in ISO form, nothing is "".

    A date, and a time at midnight without an offset, are written as a date. Floats are
    written with the fewest digits that give the same float, so 850.1 stays "850.1" in
    single precision too.
    """
    if isinstance(value, str):
        return value
    if value is None or value is np.ma.masked:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _time_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return _float_text(value)
    if isinstance(value, Decimal):
        return _decimal_text(value)
    text = str(value)
    return "" if text in ("NaT", "<NA>") else text


def _time_text(value: datetime) -> str:
    if str(value) == "NaT":
        return ""
    if value.tzinfo is None and value.time() == time.min:
        return value.date().isoformat()
    return value.isoformat()


def _float_text(value: "float | np.floating[Any]") -> str:
    number = float(value)
    if isnan(number):
        return ""
    if number.is_integer() and abs(number) < EXACT_FLOATS:
        return str(int(number))
    if isinstance(value, np.floating):
        return str(value)
    return repr(number)


def _decimal_text(value: Decimal) -> str:
    if not value.is_finite():
        return "" if value.is_nan() else str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_numbers(values: Texts) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numbers with a decimal point or a decimal comma, without thousands separators.

    "1.234" is 1.234 and "1,5" is 1.5; "1.234,5" and "1 234" are bad, since what separates
    the thousands cannot be told without guessing.

    Args:
        values: texts, as in `Column.values`; shape (values,).

    Returns:
        The numbers, NaN where empty or bad, and which values are bad; both (values,).
    """
    numbers = np.full(len(values), np.nan)
    bad = np.zeros(len(values), dtype=bool)
    for place, value in enumerate(values):
        if not value:
            continue
        number = float(value.replace(",", ".")) if NUMBER.fullmatch(value) else np.nan
        if isfinite(number):
            numbers[place] = number
        else:
            bad[place] = True
    return numbers, bad
