"""Tables as CSV: safe to open in a spreadsheet, and fast for a million rows."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from praktijktest.tables.table import Column
from praktijktest.tables.values import NUMBER

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ROWS_PER_PIECE = 50_000
FEW = 100_000
"""How many combinations of values are still few, beside the number of rows."""
SIGNS_OF_WORK = (",", '"', "\r", *(f"\n{start}" for start in FORMULA_STARTS))
"""What a value that must be quoted or neutralised has, when each stands on a line of its own."""


def neutral(text: str) -> str:
    """A text that a spreadsheet will not take for a formula; a plain number is none."""
    if not text.startswith(FORMULA_STARTS) or NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def plain_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A small table as CSV in UTF-8; None is empty, text never becomes a formula.

    Args:
        header: column names.
        rows: cells; numbers stay numbers, truths are written as true and false.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([neutral(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return stream.getvalue().encode("utf-8")


def encoded_csv(header: Sequence[str], columns: Sequence[Column]) -> Iterator[bytes]:
    """A large dictionary-encoded table as pieces of CSV in UTF-8.

    Every distinct value is quoted once, whatever the number of rows.

    Args:
        header: column names, as many as columns.
        columns: columns of equal length.
    """
    yield plain_csv(header, [])
    joined = _joined([Column(column.codes, _quoted(column.values)) for column in columns])
    rows = len(columns[0].codes) if columns else 0
    for start in range(0, rows, ROWS_PER_PIECE):
        stop = start + ROWS_PER_PIECE
        parts = [column.values[column.codes[start:stop]].tolist() for column in joined]
        yield ("\n".join(map(",".join, zip(*parts, strict=True))) + "\n").encode("utf-8")


def _joined(columns: Sequence[Column]) -> list[Column]:
    """Neighbouring columns of few values as one column of their combinations, comma included.

    A log has some hundreds of combinations of profile, outcome and the like, so a million
    rows are put together from three texts each and not from twelve.
    """
    result: list[Column] = []
    for column in columns:
        if result and len(result[-1].values) * len(column.values) <= FEW:
            keys = result[-1].codes.astype(np.int64) * len(column.values) + column.codes
            codes, found = pd.factorize(keys)
            left, right = np.divmod(found, len(column.values))
            texts = result[-1].values[left] + "," + column.values[right]
            result[-1] = Column(codes.astype(np.int32), texts)
        else:
            result.append(column)
    return result


def repeating_csv(
    header: Sequence[str], rows: Iterable[Sequence[object]], own: int
) -> Iterator[bytes]:
    """A long table whose rows are mostly alike but for their first cells, as pieces of CSV.

    Args:
        header: column names.
        rows: cells, as for `plain_csv`.
        own: how many leading cells, all texts, are a row's own; what follows is written out
            once for all rows that share it.
    """
    yield plain_csv(header, [])
    known: dict[tuple[object, ...], bytes] = {}
    lines = []
    for row in rows:
        shared = tuple(row[own:])
        rest = known.get(shared)
        if rest is None:
            rest = known[shared] = plain_csv([], [shared])[1:]
        first = ",".join(_field(neutral(str(cell))) for cell in row[:own])
        lines.append(first.encode("utf-8") + b"," + rest)
    yield b"".join(lines)


def _quoted(values: NDArray[np.object_]) -> NDArray[np.object_]:
    joined = "\n" + "\n".join(values)
    if not any(sign in joined for sign in SIGNS_OF_WORK) and joined.count("\n") == len(values):
        return values
    texts = np.empty(len(values), dtype=object)
    texts[:] = [_field(neutral(value)) for value in values]
    return texts


def _field(text: str) -> str:
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return neutral(value) if isinstance(value, str) else value
