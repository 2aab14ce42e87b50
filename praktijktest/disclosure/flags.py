"""What may be told of single targets: how many are in a state, never which."""

from collections.abc import Mapping
from typing import Any

from praktijktest.disclosure.strata import MIN_TARGETS

Document = dict[str, Any]

CONDUCT = ("signal", "confirmed", "grey-zone")
"""States that say something of a target's conduct."""

LEAST_FRAME = 10
FRAMES = 3
"""State counts are shown of at least this many times `min_cell` targets."""


def without_targets(found: Document, document: Mapping[str, Any], min_cell: int) -> dict[str, Any]:
    """Leave of the targets how many are in each state, where they are many enough.

    "One signal" is a count of a state over the whole round and never of a stratum. Who was
    tested is not published, so it points at nobody as long as the tested are many and not all
    of them are in the state.

    Returns:
        How many rows of targets are left out, and the contrasts without state counts.
    """
    summary: dict[str, dict[str, int]] = {}
    for row in found["flag_summary"]:
        summary.setdefault(row["contrast"], {})[row["state"]] = row["targets"]
    least = max(LEAST_FRAME, FRAMES * min_cell)
    present = {entry["id"] for entry in found["contrasts"]}
    shown = {
        contrast
        for contrast, counts in summary.items()
        if contrast in present
        and sum(counts.values()) >= least
        and not any(counts.get(state) == sum(counts.values()) for state in CONDUCT)
    }
    found["flag_summary"] = [row for row in found["flag_summary"] if row["contrast"] in shown]
    if found["flag_quality"] is not None:
        found["flag_quality"] = [
            _quality(row) for row in found["flag_quality"] if row["contrast"] in shown
        ]
    if set(summary) - shown:
        # Counts over all contrasts less those shown would be those of the hidden ones.
        found["rule_summary"], found["retests"] = [], None
    elif found["retests"] is not None:
        found["retests"]["rows"] = []
    return {
        "target_rows": len(document["targets"]) + len(document.get("records", ())),
        "states": sorted(set(summary) - shown),
    }


def _quality(row: Document) -> Document:
    """How certain the signals are, without the values of single targets."""
    market = row.get("market")
    if market:
        grades = market["grades"]["grades"]
        if any(0 < grade["targets"] < MIN_TARGETS for grade in grades):
            market["grades"]["grades"] = []
        for grade in market["grades"]["grades"]:
            grade["lowest"] = grade["highest"] = None
    again = row.get("again")
    if again and again["targets"] < MIN_TARGETS:
        row["again"] = None
    return row
