"""What matters of a message: who wrote to whom, in answer to what, when, and its words."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import CloseBoundaryNotFoundDefect
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from typing import Final

from praktijktest.fieldwork.mail_automatic import Origin, origin_of
from praktijktest.fieldwork.mail_headers import (
    addresses,
    display_names,
    header_text,
    message_ids,
    moment_of,
)
from praktijktest.fieldwork.mail_sources import RawMessage
from praktijktest.fieldwork.mail_text import own_words, text_of

SENDERS: Final = ("From", "Reply-To", "Sender")
DELIVERED: Final = (
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
)
RECIPIENTS: Final = ("To", "Cc", "Resent-To")
CONDENSED_FROM: Final = 2**20
"""From this size the insides of attachments are left out before a message is taken apart."""
HEADERS_READ: Final = 2**16
PARSED_AT_MOST: Final = 8 * 2**20
_ENCODED_RUN = re.compile(rb"(?:[A-Za-z0-9+/=]{40,}+\r?\n){2000,}+")
_KEPT_OF_RUN: Final = 130_000
_HEADERS_ONLY: Final = "its parts cannot be told apart; only its headers were read"
_BREAKS_OFF: Final = "it breaks off in the middle"
_PHONE = re.compile(r"(?<![\w@.])(?:\+|00)?\d(?:[ ./()-]{0,2}\d){7,14}(?![\w@])")
_SPOKEN: Final = (
    ("voicemail", re.compile(r"voice ?-?mail|boîte vocale|messagerie vocale|ingesproken", re.I)),
    ("sms", re.compile(r"\bsms\b|\btext message\b|\btekstbericht", re.I)),
)


@dataclass(frozen=True, slots=True)
class Mail:
    """One message, read.

    Attributes:
        file, number: where it stands.
        sha256: hash of its bytes.
        content: hash of what stays the same when another program exports it again.
        message_id: its id, "" where it has none.
        thread: ids of the messages it answers or returns, the nearest first.
        senders: addresses it comes from, the visible sender first.
        recipients: addresses it is to; delivered: addresses it was really delivered to.
        recipient_names: names beside those addresses.
        subject: its subject.
        moment: when it was written, None where no header tells.
        origin: whether a person wrote it.
        channel: mail, or sms or voicemail where it passes one on; caller: the number of those.
        words: what the writer wrote; text: the same with what is quoted.
        damage: what is broken so that words may be missing, "" where nothing is.
    """

    file: str
    number: int
    sha256: str
    content: str
    message_id: str
    thread: tuple[str, ...]
    senders: tuple[str, ...]
    recipients: tuple[str, ...]
    delivered: tuple[str, ...]
    recipient_names: tuple[str, ...]
    subject: str
    moment: datetime | None
    origin: Origin
    channel: str
    caller: str
    words: str
    text: str
    damage: str


def read_message(raw: RawMessage) -> Mail:
    """Take a message apart. Whatever is broken in it, what can be read is read."""
    message, damage = _parsed(raw.content)
    subject = header_text(message, "Subject")
    origin = origin_of(message, subject)
    text = text_of(message) if damage != _HEADERS_ONLY else ""
    words = own_words(text)
    senders = addresses(message, SENDERS)
    delivered = addresses(message, DELIVERED)
    recipients = addresses(message, RECIPIENTS)
    channel = _channel(subject, senders)
    ids = message_ids(message, ["Message-ID"])
    answered = message_ids(message, ["In-Reply-To"])
    earlier = message_ids(message, ["References"])[::-1]
    return Mail(
        file=raw.file,
        number=raw.number,
        sha256=hashlib.sha256(raw.content).hexdigest(),
        content=_content_hash(
            raw.content,
            [*ids, *senders, *delivered, *recipients, header_text(message, "Date"), subject],
        ),
        message_id=ids[0] if ids else "",
        thread=tuple(dict.fromkeys((*answered, *earlier, *origin.returned))),
        senders=senders,
        recipients=recipients,
        delivered=delivered,
        recipient_names=display_names(message, RECIPIENTS),
        subject=subject,
        moment=moment_of(message),
        origin=origin,
        channel=channel,
        caller=_caller(subject, senders, words) if channel != "mail" else "",
        words=words,
        text=text,
        damage=damage,
    )


def subject_of(content: bytes) -> str:
    """The subject of a raw message, for a list: nothing else of it is taken apart."""
    head = BytesHeaderParser(policy=policy.compat32).parsebytes(content[:HEADERS_READ])
    return header_text(head, "Subject")


def _parsed(content: bytes) -> tuple[Message, str]:
    """The message, and what is broken in it; its headers alone where its parts cannot be told."""
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(_condensed(content))
        defects = {type(defect) for part in message.walk() for defect in part.defects}
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError):
        head = BytesHeaderParser(policy=policy.compat32).parsebytes(content[:CONDENSED_FROM])
        return head, _HEADERS_ONLY
    return message, _BREAKS_OFF if CloseBoundaryNotFoundDefect in defects else ""


def _condensed(content: bytes) -> bytes:
    """A large message without most of what its attachments hold: their bytes say nothing here."""
    if len(content) <= CONDENSED_FROM:
        return content
    return _ENCODED_RUN.sub(_start_of_run, content)[:PARSED_AT_MOST]


def _start_of_run(run: re.Match[bytes]) -> bytes:
    """The first lines of a run of encoded lines, up to a line's end."""
    start = run.string[run.start() : min(run.start() + _KEPT_OF_RUN, run.end())]
    return start[: start.rfind(b"\n") + 1]


def _content_hash(content: bytes, headers: list[str]) -> str:
    """A hash that line ends, `>From` quoting and a mail program's own headers do not change.

    Two messages with the same words are two where they went to different people or at another
    time, whether or not they have an id; one without readable headers is taken whole.
    """
    whole = content.replace(b"\r\n", b"\n")
    body = whole.partition(b"\n\n")[2] if any(headers) else whole
    body = re.sub(rb"^>+From ", b"From ", body, flags=re.MULTILINE).strip()
    digest = hashlib.sha256("\n".join(headers).encode("utf-8", "replace"))
    digest.update(body)
    return digest.hexdigest()


def _channel(subject: str, senders: tuple[str, ...]) -> str:
    """Whether the message passes on a text message or a voicemail."""
    heard = f"{subject} {' '.join(senders[:1])}"
    return next((channel for channel, words in _SPOKEN if words.search(heard)), "mail")


def _caller(subject: str, senders: tuple[str, ...], words: str) -> str:
    """The number that a passed-on text message or voicemail came from."""
    for text in (subject, *(sender.partition("@")[0] for sender in senders[:1]), words[:500]):
        if found := _PHONE.search(text):
            return found[0].strip()
    return ""
