"""`praktijktest code`: replies are coded by people who do not know whom they answer."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import console, print_json, print_summary, problems_as_json
from praktijktest.problems import UsageError

app = typer.Typer(
    help="Code replies blind to profile and target, and see how far coders agree.",
    no_args_is_help=True,
)


@app.command("export")
def export_command(
    folder: options.Round,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the sheets.")
    ],
    coders: Annotated[
        list[str], typer.Option("--coder", help="Name of a coder; give it once per coder.")
    ],
    file_format: Annotated[str, typer.Option("--format", help="xlsx or csv.")] = "xlsx",
    share: Annotated[
        float | None,
        typer.Option(
            "--share",
            help="Share of the replies for two coders (0.2); for one coder, on the sheet (1).",
        ),
    ] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write each coder a sheet with the masked words of replies and room for a code.

    Names, titles, mail addresses, telephone numbers, links and quoted letters are hidden;
    test, target, profile and position are not on the sheet. Chance by SHA-256 decides who
    codes what. The words come from the identity store.
    """
    from praktijktest.rounds.coding import export_coding

    with problems_as_json(json):
        summary = export_coding(
            folder, coders, out, file_format=file_format, share=share, store=store, who=who
        )
    print_summary(summary, json=json, quiet=quiet)


@app.command("import")
def import_command(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Sheets that came back, or a folder of them."),
    ],
    folder: options.Round,
    coder: Annotated[
        str | None,
        typer.Option("--coder", help="Whose sheet it is (default: whom it was made for)."),
    ] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Take coding sheets back into the ledger, all of them or nothing.

    A sheet that was imported before adds nothing. A code other than the coder's earlier one,
    or one that is not in the scheme, is shown with its row and stops the import (exit code 1).
    """
    from praktijktest.rounds.coding import import_coding

    with problems_as_json(json):
        summary = import_coding(folder, files, coder=coder, store=store, who=who)
    print_summary(summary, json=json, quiet=quiet)


@app.command("agreement")
def agreement_command(
    folder: Annotated[
        Path | None, typer.Option("--round", "-r", metavar="DIR", help="The round folder.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE", help="A table with a column per coder.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option("--columns", help="The coders' columns in --log, with commas between."),
    ] = None,
    order: Annotated[
        str | None,
        typer.Option("--order", help="The codes of --log in their order, with commas between."),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="category: show agreement on each code.")
    ] = None,
    disagreements: Annotated[
        Path | None,
        typer.Option(
            "--disagreements", metavar="FILE", help="List them as CSV, with the masked words."
        ),
    ] = None,
    confidence: Annotated[
        float, typer.Option("--confidence", help="Confidence level of the intervals.")
    ] = 0.95,
    store: options.Store = None,
    json: options.Json = False,
    lang: options.Language = None,
) -> None:
    """Show per cent agreement, kappa and alpha of the coders, and where they disagree."""
    from praktijktest.rounds.coding_agreement import round_agreement, table_agreement

    if by not in (None, "category"):
        raise UsageError(f"--by is category, not {by!r}.")
    if (folder is None) == (log is None):
        raise UsageError("Name a round (--round DIR) or a table (--log FILE), one of the two.")
    language = options.language_or("en", lang)
    with problems_as_json(json):
        if folder is not None:
            if columns or order:
                raise UsageError("--columns and --order belong to --log.")
            report = round_agreement(
                folder, confidence=confidence, disagreements=disagreements, store=store
            )
        else:
            assert log is not None
            if disagreements is not None:
                raise UsageError("--disagreements belongs to --round.")
            report = table_agreement(
                log, _split(columns), order=_split(order), confidence=confidence
            )
    if json:
        print_json(report.to_dict())
        return
    from praktijktest.language import language_named
    from praktijktest.reporting.agreement_terminal import print_agreement

    print_agreement(report, console(), language_named(language), by_category=by == "category")


@app.command("adjudicate")
def adjudicate_command(
    reply: Annotated[str, typer.Argument(metavar="REPLY", help="The reply, or its item.")],
    folder: options.Round,
    code: Annotated[str, typer.Option("--code", help="The code it gets.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it goes into the ledger.")],
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Settle the code of a reply about which coders disagree; their codings stay."""
    from praktijktest.rounds.coding import adjudicate

    with problems_as_json(json):
        summary = adjudicate(folder, reply, code, reason, store=store, who=who)
    print_summary(summary, json=json, quiet=quiet)


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
