"""`praktijktest design names`: what the names of a round say, and a form to have them rated."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.design_plan import Folder, round_folder
from praktijktest.cli.output import print_summary, problems_as_json


def names_command(
    directory: Folder,
    form: Annotated[
        Path | None,
        typer.Option("--form", help="Write a form to have the names rated: .xlsx or .csv."),
    ] = None,
    raters: Annotated[int, typer.Option("--raters", help="Number of raters.")] = 25,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the orders of the names.")] = 1,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Compare the names of both arms on class, education and religiosity.

    The scores come from names.csv in the round folder. Names that were not pre-tested are
    named; with --form every rater gets all names in an order of their own.
    """
    from praktijktest.rounds.names import check_round_names

    folder = round_folder(directory)
    with problems_as_json(json):
        summary = check_round_names(folder, form, raters, seed)
    print_summary(summary, json=json, quiet=quiet)
