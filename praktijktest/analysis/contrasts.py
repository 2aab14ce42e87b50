"""The numbers of every contrast: by rule, for the whole round and for every stratum."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications
from praktijktest.analysis.completeness import counts_of
from praktijktest.analysis.encoding import BoolArray, IntArray
from praktijktest.analysis.pairing import FloatArray, Pairs
from praktijktest.analysis.results import ContrastResult, Signs, Stratum
from praktijktest.analysis.target_counts import control_first
from praktijktest.design import Design
from praktijktest.problems import Problem
from praktijktest.statistics.cells import (
    TARGETS_LIKE_THESE,
    THESE_TARGETS,
    Cells,
    Estimate,
    Scope,
    Significance,
)
from praktijktest.statistics.clustered import cluster_t, clustered_estimates, clustered_mean
from praktijktest.statistics.paired import alternative_intervals, estimates, significance

APPLICATIONS_OF_CONTROL = "applications of the control level"
APPLICATIONS_OF_TEST = "applications of the test level"
TESTS_WITH_BOTH = "tests with both levels"


@dataclass(frozen=True, slots=True)
class Subset:
    """The whole round or one stratum of it.

    Attributes:
        stratum: None for the whole round.
        members: which units belong to it.
        counts: what became of its tests.
    """

    stratum: Stratum | None
    members: BoolArray
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Clusters:
    """What counts as one independent observation, per test.

    Attributes:
        independence: for standard errors: the declared cluster, else the target, else
            the test; never smaller than a test.
        targets: for inference to the market: the target, or the declared cluster where it
            holds whole targets, or where the log names none.
    """

    independence: IntArray
    targets: IntArray


def clusters_of(applications: Applications) -> Clusters:
    """Number the clusters of every test, joining clusters that one test connects."""
    tests = len(applications.test_ids)
    own = np.arange(tests, dtype=np.int32)
    unknown = applications.target < 0
    target = np.where(unknown, len(applications.target_ids) + own, applications.target)
    declared = applications.rows.fields.get("cluster")
    if declared is None:
        by_target = target.astype(np.int32)
        return Clusters(by_target, by_target)
    joined = _connected(applications.test, declared.codes, tests, len(declared.values))
    if unknown.all() or _nested(target.astype(np.int32), joined):
        return Clusters(joined, joined)
    return Clusters(joined, target.astype(np.int32))


def _nested(fine: IntArray, coarse: IntArray) -> bool:
    """Whether every fine cluster lies within one coarse cluster."""
    coarse_of = np.zeros(int(fine.max(initial=0)) + 1, dtype=np.int64)
    coarse_of[fine] = coarse
    return bool((coarse_of[fine] == coarse).all())


def _connected(test: IntArray, cluster: IntArray, tests: int, clusters: int) -> IntArray:
    # Only few designs declare a cluster, and importing this costs a quarter of a second.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array(
        (np.ones(len(test), dtype=np.int8), (test, cluster + tests)),
        shape=(tests + clusters, tests + clusters),
    )
    _, labels = connected_components(links, directed=False)
    return np.asarray(labels[:tests], dtype=np.int32)


def contrast_results(
    applications: Applications, design: Design, pairs: Pairs, clusters: Clusters
) -> tuple[list[ContrastResult], list[Problem]]:
    """Every result of one comparison, and warnings about its strata."""
    results = []
    subsets, problems = strata_of(applications, design, pairs)
    everything = Subset(None, np.ones(len(pairs), dtype=bool), counts_of(pairs.status))
    for rule in design.positive():
        results += [
            _result(applications, design, pairs, clusters, rule, subset)
            for subset in (everything, *subsets)
        ]
    return results, problems


def strata_of(
    applications: Applications, design: Design, pairs: Pairs
) -> tuple[list[Subset], list[Problem]]:
    """Every level of every declared stratum, levels in alphabetical order."""
    subsets: list[Subset] = []
    row_of_test = encoding.first_rows(applications.test, len(applications.test_ids))
    problems = []
    for name in design.analysis.strata:
        column = applications.rows.named(name)
        if column is None:
            continue
        codes = column.codes[pairs.application]
        varies = codes != column.codes[pairs.opposite]
        unknown = np.asarray(column.values == "", dtype=bool)[codes] & ~varies
        for code, message, mask in (
            ("stratum-varies", "the two applicants have different values", varies),
            ("stratum-empty", "the value is empty", unknown),
        ):
            if mask.any():
                problems.append(_stratum_warning(code, message, name, pairs, int(mask.sum())))
        number = {str(value): code for code, value in enumerate(column.values)}
        of_test = column.codes[row_of_test]
        subsets += [
            Subset(
                Stratum(name, level),
                (codes == number[level]) & ~varies,
                counts_of(pairs.status[of_test == number[level]]),
            )
            for level in sorted(encoding.occurring(column))
            if level
        ]
    return subsets, problems


def _stratum_warning(code: str, what: str, name: str, pairs: Pairs, count: int) -> Problem:
    return Problem(
        code=code,
        message=f"stratum {name!r} of contrast {pairs.comparison.id!r}: {what}; "
        "these tests are in the total but in no stratum",
        level="warning",
        column=name,
        count=count,
    )


def _result(
    applications: Applications,
    design: Design,
    pairs: Pairs,
    clusters: Clusters,
    rule: str,
    subset: Subset,
) -> ContrastResult:
    units = _in_order(pairs, rule, subset.members)
    control, treated = pairs.control[rule][units], pairs.treated[rule][units]
    test = pairs.test[units]
    independent = encoding.renumbered(clusters.independence[test])
    target = encoding.renumbered(clusters.targets[test])
    comparison = pairs.comparison
    confidence = design.analysis.confidence
    n = len(test)
    test_of_cluster_t = _cluster_t(control - treated, independent)
    if pairs.binary:
        cells = cells_of(control, treated)
        found = list(estimates(cells, confidence))
        if _repeats(target):
            found = _interleave(
                found, clustered_estimates(counts_by_cluster(control, treated, target), confidence)
            )
        intervals = alternative_intervals(cells, confidence)
        tests = [t for t in significance(cells) if t.name != "cluster_t"]
        tests += _order_dealt_again(applications, design, pairs, rule, subset, clusters)
    else:
        cells, intervals = None, ()
        found = list(_mean_estimates(pairs, units, rule, target, confidence))
        tests = [t for t in significance(_signs_as_cells(control, treated)) if t.name in SIGN_TESTS]
        tests.append(_randomisation(pairs, units, rule))
    return ContrastResult(
        comparison=comparison,
        rule=rule,
        primary=rule == design.primary_rule,
        stratum=subset.stratum,
        cells=cells,
        n=n,
        tests=encoding.distinct_count(test),
        counts=subset.counts,
        targets=encoding.distinct_count(applications.target[test]),
        clusters=int(target.max(initial=-1)) + 1,
        signs=_signs(control, treated),
        estimates=tuple(found),
        intervals=tuple(intervals),
        significance=(*tests, test_of_cluster_t),
    )


def _in_order(pairs: Pairs, rule: str, members: BoolArray) -> NDArray[np.int64]:
    """The units that are meant; averages in an order that no row order changes.

    Sums of fractions depend on the order of their terms in the last digit, counts do not.
    """
    if pairs.binary:
        return np.flatnonzero(members)
    units = np.lexsort((pairs.treated[rule], pairs.control[rule]))
    return units[members[units]]


SIGN_TESTS = ("mcnemar_exact", "mcnemar_midp", "sign_exact", "sign_midp")
"""Tests that only look at which arm did better, and so hold for averages too."""


def cells_of(control: FloatArray, treated: FloatArray) -> Cells:
    """The four cells of units whose values are 0 or 1."""
    c, t = control > 0, treated > 0
    return Cells(
        both=int((c & t).sum()),
        only_control=int((c & ~t).sum()),
        only_test=int((~c & t).sum()),
        neither=int((~c & ~t).sum()),
    )


def counts_by_cluster(
    control: FloatArray, treated: FloatArray, cluster: IntArray
) -> NDArray[np.int64]:
    """Four cells per cluster, shape (clusters, 4), in an order that no row order changes."""
    cell = 2 * (control <= 0) + (treated <= 0)
    clusters = int(cluster.max(initial=-1)) + 1
    flat = np.bincount(cluster.astype(np.int64) * 4 + cell, minlength=clusters * 4)
    table = flat.reshape(clusters, 4)
    return table[np.lexsort(table.T)]


def _interleave(first: list[Estimate], second: tuple[Estimate, ...]) -> list[Estimate]:
    """Each estimate with its own scope first, then the clustered one of the same name."""
    by_name = {estimate.name: estimate for estimate in second}
    merged = []
    for estimate in first:
        merged.append(estimate)
        if estimate.name in by_name:
            merged.append(by_name[estimate.name])
    return merged


def _mean_estimates(
    pairs: Pairs, units: NDArray[np.int64], rule: str, target: IntArray, confidence: float
) -> Iterator[Estimate]:
    """Mean difference per test and response rates per application, in both scopes."""
    control, treated = pairs.control[rule][units], pairs.treated[rule][units]
    n_control = pairs.n_control[units].astype(np.float64)
    n_treated = pairs.n_treated[units].astype(np.float64)
    ones = np.ones(len(control))
    quantities = (
        ("mean_difference", control - treated, ones, TESTS_WITH_BOTH),
        ("response_rate_control", control * n_control, n_control, APPLICATIONS_OF_CONTROL),
        ("response_rate_test", treated * n_treated, n_treated, APPLICATIONS_OF_TEST),
    )
    by_test = encoding.renumbered(pairs.test[units])
    scopes: tuple[tuple[Scope, IntArray], ...] = (
        (THESE_TARGETS, by_test),
        (TARGETS_LIKE_THESE, target),
    )
    for name, sums, sizes, denominator in quantities:
        for scope, cluster in scopes:
            if scope == TARGETS_LIKE_THESE and not _repeats(cluster, by_test):
                continue
            estimate = clustered_mean(
                *_by_cluster(sums, sizes, cluster),
                confidence,
                name=name,
                denominator=denominator,
                scope=scope,
            )
            yield _within_range(estimate, -1.0 if name == "mean_difference" else 0.0)


def _within_range(estimate: Estimate, least: float) -> Estimate:
    """Shares of positive replies, and their difference, cannot leave their range."""
    if estimate.low is None or estimate.high is None:
        return estimate
    return replace(estimate, low=max(estimate.low, least), high=min(estimate.high, 1.0))


def _randomisation(pairs: Pairs, units: NDArray[np.int64], rule: str) -> Significance:
    """The roles within every test dealt again among all of its applicants."""
    from praktijktest.statistics.randomisation import deal_test

    control, treated = pairs.n_control[units], pairs.n_treated[units]
    counts = np.column_stack(
        [
            control,
            np.rint(pairs.control[rule][units] * control).astype(np.int64),
            treated,
            np.rint(pairs.treated[rule][units] * treated).astype(np.int64),
        ]
    )
    return Significance("randomisation", deal_test(counts).p, None, "two-sided")


def _order_dealt_again(
    applications: Applications,
    design: Design,
    pairs: Pairs,
    rule: str,
    subset: Subset,
    clusters: Clusters,
) -> list[Significance]:
    """Places in the order dealt again within targets; none where nobody drew the order."""
    from praktijktest.statistics.order_strata import order_strata_test

    drawn = design.test is None or design.test.order in (None, "random")
    if subset.stratum is not None or not drawn:
        return []
    first = control_first(applications, pairs)
    known = first >= 0
    gap = (pairs.control[rule][known] - pairs.treated[rule][known]).astype(np.int64)
    stratum = encoding.renumbered(clusters.targets[pairs.test[known]])
    found = order_strata_test(gap, first[known] == 1, stratum)
    if not found.strata:
        return []
    return [Significance("randomisation_order", found.p, None, "two-sided")]


def _cluster_t(differences: FloatArray, cluster: IntArray) -> Significance:
    return cluster_t(*_by_cluster(differences, np.ones(len(differences)), cluster))


def _by_cluster(
    values: FloatArray, sizes: FloatArray, cluster: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Sums of values and of sizes per cluster, in an order that no row order changes."""
    if not len(cluster):
        return np.zeros(0), np.zeros(0)
    sums = np.bincount(cluster, weights=values).astype(np.float64)
    totals = np.bincount(cluster, weights=sizes).astype(np.float64)
    order = np.lexsort((totals, sums))
    return sums[order], totals[order]


def _repeats(cluster: IntArray, finer: IntArray | None = None) -> bool:
    clusters = int(cluster.max(initial=-1)) + 1
    units = len(cluster) if finer is None else int(finer.max(initial=-1)) + 1
    return clusters < units


def _signs(control: FloatArray, treated: FloatArray) -> Signs:
    better = int((control > treated).sum())
    worse = int((control < treated).sum())
    return Signs(better, worse, len(control) - better - worse)


def _signs_as_cells(control: FloatArray, treated: FloatArray) -> Cells:
    signs = _signs(control, treated)
    return Cells(0, signs.control_favoured, signs.test_favoured, signs.equal)
