"""Mean gaps per target over its clusters, for the t-tests of the rule `storey-t`."""

from collections.abc import Sequence

import numpy as np

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.pairing import Pairs, arms_of
from praktijktest.analysis.target_counts import TargetCounts, targets_in_scope, unit_of_flagging
from praktijktest.design import Design
from praktijktest.statistics.storey_t import ClusterGaps, cluster_gaps


def target_gaps(
    applications: Applications, design: Design, all_pairs: Sequence[Pairs], counts: TargetCounts
) -> ClusterGaps:
    """The gap of every cluster of every (target, contrast), under the primary rule.

    All valid applications of both groups count, those of incomplete tests and repeats too.
    A cluster is the declared one (the job of an employer), else the test.
    """
    number, _ = unit_of_flagging(applications, design)
    unit = number[applications.test]
    usable = applications.usable & targets_in_scope(applications, design) & (unit >= 0)
    outcome = applications.coded.positive[design.primary_rule].astype(np.float64)
    declared = applications.rows.fields.get("cluster")
    cluster = applications.test if declared is None else declared.codes
    arms = {p.comparison.id: arms_of(applications, p.comparison) for p in all_pairs}
    owner, place, arm, value = [], [], [], []
    for block, comparison in enumerate(counts.comparisons):
        entry_of = np.full(max(len(counts.names), 1), -1, dtype=np.int64)
        own = np.flatnonzero(counts.contrast == block)
        entry_of[counts.number[own]] = own
        level = arms[comparison.id].level
        rows = np.flatnonzero(usable & (level >= 0))
        rows = rows[entry_of[unit[rows]] >= 0]
        owner.append(entry_of[unit[rows]])
        place.append(cluster[rows].astype(np.int64))
        arm.append(level[rows].astype(np.int64))
        value.append(outcome[rows])
    none = np.zeros(0, dtype=np.int64)
    return cluster_gaps(
        np.concatenate([none, *owner]),
        np.concatenate([none, *place]),
        np.concatenate([none, *arm]),
        np.concatenate([none.astype(np.float64), *value]),
        len(counts),
    )
