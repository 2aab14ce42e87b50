"""What kind of table a source is, and which of its columns are taken under which name."""

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from praktijktest.problems import DataError

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.design.form_sections import Form
    from praktijktest.tables import Column, Table

Shape = Literal["log", "plan", "workbook", "form", "mail"]

PLAN_MARKS: Final = ("application", "test", "contrast", "profile", "slot", "send_at")
"""Columns by which a plan.csv is known, filled in or not."""
PLAN_KEYS: Final = ("application", "test", "profile", "position")
"""Columns by which the rows of a plan are found again; its other columns are only a copy."""


@dataclass(frozen=True, slots=True)
class RawSource:
    """A table with the columns that are taken, under the names of the ledger.

    Attributes:
        shape: what kind of table it is.
        form: id of the form, "" for other tables.
        table: the table; its `columns` have our names and the values of the source.
        left_out: columns of the source that are not taken.
    """

    shape: Shape
    form: str
    table: "Table"
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Choice:
    """What the header of a source showed; filled in while it is read."""

    shape: Shape = "log"
    form: "Form | None" = None
    header: tuple[str, ...] = ()


def read_source(
    path: Path | None,
    content: bytes,
    design: "Design",
    *,
    planned: bool,
    form: str | None = None,
    skip_bad_rows: bool = False,
) -> RawSource:
    """Read a log, a filled-in plan.csv or a form export.

    Args:
        path: the file; None reads `content` as CSV from standard input.
        content: its bytes.
        design: the design of the round.
        planned: the round has a plan; a log may then lack what the plan knows.
        form: id of the form that the file is an export of; default: the form whose columns
            the file has.
        skip_bad_rows: leave out rows that do not fit the header.

    Raises:
        UsageError: the file cannot be read, or there is no such form.
        DataError: it is no table, or lacks columns that are needed.
    """
    from praktijktest.rounds.ingest_forms import form_named, form_of, form_source
    from praktijktest.rounds.ingest_logs import log_names, log_source
    from praktijktest.tables import read_table

    given = None if form is None else form_named(design, form)
    name = path.name if path is not None else "standard input"
    choice = _Choice()

    def wanted(header: Sequence[str]) -> Collection[str]:
        choice.header = tuple(header)
        choice.form = form_of(header, design, given, name)
        if choice.form is not None:
            choice.shape = "form"
            return {*choice.form.theirs(), *choice.form.counted} & set(header)
        if set(PLAN_MARKS) <= set(header):
            choice.shape = "plan"
            return set(header) & {*PLAN_KEYS, *filled_columns()}
        return log_names(design, header, planned=planned, file=name)

    table = read_table(
        path,
        stream=io.BytesIO(content),
        sheet=None if given else design.reading.sheet,
        header_row=1 if given else design.reading.header_row,
        wanted=wanted,
        skip_bad_rows=skip_bad_rows,
    )
    table = replace(table, header=choice.header)
    if choice.form is not None:
        return form_source(table, choice.form)
    if choice.shape == "plan":
        return RawSource("plan", "", unquoted(table), _own_additions(table, design))
    return log_source(table, design)


def read_field_workbook(path: Path, sheets: Sequence[str], design: "Design") -> RawSource:
    """The sheets of a field workbook, whether testers hid them or added columns of their own.

    Args:
        path: the workbook.
        sheets: names of the sheets that the plan put there.
        design: the design of the round.

    Raises:
        DataError: a sheet cannot be read.
    """
    from praktijktest.tables import read_table
    from praktijktest.tables.table import concatenated

    tables = []
    header: dict[str, None] = {}

    def wanted(names: Sequence[str]) -> Collection[str]:
        header.update(dict.fromkeys(names))
        return set(names) & {*PLAN_KEYS, *filled_columns()}

    problems = []
    for name in sheets:
        try:
            read = read_table(path, sheet=name, wanted=wanted)
        except DataError as error:
            problems += list(error.problems)
            continue
        tables.append(replace(read, files=(f"{path.name} [{name}]",)))
    if problems:
        raise DataError(f"The workbook {path.name} cannot be read.", problems)
    table = unquoted(replace(concatenated(tables), header=tuple(header)))
    return RawSource("workbook", "", table, _own_additions(table, design))


def filled_columns() -> tuple[str, ...]:
    """The columns of a plan that its testers fill in."""
    from praktijktest.planning.workbook import FILLED

    return FILLED


def unquoted(table: "Table") -> "Table":
    """A plan whose ids lost the quote that keeps spreadsheets from taking them for formulas."""
    from praktijktest.analysis import encoding
    from praktijktest.planning.plan_file import as_planned

    columns = dict(table.columns)
    for name in PLAN_KEYS:
        if name in columns:
            column = columns[name]
            texts = [as_planned(text) for text in column.values]
            columns[name] = encoding.from_texts(column.codes, texts)
    return replace(table, columns=columns)


def _own_additions(table: "Table", design: "Design") -> tuple[str, ...]:
    """The columns that people added to a plan; its own are known to the ledger."""
    from praktijktest.planning.plan_file import NEEDED, carried_columns

    own = {*table.columns, *NEEDED, *design.sampling.strata, *carried_columns(design)}
    return tuple(name for name in table.header if name not in own)


def coalesced(columns: Sequence["Column"]) -> "Column":
    """On every row the first of several columns that is filled."""
    import numpy as np

    from praktijktest.analysis import encoding

    found = columns[0]
    for column in columns[1:]:
        empty = found.is_empty()
        codes = np.where(empty, column.codes + len(found.values), found.codes).astype(np.int32)
        found = encoding.from_texts(codes, [*found.values, *column.values])
    return found
