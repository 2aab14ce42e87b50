"""How a delimited text is laid out: where its header stands and what separates its fields."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from praktijktest.problems import shown
from praktijktest.tables.records import record_end
from praktijktest.tables.refusals import no_header, refusal

DELIMITERS = ",;\t|"
OTHER_DELIMITERS = "^~:¦#§!/"
LINES_COMPARED = 20
SEPARATOR_LINE = re.compile(rb'"?sep=([ -~\t])?"?\s*', re.IGNORECASE)
NEITHER_QUOTED = re.compile(r'"(?:[^"]|"")*"')
LARGEST_FIELD = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Layout:
    """The header of a delimited text and what follows from it.

    Attributes:
        cells: the cells of the header as they stand.
        delimiter: what separates fields.
        header_row: row of the header in the file.
        body: first byte after the header.
    """

    cells: tuple[str, ...]
    delimiter: str
    header_row: int
    body: int


def find_layout(data: bytes, file: str, header_row: int) -> Layout:
    """Find the header and the delimiter of a text in UTF-8.

    The delimiter is the one of `, ; tab |` that occurs most in the header outside quotation
    marks. A first line `sep=;`, as a spreadsheet program writes it, is row 1 and is obeyed.

    Args:
        data: text in UTF-8 in which every line ends in a line feed.
        file: base name, for messages.
        header_row: row in which the header is expected.

    Raises:
        DataError: there is no header there, or only one column where several are meant.
    """
    start, row, declared = 0, 1, None
    first_line = SEPARATOR_LINE.fullmatch(data[: data.find(b"\n") + 1 or len(data)][:20])
    if first_line is not None:
        declared = (first_line[1] or b"\t").decode()
        start, row = data.find(b"\n") + 1 or len(data), 2
        header_row = max(header_row, 2)
    while row < header_row and start < len(data):
        start, row = record_end(data, start), row + 1
    body = record_end(data, start)
    line = data[start:body].decode("utf-8").rstrip("\r\n")
    if not line.strip(DELIMITERS + " "):
        raise no_header(file, header_row, _first_filled(data, body, header_row))
    delimiter = declared or _delimiter(line, file)
    with any_field_size():
        cells = next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter))
    if len(cells) == 1 and declared is None:
        _refuse_other_delimiter(data[start:], file, header_row)
    return Layout(tuple(cells), delimiter, header_row, body)


@contextmanager
def any_field_size() -> Iterator[None]:
    """Let the csv module read fields of any size; its limit is one for the whole process."""
    limit = csv.field_size_limit(LARGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _delimiter(line: str, file: str) -> str:
    unquoted = NEITHER_QUOTED.sub("", line)
    if file.lower().endswith(".tsv") and "\t" in unquoted:
        return "\t"
    return max(DELIMITERS, key=unquoted.count)


def _first_filled(data: bytes, start: int, row: int) -> int | None:
    """The first row with text below an empty one."""
    while start < len(data):
        end = record_end(data, start)
        row += 1
        if data[start:end].strip(b",;\t| \r\n"):
            return row
        start = end
    return None


def _refuse_other_delimiter(text: bytes, file: str, header_row: int) -> None:
    """Refuse a table whose every line holds some other separator equally often."""
    lines = [
        line.decode("utf-8", "replace")
        for line in islice((part for part in io.BytesIO(text) if part.strip()), LINES_COMPARED)
    ]
    candidates = [mark for mark in OTHER_DELIMITERS if mark in lines[0]]
    candidates += ["  "] if "  " in lines[0].strip() else []
    for mark in candidates:
        if len({line.count(mark) for line in lines}) == 1 and len(lines) > 1:
            raise refusal(
                f"{file} is separated by something else than , ; tab or |.",
                code="one-column",
                message=f"the columns seem to be separated by {mark!r}, which is not read",
                file=file,
                row=header_row,
                value=shown(lines[0]),
                hint="save the log with a comma, semicolon, tab or | between the columns",
            )
