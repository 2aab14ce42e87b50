"""Renders a report as a Word file: real styles, captions and fields, to be read and edited."""

import io
from typing import TYPE_CHECKING

from praktijktest.language import Language
from praktijktest.reporting.blocks import Report
from praktijktest.reporting.paper import (
    AUTHOR,
    COMPACT,
    contents_before,
    dated,
    page_words,
    running_head,
    storable,
    title_of,
)
from praktijktest.reporting.word_package import same_every_time

if TYPE_CHECKING:
    from docx.document import Document
    from docx.section import Section

    from praktijktest.reporting.word_blocks import Writer


def render_word(report: Report, language: Language) -> bytes:
    """The report as a Word file: the same report gives the same bytes.

    Args:
        report: the report as data.
        language: what it is written in.
    """
    from docx import Document

    from praktijktest.reporting.word_blocks import Writer
    from praktijktest.reporting.word_styles import set_language, set_styles

    document = Document()
    _drop_leftovers(document)
    compact = report.kind in COMPACT
    set_styles(document, compact=compact)
    set_language(document, language)
    _properties(document, report, language)
    _pages(document.sections[0], report, language, margin_cm=1.8 if compact else 2.5)
    writer = Writer(document, language, compact=compact)
    _front(writer, report)
    first = contents_before(report)
    for number, section in enumerate(report.sections):
        if number == first:
            titles = [language.say(chapter.title) for chapter in report.sections]
            writer.contents(language.text("report.contents"), titles)
        writer.chapter(language.say(section.title), number, new_page=number == first)
        writer.blocks(section.blocks)
    stream = io.BytesIO()
    document.save(stream)
    return same_every_time(stream.getvalue())


def _drop_leftovers(document: "Document") -> None:
    """Take out what the library's own template carries and a report has no use for."""
    for holder in (document.part.package, document.part):
        for name, part in list(holder.rels.items()):
            if part.reltype.rsplit("/", 1)[-1] in ("thumbnail", "stylesWithEffects", "customXml"):
                del holder.rels[name]


def _properties(document: "Document", report: Report, language: Language) -> None:
    properties, day = document.core_properties, dated(report)
    properties.title = storable(title_of(report))
    properties.subject = storable(language.say(report.subtitle))
    properties.author = properties.last_modified_by = AUTHOR
    properties.created = properties.modified = day
    properties.language = language.code
    properties.comments = properties.keywords = ""
    properties.revision = 1


def _pages(section: "Section", report: Report, language: Language, *, margin_cm: float) -> None:
    """A4; the statement and the number on every page, the running title from the second on."""
    from docx.shared import Cm

    from praktijktest.reporting.word_marks import add_field, add_text

    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(margin_cm)
    section.top_margin = section.bottom_margin = Cm(margin_cm)
    section.header_distance = section.footer_distance = Cm(margin_cm - 1.1)
    section.different_first_page_header_footer = True
    head = section.header.paragraphs[0]
    add_text(head, " · ".join(filter(None, running_head(report, language))))
    before, between, after = page_words(language)
    for footer in (section.first_page_footer, section.footer):
        add_text(footer.paragraphs[0], language.say(report.statement))
        number = footer.add_paragraph(style="Page Number")
        add_text(number, before)
        add_field(number, "PAGE", "1")
        add_text(number, between)
        add_field(number, "NUMPAGES", "1")
        add_text(number, after)


def _front(writer: "Writer", report: Report) -> None:
    say = writer.language.say
    writer.paragraph(say(report.subtitle), "Kicker")
    writer.paragraph(title_of(report), "Title")
    writer.facts([(say(term), say(value)) for term, value in report.facts])
    for banner in report.banners:
        writer.paragraph(say(banner), "Banner")
    if report.kind not in COMPACT:
        writer.paragraph(say(report.statement), "Note")
