"""Files of Stata and SPSS: codes with a value label are read as the label's text."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from praktijktest.problems import Problem
from praktijktest.tables.columns import Column, cleaned
from praktijktest.tables.opened import Opened, missing_library, understood
from praktijktest.tables.values import as_text

if TYPE_CHECKING:
    import pandas as pd

STATA, SPSS = "a Stata file", "an SPSS file"


def open_stata(source: Path) -> Opened:
    """Open a Stata file of any version.

    Raises:
        DataError: the file is damaged.
    """
    import pandas as pd

    with understood(source.name, STATA), pd.read_stata(source, iterator=True) as reader:
        names = tuple(reader.variable_labels())
    problems: list[Problem] = []

    def load(places: Sequence[int]) -> list[Column]:
        if not places:
            return []
        columns = [names[place] for place in places]
        with understood(source.name, STATA), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frame = _stata_frame(source, columns, problems)
            loaded = [_column(frame.pop(name)) for name in columns]
        if any(issubclass(warning.category, UnicodeWarning) for warning in caught):
            problems.append(_not_utf8(source.name))
        return loaded

    return Opened(names, load, problems)


def _stata_frame(source: Path, columns: list[str], problems: list[Problem]) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_stata(source, columns=columns)
    except ValueError as error:
        if "not unique" not in str(error):
            raise
    problems.append(
        Problem(
            code="labels-not-unique",
            level="warning",
            message="two codes of a column have the same value label; read as the bare codes",
            file=source.name,
            hint="give every code a label of its own",
        )
    )
    return pd.read_stata(source, columns=columns, convert_categoricals=False)


def _not_utf8(file: str) -> Problem:
    return Problem(
        code="encoding",
        level="warning",
        message="the file is not UTF-8 and was read as Western European text",
        file=file,
        hint="see whether the accents came out right",
    )


def open_spss(source: Path) -> Opened:
    """Open an SPSS file; values declared as missing stay what they are.

    Raises:
        UsageError: pyreadstat is not installed.
        DataError: the file is damaged.
    """
    try:
        import pyreadstat
    except ImportError as error:
        raise missing_library("SPSS", "spss") from error
    with understood(source.name, SPSS):
        _, about = pyreadstat.read_sav(str(source), metadataonly=True)
        names = tuple(map(str, about.column_names))

    def load(places: Sequence[int]) -> list[Column]:
        if not places:
            return []
        columns = [names[place] for place in places]
        with understood(source.name, SPSS):
            frame, _ = pyreadstat.read_sav(
                str(source), usecols=columns, apply_value_formats=True, user_missing=True
            )
            return [_column(frame.pop(name)) for name in columns]

    return Opened(names, load)


def _column(series: "pd.Series[Any]") -> Column:
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = series.cat.codes.to_numpy()
        texts = [as_text(value) for value in series.cat.categories]
    else:
        # Numbers as they are stored, so that single precision is seen as such.
        stored = series.to_numpy() if series.dtype.kind in "fiu" else series.astype(object)
        codes, distinct = pd.factorize(stored)
        texts = [as_text(value) for value in distinct]
    known = np.where(codes < 0, len(texts), codes).astype(np.int32)
    return cleaned(known, [*texts, ""])
