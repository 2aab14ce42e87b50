"""Cells of a table as a spreadsheet holds them: numbers as numbers, texts as texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from praktijktest.language import Language, Message
from praktijktest.reporting.blocks import Column, Estimated, Share, Table, TooFew
from praktijktest.reporting.cells import NUMERIC, written

Look = Literal["text", "inert", "beside", "count", "percent", "ratio", "p"]
"""How a cell is set: a text, a text that looks like a formula, a text among numbers, a number."""

LONGEST_TEXT: Final = 32_767
"""Characters that fit in a cell."""

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so would be a formula where somebody types it again."""

_PARTS: Final = {"estimate": ("", "low", "high"), "share": ("", "share")}


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One cell of a sheet: a text or a number, and how it is set."""

    value: str | float
    look: Look


def headings(table: Table, language: Language) -> list[str]:
    """Headings of a table on a sheet, where an estimate takes three columns and a share two.

    Args:
        table: the table as data.
        language: what it is written in.
    """
    return [
        language.text(f"excel.{part}", heading=heading) if part else heading
        for column in table.columns
        for heading in (language.say(column.heading),)
        for part in _PARTS.get(column.kind, ("",))
    ]


def cells_of(
    row: Sequence[Any], columns: Sequence[Column], language: Language
) -> list[SheetCell | None]:
    """The cells of a row; None stays empty.

    Args:
        row: raw values, one per column.
        columns: the columns of the table.
        language: what texts are written in.
    """
    return [
        cell
        for value, column in zip(row, columns, strict=True)
        for cell in _spread(value, column, language)
    ]


def text_cell(text: str, *, beside: bool = False) -> SheetCell:
    """A text that stays one, whatever it begins with.

    Args:
        text: the text.
        beside: it stands among numbers, to the right.
    """
    cut = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
    # What keeps right-to-left text apart comes first in it and hides what it begins with.
    if cut.lstrip("\u2068").startswith(FORMULA_STARTS):
        return SheetCell(cut, "inert")
    return SheetCell(cut, "beside" if beside else "text")


def estimate_cells(found: Estimated) -> list[SheetCell | None]:
    """A number and the ends of its interval; an end that does not exist stays empty."""
    return [
        None if number is None else SheetCell(number, found.unit)
        for number in (found.value, found.low, found.high)
    ]


def _spread(value: Any, column: Column, language: Language) -> list[SheetCell | None]:
    """The one, two or three cells of a value."""
    rest: list[SheetCell | None] = [None] * (len(_PARTS.get(column.kind, ("",))) - 1)
    if isinstance(value, Estimated):
        return estimate_cells(value)
    if isinstance(value, Share):
        share = SheetCell(value.count / value.of, "percent") if value.of else None
        return [SheetCell(value.count, "count"), share]
    number = isinstance(value, int | float) and not isinstance(value, bool | Message | TooFew)
    if number and column.kind in ("count", "percent", "ratio", "p"):
        return [SheetCell(value, column.kind), *rest]
    text = written(value, column.kind, language)
    return [text_cell(text, beside=column.kind in NUMERIC) if text else None, *rest]
