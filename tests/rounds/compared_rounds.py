"""Small rounds to compare: logs and designs written by plain code, and their report folders."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from praktijktest.rounds.analyse import analyse
from praktijktest.rounds.renderings import FULL, renderings_of
from praktijktest.rounds.report_folder import write_report_folder

HEADER = ("test", "target", "wave", "agent_type", "profile", "outcome", "sent_at", "phase")

DESIGN = """
format = 1
[round]
id = "{id}"
title = "Round {id}"
market = "housing"
place = "{place}"
language = "en"
{dates}
[test]
kind = "paired"
order = "random"
[[contrast]]
id = "origin"
attribute = "profile"
ground = "origin"
control = "flemish"
test = "moroccan"
[outcomes]
scheme = "housing"
primary = "{primary}"
[analysis]
strata = ["agent_type"]
"""

CELLS = {"both": (1, 1), "control": (1, 0), "test": (0, 1), "neither": (0, 0)}


@dataclass(frozen=True)
class Test:
    """One test: its target, its wave and which of the two were invited."""

    __test__ = False

    target: str
    wave: str
    cell: str
    agent_type: str = "agent"
    phase: str = ""


def rows_of(tests: Iterable[Test]) -> list[list[str]]:
    """The rows of a log, two per test."""
    rows = []
    for number, test in enumerate(tests):
        for profile, invited in zip(("flemish", "moroccan"), CELLS[test.cell], strict=True):
            outcome = "viewing-individual" if invited else "refused"
            about = (f"t{number:05d}", test.target, test.wave, test.agent_type)
            rows.append([*about, profile, outcome, "", test.phase])
    return rows


def write_log(folder: Path, rows: Iterable[Iterable[str]], name: str = "log.csv") -> Path:
    """A log file."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        writer.writerows(rows)
    return folder / name


def write_design(folder: Path, more: str = "", text: str = DESIGN, **values: str) -> Path:
    """A design file; `more` stands at its end."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {"id": "round", "place": "Gent", "dates": "", "primary": "strict", **values}
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    (folder / "design.toml").write_text(text + more, encoding="utf-8")
    return folder / "design.toml"


def report(
    folder: Path,
    rows: Iterable[Iterable[str]],
    *,
    more: str = "",
    text: str = DESIGN,
    **values: str,
) -> Path:
    """The report folder of a round with these rows."""
    log, design = write_log(folder, rows), write_design(folder, more, text, **values)
    write_report_folder(
        analyse([log], design),  # type: ignore[arg-type]
        folder / folder.name,
        logs=[log],
        design_file=design,
        renderings=renderings_of(FULL, ["en"], ["md"]),
    )
    return folder / folder.name


def spread(wave: str, cells: Mapping[str, str], agent_type: str = "agent") -> list[Test]:
    """Tests of targets: "bctn" is one test of each cell, in the order both, control …"""
    which = {"b": "both", "c": "control", "t": "test", "n": "neither"}
    return [
        Test(target, wave, which[letter], agent_type)
        for target, letters in cells.items()
        for letter in letters
    ]
