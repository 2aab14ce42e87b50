"""The flow of tests through the fieldwork: what was read, what failed and why, what was used."""

from collections.abc import Sequence

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Flow, FlowStep
from praktijktest.reporting.evidence import Entry, whole_round
from praktijktest.reporting.wording import contrast_label, joined, verbatim

BRANCHES = 6
"""Comparisons drawn in the figure; the table below it has all of them."""

LEFT_OUT = ("incomplete", "not_applicable", "pending")


def fieldwork_flow(analysis: Entry) -> Flow | None:
    """The flow of tests as a figure; None where counts are hidden or do not add up.

    Args:
        analysis: the analysis document.
    """
    data = analysis["data"]
    failed = data["tests_failed"]
    if any(count is None for count in (*failed.values(), data["tests"], data["tests_usable"])):
        return None
    valid = data["tests"] - sum(failed.values())
    other = valid - data["tests_pending"] - data["tests_usable"]
    if other < 0:
        return None
    unit = "calls" if analysis["round"]["kind"] == "mystery" else "tests"
    steps = (
        FlowStep(
            message(f"flow_figure.read.{unit}"),
            data["tests"],
            tuple((message("reason_name", code=code), n) for code, n in failed.items() if n),
        ),
        FlowStep(
            message(f"flow_figure.valid.{unit}"),
            valid,
            tuple(
                (message(f"flow_figure.leaving.{name}"), count)
                for name, count in (("pending", data["tests_pending"]), ("unused", other))
                if count
            ),
        ),
        FlowStep(message(f"flow_figure.usable.{unit}"), data["tests_usable"]),
    )
    branches = tuple(_branch(entry) for entry in whole_round(analysis)[:BRANCHES])
    more = len(whole_round(analysis)) - len(branches)
    return Flow(
        title=message(f"flow_figure.title.{unit}"),
        description=message(
            "flow_figure.description",
            parts=joined(*(_said(step) for step in (*steps, *branches))),
        ),
        steps=steps,
        branches=branches,
        notes=(
            *((message("flow_figure.overlap"),) if len(branches) > 1 else ()),
            *((message("plain.more", count=more),) if more > 0 else ()),
        ),
    )


def _branch(entry: Entry) -> FlowStep:
    if "calls" in entry:
        return FlowStep(verbatim(entry["request"]), entry["n"])
    counts: Sequence[tuple[str, int | None]] = [
        (name, entry.get(f"tests_{name}")) for name in LEFT_OUT
    ]
    return FlowStep(
        contrast_label(entry),
        entry["n"] if "groups" in entry else entry["tests"],
        tuple((message(f"flow_figure.leaving.{name}"), n) for name, n in counts if n),
    )


def _said(step: FlowStep) -> Message:
    if not step.leaving:
        return message("flow_figure.said", label=step.label, count=step.count)
    return message(
        "flow_figure.said_leaving",
        label=step.label,
        count=step.count,
        leaving=[message("flow_figure.leaves", what=what, count=n) for what, n in step.leaving],
    )
