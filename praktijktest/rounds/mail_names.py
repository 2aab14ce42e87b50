"""What a person means by the id of a message or a reply, or by its first characters."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from praktijktest.problems import DataError, UsageError, shown

if TYPE_CHECKING:
    from praktijktest.fieldwork.mail_events import KnownMessage
    from praktijktest.fieldwork.mail_message import Mail
    from praktijktest.fieldwork.state import ApplicationState, Reply, RoundState
    from praktijktest.rounds.round_store import OpenRound

SHORTEST_ID: Final = 4
LISTED: Final = 8


def replies_named(state: "RoundState", name: str) -> "list[tuple[ApplicationState, Reply]]":
    """The replies by mail whose id begins so."""
    wanted = name.casefold()
    if len(wanted) < SHORTEST_ID:
        return []
    return [
        (application, reply)
        for application in state.applications.values()
        for reply in application.replies
        if reply.message and reply.id.startswith(wanted)
    ]


def one_reply(
    found: "list[tuple[ApplicationState, Reply]]", name: str
) -> "tuple[ApplicationState, Reply]":
    """The only reply found.

    Raises:
        UsageError: there is none, or there are several.
    """
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(
            f"There is no reply by mail {shown(name)!r}; those that wait: praktijktest mail list"
        )
    raise UsageError(f"{shown(name)} begins several replies: {_listed(r.id for _, r in found)}")


def message_named(known: "dict[str, KnownMessage]", name: str) -> "KnownMessage":
    """The message of this id, or of this beginning of it.

    Raises:
        UsageError: there is none, or there are several.
    """
    from praktijktest.fieldwork.mail_events import SHORT_ID

    wanted = name.casefold()
    found = [one for sha256, one in known.items() if sha256.startswith(wanted)]
    if len(wanted) >= SHORTEST_ID and len(found) == 1:
        return found[0]
    if len(wanted) >= SHORTEST_ID and found:
        several = _listed(one.message[:SHORT_ID] for one in found)
        raise UsageError(f"{shown(name)} begins several messages: {several}")
    raise UsageError(
        f"There is no message {shown(name)!r}; those that wait: praktijktest mail list"
    )


def read_kept(opened: "OpenRound", sha256: str) -> "Mail":
    """A message as it was kept, read.

    Raises:
        DataError: it was erased from the identity store.
    """
    from praktijktest.fieldwork.mail_message import read_message
    from praktijktest.fieldwork.mail_sources import RawMessage

    content = opened.identities.document(sha256)
    if content is None:
        raise DataError(f"The message {sha256[:12]} is not in the identity store any more.")
    return read_message(RawMessage("", 0, content))


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = ", …" if len(found) > LISTED else ""
    return ", ".join(found[:LISTED]) + more


def bounce_named(known: "dict[str, KnownMessage]", name: str) -> "KnownMessage | None":
    """The bounce of this id; None where no message has it.

    Raises:
        UsageError: the message is no bounce, or belongs to no application yet.
    """
    found = [one for one in known.values() if one.message.startswith(name.casefold())]
    if len(name) < SHORTEST_ID or not found:
        return None
    message = message_named(known, name)
    if message.open:
        raise UsageError(f"Message {name} belongs to no application yet: praktijktest mail match")
    if message.kind != "bounce":
        replies = ", ".join(message.replies.values())
        told = f"; its reply is {replies}" if replies else ""
        raise UsageError(f"Message {name} did not come back undelivered{told}.")
    return message
