"""Rounds made by hand: tests one by one, and the analysis document that counts them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from praktijktest.disclosure import TestPlaces

CELLS = ("both", "only_control", "only_test", "neither")
RULES = ("strict", "broad")


@dataclass(frozen=True)
class MadeTest:
    """One test: which contrast, where, whose, and its cell under both rules."""

    contrast: str
    target: str
    strata: tuple[tuple[str, str], ...]
    cell: str
    broad: str


def document(tests: list[MadeTest], *, shared: bool = False, min_cell: int = 5) -> dict[str, Any]:
    """The parts of an analysis document that disclosure control looks at.

    Args:
        tests: the tests of the round.
        shared: whether every test counts for a second contrast too ("again").
        min_cell: as the design says.
    """
    names = list(dict.fromkeys(test.contrast for test in tests))
    by = [name for name, _ in tests[0].strata]
    entries = []
    for contrast in [*names, *(["again"] if shared else [])]:
        mine = tests if contrast == "again" else [t for t in tests if t.contrast == contrast]
        levels = {(name, dict(t.strata)[name]) for t in mine for name in by}
        places: list[tuple[str, str] | None] = [
            None,
            *sorted((p for p in levels if p[1]), key=lambda p: (by.index(p[0]), p[1])),
        ]
        for rule in RULES:
            for place in places:
                part = [t for t in mine if place is None or place in t.strata]
                entries.append(_entry(contrast, rule, place, part))
    return {
        "format": 1,
        "round": {"id": "made", "title": "Made", "kind": "paired"},
        "data": {
            "tests": len(tests),
            "tests_usable": len(tests),
            "targets": len({t.target for t in tests} - {""}),
            "tests_failed": {},
            "failed_by_arm": [],
            "explicit_evidence": 0,
            "problems": [],
        },
        "method": {"min_cell": min_cell, "positive": {rule: [] for rule in RULES}},
        "levels": [],
        "outcomes": [],
        "contrasts": entries,
        "overall": [],
        "sensitivity": [],
        "models": [],
        "flag_summary": [],
        "rule_summary": [],
        "flag_quality": None,
        "retests": None,
        "targets": [],
    }


def places_of(tests: list[MadeTest]) -> TestPlaces:
    """Where every test stands."""
    names = [name for name, _ in tests[0].strata]
    contrasts = {t.contrast for t in tests}
    return TestPlaces(
        [t.target for t in tests],
        {n: [dict(t.strata)[n] for t in tests] for n in names},
        {c: [row for row, t in enumerate(tests) if t.contrast == c] for c in contrasts},
    )


def _entry(
    contrast: str, rule: str, place: tuple[str, str] | None, part: list[MadeTest]
) -> dict[str, Any]:
    cells = Counter(t.cell if rule == "strict" else t.broad for t in part)
    return {
        "id": contrast,
        "declared": contrast,
        "control": "a",
        "test": "b",
        "rule": rule,
        "primary": rule == "strict",
        "stratum": None if place is None else {"by": place[0], "level": place[1]},
        "cells": {name: cells[name] for name in CELLS},
        "n": len(part),
        "tests": len(part),
        "tests_incomplete": 0,
        "tests_not_applicable": 0,
        "tests_pending": 0,
        "targets": len({t.target for t in part} - {""}),
        "clusters": len({t.target for t in part}),
        "signs": {
            "control_favoured": cells["only_control"],
            "test_favoured": cells["only_test"],
            "equal": cells["both"] + cells["neither"],
        },
        "estimates": [{"name": "net_rate_all", "value": 0.5, "low": 0.1, "high": 0.9}],
        "intervals": [{"estimate": "net_rate_all", "low": 0.1, "high": 0.9}],
        "significance": [{"name": "mcnemar_midp", "p": 0.5}],
    }
