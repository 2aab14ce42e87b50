"""What a round has come to: from its events, in their order, to the state of every application."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from praktijktest.fieldwork.events import EMPTY, Event, Head

MOVING: Final = frozenset(("sent", "reply", "declined", "failed"))
"""Kinds of events that happen in the world and so say how far the round has come."""


@dataclass(frozen=True, slots=True)
class Coding:
    """One person's code for a reply.

    Attributes:
        coder: pseudonym.
        outcome: raw outcome code.
        evidence: none, comparative or explicit; "" where the coder did not say.
        basis: blind, confirmed or single.
    """

    coder: str
    outcome: str
    evidence: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply to an application.

    Attributes:
        id: id of the reply within its application.
        replied_at: when it came, ISO, "" unknown.
        channel: mail, phone, sms …
        outcome: raw code in force; "" while nobody coded it or coders disagree.
        evidence: in force; "" where nobody said.
        words: hash of the document with its words.
        message: hash of the raw message.
        codings: every coding, in the order they came in; none overwrites another.
        suggested: code suggested from a phrase.
        phrase: that phrase.
        caller: pseudonym of the number that called.
        adjudicated: outcome on which coders who disagreed settled; "" where none.
    """

    id: str
    replied_at: str = ""
    channel: str = ""
    outcome: str = ""
    evidence: str = ""
    words: str = ""
    message: str = ""
    codings: tuple[Coding, ...] = ()
    suggested: str = ""
    phrase: str = ""
    caller: str = ""
    adjudicated: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationState:
    """One application as it stands.

    Attributes:
        application: its id.
        test: id of its test.
        planned: the plan has, or had, it.
        withdrawn: it was taken out of the plan.
        fields: column -> value in force: what was corrected, else what was sent, else what
            was planned.
        sent: it was sent, was answered, or failed.
        replies: in the order of their times.
        failed: reason code, "" where nothing failed.
        declined_at: when an invitation was declined; "" not yet.
        corrections: how many values were corrected.
    """

    application: str
    test: str
    planned: bool
    withdrawn: bool
    fields: dict[str, str]
    sent: bool
    replies: tuple[Reply, ...] = ()
    failed: str = ""
    declined_at: str = ""
    corrections: int = 0


@dataclass(frozen=True, slots=True)
class RoundState:
    """A round as it stands.

    Attributes:
        applications: by id, in the order the ledger came to know them.
        events: how many events there are.
        head: end of the chain.
        last_moment: the latest sending, reply, declining or failure, as its source wrote it.
        messages: events about kept mail (`message`, `matched`).
        adverts: events about evidence of adverts.
        notes: notes.
        left: what left the ledger (`exported`, `snapshot`).
    """

    applications: dict[str, ApplicationState]
    events: int = 0
    head: Head = EMPTY
    last_moment: str = ""
    messages: tuple[Event, ...] = ()
    adverts: tuple[Event, ...] = ()
    notes: tuple[Event, ...] = ()
    left: tuple[Event, ...] = ()


def state_of(events: Iterable[Event]) -> RoundState:
    """The state of a round from its events, in the order of the ledger.

    Within an application the order of a reply and of the sending plays no part, so sources
    may come in any order.
    """
    with _collection_paused():
        return _state_of(events)


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Millions of small objects that all stay: looking for garbage among them is most work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _state_of(events: Iterable[Event]) -> RoundState:
    known: dict[str, _Application] = {}
    texts: dict[str, str] = {}
    kept: dict[str, list[Event]] = {name: [] for name in set(_KEPT.values())}
    count, head, last = 0, EMPTY, ""
    for event in events:
        count += 1
        head = Head(event.sequence, event.hash)
        if event.kind in _KEPT:
            kept[_KEPT[event.kind]].append(event)
        if event.kind in MOVING:
            last = max(last, event.happened_at)
        take = _TAKES.get(event.kind)
        if take is None or not event.application:
            continue
        found = known.get(event.application)
        if found is None:
            found = known[event.application] = _Application(event.application, event.test)
        # The same few texts come back on every row: keep one copy of each.
        values = {
            name: text if name in _UNIQUE else texts.setdefault(text, text)
            for name, text in event.values.items()
        }
        take(found, values)
    return RoundState(
        # One goes as the other comes, so that a large round is never in memory twice.
        applications={name: known.pop(name).frozen() for name in list(known)},
        events=count,
        head=head,
        last_moment=last,
        messages=tuple(kept["messages"]),
        adverts=tuple(kept["adverts"]),
        notes=tuple(kept["notes"]),
        left=tuple(kept["left"]),
    )


_UNIQUE: Final = frozenset(("reply", "words", "message", "phrase"))
"""Values that hardly any two events share."""

_Values = dict[str, str]

_KEPT: Final = {
    "message": "messages",
    "matched": "messages",
    "advert": "adverts",
    "note": "notes",
    "exported": "left",
    "snapshot": "left",
}


