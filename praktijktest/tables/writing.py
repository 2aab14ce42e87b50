"""Tables as CSV: safe to open in a spreadsheet, and fast for a million rows."""

import re
from collections.abc import Iterable, Iterator, Sequence
from math import isnan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from praktijktest.tables.columns import Column, text_array
from praktijktest.tables.values import NUMBER

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ROWS_PER_PIECE = 50_000
FEW = 100_000
"""How many combinations of values are still few, beside the number of rows."""
PERHAPS_QUOTED = re.compile(r'[,"\r]|\n[=+\-@\t]')
"""What a value that must be quoted or neutralised has, when each stands on a line of its own."""


def neutral(text: str) -> str:
    """A text that a spreadsheet will not take for a formula; a plain number is none."""
    if not text.startswith(FORMULA_STARTS) or NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def plain_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A small table as CSV in UTF-8; None and NaN are empty, text never becomes a formula.

    Args:
        header: column names.
        rows: cells; numbers stay numbers, truths are written as true and false.
    """
    lines = [_line([_field(neutral(name)) for name in header])]
    lines += [_line([_cell(value) for value in row]) for row in rows]
    return "".join(lines).encode("utf-8")


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
    known: dict[tuple[object, ...], str] = {}
    lines = []
    for row in rows:
        shared = row[own:]
        key = (*shared, *map(type, shared))  # 1, 1.0 and True are equal but written differently
        rest = known.get(key)
        if rest is None:
            rest = known[key] = "".join(f",{_cell(value)}" for value in shared) + "\n"
        lines.append(",".join(_field(neutral(str(cell))) for cell in row[:own]) + rest)
    yield "".join(lines).encode("utf-8")


def encoded_csv(header: Sequence[str], columns: Sequence[Column]) -> Iterator[bytes]:
    """A large dictionary-encoded table as pieces of CSV in UTF-8.

    Every distinct value is quoted once, whatever the number of rows.

    Args:
        header: column names, as many as columns.
        columns: columns of equal length.
    """
    yield plain_csv(header, [])
    alone = len(columns) == 1
    joined = _joined([Column(c.codes, _quoted(c.values, alone=alone)) for c in columns])
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
            left, right = np.divmod(found, max(len(column.values), 1))
            texts = result[-1].values[left] + "," + column.values[right]
            result[-1] = Column(codes.astype(np.int32), texts)
        else:
            result.append(column)
    return result


def _quoted(values: NDArray[np.object_], *, alone: bool) -> NDArray[np.object_]:
    """Every text as a field; an empty one that is alone on its line would be no row at all."""
    joined = "\n" + "\n".join(values)
    if not alone and not PERHAPS_QUOTED.search(joined) and joined.count("\n") == len(values):
        return values
    empty = '""' if alone else ""
    return text_array([_field(neutral(value)) or empty for value in values])


def _field(text: str) -> str:
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _line(fields: list[str]) -> str:
    return '""\n' if fields == [""] else ",".join(fields) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, str):
        return _field(neutral(value))
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return _field(str(value))
