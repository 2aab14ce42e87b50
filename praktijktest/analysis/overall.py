"""Three or more applicants for the same advert: are they all treated alike?"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.contrasts import Clusters
from praktijktest.analysis.pairing import Pairs
from praktijktest.design import Design
from praktijktest.statistics.cochran import cochran_q
from praktijktest.statistics.mcnemar import mcnemar_midp
from praktijktest.statistics.multiplicity import holm
from praktijktest.statistics.sets import net_rate_of_sets


def overall_of_sets(
    design: Design, all_pairs: Sequence[Pairs], clusters: Clusters
) -> list[dict[str, Any]]:
    """Cochran's Q over all levels of a contrast, and its comparisons adjusted together.

    Only tests with one applicant of every level count for Q. The comparisons with the control
    keep their own tests; their p-values are adjusted by Holm, for the levels are one question.

    Args:
        design: the round's design.
        all_pairs: the comparable tests of every comparison.
        clusters: what counts as independent.
    """
    families: dict[str, list[Pairs]] = {}
    for pairs in all_pairs:
        if pairs.binary:
            families.setdefault(pairs.comparison.declared_id, []).append(pairs)
    return [
        _entry(declared, several, rule, clusters, design.analysis.confidence)
        for declared, several in families.items()
        if len(several) > 1
        for rule in design.positive()
    ]


def _entry(
    declared: str, several: Sequence[Pairs], rule: str, clusters: Clusters, confidence: float
) -> dict[str, Any]:
    tests, replies = _replies(several, rule)
    found = cochran_q(replies)
    cluster = encoding.renumbered(clusters.targets[tests])
    net = net_rate_of_sets(replies, cluster, confidence)
    counts = [_discordant(pairs, rule) for pairs in several]
    adjusted = holm(np.array([float(mcnemar_midp(b, c)) for b, c in counts]))
    return {
        "contrast": declared,
        "rule": rule,
        "name": "cochran_q",
        "levels": [several[0].comparison.control, *(p.comparison.test_label for p in several)],
        "statistic": found.statistic,
        "degrees": found.degrees,
        "p": found.p,
        "p_dealt": found.p_dealt,
        "n": found.tests,
        "informative": found.informative,
        "net_rate_of_sets": net.to_dict(),
        "holm": {pairs.comparison.id: float(p) for pairs, p in zip(several, adjusted, strict=True)},
    }


def _discordant(pairs: Pairs, rule: str) -> tuple[int, int]:
    control, treated = pairs.control[rule] > 0, pairs.treated[rule] > 0
    return int((control & ~treated).sum()), int((~control & treated).sum())


def _replies(several: Sequence[Pairs], rule: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Tests with one comparable unit of every level, and their replies by level."""
    shared: set[int] | None = None
    for pairs in several:
        numbers, counts = np.unique(pairs.test, return_counts=True)
        whole = set(numbers[counts == 1].tolist())
        shared = whole if shared is None else shared & whole
    tests = np.array(sorted(shared or ()), dtype=np.int64)
    columns = []
    for place, pairs in enumerate(several):
        order = np.argsort(pairs.test, kind="stable")
        rows = order[np.searchsorted(pairs.test[order], tests)] if len(tests) else order[:0]
        if not place:
            columns.append(pairs.control[rule][rows] > 0)
        columns.append(pairs.treated[rule][rows] > 0)
    return tests, np.column_stack(columns)
