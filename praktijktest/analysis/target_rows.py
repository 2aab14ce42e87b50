"""The rows of the target table in the shape of the analysis document."""

from collections.abc import Mapping
from math import isnan
from typing import Any

from praktijktest.analysis.targets import (
    ILLUSTRATED_ONLY_CONTROL,
    ILLUSTRATED_ONLY_TEST,
    TargetTable,
)


def target_rows(table: TargetTable, pseudonym: Mapping[str, str]) -> list[dict[str, Any]]:
    """One plain row per (target, contrast), in the order of the table.

    Targets with equal counts on a contrast share everything but their names, so that each
    distinct case is worked out once, however many targets there are.
    """
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    rows = []
    cases = zip(
        table.target.tolist(),
        table.contrast.tolist(),
        map(tuple, table.cells.tolist()),
        table.q.tolist(),
        table.state.tolist(),
        table.fragile.tolist(),
        strict=True,
    )
    for place, (target, *case) in enumerate(cases):
        key = (*case[:2], str(case[2]), *case[3:])
        shared = known.get(key)
        if shared is None:
            shared = known[key] = _case(table, place)
        rows.append({"target": target, "pseudonym": pseudonym[target], **shared})
    return rows


def _case(table: TargetTable, place: int) -> dict[str, Any]:
    """What a target's counts, its contrast and its state say, without its names."""
    both, only_control, only_test, neither = table.cells[place].tolist()
    n = both + only_control + only_test + neither
    gap = only_control - only_test
    return {
        "contrast": str(table.contrast[place]),
        "n": n,
        "cells": {
            "both": both,
            "only_control": only_control,
            "only_test": only_test,
            "neither": neither,
        },
        "net_rate_all": gap / n,
        "net_rate_usable": gap / (n - neither) if n > neither else None,
        "discordant": only_control + only_test,
        "favoured": "control" if gap > 0 else "test" if gap < 0 else None,
        "p": float(table.p[place]),
        "p_midp": float(table.p_midp[place]),
        "q": _or_none(table.q[place]),
        "state": str(table.state[place]),
        "fragile": bool(table.fragile[place]),
        "tests_needed": None,
        "power": {
            "only_control": ILLUSTRATED_ONLY_CONTROL,
            "only_test": ILLUSTRATED_ONLY_TEST,
            "chance": float(table.chance[place]),
        },
        "rules": {
            rule: {
                "p": float(p[place]),
                "q": None if q is None else _or_none(q[place]),
                "flagged": bool(flagged[place]),
            }
            for rule, (p, q, flagged) in table.rules.items()
        },
    }


def _or_none(value: float) -> float | None:
    return None if isnan(value) else float(value)
