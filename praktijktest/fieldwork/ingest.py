"""From the rows of a source to the events that the ledger lacks, and what contradicts it."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from praktijktest.fieldwork.events import NewEvent
from praktijktest.fieldwork.ingest_compare import (
    Additions,
    Conflict,
    Rules,
    apply,
    compare,
    tells_known_reply,
)
from praktijktest.fieldwork.ingest_known import Known, KnownApplication
from praktijktest.fieldwork.ingest_matching import Unmatched, application_of
from praktijktest.fieldwork.ingest_rows import SourceRow, SourceTable, row_groups
from praktijktest.problems import Problem

EXPLAINED: Final = 50
"""Rows of one kind of problem that are explained; the rest is counted."""
STEP: Final = 2_000
"""Applications between two reports of progress."""


@dataclass(slots=True)
class Reading:
    """What reading a source came to; complete when its events have been taken.

    Attributes:
        rows: rows looked at.
        silent: rows of the plan in which nothing was filled in.
        repeated: rows that say only what the ledger has.
        bad: rows that cannot be taken.
        events: how many events of each kind.
        notes: hash -> remark, for those that are new.
        conflicts: values that contradict, the first of each column explained.
        problems: rows without an application, and warnings.
    """

    rows: int = 0
    silent: int = 0
    repeated: int = 0
    bad: int = 0
    events: Counter[str] = field(default_factory=Counter)
    notes: dict[str, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _seen: Counter[str] = field(default_factory=Counter)

    @property
    def more(self) -> dict[str, int]:
        """Kind of problem -> places that are counted and not explained."""
        return {code: n - EXPLAINED for code, n in self._seen.items() if n > EXPLAINED}

    def explain(self, code: str) -> bool:
        """Count a problem; whether it is still to be explained."""
        self._seen[code] += 1
        return self._seen[code] <= EXPLAINED


def new_events(
    table: SourceTable,
    known: Known,
    rules: Rules,
    reading: Reading,
    progress: Callable[[int], None] | None = None,
) -> Iterator[NewEvent]:
    """The events by which a source goes beyond the ledger, one application after the other.

    A row that contradicts the ledger, or belongs to no application, gives no event and is
    noted in `reading`. So the caller decides at the end whether the source is taken.

    Args:
        table: the source.
        known: what the ledger says; what the source adds is added to it.
        rules: how rows are understood.
        reading: collects counts, conflicts and problems.
        progress: is called with the number of rows looked at.
    """
    for number, rows in enumerate(row_groups(table, every_row=rules.every_row)):
        reading.rows += len(rows)
        if progress is not None and number % STEP == 0:
            progress(reading.rows)
        application = application_of(rows[0], known, rules)
        if isinstance(application, Unmatched):
            _refuse(rows, application, table, reading)
            continue
        yield from _of_application(rows, application, table, rules, reading)
    if progress is not None:
        progress(reading.rows)


def _of_application(
    rows: Sequence[SourceRow],
    known: KnownApplication,
    table: SourceTable,
    rules: Rules,
    reading: Reading,
) -> Iterator[NewEvent]:
    used: set[str] = set()
    if rules.several_replies and len(rows) > 1:
        # What the ledger has first, so that another reply of that day does not contradict it.
        rows = sorted(rows, key=lambda row: not tells_known_reply(row, known, rules))
    for row in rows:
        note = hashlib.sha256(row.note.encode("utf-8")).hexdigest() if row.note else ""
        found = compare(row, known, rules, note, used)
        if isinstance(found, list):
            reading.bad += 1
            reading.conflicts += [c for c in found if reading.explain(f"conflict {c.column}")]
            continue
        if found.reply:
            used.add(found.reply)
        if known.withdrawn and row.is_filled:
            _warn_withdrawn(row, known, table, reading)
        events = _events(found, row, known, table)
        if len(rows) > 1 or known.planned:
            apply(found, row, known)
        if found.note:
            reading.notes[found.note] = row.note
        if not events and rules.planned and known.planned and not row.is_filled:
            reading.silent += 1
        elif not events:
            reading.repeated += 1
        for event in events:
            reading.events[event.kind] += 1
            yield event


def _events(
    found: Additions, row: SourceRow, known: KnownApplication, table: SourceTable
) -> list[NewEvent]:
    """The events of what one row adds, in the order in which it happened."""
    events = []

    def add(kind: str, values: dict[str, str], happened_at: str = "") -> None:
        events.append(
            NewEvent(
                kind=kind,
                test=known.test,
                application=known.application,
                happened_at=happened_at,
                source=table.stored_name(row.file_code),
                source_sha256=table.sha256,
                source_row=row.row,
                values=values,
            )
        )

    if found.sent is not None:
        add("sent", found.sent, found.sent.get("sent_at", ""))
    if found.reply_values is not None:
        at = found.reply_values.get("replied_at", "")
        add("reply", {"reply": found.reply, **found.reply_values}, at)
    if found.failed:
        add("failed", {"failed": found.failed})
    if found.note:
        add("note", {"note": found.note})
    return events


def _refuse(
    rows: Sequence[SourceRow], why: Unmatched, table: SourceTable, reading: Reading
) -> None:
    for row in rows:
        reading.bad += 1
        if reading.explain(why.code):
            reading.problems.append(why.problem(table.files[row.file_code], row.row))


def _warn_withdrawn(
    row: SourceRow, known: KnownApplication, table: SourceTable, reading: Reading
) -> None:
    if reading.explain("withdrawn-application"):
        reading.problems.append(
            Problem(
                code="withdrawn-application",
                level="warning",
                message=f"{known.application} was taken out of the plan, and this says it was sent",
                file=table.files[row.file_code],
                row=row.row,
                hint="it is kept as what happened; fail the test if it cannot be used",
            )
        )
