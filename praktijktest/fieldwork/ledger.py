"""The ledger: every event of a round, only ever added to, each chained to the one before."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from sys import intern
from typing import Any, Final

from sqlalchemy import Connection, Select, insert, select, text, update

from praktijktest.fieldwork.events import (
    EMPTY,
    Event,
    Head,
    NewEvent,
    canonical_text,
    hash_of,
    require_storable,
    values_text,
)
from praktijktest.fieldwork.schema import EVENTS, HEADS, LEDGER
from praktijktest.fieldwork.store import IN_PIECES, Opened, Store, StoreKind, open_store
from praktijktest.problems import DataError, RefusedError

LEDGER_STORE: Final = StoreKind(
    name="ledger",
    metadata=LEDGER,
    file="round.db",
    variable="PRAKTIJKTEST_STORE",
    schema="praktijktest",
    private=False,
    named_by="--store",
)

EVENTS_AT_ONCE: Final = 5_000
"""Events that are written together."""

NAMES_AT_ONCE: Final = 5_000
"""Ids that are looked for together; a database allows only so many."""

_COLUMNS: Final = tuple(column for column in EVENTS.c if column.name != "round")
_VALUES: Final = [column.name for column in _COLUMNS].index("values_json")


class Ledger(Opened):
    """The ledger of one round; close it, or use it as a context manager."""

    def head(self) -> Head:
        """The end of the chain as it was last stored."""
        with self.store.reading() as connection:
            return _head(connection, self.round_id)

    def events(
        self,
        *,
        applications: Collection[str] | None = None,
        after: int = 0,
        until: int | None = None,
        kinds: Collection[str] | None = None,
    ) -> Iterator[Event]:
        """The events in their order, read in pieces.

        Args:
            applications: only those of these applications.
            after: only those with a higher sequence number.
            until: only those up to this sequence number.
            kinds: only those of these kinds.
        """
        with self.store.reading() as connection:
            query = _chosen(self.round_id, after, until, kinds)
            yield from _read(connection, query, applications)

    @contextmanager
    def writing(self, who: str) -> Iterator["Writing"]:
        """Keep other writers of this round out, and store everything at the end or nothing.

        Args:
            who: pseudonym of the person.

        Raises:
            RefusedError: another command keeps the ledger for too long.
            DataError: the store cannot be written.
        """
        with self.store.writing() as connection:
            yield Writing(connection, self.round_id, who, _locked_head(connection, self.round_id))


class Writing:
    """What may be done while no other command writes in this round."""

    def __init__(self, connection: Connection, round_id: str, who: str, head: Head) -> None:
        self._connection = connection
        self._round = round_id
        self._who = who
        self._insertion = _insertion(connection)
        self.head = head

    def events(
        self,
        *,
        applications: Collection[str] | None = None,
        after: int = 0,
        kinds: Collection[str] | None = None,
    ) -> Iterator[Event]:
        """The events so far, as `Ledger.events`; take them all before more are appended."""
        return _read(self._connection, _chosen(self._round, after, None, kinds), applications)

    def last(self, kinds: Collection[str]) -> Event | None:
        """The latest event of these kinds; None where there is none."""
        query = stored_rows(self._round).where(EVENTS.c.kind.in_(sorted(kinds)))
        latest = query.order_by(None).order_by(EVENTS.c.sequence.desc()).limit(1)
        found = self._connection.execute(latest).first()
        return None if found is None else event_of(found)

    def append(self, events: Iterable[NewEvent]) -> Head:
        """Add events to the end of the chain; a long iterable is never held in memory.

        Returns:
            The new end of the chain. It counts only when the block of `writing` has ended.

        Raises:
            ValueError: an event is not one; a fault of the caller.
            DataError: a text cannot be stored.
        """
        waiting = iter(events)
        while chunk := list(islice(waiting, EVENTS_AT_ONCE)):
            now = datetime.now(UTC).isoformat(timespec="microseconds")
            rows = [self._row(event, now) for event in chunk]
            self._connection.exec_driver_sql(self._insertion, rows)
            self._connection.execute(
                update(HEADS)
                .where(HEADS.c.round == self._round)
                .values(sequence=self.head.sequence, hash=self.head.hash)
            )
        return self.head

    def _row(self, event: NewEvent, recorded_at: str) -> tuple[Any, ...]:
        """The next event of the chain, in the order of the columns."""
        require_storable(event)
        values = values_text(event.values)
        sequence, previous = self.head.sequence + 1, self.head.hash
        whole = canonical_text(sequence, event, values, self._who, recorded_at, previous)
        self.head = Head(sequence, hash_of(whole))
        return (
            self._round,
            sequence,
            event.kind,
            event.test,
            event.application,
            event.happened_at,
            event.source,
            event.source_sha256,
            event.source_row,
            values,
            self._who,
            recorded_at,
            previous,
            self.head.hash,
        )


def open_ledger(
    folder: Path, round_id: str, *, store: str | None = None, create: bool = True
) -> Ledger:
    """Open the ledger of a round.

    Args:
        folder: the round folder.
        round_id: id of the round.
        store: URL; default: that in PRAKTIJKTEST_STORE, else round.db in the folder.
        create: make it where there is none.

    Raises:
        UsageError: the URL cannot be used, or there is no ledger and none is to be made.
        RefusedError: it is locked, of a newer version, or of another round.
        DataError: it is damaged, or its server cannot be reached.
    """
    opened = open_store(folder, LEDGER_STORE, store, create=create)
    try:
        _require_own(opened, round_id)
    except BaseException:
        opened.close()
        raise
    return Ledger(opened, round_id)


def event_of(row: Sequence[Any]) -> Event:
    """An event from a row of the table, in the order of its columns.

    Raises:
        DataError: the stored values are no longer what the program wrote.
    """
    cells = list(row)
    try:
        # The same few names on a million events: one copy of each.
        cells[_VALUES] = {intern(name): text for name, text in json.loads(cells[_VALUES]).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(
            f"Event {row[0]} of the ledger is damaged; praktijktest verify says what is wrong."
        ) from error
    return Event(*cells)


def stored_rows(round_id: str) -> Select[Any]:
    """All events of a round as they are stored, in their order."""
    return select(*_COLUMNS).where(EVENTS.c.round == round_id).order_by(EVENTS.c.sequence)


def _chosen(
    round_id: str, after: int, until: int | None, kinds: Collection[str] | None
) -> Select[Any]:
    query = stored_rows(round_id).where(EVENTS.c.sequence > after)
    if until is not None:
        query = query.where(EVENTS.c.sequence <= until)
    return query if kinds is None else query.where(EVENTS.c.kind.in_(sorted(kinds)))


def _read(
    connection: Connection, query: Select[Any], applications: Collection[str] | None
) -> Iterator[Event]:
    wanted = None if applications is None else frozenset(applications)
    if wanted is not None and len(wanted) <= NAMES_AT_ONCE:
        query, wanted = query.where(EVENTS.c.application.in_(sorted(wanted))), None
    rows = connection.execute(query, execution_options=IN_PIECES)
    for piece in rows.partitions():
        events = map(event_of, piece)
        yield from events if wanted is None else (e for e in events if e.application in wanted)


def _head(connection: Connection, round_id: str) -> Head:
    query = select(HEADS.c.sequence, HEADS.c.hash).where(HEADS.c.round == round_id)
    found = connection.execute(query).first()
    return EMPTY if found is None else Head(*found)


def _insertion(connection: Connection) -> str:
    """The statement that stores an event, as the driver takes it.

    SQLAlchemy would look at every value of every event, which takes longer than storing it.
    """
    on_file = connection.dialect.name == "sqlite"
    table = EVENTS.name if on_file else f"{LEDGER_STORE.schema}.{EVENTS.name}"
    marks = ", ".join(["?" if on_file else "%s"] * len(EVENTS.c))
    return f"INSERT INTO {table} ({', '.join(EVENTS.c.keys())}) VALUES ({marks})"


def _locked_head(connection: Connection, round_id: str) -> Head:
    """The end of the chain, held by a lock on its row until the transaction ends."""
    query = select(HEADS.c.sequence, HEADS.c.hash).where(HEADS.c.round == round_id)
    found = connection.execute(query.with_for_update()).first()
    if found is not None:
        return Head(*found)
    if connection.dialect.name != "sqlite":
        # Two first writers: one makes the row, the other waits here and then finds it.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('praktijktest'))"))
        found = connection.execute(query.with_for_update()).first()
        if found is not None:
            return Head(*found)
    connection.execute(insert(HEADS).values(round=round_id, sequence=0, hash=EMPTY.hash))
    return EMPTY


def _require_own(store: Store, round_id: str) -> None:
    """A file holds one round; a database may hold several."""
    if not store.is_file:
        return
    with store.reading() as connection:
        rounds = list(connection.execute(select(HEADS.c.round)).scalars())
    if rounds and round_id not in rounds:
        raise RefusedError(
            f"{store.place} is the ledger of the round {rounds[0]!r}, and the design is that of "
            f"{round_id!r}. Give the design its own id again, or use another folder."
        )
