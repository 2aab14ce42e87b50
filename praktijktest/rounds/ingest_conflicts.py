"""Contradictions between a source and the ledger, with both values and where each is from."""

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from praktijktest.problems import Problem, shown
from praktijktest.rounds.ingest_values import PSEUDONYMS

if TYPE_CHECKING:
    from praktijktest.fieldwork.events import Event
    from praktijktest.fieldwork.identities import Identities
    from praktijktest.fieldwork.ingest import Reading
    from praktijktest.fieldwork.ingest_compare import Conflict
    from praktijktest.fieldwork.ingest_rows import SourceTable
    from praktijktest.fieldwork.ledger import Writing
    from praktijktest.rounds.round_store import OpenRound

CARRIERS: Final = ("planned", "drawn", "sent", "reply", "corrected", "failed")
CODE: Final = "conflict"


def conflict_problems(
    reading: "Reading", table: "SourceTable", writing: "Writing", opened: "OpenRound"
) -> list[Problem]:
    """A problem for every contradiction, and one for each column's that are only counted."""
    if not reading.conflicts:
        return []
    names = sorted({conflict.application for conflict in reading.conflicts})
    events: dict[str, list[Event]] = {}
    for event in writing.events(applications=names, kinds=CARRIERS):
        events.setdefault(event.application, []).append(event)
    problems = [
        _problem(conflict, table, events.get(conflict.application, ()), opened)
        for conflict in reading.conflicts
    ]
    for code, number in reading.more.items():
        column = code.removeprefix(f"{CODE} ")
        problems.append(
            Problem(
                code=code.split(" ", maxsplit=1)[0],
                message=f"{number} more rows have the same problem",
                file=table.name,
                column=column if column != code else None,
                count=number,
            )
        )
    return problems


def _problem(
    conflict: "Conflict",
    table: "SourceTable",
    events: "Sequence[Event]",
    opened: "OpenRound",
) -> Problem:
    have = _plain(conflict.column, conflict.known, opened.identities)
    given = _plain(conflict.column, conflict.given, opened.identities)
    if conflict.known_row:
        where = f"row {conflict.known_row} of this source says {shown(have)!r}"
    else:
        where = f"the ledger says {shown(have)!r}{_origin(conflict, events)}"
    reply = f" --reply {conflict.reply}" if conflict.reply else ""
    return Problem(
        code=CODE,
        message=f"{conflict.application}: {where}, and this row says {shown(given)!r}",
        file=table.files[conflict.file_code],
        row=conflict.row,
        column=conflict.column,
        value=shown(given),
        hint="mend the source; or if it is right: praktijktest correct "
        f"{conflict.application} --field {conflict.column} --to {shlex.quote(given)} "
        f"--reason …{reply}",
    )


def _origin(conflict: "Conflict", events: "Iterable[Event]") -> str:
    """Where the value of the ledger came from: file, row and event."""
    found = None
    for event in events:
        values = event.values
        if conflict.reply and values.get("reply", conflict.reply) != conflict.reply:
            continue
        told = values.get(conflict.column)
        if event.kind == "corrected":
            told = values.get("new") if values.get("field") == conflict.column else None
        if conflict.column == "test":
            told = event.test
        if told == conflict.known:
            found = event
    if found is None:
        return ""
    parts = [found.source, f"row {found.source_row}" if found.source_row else ""]
    parts.append(f"event {found.sequence}")
    return f" ({', '.join(part for part in parts if part)})"


def _plain(column: str, text: str, identities: "Identities") -> str:
    """A value as a person knows it: names in place of pseudonyms."""
    return (identities.plain(text) or text) if column in PSEUDONYMS else text
