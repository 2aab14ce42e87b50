"""Logs with several stages: the published tables from rows, and what each headline takes."""

from pathlib import Path
from typing import Any

import pytest

from praktijktest.problems import DataError, DesignError
from tests.analysis.logs import ORIGIN, codes, run

HEADER = ("test", "target", "origin", "outcome", "stage")
STAGES = 'stages = ["contact", "waiting", "interview"]'
DESIGN = ORIGIN.replace("[[contrast]]", f"[test]\n{STAGES}\n[[contrast]]", 1)
YES, NO, WAIT = "viewing-individual", "refused", "waiting-list"
REPLIES = {"a": (YES, YES), "b": (YES, NO), "c": (NO, YES), "d": (NO, NO), "w": (WAIT, WAIT)}
Rows = list[tuple[str, str, str, str, str]]


def at(stage: str, test: str, cell: str, target: str = "") -> Rows:
    return [
        (test, target, origin, reply, stage)
        for origin, reply in zip(("flemish", "moroccan"), REPLIES[cell], strict=True)
    ]


def france() -> Rows:
    """1,100 usable tests of Cediey & Foroni 2007 and 10 in which nobody was answered."""
    ways = {
        ("b",): 507,
        ("c",): 143,
        ("d",): 10,
        ("w", "b"): 167,
        ("w", "c"): 51,
        ("w", "a", "b"): 3,
        ("w", "a", "c"): 2,
        ("w", "a", "a"): 9,
        ("w", "a", "d"): 6,
        ("a", None, "b"): 93,
        ("a", None, "c"): 13,
        ("a", None, "a"): 29,
        ("a", None, "d"): 77,
    }
    rows: Rows = []
    number = 0
    for way, count in ways.items():
        for _ in range(count):
            number += 1
            for stage, cell in zip(("contact", "waiting", "interview"), way, strict=False):
                if cell:
                    rows += at(stage, f"t{number:04}", cell)
    return rows


def table(document: dict[str, Any], rule: str = "strict") -> dict[str, Any]:
    return next(entry for entry in document["stages"] if entry["rule"] == rule)


def test_the_french_table_from_rows(tmp_path: Path) -> None:
    rows = france()
    document = run(tmp_path, rows, DESIGN, HEADER).to_dict()
    found = table(document)
    assert (found["tests"], found["usable"]) == (1110, 1100)
    contact, waiting, interview = found["stages"]
    assert (contact["n"], contact["waiting"]) == (1110, 238)
    assert (waiting["n"], interview["n"]) == (238, 212 + 20)
    assert contact["net"] == pytest.approx(0.331, abs=5e-4)
    assert waiting["net"] == pytest.approx(0.105, abs=5e-4)
    # 7.3 and 0.1 of the published table, in one stage here.
    assert interview["net"] == pytest.approx((80 + 1) / 1100)
    assert found["net_rate_cumulative"]["value"] == pytest.approx(0.510, abs=5e-4)
    assert found["net_rate_cumulative"]["n"] == 1100
    # The headline is about the first stage; the rest is counted.
    assert tuple(document["contrasts"][0]["cells"].values()) == (212, 507, 143, 248)
    assert document["data"]["rows_of_other_stages"] == len(rows) - 2 * 1110
    assert document["method"]["headline_stage"] == "first"


@pytest.mark.parametrize(
    ("stage", "cells"),
    [
        ("cumulative", (376 - 239, 507 + 167 + 96, 143 + 51 + 15, 10)),
        ("interview", (38, 96, 15, 83)),
        ("last", (38, 96, 15, 83)),
        ("waiting", (20, 167, 51, 0)),
    ],
)
def test_the_headline_can_be_about_another_stage(
    tmp_path: Path, stage: str, cells: tuple[int, ...]
) -> None:
    design = DESIGN + f'[analysis]\nstage = "{stage}"\n'
    document = run(tmp_path, france(), design, HEADER).to_dict()
    found = tuple(document["contrasts"][0]["cells"].values())
    if stage == "cumulative":
        assert found == tuple(table(document)["cells"].values())
        assert found[1:] == cells[1:]
        assert sum(found[:3]) == 1100
        net = document["contrasts"][0]["estimates"][0]
        assert net["value"] == table(document)["net_rate_cumulative"]["value"]
    else:
        assert found == cells


def test_the_dutch_table_from_rows(tmp_path: Path) -> None:
    """Moroccan men, published 43, 17 and 6 against 0, 2 and 1 on 165 usable tests."""
    design = ORIGIN.replace(
        "[[contrast]]", '[test]\nstages = ["contact", "interview", "offer"]\n[[contrast]]', 1
    )
    ways = {
        ("b",): 43, ("d",): 92, ("a", "b"): 17, ("a", "c"): 2, ("a", "d"): 60,
        ("a", "a", "b"): 6, ("a", "a", "c"): 1, ("a", "a", "a"): 1, ("a", "a", "d"): 9,
        ("a", "a"): 26,
    }  # fmt: skip
    rows: Rows = []
    for way, count in ways.items():
        for number in range(count):
            for stage, cell in zip(("contact", "interview", "offer"), way, strict=False):
                rows += at(stage, f"{''.join(way)}{number}", cell, f"A{number % 20}")
    found = table(run(tmp_path, rows, design, HEADER).to_dict())
    assert [stage["n"] for stage in found["stages"]] == [257, 122, 17]
    net = found["net_rate_cumulative"]
    assert net["value"] == pytest.approx(0.382, abs=5e-4)
    assert net["scope"] == "targets-like-these"
    assert net["low"] < net["value"] < net["high"]


