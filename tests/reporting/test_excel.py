"""The workbook as another program reads it: numbers are numbers, texts are texts, all is there."""

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import chain
from math import isclose
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from praktijktest.language import language_named, message
from praktijktest.reporting.blocks import (
    TOO_FEW,
    Column,
    Estimated,
    Finding,
    Report,
    Section,
    Share,
    Table,
)
from praktijktest.reporting.document import build_report
from praktijktest.reporting.excel import render_excel
from praktijktest.vocabulary import LANGUAGES
from tests.reporting.documents import DOCUMENTS
from tests.reporting.odd_documents import ODD

MAKERS = DOCUMENTS | ODD


@cache
def content(name: str, code: str) -> bytes:
    return render_excel(build_report(MAKERS[name]()), language_named(code))


@cache
def opened(name: str, code: str = "nl") -> Workbook:
    return load_workbook(io.BytesIO(content(name, code)))


def cells(book: Workbook) -> Iterator[Cell]:
    for cell in chain.from_iterable(chain.from_iterable(sheet.iter_rows() for sheet in book)):
        if cell.value is not None:
            yield cell


@pytest.mark.parametrize("name", ["hostile", "title-formula", "title-right-to-left", "averages"])
def test_nothing_in_a_log_is_a_formula_or_a_link(name: str) -> None:
    book = opened(name)
    for cell in cells(book):
        assert cell.data_type in ("s", "n"), (cell.parent.title, cell.coordinate)
        if isinstance(cell.value, str) and cell.value.lstrip("\u2068").startswith(tuple("=+-@")):
            assert cell.quotePrefix, (cell.parent.title, cell.coordinate)
        assert cell.hyperlink is None or cell.hyperlink.location, cell.coordinate
    with zipfile.ZipFile(io.BytesIO(content(name, "nl"))) as parts:
        relations = b"".join(parts.read(n) for n in parts.namelist() if n.endswith(".rels"))
    assert b"External" not in relations


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ghent", "nl"),
        ("ghent", "fr"),
        ("ghent", "en"),
        ("hostile", "nl"),
        ("forty-contrasts", "nl"),
    ],
)
def test_sheets_have_names_of_their_own(name: str, code: str) -> None:
    book, report = opened(name, code), build_report(MAKERS[name]())
    names = book.sheetnames
    assert len({one.casefold() for one in names}) == len(names)
    assert max(map(len, names)) <= 31
    tables = [b for s in report.sections for b in s.blocks if isinstance(b, Table)]
    say = language_named(code).say
    captions = [sheet["A1"].value for sheet in book.worksheets[-len(tables) :]]
    assert captions == [say(table.caption) for table in tables]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_front_sheet_has_the_headlines_and_leads_to_every_table(code: str) -> None:
    report, book = build_report(DOCUMENTS["ghent"]()), opened("ghent", code)
    front: Worksheet = book.worksheets[0]
    texts = {cell.value for row in front.iter_rows() for cell in row}
    say = language_named(code).say
    assert {report.title, say(report.subtitle), say(report.statement)} <= texts
    assert {say(banner) for banner in report.banners} <= texts
    for finding in (b for s in report.sections for b in s.blocks if isinstance(b, Finding)):
        assert say(finding.verdict) in texts
        for number in (finding.estimate.value, finding.estimate.low, finding.estimate.high):
            assert any(isinstance(text, float) and isclose(text, number) for text in texts)
    links = [cell.hyperlink for row in front.iter_rows() for cell in row if cell.hyperlink]
    assert [link.location for link in links] == [f"'{name}'!A1" for name in book.sheetnames[2:]]


def one_table(columns: list[tuple[str, Any]], rows: list[tuple[Any, ...]], code: str) -> Worksheet:
    table = Table(
        "t",
        message("verbatim", text="What it shows"),
        tuple(Column(message("verbatim", text=name), kind) for name, kind in columns),
        tuple(rows),
        (message("verbatim", text="A note"),),
    )
    section = Section("one", message("section.net"), (table,))
    report = Report("full", "Gent", message("report.full"), (), (), (section,), dated="2026-11-03")
    return load_workbook(io.BytesIO(render_excel(report, language_named(code)))).worksheets[-1]


def test_every_kind_of_column_is_typed() -> None:
    sheet = one_table(
        [("who", "name"), ("n", "count"), ("part", "percent"), ("odds", "ratio"), ("p", "p"),
         ("net", "estimate"), ("yes", "share"), ("four", "cells"), ("flag", "yes")],
        [
            ("A", 1234, 0.4567, 1.25, 0.00001, Estimated(0.1, -0.2, None), Share(3, 12),
             (1, 2, 3, 4), True),
            ("=1+1", None, TOO_FEW, None, 0.5, None, Share(0, 0), None, False),
        ],
        "fr",
    )  # fmt: skip
    heads, first, second = ([cell.value for cell in sheet[row]] for row in (2, 3, 4))
    assert heads == [
        "who", "n", "part", "odds", "p", "net", "net\u00a0: borne inférieure",
        "net\u00a0: borne supérieure", "yes", "yes\u00a0: part", "four", "flag",
    ]  # fmt: skip
    assert first == ["A", 1234, 0.4567, 1.25, 0.00001, 0.1, -0.2, None, 3, 0.25, "1/2/3/4", "oui"]
    assert second == ["=1+1", "–", "trop peu", "–", 0.5, "–", None, None, 0, None, "–", None]
    formats = [sheet.cell(3, column).number_format for column in (2, 3, 4, 6, 9, 10)]
    assert formats == ["#,##0", "0.0%", "0.00", "0.0%", "#,##0", "0.0%"]
    assert sheet["E3"].number_format == '[<0.001]"<\u00a00,001";[<0.09995]0.0000;0.000'
    assert sheet["A4"].quotePrefix
    assert sheet.freeze_panes == "B3"
    assert sheet.auto_filter.ref == "A2:L4"
    assert sheet.print_title_rows == "$2:$2"
    assert [sheet["A1"].value, sheet["A6"].value] == ["What it shows", "A note"]


def test_a_sheet_prints_on_one_page_wide_with_the_statement_below() -> None:
    for sheet in opened("ghent"):
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "nooit een juridisch oordeel" in sheet.oddFooter.left.text
        assert len(sheet.oddFooter.left.text) + len(sheet.oddHeader.left.text or "") <= 480


def test_the_file_carries_the_date_of_the_report_and_no_other() -> None:
    report = build_report(DOCUMENTS["ghent"]())
    book = opened("ghent")
    day = datetime.fromisoformat((report.dated or "1980-01-01")[:10])
    assert book.properties.created == day
    with zipfile.ZipFile(io.BytesIO(content("ghent", "nl"))) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert render_excel(report, language_named("nl")) == content("ghent", "nl")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_running_text_stands_on_one_sheet(code: str) -> None:
    sheet = opened("ghent", code).worksheets[1]
    texts = [row[0].value for row in sheet.iter_rows() if row[0].value]
    report, say = build_report(DOCUMENTS["ghent"]()), language_named(code).say
    assert say(report.sections[0].title) in texts
    assert len(texts) > 40
