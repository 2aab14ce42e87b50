"""`praktijktest report`: the same results in other kinds, languages and formats."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json, working


def command(
    directories: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...",
            help="Report folders (or round folders with one report); several become chapters.",
        ),
    ],
    formats: Annotated[
        str, typer.Option("--format", help="Formats of the report: html,pdf,docx,xlsx,md.")
    ] = "html",
    lang: Annotated[
        str | None,
        typer.Option("--lang", help="Languages: nl,fr,en (default: the round's own)."),
    ] = None,
    kind: Annotated[
        str,
        typer.Option("--kind", help="Which report: full, summary, council or pre-registration."),
    ] = "full",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the reports (default: DIR itself)."),
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option("--earlier", help="Report folder of an earlier round, for --kind council."),
    ] = None,
    rounds: Annotated[
        list[Path] | None,
        typer.Option("--round", help="Locked round folder, for --kind pre-registration."),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Render again from analysis.json: other formats and languages, one page, several rounds.

    Without --out the reports are added to DIR and to its manifest. Prints the path of every
    report.
    """
    from praktijktest.rounds.render_report import render_report

    with problems_as_json(json), working("Rendering …", quiet=quiet):
        made = render_report(
            directories,
            kind=kind,
            languages=options.languages(lang),
            formats=options.listed(formats),
            out=out,
            earlier=earlier or (),
            rounds=rounds or (),
        )
    print_summary(made, json=json, quiet=quiet)
