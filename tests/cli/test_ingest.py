"""`praktijktest ingest`: what testers, forms and machines bring, good and bad."""

import json
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from praktijktest.fieldwork.frozen_log import frozen_log
from praktijktest.fieldwork.state import RoundState, state_of
from praktijktest.rounds.analyse import analyse
from praktijktest.rounds.ingest import Wish, ingest
from praktijktest.rounds.ledger_design import ledger_design
from praktijktest.rounds.round_store import open_round
from praktijktest.tables import plain_csv
from tests.cli.planned_rounds import (
    everything,
    filled_plan,
    filled_workbook,
    make_round,
    plan_rows,
    write_csv,
)
from tests.cli.program import praktijktest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_round(tmp_path / "round")


def state_in(folder: Path) -> RoundState:
    with open_round(folder, create=False) as opened:
        return state_of(opened.ledger.events())


def log_in(folder: Path) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    header, rows = frozen_log(state_in(folder))
    return tuple(header), list(rows)


def refused(folder: Path, source: Path) -> str:
    """Read a source that must not go in; what was said, and see that the ledger is as it was."""
    before = (folder / "round.db").read_bytes() if (folder / "round.db").exists() else None
    done = praktijktest("ingest", source, "--round", folder)
    assert done.code == 1, done.out + done.err
    assert "Traceback" not in done.err
    assert f"Not stored: {source.name}." in done.err
    if before is not None:
        assert (folder / "round.db").read_bytes() == before
    return done.err


def test_a_filled_in_plan_goes_in_once(folder, tmp_path):
    source = filled_plan(folder, tmp_path / "filled.csv", everything)
    first = praktijktest("ingest", source, "--round", folder, "--json")
    assert first.code == 0, first.err
    document = json.loads(first.out)
    assert document["sources"][0]["events"] == {"sent": 12, "reply": 6}
    again = praktijktest("ingest", source, "--round", folder)
    assert "added nothing; 12 already known" in again.out
    with open_round(folder, create=False) as opened:
        kept = opened.identities.document(document["sources"][0]["sha256"])
    assert kept == source.read_bytes()


def test_a_trial_run_tells_what_would_happen_and_stores_nothing(folder, tmp_path):
    source = filled_plan(folder, tmp_path / "filled.csv", everything)
    shown = praktijktest("ingest", source, "--round", folder, "--dry-run")
    assert "would add 12 sendings, 6 replies" in shown.out
    assert state_in(folder).events == 0
    with open_round(folder, create=False) as opened:
        assert opened.identities.everybody("target") == {}


def test_workbooks_of_several_testers_and_a_plan_give_one_round_in_any_order(tmp_path):
    rows = plan_rows(make_round(tmp_path / "made"))
    cells = {
        row["application"]: {"sent_at": datetime(2027, 6, 20, 9, n), "outcome": "refused",
                             "replied_at": f"{20 + n % 3}/06/2027 14:30"}
        for n, row in enumerate(rows)
    }  # fmt: skip
    parts = [dict(list(cells.items())[place::3]) for place in range(3)]
    sources = [
        filled_workbook(tmp_path / "made", tmp_path / f"tester{n}.xlsx", part)
        for n, part in enumerate(parts)
    ]
    sources.append(write_csv(tmp_path / "some.csv", [
        {"test": row["test"], "profile": row["profile"], "outcome": "refused"} for row in rows[:4]
    ]))  # fmt: skip
    logs = []
    for number, order in enumerate(([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2])):
        folder = tmp_path / f"round{number}"
        shutil.copytree(tmp_path / "made", folder)
        for _ in range(2):
            summary = ingest(folder, [sources[place] for place in order])
            assert not summary.refused, summary.warnings
        with open_round(folder, create=False) as opened:
            names = opened.identities.everybody("target")
        header, lines = log_in(folder)
        target = header.index("target")
        logs.append([(*line[:target], names[line[target]], *line[target + 3 :]) for line in lines])
        tester = header.index("tester") - 2
        logs[-1] = [line[:tester] + line[tester + 1 :] for line in logs[-1]]
    assert len(logs[0]) == 12
    assert logs[0] == logs[1] == logs[2]


