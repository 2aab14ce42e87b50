"""Cases: steps in the ledger, what comes next, fresh tests, letters, the positive list."""

import csv
import io
import json
import shutil
from datetime import date

import pytest
from docx import Document

from praktijktest.fieldwork.case_steps import Case, CaseStep
from praktijktest.problems import DataError, RefusedError, UsageError
from praktijktest.rounds.analyse import analyse_round
from praktijktest.rounds.case_letters import write_letters_of_cases
from praktijktest.rounds.case_list import SUGGESTIONS, case_rows, list_cases
from praktijktest.rounds.case_retests import plan_retests
from praktijktest.rounds.case_steps import Told, record_step
from praktijktest.rounds.positive_list import positive_list
from praktijktest.rounds.verify import verify
from tests.casework.case_round import CANARIES, TARGETS, answer, case_round, pseudonym_of
from tests.cli.program import praktijktest

TODAY = date(2027, 1, 15)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A round with one signal; tests that write take a copy."""
    return case_round(tmp_path_factory.mktemp("cases") / "round")


@pytest.fixture
def folder(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "round")
    return tmp_path / "round"


def step(folder, target, name, **more):
    return record_step(folder, target, Told(name, on="2026-12-20", **more), who="Bea")


def test_a_signal_without_steps_is_an_open_case(finished):
    found = list_cases(finished, today=TODAY)
    (row,) = found.rows
    assert row.target == pseudonym_of(finished)
    assert [(one["contrast"], one["state"]) for one in row.findings] == [("origin", "signal")]
    assert (row.is_open, row.overdue, row.suggestion) == (True, False, "open")
    assert "never a legal finding" in found.lines()[0]


def test_steps_are_kept_in_their_order_with_words_apart(folder):
    target = pseudonym_of(folder)
    step(folder, target, "opened")
    step(folder, target, "talk", words="Mevrouw Canaryzang legt uit", due="2027-01-10")
    (row,) = list_cases(folder, today=TODAY).rows
    assert [one["step"] for one in row.steps] == ["opened", "talk"]
    assert (row.due, row.overdue, row.suggestion) == ("2027-01-10", True, "retest")
    assert b"Canaryzang" not in (folder / "round.db").read_bytes()
    assert verify(folder).holds


def test_overdue_cases_alone(folder):
    target = pseudonym_of(folder)
    assert list_cases(folder, overdue=True, today=TODAY).rows == ()
    step(folder, target, "invited", due="2026-12-31")
    assert [row.target for row in list_cases(folder, overdue=True, today=TODAY).rows] == [target]
    step(folder, target, "talk", due="2027-03-01")
    assert list_cases(folder, overdue=True, today=TODAY).rows == ()


def test_the_same_step_twice_adds_nothing(folder):
    first = step(folder, "K0", "opened")
    again = step(folder, "K0", "opened")
    assert first.events
    assert not again.events
    assert again.lines()[0].startswith("The ledger has this already")


def test_an_agent_is_found_by_id_and_by_name(folder):
    by_id = step(folder, "K0", "opened").details["target"]
    by_name = step(folder, "kantoor canaryvogel0", "talk").details["target"]
    assert by_id == by_name == pseudonym_of(folder)


@pytest.mark.parametrize(
    ("target", "told", "error", "said"),
    [
        ("K0", Told("tlak"), UsageError, "talk"),
        ("nobody", Told("talk"), UsageError, "knows nobody"),
        ("K0", Told("talk", on="20-12-2026"), UsageError, "2026-11-30"),
        ("K0", Told("talk", on="2026-12-20", due="2026-12-01"), UsageError, "before the step"),
        ("K0", Told("referral"), UsageError, "--to"),
        ("K0", Told("closed"), UsageError, "--reason"),
        ("K0", Told("talk", tests=3), UsageError, "retest"),
        ("K0", Told("retest", tests=-1), UsageError, "1 or more"),
        ("K0", Told("talk", contrast="age"), UsageError, "origin"),
        ("K0", Told("reopened", reason="x"), RefusedError, "closed or cleared"),
        ("K0", Told("cleared"), RefusedError, "do not clear"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded(finished, target, told, error, said):
    before = (finished / "round.db").read_bytes()
    with pytest.raises(error, match=said):
        record_step(finished, target, told, who="Bea")
    assert (finished / "round.db").read_bytes() == before


def test_a_closed_case_is_reopened_before_anything_else(folder):
    step(folder, "K0", "closed", reason="agent stopped working")
    with pytest.raises(RefusedError, match="reopen"):
        step(folder, "K0", "talk")
    step(folder, "K0", "reopened", reason="started again")
    step(folder, "K0", "talk")
    assert list_cases(folder, today=TODAY).rows[0].is_open


def test_every_suggestion_has_words():
    steps = {name: Case("T-1", (CaseStep(1, name, "2026-12-01"),)) for name in
             ("opened", "invited", "talk", "retest", "referral", "cleared")}  # fmt: skip
    states = [{"target": "T-1", "contrast": "origin", "state": s, "n": 12, "p": 0.1, "q": 0.1,
               "fragile": False} for s in ("signal",)]  # fmt: skip
    for case in steps.values():
        (row,) = case_rows({"T-1": case}, states, {}, TODAY)
        assert row.suggestion in SUGGESTIONS


def retested(folder, *, guilty: bool):
    target = pseudonym_of(folder)
    step(folder, target, "talk", due="2027-01-10")
    step(folder, target, "retest", due="2027-04-01", tests=16)
    plan = plan_retests(folder, start=date(2027, 1, 18), until=date(2027, 6, 30), who="Bea")
    return target, plan


def test_fresh_tests_are_planned_once_and_dealt_like_others(folder):
    target, plan = retested(folder, guilty=True)
    assert plan.tests == {target: {"origin": 16}}
    assert (plan.applications, plan.file) == (32, "retests-1.csv")
    rows = (folder / plan.file).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 33
    assert "phase" in rows[0]
    assert (folder / plan.file).stat().st_mode & 0o077 == 0
    assert 0.7 < plan.chance < 0.9
    (row,) = list_cases(folder, today=TODAY).rows
    assert row.fresh == {"origin": {"asked": 16, "planned": 16, "sent": 0}}
    assert row.suggestion == "testing"
    again = plan_retests(folder, start=date(2027, 1, 18), until=date(2027, 6, 30), who="Bea")
    assert (again.file, again.applications) == ("", 0)
    # Another command looks at plan.csv again; the fresh tests stay planned.
    step(folder, target, "training")
    assert list_cases(folder, today=TODAY).rows[0].fresh["origin"]["planned"] == 16


@pytest.mark.parametrize(("guilty", "state", "suggestion"), [
    (True, "confirmed", "refer"), (False, "released", "clear")])  # fmt: skip
def test_fresh_tests_confirm_or_clear(folder, guilty, state, suggestion):
    target, _ = retested(folder, guilty=guilty)
    answer(folder, phase="confirm", guilty=guilty)
    (row,) = list_cases(folder, today=TODAY).rows
    assert [one["state"] for one in row.findings] == [state]
    assert row.suggestion == suggestion
    if guilty:
        with pytest.raises(RefusedError, match="do not clear"):
            step(folder, target, "cleared")
        return
    step(folder, target, "cleared")
    assert not list_cases(folder, today=TODAY).rows[0].is_open
    summary = write_letters_of_cases(
        folder, folder.parent / "cleared", kind="cleared", formats=("md",), language="nl",
        today=TODAY)  # fmt: skip
    text = (folder.parent / "cleared" / summary.files[0]).read_text(encoding="utf-8")
    assert "niet teruggevonden" in text
    assert "Canary" not in text


def test_fresh_tests_are_ingested_from_the_testers_file(folder):
    _, plan = retested(folder, guilty=True)
    lines = (folder / plan.file).read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    for row in rows[:4]:
        row |= {"sent_at": row["send_at"], "outcome": "refused", "advert": "new-1"}
    filled = folder.parent / "filled.csv"
    with filled.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header)
        writer.writeheader()
        writer.writerows(rows)
    done = praktijktest("ingest", filled, "--round", folder, "--who", "An")
    assert done.code == 0, done.err
    sent = list_cases(folder, today=TODAY).rows[0].fresh["origin"]["sent"]
    assert sent >= 2
    assert analyse_round(folder).analysis.to_dict()["retests"] is not None


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_letters_without_names(finished, tmp_path, language):
    for kind in ("general", "individual", "invitation"):
        summary = write_letters_of_cases(
            finished, tmp_path / kind, kind=kind, formats=("md", "docx"), language=language,
            today=TODAY)  # fmt: skip
        expected = {"general": 1, "individual": TARGETS, "invitation": 1}[kind]
        assert len(summary.files) == 2 * expected
        for path in (tmp_path / kind).iterdir():
            content = path.read_bytes().lower()
            assert not [name for name in CANARIES if name.encode() in content]


def test_a_named_letter_is_private_and_noted(folder, tmp_path):
    out = tmp_path / "letters"
    with pytest.raises(UsageError, match="--reason"):
        write_letters_of_cases(folder, out, kind="invitation", named=True)
    summary = write_letters_of_cases(
        folder, out, kind="invitation", named=True, reason="invitation to a talk",
        formats=("docx",), who="Bea", today=TODAY)  # fmt: skip
    (name,) = summary.files
    text = "\n".join(p.text for p in Document(str(out / name)).paragraphs)
    assert "Canaryvogel0" in text
    assert "15 januari 2027" in text
    assert (out / name).stat().st_mode & 0o077 == 0
    assert out.stat().st_mode & 0o077 == 0
    assert "Canary" not in name
    assert b"Canaryvogel" not in (folder / "round.db").read_bytes()


def test_letters_for_who_is_not_in_that_state(finished, tmp_path):
    other = pseudonym_of(finished, "K5")
    for kind in ("invitation", "cleared"):
        with pytest.raises(RefusedError, match="not in a state"):
            write_letters_of_cases(finished, tmp_path / "x", kind=kind, target=other)
    assert not (tmp_path / "x").exists()
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").write_text("x")
    with pytest.raises(UsageError, match="there already"):
        write_letters_of_cases(finished, tmp_path / "used", kind="general")


def test_the_same_letter_is_the_same_bytes(finished, tmp_path):
    for name in ("one", "two"):
        write_letters_of_cases(finished, tmp_path / name, kind="general", today=TODAY)
    files = [next((tmp_path / name).iterdir()).read_bytes() for name in ("one", "two")]
    assert files[0] == files[1]


def test_the_positive_list_has_a_date_and_no_lapsed_rows(finished, tmp_path):
    found = positive_list(finished, tmp_path / "list.csv", today=TODAY)
    later = positive_list(finished, today=date(2035, 1, 1))
    assert not later.rows
    assert later.lapsed == len(found.rows) + found.lapsed
    for row in found.rows:
        assert row["valid_until"] >= TODAY.isoformat()
        assert not row["name"]
    lines = (tmp_path / "list.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + len(found.rows)


def test_names_on_a_positive_list_need_a_reason_and_a_round(finished, tmp_path):
    with pytest.raises(UsageError, match="--reason"):
        positive_list(finished, named=True)
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "analysis.json").write_text("{")
    with pytest.raises(RefusedError, match="no names"):
        positive_list(tmp_path, named=True, reason="x")
    with pytest.raises(UsageError, match="cannot be read"):
        positive_list(tmp_path)


def test_on_the_command_line(folder):
    done = praktijktest("case", "add", folder, "K0", "--step", "opened", "--on", "2026-12-20",
                        "--who", "Bea", "--json")  # fmt: skip
    assert done.code == 0, done.err
    assert json.loads(done.out)["step"] == "opened"
    done = praktijktest("case", "list", folder, columns=60)
    assert done.code == 0
    assert "signal" in done.out
    done = praktijktest("next", folder, "--cases")
    assert done.code == 2
    assert "--from" in done.last_error_line
    done = praktijktest("case", "add", folder, "K0", "--step", "cleared")
    assert done.code == 3


def test_a_round_that_cannot_be_analysed_still_lists_its_steps(folder, monkeypatch):
    step(folder, "K0", "opened")

    def fails(*_: object) -> None:
        raise DataError("no test is complete")

    monkeypatch.setattr("praktijktest.rounds.case_list.states_of", fails)
    found = list_cases(folder, today=TODAY)
    assert [one["step"] for one in found.rows[0].steps] == ["opened"]
    assert "states are not known" in found.warnings[0].message
