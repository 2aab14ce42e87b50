"""Numbers with their intervals on one axis: by stratum, and by target."""

from collections.abc import Sequence
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from praktijktest.language import Language, Message
from praktijktest.reporting.blocks import Estimated, Forest, Ranking, Unit
from praktijktest.reporting.cells import estimate_text, number_text, tick_text
from praktijktest.reporting.drawing.canvas import (
    CONTROL,
    INK,
    PAPER,
    QUIET,
    TEST,
    bare,
    drawable,
    framed_sheet,
    value_axis,
)
from praktijktest.reporting.figures import axis

MARKS = {
    "confirmed": ("D", TEST, TEST),
    "signal": ("D", TEST, TEST),
    "grey-zone": ("D", PAPER, TEST),
    "equal-treatment": ("o", CONTROL, CONTROL),
    "released": ("o", CONTROL, CONTROL),
}
"""Shape, filling and edge of the mark of a state; the others are an open circle."""

_OTHER = ("o", PAPER, QUIET)
_ROW_CM, _TALL, _MARGIN_CM = 0.5, 1.7, 0.75
_LABEL, _MOST_LINES = 38, 2
_SIDE = 30


def draw_forest(block: Forest, language: Language) -> Figure:
    """A diamond for a whole round, a dot for a stratum, each with its interval."""
    labels = [_wrapped(language.say(row.label)) for row in block.rows]
    places = _places(labels)
    figure, axes = _framed(places, left=0.37, right=0.74)
    if block.unit == "ratio":
        axes.set_xscale("log")
    _axes(axes, block.ticks, (block.left, block.right), language, block.unit)
    numbers = []
    for place, row in zip(places, block.rows, strict=True):
        if row.estimate is None:
            numbers.append(language.text("too_few"))
            continue
        numbers.append(estimate_text(row.estimate, language))
        colour = INK if row.whole else CONTROL
        _interval(axes, place, row.estimate, colour, "--" if row.expected else "-")
        if row.estimate.value is not None:
            axes.plot(row.estimate.value, place, "D" if row.whole else "o", color=colour, ms=5)
    _labels(axes, places, labels, numbers)
    for row, label in zip(block.rows, axes.get_yticklabels(), strict=True):
        label.set_fontweight("bold" if row.whole else "normal")
    return figure


def draw_ranking(block: Ranking, language: Language) -> Figure:
    """One line per target: its rate with its interval and a mark for its state."""
    labels = [drawable(row.pseudonym, 12) for row in block.rows]
    places = _places(labels)
    figure, axes = _framed(places, left=0.12, right=0.58)
    _, _, ticks = axis([row.rate for row in block.rows])
    _axes(axes, ticks, (block.left, block.right), language)
    for place, row in zip(places, block.rows, strict=True):
        shape, filling, edge = MARKS.get(row.state, _OTHER)
        _interval(axes, place, row.rate, edge)
        if row.rate.value is not None:
            axes.plot(
                row.rate.value, place, shape, markerfacecolor=filling, markeredgecolor=edge, ms=5
            )
    numbers = [
        f"{number_text(row.rate, language)}  {language.text(f'state.{row.state}')}"
        for row in block.rows
    ]
    _labels(axes, places, labels, numbers)
    return figure


def _places(labels: Sequence[str]) -> list[float]:
    """Where each row stands, from the top; a label of two lines takes more room."""
    heights = [_TALL if "\n" in label else 1.0 for label in labels]
    return [sum(heights[:row]) + heights[row] / 2 for row in range(len(labels))]


def _framed(places: Sequence[float], *, left: float, right: float) -> tuple[Figure, Axes]:
    rows = places[-1] + _TALL / 2 if places else 1.0
    height = rows * _ROW_CM + 2 * _MARGIN_CM
    figure, axes = framed_sheet(height, left=left, right=right, margin_cm=_MARGIN_CM)
    axes.set_ylim(rows, 0)
    return figure, axes


def _wrapped(label: str) -> str:
    """A label on at most two lines of the column on the left."""
    lines = wrap(drawable(label, 2 * _LABEL), _LABEL)
    return "\n".join(lines if len(lines) <= _MOST_LINES else [lines[0], f"{lines[1]} …"])


def _axes(
    axes: Axes,
    ticks: Sequence[float],
    sides: tuple[Message, Message],
    language: Language,
    unit: Unit = "percent",
) -> None:
    bare(axes)
    equal = 1.0 if unit == "ratio" else 0.0
    labels = [tick_text(tick, unit, language) for tick in ticks]
    value_axis(axes, ticks, labels, equal)
    left, right = (drawable(language.say(side), _SIDE) for side in sides)
    both = ticks[0] < equal < ticks[-1]
    for text, side in ((f"← {left}", "right"), (f"{right} →", "left")):
        beside = equal if both else (ticks[0] if side == "left" else ticks[-1])
        if both or (side == "left") == (ticks[-1] > equal):
            axes.annotate(
                text,
                (beside, 1),
                (-4 if side == "right" else 4, 4),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha=side,
                fontsize=7,
                color=QUIET,
                annotation_clip=False,
            )


def _interval(axes: Axes, place: float, found: Estimated, colour: str, stroke: str = "-") -> None:
    if found.low is not None and found.high is not None:
        ends = [found.low, found.high]
        axes.plot(ends, [place, place], color=colour, linewidth=1.3, linestyle=stroke)


def _labels(
    axes: Axes, places: Sequence[float], labels: Sequence[str], numbers: Sequence[str]
) -> None:
    """Names on the left, numbers in words on the right."""
    axes.set_yticks(places, list(labels), fontsize=7.5)
    right = axes.secondary_yaxis("right")
    right.set_yticks(places, [drawable(number, 44) for number in numbers], fontsize=7.5)
    right.tick_params(length=0)
    right.spines["right"].set_visible(False)
