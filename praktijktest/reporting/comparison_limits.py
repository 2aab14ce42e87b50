"""Chapters of a comparison on what may be claimed: effects in words, data, method, limits."""

from typing import Any

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Definitions,
    Heading,
    Paragraph,
    Section,
)
from praktijktest.reporting.comparison_groups import (
    both_shown,
    did_direction,
    others_name,
    treated_name,
)
from praktijktest.reporting.comparison_words import (
    denominator,
    direction,
    headline,
    label,
    name_of,
    points,
    rows_of,
)
from praktijktest.reporting.evidence import Entry
from praktijktest.reporting.wording import (
    contrast_label,
    meaning_of_positive,
    verbatim,
)

NEEDED = ("group", "before", "same", "fresh")
METHODS = ("rate", "change", "did", "trend", "stood_out")
LIMITS = ("chance", "composition", "announcement", "stage", "legal")


def claims_section(comparison: Entry) -> Section:
    """What may be said of an announcement or another measure between the rounds, in words."""
    blocks: list[Block] = []
    for contrast in comparison["contrasts"]:
        if len(comparison["contrasts"]) > 1:
            blocks.append(Heading(contrast_label(contrast)))
        blocks += [Paragraph(text) for text in _claims(comparison, contrast)]
    blocks.append(Paragraph(message("compare.needed_intro")))
    blocks.append(Bullets(tuple(message(f"compare.needed.{key}") for key in NEEDED)))
    return Section("claims", message("compare.section.claims"), tuple(blocks))


def _claims(comparison: Entry, contrast: Entry) -> list[Message]:
    measure = headline(comparison, contrast)
    if comparison["treated"] is None:
        change = rows_of(contrast["changes"], measure)[-1]
        about = _about(comparison, change, change, measure)
        return [
            message(f"compare.claim.before_after.{direction(change)}", **about),
            message("compare.claim.no_group"),
        ]
    groups = {"treated": treated_name(comparison), "others": others_name(comparison)}
    found = rows_of(contrast["difference_in_differences"], measure)
    if not found:
        row = rows_of(contrast["groups"], measure)[-1]
        way: str = direction(row["difference"]) if both_shown(comparison, row) else "few"
        ends = {"from": row["round"] - 1, "to": row["round"]}
        about = _about(comparison, ends, row["difference"], measure)
        return [
            message(f"compare.claim.cross_section.{way}", **groups, **about),
            message("compare.claim.no_earlier", **groups),
        ]
    about = _about(comparison, found[-1], found[-1], measure)
    way = did_direction(comparison, found[-1])
    said = [
        message(f"compare.claim.did.{way}", **groups, **about),
        message("compare.claim.assumption", **groups),
    ]
    elsewhere = bool(comparison["comparison_rounds"])
    return [*said, message("compare.claim.other_place")] if elsewhere else said


def _about(comparison: Entry, ends: Entry, found: Entry, measure: str) -> dict[str, Any]:
    """From which round to which, by how much, of what."""
    return {
        "first": label(comparison, ends["from"]),
        "last": label(comparison, ends["to"]),
        "denominator": denominator(measure),
        **points(comparison, found),
    }


def data_section(comparison: Entry) -> Section:
    """What a reader should know of the rounds and of how they were put side by side."""
    positive = meaning_of_positive(comparison, comparison["method"]["primary"])
    blocks: list[Block] = [Paragraph(positive)]
    notes = [_note(comparison, note) for note in comparison["notes"]]
    notes += [
        message(
            "compare.left_out",
            contrast=verbatim(row["contrast"]),
            rounds=[verbatim(name) for name in row["rounds"]],
        )
        for row in comparison["left_out"]
    ]
    blocks.append(Bullets(tuple(notes)) if notes else Paragraph(message("compare.no_notes")))
    return Section("notes", message("compare.section.notes"), tuple(blocks))


def _note(comparison: Entry, note: Entry) -> Message:
    values = {key: value for key, value in note.items() if key != "code"}
    if "contrast" in values:
        values["contrast"] = name_of(comparison, values["contrast"])
    if "round" in values and values["round"] is None:
        return message(f"compare.note.{note['code']}-log")
    return message(f"compare.note.{note['code']}", **values)


def method_section(comparison: Entry) -> Section:
    """How the numbers come about."""
    items = [
        (message(f"compare.method.{key}.term"), message(f"compare.method.{key}.text"))
        for key in METHODS
        if (key != "did" or comparison["treated"])
        and (key != "trend" or len(comparison["rounds"]) > 2)
    ]
    return Section("method", message("section.method"), (Definitions(tuple(items)),))


def limits_section() -> Section:
    """What a comparison does not prove."""
    items = tuple(message(f"compare.limit.{key}") for key in LIMITS)
    return Section("limits", message("section.limits"), (Bullets(items),))
