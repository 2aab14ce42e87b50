"""Any table file into one `Table`: which reader, which columns, what may be wrong."""

import difflib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from praktijktest.problems import DataError, Problem, UsageError
from praktijktest.tables.header import Wanted
from praktijktest.tables.kinds import EXTENSIONS, HEAD, OLE2, ZIP, kind_of, refuse_other_files
from praktijktest.tables.refusals import not_a_table
from praktijktest.tables.spreadsheets import read_spreadsheet
from praktijktest.tables.structured import read_structured
from praktijktest.tables.table import Table, concatenated
from praktijktest.tables.text import read_text

STANDARD_INPUT = "standard input"


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

    What cannot be read as a table raises `DataError` with every reason known. When it can be
    read, what is wrong with single rows stands in `Table.problems`, and those rows are not in
    the table: at level error, or at level warning with `skip_bad_rows`. Warnings about the
    whole file (its encoding had to be assumed, a column has no name) stand there too.

    Args:
        source: the file; None reads CSV from `stream`.
        stream: standard input, or anything else to read bytes from.
        sheet: sheet of a spreadsheet; "all" for every sheet with the header of the log;
            default: the first one.
        header_row: row of the column names, in text and spreadsheets.
        wanted: from the column names, those to load; default: all.
        skip_bad_rows: rows that do not fit the header are left out and counted.

    Raises:
        UsageError: no such file, a folder, a kind of file that is not read, or a library
            for it that is not installed.
        DataError: the file is not a table, is damaged or protected, or has no usable rows.
    """
    if header_row < 1:
        raise UsageError(f"header_row is {header_row}; the first row of a file is row 1.")
    if source is None:
        return _from_stream(stream, header_row, wanted, skip_bad_rows)
    check_file(source)
    try:
        kind, warnings = kind_of(source)
        if kind == "text":
            table = read_text(
                source.read_bytes(),
                source.name,
                header_row=header_row,
                wanted=wanted,
                skip_bad_rows=skip_bad_rows,
            )
        elif kind == "spreadsheet":
            table = read_spreadsheet(source, sheet=sheet, header_row=header_row, wanted=wanted)
        else:
            table = read_structured(source, kind, wanted=wanted)
    except OSError as error:
        reason = error.strerror or "the system refuses"
        raise UsageError(f"{source.name} cannot be opened: {reason}.") from error
    return replace(table, problems=(*warnings, *table.problems)) if warnings else table


def read_tables(
    sources: Sequence[Path],
    *,
    sheet: str | None = None,
    header_row: int = 1,
    wanted: Wanted = None,
    skip_bad_rows: bool = False,
) -> Table:
    """Read several files that together are one table; arguments as for `read_table`.

    A column that one of the files lacks is empty there, with a warning.

    Raises:
        UsageError: as for `read_table`, or there is no file, or one is named twice.
        DataError: with the problems of every file that cannot be read.
    """
    if not sources:
        raise UsageError("There is no file to read.")
    for source in sources:
        check_file(source)
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


def check_file(source: Path) -> None:
    """See that this is a file of a kind that is read.

    Raises:
        UsageError: it is not, with the file that may be meant.
    """
    try:
        exists, folder = source.exists(), source.is_dir()
    except (OSError, ValueError) as error:
        raise UsageError("That is not the name of a file.") from error
    if folder:
        raise UsageError(f"{source.name or source} is a folder, not a table; name the file in it.")
    if not exists:
        close = difflib.get_close_matches(source.name, _siblings(source), n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UsageError(f"There is no file {source.name}.{hint}")
    if source.suffix.lower() not in EXTENSIONS:
        raise UsageError(
            f"{source.name}: files that end in {source.suffix or 'nothing'} are not read; "
            f"these are: {', '.join(EXTENSIONS)}."
        )


def _siblings(source: Path) -> list[str]:
    try:
        return sorted(path.name for path in source.parent.iterdir() if path.is_file())
    except OSError:
        return []


def _from_stream(
    stream: BinaryIO | None, header_row: int, wanted: Wanted, skip_bad_rows: bool
) -> Table:
    if stream is None:
        raise UsageError("There is no file and no stream to read from.")
    data = stream.read()
    if data.startswith((ZIP, OLE2)):
        hint = "name the spreadsheet itself; only CSV is read from standard input"
        raise not_a_table(STANDARD_INPUT, "is a spreadsheet or archive", hint)
    refuse_other_files(data[:HEAD], STANDARD_INPUT)
    return read_text(
        data, STANDARD_INPUT, header_row=header_row, wanted=wanted, skip_bad_rows=skip_bad_rows
    )
