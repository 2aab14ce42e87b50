"""The PDF says what the report says, to everybody and for long, and reads no text as markup."""

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from pypdf import PdfReader

from praktijktest.language import language_named
from praktijktest.reporting.blocks import Bullets, FigureBlock, Paragraph, Report, Section
from praktijktest.reporting.drawing import pages_of
from praktijktest.reporting.paper import UNPRINTABLE
from praktijktest.reporting.pdf import WRITERS, render_pdf
from praktijktest.reporting.wording import verbatim
from praktijktest.vocabulary import LANGUAGES
from tests.reporting.documents import DOCUMENTS, HOSTILE
from tests.reporting.papers import (
    EVERY_BLOCK,
    HARMFUL,
    FutureBlock,
    every_block,
    headline_numbers,
    long_paragraph,
    report_of,
    table,
    values,
    with_block,
)

LONG = {"ghent": "nl"}
"""A long report is read in one language, for the time it takes; the others in all three."""

RENDERED = [
    (name, code)
    for name in DOCUMENTS
    for code in LANGUAGES
    if LONG.get(name, code) == code and name != "hostile"
]
every_paper = pytest.mark.parametrize(("name", "code"), RENDERED)


@cache
def rendered(name: str, code: str) -> bytes:
    report = every_block() if name == "blocks" else report_of(name)
    return render_pdf(report, language_named(code))


def reader(name: str, code: str) -> PdfReader:
    return opened(rendered(name, code))


def opened(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf), strict=False)


@cache
def pages(name: str, code: str) -> list[str]:
    return [flat(page.extract_text()) for page in reader(name, code).pages]


def flat(text: str) -> str:
    """A text without what a page does to it: line ends, hyphens at them, pieces of long words."""
    return re.sub(r"[\s\u200b\u00ad\u2068\u2069]+", "", text).replace("-", "")


def elements(pdf: PdfReader) -> Iterator[Any]:
    """Every element of the structure that screen readers read."""
    waiting = [pdf.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop().get_object()
        if not isinstance(element, dict):
            continue
        yield element
        below = element.get("/K", [])
        below = below.get_object() if hasattr(below, "get_object") else below
        waiting += below if isinstance(below, list) else [below]


@every_paper
def test_a_paper_declares_its_standards_its_language_and_its_structure(
    name: str, code: str
) -> None:
    pdf = reader(name, code)
    root = pdf.trailer["/Root"]
    declared = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in declared
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in declared
    assert "<pdfuaid:part>1</pdfuaid:part>" in declared
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == code
    figures = [e for e in elements(pdf) if e.get("/S") == "/Figure"]
    drawn = [
        part
        for section in report_of(name).sections
        for block in section.blocks
        if isinstance(block, FigureBlock)
        for part in pages_of(block)
    ]
    assert len(figures) == len(drawn)
    assert all(len(figure["/Alt"]) > 20 for figure in figures)


@every_paper
def test_a_paper_holds_no_script_no_file_and_no_link_outside(name: str, code: str) -> None:
    pdf = reader(name, code)
    root = pdf.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root)
    assert not {"/JavaScript", "/EmbeddedFiles"} & set(root.get("/Names", {}))
    links = [note.get_object() for page in pdf.pages for note in page.get("/Annots", [])]
    assert all(link["/Subtype"] == "/Link" for link in links)
    assert all(link.get("/A", {}).get("/S") in (None, "/GoTo") for link in links)
    assert len(links) >= len(report_of(name).sections)


@every_paper
def test_the_headline_numbers_stand_in_the_text(name: str, code: str) -> None:
    text = "".join(pages(name, code))
    for number in headline_numbers(report_of(name), code):
        assert flat(number) in text


@every_paper
def test_every_page_carries_the_statement_and_its_number(name: str, code: str) -> None:
    language, found = language_named(code), pages(name, code)
    for number, text in enumerate(found, 1):
        assert flat(language.text("statement")) in text
        words = language.text("paper.page", page=str(number), pages=str(len(found)))
        assert flat(words) in text


