"""From the records of delimited text to columns: fast where it is regular, else exact."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from praktijktest.tables.columns import Column, Encoder, RowEncoder
from praktijktest.tables.layout import any_field_size
from praktijktest.tables.records import BoolArray, Records

ROWS_AT_ONCE = 1 << 16
END = "\0end"
"""Stands after the last record; when it is swallowed, a quotation mark was left open."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read.

    Attributes:
        row: row in the file.
        found: number of fields, or None when its quotation marks make that unclear.
        lines: number of lines of the file that it takes up.
    """

    row: int
    found: int | None
    lines: int


@dataclass(frozen=True, slots=True)
class Fields:
    """The columns of a delimited text and the rows that do not fit.

    Attributes:
        columns: one per position asked for, in that order.
        rows: row in the file of every row of the columns.
        bad: rows that were left out.
        unclosed: row of a quotation mark that is never closed, so that the rest is lost.
    """

    columns: list[Column]
    rows: NDArray[np.int32]
    bad: list[BadRow]
    unclosed: int | None = None


def regular_fields(
    data: bytes,
    records: Records,
    *,
    first_row: int,
    width: int,
    places: Sequence[int],
    delimiter: str,
) -> Fields | None:
    """Read the records with pandas' C parser, leaving out blank ones and those that do not fit.

    Args:
        data: text in UTF-8.
        records: its records, regular.
        first_row: row in the file of the first record.
        width: number of columns.
        places: positions of the columns to read.
        delimiter: what separates fields.

    Returns:
        The fields, or None when the parser does not agree on what a record is.
    """
    blank = records.only_delimiters()
    odd = np.flatnonzero((records.delimiters != width - 1) & ~blank)
    ragged = odd[~_without_text(data, records, odd, delimiter)]
    blank[odd] = True
    kept = np.flatnonzero(~blank)
    columns = _parsed(data, records, kept, width, places, delimiter)
    if columns is None:
        return None
    empty = np.ones(len(kept), dtype=bool)
    for column in columns:
        empty &= column.is_empty()
    filled = ~empty
    filled[empty] = ~_without_text(data, records, kept[empty], delimiter)
    if not filled.all():
        columns = [column.select(filled) for column in columns]
    found = (records.delimiters[ragged] + 1).tolist()
    bad = [
        BadRow(first_row + place, fields, _lines(data, records, place))
        for place, fields in zip(ragged.tolist(), found, strict=True)
    ]
    return Fields(columns, (first_row + kept[filled]).astype(np.int32), bad)


def _without_text(
    data: bytes, records: Records, places: NDArray[np.int64], delimiter: str
) -> BoolArray:
    """Which of these records hold only delimiters, quotation marks and space."""
    starts, ends = records.starts[places].tolist(), records.ends[places].tolist()
    with any_field_size():
        found = [_is_blank(data[s:e], delimiter) for s, e in zip(starts, ends, strict=True)]
    return np.array(found, dtype=bool)


def _is_blank(record: bytes, delimiter: str) -> bool:
    text = record.decode("utf-8")
    if '"' not in text:
        return not text.replace(delimiter, "").strip()
    cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return not any(cell.strip() for cell in cells)


def _lines(data: bytes, records: Records, place: int) -> int:
    return 1 + data.count(b"\n", int(records.starts[place]), int(records.ends[place]))


def _parsed(
    data: bytes,
    records: Records,
    kept: NDArray[np.int64],
    width: int,
    places: Sequence[int],
    delimiter: str,
) -> list[Column] | None:
    import pandas as pd

    if not len(kept) or not places:
        return [Encoder().column() for _ in places]
    encoders = [Encoder() for _ in places]
    rows = 0
    try:
        with pd.read_csv(
            _only(data, records, kept),
            sep=delimiter,
            header=None,
            names=range(width),
            usecols=list(places),
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            index_col=False,
            encoding="utf-8",
            chunksize=ROWS_AT_ONCE,
        ) as pieces:
            for piece in pieces:
                rows += len(piece)
                for encoder, place in zip(encoders, places, strict=True):
                    encoder.add(piece[place].to_numpy())
    except (pd.errors.ParserError, pd.errors.EmptyDataError, TypeError):
        return None
    return [encoder.column() for encoder in encoders] if rows == len(kept) else None


def _only(data: bytes, records: Records, kept: NDArray[np.int64]) -> io.BytesIO:
    """The text of these records alone."""
    if len(kept) == len(records):
        stream = io.BytesIO(data)
        stream.seek(int(records.starts[0]))
        return stream
    gaps = np.flatnonzero(np.diff(kept) > 1)
    firsts = kept[np.concatenate([[0], gaps + 1])]
    lasts = kept[np.concatenate([gaps, [len(kept) - 1]])]
    runs = zip(records.starts[firsts].tolist(), records.ends[lasts].tolist(), strict=True)
    return io.BytesIO(b"".join(data[start:end] + b"\n" for start, end in runs))


def exact_fields(
    data: bytes,
    body: int,
    *,
    first_row: int,
    width: int,
    places: Sequence[int],
    delimiter: str,
) -> Fields:
    """Read record by record, strictly, so that every row that does not fit is known.

    Arguments are those of `regular_fields`; `body` is where the first record starts.
    """
    stream = io.BytesIO(data)
    stream.seek(body)
    lines = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    with any_field_size():
        return _read_strictly(lines, first_row, width, places, delimiter)


def _read_strictly(
    stream: io.TextIOWrapper, first_row: int, width: int, places: Sequence[int], delimiter: str
) -> Fields:
    encoder = RowEncoder(len(places))
    rows: list[int] = []
    bad: list[BadRow] = []
    reader = csv.reader(chain(stream, [END]), delimiter=delimiter, strict=True)
    row, line, everything = first_row, 0, len(places) == width
    while True:
        try:
            record = next(reader)
        except StopIteration:
            unclosed = bad.pop().row
            return Fields(encoder.columns(), np.array(rows, dtype=np.int32), bad, unclosed)
        except csv.Error:
            record = None
        lines, line = reader.line_num - line, reader.line_num
        if record == [END]:
            return Fields(encoder.columns(), np.array(rows, dtype=np.int32), bad)
        if record is None:
            bad.append(BadRow(row, None, lines))
        elif any(map(str.strip, record)):
            if len(record) == width:
                rows.append(row)
                encoder.add(record if everything else [record[place] for place in places])
            else:
                bad.append(BadRow(row, len(record), lines))
        row += 1
