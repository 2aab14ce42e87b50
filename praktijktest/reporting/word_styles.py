"""The styles of a report in Word, its language, and what the program should not do to it."""

import re
from typing import TYPE_CHECKING, Any

from praktijktest.language import Language

if TYPE_CHECKING:
    from docx.document import Document

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
FONT = "Arial"
"""On every machine that opens Word files, or in the same widths."""

INK, QUIET, ACCENT, WARN_INK = "1B2430", "55616F", "1D4F91", "4D3500"
LOCALES = {"nl": "nl-BE", "fr": "fr-BE", "en": "en-GB"}


def _spacing(before: float, after: float, line: float = 1.15) -> str:
    return (
        f'<w:spacing w:before="{before * 20:.0f}" w:after="{after * 20:.0f}" '
        f'w:line="{line * 240:.0f}" w:lineRule="auto"/>'
    )


def _box(fill: str, edge: str) -> str:
    return (
        f'<w:pBdr><w:left w:val="single" w:sz="24" w:space="8" w:color="{edge}"/></w:pBdr>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>'
    )


def _letters(size: float, colour: str = INK, *, bold: bool = False) -> str:
    strong = "<w:b/><w:bCs/>" if bold else '<w:b w:val="0"/><w:bCs w:val="0"/>'
    return (
        f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" w:cs="{FONT}"/>'
        f'{strong}<w:color w:val="{colour}"/><w:sz w:val="{size * 2:.0f}"/>'
        f'<w:szCs w:val="{size * 2:.0f}"/>'
    )


NEXT, LINES = "<w:keepNext/>", "<w:keepLines/>"
_BOXED = '<w:ind w:left="200" w:right="100"/>'
_RULE = '<w:pBdr><w:{side} w:val="single" w:sz="4" w:space="4" w:color="D5DBE1"/></w:pBdr>'

STYLES: dict[str, tuple[str, str]] = {
    "Normal": (_spacing(0, 7), _letters(10)),
    "Title": (LINES + _spacing(0, 16, 1.05), _letters(24, bold=True)),
    "Kicker": (NEXT + _spacing(14, 2, 1.0), _letters(9, QUIET, bold=True)),
    "Fact": (
        '<w:tabs><w:tab w:val="left" w:pos="2550"/></w:tabs>'
        + _spacing(0, 3)
        + '<w:ind w:left="2550" w:hanging="2550"/>',
        _letters(10),
    ),
    "Heading 1": (
        NEXT + LINES + _spacing(24, 8, 1.05) + '<w:outlineLvl w:val="0"/>',
        _letters(16, ACCENT, bold=True),
    ),
    "Heading 2": (
        NEXT + LINES + _spacing(14, 5, 1.05) + '<w:outlineLvl w:val="1"/>',
        _letters(12, bold=True),
    ),
    "Heading 3": (
        NEXT + LINES + _spacing(10, 4, 1.05) + '<w:outlineLvl w:val="2"/>',
        _letters(10.5, bold=True),
    ),
    "Contents Heading": (NEXT + _spacing(18, 6, 1.05), _letters(14, ACCENT, bold=True)),
    "toc 1": (_spacing(0, 3), _letters(10, ACCENT)),
    "Note": (_spacing(5, 8), _letters(8.5, QUIET)),
    "Warning": (LINES + _box("FFF4DC", "B57A00") + _spacing(6, 8) + _BOXED, _letters(10, WARN_INK)),
    "Banner": (
        LINES + _box("FFF4DC", "B57A00") + _spacing(12, 12) + _BOXED,
        _letters(10, WARN_INK, bold=True),
    ),
    "Verdict": (NEXT + LINES + _spacing(0, 5), _letters(10.5, bold=True)),
    "Estimate": (NEXT + LINES + _box("F4F6F8", ACCENT) + _spacing(2, 0) + _BOXED, _letters(10)),
    "Estimate Note": (
        LINES + _box("F4F6F8", ACCENT) + _spacing(0, 10) + _BOXED,
        _letters(8.5, QUIET),
    ),
    "Term": (NEXT + _spacing(3, 0), _letters(10, bold=True)),
    "Caption": (NEXT + LINES + _spacing(12, 5, 1.05), _letters(9, bold=True)),
    "Figure": (_spacing(0, 6, 1.0), _letters(10)),
    "Table Text": (_spacing(1.5, 1.5, 1.0), _letters(8.5)),
    "Table Number": (_spacing(1.5, 1.5, 1.0) + '<w:jc w:val="right"/>', _letters(8.5)),
    "Header": (_RULE.format(side="bottom") + _spacing(0, 0, 1.0), _letters(8, QUIET)),
    "Footer": (_RULE.format(side="top") + _spacing(0, 2, 1.0), _letters(7.5, QUIET)),
    "Page Number": (_spacing(0, 0, 1.0) + '<w:jc w:val="right"/>', _letters(8, QUIET)),
}
"""Settings of the paragraph and of its letters, by name of the style, in the order of Word."""

