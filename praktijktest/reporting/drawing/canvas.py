"""The sheet figures are drawn on: fonts, colours, and bytes that do not depend on the day.

Colours differ in lightness and marks in shape, so that a figure reads in black and white.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import NullLocator

INK, QUIET, LINE, TRACK = "#1b2430", "#55616f", "#d5dbe1", "#e3e8ed"
CONTROL, TEST, PAPER = "#1d5fa8", "#b4520a", "#ffffff"
TEST_LIGHT = "#f0c9a6"
"""The house colours, as on a light page."""

PAGE_COLOURS = {
    INK: "--ink",
    QUIET: "--quiet",
    LINE: "--line",
    TRACK: "--track",
    CONTROL: "--control",
    TEST: "--test",
    TEST_LIGHT: "--test-soft",
    PAPER: "--paper",
}
"""What a web page calls the colours."""

WIDTH_CM = 16.0
"""Width of the text on an A4 page."""

FONT = "DejaVu Sans"
UNKNOWN = "\u25a1"
COLOURS = 64
"""Colours in a picture of points: the house colours and the shades of their edges."""

CM_PER_INCH = 2.54
_SETTINGS: dict[Any, Any] = {
    "font.family": FONT,
    "font.size": 8.5,
    "svg.hashsalt": "praktijktest",
    "svg.fonttype": "path",
    "text.parse_math": False,
    "text.color": INK,
    "axes.labelcolor": QUIET,
    "axes.unicode_minus": True,
    "xtick.color": QUIET,
    "ytick.color": INK,
}


@contextmanager
def settings() -> Iterator[None]:
    """The house style, whatever the machine's own settings, while a figure is made."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def sheet(height_cm: float) -> tuple[Figure, Axes]:
    """An empty figure of the page's width and its axes.

    Args:
        height_cm: its height.
    """
    figure = _figure(height_cm, "constrained")
    return figure, figure.subplots()


def framed_sheet(
    height_cm: float, *, left: float, right: float, margin_cm: float
) -> tuple[Figure, Axes]:
    """An empty figure whose axes stands between two columns of text, whatever their length.

    Args:
        height_cm: its height.
        left: where the axes begins, as a share of the width.
        right: where it ends.
        margin_cm: room above and below it.
    """
    figure = _figure(height_cm, None)
    edge = margin_cm / height_cm
    figure.subplots_adjust(left=left, right=right, bottom=edge, top=1 - edge)
    return figure, figure.subplots()


def panels(
    height_cm: float, columns: int, rows: int, heights: Sequence[float] | None = None
) -> tuple[Figure, list[Axes]]:
    """An empty figure of the page's width with a grid of axes, row by row.

    Args:
        height_cm: its height.
        columns: how many axes stand side by side.
        rows: how many stand below each other.
        heights: relative heights of the rows; all equal without.
    """
    figure = _figure(height_cm, "constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False, height_ratios=heights).flat)


def _figure(height_cm: float, layout: Literal["constrained"] | None) -> Figure:
    size = (WIDTH_CM / CM_PER_INCH, height_cm / CM_PER_INCH)
    return Figure(figsize=size, layout=layout)


def bare(axes: Axes, *, keep: Sequence[str] = ()) -> None:
    """Take away the frame of an axes, apart from some of its sides."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
        spine.set_color(LINE)
    axes.tick_params(length=0)


def value_axis(
    axes: Axes, ticks: Sequence[float], labels: Sequence[str], equal: float = 0.0
) -> None:
    """Grid lines and labels of a horizontal axis, with a darker line at equal treatment."""
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(list(ticks), [drawable(label) for label in labels])
    axes.set_xlim(ticks[0], ticks[-1])
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    if ticks[0] <= equal <= ticks[-1]:
        axes.axvline(equal, color=QUIET, linewidth=1.0, zorder=1)


def svg_bytes(figure: Figure) -> bytes:
    """A figure as SVG without a date; letters are outlines, so that no font is needed."""
    stream = io.BytesIO()
    with settings():
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    return stream.getvalue()


def png_bytes(figure: Figure, dots_per_inch: int) -> bytes:
    """A figure as PNG without a note of the program that made it.

    The few house colours and their edges fit in a palette, which makes the file four times
    smaller.
    """
    from PIL import Image

    points, small = io.BytesIO(), io.BytesIO()
    with settings():
        figure.savefig(points, format="raw", dpi=dots_per_inch, facecolor=PAPER)
    width, depth = int(figure.get_figwidth() * dots_per_inch), len("RGBA")
    size = (width, len(points.getvalue()) // (width * depth))
    image = Image.frombytes("RGBA", size, points.getvalue()).convert("RGB")
    flat = image.quantize(COLOURS, dither=Image.Dither.NONE)
    flat.save(small, "png", optimize=True, dpi=(dots_per_inch, dots_per_inch))
    return small.getvalue()


def drawable(text: str, longest: int = 60) -> str:
    """A text as the figure's font can draw it: on one line, other characters as a box."""
    known = characters()
    shown = "".join(c if ord(c) in known else UNKNOWN for c in text if c not in "\u2068\u2069")
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


@cache
def characters() -> frozenset[int]:
    """The characters that the figures' font has a shape for."""
    return frozenset(get_font(findfont(FONT)).get_charmap())
