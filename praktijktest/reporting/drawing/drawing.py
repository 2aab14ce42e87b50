"""Which picture belongs to which block, with the words for readers who do not see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from praktijktest.language import Language
from praktijktest.reporting.blocks import (
    Bars,
    Curves,
    FigureBlock,
    Flow,
    Forest,
    FourCells,
    Ranking,
    SmallMultiples,
    Trend,
)
from praktijktest.reporting.drawing.bars import draw_bars, draw_multiples
from praktijktest.reporting.drawing.canvas import (
    CM_PER_INCH,
    WIDTH_CM,
    png_bytes,
    settings,
    svg_bytes,
)
from praktijktest.reporting.drawing.curves import draw_curves, draw_trend
from praktijktest.reporting.drawing.flow import draw_flow
from praktijktest.reporting.drawing.intervals import draw_forest, draw_ranking
from praktijktest.reporting.drawing.pairs import draw_pairs
from praktijktest.reporting.drawing.words import words_of

_PAINTERS: dict[type, Callable[[Any, Language], Figure]] = {
    FourCells: draw_pairs,
    Bars: draw_bars,
    Forest: draw_forest,
    Ranking: draw_ranking,
    Curves: draw_curves,
    Trend: draw_trend,
    Flow: draw_flow,
    SmallMultiples: draw_multiples,
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure that can be written as a picture.

    Attributes:
        figure: what was drawn.
        alt: the picture in words, made from its numbers.
        width_cm, height_cm: its size on paper.
    """

    figure: Figure
    alt: str
    width_cm: float
    height_cm: float

    def svg(self) -> bytes:
        """As SVG: the same bytes every time, no font and no date in it."""
        return svg_bytes(self.figure)

    def png(self, dots_per_inch: int = 200) -> bytes:
        """As PNG on white."""
        return png_bytes(self.figure, dots_per_inch)


def drawing_of(block: object, language: Language) -> Drawing | None:
    """The picture of a block in a language; None for a block that is not a figure.

    Args:
        block: any block of a report.
        language: what its labels are written in.
    """
    painter = _PAINTERS.get(type(block))
    if painter is None or not isinstance(block, FigureBlock):
        return None
    with settings():
        figure = painter(block, language)
    height = float(figure.get_figheight()) * CM_PER_INCH
    return Drawing(figure, words_of(block, language), WIDTH_CM, round(height, 3))
