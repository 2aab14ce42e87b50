"""Export of flagged cases: the list, the dossiers, and what bad input gets."""

import csv
import io
import json
import shutil
import sqlite3
import zipfile
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
from python_calamine import CalamineWorkbook

from praktijktest.casework.case_list import CaseTable, table_csv, workbook
from praktijktest.casework.case_tests import said
from praktijktest.casework.grants import Wish, granted
from praktijktest.casework.members import members_results
from praktijktest.casework.policy import read_policy
from praktijktest.casework.referral import competent
from praktijktest.casework.selection import competence_warnings
from praktijktest.problems import DesignError, RefusedError, UsageError, VerificationError
from praktijktest.rounds import export_round as export_round_module
from praktijktest.rounds.analyse import analyse_round
from praktijktest.rounds.entry import open_entry
from praktijktest.rounds.export_cases import Request, export_cases
from praktijktest.rounds.renderings import Rendering
from praktijktest.rounds.report_folder import write_report_folder
from praktijktest.rounds.verify import verify
from praktijktest.storage import sha256_of_file
from tests.casework.case_round import GUILTY, case_round, pseudonym_of
from tests.cli.program import praktijktest

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "cases.schema.json").read_text(encoding="utf-8"))
NASTY = '=HYPERLINK("http://x")<script>alert(1)</script>'
PAGE = Rendering("report.md", "full", "nl", "md")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A round with one signal; tests that write take a copy."""
    return case_round(tmp_path_factory.mktemp("export") / "round")


@pytest.fixture
def folder(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "round")
    return tmp_path / "round"


@pytest.fixture(scope="module")
def report(finished):
    """A report folder of that round."""
    out = finished.parent / "report"
    found = analyse_round(finished)
    design = finished / "design.toml"
    write_report_folder(
        found.analysis, out, logs=[], design_file=design, ledger=found.ledger, renderings=[PAGE]
    )
    return out


def export(source, out, audience="equality-body", **more):
    more = {"formats": ("json",), "purpose": "a file at the city", **more}
    return export_cases(source, out, Request(audience, **more), who="Bea")


def document(out):
    return json.loads((out / "cases.json").read_text(encoding="utf-8"))


def events(folder, kind):
    with sqlite3.connect(folder / "round.db") as connection:
        rows = connection.execute("SELECT values_json FROM event WHERE kind = ?", (kind,))
        return [json.loads(values) for (values,) in rows]


def test_the_list_says_who_on_what_evidence_and_how_certain(folder, tmp_path):
    made = export(folder, tmp_path / "out", formats=("csv", "json"))
    assert (made.cases, made.named) == (1, True)
    about = (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
    assert "nooit een juridisch oordeel" in about
    assert "niet bevestigd" in about
    text = (tmp_path / "out" / "cases.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(text.decode("utf-8-sig").splitlines(), delimiter=";")
    assert (row["identity"], row["reference"]) == (GUILTY, pseudonym_of(folder))
    assert (row["state"], row["confirmed"], row["changes"]) == ("signal", "false", "unconfirmed")
    (case,) = document(tmp_path / "out")["cases"]
    found = analyse_round(folder).analysis.to_dict()
    (own,) = (one for one in found["targets"] if one["state"] == "signal")
    for name in ("p", "p_midp", "q", "posterior", "posterior_low"):
        assert case[name] == own[name]
        assert float(row[name].replace(",", ".")) == own[name]
    # Twelve of twelve tests: Wilson's interval of 12/12, twice minus one.
    assert case["net_rate"] == 1
    assert case["net_rate_low"] == pytest.approx(2 * 12 / (12 + 1.959963985**2) - 1, abs=1e-9)
    assert [test["cell"] for test in case["test_list"]] == ["only_control"] * 12
    for test in case["test_list"]:
        control, tested = test["applications"]
        assert (control["arm"], tested["arm"]) == ("control", "test")
        assert control["replies"][0]["outcome"] == "viewing-individual"
        assert len(control["replies"][0]["words_sha256"]) == len(control["event_hash"]) == 64


def test_the_tests_of_every_case_add_up_to_its_cells(tmp_path):
    """In the shipped report, with two contrasts and a second phase: counted from the tests."""
    found = ROOT / "reports" / "ghent-simulated"
    made = export(found, tmp_path / "out", contrast="origin")
    cases = document(tmp_path / "out")["cases"]
    states = json.loads((found / "analysis.json").read_text(encoding="utf-8"))["targets"]
    wanted = [row for row in states if row["contrast"] == "origin"]
    assert made.cases == sum(row["state"] in ("signal", "confirmed") for row in wanted) > 3
    for case in cases:
        cells = Counter(
            test["cell"]
            for test in case["test_list"]
            if (test["phase"], test["status"]) == ("screen", "used")
        )
        assert dict(cells) == {name: case[name] for name in cells}
        assert cells.total() == case["tests"]


def test_a_workbook_says_what_a_state_is_and_holds_no_formula():
    rows = (("=1+1", None, True, 3, 0.5), ("@x", "-2", False, 4, 1.5))
    table = CaseTable("cases", ("a", "b", "c", "d", "e"), ("=A", "b", "c", "d", "e"), rows)
    made = workbook([table], "title", "a statement")
    assert made == workbook([table], "title", "a statement")
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert book.get_sheet_by_name("cases").to_python() == [
        ["a statement", "", "", "", ""],
        ["=A", "b", "c", "d", "e"],
        ["'=1+1", "", True, 3.0, 0.5],
        ["'@x", "-2", False, 4.0, 1.5],
    ]
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_csv_in_two_dialects():
    rows = (("=1+1", None, True, 3, 0.5), ('a;"b"', "x\ny", False, -4, 1e-09))
    table = CaseTable("cases", ("a", "b", "c", "d", "e"), ("=A", "b", "c", "d", "e"), rows)
    assert table_csv(table, "iso").decode() == (
        '\'=A,b,c,d,e\n\'=1+1,,true,3,0.5\n"a;""b""","x\ny",false,-4,1e-09\n'
    )
    belgian = table_csv(table, "belgian").decode("utf-8-sig")
    assert belgian == ('\'=A;b;c;d;e\r\n\'=1+1;;true;3;0,5\r\n"a;""b""";"x\ny";false;-4;1e-09\r\n')


