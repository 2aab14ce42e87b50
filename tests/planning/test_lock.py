"""The lock: what was decided stays, and a change leaves both versions behind."""

import json
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from praktijktest.cli.design_lock import amend_command, lock_command
from praktijktest.planning.lock import (
    is_locked,
    read_lock,
    refuse_when_locked,
    require_unchanged,
    verify_lock,
)
from praktijktest.problems import (
    DataError,
    DesignError,
    RefusedError,
    UsageError,
    VerificationError,
)
from praktijktest.rounds.amend import amend_round
from praktijktest.rounds.draw import draw_round
from praktijktest.rounds.init import init_round
from praktijktest.rounds.letters import write_workbook
from praktijktest.rounds.lock import lock_round
from praktijktest.rounds.plan import plan_round
from praktijktest.storage import sha256_of_file

ZONE = timezone(timedelta(hours=1))
AT = datetime(2027, 1, 10, 9, 0, tzinfo=ZONE)
LATER = datetime(2027, 2, 15, 18, 0, tzinfo=ZONE)


@pytest.fixture(scope="module")
def planned_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lock") / "gent"
    init_round(folder, "housing", "nl")
    plan_round(folder)
    write_workbook(folder)
    return folder


@pytest.fixture
def planned(planned_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(planned_folder, tmp_path / "gent"))


@pytest.fixture
def locked(planned: Path) -> Path:
    lock_round(planned, AT)
    return planned


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# ------------------------------------------------------------------ locking


def test_a_lock_writes_three_texts_and_the_hashes_of_what_is_there(planned):
    summary = lock_round(planned, AT)
    lock = json.loads((planned / "lock.json").read_text(encoding="utf-8"))
    assert lock["sha256"]["design"] == sha256_of_file(planned / "design.toml")
    assert lock["sha256"]["frame"] == sha256_of_file(planned / "frame.csv")
    record = json.loads((planned / "plan.json").read_text(encoding="utf-8"))
    assert lock["sha256"]["slots"] == record["slots_sha256"]
    for path in (planned / "letters").glob("*.md"):
        assert lock["sha256"][f"letters/{path.name}"] == sha256_of_file(path)
    assert summary.lock_sha256 == sha256_of_file(planned / "lock.json")
    assert lock["at"] == "2027-01-10T09:00:00+01:00"
    for code in ("nl", "fr", "en"):
        text = (planned / f"preregistration.{code}.md").read_text(encoding="utf-8")
        assert lock["sha256"]["slots"] in text
    assert verify_lock(planned) == ()


def test_the_same_folder_and_moment_give_the_same_lock(planned, tmp_path):
    other = Path(shutil.copytree(planned, tmp_path / "other"))
    lock_round(planned, AT)
    lock_round(other, AT)
    assert everything(planned) == everything(other)


def test_locking_twice_leaves_everything_as_it_was(locked):
    before = everything(locked)
    summary = lock_round(locked, LATER)
    assert summary.already
    assert summary.at == AT.isoformat()
    assert everything(locked) == before


def test_a_locked_plan_cannot_be_made_again(locked):
    with pytest.raises(RefusedError, match="amend") as caught:
        plan_round(locked)
    assert caught.value.exit_code == 3
    with pytest.raises(RefusedError, match="make a new plan"):
        refuse_when_locked(locked, "make a new plan")


@pytest.mark.parametrize(("name", "old", "new", "what"), [
    ("design.toml", "alpha = 0.05", "alpha = 0.10", "design"),
    ("frame.csv", "T001", "T999", "frame"),
    ("plan.csv", "rent-1", "rent-2", "slots"),
    ("plan.csv", "Wouter Claes", "Wouter Maes", "slots"),
    ("letters/rent-2.nl.md", "Vriendelijke", "Hartelijke", "letters/rent-2.nl.md"),
    ("plan.json", '"seed": 20270201', '"seed": 7', "seed"),
    ("locked/plan.csv", "T001", "T999", "locked/plan.csv"),
])  # fmt: skip
def test_every_change_after_the_lock_is_seen(locked, name, old, new, what):
    change(locked / name, old, new)
    changes = verify_lock(locked)
    assert [(one.what, one.state) for one in changes] == [(what, "changed")]
    with pytest.raises(RefusedError) as caught:
        lock_round(locked)
    assert [problem.column for problem in caught.value.problems] == [what]
    with pytest.raises(RefusedError):
        require_unchanged(locked)


