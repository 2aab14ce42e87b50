"""Blocks of a report as paragraphs, tables and pictures of Word."""

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from praktijktest.language import Language
from praktijktest.reporting.blocks import (
    Bars,
    Bullets,
    Curves,
    Definitions,
    FigureBlock,
    Finding,
    Flow,
    Forest,
    FourCells,
    Heading,
    Paragraph,
    Ranking,
    SmallMultiples,
    Table,
    Trend,
)
from praktijktest.reporting.cells import number_text
from praktijktest.reporting.paper import leads_in, pictures, storable
from praktijktest.reporting.paper_tables import on_paper
from praktijktest.reporting.word_marks import (
    add_bookmark,
    add_field,
    add_link,
    add_text,
    close_contents,
    open_contents,
    table_xml,
)

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph as WordParagraph

DOTS_PER_INCH = 200
_MARKS = {"control": "●", "test": "●", "borderline": "◐", "none": "○", "unknown": "?"}
"""A full mark where a difference was shown, as on a page of the web."""

TALLEST_CM = 21.0
"""Room for a picture with its caption on a page."""


class Writer:
    """Writes the blocks of one report, one after the other, at the end of a document."""

    def __init__(self, document: "Document", language: Language, *, compact: bool) -> None:
        self.document = document
        self.language = language
        self.compact = compact
        self.numbers = {"table": 0, "figure": 0}

    def paragraph(self, text: str, style: str = "Normal") -> "WordParagraph":
        """Add a paragraph in a style."""
        added = self.document.add_paragraph(style=style)
        add_text(added, text)
        return added

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Add terms with their values, one on a line, or all on one where room is scarce."""
        if self.compact:
            line = self.document.add_paragraph()
            for place, (term, value) in enumerate(facts):
                add_text(line, f"{'  ·  ' if place else ''}{term}\u00a0")
                add_text(line, value, bold=True)
            return
        for term, value in facts:
            added = self.document.add_paragraph(style="Fact")
            add_text(added, term)
            added.add_run().add_tab()
            add_text(added, value, bold=True)

    def chapter(self, title: str, number: int, *, new_page: bool) -> None:
        """Add the heading of a chapter, to which the table of contents links."""
        added = self.paragraph(title, "Heading 1")
        if new_page:
            added.paragraph_format.page_break_before = True
        add_bookmark(added, _bookmark(number), number)

    def contents(self, heading: str, titles: list[str]) -> None:
        """Add a table of contents."""
        self.paragraph(heading, "Contents Heading")
        entries = [self.document.add_paragraph(style="toc 1") for _ in titles]
        for number, (entry, title) in enumerate(zip(entries, titles, strict=True)):
            add_link(entry, title, _bookmark(number))
        open_contents(entries[0])
        close_contents(entries[-1])

    def caption(self, kind: str, text: str) -> None:
        """Add a numbered caption; its number is a field, so that lists and references work."""
        self.numbers[kind] += 1
        added = self.document.add_paragraph(style="Caption")
        add_text(added, f"{self.language.text(f'paper.{kind}', number='').strip()}\u00a0")
        add_field(added, f"SEQ {kind.capitalize()} \\* ARABIC", str(self.numbers[kind]))
        add_text(added, f". {text}")

    def blocks(self, blocks: Sequence[object]) -> None:
        """Add the blocks of a chapter.

        Raises:
            KeyError: a kind of block that this writer does not know.
        """
        for place, block in enumerate(blocks):
            WRITERS[type(block)](self, block)
            if leads_in(blocks, place):
                self.document.paragraphs[-1].paragraph_format.keep_with_next = True


def _bookmark(number: int) -> str:
    return f"_Toc{number + 1:09d}"


def _paragraph(writer: Writer, block: Paragraph) -> None:
    style = {"text": "Normal", "note": "Note", "warning": "Warning"}[block.role]
    writer.paragraph(writer.language.say(block.text), style)


def _bullets(writer: Writer, block: Bullets) -> None:
    for item in block.items:
        writer.paragraph(writer.language.say(item), "List Bullet")


def _definitions(writer: Writer, block: Definitions) -> None:
    for term, text in block.items:
        writer.paragraph(writer.language.say(term), "Term")
        writer.paragraph(writer.language.say(text))


def _heading(writer: Writer, block: Heading) -> None:
    if block.kicker is not None:
        writer.paragraph(writer.language.say(block.kicker), "Kicker")
    heading = writer.paragraph(writer.language.say(block.text), "Heading 2")
    if block.kicker is not None:
        heading.paragraph_format.space_before = _points(0)


def _finding(writer: Writer, block: Finding) -> None:
    language, found = writer.language, block.estimate
    _heading(writer, Heading(block.title, block.ground))
    writer.paragraph(language.say(block.verdict), "Verdict")
    text = writer.paragraph(" ".join(language.say(sentence) for sentence in block.sentences))
    text.paragraph_format.keep_with_next = True
    line = writer.document.add_paragraph(style="Estimate")
    value = line.add_run(storable(number_text(found, language)))
    value.bold = True
    value.font.size = _points(13 if writer.compact else 18)
    if found.low is not None or found.high is not None:
        add_text(line, f"  {language.interval(found.low, found.high, found.unit)}")
    add_text(line, f"  {_MARKS[block.evidence]} {language.text(f'evidence.{block.evidence}')}")
    writer.paragraph(language.say(block.measure), "Estimate")
    writer.paragraph(language.say(block.interval_note), "Estimate Note")


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)


def _table(writer: Writer, block: Table) -> None:
    table = on_paper(block, writer.language)
    if table.landscape:
        _turn(writer.document)
    writer.caption("table", table.caption)
    body = writer.document.element.body
    body.insert(len(body) - 1, table_xml(table))
    for note in table.notes:
        writer.paragraph(note, "Note")
    if not table.notes:
        # Word joins two tables without a paragraph between them.
        writer.paragraph("", "Figure")
    if table.landscape:
        _turn(writer.document)


def _turn(document: "Document") -> None:
    """Begin a new page the other way round."""
    from docx.enum.section import WD_ORIENT, WD_SECTION

    section = document.add_section(WD_SECTION.NEW_PAGE)
    upright = section.orientation == WD_ORIENT.PORTRAIT
    section.orientation = WD_ORIENT.LANDSCAPE if upright else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = section.page_height, section.page_width
    section.different_first_page_header_footer = False


def _figure(writer: Writer, block: FigureBlock) -> None:
    from docx.shared import Cm

    for picture in pictures(block, writer.language):
        writer.caption("figure", picture.caption)
        drawing = picture.drawing
        factor = min(1.0, TALLEST_CM / drawing.height_cm)
        holder = writer.document.add_paragraph(style="Figure")
        holder.paragraph_format.keep_with_next = bool(picture.notes)
        run = holder.add_run()
        shape = run.add_picture(
            io.BytesIO(drawing.png(DOTS_PER_INCH)), width=Cm(drawing.width_cm * factor)
        )
        shape._inline.docPr.set("descr", storable(drawing.alt))
        for note in picture.notes:
            writer.paragraph(note, "Note")


WRITERS: dict[type, Callable[[Writer, Any], None]] = {
    Paragraph: _paragraph,
    Bullets: _bullets,
    Definitions: _definitions,
    Heading: _heading,
    Finding: _finding,
    Table: _table,
    **dict.fromkeys(
        (FourCells, Bars, Forest, Ranking, Curves, Trend, SmallMultiples, Flow), _figure
    ),
}
"""What writes each kind of block."""
