"""The key with which a round signs what leaves it, made from the key of its pseudonyms."""

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from praktijktest.fieldwork.schema import KEYS

if TYPE_CHECKING:
    from praktijktest.fieldwork.identities import Identities

PURPOSE: Final = b"praktijktest signature of exports, 1"


def signing_seed(identities: "Identities") -> bytes | None:
    """Thirty-two secret bytes of the round; None where its key is not there or was erased.

    They follow from the key of the pseudonyms and tell nothing about it. So a round needs no
    second secret to keep, and whoever erases the one erases the other.
    """
    query = select(KEYS.c.key).where(KEYS.c.round == identities.round_id)
    with identities.store.reading() as connection:
        key = connection.execute(query).scalar()
    return None if key is None else hmac.new(bytes(key), PURPOSE, hashlib.sha256).digest()
