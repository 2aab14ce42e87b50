"""Markdown read by another program says what the report says, and nothing in it is markup."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from praktijktest.language import language_named, message
from praktijktest.reporting.blocks import (
    Column,
    Definitions,
    Estimated,
    Finding,
    Heading,
    Paragraph,
    Report,
    Section,
    Share,
    Table,
)
from praktijktest.reporting.document import build_report
from praktijktest.reporting.markdown import render_markdown
from praktijktest.reporting.markdown_text import at_start, escaped, lines_of, pipe_table
from praktijktest.vocabulary import LANGUAGES
from tests.reporting.documents import DOCUMENTS
from tests.reporting.odd_documents import ODD

READER = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
MARKS = {"paragraph", "heading", "bullet_list", "list_item", "blockquote", "table", "thead",
         "tbody", "tr", "th", "td"}  # fmt: skip
INLINE = {"text", "strong_open", "strong_close", "softbreak", "text_special"}

line = st.text(
    st.one_of(
        st.sampled_from("\\`*_{}[]()<>#+-.!|~&$@:=/ \"'’x1é"),
        st.characters(codec="utf-8", exclude_categories=("C", "Z")),
    ),
    max_size=40,
).map(lambda text: " ".join(text.split()))


def words(tokens: list[Token]) -> str:
    return "".join(
        " " if part.type == "softbreak" else part.content
        for token in tokens
        for part in (token.children or ())
        if part.type in ("text", "softbreak", "text_special", "code_inline")
    )


@cache
def read(name: str, code: str) -> list[Token]:
    makers = DOCUMENTS | ODD
    return READER.parse(render_markdown(build_report(makers[name]()), language_named(code)))


@given(line)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    tokens = READER.parse("\n".join(lines_of(escaped(text))))
    assert [token.type for token in tokens] in (
        [],
        ["paragraph_open", "inline", "paragraph_close"],
    )
    assert words(tokens) == text
    assert {part.type for token in tokens for part in token.children or ()} <= INLINE


@given(st.lists(st.tuples(line, line), min_size=1, max_size=3))
def test_cells_come_back_as_they_were(rows: list[tuple[str, str]]) -> None:
    cells = [[escaped(cell) for cell in row] for row in rows]
    tokens = READER.parse("\n".join(pipe_table(["a", "b"], [False, True], cells)))
    assert tokens[0].type == "table_open"
    found = [words([token]) for token in tokens if token.type == "inline"]
    assert found == ["a", "b", *(cell for row in rows for cell in row)]


def test_a_number_at_the_start_of_a_line_is_no_list_and_has_no_backslash() -> None:
    assert [at_start(text) for text in ("5.7%)", "5.7", "3) x", "12.", "7. Mei")] == [
        "5.7%)", "5.7", "3\\) x", "12\\.", "7\\. Mei",
    ]  # fmt: skip


@given(st.lists(line, min_size=30, max_size=60))
def test_no_line_of_a_long_paragraph_begins_something_else(pieces: list[str]) -> None:
    text = " ".join(" ".join(pieces).split())
    tokens = READER.parse("\n".join(lines_of(escaped(text), "- ", "  ")))
    assert {token.type.rpartition("_")[0] for token in tokens} <= {
        "bullet_list",
        "list_item",
        "paragraph",
        "",
    }
    assert words(tokens) == text


@pytest.mark.parametrize("name", [*DOCUMENTS, *ODD])
def test_nothing_in_a_log_is_markup(name: str) -> None:
    tokens = read(name, "nl")
    for token in tokens:
        assert token.type.rpartition("_")[0] in MARKS or token.type == "inline", token
        assert {part.type for part in token.children or ()} <= INLINE, token.content
    headings = [token for token in tokens if token.type == "heading_open"]
    report = build_report((DOCUMENTS | ODD)[name]())
    within = [
        block for part in report.sections for block in part.blocks
        if isinstance(block, Heading | Finding)
    ]  # fmt: skip
    assert len(headings) == 1 + len(report.sections) + len(within)
    assert "None" not in words(tokens)
    assert "nan" not in words(tokens).split()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_text_of_a_report_is_there(code: str) -> None:
    language, found = language_named(code), words(read("ghent", code))
    report = build_report(DOCUMENTS["ghent"]())
    assert language.say(report.statement) in found
    for section in report.sections:
        assert language.say(section.title) in found
        for block in section.blocks:
            if isinstance(block, Paragraph):
                assert language.say(block.text) in found
            elif isinstance(block, Definitions):
                assert all(language.say(text) in found for _, text in block.items)
            elif isinstance(block, Finding):
                assert language.percent(block.estimate.value) in found
            elif isinstance(block, Table):
                assert language.say(block.caption) in found


def report_with(table: Table) -> Report:
    section = Section("one", message("section.net"), (table,))
    return Report("full", "Gent", message("report.full"), (), (), (section,))


def table(rows: tuple[tuple[Any, ...], ...], *, grouped: bool = False) -> Table:
    columns = (
        Column(message("column.contrast"), "name"),
        Column(message("column.tests"), "count"),
        Column(message("column.value"), "estimate"),
        Column(message("column.level"), "share"),
    )
    return Table("t", message("verbatim", text="Rates"), columns, rows, grouped=grouped)


ROWS = (
    ("agent", 1234, Estimated(0.123, -0.04, None), Share(3, 12)),
    ("agent", None, Estimated(None, None, None), Share(0, 0)),
)


def test_a_table_stands_in_columns_with_numbers_to_the_right() -> None:
    text = render_markdown(report_with(table(ROWS)), language_named("en"))
    assert text.endswith(
        """
**Rates**

| Comparison | Tests |                 Value |     Group |
| ---------- | ----: | --------------------: | --------: |
| agent      | 1,234 | 12.3% (\u22124.0% or more) | 3 (25.0%) |
| agent      |     – |                     – |         0 |
"""
    )


def test_a_group_is_a_table_of_its_own() -> None:
    rows = (*ROWS, ("owner", 5, Estimated(0.5, 0.1, 0.9), Share(1, 2)))
    text = render_markdown(report_with(table(rows, grouped=True)), language_named("nl"))
    assert text.count("| Tests |") == 2
    assert text.index("\nagent\n") < text.index("\nowner\n")
