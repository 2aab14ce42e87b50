"""`praktijktest next`: who is tested next in a sequential round, and who is decided."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json, working
from praktijktest.problems import UsageError


def command(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="A round folder, or a report folder."),
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", help="A log file, in place of the ledger.")
    ] = None,
    design: Annotated[
        Path | None, typer.Option("--design", "-d", help="The design file; with --log.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="Date that decides which silence is final (default: the last event)."
        ),
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", help="URL of the ledger (default: round.db).")
    ] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Go on without rows that have an error.")
    ] = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Say which targets to test next, and which are flagged, released or undecided.

    Follows [sequential] in the design. Once the round has begun the rule cannot change: with
    another one the command refuses (exit code 3). A target is tested no further once it is
    decided, and never beyond its cap of applications in 30 days.
    """
    from praktijktest.rounds.next import next_tests

    moment = options.moment(as_of)
    if directory is not None and not directory.is_dir():
        raise UsageError(f"There is no folder {directory.name}.")
    with problems_as_json(json), working("Reading the round …", quiet=quiet):
        found = next_tests(
            directory,
            log=log,
            design=design,
            as_of=moment,
            store=store,
            skip_bad_rows=skip_bad_rows,
        )
    print_summary(found, json=json, quiet=quiet)
