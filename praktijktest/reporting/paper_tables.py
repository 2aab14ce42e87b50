"""How a table stands on paper: the texts of its cells, the widths of its columns, its type size."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from praktijktest.language import Language
from praktijktest.reporting.blocks import Column, Estimated, Table
from praktijktest.reporting.cells import NUMERIC, number_text, written

UPRIGHT_CM, LANDSCAPE_CM = 16.0, 24.7
"""Room for a table on an A4 page, upright and on its side, between margins of 2.5 cm."""

SIZES = (9.0, 8.0, 7.0)
"""Type sizes in points, the largest that fits is taken."""

_EM_SHARE = 0.52
"""Width of an average letter as a share of the type size."""

_POINT_CM = 2.54 / 72
_INSET_CM = 0.3
_MOST_LETTERS = 34
"""A column gets room for this many letters at most; longer texts take several lines."""

_STRETCH = 1.7
"""A table narrower than the page is widened by this factor at most."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell in two parts: what is set strong, and the rest."""

    strong: str
    rest: str


@dataclass(frozen=True, slots=True)
class PaperColumn:
    """A column as it stands on paper."""

    heading: str
    numeric: bool
    width_cm: float


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table as it stands on paper.

    Attributes:
        caption: what it shows.
        columns: from left to right.
        groups: heading and rows of each group; one group without a heading where ungrouped.
        notes: sentences below it.
        size: type size in points.
        landscape: it needs a page on its side.
    """

    caption: str
    columns: tuple[PaperColumn, ...]
    groups: tuple[tuple[str | None, tuple[tuple[Cell, ...], ...]], ...]
    notes: tuple[str, ...]
    size: float
    landscape: bool


def on_paper(table: Table, language: Language) -> PaperTable:
    """A table in words and with its measures.

    Args:
        table: the table as data.
        language: what it is written in.
    """
    columns = table.columns[1:] if table.grouped else table.columns
    groups = tuple(_groups(table, columns, language))
    headings = [language.say(column.heading) for column in columns]
    rows = [row for _, rows in groups for row in rows]
    letters = [_letters(heading, [row[i] for row in rows]) for i, heading in enumerate(headings)]
    size, landscape = _size(letters)
    widths = _widths(letters, size, LANDSCAPE_CM if landscape else UPRIGHT_CM)
    return PaperTable(
        caption=language.say(table.caption),
        columns=tuple(
            PaperColumn(heading, column.kind in NUMERIC, width)
            for heading, column, width in zip(headings, columns, widths, strict=True)
        ),
        groups=groups,
        notes=tuple(language.say(note) for note in table.notes),
        size=size,
        landscape=landscape,
    )


def _groups(
    table: Table, columns: Sequence[Column], language: Language
) -> list[tuple[str | None, tuple[tuple[Cell, ...], ...]]]:
    if not table.grouped:
        return [(None, tuple(_row(row, columns, language) for row in table.rows))]
    return [
        (
            written(first, table.columns[0].kind, language),
            tuple(_row(row[1:], columns, language) for row in rows),
        )
        for first, rows in groupby(table.rows, key=lambda row: row[0])
    ]


def _row(values: Sequence[Any], columns: Sequence[Column], language: Language) -> tuple[Cell, ...]:
    return tuple(
        _cell(value, column, language) for value, column in zip(values, columns, strict=True)
    )


def _cell(value: Any, column: Column, language: Language) -> Cell:
    if not isinstance(value, Estimated):
        return Cell("", written(value, column.kind, language))
    number = number_text(value, language)
    if value.low is None and value.high is None:
        return Cell(number, "")
    return Cell(number, language.interval(value.low, value.high, value.unit))


def _letters(heading: str, cells: Sequence[Cell]) -> int:
    """How many letters a column has room for: its longest text, and no word of its heading cut."""
    texts = {len(cell.strong) + len(cell.rest) + bool(cell.strong) for cell in cells}
    longest = max(texts, default=0)
    words = max(map(len, heading.split()), default=0)
    two_lines = -(-len(heading) // 2)
    return max(min(longest, _MOST_LETTERS), min(words, _MOST_LETTERS), min(two_lines, 12), 3)


def _natural(letters: Sequence[int], size: float) -> list[float]:
    return [count * size * _EM_SHARE * _POINT_CM + _INSET_CM for count in letters]


def _size(letters: Sequence[int]) -> tuple[float, bool]:
    """The largest type that fits upright, else on a page on its side, else the smallest."""
    for landscape, room in ((False, UPRIGHT_CM), (True, LANDSCAPE_CM)):
        for size in SIZES:
            if sum(_natural(letters, size)) <= room:
                return size, landscape
    return SIZES[-1], True


def _widths(letters: Sequence[int], size: float, room: float) -> list[float]:
    natural = _natural(letters, size)
    total = sum(natural)
    factor = min(room / total, _STRETCH)
    return [round(width * factor, 3) for width in natural]
