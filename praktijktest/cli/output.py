"""How commands speak: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from praktijktest.problems import DataError, PraktijktestError, Problem
from praktijktest.vocabulary import FORMAT

if TYPE_CHECKING:
    from rich.console import Console

PROBLEMS_SHOWN = 200


def console(*, error: bool = False) -> "Console":
    """A terminal to print on; rich follows the terminal's width and NO_COLOR."""
    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            """Leave it to the program: somebody who reads only the head is no failure."""
            raise BrokenPipeError

    return Terminal(stderr=error, highlight=False)


@contextmanager
def working(message: str, *, quiet: bool = False) -> Iterator[None]:
    """Show on a terminal that something is going on; nothing when piped or quiet."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    with console(error=True).status(message):
        yield


def print_error(error: PraktijktestError | str) -> None:
    """One sentence, then one line per problem, on standard error."""
    if isinstance(error, str):
        sys.stderr.write(f"{error}\n")
        return
    sys.stderr.write(f"{error.message}\n")
    print_problems(error.problems)


def print_problems(problems: Iterable[Problem]) -> None:
    """One line per problem on standard error, errors first."""
    ordered = sorted(problems, key=lambda problem: problem.level)
    for problem in ordered[:PROBLEMS_SHOWN]:
        sys.stderr.write(f"  {problem.level}: {problem.line()}\n")
    if len(ordered) > PROBLEMS_SHOWN:
        sys.stderr.write(f"  … and {len(ordered) - PROBLEMS_SHOWN} more\n")


def print_json(document: dict[str, Any]) -> None:
    """A result as one JSON document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


class Summary(Protocol):
    """What a planning command has to tell: plain data, lines for a terminal, warnings."""

    @property
    def warnings(self) -> Sequence[Problem]:
        """What a person should look at."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        ...

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        ...


def print_summary(summary: Summary, *, json: bool, quiet: bool) -> None:
    """The result of a planning command, as JSON or as lines, and its warnings."""
    if json:
        print_json(summary.to_dict())
    elif not quiet:
        sys.stdout.write("\n".join(summary.lines()) + "\n")
    if not quiet:
        print_problems(summary.warnings)


@contextmanager
def problems_as_json(wanted: bool) -> Iterator[None]:
    """Where a result was wanted as JSON, print data problems as JSON too, and pass them on."""
    try:
        yield
    except DataError as error:
        if wanted:
            said = Problem(code="not-done", message=error.message)
            print_json(problems_json(error.problems or [said]))
        raise


def problems_json(problems: Iterable[Problem]) -> dict[str, Any]:
    """The document that `--json` prints when data cannot be analysed."""
    return {"format": FORMAT, "problems": [problem.to_dict() for problem in problems]}
