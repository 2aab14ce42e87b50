"""The gate of an export: the ledger must hold, and notes what left it and what did not."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from praktijktest.problems import UsageError, VerificationError
from praktijktest.storage import folder_kind

if TYPE_CHECKING:
    from praktijktest.fieldwork.identities import Identities
    from praktijktest.rounds.round_store import OpenRound

LONGEST: Final = 500
"""Characters of a purpose or a recipient."""
SHORTEST_NAME: Final = 4
"""Shorter ids ("K1") may stand in a purpose by chance."""

Advance = Callable[[int], None]


def identities_of(opened: "OpenRound") -> "Identities | None":
    """The identity store of a round; None where it is not here."""
    try:
        return opened.identities
    except UsageError:
        return None


def require_chain(
    opened: "OpenRound", advance: Advance | None = None, *, done: str = "exported"
) -> None:
    """See that nothing in the ledger was changed from outside.

    Args:
        opened: the round.
        advance: called now and then with the number of events read since.
        done: what was to be done with it, for the message.

    Raises:
        VerificationError: something was; nothing is done with such a ledger.
    """
    from praktijktest.fieldwork.chain import verify_chain

    problems = verify_chain(opened.ledger, advance)
    if problems:
        raise VerificationError(
            f"The ledger is not what was stored; nothing was {done}. praktijktest verify says "
            "what else is wrong.",
            problems,
        )


def require_nameless(opened: "OpenRound", texts: Iterable[tuple[str, str]]) -> None:
    """See that what goes into the ledger for good names no agent.

    Args:
        opened: the round.
        texts: option and its text.

    Raises:
        UsageError: a text names an agent, or is longer than a sentence.
    """
    from praktijktest.casework.people import names_of_targets

    given = [(option, text) for option, text in texts if text]
    identities = identities_of(opened)
    known = names_of_targets(identities).items() if given and identities is not None else ()
    for option, text in given:
        if len(text) > LONGEST:
            raise UsageError(f"{option} is longer than {LONGEST} characters; say it shorter.")
        for plain, pseudonym in known:
            if names_in(text, plain):
                raise UsageError(
                    f"{option} names an agent, and stays in the ledger for good; write "
                    f"{pseudonym} in its place."
                )


def note(opened: "OpenRound", kind: str, values: dict[str, str]) -> None:
    """Add an event about an export to the ledger.

    Raises:
        RefusedError, DataError: as for `Ledger.writing`.
    """
    from praktijktest.fieldwork.events import NewEvent

    filled = {name: text for name, text in values.items() if text}
    with opened.ledger.writing(_who(opened)) as writing:
        writing.append([NewEvent(kind, values=filled)])


def leaving(
    directory: Path, audience: str, *, store: str | None, who: str | None
) -> Callable[[str], None]:
    """What notes in the ledger that an export without names leaves a round, by its manifest.

    Of a report folder nothing is noted: it has left its ledger already.

    Args:
        directory: a report folder or a round folder.
        audience: public or research.
        store: URL of the ledger of a round folder.
        who: who exports.
    """
    from praktijktest.rounds.round_store import open_round

    def noted(manifest_sha256: str) -> None:
        if folder_kind(directory) == "report":
            return
        values = {"what": audience, "audience": audience, "manifest_sha256": manifest_sha256}
        with open_round(directory, store=store, who=who, create=False) as opened:
            note(opened, "exported", {**values, "named": "no"})

    return noted


def note_refusal(opened: "OpenRound", audience: str, asked: str, purpose: str) -> None:
    """Note in the ledger what was asked for and not given."""
    values = {"what": "cases", "audience": audience, "asked": asked, "purpose": purpose}
    note(opened, "refused", values)


def pseudonym_of(opened: "OpenRound", person: str) -> str:
    """Pseudonym of somebody who works in the round; "" without an identity store."""
    identities = identities_of(opened)
    if not person or identities is None:
        return ""
    return identities.pseudonyms("person", [person])[person]


def _who(opened: "OpenRound") -> str:
    """Pseudonym of who gives the command; "" where no identity store can make one."""
    if identities_of(opened) is None:
        return ""
    return opened.who


def names_in(text: str, plain: str) -> bool:
    """Whether a text holds an id or a name, as words of their own."""
    if len(plain) < SHORTEST_NAME:
        return False
    return re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", text, re.IGNORECASE) is not None
