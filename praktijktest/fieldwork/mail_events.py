"""What the ledger keeps of messages, and what it knows of them already.

The ledger names a message by the hash of its bytes, its sender by a pseudonym and its message
id by a hash; the words themselves are documents of the identity store.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final, Literal

from praktijktest.fieldwork.events import Event, NewEvent
from praktijktest.fieldwork.ingest_known import reply_id
from praktijktest.fieldwork.mail_index import message_id_hash
from praktijktest.fieldwork.mail_matching import Match
from praktijktest.fieldwork.mail_message import Mail
from praktijktest.fieldwork.mail_phrases import PhraseTable

MessageKind = Literal["reply", "automatic", "bounce", "sent", "unmatched", "ambiguous"]

AUTO_REPLY: Final = "auto-reply"
BOUNCED: Final = "bounced"
SHORT_ID: Final = 12
"""Characters of a message's hash by which people name it."""


@dataclass(frozen=True, slots=True)
class Coded:
    """The code that a message suggests.

    Attributes:
        code: "" where nothing does.
        phrase: header or pattern it rests on.
        evidence: "explicit" where the words are direct evidence, else "".
    """

    code: str = ""
    phrase: str = ""
    evidence: str = ""


@dataclass(slots=True)
class KnownMessage:
    """What the ledger says of one message.

    Attributes:
        message: hash of its bytes.
        kind: reply, automatic, bounce, sent, unmatched or ambiguous.
        applications: those it belongs to.
        replies: application -> its reply there.
        values: the values of the latest event about it.
        received_at: when it was written, "" unknown.
    """

    message: str
    kind: str
    applications: dict[str, str] = field(default_factory=dict)
    replies: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    received_at: str = ""

    @property
    def open(self) -> bool:
        """Whether it belongs to no application yet."""
        return not self.applications


def known_messages(events: Iterable[Event]) -> dict[str, KnownMessage]:
    """The messages of a round by the hash of their bytes, from its `message` and `matched`."""
    found: dict[str, KnownMessage] = {}
    for event in events:
        name = event.values.get("message", "")
        kind = event.values.get("kind", "")
        known = found.setdefault(name, KnownMessage(name, kind))
        known.kind = kind or known.kind
        known.values.update(event.values)
        known.received_at = event.values.get("received_at", known.received_at)
        if event.application:
            known.applications[event.application] = event.test
            if reply := event.values.get("reply"):
                known.replies[event.application] = reply
    return found


def suggested_code(mail: Mail, phrases: PhraseTable, codes: Iterable[str]) -> Coded:
    """The code that a reply suggests: headers that say no person wrote it go first."""
    said = phrases.suggest(f"{mail.words}")
    automatic = mail.origin.kind == "automatic" and AUTO_REPLY in codes
    if automatic and (mail.origin.certain or said is None or said.code == AUTO_REPLY):
        also = f"; its words fit {said.code}" if said and said.code != AUTO_REPLY else ""
        return Coded(AUTO_REPLY, f"{mail.origin.reason}{also}")
    if said is None:
        return Coded()
    others = f"; also {', '.join(said.others)}" if said.others else ""
    return Coded(said.code, f"{said.phrase}{others}", said.evidence)


def message_kind(mail: Mail, match: Match, *, sent: bool) -> MessageKind:
    """What a message is once it is matched, or not."""
    if sent:
        return "sent"
    if match.outcome != "matched":
        return "ambiguous" if match.outcome == "ambiguous" else "unmatched"
    if mail.origin.kind == "bounce":
        return "bounce"
    return "reply" if mail.origin.kind == "person" else "automatic"


def is_reply(mail: Mail) -> bool:
    """Whether a received message answers: reports of mail servers do not."""
    return mail.origin.kind in ("person", "automatic")


def message_values(
    mail: Mail, match: Match, kind: MessageKind, sender: str, zone: tzinfo
) -> dict[str, str]:
    """The values of a `message` event; `reply` is added where there is one."""
    reason = match.reason
    if mail.origin.reason:
        reason = f"{reason}; {mail.origin.reason}" if reason else mail.origin.reason
    values = {
        "message": mail.sha256,
        "content": mail.content,
        "kind": kind,
        "sender": sender,
        "received_at": moment_text(mail, zone),
        "message_id_hash": message_id_hash(mail.message_id) if mail.message_id else "",
        "words": hash_of_words(mail),
        "confidence": f"{match.confidence:.2f}" if match.application else "",
        "reason": reason,
        "candidates": " ".join(match.candidates),
        "suggested": BOUNCED if mail.origin.kind == "bounce" else "",
    }
    return {name: text for name, text in values.items() if text}


def reply_values(
    mail: Mail, application: str, coded: Coded, caller: str, zone: tzinfo
) -> dict[str, str]:
    """The values of a `reply` event: suggested, and not coded, until a person confirms."""
    at = moment_text(mail, zone)
    values = {
        "reply": reply_id(application, at, mail.channel, mail.sha256, 0),
        "replied_at": at,
        "channel": mail.channel,
        "message": mail.sha256,
        "words": hash_of_words(mail),
        "caller": caller,
        "suggested": coded.code,
        "suggested_evidence": coded.evidence,
        "phrase": coded.phrase,
    }
    return {name: text for name, text in values.items() if text}


def hash_of_words(mail: Mail) -> str:
    """Hash of the words as a document of the identity store, "" where there are none."""
    return hashlib.sha256(mail.words.encode("utf-8")).hexdigest() if mail.words else ""


def event(
    kind: str,
    mail: Mail,
    test: str,
    application: str,
    values: Mapping[str, str],
    source_sha256: str = "",
) -> NewEvent:
    """An event about a message, with the place it stands at."""
    happened = values.get("replied_at") or values.get("received_at") or ""
    return NewEvent(
        kind=kind,
        test=test,
        application=application,
        happened_at=happened,
        source=mail.file,
        source_sha256=source_sha256,
        source_row=mail.number or None,
        values=dict(values),
    )


def moment_text(mail: Mail, zone: tzinfo) -> str:
    """When a message was written, at the clock of the round's place; "" unknown."""
    if mail.moment is None:
        return ""
    return mail.moment.astimezone(zone).isoformat(timespec="seconds")
