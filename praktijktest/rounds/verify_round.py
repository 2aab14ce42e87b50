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
    """Check everything in a round folder.

    Raises:
        UnreachableError: the ledger's server does not answer, which says nothing about it.
    """
    from praktijktest.fieldwork.store import UnreachableError
    from praktijktest.rounds.round_store import open_round

    erased = frozenset[str]()
    try:
        with open_round(folder, store=store, create=False) as opened:
            if check_chain(opened.ledger, findings, advance):
                _check_snapshots(opened, findings)
                erased = _erased_files(opened.ledger)
                _check_erasure(opened, findings)
            _check_documents(opened, findings)
    except UsageError as error:
        _without_ledger(folder, findings, error.message)
    except UnreachableError:
        raise
    except (DataError, RefusedError) as error:
        findings.wrong("store-unreadable", error.message)
    _check_lock(folder, findings, erased)
    _check_reports(folder, findings)


def _erased_files(ledger: "Ledger") -> frozenset[str]:
    """Files with names that the ledger notes as erased."""
    return frozenset(name for name, _ in _erased_hashes(ledger))


def _erased_hashes(ledger: "Ledger") -> frozenset[tuple[str, str]]:
    """Name and SHA-256 of every file that the ledger notes as erased."""
    return frozenset(
        (name.removeprefix("file:"), text)
        for event in ledger.events(kinds=["erased"])
        for name, text in event.values.items()
        if name.startswith("file:")
    )


def _check_erasure(opened: "OpenRound", findings: "Findings") -> None:
    """An erasure that was interrupted.

    The store knows of it and the ledger does not, or files that are noted as erased are here.
    """
    again = "give the command again: praktijktest privacy erase"
    noted = any(
        "identities" in event.values["classes"].split(",")
        for event in opened.ledger.events(kinds=["erased"])
    )
    if not noted and (day := _erased_in_store(opened)):
        findings.wrong(
            "erasure-unfinished",
            f"the identities were erased on {day[:10]} and the ledger does not say so: the "
            "command was interrupted",
            hint=again,
        )
    for name, digest in sorted(_erased_hashes(opened.ledger)):
        path = opened.folder / name
        if path.is_file() and sha256_of_file(path) == digest:
            findings.wrong(
                "erased-file-here",
                "the ledger notes that this file was erased, and it is here",
                file=name,
                hint=again,
            )


def _erased_in_store(opened: "OpenRound") -> str:
    try:
        return opened.identities.erased_on()
    except PraktijktestError:
        # That the store is not here or cannot be read is said where its documents are checked.
        return ""


def _without_ledger(folder: Path, findings: "Findings", why: str) -> None:
    """A round that has not begun has no ledger; one that has left traces has lost it."""
    traces = [name for name in ("identities.db", "snapshot.csv") if (folder / name).is_file()]
    file = folder / "round.db"
    if not traces or (file.is_file() and file.stat().st_size):
        findings.unchecked.append(f"ledger: {why}")
        return
    findings.wrong(
        "ledger-missing",
        f"the ledger is not here, but {' and '.join(traces)} are what it leaves",
        file=file.name,
        hint="bring round.db back, or name the database with --store",
    )


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
        kept = opened.identities.kept()
    except UsageError:
        findings.unchecked.append("documents: the identity store is not here")
        return
    except PraktijktestError as error:
        findings.wrong("store-unreadable", error.message)
        return
    findings.problems += problems
    findings.checked.append(f"{len(kept)} documents in the identity store")
    missing = _documents_named(opened.ledger) - kept
    if missing:
        findings.wrong(
            "documents-missing",
            f"{len(missing)} documents that the ledger names are not in the identity store",
            value=min(missing),
            hint="raw messages, words, notes or adverts were taken away, or the identity store "
            "is an older copy",
        )


def _documents_named(ledger: "Ledger") -> set[str]:
    """The hashes of messages, words, notes and adverts that the events name.

    Those named before raw messages were erased need not be there any more.
    """
    kinds = ["reply", "message", "matched", "note", "advert", "failed", "case", "erased"]
    named: set[str] = set()
    for event in ledger.events(kinds=kinds):
        if event.kind == "erased" and "messages" in event.values["classes"].split(","):
            named.clear()
        names = ("message", "words", "note", "document", "detail")
        named |= {event.values[name] for name in names if name in event.values}
    return named


def _check_snapshots(opened: "OpenRound", findings: "Findings") -> None:
    """The files in the folder that have the name of a snapshot that the ledger notes.

    Such a file must be one of the snapshots of that name; others were written elsewhere, or
    came before it in its place.
    """
    noted: dict[str, dict[str, Event]] = {}
    for event in opened.ledger.events(kinds=["snapshot"]):
        noted.setdefault(event.values["name"], {})[event.values["sha256"]] = event
    for name, snapshots in noted.items():
        path = opened.folder / name
        if not path.is_file():
            findings.unchecked.append(f"snapshot {name}: the file is not in the round folder")
            continue
        latest = list(snapshots.values())[-1]
        own = snapshots.get(sha256_of_file(path))
        last = (own or latest).values["head_sequence"]
        findings.checked.append(f"snapshot {name}, up to event {last}")
        if own is None:
            row, line = _first_difference(path, opened.ledger, latest)
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


def _check_lock(folder: Path, findings: "Findings", erased: frozenset[str]) -> None:
    """The plan against its lock; what was erased with the names of agents need not be there."""
    from praktijktest.planning.lock import LOCK, is_locked, verify_lock

    if not is_locked(folder):
        return
    findings.checked.append("lock: design, frame, allocation and letters")
    try:
        changes = verify_lock(folder)
        known = _locked_as(erased)
        gone = {one for one in changes if one.state == "missing" and one.what in known}
        findings.problems += [change.problem() for change in changes if change not in gone]
        if gone:
            names = ", ".join(sorted(change.what for change in gone))
            findings.unchecked.append(f"lock: {names}, erased as the ledger notes")
    except PraktijktestError as error:
        findings.wrong("lock-unreadable", error.message, file=LOCK)
        findings.problems += error.problems


def _locked_as(erased: frozenset[str]) -> frozenset[str]:
    """What a lock calls files that were erased."""
    frames = {"frame" for name in erased if name.startswith("frame.")}
    slots = {"slots" for name in erased if name == "plan.csv"}
    return frozenset({*erased, *frames, *slots})


def _check_reports(folder: Path, findings: "Findings") -> None:
    from praktijktest.rounds.verify_report import check_files

    home = folder / "reports"
    for report in sorted(home.iterdir()) if home.is_dir() else ():
        if report.is_dir() and folder_kind(report) == "report":
            check_files(report, findings, f"reports/{report.name}/")
