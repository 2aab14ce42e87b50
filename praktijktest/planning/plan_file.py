"""`plan.csv`: written from a plan, read back from a folder where people have worked in it."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from praktijktest.design import Design
from praktijktest.planning.applicants import Applicant, line_ups
from praktijktest.planning.plan import Plan, PlannedApplication
from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.tables import plain_csv
from praktijktest.vocabulary import LOG_COLUMNS

PLAN_NAME: Final = "plan.csv"
ALLOCATED: Final = (
    "application",
    "test",
    "contrast",
    "target",
    "slot",
    "profile",
    "position",
    "template",
    "channel",
    "name",
    "mailbox",
    "tester",
)
"""What the allocation fixes and no draw of adverts ever changes."""
NEEDED: Final = (*ALLOCATED, "target_group", "send_at", "advert", "link", "contact")
BYTE_ORDER_MARK: Final = "\ufeff"
FORMULA_STARTS: Final = "=+-@\t\r"

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """The rows of a plan.csv as they stand, extra columns included.

    Attributes:
        header: names of the columns.
        rows: column -> cell, one per application.
        delimiter: comma, or what a spreadsheet saved it with.
        marked: whether the file opens with a byte order mark.
    """

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    delimiter: str = ","
    marked: bool = False

    def content(self) -> bytes:
        """The file's bytes, in the dialect it was read in."""
        stream = io.StringIO()
        writer = csv.DictWriter(
            stream, self.header, delimiter=self.delimiter, lineterminator="\n", restval=""
        )
        writer.writeheader()
        writer.writerows(self.rows)
        return ((BYTE_ORDER_MARK if self.marked else "") + stream.getvalue()).encode("utf-8")


def plan_csv(plan: Plan) -> bytes:
    """A plan as plan.csv: the log's columns without outcome, and what the field needs."""
    rows = [row.to_dict() for row in plan.applications]
    header = list(rows[0]) if rows else list(NEEDED)
    return plain_csv(header, [list(row.values()) for row in rows])


def read_plan_file(path: Path) -> PlanFile:
    """Read plan.csv without changing a cell of it.

    Raises:
        UsageError: there is no plan.
        DataError: it is not a plan any more.
    """
    if not path.is_file():
        raise UsageError(f"There is no {path.name} here; make it with: praktijktest design plan")
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise _spoilt(path.name, "it is not saved as UTF-8") from None
    marked = text.startswith(BYTE_ORDER_MARK)
    text = text.removeprefix(BYTE_ORDER_MARK)
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    lines = [line for line in reader if line]
    header = tuple(lines[0]) if lines else ()
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise _spoilt(path.name, f"it lacks the columns {', '.join(missing)}")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise _spoilt(path.name, f"row {number} has {len(line)} cells and not {len(header)}")
        rows.append(dict(zip(header, line, strict=True)))
    return PlanFile(header, tuple(rows), delimiter, marked)


def slots_digest(rows: Sequence[Mapping[str, str]]) -> str:
    """SHA-256 of what the allocation fixes: the same before and after every draw of adverts.

    The digest does not depend on the order of rows or on columns that people added.
    """
    lines = sorted("\x1f".join(str(row[name]) for name in ALLOCATED) for row in rows)
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def plan_from_rows(rows: Sequence[Row], design: Design, seed: int, file: str = PLAN_NAME) -> Plan:
    """A plan from the rows of its file, sorted as a plan is.

    Open slots for which a draw found no day any more are not part of it.

    Raises:
        DataError: a time or number cannot be read, or a row fits no contrast.
    """
    applicants = {
        (line_up.contrast, applicant.profile): applicant
        for line_up in line_ups(design)
        for option in line_up.options
        for applicant in option
    }
    found = [
        _application(row, number, design, applicants, file)
        for number, row in enumerate(rows, start=2)
        if row["send_at"]
    ]
    return Plan(
        round_id=design.round.id,
        kind=design.kind,
        seed=seed,
        strata=design.sampling.strata,
        applications=tuple(sorted(found, key=lambda row: (row.send_at, row.test, row.position))),
    )


def carried_columns(design: Design) -> tuple[str, ...]:
    """The columns beside the strata that the analysis of the design will ask the log for."""
    named = (*design.analysis.strata, *design.analysis.covariates, *design.flagging.only)
    own = {*NEEDED, *LOG_COLUMNS, *design.sampling.strata, *design.attributes()}
    return tuple(name for name in dict.fromkeys(named) if name not in own)


def sent_at(row: Row, number: int, file: str = PLAN_NAME) -> datetime:
    """The planned moment of a row.

    Raises:
        DataError: it is not a time with an offset.
    """
    try:
        moment = datetime.fromisoformat(row["send_at"])
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None:
        raise _spoilt(
            file,
            "the planned time is not one that the program wrote, such as 2026-11-03T09:15:00+01:00",
            row=number,
            column="send_at",
            value=row["send_at"],
        )
    return moment


def whole_number(row: Row, column: str, number: int, file: str = PLAN_NAME) -> int:
    """A whole number of a row.

    Raises:
        DataError: it is none.
    """
    text = row[column]
    if not text.isdecimal():
        raise _spoilt(file, "this is not a whole number", row=number, column=column, value=text)
    return int(text)


def as_planned(text: str) -> str:
    """A cell without the quote that keeps spreadsheets from taking it for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def _application(
    row: Row,
    number: int,
    design: Design,
    applicants: Mapping[tuple[str, str], Applicant],
    file: str,
) -> PlannedApplication:
    applicant = applicants.get((row["contrast"], row["profile"]))
    if applicant is None:
        raise _spoilt(
            file,
            f"the contrast {row['contrast']!r} has no such profile in the design",
            row=number,
            column="profile",
            value=row["profile"],
        )
    texts = {
        name: as_planned(row[name])
        for name in NEEDED
        if name not in ("slot", "position", "send_at")
    }
    return PlannedApplication(
        **texts,
        slot=whole_number(row, "slot", number, file),
        position=whole_number(row, "position", number, file),
        arm=applicant.arm,
        level=applicant.level,
        send_at=sent_at(row, number, file),
        strata={
            name: as_planned(row.get(name, ""))
            for name in (*design.sampling.strata, *carried_columns(design))
        },
    )


def _spoilt(file: str, message: str, **place: object) -> DataError:
    row, column, value = (place.get(name) for name in ("row", "column", "value"))
    problem = Problem(
        code="plan-spoilt",
        message=message,
        file=file,
        row=row if isinstance(row, int) else None,
        column=None if column is None else str(column),
        value=None if value is None else shown(value),
        hint="restore the file, or make the plan again",
    )
    return DataError("The plan cannot be read.", [problem])
