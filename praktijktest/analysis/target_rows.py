"""The rows of the target table in the shape of the analysis document."""

from collections.abc import Mapping
from math import isnan
from typing import Any

import numpy as np

from praktijktest.analysis.target_counts import RULE_OF_MEANS
from praktijktest.analysis.targets import (
    ILLUSTRATED_ONLY_CONTROL,
    ILLUSTRATED_ONLY_TEST,
    TargetTable,
)
from praktijktest.statistics.cells import Cells

OWN = ("target", "pseudonym", "checks", "valid_until")
"""What targets with equal counts and equal state do not share, beside the t-tests."""


def target_rows(table: TargetTable, pseudonym: Mapping[str, str]) -> list[dict[str, Any]]:
    """One plain row per (target, contrast), in the order of the table.

    Targets with equal counts on a contrast share everything but their names, their checks
    and their t-tests, so that each distinct case is worked out once.
    """
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    rows = []
    cases = zip(
        table.target.tolist(),
        table.contrast.tolist(),
        map(tuple, table.cells.tolist()),
        table.counts.tests.tolist(),
        map(str, table.p.tolist()),
        map(str, table.q.tolist()),
        table.state.tolist(),
        table.fragile.tolist(),
        strict=True,
    )
    checks, means, until = _checks(table), _means(table), _valid_until(table)
    for place, (target, *case) in enumerate(cases):
        key = tuple(case)
        shared = known.get(key)
        if shared is None:
            shared = known[key] = _case(table, place)
        rows.append(
            {
                "target": target,
                "pseudonym": pseudonym[target],
                **shared,
                "rules": {**shared["rules"], RULE_OF_MEANS: means[place]},
                "checks": checks[place],
                "valid_until": until[place],
            }
        )
    return rows


def _case(table: TargetTable, place: int) -> dict[str, Any]:
    """What a target's counts, its contrast and its state say, without its names."""
    both, only_control, only_test, neither = table.cells[place].tolist()
    n = int(table.counts.tests[place])
    gap = only_control - only_test
    binary = table.counts.binary[int(table.counts.contrast[place])]
    return {
        "contrast": str(table.contrast[place]),
        "n": n,
        "cells": Cells(both, only_control, only_test, neither).to_dict() if binary else None,
        "net_rate_all": gap / n if binary else None,
        "net_rate_usable": gap / (n - neither) if binary and n > neither else None,
        "discordant": only_control + only_test if binary else None,
        "favoured": "control" if gap > 0 else "test" if gap < 0 else None,
        "p": _or_none(table.p[place]),
        "p_midp": float(table.p_midp[place]),
        "q": _or_none(table.q[place]),
        "state": str(table.state[place]),
        "fragile": bool(table.fragile[place]),
        "tests_needed": _tests_needed(table, place),
        "power": {
            "only_control": ILLUSTRATED_ONLY_CONTROL,
            "only_test": ILLUSTRATED_ONLY_TEST,
            "chance": float(table.chance[place]),
        },
        "posterior": float(table.evidence.posterior[place]),
        "posterior_low": _or_none(table.evidence.posterior_low[place]),
        "grade": int(table.evidence.grade[place]) or None,
        "shrunken": {
            "net_rate_all": float(table.evidence.shrunken[place]),
            "low": float(table.evidence.low[place]),
            "high": float(table.evidence.high[place]),
        },
        "equal": {
            "p": float(table.equal.p_exact[place]),
            "q": _or_none(table.equal.q[place]),
            "upper": float(table.equal.upper[place]),
        },
        "rules": {
            rule: {
                "p": _or_none(found.p[place]),
                "q": None if found.q is None else _or_none(found.q[place]),
                "flagged": bool(found.flagged[place]),
            }
            for rule, found in table.rules.items()
            if rule != RULE_OF_MEANS
        },
    }


def _tests_needed(table: TargetTable, place: int) -> int | None:
    """Clean tests still missing for the label, for those it is open to."""
    if str(table.state[place]) not in ("too-few-tests", "not-assessable", "no-signal"):
        return None
    return int(table.tests_missing[place])


def _checks(table: TargetTable) -> list[dict[str, Any]]:
    found = table.evidence
    columns = zip(
        found.few_discordant.tolist(),
        found.undone_by_recoding.tolist(),
        found.order_p.tolist(),
        found.sheet_p.tolist(),
        strict=True,
    )
    return [
        {
            "few_discordant": few,
            "undone_by_recoding": undone,
            "order_p": _or_none(order),
            "sheet_p": _or_none(sheet),
        }
        for few, undone, order, sheet in columns
    ]


def _means(table: TargetTable) -> list[dict[str, Any]]:
    found = table.means
    names = ("p", "q", "theta", "se")
    numbers = (getattr(found, name).tolist() for name in names)
    counts = (found.flagged.tolist(), found.clusters.tolist(), found.left_out.tolist())
    rows = []
    for p, q, theta, se, flagged, clusters, left_out in zip(*numbers, *counts, strict=True):
        rows.append(
            {
                "p": _or_none(p),
                "q": _or_none(q),
                "flagged": flagged,
                "theta": _or_none(theta),
                "se": _or_none(se),
                "clusters": clusters,
                "clusters_left_out": left_out,
            }
        )
    return rows


def _valid_until(table: TargetTable) -> list[str | None]:
    """Until when "equal treatment" holds, for those who have that state."""
    shown = np.asarray(table.state == "equal-treatment", dtype=bool) & ~np.isnat(table.valid_until)
    result: list[str | None] = [None] * len(table)
    for place in np.flatnonzero(shown).tolist():
        result[place] = str(table.valid_until[place])
    return result


def _or_none(value: float) -> float | None:
    return None if isnan(value) else float(value)
