"""The chapter on single agents: the rule, how many are in each state, the table."""

from collections.abc import Iterable, Sequence
from heapq import nsmallest
from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Column,
    Definitions,
    Estimated,
    Paragraph,
    Section,
    Table,
)
from praktijktest.reporting.evidence import Entry, cell_counts
from praktijktest.reporting.further_figures import ranking
from praktijktest.reporting.results_sections import column
from praktijktest.reporting.wording import contrast_labels, contrast_short, market

SHOWN = 200
"""Rows of the target table in a report; the rest stands in the CSV table."""

STATE_ORDER = (
    "confirmed",
    "signal",
    "grey-zone",
    "no-signal",
    "equal-treatment",
    "not-assessable",
    "too-few-tests",
    "released",
)
"""States in the order a reader looks for them."""


def targets_section(analysis: Entry) -> Section:
    """Single agents under pseudonyms: what the rule says of each."""
    title = message(f"section.targets.{market(analysis)}")
    if not analysis["targets"] and not _summary(analysis):
        return Section("targets", title, (Paragraph(message("targets.none")),))
    labels = contrast_labels(analysis)
    present = [s for s in STATE_ORDER if any(row["state"] == s for row in _summary(analysis))]
    blocks: list[Block] = [
        *([Paragraph(message("targets.intro"))] if analysis["targets"] else []),
        Bullets(tuple(state_sentences(analysis))),
        _summary_table(analysis, labels, present),
        Paragraph(flag_rule(analysis)),
        *(Paragraph(text, role) for text, role in assumptions(analysis)),
        Definitions(
            tuple((message(f"state.{state}"), state_meaning(analysis, state)) for state in present)
        ),
        *([figure] if (figure := ranking(analysis)) else []),
        *([_table(analysis)] if analysis["targets"] else []),
    ]
    return Section("targets", title, tuple(blocks))


def _summary(analysis: Entry) -> Sequence[Entry]:
    found: Sequence[Entry] = analysis["flag_summary"]
    return found


def state_sentences(analysis: Entry) -> list[Message]:
    """How many agents are in each state, one sentence per contrast."""
    labels = contrast_labels(analysis)
    sentences = []
    for contrast in dict.fromkeys(row["contrast"] for row in _summary(analysis)):
        counts = {
            row["state"]: row["targets"]
            for row in _summary(analysis)
            if row["contrast"] == contrast and row["targets"]
        }
        sentences.append(
            message(
                "targets.states",
                contrast=labels[contrast],
                targets=message(f"target.{market(analysis)}", count=sum(counts.values())),
                parts=[
                    message("targets.state_count", state=message(f"state.{s}"), count=counts[s])
                    for s in STATE_ORDER
                    if s in counts
                ],
            )
        )
    return sentences


def _summary_table(analysis: Entry, labels: dict[str, Message], present: Sequence[str]) -> Table:
    rows = []
    for contrast in dict.fromkeys(row["contrast"] for row in _summary(analysis)):
        counts = {
            row["state"]: row["targets"]
            for row in _summary(analysis)
            if row["contrast"] == contrast
        }
        rows.append((labels[contrast], *(counts.get(state, 0) for state in present)))
    return Table(
        id="states",
        caption=message("targets.summary_caption"),
        columns=(
            column("contrast", "text"),
            *(Column(message(f"state.{state}"), "count") for state in present),
        ),
        rows=tuple(rows),
    )


def flag_rule(analysis: Entry) -> Message:
    """The rule that decides on a signal, in words."""
    rule = analysis["flag_rule"]
    return message(
        "flag.rule",
        rule=message(f"flag.{rule['rule']}", alpha=rule["alpha"]),
        min_tests=rule["min_tests"],
        family=rule["family_size"],
        outcome_rule=message(f"outcome_rule.{rule['outcome_rule']}")
        if rule["outcome_rule"] in ("strict", "broad")
        else message("verbatim", text=rule["outcome_rule"]),
    )


def assumptions(analysis: Entry) -> Iterable[tuple[Message, Any]]:
    """What the test of a single agent rests on, and how serious that is."""
    rule = analysis["flag_rule"]
    across = message(f"flag.across.{rule['across']}")
    yield across, "text"
    role = "note" if rule["assumption"] == "randomised" else "warning"
    yield message(f"assumption.{rule['assumption']}"), role
    if rule["order"] == "control-first":
        accepted = bool(rule["accept_fixed_order"])
        yield message(f"assumption.control_first_{'accepted' if accepted else 'barred'}"), "warning"
    if rule["targets_out_of_scope"]:
        yield message("flag.out_of_scope", count=rule["targets_out_of_scope"]), "note"
    without = analysis["data"]["tests_without_target"]
    if without:
        yield message("flag.without_target", count=without), "note"


def state_meaning(analysis: Entry, state: str) -> Message:
    """What a state says and what it does not say."""
    rule = analysis["flag_rule"]
    return message(
        f"state_meaning.{state}",
        min_tests=rule["min_tests"],
        grey_midp=rule["grey_midp"],
        margin=rule["equal_margin"],
    )


def _table(analysis: Entry) -> Table:
    labels = {entry["id"]: contrast_short(entry) for entry in analysis["contrasts"]}
    rows: list[Entry] = analysis["targets"]
    place = {state: number for number, state in enumerate(STATE_ORDER)}

    def order(row: Entry) -> tuple[int, float, str, str]:
        return place[row["state"]], row["p"], row["contrast"], row["pseudonym"]

    shown = nsmallest(SHOWN, rows, key=order)
    notes = [
        message("targets.q", alpha=analysis["flag_rule"]["alpha"]),
        message("targets.fragile"),
        _power_note(analysis),
    ]
    if len(rows) > SHOWN:
        notes.insert(0, message("targets.more", count=len(rows) - SHOWN, shown=SHOWN))
    several = len(labels) > 1
    with_interval = any(row.get("interval") for row in shown)
    return Table(
        id="targets-table",
        caption=message("targets.caption", shown=len(shown), count=len(rows)),
        columns=(
            column("pseudonym", "name"),
            *([column("contrast", "text")] if several else ()),
            column("state", "state"),
            column("tests", "count"),
            *(column(name, "count") for name in ("both", "only_control", "only_test", "neither")),
            Column(message("estimate_short.net_rate_usable"), "percent"),
            *([column("target_interval", "estimate")] if with_interval else ()),
            column("p", "p"),
            column("q", "p"),
            column("fragile", "yes"),
            column("power", "percent"),
        ),
        rows=tuple(
            _row(row, labels if several else None, with_interval=with_interval) for row in shown
        ),
        notes=tuple(notes),
    )


def _row(row: Entry, labels: dict[str, Message] | None, *, with_interval: bool) -> tuple[Any, ...]:
    interval = row.get("interval") or {}
    estimate = Estimated(row["net_rate_all"], interval.get("low"), interval.get("high"))
    return (
        row["pseudonym"],
        *([labels[row["contrast"]]] if labels else ()),
        row["state"],
        row["n"],
        *cell_counts(row["cells"]),
        row["net_rate_usable"],
        *([estimate] if with_interval else ()),
        row["p"],
        row["q"],
        row["fragile"],
        row["power"]["chance"] if row.get("power") else None,
    )


def _power_note(analysis: Entry) -> Message:
    power = next((row["power"] for row in analysis["targets"] if row.get("power")), None)
    if power is None:
        return message("targets.no_power")
    return message(
        "targets.power",
        only_control=power["only_control"],
        only_test=power["only_test"],
        alpha=analysis["flag_rule"]["alpha"],
    )
