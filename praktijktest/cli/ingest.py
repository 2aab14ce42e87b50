"""`praktijktest ingest`: what came back from the field into the ledger of a round."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import console, print_json, print_problems

if TYPE_CHECKING:
    from praktijktest.rounds.ingest import Progress


def command(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Logs, filled-in plans and workbooks, form exports, mailboxes (- reads CSV).",
        ),
    ],
    folder: options.Round,
    store: options.Store = None,
    who: options.Who = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be added, and store nothing.")
    ] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Leave out rows that cannot be taken.")
    ] = False,
    unplanned: Annotated[
        bool,
        typer.Option("--unplanned", help="Take applications that the plan does not have."),
    ] = False,
    form: Annotated[
        str | None,
        typer.Option("--form", help="Id of the [[form]] of which the sources are exports."),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Read logs, field workbooks, form exports and mailboxes into the ledger of a round.

    Each source goes in whole or not at all. Reading one again adds nothing, and what
    contradicts the ledger is shown with both values and stops that source (exit code 1):
    nothing is ever overwritten.
    """
    from praktijktest.rounds.ingest import Wish, ingest

    wish = Wish(dry_run=dry_run, skip_bad_rows=skip_bad_rows, unplanned=unplanned, form=form)
    with _progress(quiet=quiet) as progress:
        summary = ingest(
            folder,
            sources,
            store=store,
            who=who,
            wish=wish,
            stream=sys.stdin.buffer,
            progress=progress,
        )
    if json:
        print_json(summary.to_dict())
    elif not quiet:
        sys.stdout.write("\n".join(summary.lines()) + "\n")
    if not quiet or summary.refused:
        print_problems(summary.warnings)
    summary.raise_if_refused()


@contextmanager
def _progress(*, quiet: bool) -> Iterator["Progress | None"]:
    """A bar per source on a terminal; nothing when piped or quiet."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=console(error=True), transient=True) as bar:
        tasks = {}

        def told(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done)

        yield told
