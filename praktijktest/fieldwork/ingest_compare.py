"""One row against what the ledger knows of its application: what is new, what contradicts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from praktijktest.fieldwork.ingest_known import KnownApplication, KnownReply, reply_id
from praktijktest.fieldwork.ingest_rows import SourceRow

TIMES: Final = frozenset(("sent_at", "replied_at"))


@dataclass(frozen=True, slots=True)
class Rules:
    """How the rows of a source are to be understood.

    Attributes:
        planned: the round has a plan; a row with nothing filled in then says nothing.
        unplanned: applications that the plan does not have are taken too.
        several_replies: rows of one application are its replies, and not copies.
        every_row: rows of equal test, profile and position are different applications.
        numbers: columns whose values are numbers, whatever mark their decimals have.
    """

    planned: bool
    unplanned: bool = False
    several_replies: bool = False
    every_row: bool = False
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two values for one thing.

    Attributes:
        application: id of the application.
        column: what it is about.
        known: the value that was there.
        given: the value of the source.
        row: row of the source.
        file_code: which sheet of the source.
        known_row: row of the same source that gave the known value; 0: it is in the ledger.
        reply: id of the reply, "" where it is about the application.
    """

    application: str
    column: str
    known: str
    given: str
    row: int
    file_code: int
    known_row: int = 0
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Additions:
    """What one row adds.

    Attributes:
        sent: new values about the application; None when there is nothing to store.
        reply: id of the reply, "" when there is none.
        reply_values: new values about that reply.
        failed: reason code, "" when there is nothing new.
        note: the remark, "" when there is nothing new.
    """

    sent: dict[str, str] | None = None
    reply: str = ""
    reply_values: dict[str, str] | None = None
    failed: str = ""
    note: str = ""


def compare(
    row: SourceRow, known: KnownApplication, rules: Rules, note: str, used: set[str]
) -> Additions | list[Conflict]:
    """What a row adds to what is known; or, when it contradicts that, every contradiction.

    Args:
        row: the row.
        known: its application; it is not changed.
        rules: how rows are understood.
        note: hash of the row's remark, "" where there is none.
        used: replies that earlier rows of this source told of.
    """
    conflicts: list[Conflict] = []
    if row.test and row.test != known.test:
        conflicts.append(_conflict(row, known, "test", known.test, row.test))
    sent = _new_values(row, known, rules, conflicts)
    reply = _matching_reply(row, known, rules, used) if row.says_reply else None
    values: dict[str, str] | None = None
    name = ""
    if reply is not None:
        values, name = _new_reply_values(row, known, reply, rules, conflicts), reply.id
    elif row.says_reply:
        values, name = row.reply, _new_id(row, known, rules)
    if row.failed and known.failed and row.failed != known.failed:
        past = (known.past or {}).get("failed", set())
        if row.failed not in past:
            conflicts.append(_conflict(row, known, "failed", known.failed, row.failed))
    if conflicts:
        return conflicts
    tells = row.is_filled or not (rules.planned and known.planned)
    return Additions(
        sent=sent if tells and (sent or not (known.sent or row.says_reply or row.failed)) else None,
        reply=name,
        reply_values=values or None,
        failed=row.failed if row.failed and not known.failed else "",
        note=note if note and note not in (known.notes or ()) else "",
    )


def apply(additions: Additions, row: SourceRow, known: KnownApplication) -> None:
    """Let the next row of the same application see what this one added."""
    if additions.sent is not None:
        known.sent = True
        known.fields = {**known.fields, **additions.sent}
        known.row = known.row or row.row
    if additions.reply_values:
        known.sent = True
        for reply in known.replies:
            if reply.id == additions.reply:
                reply.values = {**reply.values, **additions.reply_values}
                break
        else:
            values = dict(additions.reply_values)
            told = KnownReply(additions.reply, values, typed=True, row=row.row)
            known.replies = (*known.replies, told)
    if additions.failed:
        known.failed, known.sent = additions.failed, True
    if additions.note:
        known.notes = {*(known.notes or ()), additions.note}


