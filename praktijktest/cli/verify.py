"""`praktijktest verify`: is everything in a folder still what it was when it was made?"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_json, print_problems, problems_as_json
from praktijktest.cli.progress import progress_bar
from praktijktest.problems import VerificationError


def verify_command(
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="A round folder, a report folder or an export of cases."
        ),
    ],
    log: Annotated[
        list[Path] | None,
        typer.Option(
            "--log",
            help="The log of a report (again for each part), or the round folder it came from: "
            "analyse it once more and compare.",
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", help="Public key that must have signed an export of cases."),
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Check a ledger's chain, documents, snapshots and lock; a report and its analysis; an export.

    Whatever was changed from outside is named; then the exit code is 4.
    """
    from praktijktest.rounds.verify import verify

    with problems_as_json(json), progress_bar("Checking", quiet=quiet) as advance:
        found = verify(directory, log or (), store=store, key=key, advance=advance)
    if json:
        print_json(found.to_dict())
    elif not quiet:
        sys.stdout.write("\n".join(found.lines()) + "\n")
    if not found.holds:
        raise VerificationError(
            f"{found.folder or directory} is not as it was made.", found.problems
        )
    if not quiet:
        print_problems(found.problems)
