"""Types of the values in a design file: what TOML may hold, and what we make of it.

A value that cannot be what its key asks for raises a `PydanticCustomError` of the kind
`REFUSED`; its context holds the message and the hint as people will read them.
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from praktijktest.design.nearest import close, nearest
from praktijktest.problems import shown

REFUSED: Final = "refused_value"
"""Kind of the errors raised here, so that `messages` passes their text on as it is."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def refused(
    message: str, hint: str | None = None, meant: str | tuple[str, ...] | None = None
) -> PydanticCustomError:
    """The error of a value that its key cannot have.

    Args:
        message: what is wrong, to be read after the key.
        hint: what to do.
        meant: the value that was probably meant, so that the rest of the design can still
            be checked.
    """
    context = {"message": message, "hint": hint or "", "meant": meant}
    return PydanticCustomError(REFUSED, "{message}", context)


def as_text(value: object) -> str:
    """Text, or a number, boolean or date written without quotes where text is meant."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return as_text(int(value))
    if isinstance(value, int | float):
        try:
            return str(value)
        except ValueError:  # Python refuses to write an integer of thousands of digits
            raise refused("is a number of thousands of digits") from None
    if isinstance(value, date):
        return value.isoformat()
    raise refused("must be text", 'write it in quotes: "…"')


def _filled(value: object) -> str:
    text = as_text(value)
    if not text.strip():
        raise refused("is empty", "fill it in, or leave the line out")
    return text


def _id(value: object) -> str:
    text = _filled(value)
    if _ID.fullmatch(text):
        return text
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    usable = plain if _ID.fullmatch(plain) else "origin"
    must = "may hold only letters a-z, digits and hyphens, no blanks"
    raise refused(must, f'for example "{usable}"', usable)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        if not all(isinstance(part, str | int | float | date) for part in value):
            raise refused("must be a list of texts", 'for example ["first", "second"]')
        return tuple(as_text(part) for part in value)
    if isinstance(value, dict):
        raise refused("must be a list of texts", 'for example ["first", "second"]')
    return (as_text(value),)


def _names(value: object) -> tuple[str, ...]:
    names = tuple(_filled(part) for part in _texts(value))
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise refused(f"names {shown(twice[0])!r} twice", "leave one out")
    return names


def _some_names(value: object) -> tuple[str, ...]:
    names = _names(value)
    if not names:
        raise refused("is an empty list", "name at least one, or leave the line out")
    return names


def _name_or_names(value: object) -> str | tuple[str, ...]:
    return _some_names(value) if isinstance(value, list | tuple) else _filled(value)


def _some_texts(value: object) -> tuple[str, ...]:
    texts = _texts(value)
    if not texts:
        raise refused("is an empty list", "name at least one value, or leave the line out")
    return texts


def _yes_or_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise refused("must be true or false", "without quotes")


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = value.strip() if isinstance(value, str) else ""
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        raise refused("is a date that does not exist") from None
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
        if month <= 12:
            example = f"{year}-{month:02}-{day:02}"
            raise refused("is not a date as year-month-day", f"write it as {example}")
    raise refused("is not a date", "write it as 2026-09-01")


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = "write it without quotes and with a decimal point, for example 0.05"
        raise refused("must be a number", hint)
    try:
        number = float(value)
    except OverflowError:
        raise refused("is too large a number") from None
    if not math.isfinite(number):
        raise refused("must be a number", "for example 0.05")
    return number


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise refused("must be a whole number", "write it without quotes, for example 10")
    if abs(value) > 10**9:
        raise refused("is too large a number")
    return value


def _gap(value: object) -> tuple[float, float]:
    example = "for example gap_hours = [3, 8]: at least 3, at most 8"
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise refused("must be two numbers of hours, the shortest and the longest gap", example)
    low, high = (_number(part) for part in value)
    if low < 0 or high < low:
        raise refused("must be two increasing numbers of hours, none below 0", example)
    return low, high


def one_of(known: Sequence[str]) -> BeforeValidator:
    """A text that is one of these words."""

    def check(value: object) -> str:
        text = as_text(value)
        if text in known:
            return text
        hint = nearest(text, known, "one of: {}")
        raise refused("is not a known value", hint, close(text, known))

    return BeforeValidator(check)


def some_of(known: Sequence[str]) -> BeforeValidator:
    """A list of texts that are among these words."""

    def check(value: object) -> tuple[str, ...]:
        names = _names(value)
        for name in names:
            if name not in known:
                raise refused(
                    f"has {shown(name)!r}, which is not a known value",
                    nearest(name, known, "one of: {}"),
                )
        return names

    return BeforeValidator(check)


def _bounded(check: Callable[[Any], bool], must: str, hint: str | None) -> AfterValidator:
    def within(value: float) -> float:
        if check(value):
            return value
        raise refused(must, hint)

    return AfterValidator(within)


def between(low: float, high: float, example: str) -> AfterValidator:
    """A number strictly between two bounds."""
    must = f"must lie between {low:g} and {high:g}"
    return _bounded(lambda value: low < value < high, must, f"for example {example}")


def at_least(low: int) -> AfterValidator:
    """A number that is this or more."""
    return _bounded(lambda value: value >= low, f"must be {low} or more", None)


Text = Annotated[str, BeforeValidator(as_text)]
"""Any text; a number, boolean or date without quotes is taken as text."""
Filled = Annotated[str, BeforeValidator(_filled)]
"""Text that is not blank. A log's own names are taken as they stand, odd blanks included."""
Id = Annotated[str, BeforeValidator(_id)]
"""A short name of our own: letters, digits, hyphens (also . and _), no colon and no blank."""
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
"""A list of different texts; one text stands for a list of one."""
SomeNames = Annotated[tuple[str, ...], BeforeValidator(_some_names)]
"""The same, at least one."""
SomeTexts = Annotated[tuple[str, ...], BeforeValidator(_some_texts)]
"""A list of values of a log, at least one; the empty text is a value."""
NameOrNames = Annotated[str | tuple[str, ...], BeforeValidator(_name_or_names)]
"""One text, or a list of them."""
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Day = Annotated[date, BeforeValidator(_day)]
Number = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_whole)]
Gap = Annotated[tuple[float, float], BeforeValidator(_gap)]
