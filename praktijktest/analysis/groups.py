"""Unpaired tests: every applicant wrote to an advert of their own; whole groups are compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications
from praktijktest.analysis.contrasts import Clusters
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.pairing import arms_of
from praktijktest.analysis.results import Stratum
from praktijktest.design import Comparison, Design
from praktijktest.problems import DataError, Problem
from praktijktest.statistics.cells import TARGETS_LIKE_THESE, Estimate, Significance
from praktijktest.statistics.unpaired import (
    Groups,
    unpaired_estimates,
    unpaired_significance,
)


@dataclass(frozen=True, slots=True)
class GroupResult:
    """Two groups under one outcome rule, for the whole round or one stratum.

    Attributes:
        comparison: what is compared.
        rule: outcome rule.
        primary: whether it is the rule of headlines.
        stratum: None for the whole round.
        groups: positive replies and applications of both groups.
        targets: targets among them.
        clusters: independent clusters for inference to the market.
        estimates: rates, difference and ratios.
        significance: exact tests and chi-square.
    """

    comparison: Comparison
    rule: str
    primary: bool
    stratum: Stratum | None
    groups: Groups
    targets: int
    clusters: int
    estimates: tuple[Estimate, ...]
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
            "rule": self.rule,
            "primary": self.primary,
            "stratum": self.stratum.to_dict() if self.stratum else None,
            "groups": self.groups.to_dict(),
            "n": self.groups.control + self.groups.test,
            "targets": self.targets,
            "clusters": self.clusters,
            "estimates": [estimate.to_dict() for estimate in self.estimates],
            "intervals": [],
            "significance": [test.to_dict() for test in self.significance],
        }


def group_results(
    applications: Applications, design: Design, clusters: Clusters
) -> list[GroupResult]:
    """Every comparison of a round of unpaired tests, by rule and stratum.

    Raises:
        DataError: a group of a comparison has no application, or neither has a usable one.
    """
    found: list[GroupResult] = []
    empty: list[Problem] = []
    for comparison in design.comparisons():
        level = arms_of(applications, comparison).level
        absent = [
            name
            for name, arm in ((comparison.control, 0), (comparison.test_label, 1))
            if not (level == arm).any()
        ]
        level = np.where(applications.usable, level, -1).astype(np.int32)
        if absent or not (level >= 0).any():
            empty.append(_nobody(applications, comparison, absent))
            continue
        for rule in design.positive():
            for stratum, members in by_stratum(applications, design, level >= 0):
                found.append(
                    _result(
                        applications,
                        design,
                        comparison,
                        clusters,
                        rule,
                        stratum,
                        np.where(members, level, -1).astype(np.int32),
                    )
                )
    if empty:
        raise DataError("The log has problems; nothing was analysed.", empty)
    return found


def by_stratum(
    applications: Applications, design: Design, members: BoolArray
) -> Iterator[tuple[Stratum | None, BoolArray]]:
    """The whole round and every level of every declared stratum, with who belongs to it."""
    yield None, members
    for name in design.analysis.strata:
        column = applications.rows.named(name)
        if column is None:
            continue
        number = {str(value): code for code, value in enumerate(column.values)}
        for level in sorted(encoding.occurring(column)):
            if level:
                yield Stratum(name, level), members & (column.codes == number[level])


def overall_tests(applications: Applications, design: Design) -> list[dict[str, Any]]:
    """Chi-square over all groups of a contrast that names more than two, by rule."""
    from scipy.special import chdtrc

    from praktijktest.statistics.unpaired import pearson

    found = []
    for declared, comparisons in _families(design).items():
        levels = [comparisons[0].control, *(c.test_label for c in comparisons)]
        arms = [arms_of(applications, comparison).level for comparison in comparisons]
        members = [arms[0] == 0, *(arm == 1 for arm in arms)]
        for rule, positive in applications.coded.positive.items():
            counts = [
                [int((who & applications.usable & reply).sum()) for reply in (positive, ~positive)]
                for who in members
            ]
            statistic, degrees = pearson(np.array(counts))
            known = degrees > 0
            found.append(
                {
                    "contrast": declared,
                    "rule": rule,
                    "name": "chi2_groups",
                    "levels": levels,
                    "statistic": statistic if known else None,
                    "degrees": degrees,
                    "p": float(chdtrc(degrees, statistic)) if known else None,
                    "p_dealt": None,
                    "n": int(np.sum(counts)),
                    "informative": int(np.sum(counts)),
                }
            )
    return found


def within_strata(applications: Applications, design: Design) -> list[dict[str, Any]]:
    """The two groups of every contrast compared within the levels of every declared stratum."""
    from praktijktest.statistics.mantel_haenszel import mantel_haenszel

    found = []
    for comparison in design.comparisons():
        level = np.where(applications.usable, arms_of(applications, comparison).level, -1)
        for by in design.analysis.strata:
            column = applications.rows.named(by)
            if column is None:
                continue
            known = (level >= 0) & ~encoding.is_empty(column)
            for rule, positive in applications.coded.positive.items():
                # Test group first, so that the odds ratio is that of the other estimates.
                place = column.codes * 4 + 2 * (level == 0) + ~positive
                size = len(column.values) * 4
                tables = np.bincount(place[known], minlength=size).reshape(-1, 4)
                # In alphabetical order, so that no row order shows in the last digit.
                tables = tables[np.argsort(encoding.ranks(column.values))]
                test = mantel_haenszel(tables, design.analysis.confidence)
                found.append(
                    {
                        "contrast": comparison.id,
                        "rule": rule,
                        "name": "mantel_haenszel",
                        "by": by,
                        "levels": [comparison.control, comparison.test_label],
                        "statistic": test.statistic,
                        "degrees": 1,
                        "p": test.p,
                        "p_dealt": None,
                        "n": int(known.sum()),
                        "informative": test.strata,
                        "odds_ratio": {
                            "value": test.odds_ratio,
                            "low": test.low,
                            "high": test.high,
                            "confidence": design.analysis.confidence,
                        },
                    }
                )
    return found


def _families(design: Design) -> dict[str, list[Comparison]]:
    """Comparisons with the same control under one declared contrast, two of them at least."""
    found: dict[str, list[Comparison]] = {}
    for comparison in design.comparisons():
        found.setdefault(comparison.declared_id, []).append(comparison)
    return {declared: several for declared, several in found.items() if len(several) > 1}


def _result(
    applications: Applications,
    design: Design,
    comparison: Comparison,
    clusters: Clusters,
    rule: str,
    stratum: Stratum | None,
    level: encoding.IntArray,
) -> GroupResult:
    positive = applications.coded.positive[rule]
    control, test = level == 0, level == 1
    groups = Groups(
        int((control & positive).sum()),
        int(control.sum()),
        int((test & positive).sum()),
        int(test.sum()),
    )
    rows = np.flatnonzero(level >= 0)
    cluster = encoding.renumbered(clusters.targets[applications.test[rows]])
    found = list(unpaired_estimates(groups, design.analysis.confidence))
    tests = list(unpaired_significance(groups))
    if int(cluster.max(initial=-1)) + 1 < len(rows) and groups.control and groups.test:
        estimate, clustered = _clustered(
            positive[rows], test[rows], cluster, design.analysis.confidence
        )
        found.insert(3, estimate)
        tests.append(clustered)
    target = applications.target[applications.test[rows]]
    return GroupResult(
        comparison=comparison,
        rule=rule,
        primary=rule == design.primary_rule,
        stratum=stratum,
        groups=groups,
        targets=encoding.distinct_count(target[target >= 0]),
        clusters=int(cluster.max(initial=-1)) + 1,
        estimates=tuple(found),
        significance=tuple(tests),
    )


def _clustered(
    positive: BoolArray, test: BoolArray, cluster: encoding.IntArray, confidence: float
) -> tuple[Estimate, Significance]:
    """The difference of rates with errors clustered by target, and its t-test."""
    from praktijktest.analysis.models.kinds import clustered_errors
    from praktijktest.analysis.models.results import terms_of
    from praktijktest.statistics.sandwich import least_squares

    x = np.column_stack([np.ones(len(test)), test]).astype(np.float64)
    fit = least_squares(x, positive.astype(np.float64))
    errors = degrees = None
    method = "cluster-cr1"
    if int(cluster.max()) > 0:
        robust, correction, _ = clustered_errors(fit, cluster.astype(np.int64))
        errors, degrees = robust.standard_errors, robust.degrees
        method = f"cluster-{correction.lower()}"
    names = ("constant", "test_group")
    term = terms_of(names, fit.coefficients, errors, degrees, confidence)[1]
    value = float(rate_of(positive, test) - rate_of(positive, ~test))
    estimate = Estimate(
        "rate_difference",
        value,
        None if term.low is None else max(term.low, -1.0),
        None if term.high is None else min(term.high, 1.0),
        confidence,
        method,
        TARGETS_LIKE_THESE,
        "applications of each group",
        len(test),
    )
    statistic = term.coef / term.se if term.coef is not None and term.se else None
    return estimate, Significance("cluster_t", term.p, statistic, "two-sided")


def rate_of(positive: BoolArray, members: BoolArray) -> float:
    """Share of positive replies among some applications."""
    return float(positive[members].mean())


def _nobody(applications: Applications, comparison: Comparison, absent: list[str]) -> Problem:
    files = applications.rows.files
    names = absent or [comparison.control, comparison.test_label]
    which = "application" if absent else "usable application"
    return Problem(
        code="no-usable-application",
        message=f"contrast {comparison.id!r} has no {which} of "
        + " or ".join(repr(name) for name in names),
        file=files[0] if len(files) == 1 else None,
        hint="check the levels of the contrast and the attribute column",
    )
