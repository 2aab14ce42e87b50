"""The columns of a log as the ledger keeps them: the contract's names, the log's own values."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from praktijktest.problems import DataError, Problem

if TYPE_CHECKING:
    from praktijktest.analysis.log_columns import ColumnPlan
    from praktijktest.design import Design
    from praktijktest.rounds.ingest_shapes import RawSource
    from praktijktest.tables import Column, Table

BY_NAME: Final = ("advert", "coder", "tester", "note")
"""Columns that the analysis leaves alone by their name and the ledger keeps."""


def log_names(
    design: "Design", header: Sequence[str], *, planned: bool, file: str
) -> Collection[str]:
    """The columns of a log that are read.

    Raises:
        DataError: with every column that is needed and that the log lacks.
    """
    from praktijktest.analysis.log_columns import plan_columns

    plan = plan_columns(design, header)
    missing = _missing(plan, design, header) if planned else plan.missing
    if missing:
        problems = [replace(problem, file=file) for problem in missing]
        raise DataError(f"{file} lacks columns that are needed.", problems)
    named = {*BY_NAME, *_declared_elsewhere(design)} & set(header)
    return (plan.names() & set(header)) | named


def log_source(table: "Table", design: "Design") -> "RawSource":
    """A log with the contract's names; its values stay as they are, but for the profile.

    The profile is recoded (or put together from attributes) as the design says, since by it a
    row is found in the plan; all else is recoded when the ledger is analysed.
    """
    from praktijktest.analysis.log_columns import plan_columns
    from praktijktest.rounds.ingest_shapes import RawSource

    left_out = tuple(name for name in table.header if name not in table.columns)
    if design.columns.wide:
        return RawSource("log", "", _unfolded(table, design), left_out)
    columns = _columns(table, plan_columns(design, table.header), design)
    for name in (*BY_NAME, *_declared_elsewhere(design)):
        if name in table.columns and name not in columns:
            columns[name] = table.columns[name]
    return RawSource("log", "", replace(table, columns=columns), left_out)


def _missing(plan: "ColumnPlan", design: "Design", header: Sequence[str]) -> Sequence[Problem]:
    """In a planned round a log needs only what tells which application a row is about."""
    if design.columns.wide or "application" in plan.fields:
        return plan.missing if design.columns.wide else ()
    whose = {"test": plan.fields.get("test", ()), "profile": plan.fields.get("profile", ())}
    present = set(header)
    if all(columns and set(columns) <= present for columns in whose.values()):
        return ()
    return [
        Problem(
            code="missing-column",
            message="nothing says which application a row is about",
            column="application",
            hint="the source needs a column application, or the columns test and profile",
        )
    ]


def _declared_elsewhere(design: "Design") -> tuple[str, ...]:
    """Columns that the design names without needing them for its analysis."""
    return (*design.columns.types, *design.sampling.strata)


def _columns(table: "Table", plan: "ColumnPlan", design: "Design") -> dict[str, "Column"]:
    """The log's columns under the contract's names; joined where several make one."""
    from praktijktest.analysis import encoding
    from praktijktest.analysis.log_columns import JOINED
    from praktijktest.analysis.log_rows import SEPARATORS, canonical_recodings

    have = table.columns
    found = {}
    for name, columns in plan.fields.items():
        if set(columns) <= set(have):
            separator = SEPARATORS.get(name, "/") if name in JOINED else "/"
            found[name] = encoding.combine([have[column] for column in columns], separator)
    attributes = {name: have[c] for name, c in plan.attributes.items() if c in have}
    recodings = canonical_recodings(design)
    if "profile" in found:
        found["profile"] = encoding.recode(found["profile"], recodings.get("profile", {}))
    elif attributes:
        levels = [encoding.recode(attributes[n], recodings.get(n, {})) for n in sorted(attributes)]
        found["profile"] = encoding.combine(levels, ".")
    carried = {name: have[column] for name, column in plan.carried.items() if column in have}
    return {**carried, **attributes, **found}


def _unfolded(table: "Table", design: "Design") -> "Table":
    """A wide log with a row for every applicant.

    Where no column names the test, a test is a row of this file: its name says so, since the
    rows of another file have the same numbers.
    """
    from praktijktest.analysis import encoding
    from praktijktest.analysis.log_rows import log_rows

    as_it_stands = design.columns.model_copy(update={"values": {}})
    rows = log_rows(table, design.model_copy(update={"columns": as_it_stands}))
    columns = {**rows.carried, **rows.attributes, **rows.fields}
    if design.columns.test is None and "test" not in table.columns:
        test = columns["test"]
        columns["test"] = encoding.from_texts(
            test.codes, [f"{table.files[0]}:{number}" for number in test.values]
        )
    return replace(
        table,
        columns=columns,
        row_numbers=rows.row_numbers,
        file_codes=rows.file_codes,
        files=rows.files,
    )
