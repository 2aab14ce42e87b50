"""Where a ledger or identity store is kept: an SQLite file or PostgreSQL, behind one face.

Both sides are spoken to through SQLAlchemy Core with the same tables. Whatever a database
says when something is wrong, a person gets one sentence, and the store is as it was.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, exc, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from praktijktest.fieldwork.schema import is_current, make_schema, prepare
from praktijktest.problems import DataError, PraktijktestError, RefusedError, UsageError

WAIT_SECONDS: Final = 30
"""How long a command waits for another one that is writing."""

IN_PIECES: Final = {"yield_per": 5_000}
"""Execution options for a long table: so many rows are read, and in memory, at once."""

_WRITING: Final = "praktijktest_writing"


@dataclass(frozen=True, slots=True)
class StoreKind:
    """What a kind of store is called and where it is by default.

    Attributes:
        name: "ledger" or "identities".
        metadata: its tables.
        file: name of the SQLite file in the round folder.
        variable: environment variable that may hold the URL.
        schema: schema of the tables in PostgreSQL.
        private: whether only the owner may read the file.
        named_by: how a person says that it is somewhere else.
    """

    name: str
    metadata: MetaData
    file: str
    variable: str
    schema: str
    private: bool
    named_by: str


class UnreachableError(DataError):
    """The server of a store does not answer; nothing is known about what it holds."""


class Store:
    """An open store; close it, or use it as a context manager."""

    def __init__(self, kind: StoreKind, engine: Engine, place: str) -> None:
        self.kind = kind
        self.place = place
        self._engine = engine

    @property
    def is_file(self) -> bool:
        """Whether it is an SQLite file."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees the store as it was at one moment."""
        with self._speaking(), self._engine.connect() as connection:
            if not self.is_file:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection inside a transaction: all of it is stored, or nothing.

        In an SQLite file no other writer comes between; in PostgreSQL what must not be
        written by two at once is locked by its rows.
        """
        with self._speaking(), self._engine.connect() as connection:
            connection.execution_options(**{_WRITING: True})
            with connection.begin():
                if not self.is_file:
                    connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
                yield connection

    def prepare(self, *, create: bool) -> None:
        """Make the tables, or bring those of an older version up to date.

        Raises:
            UsageError: there is no store, and none is to be made.
            RefusedError: it was made by a newer program.
        """
        schema = None if self.is_file else self.kind.schema
        with self.reading() as connection:
            if is_current(connection, self.kind.metadata, self.kind.name, schema):
                return
        if not create:
            raise UsageError(
                f"There is no {self.kind.name} store in {self.place} yet; begin with praktijktest "
                f"ingest, or name the right place with {self.kind.named_by}."
            )
        with self.writing() as connection:
            if schema is not None:
                # Two first commands at once: the second waits and finds everything there.
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('praktijktest'))"))
                make_schema(connection, schema)
            prepare(connection, self.kind.metadata, self.kind.name, schema)

    def compact(self) -> None:
        """Give back the room of everything that was deleted, so that no byte of it stays.

        The whole store is written anew; on a server that takes the owner's rights.
        """
        with self._speaking(), self._engine.connect() as connection:
            if self.is_file:
                # Outside of a transaction, which SQLAlchemy would begin by itself.
                raw = connection.connection.dbapi_connection
                raw.execute("VACUUM")  # type: ignore[union-attr]
                return
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in self.kind.metadata.sorted_tables:
                alone.execute(text(f'VACUUM FULL "{self.kind.schema}"."{table.name}"'))

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except exc.SQLAlchemyError as error:
            raise spoken(error, self.place) from error
        except UnicodeDecodeError as error:
            raise _damaged(self.place) from error


def open_store(folder: Path, kind: StoreKind, url: str | None, *, create: bool) -> Store:
    """Open a store: the URL given, else that of the environment, else the file in the folder.

    Raises:
        UsageError: the URL cannot be used, or there is no store and none is to be made.
        RefusedError: it is locked, forbidden, or of a newer version.
        DataError: it is damaged, or its server cannot be reached.
    """
    named = url or os.environ.get(kind.variable)
    address = _address(named) if named else _file_address(folder / kind.file)
    if address.get_backend_name() == "sqlite":
        path = Path(address.database or "")
        _prepare_file(path, kind, create=create)
        store = Store(kind, _file_engine(address, private=kind.private), path.name)
    else:
        place = f"the database {address.database or ''} on {address.host or 'this machine'}"
        store = Store(kind, _server_engine(address, kind.schema), place)
    try:
        store.prepare(create=create)
    except BaseException:
        store.close()
        raise
    return store


def spoken(error: exc.SQLAlchemyError, place: str) -> PraktijktestError:
    """A database's complaint as a sentence for people."""
    said = str(getattr(error, "orig", None) or error).strip()
    for words, make in _COMPLAINTS:
        if any(word in said for word in words):
            return make(place)
    lost = isinstance(error, exc.DBAPIError) and error.connection_invalidated
    if lost or isinstance(error, exc.OperationalError | exc.InterfaceError):
        first = said.splitlines()[0] if said else "no answer"
        in_file = isinstance(getattr(error, "orig", None), sqlite3.Error)
        return (DataError if in_file else UnreachableError)(
            f"The store in {place} cannot be used: {first}. Run the command again when it is "
            "there; what was stored is not stored twice."
        )
    return DataError(f"The store in {place} does not hold what it should: {said.splitlines()[0]}.")