def test_what_contradicts_is_shown_with_both_values_and_their_places(folder, tmp_path):
    source = filled_plan(folder, tmp_path / "filled.csv", everything)
    ingest(folder, [source])
    other = filled_plan(
        folder, tmp_path / "other.csv",
        lambda n, row: {**everything(n, row), **({"outcome": "refused"} if n == 3 else {})},
    )  # fmt: skip
    said = refused(folder, other)
    assert "other.csv, row 5, outcome" in said
    assert "'viewing-individual' (filled.csv, row 5, event " in said
    assert "this row says 'refused'" in said
    skipped = praktijktest("ingest", other, "--round", folder, "--skip-bad-rows")
    assert skipped.code == 0
    assert "1 bad ones left out" in skipped.out


def test_sources_of_one_call_stand_each_for_themselves(folder, tmp_path):
    good = filled_plan(folder, tmp_path / "good.csv", everything)
    bad = write_csv(tmp_path / "bad.csv", [{"application": "t9999-1", "outcome": "refused"}])
    done = praktijktest("ingest", bad, good, "--round", folder, "--json")
    assert done.code == 1
    document = json.loads(done.out)
    assert [source["stored"] for source in document["sources"]] == [False, True]
    assert len(log_in(folder)[1]) == 12


def test_names_of_targets_and_testers_never_reach_the_ledger(folder, tmp_path):
    source = filled_plan(
        folder, tmp_path / "filled.csv",
        lambda n, row: {**everything(n, row), "note": "Canary said no", "privé": "Canary"},
    )  # fmt: skip
    book = filled_workbook(folder, tmp_path / "book.xlsx", {})
    done = praktijktest("ingest", source, book, "--round", folder, "--who", "Mia Canary")
    assert done.code == 0, done.err
    assert "Not kept in the ledger" in done.out
    content = (folder / "round.db").read_bytes()
    for name in (b"Canary", b"canary", b"Vermeulen", b"AD00", b"K00", b"adverts.example"):
        assert name not in content
    assert (folder / "identities.db").stat().st_mode & 0o777 == 0o600


def test_a_log_of_a_round_without_a_plan_gives_the_analysis_of_the_log(tmp_path):
    folder = tmp_path / "round"
    folder.mkdir()
    shutil.copy(ROOT / "designs" / "ghent-simulated.toml", folder / "design.toml")
    log = ROOT / "data" / "ghent-simulated" / "log.csv"
    ingest(folder, [log])
    header, rows = log_in(folder)
    frozen = tmp_path / "frozen.csv"
    frozen.write_bytes(plain_csv(header, rows))
    with open_round(folder, create=False) as opened:
        design = opened.design
    direct = analyse(log, design).to_dict()
    through = analyse(frozen, ledger_design(design, header)).to_dict()
    for part in ("contrasts", "data", "levels", "outcomes", "flag_summary"):
        assert through[part] == direct[part], part
    # Which target moves a number most has another pseudonym in the ledger.
    numbers = [
        [{**row, "details": None} for row in one["sensitivity"]] for one in (through, direct)
    ]
    assert numbers[0] == numbers[1]


def test_a_wide_log_goes_in_too(tmp_path):
    folder = tmp_path / "round"
    folder.mkdir()
    shutil.copy(ROOT / "designs" / "washington-1988.toml", folder / "design.toml")
    log = ROOT / "data" / "washington-1988" / "log.csv"
    for added in (482, 0):
        summary = ingest(folder, [log])
        assert not summary.refused, summary.warnings
        assert summary.sources[0].events.get("sent", 0) == added
    header, rows = log_in(folder)
    frozen = tmp_path / "frozen.csv"
    frozen.write_bytes(plain_csv(header, rows))
    with open_round(folder, create=False) as opened:
        design = opened.design
    through = analyse(frozen, ledger_design(design, header)).to_dict()
    direct = analyse(log, design).to_dict()
    assert through["contrasts"] == direct["contrasts"]


def test_standard_input_is_csv(folder):
    text = f"application,outcome\n{plan_rows(folder)[0]['application']},refused\n"
    done = praktijktest("ingest", "-", "--round", folder, stdin=text.encode())
    assert "standard input (log, 1 rows): added 1 replies." in done.out


