"""A bar for long work, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from praktijktest.cli.output import console

Advance = Callable[[int], None]


@contextmanager
def progress_bar(
    message: str, total: int | None = None, *, quiet: bool = False
) -> Iterator[Advance | None]:
    """Show how far work has come; nothing when piped or quiet.

    Args:
        message: what is being done.
        total: how many steps there are, None where nobody knows.
        quiet: show nothing.

    Yields:
        A function to call with the number of steps done since; None where nothing is shown.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, TimeElapsedColumn(), console=console(error=True), transient=True)
    with bar:
        task = bar.add_task(message, total=total)
        yield lambda steps: bar.advance(task, steps)
