"""Codes that came back on a sheet: what is new, what is known, what contradicts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from praktijktest.design import Design
from praktijktest.design.nearest import nearest
from praktijktest.fieldwork.coding_sheet import CodingSheet, SheetRow, reply_codes
from praktijktest.fieldwork.events import NewEvent
from praktijktest.fieldwork.state import ApplicationState, Reply, RoundState
from praktijktest.problems import Problem, shown
from praktijktest.vocabulary import EVIDENCE

BLIND: Final = "blind"
NO_EVIDENCE: Final = "none"


@dataclass(frozen=True, slots=True)
class SheetSource:
    """Where a sheet came from: base name and hash of the file, and its coder's pseudonym."""

    file: str
    sha256: str
    coder: str


@dataclass(frozen=True, slots=True)
class ReadCodes:
    """What a sheet came to.

    Attributes:
        events: the codings that are new.
        notes: hash -> what the coder remarked, to be kept as documents.
        known: rows whose coding the ledger has already.
        empty: rows without a code.
        problems: rows that cannot be taken.
    """

    events: tuple[NewEvent, ...]
    notes: Mapping[str, str]
    known: int
    empty: int
    problems: tuple[Problem, ...]


def replies_by_id(state: RoundState) -> dict[str, tuple[ApplicationState, Reply]]:
    """Every reply of the round with the application that it answers."""
    return {
        reply.id: (application, reply)
        for application in state.applications.values()
        for reply in application.replies
    }


def read_codes(
    sheet: CodingSheet,
    items: Mapping[str, tuple[ApplicationState, Reply]],
    source: SheetSource,
    design: Design,
) -> ReadCodes:
    """The events that a sheet adds, and every problem in it.

    A row says something new, or what the ledger has; a code other than the coder's earlier
    one is a problem that shows both.

    Args:
        sheet: the sheet as it was read.
        items: id on the sheet -> application and reply.
        source: where it came from.
        design: the design, for the codes.
    """
    codes = reply_codes(design)
    events: list[NewEvent] = []
    notes: dict[str, str] = {}
    problems: list[Problem] = []
    seen: dict[str, SheetRow] = {}
    known = empty = 0
    for row in sheet.rows:
        if not row.code:
            empty += 1
            continue
        found = items.get(row.item)
        problem = _problem(row, sheet.file, found is not None, codes)
        problem = problem or _repeated(row, seen.setdefault(row.item, row), sheet.file)
        if problem is None and found is not None:
            earlier = _earlier(found[1], source.coder)
            if earlier is not None and _said(row) != earlier:
                problem = _conflict(row, sheet.file, earlier)
            elif earlier is not None or seen[row.item] is not row:
                known += 1
            else:
                if row.note:
                    notes[_digest(row.note)] = row.note
                events += _events(row, found, source)
        if problem is not None:
            problems.append(problem)
    return ReadCodes(tuple(events), notes, known, empty, tuple(problems))


def _events(
    row: SheetRow, found: tuple[ApplicationState, Reply], source: SheetSource
) -> list[NewEvent]:
    """The coding, and the coder's remark as a note of its own."""
    application, reply = found
    code, evidence = _said(row)
    values = {"reply": reply.id, "coder": source.coder, "outcome": code, "basis": BLIND}
    if evidence:
        values["evidence"] = evidence
    kinds: list[tuple[str, dict[str, str]]] = [("coded", values)]
    if row.note:
        kinds.append(("note", {"note": _digest(row.note), "reply": reply.id}))
    return [
        NewEvent(
            kind=kind,
            test=application.test,
            application=application.application,
            source=source.file,
            source_sha256=source.sha256,
            source_row=row.row,
            values=kept,
        )
        for kind, kept in kinds
    ]


def _said(row: SheetRow) -> tuple[str, str]:
    """Code and evidence of a row; no evidence is the same whether written or not."""
    return row.code, "" if row.evidence == NO_EVIDENCE else row.evidence


def _earlier(reply: Reply, coder: str) -> tuple[str, str] | None:
    """What this coder said of a reply before, on a sheet."""
    for coding in reply.codings:
        if coding.coder == coder and coding.basis == BLIND:
            return coding.outcome, "" if coding.evidence == NO_EVIDENCE else coding.evidence
    return None


def _problem(row: SheetRow, file: str, known: bool, codes: Sequence[str]) -> Problem | None:
    if not known:
        return Problem(
            code="item-unknown",
            message="no reply of this round has this id",
            file=file,
            row=row.row,
            column="item",
            value=shown(row.item),
            hint="leave the column 'item' as it was exported",
        )
    if row.code not in codes:
        return Problem(
            code="unknown-outcome",
            message="this is not a code of the scheme",
            file=file,
            row=row.row,
            column="code",
            value=shown(row.code),
            hint=nearest(row.code, codes, "the codes are: {}"),
        )
    if row.evidence and row.evidence not in EVIDENCE:
        return Problem(
            code="unknown-evidence",
            message="this is not a kind of evidence",
            file=file,
            row=row.row,
            column="evidence",
            value=shown(row.evidence),
            hint=nearest(row.evidence, EVIDENCE, "it is one of: {}"),
        )
    return None


def _repeated(row: SheetRow, first: SheetRow, file: str) -> Problem | None:
    if _said(row) == _said(first):
        return None
    return Problem(
        code="conflict",
        message=f"row {first.row} gives the same reply {first.code!r}",
        file=file,
        row=row.row,
        column="code",
        value=shown(row.code),
        hint="keep one of the two rows",
    )


def _conflict(row: SheetRow, file: str, earlier: tuple[str, str]) -> Problem:
    def both(said: tuple[str, str]) -> str:
        return " ".join(part for part in said if part)

    return Problem(
        code="conflict",
        message=f"this coder gave {row.item} the code {both(earlier)!r} before",
        file=file,
        row=row.row,
        column="code",
        value=shown(both(_said(row))),
        hint="a code is not overwritten; settle it with: praktijktest code adjudicate "
        f"{row.item} --code … --reason …",
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
