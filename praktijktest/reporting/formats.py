"""The formats a report is written in, and the one place where a format finds its renderer."""

from collections.abc import Callable
from typing import Final

from praktijktest.language import Language
from praktijktest.reporting.blocks import Report

FORMATS: Final = ("html", "pdf", "docx", "xlsx", "md")
"""Names of the formats, which are the endings of their files too."""


def render(report: Report, language: Language, name: str) -> bytes:
    """A report as the bytes of a file; the same report always gives the same bytes.

    Args:
        report: the report as data.
        language: what it is written in.
        name: one of `FORMATS`.

    Raises:
        KeyError: there is no such format.
    """
    return _RENDERERS[name](report, language)


def _html(report: Report, language: Language) -> bytes:
    from praktijktest.reporting.html import render_html

    return render_html(report, language).encode("utf-8")


def _pdf(report: Report, language: Language) -> bytes:
    from praktijktest.reporting.pdf import render_pdf

    return render_pdf(report, language)


def _word(report: Report, language: Language) -> bytes:
    from praktijktest.reporting.word import render_word

    return render_word(report, language)


def _excel(report: Report, language: Language) -> bytes:
    from praktijktest.reporting.excel import render_excel

    return render_excel(report, language)


def _markdown(report: Report, language: Language) -> bytes:
    from praktijktest.reporting.markdown import render_markdown

    return render_markdown(report, language).encode("utf-8")


_RENDERERS: Final[dict[str, Callable[[Report, Language], bytes]]] = {
    "html": _html,
    "pdf": _pdf,
    "docx": _word,
    "xlsx": _excel,
    "md": _markdown,
}
