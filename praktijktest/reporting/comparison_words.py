"""How numbers of a comparison of rounds are read: denominators, directions, points."""

from typing import Any, Literal

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import TOO_FEW, Estimated, TooFew
from praktijktest.reporting.evidence import Entry
from praktijktest.reporting.wording import contrast_label, verbatim

Direction = Literal["fell", "rose", "none", "unknown"]

POINTS = 100.0


def measures_of(contrast: Entry) -> list[str]:
    """The measures that a contrast is compared by."""
    return list(dict.fromkeys(row["measure"] for row in contrast["rates"]))


def headline(comparison: Entry, contrast: Entry) -> str:
    """The measure that sentences speak of: the design's own where it is compared."""
    known = measures_of(contrast)
    chosen: str = comparison["method"]["headline"]
    return chosen if chosen in known else known[0]


def denominator(measure: str) -> Message:
    """What a rate is a share of."""
    return message(f"compare.of.{measure}")


def rows_of(rows: list[Entry], measure: str) -> list[Entry]:
    """The rows about one measure."""
    return [row for row in rows if row["measure"] == measure]


def label(comparison: Entry, place: int) -> Message:
    """A round by its label."""
    return verbatim(comparison["rounds"][place]["label"])


def step(comparison: Entry, row: Entry) -> Message:
    """From which round to which."""
    return message(
        "compare.step", first=label(comparison, row["from"]), last=label(comparison, row["to"])
    )


def name_of(comparison: Entry, contrast_id: str) -> Message:
    """A contrast by its id."""
    found = next((c for c in comparison["contrasts"] if c["id"] == contrast_id), None)
    return verbatim(contrast_id) if found is None else contrast_label(found)


def estimated(found: Entry) -> Estimated:
    """A rate or change with its interval."""
    return Estimated(found["value"], found["low"], found["high"])


def in_points(found: Entry) -> Estimated:
    """A change in percentage points with its interval: a plain number, and no share."""
    return Estimated(
        _points(found["value"]), _points(found["low"]), _points(found["high"]), "ratio"
    )


def shown_rate(comparison: Entry, found: Entry) -> Estimated | TooFew | None:
    """A rate of a group of targets; hidden where it would tell of a few of them."""
    if not found["tests"]:
        return None
    return TOO_FEW if few(comparison, found["targets"]) else estimated(found)


def few(comparison: Entry, targets: int) -> bool:
    """Whether a number of targets is so small that their rate is not shown to readers."""
    least: int = comparison["method"]["min_cell"]
    return 0 < targets < least


def direction(found: Entry) -> Direction:
    """What the interval of a change says."""
    if found["value"] is None or found["low"] is None or found["high"] is None:
        return "unknown"
    if found["high"] < 0:
        return "fell"
    return "rose" if found["low"] > 0 else "none"


def points(comparison: Entry, found: Entry) -> dict[str, Any]:
    """A change in percentage points with its interval, as values of a sentence."""
    return {
        "points": _points(found["value"]),
        "size": None if found["value"] is None else abs(found["value"]) * POINTS,
        "low": _points(found["low"]),
        "high": _points(found["high"]),
        "confidence": comparison["method"]["confidence"],
    }


def _points(value: float | None) -> float | None:
    return None if value is None else value * POINTS


def rate(found: Entry, confidence: float) -> Message:
    """A rate with its interval, for within a sentence."""
    if found["low"] is None or found["high"] is None:
        return message("compare.rate_alone", value=found["value"])
    return message(
        "compare.rate",
        value=found["value"],
        low=found["low"],
        high=found["high"],
        confidence=confidence,
    )
