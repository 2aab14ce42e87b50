"""Events of a round: what a command wants to store, what the ledger keeps, and its hash."""

import hashlib
from dataclasses import dataclass, field
from json.encoder import encode_basestring as quoted
from typing import Final, NamedTuple

from praktijktest.problems import DataError, Problem, shown

EVENT_KINDS: Final = (
    "planned",
    "drawn",
    "withdrawn",
    "sent",
    "reply",
    "coded",
    "adjudicated",
    "corrected",
    "failed",
    "declined",
    "message",
    "matched",
    "advert",
    "note",
    "exported",
    "refused",
    "case",
    "erased",
    "snapshot",
    "rule",
)

NO_HASH: Final = "0" * 64
"""What the first event of a round names as the hash of the event before it."""


class Head(NamedTuple):
    """The end of the chain: sequence number and hash of the last event; (0, 64 zeros) if none."""

    sequence: int
    hash: str


EMPTY: Final = Head(0, NO_HASH)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What a command wants to store.

    Attributes:
        kind: one of `EVENT_KINDS`.
        test: id of the test, "" where it concerns the whole round.
        application: id of the application, "" where it concerns a test or the round.
        happened_at: when it happened, ISO, as the source gave it; "" unknown.
        source: base name of the file it came from, "" for a command.
        source_sha256: hash of that file.
        source_row: row in it, the header being row 1.
        values: what happened, flat: name -> text, without empty texts.
    """

    kind: str
    test: str = ""
    application: str = ""
    happened_at: str = ""
    source: str = ""
    source_sha256: str = ""
    source_row: int | None = None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the ledger.

    Attributes:
        sequence: place in the round: 1, 2, 3 … without gaps.
        kind, test, application, happened_at, source, source_sha256, source_row, values: as
            for `NewEvent`.
        who: pseudonym of the person who stored it.
        recorded_at: when it was stored, UTC, ISO with microseconds.
        previous: hash of the event before.
        hash: SHA-256 of all the rest, in the form of `canonical_text`.
    """

    sequence: int
    kind: str
    test: str
    application: str
    happened_at: str
    source: str
    source_sha256: str
    source_row: int | None
    values: dict[str, str]
    who: str
    recorded_at: str
    previous: str
    hash: str


def values_text(values: dict[str, str]) -> str:
    """The values of an event as the ledger stores them: JSON, keys sorted, no spaces."""
    pairs = [f"{quoted(name)}:{quoted(values[name])}" for name in sorted(values)]
    return f"{{{','.join(pairs)}}}"


def canonical_text(
    sequence: int,
    event: NewEvent | Event,
    values: str,
    who: str,
    recorded_at: str,
    previous: str,
) -> str:
    """Everything of an event but its hash, as the JSON text that is hashed.

    It is what `json.dumps(…, sort_keys=True, ensure_ascii=False, separators=(",", ":"))`
    gives for an object with these keys, put together by hand because a round has many
    events and the values are text already.
    """
    row = "null" if event.source_row is None else str(event.source_row)
    return (
        f'{{"application":{quoted(event.application)}'
        f',"happened_at":{quoted(event.happened_at)}'
        f',"kind":{quoted(event.kind)}'
        f',"previous":{quoted(previous)}'
        f',"recorded_at":{quoted(recorded_at)}'
        f',"sequence":{sequence}'
        f',"source":{quoted(event.source)}'
        f',"source_row":{row}'
        f',"source_sha256":{quoted(event.source_sha256)}'
        f',"test":{quoted(event.test)}'
        f',"values":{values}'
        f',"who":{quoted(who)}}}'
    )


def hash_of(text: str) -> str:
    """The hash of an event from its canonical text.

    A text that is no Unicode (bytes changed from outside) has a hash too.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def require_storable(event: NewEvent) -> None:
    """Refuse an event that no ledger can hold.

    Raises:
        ValueError: the kind is unknown, or a value is empty or no text; a fault of the caller.
        DataError: a text holds what a database cannot store: NUL or half a character.
    """
    if event.kind not in EVENT_KINDS:
        raise ValueError(f"{event.kind!r} is not a kind of event")
    for name, text in event.values.items():
        if not isinstance(text, str) or not text:
            raise ValueError(f"{name} of a {event.kind} event is {text!r} and not a text")
    texts = (event.test, event.application, event.happened_at, event.source)
    everything = (*texts, *event.values, *event.values.values())
    if not is_storable("\n".join(everything)):
        bad = next(text for text in everything if not is_storable(text))
        problem = Problem(
            code="text-not-storable",
            message="this text holds a character that cannot be stored",
            file=event.source or None,
            row=event.source_row,
            value=shown(ascii(bad)),
            hint="take it out of the source",
        )
        raise DataError("The source holds text that cannot be stored; nothing was.", [problem])


def is_storable(text: str) -> bool:
    """Whether every database can hold a text: no NUL, no half of a character."""
    if "\x00" in text:
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
