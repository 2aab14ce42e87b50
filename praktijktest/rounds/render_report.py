"""`report`: renders again from `analysis.json`, in other kinds, languages and formats."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.rounds.manifest import (
    MANIFEST,
    kind_in_manifest,
    manifest_bytes,
    manifest_of,
    output,
    round_in_manifest,
    versions,
)
from praktijktest.rounds.renderings import (
    FULL,
    Rendering,
    Sources,
    as_listed,
    refuse_formats,
    refuse_kind,
    renderings_of,
    write_renderings,
)
from praktijktest.rounds.report_again import command_of, renderings_in
from praktijktest.rounds.report_folder import refuse_folder, refuse_unwritable
from praktijktest.rounds.report_sources import ANALYSIS, ReportFolder, read_report, sources_of
from praktijktest.storage import folder_written_whole

RENDERINGS: Final = "renderings"
_MALFORMED: Final = (LookupError, TypeError, ValueError, AttributeError, AssertionError)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was rendered.

    Attributes:
        folder: where it was written.
        renderings: the files.
    """

    folder: Path
    renderings: tuple[Rendering, ...]

    @property
    def warnings(self) -> Sequence[Problem]:
        """None: what cannot be rendered is refused."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """What was rendered, as plain data."""
        return {
            "format": 1,
            "folder": self.folder.name,
            "renderings": [rendering.to_dict() for rendering in self.renderings],
        }

    def lines(self) -> list[str]:
        """The path of every file."""
        return [str(self.folder / rendering.file) for rendering in self.renderings]


def render_report(
    directories: Sequence[Path],
    *,
    kind: str = FULL,
    languages: Sequence[str] = (),
    formats: Sequence[str] = ("html",),
    out: Path | None = None,
    earlier: Sequence[Path] = (),
    rounds: Sequence[Path] = (),
) -> Rendered:
    """Render reports from the analysis documents of report folders.

    Without `out` the reports are added to the folder, and its manifest with them, in one step.
    What needs more than one analysis document (several rounds as chapters, earlier rounds, the
    lock of a round) goes to a folder of its own.

    Args:
        directories: report folders, or round folders with one report; a chapter each.
        kind: "full", "summary", "council" or "pre-registration".
        languages: in which languages; default: the first round's own.
        formats: in which formats.
        out: folder for the reports alone; default: into the report folder itself.
        earlier: report folders of earlier rounds, for "council".
        rounds: round folders with the locks, for "pre-registration"; default: the round in
            whose `reports/` a report stands.

    Raises:
        UsageError: wrong formats, kinds or folders.
        VerificationError: an analysis document is not the one its manifest names.
        DataError: an analysis document is no longer readable by this version.
    """
    refuse_formats(formats)
    refuse_kind(kind)
    reports = [read_report(directory) for directory in directories]
    before = [read_report(directory) for directory in earlier]
    if before and kind != "council":
        raise UsageError("--earlier goes with --kind council.")
    if rounds and kind != "pre-registration":
        raise UsageError("--round goes with --kind pre-registration.")
    alone = len(reports) == 1 and not before and kind != "pre-registration"
    if out is None and not alone:
        raise UsageError("Name a folder for this report with --out: it is not of one round alone.")
    sources = sources_of(kind, reports, before, rounds)
    chosen = languages or (reports[0].document["round"]["language"],)
    renderings = renderings_of(kind, chosen, formats)
    if out is None:
        _add(reports[0], sources, renderings)
        return Rendered(reports[0].folder, renderings)
    _refuse_place(out, reports[0])
    command = ["praktijktest", "report", *(report.folder.resolve().name for report in reports)]
    command += ["--kind", kind, "--format", ",".join(formats), "--lang", ",".join(chosen)]
    _write_alone(out, reports, sources, renderings, command)
    return Rendered(out, renderings)


def _refuse_place(out: Path, report: ReportFolder) -> None:
    """Refuse to replace anything but earlier reports of the same round.

    Raises:
        UsageError: the folder holds something else, or cannot be written.
    """
    name = out.name or out
    if out.resolve() == report.folder.resolve():
        raise UsageError(f"{name} is the report itself; leave out --out to add to it.")
    if out.is_dir() and any(out.iterdir()):
        if kind_in_manifest(out) != RENDERINGS:
            raise UsageError(f"{name} already holds other files; choose a new folder for --out.")
        other = round_in_manifest(out)
        if other != report.document["round"]["id"]:
            raise UsageError(
                f"{name} already holds reports of another round ({shown(other)}); "
                "choose a new folder for --out."
            )
    refuse_folder(out)


def _add(report: ReportFolder, sources: Sources, renderings: Sequence[Rendering]) -> None:
    """Add reports to a report folder: the folder is replaced whole, its manifest with it."""
    home = report.folder.resolve()
    refuse_unwritable(home.parent)
    with folder_written_whole(home) as folder:
        shutil.copytree(home, folder, dirs_exist_ok=True)
        _render(folder, report.manifest, sources, renderings)
        made = {rendering.file for rendering in renderings}
        kept = [entry for entry in report.manifest["outputs"] if entry["file"] not in made]
        before = renderings_in(report.manifest, command_of(report.manifest["command"]))
        listed = [rendering for rendering in before if rendering.file not in made]
        outputs = [*kept, *(output(folder, folder / name) for name in sorted(made))]
        manifest = {
            **report.manifest,
            "renderings": as_listed([*listed, *renderings]),
            "outputs": sorted(outputs, key=lambda entry: Path(entry["file"]).parts),
        }
        (folder / MANIFEST).write_bytes(manifest_bytes(manifest))


def _write_alone(
    out: Path,
    reports: Sequence[ReportFolder],
    sources: Sources,
    renderings: Sequence[Rendering],
    command: Sequence[str],
) -> None:
    """Write reports alone, with a manifest of what they were made from."""
    with folder_written_whole(out) as folder:
        _render(folder, reports[0].manifest, sources, renderings)
        manifest = manifest_of(
            folder,
            kind=RENDERINGS,
            about=reports[0].document["round"],
            command=command,
            inputs=sources.inputs,
            more={"renderings": as_listed(renderings)},
        )
        (folder / MANIFEST).write_bytes(manifest_bytes(manifest))


def _render(
    folder: Path,
    manifest: Mapping[str, Any],
    sources: Sources,
    renderings: Sequence[Rendering],
) -> None:
    """Write the reports; a document of another version may lack what this one needs."""
    try:
        write_renderings(folder, sources, renderings)
    except _MALFORMED as error:
        made = manifest.get("versions")
        version = made.get("praktijktest") if isinstance(made, dict) else None
        if version == versions()["praktijktest"]:
            raise
        raise DataError(
            f"{ANALYSIS} was written by another version ({shown(version)}) and cannot be rendered "
            "by this one; analyse the round again."
        ) from error
