"""Whole plans: reproducible, golden, written whole or not at all, and readable as a log."""

import csv
import hashlib
import json
import random
from collections import Counter
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from typer.testing import CliRunner

from praktijktest.cli.design_plan import draw_command, plan_command
from praktijktest.design import parse_design
from praktijktest.planning.build import build_plan
from praktijktest.planning.frame import frame_from_columns
from praktijktest.planning.plan_file import plan_from_rows, read_plan_file, slots_digest
from praktijktest.problems import DataError, RefusedError, UsageError
from praktijktest.rounds.analyse import analyse
from praktijktest.rounds.plan import plan_round, prepare_plan
from praktijktest.rounds.written_together import write_together
from tests.planning.designs import (
    DISABILITY,
    ORIGIN,
    PAIRED,
    design_text,
    ground_profiles,
    origin_profiles,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "plan"
SAMPLING = (
    '[sampling]\nstrata = ["agent_type"]\ntests_per_target = 4\n'
    "max_applications_per_target_per_30_days = 6\n"
    '[assignment]\nseed = 5\ntesters = ["An", "Bea"]\n'
)
FILES = ("balance.csv", "frame.csv", "plan.csv", "plan.json", "plan.xlsx", "schedule.ics")


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def folder(tmp_path):
    """A round folder with a design, and a frame beside it."""
    made = tmp_path / "round"
    made.mkdir()
    text = design_text(PAIRED, ground_profiles(16), ORIGIN, DISABILITY, SAMPLING)
    (made / "design.toml").write_text(text, encoding="utf-8")
    frame = "target,name,agent_type,contact\n" + "".join(
        f"A{n:02d},Kantoor {n},{'agent' if n % 2 else 'private'},a{n}@kantoor{n}.example\n"
        for n in range(10)
    )
    (tmp_path / "agents.csv").write_text(frame, encoding="utf-8")
    return made


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 10**9))
def test_the_order_of_the_frame_plays_no_part(shuffler: random.Random, seed):
    declared = parse_design(design_text(PAIRED, ground_profiles(16), ORIGIN, DISABILITY, SAMPLING))
    rows = [(f"A{n % 9}", f"AD{n}" if n % 3 else "", "agent", f"c{n}") for n in range(25)]

    def plan(ordered):
        names = ("target", "advert", "agent_type", "contact")
        columns = dict(zip(names, map(list, zip(*ordered, strict=True)), strict=True))
        return build_plan(declared, frame_from_columns(columns, ["agent_type"]), seed)

    shuffled = rows[:]
    shuffler.shuffle(shuffled)
    assert plan(rows).applications == plan(shuffled).applications


def test_the_same_seed_gives_the_same_bytes(folder):
    frame = folder.parent / "agents.csv"
    first, second = (prepare_plan(folder, frame).files for _ in range(2))
    assert first == second


def test_two_seeds_give_two_plans(folder):
    frame = folder.parent / "agents.csv"
    plans = [prepare_plan(folder, frame, seed).files["plan.csv"] for seed in (1, 2, 1)]
    assert plans[0] == plans[2]
    assert plans[0] != plans[1]
    sheets = [
        {(r.target, r.slot, r.arm): (r.position, r.template, r.name) for r in plan.applications}
        for plan in (prepare_plan(folder, frame, seed).plan for seed in (1, 2))
    ]
    same = sum(sheets[0].get(key) == value for key, value in sheets[1].items())
    assert same < len(sheets[0]) / 4


@pytest.mark.parametrize("name", ["plan.csv", "balance.csv"])
def test_the_golden_plan(tmp_path, name):
    """The plan of tests/golden/plan, byte for byte, on every Python and platform."""
    (tmp_path / "design.toml").write_bytes((GOLDEN / "design.toml").read_bytes())
    (tmp_path / "frame.csv").write_bytes((GOLDEN / "frame.csv").read_bytes())
    plan_round(tmp_path)
    assert (tmp_path / name).read_bytes() == (GOLDEN / name).read_bytes()


