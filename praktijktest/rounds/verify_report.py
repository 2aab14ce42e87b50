"""A report folder: its files against the manifest, and the whole analysis once more."""

import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from praktijktest.problems import PraktijktestError, UsageError
from praktijktest.rounds.as_of import as_of_moment
from praktijktest.rounds.manifest import MANIFEST
from praktijktest.rounds.report_again import (
    DESIGN,
    Manifest,
    command_of,
    compare_again,
    not_repeated,
    renderings_in,
)
from praktijktest.rounds.report_sources import round_above
from praktijktest.rounds.verify_documents import REPORTS, check_document
from praktijktest.rounds.verify_renderings import (
    RENDERINGS,
    check_renderings,
    check_renderings_of,
)
from praktijktest.storage import folder_kind, sha256_of_file

if TYPE_CHECKING:
    from praktijktest.rounds.verify import Findings

EXPORT: Final = "export-"
"""How the kind of an export begins, which does not tell what it was made from."""

FINGERPRINTS: Final = ("inputs", "outputs")

Advance = Callable[[int], None]


def check_report(
    folder: Path,
    logs: Sequence[Path],
    findings: "Findings",
    *,
    store: str | None,
    advance: Advance | None,
) -> None:
    """Check the files of a report folder and, where its log is at hand, the analysis.

    Raises:
        UsageError: a log that was named is missing.
    """
    manifest = check_files(folder, findings)
    if manifest is None:
        return
    for log in logs:
        if not log.exists():
            raise UsageError(f"There is no file {log.name or log}.")
    if manifest.get("kind") == RENDERINGS:
        check_renderings_of(folder, manifest, logs, findings)
    elif manifest.get("kind") in REPORTS:
        check_document(folder, manifest, logs, findings)
    elif str(manifest.get("kind")).startswith(EXPORT):
        check_renderings(folder, manifest, findings)
    elif "ledger" in manifest:
        _check_from_ledger(folder, manifest, logs, findings, store, advance)
    elif logs:
        _check_from_logs(folder, manifest, logs, findings)
    else:
        names = [entry["file"] for entry in manifest["inputs"][:-1]] or ["standard input"]
        check_renderings(folder, manifest, findings)
        findings.unchecked.append(
            f"the analysis itself: name the log with --log ({', '.join(names)})"
        )


def check_files(folder: Path, findings: "Findings", prefix: str = "") -> Manifest | None:
    """Every file of a report folder against its manifest; None where there is none to read."""
    manifest = _read_manifest(folder, findings, prefix)
    if manifest is None:
        return None
    for entry in manifest["outputs"]:
        path = folder / entry["file"]
        if not path.is_file():
            findings.wrong("output-missing", "the file is gone", file=prefix + entry["file"])
        elif sha256_of_file(path) != entry["sha256"]:
            findings.wrong(
                "output-changed",
                "the file is not what was written",
                file=prefix + entry["file"],
                hint="make the report again",
            )
    _check_design(folder, manifest, findings, prefix)
    findings.checked.append(f"{len(manifest['outputs'])} files of the report{_of(prefix)}")
    known = {MANIFEST, *(entry["file"] for entry in manifest["outputs"])}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known:
            findings.wrong(
                "output-added",
                "the file is no part of the report",
                level="warning",
                file=prefix + name,
            )
    return manifest


def _check_design(folder: Path, manifest: Manifest, findings: "Findings", prefix: str) -> None:
    """The copy of the design against the design that was read, which is the last input."""
    copy = folder / DESIGN
    known = [entry["sha256"] for entry in manifest["inputs"][-1:]]
    if copy.is_file() and known != [sha256_of_file(copy)]:
        findings.wrong(
            "design-other",
            "the design in the report is not the one it was made with",
            file=prefix + DESIGN,
        )


def _of(prefix: str) -> str:
    return f" in {prefix.rstrip('/')}" if prefix else ""


