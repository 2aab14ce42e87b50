"""`praktijktest design lock` and `design amend`: hold a plan fast, change it with a reason."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.design_plan import Folder, round_folder
from praktijktest.cli.output import print_json, print_summary, problems_as_json
from praktijktest.problems import UsageError

At = Annotated[
    str | None,
    typer.Option("--at", help="Moment to record, as 2026-11-03T20:00 (default: now)."),
]


def lock_command(
    directory: Folder,
    only_control: Annotated[
        float | None,
        typer.Option(
            "--only-control",
            help="Expected share of tests with only the control answered, for the power.",
        ),
    ] = None,
    only_test: Annotated[
        float | None,
        typer.Option(
            "--only-test", help="Expected share of tests with only the test applicant answered."
        ),
    ] = None,
    at: At = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the pre-registration in three languages and hold the plan fast.

    From then on a change of design, frame, allocation or letters is refused (exit code 3)
    unless it is made with design amend. A locked round that has not changed is left as it is.
    """
    from praktijktest.rounds.lock import lock_round, require_expectation

    folder = round_folder(directory)
    expected = require_expectation(only_control, only_test)
    with problems_as_json(json):
        summary = lock_round(folder, _moment_of(at), expected)
    print_summary(summary, json=json, quiet=quiet)


def amend_command(
    directory: Folder,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; it goes into the pre-registration.")
    ],
    design: Annotated[
        Path | None, typer.Option("--design", help="A new design, in place of design.toml.")
    ] = None,
    frame: Annotated[
        Path | None, typer.Option("--frame", help="A new frame, in place of frame.csv.")
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="A new plan.csv, made in a copy of the folder."),
    ] = None,
    at: At = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Change a locked round with a reason, and keep both versions.

    What was changed in the folder since the lock becomes part of the amendment, with the
    files given here. Old and new version are kept in amendments/, the pre-registration names
    the amendment, and the round is locked again.
    """
    from praktijktest.rounds.amend import amend_round

    folder = round_folder(directory)
    with problems_as_json(json):
        summary = amend_round(
            folder, reason, design=design, frame=frame, plan=plan, at=_moment_of(at)
        )
    if json:
        print_json(summary.to_dict())
    elif not quiet:
        sys.stdout.write("\n".join(summary.lines()) + "\n")


def _moment_of(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--at {text!r} is not a moment; write it as 2026-11-03T20:00.") from None
