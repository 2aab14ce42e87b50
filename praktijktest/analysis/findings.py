"""Collects what is wrong with the rows of a log, each kind of problem once per value."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from praktijktest.problems import Level, Problem, shown
from praktijktest.tables import Column

VALUES_COMPARED = 1000
"""How many distinct values are compared with what is known; a column may hold millions."""

DISTINCT_SHOWN = 50
"""How many values of one kind of problem are listed before the rest is only counted."""


@dataclass(slots=True)
class Findings:
    """Problems found so far and the rows that cannot be used.

    Attributes:
        files: base names of the files of the log.
        file_codes: index into `files` for every row.
        row_numbers: number of every row in its file.
        bad: rows with at least one error-level problem.
        problems: what was found, in the order of finding.
    """

    files: tuple[str, ...]
    file_codes: NDArray[np.int16]
    row_numbers: NDArray[np.int32]
    bad: NDArray[np.bool_] = field(init=False)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bad = np.zeros(len(self.row_numbers), dtype=bool)

    def general(
        self,
        code: str,
        message: str,
        *,
        level: Level = "error",
        column: str | None = None,
        value: object = None,
        hint: str | None = None,
        count: int = 1,
    ) -> None:
        """Note a problem of the log as a whole."""
        self.problems.append(
            Problem(
                code=code,
                message=message,
                level=level,
                file=self.files[0] if len(self.files) == 1 else None,
                column=column,
                value=None if value is None else shown(value),
                hint=hint,
                count=count,
            )
        )

    def rows(
        self,
        code: str,
        message: str,
        mask: NDArray[np.bool_],
        *,
        column: str | None = None,
        values: Column | None = None,
        level: Level = "error",
        hint: str | None = None,
        hints: dict[str, str] | None = None,
    ) -> None:
        """Note a problem of the rows in `mask`, once per distinct value with its first row."""
        found = np.flatnonzero(mask)
        if not len(found):
            return
        if level == "error":
            self.bad |= mask
        if values is None:
            self._add(code, message, int(found[0]), len(found), column, None, level, hint)
            return
        codes, first, counts = np.unique(values.codes[found], return_index=True, return_counts=True)
        order = np.argsort(first)
        for place in order[:DISTINCT_SHOWN]:
            value = str(values.values[codes[place]])
            row = int(found[first[place]])
            own_hint = (hints or {}).get(value, hint)
            self._add(code, message, row, int(counts[place]), column, value, level, own_hint)
        if len(order) > DISTINCT_SHOWN:
            rest = order[DISTINCT_SHOWN:]
            self.general(
                code,
                f"{len(rest)} more values have the same problem: {message}",
                level=level,
                column=column,
                count=int(counts[rest].sum()),
            )

    def _add(
        self,
        code: str,
        message: str,
        row: int,
        count: int,
        column: str | None,
        value: str | None,
        level: Level,
        hint: str | None,
    ) -> None:
        self.problems.append(
            Problem(
                code=code,
                message=message,
                level=level,
                file=self.files[self.file_codes[row]],
                row=int(self.row_numbers[row]),
                column=column,
                value=None if value is None else shown(value),
                hint=hint,
                count=count,
            )
        )

    def errors(self) -> list[Problem]:
        """The problems that stop an analysis."""
        return [problem for problem in self.problems if problem.level == "error"]


def nearest_values(column: Column, known: Iterable[str]) -> dict[str, str]:
    """For the values of a column that are not known, the known one that each looks most like."""
    words = {word.lower(): word for word in known}
    hints = {}
    for value in column.values[:VALUES_COMPARED]:
        close = difflib.get_close_matches(shown(value).lower(), list(words), n=1, cutoff=0.6)
        if close and value != words[close[0]]:
            hints[str(value)] = f"did you mean {words[close[0]]!r}?"
    return hints
