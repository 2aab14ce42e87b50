"""The identity store: who is behind a pseudonym, and what people wrote or said.

It is apart from the ledger, in a file or a schema of its own that fewer people may read.
The analysis never needs it, and erasing from it leaves the chain of the ledger whole.
"""

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, LargeBinary, cast, select
from sqlalchemy.dialects import postgresql, sqlite

from praktijktest.fieldwork.events import is_storable
from praktijktest.fieldwork.schema import DETAILS, DOCUMENTS, IDENTITIES, KEYS, PSEUDONYMS
from praktijktest.fieldwork.store import Opened, Store, StoreKind, open_store
from praktijktest.problems import DataError, Problem, RefusedError, shown

IDENTITY_STORE: Final = StoreKind(
    name="identities",
    metadata=IDENTITIES,
    file="identities.db",
    variable="PRAKTIJKTEST_IDENTITIES",
    schema="praktijktest_identities",
    private=True,
    named_by="PRAKTIJKTEST_IDENTITIES",
)

PREFIXES: Final = {
    "target": "T",
    "target_group": "G",
    "advert": "A",
    "person": "P",
    "address": "M",
}
"""Kind of identity -> first letter of its pseudonyms."""

DOCUMENT_CLASSES: Final = ("message", "words", "note", "advert", "source")

NOBODY: Final = ""
"""Pseudonym under which the store keeps what is about the store itself."""
ERASED: Final = "erased"
"""Detail of `NOBODY` that says when the identities were erased."""

PSEUDONYM_LENGTH: Final = 10
KEY_BYTES: Final = 32
NAMES_AT_ONCE: Final = 5_000

_CONTENT: Final = cast(DOCUMENTS.c.content, LargeBinary)
"""Bytes whatever is stored: a file that was changed from outside may hold text instead."""


