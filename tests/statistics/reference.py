"""Values computed with R, which stand beside the repository and not in it."""

import csv
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from praktijktest.statistics.cells import Cells

FOLDER = Path(__file__).parents[2].parent / "shared" / "reference"
ABSENT = "the R reference values (../shared/reference) are not here"


@cache
def entries() -> dict[str, dict[str, Any]]:
    """Reference entries by id; empty where the shared folder is absent."""
    file = FOLDER / "reference_values.json"
    if not file.is_file():
        return {}
    return {entry["id"]: entry for entry in json.loads(file.read_text(encoding="utf-8"))}


def pairs_by_agent() -> list[list[int]]:
    """Four cells per agent of the synthetic reference pairs."""
    with (FOLDER / "ref_pairs.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    replies: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        by_arm = replies.setdefault((row["agent"], row["pair"]), {})
        by_arm[row["minority"]] = int(row["positive"])
    cells: dict[str, list[int]] = {}
    for (agent, _), by_arm in replies.items():
        which = 2 * (1 - by_arm["0"]) + (1 - by_arm["1"])
        cells.setdefault(agent, [0, 0, 0, 0])[which] += 1
    return list(cells.values())


def cells_of(inputs: Mapping[str, int]) -> Cells:
    """The four cells of an entry; its first applicant is the control."""
    return Cells(inputs["n11"], inputs["n10"], inputs["n01"], inputs["n00"])


def number(value: object) -> float | None:
    """An R value as ours: infinite and missing are None."""
    return None if value in ("Inf", "NA") else float(value)


def numbers(values: Sequence[object]) -> list[float | None]:
    """R values as ours."""
    return [number(value) for value in values]
