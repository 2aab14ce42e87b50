"""Results of an analysis as plain frozen data, and how they look in the document."""

from dataclasses import dataclass
from typing import Any

from praktijktest.design import Comparison
from praktijktest.statistics.cells import Cells, Estimate, Interval, Significance


@dataclass(frozen=True, slots=True)
class Stratum:
    """One level of a column that results are shown by."""

    by: str
    level: str

    def to_dict(self) -> dict[str, str]:
        """The stratum as plain data."""
        return {"by": self.by, "level": self.level}


@dataclass(frozen=True, slots=True)
class Signs:
    """How many tests the control did better in, the test applicant, or neither."""

    control_favoured: int
    test_favoured: int
    equal: int

    def to_dict(self) -> dict[str, int]:
        """The three counts as plain data."""
        return {
            "control_favoured": self.control_favoured,
            "test_favoured": self.test_favoured,
            "equal": self.equal,
        }


@dataclass(frozen=True, slots=True)
class ContrastResult:
    """One contrast under one outcome rule, for the whole round or one stratum.

    Attributes:
        comparison: what is compared.
        rule: name of the outcome rule.
        primary: whether it is the rule of headlines and flags.
        stratum: None for the whole round.
        cells: the four counts; None where outcomes are averaged per test.
        n: comparable units (pairs).
        tests: tests they come from.
        counts: tests incomplete, not applicable and pending.
        targets: targets among them.
        clusters: independent clusters for inference to the market.
        signs: which arm did better, in units.
        estimates: point estimates with intervals, both scopes.
        intervals: alternative intervals.
        significance: significance tests.
    """

    comparison: Comparison
    rule: str
    primary: bool
    stratum: Stratum | None
    cells: Cells | None
    n: int
    tests: int
    counts: dict[str, int]
    targets: int
    clusters: int
    signs: Signs
    estimates: tuple[Estimate, ...]
    intervals: tuple[Interval, ...]
    significance: tuple[Significance, ...]

    def to_dict(self) -> dict[str, Any]:
        """The result in the shape of the analysis document."""
        comparison = self.comparison
        return {
            "id": comparison.id,
            "declared": comparison.declared_id,
            "attribute": comparison.attribute,
            "ground": comparison.ground,
            "control": comparison.control,
            "test": comparison.test_label,
            "control_label": comparison.shown([comparison.control]),
            "test_label": comparison.shown(comparison.tests),
            "within": list(comparison.within),
            "direction": comparison.direction,
            "rule": self.rule,
            "primary": self.primary,
            "stratum": self.stratum.to_dict() if self.stratum else None,
            "cells": self.cells.to_dict() if self.cells else None,
            "n": self.n,
            "tests": self.tests,
            "tests_incomplete": self.counts["tests_incomplete"],
            "tests_not_applicable": self.counts["tests_not_applicable"],
            "tests_pending": self.counts["tests_pending"],
            "targets": self.targets,
            "clusters": self.clusters,
            "signs": self.signs.to_dict(),
            "estimates": [estimate.to_dict() for estimate in self.estimates],
            "intervals": [interval.to_dict() for interval in self.intervals],
            "significance": [test.to_dict() for test in self.significance],
        }
