"""Delimited text: encodings, delimiters, and rows that do not fit the header."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from praktijktest.problems import DataError, Problem, shown
from praktijktest.tables.encodings import as_utf8
from praktijktest.tables.header import header_problems, selected
from praktijktest.tables.table import (
    Column,
    Table,
    encoded,
    limited,
    stacked,
    without_blank_rows,
)

Wanted = Callable[[Sequence[str]], Collection[str]] | None

ROWS_PER_PIECE = 1 << 17
DELIMITERS = ",;\t|"
CHUNK = 1 << 23


@dataclass(frozen=True, slots=True)
class _Text:
    """A text file as UTF-8 bytes without a byte order mark, and how it is laid out."""

    data: bytes
    delimiter: str
    header: list[str]
    body: int
    first_row: int


def read_text(
    data: bytes, name: str, *, header_row: int, wanted: Wanted, skip_bad_rows: bool
) -> Table:
    """Read delimited text.

    Args:
        data: the bytes of the file.
        name: base name, for messages.
        header_row: row of the column names.
        wanted: which of the columns to load; default: all.
        skip_bad_rows: leave out rows with too many or too few fields.

    Raises:
        DataError: the text cannot be read as a table.
    """
    data, warnings = as_utf8(data, name)
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    text = _laid_out(data, name, header_row)
    problems = header_problems(text.header, name, header_row, wanted)
    names = selected(text.header, wanted)
    counts, ends = _fields_per_record(text)
    expected = len(text.header) - 1
    ragged = counts != expected
    if ragged.any():
        ragged &= ~_blank(text, counts, ends)
    if ragged.any() or not (counts == expected).any() or not _plain(text):
        columns, rows, bad = _exactly(text, name, names)
    else:
        columns, rows, bad = _fast(text, names), _row_numbers(text, len(counts)), []
    columns, rows = without_blank_rows(columns, rows)
    if not len(rows) and not bad:
        raise DataError(
            f"{name} has a header but no rows.",
            [
                Problem(
                    code="no-rows",
                    message="there is a header but not one row of data",
                    file=name,
                    hint="is this the right file, and the right header_row?",
                )
            ],
        )
    level = "warning" if skip_bad_rows else "error"
    return Table(
        columns=columns,
        row_numbers=rows,
        file_codes=np.zeros(len(rows), dtype=np.int16),
        files=(name,),
        rows_read=len(rows) + len(bad),
        rows_skipped=len(bad),
        problems=(*warnings, *problems, *limited([_ragged(p, name, level) for p in bad])),
    )


def _laid_out(data: bytes, name: str, header_row: int) -> _Text:
    """Find the header record, the delimiter and where the rows begin."""
    start, row = 0, 1
    declared = None
    first = data[: data.find(b"\n") + 1 or len(data)].strip().lower()
    if first.startswith(b"sep=") and len(first) <= 5:
        declared = chr(first[4]) if len(first) == 5 else "\t"
        start, row = data.find(b"\n") + 1, 2
        header_row = max(header_row, row)
    while row < header_row and start < len(data):
        start = _record_end(data, start)
        row += 1
    end = _record_end(data, start)
    line = data[start:end].decode("utf-8").rstrip("\r\n")
    if not line.strip():
        raise DataError(
            f"{name} has no header in row {header_row}.",
            [
                Problem(
                    code="no-header",
                    message="this row is empty; column names are expected",
                    file=name,
                    row=header_row,
                    hint="set [reading] header_row in the design",
                )
            ],
        )
    unquoted = re.sub(r'"[^"]*"', "", line)
    delimiter = declared or max(DELIMITERS, key=unquoted.count)
    header = next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter))
    header = [unicodedata.normalize("NFC", cell).strip() for cell in header]
    if len(header) == 1:
        raise DataError(
            f"{name} has one column only.",
            [
                Problem(
                    code="one-column",
                    message="no delimiter was found in the header",
                    file=name,
                    row=header_row,
                    value=shown(line),
                    hint="columns are separated by a comma, semicolon, tab or |",
                )
            ],
        )
    return _Text(data, delimiter, header, end, header_row + 1)


def _record_end(data: bytes, start: int) -> int:
    """Where the record that starts here ends, its line break included."""
    end = start
    while True:
        end = data.find(b"\n", end) + 1
        if not end:
            return len(data)
        if data.count(b'"', start, end) % 2 == 0:
            return end


def _fields_per_record(text: _Text) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Delimiters in every record after the header, and where each record ends.

    Delimiters and line breaks between quotes do not count. Works on pieces of the file, so
    that memory stays small.
    """
    data = text.data
    mark, quote = ord(text.delimiter), ord('"')
    counts, ends = [], []
    inside, carried = 0, 0
    for start in range(text.body, len(data), CHUNK):
        piece = np.frombuffer(
            data, dtype=np.uint8, count=min(CHUNK, len(data) - start), offset=start
        )
        breaks, marks = np.flatnonzero(piece == 10), np.flatnonzero(piece == mark)
        quotes = np.flatnonzero(piece == quote)
        if inside or len(quotes):
            breaks = breaks[(np.searchsorted(quotes, breaks) + inside) % 2 == 0]
            marks = marks[(np.searchsorted(quotes, marks) + inside) % 2 == 0]
            inside = (inside + len(quotes)) % 2
        before = np.searchsorted(marks, breaks)
        found = np.diff(before, prepend=0)
        if len(found):
            found[0] += carried
            carried = len(marks) - int(before[-1])
        else:
            carried += len(marks)
        counts.append(found)
        ends.append(breaks + start)
    all_counts = np.concatenate([*counts, np.zeros(0, dtype=np.int64)])
    all_ends = np.concatenate([*ends, np.zeros(0, dtype=np.int64)])
    last = int(all_ends[-1]) + 1 if len(all_ends) else text.body
    if last < len(data):
        all_counts, all_ends = np.append(all_counts, carried), np.append(all_ends, len(data))
    return all_counts, all_ends


