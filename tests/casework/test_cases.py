"""Cases: steps in the ledger, what comes next, fresh tests, letters, the positive list."""

import csv
import io
import json
import re
import shutil
import sqlite3
from datetime import date

import pytest
from docx import Document
from markdown_it import MarkdownIt

from praktijktest.casework.letter_files import letter_file
from praktijktest.casework.letters import Letter
from praktijktest.fieldwork.case_steps import Case, CaseStep
from praktijktest.fieldwork.events import NewEvent
from praktijktest.language import language_named, message
from praktijktest.problems import DataError, RefusedError, UsageError, VerificationError
from praktijktest.rounds.analyse import analyse_round
from praktijktest.rounds.case_letters import write_letters_of_cases
from praktijktest.rounds.case_list import SUGGESTIONS, case_rows, list_cases
from praktijktest.rounds.case_retests import plan_retests
from praktijktest.rounds.case_steps import Told, record_step
from praktijktest.rounds.entry import open_entry
from praktijktest.rounds.positive_list import positive_list
from praktijktest.rounds.privacy_erase import erase_round
from praktijktest.rounds.privacy_extract import extract
from praktijktest.rounds.verify import verify
from praktijktest.storage import sha256_of_file
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
    kinds = {"nl": ("general", "individual"), "fr": ("invitation",), "en": ("general",)}
    for kind in kinds[language]:
        summary = write_letters_of_cases(
            finished, tmp_path / kind, kind=kind, formats=("md", "docx"), language=language,
            today=TODAY)  # fmt: skip
        expected = {"general": 1, "individual": TARGETS, "invitation": 1}[kind]
        assert len(summary.files) == 2 * expected
        for path in (tmp_path / kind).iterdir():
            content = path.read_bytes().lower()
            assert not [name for name in CANARIES if name.encode() in content]


def test_a_letter_says_no_more_than_the_evidence(finished, tmp_path):
    write_letters_of_cases(
        finished, tmp_path / "all", kind="general", formats=("md",), language="en", today=TODAY
    )
    (general,) = [path.read_text(encoding="utf-8") for path in (tmp_path / "all").iterdir()]
    assert "No difference between the groups" in general
    assert "or every 100 such tests" not in general
    write_letters_of_cases(
        finished, tmp_path / "own", kind="individual", formats=("md",), language="en", today=TODAY
    )
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "own").iterdir()]
    assert sum("With few tests nothing is settled" in text for text in texts) == TARGETS - 1


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
    with pytest.raises(VerificationError, match="not as it was made"):
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


def test_fresh_tests_asked_for_again_are_added_to_those_there_were(folder):
    target = pseudonym_of(folder)
    for tests in (4, 5):  # nothing was planned in between: the second corrects the first
        step(folder, target, "retest", tests=tests)
    days = {"start": date(2027, 1, 18), "until": date(2027, 6, 30), "who": "Bea"}
    assert plan_retests(folder, **days).tests == {target: {"origin": 5}}
    step(folder, target, "retest", tests=3)
    (row,) = list_cases(folder, today=TODAY).rows
    assert row.fresh == {"origin": {"asked": 8, "planned": 5, "sent": 0}}
    assert row.suggestion == "plan-tests"
    again = plan_retests(folder, **days)
    assert (again.tests, again.file) == ({target: {"origin": 3}}, "retests-2.csv")
    assert plan_retests(folder, **days).file == ""


def test_a_case_can_end_twice_on_one_day(folder):
    for name in ("closed", "reopened", "closed"):
        assert step(folder, "K0", name, reason="as told").events
    assert not step(folder, "K0", "closed", reason="as told").events
    assert not list_cases(folder, today=TODAY).rows[0].is_open


def test_a_reason_names_nobody(finished, tmp_path):
    told = Told("closed", reason="Kantoor Canaryvogel3 stopped")
    with pytest.raises(UsageError, match="--reason names an agent"):
        record_step(finished, "K3", told, who="Bea")
    with pytest.raises(UsageError, match="--reason names an agent"):
        write_letters_of_cases(
            finished, tmp_path / "x", kind="individual", named=True,
            reason="letter to Kantoor Canaryvogel0")  # fmt: skip


