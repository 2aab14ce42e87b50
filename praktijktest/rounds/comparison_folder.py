"""The folder that a comparison of rounds leaves behind."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from praktijktest.rounds.compare import COMPARISON
from praktijktest.rounds.document_folder import DocumentFolder, write_document_folder

if TYPE_CHECKING:
    from praktijktest.rounds.compare import Comparison


def write_comparison(
    comparison: "Comparison",
    out: Path,
    *,
    languages: Sequence[str] = ("en",),
    formats: Sequence[str] = ("html",),
    command: Sequence[str] = (),
) -> list[str]:
    """Write `comparison.json`, the reports, the tables and the manifest.

    Args:
        comparison: what was found.
        out: the folder; an earlier comparison in it is replaced.
        languages: languages of the reports.
        formats: formats of the reports.
        command: the command line without paths, for the manifest.

    Returns:
        Names of the reports.

    Raises:
        UsageError: the folder holds something else, or a format is unknown.
    """
    from praktijktest.reporting.comparison_document import comparison_report
    from praktijktest.reporting.comparison_tables import comparison_tables

    document = comparison.to_dict()
    made = DocumentFolder(
        kind=COMPARISON,
        title=document["title"],
        document=document,
        report=lambda fingerprint: comparison_report(document, fingerprint),
        tables=comparison_tables(document),
        inputs=comparison.sources,
        command=command,
    )
    return write_document_folder(out, made, languages=languages, formats=formats)
