"""`praktijktest status`: how far a round is, and what needs attention."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import console, print_json, problems_as_json, working

ROWS_ON_SCREEN = 10


def command(
    directory: options.Round,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="Moment the status is about (default: the ledger's last event)."
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the status as a page.")
    ] = None,
    names: Annotated[
        bool,
        typer.Option(
            "--names", help="Name testers and targets on screen and page (not in --json)."
        ),
    ] = False,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    lang: options.Language = None,
) -> None:
    """Show progress against the plan, today's sends, and what is late, missing or odd.

    Nothing depends on the clock of this machine: the status is about the last event of the
    ledger, or about --as-of. Single tests are shown without profile or arm.
    """
    from praktijktest.cli.design_plan import round_folder
    from praktijktest.rounds.status import names_of_round, round_status, status_page

    folder = round_folder(directory)
    moment = options.moment(as_of)
    with problems_as_json(json), working("Reading the ledger …", quiet=quiet):
        status = round_status(folder, store=store, who=who, as_of=moment)
    named = names_of_round(folder, store=store) if names else {}
    language = options.language_or(_language(folder), lang)
    if html is not None:
        status_page(status, named, language, html)
    if json:
        print_json(status.to_dict())
    elif not quiet:
        from praktijktest.language import language_named
        from praktijktest.reporting.report_terminal import print_report
        from praktijktest.rounds.status import status_report

        report = status_report(status, named, ROWS_ON_SCREEN)
        print_report(report, console(), language_named(language))


def _language(folder: Path) -> str:
    from praktijktest.design import read_design

    return read_design(folder / "design.toml").round.language
