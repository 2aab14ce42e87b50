"""A report made once more from its log and design, and compared with the one at hand."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import PraktijktestError
from praktijktest.rounds.manifest import MANIFEST
from praktijktest.rounds.renderings import FULL, Rendering, rendering_from, renderings_of

if TYPE_CHECKING:
    from praktijktest.analysis import AnyAnalysis
    from praktijktest.rounds.verify import Findings

DESIGN: Final = "design.toml"
Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """What the command line in a manifest said."""

    logs: tuple[str, ...]
    formats: tuple[str, ...]
    languages: tuple[str, ...]
    as_of: str | None
    skip_bad_rows: bool


def command_of(words: Sequence[str]) -> Command:
    """What a command line said that bears on the result."""
    options: dict[str, str] = {}
    logs: list[str] = []
    waiting = iter(words[2:])
    for word in waiting:
        if word == "--skip-bad-rows":
            options[word] = ""
        elif word.startswith("--"):
            options[word] = next(waiting, "")
        else:
            logs.append(word)
    return Command(
        logs=tuple(logs),
        formats=tuple(name for name in options.get("--format", "html").split(",") if name),
        languages=tuple(options.get("--lang", "en").split(",")),
        as_of=options.get("--as-of"),
        skip_bad_rows="--skip-bad-rows" in options,
    )


def compare_again(
    folder: Path,
    manifest: Manifest,
    command: Command,
    analysis: "AnyAnalysis",
    logs: Sequence[Path],
    findings: "Findings",
) -> None:
    """Write the report once more and compare it with the one at hand, file by file."""
    from praktijktest.rounds.differences import note_difference
    from praktijktest.rounds.report_folder import write_report_folder

    before = len(findings.problems)
    with tempfile.TemporaryDirectory() as scratch:
        again = Path(scratch) / "again"
        try:
            write_report_folder(
                analysis,
                again,
                logs=logs,
                design_file=folder / DESIGN,
                renderings=renderings_in(manifest, command),
                command=manifest["command"],
                ledger=manifest.get("ledger"),
            )
        except PraktijktestError as error:
            not_repeated(error, findings)
            return
        fresh = json.loads((again / MANIFEST).read_text(encoding="utf-8"))
        for entry in fresh["outputs"]:
            was, now = folder / entry["file"], again / entry["file"]
            if was.is_file():
                note_difference(
                    entry["file"],
                    was.read_bytes(),
                    now.read_bytes(),
                    "the analysis made once more gives something else here",
                    findings,
                )
    findings.checked.append("the analysis, made once more from its log and design")
    if len(findings.problems) > before and fresh["versions"] != manifest.get("versions"):
        findings.wrong(
            "versions-differ",
            f"the report was made with {_versions(manifest.get('versions'))} and checked with "
            f"{_versions(fresh['versions'])}",
            level="warning",
            file=MANIFEST,
        )


def renderings_in(manifest: Manifest, command: Command) -> tuple[Rendering, ...]:
    """The reports that a folder holds; an older manifest has them in its command line alone.

    Raises:
        TypeError: an entry is no rendering.
        ValueError: it is none that this version can make.
    """
    listed = manifest.get("renderings")
    if listed is None:
        return renderings_of(FULL, command.languages, command.formats, plain=True)
    return tuple(rendering_from(entry) for entry in listed)


def not_repeated(error: PraktijktestError, findings: "Findings") -> None:
    """Note that, and why, a report cannot be made once more."""
    findings.wrong("not-repeated", f"the analysis cannot be made once more: {error.message}")
    findings.problems += error.problems


def _versions(versions: Any) -> str:
    if not isinstance(versions, dict):
        return "unknown versions"
    return ", ".join(f"{name} {number}" for name, number in versions.items())
