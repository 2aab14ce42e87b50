"""What was observed, before any test: replies per level, failures by arm, sensitivity."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications
from praktijktest.analysis.contrasts import cells_of
from praktijktest.analysis.pairing import Pairs, arms_of
from praktijktest.design import Design
from praktijktest.statistics.cells import Cells
from praktijktest.statistics.paired import estimates, significance
from praktijktest.tables import canonical


def level_rates(applications: Applications, design: Design) -> list[dict[str, Any]]:
    """Share of positive replies per level, over all valid applications of that level.

    These are descriptive: they include applications of tests in which the other level
    does not occur, so they need not equal the response rates of the paired comparison.
    """
    rows = []
    for comparison, level, arm, members in _levels(applications, design):
        n = int(members.sum())
        for rule, positive in applications.coded.positive.items():
            hits = int((positive & members).sum())
            rows.append(
                {
                    "contrast": comparison,
                    "level": level,
                    "arm": arm,
                    "rule": rule,
                    "positive": hits,
                    "applications": n,
                    "rate": hits / n if n else None,
                }
            )
    return rows


def outcome_counts(applications: Applications, design: Design) -> list[dict[str, Any]]:
    """How often each raw code occurred per level, in the order of the outcome scheme."""
    outcome = applications.coded.outcome
    codes = [*design.outcome_codes(), *design.failed_codes()]
    rows = []
    for comparison, level, arm, members in _levels(applications, design):
        counts = np.bincount(outcome.codes[members], minlength=len(outcome.values))
        found = {str(outcome.values[code]): int(counts[code]) for code in np.flatnonzero(counts)}
        rows += [
            {
                "contrast": comparison,
                "level": level,
                "arm": arm,
                "outcome": code,
                "applications": found[code],
            }
            for code in dict.fromkeys(codes)
            if code in found
        ]
    return rows


def _levels(
    applications: Applications, design: Design
) -> list[tuple[str, str, str, encoding.BoolArray]]:
    found = []
    for comparison in design.comparisons():
        arms = arms_of(applications, comparison)
        for arm, number, label in (
            ("control", 0, comparison.control),
            ("test", 1, comparison.test_label),
        ):
            found.append((comparison.id, label, arm, (arms.level == number) & applications.usable))
    return found


def failures(applications: Applications) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Failed tests by reason, and the applications that failed by reason and profile."""
    reasons = applications.test_failed[applications.test_failed != ""]
    by_reason = dict(sorted(Counter(reasons.tolist()).items()))
    failed, profile = applications.coded.failed, applications.rows.fields["profile"]
    hit = ~encoding.is_empty(failed)
    pairs = np.column_stack([failed.codes[hit], profile.codes[hit]])
    distinct, counts = np.unique(pairs, axis=0, return_counts=True)
    by_arm = [
        {
            "reason": str(failed.values[reason]),
            "profile": str(profile.values[who]),
            "applications": int(count),
        }
        for (reason, who), count in zip(distinct.tolist(), counts.tolist(), strict=True)
    ]
    return by_reason, sorted(by_arm, key=lambda row: (row["reason"], row["profile"]))


def sensitivity(
    applications: Applications, design: Design, all_pairs: Sequence[Pairs]
) -> list[dict[str, Any]]:
    """The main numbers again under other choices that a reviewer would ask for."""
    rows = []
    for pairs in all_pairs:
        if not pairs.binary:
            continue
        for rule in pairs.control:
            primary = rule == design.primary_rule
            name = "primary" if primary else "other-rule"
            rows.append(
                _variant(name, pairs, rule, cells_of(pairs.control[rule], pairs.treated[rule]))
            )
            if applications.coded.late.any():
                counted = cells_of(pairs.control_any_time[rule], pairs.treated_any_time[rule])
                rows.append(_variant("late-replies-counted", pairs, rule, counted))
    return rows


def _variant(name: str, pairs: Pairs, rule: str, cells: Cells) -> dict[str, Any]:
    found = {estimate.name: estimate.value for estimate in estimates(cells)}
    tests = {test.name: test.p for test in significance(cells)}
    return {
        "name": name,
        "contrast": pairs.comparison.id,
        "rule": rule,
        "cells": cells.to_dict(),
        "n": cells.n,
        "net_rate_usable": found["net_rate_usable"],
        "net_rate_all": found["net_rate_all"],
        "mcnemar_midp": tests["mcnemar_midp"],
    }


def explicit_evidence(applications: Applications) -> int:
    """Applications with the ground given as the reason in so many words."""
    outcome = applications.coded.outcome
    explicit = np.array([value == "refused-ground" for value in outcome.values], dtype=bool)
    hit = explicit[outcome.codes]
    evidence = applications.rows.fields.get("evidence")
    if evidence is not None:
        named = np.array([canonical(v) == "explicit" for v in evidence.values], dtype=bool)
        hit = hit | named[evidence.codes]
    return int(hit.sum())
