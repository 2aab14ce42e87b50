"""Delimited text to a table: decode, lay out, read, and say what does not fit."""

import numpy as np

from praktijktest.problems import DataError, Level, Problem
from praktijktest.tables.decoding import as_utf8
from praktijktest.tables.fields import BadRow, Fields, exact_fields, regular_fields
from praktijktest.tables.header import Header, Wanted, read_header
from praktijktest.tables.layout import Layout, find_layout
from praktijktest.tables.records import find_records
from praktijktest.tables.refusals import empty_file, no_rows, refusal
from praktijktest.tables.table import PROBLEMS_SHOWN, Table, remainder


def read_text(
    data: bytes, file: str, *, header_row: int, wanted: Wanted, skip_bad_rows: bool
) -> Table:
    """Read delimited text.

    Args:
        data: the bytes of the file.
        file: base name, for messages.
        header_row: row of the column names.
        wanted: which of the columns to load; default: all.
        skip_bad_rows: rows with too many or too few fields are a warning, not an error.

    Raises:
        DataError: the text cannot be read as a table, or none of its rows can.
    """
    if not data:
        raise empty_file(file)
    data, warnings = as_utf8(data, file)
    layout = find_layout(data, file, header_row)
    header = read_header(layout.cells, file, layout.header_row, wanted)
    fields = _fields(data, layout, header)
    level: Level = "warning" if skip_bad_rows else "error"
    problems = _problems(fields.bad, header, level)
    if fields.unclosed is not None:
        raise _unclosed(fields.unclosed, file, problems)
    if not len(fields.rows):
        raise _without_rows(fields.bad, header)
    columns, nameless = header.assemble(fields.columns)
    return Table(
        columns=columns,
        row_numbers=fields.rows,
        file_codes=np.zeros(len(fields.rows), dtype=np.int16),
        files=(file,),
        rows_read=len(fields.rows) + len(fields.bad),
        rows_skipped=len(fields.bad),
        problems=(*warnings, *nameless, *problems),
        header=header.present,
    )


def _fields(data: bytes, layout: Layout, header: Header) -> Fields:
    first_row, width = layout.header_row + 1, len(header.names)
    records = find_records(data, layout.body, layout.delimiter)
    if records.regular:
        found = regular_fields(
            data,
            records,
            first_row=first_row,
            width=width,
            places=header.loaded,
            delimiter=layout.delimiter,
        )
        if found is not None:
            return found
    return exact_fields(
        data,
        layout.body,
        first_row=first_row,
        width=width,
        places=header.loaded,
        delimiter=layout.delimiter,
    )


def _problems(bad: list[BadRow], header: Header, level: Level) -> list[Problem]:
    """A problem for each of the first rows of a kind that do not fit, then one for the rest."""
    problems = []
    for kind in ([b for b in bad if b.found is not None], [b for b in bad if b.found is None]):
        problems += [_misfit(row, header, level) for row in kind[:PROBLEMS_SHOWN]]
        if len(kind) > PROBLEMS_SHOWN:
            problems.append(remainder(problems[-1], len(kind) - PROBLEMS_SHOWN))
    return problems


def _misfit(bad: BadRow, header: Header, level: Level) -> Problem:
    if bad.found is None:
        code = "row-quotes"
        message = "a quotation mark stands in the wrong place"
        hint = 'write a quotation mark inside a cell twice: ""'
    else:
        code = "row-fields"
        message = f"expected {len(header.names)} fields as in the header, found {bad.found}"
        hint = "is a delimiter missing, or does a cell hold one without quotation marks round it?"
    if bad.lines > 1:
        hint = f"the row runs over {bad.lines} lines: is a quotation mark not closed?"
    return Problem(
        code=code, message=message, level=level, file=header.file, row=bad.row, hint=hint
    )


def _without_rows(bad: list[BadRow], header: Header) -> DataError:
    """Nothing to read: no rows at all, or not one that fits the header."""
    if not bad:
        return no_rows(header.file, header.row)
    problems = _problems(bad, header, "error")
    if len(bad) > 1 and len({row.found for row in bad}) == 1:
        problem = problems[0]
        problems = [
            Problem(
                code=problem.code,
                message=f"every row: {problem.message}",
                file=problem.file,
                row=problem.row,
                hint="does the header lack a name, or is it in another row (header_row)?",
                count=len(bad),
            )
        ]
    return DataError(f"Not one row of {header.file} fits its header.", problems)


def _unclosed(row: int, file: str, others: list[Problem]) -> DataError:
    error = refusal(
        f"{file} cannot be read to its end.",
        code="unclosed-quote",
        message="a quotation mark is opened in this row and never closed",
        file=file,
        row=row,
        hint='close it, or write a quotation mark inside a cell twice: ""',
    )
    return DataError(error.message, [*error.problems, *others])
