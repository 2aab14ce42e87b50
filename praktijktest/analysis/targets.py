"""Every tested agent: counts, p-values, the flag rule and the state it leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications
from praktijktest.analysis.encoding import BoolArray, IntArray
from praktijktest.analysis.pairing import Pairs
from praktijktest.design import Design
from praktijktest.problems import Problem
from praktijktest.statistics.flags import decide, fragile
from praktijktest.statistics.intervals import tango
from praktijktest.statistics.power import chance_of_small_p
from praktijktest.tables import canonical
from praktijktest.vocabulary import TARGET_STATES

FloatArray = NDArray[np.float64]

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
    problems: tuple[Problem, ...]

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
    ids = _unit_of_flagging(applications, design)
    flagged_contrasts = _flagged_contrasts(design)
    in_scope = _in_scope(applications, design)
    blocks = []
    inside = np.zeros(len(ids.names), dtype=bool)
    outside = np.zeros(len(ids.names), dtype=bool)
    without_target = 0
    for pairs in all_pairs:
        if pairs.comparison.id not in flagged_contrasts or not pairs.binary:
            continue
        number = ids.number[pairs.test]
        scope = in_scope[pairs.application] & (number >= 0)
        without_target += int((number < 0).sum())
        counts = _counts(pairs, design.primary_rule, number, scope, len(ids.names))
        present = np.flatnonzero(counts.sum(axis=1))
        inside[present] = True
        outside[number[number >= 0]] = True
        blocks.append((pairs, present, counts[present]))
    return _judged(design, ids, blocks, int((outside & ~inside).sum()), without_target)


@dataclass(frozen=True, slots=True)
class _Ids:
    number: IntArray
    names: NDArray[np.object_]


def _unit_of_flagging(applications: Applications, design: Design) -> _Ids:
    """Number of the flagged unit of every test: its target, or its group of targets."""
    if design.flagging.unit == "target":
        return _Ids(applications.target, applications.target_ids)
    column = applications.rows.fields.get("target_group")
    number = np.full(len(applications.test_ids), -1, dtype=np.int32)
    if column is None:
        return _Ids(number, encoding.text_array([]))
    order = encoding.ranks(column.values)
    names = np.empty(len(column.values), dtype=object)
    names[order] = column.values
    filled = ~encoding.is_empty(column)
    number[applications.test[filled]] = order[column.codes[filled]]
    return _Ids(number, names)


def _flagged_contrasts(design: Design) -> set[str]:
    comparisons = design.comparisons()
    wanted = design.flagging.contrasts
    if wanted is None:
        return {comparison.id for comparison in comparisons}
    return {c.id for c in comparisons if c.id in wanted or c.declared_id in wanted}


def _in_scope(applications: Applications, design: Design) -> BoolArray:
    scope = np.ones(len(applications), dtype=bool)
    for name, wanted in design.flagging.only.items():
        column = applications.rows.named(name)
        if column is not None:
            values = {canonical(value) for value in wanted}
            allowed = np.array([value in values for value in column.values], dtype=bool)
            scope &= allowed[column.codes]
    return scope


def _counts(
    pairs: Pairs, rule: str, number: IntArray, scope: BoolArray, targets: int
) -> NDArray[np.int64]:
    control, treated = pairs.control[rule] > 0, pairs.treated[rule] > 0
    cell = 2 * ~control + 1 * ~treated
    flat = np.bincount(number[scope].astype(np.int64) * 4 + cell[scope], minlength=targets * 4)
    return flat.reshape(targets, 4)


def _judged(
    design: Design,
    ids: _Ids,
    blocks: list[tuple[Pairs, NDArray[np.int64], NDArray[np.int64]]],
    out_of_scope: int,
    without_target: int,
) -> TargetTable:
    sizes = [len(present) for _, present, _ in blocks]
    number = np.concatenate([np.zeros(0, dtype=np.int64), *(p for _, p, _ in blocks)])
    contrast = np.repeat(np.arange(len(blocks)), sizes)
    cells = np.concatenate([np.zeros((0, 4), dtype=np.int64), *(c for _, _, c in blocks)])
    comparisons = [pairs.comparison for pairs, _, _ in blocks]
    direction = np.array([c.direction for c in comparisons], dtype=object)[contrast]
    flagging = design.flagging
    in_family = cells.sum(axis=1) >= flagging.min_tests
    rules = {
        rule: _decisions(rule, design, cells, contrast, direction, in_family)
        for rule in dict.fromkeys((flagging.rule, *RULES_SHOWN))
    }
    p, q, flagged = rules[flagging.rule]
    p_midp = _mid_p(cells)
    allowed = design.test is None or design.test.order != "control-first"
    may_signal = flagged & (allowed or flagging.accept_fixed_order) & _favours(cells, direction)
    state = _states(design, number, cells, in_family, may_signal, p_midp)
    is_signal = np.asarray(state == "signal", dtype=bool)
    weak = _fragile(design, cells, contrast, direction, in_family, is_signal)
    order = np.lexsort((number, p, contrast))
    return TargetTable(
        target=ids.names[number][order],
        contrast=np.array([c.id for c in comparisons], dtype=object)[contrast][order],
        direction=direction[order],
        cells=cells[order],
        p=p[order],
        p_midp=p_midp[order],
        q=(np.full(len(p), np.nan) if q is None else q)[order],
        in_family=in_family[order],
        state=state[order],
        fragile=weak[order],
        chance=_chance(cells, flagging.alpha)[order],
        rules={
            rule: (a[order], None if b is None else b[order], c[order])
            for rule, (a, b, c) in rules.items()
        },
        out_of_scope=out_of_scope,
        considered=len(np.unique(number)),
        without_target=without_target,
        problems=(),
    )


def _favours(cells: NDArray[np.int64], direction: NDArray[np.object_]) -> BoolArray:
    """Targets whose own tests point the way the flag looks; no list may flag the others."""
    gap = cells[:, 1] - cells[:, 2]
    either = np.asarray(direction == "either", dtype=bool)
    return np.asarray((gap > 0) | (either & (gap != 0)), dtype=bool)


def _families(
    design: Design, contrast: NDArray[np.int64], direction: NDArray[np.object_], member: BoolArray
) -> list[tuple[str, NDArray[np.int64]]]:
    """Entries judged together, with the direction they are tested in."""
    families = []
    for way in sorted(set(direction.tolist())):
        entries = member & np.asarray(direction == way, dtype=bool)
        if design.flagging.across == "family":
            families.append((way, np.flatnonzero(entries)))
            continue
        families += [
            (way, np.flatnonzero(entries & (contrast == block))) for block in np.unique(contrast)
        ]
    return [(way, entries) for way, entries in families if len(entries)]


def _parts_of_alpha(design: Design, families: list[tuple[str, NDArray[np.int64]]]) -> int:
    """Into how many equal parts alpha is split within one declared family.

    Contrasts tested one way and both ways have different null distributions and are judged
    apart. The false discovery rate of two lists together is at most the sum of their rates,
    so each gets its part.
    """
    ways = {way for way, _ in families}
    return max(len(ways), 1) if design.flagging.across == "family" else 1


def _decisions(
    rule: str,
    design: Design,
    cells: NDArray[np.int64],
    contrast: NDArray[np.int64],
    direction: NDArray[np.object_],
    in_family: BoolArray,
) -> tuple[FloatArray, FloatArray | None, BoolArray]:
    everything = np.ones(len(cells), dtype=bool)
    p = np.ones(len(cells))
    q = np.full(len(cells), np.nan)
    flagged = np.zeros(len(cells), dtype=bool)
    families = _families(design, contrast, direction, in_family)
    parts = _parts_of_alpha(design, families)
    alpha = design.flagging.alpha / parts
    adjusted = True
    for way, entries in _families(design, contrast, direction, everything):
        p[entries] = decide("bonferroni", cells[entries, 1], cells[entries, 2], alpha, way).p
    for way, entries in families:
        decision = decide(rule, cells[entries, 1], cells[entries, 2], alpha, way)
        flagged[entries] = decision.flagged
        adjusted = adjusted and decision.q is not None
        if decision.q is not None:
            q[entries] = np.minimum(1.0, decision.q * parts)
    return p, (q if adjusted else None), flagged


def _fragile(
    design: Design,
    cells: NDArray[np.int64],
    contrast: NDArray[np.int64],
    direction: NDArray[np.object_],
    in_family: BoolArray,
    signal: BoolArray,
) -> BoolArray:
    result = np.zeros(len(cells), dtype=bool)
    flagging = design.flagging
    families = _families(design, contrast, direction, in_family)
    alpha = flagging.alpha / _parts_of_alpha(design, families)
    for way, entries in families:
        result[entries] = fragile(
            flagging.rule,
            cells[entries, 1],
            cells[entries, 2],
            alpha,
            signal[entries],
            way,
        )
    return result


def _mid_p(cells: NDArray[np.int64]) -> FloatArray:
    return decide("bonferroni", cells[:, 1], cells[:, 2], 0.05, "control-favoured").p_midp


def _chance(cells: NDArray[np.int64], alpha: float) -> FloatArray:
    return chance_of_small_p(
        cells.sum(axis=1), ILLUSTRATED_ONLY_CONTROL, ILLUSTRATED_ONLY_TEST, alpha
    )


def _states(
    design: Design,
    number: NDArray[np.int64],
    cells: NDArray[np.int64],
    in_family: BoolArray,
    signal: BoolArray,
    p_midp: FloatArray,
) -> NDArray[np.object_]:
    """The first state that applies, in the order of the contract."""
    grey = (p_midp <= design.flagging.grey_midp) & (cells[:, 1] > cells[:, 2]) & in_family
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


def _equal_treatment(design: Design, cells: NDArray[np.int64]) -> BoolArray:
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
