"""`praktijktest privacy`: what is held of people, until when; erasing it, and giving it out."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json, working
from praktijktest.problems import UsageError

app = typer.Typer(
    help="What a round holds of people: status, erasure, extracts, records of processing.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("status")
def status_command(
    folder: options.Folder,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day to look from (default: today).")
    ] = None,
    store: options.Store = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Say what is held of people, until when, and on what ground. Nothing is changed."""
    from praktijktest.rounds.privacy_status import privacy_status

    with problems_as_json(json):
        found = privacy_status(folder, store=store, today=options.day(as_of, "--as-of"))
    print_summary(found, json=json, quiet=quiet)


@app.command("erase")
def erase_command(
    folder: options.Folder,
    reason: Annotated[
        str, typer.Option("--reason", help="Why, without names: it stays in the ledger.")
    ] = "",
    classes: Annotated[
        str, typer.Option("--class", help="identities, messages or both, with a comma.")
    ] = "identities,messages",
    keep_open_cases: Annotated[
        bool, typer.Option("--keep-open-cases", help="Leave what belongs to open cases.")
    ] = False,
    before_date: Annotated[
        bool, typer.Option("--before-date", help="Erase before the date of the design.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="It cannot be undone, and is meant.")] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day of the erasure (default: today).")
    ] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Erase names and their key, and raw messages, for good; the ledger's chain still holds."""
    from praktijktest.rounds.privacy_erase import erase_round

    wanted = tuple(name.strip() for name in classes.split(",") if name.strip())
    with problems_as_json(json), working("Erasing …", quiet=quiet):
        summary = erase_round(
            folder,
            classes=wanted,
            reason=reason,
            keep_open_cases=keep_open_cases,
            before_date=before_date,
            confirmed=yes,
            store=store,
            who=who,
            today=options.day(as_of, "--as-of"),
        )
    print_summary(summary, json=json, quiet=quiet)


@app.command("extract")
def extract_command(
    folder: options.Folder,
    person: Annotated[str, typer.Argument(help="Pseudonym, or the id or name of the frame.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="JSON file that only you can read.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why it is asked for.")] = "",
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Give out everything that is held about one person (GDPR article 15)."""
    from praktijktest.rounds.privacy_extract import extract, write_extract

    if out is None and not json:
        raise UsageError("Name the file with --out, or print the extract with --json.")
    with problems_as_json(json):
        found = extract(folder, person, reason=reason, store=store, who=who)
    if out is not None:
        write_extract(found, out)
    print_summary(found, json=json, quiet=quiet)


@app.command("record")
def record_command(
    folder: options.Folder,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Markdown file.")] = None,
    lang: options.Language = None,
) -> None:
    """Write the record of processing activities (GDPR article 30), filled from the design."""
    _paper(folder, "record", out, lang)


@app.command("dpia")
def dpia_command(
    folder: options.Folder,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Markdown file.")] = None,
    lang: options.Language = None,
) -> None:
    """Write the outline of a data protection impact assessment, filled from the design."""
    _paper(folder, "dpia", out, lang)


def _paper(folder: Path, kind: str, out: Path | None, lang: str | None) -> None:
    from praktijktest.rounds.privacy_papers import privacy_paper
    from praktijktest.storage import write_atomically

    text = privacy_paper(folder, kind, lang)
    if out is None:
        typer.echo(text, nl=False)
        return
    write_atomically(out, text.encode("utf-8"))
    typer.echo(str(out))
