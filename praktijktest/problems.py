"""What can be wrong, said for people: data problems and errors with an exit code.

A `Problem` is one line about one place in somebody's file: what is wrong, where,
and what to do about it. Readers collect problems and show them all at once. A
`PraktijktestError` ends a command; its exit code is part of the public contract.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Level = Literal["error", "warning"]

EXIT_DONE: Final = 0
EXIT_DATA: Final = 1
EXIT_USE: Final = 2
EXIT_REFUSED: Final = 3
EXIT_VERIFY: Final = 4

VALUE_SHOWN: Final = 80
"""How many characters of an offending value are shown; a cell may hold megabytes."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem at one place in a file.

    Attributes:
        code: short fixed name of the kind of problem, for programs.
        message: what is wrong, one sentence.
        level: "error" stops the analysis, "warning" is counted and shown.
        file: base name of the file, never a path.
        row: row in the file, the header being row 1.
        column: column name, or the dotted key in a design file.
        value: the offending value, shortened to `VALUE_SHOWN` characters.
        hint: what to do about it.
        count: how many places have this same problem (the row is the first one).
    """

    code: str
    message: str
    level: Level = "error"
    file: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    hint: str | None = None
    count: int = 1

    def to_dict(self) -> dict[str, Any]:
        """The problem as plain data, in the order of the analysis document."""
        return {
            "code": self.code,
            "level": self.level,
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "message": self.message,
            "hint": self.hint,
            "count": self.count,
        }

    def line(self) -> str:
        """The problem as one line: place, value, what is wrong, what to do."""
        place = [part for part in (self.file, _labelled("row", self.row), self.column) if part]
        text = ", ".join(place)
        text = f"{text}: {self.message}" if text else self.message
        if self.value is not None:
            text += f" (value: {self.value!r})"
        if self.count > 1:
            text += f" [{self.count} places, this is the first]"
        if self.hint:
            text += f" → {self.hint}"
        return text


def _labelled(label: str, number: int | None) -> str:
    return "" if number is None else f"{label} {number}"


def shown(value: object) -> str:
    """A value as it may be shown in a message: one line, at most `VALUE_SHOWN` characters."""
    text = " ".join(str(value)[: VALUE_SHOWN * 4].split())
    return text if len(text) <= VALUE_SHOWN else text[: VALUE_SHOWN - 1] + "…"


class PraktijktestError(Exception):
    """Ends a command with a message for people and the exit code of the contract."""

    exit_code: int = EXIT_USE

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)


class UsageError(PraktijktestError):
    """Wrong use: unknown option, missing file, impossible number on the command line."""

    exit_code = EXIT_USE


class DesignError(PraktijktestError):
    """The design file cannot be used; `problems` holds every reason at once."""

    exit_code = EXIT_USE


class DataError(PraktijktestError):
    """The data cannot be analysed; `problems` holds every reason at once."""

    exit_code = EXIT_DATA


class RefusedError(PraktijktestError):
    """A rule of the round forbids it: locked, cap reached, not for this audience."""

    exit_code = EXIT_REFUSED


class VerificationError(PraktijktestError):
    """Something that was recorded does not match what is there."""

    exit_code = EXIT_VERIFY