class Identities(Opened):
    """The identity store of one round; close it, or use it as a context manager.

    Every call that stores something is a transaction of its own, unless calls are grouped
    by `batch`. A batch ends before the ledger's lock is taken, or lies within it: two
    commands that take both in different orders would wait for each other.
    """

    def __init__(self, store: Store, round_id: str) -> None:
        super().__init__(store, round_id)
        self._batch: Connection | None = None
        self._key: bytes | None = None
        self._erased: str | None = None

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Store everything in the block together at its end, or nothing: far faster for many."""
        if self._batch is not None:
            yield
            return
        with self.store.writing() as connection:
            self._batch = connection
            try:
                yield
            finally:
                self._batch = None

    def pseudonyms(self, kind: str, plain: Iterable[str]) -> dict[str, str]:
        """The pseudonym of every text; those not seen before are stored.

        Args:
            kind: target, target_group, advert, person or address.
            plain: ids, names or addresses; "" has the pseudonym "".

        Returns:
            plain text -> pseudonym.

        Raises:
            RefusedError: the identities of this round were erased, so that a name would get a
                second pseudonym; persons who give commands get a new one.
        """
        wanted = sorted(set(plain))
        _require_storable(wanted)
        if kind != "person" and any(wanted):
            self._refuse_after_erasure()
        key = self._own_key()
        made = {text: _pseudonym(key, kind, text) if text else "" for text in wanted}
        with self._reading() as connection:
            known = set(_in_pieces(connection, self._known(kind), [t for t in wanted if t]))
        new = [text for text in wanted if text and text not in known]
        if new:
            rows = [
                {"round": self.round_id, "pseudonym": made[text], "kind": kind, "plain": text}
                for text in new
            ]
            with self._writing() as connection:
                _insert_new(connection, PSEUDONYMS, rows)
        return made

    def plain(self, pseudonym: str) -> str | None:
        """Who or what a pseudonym stands for; None where it is unknown or was erased."""
        query = select(PSEUDONYMS.c.plain).where(
            PSEUDONYMS.c.round == self.round_id, PSEUDONYMS.c.pseudonym == pseudonym
        )
        with self._reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else str(found)

    def everybody(self, kind: str) -> dict[str, str]:
        """Every pseudonym of a kind and what it stands for."""
        query = select(PSEUDONYMS.c.pseudonym, PSEUDONYMS.c.plain).where(
            PSEUDONYMS.c.round == self.round_id, PSEUDONYMS.c.kind == kind
        )
        with self._reading() as connection:
            return {str(pseudonym): str(text) for pseudonym, text in connection.execute(query)}

    def erased_on(self) -> str:
        """When the key and the names of this round were erased, ISO; "" where they were not."""
        if self._erased is None:
            query = select(DETAILS.c.value).where(
                DETAILS.c.round == self.round_id,
                DETAILS.c.pseudonym == NOBODY,
                DETAILS.c.name == ERASED,
            )
            with self._reading() as connection:
                self._erased = str(connection.execute(query).scalar() or "")
        return self._erased

    def _refuse_after_erasure(self) -> None:
        if self.erased_on():
            raise RefusedError(
                f"The identities of this round were erased on {self.erased_on()[:10]}: names "
                "can no longer be told apart from those before, and nothing is added to it."
            )

    def describe(self, kind: str, plain: str, details: Mapping[str, str]) -> None:
        """Keep what is known of somebody: name, link, contact, company number."""
        self.describe_all(kind, {plain: details})

    def describe_all(self, kind: str, details: Mapping[str, Mapping[str, str]]) -> None:
        """Keep what is known of many; a value that is known already is replaced.

        Args:
            kind: kind of identity.
            details: plain text -> name of the detail -> value; empty values are left out.
        """
        made = self.pseudonyms(kind, details)
        rows = [
            {"round": self.round_id, "pseudonym": made[plain], "name": name, "value": value}
            for plain, found in details.items()
            for name, value in found.items()
            if plain and value
        ]
        _require_storable(text for row in rows for text in (row["name"], row["value"]))
        if rows:
            with self._writing() as connection:
                _insert_or_replace(connection, rows)

    def details(self, pseudonym: str) -> dict[str, str]:
        """What is known of who is behind a pseudonym."""
        query = select(DETAILS.c.name, DETAILS.c.value).where(
            DETAILS.c.round == self.round_id, DETAILS.c.pseudonym == pseudonym
        )
        with self._reading() as connection:
            return {str(name): str(value) for name, value in connection.execute(query)}

    def keep(self, content: bytes, *, name: str, media_type: str, document_class: str) -> str:
        """Keep a document; one with the same bytes is kept once.

        Args:
            content: its bytes as they came.
            name: base name of the file, or what to call it.
            media_type: such as message/rfc822, text/plain, application/pdf.
            document_class: message, words, note, advert or source.

        Returns:
            Its SHA-256, by which the ledger names it.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        row = {
            "round": self.round_id,
            "sha256": sha256,
            "media_type": media_type,
            "name": name,
            "class": document_class,
            "content": content,
        }
        with self._writing() as connection:
            _insert_new(connection, DOCUMENTS, [row])
        return sha256

    def document(self, sha256: str) -> bytes | None:
        """The bytes of a document; None where it is unknown or was erased."""
        query = select(_CONTENT).where(
            DOCUMENTS.c.round == self.round_id, DOCUMENTS.c.sha256 == sha256
        )
        with self._reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else bytes(found)

    def documents(self, sha256s: Iterable[str]) -> dict[str, bytes]:
        """The bytes of many documents by their hash; those unknown or erased are left out."""
        wanted = sorted(set(sha256s))
        query = select(DOCUMENTS.c.sha256, _CONTENT)
        own = query.where(DOCUMENTS.c.round == self.round_id)
        found: dict[str, bytes] = {}
        with self._reading() as connection:
            for start in range(0, len(wanted), NAMES_AT_ONCE):
                piece = wanted[start : start + NAMES_AT_ONCE]
                rows = connection.execute(own.where(DOCUMENTS.c.sha256.in_(piece)))
                found.update((str(sha256), bytes(content)) for sha256, content in rows)
        return found

    def kept(self) -> frozenset[str]:
        """The hashes of all documents that are kept."""
        query = select(DOCUMENTS.c.sha256).where(DOCUMENTS.c.round == self.round_id)
        with self._reading() as connection:
            return frozenset(str(sha256) for sha256 in connection.execute(query).scalars())

    def verify(self) -> list[Problem]:
        """Documents whose bytes no longer have the hash by which the ledger names them."""
        names = select(DOCUMENTS.c.sha256, DOCUMENTS.c.name).where(
            DOCUMENTS.c.round == self.round_id
        )
        with self._reading() as connection:
            known = [(str(sha256), str(name)) for sha256, name in connection.execute(names)]
        return [
            Problem(
                code="document-changed",
                message=f"the document {sha256[:12]}… is not what it was when it came in",
                file=self.store.place,
                value=name,
                hint="restore identities.db from a copy",
            )
            for sha256, name in sorted(known)
            if hashlib.sha256(self.document(sha256) or b"").hexdigest() != sha256
        ]

    def _known(self, kind: str) -> Any:
        return select(PSEUDONYMS.c.plain).where(
            PSEUDONYMS.c.round == self.round_id, PSEUDONYMS.c.kind == kind
        )

    def _own_key(self) -> bytes:
        """The key of the round; made at its first use."""
        if self._key is not None:
            return self._key
        query = select(KEYS.c.key).where(KEYS.c.round == self.round_id)
        with self._reading() as connection:
            found = connection.execute(query).scalar()
        if found is None:
            row = {"round": self.round_id, "key": secrets.token_bytes(KEY_BYTES)}
            with self._writing() as connection:
                _insert_new(connection, KEYS, [row])
                found = connection.execute(query).scalar_one()
        self._key = bytes(found)
        return self._key

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._batch is not None:
            yield self._batch
            return
        with self.store.reading() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._batch is not None:
            yield self._batch
            return
        with self.store.writing() as connection:
            yield connection


