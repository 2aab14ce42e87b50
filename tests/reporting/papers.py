"""Reports on paper for the tests of PDF and Word: every block, and texts that mean harm."""

from dataclasses import dataclass, replace
from functools import cache
from typing import get_args

from praktijktest.language import Message, language_named, message
from praktijktest.reporting import blocks
from praktijktest.reporting.blocks import (
    TOO_FEW,
    Bullets,
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
from praktijktest.reporting.wording import verbatim
from tests.reporting.documents import DOCUMENTS
from tests.reporting.test_drawing import figures

DATED = "2027-03-31"

HARMFUL = (
    "#panic(1) = Kop $x^2$",
    "\\ *vet* _schuin_ @ref <label>",
    "[#link] https://kwaad.example",
    '"quotes" & <b>&amp;</b> }}{{',
    "TOC \\o HYPERLINK INCLUDETEXT",
    "// geen commentaar /* ook */",
)
"""What a template, a field or a link would be made of, were it read as more than text."""

EVERY_BLOCK = {
    kind
    for member in get_args(blocks.Block)
    for kind in (get_args(member) or (member,))
    if isinstance(kind, type)
}


@dataclass(frozen=True, slots=True)
class FutureBlock:
    """A block that a later version may add."""

    text: Message


@cache
def report_of(name: str) -> Report:
    """The report of one of the documents, with a date."""
    return replace(build_report(DOCUMENTS[name]()), dated=DATED)


def long_paragraph(words: int = 5000) -> Message:
    return message("enumeration", items=[f"woord{number}" for number in range(words)])


def table(rows: int, columns: int = 3, *, text: str = "cel") -> Table:
    """A table with a name and numbers, `columns` of them in all."""
    headings = tuple(
        Column(verbatim(f"kolom {number}"), "count" if number else "name")
        for number in range(columns)
    )
    body = tuple((f"{text} {row}", *range(columns - 1)) for row in range(rows))
    return Table(f"t{rows}", verbatim(f"Tabel van {rows} rijen"), headings, body)


def values() -> Table:
    """A row with a value of every kind, and one with what does not exist or is hidden."""
    kinds = ("text", "count", "percent", "ratio", "p", "yes", "share", "cells", "estimate")
    columns = tuple(Column(verbatim(kind), kind) for kind in ("name", *kinds, "state"))
    found = Estimated(0.123, 0.045, 0.201)
    cells = ("dit", 1234, 0.5, 1.25, 0.0004, True, Share(460, 1029), (1, 2, 3, 4), found)
    hidden = (None, *(TOO_FEW for _ in kinds[1:]))
    rows = (("een", *cells, "signal"), ("een", *hidden, "grey-zone"))
    return Table("v", verbatim("Alle soorten"), columns, rows, (verbatim("noot"),), grouped=True)


def finding() -> Finding:
    said = [verbatim(text) for text in HARMFUL]
    return Finding(
        said[0], said[1], said[2], "control", (said[3], said[4]), said[5],
        Estimated(0.162, 0.07, 0.254), said[0],
    )  # fmt: skip


def every_block() -> Report:
    """A report with every kind of block, whose texts are made to be misread."""
    texts = tuple(verbatim(text) for text in HARMFUL)
    listed = (
        *(Paragraph(texts[0], role) for role in ("text", "note", "warning")),
        Bullets(texts),
        Definitions(((texts[0], texts[1]), (texts[2], texts[3]))),
        Heading(texts[4], texts[5]),
        Heading(texts[4]),
        finding(),
        values(),
        table(90),
        table(3, 26, text="x" * 70),
        *figures(HARMFUL[0]),
        Paragraph(long_paragraph()),
    )
    assert {type(block) for block in listed} == EVERY_BLOCK
    return Report(
        kind="full",
        title=" ".join(HARMFUL),
        subtitle=verbatim("Ondertitel"),
        facts=tuple(zip(texts, texts[::-1], strict=True)),
        banners=texts[:2],
        sections=(
            Section("een", texts[0], listed),
            *(Section(f"s{n}", verbatim("x" * 300), ()) for n in range(3)),
        ),
        dated=DATED,
    )


def headline_numbers(report: Report, code: str) -> list[str]:
    """The headline number and the interval of every finding, as the language writes them."""
    language = language_named(code)
    found = [
        block.estimate
        for section in report.sections
        for block in section.blocks
        if isinstance(block, Finding) and block.estimate.value is not None
    ]
    return [language.percent(estimate.value) for estimate in found] + [
        language.interval(estimate.low, estimate.high, estimate.unit) for estimate in found
    ]


def with_block(block: object) -> Report:
    """A report of one chapter with one block."""
    section = Section("een", verbatim("Een"), (block,))  # type: ignore[arg-type]
    return Report("summary", "Titel", verbatim("Soort"), (), (), (section,), dated=DATED)
