"""The Word file says what the report says, in styles and fields, and no text does anything."""

import io
import re
import zipfile
from dataclasses import replace
from functools import cache
from typing import Any, get_args

import pytest
from docx import Document
from docx.oxml.ns import qn

from praktijktest.language import language_named
from praktijktest.reporting.blocks import Evidence, FigureBlock, Finding, Report, Section, Table
from praktijktest.reporting.cells import written
from praktijktest.reporting.drawing import pages_of
from praktijktest.reporting.formats import FORMATS, render
from praktijktest.reporting.paper import contents_before
from praktijktest.reporting.word import render_word
from praktijktest.reporting.word_blocks import DOTS_PER_INCH, WRITERS
from praktijktest.reporting.wording import verbatim
from praktijktest.vocabulary import LANGUAGES
from tests.reporting.documents import DOCUMENTS, HOSTILE
from tests.reporting.papers import (
    EVERY_BLOCK,
    HARMFUL,
    FutureBlock,
    every_block,
    headline_numbers,
    report_of,
    table,
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


def the_report(name: str) -> Report:
    return every_block() if name == "blocks" else report_of(name)


@cache
def rendered(name: str, code: str) -> bytes:
    return render_word(the_report(name), language_named(code))


@cache
def opened(name: str, code: str) -> Any:
    return Document(io.BytesIO(rendered(name, code)))


def blocks_of(name: str) -> list[Any]:
    return [block for section in the_report(name).sections for block in section.blocks]


def styled(document: Any, style: str) -> list[str]:
    return [p.text for p in document.paragraphs if p.style.name == style]


def parts(name: str, code: str) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(rendered(name, code))) as file:
        return {
            part: file.read(part).decode()
            for part in file.namelist()
            if part.endswith((".xml", ".rels"))
        }


@every_paper
def test_chapters_are_headings_and_the_contents_lead_to_them(name: str, code: str) -> None:
    document, language = opened(name, code), language_named(code)
    report = the_report(name)
    titles = [language.say(section.title) for section in report.sections]
    assert styled(document, "Heading 1") == titles
    assert len(styled(document, "Title")) == 1
    body = document.element.body
    anchors = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    marks = [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))]
    assert anchors == marks
    assert len(marks) == len(titles)


@every_paper
def test_every_table_and_picture_has_a_numbered_caption_and_words(name: str, code: str) -> None:
    document = opened(name, code)
    tables = [block for block in blocks_of(name) if isinstance(block, Table)]
    pictures = [
        part
        for block in blocks_of(name)
        if isinstance(block, FigureBlock)
        for part in pages_of(block)
    ]
    assert len(document.tables) == len(tables)
    assert len(document.inline_shapes) == len(pictures)
    codes = [e.text.split()[1] for e in document.element.body.iter(qn("w:instrText"))]
    assert codes.count("Table") == len(tables)
    assert codes.count("Figure") == len(pictures)
    assert len(styled(document, "Caption")) == len(tables) + len(pictures)
    for shape in document.inline_shapes:
        assert len(shape._inline.docPr.get("descr")) > 20
    language = language_named(code)
    captions = styled(document, "Caption")
    for number, shown in enumerate(tables, 1):
        start = language.text("paper.table", number="").strip()
        assert f"{start}\u00a0{number}. {language.say(shown.caption)}" in captions


@every_paper
def test_nothing_in_the_file_reaches_outside_it_or_runs(name: str, code: str) -> None:
    found = parts(name, code)
    for part, text in found.items():
        assert "TargetMode" not in text, part
        assert "macro" not in part.lower()
        assert "vba" not in part.lower()
    text = "".join(text for part, text in found.items() if part.startswith("word/"))
    fields = {code.split()[0] for code in re.findall(r"<w:instrText[^>]*>([^<]+)<", text)}
    assert fields <= {"TOC", "SEQ", "PAGE", "NUMPAGES"}
    assert "w:fldSimple" not in text


@every_paper
def test_the_headline_numbers_stand_in_the_text(name: str, code: str) -> None:
    text = " ".join(p.text for p in opened(name, code).paragraphs)
    numbers = headline_numbers(the_report(name), code)
    assert all(number in text for number in numbers)


@every_paper
def test_the_file_says_its_language_its_title_and_no_person(name: str, code: str) -> None:
    document = opened(name, code)
    lang = document.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    assert lang.get(qn("w:val")) == {"nl": "nl-BE", "fr": "fr-BE", "en": "en-GB"}[code]
    about = document.core_properties
    assert about.language == code
    assert about.author == about.last_modified_by == "praktijktest"
    assert about.created.date().isoformat() == the_report(name).dated
    assert about.title == styled(document, "Title")[0]
    assert about.comments == ""


def test_cells_hold_what_every_renderer_writes() -> None:
    document, language = opened("ghent", "nl"), language_named("nl")
    tables = [block for block in blocks_of("ghent") if isinstance(block, Table)]
    for shown, block in zip(document.tables, tables, strict=True):
        rows = [[cell.text for cell in row.cells] for row in shown.rows[1:4]]
        skipped = 1 if block.grouped else 0
        first = [
            written(value, column.kind, language)
            for value, column in zip(block.rows[0], block.columns, strict=True)
        ]
        assert rows[skipped] == first[skipped:]


def test_tables_repeat_their_head_and_rows_do_not_split() -> None:
    for shown in opened("ghent", "nl").tables:
        rows = shown._tbl.tr_lst
        assert rows[0].find(f".//{qn('w:tblHeader')}") is not None
        assert all(row.find(f".//{qn('w:cantSplit')}") is not None for row in rows)
        assert shown.style.name == "Report Table"


