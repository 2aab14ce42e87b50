"""The state of a round as a log, under the contract's column names: one row per reply."""

from collections.abc import Iterable, Iterator
from typing import Final

from praktijktest.fieldwork.state import ApplicationState, Reply, RoundState
from praktijktest.vocabulary import UNCODED

FROZEN_COLUMNS: Final = (
    "test",
    "application",
    "profile",
    "position",
    "target",
    "target_group",
    "advert",
    "template",
    "channel",
    "tester",
    "sent_at",
    "reply",
    "reply_channel",
    "replied_at",
    "outcome",
    "evidence",
    "coder",
    "failed",
)
"""The first columns of every frozen log, by which one is known; what else the round has follows."""

ONLY_PLANNED: Final = frozenset(("send_at", "slot", "mailbox"))
"""Fields that say what was meant to be done, and mailboxes; they stay in the ledger."""

Row = tuple[str, ...]


def frozen_log(state: RoundState) -> tuple[tuple[str, ...], list[Row]]:
    """The round as a log, sorted by test, position, application and time of reply.

    An application that was sent has a row for every reply, or one row without a reply; one
    that was never sent is not in it. The outcome is the code in force. It is empty where
    nobody replied: what silence means depends on the moment of the analysis. It is
    `uncoded` where somebody replied and no code is in force yet.

    Returns:
        Column names, and rows of texts.
    """
    header, rows = frozen_rows(state)
    return header, list(rows)


def frozen_rows(state: RoundState) -> tuple[tuple[str, ...], Iterator[Row]]:
    """The frozen log with its rows made one by one, for rounds of any size."""
    sent = [one for one in state.applications.values() if one.sent]
    extra = sorted({name for one in sent for name in one.fields} - _OWN - ONLY_PLANNED)
    sent.sort(key=_order)
    return (*FROZEN_COLUMNS, *extra), (row for one in sent for row in _rows(one, extra))


def is_frozen_log(header: Iterable[str]) -> bool:
    """Whether a table is a frozen log: what its missing outcomes mean is then known."""
    return tuple(header)[: len(FROZEN_COLUMNS)] == FROZEN_COLUMNS


_REPLY: Final = ("reply", "reply_channel", "replied_at", "outcome", "evidence", "coder")
_OWN: Final = frozenset(FROZEN_COLUMNS)
_BEFORE: Final = FROZEN_COLUMNS[2 : FROZEN_COLUMNS.index("reply")]
_SILENCE: Final = ("",) * len(_REPLY)


def _order(one: ApplicationState) -> tuple[str, float, str, str]:
    position = one.fields.get("position", "")
    number = float(position) if position.isdecimal() else float("inf")
    return (one.test, number, position, one.application)


def _rows(one: ApplicationState, extra: list[str]) -> Iterator[Row]:
    get = one.fields.get
    before = (one.test, one.application, *[get(name, "") for name in _BEFORE])
    after = (one.failed, *[get(name, "") for name in extra])
    if not one.replies:
        yield (*before, *_SILENCE, *after)
    for reply in one.replies:
        yield (*before, *_reply(reply), *after)


def _reply(reply: Reply) -> Row:
    coders = sorted({coding.coder for coding in reply.codings if coding.coder})
    return (
        reply.id,
        reply.channel,
        reply.replied_at,
        reply.outcome or UNCODED,
        reply.evidence,
        "+".join(coders),
    )
