"""What changes over time: waiting for a reply, and rates from round to round."""

from math import nan

from matplotlib.figure import Figure

from praktijktest.language import Language
from praktijktest.reporting.blocks import Curves, Trend
from praktijktest.reporting.drawing.canvas import (
    CONTROL,
    INK,
    LINE,
    QUIET,
    TEST,
    bare,
    drawable,
    sheet,
)
from praktijktest.reporting.figures import axis

_HEIGHT_CM = 6.5
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_LINES = ((INK, "o", "-"), (TEST, "s", "--"), (CONTROL, "^", ":"), (QUIET, "D", "-."))
"""Colour, mark and stroke of the lines of a trend, told apart without colour too."""

_ASIDE = 0.08
"""How far the marks of two lines stand apart, in rounds."""


_THIN_SPACE = "\u2009"


def draw_curves(block: Curves, language: Language) -> Figure:
    """A falling step line per group; a dashed one for the test group."""
    figure, axes = sheet(_HEIGHT_CM)
    bare(axes, keep=("bottom",))
    for curve in block.curves:
        control = curve.arm == "control"
        axes.step(
            curve.days,
            curve.waiting,
            where="post",
            color=CONTROL if control else TEST,
            linestyle="-" if control else "--",
            linewidth=1.6,
            label=_legend(curve.name),
        )
    axes.set_ylim(0, 1.02)
    axes.set_xlim(left=0)
    axes.set_yticks(list(_SHARES), [language.percent(share, 0) for share in _SHARES])
    ticks = [tick for tick in axes.get_xticks() if tick >= 0]
    axes.set_xticks(
        ticks, [language.number(tick, 0 if tick == round(tick) else 1) for tick in ticks]
    )
    axes.grid(axis="y", color=LINE, linewidth=0.6)
    axes.set_xlabel(drawable(language.say(block.axis)))
    axes.legend(frameon=False, loc="upper right")
    return figure


def draw_trend(block: Trend, language: Language) -> Figure:
    """One line per series over the rounds, with intervals; a round without a number is a gap."""
    figure, axes = sheet(_HEIGHT_CM)
    bare(axes, keep=("bottom",))
    points = [point for line in block.lines for point in line.points if point is not None]
    low, high, ticks = axis(points)
    axes.set_ylim(low, high)
    axes.set_yticks(list(ticks), [language.percent(tick, 0) for tick in ticks])
    axes.grid(axis="y", color=LINE, linewidth=0.6)
    axes.axhline(0, color=QUIET, linewidth=1.0)
    for number, line in enumerate(block.lines):
        colour, mark, stroke = _LINES[number % len(_LINES)]
        aside = _ASIDE * (number - (len(block.lines) - 1) / 2)
        places = [place + aside for place in range(len(line.points))]
        values = [nan if p is None or p.value is None else p.value for p in line.points]
        for place, point in enumerate(line.points):
            if point is not None and point.low is not None and point.high is not None:
                axes.plot([place + aside] * 2, [point.low, point.high], color=colour, linewidth=1.1)
        name = _legend(language.say(line.name))
        axes.plot(places, values, color=colour, marker=mark, linestyle=stroke, label=name)
    axes.set_xticks(range(len(block.rounds)), [drawable(name, 24) for name in block.rounds])
    axes.set_xlim(-0.5, len(block.rounds) - 0.5)
    axes.legend(frameon=False, fontsize=7.5)
    return figure


def _legend(name: str) -> str:
    """A name in a legend, which would leave out an empty one or one with an underscore first."""
    return f"{_THIN_SPACE}{drawable(name, 44)}"
