"""Strata, covariates and filters of a declared type, brought into one way of writing."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.findings import Findings
from praktijktest.analysis.log_rows import LogRows
from praktijktest.design import Design
from praktijktest.tables import Column, as_text, parse_numbers, parse_times

TRUE_WORDS = frozenset({"true", "1", "yes", "ja", "oui"})
FALSE_WORDS = frozenset({"false", "0", "no", "nee", "neen", "non"})

Texts = NDArray[np.object_]
Reading = tuple[list[str], NDArray[np.bool_]]

HINTS = {
    "number": "write 850.5 or 850,5, without a separator for thousands",
    "date": "write 2026-11-03, or day first: 3/11/2026",
    "boolean": "write true or false, 1 or 0, ja or nee",
}


def with_types(rows: LogRows, design: Design, findings: Findings) -> LogRows:
    """Write the values of typed columns in one way, noting those that are not of the type.

    A decimal comma becomes a point, a date ISO, a truth "true" or "false". So the same log
    gives the same strata whatever program saved it.

    Args:
        rows: the rows of the log.
        design: names the types under `[columns.types]`.
        findings: collects what is not of its type.
    """
    carried = dict(rows.carried)
    for name, column in rows.carried.items():
        kind = design.columns.types.get(name, "text")
        if kind in READERS:
            carried[name] = _typed(column, kind, name, findings)
    return replace(rows, carried=carried)


def _typed(column: Column, kind: str, name: str, findings: Findings) -> Column:
    texts, bad = READERS[kind](column.values)
    findings.rows(
        f"not-a-{kind}",
        f"this is not a {kind}, which the design says this column holds",
        bad[column.codes],
        column=name,
        values=column,
        hint=HINTS[kind],
    )
    return encoding.from_texts(column.codes, texts)


def _numbers(values: Texts) -> Reading:
    numbers, bad = parse_numbers(values)
    return [as_text(number) for number in numbers.tolist()], bad


def _dates(values: Texts) -> Reading:
    times = parse_times(values)
    days = times.values.astype("datetime64[D]").astype(str).tolist()
    return ["" if day == "NaT" else day for day in days], times.bad


def _truths(values: Texts) -> Reading:
    words = [value.lower() for value in values]
    texts = ["true" if w in TRUE_WORDS else "false" if w in FALSE_WORDS else "" for w in words]
    bad = [bool(word) and not text for word, text in zip(words, texts, strict=True)]
    return texts, np.array(bad, dtype=bool)


READERS: dict[str, Callable[[Texts], Reading]] = {
    "number": _numbers,
    "date": _dates,
    "boolean": _truths,
}
