"""`praktijktest export …`: what may leave a round, for whom."""

from pathlib import Path
from typing import Annotated

import typer

from praktijktest.cli import export_cases, options
from praktijktest.cli.output import print_summary, problems_as_json
from praktijktest.cli.progress import progress_bar

app = typer.Typer(
    help="Exports: for the public, for research, and cases for those who may see them.",
    no_args_is_help=True,
)
app.command("cases")(export_cases.cases_command)
app.command("open")(export_cases.open_command)

Source = Annotated[Path, typer.Argument(metavar="DIR", help="A report folder or a round folder.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder to write the export to.")]


@app.command("public")
def public_command(
    directory: Source,
    out: Out,
    formats: Annotated[
        str, typer.Option("--format", help="Formats of the report: html,pdf,docx,xlsx,md.")
    ] = "html",
    lang: Annotated[
        str | None,
        typer.Option("--lang", help="Languages: nl,fr,en (default: the round's own)."),
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", help="Report: full, or summary in plain language.")
    ] = "full",
    min_cell: Annotated[
        int | None,
        typer.Option("--min-cell", min=1, help="Fewest tests shown (default: the design's)."),
    ] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Aggregates only: small strata and rare replies hidden, no party named or singled out.

    Writes the protected analysis document, tables, a report and the disclosure check.
    """
    from praktijktest.rounds.export_public import export_public

    with problems_as_json(json), progress_bar("Exporting", quiet=quiet) as advance:
        made = export_public(
            directory,
            out,
            formats=options.listed(formats),
            languages=options.languages(lang),
            kind=kind,
            min_cell=min_cell,
            store=store,
            who=who,
            advance=advance,
        )
    print_summary(made, json=json, quiet=quiet)


@app.command("research")
def research_command(
    directory: Source,
    out: Out,
    lang: Annotated[
        str, typer.Option("--lang", help="Languages of the codebook; the first is that of labels.")
    ] = "en,nl,fr",
    k: Annotated[
        int | None,
        typer.Option(
            "--k",
            help="How many parties share what others may know of each "
            "(default: the design's min_cell, at least 3).",
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(
            "--licence", help="What the data may be used under: an address or a sentence."
        ),
    ] = None,
    store: options.Store = None,
    who: options.Who = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Pseudonymised applications with codebook, metadata and replication scripts.

    Pseudonyms are new and their key is not kept, so two exports of a round differ.
    """
    from praktijktest.rounds.export_research import NO_LICENCE, export_research

    with problems_as_json(json), progress_bar("Exporting", quiet=quiet) as advance:
        made = export_research(
            directory,
            out,
            languages=options.languages(lang),
            k=k,
            licence=licence or NO_LICENCE,
            store=store,
            who=who,
            advance=advance,
        )
    print_summary(made, json=json, quiet=quiet)
