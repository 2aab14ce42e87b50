"""Renders a report as an Excel workbook: a sheet per table with numbers to work with.

The front sheet has the headlines; figures stand in words and numbers on a sheet of their own,
and so does the running text. Nothing in a log can become a formula or a link.
"""

from typing import TYPE_CHECKING

from praktijktest.language import Language
from praktijktest.reporting.blocks import (
    Bullets,
    Definitions,
    FigureBlock,
    Finding,
    Heading,
    Paragraph,
    Report,
    Section,
    Table,
)
from praktijktest.reporting.excel_cells import (
    SheetCell,
    cells_of,
    estimate_cells,
    headings,
    text_cell,
)
from praktijktest.reporting.excel_sheet import Workbook, texts_of, widths_of
from praktijktest.reporting.paper import AUTHOR, dated, title_of

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

FRONT_WIDTHS = (34, 30, 40, 32, 12, 13, 13)
FIGURE_WIDTHS = (58, 12, 13, 13, 24)
TEXT_WIDTH = 72
TITLE_POINTS = 22.0


def render_excel(report: Report, language: Language) -> bytes:
    """The report as an Excel workbook: the same report gives the same bytes.

    Args:
        report: the report as data.
        language: what it is written in.
    """
    writer = _Writer(report, language)
    front = writer.sheet(language.text("excel.front"), FRONT_WIDTHS)
    text = writer.sheet(language.text("excel.text"), (TEXT_WIDTH,))
    figures = _figures(report)
    if figures:
        writer.figures(figures)
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                writer.table(section, block)
    writer.text(text)
    writer.front(front)
    return writer.book.content()


def _figures(report: Report) -> list[tuple[Section, FigureBlock]]:
    return [
        (section, block)
        for section in report.sections
        for block in section.blocks
        if isinstance(block, FigureBlock)
    ]


