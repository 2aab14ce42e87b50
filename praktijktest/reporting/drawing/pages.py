"""Figures cut to the length of a page."""

from dataclasses import replace

from praktijktest.reporting.blocks import FigureBlock, Forest, SmallMultiples

ROWS = 40
"""Lines of a figure that fit on a page."""

PANELS = 21
"""Small multiples that fit on a page."""


def pages_of(block: FigureBlock) -> tuple[FigureBlock, ...]:
    """A figure as parts that each fit on a page, on the same scale; most figures are one part.

    Args:
        block: a figure of a report.
    """
    if isinstance(block, SmallMultiples):
        starts = range(0, max(len(block.panels), 1), PANELS)
        return tuple(
            replace(
                block,
                panels=block.panels[i : i + PANELS],
                notes=block.notes if i == starts[-1] else (),
            )
            for i in starts
        )
    if isinstance(block, Forest):
        starts = range(0, max(len(block.rows), 1), ROWS)
        return tuple(
            replace(
                block,
                rows=block.rows[i : i + ROWS],
                notes=block.notes if i == starts[-1] else (),
            )
            for i in starts
        )
    return (block,)