def _blank(text: _Text, counts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which records are empty lines: nothing but perhaps a carriage return."""
    starts = np.concatenate([[text.body], ends[:-1] + 1])
    short = (ends - starts <= 1) & (counts == 0)
    for place in np.flatnonzero(short & (ends - starts == 1)):
        short[place] = text.data[starts[place]] == ord("\r")
    return np.asarray(short, dtype=bool)


def _plain(text: _Text) -> bool:
    """Whether the fast parser is sure to read the rows as the exact one would.

    It is when every carriage return belongs to a line break, and every quotation mark opens
    a field, closes one, or stands twice inside one.
    """
    data = text.data
    if data.count(b"\r") != data.count(b"\r\n"):
        return False
    if data.find(b'"', text.body) < 0:
        return True
    content = np.frombuffer(data, dtype=np.uint8, offset=text.body)
    quotes = np.concatenate(
        [
            np.flatnonzero(content[start : start + CHUNK] == ord('"')) + start
            for start in range(0, len(content), CHUNK)
        ]
    )
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    edges = np.isin(np.arange(256), [ord(text.delimiter), ord("\n"), ord("\r")])
    starts_field = (opening == 0) | edges[content[opening - 1]]
    ends_field = (closing == len(content) - 1) | edges[content[(closing + 1) % len(content)]]
    doubled = closing[:-1] + 1 == opening[1:]
    return bool(
        starts_field[:1].all()
        and (starts_field[1:] | doubled).all()
        and (ends_field[:-1] | doubled).all()
        and ends_field[-1:].all()
    )


def _row_numbers(text: _Text, rows: int) -> NDArray[np.int32]:
    return np.arange(text.first_row, text.first_row + rows, dtype=np.int32)


def _fast(text: _Text, names: Sequence[str]) -> dict[str, Column]:
    """Read with pandas' C parser, which keeps one text object per distinct value."""
    import pandas as pd

    stream = io.BytesIO(text.data)
    stream.seek(text.body)
    if text.body >= len(text.data):
        return {name: encoded(np.empty(0, dtype=object)) for name in names}
    places = [text.header.index(name) for name in names]
    # In pieces: the texts of a million rows are never in memory all at once.
    pieces = pd.read_csv(
        stream,
        sep=text.delimiter,
        header=None,
        names=range(len(text.header)),
        usecols=places,
        dtype=object,
        na_filter=False,
        keep_default_na=False,
        skip_blank_lines=False,
        index_col=False,
        encoding="utf-8",
        low_memory=False,
        chunksize=ROWS_PER_PIECE,
    )
    parts: list[list[Column]] = [[] for _ in places]
    with pieces:
        for piece in pieces:
            for place, column in zip(places, parts, strict=True):
                column.append(encoded(piece[place].to_numpy()))
    return {name: stacked(column) for name, column in zip(names, parts, strict=True)}


@dataclass(frozen=True, slots=True)
class _BadRow:
    row: int
    found: int | None
    expected: int


def _exactly(
    text: _Text, name: str, names: Sequence[str]
) -> tuple[dict[str, Column], NDArray[np.int32], list[_BadRow]]:
    """Read row by row, so that every row that does not fit is known by its number."""
    csv.field_size_limit(2**31 - 1)
    stream = io.TextIOWrapper(io.BytesIO(text.data[text.body :]), encoding="utf-8", newline="")
    places = [text.header.index(column) for column in names]
    expected = len(text.header)
    kept: list[list[str]] = [[] for _ in places]
    numbers: list[int] = []
    bad: list[_BadRow] = []
    reader = csv.reader(stream, delimiter=text.delimiter, strict=True)
    number = text.first_row - 1
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            break
        except csv.Error:
            bad.append(_BadRow(number, None, expected))
            continue
        if not any(cell.strip() for cell in record):
            continue
        if len(record) != expected:
            bad.append(_BadRow(number, len(record), expected))
            continue
        numbers.append(number)
        for place, cells in zip(places, kept, strict=True):
            cells.append(record[place])
    columns = {}
    for column, cells in zip(names, kept, strict=True):
        values = np.empty(len(cells), dtype=object)
        values[:] = cells
        columns[column] = encoded(values)
    return columns, np.array(numbers, dtype=np.int32), bad


def _ragged(bad: _BadRow, name: str, level: str) -> Problem:
    if bad.found is None:
        message = "a quotation mark is opened or closed in the wrong place"
        hint = 'write a quotation mark inside a cell twice: ""'
    else:
        message = f"this row has {bad.found} fields, the header has {bad.expected}"
        hint = "is a delimiter missing or too many, or a text with one not between quotes?"
    return Problem(
        code="row-fields",
        message=message,
        file=name,
        row=bad.row,
        hint=hint,
        level="warning" if level == "warning" else "error",
    )
