"""`praktijktest snapshot`: the log of a round as its ledger has it, frozen in a file."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.design_plan import Folder, round_folder
from praktijktest.cli.output import print_summary, problems_as_json
from praktijktest.cli.progress import progress_bar


def snapshot_command(
    directory: Folder,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file (default: snapshot.csv in the round folder)."),
    ] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the frozen log (CSV) with the hash of the last event in it.

    The snapshot is noted in the ledger; verify checks it later. Analysing it gives what
    analysing the round folder gives.
    """
    from praktijktest.rounds.snapshot import snapshot_round

    folder = round_folder(directory)
    with problems_as_json(json), progress_bar("Reading the ledger", quiet=quiet) as advance:
        made = snapshot_round(folder, out, store=store, who=who, advance=advance)
    print_summary(made, json=json, quiet=quiet)
