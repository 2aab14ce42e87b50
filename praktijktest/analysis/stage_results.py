"""What every stage of a test adds, for every contrast, on one denominator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications
from praktijktest.analysis.completeness import counts_of
from praktijktest.analysis.contrasts import Clusters, clusters_of
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.pairing import Pairs, pairs_of
from praktijktest.analysis.stages import unit_keys
from praktijktest.design import Comparison, Design
from praktijktest.statistics.cells import Cells
from praktijktest.statistics.clustered import clustered_estimates
from praktijktest.statistics.stages import Stage, StageCounts, cumulative


@dataclass(frozen=True, slots=True)
class Reached:
    """One stage, one entry per unit of the first stage.

    Attributes:
        name: name of the stage.
        present: both applicants are in it.
        alone: only one applicant of the test is.
        control, treated: positive reply.
        pending: tests of this stage whose window is open.
    """

    name: str
    present: BoolArray
    alone: BoolArray
    control: BoolArray
    treated: BoolArray
    pending: int


def stage_results(stages: Mapping[str, Applications], design: Design) -> list[dict[str, Any]]:
    """The table of stages of every contrast and outcome rule, whole round.

    Args:
        stages: the applications of every stage, in order.
        design: the round's design.
    """
    if not stages:
        return []
    clusters = clusters_of(next(iter(stages.values())))
    rows = []
    for comparison in design.comparisons():
        found = [
            pairs_of(applications, design, comparison, skip_bad_rows=True)
            for applications in stages.values()
        ]
        if not found[0].binary:
            continue
        for rule in found[0].control:
            reached = _reached(stages, found, comparison, rule)
            rows.append(_entry(design, comparison, rule, reached, clusters, found[0]))
    return rows


def _reached(
    stages: Mapping[str, Applications], pairs: Sequence[Pairs], comparison: Comparison, rule: str
) -> list[Reached]:
    first = next(iter(stages.values()))
    own = unit_keys(first, pairs[0].test, pairs[0].application, comparison.within)
    order = np.argsort(own, kind="stable")
    sorted_own = own[order]
    tests = first.test_ids[pairs[0].test]
    reached = []
    for (name, applications), found in zip(stages.items(), pairs, strict=True):
        keys = unit_keys(applications, found.test, found.application, comparison.within)
        place, known = np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=bool)
        if len(own):
            place = order[np.minimum(np.searchsorted(sorted_own, keys), len(own) - 1)]
            known = own[place] == keys
        present, control, treated = (np.zeros(len(own), dtype=bool) for _ in range(3))
        present[place[known]] = True
        control[place[known]] = found.control[rule][known] > 0
        treated[place[known]] = found.treated[rule][known] > 0
        here = np.isin(tests.astype(str), applications.test_ids.astype(str))
        pending = counts_of(found.status)["tests_pending"]
        reached.append(Reached(name, present, here & ~present, control, treated, pending))
    return reached


def _entry(
    design: Design,
    comparison: Comparison,
    rule: str,
    reached: Sequence[Reached],
    clusters: Clusters,
    first: Pairs,
) -> dict[str, Any]:
    counts: list[StageCounts] = []
    broken = []
    undecided = np.ones(len(first), dtype=bool)
    place = np.full(len(first), 3)
    for number, stage in enumerate(reached):
        here = undecided & stage.present
        b, c = stage.control & ~stage.treated & here, stage.treated & ~stage.control & here
        both, neither = stage.control & stage.treated & here, here & ~stage.control & ~stage.treated
        later = np.zeros(len(first), dtype=bool)
        for further in reached[number + 1 :]:
            later |= further.present
        waiting = neither & later
        cells = Cells(int(both.sum()), int(b.sum()), int(c.sum()), int(neither.sum()))
        counts.append(StageCounts(stage.name, cells, int(waiting.sum())))
        broken.append(
            {"incomplete": int((undecided & stage.alone).sum()), "pending": stage.pending}
        )
        if not number:
            place[both | waiting] = 0
        place[b], place[c] = 1, 2
        undecided &= ~(b | c)
    found = cumulative(counts, design.analysis.confidence)
    scope, method, (low, high) = "these-targets", "tango", (found.low, found.high)
    table = _by_cluster(place, clusters.targets[first.test])
    if len(table) < len(first):
        net = clustered_estimates(table, design.analysis.confidence)[0]
        scope, method, (low, high) = net.scope, net.method, (net.low, net.high)
    return {
        "contrast": comparison.id,
        "rule": rule,
        "primary": rule == design.primary_rule,
        "tests": len(first),
        "usable": found.usable,
        "stages": [_stage(stage, extra) for stage, extra in zip(found.stages, broken, strict=True)],
        "cells": found.cells.to_dict(),
        "net_rate_cumulative": {
            "name": "net_rate_cumulative",
            "value": found.net,
            "low": low,
            "high": high,
            "confidence": design.analysis.confidence,
            "method": method,
            "scope": scope,
            "denominator": "usable tests of the first stage",
            "n": found.usable,
        },
        "mcnemar_midp": found.p,
    }


def _by_cluster(place: NDArray[np.int64], cluster: NDArray[np.int32]) -> NDArray[np.int64]:
    numbers = encoding.renumbered(cluster)
    clusters = int(numbers.max(initial=-1)) + 1
    flat = np.bincount(numbers.astype(np.int64) * 4 + place, minlength=clusters * 4)
    table = flat.reshape(clusters, 4)
    return table[np.lexsort(table.T)]


def _stage(stage: Stage, extra: dict[str, int]) -> dict[str, Any]:
    counts = stage.counts
    return {
        "stage": counts.name,
        "n": counts.cells.n,
        "cells": counts.cells.to_dict(),
        "waiting": counts.waiting,
        **extra,
        "net": stage.net,
        "low": stage.low,
        "high": stage.high,
        "cumulative": stage.cumulative,
        "net_of_this_stage": stage.net_here,
        "mcnemar_midp": stage.p,
    }
