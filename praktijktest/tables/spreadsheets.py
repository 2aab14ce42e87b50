"""Spreadsheets: .xlsx, .xls and .ods, one sheet or all that hold the log."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from praktijktest.problems import DataError, Problem
from praktijktest.tables.cell_errors import cell_errors
from praktijktest.tables.columns import Column, RowEncoder
from praktijktest.tables.header import Header, Wanted, read_header
from praktijktest.tables.kinds import damaged, password
from praktijktest.tables.refusals import no_header, no_rows, refusal
from praktijktest.tables.table import Table, concatenated, limited, whole_table
from praktijktest.tables.values import as_text

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

ALL = "all"
NOT_THE_LOG = ("no-header", "no-needed-column")
"""Why a sheet cannot be part of the log, which is no fault of the others."""

SHARED = 0.5
"""Share of the log's columns that a sheet must have to count as part of the log."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    header: Header
    table: Table | None


def read_spreadsheet(source: Path, *, sheet: str | None, header_row: int, wanted: Wanted) -> Table:
    """Read one sheet of a spreadsheet, or with "all" every sheet with the header of the log.

    Cells with a formula give the value that the spreadsheet program last computed; cells that
    show an error, such as #N/A, are problems. Hidden sheets are read only by their name.

    Raises:
        DataError: the file is damaged or protected, the sheet is not there, or has no rows.
    """
    from python_calamine import CalamineWorkbook

    with _understood(source.name):
        # From its bytes, since from a path the library trusts the extension.
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(source.read_bytes()))
        visible = _worksheets(workbook)
    if sheet == ALL and ALL not in workbook.sheet_names:
        return _every_sheet(source, workbook, visible, header_row, wanted)
    name = _chosen(workbook.sheet_names, visible, sheet, source.name)
    read = _read_sheet(source, workbook, name, source.name, header_row, wanted)
    if read.table is None:
        raise no_rows(source.name, header_row)
    return read.table


def _worksheets(workbook: "CalamineWorkbook") -> list[str]:
    """Sheets with cells that are not hidden; all sheets when every one is hidden."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [m for m in workbook.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
    shown = [m.name for m in sheets if m.visible == SheetVisibleEnum.Visible]
    return shown or [m.name for m in sheets]


def _chosen(names: Sequence[str], visible: Sequence[str], sheet: str | None, file: str) -> str:
    if sheet is None and visible:
        return visible[0]
    if sheet in names:
        return str(sheet)
    raise refusal(
        f"{file} has no sheet {sheet!r}." if sheet else f"{file} has no sheet with cells.",
        code="unknown-sheet",
        message=f"there is no sheet {sheet!r}" if sheet else "there is no sheet with cells",
        file=file,
        hint=f"the sheets are: {', '.join(names)}",
    )


def _every_sheet(
    source: Path,
    workbook: "CalamineWorkbook",
    names: Sequence[str],
    header_row: int,
    wanted: Wanted,
) -> Table:
    """The sheets that are part of the log, under one another; the others are named."""
    sheets: list[_Sheet] = []
    problems: list[Problem] = []
    without_header = []
    for name in names:
        label = f"{source.name} [{name}]"
        try:
            sheets.append(_read_sheet(source, workbook, name, label, header_row, wanted))
        except DataError as error:
            without_header.append(name)
            problems += [p for p in error.problems if p.code not in NOT_THE_LOG]
    if problems:
        raise DataError(f"Not every sheet of {source.name} can be read.", problems)
    log = max(sheets, key=lambda sheet: len(sheet.header.places), default=None)
    if log is None:
        raise no_header(source.name, header_row, None)
    columns = _names(log)
    part = [sheet for sheet in sheets if len(_names(sheet) & columns) >= SHARED * len(columns)]
    other = [sheet.name for sheet in sheets if sheet not in part] + without_header
    tables = [sheet.table for sheet in part if sheet.table is not None]
    if not tables:
        raise no_rows(source.name, header_row)
    empty = [sheet.name for sheet in part if sheet.table is None]
    warnings = _left_out(source.name, other, "have not the columns of the log")
    warnings += _left_out(source.name, empty, "have no rows below the header")
    table = concatenated(tables)
    return replace(table, problems=(*warnings, *table.problems))


def _names(sheet: _Sheet) -> set[str]:
    return {sheet.header.names[place] for place in sheet.header.places}


def _left_out(file: str, names: Sequence[str], why: str) -> list[Problem]:
    if not names:
        return []
    return [
        Problem(
            code="sheets-left-out",
            level="warning",
            message=f"sheets that {why} were left out: {', '.join(names)}",
            file=file,
            hint="name one sheet under [reading] sheet if another one is meant",
            count=len(names),
        )
    ]


def _read_sheet(
    source: Path,
    workbook: "CalamineWorkbook",
    name: str,
    label: str,
    header_row: int,
    wanted: Wanted,
) -> _Sheet:
    with _understood(source.name):
        rows = _rows(workbook.get_sheet_by_name(name))
        first = next(islice(rows, header_row - 1, None), [])
    cells = [as_text(cell) for cell in first]
    if not any(cell.strip() for cell in cells):
        raise no_header(label, header_row, _first_filled(rows, header_row))
    header = read_header(cells, label, header_row, wanted)
    with _understood(source.name):
        columns, numbers = _encoded(rows, header)
        unread = cell_errors(source, name, header, set(numbers))
    if not numbers:
        return _Sheet(name, header, None)
    named, problems = header.assemble(columns)
    problems += limited(unread)
    table = whole_table(named, np.array(numbers, dtype=np.int32), header, problems)
    return _Sheet(name, header, table)


def _rows(sheet: "CalamineSheet") -> Iterator[Sequence[Any]]:
    """All rows from row 1 on, every row from column A on."""
    indent = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield [*indent, *row] if indent else row


def _first_filled(rows: Iterator[Sequence[Any]], header_row: int) -> int | None:
    for number, row in enumerate(rows, header_row + 1):
        if any(as_text(cell).strip() for cell in row):
            return number
    return None


def _encoded(rows: Iterator[Sequence[Any]], header: Header) -> tuple[list[Column], list[int]]:
    places = header.loaded
    encoder = RowEncoder(len(places))
    numbers = []
    for number, row in enumerate(rows, header.row + 1):
        texts = [as_text(row[place]) for place in places]
        if not any(map(str.strip, texts)) and not any(as_text(cell).strip() for cell in row):
            continue
        numbers.append(number)
        encoder.add(texts)
    return encoder.columns(), numbers


@contextmanager
def _understood(file: str) -> Iterator[None]:
    """Turn whatever is raised over a damaged file into a problem; the library may even panic."""
    from python_calamine import PasswordError

    try:
        yield
    except PasswordError as error:
        raise password(file) from error
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise damaged(file, "the spreadsheet is damaged or was cut short") from error
