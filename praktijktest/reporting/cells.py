"""How one cell of a table is written in a language, the same in every renderer."""

from typing import Any

from praktijktest.language import Language, Message
from praktijktest.reporting.blocks import Estimated, Kind, Share, TooFew, Unit

NUMERIC = ("count", "percent", "ratio", "p", "share", "cells", "estimate")
"""Kinds of columns that hold numbers and stand to the right."""


def written(value: Any, kind: Kind, language: Language) -> str:
    """The text of a cell; a value that does not exist is a dash."""
    if isinstance(value, TooFew):
        return language.text("too_few")
    if isinstance(value, Message) or value is None:
        return language.value(value)
    writers = {
        "count": language.number,
        "percent": language.percent,
        "ratio": language.ratio,
        "p": language.p_value,
    }
    if kind in writers:
        return writers[kind](value)
    if kind == "estimate":
        return estimate_text(value, language)
    if kind == "cells":
        return "/".join(language.number(count) for count in value)
    if kind == "share":
        return share_text(value, language)
    if kind == "state":
        return language.text(f"state.{value}")
    if kind == "yes":
        return language.text("yes") if value else ""
    return language.value(value)


def estimate_text(found: Estimated, language: Language) -> str:
    """A number with its interval: "12.3% (4.5% to 20.1%)"."""
    value = number_text(found, language)
    if found.low is None and found.high is None:
        return value
    interval = language.interval(found.low, found.high, found.unit)
    return language.text("estimated", value=value, interval=interval)


def share_text(found: Share, language: Language) -> str:
    """A count with its percentage: "460 (44.7%)"."""
    count = language.number(found.count)
    if not found.of:
        return count
    return language.text("share", count=count, share=language.percent(found.count / found.of))


def number_text(found: Estimated, language: Language) -> str:
    """The number of an estimate, without its interval."""
    write = language.percent if found.unit == "percent" else language.ratio
    return write(found.value)


def tick_text(value: float, unit: Unit, language: Language) -> str:
    """A place on an axis, with as many decimals as it needs."""
    if unit == "percent":
        return language.percent(value, 0)
    return language.number(value, next(d for d in range(4) if d == 3 or round(value, d) == value))
