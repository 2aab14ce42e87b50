"""What every flag rule says of every target of a round, family by family."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.target_counts import CountArray, TargetCounts
from praktijktest.design import Design
from praktijktest.statistics.discrete_fdr import Direction, checked_direction
from praktijktest.statistics.flags import decide
from praktijktest.statistics.simes import RULES as RULES_OF_JOINED_P
from praktijktest.statistics.simes import decide_by_target
from praktijktest.statistics.storey_t import ClusterGaps, storey_t

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Family:
    """Entries that are judged together.

    Attributes:
        direction: which way they are tested.
        entries: their places.
        alpha: level of this family.
        parts: into how many equal parts the declared level is split.
    """

    direction: Direction
    entries: CountArray
    alpha: float
    parts: int


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What one rule says, one entry per (target, contrast).

    Attributes:
        p: the p-value the rule starts from.
        q: adjusted p-value, NaN outside the family; None where the rule has none.
        flagged: the decision.
    """

    p: FloatArray
    q: FloatArray | None
    flagged: BoolArray


@dataclass(frozen=True, slots=True)
class Means:
    """What the t-tests over clusters say, one entry per (target, contrast).

    Attributes:
        theta: mean gap between control and test applications over clusters; NaN without.
        se: its standard error; p: p-value; q: Storey's q-value in the family; NaN where
            they do not exist.
        clusters: clusters used; left_out: clusters that lack one of the groups.
        flagged: the decision.
    """

    theta: FloatArray
    se: FloatArray
    p: FloatArray
    q: FloatArray
    clusters: CountArray
    left_out: CountArray
    flagged: BoolArray

    def verdicts(self) -> Verdicts:
        """What the rule says, in the shape of the other rules; no test is no evidence."""
        return Verdicts(np.nan_to_num(self.p, nan=1.0), self.q, self.flagged)


def families(design: Design, counts: TargetCounts, member: BoolArray) -> list[Family]:
    """The families of a round: all contrasts together, or each contrast for itself.

    Contrasts tested one way and both ways have different null distributions and are judged
    apart. The false discovery rate of two lists together is at most the sum of their rates,
    so within one declared family each gets its part of alpha.
    """
    found = []
    together = design.flagging.across == "family"
    for way in sorted(set(counts.direction.tolist())):
        entries = member & np.asarray(counts.direction == way, dtype=bool)
        blocks = (
            [entries]
            if together
            else [entries & (counts.contrast == block) for block in np.unique(counts.contrast)]
        )
        found += [(way, np.flatnonzero(block)) for block in blocks if block.any()]
    parts = max(len({way for way, _ in found}), 1) if together else 1
    alpha = design.flagging.alpha / parts
    return [Family(checked_direction(way), entries, alpha, parts) for way, entries in found]


def verdicts(
    rule: str, design: Design, counts: TargetCounts, in_family: BoolArray, p: FloatArray
) -> Verdicts:
    """Apply one rule on signs to every family; `p` is that of `sign_p`."""
    cells = counts.cells
    q = np.full(len(counts), np.nan)
    flagged = np.zeros(len(counts), dtype=bool)
    adjusted = True
    joins = design.flagging.within_target == "simes" and rule in RULES_OF_JOINED_P
    for family in families(design, counts, in_family):
        own = cells[family.entries]
        number = counts.number[family.entries] if joins else None
        tests = counts.tests[family.entries]
        adjusted_p, flagged[family.entries] = _decided(rule, own, tests, number, family)
        adjusted = adjusted and adjusted_p is not None
        if adjusted_p is not None:
            q[family.entries] = np.minimum(1.0, adjusted_p * family.parts)
    return Verdicts(p, q if adjusted else None, flagged)


def _decided(
    rule: str, cells: CountArray, tests: CountArray, number: CountArray | None, family: Family
) -> tuple[FloatArray | None, BoolArray]:
    """Adjusted p-values and decisions, per entry or (with target numbers) joined by target."""
    wins, losses = cells[:, 1], cells[:, 2]
    if number is None:
        decision = decide(rule, wins, losses, family.alpha, family.direction, tests)
        return decision.q, decision.flagged
    joined = decide_by_target(rule, wins, losses, number, family.alpha, family.direction)
    return joined.q, joined.flagged


def means_verdicts(
    design: Design, counts: TargetCounts, in_family: BoolArray, gaps: ClusterGaps
) -> Means:
    """The t-tests of the mean gaps between clusters, family by family."""
    entries = len(counts)
    number = {name: np.full(entries, np.nan) for name in ("theta", "se", "p", "q")}
    clusters, left_out = np.zeros((2, entries), dtype=np.int64)
    flagged = np.zeros(entries, dtype=bool)
    for family in families(design, counts, np.ones(entries, dtype=bool)):
        own = family.entries
        tested = storey_t(gaps, direction=family.direction)
        for name in ("theta", "se", "p"):
            number[name][own] = getattr(tested, name)[own]
        clusters[own], left_out[own] = tested.clusters[own], tested.left_out[own]
    for family in families(design, counts, in_family):
        own = family.entries
        inside = np.zeros(entries, dtype=bool)
        inside[own] = True
        judged = storey_t(gaps, inside, family.direction)
        number["q"][own] = np.minimum(1.0, judged.q[own] * family.parts)
        flagged[own] = judged.flagged(family.alpha)[own]
    return Means(**number, clusters=clusters, left_out=left_out, flagged=flagged)


def sign_p(design: Design, counts: TargetCounts) -> FloatArray:
    """Exact sign test p-values of all entries, each in the direction of its contrast."""
    p = np.ones(len(counts))
    for family in families(design, counts, np.ones(len(counts), dtype=bool)):
        own = counts.cells[family.entries]
        wins, losses = own[:, 1], own[:, 2]
        p[family.entries] = decide("bonferroni", wins, losses, family.alpha, family.direction).p
    return p
