"""Figures as pictures: drawn once from data, for paper and screen, the same bytes every time."""

from praktijktest.reporting.drawing.drawing import Drawing, drawing_of
from praktijktest.reporting.drawing.pages import pages_of

__all__ = ["Drawing", "drawing_of", "pages_of"]
