"""The forest plot of a pooling: studies, all together, and where one more is expected."""

from collections.abc import Sequence

from praktijktest.language import message
from praktijktest.reporting.blocks import Estimated, Forest, ForestRow
from praktijktest.reporting.evidence import MEASURES, Entry
from praktijktest.reporting.figures import axis
from praktijktest.reporting.pooling_evidence import evidence, measure_label, number
from praktijktest.reporting.wording import verbatim

RATIOS = (
    (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5),
    (0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.6, 2.0),
    (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
    (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0),
)
"""Grid lines of an axis of ratios, from the narrowest to the widest; beyond it lines are cut."""

MOST = 0.95
"""Share of the ends of intervals that lie on the axis."""


def pooled_forest(document: Entry, entry: Entry) -> Forest:
    """One ground as a forest plot, in data units.

    Args:
        document: the pooling document.
        entry: one of its grounds, with a pooled result.
    """
    rows = [_study(document, row) for row in entry["rows"]]
    pooled = number(document, entry["pooled"])
    if entry["model"] != "one-study":
        rows.append(
            ForestRow(
                label=message("pooling.pooled_row"),
                whole=True,
                n=None,
                denominator=None,
                estimate=pooled,
                reading=message(f"pooling.reading.{evidence(document, entry['pooled'])}"),
            )
        )
    if entry["prediction"] is not None:
        rows.append(
            ForestRow(
                label=message("pooling.expected_row"),
                whole=False,
                n=None,
                denominator=None,
                estimate=number(document, entry["prediction"]),
                reading=message("pooling.reading.expected"),
                expected=True,
            )
        )
    unit = MEASURES[document["measure"]].unit
    found = [row.estimate for row in rows if row.estimate is not None]
    low, high, ticks = ratio_axis(found) if unit == "ratio" else axis(found)
    sides = [message("forest.left"), message("forest.right")]
    if not MEASURES[document["measure"]].control_above:
        sides.reverse()
    return Forest(
        title=message("pooling.forest.title", measure=measure_label(document)),
        low=low,
        high=high,
        ticks=ticks,
        left=sides[0],
        right=sides[1],
        rows=tuple(rows),
        notes=(message("pooling.forest.marks"),),
        unit=unit,
    )


def _study(document: Entry, row: Entry) -> ForestRow:
    return ForestRow(
        label=verbatim(row["label"]),
        whole=False,
        n=None if row["given"] == "groups" else row["n"],
        denominator=None,
        estimate=number(document, row),
        reading=message(f"pooling.reading.{evidence(document, row)}"),
    )


def ratio_axis(found: Sequence[Estimated]) -> tuple[float, float, tuple[float, ...]]:
    """Ends and ticks of a logarithmic axis that holds every value, most intervals, and one.

    The ends are ticks. The narrowest grid is taken that cuts few intervals.
    """
    values = [e.value for e in found if e.value is not None]
    ends = [end for e in found for end in (e.low, e.high) if end is not None]
    grid = next((g for g in RATIOS if _holds(g, values, 1.0) and _holds(g, ends, MOST)), RATIOS[-1])
    lowest, highest = min([*values, *ends, 1.0]), max([*values, *ends, 1.0])
    first = max((tick for tick in grid if tick <= lowest and tick < 1), default=grid[0])
    last = min((tick for tick in grid if tick >= highest and tick > 1), default=grid[-1])
    return first, last, tuple(tick for tick in grid if first <= tick <= last)


def _holds(grid: Sequence[float], places: Sequence[float], share: float) -> bool:
    """Whether a grid spans at least this share of the places."""
    return sum(grid[0] <= p <= grid[-1] for p in places) >= share * len(places)
