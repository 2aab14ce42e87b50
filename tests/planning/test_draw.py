"""Rolling adverts: the fixed rule, the record, and that a second time adds nothing."""

import csv
import json
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from praktijktest.planning.lock import verify_lock
from praktijktest.planning.ordering import key
from praktijktest.planning.plan_file import read_plan_file, slots_digest
from praktijktest.problems import DataError, UsageError
from praktijktest.rounds.draw import draw_round
from praktijktest.rounds.lock import lock_round
from praktijktest.rounds.plan import plan_round
from tests.planning.designs import ORIGIN, PAIRED, design_text, origin_profiles

SAMPLING = (
    '[sampling]\nstrata = ["agent_type"]\ntests_per_target = 4\n'
    "max_applications_per_target_per_30_days = 4\n"
    "[assignment]\nseed = 5\n[analysis]\n{analysis}"
)
AT = datetime.fromisoformat("2026-10-05T20:00:00+02:00")


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def folder(tmp_path):
    """A planned round of four agents with four open slots each."""
    made = tmp_path / "round"
    made.mkdir()
    sampling = SAMPLING.format(analysis='strata = ["district"]\n')
    text = design_text(PAIRED, origin_profiles(), ORIGIN, sampling)
    (made / "design.toml").write_text(text, encoding="utf-8")
    (made / "frame.csv").write_text(
        "target,agent_type\nA,agent\nB,agent\nC,private\nD,private\n", encoding="utf-8"
    )
    plan_round(made)
    return made


def advert_file(folder, rows, name="adverts.csv", header="target,advert,link,contact,district"):
    path = folder.parent / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_adverts_take_the_first_slots_in_the_order_of_their_keys(folder):
    adverts = [f"AD{number}" for number in range(3)]
    rows = [f"A,{advert},https://site.example/{advert},a@a.example,north" for advert in adverts]
    summary = draw_round(folder, advert_file(folder, rows), AT)
    wanted = sorted(adverts, key=lambda advert: key(5, "advert", advert))
    # A cap of four applications leaves room for two tests in 30 days; the third comes later.
    assert [(one.slot, one.advert) for one in summary.attached] == list(enumerate(wanted, 1))
    assert summary.attached[2].send_at[0] - summary.attached[0].send_at[0] > timedelta(days=30)
    for row in rows_of(folder / "plan.csv"):
        if row["target"] == "A" and int(row["slot"]) <= 3:
            advert = wanted[int(row["slot"]) - 1]
            assert row["advert"] == advert
            assert row["link"] == f"https://site.example/{advert}"
            assert row["contact"] == "a@a.example"
            assert row["district"] == "north"
        else:
            assert row["advert"] == row["link"] == row["district"] == ""


def test_the_order_of_the_file_plays_no_part(folder, tmp_path):
    rows = [f"{target},{target}{n},,," for target in "AB" for n in range(3)]
    first = draw_round(folder, advert_file(folder, rows), AT)
    other = tmp_path / "other"
    other.mkdir()
    for name in ("design.toml", "frame.csv"):
        (other / name).write_bytes((folder / name).read_bytes())
    plan_round(other)
    second = draw_round(other, advert_file(folder, rows[::-1], "reversed.csv"), AT)
    assert first.attached == second.attached
    assert (folder / "plan.csv").read_bytes() == (other / "plan.csv").read_bytes()


def test_tests_start_after_the_draw_and_keep_gap_cap_and_end(folder):
    rows = [f"{target},{target}{n},,," for target in "ABCD" for n in range(4)]
    draw_round(folder, advert_file(folder, rows), AT)
    by_target: dict[str, list[datetime]] = {}
    by_test: dict[str, list[datetime]] = {}
    for row in rows_of(folder / "plan.csv"):
        moment = datetime.fromisoformat(row["send_at"])
        assert AT < moment < datetime.fromisoformat("2027-07-01T00:00:00+02:00")
        by_target.setdefault(row["target"], []).append(moment)
        by_test.setdefault(row["test"], []).append(moment)
    for moments in by_target.values():
        ordered = sorted(moments)
        assert all(
            later - sooner > timedelta(days=30)
            for sooner, later in zip(ordered, ordered[4:], strict=False)
        )
    for first, second in map(sorted, by_test.values()):
        assert timedelta(hours=3) <= second - first <= timedelta(hours=8)


