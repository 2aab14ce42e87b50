"""`privacy extract`: everything that is held about one person or agent, for their own eyes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import Problem, UsageError, shown

if TYPE_CHECKING:
    from praktijktest.fieldwork.events import Event
    from praktijktest.rounds.round_store import OpenRound

DOCUMENT_NAMES: Final = ("words", "message", "note", "document", "detail")
"""Values of an event that name a document by its hash."""
PREFIXES: Final = ("T-", "G-", "A-", "P-", "M-")


@dataclass(frozen=True, slots=True)
class Extract:
    """What is held about one person.

    Attributes:
        document: identity, events with their words, cases, what left the ledger.
        warnings: what is held elsewhere, or was erased.
    """

    document: dict[str, Any]
    warnings: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The extract as plain data."""
        return {**self.document, "problems": [problem.to_dict() for problem in self.warnings]}

    def content(self) -> bytes:
        """The extract as a file."""
        text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
        return f"{text}\n".encode()

    def lines(self) -> list[str]:
        """What there is, for a terminal; the words themselves are in the file."""
        found = self.document
        known = "known" if found["identity"]["plain"] else "not known (any more)"
        return [
            f"{found['pseudonym']}: who this is, is {known}.",
            f"{len(found['events'])} events, {len(found['cases'])} steps of a case, "
            f"{len(found['left'])} times something about this person left the round.",
        ]


def extract(
    folder: Path,
    person: str,
    *,
    reason: str,
    store: str | None = None,
    who: str | None = None,
) -> Extract:
    """Gather what is held about one person, and note in the ledger that it was asked for.

    Args:
        folder: the round folder.
        person: a pseudonym, or the id or name that the frame gave.
        reason: why it is asked for; it stays readable in the ledger, so it holds no names.
        store: URL of the ledger; default as for `ingest`.
        who: who asks.

    Raises:
        UsageError: no reason, or nobody of that name or pseudonym.
        VerificationError: the ledger was changed from outside.
    """
    from praktijktest.rounds.export_gate import note, require_chain, require_nameless
    from praktijktest.rounds.round_store import open_round

    if not reason.strip():
        raise UsageError("An extract needs a reason: --reason TEXT.")
    with open_round(folder, store=store, who=who, create=False) as opened:
        require_chain(opened, done="given out")
        require_nameless(opened, [("--reason", reason)])
        pseudonym = pseudonym_of(opened, person)
        found = _gathered(opened, pseudonym)
        noted = {"what": "extract", "target": pseudonym, "reason": " ".join(reason.split())}
        note(opened, "exported", noted)
    return Extract(found, tuple(_warnings(found)))


def pseudonym_of(opened: "OpenRound", person: str) -> str:
    """The pseudonym of whoever is meant: itself, or by id or name in the identity store.

    Raises:
        UsageError: nobody, or more than one, goes by it.
    """
    wanted = person.strip()
    if wanted[:2] in PREFIXES and _in_ledger(opened, wanted):
        return wanted
    everybody = {
        pseudonym: plain
        for kind in ("target", "target_group", "person", "address")
        for pseudonym, plain in opened.identities.everybody(kind).items()
    }
    by_id = [pseudonym for pseudonym, plain in everybody.items() if plain == wanted]
    if by_id:
        return by_id[0]
    folded = wanted.casefold()
    named = [
        pseudonym
        for pseudonym in everybody
        if opened.identities.details(pseudonym).get("name", "").casefold() == folded
    ]
    if len(named) > 1:
        known = ", ".join(sorted(named))
        raise UsageError(
            f"{len(named)} go by the name {shown(wanted)}: {known}; give the pseudonym of the one "
            "that is meant."
        )
    if not named:
        raise UsageError(f"This round knows nobody by {shown(wanted)}.")
    return named[0]


def _in_ledger(opened: "OpenRound", pseudonym: str) -> bool:
    return any(
        pseudonym == event.who or pseudonym in event.values.values()
        for event in opened.ledger.events()
    )


def _gathered(opened: "OpenRound", pseudonym: str) -> dict[str, Any]:
    from praktijktest.fieldwork.case_steps import cases_of

    events = list(opened.ledger.events())
    tests = {e.test for e in events if e.test and pseudonym in e.values.values()}
    own = [event for event in events if _concerns(event, pseudonym, tests)]
    wanted = {e.values[name] for e in own for name in DOCUMENT_NAMES if name in e.values}
    documents = opened.identities.documents(wanted)
    case = cases_of(events).get(pseudonym)
    return {
        "format": 1,
        "kind": "extract",
        "round": opened.design.round.id,
        "pseudonym": pseudonym,
        "identity": {
            "plain": opened.identities.plain(pseudonym),
            "details": opened.identities.details(pseudonym),
        },
        "events": [_event(event, documents) for event in own if event.kind not in _APART],
        "cases": [step.to_dict() for step in case.steps] if case else [],
        "left": [_left(event) for event in events if _left_with(event, pseudonym)],
        "chain": dict(zip(("sequence", "hash"), opened.ledger.head(), strict=True)),
        "missing_documents": len(wanted - documents.keys()),
    }


_APART: Final = ("case", "exported", "snapshot")


def _concerns(event: "Event", pseudonym: str, tests: set[str]) -> bool:
    """Whether an event is about a person: it names them, they stored it, or it is of their test."""
    return event.who == pseudonym or event.test in tests or pseudonym in event.values.values()


def _event(event: "Event", documents: dict[str, bytes]) -> dict[str, Any]:
    words = {
        name: documents[event.values[name]].decode("utf-8", "replace")
        for name in DOCUMENT_NAMES
        if event.values.get(name) in documents
    }
    return {
        "sequence": event.sequence,
        "kind": event.kind,
        "test": event.test,
        "application": event.application,
        "happened_at": event.happened_at,
        "recorded_at": event.recorded_at,
        "values": dict(event.values),
        "words": words,
    }


def _left_with(event: "Event", pseudonym: str) -> bool:
    """Whether something about this person may have left the round by this event."""
    if event.kind not in ("exported", "snapshot"):
        return False
    about = {*event.values.get("targets", "").split(), event.values.get("target", "")} - {""}
    return not about or pseudonym in about


def _left(event: "Event") -> dict[str, Any]:
    """What left, without whom else it was about."""
    said = _event(event, {})
    return {**said, "values": {n: t for n, t in said["values"].items() if n != "targets"}}


def _warnings(found: dict[str, Any]) -> list[Problem]:
    warnings = [
        Problem(
            code="held-elsewhere",
            message="reports, exports and files outside the two stores are not in this extract",
            level="warning",
            hint="praktijktest privacy status lists the files of the round folder",
        )
    ]
    if found["missing_documents"]:
        warnings.append(
            Problem(
                code="erased",
                message=f"{found['missing_documents']} documents that the ledger names are not "
                "here any more",
                level="warning",
            )
        )
    return warnings


def write_extract(found: Extract, out: Path) -> None:
    """Write an extract to a file that only its owner can read.

    Raises:
        UsageError: the place is a folder.
    """
    from praktijktest.storage import write_atomically

    if out.is_dir():
        raise UsageError(f"{out.name} is a folder; name a file for the extract.")
    write_atomically(out, found.content(), mode=0o600)
