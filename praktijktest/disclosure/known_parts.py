"""The parts of an analysis document that were thought through for publication; no others leave.

A document grows with the program. What is not named here was not looked at, so it is left out,
and the check says by name what that was.
"""

from collections.abc import Mapping
from typing import Any, Final

Document = dict[str, Any]

PARTS: Final = frozenset(
    (
        "format",
        "round",
        "data",
        "method",
        "levels",
        "outcomes",
        "contrasts",
        "overall",
        "sensitivity",
        "models",
        "flag_rule",
        "flag_summary",
        "rule_summary",
        "flag_quality",
        "retests",
        "records",
        "targets",
    )
)

DATA: Final = frozenset(
    (
        "rows_read",
        "rows_used",
        "rows_left_out",
        "rows_skipped",
        "applications",
        "tests",
        "tests_usable",
        "pending",
        "tests_pending",
        "tests_failed",
        "failed_by_arm",
        "late_replies",
        "explicit_evidence",
        "targets",
        "target_groups",
        "tests_without_target",
        "simulated",
        "problems",
    )
)

ABOUT: Final = frozenset(
    (
        "id",
        "declared",
        "attribute",
        "ground",
        "request",
        "control",
        "test",
        "control_label",
        "test_label",
        "within",
        "direction",
        "rule",
        "primary",
    )
)
"""Which contrast and rule an entry is about: what stays of a hidden one, and no number."""

ENTRY: Final = ABOUT | frozenset(
    (
        "stratum",
        "cells",
        "groups",
        "calls",
        "n",
        "tests",
        "tests_incomplete",
        "tests_not_applicable",
        "tests_pending",
        "targets",
        "clusters",
        "signs",
        "estimates",
        "intervals",
        "significance",
    )
)

VARIANTS: Final = frozenset(
    (
        "primary",
        "other-rule",
        "late-replies-counted",
        "ambiguous-least",
        "ambiguous-most",
        "failed-least",
        "failed-most",
        "failed-positive",
        "failed-not-positive",
        "first-tests",
    )
)
"""Not those without one target: less the primary numbers, they are that target's."""

DETAILS: Final = frozenset(("by", "tests", "replies", "targets", "without_target"))

QUALITY: Final = frozenset(
    (
        "contrast",
        "judged",
        "signals",
        "signals_for_test_group",
        "false_flags",
        "second_opinion",
        "fragile",
        "few_discordant",
        "undone_by_recoding",
        "order_balance",
        "sheet_balance",
        "market",
        "positive_list",
        "again",
    )
)


def known_only(document: Mapping[str, Any]) -> tuple[Document, list[str]]:
    """The document with its known parts, and the names of the parts that are left out.

    Replies cross-tabulated, waiting times and stages are left out too: they hold counts of
    single replies that the table of replies hides.
    """
    left = [name for name in document if name not in PARTS]
    found = {name: part for name, part in document.items() if name in PARTS}
    found["data"], gone = _named(document["data"], DATA, "data")
    left += gone
    entries = []
    for entry in document["contrasts"]:
        kept, gone = _named(entry, ENTRY, "contrasts")
        entries.append(kept)
        left += gone
    found["contrasts"] = entries
    found["sensitivity"] = [
        {**row, "details": _named(row.get("details", {}), DETAILS, "")[0]}
        for row in document["sensitivity"]
        if row["name"] in VARIANTS
    ]
    left += [
        f"sensitivity.{row['name']}"
        for row in document["sensitivity"]
        if row["name"] not in VARIANTS
    ]
    if document["flag_quality"] is not None:
        found["flag_quality"] = [
            _named(row, QUALITY, "flag_quality")[0] for row in document["flag_quality"]
        ]
    return found, list(dict.fromkeys(left))


def _named(
    part: Mapping[str, Any], names: frozenset[str], prefix: str
) -> tuple[Document, list[str]]:
    left = [f"{prefix}.{name}" for name in part if name not in names]
    return {name: value for name, value in part.items() if name in names}, left
