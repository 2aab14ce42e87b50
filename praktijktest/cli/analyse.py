"""`praktijktest analyse`: from a response log to numbers, flags and a report."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from praktijktest.cli import options
from praktijktest.cli.output import console, problems_as_json, working
from praktijktest.problems import UsageError

if TYPE_CHECKING:
    from praktijktest.analysis import AnyAnalysis
    from praktijktest.design import Design


def command(
    log: Annotated[
        list[str],
        typer.Argument(
            metavar="LOG",
            help="The response log (several files make one log; - reads CSV), or a round folder.",
        ),
    ],
    design: Annotated[
        Path | None,
        typer.Option(
            "--design", "-d", help="The design file of the round (a round folder has its own)."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to write the report to.")
    ] = None,
    json: options.Json = False,
    report_format: Annotated[
        str, typer.Option("--format", help="Formats of the report: html,pdf,docx,xlsx,md.")
    ] = "html",
    lang: Annotated[
        str | None,
        typer.Option("--lang", help="Languages: nl,fr,en (default: the round's own)."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Date that decides which silence is final."),
    ] = None,
    skip_bad_rows: Annotated[
        bool,
        typer.Option("--skip-bad-rows", help="Go on without rows that have an error."),
    ] = False,
    store: Annotated[
        str | None,
        typer.Option("--store", help="URL of the ledger of a round folder (default: round.db)."),
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Analyse the response log of a round: net rates, tests, flagged agents and a report.

    The log is CSV, Excel, LibreOffice, Stata, SPSS, Parquet or JSON; the design says what
    its columns mean. Every problem in the log is shown at once. Without --out nothing is
    written.
    """
    from praktijktest.design import read_design
    from praktijktest.rounds.renderings import FULL, refuse_formats, renderings_of
    from praktijktest.rounds.report_folder import (
        document_json,
        refuse_folder,
        write_report_folder,
    )

    formats = options.listed(report_format)
    refuse_formats(formats)
    languages = options.languages(lang)
    if "-" in log and len(log) > 1:
        raise UsageError("Standard input (-) cannot be combined with files.")
    folder = Path(log[0]) if len(log) == 1 and Path(log[0]).is_dir() else None
    design_file = _design_file(design, folder)
    read = read_design(design_file)
    if out is not None:
        refuse_folder(out, read.round.id)
    languages = languages or (read.round.language,)
    renderings = renderings_of(FULL, languages, formats, plain=True)
    moment = options.moment(as_of)
    with problems_as_json(json), working("Reading and analysing the log …", quiet=quiet):
        analysis, ledger = _analysed(
            log, folder, read, store=store, as_of=moment, skip_bad_rows=skip_bad_rows
        )
    document = (
        analysis.to_dict()
        if out is None
        else write_report_folder(
            analysis,
            out,
            logs=[] if folder else [Path(name) for name in log if name != "-"],
            design_file=design_file,
            renderings=renderings,
            command=_command_line(log, design_file, formats, languages, as_of, skip_bad_rows),
            ledger=ledger,
        )
    )
    if json:
        sys.stdout.buffer.writelines(document_json(document))
    if not quiet:
        written = None if out is None else out / renderings[0].file
        _show(document, languages[0], written, to_error=json)


def _analysed(
    log: list[str],
    folder: Path | None,
    design: "Design",
    *,
    store: str | None,
    as_of: datetime | None,
    skip_bad_rows: bool,
) -> "tuple[AnyAnalysis, dict[str, Any] | None]":
    """The analysis of log files, or of a round folder with the end of its ledger."""
    from praktijktest.rounds import analyse as rounds

    if folder is not None:
        found = rounds.analyse_round(
            folder, design, store=store, as_of=as_of, skip_bad_rows=skip_bad_rows
        )
        return found.analysis, found.ledger
    analysis = rounds.analyse(
        log,
        design,
        as_of=as_of,
        skip_bad_rows=skip_bad_rows,
        stream=sys.stdin.buffer,
        store=store,
    )
    return analysis, None


def _design_file(design: Path | None, folder: Path | None) -> Path:
    """The design named, else the one of the round folder that is analysed.

    Raises:
        UsageError: neither is there.
    """
    from praktijktest.rounds.analyse import require_round

    if design is not None:
        return design
    if folder is None:
        raise UsageError("Name the design of this log with --design.")
    require_round(folder)
    return folder / "design.toml"


def _show(document: dict[str, Any], language: str, written: Path | None, *, to_error: bool) -> None:
    from praktijktest.language import language_named
    from praktijktest.reporting.terminal import print_analysis

    screen = console(error=to_error)
    print_analysis(document, screen, language_named(language))
    if written is not None:
        screen.print(str(written), soft_wrap=True, markup=False)


def _command_line(
    log: list[str],
    design: Path,
    formats: Sequence[str],
    languages: Sequence[str],
    as_of: str | None,
    skip_bad_rows: bool,
) -> list[str]:
    """The command without paths, as the manifest keeps it."""
    names = [name if name == "-" else Path(name).resolve().name for name in log]
    line = ["praktijktest", "analyse", *names]
    line += ["--design", design.name, "--format", ",".join(formats)]
    line += ["--lang", ",".join(languages)]
    if as_of is not None:
        line += ["--as-of", as_of]
    return [*line, "--skip-bad-rows"] if skip_bad_rows else line
