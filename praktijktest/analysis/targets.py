"""Every tested agent: counts, p-values, the flag rule and the state it leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.label_dates import label_ends
from praktijktest.analysis.pairing import Pairs
from praktijktest.analysis.signal_evidence import SignalEvidence, signal_evidence
from praktijktest.analysis.target_counts import (
    RULE_OF_MEANS,
    CountArray,
    TargetCounts,
    count_targets,
)
from praktijktest.analysis.target_gaps import target_gaps
from praktijktest.analysis.target_rules import (
    FloatArray,
    Means,
    Verdicts,
    families,
    means_verdicts,
    sign_p,
    verdicts,
)
from praktijktest.design import Design
from praktijktest.statistics.equal_treatment import (
    POSITIVE_TESTS_NEEDED,
    EqualTreatment,
    clean_tests_missing,
    equal_treatment,
)
from praktijktest.statistics.flags import AVAILABLE_RULES, decide, fragile
from praktijktest.statistics.leave_one_out import fragile_by_target, fragile_means
from praktijktest.statistics.power import chance_of_small_p
from praktijktest.statistics.storey_t import ClusterGaps
from praktijktest.vocabulary import TARGET_STATES

RULES_SHOWN = AVAILABLE_RULES
"""Rules on signs, whose decisions stand side by side with the declared one."""

ILLUSTRATED_ONLY_CONTROL = 0.50
ILLUSTRATED_ONLY_TEST = 0.05
"""The agent whose chance of a small p is shown: refuses the test applicant every second time."""


@dataclass(frozen=True, slots=True)
class TargetTable:
    """All (target, contrast) combinations, one entry each in every array.

    Attributes:
        counts: what was counted, in the same order.
        target: target ids; contrast: contrast ids.
        cells: shape (entries, 4): both, only_control, only_test, neither.
        p: p-value of the declared rule's test; p_midp: one-sided sign mid-p.
        q: adjusted p-value, NaN where there is none.
        in_family: has enough tests to be judged.
        state: name of the state; fragile: one test less undoes the signal.
        chance: chance that the illustrated agent reaches p <= alpha with these tests.
        rules: what every rule says.
        means: the t-tests over clusters.
        evidence: checks and second opinions, which never change a state.
        equal: tests of equal treatment, with the error rate of the positive list.
        tests_missing: clean tests still missing for "equal treatment".
        valid_until: last day on which that label would hold; NaT without dates.
    """

    counts: TargetCounts
    target: NDArray[np.object_]
    contrast: NDArray[np.object_]
    direction: NDArray[np.object_]
    cells: CountArray
    p: FloatArray
    p_midp: FloatArray
    q: FloatArray
    in_family: BoolArray
    state: NDArray[np.object_]
    fragile: BoolArray
    chance: FloatArray
    rules: dict[str, Verdicts]
    means: Means
    evidence: SignalEvidence
    equal: EqualTreatment
    tests_missing: CountArray
    valid_until: NDArray[np.datetime64]

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
            {"rule": rule, "flagged": int(found.flagged.sum())}
            for rule, found in self.rules.items()
        ]


def target_table(
    applications: Applications, design: Design, all_pairs: Sequence[Pairs]
) -> TargetTable:
    """Count, test and judge every target on every contrast that may flag.

    The family is every (target, contrast) with at least `min_tests` units; with
    `across = "separate"` every contrast is a family of its own.
    """
    counts = count_targets(applications, design, all_pairs)
    p = sign_p(design, counts)
    # By contrast, then the clearest first.
    order = np.lexsort((counts.number, p, counts.contrast))
    counts, p = counts.ordered(order), p[order]
    flagging = design.flagging
    in_family = counts.tests >= flagging.min_tests
    gaps = target_gaps(applications, design, all_pairs, counts)
    means = means_verdicts(design, counts, in_family, gaps)
    rules = {rule: verdicts(rule, design, counts, in_family, p) for rule in RULES_SHOWN}
    rules[RULE_OF_MEANS] = means.verdicts()
    declared = rules[flagging.rule]
    p_midp = _mid_p(counts.cells)
    allowed = design.test is None or design.test.order != "control-first"
    may_signal = declared.flagged & (allowed or flagging.accept_fixed_order)
    may_signal &= _favours(flagging.rule, counts, means)
    wins, losses = counts.cells[:, 1], counts.cells[:, 2]
    margin = flagging.equal_margin
    may_be_equal = in_family & (counts.answered >= POSITIVE_TESTS_NEEDED) & _binary(counts)
    equal = equal_treatment(wins, losses, counts.tests, margin, may_be_equal)
    state = _states(design, counts, in_family, may_signal, p_midp, equal.inside)
    is_signal = np.asarray(state == "signal", dtype=bool)
    ids = np.array([comparison.id for comparison in counts.comparisons], dtype=object)
    return TargetTable(
        counts=counts,
        target=counts.names[counts.number],
        contrast=ids[counts.contrast],
        direction=counts.direction,
        cells=counts.cells,
        p=declared.p,
        p_midp=p_midp,
        q=np.full(len(counts), np.nan) if declared.q is None else declared.q,
        in_family=in_family,
        state=state,
        fragile=_fragile(design, counts, gaps, in_family, is_signal),
        chance=_chance(counts.tests, flagging.alpha),
        rules={flagging.rule: declared, **rules},
        means=means,
        evidence=signal_evidence(design, counts, in_family, is_signal),
        equal=equal,
        tests_missing=clean_tests_missing(wins, losses, counts.tests, margin, counts.answered),
        valid_until=label_ends(applications, design, counts),
    )


def _binary(counts: TargetCounts) -> BoolArray:
    """Entries that have four cells."""
    return np.array(counts.binary, dtype=bool)[counts.contrast]


def _favours(rule: str, counts: TargetCounts, means: Means) -> BoolArray:
    """Targets whose own tests point the way the flag looks; no list may flag the others."""
    gap = means.theta if rule == RULE_OF_MEANS else counts.gap
    return np.asarray((gap > 0) | (counts.either & (gap != 0)), dtype=bool)


def _fragile(
    design: Design,
    counts: TargetCounts,
    gaps: ClusterGaps,
    in_family: BoolArray,
    signal: BoolArray,
) -> BoolArray:
    """Signals that leaving out any one test of the target undoes."""
    result = np.zeros(len(counts), dtype=bool)
    rule = design.flagging.rule
    for family in families(design, counts, in_family):
        own = family.entries
        wins, losses = counts.cells[own, 1], counts.cells[own, 2]
        if rule == RULE_OF_MEANS:
            result |= fragile_means(gaps, own, signal, family.alpha, family.direction)
        elif design.flagging.within_target == "simes":
            result[own] = fragile_by_target(
                rule, wins, losses, counts.number[own], family.alpha, signal[own], family.direction
            )
        else:
            result[own] = fragile(
                rule,
                wins,
                losses,
                family.alpha,
                signal[own],
                family.direction,
                counts.tests[own],
            )
    return result


def _mid_p(cells: CountArray) -> FloatArray:
    return decide("bonferroni", cells[:, 1], cells[:, 2], 0.05, "control-favoured").p_midp


def _chance(tests: CountArray, alpha: float) -> FloatArray:
    return chance_of_small_p(tests, ILLUSTRATED_ONLY_CONTROL, ILLUSTRATED_ONLY_TEST, alpha)


def _states(
    design: Design,
    counts: TargetCounts,
    in_family: BoolArray,
    signal: BoolArray,
    p_midp: FloatArray,
    inside: BoolArray,
) -> NDArray[np.object_]:
    """The first state that applies, in the order of the contract."""
    number = counts.number
    grey = (p_midp <= design.flagging.grey_midp) & (counts.gap > 0) & in_family
    suspect = np.unique(number[(signal & in_family) | grey])
    unsuspected = ~np.isin(number, suspect)
    randomised = design.test is not None and design.test.order == "random"
    equal = inside & unsuspected & _binary(counts) & randomised
    answered = counts.answered >= POSITIVE_TESTS_NEEDED
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
