"""Drawn figures within a web page: no ids that meet, colours that follow the screen."""

import re

from markupsafe import Markup

from praktijktest.language import Language
from praktijktest.reporting.blocks import DrawnBlock

_ID = re.compile(r'(\bid="|href="#|url\(#)')
_OPENING = re.compile(r"<svg\b[^>]*?viewBox=\"([^\"]+)\"[^>]*>")
_NOT_FOR_PAGES = re.compile(r"\s*<(metadata|style)\b.*?</\1>", re.DOTALL)
"""What belongs to a file of its own: a style element would hold for the whole page."""


def inline_svg(block: DrawnBlock, language: Language, number: int) -> Markup:
    """A figure as an SVG element of a page.

    Args:
        block: the figure as data.
        language: what its labels are written in.
        number: which picture of the page it is, so that no two elements share an id.
    """
    from praktijktest.reporting.drawing import drawing_of
    from praktijktest.reporting.drawing.canvas import PAGE_COLOURS

    drawing = drawing_of(block, language)
    assert drawing is not None
    text = drawing.svg().decode("utf-8")
    text = _NOT_FOR_PAGES.sub("", text[text.index("<svg") :])
    text = _OPENING.sub(r'<svg viewBox="\1" aria-hidden="true" focusable="false">', text, count=1)
    text = text.replace("xlink:href", "href")
    text = _ID.sub(rf"\1picture{number}-", text)
    for colour, variable in PAGE_COLOURS.items():
        text = text.replace(colour, f"var({variable})")
    return Markup(text.strip())