def test_a_plan_is_written_with_all_its_files(folder):
    summary = plan_round(folder, folder.parent / "agents.csv")
    assert sorted(path.name for path in folder.iterdir()) == sorted((*FILES, "design.toml"))
    assert set(summary.files) == set(FILES)
    assert (summary.tests, summary.applications, summary.targets) == (80, 160, 10)
    assert summary.open_tests == 80
    assert summary.seed == 5
    record = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert record["seed"] == 5
    assert record["slots_sha256"] == summary.slots_sha256
    frame = (folder / "frame.csv").read_bytes()
    assert record["frame_sha256"] == hashlib.sha256(frame).hexdigest()
    assert json.loads(json.dumps(summary.to_dict()))["tests"] == 80


def test_the_columns_are_those_of_the_log(folder):
    plan_round(folder, folder.parent / "agents.csv")
    header = list(rows_of(folder / "plan.csv")[0])
    wanted = ["application", "test", "target", "profile", "position", "template", "channel",
              "agent_type", "send_at", "name", "tester", "advert"]  # fmt: skip
    assert [name for name in header if name in wanted] == wanted
    assert set(header) - set(wanted) == {
        "contrast", "target_group", "slot", "mailbox", "link", "contact",
    }  # fmt: skip
    assert "outcome" not in header


def test_a_plan_with_outcomes_filled_in_is_a_log(folder):
    plan_round(folder, folder.parent / "agents.csv")
    rows = rows_of(folder / "plan.csv")
    for row in rows:
        fair = row["profile"] == "fl" or row["contrast"] == "disability"
        row["outcome"] = "viewing-individual" if fair else "no-reply"
    log = folder.parent / "log.csv"
    with log.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    document = analyse(log, folder / "design.toml").to_dict()
    cells = {
        entry["id"]: entry["cells"]
        for entry in document["contrasts"]
        if entry["primary"] and entry["stratum"] is None
    }
    assert cells["origin"] == {"both": 0, "only_control": 40, "only_test": 0, "neither": 0}
    assert cells["disability"] == {"both": 40, "only_control": 0, "only_test": 0, "neither": 0}
    assert not [p for p in document["data"]["problems"] if p["level"] == "error"]


def test_a_plan_read_back_is_the_plan(folder):
    prepared = prepare_plan(folder, folder.parent / "agents.csv")
    write_together(folder, prepared.files)
    read = read_plan_file(folder / "plan.csv")
    again = plan_from_rows(read.rows, prepared.design, prepared.plan.seed)
    assert again.applications == prepared.plan.applications
    assert read.content() == prepared.files["plan.csv"]
    assert slots_digest(read.rows) == prepared.summary.slots_sha256


def test_the_frame_of_the_folder_is_used_and_left_as_it_is(folder):
    text = "agent_type;target;rent\nagent;B;1,5\nprivate;A;2\n"
    (folder / "frame.csv").write_text(text, encoding="utf-8")
    summary = plan_round(folder)
    assert summary.targets == 2
    assert (folder / "frame.csv").read_text(encoding="utf-8") == text


def test_the_frame_may_be_a_spreadsheet(folder):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["target", "agent_type", "since"])
    book.active.append(["A", "agent", 2001])
    book.active.append([7, "private", None])
    book.save(folder.parent / "frame.xlsx")
    plan_round(folder, folder.parent / "frame.xlsx")
    assert (folder / "frame.csv").read_text(encoding="utf-8") == (
        "target,agent_type,since\nA,agent,2001\n7,private,\n"
    )
    assert Counter(row["target"] for row in rows_of(folder / "plan.csv")) == {"A": 16, "7": 16}


def test_the_calendar_is_read_by_others_and_has_every_application(folder):
    plan_round(folder, folder.parent / "agents.csv")
    calendar = Calendar.from_ical((folder / "schedule.ics").read_bytes())
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    rows = rows_of(folder / "plan.csv")
    assert len(events) == len(rows)
    starts = sorted(event.decoded("dtstart").isoformat() for event in events.values())
    from datetime import UTC, datetime

    assert starts == sorted(
        datetime.fromisoformat(row["send_at"]).astimezone(UTC).isoformat() for row in rows
    )
    stamps = {event.decoded("dtstamp").isoformat() for event in events.values()}
    assert stamps == {"2026-09-01T00:00:00+00:00"}