def rows_of_form(folder: Path) -> list[str]:
    return [row["application"] for row in plan_rows(folder)]


def test_form_exports_are_read_through_their_column_map(folder, tmp_path):
    one, two, three, four, five, six = rows_of_form(folder)[:6]
    kobo = tmp_path / "kobo.csv"
    kobo.write_text(
        '"start";"visit/application";"visit/reply";"visit/at";"_uuid";"_submission_time"\n'
        f'"2027-06-20";"{one}";"yes";"2027-06-20T09:15:00.000+02:00";"a-1";"2027-06-20"\n'
        f'"2027-06-20";"{two}";"no";"2027-06-21T09:15:00.000+02:00";"a-2";"2027-06-21"\n'
    )
    lime = tmp_path / "lime.csv"
    lime.write_text(
        '"id","submitdate","startlanguage","app","reply[SQ001]","at"\n'
        f'"1","2027-06-22 10:00:00","nl","{three}","A2","2027-06-22 09:00:00"\n'
    )
    qualtrics = tmp_path / "qualtrics.csv"
    qualtrics.write_text(
        "StartDate,Status,Finished,ResponseId,Q1,Q2_mail,Q2_phone,Q3\n"
        '"Start Date","Response Type","Finished","Response ID","Which application?",'
        '"Reply by mail","Reply by\nphone","Sent at"\n'
        + ",".join(f'"{{""ImportId"":""{n}""}}"' for n in range(8))
        + f"\n2027-06-20,IP Address,True,R_1,{four},,refused,2027-06-20 09:00:00\n"
        f"2027-06-20,Survey Preview,True,R_2,{five},refused,,2027-06-20 09:00:00\n"
        f"2027-06-20,0,0,R_3,{six},refused,,2027-06-20 09:00:00\n"
    )
    done = praktijktest("ingest", kobo, lime, qualtrics, "--round", folder)
    assert done.code == 0, done.err
    assert "qualtrics.csv (form, 1 rows): added 1 sendings, 1 replies" in done.out
    outcomes = {
        name: [reply.outcome for reply in one.replies]
        for name, one in state_in(folder).applications.items()
        if one.sent
    }
    assert outcomes == {
        one: ["viewing-individual"], two: ["refused"], three: ["refused"], four: ["refused"],
    }  # fmt: skip
    stranger = tmp_path / "stranger.csv"
    stranger.write_text("_uuid;_submission_time;group/question\na;2027-06-20;x\n")
    assert "KoboToolbox" in refused(folder, stranger)
    unknown = praktijktest("ingest", kobo, "--round", folder, "--form", "kobo-reply")
    assert unknown.code == 2
    assert "kobo-replies" in unknown.err


def test_codes_and_times_that_nobody_knows_are_named_with_their_place(folder, tmp_path):
    names = rows_of_form(folder)
    source = write_csv(
        tmp_path / "typed.csv",
        [
            {"application": names[0], "outcome": "viewing-individuel", "sent_at": "2027-06-20"},
            {"application": names[1], "outcome": "refused", "sent_at": "gisteren"},
            {"application": names[2], "failed": "bounce", "evidence": "some"},
            {"application": "", "outcome": "refused"},
            {"application": names[3] + "x", "outcome": "refused"},
        ],
    )
    said = refused(folder, source)
    for words in (
        "row 2, outcome", "did you mean 'viewing-individual'", "row 3, sent_at", "'gisteren'",
        "row 4, failed", "did you mean 'bounced'", "row 4, evidence", "row 5", f"{names[3]}x",
        f"did you mean {names[3]}",
    ):  # fmt: skip
        assert words in said, words
    kept = ingest(folder, [source], wish=Wish(skip_bad_rows=True)).sources[0]
    assert (kept.stored, kept.skipped, dict(kept.events)) == (True, 5, {})


