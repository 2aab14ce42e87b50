"""Renders a report as PDF: tagged for screen readers and fit for an archive (PDF/A-2a, PDF/UA-1).

The template is fixed and gets the report as data: no text of a report is read as markup.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.language import Language
from praktijktest.reporting.blocks import (
    Bars,
    Block,
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
    Report,
    SmallMultiples,
    Table,
    Trend,
)
from praktijktest.reporting.cells import number_text
from praktijktest.reporting.paper import (
    AUTHOR,
    COMPACT,
    breakable,
    contents_before,
    dated,
    leads_in,
    page_words,
    pictures,
    printable,
    running_head,
    title_of,
)
from praktijktest.reporting.paper_tables import Cell, PaperTable, on_paper

if TYPE_CHECKING:
    from typst import Fonts, PDFStandard

STANDARDS: "list[PDFStandard]" = ["a-2a", "ua-1"]
"""Standards the file keeps; the compiler refuses to write one that does not."""

Data = dict[str, Any]

_TEMPLATES = Path(__file__).parent / "templates"


def render_pdf(report: Report, language: Language) -> bytes:
    """The report as a PDF file: the same report gives the same bytes.

    Args:
        report: the report as data.
        language: what it is written in.
    """
    import typst

    content = _clean(_document(report, language))
    return typst.compile(
        _TEMPLATES / "report.typ",
        root=_TEMPLATES,
        format="pdf",
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(content, ensure_ascii=False)},
        pdf_standards=STANDARDS,
        timestamp=dated(report),
    )


@cache
def _fonts() -> "Fonts":
    """The fonts that come with the libraries, never those of the machine."""
    import matplotlib
    from typst import Fonts

    return Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")],
    )


def _clean(content: Any) -> Any:
    """The data with every text such that the fonts have a shape for it; pictures as they are."""
    if isinstance(content, str):
        return breakable(printable(content))
    if isinstance(content, list):
        return [_clean(part) for part in content]
    if isinstance(content, dict):
        return {key: v if key == "svg" else _clean(v) for key, v in content.items()}
    return content


def _document(report: Report, language: Language) -> Data:
    say = language.say
    day = dated(report)
    return {
        "author": AUTHOR,
        "language": language.code,
        "date": [day.year, day.month, day.day],
        "title": title_of(report),
        "running": list(running_head(report, language)),
        "subtitle": say(report.subtitle),
        "facts": [[say(term), say(value)] for term, value in report.facts],
        "banners": [say(banner) for banner in report.banners],
        "statement": say(report.statement),
        "contents": language.text("report.contents"),
        "contents_before": contents_before(report),
        "compact": report.kind in COMPACT,
        "page": page_words(language),
        "table": language.text("paper.table", number="").strip(),
        "figure": language.text("paper.figure", number="").strip(),
        "sections": [
            {"title": say(section.title), "blocks": _blocks(section.blocks, language)}
            for section in report.sections
        ],
    }


def _blocks(blocks: tuple[Block, ...], language: Language) -> list[Data]:
    found: list[Data] = []
    for place, block in enumerate(blocks):
        parts = WRITERS[type(block)](block, language)
        found += [part | {"keep": leads_in(blocks, place)} for part in parts]
    return found


def _paragraph(block: Paragraph, language: Language) -> list[Data]:
    return [{"kind": "paragraph", "role": block.role, "text": language.say(block.text)}]


def _bullets(block: Bullets, language: Language) -> list[Data]:
    return [{"kind": "bullets", "items": [language.say(item) for item in block.items]}]


def _definitions(block: Definitions, language: Language) -> list[Data]:
    items = [[language.say(term), language.say(text)] for term, text in block.items]
    return [{"kind": "definitions", "items": items}]


def _heading(block: Heading, language: Language) -> list[Data]:
    kicker = None if block.kicker is None else language.say(block.kicker)
    return [{"kind": "heading", "kicker": kicker, "text": language.say(block.text)}]


def _finding(block: Finding, language: Language) -> list[Data]:
    say, found = language.say, block.estimate
    known = found.low is not None or found.high is not None
    return [
        {
            "kind": "finding",
            "evidence": block.evidence,
            "tag": language.text(f"evidence.{block.evidence}"),
            "ground": say(block.ground),
            "title": say(block.title),
            "verdict": say(block.verdict),
            "text": " ".join(say(sentence) for sentence in block.sentences),
            "value": number_text(found, language),
            "interval": language.interval(found.low, found.high, found.unit) if known else "",
            "measure": say(block.measure),
            "note": say(block.interval_note),
        }
    ]


def _figure(block: FigureBlock, language: Language) -> list[Data]:
    return [
        {
            "kind": "figure",
            "caption": picture.caption,
            "alt": picture.drawing.alt,
            "svg": picture.drawing.svg().decode("utf-8"),
            "width": picture.drawing.width_cm,
            "height": picture.drawing.height_cm,
            "notes": list(picture.notes),
        }
        for picture in pictures(block, language)
    ]


def _table(block: Table, language: Language) -> list[Data]:
    table: PaperTable = on_paper(block, language)
    return [
        {
            "kind": "table",
            "caption": table.caption,
            "columns": [
                {"heading": c.heading, "numeric": c.numeric, "width": c.width_cm}
                for c in table.columns
            ],
            "groups": [
                {"heading": heading, "rows": [[_cell(cell) for cell in row] for row in rows]}
                for heading, rows in table.groups
            ],
            "notes": list(table.notes),
            "size": table.size,
            "landscape": table.landscape,
            "short": table.short,
        }
    ]


def _cell(cell: Cell) -> Any:
    return [cell.strong, cell.rest] if cell.strong else cell.rest


WRITERS: dict[type, Callable[[Any, Language], list[Data]]] = {
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
"""What turns each kind of block into data of the template."""