def test_a_short_table_stays_with_its_notes_and_a_long_one_may_be_cut() -> None:
    def kept(block: Table) -> list[bool]:
        made = render_word(with_block(block), language_named("nl"))
        rows = Document(io.BytesIO(made)).tables[0]._tbl.tr_lst
        return [row.find(f".//{qn('w:keepNext')}") is not None for row in rows]

    noted = replace(table(3), notes=(verbatim("noot"),))
    assert kept(table(3)) == [True, True, True, False]
    assert kept(noted) == [True] * 4
    assert kept(table(40)) == [True] + [False] * 40


def test_wide_tables_turn_the_page_and_turn_it_back() -> None:
    sides = [
        section.page_width > section.page_height for section in opened("blocks", "nl").sections
    ]
    assert sides == [False, True, False, True, False]


def test_every_page_carries_the_statement_and_fields_for_its_number() -> None:
    document, language = opened("blocks", "fr"), language_named("fr")
    first = document.sections[0]
    for footer in (first.first_page_footer, first.footer):
        assert footer.paragraphs[0].text == language.text("statement")
        codes = [e.text.strip() for e in footer._element.iter(qn("w:instrText"))]
        assert codes == ["PAGE", "NUMPAGES"]
        assert footer.paragraphs[1].text == language.text("paper.page", page="1", pages="1")
    assert all(section.footer.is_linked_to_previous for section in document.sections[1:])
    assert not any(s.different_first_page_header_footer for s in list(document.sections)[1:])


def test_texts_stay_texts_whatever_they_look_like() -> None:
    text = " ".join(p.text for p in opened("blocks", "nl").paragraphs)
    for harmful in HARMFUL:
        assert harmful in text
    tables = tuple(block for block in blocks_of("hostile") if isinstance(block, Table))
    report = Report("full", "T", verbatim("s"), (), (), (Section("a", verbatim("a"), tables),))
    document = Document(io.BytesIO(render_word(report, language_named("fr"))))
    shown = " ".join(mark.text or "" for mark in document.element.body.iter(qn("w:t")))
    for hostile in HOSTILE[:5]:
        assert hostile in shown


def test_letters_of_any_script_stay_and_what_xml_cannot_hold_goes() -> None:
    shown = verbatim("👩‍🦽 مغربي 漢字 \x00\x0b\ufffe\ud800 einde")
    for report in (with_block(table(1, text="\x07x")), Report("s", "\x00", shown, (), (), ())):
        Document(io.BytesIO(render_word(report, language_named("nl"))))
    document = Document(
        io.BytesIO(
            render_word(Report("s", "t", shown, (), (), ()), language_named("nl")),
        )
    )
    assert "👩‍🦽 \u2068" not in document.paragraphs[0].text
    assert all(part in document.paragraphs[0].text for part in ("👩‍🦽", "مغربي", "漢字", "einde"))


@pytest.mark.parametrize("evidence", get_args(Evidence))
def test_every_kind_of_evidence_has_its_mark_in_every_format(evidence: Evidence) -> None:
    report = report_of("washington")
    first = report.sections[0]
    blocks = [
        replace(block, evidence=evidence) if isinstance(block, Finding) else block
        for block in first.blocks
    ]
    report = replace(report, sections=(replace(first, blocks=tuple(blocks)),))
    for name in FORMATS:
        assert render(report, language_named("nl"), name)


def test_the_findings_stand_before_the_contents_and_a_short_report_has_none() -> None:
    report = the_report("washington")
    assert contents_before(report) == 1
    assert contents_before(replace(report, sections=report.sections[1:])) == 0
    assert contents_before(replace(report, sections=report.sections[:3])) is None


def test_every_kind_of_block_has_a_writer_and_an_unknown_one_is_refused() -> None:
    assert set(WRITERS) == EVERY_BLOCK
    with pytest.raises(KeyError, match="FutureBlock"):
        render_word(with_block(FutureBlock(verbatim("x"))), language_named("en"))


def test_pictures_are_sharp_enough_to_print() -> None:
    for shape in opened("washington", "nl").inline_shapes:
        name = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
        image = opened("washington", "nl").part.related_parts[name].image
        assert image.px_width / shape.width.inches == pytest.approx(DOTS_PER_INCH, rel=0.01)
        assert DOTS_PER_INCH >= 200


def test_the_kind_of_report_that_is_one_page_is_set_tighter() -> None:
    facts = ((verbatim("Plaats"), verbatim("Gent")), (verbatim("Markt"), verbatim("Wonen")))
    sizes, shown = {}, {}
    for kind in ("full", "summary"):
        report = Report(kind, "Titel", verbatim("Soort"), facts, (), ())
        document = Document(io.BytesIO(render_word(report, language_named("nl"))))
        sizes[kind] = document.styles["Normal"].font.size.pt
        shown[kind] = [p.text for p in document.paragraphs]
    assert sizes["summary"] < sizes["full"]
    assert "Plaats\tGent" in shown["full"]
    assert "Plaats\u00a0Gent  ·  Markt\u00a0Wonen" in shown["summary"]


def test_the_parts_of_the_file_stand_in_order_and_carry_one_date() -> None:
    with zipfile.ZipFile(io.BytesIO(rendered("washington", "nl"))) as file:
        names = file.namelist()
        assert names == sorted(names)
        assert names[0] == "[Content_Types].xml"
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any("thumbnail" in name or "customXml" in name for name in names)
