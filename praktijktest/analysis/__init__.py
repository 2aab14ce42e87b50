"""From a table of applications to an `Analysis`: contrasts, strata, targets and their states."""

from praktijktest.analysis.analysis import Analysis, analyse_table
from praktijktest.analysis.other_kinds import KindAnalysis

AnyAnalysis = Analysis | KindAnalysis
"""What analysing a log gives: of pairs and sets, or of unpaired tests and mystery calls."""

__all__ = ["Analysis", "AnyAnalysis", "KindAnalysis", "analyse_table"]
