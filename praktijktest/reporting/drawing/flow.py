"""The way of the tests from the log to the comparisons, as boxes from top to bottom."""

from dataclasses import dataclass
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from praktijktest.language import Language
from praktijktest.reporting.blocks import Flow, FlowStep
from praktijktest.reporting.drawing.canvas import (
    INK,
    PAPER,
    QUIET,
    TRACK,
    WIDTH_CM,
    bare,
    drawable,
    framed_sheet,
)

_BOX_CM, _INDENT_CM, _ASIDE_CM = 7.4, 0.8, 9.0
_LINE_CM, _EDGE_CM, _GAP_CM = 0.42, 0.24, 0.5
_IN_BOX, _BESIDE = 42, 44
"""Characters on a line in a box, and beside it."""

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class _Stage:
    """A box with its lines, and the lines beside it."""

    count: str
    words: list[str]
    leaving: list[str]
    branch: bool

    @property
    def height(self) -> float:
        """Room it takes, in cm."""
        lines = max(1 + len(self.words), len(self.leaving))
        return lines * _LINE_CM + 2 * _EDGE_CM


def draw_flow(block: Flow, language: Language) -> Figure:
    """Stages below each other, with what leaves them at the right; branches are indented."""
    stages = [_stage(step, language, branch=False) for step in block.steps]
    stages += [_stage(step, language, branch=True) for step in block.branches]
    height = sum(stage.height + _GAP_CM for stage in stages)
    figure, axes = framed_sheet(height, left=0.0, right=1.0, margin_cm=0.0)
    bare(axes)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlim(0, WIDTH_CM)
    axes.set_ylim(-height, 0)
    top = -_GAP_CM / 2
    for stage, after in zip(stages, [*stages[1:], None], strict=True):
        _draw(axes, stage, top)
        if after is not None and not stage.branch:
            _down(axes, top - stage.height)
        top -= stage.height + _GAP_CM
    return figure


def _stage(step: FlowStep, language: Language, *, branch: bool) -> _Stage:
    leaving = [
        line
        for what, count in step.leaving
        for line in wrap(
            drawable(f"\u2212 {language.number(count)}  {language.say(what)}", _LONGEST),
            _BESIDE,
            subsequent_indent="    ",
        )
    ]
    words = wrap(drawable(language.say(step.label), _LONGEST), _IN_BOX)
    return _Stage(language.number(step.count), words, leaving, branch)


def _draw(axes: Axes, stage: _Stage, top: float) -> None:
    left = _INDENT_CM if stage.branch else 0.05
    width = _BOX_CM - left
    box = FancyBboxPatch(
        (left, top - stage.height),
        width,
        stage.height,
        boxstyle="round,pad=0,rounding_size=0.12",
        facecolor=TRACK if stage.branch else PAPER,
        edgecolor=QUIET,
        linewidth=0.8,
    )
    axes.add_patch(box)
    middle = top - stage.height / 2
    first = middle + len(stage.words) * _LINE_CM / 2
    axes.text(
        left + 0.3, first, stage.count, va="center", fontsize=10, fontweight="bold", color=INK
    )
    for number, line in enumerate(stage.words, start=1):
        axes.text(left + 0.3, first - number * _LINE_CM, line, va="center", color=INK)
    if not stage.leaving:
        return
    axes.annotate(
        "",
        xy=(_ASIDE_CM - 0.15, middle),
        xytext=(_BOX_CM + 0.05, middle),
        arrowprops={"arrowstyle": "->", "color": QUIET, "linewidth": 0.9},
    )
    start = middle + (len(stage.leaving) - 1) * _LINE_CM / 2
    for number, line in enumerate(stage.leaving):
        axes.text(_ASIDE_CM, start - number * _LINE_CM, line, va="center", color=QUIET)


def _down(axes: Axes, bottom: float) -> None:
    axes.annotate(
        "",
        xy=(_INDENT_CM + 0.4, bottom - _GAP_CM),
        xytext=(_INDENT_CM + 0.4, bottom),
        arrowprops={"arrowstyle": "->", "color": QUIET, "linewidth": 0.9},
    )
