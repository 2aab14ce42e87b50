"""What may be shown from the identity store: who an agent is, and what was said."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from praktijktest.casework.cases import Person

if TYPE_CHECKING:
    from praktijktest.fieldwork.identities import Identities


class People:
    """The identity store as one audience may look at it; without a store it shows nothing.

    Attributes:
        shows_names: agents and adverts are shown by name.
        shows_words: words are shown.
    """

    def __init__(
        self, identities: "Identities | None", *, names: bool = False, words: bool = False
    ) -> None:
        self._identities = identities
        self._documents: dict[str, bytes] = {}
        self.shows_names = names and identities is not None
        self.shows_words = words and identities is not None

    def person(self, pseudonym: str) -> Person | None:
        """Who a pseudonym stands for; None where names are not shown."""
        if not self.shows_names or self._identities is None:
            return None
        plain = self._identities.plain(pseudonym)
        if plain is None:
            return Person(erased=True)
        return Person(plain, _readable(self._identities.details(pseudonym)))

    def advert(self, pseudonym: str) -> tuple[str, str]:
        """Reference and link of an advert; its pseudonym alone where names are not shown."""
        if not pseudonym or not self.shows_names or self._identities is None:
            return pseudonym, ""
        plain = self._identities.plain(pseudonym)
        link = self._identities.details(pseudonym).get("link", "")
        return pseudonym if plain is None else plain, link

    def words(self, words: str, message: str) -> str | None:
        """The words of a reply by the hash of its document; None where there are none to show.

        Args:
            words: hash of the words, "" where there are none.
            message: hash of the raw mail, "" where there is none.
        """
        if not self.shows_words or self._identities is None:
            return None
        if words:
            content = self._document(words)
            return None if content is None else content.decode("utf-8", "replace")
        content = self._document(message) if message else None
        return None if content is None else _text_of_mail(content)

    def fetch(self, sha256s: Iterable[str]) -> None:
        """Look up many documents at once, where words are shown."""
        if self.shows_words and self._identities is not None:
            self._documents |= self._identities.documents(sha256s)

    def _document(self, sha256: str) -> bytes | None:
        found = self._documents.get(sha256)
        if found is None and self._identities is not None:
            found = self._identities.document(sha256)
        return found


def _readable(details: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in sorted(details.items()) if text}


def _text_of_mail(content: bytes) -> str:
    from praktijktest.fieldwork.mail_message import read_message
    from praktijktest.fieldwork.mail_sources import RawMessage

    return read_message(RawMessage("", 0, content)).text


def names_of_targets(identities: "Identities") -> dict[str, str]:
    """Id and name of every target and group of targets -> its pseudonym."""
    from sqlalchemy import select

    from praktijktest.fieldwork.schema import DETAILS

    found = {
        plain: pseudonym
        for kind in ("target_group", "target")
        for pseudonym, plain in identities.everybody(kind).items()
    }
    known = set(found.values())
    query = select(DETAILS.c.pseudonym, DETAILS.c.value).where(
        DETAILS.c.round == identities.round_id, DETAILS.c.name == "name"
    )
    with identities.store.reading() as connection:
        for pseudonym, name in connection.execute(query):
            if pseudonym in known:
                found.setdefault(str(name), str(pseudonym))
    return found
