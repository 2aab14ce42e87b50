"""The rows of the target table in the shape of the analysis document."""

from collections.abc import Mapping
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.targets import (
    ILLUSTRATED_ONLY_CONTROL,
    ILLUSTRATED_ONLY_TEST,
    TargetTable,
)

CELLS = ("both", "only_control", "only_test", "neither")


def target_rows(table: TargetTable, pseudonym: Mapping[str, str]) -> list[dict[str, Any]]:
    """One plain row per (target, contrast), in the order of the table."""
    rules = _rule_columns(table)
    names = list(rules)
    columns = zip(
        table.target.tolist(),
        table.contrast.tolist(),
        table.cells.tolist(),
        table.p.tolist(),
        table.p_midp.tolist(),
        _or_none(table.q),
        table.state.tolist(),
        table.fragile.tolist(),
        table.chance.tolist(),
        zip(*rules.values(), strict=True),
        strict=True,
    )
    return [
        {
            "target": target,
            "pseudonym": pseudonym[target],
            "contrast": contrast,
            "n": sum(cells),
            "cells": dict(zip(CELLS, cells, strict=True)),
            "net_rate_all": (cells[1] - cells[2]) / sum(cells),
            "net_rate_usable": _share(cells[1] - cells[2], sum(cells[:3])),
            "discordant": cells[1] + cells[2],
            "favoured": _favoured(cells),
            "p": p,
            "p_midp": p_midp,
            "q": q,
            "state": state,
            "fragile": fragile,
            "tests_needed": None,
            "power": {
                "only_control": ILLUSTRATED_ONLY_CONTROL,
                "only_test": ILLUSTRATED_ONLY_TEST,
                "chance": chance,
            },
            "rules": dict(zip(names, by_rule, strict=True)),
        }
        for target, contrast, cells, p, p_midp, q, state, fragile, chance, by_rule in columns
    ]


def _rule_columns(table: TargetTable) -> dict[str, list[dict[str, Any]]]:
    return {
        rule: [
            {"p": p, "q": q, "flagged": flagged}
            for p, q, flagged in zip(
                own_p.tolist(),
                [None] * len(table) if adjusted is None else _or_none(adjusted),
                decided.tolist(),
                strict=True,
            )
        ]
        for rule, (own_p, adjusted, decided) in table.rules.items()
    }


def _or_none(values: NDArray[np.float64]) -> list[float | None]:
    return [None if isnan(value) else value for value in values.tolist()]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _favoured(cells: list[int]) -> str | None:
    if cells[1] == cells[2]:
        return None
    return "control" if cells[1] > cells[2] else "test"
