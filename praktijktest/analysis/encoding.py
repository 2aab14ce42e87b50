"""Dictionary-encoded columns: joining, recoding and selecting without touching single rows.

A `Column` holds one code per row and each distinct text once, so that whatever is
done to a text is done once per distinct value, however many rows carry it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from praktijktest.tables import Column

IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]


def constant(text: str, rows: int) -> Column:
    """A column that holds the same text on every row."""
    return Column(np.zeros(rows, dtype=np.int32), text_array([text]))


def text_array(values: Sequence[str]) -> NDArray[np.object_]:
    """Texts as an object array, also when there is none or only one."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def take(column: Column, index: NDArray[np.int64] | BoolArray) -> Column:
    """The rows named by an index or a mask; the distinct values stay as they are."""
    return Column(column.codes[index], column.values)


def is_empty(column: Column) -> BoolArray:
    """Which rows are empty."""
    return np.asarray(column.values == "", dtype=bool)[column.codes]


def recode(column: Column, mapping: Mapping[str, str]) -> Column:
    """Replace values; those that the mapping does not name stay as they stand."""
    if not mapping:
        return column
    return from_texts(column.codes, [mapping.get(value, value) for value in column.values])


def from_texts(codes: IntArray, texts: Sequence[str]) -> Column:
    """A column whose texts may repeat: equal texts become one code."""
    new_codes, values = pd.factorize(text_array(texts))
    return Column(new_codes.astype(np.int32)[codes], np.asarray(values, dtype=object))


def stacked(columns: Sequence[Column]) -> Column:
    """The rows of several columns, one after another."""
    offsets = np.cumsum([0, *(len(column.values) for column in columns)])
    codes = np.concatenate(
        [column.codes + offset for column, offset in zip(columns, offsets, strict=False)]
    )
    return from_texts(codes, [text for column in columns for text in column.values])


def combine(columns: Sequence[Column], separator: str) -> Column:
    """Join several columns into one that is equal where all of them are equal.

    A row with an empty part is empty as a whole: half a key names nothing.
    """
    if len(columns) == 1:
        return columns[0]
    joined = columns[0]
    for column in columns[1:]:
        joined = _combine_two(joined, column, separator)
    return joined


def _combine_two(left: Column, right: Column, separator: str) -> Column:
    keys = left.codes.astype(np.int64) * len(right.values) + right.codes
    codes, distinct = pd.factorize(keys)
    left_texts = left.values[distinct // len(right.values)]
    right_texts = right.values[distinct % len(right.values)]
    texts = [
        f"{first}{separator}{second}" if first and second else ""
        for first, second in zip(left_texts, right_texts, strict=True)
    ]
    if "" in texts:
        return from_texts(codes.astype(np.int32), texts)
    return Column(codes.astype(np.int32), text_array(texts))


def occurring(column: Column) -> list[str]:
    """The distinct values that some row has, in no particular order."""
    counts = np.bincount(column.codes, minlength=len(column.values))
    return [str(value) for value in column.values[counts > 0]]


def distinct_count(numbers: IntArray | NDArray[np.int64]) -> int:
    """How many different numbers from 0 up there are; negative ones do not count."""
    return int((np.bincount(numbers[numbers >= 0]) > 0).sum())


def group_keys(parts: Sequence[NDArray[np.int32]]) -> tuple[IntArray, NDArray[np.int64]]:
    """Number the distinct combinations of several code arrays.

    Returns:
        The number of the combination on each row, and for each combination the
        first row on which it occurs.
    """
    keys = parts[0].astype(np.int64)
    largest = int(parts[0].max(initial=0)) + 1
    for part in parts[1:]:
        size = int(part.max(initial=0)) + 1
        if largest * size >= np.iinfo(np.int64).max:
            keys = pd.factorize(keys)[0]
            largest = int(keys.max(initial=0)) + 1
        keys = keys * size + part
        largest *= size
    codes, distinct = pd.factorize(keys)
    return codes.astype(np.int32), first_rows(codes, len(distinct))


def first_rows(numbers: NDArray[np.intp] | IntArray, count: int) -> NDArray[np.int64]:
    """For each number from 0 to count - 1, the first row that has it."""
    first = np.empty(count, dtype=np.int64)
    first[numbers[::-1]] = np.arange(len(numbers) - 1, -1, -1)
    return first


def renumbered(labels: IntArray) -> IntArray:
    """Labels from 0 up as dense numbers, in the same order."""
    present = np.bincount(labels) > 0
    return (np.cumsum(present, dtype=np.int32) - 1)[labels]


def ranks(values: NDArray[np.object_]) -> IntArray:
    """Rank of each distinct text in alphabetical order, so that row order never shows."""
    order = np.argsort(values, kind="stable")
    result = np.empty(len(values), dtype=np.int32)
    result[order] = np.arange(len(values), dtype=np.int32)
    return result
