"""The chapter on tests in several stages: what each stage adds, on one denominator."""

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Column,
    Estimated,
    Heading,
    Kind,
    Paragraph,
    Section,
    Table,
)
from praktijktest.reporting.evidence import Entry, cell_counts, whole_round
from praktijktest.reporting.wording import comparison, ground, verbatim
from praktijktest.vocabulary import HEADLINE_STAGES


def stages_section(analysis: Entry) -> Section | None:
    """What every stage adds; None where tests have one stage.

    Args:
        analysis: the analysis document.
    """
    if not analysis.get("stages"):
        return None
    contrasts = {entry["id"]: entry for entry in whole_round(analysis)}
    blocks: list[Block] = [
        Paragraph(message("stages.intro")),
        Paragraph(headline_stage(analysis), "note"),
    ]
    for entry in analysis["stages"]:
        contrast = contrasts.get(entry["contrast"])
        if contrast is not None and entry["primary"]:
            blocks.append(Heading(comparison(contrast), kicker=ground(contrast["ground"])))
            blocks += [Paragraph(cumulative_sentence(contrast, entry)), _table(entry)]
    return Section("stages", message("section.stages"), tuple(blocks))


def headline_stage(analysis: Entry) -> Message:
    """Which stage the rest of the report is about."""
    wanted = analysis["method"]["headline_stage"]
    if wanted in HEADLINE_STAGES:
        return message(f"stages.headline.{wanted}")
    return message("stages.headline.named", stage=wanted)


def stage_in_words(analysis: Entry) -> Message:
    """The stage that the report is about, for the facts above it."""
    wanted = analysis["method"]["headline_stage"]
    return message(f"stages.fact.{wanted}") if wanted in HEADLINE_STAGES else verbatim(wanted)


def cumulative_sentence(contrast: Entry, entry: Entry) -> Message:
    """All stages of one contrast together, in a sentence."""
    net = entry["net_rate_cumulative"]
    if net["value"] is None:
        return message("stages.nothing")
    return message(
        "stages.cumulative",
        control=contrast["control"],
        test=contrast["test"],
        only_control=entry["cells"]["only_control"],
        only_test=entry["cells"]["only_test"],
        tests=message("unit.tests", count=entry["usable"]),
        value=net["value"],
        low=net["low"],
        high=net["high"],
    )


def _table(entry: Entry) -> Table:
    rows = [
        (
            verbatim(stage["stage"]),
            stage["n"],
            cell_counts(stage["cells"]),
            stage["waiting"],
            Estimated(stage["net"], stage["low"], stage["high"]),
            stage["cumulative"],
            stage["net_of_this_stage"],
            stage["mcnemar_midp"],
        )
        for stage in entry["stages"]
    ]
    lost = sum(stage["incomplete"] + stage["pending"] for stage in entry["stages"])
    return Table(
        id=f"stages-{entry['contrast']}",
        caption=message("stages.caption", usable=entry["usable"]),
        columns=(
            _column("stage", "text"),
            _column("tests", "count"),
            _column("cells", "cells"),
            _column("waiting", "count"),
            _column("net_added", "estimate"),
            _column("net_so_far", "percent"),
            _column("net_of_stage", "percent"),
            Column(message("significance.mcnemar_midp"), "p"),
        ),
        rows=tuple(rows),
        notes=(message("stages.note"), *([message("stages.lost", count=lost)] if lost else [])),
    )


def _column(key: str, kind: Kind) -> Column:
    return Column(message(f"column.{key}"), kind)
