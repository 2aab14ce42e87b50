"""Shows a report of sections and tables on a terminal, readable from 60 columns on.

Everything that comes from a ledger goes through `Text`, so that rich never reads it as markup.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from praktijktest.language import Language
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Column,
    Heading,
    Paragraph,
    Report,
    Section,
    Table,
)
from praktijktest.reporting.cells import NUMERIC, written

if TYPE_CHECKING:
    from rich.console import Console

GAP = 3
"""Spaces between two columns."""
FEWEST_COLUMNS = 2


def print_report(report: Report, console: "Console", language: Language) -> None:
    """Print a report: its facts, then every section that has more to tell than notes.

    Args:
        report: the report as data.
        console: where to print.
        language: what it is written in.
    """
    if report.title:
        _say(console, language.value(report.title), style="bold")
    for term, value in report.facts:
        _say(console, language.text("status.fact_line", term=term, value=value))
    for section in report.sections:
        print_section(section, console, language)
    console.print()
    _say(console, language.say(report.statement), style="dim")


def print_section(section: Section, console: "Console", language: Language) -> None:
    """Print one section, unless it holds notes alone.

    Args:
        section: the section as data.
        console: where to print.
        language: what it is written in.
    """
    shown = [block for block in section.blocks if not _is_note(block)]
    if not shown:
        return
    console.print()
    _say(console, language.say(section.title), style="bold underline")
    for block in shown:
        _print_block(block, console, language)


def _is_note(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.role == "note"


def _print_block(block: Block, console: "Console", language: Language) -> None:
    if isinstance(block, Paragraph):
        _say(console, language.say(block.text))
    elif isinstance(block, Heading):
        console.print()
        _say(console, language.say(block.text), style="bold")
    elif isinstance(block, Bullets):
        for item in block.items:
            _say(console, f"• {language.say(item)}")
    elif isinstance(block, Table):
        _print_table(block, console, language)


def _print_table(table: Table, console: "Console", language: Language) -> None:
    """A table with the columns that fit; how many do not is said below it."""
    from rich import box
    from rich.table import Table as Grid
    from rich.text import Text

    texts = [
        [written(value, c.kind, language) for value, c in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    headings = [
        _stacked(language.say(column.heading), [line[place] for line in texts])
        for place, column in enumerate(table.columns)
    ]
    fitting = _fitting(headings, texts, console.width)
    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading, column in zip(headings[:fitting], table.columns, strict=False):
        _add_column(grid, heading, column)
    for line in texts:
        grid.add_row(*map(Text, line[:fitting]))
    console.print()
    _say(console, language.say(table.caption), style="bold")
    console.print(grid)
    for note in table.notes:
        _say(console, language.say(note), style="dim")
    if fitting < len(headings):
        left = language.text("status.columns_hidden", count=len(headings) - fitting)
        _say(console, left, style="dim")


def _add_column(grid: Any, heading: str, column: Column) -> None:
    from rich.text import Text

    numeric = column.kind in NUMERIC
    justify = "right" if numeric else "left"
    grid.add_column(Text(heading), justify=justify, no_wrap=numeric, overflow="fold")


def _fitting(headings: Sequence[str], texts: Sequence[Sequence[str]], width: int) -> int:
    """How many columns fit side by side."""
    used = fitting = 0
    for place, heading in enumerate(headings):
        cells = [row[place] for row in texts]
        used += max(map(len, (*cells, *heading.split("\n")))) + GAP
        if used - GAP > width and place >= FEWEST_COLUMNS:
            break
        fitting += 1
    return fitting


def _stacked(heading: str, cells: Sequence[str]) -> str:
    """A heading over its cells, word under word where it is wider than they are."""
    return (
        heading if len(heading) <= max(map(len, cells), default=0) else heading.replace(" ", "\n")
    )


def _say(console: "Console", text: str, style: str = "") -> None:
    from rich.text import Text

    console.print(Text(text, style=style))