def test_the_draw_is_recorded_as_an_event(folder):
    path = advert_file(folder, ["A,X,,,", "Z,Y,,,"])
    draw_round(folder, path, AT)
    lines = (folder / "draws.jsonl").read_text(encoding="utf-8").splitlines()
    event = json.loads(lines[0])
    assert len(lines) == 1
    assert event["time"] == "2026-10-05T20:00:00+02:00"
    assert event["file"] == "adverts.csv"
    assert len(event["sha256"]) == 64
    assert [(one["advert"], one["slot"]) for one in event["attached"]] == [("X", 1)]
    assert event["left_out"] == [{"target": "Z", "advert": "Y", "reason": "unknown-target"}]


def test_the_same_file_twice_adds_nothing(folder):
    path = advert_file(folder, ["A,X,,,", "B,Y,,,"])
    draw_round(folder, path, AT)
    before = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    summary = draw_round(folder, path, AT + timedelta(days=3))
    assert summary.drawn_before == "2026-10-05T20:00:00+02:00"
    assert summary.attached == ()
    assert before == {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def test_a_used_advert_is_never_used_again(folder):
    draw_round(folder, advert_file(folder, ["A,X,,,"]), AT)
    more = advert_file(folder, ["A,X,,,", "A,Y,,,"], "more.csv")
    summary = draw_round(folder, more, AT + timedelta(days=1))
    assert [(one.advert, one.slot) for one in summary.attached] == [("Y", 2)]
    assert [(one.advert, one.reason) for one in summary.left_out] == [("X", "already-used")]
    adverts = Counter(row["advert"] for row in rows_of(folder / "plan.csv") if row["advert"])
    assert adverts == {"X": 2, "Y": 2}
    assert len((folder / "draws.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_adverts_without_a_slot_or_a_day_are_listed(folder):
    rows = [f"A,X{n},,," for n in range(6)]
    summary = draw_round(folder, advert_file(folder, rows), AT)
    assert len(summary.attached) == 4
    assert {one.reason for one in summary.left_out} == {"no-free-slot"}
    late = datetime.fromisoformat("2027-06-29T07:00:00+02:00")
    summary = draw_round(
        folder, advert_file(folder, ["B,1,,,", "B,2,,,", "B,3,,,"], "late.csv"), late
    )
    assert [one.send_at[0].date().isoformat() for one in summary.attached] == [
        "2027-06-29",
        "2027-06-30",
    ]
    assert [one.reason for one in summary.left_out] == ["no-day-left"]
    # The two slots of B that are left can no longer be planned, and nothing else was touched.
    assert summary.without_day == 2
    empty = {row["test"] for row in rows_of(folder / "plan.csv") if not row["send_at"]}
    assert len(empty) == 2


def test_after_the_round_nothing_is_attached_or_written(folder):
    before = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    after = datetime.fromisoformat("2027-08-01T07:00:00+02:00")
    summary = draw_round(folder, advert_file(folder, ["B,1,,,"]), after)
    assert [one.reason for one in summary.left_out] == ["no-day-left"]
    assert before == {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def test_a_locked_round_accepts_draws_and_the_allocation_stays(folder):
    lock_round(folder)
    digest = slots_digest(read_plan_file(folder / "plan.csv").rows)
    draw_round(folder, advert_file(folder, ["A,X,,,", "C,Y,,,"]), AT)
    rows = read_plan_file(folder / "plan.csv").rows
    assert slots_digest(rows) == digest
    record = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert record["slots_sha256"] == digest
    assert verify_lock(folder) == ()


def test_columns_that_people_added_stay(folder):
    lines = (folder / "plan.csv").read_text(encoding="utf-8").splitlines()
    lines = [lines[0].replace(",", ";") + ";outcome"] + [
        line.replace(",", ";") + (";no-reply" if number == 0 else ";")
        for number, line in enumerate(lines[1:])
    ]
    (folder / "plan.csv").write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    filled = lines[1].split(";")[0]
    draw_round(folder, advert_file(folder, ["A,X,,,"]), AT)
    text = (folder / "plan.csv").read_text(encoding="utf-8")
    assert text.startswith("\ufeffapplication;test;")
    rows = {
        row["\ufeffapplication"]: row for row in csv.DictReader(text.splitlines(), delimiter=";")
    }
    assert rows[filled]["outcome"] == "no-reply"
    assert sum(bool(row["advert"]) for row in rows.values()) == 2


def test_the_calendar_follows_and_its_events_keep_their_ids(folder):
    def identities():
        lines = (folder / "schedule.ics").read_text(encoding="utf-8").splitlines()
        return sorted(line for line in lines if line.startswith("UID"))

    before = identities()
    draw_round(folder, advert_file(folder, ["A,X,https://x.example,,"]), AT)
    text = (folder / "schedule.ics").read_text(encoding="utf-8")
    assert identities() == before
    assert "SEQUENCE:1" in text
    assert "https://x.example" in text


def test_formulas_in_adverts_stay_text(folder):
    draw_round(folder, advert_file(folder, ['A,X,"=HYPERLINK(1)",+32 9 123,']), AT)
    row = next(row for row in rows_of(folder / "plan.csv") if row["advert"])
    assert row["link"] == "'=HYPERLINK(1)"
    assert row["contact"] == "'+32 9 123"


@pytest.mark.parametrize(
    ("header", "rows", "code"),
    [
        ("target,reference", ["A,1"], "frame-column-missing"),
        ("target,advert", ["A,1", "A,"], "frame-cell-empty"),
        ("target,advert", ["A,1", "B,1"], "frame-contradiction"),
    ],
)
def test_bad_advert_files_are_said_and_change_nothing(folder, header, rows, code):
    before = (folder / "plan.csv").read_bytes()
    with pytest.raises(DataError) as caught:
        draw_round(folder, advert_file(folder, rows, header=header), AT)
    assert caught.value.problems[0].code == code
    assert (folder / "plan.csv").read_bytes() == before
    assert not (folder / "draws.jsonl").exists()


def test_a_spoilt_plan_or_record_is_said(folder):
    path = advert_file(folder, ["A,X,,,"])
    plan = (folder / "plan.csv").read_text(encoding="utf-8")
    (folder / "plan.csv").write_text(plan.replace("T", " um "), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        draw_round(folder, path, AT)
    assert caught.value.problems[0].column == "send_at"
    (folder / "plan.csv").write_text(plan.replace("send_at", "when"), encoding="utf-8")
    with pytest.raises(DataError, match="plan"):
        draw_round(folder, path, AT)
    (folder / "plan.csv").write_text(plan, encoding="utf-8")
    (folder / "draws.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(DataError, match="record"):
        draw_round(folder, path, AT)


def test_without_a_plan_or_a_file_there_is_nothing_to_draw(folder):
    with pytest.raises(UsageError):
        draw_round(folder, folder.parent / "none.csv", AT)
    (folder / "plan.csv").unlink()
    with pytest.raises(UsageError, match="design plan"):
        draw_round(folder, advert_file(folder, ["A,X,,,"]), AT)


def test_slots_are_filled_over_several_draws_in_order(folder):
    times = []
    for week in range(4):
        path = advert_file(folder, [f"A,X{week},,,"], f"week{week}.csv")
        summary = draw_round(folder, path, AT + timedelta(weeks=5 * week))
        assert [one.slot for one in summary.attached] == [week + 1]
        times.append(summary.attached[0].send_at[0])
    assert all(one < other for one, other in pairwise(times))
    assert summary.open_tests == 12