def test_what_goes_on_alone_or_is_missing_is_not_compared(tmp_path: Path) -> None:
    rows = [
        *at("contact", "t1", "b"),
        at("interview", "t1", "a")[0],  # the control went on alone: decided at contact
        *at("contact", "t2", "a"),
        at("interview", "t2", "a")[1],  # half of the interview is missing
        *at("contact", "t3", "a"),
        *at("interview", "t3", "c"),
        *at("interview", "t9", "b"),  # no contact in the log
    ]
    found = table(run(tmp_path, rows, DESIGN, HEADER).to_dict())
    contact, interview = found["stages"]
    assert contact["cells"] == {"both": 2, "only_control": 1, "only_test": 0, "neither": 0}
    assert interview["cells"] == {"both": 0, "only_control": 0, "only_test": 1, "neither": 0}
    assert interview["incomplete"] == 1
    assert found["usable"] == 3
    assert found["net_rate_cumulative"]["value"] == 0


def test_an_unknown_stage_and_undeclared_stages(tmp_path: Path) -> None:
    rows = [*at("contact", "t1", "a"), *at("interviw", "t1", "a")]
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, DESIGN, HEADER)
    assert set(codes(caught.value.problems)) == {"unknown-stage"}
    assert "interview" in (caught.value.problems[0].hint or "")
    found = run(tmp_path, rows, DESIGN, HEADER, skip_bad_rows=True).to_dict()
    assert table(found)["usable"] == 1
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, ORIGIN, HEADER)
    assert codes(caught.value.problems) == ["several-stages"]
    assert "stages = [" in (caught.value.problems[0].hint or "")
    with pytest.raises(DataError) as caught:
        run(tmp_path, [row[:4] for row in rows], DESIGN, HEADER[:4])
    assert codes(caught.value.problems) == ["missing-column"]


def test_a_wrong_row_of_any_stage_stops_the_analysis(tmp_path: Path) -> None:
    rows = [*at("contact", "t1", "a"), *at("interview", "t1", "a")]
    rows[-1] = (*rows[-1][:3], "perhaps", rows[-1][4])
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, DESIGN, HEADER)
    assert codes(caught.value.problems) == ["unknown-outcome"]
    assert caught.value.problems[0].row == 5


@pytest.mark.parametrize(
    ("design", "code"),
    [
        (DESIGN + '[analysis]\nstage = "offer"\n', "unknown-stage"),
        (ORIGIN + '[analysis]\nstage = "last"\n', "stage-without-stages"),
        (DESIGN.replace(STAGES, 'stages = ["contact"]'), "one-stage"),
        (DESIGN.replace(STAGES, 'stages = ["contact", "last"]'), "reserved-stage"),
        (DESIGN.replace(STAGES, f'kind = "single"\n{STAGES}'), "stages-without-pairs"),
        (
            DESIGN.replace(STAGES, f'kind = "set"\n{STAGES}')
            + '[analysis]\nstage = "cumulative"\n',
            "cumulative-of-sets",
        ),
    ],
)  # fmt: skip
def test_designs_that_do_not_fit(tmp_path: Path, design: str, code: str) -> None:
    with pytest.raises(DesignError) as caught:
        run(tmp_path, at("contact", "t1", "a"), design, HEADER)
    assert codes(caught.value.problems) == [code]


def test_rows_in_any_order_and_groups_exchanged(tmp_path: Path) -> None:
    rows = [row for row in france() if row[0] > "t0600"]
    one = run(tmp_path, rows, DESIGN, HEADER).to_dict()["stages"]
    assert run(tmp_path, rows[::-1], DESIGN, HEADER).to_dict()["stages"] == one
    turned = DESIGN.replace('control = "flemish"', 'control = "moroccan"').replace(
        'test = "moroccan"', 'test = "flemish"'
    )
    other = run(tmp_path, rows, turned, HEADER).to_dict()["stages"]
    for mine, theirs in zip(one, other, strict=True):
        net, opposite = mine["net_rate_cumulative"], theirs["net_rate_cumulative"]
        assert opposite["value"] == pytest.approx(-net["value"])
        assert opposite["low"] == pytest.approx(-net["high"])


def test_retests_with_stages(tmp_path: Path) -> None:
    header = (*HEADER, "phase")
    rows = [
        (*row, phase)
        for phase in ("screen", "confirm")
        for n in range(3)
        for row in (
            *at("contact", f"{phase}{n}", "a", "A"),
            *at("interview", f"{phase}{n}", "b", "A"),
        )
    ]
    found = table(run(tmp_path, rows, DESIGN, header).to_dict())
    assert (found["tests"], found["cells"]["only_control"]) == (3, 3)
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, DESIGN + '[analysis]\nstage = "cumulative"\n', header)
    assert codes(caught.value.problems) == ["cumulative-with-retests"]


def test_a_first_stage_without_a_whole_test(tmp_path: Path) -> None:
    rows = [at("contact", "t1", "a")[0], *at("interview", "t2", "b"), *at("interview", "t3", "c")]
    rows += [("t4", "", "moroccan", NO, "contact")]
    design = DESIGN + '[analysis]\nstage = "interview"\n'
    document = run(tmp_path, rows, design, HEADER).to_dict()
    assert document["contrasts"][0]["n"] == 2
    found = table(document)
    assert (found["tests"], found["usable"]) == (0, 0)
    assert found["net_rate_cumulative"]["value"] is None


def test_a_stage_without_rows_is_said(tmp_path: Path) -> None:
    rows = [*at("interview", "t2", "b"), *at("interview", "t3", "a")]
    problems = run(tmp_path, rows, DESIGN, HEADER).to_dict()["data"]["problems"]
    said = {p["message"].split(";")[0] for p in problems if p["code"] == "stage-without-rows"}
    assert "the log has no rows of stage 'contact'" in said
    assert "the log has no rows of stage 'interview'" not in said
