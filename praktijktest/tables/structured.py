"""Files that bring types and column names of their own: Stata, SPSS, Parquet and JSON."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from praktijktest.tables.header import Wanted, read_header
from praktijktest.tables.json_files import open_json, open_json_lines
from praktijktest.tables.kinds import Kind
from praktijktest.tables.opened import Opened
from praktijktest.tables.parquet_files import open_parquet
from praktijktest.tables.refusals import no_rows
from praktijktest.tables.statistics_files import open_spss, open_stata
from praktijktest.tables.table import Table, whole_table

FIRST_ROW = 2
"""These files have no header row; the first record counts as row 2, as in a spreadsheet."""

OPENERS: Final[dict[Kind, Callable[[Path], Opened]]] = {
    "stata": open_stata,
    "spss": open_spss,
    "parquet": open_parquet,
    "json": open_json,
    "json-lines": open_json_lines,
}


def read_structured(source: Path, kind: Kind, *, wanted: Wanted) -> Table:
    """Read a file whose cells have types; value labels are read as their text.

    Raises:
        UsageError: the optional library for this kind of file is not installed.
        DataError: the file is damaged, or has no rows.
    """
    opened = OPENERS[kind](source)
    header = read_header(opened.names, source.name, 1, wanted)
    columns = opened.load(header.loaded)
    blank = np.ones(len(columns[0].codes), dtype=bool)
    for column in columns:
        blank &= column.is_empty()
    if blank.any():
        rest = sorted(set(range(len(opened.names))) - set(header.loaded))
        for column in opened.load(rest):
            blank &= column.is_empty()
    if blank.all():
        raise no_rows(source.name)
    if blank.any():
        columns = [column.select(~blank) for column in columns]
    named, problems = header.assemble(columns)
    rows = (np.flatnonzero(~blank) + FIRST_ROW).astype(np.int32)
    return whole_table(named, rows, header, [*opened.problems, *problems])