class _Writer:
    """Writes the sheets of one report."""

    def __init__(self, report: Report, language: Language) -> None:
        self.report, self.language = report, language
        self.title = title_of(report)
        self.contents: list[tuple[str, str]] = []
        self.tables = 0
        properties = {
            "title": self.title,
            "subject": language.say(report.subtitle),
            "author": AUTHOR,
            "created": dated(report).replace(tzinfo=None),
        }
        self.book = Workbook(language, properties)

    def sheet(self, name: str, widths: tuple[int, ...] | list[int]) -> "Worksheet":
        """A sheet with the title above and the statement below every printed page."""
        return self.book.sheet(
            name,
            header=self.title,
            footer=self.language.say(self.report.statement),
            columns=widths,
        )

    def table(self, section: Section, table: Table) -> None:
        """A sheet with one table: caption, headings that stay in view, typed cells, notes."""
        book, language = self.book, self.language
        self.tables += 1
        heads = headings(table, language)
        rows = [cells_of(row, table.columns, language) for row in table.rows]
        widths = widths_of(heads, rows)
        sheet = self.sheet(f"{self.tables} {language.say(section.title)}", widths)
        caption = language.say(table.caption)
        self.contents.append((sheet.get_name(), caption))
        book.across(sheet, 0, caption, "caption", widths)
        for column, head in enumerate(heads):
            look = "head_number" if _numeric(rows, column) else "head"
            book.words(sheet, 1, head, look, column)
        book.lines(sheet, 1, heads, widths)
        for number, row in enumerate(rows, start=2):
            for column, cell in enumerate(row):
                book.write(sheet, number, column, cell)
            book.lines(sheet, number, texts_of(row), widths)
        sheet.freeze_panes(2, 1)
        sheet.autofilter(1, 0, max(len(rows) + 1, 2), len(heads) - 1)
        sheet.repeat_rows(1)
        for number, note in enumerate(table.notes, start=len(rows) + 3):
            book.across(sheet, number, language.say(note), "note", widths)

    def figures(self, found: list[tuple[Section, FigureBlock]]) -> None:
        """A sheet with every figure in words and its numbers below them."""
        from praktijktest.reporting.drawing.words import words_of
        from praktijktest.reporting.figure_rows import figure_rows
        from praktijktest.reporting.figure_rows import title_of as title_of_figure

        book, language = self.book, self.language
        widths = list(FIGURE_WIDTHS)
        sheet = self.sheet(language.text("excel.figures"), widths)
        self.contents.append((sheet.get_name(), language.text("excel.figures_are")))
        book.words(sheet, 0, language.text("excel.figures"), "title")
        sheet.set_row(0, TITLE_POINTS)
        row = 2
        for section, block in found:
            title = f"{language.say(section.title)}: {title_of_figure(block, language)}"
            book.across(sheet, row, title, "caption", widths)
            words = words_of(block, language)
            numbers = figure_rows(block, language)
            # Words that list every number would say twice what stands below them.
            if not numbers or hasattr(block, "description"):
                row += 1
                book.across(sheet, row, words, "text", widths)
            row += 1
            if numbers:
                self._heads(sheet, row, ("what", "value", "lowest", "highest"), numbers_from=1)
            for line in numbers:
                row += 1
                book.write(sheet, row, 0, text_cell(line.label))
                for column, cell in enumerate(_number_cells(line.number), start=1):
                    book.write(sheet, row, column, cell)
                book.write(sheet, row, 4, text_cell(line.beside) if line.beside else None)
            for note in getattr(block, "notes", ()):
                row += 1
                book.across(sheet, row, language.say(note), "note", widths)
            row += 2

    def text(self, sheet: "Worksheet") -> None:
        """The running text of every chapter, one paragraph per row."""
        row = 0
        for section in self.report.sections:
            lines = [line for block in section.blocks for line in _paragraphs(block, self.language)]
            if not lines:
                continue
            lines.insert(0, (self.language.say(section.title), "heading"))
            for text, look in lines:
                self.book.across(sheet, row, text, look, [TEXT_WIDTH])
                row += 1
            row += 1

    def front(self, sheet: "Worksheet") -> None:
        """Title, facts, headlines, statement and what stands on which sheet."""
        book, language, report = self.book, self.language, self.report
        widths = list(FRONT_WIDTHS)
        book.words(sheet, 0, self.title, "title")
        sheet.set_row(0, TITLE_POINTS)
        book.across(sheet, 1, language.say(report.subtitle), "strong", widths)
        row = 3
        for banner in report.banners:
            book.across(sheet, row, language.say(banner), "warning", widths)
            row += 1
        for term, value in report.facts:
            book.words(sheet, row, language.say(term), "strong")
            book.words(sheet, row, language.say(value), "text", 1)
            row += 1
        row = self._findings(sheet, row + 1)
        book.across(sheet, row, language.say(report.statement), "strong", widths)
        row += 2
        self._heads(sheet, row, ("sheet", "holds"), numbers_from=2)
        for name, caption in self.contents:
            row += 1
            place = f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A1"
            sheet.write_url(row, 0, place, book.look("link"), name)
            book.across(sheet, row, caption, "text", widths[1:4], 1)

    def _heads(
        self, sheet: "Worksheet", row: int, names: tuple[str, ...], *, numbers_from: int
    ) -> None:
        """Headings of a table of our own; those of numbers stand to the right."""
        texts = [self.language.text(f"excel.{name}") for name in names]
        for column, text in enumerate(texts):
            look = "head_number" if column >= numbers_from else "head"
            self.book.words(sheet, row, text, look, column)
        widths = FRONT_WIDTHS if numbers_from > 1 else FIGURE_WIDTHS
        self.book.lines(sheet, row, texts, widths[: len(texts)])

    def _findings(self, sheet: "Worksheet", row: int) -> int:
        """The headline of every comparison, as a table; the row below it."""
        found = [
            block
            for section in self.report.sections
            for block in section.blocks
            if isinstance(block, Finding)
        ]
        if not found:
            return row
        book, language = self.book, self.language
        names = ("ground", "comparison", "finding", "measure", "value", "lowest", "highest")
        self._heads(sheet, row, names, numbers_from=4)
        for finding in found:
            row += 1
            parts = (finding.ground, finding.title, finding.verdict, finding.measure)
            texts = [language.say(part) for part in parts]
            for column, text in enumerate(texts):
                book.write(sheet, row, column, text_cell(text))
            book.lines(sheet, row, texts, FRONT_WIDTHS[:4])
            for column, cell in enumerate(estimate_cells(finding.estimate), start=4):
                book.write(sheet, row, column, cell)
            row += 1
            sentences = " ".join(
                language.say(text) for text in (*finding.sentences, finding.interval_note)
            )
            book.across(sheet, row, sentences, "note", list(FRONT_WIDTHS))
        return row + 2


def _numeric(rows: list[list[SheetCell | None]], column: int) -> bool:
    first = next((row[column] for row in rows if row[column] is not None), None)
    return first is not None and first.look not in ("text", "inert")


def _number_cells(number: object) -> list[SheetCell | None]:
    if isinstance(number, int):
        return [SheetCell(number, "count")]
    return [] if number is None else estimate_cells(number)  # type: ignore[arg-type]


def _paragraphs(block: object, language: Language) -> list[tuple[str, str]]:
    """The texts of a block and how each is set; tables and figures have sheets of their own."""
    match block:
        case Paragraph():
            return [(language.say(block.text), block.role)]
        case Heading():
            parts = [block.kicker] if block.kicker else []
            return [(" · ".join(language.say(part) for part in (*parts, block.text)), "strong")]
        case Bullets():
            return [(f"• {language.say(item)}", "text") for item in block.items]
        case Definitions():
            return [
                line
                for term, text in block.items
                for line in ((language.say(term), "strong"), (language.say(text), "text"))
            ]
        case _:
            return []
