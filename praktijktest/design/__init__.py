"""The design file of a round: its model, reading it, checking it, saying what it says."""

from praktijktest.design.comparisons import Comparison
from praktijktest.design.model import Design
from praktijktest.design.proofreading import proofread
from praktijktest.design.reading import parse_design, read_design
from praktijktest.design.summary import Summary, summarise

__all__ = [
    "Comparison",
    "Design",
    "Summary",
    "parse_design",
    "proofread",
    "read_design",
    "summarise",
]
