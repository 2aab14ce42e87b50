"""One shape for every table that was read: dictionary-encoded columns and their origin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from praktijktest.problems import Problem
from praktijktest.tables.values import all_canonical, canonical

PROBLEMS_SHOWN = 50
"""How many problems of one kind are listed before the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of text: each distinct value once, and for every row which value it has.

    Attributes:
        codes: index into `values` for every row; shape (rows,).
        values: the distinct values as text; "" is an empty cell.
    """

    codes: NDArray[np.int32]
    values: NDArray[np.object_]

    def texts(self) -> NDArray[np.object_]:
        """The text on every row."""
        return self.values[self.codes]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read from one or more files.

    Attributes:
        columns: column name -> values.
        row_numbers: row in the file for every row; the header is row `header_row`.
        file_codes: index into `files` for every row.
        files: base names; a sheet is named as in "log.xlsx [Maart]".
        rows_read: rows found in the files, without header and blank rows.
        rows_skipped: rows left out because they could not be read.
        problems: what is wrong with single rows, and warnings.
    """

    columns: dict[str, Column]
    row_numbers: NDArray[np.int32]
    file_codes: NDArray[np.int16]
    files: tuple[str, ...]
    rows_read: int
    rows_skipped: int
    problems: tuple[Problem, ...]

    def __len__(self) -> int:
        return len(self.row_numbers)


def encoded(values: NDArray[np.object_]) -> Column:
    """Encode a column of texts; what is missing is empty, values are cleaned once each."""
    codes, distinct = pd.factorize(values)
    missing = codes < 0
    if missing.any():
        codes = np.where(missing, len(distinct), codes)
        distinct = np.append(distinct, "")
    return cleaned(codes.astype(np.int32), distinct)


def cleaned(codes: NDArray[np.int32], texts: Iterable[str]) -> Column:
    """A column whose texts are made canonical; texts that become equal share a code."""
    given = list(texts)
    tidy = given if all_canonical(given) else [canonical(text) for text in given]
    clean = np.empty(len(tidy), dtype=object)
    clean[:] = tidy
    if tidy is given:
        return Column(codes, clean)
    new_codes, values = pd.factorize(clean)
    if len(values) == len(tidy):
        return Column(codes, clean)
    return Column(new_codes.astype(np.int32)[codes], np.asarray(values, dtype=object))


def without_blank_rows(
    columns: dict[str, Column], row_numbers: NDArray[np.int32]
) -> tuple[dict[str, Column], NDArray[np.int32]]:
    """Drop the rows that are empty in every column, as spreadsheets leave them behind."""
    blank = np.ones(len(row_numbers), dtype=bool)
    for column in columns.values():
        empty = np.asarray(column.values == "", dtype=bool)
        if not empty.any():
            return columns, row_numbers
        blank &= empty[column.codes]
    if not blank.any():
        return columns, row_numbers
    kept = {name: Column(c.codes[~blank], c.values) for name, c in columns.items()}
    return kept, row_numbers[~blank]


def concatenated(tables: Sequence[Table]) -> Table:
    """Several tables under one another; a column that one of them lacks is empty there."""
    if len(tables) == 1:
        return tables[0]
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    offsets = np.cumsum([0, *(len(table.files) for table in tables)])
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
        problems=tuple(problem for table in tables for problem in table.problems),
    )


def _stacked(parts: Sequence[Column | None], tables: Sequence[Table]) -> Column:
    nothing = np.array([""], dtype=object)
    return stacked(
        [
            Column(np.zeros(len(table), dtype=np.int32), nothing) if part is None else part
            for part, table in zip(parts, tables, strict=True)
        ]
    )


def stacked(parts: Sequence[Column]) -> Column:
    """Columns under one another; equal texts of different parts share a code."""
    if len(parts) == 1:
        return parts[0]
    new_codes, values = pd.factorize(np.concatenate([part.values for part in parts]))
    new_codes = new_codes.astype(np.int32)
    codes = []
    offset = 0
    for part in parts:
        codes.append(new_codes[offset : offset + len(part.values)][part.codes])
        offset += len(part.values)
    return Column(np.concatenate(codes), np.asarray(values, dtype=object))


def limited(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """At most `PROBLEMS_SHOWN` problems of one kind, then one that counts the rest."""
    shown: list[Problem] = []
    seen: dict[str, int] = {}
    last: dict[str, Problem] = {}
    for problem in problems:
        seen[problem.code] = seen.get(problem.code, 0) + 1
        last[problem.code] = problem
        if seen[problem.code] <= PROBLEMS_SHOWN:
            shown.append(problem)
    for code, count in seen.items():
        if count > PROBLEMS_SHOWN:
            rest = count - PROBLEMS_SHOWN
            shown.append(
                Problem(
                    code=code,
                    message=f"{rest} more rows have the same problem",
                    level=last[code].level,
                    file=last[code].file,
                    count=rest,
                )
            )
    return tuple(shown)
