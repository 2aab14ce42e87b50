"""Files with the further outcomes and the stages of a round."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from praktijktest.reporting.evidence import CELLS, Entry

ESTIMATE: Final = ("value", "low", "high", "confidence", "method", "scope", "n")
COMPARED: Final = ("control_favoured", "test_favoured", "equal")
STAGE: Final = (
    "stage", "n", *CELLS, "waiting", "incomplete", "pending", "net", "low", "high",
    "cumulative", "net_of_this_stage", "mcnemar_midp",
)  # fmt: skip

SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "net_higher_rung": ("ladder", "higher"),
    "net_answered_first": ("time_to_reply", "first"),
    "net_invited_first": ("invitation_delay", "first"),
    "net_invited_a_day_earlier": ("invitation_delay", "a_day"),
}
"""Measures that compare the two applicants of each test, and where they stand."""

MEANS: Final[Mapping[str, tuple[str, str]]] = {
    "waiting_difference": ("time_to_reply", "p"),
    "invitation_delay": ("invitation_delay", "p"),
    "question_difference": ("extra_questions", "p_midp"),
}
"""Differences between the groups, where they stand, and the name of their p-value."""


def outcome_tables(analysis: Entry) -> dict[str, tuple[list[str], Iterator[list[Any]]]]:
    """Header and rows of each file; documents of earlier versions have rows in none.

    Args:
        analysis: the analysis document.
    """
    further, stages = analysis.get("further_outcomes", ()), analysis.get("stages", ())
    return {
        "further_outcomes.csv": (
            ["contrast", "name", *ESTIMATE, *COMPARED, "p"],
            (row for found in further for row in _measures(found)),
        ),
        "ladder.csv": (
            ["contrast", "control_rung", "test_rung", "control_codes", "test_codes", "tests"],
            (row for found in further for row in _ladder(found)),
        ),
        "waiting.csv": (
            ["contrast", "arm", "days", "waiting"],
            (row for found in further for row in _curves(found)),
        ),
        "stages.csv": (
            ["contrast", "rule", "primary", "usable", *STAGE],
            (row for entry in stages for row in _stages(entry)),
        ),
    }


def _measures(found: Entry) -> Iterator[list[Any]]:
    for name, (part, key) in SIGNS.items():
        if found[part] is not None:
            signs = found[part][key]
            estimate = [signs["estimate"][column] for column in ESTIMATE]
            counts = [signs[column] for column in COMPARED]
            yield [found["contrast"], name, *estimate, *counts, signs["p_midp"]]
    for name, (part, p) in MEANS.items():
        if found[part] is not None:
            estimate = [found[part]["difference"][column] for column in ESTIMATE]
            yield [found["contrast"], name, *estimate, None, None, None, found[part][p]]


def _ladder(found: Entry) -> Iterator[list[Any]]:
    if found["ladder"] is None:
        return
    codes = [" ".join(rung) for rung in found["ladder"]["rungs"]]
    for control, row in enumerate(found["ladder"]["table"]):
        for treated, tests in enumerate(row):
            places = [control + 1, treated + 1, codes[control], codes[treated]]
            yield [found["contrast"], *places, tests]


def _curves(found: Entry) -> Iterator[list[Any]]:
    if found["time_to_reply"] is None:
        return
    for arm, numbers in found["time_to_reply"]["arms"].items():
        curve = numbers["curve"]
        for days, waiting in zip(curve["days"], curve["waiting"], strict=True):
            yield [found["contrast"], arm, days, waiting]


def _stages(entry: Entry) -> Iterator[list[Any]]:
    for stage in entry["stages"]:
        flat = {**stage, **stage["cells"]}
        about = [entry[name] for name in ("contrast", "rule", "primary", "usable")]
        yield [*about, *(flat[name] for name in STAGE)]
