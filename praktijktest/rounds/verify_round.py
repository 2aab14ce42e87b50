"""The parts of a round folder that can be checked: ledger, documents, snapshots, lock, reports."""

from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from praktijktest.problems import DataError, PraktijktestError, RefusedError, UsageError, shown
from praktijktest.storage import folder_kind, sha256_of_file

if TYPE_CHECKING:
    from praktijktest.fieldwork.events import Event
    from praktijktest.fieldwork.ledger import Ledger
    from praktijktest.rounds.round_store import OpenRound
    from praktijktest.rounds.verify import Findings

Advance = Callable[[int], None]


def check_round(
    folder: Path, findings: "Findings", *, store: str | None, advance: Advance | None
) -> None:
    """Check everything in a round folder."""
    from praktijktest.rounds.round_store import open_round

    _check_lock(folder, findings)
    try:
        with open_round(folder, store=store, create=False) as opened:
            if check_chain(opened.ledger, findings, advance):
                _check_snapshots(opened, findings)
            _check_documents(opened, findings)
    except UsageError as error:
        findings.unchecked.append(f"ledger: {error.message}")
    except (DataError, RefusedError) as error:
        findings.wrong("store-unreadable", error.message)
    _check_reports(folder, findings)


def check_chain(ledger: "Ledger", findings: "Findings", advance: Advance | None) -> bool:
    """Check the chain of a ledger; returns whether it holds."""
    from praktijktest.fieldwork.chain import verify_chain

    problems = verify_chain(ledger, advance)
    findings.problems += problems
    head = ledger.head()
    findings.checked.append(f"ledger, {head.sequence} events, chain {head.hash}")
    return not problems


def _check_documents(opened: "OpenRound", findings: "Findings") -> None:
    """The bytes of messages, words, adverts and sources, where the identity store is at hand."""
    try:
        problems = opened.identities.verify()
        number = opened.identities.document_count()
    except UsageError:
        findings.unchecked.append("documents: the identity store is not here")
        return
    except PraktijktestError as error:
        findings.wrong("store-unreadable", error.message)
        return
    findings.problems += problems
    findings.checked.append(f"{number} documents in the identity store")


def _check_snapshots(opened: "OpenRound", findings: "Findings") -> None:
    """The latest snapshot of each name that the ledger notes, where the file is here."""
    latest = {event.values["name"]: event for event in opened.ledger.events(kinds=["snapshot"])}
    for name, event in latest.items():
        path = opened.folder / name
        if not path.is_file():
            findings.unchecked.append(f"snapshot {name}: the file is not in the round folder")
            continue
        findings.checked.append(f"snapshot {name}, up to event {event.values['head_sequence']}")
        if sha256_of_file(path) != event.values["sha256"]:
            row, line = _first_difference(path, opened.ledger, event)
            findings.wrong(
                "snapshot-changed",
                "the snapshot is not what the ledger notes that was written",
                file=name,
                row=row,
                value=line,
                hint="make it again: praktijktest snapshot",
            )


def _first_difference(
    path: Path, ledger: "Ledger", event: "Event"
) -> tuple[int | None, str | None]:
    """The row of a snapshot that the ledger gives otherwise; None where no row differs."""
    from praktijktest.rounds.frozen_round import freeze

    frozen = freeze(ledger, until=int(event.values["head_sequence"]))
    written = b"".join(frozen.csv()).split(b"\n")
    found = path.read_bytes().split(b"\n")
    for row, (old, new) in enumerate(zip_longest(written, found), start=1):
        if old != new:
            return row, "(no row)" if new is None else shown(new.decode("utf-8", "replace"))
    return None, None


def _check_lock(folder: Path, findings: "Findings") -> None:
    """The plan against its lock."""
    from praktijktest.planning.lock import LOCK, is_locked, verify_lock

    if not is_locked(folder):
        return
    findings.checked.append("lock: design, frame, allocation and letters")
    try:
        findings.problems += [change.problem() for change in verify_lock(folder)]
    except PraktijktestError as error:
        findings.wrong("lock-unreadable", error.message, file=LOCK)
        findings.problems += error.problems


def _check_reports(folder: Path, findings: "Findings") -> None:
    from praktijktest.rounds.verify_report import check_files

    home = folder / "reports"
    for report in sorted(home.iterdir()) if home.is_dir() else ():
        if report.is_dir() and folder_kind(report) == "report":
            check_files(report, findings, f"reports/{report.name}/")
