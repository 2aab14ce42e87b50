"""Parquet files, column by column, each encoded by the library that reads them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from praktijktest.tables.columns import Column, cleaned, encoded
from praktijktest.tables.opened import Opened, missing_library, understood
from praktijktest.tables.values import as_text

if TYPE_CHECKING:
    import pyarrow

KIND = "a Parquet file"
ROW_NAMES = re.compile(r"__index_level_\d+__")
"""Columns in which pandas stores the names of rows."""


def open_parquet(source: Path) -> Opened:
    """Open a Parquet file.

    Raises:
        UsageError: pyarrow is not installed.
        DataError: the file is damaged.
    """
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise missing_library("Parquet", "parquet") from error
    with understood(source.name, KIND), parquet.ParquetFile(source) as file:
        names = tuple(name for name in file.schema_arrow.names if not ROW_NAMES.fullmatch(name))

    def load(places: Sequence[int]) -> list[Column]:
        with understood(source.name, KIND), parquet.ParquetFile(source) as file:
            return [_column(file.read(columns=[names[place]]).column(0)) for place in places]

    return Opened(names, load)


def _column(values: "pyarrow.ChunkedArray[Any]") -> Column:
    import pyarrow

    if pyarrow.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    try:
        encoding = values.combine_chunks().dictionary_encode()
    except pyarrow.ArrowException:
        return encoded([as_text(value) for value in values.to_pylist()])
    if isinstance(encoding, pyarrow.ChunkedArray):
        encoding = encoding.combine_chunks()
    single = pyarrow.types.is_float32(values.type) or pyarrow.types.is_float16(values.type)
    distinct = encoding.dictionary
    texts = [as_text(v) for v in (distinct.to_numpy() if single else distinct.to_pylist())]
    codes = encoding.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    return cleaned(codes.astype(np.int32), [*texts, ""])
