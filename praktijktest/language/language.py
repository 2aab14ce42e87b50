"""A language: messages with their values filled in, the way a person writes them."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any, TypeVar

from praktijktest.language import number_format
from praktijktest.language.catalogue import Text, catalogue
from praktijktest.language.message import Message
from praktijktest.vocabulary import LANGUAGES

NAME_SHOWN = 80
"""How many characters of a name from a log are shown in a sentence."""

CODES = ("outcome", "reason", "problem", "variant", "method_name")
"""Kinds of code that a log or a later version may add to; `{code:outcome}` labels one."""

NOTHING = "–"
T = TypeVar("T")
_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = ("R", "AL", "AN")
_JOINER = "\u200d"


class Written(str):
    """Text that was already written in a language: it goes into a message as it is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Language:
    """One of the languages of the reports.

    Attributes:
        code: "nl", "fr" or "en".
        messages: the catalogue, by dotted key.
    """

    code: str
    messages: Mapping[str, Text]

    def text(self, key: str, **values: Any) -> str:
        """The message of a key with its values.

        A message with plural forms takes the form of the value `count`.

        Raises:
            KeyError: the key or a value it needs is missing.
        """
        found = self.messages[key]
        if isinstance(found, dict):
            found = found[number_format.plural_form(values["count"], self.code)]
        return _Filling(self).vformat(found, (), values)

    def say(self, message: Message) -> str:
        """The text of a message, with the messages inside it.

        Raises:
            KeyError: the key or a value it needs is missing.
        """
        return self.text(message.key, **message.values)

    def label(self, kind: str, code: str) -> str:
        """The label of a code; one that is not ours stands as it is, after "other" if need be."""
        found = self.messages.get(f"{kind}.{code}")
        if isinstance(found, str):
            return found
        other = self.messages.get(f"{kind}.other")
        return f"{other} ({shortened(code)})" if isinstance(other, str) else shortened(code)

    def value(self, value: Any) -> str:
        """A raw value as it stands in a sentence."""
        if value is None:
            return NOTHING
        if isinstance(value, Message):
            return self.say(value)
        if isinstance(value, Written):
            return value
        if isinstance(value, bool):
            return self.text("yes" if value else "no")
        if isinstance(value, int):
            return self.number(value)
        if isinstance(value, float):
            return self.number(value, 1)
        return shortened(str(value))

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with the language's separators."""
        return _written(value, lambda number: number_format.decimal(number, self.code, digits))

    def percent(self, value: float | None, digits: int = 1) -> str:
        """A share as a percentage."""
        return _written(value, lambda share: number_format.percent(share, self.code, digits))

    def confidence(self, value: float | None) -> str:
        """A confidence level or a margin as a percentage without needless decimals."""
        return _written(value, lambda share: number_format.trimmed_percent(share, self.code))

    def ratio(self, value: float | None) -> str:
        """A ratio with two decimals."""
        return self.number(value, 2)

    def p_value(self, value: float | None) -> str:
        """A p-value: "0.0123" or "< 0.001"."""
        if value is None:
            return Written(NOTHING)
        text, below = number_format.p_value(value, self.code)
        return Written(f"<\u00a0{text}" if below else text)

    def p_equation(self, value: float | None) -> str:
        """A p-value with its letter: "p = 0.0123" or "p < 0.001"."""
        text = self.p_value(value)
        return Written(f"p\u00a0{text}" if text.startswith("<") else f"p\u00a0=\u00a0{text}")

    def date(self, value: str | None) -> str:
        """A date with the month in words."""
        return _written(value, lambda day: number_format.long_date(day, self.code))

    def interval(self, low: float | None, high: float | None, unit: str = "percent") -> str:
        """An interval in words, never with a comma between its ends; one end may be open."""
        write = self.percent if unit == "percent" else self.ratio
        if low is None and high is None:
            return Written(NOTHING)
        if high is None:
            return Written(self.text("interval.from", low=write(low)))
        if low is None:
            return Written(self.text("interval.to", high=write(high)))
        return Written(self.text("interval.both", low=write(low), high=write(high)))

    def enumeration(self, values: Sequence[Any]) -> str:
        """Values joined as the language joins a list."""
        return number_format.enumeration([self.value(value) for value in values], self.code)

    def name(self, value: str) -> str:
        """A name from a log as it is, in the language's quotation marks."""
        return self.text("name", value=shortened(value))


def _written(value: T | None, write: Callable[[T], str]) -> Written:
    """A value as text, a dash where there is none."""
    return Written(NOTHING if value is None else write(value))


class _Filling(Formatter):
    """Fills in a message; the part after the colon of a placeholder says how to write it."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        language = self.language
        if isinstance(value, Message) or value is None or not format_spec:
            return language.value(value)
        if format_spec in CODES:
            return language.label(format_spec, value)
        writers: dict[str, Callable[[Any], str]] = {
            "percent": language.percent,
            "confidence": language.confidence,
            "ratio": language.ratio,
            "p": language.p_value,
            "p equation": language.p_equation,
            "date": language.date,
            "list": language.enumeration,
            "name": language.name,
        }
        return writers[format_spec](value)


@cache
def language_named(code: str) -> Language:
    """The language of a code.

    Args:
        code: "nl", "fr" or "en".

    Raises:
        KeyError: there is no such language.
    """
    if code not in LANGUAGES:
        raise KeyError(code)
    return Language(code, catalogue(code))


def shortened(text: str, longest: int = NAME_SHOWN) -> str:
    """A text from a log on one line, cut when long, kept apart when written right to left."""
    shown = (c if c.isprintable() or c == _JOINER else " " for c in text[: 4 * longest])
    line = " ".join("".join(shown).split())
    if len(line) > longest:
        line = line[: longest - 1] + "…"
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in line):
        return f"{_ISOLATE}{line}{_POP_ISOLATE}"
    return line
