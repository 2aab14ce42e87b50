"""Exported applications for Stata and SPSS, with labels of variables and values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.rounds.research_variables import Variable

if TYPE_CHECKING:
    import pandas as pd

    from praktijktest.language import Language

LABEL: Final = 80
"""Characters of a variable's label in Stata."""

VALUE_LABEL: Final = 120
"""Characters of a value's label in SPSS."""

Coding = dict[str, dict[float, str]]
"""Label of every number, by short name of the variable."""


def coded(
    rows: "pd.DataFrame",
    variables: Sequence[Variable],
    language: "Language",
    own: Mapping[str, str],
) -> "tuple[pd.DataFrame, Coding]":
    """The rows with categories as numbers from 1, and the labels of these numbers.

    Args:
        rows: the applications, as text.
        variables: their columns.
        language: language of the labels.
        own: labels of outcomes that the round gives itself.
    """
    import pandas as pd

    found: dict[str, Any] = {}
    labels: Coding = {}
    for variable in variables:
        column = rows[variable.name]
        if variable.kind == "identifier":
            found[variable.short] = column.astype(object)
            continue
        if variable.kind == "category":
            number = {value: place for place, value in enumerate(variable.values, 1)}
            found[variable.short] = column.map(number).astype("float64")
            labels[variable.short] = {
                place: _labelled(value, variable.value_label(value, language, own))
                for value, place in number.items()
            }
            continue
        found[variable.short] = pd.to_numeric(column.replace("", None)).astype("float64")
        if variable.kind == "flag":
            labels[variable.short] = {
                place: variable.value_label(str(place), language, own) for place in (0, 1)
            }
    return pd.DataFrame(found), labels


def _labelled(value: str, label: str) -> str:
    """The code first, so that it is found in a table whatever the language."""
    text = value if label == value else f"{value}: {label}"
    return text if len(text.encode()) <= VALUE_LABEL else f"{text[: VALUE_LABEL // 2]}…"


def write_stata(
    path: Path,
    frame: "pd.DataFrame",
    labels: Coding,
    variables: Sequence[Variable],
    language: "Language",
    made: datetime,
) -> None:
    """Write a Stata file (version 118: Stata 14 and later)."""
    frame.to_stata(
        path,
        write_index=False,
        version=118,
        time_stamp=made,
        variable_labels={v.short: v.label(language)[:LABEL] for v in variables},
        value_labels={name: {**found} for name, found in labels.items() if found},
    )


def write_spss(
    path: Path,
    frame: "pd.DataFrame",
    labels: Coding,
    variables: Sequence[Variable],
    language: "Language",
) -> bool:
    """Write an SPSS file.

    Returns:
        Whether it was written: not where pyreadstat is not installed.
    """
    try:
        import pyreadstat
    except ImportError:
        return False
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels={v.short: v.label(language) for v in variables},
        variable_value_labels={name: {**found} for name, found in labels.items() if found},
        variable_measure={
            v.short: "scale" if v.kind == "integer" else "nominal" for v in variables
        },
    )
    return True
