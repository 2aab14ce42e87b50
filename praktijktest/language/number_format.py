"""Numbers, percentages and dates as a language writes them.

Babel is imported when the first number is written: the command line starts without it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache, lru_cache

LOCALES = {"nl": "nl_BE", "fr": "fr_BE", "en": "en_GB"}
MINUS = "\u2212"
SMALLEST_P = 0.001


@lru_cache(maxsize=8192)
def decimal(value: float, code: str, digits: int = 0) -> str:
    """A number with a fixed number of decimals, with the language's separators."""
    return _pattern(code, digits, percent=False).replace_sign(value)


@lru_cache(maxsize=8192)
def percent(value: float, code: str, digits: int = 1) -> str:
    """A share between -1 and 1 as a percentage with a fixed number of decimals."""
    return _pattern(code, digits, percent=True).replace_sign(value)


def trimmed_percent(value: float, code: str) -> str:
    """A share as a percentage with as many decimals as it needs, three at most (95 %, 99.5 %)."""
    digits = next((d for d in range(3) if round(value, d + 2) == round(value, 5)), 3)
    return percent(value, code, digits)


def p_value(value: float, code: str) -> tuple[str, bool]:
    """A p-value to 3 or 4 decimals, and whether it stands for "smaller than".

    Below 0.1 four decimals are written, so that 0.0503 never reads as 0.05.
    """
    if value < SMALLEST_P:
        return decimal(SMALLEST_P, code, 3), True
    return decimal(value, code, 4 if value < 0.09995 else 3), False


def long_date(value: str | date, code: str) -> str:
    """A date with the month in words; `value` may be an ISO date or time."""
    from babel.dates import format_date

    day = datetime.fromisoformat(value).date() if isinstance(value, str) else value
    text = format_date(day, "long", locale=LOCALES[code])
    return text.replace("1 ", "1er ", 1) if code == "fr" and day.day == 1 else text


def enumeration(texts: Sequence[str], code: str) -> str:
    """Texts joined as the language joins a list: "a, b and c"."""
    from babel.lists import format_list

    return format_list(list(texts), locale=LOCALES[code])


@cache
def plural_form(count: float, code: str) -> str:
    """The plural form a number takes: "one" or "other"."""
    from babel import Locale

    return "one" if Locale.parse(LOCALES[code]).plural_form(count) == "one" else "other"


class _Pattern:
    """One number pattern of a locale; minus is the mathematical sign, zero has none."""

    def __init__(self, code: str, digits: int, *, percent: bool) -> None:
        from babel import Locale
        from babel.numbers import parse_pattern

        self.locale = Locale.parse(LOCALES[code])
        known = self.locale.percent_formats if percent else self.locale.decimal_formats
        fraction = f".{'0' * digits}" if digits else ""
        base = "#,##0"
        suffix = known[None].pattern.partition(base)[2] if percent else ""
        self.pattern = parse_pattern(f"{base}{fraction}{suffix}")
        self.rounding = digits + 2 if percent else digits

    def replace_sign(self, value: float) -> str:
        """The number as text."""
        tidy = 0.0 if round(value, self.rounding) == 0 else value
        text: str = self.pattern.apply(tidy, self.locale)
        return text.replace("-", MINUS)


@cache
def _pattern(code: str, digits: int, *, percent: bool) -> _Pattern:
    return _Pattern(code, digits, percent=percent)
