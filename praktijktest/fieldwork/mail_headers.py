"""Headers of messages, decoded as far as they can be: a broken one gives what is left of it.

Messages are parsed with the oldest, most forgiving policy of the standard library: its newer
header parser fails on some headers that reach every mailbox.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

MESSAGE_ID = re.compile(r"<\s*([^<>\s]{1,300})\s*>")
PLAUSIBLE_YEARS: Final = range(1995, 2100)
CLOCK_TRUSTED: Final = timedelta(days=1)
"""How far the sender's clock may be from that of the first server that took the message."""
LONGEST_HEADER: Final = 20_000
IDS_KEPT: Final = 200
_NOT_ASCII: Final = ("utf-16", "utf-32", "utf-7", "iso-2022", "hz")
"""Charsets in which bytes below 128 are not always themselves."""
_SINGLE_BYTE: Final = ("iso-8859", "windows-125", "cp125", "us-ascii", "ascii", "latin")
_BLANKS = re.compile(r"\s+")
_DAMAGED_ADDRESS = re.compile(r"[^\s@<>,;:\"'()\[\]]{1,100}@[^\s@<>,;:\"'()\[\]]{1,250}")


def header_texts(message: Message, name: str) -> list[str]:
    """Every header of this name, decoded, each on one line."""
    wanted = name.casefold()
    found = [value for key, value in message.raw_items() if key.casefold() == wanted]
    return [_one_line(_decoded(str(value)[:LONGEST_HEADER])) for value in found]


def header_text(message: Message, name: str) -> str:
    """The first header of this name, decoded; empty where there is none."""
    return next(iter(header_texts(message, name)), "")


def addresses(message: Message, names: Iterable[str]) -> tuple[str, ...]:
    """The mail addresses in these headers, in lower case, each once."""
    found = (address for _, address in _mailboxes(message, names))
    return tuple(dict.fromkeys(found))


def display_names(message: Message, names: Iterable[str]) -> tuple[str, ...]:
    """The names that stand beside the addresses in these headers."""
    found = (_one_line(name) for name, _ in _mailboxes(message, names))
    return tuple(dict.fromkeys(name for name in found if name))


def message_ids(message: Message, names: Iterable[str]) -> tuple[str, ...]:
    """The message ids in these headers, without brackets, each once."""
    found = (id_ for name in names for text in header_texts(message, name) for id_ in ids_in(text))
    return tuple(dict.fromkeys(found))[:IDS_KEPT]


def ids_in(text: str) -> list[str]:
    """The message ids in a text; one without brackets counts where it stands alone."""
    found = MESSAGE_ID.findall(text)
    alone = text.strip()
    return found or ([alone] if "@" in alone and " " not in alone else [])


def moment_of(message: Message) -> datetime | None:
    """When a message was written: its Date, unless the first server's clock contradicts it.

    None where no header holds a date that can be read.
    """
    written = _moment(header_text(message, "Date"))
    stamps = [_moment(text.rpartition(";")[2]) for text in header_texts(message, "Received")]
    stamps += [_moment(header_text(message, "Delivery-Date"))]
    taken = next((stamp for stamp in reversed(stamps) if stamp is not None), None)
    if written is None or taken is None:
        return written or taken
    return written if abs(written - taken) <= CLOCK_TRUSTED else taken


def _mailboxes(message: Message, names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of name and address; decoded after parsing, as a name may hold commas."""
    raw = [
        str(value)[:LONGEST_HEADER]
        for wanted in names
        for key, value in message.raw_items()
        if key.casefold() == wanted.casefold()
    ]
    found = []
    for text in raw:
        parsed = _parsed_addresses(_one_line(text))
        pairs = [(_decoded(name), address) for name, address in parsed if "@" in address]
        damaged = _DAMAGED_ADDRESS.findall(_decoded(text)) if not pairs else []
        found += pairs + [("", address) for address in damaged]
    return [(name, address.strip().casefold()) for name, address in found]


def _parsed_addresses(text: str) -> list[tuple[str, str]]:
    """Names and addresses; none where the text is too broken (ten thousand open brackets)."""
    try:
        return getaddresses([text])
    except (RecursionError, ValueError, IndexError):
        return []


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if found.year not in PLAUSIBLE_YEARS:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _decoded(text: str) -> str:
    """Encoded words and raw bytes as text; what cannot be decoded is left as it stands."""
    if "=?" not in text:
        return _without_surrogates(text)
    try:
        parts = decode_header(text)
    except (ValueError, TypeError, LookupError):
        return _without_surrogates(text)
    return "".join(_part(content, charset) for content, charset in parts)


def _part(content: bytes | str, charset: str | None) -> str:
    if isinstance(content, str):
        return _without_surrogates(content)
    return decoded(content, charset)


def decoded(content: bytes, charset: str | None) -> str:
    """Bytes as text, in the declared charset where it fits them.

    What is called Latin or ASCII and reads as UTF-8 is UTF-8; what is called UTF-8 and does
    not read so is Windows-1252. No byte is lost without a mark.
    """
    name = (charset or "").strip("\"' ").casefold()
    if content.isascii() and not name.startswith(_NOT_ASCII):
        return content.decode("ascii")
    single = not name or name.startswith(_SINGLE_BYTE)
    for attempt in ("utf-8", name) if single else (name, "utf-8"):
        try:
            text = content.decode(attempt)
            text.encode("utf-8")
        except (LookupError, ValueError):
            continue
        return text
    return content.decode("cp1252", errors="replace")


def _without_surrogates(text: str) -> str:
    """Text whose raw bytes, kept as surrogates by the parser, are decoded."""
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return decoded(text.encode("utf-8", errors="surrogateescape"), None)


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
