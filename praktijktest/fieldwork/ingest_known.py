"""What the ledger already says about each application, as far as a source can repeat it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from praktijktest.fieldwork.events import Event

KINDS: Final = frozenset(
    ("planned", "drawn", "withdrawn", "sent", "reply", "corrected", "failed", "note")
)
"""Kinds of events that a source can repeat or contradict."""


ITS_OWN: Final = frozenset(("sent_at", "replied_at", "reply", "note", "send_at"))
"""Values that hardly two events share; of all others one copy is kept."""


@dataclass(slots=True)
class KnownReply:
    """One reply.

    Attributes:
        id: id of the reply.
        values: replied_at, outcome, evidence, coder: the values in force.
        typed: it was read from a table; false for mail and replies added by hand.
        past: column -> values that were corrected, so that an old file does not contradict.
        row: row of the source being read that told of it, 0 for a reply of the ledger.
    """

    id: str
    values: dict[str, str]
    typed: bool
    past: dict[str, set[str]] | None = None
    row: int = 0


@dataclass(slots=True)
class KnownApplication:
    """One application.

    Attributes:
        application: its id.
        test: id of its test.
        planned: the plan has it.
        withdrawn: it was taken out of the plan.
        sent: the ledger holds that it was sent.
        fields: column -> value in force.
        replies: its replies.
        failed: reason code, "" where nothing failed.
        notes: hashes of its notes.
        past: column -> values that were corrected.
        row: row of the source being read that told of it, 0 for one of the ledger.
    """

    application: str
    test: str
    planned: bool = False
    withdrawn: bool = False
    sent: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    replies: tuple[KnownReply, ...] = ()
    failed: str = ""
    notes: set[str] | None = None
    past: dict[str, set[str]] | None = None
    row: int = 0


@dataclass(slots=True)
class Known:
    """Every application of the ledger, by its id and by its test and profile."""

    applications: dict[str, KnownApplication] = field(default_factory=dict)
    _by_test: dict[tuple[str, str], list[KnownApplication]] | None = None

    @property
    def planned(self) -> bool:
        """Whether the round has a plan."""
        return any(known.planned for known in self.applications.values())

    def of_test(self, test: str, profile: str) -> list[KnownApplication]:
        """The applications of this profile in this test, without those withdrawn."""
        if self._by_test is None:
            self._by_test = {}
            for known in self.applications.values():
                if not known.withdrawn:
                    key = (known.test, known.fields.get("profile", ""))
                    self._by_test.setdefault(key, []).append(known)
        return self._by_test.get((test, profile), [])


def known_of(events: Iterable[Event]) -> Known:
    """What the ledger says, from its events in their order."""
    known = Known()
    same: dict[str, str] = {}
    for event in events:
        if not event.application or event.kind not in KINDS:
            continue
        application = known.applications.get(event.application)
        if application is None:
            application = KnownApplication(event.application, event.test)
            known.applications[event.application] = application
        values = {
            name: text if name in ITS_OWN else same.setdefault(text, text)
            for name, text in event.values.items()
        }
        _take(application, event, values)
    return known


def _take(known: KnownApplication, event: Event, values: dict[str, str]) -> None:
    """Let one event change what is known of its application."""
    if event.kind in ("planned", "drawn"):
        known.planned, known.withdrawn = True, False
        known.fields.update(values)
    elif event.kind == "withdrawn":
        known.withdrawn = True
    elif event.kind == "sent":
        known.sent = True
        known.fields = {**known.fields, **values}
    elif event.kind == "reply":
        known.sent = True
        _take_reply(known, values, typed=bool(event.source) and "message" not in values)
    elif event.kind == "failed":
        known.sent, known.failed = True, values.get("failed", "")
    elif event.kind == "note":
        known.notes = (known.notes or set()) | {values.get("note", "")}
    else:
        _correct(known, values)


def _take_reply(known: KnownApplication, values: dict[str, str], *, typed: bool) -> None:
    name = values.pop("reply", "")
    for reply in known.replies:
        if reply.id == name:
            reply.values.update(values)
            return
    known.replies = (*known.replies, KnownReply(name, values, typed))


def _correct(known: KnownApplication, values: dict[str, str]) -> None:
    column, old, new = values.get("field", ""), values.get("old", ""), values.get("new", "")
    for reply in known.replies:
        if reply.id == values.get("reply"):
            reply.past = {**(reply.past or {})}
            reply.past[column] = {*reply.past.get(column, ()), old}
            reply.values[column] = new
            return
    if known.past is None:
        known.past = {}
    known.past.setdefault(column, set()).add(old)
    if column == "failed":
        known.failed = new
    else:
        known.fields[column] = new


def reply_id(application: str, replied_at: str, channel: str, document: str, ordinal: int) -> str:
    """The id of a reply: the same reply told twice has the same one.

    Args:
        application: id of the application.
        replied_at: when it came, as the ledger writes it.
        channel: mail, phone …; "" where the source does not say.
        document: hash of the message or words, "" where there are none.
        ordinal: how many replies that agree on all this came before.
    """
    text = "|".join((application, replied_at, channel, document, str(ordinal)))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]
