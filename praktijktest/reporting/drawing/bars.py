"""Shares as bars: of a whole round, and side by side for its strata."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from praktijktest.language import Language
from praktijktest.reporting.blocks import Bar, Bars, SmallMultiples
from praktijktest.reporting.cells import estimate_text
from praktijktest.reporting.drawing.canvas import (
    CONTROL,
    INK,
    PAPER,
    TEST,
    TEST_LIGHT,
    TRACK,
    bare,
    drawable,
    panels,
    sheet,
)

COLUMNS = 3
"""Panels next to each other in small multiples."""

_BAR_CM, _PANEL_CM = 1.25, 2.9


def draw_bars(block: Bars, language: Language) -> Figure:
    """One bar per group from 0 to 100 %, with its interval."""
    figure, axes = sheet(max(len(block.bars), 1) * _BAR_CM)
    _bars(axes, block.bars, language, longest=60)
    return figure


def draw_multiples(block: SmallMultiples, language: Language) -> Figure:
    """A grid of small pictures on one scale, one per stratum."""
    rows = max(-(-len(block.panels) // COLUMNS), 1)
    figure, every = panels(rows * _PANEL_CM, COLUMNS, rows)
    for axes, panel in zip(every, block.panels, strict=False):
        title = drawable(language.say(panel.label), 30)
        axes.set_title(f"{title}\n{drawable(language.say(panel.note), 34)}", loc="left", fontsize=7)
        _bars(axes, panel.bars, language, longest=20, small=True)
    for axes in every[len(block.panels) :]:
        axes.set_axis_off()
    return figure


def _bars(
    axes: Axes, bars: Sequence[Bar], language: Language, *, longest: int, small: bool = False
) -> None:
    bare(axes)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(bars) - 0.4, -0.75)
    axes.set_xticks([])
    axes.set_yticks([])
    for place, bar in enumerate(bars):
        axes.barh(place, 1, height=0.42, color=TRACK)
        if bar.share.value is not None:
            control = bar.arm == "control"
            axes.barh(
                place,
                bar.share.value,
                height=0.42,
                facecolor=CONTROL if control else TEST_LIGHT,
                edgecolor=CONTROL if control else TEST,
                hatch=None if control else "////",
                linewidth=0.8,
            )
        if bar.share.low is not None and bar.share.high is not None:
            ends = [bar.share.low, bar.share.high]
            axes.plot(ends, [place, place], color=PAPER, linewidth=3.2, solid_capstyle="butt")
            axes.plot(ends, [place, place], color=INK, linewidth=1.2, marker="|", markersize=6)
        number = language.percent(bar.share.value) if small else estimate_text(bar.share, language)
        name = drawable(bar.name, longest)
        axes.text(0, place - 0.28, f"{name}  {number}", va="bottom", fontsize=7 if small else 8.5)
