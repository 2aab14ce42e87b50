"""What figures need, in data units; drawing them is another matter."""

from collections.abc import Sequence
from math import ceil, floor

from praktijktest.language import message
from praktijktest.reporting.blocks import Bar, Bars, Estimated, Forest, ForestRow, FourCells
from praktijktest.reporting.evidence import (
    Entry,
    cell_counts,
    denominator,
    estimated,
    evidence_of,
    is_shown,
    net_measure,
    strata,
    whole_round,
)
from praktijktest.reporting.wording import contrast_label, stratum_label, tests

PICTURES = 100
"""Pairs in the picture of the four cells; up to this many tests every test is drawn."""

TICK_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
MOST_TICKS = 7


def four_cells(contrast: Entry) -> FourCells:
    """The picture of one contrast's four cells."""
    counts = cell_counts(contrast["cells"])
    n = sum(counts)
    exact = n <= PICTURES
    return FourCells(
        control=contrast["control"],
        test=contrast["test"],
        counts=counts,
        pictures=counts if exact else apportioned(counts, PICTURES),
        exact=exact,
        scale=message("cells.scale_exact" if exact else "cells.scale_hundred"),
        description=message(
            "cells.description",
            tests=tests(contrast),
            both=counts[0],
            only_control=counts[1],
            only_test=counts[2],
            neither=counts[3],
            control=contrast["control"],
            test=contrast["test"],
        ),
    )


def apportioned(counts: Sequence[int], places: int) -> tuple[int, int, int, int]:
    """Counts scaled to whole numbers that sum to `places`, by largest remainder."""
    total = sum(counts)
    shares = [divmod(count * places, total) for count in counts]
    left = places - sum(whole for whole, _ in shares)
    favoured = sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))[:left]
    a, b, c, d = (whole + (i in favoured) for i, (whole, _) in enumerate(shares))
    return a, b, c, d


def response_rates(contrast: Entry) -> Bars:
    """The share of positive replies of both groups as bars."""
    suffix = "" if contrast["cells"] is not None else "_applications"
    return Bars(
        title=message(f"rates.title{suffix}"),
        bars=(
            Bar(contrast["control"], "control", estimated(contrast, "response_rate_control")),
            Bar(contrast["test"], "test", estimated(contrast, "response_rate_test")),
        ),
    )


def forest(analysis: Entry) -> Forest:
    """Net rates with intervals by contrast and stratum, under the primary rule."""
    least = analysis["method"]["min_cell"] or 0
    rows: list[ForestRow] = []
    names: list[str] = []
    for contrast in whole_round(analysis):
        names.append(net_measure(analysis, contrast))
        rows.append(_forest_row(contrast, names[-1], least))
        rows += [_forest_row(entry, names[-1], least) for entry in strata(analysis, contrast["id"])]
    low, high, ticks = axis([row.estimate for row in rows if row.estimate is not None])
    hidden = sum(row.estimate is None for row in rows)
    notes = [message("forest.clustered"), message("forest.marks")]
    if hidden:
        public = "disclosure" in analysis
        key = "disclosure.strata_note" if public else "hidden_strata"
        notes.append(message(key, count=hidden, **({} if public else {"least": least})))
    return Forest(
        title=message("forest.title", measure=message(f"estimate.{names[0]}")),
        low=low,
        high=high,
        ticks=ticks,
        left=message("forest.left"),
        right=message("forest.right"),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def _forest_row(contrast: Entry, name: str, least: int) -> ForestRow:
    whole = contrast["stratum"] is None
    shown = whole or is_shown(contrast, least)
    found = estimated(contrast, name)
    return ForestRow(
        label=contrast_label(contrast) if whole else stratum_label(contrast),
        whole=whole,
        n=contrast["n"] or 0,
        denominator=denominator(contrast, name),
        estimate=found if shown else None,
        reading=message(f"forest.reading.{evidence_of(name, found) if shown else 'hidden'}"),
    )


def axis(found: Sequence[Estimated]) -> tuple[float, float, tuple[float, ...]]:
    """Ends and ticks of an axis that holds every interval and zero.

    The ends are ticks; there are at most `MOST_TICKS` of them.
    """
    ends = [end for e in found for end in (e.low, e.value, e.high) if end is not None]
    lowest, highest = min([*ends, 0.0]), max([*ends, 0.0])
    if highest - lowest < TICK_STEPS[0]:
        lowest, highest = -0.1, 0.1
    for step in TICK_STEPS:
        first, last = floor(lowest / step + 1e-9), ceil(highest / step - 1e-9)
        if last - first < MOST_TICKS:
            break
    ticks = tuple(round(place * step, 10) for place in range(first, last + 1))
    return ticks[0], ticks[-1], ticks
