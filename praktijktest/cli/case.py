"""`praktijktest case`: what was done about agents that stood out, and the letters for it."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json, working
from praktijktest.problems import UsageError

app = typer.Typer(
    help="Follow up on flagged agents: talks, training, fresh tests, referral, letters.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_command(
    folder: options.Folder,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those whose next step is late.")
    ] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day to look from (default: today).")
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """List the cases of a round: every signal, what was done about it, what is overdue.

    Agents are shown by their pseudonyms. A state is a statistical statement, never a legal
    finding.
    """
    from praktijktest.rounds.case_list import list_cases

    today = options.day(as_of, "--as-of")
    with problems_as_json(json), working("Reading the round …", quiet=quiet):
        found = list_cases(folder, overdue=overdue, store=store, today=today)
    print_summary(found, json=json, quiet=quiet)


@app.command("add")
def add_command(
    folder: options.Folder,
    target: Annotated[str, typer.Argument(help="Pseudonym of the agent, or its id or name.")],
    step: Annotated[
        str,
        typer.Option(
            "--step",
            help="opened, invited, talk, training, reply, referral, retest, cleared, closed or "
            "reopened.",
        ),
    ],
    on: Annotated[str, typer.Option("--on", help="When it happened (default: today).")] = "",
    due: Annotated[str, typer.Option("--due", help="By when the next step is expected.")] = "",
    contrast: Annotated[str, typer.Option("--contrast", help="Contrast it is about.")] = "",
    to: Annotated[str, typer.Option("--to", help="Body a case is referred to.")] = "",
    tests: Annotated[int, typer.Option("--tests", help="Fresh tests of a retest.")] = 0,
    words: Annotated[
        str, typer.Option("--words", help="What was said; kept in the identity store.")
    ] = "",
    reason: Annotated[
        str, typer.Option("--reason", help="Why, without names: it stays in the ledger.")
    ] = "",
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Record one step of a case in the ledger, with its date and who recorded it."""
    from praktijktest.rounds.case_steps import Told, record_step

    told = Told(step, on, due, contrast, to, tests, words, reason)
    with problems_as_json(json):
        summary = record_step(folder, target, told, store=store, who=who)
    print_summary(summary, json=json, quiet=quiet)


@app.command("letter")
def letter_command(
    folder: options.Folder,
    target: Annotated[
        str | None, typer.Argument(help="Agent the letter is for (default: every one).")
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", help="general, individual, invitation or cleared.")
    ] = "general",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the letters.")] = None,
    letter_format: Annotated[
        str, typer.Option("--format", help="docx, md or both, with a comma between them.")
    ] = "docx",
    lang: options.Language = None,
    named: Annotated[
        bool,
        typer.Option("--named", help="Put name and address in; noted in the ledger with --reason."),
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why names are needed.")] = "",
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write letters to agents: general or individual feedback, an invitation, a cleared case.

    Without --named the letters hold pseudonyms, and a place for name and address.
    """
    from praktijktest.rounds.case_letters import write_letters_of_cases

    if out is None:
        raise UsageError("Name the folder for the letters with --out.")
    formats = tuple(name.strip() for name in letter_format.split(",") if name.strip())
    with problems_as_json(json), working("Reading the round …", quiet=quiet):
        summary = write_letters_of_cases(
            folder,
            out,
            kind=kind,
            target=target,
            formats=formats,
            language=lang,
            named=named,
            reason=reason,
            store=store,
            who=who,
        )
    print_summary(summary, json=json, quiet=quiet)


@app.command("positive-list")
def positive_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A round or report folder.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="CSV file to write.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day on which the list is given out.")
    ] = None,
    named: Annotated[
        bool, typer.Option("--named", help="Names in place of pseudonyms; noted in the ledger.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why names are needed.")] = "",
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Agents that were shown to treat applicants equally, with the date until which that holds."""
    from praktijktest.rounds.positive_list import positive_list

    with problems_as_json(json), working("Reading the round …", quiet=quiet):
        found = positive_list(
            folder,
            out,
            today=options.day(as_of, "--as-of"),
            named=named,
            reason=reason,
            store=store,
            who=who,
        )
    print_summary(found, json=json, quiet=quiet)
