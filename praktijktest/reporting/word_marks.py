"""Marks of Word that its library has no word for: fields, bookmarks, whole tables as XML.

Texts enter as text nodes alone, so that none can become a field, a link or markup.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from praktijktest.reporting.paper import storable
from praktijktest.reporting.paper_tables import Cell, PaperColumn, PaperTable

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TWIPS_PER_CM = 567
WORD_SIZE_SHARE = 0.9
"""Letters of Word's type are wider than those of the PDF: tables are set smaller."""


def add_text(paragraph: "Paragraph", text: str, *, bold: bool | None = None) -> None:
    """Add a text to a paragraph."""
    paragraph.add_run(storable(text)).bold = bold


def add_field(paragraph: "Paragraph", code: str, shown: str) -> None:
    """Add a field that Word works out again, with what it shows until then.

    Args:
        paragraph: where it goes, at the end.
        code: the field's instruction, a text of this program.
        shown: its result.
    """
    for mark in (_field_mark("begin"), _instruction(code), _field_mark("separate")):
        paragraph._p.append(mark)
    add_text(paragraph, shown)
    paragraph._p.append(_field_mark("end"))


def _field_mark(kind: str) -> Any:
    return _parsed(f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>')


def _instruction(code: str) -> Any:
    return _parsed(f'<w:r><w:instrText xml:space="preserve"> {escape(code)} </w:instrText></w:r>')


def add_bookmark(paragraph: "Paragraph", name: str, number: int) -> None:
    """Put a bookmark around a paragraph's text."""
    start = _parsed(f'<w:bookmarkStart w:id="{number}" w:name={quoteattr(name)}/>')
    first = next((i for i, e in enumerate(paragraph._p) if e.tag != f"{{{W}}}pPr"), None)
    paragraph._p.insert(len(paragraph._p) if first is None else first, start)
    paragraph._p.append(_parsed(f'<w:bookmarkEnd w:id="{number}"/>'))


def open_contents(paragraph: "Paragraph") -> None:
    """Begin a table of contents whose entries are already there; it asks for no update."""
    code = r'TOC \o "1-1" \n \h'
    first = 0 if paragraph._p.pPr is None else 1
    for place, mark in enumerate(
        (_field_mark("begin"), _instruction(code), _field_mark("separate"))
    ):
        paragraph._p.insert(first + place, mark)


def close_contents(paragraph: "Paragraph") -> None:
    """End the table of contents."""
    paragraph._p.append(_field_mark("end"))


def add_link(paragraph: "Paragraph", text: str, bookmark: str) -> None:
    """Add a link to a bookmark of the same document."""
    paragraph._p.append(
        _parsed(
            f'<w:hyperlink w:anchor={quoteattr(bookmark)} w:history="1"><w:r>{_text(text)}</w:r>'
            "</w:hyperlink>"
        )
    )


def table_xml(table: PaperTable) -> Any:
    """A whole table as an element; a report has thousands of cells, so it is written as text."""
    widths = [round(column.width_cm * TWIPS_PER_CM) for column in table.columns]
    size = round(2 * table.size * WORD_SIZE_SHARE)
    parts = [
        '<w:tbl><w:tblPr><w:tblStyle w:val="ReportTable"/>',
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>',
        '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0"',
        ' w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>',
        f"<w:tblCaption w:val={_attribute(table.caption)}/></w:tblPr><w:tblGrid>",
        *(f'<w:gridCol w:w="{width}"/>' for width in widths),
        "</w:tblGrid>",
        _head(table.columns, widths, size),
        *_body(table, widths, size),
        "</w:tbl>",
    ]
    return _parsed("".join(parts))


def _head(columns: Iterable[PaperColumn], widths: list[int], size: int) -> str:
    cells = "".join(
        _cell(_run(column.heading, size, strong=True), width, numeric=column.numeric, head=True)
        for column, width in zip(columns, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"


def _body(table: PaperTable, widths: list[int], size: int) -> Iterable[str]:
    numeric = [column.numeric for column in table.columns]
    left = sum(len(rows) for _, rows in table.groups)
    for heading, rows in table.groups:
        if heading is not None:
            yield _group(heading, widths, size)
        for row in rows:
            left -= 1
            keep = table.short and (left > 0 or bool(table.notes))
            cells = "".join(
                _cell(_words(cell, size), width, numeric=right, keep=keep)
                for cell, width, right in zip(row, widths, numeric, strict=True)
            )
            yield f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _group(heading: str, widths: list[int], size: int) -> str:
    return (
        "<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc>"
        f'<w:tcPr><w:tcW w:w="{sum(widths)}" w:type="dxa"/><w:gridSpan w:val="{len(widths)}"/>'
        '<w:shd w:val="clear" w:color="auto" w:fill="F4F6F8"/></w:tcPr>'
        '<w:p><w:pPr><w:pStyle w:val="TableText"/><w:keepNext/></w:pPr>'
        f"{_run(heading, size, strong=True)}</w:p></w:tc></w:tr>"
    )


def _cell(runs: str, width: int, *, numeric: bool, head: bool = False, keep: bool = False) -> str:
    """A cell; one that is kept stands on the page of the row after it."""
    kept = "<w:keepNext/>" if keep or head else ""
    bottom = '<w:vAlign w:val="bottom"/>' if head else ""
    style = "TableNumber" if numeric else "TableText"
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{bottom}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{kept}</w:pPr>{runs}</w:p></w:tc>'
    )


def _words(cell: Cell, size: int) -> str:
    if not cell.strong:
        return _run(cell.rest, size)
    rest = f" {cell.rest}" if cell.rest else ""
    return _run(cell.strong, size, strong=True) + (_run(rest, size) if rest else "")


def _run(text: str, size: int, *, strong: bool = False) -> str:
    bold = "<w:b/>" if strong else ""
    return f'<w:r><w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr>{_text(text)}</w:r>'


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(storable(text))}</w:t>'


def _attribute(text: str) -> str:
    return quoteattr(storable(text))


def _parsed(xml: str) -> Any:
    from docx.oxml import parse_xml

    end = min(i for i in (xml.find(" "), xml.find(">"), xml.find("/")) if i > 0)
    return parse_xml(f'{xml[:end]} xmlns:w="{W}"{xml[end:]}')
