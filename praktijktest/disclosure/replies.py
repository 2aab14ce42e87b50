"""Replies and failed tests: rare ones are hidden, and enough beside them."""

from collections.abc import Mapping
from typing import Any

from praktijktest.disclosure.small_counts import hidden_counts

Document = dict[str, Any]
Key = tuple[str, str]
"""Level and outcome of a count of replies."""

POOLED = "several"
"""Reasons of failure that are shown together."""

EXPLICIT = "refused-ground"
UNCLEAR = "unclear"


def protect_replies(found: Document, document: Mapping[str, Any], min_cell: int) -> int:
    """Hide rare replies in a document, and how often a ground was given as the reason.

    The codes that a rule counts as positive have a known sum: the four cells give it. So every
    arm is a table of one line per combination of rules, each with a known total. Contrasts
    that share a level repeat its counts: what is hidden in one is hidden in all.

    Returns:
        How many counts are hidden.
    """
    positive = document["method"]["positive"]
    lines: dict[tuple[str, str, tuple[str, ...]], Document] = {}
    for row in found["outcomes"]:
        rules = tuple(rule for rule, codes in positive.items() if row["outcome"] in codes)
        if row["outcome"] == UNCLEAR:
            rules = (*rules, UNCLEAR)  # counted beside the rules, and so a line of its own
        line = lines.setdefault((row["contrast"], row["level"], rules), {})
        line[row["outcome"]] = row["applications"]
    hidden: set[Key] = set()
    while True:
        more = {
            (level, code)
            for (_, level, _), line in lines.items()
            for code in hidden_counts(
                line, min_cell, [code for held, code in hidden if held == level]
            )
        }
        if more <= hidden:
            break
        hidden |= more
    gone = 0
    for row in found["outcomes"]:
        if (row["level"], row["outcome"]) in hidden:
            row["applications"], row["hidden"] = None, True
            gone += 1
    explicit = found["data"]["explicit_evidence"]
    if 0 < explicit < min_cell or any(code == EXPLICIT for _, code in hidden):
        found["data"]["explicit_evidence"] = None
    return gone


def protect_failures(data: Document, min_cell: int) -> int:
    """Put rare reasons of failure together, and hide rare ones by profile.

    Returns:
        How many counts are hidden or put together.
    """
    reasons = data["tests_failed"]
    pooled = hidden_counts(reasons, min_cell, ())
    kept = {reason: count for reason, count in reasons.items() if reason not in pooled}
    if pooled:
        kept[POOLED] = sum(reasons[reason] for reason in pooled)
    data["tests_failed"] = kept
    rows = [row for row in data["failed_by_arm"] if row["reason"] in kept]
    gone = len(data["failed_by_arm"]) - len(rows)
    for reason in kept:
        line = {row["profile"]: row["applications"] for row in rows if row["reason"] == reason}
        hidden = hidden_counts(line, min_cell, ())
        for row in rows:
            if row["reason"] == reason and row["profile"] in hidden:
                row["applications"], row["hidden"] = None, True
                gone += 1
    data["failed_by_arm"] = rows
    return gone
