"""`praktijktest init`: begin a round."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_json


def init_command(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="The new folder; it may exist but be empty.")
    ],
    market: Annotated[str, typer.Option("--market", help="housing or labour.")],
    language: Annotated[
        str, typer.Option("--language", help="nl, fr or en: letters, remarks and README.")
    ],
    ground: Annotated[
        str | None,
        typer.Option(
            "--ground",
            help="What is tested: origin (default), disability, family-composition, age.",
        ),
    ] = None,
    jurisdiction: Annotated[
        str | None,
        typer.Option("--jurisdiction", help="be-vlg, be-bru, be-wal, be, nl or other."),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Make a round folder that design check, design plan and design lock accept as it is.

    It holds a design with remarks, an example frame, letters, names and a README. A folder
    that already holds something is refused (exit code 2).
    """
    from praktijktest.rounds.init import init_round

    made = init_round(directory, market, language, ground=ground, jurisdiction=jurisdiction)
    if json:
        print_json(made.to_dict())
        return
    if not quiet:
        lines = [
            f"Made {directory} with {len(made.files)} files. Read README.md there, then:",
            f"  praktijktest design check {directory / 'design.toml'}",
            f"  praktijktest design plan {directory}",
            f"  praktijktest design lock {directory}",
        ]
        sys.stdout.write("\n".join(lines) + "\n")
