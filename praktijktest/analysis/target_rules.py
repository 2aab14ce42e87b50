"""What every flag rule says of every target of a round, family by family."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.target_counts import CountArray, TargetCounts
from praktijktest.design import Design
from praktijktest.statistics.flags import decide

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

    direction: str
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
    return [Family(way, entries, alpha, parts) for way, entries in found]


def verdicts(rule: str, design: Design, counts: TargetCounts, in_family: BoolArray) -> Verdicts:
    """Apply one rule to every family; p-values also exist outside them."""
    cells = counts.cells
    p = np.ones(len(counts))
    q = np.full(len(counts), np.nan)
    flagged = np.zeros(len(counts), dtype=bool)
    adjusted = True
    for family in families(design, counts, np.ones(len(counts), dtype=bool)):
        p[family.entries] = _p(cells[family.entries], family)
    for family in families(design, counts, in_family):
        own = cells[family.entries]
        decision = decide(rule, own[:, 1], own[:, 2], family.alpha, family.direction)
        flagged[family.entries] = decision.flagged
        adjusted = adjusted and decision.q is not None
        if decision.q is not None:
            q[family.entries] = np.minimum(1.0, decision.q * family.parts)
    return Verdicts(p, q if adjusted else None, flagged)


def _p(cells: CountArray, family: Family) -> FloatArray:
    return decide("bonferroni", cells[:, 1], cells[:, 2], family.alpha, family.direction).p