def test_what_is_taken_away_or_added_is_seen(locked):
    (locked / "letters/rent-1.nl.md").unlink()
    shutil.copy(locked / "letters/rent-2.nl.md", locked / "letters/rent-9.nl.md")
    assert {(one.what, one.state) for one in verify_lock(locked)} == {
        ("letters/rent-1.nl.md", "missing"), ("letters/rent-9.nl.md", "added"),
    }  # fmt: skip


def test_a_draw_of_adverts_is_no_change(locked):
    adverts = locked / "new.csv"
    adverts.write_text(
        "target,advert,link,contact,agent_type,district\n"
        "T002,B-0001,https://adverts.example/B-0001,x@y.example,particulier,noord\n",
        encoding="utf-8",
    )
    before = (locked / "plan.csv").read_bytes()
    draw_round(locked, adverts, LATER)
    assert (locked / "plan.csv").read_bytes() != before
    assert verify_lock(locked) == ()


def test_a_plan_of_another_design_or_frame_is_not_locked(planned):
    change(planned / "design.toml", "min_cell = 5", "min_cell = 6")
    change(planned / "frame.csv", "T001", "T999")
    with pytest.raises(DataError) as caught:
        lock_round(planned, AT)
    assert [p.column for p in caught.value.problems] == ["design_sha256", "frame_sha256"]
    assert not is_locked(planned)
    assert not list(planned.glob("preregistration*"))


