"""A file that was opened: the names of its columns, and the columns when they are asked for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from praktijktest.problems import PraktijktestError, Problem, UsageError
from praktijktest.tables.columns import Column
from praktijktest.tables.kinds import damaged


@dataclass(frozen=True, slots=True)
class Opened:
    """A file with columns of its own.

    Attributes:
        names: names of the columns as they stand.
        load: from positions to the columns there, all of one length.
        problems: warnings; `load` may add to them.
    """

    names: tuple[str, ...]
    load: Callable[[Sequence[int]], list[Column]]
    problems: list[Problem] = field(default_factory=list)


@contextmanager
def understood(file: str, kind: str) -> Iterator[None]:
    """Turn whatever a library raises over a damaged file into a problem.

    The libraries that read these files were made for sound ones; over damaged bytes they
    raise errors of any kind.
    """
    try:
        yield
    except PraktijktestError:
        raise
    except Exception as error:
        raise damaged(file, f"this is not {kind}, or it is damaged or cut short") from error


def missing_library(kind: str, extra: str) -> UsageError:
    """The refusal of a kind of file whose library is not installed."""
    return UsageError(f'{kind} files need one more library: pip install "praktijktest[{extra}]"')