def test_titles_and_chapters_stand_in_the_properties_and_the_bookmarks() -> None:
    pdf, report = reader("ghent", "nl"), report_of("ghent")
    about = pdf.metadata
    assert about is not None
    assert about.title == report.title
    assert about.author == "praktijktest"
    assert about.creation_date is not None
    assert about.creation_date.date().isoformat() == report.dated
    language = language_named("nl")
    marks = [mark.title for mark in pdf.outline if not isinstance(mark, list)]
    titles = [language.say(section.title) for section in report.sections]
    assert marks[-len(titles) :] == titles


def test_no_text_of_a_log_is_read_as_markup() -> None:
    text = "".join(pages("blocks", "nl"))
    for harmful in HARMFUL:
        assert flat(harmful) in text
    text = "".join(opened_text(Bullets(tuple(verbatim(hostile) for hostile in HOSTILE))))
    for hostile in HOSTILE[:4]:
        assert flat(hostile) in text


def test_every_kind_of_block_has_a_writer_and_an_unknown_one_is_refused() -> None:
    assert set(WRITERS) == EVERY_BLOCK
    with pytest.raises(KeyError, match="FutureBlock"):
        render_pdf(with_block(FutureBlock(verbatim("x"))), language_named("en"))


def test_every_value_of_a_table_is_written() -> None:
    text = "".join(opened_text(values(), "en"))
    for shown in ("1,234", "50.0%", "1.25", "<0.001", "460 (44.7%)", "1/2/3/4", "too few"):
        assert flat(shown) in text
    assert flat("12.3% (4.5% to 20.1%)") in text


def test_a_long_table_repeats_its_head_and_loses_no_row() -> None:
    found = [text for text in pages("blocks", "nl") if re.search(r"cel\d", text)]
    assert len(found) > 1
    assert all("kolom0kolom1kolom2" in text for text in found)
    text = "".join(found)
    assert [int(n) for n in re.findall(r"cel(\d+?)01", text)] == list(range(90))


def test_a_wide_table_takes_a_page_on_its_side() -> None:
    found = zip(reader("blocks", "nl").pages, pages("blocks", "nl"), strict=True)
    sides = [(page.mediabox.width > page.mediabox.height, text) for page, text in found]
    assert [wide for wide, text in sides if "kolom25" in text] == [True]
    assert not any(wide for wide, text in sides if "cel10" in text or "woord" in text)


def test_a_paragraph_of_many_pages_is_printed_to_its_last_word() -> None:
    text = "".join(opened_text(Paragraph(long_paragraph())))
    assert all(f"woord{number}" in text for number in range(5000))


def opened_text(block: object, code: str = "nl") -> list[str]:
    pdf = render_pdf(with_block(block), language_named(code))
    return [flat(page.extract_text()) for page in opened(pdf).pages]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\U0001f469\u200d\U0001f9bd", UNPRINTABLE * 2),
        ("漢字", UNPRINTABLE * 2),
        ("\ue000\x07x", "x"),
        ("Ελλάς", "Ελλάς"),
        ("e\u0301", None),
        ("مغربي", None),
        ("\u202eomgekeerd", None),
        ("", None),
    ],
)
def test_characters_without_a_shape_are_boxes_and_nothing_fails(
    text: str, shown: str | None
) -> None:
    report = with_block(Paragraph(verbatim(f"[{text}]")))
    made = opened(render_pdf(report, language_named("nl"))).pages[0].extract_text()
    if shown is not None:
        assert f"[{shown}]" in made.replace(" ", "")


def test_a_report_without_date_facts_or_chapters_is_a_page() -> None:
    empty = Report("summary", "", verbatim(""), (), (), ())
    assert len(opened(render_pdf(empty, language_named("en"))).pages) == 1
    hollow = Report("full", "T", verbatim("s"), (), (), (Section("a", verbatim("a"), ()),))
    assert len(opened(render_pdf(hollow, language_named("en"))).pages) == 1


def test_a_table_without_rows_still_has_its_head() -> None:
    assert "kolom0kolom1" in "".join(opened_text(table(0, 2)))
