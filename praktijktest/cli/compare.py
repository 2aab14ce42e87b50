"""`praktijktest compare`: what changed between rounds, or between the waves of one log."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from praktijktest.cli import options
from praktijktest.cli.output import console, print_json, problems_as_json, working
from praktijktest.problems import UsageError

if TYPE_CHECKING:
    from praktijktest.rounds.compare import Comparison


def command(
    rounds: Annotated[
        list[Path],
        typer.Argument(
            metavar="ROUND...",
            help="Report folders or round folders, first to last; or, with --by, the log.",
        ),
    ],
    by: Annotated[
        str | None,
        typer.Option("--by", help="Column of the log that tells the waves apart."),
    ] = None,
    design: Annotated[
        Path | None, typer.Option("--design", "-d", help="The design file of the log (with --by).")
    ] = None,
    treated: Annotated[
        str | None,
        typer.Option(
            "--treated",
            help="Whose change is compared with that of the others: COLUMN=VALUE, "
            "or tested-before.",
        ),
    ] = None,
    comparison: Annotated[
        list[Path] | None,
        typer.Option(
            "--comparison",
            help="Report folder of another place, one per round and in their order (repeat): "
            "its change is the comparison.",
        ),
    ] = None,
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
    """Compare rounds: changes, trend, who was tested, and a comparison group.

    Report folders are compared first to last; their targets are the same where the log's own
    ids are the same, and intervals are clustered by them. With --by the waves of one log are
    compared. A difference between before and after is not an effect: --treated or --comparison
    gives a comparison group. Without --out nothing is written.
    """
    from praktijktest.rounds.compare import COMPARISON
    from praktijktest.rounds.comparison_folder import write_comparison
    from praktijktest.rounds.renderings import refuse_formats
    from praktijktest.rounds.report_folder import refuse_folder

    formats = options.listed(report_format)
    refuse_formats(formats)
    languages = options.languages(lang)
    if out is not None:
        refuse_folder(out, COMPARISON)
    with problems_as_json(json), working("Comparing …", quiet=quiet):
        found = _compared(rounds, by, design, treated, comparison or [])
        document = found.to_dict()
        languages = languages or (options.language_or("en", document["round"]["language"]),)
        written = []
        if out is not None:
            line = _command_line(rounds, by, design, treated, comparison or [])
            written = write_comparison(
                found,
                out,
                languages=languages,
                formats=formats,
                command=[*line, "--format", ",".join(formats), "--lang", ",".join(languages)],
            )
    if json:
        print_json(document)
    if not quiet:
        _show(found, languages[0], to_error=json)
        screen = console(error=json)
        for name in written:
            screen.print(str((out or Path()) / name), soft_wrap=True, markup=False)


def _compared(
    rounds: list[Path],
    by: str | None,
    design: Path | None,
    treated: str | None,
    comparison: list[Path],
) -> "Comparison":
    """The comparison of folders or, with --by, of the waves in a log.

    Raises:
        UsageError: options that do not go together.
    """
    from praktijktest.rounds.compare import compare_reports, compare_waves

    if by is None:
        if design is not None:
            raise UsageError("--design goes with --by and a log; report folders have their own.")
        return compare_reports(rounds, treated=treated, comparison=comparison)
    if comparison:
        raise UsageError(
            "--comparison goes with report folders; within one log, name the group with --treated."
        )
    if design is None:
        raise UsageError("Name the design of this log with --design.")
    folders = [path.name for path in rounds if path.is_dir()]
    if folders:
        raise UsageError(
            f"{folders[0]} is a folder: --by divides a log, and report folders go without --by."
        )
    return compare_waves(rounds, design, by, treated=treated)


def _show(found: "Comparison", language: str, *, to_error: bool) -> None:
    from praktijktest.language import language_named
    from praktijktest.reporting.comparison_document import screen_report
    from praktijktest.reporting.report_terminal import print_report

    screen = console(error=to_error)
    print_report(screen_report(found.to_dict()), screen, language_named(language))


def _command_line(
    rounds: Sequence[Path],
    by: str | None,
    design: Path | None,
    treated: str | None,
    comparison: Sequence[Path],
) -> list[str]:
    """The command without paths, as the manifest keeps it."""
    line = ["praktijktest", "compare", *(path.resolve().name for path in rounds)]
    file = None if design is None else design.name
    for name, value in (("--by", by), ("--design", file), ("--treated", treated)):
        line += [name, value] if value is not None else []
    for path in comparison:
        line += ["--comparison", path.resolve().name]
    return line
