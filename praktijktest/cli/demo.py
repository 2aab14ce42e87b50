"""`praktijktest demo`: the whole main job on the shipped example."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import console


def command(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write the report to.")] = Path(
        "demo-report"
    ),
    lang: options.Language = None,
    quiet: options.Quiet = False,
) -> None:
    """Analyse the shipped example, a simulated round of 86 estate agents.

    The last line is the path of the report.
    """
    from praktijktest.language import language_named
    from praktijktest.reporting.terminal import print_analysis
    from praktijktest.rounds.demo import demo

    language = options.language_or("nl", lang)
    document, report = demo(out, language=language)
    if not quiet:
        print_analysis(document, console(), language_named(language))
    typer.echo(str(report))