def _merged(first: _Values | None, second: _Values | None) -> _Values:
    """Both, the second one winning; where there is only one, that one itself."""
    if not second:
        return first or {}
    return {**first, **second} if first else second


@dataclass(slots=True)
class _Reply:
    """A reply while its events come in; what few replies have is made when it comes."""

    values: _Values = field(default_factory=dict)
    codings: tuple[Coding, ...] = ()
    adjudicated: str = ""
    settled: _Values | None = None

    def settle(self, name: str, value: str) -> None:
        self.settled = {**(self.settled or {}), name: value}

    def frozen(self, name: str) -> Reply:
        get = _merged(self.values, self.settled).get
        return Reply(
            id=name,
            replied_at=get("replied_at", ""),
            channel=get("channel", ""),
            outcome=self._in_force("outcome"),
            evidence=self._in_force("evidence"),
            words=get("words", ""),
            message=get("message", ""),
            codings=self.codings,
            suggested=get("suggested", ""),
            phrase=get("phrase", ""),
            caller=get("caller", ""),
            adjudicated=self.adjudicated,
        )

    def _in_force(self, name: str) -> str:
        """What a person settled, else what came with the reply, else what all coders say."""
        if self.settled and name in self.settled:
            return self.settled[name]
        if self.values.get(name):
            return self.values[name]
        said = {getattr(coding, name) for coding in self.codings}
        return said.pop() if len(said) == 1 else ""


@dataclass(slots=True)
class _Application:
    application: str
    test: str
    planned: _Values | None = None
    withdrawn: bool = False
    was_sent: bool = False
    sent: _Values | None = None
    corrected: _Values | None = None
    replies: dict[str, _Reply] | None = None
    failed: str = ""
    declined_at: str = ""
    corrections: int = 0

    def take_planned(self, values: dict[str, str]) -> None:
        # What comes back into the plan comes as a whole: nothing of before is left.
        before = None if self.withdrawn else self.planned
        self.planned = _merged(before, values)
        self.withdrawn = False

    def take_withdrawn(self, values: dict[str, str]) -> None:
        self.withdrawn = True

    def take_sent(self, values: dict[str, str]) -> None:
        self.was_sent = True
        self.sent = _merged(self.sent, values)

    def take_reply(self, values: dict[str, str]) -> None:
        self.was_sent = True
        reply = self._reply(values)
        reply.values = _merged(reply.values, values)

    def take_coded(self, values: dict[str, str]) -> None:
        coding = Coding(
            coder=values.get("coder", ""),
            outcome=values.get("outcome", ""),
            evidence=values.get("evidence", ""),
            basis=values.get("basis", ""),
        )
        reply = self._reply(values)
        reply.codings = (*reply.codings, coding)

    def take_adjudicated(self, values: dict[str, str]) -> None:
        reply = self._reply(values)
        reply.adjudicated = values.get("outcome", "")
        reply.settle("outcome", reply.adjudicated)

    def take_corrected(self, values: dict[str, str]) -> None:
        self.corrections += 1
        name, new = values.get("field", ""), values.get("new", "")
        if "reply" in values:
            self._reply(values).settle(name, new)
        elif name == "failed":
            self.failed = new
        elif name == "declined_at":
            self.declined_at = new
        else:
            self.corrected = _merged(self.corrected, {name: new})

    def take_failed(self, values: dict[str, str]) -> None:
        self.was_sent = True
        self.failed = values.get("failed", "")

    def take_declined(self, values: dict[str, str]) -> None:
        self.declined_at = values.get("declined_at", "")

    def _reply(self, values: dict[str, str]) -> _Reply:
        if self.replies is None:
            self.replies = {}
        return self.replies.setdefault(values.get("reply", ""), _Reply())

    def frozen(self) -> ApplicationState:
        fields = _merged(_merged(self.planned, self.sent), self.corrected)
        if self.corrected:
            fields = {name: text for name, text in fields.items() if text}
        replies = [reply.frozen(name) for name, reply in (self.replies or {}).items()]
        return ApplicationState(
            application=self.application,
            test=self.test,
            planned=self.planned is not None,
            withdrawn=self.withdrawn,
            fields=fields,
            sent=self.was_sent,
            replies=tuple(sorted(replies, key=lambda reply: (reply.replied_at, reply.id))),
            failed=self.failed,
            declined_at=self.declined_at,
            corrections=self.corrections,
        )


_TAKES: Final = {
    "planned": _Application.take_planned,
    "drawn": _Application.take_planned,
    "withdrawn": _Application.take_withdrawn,
    "sent": _Application.take_sent,
    "reply": _Application.take_reply,
    "coded": _Application.take_coded,
    "adjudicated": _Application.take_adjudicated,
    "corrected": _Application.take_corrected,
    "failed": _Application.take_failed,
    "declined": _Application.take_declined,
}
