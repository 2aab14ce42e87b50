"""`praktijktest correct` and `fail`: nothing is deleted, everything is put right with a reason."""

from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json


def correct_command(
    folder: options.Round,
    application: Annotated[str, typer.Argument(help="Id of the application.")],
    field: Annotated[
        str,
        typer.Option("--field", help="What is wrong: outcome, replied_at, sent_at, failed …"),
    ],
    to: Annotated[str, typer.Option("--to", help='The right value; "" for none.')],
    reason: Annotated[
        str, typer.Option("--reason", help="Why, without names: it stays in the ledger.")
    ],
    reply: Annotated[
        str | None, typer.Option("--reply", help="Id of the reply, where there are several.")
    ] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Put a value right. The old one stays in the ledger, with the reason."""
    from praktijktest.rounds.correct import correct

    with problems_as_json(json):
        summary = correct(
            folder,
            application,
            field=field,
            to=to,
            reason=reason,
            reply=reply,
            store=store,
            who=who,
        )
    print_summary(summary, json=json, quiet=quiet)


def fail_command(
    folder: options.Round,
    which: Annotated[
        str, typer.Argument(metavar="TEST", help="Id of the test, or of the one application.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Reason code.")],
    detail: Annotated[
        str, typer.Option("--detail", help="More about it; kept in the identity store.")
    ] = "",
    at: Annotated[str | None, typer.Option("--at", help="When, as 2026-11-03T14:30.")] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Fail a test that cannot be used, for a reason that does not depend on the replies.

    Reasons: bounced, advert-withdrawn, advert-gone, wrong-text, mail-missing,
    account-blocked, reply-not-attributable, gap-exceeded, wrong-order, detected,
    script-broken, duplicate-advert, scam, unreachable, other, and those of the design.
    """
    from praktijktest.rounds.fail import fail_test

    with problems_as_json(json):
        summary = fail_test(
            folder, which, reason=reason, detail=detail, at=at, store=store, who=who
        )
    print_summary(summary, json=json, quiet=quiet)
