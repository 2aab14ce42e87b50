"""A calculator for a published table: every estimate and test of four counts."""

from dataclasses import dataclass
from typing import Any

from praktijktest.problems import UsageError
from praktijktest.statistics.cells import Cells, Estimate, Interval, Significance


@dataclass(frozen=True, slots=True)
class CountsResult:
    """The numbers of one four-cell table.

    Attributes:
        cells: the four counts.
        estimates: point estimates with intervals that hold for these tests.
        intervals: alternative intervals.
        significance: significance tests.
    """

    cells: Cells
    estimates: tuple[Estimate, ...]
    intervals: tuple[Interval, ...]
    significance: tuple[Significance, ...]

    def to_dict(self) -> dict[str, Any]:
        """The table in the shape of one contrast of the analysis document."""
        return {
            "id": "counts",
            "ground": None,
            "control": "control",
            "test": "test",
            "rule": None,
            "primary": True,
            "stratum": None,
            "cells": self.cells.to_dict(),
            "n": self.cells.n,
            "tests": self.cells.n,
            "tests_incomplete": 0,
            "tests_not_applicable": 0,
            "estimates": [estimate.to_dict() for estimate in self.estimates],
            "intervals": [interval.to_dict() for interval in self.intervals],
            "significance": [test.to_dict() for test in self.significance],
        }


def counts(
    both: int, only_control: int, only_test: int, neither: int, confidence: float = 0.95
) -> CountsResult:
    """Every estimate and significance test of a four-cell table.

    Args:
        both: tests in which both applicants got a positive reply.
        only_control: tests in which only the control applicant did.
        only_test: tests in which only the test applicant did.
        neither: tests in which nobody did.
        confidence: confidence level of the intervals, between 0.5 and 1.

    Raises:
        UsageError: a count is negative, all are zero, or the confidence is impossible.
    """
    from praktijktest.statistics.paired import alternative_intervals, estimates, significance

    numbers = (both, only_control, only_test, neither)
    if min(numbers) < 0:
        raise UsageError(f"Counts cannot be negative: {' '.join(map(str, numbers))}.")
    if sum(numbers) == 0:
        raise UsageError("All four counts are zero: there is no test to calculate with.")
    if max(numbers) > MOST:
        raise UsageError(f"Counts above {MOST:,} are not practice tests; check the numbers.")
    if not 0.5 < confidence < 1:
        raise UsageError(f"The confidence must lie between 0.5 and 1, not {confidence}.")
    cells = Cells(*numbers)
    return CountsResult(
        cells=cells,
        estimates=tuple(estimates(cells, confidence)),
        intervals=tuple(alternative_intervals(cells, confidence)),
        significance=tuple(significance(cells)),
    )


MOST = 10_000_000
