"""One shape for every table that was read: dictionary-encoded columns and their origin."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from praktijktest.problems import Problem
from praktijktest.tables.columns import Column, text_array
from praktijktest.tables.header import Header

PROBLEMS_SHOWN = 50
"""How many problems of one kind are listed before the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read from one or more files.

    Attributes:
        columns: column name -> values, in the order of the file.
        row_numbers: row in its file for every row, as a spreadsheet counts them: the header is
            `header_row`, a line break inside a cell does not count, a blank row does. Files
            without a header row (Stata, JSON ...) number their records from 2. Shape (rows,).
        file_codes: index into `files` for every row; shape (rows,).
        files: base names; with several sheets a sheet is named as in "log.xlsx [Maart]".
        rows_read: rows found in the files, without headers and blank rows.
        rows_skipped: rows that are not in the table because they could not be read.
        problems: what is wrong with single rows, and warnings.
        header: every column name in the files, also of columns that were not needed.
    """

    columns: dict[str, Column]
    row_numbers: NDArray[np.int32]
    file_codes: NDArray[np.int16]
    files: tuple[str, ...]
    rows_read: int
    rows_skipped: int
    problems: tuple[Problem, ...]
    header: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.row_numbers)


def whole_table(
    columns: dict[str, Column],
    row_numbers: NDArray[np.int32],
    header: Header,
    problems: Sequence[Problem] = (),
) -> Table:
    """The table of one file of which every row could be read."""
    return Table(
        columns=columns,
        row_numbers=row_numbers,
        file_codes=np.zeros(len(row_numbers), dtype=np.int16),
        files=(header.file,),
        rows_read=len(row_numbers),
        rows_skipped=0,
        problems=tuple(problems),
        header=header.present,
    )


def concatenated(tables: Sequence[Table]) -> Table:
    """Several tables under one another; a column that one of them lacks is empty there.

    A lacking column is also said in a warning, since an empty cell may mean something.
    """
    if len(tables) == 1:
        return tables[0]
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    offsets = np.cumsum([0, *(len(table.files) for table in tables)])
    problems = [problem for table in tables for problem in table.problems]
    problems += [_lacking(table, names) for table in tables if set(names) - set(table.columns)]
    return Table(
        columns={
            name: _stacked([table.columns.get(name) for table in tables], tables) for name in names
        },
        row_numbers=np.concatenate([table.row_numbers for table in tables]),
        file_codes=np.concatenate(
            [t.file_codes + np.int16(o) for t, o in zip(tables, offsets, strict=False)]
        ),
        files=tuple(name for table in tables for name in table.files),
        rows_read=sum(table.rows_read for table in tables),
        rows_skipped=sum(table.rows_skipped for table in tables),
        problems=limited(problems),
        header=tuple(dict.fromkeys(name for table in tables for name in table.header)),
    )


def _lacking(table: Table, names: Sequence[str]) -> Problem:
    lacking = [name for name in names if name not in table.columns]
    return Problem(
        code="column-lacking",
        level="warning",
        message=f"has no column {', '.join(map(repr, lacking))}, which another part of the log "
        "has; there it is taken as empty",
        file=table.files[0],
        column=lacking[0],
        hint="give the columns the same names in every part",
        count=len(lacking),
    )


def _stacked(parts: Sequence[Column | None], tables: Sequence[Table]) -> Column:
    codes, texts = [], []
    offset = 0
    for part, table in zip(parts, tables, strict=True):
        column = part or Column(np.zeros(len(table), dtype=np.int32), text_array([""]))
        codes.append(column.codes + np.int32(offset))
        texts.append(column.values)
        offset += len(column.values)
    new_codes, values = pd.factorize(np.concatenate(texts))
    return Column(
        new_codes.astype(np.int32)[np.concatenate(codes)], np.asarray(values, dtype=object)
    )


def limited(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """At most `PROBLEMS_SHOWN` problems of one kind, then one that counts the rest."""
    shown: list[Problem] = []
    by_code: dict[str, list[Problem]] = {}
    for problem in problems:
        same = by_code.setdefault(problem.code, [])
        same.append(problem)
        if len(same) <= PROBLEMS_SHOWN:
            shown.append(problem)
    for same in by_code.values():
        rest = same[PROBLEMS_SHOWN:]
        if rest:
            shown.append(remainder(rest[-1], sum(problem.count for problem in rest)))
    return tuple(shown)


def remainder(last: Problem, count: int) -> Problem:
    """One problem in place of many more of the same kind."""
    return replace(
        last,
        message=f"{count} more rows have the same problem",
        row=None,
        column=None,
        value=None,
        hint=None,
        count=count,
    )
