"""Column names: cleaned, unique, and only those that somebody needs."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from praktijktest.problems import DataError, Problem, shown
from praktijktest.tables.columns import Column
from praktijktest.tables.refusals import refusal

Wanted = Callable[[Sequence[str]], Collection[str]] | None
"""From the column names of a file to those that are needed; None stands for all."""


@dataclass(frozen=True, slots=True)
class Header:
    """The column names of a file, and which of its columns are read.

    Attributes:
        names: cleaned names, one per column; "" where a column has none.
        places: position of every column that is needed.
        unnamed: position of every column without a name.
        file: base name of the file.
        row: row of the header in the file.
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    unnamed: tuple[int, ...]
    file: str
    row: int

    @property
    def present(self) -> tuple[str, ...]:
        """The names that are not empty, each once."""
        return tuple(dict.fromkeys(name for name in self.names if name))

    @property
    def loaded(self) -> tuple[int, ...]:
        """Position of every column to read: the needed and, to see if they are empty, unnamed."""
        return tuple(sorted({*self.places, *self.unnamed}))

    def assemble(self, columns: Sequence[Column]) -> tuple[dict[str, Column], list[Problem]]:
        """Name the columns that were read, and warn of data under no name at all.

        Args:
            columns: the columns at `loaded`, in that order.
        """
        by_place = dict(zip(self.loaded, columns, strict=True))
        lost = [place for place in self.unnamed if _has_text(by_place[place])]
        named = {self.names[place]: by_place[place] for place in self.places}
        return named, [self._nameless(lost)] if lost else []

    def _nameless(self, places: Sequence[int]) -> Problem:
        which = ", ".join(_letters(place) for place in places[:5])
        more = f" and {len(places) - 5} more" if len(places) > 5 else ""
        return Problem(
            code="column-without-name",
            level="warning",
            message=f"column {which}{more} has data but no name, and is left out",
            file=self.file,
            row=self.row,
            hint="give the column a name, or set [reading] header_row in the design",
            count=len(places),
        )


def read_header(cells: Sequence[str], file: str, row: int, wanted: Wanted) -> Header:
    """Clean the column names and choose the columns that are needed.

    Raises:
        DataError: a needed column occurs twice, or none of them is there.
    """
    names = tuple(clean_name(cell) for cell in cells)
    present = [name for name in dict.fromkeys(names) if name]
    needed = set(present if wanted is None else wanted(present))
    if not needed & set(present):
        raise _none_needed(present, needed, file, row)
    twice = [name for name, count in Counter(names).items() if count > 1 and name in needed]
    if twice:
        raise DataError(
            f"{file} names a column twice.", [_twice(name, names, file, row) for name in twice]
        )
    return Header(
        names=names,
        places=tuple(place for place, name in enumerate(names) if name in needed),
        unnamed=tuple(place for place, name in enumerate(names) if not name),
        file=file,
        row=row,
    )


def clean_name(cell: str) -> str:
    """A column name without surrounding space or a stray byte order mark, in composed form."""
    return unicodedata.normalize("NFC", cell).strip().strip("\ufeff").strip()


def _none_needed(present: Sequence[str], needed: set[str], file: str, row: int) -> DataError:
    names = f" ({', '.join(sorted(needed))})" if needed else ""
    return refusal(
        f"{file} has none of the columns that are needed.",
        code="no-needed-column",
        message=f"none of the columns that are needed{names} is here",
        file=file,
        row=row,
        hint=f"the file has: {shown(', '.join(present))}; name its columns in the design, "
        "or set header_row",
    )


def _twice(name: str, names: Sequence[str], file: str, row: int) -> Problem:
    places = [_letters(place) for place, other in enumerate(names) if other == name]
    return Problem(
        code="duplicate-column",
        message=f"{len(places)} columns are called {name!r}: {' and '.join(places)}",
        file=file,
        row=row,
        column=name,
        hint="give every column a name of its own",
    )


def _letters(place: int) -> str:
    """Position of a column as people find it: "3 (C)"."""
    letters, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{place + 1} ({letters})"


def _has_text(column: Column) -> bool:
    return not bool(column.is_empty().all())
