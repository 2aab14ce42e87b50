"""The four cells as a picture of people: pairs of applicants, filled where the reply was yes."""

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Patch

from praktijktest.language import Language
from praktijktest.reporting.blocks import FourCells
from praktijktest.reporting.drawing.canvas import (
    CONTROL,
    PAPER,
    QUIET,
    TEST,
    bare,
    drawable,
    panels,
)

NAMES = ("both", "only_control", "only_test", "neither")
ANSWERED = ((True, True), (True, False), (False, True), (False, False))
PAIRS_IN_ROW = 10
_ROW_CM, _HEAD_CM = 0.62, 1.5


def draw_pairs(block: FourCells, language: Language) -> Figure:
    """Two by two panels, one per cell; a filled figure got a positive reply."""
    lines = [max(-(-number // PAIRS_IN_ROW), 1) for number in block.pictures]
    heights = [max(lines[0], lines[1]), max(lines[2], lines[3])]
    height = sum(heights) * _ROW_CM + 2 * _HEAD_CM
    shares = [rows * _ROW_CM + _HEAD_CM for rows in heights]
    figure, every = panels(height, 2, 2, shares)
    for place, axes in enumerate(every):
        _panel(axes, block, place, heights[place // 2], language)
    return figure


def _panel(axes: Axes, block: FourCells, place: int, rows: int, language: Language) -> None:
    total = sum(block.counts)
    label = language.text(f"cells.{NAMES[place]}", control=block.control, test=block.test)
    share = language.percent(block.counts[place] / total if total else None)
    axes.set_title(
        f"{drawable(label)}\n{language.number(block.counts[place])} ({share})",
        loc="left",
        fontsize=8,
    )
    bare(axes)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlim(-0.2, PAIRS_IN_ROW * 1.25)
    axes.set_ylim(-rows, 0.15)
    axes.set_aspect("equal", anchor="NW", adjustable="box")
    for arm, (answered, colour) in enumerate(zip(ANSWERED[place], (CONTROL, TEST), strict=True)):
        people: list[Patch] = []
        for number in range(block.pictures[place]):
            left = 1.25 * (number % PAIRS_IN_ROW) + 0.5 * arm
            people += _person(left, -(number // PAIRS_IN_ROW))
        marks = PatchCollection(
            people,
            facecolor=colour if answered else PAPER,
            edgecolor=colour if answered else QUIET,
            linewidth=0.6,
        )
        axes.add_collection(marks)


def _person(left: float, top: float) -> list[Patch]:
    """A head and shoulders, in units of one row of the picture."""
    head = Circle((left + 0.2, top - 0.16), 0.13)
    body = FancyBboxPatch(
        (left + 0.08, top - 0.8), 0.24, 0.42, boxstyle="round,pad=0.06,rounding_size=0.12"
    )
    return [head, body]
