"""The main numbers again under other choices that a reviewer would ask for, in one table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications, part_of
from praktijktest.analysis.contrasts import Clusters, cells_of, counts_by_cluster
from praktijktest.analysis.encoding import BoolArray, IntArray
from praktijktest.analysis.pairing import FloatArray, Pairs, ambiguous, arms_of, pairs_of
from praktijktest.design import Comparison, Design
from praktijktest.statistics.cells import Estimate
from praktijktest.statistics.clustered import clustered_estimates
from praktijktest.statistics.mcnemar import mcnemar_midp
from praktijktest.statistics.one_target_out import MEASURES, values_without_each
from praktijktest.statistics.paired import estimates

SHOWN = ("net_rate_usable", "net_rate_all")
"""With the tests in which nobody got a positive reply left out, and with them."""

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Units:
    """What both arms got under one reading of the replies.

    Attributes:
        control, treated: 0 or 1 for every comparable unit.
        test: number of the test of each.
    """

    control: FloatArray
    treated: FloatArray
    test: IntArray

    def chosen(self, members: BoolArray) -> "Units":
        """Some of the units."""
        return Units(self.control[members], self.treated[members], self.test[members])

    def beside(self, other: "Units") -> "Units":
        """These units and others."""
        return Units(
            *(
                np.concatenate([getattr(self, name), getattr(other, name)])
                for name in ("control", "treated", "test")
            )
        )


Variant = tuple[str, Units, dict[str, Any]]
"""Name of a choice, the units it leaves, and what a reader must know of it."""


def sensitivity(
    applications: Applications,
    design: Design,
    all_pairs: Sequence[Pairs],
    clusters: Clusters,
    pseudonyms: dict[str, str],
) -> list[dict[str, Any]]:
    """Every choice for every contrast that has four cells, whole round.

    Under the primary rule also: ambiguous replies read for and against discrimination, failed
    tests counted both ways, one target left out, and the first test of every target alone.

    Args:
        applications: the applications of the round.
        design: its design.
        all_pairs: the comparable units of every contrast.
        clusters: what counts as independent.
        pseudonyms: of the targets.
    """
    failed = _failed_part(applications)
    rows = []
    for pairs in all_pairs:
        if not pairs.binary:
            continue
        for rule in pairs.control:
            for name, units, details in _of_rule(applications, design, pairs, rule):
                rows.append(_row(name, pairs, rule, units, details, design, clusters))
        rule = design.primary_rule
        for name, units, details in (
            *_recoded(pairs, rule),
            *_with_failed(applications, design, pairs, failed),
            *_one_target_out(applications, design, pairs, pseudonyms),
            *_first_tests(applications, pairs, rule),
        ):
            rows.append(_row(name, pairs, rule, units, details, design, clusters))
    return rows


def _of_rule(
    applications: Applications, design: Design, pairs: Pairs, rule: str
) -> Iterator[Variant]:
    name = "primary" if rule == design.primary_rule else "other-rule"
    yield name, _units(pairs, rule), {}
    if applications.coded.late.any():
        counted = Units(pairs.control_any_time[rule], pairs.treated_any_time[rule], pairs.test)
        yield "late-replies-counted", counted, {}


def _units(pairs: Pairs, rule: str) -> Units:
    return Units(pairs.control[rule], pairs.treated[rule], pairs.test)


def _recoded(pairs: Pairs, rule: str) -> Iterator[Variant]:
    """Every ambiguous reply read as gives the least discrimination, and as gives the most."""
    first, second = ambiguous(pairs.control), ambiguous(pairs.treated)
    replies = int(first.sum() + second.sum())
    if not replies:
        return
    units = _units(pairs, rule)
    for name, favoured in (("ambiguous-least", 0.0), ("ambiguous-most", 1.0)):
        control = np.where(first, favoured, units.control)
        treated = np.where(second, 1.0 - favoured, units.treated)
        yield name, Units(control, treated, units.test), {"replies": replies}


def _failed_part(applications: Applications) -> tuple[Applications, NDArray[np.int64]] | None:
    """The failed tests as if they had not failed, and which tests of the round they are."""
    members = np.asarray(applications.test_failed != "", dtype=bool)[applications.test]
    if not members.any():
        return None
    part = part_of(applications, members)
    none = np.full(len(part.test_ids), "", dtype=object)
    whole = np.unique(applications.test[members]).astype(np.int64)
    return replace(part, test_failed=none), whole


FAILED = {
    "failed-not-positive": (False, False),
    "failed-positive": (True, True),
    "failed-least": (False, True),
    "failed-most": (True, False),
}
"""What a failed application counts as: the control's, and the test applicant's."""


def _with_failed(
    applications: Applications,
    design: Design,
    pairs: Pairs,
    failed: tuple[Applications, NDArray[np.int64]] | None,
) -> Iterator[Variant]:
    """Failed tests counted; what failed as not positive, as positive, and both worst cases."""
    if failed is None:
        return
    part, whole = failed
    rule = design.primary_rule
    for name, (control, treated) in FAILED.items():
        found = _read_as(part, design, pairs.comparison, control=control, treated=treated)
        if not len(found):
            return
        more = Units(found.control[rule], found.treated[rule], whole[found.test].astype(np.int32))
        yield name, _units(pairs, rule).beside(more), {"tests": len(found)}


def _read_as(
    part: Applications, design: Design, comparison: Comparison, *, control: bool, treated: bool
) -> Pairs:
    """The pairs of failed tests with failed applications read as positive or not."""
    level = arms_of(part, comparison).level
    broken = ~encoding.is_empty(part.coded.failed)
    wanted = np.where(level == 0, control, treated)
    positive = {
        rule: np.where(broken, wanted, values) for rule, values in part.coded.positive.items()
    }
    read = replace(part, coded=replace(part.coded, positive=positive))
    return pairs_of(read, design, comparison, skip_bad_rows=True)


def _one_target_out(
    applications: Applications, design: Design, pairs: Pairs, pseudonyms: dict[str, str]
) -> Iterator[Variant]:
    """The two targets without which the headline is lowest and highest."""
    units = _units(pairs, design.primary_rule)
    target = applications.target[units.test]
    named = target >= 0
    if not named.any() or (target[named] == target[named][0]).all():
        return
    place = 2 * (units.control <= 0) + (units.treated <= 0)
    targets = len(applications.target_ids)
    # Tests that name no target cannot be left out, and take part in every variant.
    own = np.where(named, target, targets).astype(np.int64)
    table = np.bincount(own * 4 + place, minlength=(targets + 1) * 4).reshape(-1, 4)
    measure = _headline(design)
    values = values_without_each(table, measure)[:targets]
    tested = table[:targets].sum(axis=1) > 0
    values = np.where(tested, values, np.nan)
    if np.isnan(values).all():
        return
    whole = {e.name: e.value for e in estimates(cells_of(units.control, units.treated))}[measure]
    for name, pick in (("without-target-lowest", 1.0), ("without-target-highest", -1.0)):
        left_out = _extreme(values * pick, applications, pseudonyms)
        yield (
            name,
            units.chosen(target != left_out),
            {
                "pseudonym": pseudonyms[str(applications.target_ids[left_out])],
                "targets": int(tested.sum()),
                "moves_most": _moves_most(values, left_out, whole),
            },
        )


def _extreme(values: FloatArray, applications: Applications, pseudonyms: dict[str, str]) -> int:
    """The target with the smallest value; of equal ones the first pseudonym."""
    places = np.flatnonzero(values == np.nanmin(values))
    return int(min(places, key=lambda place: pseudonyms[str(applications.target_ids[place])]))


def _moves_most(values: FloatArray, left_out: int, whole: float | None) -> bool:
    if whole is None:
        return False
    moved = np.abs(values - whole)
    return bool(moved[left_out] >= np.nanmax(moved) - 1e-12)


def _first_tests(applications: Applications, pairs: Pairs, rule: str) -> Iterator[Variant]:
    """The first test of every target: by date where the log has one, else by the test's id.

    Not by its place in the log: the order of rows changes no number of an analysis.
    """
    units = _units(pairs, rule)
    target = applications.target[units.test]
    rows = np.stack([pairs.application, pairs.opposite])
    sent = applications.coded.sent_at
    by_date = sent is not None and not np.isnat(sent).all()
    if by_date and sent is not None:
        moment = np.where(np.isnat(sent), NEVER, sent.astype(np.int64))
    else:
        moment = applications.test.astype(np.int64)
    order = np.lexsort((units.test, moment[rows].min(axis=0), target))
    ordered = target[order]
    starts = np.flatnonzero(np.r_[len(ordered) > 0, ordered[1:] != ordered[:-1]])
    kept = np.zeros(len(applications.test_ids), dtype=bool)
    kept[units.test[order[starts]]] = True
    members = kept[units.test] | (target < 0)
    if members.all():
        return
    first = units.chosen(members)
    details = {
        "by": "date" if by_date else "test-id",
        "targets": encoding.distinct_count(target),
        "without_target": int((target < 0).sum()),
    }
    yield "first-tests", first, details


def _headline(design: Design) -> str:
    """The measure of the headline; one that four cells do not give has the usual one instead."""
    wanted = design.analysis.headline
    return wanted if wanted in MEASURES else SHOWN[0]


def _row(
    name: str,
    pairs: Pairs,
    rule: str,
    units: Units,
    details: dict[str, Any],
    design: Design,
    clusters: Clusters,
) -> dict[str, Any]:
    cells = cells_of(units.control, units.treated)
    found = {e.name: e for e in _estimates(units, design, clusters)}
    headline = _headline(design)
    return {
        "name": name,
        "contrast": pairs.comparison.id,
        "rule": rule,
        "cells": cells.to_dict(),
        "n": cells.n,
        "net_rate_usable": found["net_rate_usable"].value,
        "net_rate_all": found["net_rate_all"].value,
        "mcnemar_midp": float(mcnemar_midp(cells.only_control, cells.only_test)),
        "headline": headline,
        "estimates": [found[name].to_dict() for name in dict.fromkeys((*SHOWN, headline))],
        "details": details,
    }


def _estimates(units: Units, design: Design, clusters: Clusters) -> tuple[Estimate, ...]:
    """Clustered where a target was tested more than once, as the headline is."""
    confidence = design.analysis.confidence
    cluster = clusters.targets[units.test]
    table = counts_by_cluster(units.control, units.treated, cluster)
    table = table[table.any(axis=1)]
    if len(table) < len(units.test):
        return clustered_estimates(table, confidence)
    return estimates(cells_of(units.control, units.treated), confidence)
