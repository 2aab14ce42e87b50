"""What a result shows, as one of a few patterns: each has its own words in every kind of report."""

from dataclasses import dataclass
from typing import Literal

from praktijktest.reporting.evidence import (
    MEASURES,
    Entry,
    estimate_of,
    estimated,
    evidence_of,
    headline_measure,
    p_value,
    usable,
)

Pattern = Literal[
    "strong",
    "small",
    "reversed",
    "borderline",
    "none",
    "equivalent",
    "nobody",
    "no-discordant",
    "unknown",
]
"""strong and small: a difference was shown, to the disadvantage of the test group; reversed: of
the control group; borderline: the interval and the paired test disagree; none: no difference was
shown; equivalent: none, and a large one does not fit the data; nobody: no positive reply at all;
no-discordant: both applicants always got the same; unknown: there is no interval."""

Caution = Literal["few", "one-target"]

SMALL = 0.05
"""A difference below 5 in 100 tests is called small; within it, two groups count as alike."""

FEW = 30
"""With fewer tests than this, a single one changes the result."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Net disadvantage of the test group as a share of all tests (or applications).

    Attributes:
        value: the share; below zero where the control group did worse.
        low, high: ends of its interval, None where there is none.
    """

    value: float | None
    low: float | None
    high: float | None


def difference_of(contrast: Entry) -> Difference:
    """The difference that plain sentences give, in shares of all tests of the contrast."""
    if "groups" in contrast:
        entry = estimate_of(contrast, "rate_difference")
        if entry is None:
            return Difference(None, None, None)
        return Difference(_less(entry["value"]), _less(entry["high"]), _less(entry["low"]))
    name = "mean_difference" if contrast["cells"] is None else "net_rate_all"
    entry = estimate_of(contrast, name)
    if entry is None:
        return Difference(None, None, None)
    return Difference(entry["value"], entry["low"], entry["high"])


def _less(value: float | None) -> float | None:
    """A difference the other way round; zero stays without a sign."""
    return None if value is None else 0.0 - value


def pattern_of(analysis: Entry, contrast: Entry) -> Pattern:
    """What the result of one contrast shows.

    Args:
        analysis: the analysis document.
        contrast: one of its contrasts, paired, of sets or unpaired.
    """
    nothing = _nothing_to_compare(contrast)
    if nothing is not None:
        return nothing
    way = _way(analysis, contrast)
    found = difference_of(contrast)
    if way == "unknown":
        return "unknown"
    if _disagree(analysis, contrast, shown=way != "none"):
        return "borderline"
    if way == "test":
        return "reversed"
    if way == "control":
        return "small" if found.value is not None and found.value < SMALL else "strong"
    if found.low is None or found.high is None:
        return "none"
    return "equivalent" if max(-found.low, found.high) <= SMALL else "none"


def cautions_of(contrast: Entry) -> tuple[Caution, ...]:
    """What a reader must know before generalising from a contrast."""
    found: list[Caution] = []
    if 0 < contrast["n"] < FEW:
        found.append("few")
    if contrast["targets"] == 1:
        found.append("one-target")
    return tuple(found)


def borderline(analysis: Entry, contrast: Entry) -> bool:
    """Whether the interval and the paired test of a contrast say different things."""
    return pattern_of(analysis, contrast) == "borderline"


def _nothing_to_compare(contrast: Entry) -> Pattern | None:
    if "groups" in contrast:
        groups = contrast["groups"].values()
        return None if any(group["positive"] for group in groups) else "nobody"
    if contrast["cells"] is None:
        return None
    if not usable(contrast):
        return "nobody"
    cells = contrast["cells"]
    return None if cells["only_control"] or cells["only_test"] else "no-discordant"


def _way(analysis: Entry, contrast: Entry) -> str:
    if "groups" in contrast:
        found = difference_of(contrast)
        if found.low is None or found.high is None:
            return "unknown"
        return "control" if found.low > 0 else "test" if found.high < 0 else "none"
    name = headline_measure(analysis, contrast)
    if MEASURES[name].equal is None:
        name = "net_rate_usable"
    return evidence_of(name, estimated(contrast, name))


def _disagree(analysis: Entry, contrast: Entry, *, shown: bool) -> bool:
    """Whether the two-sided test says otherwise than the interval.

    A test that takes repeated tests of one target for independent may be small where the
    clustered interval holds zero: that is what clustering is for, and no disagreement.
    """
    p = p_value(contrast, "fisher_midp" if "groups" in contrast else "mcnemar_midp")
    if p is None:
        return False
    small = p <= 1 - analysis["method"]["confidence"]
    clustered = contrast["clusters"] < contrast["n"]
    return small != shown and (shown or not clustered)
