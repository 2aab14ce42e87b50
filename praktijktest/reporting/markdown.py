"""Renders a report as Markdown: to read in a terminal, to keep and compare in a repository."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from praktijktest.language import Language, Message
from praktijktest.language.language import Written
from praktijktest.reporting.blocks import (
    Bars,
    Block,
    Bullets,
    Column,
    Definitions,
    Estimated,
    Finding,
    Flow,
    Forest,
    Heading,
    Paragraph,
    Report,
    Table,
)
from praktijktest.reporting.cells import NUMERIC, estimate_text, written
from praktijktest.reporting.markdown_text import escaped, lines_of, pipe_table
from praktijktest.reporting.paper import title_of

HEADS = {
    Bars: ("level", "value"),
    Flow: ("step", "count"),
    Forest: ("contrast", "value"),
}
"""Headings of the figures that are written as a table."""

BULLET, INDENT, QUOTE = "- ", "  ", "> "


def render_markdown(report: Report, language: Language) -> str:
    """The report as Markdown with tables in GitHub's manner.

    Args:
        report: the report as data.
        language: what it is written in.
    """
    writer = _Writer(language)
    parts = [[f"# {escaped(title_of(report))}"], lines_of(writer.say(report.subtitle))]
    for banner in report.banners:
        parts.append(lines_of(f"**{writer.say(banner)}**", QUOTE, QUOTE))
    parts.append(writer.terms(report.facts))
    parts.append(lines_of(writer.say(report.statement), QUOTE, QUOTE))
    for section in report.sections:
        parts.append([f"## {writer.say(section.title)}"])
        for block in section.blocks:
            parts += writer.block(block)
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


class _Writer:
    """Writes blocks in a language; a part is a list of lines, with an empty line after it."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.colon = language.text("colon")

    def say(self, text: Message) -> str:
        """A message without marks of its own."""
        return escaped(self.language.say(text))

    def terms(self, items: Sequence[tuple[Message, Message]]) -> list[str]:
        """Terms with what they mean, as a list."""
        return [
            line
            for term, text in items
            for line in lines_of(
                f"**{self.say(term)}{self.colon}** {self.say(text)}", BULLET, INDENT
            )
        ]

    def block(self, block: Block) -> list[list[str]]:
        """The parts of a block."""
        match block:
            case Paragraph():
                return [self._paragraph(block)]
            case Heading():
                return [[f"### {self._with_kicker(block.kicker, block.text)}"]]
            case Bullets():
                items = (lines_of(self.say(item), BULLET, INDENT) for item in block.items)
                return [[line for lines in items for line in lines]]
            case Definitions():
                return [self.terms(block.items)]
            case Finding():
                return self._finding(block)
            case Table():
                return self._table(block)
            case _:
                return self._figure(block)

    def _paragraph(self, block: Paragraph) -> list[str]:
        text = self.say(block.text)
        if block.role == "warning":
            return lines_of(f"**{text}**", QUOTE, QUOTE)
        return lines_of(text)

    def _with_kicker(self, kicker: Message | None, text: Message) -> str:
        return (
            self.say(text) if kicker is None else f"{self.say(kicker)}{self.colon} {self.say(text)}"
        )

    def _finding(self, block: Finding) -> list[list[str]]:
        estimate = escaped(estimate_text(block.estimate, self.language))
        sentences = " ".join(self.say(sentence) for sentence in block.sentences)
        return [
            [f"### {self._with_kicker(block.ground, block.title)}"],
            lines_of(f"**{self.say(block.verdict)}**"),
            lines_of(f"{self.say(block.measure)}{self.colon} **{estimate}**", BULLET, INDENT),
            lines_of(sentences),
            lines_of(self.say(block.interval_note)),
        ]

    def _table(self, table: Table) -> list[list[str]]:
        """Caption, rows and notes; each group of a grouped table is a small one of its own."""
        parts = [lines_of(f"**{self.say(table.caption)}**")]
        if not table.grouped:
            parts.append(self._rows(table.columns, table.rows))
        else:
            for first, rows in groupby(table.rows, key=lambda row: row[0]):
                heading = escaped(written(first, table.columns[0].kind, self.language))
                parts.append(lines_of(heading))
                parts.append(self._rows(table.columns[1:], [row[1:] for row in rows]))
        return [*parts, *(lines_of(self.say(note)) for note in table.notes)]

    def _rows(self, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[str]:
        heads = [self.say(column.heading) for column in columns]
        numeric = [column.kind in NUMERIC for column in columns]
        cells = [
            [
                escaped(written(value, column.kind, self.language))
                for value, column in zip(row, columns, strict=True)
            ]
            for row in rows
        ]
        return pipe_table(heads, numeric, cells)

    def _figure(self, block: Any) -> list[list[str]]:
        """A figure in words; one line per number where it has no words of its own."""
        from praktijktest.reporting.figure_rows import title_of as title_of_figure

        title = title_of_figure(block, self.language).rstrip(".")
        figure = self.language.text("markdown.figure", title=Written(title))
        if isinstance(block, Bars | Flow | Forest):
            parts = [lines_of(f"**{escaped(figure)}**"), self._numbers(block)]
        else:
            words = escaped(self.language.say(block.description))
            parts = [lines_of(f"**{escaped(figure)}** {words}")]
        return [*parts, *(lines_of(self.say(note)) for note in getattr(block, "notes", ()))]

    def _numbers(self, block: Bars | Flow | Forest) -> list[str]:
        from praktijktest.reporting.figure_rows import figure_rows

        heads = [escaped(self.language.text(f"column.{name}")) for name in HEADS[type(block)]]
        rows = (
            (row.label, self._number(row.number, row.beside))
            for row in figure_rows(block, self.language)
        )
        cells = [[escaped(cell) for cell in row] for row in rows]
        return pipe_table(heads, [False, True], cells)

    def _number(self, number: int | Estimated | None, beside: str) -> str:
        if isinstance(number, Estimated):
            return estimate_text(number, self.language)
        return beside if number is None else self.language.number(number)
