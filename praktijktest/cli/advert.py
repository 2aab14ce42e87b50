"""`praktijktest advert add`: evidence of what an advert looked like."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json

app = typer.Typer(no_args_is_help=True, help="Evidence of the adverts that were tested.")


@app.callback()
def adverts() -> None:
    """Evidence of the adverts that were tested."""


@app.command("add")
def add_command(
    folder: options.Round,
    test: Annotated[str, typer.Argument(help="Id of the test.")],
    file: Annotated[Path, typer.Argument(help="PDF, picture, or page saved as HTML or MHTML.")],
    link: Annotated[str, typer.Option("--link", help="Where the advert stood.")] = "",
    rent: Annotated[str, typer.Option("--rent", help="Rent or wage in the advert.")] = "",
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Attach a PDF, page or picture of the advert to its test, with hash, link and rent."""
    from praktijktest.rounds.advert import add_advert

    with problems_as_json(json):
        summary = add_advert(folder, test, file, link=link, rent=rent, store=store, who=who)
    print_summary(summary, json=json, quiet=quiet)
