"""Does the chain of a ledger hold? Every changed, missing or added event, by its number."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import func, select, text

from praktijktest.fieldwork.events import EMPTY, Head, NewEvent, canonical_text, hash_of
from praktijktest.fieldwork.ledger import Ledger, stored_rows
from praktijktest.fieldwork.schema import EVENTS, HEADS
from praktijktest.fieldwork.store import IN_PIECES
from praktijktest.problems import DataError, Problem

LISTED: Final = 100
"""Problems that are listed one by one; the rest is counted."""

Advance = Callable[[int], None]


def verify_chain(ledger: Ledger, advance: Advance | None = None) -> list[Problem]:
    """Read the whole ledger and name every event that is not what was stored.

    Args:
        ledger: the ledger.
        advance: called now and then with the number of events looked at since.

    Returns:
        Problems; empty when every event has its hash, follows the one before, and the last
        one is the one the ledger knows as its last.
    """
    found = _Problems(ledger.store.place)
    try:
        _check(ledger, found, advance, lenient=False)
    except DataError:
        # Bytes that are no text any more: read them as they are, to say where they stand.
        found = _Problems(ledger.store.place)
        _check(ledger, found, advance, lenient=True)
    return found.listed()


class _Problems:
    def __init__(self, place: str) -> None:
        self._place = place
        self._found: list[Problem] = []
        self._more = 0

    def add(self, code: str, sequence: int | None, message: str) -> None:
        if len(self._found) >= LISTED:
            self._more += 1
            return
        where = "" if sequence is None else f"event {sequence}: "
        self._found.append(Problem(code=code, message=where + message, file=self._place))

    def listed(self) -> list[Problem]:
        if self._more:
            message = "more events are not what was stored"
            rest = Problem(code="chain-more", message=message, file=self._place, count=self._more)
            return [*self._found, rest]
        return self._found


def _check(ledger: Ledger, found: _Problems, advance: Advance | None, *, lenient: bool) -> None:
    last = EMPTY
    with ledger.store.reading() as connection:
        if lenient and ledger.store.is_file:
            driver = connection.connection.driver_connection
            if driver is not None:
                driver.text_factory = _any_text
        if ledger.store.is_file:
            _check_file(connection, ledger.round_id, found)
        query = select(HEADS.c.sequence, HEADS.c.hash).where(HEADS.c.round == ledger.round_id)
        row = connection.execute(query).first()
        head = EMPTY if row is None else Head(*row)
        rows = connection.execute(stored_rows(ledger.round_id), execution_options=IN_PIECES)
        for piece in rows.partitions():
            for stored in piece:
                last = _check_event(stored, last, head, found)
            if advance is not None:
                advance(len(piece))
    if last.sequence < head.sequence:
        missing = _numbers(last.sequence + 1, head.sequence)
        found.add("events-missing", None, f"{missing} missing at the end of the ledger")
    elif last.sequence == head.sequence and last.hash != head.hash:
        found.add("head-changed", last.sequence, "it is not what the ledger knows as its last one")


def _check_event(row: Any, last: Head, head: Head, found: _Problems) -> Head:
    """Look at one stored event; returns where the chain now ends."""
    number, kind, test, application, happened, source, sha256, source_row = row[:8]
    values, who, recorded_at, previous, own = row[8:]
    texts = (kind, test, application, happened, source, sha256, values, who, recorded_at)
    place = Head(number, own)
    if number > last.sequence + 1:
        missing = _numbers(last.sequence + 1, number - 1)
        found.add("events-missing", None, f"{missing} missing from the ledger")
    if number > head.sequence:
        found.add("event-added", number, "it was added behind the end of the chain")
        return place
    if not all(isinstance(one, str) for one in (*texts, previous, own)):
        found.add("event-changed", number, "it does not hold what an event holds")
        return place
    event = NewEvent(kind, test, application, happened, source, sha256, source_row)
    whole = canonical_text(number, event, values, who, recorded_at, previous)
    if hash_of(whole) != own:
        found.add("event-changed", number, "it is not what was stored: its hash differs")
    elif number == last.sequence + 1 and previous != last.hash:
        found.add(
            "chain-broken",
            number,
            f"it does not follow event {last.sequence} as it stands here: one of them was replaced",
        )
    return place


def _check_file(connection: Any, round_id: str, found: _Problems) -> None:
    """What only a file can have: pages that do not fit together, events of another round."""
    for (said,) in connection.execute(text("PRAGMA integrity_check(20)")):
        if said != "ok":
            found.add("file-damaged", None, f"the file is damaged: {said}")
    others = select(EVENTS.c.round, func.count()).where(EVENTS.c.round != round_id)
    for name, count in connection.execute(others.group_by(EVENTS.c.round)):
        found.add("round-foreign", None, f"{count} events are of another round, {name!r}")


def _numbers(first: int, last: int) -> str:
    return f"event {first} is" if first == last else f"events {first} to {last} are"


def _any_text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
