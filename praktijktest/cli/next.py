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
    cases: Annotated[
        bool, typer.Option("--cases", help="Plan the fresh tests that open cases ask for.")
    ] = False,
    start: Annotated[
        str | None, typer.Option("--from", help="First day of the fresh tests; with --cases.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Last day of the fresh tests; with --cases.")
    ] = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Say which targets to test next, and which are flagged, released or undecided.

    Follows [sequential] in the design. Once the round has begun the rule cannot change: with
    another one the command refuses (exit code 3). A target is tested no further once it is
    decided, and never beyond its cap of applications in 30 days.

    With --cases: plans the fresh tests that cases ask for (`case add --step retest`), as
    planned applications in the ledger and a file for the testers.
    """
    from praktijktest.rounds.next import next_tests

    if cases:
        _plan_cases(directory, start, until, store=store, who=who, json=json, quiet=quiet)
        return
    if start is not None or until is not None:
        raise UsageError("--from and --until are the days of fresh tests; they go with --cases.")
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


def _plan_cases(
    directory: Path | None,
    start: str | None,
    until: str | None,
    *,
    store: str | None,
    who: str | None,
    json: bool,
    quiet: bool,
) -> None:
    from praktijktest.rounds.case_retests import plan_retests

    first, last = options.day(start, "--from"), options.day(until, "--until")
    if directory is None or first is None or last is None:
        raise UsageError(
            "Fresh tests need the round folder and their days: "
            "praktijktest next DIR --cases --from 2027-01-11 --until 2027-03-26"
        )
    with problems_as_json(json), working("Planning …", quiet=quiet):
        plan = plan_retests(directory, start=first, until=last, store=store, who=who)
    print_summary(plan, json=json, quiet=quiet)
