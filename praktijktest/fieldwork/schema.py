"""The tables of the two stores, and how a store of an older version becomes a new one."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
    text,
    update,
)

from praktijktest.problems import RefusedError

LEDGER: Final = MetaData()
IDENTITIES: Final = MetaData()

EVENTS: Final = Table(
    "event",
    LEDGER,
    Column("round", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("test", Text, nullable=False),
    Column("application", Text, nullable=False),
    Column("happened_at", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_sha256", Text, nullable=False),
    Column("source_row", Integer),
    Column("values_json", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("event_of_application", "round", "application"),
)

HEADS: Final = Table(
    "head",
    LEDGER,
    Column("round", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

KEYS: Final = Table(
    "pseudonym_key",
    IDENTITIES,
    Column("round", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)

PSEUDONYMS: Final = Table(
    "pseudonym",
    IDENTITIES,
    Column("round", Text, primary_key=True),
    Column("pseudonym", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("plain", Text, nullable=False),
    UniqueConstraint("round", "kind", "plain"),
)

DETAILS: Final = Table(
    "detail",
    IDENTITIES,
    Column("round", Text, primary_key=True),
    Column("pseudonym", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

DOCUMENTS: Final = Table(
    "document",
    IDENTITIES,
    Column("round", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("class", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

Upgrade = Callable[[Connection], None]
"""One step from a version of a store to the next; it runs inside one transaction."""

UPGRADES: Final[Mapping[str, tuple[Upgrade, ...]]] = {"ledger": (), "identities": ()}
"""For each store its steps: the first one leads from version 1 to version 2."""


def version_table(metadata: MetaData) -> Table:
    """The table that holds the version of a store, one row."""
    known = metadata.tables.get("store_version")
    return known if known is not None else _version_table(metadata)


def _version_table(metadata: MetaData) -> Table:
    return Table("store_version", metadata, Column("version", Integer, primary_key=True))


LEDGER_VERSION: Final = _version_table(LEDGER)
IDENTITIES_VERSION: Final = _version_table(IDENTITIES)


def prepare(
    connection: Connection,
    metadata: MetaData,
    name: str,
    schema: str | None,
    upgrades: tuple[Upgrade, ...] | None = None,
) -> None:
    """Make the tables of a store, or bring those of an older version up to date.

    Args:
        connection: inside a transaction that keeps other writers out.
        metadata: the tables.
        name: "ledger" or "identities", for its upgrades and messages.
        schema: schema of the tables; None where the database has none.
        upgrades: steps from version 1 on; default: those of this program.

    Raises:
        RefusedError: the store was made by a newer program.
    """
    steps = UPGRADES[name] if upgrades is None else upgrades
    table = version_table(metadata)
    if not _has_tables(connection, schema):
        metadata.create_all(connection)
        connection.execute(insert(table).values(version=len(steps) + 1))
        return
    found = connection.execute(select(table.c.version)).scalar_one()
    if found > len(steps) + 1:
        raise newer(name, found)
    for step in steps[found - 1 :]:
        step(connection)
    if found <= len(steps):
        connection.execute(update(table).values(version=len(steps) + 1))


def is_current(connection: Connection, metadata: MetaData, name: str, schema: str | None) -> bool:
    """Whether a store has the tables of this version.

    Raises:
        RefusedError: the store was made by a newer program.
    """
    if not _has_tables(connection, schema):
        return False
    found = connection.execute(select(version_table(metadata).c.version)).scalar_one()
    if found > len(UPGRADES[name]) + 1:
        raise newer(name, found)
    return bool(found == len(UPGRADES[name]) + 1)


def newer(name: str, version: int) -> RefusedError:
    """What is said of a store that this program is too old for."""
    return RefusedError(
        f"The {name} of this round has version {version}; this praktijktest reads up to version "
        f"{len(UPGRADES[name]) + 1}. Use the newer praktijktest that made it."
    )


def make_schema(connection: Connection, schema: str) -> None:
    """Make a schema of a PostgreSQL database unless it is there."""
    if not inspect(connection).has_schema(schema):
        connection.execute(text(f'CREATE SCHEMA "{schema}"'))


def _has_tables(connection: Connection, schema: str | None) -> bool:
    return inspect(connection).has_table("store_version", schema=schema)
