"""A report made once more from its log and design, and compared with the one at hand."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import PraktijktestError, shown

if TYPE_CHECKING:
    from praktijktest.analysis import AnyAnalysis
    from praktijktest.rounds.verify import Findings

MANIFEST: Final = "manifest.json"
DESIGN: Final = "design.toml"
BEFORE: Final = 30
"""Characters shown in front of the first one that differs."""

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """What the command line in a manifest said."""

    logs: tuple[str, ...]
    formats: tuple[str, ...]
    language: str
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
        language=options.get("--lang", "en"),
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
                language=command.language,
                formats=command.formats,
                command=manifest["command"],
                ledger=manifest.get("ledger"),
            )
        except PraktijktestError as error:
            not_repeated(error, findings)
            return
        fresh = json.loads((again / MANIFEST).read_text(encoding="utf-8"))
        for entry in fresh["outputs"]:
            _compare_file(folder / entry["file"], again / entry["file"], entry["file"], findings)
    findings.checked.append("the analysis, made once more from its log and design")
    if len(findings.problems) > before and fresh["versions"] != manifest.get("versions"):
        findings.wrong(
            "versions-differ",
            f"the report was made with {_versions(manifest.get('versions'))} and checked with "
            f"{_versions(fresh['versions'])}",
            level="warning",
            file=MANIFEST,
        )


def _compare_file(old: Path, new: Path, name: str, findings: "Findings") -> None:
    if not old.is_file() or old.read_bytes() == new.read_bytes():
        return
    row, line = _first_difference(old.read_bytes(), new.read_bytes())
    findings.wrong(
        "output-differs",
        "the analysis made once more gives something else here",
        file=name,
        row=row,
        value=line,
    )


def _first_difference(old: bytes, new: bytes) -> tuple[int | None, str | None]:
    """The line that differs and what stands there, from the difference on."""
    for row, (was, now) in enumerate(zip_longest(old.split(b"\n"), new.split(b"\n")), start=1):
        if was != now:
            if was is None or now is None:
                return row, "(no line)" if was is None else shown(was.decode("utf-8", "replace"))
            same = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), 0)
            return row, shown(was[max(0, same - BEFORE) :].decode("utf-8", "replace"))
    return None, None


def not_repeated(error: PraktijktestError, findings: "Findings") -> None:
    """Note that, and why, a report cannot be made once more."""
    findings.wrong("not-repeated", f"the analysis cannot be made once more: {error.message}")
    findings.problems += error.problems


def _versions(versions: Any) -> str:
    if not isinstance(versions, dict):
        return "unknown versions"
    return ", ".join(f"{name} {number}" for name, number in versions.items())