def test_nothing_is_given_out_of_a_ledger_that_was_changed(folder, tmp_path):
    with sqlite3.connect(folder / "round.db") as connection:
        connection.execute(
            "UPDATE event SET values_json = replace(values_json, 'refused', 'no-reply') "
            "WHERE sequence = (SELECT max(sequence) FROM event WHERE values_json LIKE '%refused%')"
        )
    given = (
        lambda: write_letters_of_cases(folder, tmp_path / "x", kind="individual"),
        lambda: positive_list(folder),
        lambda: extract(folder, "K0", reason="request", who="Bea"),
        lambda: step(folder, "K0", "cleared"),
        lambda: erase_round(folder, reason="over", confirmed=True, before_date=True, who="Bea"),
    )
    for command in given:
        with pytest.raises(VerificationError, match="not what was stored"):
            command()
    assert not (tmp_path / "x").exists()
    assert (folder / "frame.csv").is_file()


def test_names_with_anything_in_them_are_addresses_and_nothing_else():
    names = (
        "=1+1 <b>*x*</b>", "Twee\nregels\x0b\x08", "\u202eomgekeerd", "~~weg~~", "# kop", "---",
        "1. Immo &amp; Zn", "- punt", "![i](http://e.example)",
    )  # fmt: skip
    letter = Letter("general", "Stad", names, "", "2027-01-15", message("empty"), ())
    language = language_named("nl")
    word = Document(io.BytesIO(letter_file(letter, language, "docx")))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "=1+1 <b>*x*</b>" in text
    assert "Twee regels" in text
    assert not {"\x0b", "\x08", "\u202e"} & {*text}
    html = MarkdownIt().enable("strikethrough").render(letter_file(letter, language, "md").decode())
    assert not re.search("<(b|em|s|h1|li|hr|img|a|ol)\\b", html)
    assert "![i](http" in html


def test_exports_without_names_are_noted_too(folder, tmp_path):
    done = praktijktest("export", "public", folder, "--out", tmp_path / "public", "--who", "Bea")
    assert done.code == 0, done.err
    with open_entry(folder, None, "Bea") as entry:
        (event,) = entry.writing.events(kinds=["exported"])
    manifest = sha256_of_file(tmp_path / "public" / "manifest.json")
    assert event.values == {
        "what": "public", "audience": "public", "named": "no", "manifest_sha256": manifest,
    }  # fmt: skip
    assert event.who.startswith("P-")


def test_cases_of_a_round_about_groups_are_those_of_groups(folder):
    design = folder / "design.toml"
    text = design.read_text(encoding="utf-8")
    (folder / "plan.csv").unlink()  # it would take the groups away again
    design.write_text(f'{text}[flagging]\nunit = "target_group"\n', encoding="utf-8")
    with open_entry(folder, None, "Bea") as entry:
        group = entry.opened.identities.pseudonyms("target_group", ["Groep"])["Groep"]
        tests = [
            one
            for one in entry.state.applications.values()
            if one.fields["target"] in set(entry.opened.identities.pseudonyms(
                "target", ["K0", "K1"]).values())
        ]  # fmt: skip
        entry.writing.append(
            NewEvent("planned", one.test, one.application, values={"target_group": group})
            for one in tests
        )
    with pytest.raises(UsageError, match=group):
        step(folder, "K0", "talk")
    step(folder, "Groep", "retest", tests=4)
    plan = plan_retests(folder, start=date(2027, 1, 18), until=date(2027, 6, 30), who="Bea")
    assert (plan.file, [problem.value for problem in plan.warnings]) == ("", [group])
    assert group in [row.target for row in list_cases(folder, today=TODAY).rows]


def test_of_few_agents_no_letter_tells_what_another_did(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.casework.case_round.TARGETS", 2)
    few = case_round(tmp_path / "few")
    with pytest.raises(RefusedError, match="another did"):
        write_letters_of_cases(few, tmp_path / "all", kind="general")
    made = write_letters_of_cases(
        few, tmp_path / "own", kind="individual", formats=("md",), language="en")  # fmt: skip
    text = (tmp_path / "own" / made.files[0]).read_text(encoding="utf-8")
    assert "12 tests" in text
    assert "24 tests" not in text
    assert "everybody who was tested" not in text
