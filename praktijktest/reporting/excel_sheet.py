"""One workbook and the ways a report writes on its sheets."""

import io
import re
from collections.abc import Sequence
from functools import cache
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from praktijktest.language import Language
from praktijktest.reporting.excel_cells import SheetCell, text_cell

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST_SHEET_NAME: Final = 31
NARROW, WIDE = 9, 46
"""Widths of columns, in characters; longer texts take several lines."""

UPRIGHT = 84
"""A sheet that is wider, in characters, is printed on its side."""

LINE_POINTS = 15.0
ROOM = 1.0
"""Letters that fit in a column as a share of its width, which counts digits."""

HEADER_SHOWN, FOOTER_SHOWN = 100, 200
"""Characters above and below a printed page; a spreadsheet takes 255 with its marks."""

A4: Final = 9
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_RIGHT: Final[dict[str, Any]] = {"align": "right", "indent": 1}
_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "text": {"text_wrap": True},
    "inert": {"text_wrap": True, "quote_prefix": True, "num_format": "@"},
    "beside": _RIGHT,
    "count": {"num_format": "#,##0", **_RIGHT},
    "percent": {"num_format": "0.0%", **_RIGHT},
    "ratio": {"num_format": "0.00", **_RIGHT},
    "title": {"bold": True, "font_size": 16},
    "heading": {"bold": True, "font_size": 13, "font_color": "#1d5fa8"},
    "caption": {"bold": True, "text_wrap": True},
    "head": {"bold": True, "text_wrap": True, "bg_color": "#e3e8ed", "bottom": 1},
    "head_number": {
        "bold": True, "text_wrap": True, "bg_color": "#e3e8ed", "bottom": 1, **_RIGHT,
    },
    "strong": {"bold": True, "text_wrap": True},
    "note": {"text_wrap": True, "italic": True, "font_color": "#55616f"},
    "warning": {"text_wrap": True, "bold": True, "bg_color": "#fdf0e3", "border": 1},
    "link": {"font_color": "#1d5fa8", "underline": 1, "text_wrap": True},
}  # fmt: skip


class Workbook:
    """A workbook in memory that is written the same every time."""

    def __init__(self, language: Language, properties: dict[str, Any]) -> None:
        import xlsxwriter

        self._stream = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                   "strings_to_numbers": False, "nan_inf_to_errors": False}  # fmt: skip
        self._book = xlsxwriter.Workbook(self._stream, options)
        self._book.set_properties(properties)
        self._below = language.p_value(0.0)
        self._names: set[str] = set()
        self.look = cache(self._look)

    def sheet(self, name: str, *, header: str, footer: str, columns: Sequence[int]) -> "Worksheet":
        """A new sheet, ready to be printed on A4.

        Args:
            name: what it is called, made fit for a sheet.
            header: what stands above a printed page.
            footer: what stands below it.
            columns: widths of the columns, in characters.
        """
        sheet = self._book.add_worksheet(self._fitting(name))
        for column, width in enumerate(columns):
            sheet.set_column(column, column, width)
        sheet.set_paper(A4)
        if sum(columns) > UPRIGHT:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.6, right=0.6, top=0.9, bottom=0.9)
        sheet.set_header(f"&L&9{_printed(header, HEADER_SHOWN)}")
        sheet.set_footer(f"&L&8{_printed(footer, FOOTER_SHOWN)}&R&8&P / &N")
        sheet.hide_gridlines(2)
        return sheet

    def content(self) -> bytes:
        """The finished workbook."""
        self._book.close()
        return self._stream.getvalue()

    def write(self, sheet: "Worksheet", row: int, column: int, cell: SheetCell | None) -> None:
        """One cell; nothing for None."""
        if cell is None:
            return
        if isinstance(cell.value, str):
            sheet.write_string(row, column, cell.value, self.look(cell.look))
        else:
            sheet.write_number(row, column, cell.value, self.look(cell.look))

    def words(self, sheet: "Worksheet", row: int, text: str, look: str, column: int = 0) -> None:
        """A text of the report's own; one that begins like a formula is kept from being one."""
        cell = text_cell(text)
        sheet.write_string(row, column, cell.value, self.look(look, cell.look == "inert"))

    def across(
        self,
        sheet: "Worksheet",
        row: int,
        text: str,
        look: str,
        widths: Sequence[int],
        first: int = 0,
    ) -> None:
        """A text over several columns, as high as its lines.

        Args:
            sheet: where it is written.
            row: in which row.
            text: the text.
            look: how it is set.
            widths: widths of the columns it goes over.
            first: the first of them.
        """
        self.words(sheet, row, text, look, first)
        if len(widths) > 1:
            cell = text_cell(text)
            found = self.look(look, cell.look == "inert")
            sheet.merge_range(row, first, row, first + len(widths) - 1, "", found)
            sheet.write_string(row, first, cell.value, found)
        self.lines(sheet, row, [text], [sum(widths)])

    def lines(
        self, sheet: "Worksheet", row: int, texts: Sequence[str], widths: Sequence[int]
    ) -> None:
        """Make a row as high as its longest text needs; programs do not do that by themselves."""
        most = max(
            (_lines(text, width) for text, width in zip(texts, widths, strict=True)), default=1
        )
        if most > 1:
            sheet.set_row(row, LINE_POINTS * most)

    def _look(self, name: str, inert: bool = False) -> "Format":
        properties = {"valign": "top", **self._properties(name)}
        if inert:
            properties |= {"quote_prefix": True, "num_format": "@"}
        return self._book.add_format(properties)

    def _properties(self, name: str) -> dict[str, Any]:
        if name == "p":
            # As in the other formats: four decimals below 0.1, and "< 0.001" for what is smaller.
            return {"num_format": f'[<0.001]"{self._below}";[<0.09995]0.0000;0.000', **_RIGHT}
        return _LOOKS[name]

    def _fitting(self, name: str) -> str:
        """A name that a sheet may have, unlike those of the others."""
        base = " ".join(_FORBIDDEN.sub(" ", name).split()).strip("'’ ") or "-"
        found, number = base[:LONGEST_SHEET_NAME].strip("' "), 1
        while found.casefold() in self._names:
            number += 1
            ending = f" {number}"
            found = base[: LONGEST_SHEET_NAME - len(ending)].strip("' ") + ending
        self._names.add(found.casefold())
        return found


def widths_of(heads: Sequence[str], rows: Sequence[Sequence[SheetCell | None]]) -> list[int]:
    """Widths of columns that show their words, in characters.

    Args:
        heads: the headings.
        rows: the cells below them.
    """
    longest = [NARROW] * len(heads)
    for cells in {tuple(map(_length, row)) for row in rows}:
        longest = [max(pair) for pair in zip_longest(longest, cells, fillvalue=0)]
    return [
        min(max(width + 2, *(len(word) + 2 for word in head.split())), WIDE)
        for width, head in zip(longest, heads, strict=True)
    ]


def texts_of(row: Sequence[SheetCell | None]) -> list[str]:
    """The texts of a row, "" for a number."""
    return [cell.value if cell is not None and isinstance(cell.value, str) else "" for cell in row]


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column, with some room for bold letters."""
    room = max(int(width * ROOM), 1)
    return 1 if len(text) <= room else len(wrap(text, room))


def _length(cell: SheetCell | None) -> int:
    return len(cell.value) if cell is not None and isinstance(cell.value, str) else 0


def _printed(text: str, longest: int) -> str:
    """A text above or below a page, where an ampersand begins a command."""
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return cut.replace("&", "&&")
