"""`praktijktest mail`: messages that wait for a person, and the codes that they suggest."""

from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json

app = typer.Typer(
    no_args_is_help=True, help="Mail that waits for a person: unmatched, or not coded yet."
)


@app.command("list")
def list_command(
    folder: options.Round,
    store: options.Store = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """List messages without an application, and replies by mail without a code.

    What is suggested, and on which words that rests, stands beside each reply. Senders and
    subjects are shown here and never in --json.
    """
    from praktijktest.rounds.mail_review import review_mail

    with problems_as_json(json):
        found = review_mail(folder, store=store)
    print_summary(found, json=json, quiet=quiet)


@app.command("match")
def match_command(
    folder: options.Round,
    message: Annotated[str, typer.Argument(help="Id of the message, or its first characters.")],
    applications: Annotated[
        list[str], typer.Argument(metavar="APPLICATION", help="The application it belongs to.")
    ],
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Give a message to its application; to several where one answer was meant for all."""
    from praktijktest.rounds.mail_decide import match_mail

    with problems_as_json(json):
        done = match_mail(folder, message, applications, store=store, who=who)
    print_summary(done, json=json, quiet=quiet)


@app.command("confirm")
def confirm_command(
    folder: options.Round,
    replies: Annotated[
        list[str], typer.Argument(metavar="REPLY", help="Id of a reply, or of a bounced message.")
    ],
    code: Annotated[
        str | None, typer.Option("--code", help="Another code than the one suggested.")
    ] = None,
    evidence: Annotated[
        str | None, typer.Option("--evidence", help="none, comparative or explicit.")
    ] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Turn a suggestion into a code; until then a reply by mail has none."""
    from praktijktest.rounds.mail_decide import confirm_mail

    with problems_as_json(json):
        done = confirm_mail(folder, replies, code=code, evidence=evidence, store=store, who=who)
    print_summary(done, json=json, quiet=quiet)


@app.command("show")
def show_command(
    folder: options.Round,
    message: Annotated[str, typer.Argument(help="Id of a message or of a reply by mail.")],
    store: options.Store = None,
    json: options.Json = False,
) -> None:
    """Print the words of a message; control characters and terminal escapes do nothing."""
    from praktijktest.rounds.mail_review import show_mail

    with problems_as_json(json):
        found = show_mail(folder, message, store=store)
    print_summary(found, json=json, quiet=False)