def open_identities(
    folder: Path, round_id: str, *, store: str | None = None, create: bool = True
) -> Identities:
    """Open the identity store of a round.

    Args:
        folder: the round folder.
        round_id: id of the round.
        store: URL; default: that in PRAKTIJKTEST_IDENTITIES, else identities.db, which only
            its owner may read.
        create: make it where there is none.

    Raises:
        UsageError, RefusedError, DataError: as for `open_ledger`.
    """
    return Identities(open_store(folder, IDENTITY_STORE, store, create=create), round_id)


def _pseudonym(key: bytes, kind: str, plain: str) -> str:
    digest = hmac.new(key, f"{kind}\x1f{plain}".encode(), hashlib.sha256).digest()
    return f"{PREFIXES[kind]}-{b32encode(digest).decode('ascii')[:PSEUDONYM_LENGTH].lower()}"


def _require_storable(texts: Iterable[str]) -> None:
    bad = next((text for text in texts if not is_storable(text)), None)
    if bad is not None:
        problem = Problem(
            code="text-not-storable",
            message="this text holds a character that cannot be stored",
            value=shown(ascii(bad)),
            hint="take it out of the source",
        )
        raise DataError("A name or detail cannot be stored; nothing was.", [problem])


def _in_pieces(connection: Connection, query: Any, texts: list[str]) -> Iterator[str]:
    for start in range(0, len(texts), NAMES_AT_ONCE):
        piece = texts[start : start + NAMES_AT_ONCE]
        yield from connection.execute(query.where(PSEUDONYMS.c.plain.in_(piece))).scalars()


def _insert_new(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    """Insert rows; those whose key is there already stay as they are."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    keys = [column.name for column in table.primary_key]
    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=keys)
    connection.execute(statement, rows)


def _insert_or_replace(connection: Connection, rows: list[dict[str, Any]]) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    made = dialect.insert(DETAILS)
    keys = [column.name for column in DETAILS.primary_key]
    replaced = {"value": made.excluded.value}
    connection.execute(made.on_conflict_do_update(index_elements=keys, set_=replaced), rows)
