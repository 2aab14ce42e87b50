"""A comparison or a pooling: its reports rendered once more from its own document."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import UsageError
from praktijktest.rounds.differences import note_difference
from praktijktest.rounds.manifest import versions
from praktijktest.rounds.renderings import rendering_from
from praktijktest.storage import sha256_of_file

if TYPE_CHECKING:
    from praktijktest.reporting.blocks import Report
    from praktijktest.rounds.verify import Findings

_MALFORMED: Final = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


def _comparison(document: dict[str, Any], fingerprint: str) -> "Report":
    from praktijktest.reporting.comparison_document import comparison_report

    return comparison_report(document, fingerprint)


def _pooling(document: dict[str, Any], fingerprint: str) -> "Report":
    from praktijktest.reporting.pooling_document import pooling_report

    return pooling_report(document, fingerprint=fingerprint)


REPORTS: Final[dict[str, Callable[[dict[str, Any], str], "Report"]]] = {
    "comparison": _comparison,
    "pooling": _pooling,
}
"""Kinds of folders over several rounds, and what makes their reports."""


def check_document(
    folder: Path, manifest: dict[str, Any], logs: Sequence[Path], findings: "Findings"
) -> None:
    """Render the reports of a folder over several rounds again and compare them.

    Args:
        folder: the folder; its files were compared with the manifest before.
        manifest: its manifest.
        logs: must be empty; there is no one log behind it.
        findings: what the verification has come to so far.

    Raises:
        UsageError: a log was named.
    """
    from praktijktest.language import language_named
    from praktijktest.reporting.colophon import with_own_colophon
    from praktijktest.reporting.formats import render

    kind = manifest["kind"]
    if logs:
        raise UsageError(f"--log goes with the report of one round, and this is a {kind}.")
    sources = ", ".join(dict.fromkeys(entry["file"] for entry in manifest["inputs"]))
    findings.unchecked.append(f"the {kind} itself: make it again from its sources ({sources})")
    path = folder / f"{kind}.json"
    known = {entry["file"]: entry["sha256"] for entry in manifest["outputs"]}
    if not path.is_file() or sha256_of_file(path) != known.get(path.name):
        return
    if manifest.get("versions") != versions():
        findings.unchecked.append(
            f"the reports against {path.name}: they were made with other versions (manifest.json)"
        )
        return
    listed = [rendering_from(entry) for entry in manifest.get("renderings", ())]
    try:
        report = with_own_colophon(
            REPORTS[kind](json.loads(path.read_text("utf-8")), sha256_of_file(path)), path.name
        )
        for one in listed:
            written = render(report, language_named(one.language), one.format)
            if (folder / one.file).is_file():
                note_difference(
                    one.file,
                    (folder / one.file).read_bytes(),
                    written,
                    "the report rendered once more says something else here",
                    findings,
                    "rendering-differs",
                )
    except _MALFORMED as error:
        findings.wrong(
            "not-repeated",
            f"the reports cannot be rendered once more: {type(error).__name__}: {error}",
            file=path.name,
        )
        return
    findings.checked.append(f"{len(listed)} reports, rendered once more from {path.name}")
