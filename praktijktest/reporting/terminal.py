"""Shows an analysis on the analyst's own screen, readable from 60 columns on.

Everything that comes from a log goes through `Text`, so that rich never reads it as markup.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from praktijktest.language import Language, Message, message
from praktijktest.reporting.background_sections import WITHOUT_PAIRS
from praktijktest.reporting.blocks import Column, Kind, Table
from praktijktest.reporting.cells import NUMERIC, number_text, written
from praktijktest.reporting.document import build_report
from praktijktest.reporting.evidence import (
    Entry,
    cell_counts,
    estimated,
    net_measure,
    p_value,
    strata,
    whole_round,
)
from praktijktest.reporting.reader_words import in_reader_words
from praktijktest.reporting.report_terminal import print_section
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.stages_section import cumulative_sentence, headline_stage
from praktijktest.reporting.targets_section import state_sentences
from praktijktest.reporting.wording import (
    contrast_label,
    contrast_short,
    rule_label,
    stratum_label,
    verbatim,
)

if TYPE_CHECKING:
    from rich.console import Console

FLAGGED_STATES = ("confirmed", "signal", "grey-zone")
FLAGGED_SHOWN = 20
PROBLEMS_SHOWN = 10
NARROW = 72


def print_analysis(analysis: dict[str, Any], console: "Console", language: Language) -> None:
    """Print the main numbers of an analysis: data, contrasts, strata, flags, problems.

    Args:
        analysis: the analysis document.
        console: where to print.
        language: what it is written in.
    """
    if analysis["round"]["kind"] in WITHOUT_PAIRS:
        _print_without_pairs(analysis, console, language)
        return
    analysis = in_reader_words(analysis)
    _print_data(analysis, console, language)
    _print_contrasts(analysis, console, language)
    _print_flags(analysis, console, language)
    _print_problems(analysis, console, language)


def _print_without_pairs(analysis: Entry, console: "Console", language: Language) -> None:
    """The first chapter of the report of unpaired tests or mystery calls."""
    report = build_report(dict(analysis))
    _print_data(analysis, console, language)
    first = report.sections[0]
    if analysis["round"]["kind"] == "single":
        words = tuple(block for block in first.blocks if not isinstance(block, Table))
        first = replace(first, blocks=words)
    print_section(first, console, language)
    _print_problems(analysis, console, language)


def print_counts(contrast: dict[str, Any], console: "Console", language: Language) -> None:
    """Print every number of one four-cell table.

    Args:
        contrast: one entry of the contrasts of an analysis document.
        console: where to print.
        language: what it is written in.
    """
    _say(console, language.text("terminal.counts", **contrast["cells"]), style="bold")
    _say(console, language.text("terminal.cells_legend"), style="dim")
    rows = [
        (message(f"estimate.{name}"), estimated(contrast, name))
        for name in dict.fromkeys(entry["name"] for entry in contrast["estimates"])
    ]
    _table(
        console,
        language,
        message("terminal.estimates"),
        (column("measure", "text"), column("value", "estimate")),
        rows,
    )
    _table(
        console,
        language,
        message("terminal.significance"),
        (column("significance", "text"), column("p", "p")),
        [(message(f"significance.{e['name']}"), e["p"]) for e in contrast["significance"]],
    )
    _print_intervals(contrast, console, language)


def _print_intervals(contrast: Entry, console: "Console", language: Language) -> None:
    rows = [
        (
            message(
                "terminal.interval_of",
                measure=message(f"estimate.{entry['estimate']}"),
                method=entry["method"],
            ),
            verbatim(
                language.interval(
                    entry["low"], entry["high"], estimated(contrast, entry["estimate"]).unit
                )
            ),
        )
        for entry in contrast["intervals"]
    ]
    if rows:
        columns = (column("measure", "text"), column("interval", "text"))
        _table(console, language, message("terminal.intervals"), columns, rows)


def _print_data(analysis: Entry, console: "Console", language: Language) -> None:
    data = analysis["data"]
    title = analysis["round"]["title"] or analysis["round"]["id"]
    _say(console, language.value(title), style="bold")
    if data["simulated"]:
        _say(console, language.text("terminal.simulated"), style="bold yellow")
    line = language.text(
        "terminal.data",
        rows=data["rows_read"],
        applications=message("unit.applications", count=data["applications"]),
        tests=message("unit.tests", count=data["tests_usable"]),
        failed=sum(data["tests_failed"].values()),
        pending=data["tests_pending"],
    )
    _say(console, line)


def _print_contrasts(analysis: Entry, console: "Console", language: Language) -> None:
    whole = whole_round(analysis)
    label_of = contrast_short if console.width < NARROW else contrast_label
    rows = []
    for contrast in whole:
        rows.append((label_of(contrast), *_numbers(analysis, contrast)))
        for entry in strata(analysis, contrast["id"]):
            label = message("terminal.part", stratum=stratum_label(entry))
            rows.append((label, *_numbers(analysis, entry)))
    measure = message(f"estimate_short.{net_measure(analysis, whole[0])}")
    columns = (
        column("contrast", "text"),
        column("cells", "cells"),
        Column(measure, "estimate"),
        column("p", "p"),
    )
    rule = rule_label(analysis["method"]["primary"])
    _table(console, language, message("terminal.contrasts", rule=rule), columns, rows)
    _say(console, language.text("terminal.cells_legend"), style="dim")
    _say(console, language.text("terminal.p_legend"), style="dim")
    _print_stages(analysis, console, language)


def _print_stages(analysis: Entry, console: "Console", language: Language) -> None:
    """All stages of each contrast together, one sentence each."""
    entries = [entry for entry in analysis.get("stages", ()) if entry["primary"]]
    whole = {contrast["id"]: contrast for contrast in whole_round(analysis)}
    for entry in entries:
        _say(console, language.say(cumulative_sentence(whole[entry["contrast"]], entry)))
    if entries:
        _say(console, language.say(headline_stage(analysis)), style="dim")


def _numbers(analysis: Entry, contrast: Entry) -> tuple[Any, ...]:
    cells = contrast["cells"]
    return (
        None if cells is None else cell_counts(cells),
        estimated(contrast, net_measure(analysis, contrast)),
        p_value(contrast, _test_beside(contrast)),
    )


def _test_beside(contrast: Entry) -> str:
    """The test that treats targets the way the interval beside it does."""
    return "cluster_t" if contrast["clusters"] < contrast["n"] else "mcnemar_midp"


def _print_flags(analysis: Entry, console: "Console", language: Language) -> None:
    if not analysis["targets"]:
        _say(console, language.text("targets.none"))
        return
    console.print()
    for sentence in state_sentences(analysis):
        _say(console, language.say(sentence))
    flagged = [row for row in analysis["targets"] if row["state"] in FLAGGED_STATES]
    if not flagged:
        _say(console, language.text("terminal.no_flagged"))
        return
    for contrast in whole_round(analysis):
        rows = [row for row in flagged if row["contrast"] == contrast["id"]]
        if rows:
            _print_flagged(contrast, rows, console, language)
    rule = analysis["flag_rule"]
    if rule["assumption"] != "randomised":
        _say(console, language.text(f"assumption.{rule['assumption']}"), style="yellow")
    _say(console, language.text("statement"), style="dim")


def _print_flagged(
    contrast: Entry, flagged: list[Entry], console: "Console", language: Language
) -> None:
    flagged.sort(key=lambda row: (FLAGGED_STATES.index(row["state"]), row["p"]))
    columns = (
        column("target", "name"),
        column("state", "state"),
        column("cells", "cells"),
        column("p", "p"),
        column("q", "p"),
    )
    rows = [
        (row["target"], row["state"], cell_counts(row["cells"]), row["p"], row["q"])
        for row in flagged[:FLAGGED_SHOWN]
    ]
    title = message("terminal.flagged", contrast=contrast_label(contrast))
    _table(console, language, title, columns, rows)
    if len(flagged) > FLAGGED_SHOWN:
        more = len(flagged) - FLAGGED_SHOWN
        _say(console, language.text("terminal.flagged_more", count=more))


def _print_problems(analysis: Entry, console: "Console", language: Language) -> None:
    problems = analysis["data"]["problems"]
    if not problems:
        return
    _say(console, language.text("terminal.problems"), style="bold")
    for problem in problems[:PROBLEMS_SHOWN]:
        _say(console, f"  {_problem_line(problem, language)}")
    if len(problems) > PROBLEMS_SHOWN:
        more = len(problems) - PROBLEMS_SHOWN
        _say(console, f"  {language.text('terminal.problems_more', count=more)}")


def _problem_line(problem: Entry, language: Language) -> str:
    place = (problem["file"], problem["row"], problem["column"])
    where = ", ".join(language.value(str(part)) for part in place if part is not None)
    what = _problem_text(problem, language)
    text = f"{where}: {what}" if where else what
    if problem["value"] is not None:
        text += f" {language.name(problem['value'])}"
    return text if problem["count"] == 1 else f"{text} (× {language.number(problem['count'])})"


def _problem_text(problem: Entry, language: Language) -> str:
    """What is wrong: in full in English, by its name in the catalogue in other languages."""
    if language.code == "en" or f"problem.{problem['code']}" not in language.messages:
        return str(problem["message"])
    return language.label("problem", problem["code"])


def _table(
    console: "Console",
    language: Language,
    title: Message,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(language.say(title)),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    for entry in columns:
        numeric = entry.kind in NUMERIC
        table.add_column(
            Text(language.say(entry.heading).replace(" (", "\n(")),
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
        )
    for row in rows:
        cells = (_cell(v, c.kind, language) for v, c in zip(row, columns, strict=True))
        table.add_row(*map(Text, cells))
    console.print()
    console.print(table)


def _cell(value: Any, kind: Kind, language: Language) -> str:
    """The text of a cell, the interval of an estimate on a line of its own."""
    if kind == "estimate":
        interval = language.interval(value.low, value.high, value.unit)
        return f"{number_text(value, language)}\n{interval}"
    return written(value, kind, language)


def _say(console: "Console", text: str, style: str = "") -> None:
    from rich.text import Text

    console.print(Text(text, style=style))