def test_after_the_first_letter_it_is_too_late(planned):
    lines = (planned / "plan.csv").read_text(encoding="utf-8").splitlines()
    filled = [f"{lines[0]},outcome", f"{lines[1]},no-reply", *(f"{x}," for x in lines[2:])]
    (planned / "plan.csv").write_text("\n".join(filled) + "\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="outcome"):
        lock_round(planned, AT)


def test_without_a_plan_there_is_nothing_to_lock(tmp_path):
    init_round(tmp_path / "r", "housing", "nl")
    with pytest.raises(UsageError, match="design plan"):
        lock_round(tmp_path / "r", AT)


def test_a_lock_that_was_edited_is_a_failed_verification(locked):
    (locked / "lock.json").write_text("{}", encoding="utf-8")
    with pytest.raises(VerificationError, match="changed by hand"):
        verify_lock(locked)


def test_a_lock_that_points_out_of_the_folder_is_not_followed(locked):
    change(locked / "lock.json", '"design.toml": "', '"../../design.toml": "')
    with pytest.raises(VerificationError, match="changed by hand"):
        verify_lock(locked)


# ------------------------------------------------------------------ amending


def test_an_amendment_keeps_both_versions_and_locks_again(locked):
    before = everything(locked)
    new = locked.parent / "new.toml"
    new.write_bytes((locked / "design.toml").read_bytes())
    change(new, "alpha = 0.05", "alpha = 0.10")
    summary = amend_round(locked, "more  signals\nwanted", design=new, at=LATER)
    assert summary.changed == ("design",)
    folder = locked / "amendments/001"
    for name in ("design.toml", "lock.json", "plan.csv", "preregistration.nl.md", "plan.xlsx"):
        assert (folder / "old" / name).read_bytes() == before[name]
    assert (folder / "new/design.toml").read_bytes() == new.read_bytes()
    assert (locked / "design.toml").read_bytes() == new.read_bytes()
    record = json.loads((folder / "amendment.json").read_text(encoding="utf-8"))
    assert (record["reason"], record["at"]) == ("more signals wanted", LATER.isoformat())
    assert verify_lock(locked) == ()
    lock = read_lock(locked)
    assert (lock.number, [one.reason for one in lock.amendments]) == (2, ["more signals wanted"])
    assert "more signals wanted" in (locked / "preregistration.nl.md").read_text(encoding="utf-8")


def test_a_change_by_hand_becomes_an_amendment_and_a_second_follows(locked):
    change(locked / "letters/rent-2.nl.md", "Vriendelijke", "Hartelijke")
    assert amend_round(locked, "typo", at=LATER).changed == ("letters/rent-2.nl.md",)
    (locked / "letters/call-origin.nl.md").unlink()
    second = amend_round(locked, "no calls", at=LATER + timedelta(hours=1))
    assert (second.number, second.folder) == (2, "amendments/002")
    assert not (locked / "locked/letters/call-origin.nl.md").exists()
    assert (locked / "amendments/002/old/letters/call-origin.nl.md").is_file()
    assert verify_lock(locked) == ()


def test_a_new_plan_comes_with_its_seed_and_workbook(locked, tmp_path):
    copy = Path(shutil.copytree(locked, tmp_path / "copy"))
    (copy / "lock.json").unlink()
    plan_round(copy, seed=99)
    old_book = (locked / "plan.xlsx").read_bytes()
    summary = amend_round(locked, "another seed", plan=copy / "plan.csv", at=LATER)
    assert summary.changed == ("slots", "seed")
    assert read_lock(locked).seed == 99
    assert (locked / "plan.csv").read_bytes() == (copy / "plan.csv").read_bytes()
    assert (locked / "plan.xlsx").read_bytes() != old_book
    assert (locked / "amendments/001/old/plan.xlsx").read_bytes() == old_book
    assert verify_lock(locked) == ()


def test_an_amendment_without_reason_lock_or_change_is_refused(planned):
    with pytest.raises(UsageError, match="not locked"):
        amend_round(planned, "x", at=LATER)
    lock_round(planned, AT)
    before = everything(planned)
    with pytest.raises(UsageError, match="reason"):
        amend_round(planned, "  ", at=LATER)
    with pytest.raises(UsageError, match="Nothing differs"):
        amend_round(planned, "x", at=LATER)
    with pytest.raises(RefusedError, match="before the lock"):
        amend_round(planned, "x", at=AT - timedelta(days=1))
    with pytest.raises(UsageError, match="no file"):
        amend_round(planned, "x", design=planned / "none.toml", at=LATER)
    assert everything(planned) == before


def test_an_amendment_that_does_not_fit_changes_nothing(locked):
    before = everything(locked)
    broken = locked.parent / "broken.toml"
    broken.write_text("format = 1\n", encoding="utf-8")
    with pytest.raises(DesignError):
        amend_round(locked, "x", design=broken, at=LATER)
    other = locked.parent / "other.toml"
    other.write_bytes((locked / "design.toml").read_bytes())
    change(other, '"moroccan-man"', '"turkish-man"')
    with pytest.raises(DataError):
        amend_round(locked, "x", design=other, at=LATER)
    assert everything(locked) == before


def test_an_old_version_that_was_tampered_with_is_not_passed_off_as_one(locked):
    change(locked / "locked/design.toml", "alpha = 0.05", "alpha = 0.10")
    change(locked / "design.toml", "alpha = 0.05", "alpha = 0.20")
    with pytest.raises(VerificationError, match="not what was locked"):
        amend_round(locked, "x", at=LATER)


# ------------------------------------------------------------------ the commands


def run(command, *arguments: object):
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_the_commands_print_what_was_done(planned):
    done = run(lock_command, planned, "--at", "2027-01-10T09:00", "--json",
               "--only-control", "0.22", "--only-test", "0.05")  # fmt: skip
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert document["number"] == 1
    assert "22%" in (planned / "preregistration.en.md").read_text(encoding="utf-8")
    change(planned / "letters/rent-2.nl.md", "Vriendelijke", "Hartelijke")
    done = run(amend_command, planned, "--reason", "typo", "--at", "2027-07-01")
    assert done.exit_code == 0
    assert "amendments/001" in done.stdout
    assert [one.at.isoformat() for one in read_lock(planned).amendments] == [
        "2027-07-01T00:00:00+02:00"
    ]


@pytest.mark.parametrize("arguments", [
    ("--at", "yesterday"), ("--only-control", "0.2"),
    ("--only-control", "0.8", "--only-test", "0.4"),
])  # fmt: skip
def test_impossible_numbers_and_moments_are_wrong_use(planned, arguments):
    done = run(lock_command, planned, *arguments)
    assert isinstance(done.exception, UsageError)
    assert not is_locked(planned)
