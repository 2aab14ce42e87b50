"""Who is tested next: decisions, order of need, caps, phases, whatever the order of rows."""

import json
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from praktijktest.problems import DataError, DesignError, UsageError
from praktijktest.rounds.next import NextTests, next_tests
from tests.cli.program import praktijktest

DESIGN = """
format = 1
[round]
id = "next"
[test]
response_days = 14
[[contrast]]
id = "origin"
attribute = "profile"
ground = "origin"
control = "control"
test = "other"
[outcomes]
scheme = "housing"
[reading]
missing_outcome = "no-reply"
[sampling]
{sampling}
[sequential]
{sequential}
"""
HEADER = "test,target,profile,sent_at,outcome,phase"
YES, NO = "viewing-individual", "refused"
RESULTS = {"w": (YES, NO), "l": (NO, YES), "b": (YES, YES), "n": (NO, NO), "?": (YES, "")}
"""won, lost, both, neither, and one whose other applicant has no reply yet"""
START = datetime(2026, 9, 1, 9)


def rows_of(results: dict[str, str], phase: str = "screen", days: int = 1) -> list[str]:
    """Rows of a log: one letter per test of a target, one test every so many days."""
    rows = []
    for target, letters in results.items():
        for number, letter in enumerate(letters):
            sent = (START + timedelta(days=days * number)).isoformat()
            for profile, outcome in zip(("control", "other"), RESULTS[letter], strict=True):
                test = f"{target}-{phase}-{number}"
                rows.append(f"{test},{target},{profile},{sent},{outcome},{phase}")
    return rows