def test_a_workbook_of_another_round_or_plan_or_version_is_refused(folder, tmp_path):
    other = make_round(tmp_path / "other", targets=4)
    text = (other / "design.toml").read_text()
    said = refused(folder, shutil.copy(other / "plan.xlsx", tmp_path / "plan4.xlsx"))
    assert "another version of the plan" in said
    (other / "design.toml").write_text(text.replace('id = "gent"', 'id = "brugge"'))
    (other / "plan.csv").unlink()
    from praktijktest.rounds.plan import plan_round

    plan_round(other)
    assert "'brugge'" in refused(folder, shutil.copy(other / "plan.xlsx", tmp_path / "b.xlsx"))
    for version, words in (("0", "version 0"), ("2", "update praktijktest")):
        book = load_workbook(folder / "plan.xlsx")
        book["version"]["B1"].value = version
        book.save(tmp_path / "older.xlsx")
        assert words in refused(folder, tmp_path / "older.xlsx")


def test_sheets_and_columns_that_testers_add_or_rename(folder, tmp_path):
    name = rows_of_form(folder)[0]
    path = filled_workbook(folder, tmp_path / "book.xlsx", {name: {"sent_at": "20/6/2027 9:15"}})
    book = load_workbook(path)
    book.create_sheet("mijn notities")["A1"] = "bel Canary terug"
    sheet = next(s for s in book.worksheets if s.title.startswith("Els"))
    sheet.cell(1, sheet.max_column + 1).value = "mijn kolom"
    sheet.sheet_state = "hidden"
    book.save(path)
    done = praktijktest("ingest", path, "--round", folder)
    assert done.code == 0, done.err
    assert "mijn kolom" in done.out
    assert "added 1 sendings" in done.out
    sent = [one for one in state_in(folder).applications.values() if one.sent]
    assert [one.fields["sent_at"] for one in sent] == ["2027-06-20T09:15:00+02:00"]
    sheet.title = "Els haar blad"
    book.save(path)
    assert "Els Vermeulen" in refused(folder, path)


def test_a_workbook_whose_hidden_columns_were_moved_is_refused(folder, tmp_path):
    rows = plan_rows(folder)
    path = filled_workbook(
        folder, tmp_path / "book.xlsx",
        {rows[0]["application"]: {"profile": rows[1]["profile"], "sent_at": "2027-06-20"}},
    )  # fmt: skip
    said = refused(folder, path)
    assert "profile" in said
    assert "plan.csv" in said


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("missing.csv", None, 2), ("empty.csv", b"", 1), ("page.pdf", b"%PDF-1.4", 2),
     ("page.csv", b"%PDF-1.4 x", 1), ("broken.xlsx", b"PK\x03\x04 not a zip", 1),
     ("nothing.csv", b"a;b\n1;2\n", 1)],
)  # fmt: skip
def test_what_is_no_source_gets_a_sentence(name, content, code, folder, tmp_path):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = praktijktest("ingest", path, "--round", folder)
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    assert name in done.err


def test_folders_that_are_no_mailbox_and_sources_named_twice_are_wrong_use(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    for arguments in ((tmp_path / "empty",), (folder,)):
        assert praktijktest("ingest", *arguments, "--round", folder).code == 2
    source = filled_plan(folder, tmp_path / "filled.csv", everything)
    assert praktijktest("ingest", source, source, "--round", folder).code == 2
    assert praktijktest("ingest", source, "--round", tmp_path / "empty").code == 2


def test_a_locked_store_is_refused_and_stays_as_it_was(folder, tmp_path, monkeypatch):
    import praktijktest.fieldwork.store as store

    monkeypatch.setattr(store, "WAIT_SECONDS", 1)
    source = filled_plan(folder, tmp_path / "filled.csv", everything)
    ingest(folder, [filled_plan(folder, tmp_path / "none.csv", lambda n, row: {})])
    before = (folder / "round.db").read_bytes()
    holder = sqlite3.connect(folder / "round.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        from praktijktest.problems import RefusedError

        with pytest.raises(RefusedError):
            ingest(folder, [source])
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert (folder / "round.db").read_bytes() == before


def test_what_was_sent_beside_the_plan_needs_a_word(folder, tmp_path):
    rows = [{"test": "extra", "profile": "fl", "target": "K001", "sent_at": "2027-06-20",
             "outcome": ""}]  # fmt: skip
    source = write_csv(tmp_path / "extra.csv", rows)
    assert "--unplanned" in refused(folder, source)
    done = praktijktest("ingest", source, "--round", folder, "--unplanned")
    assert done.code == 0, done.err
    assert state_in(folder).applications["extra/fl"].fields["target"].startswith("T-")
