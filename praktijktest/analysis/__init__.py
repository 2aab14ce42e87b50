"""From a table of applications to an `Analysis`: contrasts, strata, targets and their states."""

from praktijktest.analysis.analysis import Analysis, analyse_table

__all__ = ["Analysis", "analyse_table"]
