"""How a table stands on paper: the texts of its cells, the widths of its columns, its type size."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Any

from praktijktest.language import Language
from praktijktest.reporting.blocks import Column, Estimated, Table
from praktijktest.reporting.cells import NUMERIC, estimate_text, number_text, written
from praktijktest.reporting.paper import LONGEST_WORD

UPRIGHT_CM, LANDSCAPE_CM = 16.0, 24.7
"""Room for a table on an A4 page, upright and on its side, between margins of 2.5 cm."""

UPRIGHT = ((9.0, 34), (9.0, 24), (8.0, 24), (7.5, 20))
LANDSCAPE = ((9.0, 34), (8.0, 30), (7.5, 24), (7.0, 16))
"""Type size in points, and the letters a column of texts gets room for at most; the first pair
with which a table fits is taken."""

_EM_SHARE = 0.52
"""Width of an average letter as a share of the type size."""

_POINT_CM = 2.54 / 72
_BOLD = 1.1
"""How much wider the bold letters of a heading are."""

_INSET_CM = 0.3
_HEADING_LETTERS = 12
"""A longer heading may take three lines and more."""

SHORT_ROWS = 15
"""A table with up to this many rows stands on one page."""

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
        short: it stands on one page.
    """

    caption: str
    columns: tuple[PaperColumn, ...]
    groups: tuple[tuple[str | None, tuple[tuple[Cell, ...], ...]], ...]
    notes: tuple[str, ...]
    size: float
    landscape: bool
    short: bool


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
    needs = [_needs(heading, [row[i] for row in rows]) for i, heading in enumerate(headings)]
    size, natural, landscape = _fitted(needs)
    widths = _widened(natural, LANDSCAPE_CM if landscape else UPRIGHT_CM)
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
        short=len(rows) + len(groups) <= SHORT_ROWS,
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
    return Cell(number, estimate_text(value, language).removeprefix(number).strip())


def _needs(heading: str, cells: Sequence[Cell]) -> tuple[int, int]:
    """Letters of a column's longest text, and those it needs at least: no heading's word is cut."""
    texts = {len(cell.strong) + len(cell.rest) + bool(cell.strong) for cell in cells}
    word = max((ceil(_BOLD * len(part)) for part in heading.split()), default=0) + 1
    two_lines = min(-(-len(heading) // 2), _HEADING_LETTERS)
    return max(texts, default=0), max(min(word, LONGEST_WORD), two_lines)


def _fitted(needs: Sequence[tuple[int, int]]) -> tuple[float, list[float], bool]:
    """Type size and widths of the columns with which a table fits, and whether on its side."""
    for landscape, pairs, room in (
        (False, UPRIGHT, UPRIGHT_CM),
        (True, LANDSCAPE, LANDSCAPE_CM),
    ):
        for size, most in pairs:
            widths = [_width(max(min(longest, most), least), size) for longest, least in needs]
            if sum(widths) <= room:
                return size, widths, landscape
    return size, widths, True


def _width(letters: int, size: float) -> float:
    return letters * size * _EM_SHARE * _POINT_CM + _INSET_CM


def _widened(natural: Sequence[float], room: float) -> list[float]:
    """Widths that fill the page, or nearly; wider than the page they are squeezed."""
    factor = min(room / sum(natural), _STRETCH)
    return [round(width * factor, 3) for width in natural]
