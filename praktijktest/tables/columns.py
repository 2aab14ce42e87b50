"""Columns of text, dictionary-encoded: each distinct text once, and a number for every row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from praktijktest.tables.values import TRUTHS, canonical

BATCH = 1_000
"""Rows that are collected before they are encoded together."""

MERGE_AT_LEAST = 1 << 17
"""Distinct texts of separate pieces that wait before equal ones are merged."""

UNCERTAIN = re.compile(r"[^!-+\-/-~]")
"""Space, comma, point and all beyond ASCII: without them only a truth can need cleaning."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of text: each distinct value once, and for every row which value it has.

    Attributes:
        codes: index into `values` for every row; shape (rows,).
        values: the distinct values as text, cleaned by `canonical`; "" is an empty cell.
    """

    codes: NDArray[np.int32]
    values: NDArray[np.object_]

    def texts(self) -> NDArray[np.object_]:
        """The text on every row."""
        return self.values[self.codes]

    def select(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Column":
        """The rows of a mask or an index; the distinct values stay as they are."""
        return Column(self.codes[rows], self.values)

    def is_empty(self) -> NDArray[np.bool_]:
        """Which rows have an empty cell."""
        return np.asarray(self.values == "", dtype=bool)[self.codes]


class Encoder:
    """Encodes a column piece by piece, so that no list of all its texts ever exists."""

    __slots__ = ("_codes", "_pieces", "_values", "_waiting")

    def __init__(self) -> None:
        self._values = text_array([])
        self._codes: list[NDArray[np.int32]] = []
        self._pieces: list[tuple[NDArray[np.int32], NDArray[np.object_]]] = []
        self._waiting = 0

    def add(self, texts: NDArray[np.object_]) -> None:
        """Add the texts of the next rows."""
        codes, distinct = pd.factorize(texts)
        self._pieces.append((codes.astype(np.int32), distinct))
        self._waiting += len(distinct)
        if self._waiting > max(len(self._values), MERGE_AT_LEAST):
            self._merge()

    def column(self) -> Column:
        """All rows that were added; values that become equal by cleaning share a code."""
        self._merge()
        codes = np.concatenate([np.empty(0, dtype=np.int32), *self._codes])
        texts = self._values.tolist()
        return Column(codes, self._values) if _all_clean(texts) else cleaned(codes, texts)

    def _merge(self) -> None:
        """Give the texts of the waiting pieces one number each over the whole column."""
        start = len(self._values)
        found = [self._values, *(distinct for _, distinct in self._pieces)]
        numbers, self._values = pd.factorize(np.concatenate(found))
        for codes, distinct in self._pieces:
            stop = start + len(distinct)
            self._codes.append(numbers[start:stop].astype(np.int32)[codes])
            start = stop
        self._pieces, self._waiting = [], 0


class RowEncoder:
    """Encodes several columns from rows that come one by one."""

    __slots__ = ("_columns", "_rows")

    def __init__(self, columns: int) -> None:
        self._columns = [Encoder() for _ in range(columns)]
        self._rows: list[Sequence[str]] = []

    def add(self, row: Sequence[str]) -> None:
        """Add one row, a text for every column."""
        self._rows.append(row)
        if len(self._rows) == BATCH:
            self._encode()

    def columns(self) -> list[Column]:
        """The columns of all rows that were added."""
        self._encode()
        return [column.column() for column in self._columns]

    def _encode(self) -> None:
        if self._rows:
            for column, texts in zip(self._columns, zip(*self._rows, strict=True), strict=True):
                column.add(text_array(texts))
        self._rows = []


def text_array(texts: Sequence[str]) -> NDArray[np.object_]:
    """Texts as an array of objects, also when there is none or only one."""
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def cleaned(codes: NDArray[np.int32], texts: list[str]) -> Column:
    """A column whose texts are made canonical; texts that become equal share a code."""
    if not _all_clean(texts):
        texts = [canonical(text) for text in texts]
    new_codes, values = pd.factorize(text_array(texts))
    return Column(new_codes.astype(np.int32)[codes], np.asarray(values, dtype=object))


def _all_clean(texts: list[str]) -> bool:
    """Whether none of these texts can need cleaning; a quick look at all at once."""
    return not UNCERTAIN.search("".join(texts)) and TRUTHS.keys().isdisjoint(texts)


def encoded(texts: Sequence[str]) -> Column:
    """A column from a list of all its texts."""
    encoder = Encoder()
    encoder.add(text_array(texts))
    return encoder.column()
