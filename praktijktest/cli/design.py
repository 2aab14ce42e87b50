"""`praktijktest design …`: the design file of a round."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.design_lock import amend_command, lock_command
from praktijktest.cli.design_names import names_command
from praktijktest.cli.design_plan import draw_command, plan_command
from praktijktest.cli.output import print_json, print_problems

app = typer.Typer(
    help="Check, plan, draw, lock and amend the design of a round.", no_args_is_help=True
)


app.command("plan")(plan_command)
app.command("draw")(draw_command)
app.command("lock")(lock_command)
app.command("amend")(amend_command)
app.command("names")(names_command)


@app.callback()
def group() -> None:
    """Check the design file of a round."""


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The design file (TOML).")],
    json: options.Json = False,
) -> None:
    """Print a summary that a colleague can proof-read, or every error at once."""
    from praktijktest.design import proofread, read_design, summarise
    from praktijktest.rounds.sequential import agent_chances, with_chances

    design = read_design(file)
    chances = agent_chances(design) if design.sequential else ()
    summary = with_chances(summarise(design), chances)
    warnings = proofread(design)
    if json:
        rest = {"warnings": [w.to_dict() for w in warnings]}
        if chances:
            rest["sequential"] = [one.to_dict() for one in chances]
        print_json({**summary.to_dict(), **rest})
    else:
        typer.echo("\n".join(summary.lines()))
    print_problems(warnings)
