"""Small logs and designs that the tests of the analysis are told in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from praktijktest.analysis import Analysis
from praktijktest.rounds.analyse import analyse

ORIGIN = """
format = 1
[round]
id = "test-round"
title = "Test round"
market = "housing"
[[contrast]]
id = "origin"
attribute = "origin"
ground = "origin"
control = "flemish"
test = "moroccan"
[outcomes]
scheme = "housing"
"""

HEADER = ("test", "target", "origin", "outcome")
POSITIVE, NEGATIVE = "viewing-individual", "no-reply"


def write_log(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a log as plain CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def run(
    folder: Path,
    rows: Iterable[Sequence[object]],
    design: str = ORIGIN,
    header: Sequence[str] = HEADER,
    **options: Any,
) -> Analysis:
    """Analyse rows as a city analyst would: from a log file and a design file."""
    log = write_log(folder / "log.csv", header, rows)
    design_file = folder / "design.toml"
    design_file.write_text(design, encoding="utf-8")
    return analyse(log, design_file, **options)


def pair(
    test: str, cell: str, target: str = "A", control: str = "flemish", treated: str = "moroccan"
) -> list[tuple[str, str, str, str]]:
    """The two rows of one test; the cell is one of a, b, c, d."""
    first = POSITIVE if cell in "ab" else NEGATIVE
    second = POSITIVE if cell in "ac" else NEGATIVE
    return [(test, target, control, first), (test, target, treated, second)]


def pairs(cells: str, target: str = "A", prefix: str = "t") -> list[tuple[str, str, str, str]]:
    """Rows of many tests of one target: "aabbd" is five tests."""
    return [
        row
        for number, cell in enumerate(cells, 1)
        for row in pair(f"{prefix}{target}{number}", cell, target)
    ]


def contrast(
    analysis: Analysis,
    name: str = "origin",
    rule: str | None = None,
    stratum: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """One entry of the contrasts of the analysis document."""
    wanted = None if stratum is None else {"by": stratum[0], "level": stratum[1]}
    found = [
        entry
        for entry in analysis.to_dict()["contrasts"]
        if entry["id"] == name
        and entry["stratum"] == wanted
        and (entry["primary"] if rule is None else entry["rule"] == rule)
    ]
    assert len(found) == 1
    return found[0]


def cells(entry: dict[str, Any]) -> tuple[int, int, int, int]:
    """The four counts of an entry."""
    return tuple(entry["cells"][name] for name in ("both", "only_control", "only_test", "neither"))


def estimate(entry: dict[str, Any], name: str, scope: str = "these-targets") -> dict[str, Any]:
    """One estimate of an entry."""
    found = [e for e in entry["estimates"] if e["name"] == name and e["scope"] == scope]
    assert len(found) == 1
    return found[0]


def codes(problems: Iterable[Any]) -> list[str]:
    """The codes of problems."""
    return [problem.code for problem in problems]