def _read_manifest(folder: Path, findings: "Findings", prefix: str) -> Manifest | None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        lists = [*(manifest[kind] for kind in FINGERPRINTS), manifest["command"]]
        if not all(isinstance(one, list) for one in lists):
            raise TypeError(MANIFEST)
        for kind in FINGERPRINTS:
            for entry in manifest[kind]:
                if not isinstance(entry["file"], str) or not isinstance(entry["sha256"], str):
                    raise TypeError(kind)
                if ".." in Path(entry["file"]).parts or Path(entry["file"]).is_absolute():
                    raise ValueError(kind)
        if not all(isinstance(word, str) for word in manifest["command"]):
            raise TypeError("command")
        renderings_in(manifest, command_of(manifest["command"]))
    except (OSError, ValueError, TypeError, KeyError):
        findings.wrong(
            "manifest-unreadable",
            "this is no manifest as the program wrote it",
            file=prefix + MANIFEST,
            hint="make the report again",
        )
        return None
    return dict(manifest)


def _check_from_ledger(
    folder: Path,
    manifest: Manifest,
    logs: Sequence[Path],
    findings: "Findings",
    store: str | None,
    advance: Advance | None,
) -> None:
    """Analyse the ledger again, as it was at the event that the report names."""
    from praktijktest.rounds.analyse import analyse_round
    from praktijktest.rounds.round_store import open_round
    from praktijktest.rounds.verify_round import check_chain

    home = logs[0] if logs else round_above(folder)
    if home is None or folder_kind(home) != "round":
        check_renderings(folder, manifest, findings)
        findings.unchecked.append(
            "the analysis itself: name the round folder with --log, for its ledger"
        )
        return
    ledger, command = manifest["ledger"], command_of(manifest["command"])
    try:
        with open_round(home, store=store, create=False) as opened:
            if not check_chain(opened.ledger, findings, advance):
                return
            event = next(opened.ledger.events(after=ledger["sequence"] - 1), None)
        if event is None or event.hash != ledger["hash"]:
            findings.wrong(
                "ledger-other",
                f"event {ledger['sequence']} of the ledger is not the one the report was made from",
                file=MANIFEST,
                value=ledger["hash"],
            )
            return
        found = analyse_round(
            home,
            folder / DESIGN,
            store=store,
            until=ledger["sequence"],
            as_of=_moment(command.as_of),
            skip_bad_rows=command.skip_bad_rows,
        )
    except PraktijktestError as error:
        not_repeated(error, findings)
        return
    compare_again(folder, manifest, command, found.analysis, [], findings)


def _check_from_logs(
    folder: Path, manifest: Manifest, logs: Sequence[Path], findings: "Findings"
) -> None:
    """Analyse the log again, under the name it had."""
    from praktijktest.rounds.analyse import analyse

    command = command_of(manifest["command"])
    own = manifest["inputs"][:-1]
    with tempfile.TemporaryDirectory() as scratch:
        sources = _under_their_names(logs, own, Path(scratch), findings)
        streamed = command.logs == ("-",)
        stream = logs[0].open("rb") if streamed else None
        try:
            analysis = analyse(
                ["-"] if streamed else sources,
                folder / DESIGN,
                as_of=_moment(command.as_of),
                skip_bad_rows=command.skip_bad_rows,
                stream=stream,
            )
        except PraktijktestError as error:
            not_repeated(error, findings)
            return
        finally:
            if stream is not None:
                stream.close()
        compare_again(folder, manifest, command, analysis, sources, findings)


def _under_their_names(
    logs: Sequence[Path], own: list[dict[str, str]], scratch: Path, findings: "Findings"
) -> list[Path]:
    """The logs given, in the order and under the names that the manifest has for them."""
    given = {sha256_of_file(log): log for log in logs}
    rest = [log for sha, log in given.items() if sha not in {entry["sha256"] for entry in own}]
    found = []
    for number, entry in enumerate(own):
        log = given.get(entry["sha256"])
        if log is None and rest:
            log = rest.pop(0)
            findings.wrong(
                "input-changed",
                f"this is not the log that was analysed ({entry['file']})",
                file=log.name,
            )
        if log is None:
            findings.wrong(
                "input-missing", "this part of the log was not named", file=entry["file"]
            )
            continue
        place = scratch / str(number) / entry["file"]
        place.parent.mkdir()
        place.symlink_to(log.resolve())
        found.append(place)
    return found or list(logs)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else as_of_moment(text)
