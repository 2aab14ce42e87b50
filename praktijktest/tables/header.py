"""Column names: cleaned, unique, and only those that somebody needs."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from praktijktest.problems import DataError, Problem

Wanted = Callable[[Sequence[str]], Collection[str]] | None


def selected(header: Sequence[str], wanted: Wanted) -> list[str]:
    """The columns to load, in the order of the header."""
    names = [name for name in dict.fromkeys(header) if name]
    if wanted is None:
        return names
    needed = set(wanted(names))
    return [name for name in names if name in needed]


def header_problems(
    header: Sequence[str], file: str, header_row: int, wanted: Wanted
) -> list[Problem]:
    """Refuse a column name that occurs twice, if anybody needs it.

    Raises:
        DataError: a needed column occurs twice.
    """
    needed = set(selected(header, wanted))
    twice = [name for name, count in Counter(header).items() if count > 1 and name in needed]
    if twice:
        raise DataError(
            f"{file} names a column twice.",
            [_twice(name, header, file, header_row) for name in twice],
        )
    return []


def _twice(name: str, header: Sequence[str], file: str, header_row: int) -> Problem:
    places = [str(place) for place, other in enumerate(header, 1) if other == name]
    return Problem(
        code="duplicate-column",
        message=f"the column name {name!r} stands {len(places)} times, "
        f"in columns {' and '.join(places)}",
        file=file,
        row=header_row,
        column=name,
        hint="give every column a name of its own",
    )
