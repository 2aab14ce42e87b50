"""One row of a table of studies: which numbers it gives, and what is wrong with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from praktijktest.problems import Problem, shown
from praktijktest.rounds.pool_effects import (
    MEASURES,
    RATIOS,
    Given,
    Origin,
    StudyEffect,
    from_cells,
    from_groups,
    from_margins,
    from_published,
)
from praktijktest.statistics.cells import Cells

COUNTS: Final[Mapping[Given, tuple[str, ...]]] = {
    "cells": ("both", "only_control", "only_test", "neither"),
    "margins": ("n", "control_positive", "test_positive"),
    "groups": ("n_control", "n_test", "control_positive", "test_positive"),
}
"""Columns of counts, the more telling ones first."""

NUMBERS: Final = (
    *dict.fromkeys(name for names in COUNTS.values() for name in names),
    "effect",
    "se",
    "variance",
)
YES: Final = ("true", "yes", "ja", "oui", "1")
NO: Final = ("false", "no", "nee", "non", "0", "")
LARGEST: Final = 10_000_000
LARGEST_LOG: Final = 20.0
SMALLEST_ERROR, LARGEST_ERROR = 1e-6, 100.0
"""Beyond these a published logarithm, rate or standard error is a slip of the pen."""
SLACK: Final = 0.02
"""How far a variance may lie from the square of the standard error, by rounding."""


@dataclass(slots=True)
class Row:
    """A row that is being read, with what is found wrong with it."""

    cells: Mapping[str, str]
    places: Mapping[str, str]
    origin: Origin
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, code: str, what: str, hint: str, column: str | None = None) -> None:
        """Note a problem, at a column where it has one."""
        self.problems.append(
            Problem(
                code=code,
                message=what,
                file=self.origin.file,
                row=self.origin.row,
                column=self.places.get(column or ""),
                value=shown(self.cells[column]) if column else None,
                hint=hint,
            )
        )

    def filled(self, name: str) -> bool:
        """Whether the row has something in a column."""
        return bool(self.cells.get(name))

    def number(self, name: str) -> float | None:
        """The number in a column, None where it is none."""
        from praktijktest.tables import parse_numbers

        values, bad = parse_numbers([self.cells[name]])
        if bad[0] or np.isnan(values[0]):
            self.wrong(
                "not-a-number",
                "this is not a number",
                "write a number, without separators of thousands",
                name,
            )
            return None
        return float(values[0])

    def count(self, name: str) -> int | None:
        """The count in a column, None where it is none."""
        value = self.number(name)
        if value is None:
            return None
        if value < 0:
            self.wrong("negative-count", "a count cannot be negative", "mend the count", name)
        elif value != int(value):
            self.wrong("not-a-count", "a count is a whole number", "mend the count", name)
        elif value > LARGEST:
            self.wrong("not-a-count", "so many tests do not exist", "mend the count", name)
        else:
            return int(value)
        return None


def effect_of_row(
    cells: Mapping[str, str], places: Mapping[str, str], origin: Origin, measure: str
) -> tuple[StudyEffect | None, list[Problem]]:
    """The effect of one row, or what is wrong with it.

    Four cells tell most and are taken first, then margins or groups, then a published effect.

    Args:
        cells: text by our name of the column.
        places: their name of the column by ours.
        origin: where the row comes from.
        measure: name of the measure.
    """
    row = Row(cells, places, origin)
    given = _given(row)
    if given is None:
        return None, row.problems
    if given == "published":
        effect = _published(row, measure)
        return effect, row.problems
    names = COUNTS[given]
    counts = {name: row.count(name) for name in names}
    if row.problems:
        return None, row.problems
    whole = {name: count for name, count in counts.items() if count is not None}
    effect = _of_counts(row, given, whole, measure)
    return (None if row.problems else effect), row.problems


def _given(row: Row) -> Given | None:
    """What the row gives; an incomplete set of counts is a problem, not an empty row."""
    for given, names in COUNTS.items():
        present = [name for name in names if row.filled(name)]
        if len(present) == len(names):
            return given
    if row.filled("effect") and (row.filled("se") or row.filled("variance")):
        return "published"
    lacking = [name for name in row.places if name in NUMBERS and not row.filled(name)]
    row.wrong(
        "incomplete-study",
        "this row has neither four cells, nor margins, nor an effect with its standard error",
        f"fill in {', '.join(row.places[name] for name in lacking)}"
        if lacking
        else "name the columns with --column",
    )
    return None


def _of_counts(
    row: Row, given: Given, counts: Mapping[str, int], measure: str
) -> StudyEffect | None:
    scale = MEASURES[measure]
    if given == "cells":
        cells = Cells(*(counts[name] for name in COUNTS["cells"]))
        if not cells.n:
            row.wrong("no-tests", "all four counts are zero", "leave out a study without tests")
        for problem in _contradiction(row, cells):
            row.wrong("contradiction", *problem)
        return from_cells(row.origin, cells, scale)
    control, test = counts["control_positive"], counts["test_positive"]
    n_control, n_test = (
        counts.get("n", counts.get("n_control")),
        counts.get("n", counts.get("n_test")),
    )
    assert n_control is not None and n_test is not None
    for name, positive, n in (
        ("control_positive", control, n_control),
        ("test_positive", test, n_test),
    ):
        if positive > n:
            row.wrong(
                "impossible-margins",
                f"no {n} tests can have {positive} positive replies",
                "mend the count or the number of tests",
                name,
            )
    if not n_control or not n_test:
        row.wrong("no-tests", "the number of tests is zero", "leave out a study without tests")
    if row.problems:
        return None
    if given == "groups" and not (_matched(row) and n_control == n_test):
        return from_groups(row.origin, control, n_control, test, n_test, scale)
    return from_margins(row.origin, control, test, n_control, scale)


def _contradiction(row: Row, cells: Cells) -> Iterator[tuple[str, str, str]]:
    """Margins beside four cells must be theirs."""
    sums = {
        "n": cells.n,
        "control_positive": cells.both + cells.only_control,
        "test_positive": cells.both + cells.only_test,
    }
    for name, expected in sums.items():
        if row.filled(name) and row.count(name) not in (expected, None):
            yield f"the four cells add up to {expected} here", "mend the cells or the sum", name


def _matched(row: Row) -> bool:
    """Whether both applicants went to the same adverts."""
    text = row.cells.get("matched", "").casefold()
    if text not in (*YES, *NO):
        row.wrong("not-yes-or-no", "this is neither yes nor no", "write yes or no", "matched")
    return text in YES


def _published(row: Row, measure: str) -> StudyEffect | None:
    """An effect as published, on the scale of the analysis."""
    of = row.cells.get("measure", "")
    if of and of != measure:
        row.wrong(
            "mixed-measures",
            f"this effect is of another measure than {measure}",
            "pool one measure at a time with --measure, or give counts",
            "measure",
        )
    value = row.number("effect")
    error = row.number("se") if row.filled("se") else None
    variance = row.number("variance") if row.filled("variance") else None
    for name, number, power in (("se", error, 1), ("variance", variance, 2)):
        if number is None:
            continue
        if number <= 0:
            row.wrong("no-variance", "this must be above zero", "mend it", name)
        elif not SMALLEST_ERROR**power <= number <= LARGEST_ERROR**power:
            row.wrong("not-an-effect", "no study has such an uncertainty", "mend it", name)
    largest = LARGEST_LOG if measure in RATIOS else 1.0
    if value is not None and abs(value) > largest:
        row.wrong(
            "not-an-effect",
            f"no study has such an effect: here it lies between {-largest:g} and {largest:g}",
            "give ratios as logarithms, and rates as shares of 1",
            "effect",
        )
    if row.problems or value is None:
        return None
    if error is not None and variance is not None and abs(error**2 / variance - 1) > SLACK:
        row.wrong(
            "contradiction",
            f"the square of the standard error {error} is not this variance",
            "mend one, or leave it empty",
            "variance",
        )
        return None
    square = variance if variance is not None else (error or 0.0) ** 2
    return from_published(row.origin, value, square)
