"""`praktijktest export cases`: flagged cases to those who may see them."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import print_summary, problems_as_json
from praktijktest.cli.progress import progress_bar


def cases_command(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="A round folder or a report folder.")
    ],
    audience: Annotated[
        str,
        typer.Option(
            "--audience",
            "-a",
            help="For whom: equality-body, inspection, city, sector, or one of your policy file.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write the export to.")],
    formats: Annotated[
        str,
        typer.Option("--format", help="Lists: csv,xlsx,json; dossiers: pdf,html,docx,md."),
    ] = "csv,xlsx,json,pdf",
    lang: Annotated[
        str | None,
        typer.Option("--lang", help="Languages of the dossiers: nl,fr,en (default: the round's)."),
    ] = None,
    why: Annotated[
        str, typer.Option("--why", help="What it is for; kept in the ledger. Names need it.")
    ] = "",
    names: Annotated[
        bool | None,
        typer.Option(
            "--names/--pseudonyms",
            help="Who the agents are (default: names where the audience may have them and --why "
            "is given).",
            show_default=False,
        ),
    ] = None,
    recipient: Annotated[
        str, typer.Option("--for-recipient", help="Who gets it, such as Unia; kept in the ledger.")
    ] = "",
    include: Annotated[
        str,
        typer.Option(
            "--include", help="indications: single tests with direct evidence; action-log."
        ),
    ] = "",
    approved_by: Annotated[
        str, typer.Option("--approved-by", help="The handler who read each indication.")
    ] = "",
    allow_unconfirmed: Annotated[
        bool,
        typer.Option(
            "--allow-unconfirmed", help="Signals that no second phase confirmed too; see --reason."
        ),
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why unconfirmed signals go out; kept in the ledger.")
    ] = "",
    fields: Annotated[
        str, typer.Option("--fields", help="Columns of the list (default: all it may see).")
    ] = "",
    contrast: Annotated[
        str | None, typer.Option("--contrast", help="Only the cases of this contrast.")
    ] = None,
    members: Annotated[
        Path | None,
        typer.Option("--members", help="For a sector: file with the ids of its members."),
    ] = None,
    encrypt_to: Annotated[
        list[str] | None,
        typer.Option("--recipient", help="Public key of age (age1…): write an encrypted archive."),
    ] = None,
    signing_key: Annotated[
        Path | None,
        typer.Option("--signing-key", help="Ed25519 key that signs (default: the round's own)."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="Policy file (default: policy.toml in DIR)."),
    ] = None,
    column_map: Annotated[
        Path | None,
        typer.Option("--columns", help="Column map: headings of your own case system."),
    ] = None,
    dialect: Annotated[
        str | None,
        typer.Option("--dialect", help="CSV: belgian (; and decimal comma) or iso."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Date that decides which silence is final.")
    ] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Flagged agents as a list and a dossier each, for one audience and nothing more.

    Names come from the identity store, for audiences that may have them, once --why is given.
    The ledger notes what left it, and what was refused (exit code 3).
    """
    from praktijktest.rounds.export_cases import Request, export_cases

    request = Request(
        audience=audience,
        formats=options.listed(formats),
        languages=options.languages(lang),
        names=names,
        purpose=why.strip(),
        recipient=recipient.strip(),
        include=options.listed(include),
        approved_by=approved_by.strip(),
        fields=options.listed(fields),
        allow_unconfirmed=allow_unconfirmed,
        reason=reason.strip(),
        encrypt_to=tuple(encrypt_to or ()),
        signing_key=signing_key,
        policy=policy,
        column_map=column_map,
        dialect=dialect,
        contrast=contrast,
        members=members,
        as_of=options.moment(as_of),
    )
    with problems_as_json(json), progress_bar("Exporting", quiet=quiet) as advance:
        made = export_cases(directory, out, request, store=store, who=who, advance=advance)
    print_summary(made, json=json, quiet=quiet)


def open_command(
    export: Annotated[
        Path, typer.Argument(metavar="DIR", help="An encrypted export, or the archive in it.")
    ],
    identity: Annotated[
        Path, typer.Option("--identity", "-i", help="File with your private key of age.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write the files to.")],
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Open an encrypted export of cases with your private key, in a folder only you can read."""
    from praktijktest.rounds.export_open import open_export

    with problems_as_json(json):
        opened = open_export(export, identity, out)
    print_summary(opened, json=json, quiet=quiet)
