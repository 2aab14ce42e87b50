"""What reports are made from: analysis documents of report folders, and the locks of rounds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from praktijktest.problems import UsageError, VerificationError
from praktijktest.rounds.manifest import MANIFEST, read_manifest
from praktijktest.rounds.renderings import SourceDocument, Sources
from praktijktest.rounds.report_again import command_of, renderings_in
from praktijktest.storage import folder_kind, sha256_of_file

ANALYSIS: Final = "analysis.json"
LOCK: Final = "lock.json"
REPORTS: Final = "reports"
PRE_REGISTRATION: Final = "pre-registration"


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """A report folder whose analysis document is the one its manifest names.

    Attributes:
        folder: where it is.
        manifest: its manifest.
        document: the analysis document.
        fingerprint: SHA-256 of its bytes.
    """

    folder: Path
    manifest: dict[str, Any]
    document: dict[str, Any]
    fingerprint: str

    def input(self, role: str) -> dict[str, str]:
        """The analysis document as a manifest lists it."""
        about = self.document["round"]
        return {
            "file": ANALYSIS,
            "sha256": self.fingerprint,
            "role": role,
            "round": about["id"],
            "title": about["title"] or about["id"],
        }


def read_report(directory: Path) -> ReportFolder:
    """Read a report folder, or the only report of a round folder.

    Raises:
        UsageError: it is neither.
        VerificationError: its analysis document is not as it was written.
    """
    folder = _report_in(directory)
    manifest, path = read_manifest(folder), folder / ANALYSIS
    if manifest.get("kind") != "report":
        raise UsageError(f"{folder.name or folder} is no report folder as 'analyse' writes it.")
    known = _known(manifest, folder)
    if not path.is_file() or known.get(ANALYSIS) != sha256_of_file(path):
        raise VerificationError(
            f"{ANALYSIS} in {folder.name or folder} is not the one that {MANIFEST} names: "
            "it was changed or taken away; analyse the round again."
        )
    try:
        document = json.loads(path.read_bytes())
        _ = document["round"]["id"], document["round"]["title"], document["round"]["language"]
    except (ValueError, LookupError, TypeError):
        raise VerificationError(
            f"{ANALYSIS} in {folder.name or folder} is no analysis document; "
            "analyse the round again."
        ) from None
    return ReportFolder(folder, manifest, document, known[ANALYSIS])


def _known(manifest: dict[str, Any], folder: Path) -> dict[str, str]:
    """SHA-256 of every file that a manifest names.

    Raises:
        VerificationError: it is no manifest as the program writes it.
    """
    try:
        renderings_in(manifest, command_of(manifest["command"]))
        return {str(entry["file"]): str(entry["sha256"]) for entry in manifest["outputs"]}
    except (LookupError, TypeError, ValueError, AttributeError):
        raise VerificationError(
            f"{MANIFEST} in {folder.name or folder} is not as the program wrote it; "
            "analyse the round again."
        ) from None


def _report_in(directory: Path) -> Path:
    """The report folder meant: the folder itself, or the only one in a round's `reports/`."""
    if not directory.is_dir():
        raise UsageError(f"There is no folder {directory.name or directory}.")
    kind = folder_kind(directory)
    if kind == "report":
        return directory
    name = directory.name or directory
    if kind == "other":
        raise UsageError(f"{name} is no report folder: it has no {MANIFEST}.")
    found = sorted(
        path.parent
        for path in (directory / REPORTS).glob(f"*/{MANIFEST}")
        if (path.parent / ANALYSIS).is_file()
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"The round {name} has no report yet; run 'analyse' first.")
    names = ", ".join(f"{REPORTS}/{path.name}" for path in found)
    raise UsageError(f"The round {name} has several reports; name one of them: {names}.")


def round_above(folder: Path) -> Path | None:
    """The round folder in whose `reports/` a report stands."""
    above = folder.resolve().parent
    for place in (above, above.parent):
        if folder_kind(place) == "round":
            return place
    return None


def sources_of(
    kind: str,
    reports: Sequence[ReportFolder],
    earlier: Sequence[ReportFolder] = (),
    rounds: Sequence[Path] = (),
) -> Sources:
    """Everything a report of a kind is made from.

    Args:
        kind: which report.
        reports: the report folders, a chapter each.
        earlier: those of earlier rounds.
        rounds: round folders with a lock; the rounds around the reports are found without.

    Raises:
        UsageError: a lock is needed and there is none, or a round is named twice.
        VerificationError, DesignError, DataError: a lock cannot be read.
    """
    every = [report.fingerprint for report in (*reports, *earlier)]
    if len(set(every)) < len(every):
        raise UsageError("The same report is named twice.")
    locks = _locks(reports, rounds) if kind == PRE_REGISTRATION else []
    return Sources(
        rounds=tuple(SourceDocument(one.document, one.fingerprint) for one in reports),
        earlier=tuple(SourceDocument(one.document, one.fingerprint) for one in earlier),
        promised=tuple(promise for promise, _ in locks),
        inputs=(
            *(report.input("round") for report in reports),
            *(report.input("earlier") for report in earlier),
            *(entry for _, entry in locks),
        ),
    )


def _locks(
    reports: Sequence[ReportFolder], rounds: Sequence[Path]
) -> list[tuple[Any, dict[str, str]]]:
    """What every round promised, in the order of the reports, and its lock as an input."""
    from praktijktest.planning.promises import read_promised

    given = list(rounds)
    given += [above for report in reports if (above := round_above(report.folder)) is not None]
    promised: dict[str, tuple[Any, Path]] = {}
    for folder in given:
        if not (folder / LOCK).is_file():
            raise UsageError(
                f"{folder.name or folder} was never locked (it has no {LOCK}): "
                "there is no promise to compare with."
            )
        promise = read_promised(folder)
        promised.setdefault(promise.round_id, (promise, folder / LOCK))
    found = []
    for report in reports:
        about = report.document["round"]
        if about["id"] not in promised:
            raise UsageError(
                f"Name the locked round folder of {about['id']} with --round: "
                "the promise stands in its lock."
            )
        promise, path = promised[about["id"]]
        entry = {"file": LOCK, "sha256": sha256_of_file(path), "role": "lock"}
        found.append((promise, {**entry, "round": about["id"], "title": about["title"]}))
    return found