COMPACT = (0.86, 0.5)
"""Letters and spaces of a compact report, as shares of those of others."""

_SIZES = re.compile(r'(w:before=|w:after=|<w:sz w:val=|<w:szCs w:val=)"(\d+)"')

TABLE = f"""
<w:style xmlns:w="{W}" w:type="table" w:customStyle="1" w:styleId="ReportTable">
<w:name w:val="Report Table"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/>
<w:tblPr><w:tblBorders><w:top w:val="nil"/><w:bottom w:val="single" w:sz="4" w:color="D5DBE1"/>
<w:insideH w:val="single" w:sz="4" w:color="D5DBE1"/></w:tblBorders>
<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>
</w:tblPr>
<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>
<w:bottom w:val="single" w:sz="8" w:color="{INK}"/></w:tcBorders></w:tcPr></w:tblStylePr>
</w:style>"""


def set_styles(document: "Document", *, compact: bool) -> None:
    """Give a document the styles of a report, and take away the table styles it does not use.

    Args:
        document: the document.
        compact: letters and spaces are made smaller, for a report that begins with one page.
    """
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import parse_xml
    from docx.shared import Pt

    letters_share, spaces_share = COMPACT if compact else (1.0, 1.0)
    styles = document.styles
    for style in list(styles):
        if style.type == WD_STYLE_TYPE.TABLE and style.name not in ("Normal Table", "Table Grid"):
            style.delete()
    styles.element.append(parse_xml(TABLE))
    names = {style.name for style in styles}
    for name, (paragraph, letters) in STYLES.items():
        if name not in names:
            added = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name == "toc 1")
            added.base_style = styles["Normal"]
        style = styles[name]
        style.hidden, style.quick_style = False, True
        _replace(style.element, "pPr", _scaled(paragraph, spaces_share))
        _replace(style.element, "rPr", _scaled(letters, letters_share))
    if compact:
        styles["Title"].font.size = Pt(16)


def _scaled(settings: str, share: float) -> str:
    return _SIZES.sub(lambda found: f'{found[1]}"{round(int(found[2]) * share)}"', settings)


def _replace(style: Any, tag: str, content: str) -> None:
    from docx.oxml import parse_xml

    for old in style.findall(f"{{{W}}}{tag}"):
        style.remove(old)
    style.append(parse_xml(f'<w:{tag} xmlns:w="{W}">{content}</w:{tag}>'))


def set_language(document: "Document", language: Language) -> None:
    """The language of the text for spelling, hyphenation and screen readers."""
    code = LOCALES[language.code]
    for mark in document.styles.element.iter(f"{{{W}}}lang"):
        mark.set(f"{{{W}}}val", code)
    settings = document.settings.element
    for mark in settings.iter(f"{{{W}}}themeFontLang"):
        mark.set(f"{{{W}}}val", code)
    for mark in settings.iter(f"{{{W}}}compatSetting"):
        if mark.get(f"{{{W}}}name") == "compatibilityMode":
            mark.set(f"{{{W}}}val", "15")
