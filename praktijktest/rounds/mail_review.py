"""Mail that waits for a person: what could not be matched, and codes that are only suggested."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import Problem, shown
from praktijktest.vocabulary import FORMAT

if TYPE_CHECKING:
    from praktijktest.fieldwork.identities import Identities
    from praktijktest.fieldwork.mail_events import KnownMessage
    from praktijktest.fieldwork.state import RoundState

SUBJECT_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that belongs to no application yet, or a bounce that nobody confirmed.

    Attributes:
        message: short id of the message.
        kind: ambiguous, unmatched, sent or bounce.
        received_at: when it was written, "" unknown.
        reason: why it waits.
        candidates: applications it may belong to.
        sender, subject: who wrote it and about what; for people, left out of data.
    """

    message: str
    kind: str
    received_at: str
    reason: str
    candidates: tuple[str, ...]
    sender: str
    subject: str


@dataclass(frozen=True, slots=True)
class WaitingReply:
    """A reply by mail that nobody coded.

    Attributes:
        reply: its id.
        application: its application.
        replied_at: when it came, "" unknown.
        message: short id of the message.
        suggested: the code that its words or headers suggest, "" where nothing does.
        phrase: what the suggestion rests on.
    """

    reply: str
    application: str
    replied_at: str
    message: str
    suggested: str
    phrase: str


@dataclass(frozen=True, slots=True)
class MailReview:
    """What waits for a person; unmatched messages first, then codes to confirm."""

    messages: tuple[WaitingMessage, ...]
    replies: tuple[WaitingReply, ...]

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Nothing: waiting is no problem."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """The review as plain data, without senders and subjects."""
        return {
            "format": FORMAT,
            "messages": [
                {
                    "message": one.message,
                    "kind": one.kind,
                    "received_at": one.received_at or None,
                    "reason": one.reason,
                    "candidates": list(one.candidates),
                }
                for one in self.messages
            ],
            "replies": [
                {
                    "reply": one.reply,
                    "application": one.application,
                    "replied_at": one.replied_at or None,
                    "message": one.message,
                    "suggested": one.suggested or None,
                    "phrase": one.phrase or None,
                }
                for one in self.replies
            ],
        }

    def lines(self) -> list[str]:
        """The review for a terminal."""
        lines = [f"Messages that wait for a person: {len(self.messages)}."]
        for one in self.messages:
            lines.append(f"  {one.message}  {one.received_at[:16] or 'no date'}  {one.kind}")
            lines.append(f"      {one.sender or 'sender unknown'}: {one.subject or 'no subject'}")
            named = f" ({', '.join(one.candidates)})" if one.candidates else ""
            lines.append(f"      {one.reason}{named}")
        lines.append(f"Replies by mail without a code: {len(self.replies)}.")
        for reply in self.replies:
            suggested = f"{reply.suggested}?  because of: {reply.phrase}"
            when = reply.replied_at[:16] or "no date"
            lines.append(f"  {reply.reply}  {reply.application}  {when}")
            lines.append(f"      {suggested if reply.suggested else 'no suggestion'}")
        if self.messages:
            lines.append(
                "Give a message to its application: praktijktest mail match MESSAGE APPLICATION"
            )
        if self.replies:
            lines.append(
                "Take a suggestion, or another code: praktijktest mail confirm REPLY [--code CODE]"
            )
        return lines


@dataclass(frozen=True, slots=True)
class ShownMail:
    """The words of a message, safe to print."""

    headers: tuple[tuple[str, str], ...]
    words: str

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Nothing."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """The message as plain data."""
        return {"format": FORMAT, "headers": dict(self.headers), "words": self.words}

    def lines(self) -> list[str]:
        """The message for a terminal."""
        return [*(f"{name}: {text}" for name, text in self.headers), "", self.words]


def review_mail(folder: Path, *, store: str | None = None) -> MailReview:
    """List messages without an application and replies by mail without a code.

    Raises:
        UsageError: it is no round folder, or it has no ledger.
    """
    from praktijktest.fieldwork.mail_events import SHORT_ID, known_messages
    from praktijktest.fieldwork.state import state_of
    from praktijktest.rounds.round_store import open_round

    with open_round(folder, store=store, create=False) as opened:
        state = state_of(opened.ledger.events())
        known = known_messages(state.messages)
        waiting = [
            _waiting(message, opened.identities)
            for message in known.values()
            if _waits(message, state)
        ]
    replies = [
        WaitingReply(
            reply=reply.id,
            application=application.application,
            replied_at=reply.replied_at,
            message=reply.message[:SHORT_ID],
            suggested=reply.suggested,
            phrase=reply.phrase,
        )
        for application in state.applications.values()
        for reply in application.replies
        if reply.message and not reply.outcome
    ]
    return MailReview(
        messages=tuple(sorted(waiting, key=lambda one: (one.received_at, one.message))),
        replies=tuple(sorted(replies, key=lambda one: (one.replied_at, one.reply))),
    )


def show_mail(folder: Path, name: str, *, store: str | None = None) -> ShownMail:
    """The headers that matter and all words of a message, with nothing that acts on a terminal.

    Args:
        folder: the round folder.
        name: id of a message or of a reply by mail.
        store: URL of the ledger; default as for `ingest`.

    Raises:
        UsageError: there is no such message.
        DataError: its document was erased.
    """
    from praktijktest.fieldwork.mail_events import known_messages
    from praktijktest.fieldwork.state import state_of
    from praktijktest.rounds.mail_names import message_named, read_kept, replies_named
    from praktijktest.rounds.round_store import open_round

    with open_round(folder, store=store, create=False) as opened:
        state = state_of(opened.ledger.events())
        known = known_messages(state.messages)
        replies = replies_named(state, name)
        sha256 = replies[0][1].message if len(replies) == 1 else message_named(known, name).message
        mail = read_kept(opened, sha256)
        message = known[sha256]
    headers = {
        "message": sha256,
        "belongs to": ", ".join(message.applications),
        "why": message.values.get("reason", ""),
        "from": ", ".join(mail.senders),
        "to": ", ".join(mail.delivered or mail.recipients),
        "date": message.received_at,
        "subject": mail.subject,
        "damage": mail.damage,
    }
    safe = tuple((label, printable(text, lines=False)) for label, text in headers.items() if text)
    return ShownMail(safe, printable(mail.text))


def printable(text: str, *, lines: bool = True) -> str:
    """A text whose control characters, terminal escapes and changes of direction do nothing.

    Each is shown as a mark; line ends and tabs stay where `lines` is true.
    """
    kept = "\n\t" if lines else ""
    return "".join(
        character
        if character in kept
        or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else "\ufffd"
        for character in text
    )


def _waits(message: "KnownMessage", state: "RoundState") -> bool:
    if message.open:
        return True
    unconfirmed = (not state.applications[name].failed for name in message.applications)
    return message.kind == "bounce" and any(unconfirmed)


def _waiting(message: "KnownMessage", identities: "Identities") -> WaitingMessage:
    from praktijktest.fieldwork.mail_events import SHORT_ID
    from praktijktest.fieldwork.mail_message import subject_of

    content = identities.document(message.message) or b""
    candidates = message.values.get("candidates", "").split()
    return WaitingMessage(
        message=message.message[:SHORT_ID],
        kind=message.kind,
        received_at=message.received_at,
        reason=message.values.get("reason", ""),
        candidates=tuple(message.applications or candidates),
        sender=printable(identities.plain(message.values.get("sender", "")) or "", lines=False),
        subject=shown(printable(subject_of(content), lines=False))[:SUBJECT_SHOWN],
    )
