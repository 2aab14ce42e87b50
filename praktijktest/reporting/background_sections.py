"""Chapters that let a reader judge the rest: from log to tests, method, limits."""

from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Definitions,
    Paragraph,
    Section,
    Table,
)
from praktijktest.reporting.evidence import Entry, whole_round
from praktijktest.reporting.fieldwork_flow import fieldwork_flow
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.wording import (
    contrast_label,
    ground,
    ground_in_law,
    positive_codes,
    rule_label,
)

FLOW = (
    "rows_read",
    "rows_left_out",
    "rows_skipped",
    "rows_used",
    "applications",
    "pending",
    "late_replies",
    "tests",
    "tests_failed",
    "tests_pending",
    "tests_usable",
    "tests_without_target",
    "targets",
)
"""Steps from the log to usable tests, in order."""

WITHOUT_PAIRS = ("single", "mystery")
"""Kinds of test that compare no applicants of one test."""

FORMULAS = (
    "net_rate_usable",
    "net_rate_all",
    "net_rate_discordant",
    "response_ratio",
    "midp",
    "sign_test",
    "tango",
    "clustered",
)


def data_section(analysis: Entry) -> Section:
    """What came in, what was left out and why."""
    data = analysis["data"]
    counts = {**data, "tests_failed": sum(data["tests_failed"].values())}
    blocks: list[Block] = [
        Paragraph(message("data.intro")),
        *([figure] if (figure := fieldwork_flow(analysis)) else []),
        Table(
            id="flow",
            caption=message("data.flow_caption"),
            columns=(column("step", "text"), column("count", "count")),
            rows=tuple((message(f"flow.{step}"), counts[step]) for step in FLOW),
        ),
        *([] if analysis["round"]["kind"] in WITHOUT_PAIRS else [_by_contrast(analysis)]),
    ]
    if data["tests_failed"]:
        blocks.append(_failed(data))
    else:
        blocks.append(Paragraph(message("data.no_failed")))
    blocks.append(_problems(data) if data["problems"] else Paragraph(message("data.no_problems")))
    return Section("data", message("section.data"), tuple(blocks))


def _by_contrast(analysis: Entry) -> Table:
    return Table(
        id="contrast-counts",
        caption=message("data.contrast_caption"),
        columns=(
            column("contrast", "text"),
            column("tests", "count"),
            column("comparisons", "count"),
            column("targets", "count"),
            column("incomplete", "count"),
            column("not_applicable", "count"),
            column("pending", "count"),
        ),
        rows=tuple(
            (
                contrast_label(contrast),
                contrast["tests"],
                contrast["n"],
                contrast["targets"],
                contrast["tests_incomplete"],
                contrast["tests_not_applicable"],
                contrast["tests_pending"],
            )
            for contrast in whole_round(analysis)
        ),
        notes=(message("data.contrast_note"),),
    )


def _failed(data: Entry) -> Table:
    tests = data["tests_failed"]
    rows = [
        (
            message("reason_name", code=row["reason"]),
            row["profile"],
            row["applications"],
        )
        for row in data["failed_by_arm"]
    ]
    reasons = [
        message("data.failed_reason", reason=message("reason_name", code=code), count=count)
        for code, count in tests.items()
    ]
    return Table(
        id="failed",
        caption=message("data.failed_caption", count=sum(tests.values()), reasons=reasons),
        columns=(
            column("reason", "text"),
            column("profile", "name"),
            column("applications", "count"),
        ),
        rows=tuple(rows),
        notes=(message("data.failed_note"),),
    )


def _problems(data: Entry) -> Table:
    """Problems by kind; values from the log are left out, they may name somebody."""
    found: dict[tuple[str, str, str | None], int] = {}
    for problem in data["problems"]:
        key = problem["code"], problem["level"], problem["column"]
        found[key] = found.get(key, 0) + problem["count"]
    return Table(
        id="problems",
        caption=message("data.problems_caption"),
        columns=(
            column("problem", "text"),
            column("level_of_problem", "text"),
            column("column", "name"),
            column("places", "count"),
        ),
        rows=tuple(
            (message("problem_name", code=code), message(f"problem_level.{level}"), where, count)
            for (code, level, where), count in found.items()
        ),
        notes=(message("data.problems_note"),),
    )


def method_section(analysis: Entry) -> Section:
    """How the numbers came about."""
    method = analysis["method"]
    items: list[tuple[Message, Message]] = [
        (message("method.test_term"), message("method.test")),
        *((_ground_term(c), _ground_text(analysis, c)) for c in _one_per_ground(analysis)),
    ]
    items += [
        (
            message("method.positive_term", rule=rule_label(rule)),
            message("method.positive", codes=positive_codes(analysis, rule)),
        )
        for rule in method["positive"]
    ]
    items.append((message("method.silence_term"), _silence(method)))
    items += [(message(f"formula.{name}_term"), message(f"formula.{name}")) for name in FORMULAS]
    items += [
        (
            message("method.intervals_term"),
            message("method.intervals", confidence=method["confidence"]),
        ),
        (message("method.scopes_term"), message("method.scopes")),
        (message("method.significance_term"), message("method.significance")),
        (message("method.small_term"), message("method.small", least=method["min_cell"])),
        (message("method.files_term"), message("method.files")),
    ]
    blocks: tuple[Block, ...] = (Paragraph(message("method.cells")), Definitions(tuple(items)))
    return Section("method", message("section.method"), blocks)


def _one_per_ground(analysis: Entry) -> list[Entry]:
    found: dict[Any, Entry] = {}
    for contrast in whole_round(analysis):
        if ground_in_law(contrast["ground"], analysis["round"]["jurisdiction"]) is not None:
            found.setdefault(contrast["ground"], contrast)
    return list(found.values())


def _ground_term(contrast: Entry) -> Message:
    return message("method.ground_term", ground=ground(contrast["ground"]))


def _ground_text(analysis: Entry, contrast: Entry) -> Message:
    law = ground_in_law(contrast["ground"], analysis["round"]["jurisdiction"])
    return message("method.ground", law=law)


def _silence(method: Entry) -> Message:
    if method["response_days"] is None:
        return message("method.silence_undeclared")
    if method["as_of"] is None:
        return message("method.silence", count=method["response_days"])
    return message("method.silence_as_of", count=method["response_days"], as_of=method["as_of"])


def limits_section(analysis: Entry) -> Section:
    """What the report does not prove."""
    rule = analysis["flag_rule"]
    keys = ["statistical", "first_stage", "these_letters", "no_difference"]
    if rule is None:
        keys.append("no_targets")
    else:
        keys.append("single_targets")
        if rule["assumption"] == "fixed-order":
            keys.append("fixed_order")
        if rule["assumption"] == "undeclared-order":
            keys.append("undeclared_order")
    keys.append("market")
    if analysis["data"]["simulated"]:
        keys.append("simulated")
    return Section(
        "limits",
        message("section.limits"),
        (Bullets(tuple(message(f"limits.{key}") for key in keys)),),
    )
