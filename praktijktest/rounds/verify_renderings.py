"""Reports rendered once more from their analysis documents, and compared with those at hand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import PraktijktestError, UsageError, shown
from praktijktest.rounds.differences import note_difference
from praktijktest.rounds.manifest import versions
from praktijktest.rounds.renderings import (
    FULL,
    Rendering,
    SourceDocument,
    Sources,
    rendered,
    rendering_from,
)
from praktijktest.rounds.report_again import not_repeated
from praktijktest.rounds.report_sources import (
    ANALYSIS,
    LOCK,
    PRE_REGISTRATION,
    read_report,
    round_above,
    sources_of,
)
from praktijktest.storage import sha256_of_file

if TYPE_CHECKING:
    from praktijktest.rounds.verify import Findings

RENDERINGS: Final = "renderings"
"""Kind of a folder that holds reports alone, without the analysis they were made from."""

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
    if not listed or not path.is_file() or sha256_of_file(path) != known.get(ANALYSIS):
        return

    def sources() -> Sources:
        document = json.loads(path.read_bytes())
        return Sources((SourceDocument(document, known[ANALYSIS]),))

    _compare(folder, manifest, sources, listed, findings)


def check_renderings_of(
    folder: Path, manifest: dict[str, Any], given: Sequence[Path], findings: "Findings"
) -> None:
    """Render the reports of a folder of renderings again from the folders behind them.

    Args:
        folder: the folder of renderings.
        manifest: its manifest.
        given: report folders and locked round folders, in any order.
        findings: what the verification has come to so far.

    Raises:
        UsageError: one of them is neither.
    """
    found = {sha256_of_file(path): path for one in given for path in _documents(one)}
    inputs = manifest["inputs"]
    missing = [entry for entry in inputs if entry["sha256"] not in found]
    names = ", ".join(f"{shown(entry.get('round'))}: {entry['file']}" for entry in missing)
    strangers = [path for sha, path in found.items() if sha not in {e["sha256"] for e in inputs}]
    others = [path for path in strangers if path.name == ANALYSIS]
    if missing and others:
        given_names = ", ".join(path.parent.name for path in others)
        findings.wrong(
            "input-changed", f"this was not made from what is in {given_names}, but from {names}"
        )
    elif missing:
        findings.unchecked.append(
            f"the reports against their analysis: name the folders with --log ({names})"
        )
    else:
        listed = [rendering_from(entry) for entry in manifest.get("renderings", ())]
        paths = [(found[entry["sha256"]].parent, entry.get("role", "round")) for entry in inputs]
        _compare(folder, manifest, lambda: _sources(manifest, paths), listed, findings)


def _documents(place: Path) -> list[Path]:
    """The files of a folder that reports are made from, with the lock of the round around it."""
    paths = [place / name for name in (ANALYSIS, LOCK) if (place / name).is_file()]
    above = round_above(place)
    if paths and above is not None and (above / LOCK).is_file():
        paths.append(above / LOCK)
    if not paths:
        raise UsageError(
            f"{place.name or place} is neither a report folder ({ANALYSIS}) nor a locked round "
            f"({LOCK})."
        )
    return paths


def _sources(manifest: dict[str, Any], paths: Sequence[tuple[Path, str]]) -> Sources:
    """What the reports were made from, in the roles that the manifest gives."""
    kinds = {entry["kind"] for entry in manifest["renderings"]}
    return sources_of(
        PRE_REGISTRATION if PRE_REGISTRATION in kinds else FULL,
        [read_report(path) for path, role in paths if role == "round"],
        [read_report(path) for path, role in paths if role == "earlier"],
        [path for path, role in paths if role == "lock"],
    )


def _compare(
    folder: Path,
    manifest: dict[str, Any],
    sources: Callable[[], Sources],
    listed: Sequence[Rendering],
    findings: "Findings",
) -> None:
    """Compare every report with what comes out now, as far as the versions are the same."""
    same = manifest.get("versions") == versions()
    kept = len(findings.problems)
    try:
        for rendering, content in rendered(sources(), listed):
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
    except PraktijktestError as error:
        not_repeated(error, findings)
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
