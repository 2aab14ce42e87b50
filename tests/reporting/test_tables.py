"""Tables for other programs: raw numbers, every row as long as its header."""

from typing import Any

import pytest

from praktijktest.reporting.tables import report_tables
from tests.reporting.documents import DOCUMENTS, ghent

NAMES = [
    "contrasts.csv",
    "cells.csv",
    "overall.csv",
    "significance.csv",
    "intervals.csv",
    "levels.csv",
    "outcomes.csv",
    "models.csv",
    "targets.csv",
    "sensitivity.csv",
    "further_outcomes.csv",
    "ladder.csv",
    "waiting.csv",
    "stages.csv",
    "failed.csv",
    "problems.csv",
]


def table(analysis: dict[str, Any], name: str) -> list[dict[str, Any]]:
    header, rows = report_tables(analysis)[name]
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_table_is_there_and_rectangular(name: str) -> None:
    tables = report_tables(DOCUMENTS[name]())
    assert list(tables) == NAMES
    for header, rows in tables.values():
        assert len(set(header)) == len(header)
        for row in rows:
            assert len(row) == len(header)


def test_one_row_per_contrast_rule_stratum_estimate_and_scope() -> None:
    analysis = ghent()
    rows = table(analysis, "contrasts.csv")
    assert len(rows) == sum(len(entry["estimates"]) for entry in analysis["contrasts"])
    key = ("contrast", "rule", "stratum_by", "stratum_level", "estimate", "scope")
    assert len({tuple(row[name] for name in key) for row in rows}) == len(rows)
    first, entry = rows[0], analysis["contrasts"][0]
    assert first["value"] == entry["estimates"][0]["value"]
    assert first["n"] == entry["estimates"][0]["n"]
    assert first["stratum_by"] is None


def test_targets_hold_both_names_and_the_decision_of_every_rule() -> None:
    analysis = ghent()
    rows = table(analysis, "targets.csv")
    assert len(rows) == len(analysis["targets"])
    for row, entry in zip(rows, analysis["targets"], strict=True):
        assert (row["target"], row["pseudonym"]) == (entry["target"], entry["pseudonym"])
        assert [row[name] for name in entry["cells"]] == list(entry["cells"].values())
        assert row["flagged:discrete-fdr"] is entry["rules"]["discrete-fdr"]["flagged"]
        assert row["power"] == entry["power"]["chance"]


def test_averages_leave_the_four_cells_empty() -> None:
    rows = table(DOCUMENTS["averages"](), "cells.csv")
    assert rows[0]["both"] is None
    assert rows[0]["control_favoured"] == 31


def test_failed_tests_by_reason_and_failed_applications_by_arm() -> None:
    rows = table(ghent(), "failed.csv")
    assert rows[0] == {"reason": "bounced", "profile": None, "tests": 9, "applications": None}
    assert rows[-1] == {
        "reason": "bounced",
        "profile": "moroccan-man",
        "tests": None,
        "applications": 5,
    }
