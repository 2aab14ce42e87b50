"""The folder that a pooling leaves behind."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from praktijktest.rounds.document_folder import DocumentFolder, write_document_folder

if TYPE_CHECKING:
    from praktijktest.rounds.pool import Pooling

POOLING = "pooling"


def write_pooling(
    pooling: "Pooling",
    out: Path,
    *,
    languages: Sequence[str] = ("en",),
    formats: Sequence[str] = ("html",),
    command: Sequence[str] = (),
) -> list[str]:
    """Write `pooling.json`, the reports, the tables and the manifest.

    Args:
        pooling: what was found.
        out: the folder.
        languages: languages of the reports.
        formats: formats of the reports.
        command: the command line without paths, for the manifest.

    Returns:
        Names of the reports.

    Raises:
        UsageError: the folder holds something else, or a format is unknown.
    """
    from praktijktest.reporting.pooling_document import pooling_report
    from praktijktest.reporting.pooling_tables import pooling_tables

    document = pooling.to_dict()
    made = DocumentFolder(
        kind=POOLING,
        title=pooling.title,
        document=document,
        report=lambda fingerprint: pooling_report(document, fingerprint=fingerprint),
        tables=pooling_tables(document),
        inputs=[
            {
                "file": f"{source['name']}/analysis.json"
                if source["kind"] == "report"
                else source["name"],
                "sha256": source["sha256"],
            }
            for source in pooling.sources
        ],
        command=command,
    )
    return write_document_folder(out, made, languages=languages, formats=formats)
