"""`praktijktest simulate`: a round with known truth, and an analysis held against it."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json, working
from praktijktest.problems import UsageError


def command(
    population: Annotated[
        str,
        typer.Argument(
            metavar="POPULATION",
            help="A population file, the name of a shipped one (city-rentals, all-fair, "
            "employers-two-waves), or with --score a simulated round.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to write the round to.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed (default: 1).")] = None,
    targets: Annotated[
        int | None, typer.Option("--targets", help="Number of agents (default: the file's).")
    ] = None,
    score: Annotated[
        Path | None,
        typer.Option("--score", help="Report folder or analysis.json to hold against the truth."),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Simulate a round whose truth is known, or see what an analysis of it found and missed.

    With --out: writes log.csv, design.toml, truth.csv and population.toml into a folder. The
    same population and seed give the same bytes. With --score: POPULATION is such a folder,
    and the analysis of its log is compared with its truth, rule by rule.
    """
    from praktijktest.rounds import simulate as rounds

    if score is not None:
        if not (out is None and seed is None and targets is None):
            raise UsageError("--score reads a simulated round; leave --out, --seed and --targets.")
        with problems_as_json(json):
            compared = rounds.score_analysis(Path(population), score)
        print_summary(compared, json=json, quiet=quiet)
        return
    if out is None:
        raise UsageError("Name the folder to write the round to: --out DIR.")
    with working("Simulating …", quiet=quiet):
        made = rounds.simulate(population, out, seed=1 if seed is None else seed, targets=targets)
    print_summary(made, json=json, quiet=quiet)