def test_the_json_is_what_its_schema_says(folder, report, tmp_path):
    given = {"allow_unconfirmed": True, "reason": "asked by the auditor"}
    for source in (folder, report):
        out = tmp_path / "out" / source.name
        export(source, out, "inspection", **given)
        jsonschema.Draft202012Validator(SCHEMA).validate(document(out))


def test_a_case_system_gets_its_own_headings_and_the_columns_it_wants(folder, tmp_path):
    columns = tmp_path / "columns.toml"
    columns.write_text('[columns]\ncase = "DossierNr"\nstate = "Status"\n', encoding="utf-8")
    export(folder, tmp_path / "out", formats=("csv",), dialect="iso", column_map=columns,
           fields=("case", "state", "net_rate_low"))  # fmt: skip
    lines = (tmp_path / "out" / "cases.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "DossierNr,Status,net_rate_low"
    assert lines[1].split(",")[1:2] == ["signal"]
    assert "0.515" in lines[1]


def test_an_inspection_gets_no_signal_that_nobody_tested_again(folder, tmp_path):
    with pytest.raises(RefusedError, match="second phase"):
        export(folder, tmp_path / "out", "inspection")
    assert not (tmp_path / "out").exists()
    assert events(folder, "refused") == [
        {"what": "cases", "audience": "inspection", "asked": "unconfirmed",
         "purpose": "a file at the city"}]  # fmt: skip
    export(folder, tmp_path / "out", "inspection", allow_unconfirmed=True, reason="auditor asks",
           formats=("html",))  # fmt: skip
    (page,) = (tmp_path / "out" / "dossiers").iterdir()
    text = page.read_text(encoding="utf-8")
    assert "Niet bevestigd" in text
    assert "auditor asks" in text
    assert events(folder, "exported")[0]["unconfirmed"] == "auditor asks"


@pytest.mark.parametrize(
    ("audience", "more", "asked"),
    [
        ("city", {"names": True}, "names"),
        ("city", {"fields": ("case", "q")}, "fields"),
        ("city", {"include": ("indications",), "approved_by": "H"}, "indications"),
        ("equality-body", {"include": ("action-log",)}, "action-log"),
        ("sector", {"fields": ("case",)}, "fields"),
        ("research", {}, "cases"),
    ],
)
def test_a_refusal_stands_in_the_ledger_and_nothing_is_written(
    folder, report, tmp_path, audience, more, asked
):
    with pytest.raises(RefusedError):
        export(folder, tmp_path / "out", audience, **more)
    assert [one["asked"] for one in events(folder, "refused")] == [asked]
    with pytest.raises(RefusedError, match="no ledger"):
        export(report, tmp_path / "out", audience, **more)
    assert not (tmp_path / "out").exists()
    assert events(folder, "exported") == []


@pytest.mark.parametrize(
    ("audience", "more", "says"),
    [
        ("equality-bodies", {}, "did you mean equality-body"),
        ("city", {"formats": ("cvs",)}, "did you mean csv"),
        ("city", {"formats": ()}, "at least one format"),
        ("city", {"languages": ("de",)}, "--lang"),
        ("city", {"dialect": "french"}, "--dialect"),
        ("equality-body", {"include": ("indications",)}, "--approved-by"),
        ("equality-body", {"names": True, "purpose": ""}, "--why"),
        ("inspection", {"allow_unconfirmed": True}, "--reason"),
        ("equality-body", {"purpose": "about Kantoor Canaryvogel0, again"}, "--why names"),
        ("equality-body", {"recipient": "x" * 501}, "500"),
        ("equality-body", {"encrypt_to": ("age1x",)}, "public key"),
        ("equality-body", {"signing_key": Path("nowhere.pem")}, "nowhere.pem"),
        ("equality-body", {"policy": Path("nowhere.toml")}, "nowhere.toml"),
        ("equality-body", {"contrast": "orgin"}, "did you mean origin"),
        ("sector", {}, "--members"),
        ("sector", {"members": Path("nowhere.txt")}, "nowhere.txt"),
    ],
)
def test_wrong_use_is_said_and_nothing_is_written(finished, tmp_path, audience, more, says):
    with pytest.raises(UsageError, match=says):
        export(finished, tmp_path / "out", audience, **more)
    assert not (tmp_path / "out").exists()
    assert events(finished, "exported") == []


def test_nothing_leaves_a_ledger_or_a_report_that_was_changed(folder, report, tmp_path):
    with sqlite3.connect(folder / "round.db") as connection:
        connection.execute("UPDATE event SET who = 'P-other' WHERE sequence = 7")
    with pytest.raises(VerificationError) as raised:
        export(folder, tmp_path / "out")
    assert (raised.value.exit_code, raised.value.problems[0].code) == (4, "event-changed")
    changed = tmp_path / "changed"
    shutil.copytree(report, changed)
    text = (changed / "analysis.json").read_text(encoding="utf-8")
    (changed / "analysis.json").write_text(text.replace('"signal"', '"confirmed"'))
    with pytest.raises(VerificationError):
        export(changed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_the_identity_store_there_are_pseudonyms_and_a_sentence(folder, tmp_path):
    (folder / "identities.db").unlink()
    made = export(folder, tmp_path / "out", names=True)
    assert (made.named, made.signed_by) == (False, None)
    assert {"no-identities", "not-signed"} <= {one.code for one in made.warnings}
    (case,) = document(tmp_path / "out")["cases"]
    assert (case["name"], case["tests"]) == (None, 12)
    assert not (folder / "identities.db").exists()


def test_an_erased_agent_is_said_to_be_erased(folder, tmp_path):
    with sqlite3.connect(folder / "identities.db") as connection:
        connection.execute("DELETE FROM pseudonym WHERE kind = 'target'")
        connection.execute("DELETE FROM detail")
        connection.execute("DELETE FROM document")
    made = export(folder, tmp_path / "out", formats=("json", "html"), languages=("fr",))
    assert made.named
    (case,) = document(tmp_path / "out")["cases"]
    assert (case["erased"], case["name"], case["identity"]) == (True, None, None)
    assert [one.count for one in made.warnings if one.code == "erased"] == [1]
    assert case["test_list"][0]["applications"][0]["replies"][0]["words_erased"]
    (page,) = (tmp_path / "out" / "dossiers").iterdir()
    assert "n’est plus conservée" in page.read_text(encoding="utf-8")


def test_names_with_formulas_and_markup_are_inert_and_names_may_be_shared(folder, tmp_path):
    with open_entry(folder, None, "An Testster") as entry:
        entry.opened.identities.describe_all(
            "target", {GUILTY: {"name": NASTY, "contact": "@cmd"}, "K1": {"name": NASTY}}
        )
    export(folder, tmp_path / "out", formats=("csv", "xlsx", "html"))
    (row,) = csv.DictReader(
        (tmp_path / "out" / "cases.csv").read_text(encoding="utf-8-sig").splitlines(),
        delimiter=";",
    )
    assert (row["name"], row["contact"]) == (f"'{NASTY}", "'@cmd")
    book = CalamineWorkbook.from_path(str(tmp_path / "out" / "cases.xlsx"))
    rows = book.get_sheet_by_name("cases").to_python()
    assert "statistische vaststelling" in rows[0][0]
    assert rows[2][rows[1].index("name")] == f"'{NASTY}"
    (page,) = (tmp_path / "out" / "dossiers").iterdir()
    assert "<script>" not in page.read_text(encoding="utf-8")
    assert pseudonym_of(folder) in page.name


def test_verify_knows_an_export_and_the_ledger_it_left(folder, tmp_path):
    made = export(folder, tmp_path / "out")
    found = verify(tmp_path / "out", [folder], key=tmp_path / "out" / "signing-key.pub.pem")
    assert found.holds
    assert any("the ledger notes it" in line for line in found.checked)
    (left,) = events(folder, "exported")
    assert left["manifest_sha256"] == made.manifest_sha256
    assert left["targets"] == pseudonym_of(folder)
    text = (tmp_path / "out" / "cases.json").read_text(encoding="utf-8")
    (tmp_path / "out" / "cases.json").write_text(text.replace("signal", "confirmed"))
    assert not verify(tmp_path / "out").holds
    assert verify(folder).holds


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_export_that_fails_leaves_no_trace(folder, tmp_path, monkeypatch, error):
    def fails(*_):
        raise error

    monkeypatch.setattr(export_round_module, "note", fails)
    with pytest.raises(type(error)):
        export(folder, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["round"]


def test_the_policy_of_a_round_folder_holds(folder, tmp_path):
    (folder / "policy.toml").write_text(
        '[[audience]]\nid = "equality-body"\nstates = ["signal"]\nfields = ["case", "state"]\n'
        'unconfirmed = "marked"\n'
    )
    export(folder, tmp_path / "out")
    (case,) = document(tmp_path / "out")["cases"]
    assert set(case) == {"case", "state"}
    used = sha256_of_file(folder / "policy.toml")
    assert events(folder, "exported")[0]["policy_sha256"] == used
    with pytest.raises(RefusedError, match="may not see who"):
        export(folder, tmp_path / "out", names=True)
    (folder / "policy.toml").write_text("[[audience]]\n")
    with pytest.raises(DesignError):
        export(folder, tmp_path / "out")


def test_who_is_not_competent_is_warned_about(folder, tmp_path):
    made = export(folder, tmp_path / "out", recipient="Unia")
    (hint,) = [one.hint for one in made.warnings if one.code == "not-competent"]
    assert "vmri" in hint
    found = [("origin", competent("be-vlg", "housing", "origin"))]
    audiences = read_policy(None)

    def warned(audience, recipient=""):
        grant = granted(audiences.audience(audience), Wish(purpose="x"))
        return [one.message for one in competence_warnings(found, grant, recipient)]

    assert warned("equality-body", "VMRI") == warned("equality-body", "somebody") == []
    assert warned("city", "Unia") == []
    assert "no body of this audience" in warned("inspection")[0]


def test_members_are_named_by_id_name_or_pseudonym(folder, tmp_path):
    members = tmp_path / "members.csv"
    members.write_text("K0;x\nKantoor Canaryvogel1\n" + pseudonym_of(folder, "K2") + "\nK3\nK4\n")
    made = export(folder, tmp_path / "out", "sector", members=members)
    assert made.members == 5
    (row,) = json.loads((tmp_path / "out" / "members.json").read_text())["results"]
    assert (row["members_tested"], row["tests"], row["hidden"]) == (5, 60, None)


def test_few_members_few_others_and_small_cells_are_hidden(finished):
    found = analyse_round(finished).analysis.to_dict()
    agents = sorted(row["pseudonym"] for row in found["targets"])
    guilty = next(row["pseudonym"] for row in found["targets"] if row["state"] == "signal")

    def hidden(members):
        (one,) = members_results(found, members)
        return one.tested, one.tests, one.cells, one.hidden

    assert hidden(agents[:4]) == (None, None, None, "few-members")
    assert hidden(agents[:12]) == (None, None, None, "few-others")
    assert hidden(agents)[3] == ""
    smaller = [
        {**row, "cells": {**row["cells"], "only_control": 3}} if row["pseudonym"] == guilty else row
        for row in found["targets"]
    ]
    (one,) = members_results({**found, "targets": smaller}, agents)
    assert (one.tested, one.cells, one.net_rate, one.hidden) == (14, None, None, "few-tests")


def test_the_command_says_what_it_did_and_how_it_ends(folder, tmp_path):
    out = tmp_path / "out"
    done = praktijktest("export", "cases", folder, "-a", "equality-body", "-o", out, "--format",
                        "json", "--why", "a file", "--who", "Bea", "--json")  # fmt: skip
    assert (done.code, json.loads(done.out)["cases"]) == (0, 1)
    (out / "cases.json").write_text("{}")
    done = praktijktest("verify", out)
    assert (done.code, "not what was handed over" in done.err) == (4, True)


def test_an_action_log_has_codes_and_corrections_and_no_free_text():
    values = {"field": "outcome", "old": "refused", "new": "call-back", "reason": "Canaryzang"}
    assert said(values) == {"field": "outcome", "old": "refused", "new": "call-back"}
    assert said({"field": "note", "old": "Canaryzang", "new": "x"}) == {"field": "note"}
    assert said({"outcome": "refused", "words": "0" * 64, "name": "x"}) == {"outcome": "refused"}