def same_value(column: str, one: str, other: str, rules: Rules) -> bool:
    """Whether two spellings mean the same: times of one instant, numbers of one size."""
    if one == other:
        return True
    if column in TIMES:
        return _same_moment(one, other)
    if column in rules.numbers:
        return _same_number(one, other)
    return False


def _same_moment(one: str, other: str) -> bool:
    try:
        first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
    except ValueError:
        return False
    if (first.tzinfo is None) != (second.tzinfo is None):
        return False
    return first == second


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one.replace(",", ".")) == float(other.replace(",", "."))
    except ValueError:
        return False


def _new_values(
    row: SourceRow, known: KnownApplication, rules: Rules, conflicts: list[Conflict]
) -> dict[str, str]:
    """The values about the application that the ledger lacks."""
    if not known.fields:
        return row.sent
    new = {}
    for column, given in row.sent.items():
        have = known.fields.get(column, "")
        if not have:
            new[column] = given
        elif not _agrees(column, have, given, known.past, rules):
            conflicts.append(_conflict(row, known, column, have, given))
    return new


def _agrees(
    column: str, have: str, given: str, past: dict[str, set[str]] | None, rules: Rules
) -> bool:
    """Whether a value is the one in force, or one that was corrected since."""
    if same_value(column, have, given, rules):
        return True
    earlier = past.get(column, ()) if past else ()
    return any(same_value(column, old, given, rules) for old in earlier)


def _matching_reply(
    row: SourceRow, known: KnownApplication, rules: Rules, used: set[str]
) -> KnownReply | None:
    """The reply that a row tells of, if the ledger has it.

    A table has one row per application unless the design says that rows are replies: then
    a reply is known by its time and code. A reply that was not read from a table (by mail,
    or added by hand) is met again only by the same time and code.
    """
    for reply in known.replies:
        if reply.id not in used and _is_same_reply(row, reply, rules):
            return reply
    if rules.several_replies:
        at = row.reply.get("replied_at", "")
        for reply in known.replies:
            have = reply.values.get("replied_at", "")
            free = reply.typed and reply.id not in used and bool(have and at)
            if free and same_value("replied_at", have, at, rules):
                return reply
        return None
    return next((reply for reply in known.replies if reply.typed), None)


def _is_same_reply(row: SourceRow, reply: KnownReply, rules: Rules) -> bool:
    """Whether time and code of a row are those of a reply, or were before a correction."""
    return all(
        _agrees(column, reply.values.get(column, ""), row.reply.get(column, ""), reply.past, rules)
        for column in ("replied_at", "outcome")
    )


def _new_reply_values(
    row: SourceRow,
    known: KnownApplication,
    reply: KnownReply,
    rules: Rules,
    conflicts: list[Conflict],
) -> dict[str, str]:
    new = {}
    for column, given in row.reply.items():
        have = reply.values.get(column, "")
        if not have:
            new[column] = given
        elif not _agrees(column, have, given, reply.past, rules):
            conflicts.append(_conflict(row, known, column, have, given, reply))
    return new


def _new_id(row: SourceRow, known: KnownApplication, rules: Rules) -> str:
    """An id that does not depend on which source was read first.

    Where a table has one row per application, its time may come from another source later.
    """
    at = row.reply.get("replied_at", "") if rules.several_replies else ""
    taken = {reply.id for reply in known.replies}
    ordinal = 0
    while (name := reply_id(known.application, at, "", "", ordinal)) in taken:
        ordinal += 1
    return name


def _conflict(
    row: SourceRow,
    known: KnownApplication,
    column: str,
    have: str,
    given: str,
    reply: KnownReply | None = None,
) -> Conflict:
    return Conflict(
        application=known.application,
        column=column,
        known=have,
        given=given,
        row=row.row,
        file_code=row.file_code,
        known_row=known.row if reply is None else reply.row,
        reply="" if reply is None else reply.id,
    )


def tells_known_reply(row: SourceRow, known: KnownApplication, rules: Rules) -> bool:
    """Whether a row tells of a reply that is known by the same time and code."""
    return any(_is_same_reply(row, reply, rules) for reply in known.replies)
