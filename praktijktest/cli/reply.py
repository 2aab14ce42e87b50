"""`praktijktest reply add`, `reply decline` and `note`: what somebody heard, entered by hand."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json
from praktijktest.problems import UsageError

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.rounds.reply import Choice

app = typer.Typer(
    no_args_is_help=True, help="Replies by phone, SMS, voicemail or portal, entered by hand."
)
CHANNELS = "phone, sms, voicemail, mail, portal, visit or letter"
LISTED = 15


@app.command("add")
def add_command(
    folder: options.Round,
    application: Annotated[
        str | None, typer.Argument(help="Id of the application (or --test and --profile).")
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", help=f"{CHANNELS}.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="When it came, as 2026-11-03T14:30.")
    ] = None,
    code: Annotated[str | None, typer.Option("--code", help="The outcome code.")] = None,
    caller: Annotated[
        str, typer.Option("--caller", help="Number it came from; kept as a pseudonym.")
    ] = "",
    words: Annotated[
        str, typer.Option("--words", help="What was said; kept in the identity store.")
    ] = "",
    evidence: Annotated[
        str, typer.Option("--evidence", help="none, comparative or explicit.")
    ] = "",
    test: Annotated[str | None, typer.Option("--test", help="Id of the test.")] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="Profile.")] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Add one reply; on a terminal, what is not given is asked for.

    The same reply a second time adds nothing. Without --code the reply waits for the coders,
    who then need --words.
    """
    from praktijktest.rounds.reply import Heard, add_reply

    asking = sys.stdin.isatty() and not json
    if asking and not application and not (test and profile):
        application = _ask_application(folder, store, who)
    if asking and channel is None:
        channel = typer.prompt(f"Channel ({CHANNELS})", default="phone", err=True)
    if asking and at is None:
        at = typer.prompt("When did it come (as 2026-11-03T14:30)", err=True)
    if asking and not words:
        words = typer.prompt("What was said", default="", show_default=False, err=True)
    if asking and code is None:
        code = _ask_code(folder)
    if channel is None or at is None:
        raise UsageError("A reply needs --channel and --at.")
    heard = Heard(at, channel, code or "", caller, words, evidence)
    with problems_as_json(json):
        summary = add_reply(
            folder,
            heard,
            application=application,
            test=test,
            profile=profile,
            store=store,
            who=who,
        )
    print_summary(summary, json=json, quiet=quiet)


@app.command("decline")
def decline_command(
    folder: options.Round,
    application: Annotated[str, typer.Argument(help="Id of the application.")],
    at: Annotated[str, typer.Option("--at", help="When, as 2026-11-03T14:30.")],
    channel: Annotated[str, typer.Option("--channel", help=f"{CHANNELS}.")] = "mail",
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Record that an invitation was politely declined, so that nobody waits in vain."""
    from praktijktest.rounds.reply import decline_invitation

    with problems_as_json(json):
        summary = decline_invitation(
            folder, application, at=at, channel=channel, store=store, who=who
        )
    print_summary(summary, json=json, quiet=quiet)


def note_command(
    folder: options.Round,
    which: Annotated[str, typer.Argument(help="Id of an application or of a test.")],
    words: Annotated[str, typer.Option("--words", help="The note; kept in the identity store.")],
    topic: Annotated[str, typer.Option("--topic", help="complaint, detected or other.")] = "other",
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Keep a note about an application or a test: a complaint, a sign of detection."""
    from praktijktest.rounds.reply import add_note

    with problems_as_json(json):
        summary = add_note(folder, which, words, topic=topic, store=store, who=who)
    print_summary(summary, json=json, quiet=quiet)


def _ask_application(folder: Path, store: str | None, who: str | None) -> str:
    """Find the application with the person: by a part of its id or of the tester's name."""
    from praktijktest.rounds.reply import choices

    while True:
        wanted = typer.prompt("Application (part of its id, or the tester)", err=True)
        found = choices(folder, wanted, store=store, who=who)
        if not found:
            typer.echo("  none; try another part", err=True)
        elif len(found) == 1 or found[0].application == wanted:
            typer.echo(f"  {_shown(found[0])}", err=True)
            return found[0].application
        else:
            _list(found)


def _list(found: "list[Choice]") -> None:
    for choice in found[:LISTED]:
        typer.echo(f"  {_shown(choice)}", err=True)
    if len(found) > LISTED:
        typer.echo(f"  … and {len(found) - LISTED} more; type more of it", err=True)


def _shown(choice: "Choice") -> str:
    """An application as a tester may see it: never which profile it is."""
    sent = f"sent {choice.sent_at[:16]}" if choice.sent_at else "not sent yet"
    return f"{choice.application}  test {choice.test}  {choice.tester}  {sent}"


def _ask_code(folder: Path) -> str:
    from praktijktest.design import read_design
    from praktijktest.fieldwork.entries import require_code

    design: Design = read_design(folder / "design.toml")
    typer.echo(f"  codes: {', '.join(design.outcome_codes())}", err=True)
    while True:
        code: str = typer.prompt(
            "Code (empty: leave it to the coders)", default="", show_default=False, err=True
        )
        try:
            return require_code(design, code) if code else ""
        except UsageError as error:
            typer.echo(f"  {error.message}", err=True)
