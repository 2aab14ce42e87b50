"""Any table file into one `Table`: which reader, which columns, what may be wrong."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from praktijktest.problems import DataError, Problem, UsageError
from praktijktest.tables.header import Wanted
from praktijktest.tables.spreadsheets import SPREADSHEETS, read_spreadsheet
from praktijktest.tables.structured import STRUCTURED, read_structured
from praktijktest.tables.table import Table, concatenated
from praktijktest.tables.text import read_text

TEXTS = (".csv", ".tsv", ".txt")
STANDARD_INPUT = "standard input"
OLE2 = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"


def read_table(
    source: Path | None,
    *,
    stream: BinaryIO | None = None,
    sheet: str | None = None,
    header_row: int = 1,
    wanted: Wanted = None,
    skip_bad_rows: bool = False,
) -> Table:
    """Read one table file.

    What cannot be read at all raises. Rows that do not fit stand in `Table.problems` with
    level error (or warning, when they may be skipped), and are not in the table.

    Args:
        source: the file; None reads CSV from `stream`.
        stream: standard input.
        sheet: sheet of a spreadsheet; "all" for all of them; default: the first.
        header_row: row of the column names.
        wanted: from the column names, those to load; default: all.
        skip_bad_rows: rows that do not fit are a warning instead of an error.

    Raises:
        UsageError: no such file, a folder, or a kind of file that is not read.
        DataError: the file is not a table, or has no rows.
    """
    if source is None:
        data = stream.read() if stream is not None else b""
        return read_text(
            data, STANDARD_INPUT, header_row=header_row, wanted=wanted, skip_bad_rows=skip_bad_rows
        )
    _check_file(source)
    kind = source.suffix.lower()
    with source.open("rb") as opened:
        start = opened.read(8)
    if kind in TEXTS and start.startswith(ZIP):
        return read_spreadsheet(source, sheet=sheet, header_row=header_row, wanted=wanted)
    if kind in SPREADSHEETS:
        if kind != ".xls" and start.startswith(OLE2):
            raise _protected(source)
        if start.startswith((ZIP, OLE2)) or not start:
            return read_spreadsheet(source, sheet=sheet, header_row=header_row, wanted=wanted)
        raise _damaged(source)
    if kind in STRUCTURED:
        return read_structured(source, wanted=wanted)
    return read_text(
        source.read_bytes(),
        source.name,
        header_row=header_row,
        wanted=wanted,
        skip_bad_rows=skip_bad_rows,
    )


def read_tables(
    sources: Sequence[Path],
    *,
    sheet: str | None = None,
    header_row: int = 1,
    wanted: Wanted = None,
    skip_bad_rows: bool = False,
) -> Table:
    """Read several files that together are one table; arguments as for `read_table`.

    Raises:
        UsageError: as for `read_table`, or a file is named twice.
        DataError: with the problems of every file that cannot be read.
    """
    if len({source.resolve() for source in sources}) < len(sources):
        raise UsageError("The same file is named twice.")
    tables: list[Table] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            tables.append(
                read_table(
                    source,
                    sheet=sheet,
                    header_row=header_row,
                    wanted=wanted,
                    skip_bad_rows=skip_bad_rows,
                )
            )
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError("Not every file can be read.", problems)
    return concatenated(tables)


def _check_file(source: Path) -> None:
    known = (*TEXTS, *SPREADSHEETS, *STRUCTURED)
    if source.is_dir():
        raise UsageError(f"{source.name} is a folder, not a table.")
    if not source.is_file():
        siblings = []
        if source.parent.is_dir():
            siblings = [path.name for path in source.parent.iterdir() if path.is_file()]
        close = difflib.get_close_matches(source.name, siblings, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UsageError(f"There is no file {source.name}.{hint}")
    if source.suffix.lower() not in known:
        raise UsageError(
            f"{source.name}: files that end in {source.suffix or 'nothing'} are not read; "
            f"these are: {', '.join(known)}."
        )


def _protected(source: Path) -> DataError:
    return DataError(
        f"{source.name} is protected with a password.",
        [
            Problem(
                code="password",
                file=source.name,
                message="the spreadsheet is protected with a password, or is an old .xls file",
                hint="save it without a password, as .xlsx or CSV",
            )
        ],
    )


def _damaged(source: Path) -> DataError:
    return DataError(
        f"{source.name} is not a spreadsheet.",
        [
            Problem(
                code="not-a-table",
                file=source.name,
                message="this is not a spreadsheet, whatever its name says",
                hint="open it in a spreadsheet program and save it again",
            )
        ],
    )
