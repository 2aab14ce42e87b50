"""Exports of online forms, read through the column map of the design."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from praktijktest.problems import DataError, Problem, UsageError

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.design.form_sections import Form
    from praktijktest.rounds.ingest_shapes import RawSource
    from praktijktest.tables import Table

EXPORT_MARKS: Final[dict[str, frozenset[str]]] = {
    "KoboToolbox": frozenset(("_uuid", "_submission_time")),
    "ODK": frozenset(("KEY", "SubmissionDate")),
    "LimeSurvey": frozenset(("submitdate", "startlanguage")),
    "Qualtrics": frozenset(("ResponseId", "StartDate")),
}
"""Columns that such an export has and no log."""


def form_named(design: "Design", name: str) -> "Form":
    """The form of this id.

    Raises:
        UsageError: the design has no such form.
    """
    from praktijktest.design.nearest import nearest

    for form in design.forms:
        if form.id == name:
            return form
    known = [form.id for form in design.forms]
    hint = nearest(name, known, "the design has: {}") if known else "declare it under [[form]]"
    raise UsageError(f"The design has no form {name!r}; {hint}")


def form_of(
    header: Sequence[str], design: "Design", given: "Form | None", file: str
) -> "Form | None":
    """The form that a file with this header is an export of, or None.

    Raises:
        DataError: the file lacks columns of the form that was named, is an export of a form
            that the design does not declare, or fits several.
    """
    present = set(header)
    if given is not None:
        _require_columns(given, header, file)
        return given
    fitting = [form for form in design.forms if set(_needed(form)) <= present]
    if len(fitting) == 1:
        return fitting[0]
    if len(fitting) > 1:
        names = ", ".join(form.id for form in fitting)
        raise _refused(file, "ambiguous-form", f"fits several forms of the design: {names}",
                       "name the one that it is: --form ID")  # fmt: skip
    for program, marks in EXPORT_MARKS.items():
        if marks <= present and not {"test", "profile", "application"} & present:
            raise _refused(
                file,
                "unknown-form",
                f"looks like an export from {program}, and no [[form]] of the design has its "
                "columns",
                "declare under [[form]] which of its columns is which; docs/ingest.md shows how",
            )
    return None


def form_source(table: "Table", form: "Form") -> "RawSource":
    """The answers of a form that count, under our column names and with our values."""
    from praktijktest.analysis import encoding
    from praktijktest.rounds.ingest_shapes import RawSource, coalesced
    from praktijktest.tables import canonical

    keep = np.asarray(table.row_numbers > form.rows_above, dtype=bool)
    for name, wanted in form.counted.items():
        if name in table.columns:
            column = table.columns[name]
            values = {canonical(value).casefold() for value in wanted}
            among = np.array([v.casefold() in values for v in column.values], dtype=bool)
            keep &= among[column.codes]
    columns = {}
    for name, theirs in form.columns.items():
        parts = [theirs] if isinstance(theirs, str) else list(theirs)
        column = coalesced([table.columns[c] for c in parts if c in table.columns]).select(keep)
        mapping = {canonical(k): canonical(v) for k, v in form.values.get(name, {}).items()}
        columns[name] = encoding.recode(column, mapping)
    taken = {*form.theirs(), *form.counted}
    left_out = tuple(name for name in table.header if name not in taken)
    read = replace(
        table,
        columns=columns,
        row_numbers=table.row_numbers[keep],
        file_codes=table.file_codes[keep],
        rows_read=int(keep.sum()) + table.rows_skipped,
    )
    return RawSource("form", form.id, read, left_out)


def _needed(form: "Form") -> list[str]:
    """One column for everything that a form maps; of several for one thing, the first."""
    return [theirs if isinstance(theirs, str) else theirs[0] for theirs in form.columns.values()]


def _require_columns(form: "Form", header: Sequence[str], file: str) -> None:
    from praktijktest.design.nearest import nearest

    lacking = [name for name in form.theirs() if name not in header]
    if not lacking:
        return
    raise DataError(
        f"{file} is not an export of the form {form.id}.",
        [
            Problem(
                code="missing-column",
                message=f"the export lacks a column that [[form]] {form.id} names",
                file=file,
                column=name,
                hint=nearest(name, list(header), "it has: {}"),
            )
            for name in lacking
        ],
    )


def _refused(file: str, code: str, message: str, hint: str) -> DataError:
    problem = Problem(code=code, message=message, file=file, hint=hint)
    return DataError(f"{file} cannot be read.", [problem])
