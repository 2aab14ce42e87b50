"""Counts per target: the four cells, and what the checks beside a signal look at."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications
from praktijktest.analysis.encoding import BoolArray, IntArray
from praktijktest.analysis.pairing import Pairs, ambiguous
from praktijktest.design import Comparison, Design
from praktijktest.statistics.recoding import Recoding, recoding
from praktijktest.tables import Column, canonical, parse_numbers

CountArray = NDArray[np.int64]

RULE_OF_MEANS = "storey-t"
"""The one flag rule that needs no four cells."""


@dataclass(frozen=True, slots=True)
class TargetCounts:
    """All (target, contrast) combinations with at least one test, one entry each.

    Attributes:
        names: names of all units of flagging: targets, or groups of targets.
        number: per entry, which of them it is.
        comparisons: the contrasts that may flag.
        contrast: per entry, which of them it is.
        direction: per entry, which way a signal may point.
        cells: shape (entries, 4): both, only_control, only_test, neither; zeros where
            outcomes are averaged per test, so that there are no four cells.
        tests: comparable units; answered: those with a positive reply to anyone.
        binary: per contrast, whether it has four cells.
        hinging: how many of these tests hinge on ambiguous replies: replies that one outcome
            rule of the design counts as positive and the other does not.
        by_order: shape (entries, 4), discordant tests: control first and favoured, control
            first and not favoured, test applicant first and control favoured, neither.
        by_sheet: the same by which applicant had the letter with the lower name.
        out_of_scope: targets that `[flagging] only` leaves out.
        considered: targets with at least one test of a flagged contrast.
        without_target: units that name no target.
    """

    names: NDArray[np.object_]
    number: CountArray
    comparisons: tuple[Comparison, ...]
    contrast: CountArray
    direction: NDArray[np.object_]
    cells: CountArray
    tests: CountArray
    answered: CountArray
    binary: tuple[bool, ...]
    hinging: Recoding
    by_order: CountArray
    by_sheet: CountArray
    out_of_scope: int
    considered: int
    without_target: int

    def __len__(self) -> int:
        return len(self.number)

    def ordered(self, order: NDArray[np.intp]) -> "TargetCounts":
        """The same entries in another order."""
        arrays = ("number", "contrast", "direction", "cells", "tests", "answered")
        return replace(
            self,
            **{name: getattr(self, name)[order] for name in (*arrays, "by_order", "by_sheet")},
            hinging=chosen(self.hinging, order),
        )

    @property
    def gap(self) -> CountArray:
        """Tests that favoured the control only, less those that favoured the other only."""
        gap: CountArray = self.cells[:, 1] - self.cells[:, 2]
        return gap

    @property
    def either(self) -> BoolArray:
        """Entries whose contrast flags both ways."""
        return np.asarray(self.direction == "either", dtype=bool)


def count_targets(
    applications: Applications, design: Design, all_pairs: Sequence[Pairs]
) -> TargetCounts:
    """Count the tests of every target on every contrast that may flag."""
    number, names = unit_of_flagging(applications, design)
    flagged_contrasts = _flagged_contrasts(design)
    in_scope = targets_in_scope(applications, design)
    blocks: list[tuple[Pairs, CountArray, dict[str, CountArray], Recoding]] = []
    inside = np.zeros(len(names), dtype=bool)
    outside = np.zeros(len(names), dtype=bool)
    without_target = 0
    for pairs in all_pairs:
        if pairs.comparison.id not in flagged_contrasts:
            continue
        if not pairs.binary and design.flagging.rule != RULE_OF_MEANS:
            continue
        unit = number[pairs.test]
        scope = in_scope[pairs.application] & (unit >= 0)
        without_target += int((unit < 0).sum())
        counts = _block(applications, design, pairs, unit, scope, len(names))
        hinging = _hinging(design, pairs, unit, scope, len(names))
        present = np.flatnonzero(counts["units"].sum(axis=1))
        inside[present] = True
        outside[unit[unit >= 0]] = True
        own = {name: table[present] for name, table in counts.items()}
        blocks.append((pairs, present, own, hinging))
    sizes = [len(present) for _, present, _, _ in blocks]
    comparisons = tuple(pairs.comparison for pairs, _, _, _ in blocks)
    contrast = np.repeat(np.arange(len(blocks)), sizes)
    every = np.concatenate([np.zeros(0, dtype=np.int64), *(p for _, p, _, _ in blocks)])
    tables = [counts for _, _, counts, _ in blocks]
    return TargetCounts(
        names=names,
        number=every,
        comparisons=comparisons,
        contrast=contrast,
        direction=np.array([c.direction for c in comparisons], dtype=object)[contrast],
        cells=_stacked(tables, "cells"),
        tests=_stacked(tables, "units").sum(axis=1),
        answered=_stacked(tables, "units")[:, :3].sum(axis=1),
        binary=tuple(pairs.binary for pairs, _, _, _ in blocks),
        hinging=_joined([chosen(hinging, present) for _, present, _, hinging in blocks]),
        by_order=_stacked(tables, "by_order"),
        by_sheet=_stacked(tables, "by_sheet"),
        out_of_scope=int((outside & ~inside).sum()),
        considered=len(np.unique(every)),
        without_target=without_target,
    )


def chosen(hinging: Recoding, entries: CountArray | NDArray[np.intp]) -> Recoding:
    """The counts of some entries."""
    return Recoding(*(getattr(hinging, part.name)[entries] for part in fields(Recoding)))


def _joined(blocks: Sequence[Recoding]) -> Recoding:
    none = np.zeros(0, dtype=np.int64)
    return Recoding(
        *(
            np.concatenate([none, *(getattr(block, part.name) for block in blocks)])
            for part in fields(Recoding)
        )
    )


def _stacked(tables: Sequence[dict[str, CountArray]], name: str) -> CountArray:
    return np.concatenate([np.zeros((0, 4), dtype=np.int64), *(t[name] for t in tables)])


def _block(
    applications: Applications,
    design: Design,
    pairs: Pairs,
    unit: IntArray,
    scope: BoolArray,
    targets: int,
) -> dict[str, CountArray]:
    """The tables of one contrast, shape (targets, 4) each."""
    rule = design.primary_rule
    control, treated = pairs.control[rule] > 0, pairs.treated[rule] > 0

    def table(place: NDArray[np.int64], chosen: BoolArray) -> CountArray:
        flat = np.bincount(unit[chosen].astype(np.int64) * 4 + place[chosen], minlength=targets * 4)
        return flat.reshape(targets, 4).astype(np.int64)

    discordant = scope & (control != treated)

    def crossed(control_first: IntArray) -> CountArray:
        place = 2 * (control_first == 0) + (~control).astype(np.int64)
        return table(place, discordant & (control_first >= 0))

    units = table(2 * ~control + 1 * ~treated, scope)
    return {
        "units": units,
        "cells": units if pairs.binary else np.zeros_like(units),
        "by_order": crossed(control_first(applications, pairs)),
        "by_sheet": crossed(_control_lower_sheet(applications, pairs)),
    }


def _hinging(
    design: Design, pairs: Pairs, unit: IntArray, scope: BoolArray, targets: int
) -> Recoding:
    rule = design.primary_rule
    return recoding(
        unit[scope],
        pairs.control[rule][scope] > 0,
        pairs.treated[rule][scope] > 0,
        ambiguous(pairs.control)[scope],
        ambiguous(pairs.treated)[scope],
        targets,
    )


def control_first(applications: Applications, pairs: Pairs) -> IntArray:
    """Per unit: 1 where the control wrote first, 0 where second, -1 where nobody knows."""
    position = applications.rows.fields.get("position")
    if position is not None:
        numbers = np.asarray(parse_numbers(position.values)[0], dtype=np.float64)[position.codes]
    elif applications.coded.sent_at is not None:
        sent = applications.coded.sent_at
        numbers = np.where(np.isnat(sent), np.nan, sent.astype(np.int64).astype(np.float64))
    else:
        return np.full(len(pairs), -1, dtype=np.int32)
    return _lower(numbers[pairs.application], numbers[pairs.opposite])


def _control_lower_sheet(applications: Applications, pairs: Pairs) -> IntArray:
    """Per unit: 1 where the control had the letter with the lower name, 0 or -1 as above."""
    template = applications.rows.fields.get("template")
    if template is None:
        return np.full(len(pairs), -1, dtype=np.int32)
    rank = encoding.ranks(template.values).astype(np.float64)
    rank[[value == "" for value in template.values]] = np.nan
    return _lower(rank[template.codes[pairs.application]], rank[template.codes[pairs.opposite]])


def _lower(control: NDArray[np.float64], treated: NDArray[np.float64]) -> IntArray:
    known = ~np.isnan(control) & ~np.isnan(treated) & (control != treated)
    return np.where(known, (control < treated).astype(np.int32), -1).astype(np.int32)


def unit_of_flagging(
    applications: Applications, design: Design
) -> tuple[IntArray, NDArray[np.object_]]:
    """Number of the flagged unit of every test (its target or group of targets), and names."""
    if design.flagging.unit == "target":
        return applications.target, applications.target_ids
    column = applications.rows.fields.get("target_group")
    number = np.full(len(applications.test_ids), -1, dtype=np.int32)
    if column is None:
        return number, encoding.text_array([])
    order = encoding.ranks(column.values)
    names = np.empty(len(column.values), dtype=object)
    names[order] = column.values
    filled = ~encoding.is_empty(column)
    number[applications.test[filled]] = order[column.codes[filled]]
    return number, names


def _flagged_contrasts(design: Design) -> set[str]:
    comparisons = design.comparisons()
    wanted = design.flagging.contrasts
    if wanted is None:
        return {comparison.id for comparison in comparisons}
    return {c.id for c in comparisons if c.id in wanted or c.declared_id in wanted}


def targets_in_scope(applications: Applications, design: Design) -> BoolArray:
    """Per application, whether `[flagging] only` lets its target be flagged."""
    scope = np.ones(len(applications), dtype=bool)
    for name, wanted in design.flagging.only.items():
        column: Column | None = applications.rows.named(name)
        if column is not None:
            values = {canonical(value) for value in wanted}
            allowed = np.array([value in values for value in column.values], dtype=bool)
            scope &= allowed[column.codes]
    return scope