def _busy(place: str) -> PraktijktestError:
    return RefusedError(
        f"Another command has been writing in {place} for {WAIT_SECONDS} seconds; "
        "nothing was stored. Run the command again when the other one is done."
    )


def _full(place: str) -> PraktijktestError:
    return DataError(
        f"The disk is full; nothing of this command was stored in {place}. Make room and run "
        "the command again."
    )


def _damaged(place: str) -> PraktijktestError:
    return DataError(
        f"{place} is damaged or is not a store of this program; restore it from a copy. "
        "praktijktest verify says what is wrong."
    )


def _forbidden(place: str) -> PraktijktestError:
    return RefusedError(f"You have no right to write in {place}; nothing was stored.")


_COMPLAINTS: Final = (
    (("database is locked", "database table is locked", "lock timeout"), _busy),
    (("database or disk is full", "No space left", "could not extend"), _full),
    (("malformed", "not a database", "decode to UTF-8", "no such column"), _damaged),
    (("readonly database", "permission denied", "unable to open"), _forbidden),
)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except exc.ArgumentError:
        raise UsageError(
            "The address of the store is no URL; write postgresql+psycopg://user@host/database."
        ) from None
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and address.database:
        return address.set(drivername="sqlite")
    raise UsageError(f"A store is SQLite or PostgreSQL, not {backend}.")


def _file_address(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def _prepare_file(path: Path, kind: StoreKind, *, create: bool) -> None:
    """See that the file is there, and private from its first byte where it must be."""
    try:
        if not path.exists():
            if not create:
                raise UsageError(
                    f"There is no {path.name} here: nothing was ingested yet, or it is kept "
                    f"elsewhere ({kind.named_by})."
                )
            mode = 0o600 if kind.private else 0o666
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, mode))
        elif kind.private and stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
    except OSError as error:
        reason = error.strerror or "the system refuses"
        raise DataError(f"{path.name} cannot be used: {reason}.") from error


def _file_engine(address: URL, *, private: bool) -> Engine:
    engine = create_engine(address, poolclass=NullPool, connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # The program begins transactions itself: a writer has to say so at its beginning.
        connection.isolation_level = None
        # EXTRA also waits for the folder, so that a stored event survives a power cut.
        connection.execute("PRAGMA synchronous = EXTRA")
        if private:
            # What is deleted or replaced is overwritten, and not only forgotten.
            connection.execute("PRAGMA secure_delete = ON")

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        writing = connection.get_execution_options().get(_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _server_engine(address: URL, schema: str) -> Engine:
    try:
        return create_engine(
            address,
            pool_size=1,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "client_encoding": "utf8"},
            execution_options={"schema_translate_map": {None: schema}},
        )
    except ModuleNotFoundError as error:
        raise UsageError(
            "PostgreSQL needs the library psycopg; install it with: "
            "pip install 'praktijktest[postgres]'"
        ) from error


class Opened:
    """Something of one round that is kept in a store; close it, or use it in a `with`."""

    def __init__(self, store: Store, round_id: str) -> None:
        self.store = store
        self.round_id = round_id

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()