def run(
    folder: Path,
    rows: list[str],
    sequential: str = "",
    sampling: str = "",
    as_of: datetime | None = datetime(2027, 6, 1),
) -> NextTests:
    (folder / "log.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    design = DESIGN.format(sequential=sequential, sampling=sampling)
    (folder / "design.toml").write_text(design, encoding="utf-8")
    return next_tests(log=folder / "log.csv", design=folder / "design.toml", as_of=as_of)


def decisions(found: NextTests) -> dict[str, str]:
    return {row["target"]: row["decision"] for row in found.rows}


ROUND = {
    "A": "wwwwww",
    "B": "wwnwbw",
    "C": "ll",
    "D": "nnnn",
    "E": "wl" * 10,
    "F": "n" * 20,
    "G": "wwwww" + "n" * 12,
    "H": "n" * 19,
}


def test_every_decision(tmp_path: Path) -> None:
    found = run(tmp_path, rows_of(ROUND))
    assert decisions(found) == {
        "A": "flag",
        "B": "open",
        "C": "release",
        "D": "open",
        "E": "release",
        "F": "undecided",
        "G": "open",
        "H": "undecided",  # one more test could neither flag nor release it
    }
    reasons = {row["target"]: row["next"]["why_none"] for row in found.rows}
    assert reasons["A"] == reasons["C"] == reasons["F"] == "decided"
    assert reasons["H"] == "out-of-reach"
    assert found.counts()["to_send"] == 3


def test_the_strongest_evidence_comes_first(tmp_path: Path) -> None:
    found = run(tmp_path, rows_of(ROUND))
    assert [row["target"] for row in found.rows[:3]] == ["G", "B", "D"]
    b = found.rows[1]
    assert (b["tests"], b["wins"], b["losses"], b["remaining"]) == (6, 4, 0, 14)
    assert b["e_value"] == pytest.approx(1.7**4)
    assert b["release_odds"] == pytest.approx(1.7**-4)
    assert (b["wins_to_flag"], b["losses_to_release"]) == (2, 4)


def test_the_boundary_flags_sooner(tmp_path: Path) -> None:
    rows = rows_of({"A": "wwwww", "B": "wwww"})
    assert decisions(run(tmp_path, rows)) == {"A": "open", "B": "open"}
    found = run(tmp_path, rows, sequential='method = "boundary"')
    assert decisions(found) == {"A": "flag", "B": "open"}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_does_not_matter(tmp_path: Path, seed: int) -> None:
    rows = rows_of(ROUND)
    before = run(tmp_path, rows).to_dict()
    random.Random(seed).shuffle(rows)
    assert run(tmp_path, rows).to_dict() == before


def test_who_waits_for_a_reply_is_not_written_to(tmp_path: Path) -> None:
    found = run(tmp_path, rows_of({"A": "ww?", "B": "w"}), as_of=datetime(2026, 9, 5))
    waiting = {row["target"]: row for row in found.rows}["A"]
    assert (waiting["tests"], waiting["underway"]) == (2, 1)
    assert waiting["next"]["why_none"] == "underway"
    two = run(tmp_path, rows_of({"A": "ww?"}), sequential="batch = 3", as_of=datetime(2026, 9, 5))
    assert two.rows[0]["next"]["tests"] == 2
    later = run(tmp_path, rows_of({"A": "ww?"}), as_of=datetime(2026, 12, 5))
    assert (later.rows[0]["tests"], later.rows[0]["wins"]) == (3, 3)


def test_caps_hold(tmp_path: Path) -> None:
    cap = "max_applications_per_target_per_30_days = 6"
    rows = rows_of({"A": "wwn", "B": "wn"}, days=5)
    found = run(tmp_path, rows, sampling=cap, as_of=datetime(2026, 9, 28))
    by_target = {row["target"]: row["next"] for row in found.rows}
    assert by_target["A"] == {
        "tests": 0, "why_none": "cap", "test_ids": [], "free_on": "2026-10-01"
    }  # fmt: skip
    assert by_target["B"]["tests"] == 1
    later = run(tmp_path, rows, sampling=cap, as_of=datetime(2026, 10, 2))
    assert {row["next"]["tests"] for row in later.rows} == {1}
    batch = run(tmp_path, rows, "batch = 5", cap, as_of=datetime(2026, 9, 28))
    assert {row["target"]: row["next"]["tests"] for row in batch.rows} == {"A": 0, "B": 1}


def test_a_batch_never_goes_beyond_the_last_test(tmp_path: Path) -> None:
    found = run(tmp_path, rows_of({"A": "wwww" + "n" * 14}), sequential="batch = 5")
    assert found.rows[0]["next"]["tests"] == 2


def test_fresh_tests_decide_alone(tmp_path: Path) -> None:
    rows = rows_of({"A": "w" * 6, "B": "w" * 6, "C": "w" * 6, "D": "nn"})
    rows += rows_of({"A": "w" * 7, "B": "llb", "C": "wl", "D": "wwwwwwww"}, phase="confirm")
    found = {row["target"]: row for row in run(tmp_path, rows).rows}
    assert (found["A"]["tests"], found["A"]["fresh"]["tests"]) == (6, 7)
    assert found["A"]["fresh"]["decision"] == "confirmed"
    assert found["A"]["fresh"]["e_value_both"] == pytest.approx(1.7**13)
    assert found["B"]["fresh"]["decision"] == "released"
    assert found["C"]["fresh"]["decision"] == "open"
    # Somebody who was not flagged cannot be confirmed, whatever the fresh tests say.
    assert found["D"]["fresh"]["decision"] == "open"


def test_the_list_as_a_whole(tmp_path: Path) -> None:
    found = run(tmp_path, rows_of({"A": "w" * 12, "B": "nn", "C": "nn"}))
    by_target = {row["target"]: row["q_list"] for row in found.rows}
    assert by_target["A"] == pytest.approx(3 / 1.7**12)
    assert found.counts()["flagged_in_list"] == 1


def test_both_sides(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "\n".join([HEADER, *rows_of({"A": "lllllll", "B": "wwwwwww"})]) + "\n", encoding="utf-8"
    )
    text = DESIGN.format(sequential="", sampling="")
    text = text.replace('test = "other"', 'test = "other"\ndirection = "either"')
    (tmp_path / "design.toml").write_text(text, encoding="utf-8")
    found = next_tests(log=tmp_path / "log.csv", design=tmp_path / "design.toml")
    assert decisions(found) == {"A": "flag", "B": "flag"}


def test_what_is_said(tmp_path: Path) -> None:
    found = run(tmp_path, rows_of(ROUND))
    text = "\n".join(found.lines())
    assert "1 flagged, 2 released, 2 undecided, 3 open" in text
    assert "no result of the remaining tests can decide it" in text
    nobody = run(tmp_path, rows_of({"A": "ll"})).lines()
    assert "  nobody" in nobody
    document = found.to_dict()
    assert len(document["rule"]["sha256"]) == 64
    assert document["counts"]["targets"] == len(ROUND)


def test_what_cannot_be(tmp_path: Path) -> None:
    rows = rows_of({"A": "w"})
    with pytest.raises(DesignError, match="never flag"):
        run(tmp_path, rows, sequential="max_tests = 5")
    with pytest.raises(DesignError):
        run(tmp_path, rows, sequential="max_tests = 501")
    with pytest.raises(DesignError):
        run(tmp_path, rows, sequential="alpha = 1.0")
    with pytest.raises(DataError):
        run(tmp_path, [*rows, "x,A,control,2026-09-01,nonsense,screen"])
    text = DESIGN.format(sequential="", sampling="").replace("[sequential]", "")
    (tmp_path / "design.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="no sequential rule"):
        next_tests(log=tmp_path / "log.csv", design=tmp_path / "design.toml")
    with pytest.raises(UsageError, match="needs the design"):
        next_tests(log=tmp_path / "log.csv")
    with pytest.raises(UsageError, match="round folder, or a log"):
        next_tests()


def test_a_report_folder(tmp_path: Path) -> None:
    """The counts of an analysis give the same decisions as the log it was made from."""
    found = run(tmp_path, rows_of(ROUND), as_of=None)
    report = tmp_path / "report"
    done = praktijktest(
        "analyse", tmp_path / "log.csv", "--design", tmp_path / "design.toml", "--out", report
    )
    assert done.code == 0, done.err
    again = next_tests(report)
    assert decisions(again) == decisions(found)
    assert again.counts() == found.counts()
    (report / "analysis.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="make the report again"):
        next_tests(report)


def test_on_the_command_line(tmp_path: Path) -> None:
    run(tmp_path, rows_of(ROUND))
    log, design = tmp_path / "log.csv", tmp_path / "design.toml"
    done = praktijktest("next", "--log", log, "--design", design, "--json")
    assert done.code == 0
    document = json.loads(done.out)
    assert document["kind"] == "next"
    assert {row["decision"] for row in document["targets"]} == {
        "open", "flag", "release", "undecided"
    }  # fmt: skip
    assert praktijktest("next", "--log", log, "--design", design, "--quiet").out == ""
    for wrong in (
        ["next"],
        ["next", tmp_path / "nowhere"],
        ["next", "--log", log],
        ["next", tmp_path, "--design", design],
        ["next", "--log", tmp_path, "--design", design],
        ["next", "--log", log, "--design", design, "--as-of", "soon"],
    ):
        refused = praktijktest(*wrong)
        assert refused.code == 2, (wrong, refused.err)
        assert "Traceback" not in refused.err


def test_design_check_says_what_the_rule_can_do(tmp_path: Path) -> None:
    run(tmp_path, rows_of(ROUND))
    done = praktijktest("design", "check", tmp_path / "design.toml")
    assert done.code == 0
    assert "flagged 86.5%" in " ".join(done.out.split())
    listed = json.loads(praktijktest("design", "check", tmp_path / "design.toml", "--json").out)
    fair = listed["sequential"][0]
    assert fair["flag"] == pytest.approx(0.0246, abs=5e-5)
    assert fair["mean_tests"] == pytest.approx(11.79, abs=5e-3)
