"""`praktijktest design plan` and `design draw`: from a design and a frame to a plan."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json
from praktijktest.problems import UsageError

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The round folder.")]


def plan_command(
    directory: Folder,
    frame: Annotated[
        Path | None,
        typer.Option("--frame", "-f", help="The frame (default: frame.csv in the folder)."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Seed of the plan (default: the design's)."),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Draw the sample, assign applicants and letters, and plan every sending.

    Writes plan.csv, the balance table, the calendar and a copy of the frame into the round
    folder: all of them, or none when something does not fit. The same design, frame and
    seed give the same plan.
    """
    from praktijktest.rounds.plan import plan_round

    folder = round_folder(directory)
    with problems_as_json(json):
        summary = plan_round(folder, frame, seed)
    print_summary(summary, json=json, quiet=quiet)


def draw_command(
    directory: Folder,
    adverts: Annotated[Path, typer.Argument(metavar="ADVERTS", help="File with the new adverts.")],
    at: Annotated[
        str | None,
        typer.Option("--at", help="Moment of the draw, as 2026-11-03T20:00 (default: now)."),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Attach new adverts to the next free slots of their targets.

    ADVERTS has the columns target and advert and, where known, link, contact and the
    strata. A draw is recorded in draws.jsonl; the same file a second time adds nothing.
    """
    from praktijktest.rounds.draw import draw_round

    folder = round_folder(directory)
    with problems_as_json(json):
        summary = draw_round(folder, adverts, _moment(at))
    print_summary(summary, json=json, quiet=quiet)


def round_folder(directory: Path) -> Path:
    """The folder, if it is there and holds a design.

    Raises:
        UsageError: it is not a round folder.
    """
    if not directory.is_dir():
        raise UsageError(f"There is no folder {directory.name or directory}.")
    if not (directory / "design.toml").is_file():
        raise UsageError(
            f"{directory.name or 'The folder'} has no design.toml; "
            "make a round folder with: praktijktest init DIR"
        )
    return directory


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--at {text!r} is not a moment; write it as 2026-11-03T20:00.") from None
