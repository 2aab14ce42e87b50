"""A document as it may be published, and the line that says so in a short report."""

from typing import Any, Final

from praktijktest.language import message
from praktijktest.reporting.blocks import Block, Paragraph
from praktijktest.reporting.evidence import Entry

EARLIER: Final[dict[str, Any]] = {"flag_quality": None, "retests": None, "overall": []}
"""Parts that documents of earlier versions lack, empty."""


def public_document(analysis: Entry) -> Entry:
    """The document as it may be published; one that was protected already stays as it is.

    Args:
        analysis: the analysis document.
    """
    if "disclosure" in analysis:
        return analysis
    from praktijktest.disclosure import protected

    return protected({**EARLIER, **analysis}, analysis["method"]["min_cell"]).document


def disclosure_line(analysis: Entry) -> tuple[Block, ...]:
    """One small sentence for a short report; nothing where the document was not protected."""
    check = analysis.get("disclosure")
    if check is None:
        return ()
    line = message("plain.checked", least=check["min_cell"], targets=check["min_targets"])
    return (Paragraph(line, "note"),)
