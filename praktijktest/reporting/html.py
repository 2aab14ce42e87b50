"""Renders a report as one self-contained HTML file: no script, no request to anywhere."""

from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from praktijktest.language import Language, Message, shortened
from praktijktest.reporting.blocks import Column, DrawnBlock, Estimated, Forest, Report, Table
from praktijktest.reporting.cells import NUMERIC, number_text, tick_text, written
from praktijktest.reporting.html_cells import raw_number, row_html
from praktijktest.reporting.html_figures import inline_svg

PAIRS_IN_ROW = 10
PAIR_WIDTH, PAIR_HEIGHT = 29, 25
"""Grid of the picture of the four cells, in units of its drawing."""

TITLE_SHOWN = 160
"""How many characters of a round's title are shown."""

WIDE_TABLE = 3
"""From this many columns on, a table may need to be scrolled on a small screen."""


def render_html(report: Report, language: Language) -> str:
    """The report as one HTML page.

    Args:
        report: the report as data.
        language: what it is written in.
    """
    template = _environment().get_template("report.html.j2")
    return template.render(
        report=report,
        draw=_Drawing(language),
        footer_rule=Markup(css_string(language.say(report.statement))),
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("praktijktest.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def css_string(text: str) -> str:
    r"""A text as a quoted CSS string that cannot end the string or the style element."""
    escaped = "".join(c if c.isalnum() or c in " .,;-’" else f"\\{ord(c):x} " for c in text)
    return f'"{escaped}"'


class _Drawing:
    """What templates ask for: texts in the language and places in a drawing."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.code = language.code
        self.pictures = 0
        self.pair_width, self.pair_height = PAIR_WIDTH, PAIR_HEIGHT

    def title(self, text: str) -> str:
        """A title of any length, cut when it is longer than a title."""
        return shortened(text, TITLE_SHOWN)

    def say(self, text: Message) -> str:
        """A message in the language."""
        return self.language.say(text)

    def text(self, key: str, **values: Any) -> str:
        """A message of the catalogue in the language."""
        return self.language.text(key, **values)

    def kind(self, block: object) -> str:
        """Name of the kind of a block, which is the name of the macro that draws it."""
        return type(block).__name__

    def cell(self, value: Any, column: Column) -> str:
        """A table cell in words."""
        return written(value, column.kind, self.language)

    def number(self, found: Estimated) -> str:
        """The number of an estimate."""
        return number_text(found, self.language)

    def interval(self, found: Estimated) -> str:
        """The interval of an estimate, empty where there is none."""
        if found.low is None and found.high is None:
            return ""
        return self.language.interval(found.low, found.high, found.unit)

    def percent(self, value: float | None, digits: int = 1) -> str:
        """A share as a percentage."""
        return self.language.percent(value, digits)

    def numeric(self, column: Column) -> bool:
        """Whether a column holds numbers."""
        return column.kind in NUMERIC

    def wide(self, columns: tuple[Column, ...]) -> bool:
        """Whether a table may be wider than a small screen."""
        return len(columns) >= WIDE_TABLE

    def groups(self, table: Table) -> list[tuple[Any, list[tuple[Any, ...]]]]:
        """The rows of a table under their group headings; one group without where ungrouped."""
        if not table.grouped:
            return [(None, list(table.rows))]
        return [
            (first, [row[1:] for row in rows])
            for first, rows in groupby(table.rows, key=lambda row: row[0])
        ]

    def row(self, values: tuple[Any, ...], columns: tuple[Column, ...]) -> Markup:
        """The cells of a table row."""
        return row_html(values, columns, self.language)

    def picture(self, block: DrawnBlock) -> Markup:
        """A figure as marks within the page, in the page's own colours."""
        self.pictures += 1
        return inline_svg(block, self.language, self.pictures)

    def words(self, block: DrawnBlock) -> str:
        """A figure in words, for readers who do not see it."""
        return self.language.say(block.description)

    def raw(self, found: Estimated) -> str | None:
        """The unrounded number of an estimate."""
        return raw_number(found)

    def place(self, figure: Forest, value: float) -> str:
        """Where a value stands on the axis of a figure, in per cent of its width."""
        return f"{100 * figure.place(value):.2f}"

    def tick(self, figure: Forest, value: float) -> str:
        """What stands below a grid line."""
        return tick_text(value, figure.unit, self.language)

    def width(self, share: float | None) -> str:
        """How wide a bar is, in per cent."""
        return f"{100 * min(max(share or 0.0, 0.0), 1.0):.2f}"

    def pairs(self, number: int) -> list[tuple[int, int]]:
        """Where each of a number of pairs stands in the picture."""
        return [
            (PAIR_WIDTH * (i % PAIRS_IN_ROW), PAIR_HEIGHT * (i // PAIRS_IN_ROW))
            for i in range(number)
        ]

    def pair_box(self, number: int) -> str:
        """The view box of a picture with a number of pairs."""
        rows = -(-number // PAIRS_IN_ROW)
        return f"0 0 {PAIR_WIDTH * PAIRS_IN_ROW} {PAIR_HEIGHT * max(rows, 1)}"

    def share(self, counts: tuple[int, ...], index: int) -> float | None:
        """One count as a share of their sum."""
        total = sum(counts)
        return counts[index] / total if total else None
