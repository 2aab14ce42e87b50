"""Erasing from the identity store: names and their key, and what people wrote or said.

Without the key no pseudonym of the ledger can be worked out from a name again, not even by
who still has the list of names. What is deleted is overwritten and its room given back, so
that it is not in the file afterwards. Copies of the store made before are out of reach.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select

from praktijktest.fieldwork.identities import ERASED, NAMES_AT_ONCE, NOBODY, Identities
from praktijktest.fieldwork.schema import DETAILS, DOCUMENTS, KEYS, PSEUDONYMS


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased from an identity store.

    Attributes:
        identities: pseudonyms that stand for nobody from now on.
        documents: messages, words, notes, adverts and sources.
    """

    identities: int = 0
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """What an identity store holds.

    Attributes:
        identities: pseudonyms by kind.
        documents: documents by class: how many, and their bytes.
        erased_on: when its identities were erased, "" where they were not.
    """

    identities: dict[str, int]
    documents: dict[str, tuple[int, int]]
    erased_on: str


def held(identities: Identities) -> Held:
    """Count what an identity store holds of its round."""
    own = identities.round_id
    kinds = select(PSEUDONYMS.c.kind, func.count()).where(PSEUDONYMS.c.round == own)
    size = func.coalesce(func.sum(func.length(DOCUMENTS.c.content)), 0)
    column = DOCUMENTS.c["class"]
    classes = select(column, func.count(), size).where(DOCUMENTS.c.round == own)
    with identities.store.reading() as connection:
        counted = connection.execute(kinds.group_by(PSEUDONYMS.c.kind)).all()
        kept = connection.execute(classes.group_by(column)).all()
    return Held(
        identities={str(kind): int(number) for kind, number in sorted(counted)},
        documents={str(name): (int(number), int(total)) for name, number, total in sorted(kept)},
        erased_on=identities.erased_on(),
    )


def erase(
    identities: Identities,
    *,
    names: bool,
    documents: bool,
    at: str,
    keep: Collection[str] = (),
    keep_documents: Collection[str] = (),
) -> Erased:
    """Erase from an identity store, whole or not at all.

    Args:
        identities: the store, outside of a batch.
        names: erase the key, who is behind each pseudonym and what is known of them.
        documents: erase messages, words, notes, adverts and sources.
        at: moment of the erasure, ISO; the store says it to who asks later.
        keep: pseudonyms that stay readable, such as those of open cases; the key goes anyway.
        keep_documents: hashes of documents that stay.
    """
    own = identities.round_id
    with identities.store.writing() as connection:
        gone = 0
        if names:
            gone = _delete_but(connection, PSEUDONYMS, PSEUDONYMS.c.pseudonym, own, keep)
            _delete_but(connection, DETAILS, DETAILS.c.pseudonym, own, keep)
            connection.execute(delete(KEYS).where(KEYS.c.round == own))
            mark = {"round": own, "pseudonym": NOBODY, "name": ERASED, "value": at}
            connection.execute(insert(DETAILS), [mark])
        dropped = (
            _delete_but(connection, DOCUMENTS, DOCUMENTS.c.sha256, own, keep_documents)
            if documents
            else 0
        )
    identities.store.compact()
    return Erased(gone, dropped)


def _delete_but(
    connection: Connection,
    table: Table,
    column: ColumnElement[str],
    own: str,
    keep: Collection[str],
) -> int:
    """Delete the rows of a round but those of a few; how many went."""
    query = select(column).where(table.c.round == own).distinct()
    going = sorted({str(value) for value in connection.execute(query).scalars()} - {*keep})
    before = int(connection.execute(select(func.count()).select_from(table)).scalar_one())
    for start in range(0, len(going), NAMES_AT_ONCE):
        piece = going[start : start + NAMES_AT_ONCE]
        connection.execute(delete(table).where(table.c.round == own, column.in_(piece)))
    return before - int(connection.execute(select(func.count()).select_from(table)).scalar_one())
