"""Every tested agent: counts, p-values, the flag rule and the state it leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.pairing import Pairs
from praktijktest.analysis.target_counts import CountArray, TargetCounts, count_targets
from praktijktest.analysis.target_rules import FloatArray, families, verdicts
from praktijktest.design import Design
from praktijktest.statistics.flags import decide, fragile
from praktijktest.statistics.intervals import tango
from praktijktest.statistics.power import chance_of_small_p
from praktijktest.vocabulary import TARGET_STATES

RULES_SHOWN = ("discrete-fdr", "discrete-fdr-stepup", "bonferroni", "holm", "bh", "by", "storey")
"""Rules whose decisions stand side by side with the declared one."""

POSITIVE_TESTS_NEEDED = 8
"""Tests with a positive reply to anyone below which equal treatment cannot be assessed."""

EQUIVALENCE_CONFIDENCE = 0.90
"""A 90 % interval inside the margin is a test of equivalence at 5 % (two one-sided tests)."""

ILLUSTRATED_ONLY_CONTROL = 0.50
ILLUSTRATED_ONLY_TEST = 0.05
"""The agent whose chance of a small p is shown: refuses the test applicant every second time."""


@dataclass(frozen=True, slots=True)
class TargetTable:
    """All (target, contrast) combinations, one entry each in every array.

    Attributes:
        target: target ids; contrast: contrast ids.
        cells: shape (entries, 4): both, only_control, only_test, neither.
        p: p-value of the declared rule's test; p_midp: one-sided sign mid-p.
        q: adjusted p-value, NaN where there is none.
        in_family: has enough tests to be judged.
        state: name of the state; fragile: one test less undoes the signal.
        chance: chance that the illustrated agent reaches p <= alpha with these tests.
        rules: rule -> (p, q or None, flagged), over the same entries.
        out_of_scope: targets that `[flagging] only` leaves out.
        considered: targets with at least one test of a flagged contrast.
        without_target: units that name no target.
    """

    target: NDArray[np.object_]
    contrast: NDArray[np.object_]
    direction: NDArray[np.object_]
    cells: NDArray[np.int64]
    p: FloatArray
    p_midp: FloatArray
    q: FloatArray
    in_family: BoolArray
    state: NDArray[np.object_]
    fragile: BoolArray
    chance: FloatArray
    rules: dict[str, tuple[FloatArray, FloatArray | None, BoolArray]]
    out_of_scope: int
    considered: int
    without_target: int

    def __len__(self) -> int:
        return len(self.target)

    def state_counts(self) -> list[dict[str, Any]]:
        """How many targets are in each state, per contrast."""
        return [
            {
                "contrast": str(contrast),
                "state": state,
                "targets": int(((self.contrast == contrast) & (self.state == state)).sum()),
            }
            for contrast in dict.fromkeys(self.contrast)
            for state in TARGET_STATES
            if ((self.contrast == contrast) & (self.state == state)).any()
        ]

    def rule_counts(self) -> list[dict[str, Any]]:
        """How many (target, contrast) combinations each rule flags."""
        return [
            {"rule": rule, "flagged": int(flagged.sum())}
            for rule, (_, _, flagged) in self.rules.items()
        ]


def target_table(
    applications: Applications, design: Design, all_pairs: Sequence[Pairs]
) -> TargetTable:
    """Count, test and judge every target on every contrast that may flag.

    The family is every (target, contrast) with at least `min_tests` units; with
    `across = "separate"` every contrast is a family of its own.
    """
    counts = count_targets(applications, design, all_pairs)
    cells = counts.cells
    flagging = design.flagging
    in_family = cells.sum(axis=1) >= flagging.min_tests
    rules = {
        rule: verdicts(rule, design, counts, in_family)
        for rule in dict.fromkeys((flagging.rule, *RULES_SHOWN))
    }
    declared = rules[flagging.rule]
    p_midp = _mid_p(cells)
    allowed = design.test is None or design.test.order != "control-first"
    # No list may flag a target whose own tests do not point the way the flag looks.
    favours = (counts.gap > 0) | (counts.either & (counts.gap != 0))
    may_signal = declared.flagged & (allowed or flagging.accept_fixed_order) & favours
    state = _states(design, counts, in_family, may_signal, p_midp)
    is_signal = np.asarray(state == "signal", dtype=bool)
    weak = _fragile(design, counts, in_family, is_signal)
    order = np.lexsort((counts.number, declared.p, counts.contrast))
    q = np.full(len(counts), np.nan) if declared.q is None else declared.q
    ids = np.array([comparison.id for comparison in counts.comparisons], dtype=object)
    return TargetTable(
        target=counts.names[counts.number][order],
        contrast=ids[counts.contrast][order],
        direction=counts.direction[order],
        cells=cells[order],
        p=declared.p[order],
        p_midp=p_midp[order],
        q=q[order],
        in_family=in_family[order],
        state=state[order],
        fragile=weak[order],
        chance=_chance(cells, flagging.alpha)[order],
        rules={
            rule: (v.p[order], None if v.q is None else v.q[order], v.flagged[order])
            for rule, v in rules.items()
        },
        out_of_scope=counts.out_of_scope,
        considered=counts.considered,
        without_target=counts.without_target,
    )


def _fragile(
    design: Design, counts: TargetCounts, in_family: BoolArray, signal: BoolArray
) -> BoolArray:
    result = np.zeros(len(counts), dtype=bool)
    for family in families(design, counts, in_family):
        cells = counts.cells[family.entries]
        result[family.entries] = fragile(
            design.flagging.rule,
            cells[:, 1],
            cells[:, 2],
            family.alpha,
            signal[family.entries],
            family.direction,
        )
    return result


def _mid_p(cells: CountArray) -> FloatArray:
    return decide("bonferroni", cells[:, 1], cells[:, 2], 0.05, "control-favoured").p_midp


def _chance(cells: CountArray, alpha: float) -> FloatArray:
    return chance_of_small_p(
        cells.sum(axis=1), ILLUSTRATED_ONLY_CONTROL, ILLUSTRATED_ONLY_TEST, alpha
    )


def _states(
    design: Design,
    counts: TargetCounts,
    in_family: BoolArray,
    signal: BoolArray,
    p_midp: FloatArray,
) -> NDArray[np.object_]:
    """The first state that applies, in the order of the contract."""
    cells, number = counts.cells, counts.number
    grey = (p_midp <= design.flagging.grey_midp) & (counts.gap > 0) & in_family
    suspect = np.unique(number[(signal & in_family) | grey])
    unsuspected = ~np.isin(number, suspect)
    equal = _equal_treatment(design, cells) & unsuspected
    answered = cells[:, :3].sum(axis=1) >= POSITIVE_TESTS_NEEDED
    chosen = np.select(
        [~in_family, signal, grey, ~answered, equal],
        np.arange(5),
        default=5,
    )
    names = (
        "too-few-tests",
        "signal",
        "grey-zone",
        "not-assessable",
        "equal-treatment",
        "no-signal",
    )
    return np.array(names, dtype=object)[chosen]


def _equal_treatment(design: Design, cells: CountArray) -> BoolArray:
    """Whether the 90 % Tango interval of the net rate over all tests is inside the margin."""
    result = np.zeros(len(cells), dtype=bool)
    if design.test is None or design.test.order != "random":
        return result
    margin = design.flagging.equal_margin
    n = cells.sum(axis=1)
    # With the interval at its narrowest (no discordant test) the limits are z²/(n + z²).
    z_squared = 1.6448536269514722**2
    possible = (z_squared / (n + z_squared) < margin) & (
        np.abs(cells[:, 1] - cells[:, 2]) < margin * np.maximum(n, 1)
    )
    candidates = np.flatnonzero(possible)
    if not len(candidates):
        return result
    keys = np.column_stack([cells[candidates, 1], cells[candidates, 2], n[candidates]])
    distinct, group = np.unique(keys, axis=0, return_inverse=True)
    inside = np.zeros(len(distinct), dtype=bool)
    for place, (b, c, total) in enumerate(distinct.tolist()):
        low, high = tango(b, c, total, EQUIVALENCE_CONFIDENCE)
        inside[place] = low > -margin and high < margin
    result[candidates] = inside[group.ravel()]
    return result
