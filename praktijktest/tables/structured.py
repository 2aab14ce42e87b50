"""Tables with types of their own: Stata, SPSS, Parquet and JSON."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from praktijktest.problems import DataError, Problem, UsageError
from praktijktest.tables.header import Wanted, header_problems, selected
from praktijktest.tables.table import Column, Table, cleaned, without_blank_rows
from praktijktest.tables.values import as_text

if TYPE_CHECKING:
    import pandas as pd

FIRST_ROW = 2
"""These files have no header row; the first record counts as row 2, as in a spreadsheet."""


def read_structured(source: Path, *, wanted: Wanted) -> Table:
    """Read a file whose cells have types; value labels are read as their text.

    Raises:
        UsageError: the optional library for this kind of file is not installed.
        DataError: the file is damaged, or has no rows.
    """
    frame = READERS[source.suffix.lower()](source, wanted)
    header = [str(name).strip() for name in frame.columns]
    problems = header_problems(header, source.name, 1, wanted)
    columns: dict[str, Column] = {}
    for name in selected(header, wanted):
        columns[name] = _column(frame.iloc[:, header.index(name)])
    rows = np.arange(FIRST_ROW, FIRST_ROW + len(frame), dtype=np.int32)
    columns, rows = without_blank_rows(columns, rows)
    if not len(rows):
        raise _unreadable(source, "there is not one row of data in it")
    return Table(
        columns=columns,
        row_numbers=rows,
        file_codes=np.zeros(len(rows), dtype=np.int16),
        files=(source.name,),
        rows_read=len(rows),
        rows_skipped=0,
        problems=tuple(problems),
    )


def _column(series: "pd.Series[Any]") -> Column:
    import pandas as pd

    codes, distinct = pd.factorize(series.astype(object))
    texts = [as_text(value) for value in distinct]
    if (codes < 0).any():
        codes = np.where(codes < 0, len(texts), codes)
        texts.append("")
    return cleaned(codes.astype(np.int32), texts)


def _stata(source: Path, wanted: Wanted) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_stata(source, convert_categoricals=True)
    except Exception as error:
        # A parser of somebody else meets arbitrary bytes: whatever it raises is this.
        raise _unreadable(source, "it is not a Stata file, or it is damaged") from error


def _spss(source: Path, wanted: Wanted) -> "pd.DataFrame":
    try:
        import pyreadstat
    except ImportError as error:
        raise _extra("SPSS", "spss") from error
    try:
        frame, _ = pyreadstat.read_sav(str(source), apply_value_formats=True)
    except Exception as error:
        raise _unreadable(source, "it is not an SPSS file, or it is damaged") from error
    result: pd.DataFrame = frame
    return result


def _parquet(source: Path, wanted: Wanted) -> "pd.DataFrame":
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise _extra("Parquet", "parquet") from error
    try:
        header = pyarrow.parquet.read_schema(source).names
        table = pyarrow.parquet.read_table(source, columns=selected(header, wanted))
    except Exception as error:
        raise _unreadable(source, "it is not a Parquet file, or it is damaged") from error
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _json(source: Path, wanted: Wanted) -> "pd.DataFrame":
    text = _decoded(source)
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "the start"
        raise _unreadable(source, f"it is not JSON from {where} on") from error
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        if len(content) > 1 and len(lists) == len(content):
            return _from_columns(source, content)
        content = lists[0] if len(lists) == 1 else content
    return _from_records(source, content)


def _json_lines(source: Path, wanted: Wanted) -> "pd.DataFrame":
    records = []
    for number, line in enumerate(_decoded(source).splitlines(), FIRST_ROW):
        if not line.strip():
            continue
        try:
            records.append(json.loads(line))
        except (json.JSONDecodeError, RecursionError) as error:
            raise _unreadable(source, "this line is not JSON", number - 1) from error
    return _from_records(source, records)


def _decoded(source: Path) -> str:
    try:
        return source.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(source, "it is not UTF-8, as JSON must be") from error


def _from_columns(source: Path, content: dict[str, list[Any]]) -> "pd.DataFrame":
    import pandas as pd

    if len({len(values) for values in content.values()}) > 1:
        raise _unreadable(source, "its columns differ in length")
    return pd.DataFrame(
        {n: pd.Series([_cell(v) for v in values], dtype=object) for n, values in content.items()}
    )


def _from_records(source: Path, records: Any) -> "pd.DataFrame":
    import pandas as pd

    if not isinstance(records, Sequence) or not all(isinstance(r, dict) for r in records):
        raise _unreadable(source, "it does not hold a list of objects, one per row")
    names = list(dict.fromkeys(name for record in records for name in record))
    return pd.DataFrame(
        {name: pd.Series([_cell(r.get(name)) for r in records], dtype=object) for name in names}
    )


def _cell(value: Any) -> str:
    """A JSON value as text here already, since 1 and true are one and the same to a hash."""
    return (
        json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else as_text(value)
    )


READERS: dict[str, Callable[[Path, Wanted], "pd.DataFrame"]] = {
    ".dta": _stata,
    ".sav": _spss,
    ".parquet": _parquet,
    ".json": _json,
    ".jsonl": _json_lines,
}
STRUCTURED = tuple(READERS)


def _unreadable(source: Path, why: str, row: int | None = None) -> DataError:
    return DataError(
        f"{source.name} cannot be read.",
        [
            Problem(
                code="not-a-table",
                message=f"the file cannot be read: {why}",
                file=source.name,
                row=row,
                hint="save the log again, or as CSV",
            )
        ],
    )


def _extra(kind: str, extra: str) -> UsageError:
    return UsageError(f'{kind} files need one more library: pip install "praktijktest[{extra}]"')
