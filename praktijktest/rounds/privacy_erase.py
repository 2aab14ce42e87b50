"""`privacy erase`: names and their key, or raw messages, gone for good; the chain still holds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import DataError, Problem, RefusedError, UsageError
from praktijktest.storage import sha256_of_file

if TYPE_CHECKING:
    from praktijktest.fieldwork.case_steps import Case
    from praktijktest.fieldwork.events import NewEvent
    from praktijktest.fieldwork.ledger import Writing
    from praktijktest.rounds.round_store import OpenRound

ERASABLE: Final = ("identities", "messages")


@dataclass(frozen=True, slots=True)
class ErasureSummary:
    """What was erased.

    Attributes:
        round_id: id of the round.
        classes: identities, messages.
        identities: pseudonyms that stand for nobody any more.
        documents: raw messages, words, notes, adverts and sources.
        files: files with names that were removed from the round folder.
        kept: pseudonyms of open cases whose names stay.
        sequence: number of the event in the ledger.
        head: its hash.
        warnings: what is out of reach.
    """

    round_id: str
    classes: tuple[str, ...]
    identities: int
    documents: int
    files: tuple[str, ...]
    kept: tuple[str, ...]
    sequence: int
    head: str
    warnings: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "format": 1,
            "kind": "erasure",
            "round": self.round_id,
            "classes": list(self.classes),
            "identities": self.identities,
            "documents": self.documents,
            "files": list(self.files),
            "kept": list(self.kept),
            "head": {"sequence": self.sequence, "hash": self.head},
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        lines = [f"Erased: {self.identities} identities, {self.documents} documents."]
        if self.files:
            lines.append(f"Removed from the folder: {', '.join(self.files)}.")
        if self.kept:
            lines.append(f"Kept, because their cases are open: {', '.join(self.kept)}.")
        lines.append(f"Event {self.sequence} of the ledger says so; its chain still holds.")
        return lines


def erase_round(
    folder: Path,
    *,
    classes: Sequence[str] = ERASABLE,
    reason: str,
    keep_open_cases: bool = False,
    before_date: bool = False,
    confirmed: bool = False,
    store: str | None = None,
    who: str | None = None,
    today: date | None = None,
) -> ErasureSummary:
    """Erase names, or raw messages, or both, and note it in the ledger.

    The store is erased first, within the transaction of the event: where that fails, nothing is
    noted. Files are removed when the event is stored, with their hashes: whatever interrupts
    the command, giving it again finishes it, and no file is gone of which nothing was noted.

    Args:
        folder: the round folder.
        classes: identities, messages.
        reason: why; it stays readable in the ledger, so it should hold no names.
        keep_open_cases: leave names and messages of targets with an open case.
        before_date: erase although the date of the design has not come.
        confirmed: the person has said that it may not be undone.
        store: URL of the ledger; default as for `ingest`.
        who: who erases.
        today: day of the erasure; default: today.

    Raises:
        UsageError: no reason, an unknown class, no confirmation, no identity store.
        RefusedError: the date has not come, a case is open, or the identity store is that of
            another round.
        VerificationError: the ledger was changed from outside.
        DataError: a file cannot be removed.
    """
    from praktijktest.rounds.export_gate import require_chain, require_nameless
    from praktijktest.rounds.round_store import open_round

    _require_asked(classes, reason, confirmed=confirmed)
    day = today or date.today()
    with open_round(folder, store=store, who=who, create=False) as opened:
        _require_date(opened, classes, day, before_date=before_date)
        require_chain(opened, done="erased")
        require_nameless(opened, [("--reason", reason)])
        _require_own_store(opened)
        with opened.ledger.writing(opened.who) as writing:
            open_cases = _open_cases(writing, keep=keep_open_cases)
            summary = _erased(opened, writing, classes, reason, open_cases)
        _remove(opened.folder, summary.files)
    return summary


def _require_asked(classes: Sequence[str], reason: str, *, confirmed: bool) -> None:
    """What the command itself has to say."""
    unknown = [name for name in classes if name not in ERASABLE]
    if unknown or not classes:
        raise UsageError(
            f"{', '.join(unknown) or 'nothing'} cannot be erased by itself; what can: "
            f"{', '.join(ERASABLE)}. The log holds no names; when its own date has passed, remove "
            "round.db and snapshot.csv yourself."
        )
    if not reason.strip():
        raise UsageError("Erasing needs a reason: --reason TEXT.")
    if not confirmed:
        raise UsageError("Erasing cannot be undone; say --yes when that is meant.")


def _require_date(
    opened: "OpenRound", classes: Sequence[str], today: date, *, before_date: bool
) -> None:
    from praktijktest.casework.holdings import retention

    early = [
        kept
        for kept in retention(opened.design)
        if kept.data_class in classes and not kept.is_over(today)
    ]
    if early and not before_date:
        until = early[0].until.isoformat() if early[0].until else "no date that is declared"
        raise RefusedError(
            f"The {early[0].data_class} are kept until {until}; to erase them before that, say "
            "--before-date."
        )


def _require_own_store(opened: "OpenRound") -> None:
    """See that the identity store is that of this ledger, as far as anything can be known of it.

    Raises:
        RefusedError: it knows agents, and none of those that the ledger has.
    """
    known = opened.identities.everybody("target")
    if not known or opened.identities.erased_on():
        return
    planned = opened.ledger.events(kinds=["planned", "sent"])
    tested = {event.values["target"] for event in planned if "target" in event.values}
    if tested and not tested & known.keys():
        raise RefusedError(
            f"The identity store in {opened.identities.store.place} knows none of the agents of "
            "this ledger: it belongs to another round of the same id. Nothing was erased."
        )


def _remove(folder: Path, files: Sequence[str]) -> None:
    """Remove files that the ledger notes as erased.

    Raises:
        DataError: some cannot be removed; the others are gone.
    """
    problems = []
    for name in files:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or "the system refuses"
            problems.append(Problem(code="not-removed", message=reason, file=name))
    if problems:
        raise DataError(
            "Names and messages were erased and the ledger says so, but files with names are "
            "still here; remove what is in the way and give the command again.",
            problems,
        )


def _open_cases(writing: "Writing", *, keep: bool) -> "dict[str, Case]":
    from praktijktest.fieldwork.case_steps import cases_of

    cases = cases_of(writing.events(kinds=["case"]))
    still_open = {target: case for target, case in cases.items() if case.is_open}
    if still_open and not keep:
        raise RefusedError(
            f"{len(still_open)} cases are open ({', '.join(sorted(still_open))}): close them, or "
            "leave theirs with --keep-open-cases."
        )
    return still_open


def _erased(
    opened: "OpenRound",
    writing: "Writing",
    classes: Sequence[str],
    reason: str,
    open_cases: "dict[str, Case]",
) -> ErasureSummary:
    from praktijktest.casework.holdings import named_files
    from praktijktest.fieldwork.erasure import erase
    from praktijktest.rounds.privacy_status import names_elsewhere

    names, documents = "identities" in classes, "messages" in classes
    elsewhere = names_elsewhere(opened)
    files = named_files(opened.folder) if names else []
    hashes = {path.relative_to(opened.folder).as_posix(): sha256_of_file(path) for path in files}
    keep, keep_documents = _what_stays(writing, open_cases)
    head = writing.append([_event(classes, reason, hashes, sorted(open_cases))])
    at = datetime.now(UTC).isoformat(timespec="seconds")
    gone = erase(
        opened.identities,
        names=names,
        documents=documents,
        at=at,
        keep=keep,
        keep_documents=keep_documents,
    )
    return ErasureSummary(
        round_id=opened.design.round.id,
        classes=tuple(classes),
        identities=gone.identities,
        documents=gone.documents,
        files=tuple(hashes),
        kept=tuple(sorted(open_cases)),
        sequence=head.sequence,
        head=head.hash,
        warnings=(_out_of_reach(), *elsewhere),
    )


def _event(
    classes: Sequence[str], reason: str, hashes: dict[str, str], kept: Collection[str]
) -> "NewEvent":
    from praktijktest.fieldwork.events import NewEvent

    values = {
        "classes": ",".join(classes),
        "reason": " ".join(reason.split()),
        "kept": ",".join(kept),
        **{f"file:{name}": digest for name, digest in hashes.items()},
    }
    return NewEvent("erased", values={name: text for name, text in values.items() if text})


def _what_stays(
    writing: "Writing", open_cases: "dict[str, Case]"
) -> tuple[frozenset[str], frozenset[str]]:
    """Pseudonyms and documents of targets with an open case."""
    if not open_cases:
        return frozenset(), frozenset()
    from praktijktest.fieldwork.state import state_of

    state = state_of(writing.events())
    own = [one for one in state.applications.values() if one.fields.get("target") in open_cases]
    tests = {one.test for one in own}
    groups = {one.fields.get("target_group", "") for one in own}
    adverts = {one.fields.get("advert", "") for one in own}
    words = {
        text
        for event in writing.events()
        if event.test in tests or event.values.get("target") in open_cases
        for name, text in event.values.items()
        if name in ("message", "words", "note", "document", "detail")
    }
    return frozenset({*open_cases, *groups, *adverts} - {""}), frozenset(words)


def _out_of_reach() -> Problem:
    return Problem(
        code="copies",
        message="copies of the stores and files made before (backups, mail, other folders) are "
        "out of reach of this command",
        level="warning",
        hint="erase them too, and note it in the record of processing",
    )
