"""`praktijktest pool`: rounds, cities or published studies together."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import console, print_json, problems_as_json, working
from praktijktest.problems import UsageError

if TYPE_CHECKING:
    from praktijktest.rounds.pool import Pooling


def command(
    reports: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[REPORT]...", help="Report folders, one per round or city."),
    ] = None,
    tables: Annotated[
        list[Path] | None,
        typer.Option("--studies", "-s", help="A table with a row per study (CSV, Excel …)."),
    ] = None,
    measure: Annotated[
        str,
        typer.Option(
            "--measure",
            "-m",
            help="response_ratio, net_rate_usable, net_rate_all or odds_ratio_conditional.",
        ),
    ] = "response_ratio",
    contrast: Annotated[
        str | None, typer.Option("--contrast", help="Pool this contrast of the rounds alone.")
    ] = None,
    ground: Annotated[
        list[str] | None,
        typer.Option(
            "--ground",
            help="Pool this ground (may be repeated); CODE=TEXT where the table calls it TEXT.",
        ),
    ] = None,
    moderator: Annotated[
        str | None,
        typer.Option(
            "--moderator", help="Covariate of a meta-regression: a column, or year for rounds."
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="OURS=THEIRS: what the table calls a column (repeat)."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", help="COLUMN=VALUE: use only these rows of the table (repeat)."),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", help="Sheet of a spreadsheet (default: the first).")
    ] = None,
    confidence: Annotated[
        float, typer.Option("--confidence", help="Confidence level of the intervals.")
    ] = 0.95,
    title: Annotated[str | None, typer.Option("--title", help="Title of the report.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to write the report to.")
    ] = None,
    report_format: Annotated[
        str, typer.Option("--format", help="Report formats, with commas between them.")
    ] = "html",
    lang: Annotated[
        str | None,
        typer.Option("--lang", help="Languages of the report, with commas: nl, fr, en."),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Pool rounds, cities or published studies: random effects, ground by ground.

    Report folders give their own counts, with variances clustered by party where parties
    recur. A table gives four cells (both, only_control, only_test, neither), totals of each
    group (n, control_positive, test_positive) or a published effect with se or variance.
    Columns label, ground, study and cluster say what belongs together.
    """
    from praktijktest.rounds.document_folder import refuse_other_folder
    from praktijktest.rounds.pool import pool_rounds
    from praktijktest.rounds.pool_folder import POOLING, write_pooling
    from praktijktest.rounds.renderings import refuse_formats

    if len(tables or ()) > 1:
        raise UsageError("Give one table with --studies; put the rows of several in one file.")
    studies = tables[0] if tables else None
    formats = options.listed(report_format)
    refuse_formats(formats)
    languages = options.languages(lang)
    if out is not None:
        refuse_other_folder(out, POOLING)
    columns = {ours: values[-1] for ours, values in _pairs("--column", column).items()}
    with problems_as_json(json), working("Pooling …", quiet=quiet):
        pooling = pool_rounds(
            reports or [],
            studies=studies,
            measure=measure,
            contrast=contrast,
            grounds=ground or [],
            moderator=moderator,
            columns=columns,
            keep=_pairs("--keep", keep),
            sheet=sheet,
            confidence=confidence,
            title=title,
        )
        languages = languages or (_language(reports or []),)
        written = []
        if out is not None:
            line = [measure, contrast, ground, moderator, column, keep, sheet, confidence, title]
            written = write_pooling(
                pooling,
                out,
                languages=languages,
                formats=formats,
                command=_command_line(reports or [], studies, line, formats, languages),
            )
    if json:
        print_json(pooling.to_dict())
    if not quiet:
        _show(pooling, languages[0], to_error=json)
        for name in written:
            screen = console(error=json)
            screen.print(str((out or Path()) / name), soft_wrap=True, markup=False)


def _pairs(option: str, given: Sequence[str] | None) -> dict[str, list[str]]:
    """Texts NAME=VALUE by name, in the order given.

    Raises:
        UsageError: one has no name or no equals sign.
    """
    found: dict[str, list[str]] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{option} {text!r} needs the form NAME=VALUE.")
        found.setdefault(name.strip(), []).append(value.strip())
    return found


def _language(reports: Sequence[Path]) -> str:
    """The language of the first round, English without one."""
    if not reports:
        return "en"
    from json import loads

    about = loads((reports[0] / "analysis.json").read_text(encoding="utf-8"))["round"]
    return options.language_or("en", about.get("language"))


def _show(pooling: "Pooling", language: str, *, to_error: bool) -> None:
    from praktijktest.language import language_named
    from praktijktest.reporting.pooling_document import screen_report
    from praktijktest.reporting.report_terminal import print_report

    screen = console(error=to_error)
    print_report(screen_report(pooling.to_dict()), screen, language_named(language))


def _command_line(
    reports: Sequence[Path],
    studies: Path | None,
    given: Sequence[object],
    formats: Sequence[str],
    languages: Sequence[str],
) -> list[str]:
    """The command without paths, as the manifest keeps it."""
    names = ("measure", "contrast", "ground", "moderator", "column", "keep", "sheet")
    line = ["praktijktest", "pool", *(path.resolve().name for path in reports)]
    if studies is not None:
        line += ["--studies", studies.name]
    for name, value in zip((*names, "confidence", "title"), given, strict=True):
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                line += [f"--{name}", str(one)]
    return [*line, "--format", ",".join(formats), "--lang", ",".join(languages)]