def test_a_locked_plan_is_not_made_again(folder):
    frame = folder.parent / "agents.csv"
    plan_round(folder, frame)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "lock.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RefusedError, match="locked") as caught:
        plan_round(folder, frame, seed=9)
    assert caught.value.exit_code == 3
    (folder / "lock.json").unlink()
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_plan_with_outcomes_is_not_overwritten(folder):
    frame = folder.parent / "agents.csv"
    plan_round(folder, frame)
    rows = (folder / "plan.csv").read_text(encoding="utf-8").splitlines()
    (folder / "plan.csv").write_text(
        "\n".join([rows[0] + ",outcome", rows[1] + ",no-reply", *(r + "," for r in rows[2:])]),
        encoding="utf-8",
    )
    with pytest.raises(RefusedError, match="outcomes"):
        plan_round(folder, frame)


def test_nothing_is_written_when_something_does_not_fit(folder):
    (folder.parent / "agents.csv").write_text("target\nA\nB\n", encoding="utf-8")
    with pytest.raises(DataError):
        plan_round(folder, folder.parent / "agents.csv")
    assert [path.name for path in folder.iterdir()] == ["design.toml"]


def test_files_are_written_together_or_not_at_all(tmp_path, monkeypatch):
    (tmp_path / "one").write_bytes(b"old")

    def broken(handle):
        if len(list(tmp_path.iterdir())) > 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("praktijktest.rounds.written_together.os.fsync", broken)
    with pytest.raises(OSError, match="No space"):
        write_together(tmp_path, {"one": b"new", "two": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert (tmp_path / "one").read_bytes() == b"old"


def test_the_exclusion_list_stands_beside_the_design(folder):
    text = (folder / "design.toml").read_text(encoding="utf-8")
    text = text.replace("[sampling]\n", '[sampling]\nexclude = "leave.csv"\n')
    (folder / "design.toml").write_text(text, encoding="utf-8")
    (folder / "leave.csv").write_text("target\nA03\n", encoding="utf-8")
    summary = plan_round(folder, folder.parent / "agents.csv")
    assert (summary.targets, summary.excluded) == (9, 1)


def test_the_seed_follows_from_the_round_where_nobody_gives_one(tmp_path):
    text = design_text(PAIRED, origin_profiles(), ORIGIN)
    (tmp_path / "design.toml").write_text(text, encoding="utf-8")
    (tmp_path / "frame.csv").write_text("target\nA\nB\n", encoding="utf-8")
    wanted = int(hashlib.sha256(b"praktijktest|seed|gent").hexdigest()[:8], 16)
    assert prepare_plan(tmp_path).summary.seed == wanted
    with pytest.raises(UsageError, match="seed"):
        prepare_plan(tmp_path, seed=-1)


@pytest.fixture
def program():
    app = typer.Typer()
    app.command("plan")(plan_command)
    app.command("draw")(draw_command)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_prints_what_was_planned(folder, program):
    frame = folder.parent / "agents.csv"
    told = program("plan", folder, "--frame", frame, "--seed", 3)
    assert told.exit_code == 0
    assert "80 tests (160 applications) on 10 targets" in told.stdout
    as_json = json.loads(program("plan", folder, "--json").stdout)
    assert (as_json["seed"], as_json["tests"]) == (5, 80)
    assert program("plan", folder, "--quiet").stdout == ""


def test_the_command_needs_a_round_folder(tmp_path, program):
    told = program("plan", tmp_path / "nothing")
    assert isinstance(told.exception, UsageError)
    told = program("plan", tmp_path)
    assert isinstance(told.exception, UsageError)
    assert "init" in told.exception.message


def test_json_holds_the_problems_of_a_frame(folder, program):
    (folder / "frame.csv").write_text("target\nA\n", encoding="utf-8")
    told = program("plan", folder, "--json")
    assert isinstance(told.exception, DataError)
    assert json.loads(told.stdout)["problems"][0]["code"] == "frame-column-missing"
