"""Spreadsheets: .xlsx, .xls and .ods, one sheet or all of them."""

import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from praktijktest.problems import DataError, Problem
from praktijktest.tables.header import Wanted, header_problems, selected
from praktijktest.tables.table import Table, concatenated, encoded, without_blank_rows
from praktijktest.tables.values import as_text

SPREADSHEETS = (".xlsx", ".xls", ".ods")


def read_spreadsheet(source: Path, *, sheet: str | None, header_row: int, wanted: Wanted) -> Table:
    """Read one sheet of a spreadsheet, or with "all" every sheet with the same header.

    Cells with a formula give the value that the spreadsheet program last computed.

    Raises:
        DataError: the file is damaged, the sheet is not there, or it has no rows.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        # From the content, not the name: an .xlsx that is called .ods is read all the same.
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(source.read_bytes()))
        names = workbook.sheet_names
        chosen = _chosen(names, sheet, source.name)
        grids = [workbook.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in chosen]
    except (CalamineError, ValueError, OSError) as error:
        raise _damaged(source.name) from error
    several = sheet == "all" and len(chosen) > 1
    tables = []
    for name, grid in zip(chosen, grids, strict=True):
        label = f"{source.name} [{name}]" if several else source.name
        table = _from_grid(grid, label, header_row, wanted)
        if table is not None:
            tables.append(table)
    if several:
        tables = _with_the_fullest_header(tables)
    if not tables:
        raise DataError(
            f"{source.name} has no rows.",
            [
                Problem(
                    code="no-rows",
                    message="there is no header, or not one row below it",
                    file=source.name,
                    row=header_row,
                    hint="set [reading] sheet and header_row in the design; "
                    f"the sheets are: {', '.join(names)}",
                )
            ],
        )
    return concatenated(tables)


def _chosen(names: Sequence[str], sheet: str | None, file: str) -> list[str]:
    if sheet is None:
        return list(names[:1])
    if sheet == "all":
        return list(names)
    if sheet in names:
        return [sheet]
    raise DataError(
        f"{file} has no sheet {sheet!r}.",
        [
            Problem(
                code="no-sheet",
                message=f"there is no sheet {sheet!r}",
                file=file,
                hint=f"the sheets are: {', '.join(names)}",
            )
        ],
    )


def _from_grid(grid: list[list[Any]], label: str, header_row: int, wanted: Wanted) -> Table | None:
    if len(grid) < header_row:
        return None
    header = [unicodedata.normalize("NFC", as_text(cell)).strip() for cell in grid[header_row - 1]]
    body = grid[header_row:]
    names = selected(header, wanted)
    if not names and not any(header):
        return None
    problems = header_problems(header, label, header_row, wanted)
    columns = {}
    for name in names:
        place = header.index(name)
        values = np.empty(len(body), dtype=object)
        values[:] = [as_text(row[place]) for row in body]
        columns[name] = encoded(values)
    rows = np.arange(header_row + 1, header_row + 1 + len(body), dtype=np.int32)
    columns, rows = without_blank_rows(columns, rows)
    if not len(rows):
        return None
    return Table(
        columns=columns,
        row_numbers=rows,
        file_codes=np.zeros(len(rows), dtype=np.int16),
        files=(label,),
        rows_read=len(rows),
        rows_skipped=0,
        problems=tuple(problems),
    )


def _with_the_fullest_header(tables: list[Table]) -> list[Table]:
    """Of all sheets, those that hold the log: the ones with the most wanted columns."""
    most = max((len(table.columns) for table in tables), default=0)
    return [table for table in tables if len(table.columns) == most]


def _damaged(file: str) -> DataError:
    return DataError(
        f"{file} cannot be opened.",
        [
            Problem(
                code="damaged",
                message="the spreadsheet is damaged or was cut short",
                file=file,
                hint="open it in a spreadsheet program, save it again, and copy it whole",
            )
        ],
    )
