"""The status of a round as one self-contained page."""

from typing import Final

from praktijktest.language import Language
from praktijktest.reporting.blocks import Report
from praktijktest.reporting.html import render_html

ON_ONE_LINE: Final = "td, tbody th:not([colspan]) { white-space: nowrap; }\n</style>"
"""Ids and times are not broken over lines; on a small screen the tables scroll."""


def render_status(report: Report, language: Language) -> str:
    """The page, in the dress of the reports.

    Args:
        report: the status as a report.
        language: what it is written in.
    """
    return render_html(report, language).replace("</style>", ON_ONE_LINE, 1)
