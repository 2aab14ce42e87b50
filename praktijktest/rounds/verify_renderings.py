"""Reports rendered once more from their analysis documents, and compared with those at hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import UsageError
from praktijktest.rounds.differences import note_difference
from praktijktest.rounds.manifest import versions
from praktijktest.rounds.renderings import Rendering, SourceDocument, rendered, rendering_from
from praktijktest.storage import sha256_of_file

if TYPE_CHECKING:
    from praktijktest.rounds.verify import Findings

RENDERINGS: Final = "renderings"
"""Kind of a folder that holds reports alone, without the analysis they were made from."""

ANALYSIS: Final = "analysis.json"
_MALFORMED: Final = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


def check_renderings(folder: Path, manifest: dict[str, Any], findings: "Findings") -> None:
    """Render the reports of a report folder again from its own analysis document.

    Args:
        folder: the report folder.
        manifest: its manifest, as it should be.
        findings: what the verification has come to so far.
    """
    listed = [rendering_from(entry) for entry in manifest.get("renderings", ())]
    known = {entry["file"]: entry["sha256"] for entry in manifest["outputs"]}
    path = folder / ANALYSIS
    if listed and path.is_file() and sha256_of_file(path) == known.get(ANALYSIS):
        _compare(folder, manifest, [path], listed, findings)


def check_renderings_of(
    folder: Path, manifest: dict[str, Any], reports: Sequence[Path], findings: "Findings"
) -> None:
    """Render the reports of a folder of renderings again from the report folders behind them.

    Args:
        folder: the folder of renderings.
        manifest: its manifest.
        reports: the report folders, in any order.
        findings: what the verification has come to so far.

    Raises:
        UsageError: one of the reports is no report folder.
    """
    given = {}
    for report in reports:
        path = report / ANALYSIS
        if not path.is_file():
            raise UsageError(f"{report.name or report} is no report folder: it has no {ANALYSIS}.")
        given[sha256_of_file(path)] = path
    missing = [entry for entry in manifest["inputs"] if entry["sha256"] not in given]
    if missing:
        names = ", ".join(str(entry.get("title", entry["file"])) for entry in missing)
        line = f"the reports against the analysis: name the report folders with --log ({names})"
        if reports:
            findings.wrong(
                "input-changed", f"this was not made from the reports given: {names}", file=ANALYSIS
            )
        else:
            findings.unchecked.append(line)
        return
    listed = [rendering_from(entry) for entry in manifest.get("renderings", ())]
    paths = [given[entry["sha256"]] for entry in manifest["inputs"]]
    _compare(folder, manifest, paths, listed, findings)


def _compare(
    folder: Path,
    manifest: dict[str, Any],
    documents: Sequence[Path],
    listed: Sequence[Rendering],
    findings: "Findings",
) -> None:
    """Compare every report with what comes out now, as far as the versions are the same."""
    same = manifest.get("versions") == versions()
    kept = len(findings.problems)
    try:
        sources = [
            SourceDocument(json.loads(path.read_text(encoding="utf-8")), sha256_of_file(path))
            for path in documents
        ]
        for rendering, content in rendered(sources, listed):
            path = folder / rendering.file
            if path.is_file():
                note_difference(
                    rendering.file,
                    path.read_bytes(),
                    content,
                    "the report rendered once more says something else here",
                    findings,
                    "rendering-differs",
                )
    except _MALFORMED as error:
        findings.wrong(
            "not-repeated",
            f"the reports cannot be rendered once more: {type(error).__name__}: {error}",
            file=ANALYSIS,
        )
    if not same and len(findings.problems) > kept:
        # Other versions may well write other bytes; that says nothing about the folder.
        del findings.problems[kept:]
        findings.unchecked.append(
            "the reports against the analysis: they were made with other versions (manifest.json)"
        )
        return
    findings.checked.append(f"{len(listed)} reports, rendered once more from {ANALYSIS}")
