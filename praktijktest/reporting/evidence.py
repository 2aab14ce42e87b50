"""Reads the analysis document: which estimate stands where, and what it shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from praktijktest.reporting.blocks import Estimated, Evidence, Unit

Entry = Mapping[str, Any]
"""A plain entry of the analysis document."""

CELLS = ("both", "only_control", "only_test", "neither")
CLUSTERED = "targets-like-these"


@dataclass(frozen=True, slots=True)
class Measure:
    """How an estimate is read.

    Attributes:
        unit: percentage or ratio.
        equal: its value when both groups are treated alike; None where it compares nothing.
        control_above: whether a value above `equal` favours the control.
    """

    unit: Unit
    equal: float | None = None
    control_above: bool = True


MEASURES: Mapping[str, Measure] = {
    "net_rate_usable": Measure("percent", 0.0),
    "net_rate_all": Measure("percent", 0.0),
    "net_rate_discordant": Measure("percent", 0.0),
    "mean_difference": Measure("percent", 0.0),
    "gross_rate_usable": Measure("percent"),
    "gross_rate_all": Measure("percent"),
    "discordance_rate": Measure("percent"),
    "response_rate_control": Measure("percent"),
    "response_rate_test": Measure("percent"),
    "response_ratio": Measure("ratio", 1.0, control_above=False),
    "odds_ratio_conditional": Measure("ratio", 1.0),
}

NET_RATES = ("net_rate_usable", "net_rate_all", "net_rate_discordant")


def whole_round(analysis: Entry, *, primary_only: bool = True) -> list[Entry]:
    """The entries of the contrasts over the whole round, in the order of the document."""
    return [
        entry
        for entry in analysis["contrasts"]
        if entry["stratum"] is None and (entry["primary"] or not primary_only)
    ]


def strata(analysis: Entry, contrast: str) -> Iterator[Entry]:
    """The entries of one contrast by stratum, under the primary rule."""
    for entry in analysis["contrasts"]:
        if entry["id"] == contrast and entry["primary"] and entry["stratum"] is not None:
            yield entry


def estimate_of(contrast: Entry, name: str, scope: str | None = None) -> Entry | None:
    """One estimate of a contrast: of a scope, or clustered where there is such a one."""
    found = [entry for entry in contrast["estimates"] if entry["name"] == name]
    if scope is None:
        found.sort(key=lambda entry: entry["scope"] != CLUSTERED)
    else:
        found = [entry for entry in found if entry["scope"] == scope]
    return found[0] if found else None


def estimated(contrast: Entry, name: str, scope: str | None = None) -> Estimated:
    """One estimate of a contrast with its interval; all None where it does not exist."""
    unit = MEASURES[name].unit
    entry = estimate_of(contrast, name, scope)
    if entry is None:
        return Estimated(None, None, None, unit)
    return Estimated(entry["value"], entry["low"], entry["high"], unit)


def headline_measure(analysis: Entry, contrast: Entry) -> str:
    """Name of the estimate that the headline of a contrast gives."""
    if contrast["cells"] is None:
        return "mean_difference"
    wanted = str(analysis["method"]["headline"])
    known = wanted in MEASURES and estimate_of(contrast, wanted) is not None
    return wanted if known else "net_rate_usable"


def net_measure(analysis: Entry, contrast: Entry) -> str:
    """Name of the net rate that figures show: the headline, if that is a net rate."""
    wanted = headline_measure(analysis, contrast)
    return wanted if wanted in (*NET_RATES, "mean_difference") else "net_rate_usable"


def evidence_of(name: str, found: Estimated) -> Evidence:
    """Which arm an estimate with its interval favours."""
    measure = MEASURES[name]
    equal = measure.equal
    if equal is None or (found.low is None and found.high is None):
        return "unknown"
    if found.low is not None and found.low > equal:
        return "control" if measure.control_above else "test"
    if found.high is not None and found.high < equal:
        return "test" if measure.control_above else "control"
    return "none"


def p_value(contrast: Entry, name: str) -> float | None:
    """The p-value of one significance test of a contrast."""
    for entry in contrast["significance"]:
        if entry["name"] == name:
            value: float | None = entry["p"]
            return value
    return None


def is_shown(stratum: Entry, least: int) -> bool:
    """Whether a stratum has enough tests to be shown, and was not hidden for other reasons."""
    return not stratum.get("hidden") and bool(stratum["n"] >= least)


def usable(contrast: Entry) -> int:
    """Tests in which at least one applicant got a positive reply."""
    cells = contrast["cells"]
    return int(cells["both"] + cells["only_control"] + cells["only_test"])


def cell_counts(cells: Mapping[str, int]) -> tuple[int, int, int, int]:
    """The four counts in their fixed order."""
    return cells["both"], cells["only_control"], cells["only_test"], cells["neither"]


def denominator(contrast: Entry, name: str) -> int | None:
    """How many tests a net rate is a share of; None for a mean over applications."""
    cells = contrast["cells"]
    if cells is None:
        return None
    if name == "net_rate_usable":
        return usable(contrast)
    if name == "net_rate_discordant":
        return int(cells["only_control"] + cells["only_test"])
    return int(contrast["n"])
