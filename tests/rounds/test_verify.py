"""Whatever is changed in a round folder or a report from outside is named, with exit code 4."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from praktijktest.fieldwork.events import NewEvent
from praktijktest.rounds.round_store import open_round
from praktijktest.rounds.snapshot import snapshot_round
from praktijktest.rounds.verify import verify
from tests.cli.program import praktijktest
from tests.rounds.ledger_rounds import filled_round


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    """A round with documents, a snapshot, a report of its ledger and one of its snapshot."""
    folder = filled_round(tmp_path_factory.mktemp("rounds") / "round")
    with open_round(folder) as opened:
        opened.identities.keep(
            b"From: a@b.be\n\nU kan komen kijken", name="1.eml", media_type="message/rfc822",
            document_class="message",
        )  # fmt: skip
    snapshot_round(folder, who="An")
    out = folder / "reports"
    assert praktijktest("analyse", folder, "--out", out / "ledger", "--quiet").code == 0
    log = [folder / "snapshot.csv", "--design", folder / "design.toml", "--as-of", "2026-12-24"]
    assert praktijktest("analyse", *log, "--out", out / "file", "--quiet").code == 0
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "round"))


def codes(folder: Path, *logs: Path) -> list[tuple[str, str | None, int | None]]:
    return [(p.code, p.file, p.row) for p in verify(folder, logs).problems]


def test_a_round_that_nobody_touched_holds(folder):
    done = praktijktest("verify", folder, "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["holds"], found["kind"], found["problems"]) == (True, "round", [])
    looked = " ".join(found["checked"])
    for word in ("ledger", "snapshot.csv", "1 documents", "reports/file", "reports/ledger"):
        assert word in looked


def test_looking_changes_nothing(folder):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    verify(folder)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before


def test_a_changed_event_is_named(folder):
    with sqlite3.connect(folder / "round.db") as connection:
        query = "SELECT min(sequence) FROM event WHERE values_json LIKE '%refused%'"
        ((number,),) = connection.execute(query)
        connection.execute(
            "UPDATE event SET values_json = replace(values_json, 'refused', 'viewing-group') "
            f"WHERE sequence = {number}"
        )
    done = praktijktest("verify", folder)
    assert done.code == 4
    assert f"event {number}:" in done.err
    assert "Traceback" not in done.err


def test_a_changed_byte_of_a_message_is_named(folder):
    path = folder / "identities.db"
    path.write_bytes(path.read_bytes().replace(b"komen kijken", b"komen kijkem"))
    assert [code for code, _, _ in codes(folder)] == ["document-changed"]


@pytest.mark.parametrize("content", ["'plain text'", "content || x'ff'", "7"])
def test_a_message_replaced_by_something_else_is_named(folder, content):
    with sqlite3.connect(folder / "identities.db") as connection:
        connection.execute(f"UPDATE document SET content = {content} WHERE name = '1.eml'")
    assert [code for code, _, _ in codes(folder)] == ["document-changed"]


def test_a_document_that_is_gone_is_named(folder):
    gone = "a" * 64
    with open_round(folder) as opened, opened.ledger.writing(opened.who) as writing:
        writing.append([NewEvent(kind="note", test="t0001", values={"note": gone})])
    (problem,) = verify(folder).problems
    assert (problem.code, problem.value) == ("documents-missing", gone)


@pytest.mark.parametrize("row", [1, 2, 60])
def test_a_changed_byte_of_the_snapshot_is_named_with_its_row(folder, row):
    path = folder / "snapshot.csv"
    lines = path.read_bytes().split(b"\n")
    lines[row - 1] = lines[row - 1].replace(b"e", b"a", 1)
    path.write_bytes(b"\n".join(lines))
    assert codes(folder) == [("snapshot-changed", "snapshot.csv", row)]


def test_a_snapshot_cut_short_is_named(folder):
    path = folder / "snapshot.csv"
    path.write_bytes(path.read_bytes()[:-30])
    assert codes(folder)[0][0] == "snapshot-changed"


def test_a_snapshot_elsewhere_is_said_not_to_be_checked(folder):
    (folder / "snapshot.csv").unlink()
    found = verify(folder)
    assert found.holds
    assert any("snapshot.csv" in line for line in found.unchecked)


def test_a_later_snapshot_elsewhere_does_not_accuse_the_one_here(folder, tmp_path):
    from praktijktest.fieldwork.events import NewEvent

    with open_round(folder, create=False) as opened, opened.ledger.writing("P-an") as writing:
        one = next(writing.events(kinds=["sent"]))
        failed = {"failed": "detected"}
        writing.append([NewEvent("failed", one.test, one.application, values=failed)])
    snapshot_round(folder, tmp_path / "snapshot.csv", who="An")
    assert codes(folder) == []
    shutil.copy(tmp_path / "snapshot.csv", folder)
    assert codes(folder) == []


def test_a_folder_without_the_identity_store_is_checked_without_it(folder):
    (folder / "identities.db").unlink()
    found = verify(folder)
    assert found.holds
    assert any("identity store" in line for line in found.unchecked)
    assert not (folder / "identities.db").exists()


@pytest.mark.parametrize("content", [b"", b"no database " * 500])
def test_a_ledger_that_is_none_is_named(folder, content):
    (folder / "round.db").write_bytes(content)
    done = praktijktest("verify", folder)
    assert "Traceback" not in done.err
    assert done.code == 4
    assert "round.db" in done.err


def test_a_ledger_that_was_taken_away_is_missed(folder):
    (folder / "round.db").unlink()
    assert "ledger-missing" in {code for code, _, _ in codes(folder)}
    assert praktijktest("verify", folder).code == 4


def test_a_server_that_does_not_answer_is_no_forgery(folder):
    dead = ["--store", "postgresql+psycopg://somebody@127.0.0.1:9/rounds"]
    done = praktijktest("verify", folder, *dead, "--json")
    assert done.code == 1
    (problem,) = json.loads(done.out)["problems"]
    assert "127.0.0.1" in problem["message"]


def test_a_lost_identity_store_is_not_made_anew_under_the_old_events(folder):
    (folder / "identities.db").unlink()
    done = praktijktest("correct", "t0001-1", "--round", folder, "--field", "failed", "--to", "",
                        "--reason", "x", "--who", "An")  # fmt: skip
    assert (done.code, (folder / "identities.db").exists()) == (2, False)
    assert "identities.db" in done.err


def test_every_byte_of_the_head_of_the_file_is_survived(folder):
    path = folder / "round.db"
    whole = path.read_bytes()
    for place in range(0, 110, 3):
        spoilt = bytearray(whole)
        spoilt[place] ^= 0xFF
        path.write_bytes(bytes(spoilt))
        verify(folder)


@pytest.mark.parametrize("name", ["ledger", "file"])
def test_a_report_holds_and_can_be_made_once_more(folder, name):
    logs = [] if name == "ledger" else ["--log", folder / "snapshot.csv"]
    done = praktijktest("verify", folder / "reports" / name, *logs)
    assert done.code == 0, done.err
    assert "once more" in done.out


def test_a_report_without_its_log_says_what_it_needs(folder):
    found = verify(folder / "reports" / "file")
    assert found.holds
    assert found.unchecked == ("the analysis itself: name the log with --log (snapshot.csv)",)


def test_a_report_taken_from_its_round_asks_for_it(folder, tmp_path):
    report = Path(shutil.copytree(folder / "reports" / "ledger", tmp_path / "report"))
    assert any("--log" in line for line in verify(report).unchecked)
    found = verify(report, [folder])
    assert found.holds
    assert found.unchecked == ()


def test_a_round_that_went_on_still_gives_its_old_report(folder):
    from praktijktest.fieldwork.events import NewEvent

    with open_round(folder, create=False) as opened, opened.ledger.writing("P-an") as writing:
        one = next(writing.events(kinds=["sent"]))
        failed = {"failed": "detected"}
        writing.append([NewEvent("failed", one.test, one.application, values=failed)])
    assert verify(folder / "reports" / "ledger").problems == ()


def test_another_ledger_is_not_the_one_of_the_report(folder, tmp_path):
    other = filled_round(tmp_path / "other", uncoded=False)
    snapshot_round(other, who="An")
    assert [code for code, _, _ in codes(folder / "reports" / "ledger", other)] == ["ledger-other"]


@pytest.mark.parametrize(
    "name", ["analysis.json", "report.html", "tables/cells.csv", "design.toml"]
)
def test_a_changed_file_of_a_report_is_named(folder, name):
    path = folder / "reports" / "file" / name
    content = path.read_bytes()
    path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    found = codes(folder / "reports" / "file")
    assert ("output-changed", name, None) in found
    assert (f"reports/file/{name}") in [file for _, file, _ in codes(folder)]
    path.unlink()
    assert ("output-missing", name, None) in codes(folder / "reports" / "file")


def test_a_result_forged_with_its_hash_is_found_by_making_it_again(folder):
    report = folder / "reports" / "file"
    text = (report / "analysis.json").read_text(encoding="utf-8")
    row = next(n for n, line in enumerate(text.split("\n"), 1) if '"both": ' in line)
    lines = text.split("\n")
    lines[row - 1] = lines[row - 1].replace('"both": ', '"both": 9', 1)
    (report / "analysis.json").write_text("\n".join(lines), encoding="utf-8")
    rehash(report, "analysis.json")
    # The report prints the fingerprint of its data, so a forged document shows without the log.
    assert {(code, file) for code, file, _ in codes(report)} == {
        ("rendering-differs", "report.html")
    }
    assert codes(report, folder / "snapshot.csv")[0] == ("output-differs", "analysis.json", row)


def rehash(report: Path, name: str) -> None:
    """Let a manifest say that a file is what it is."""
    from praktijktest.storage import sha256_of_file

    path = report / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for entry in manifest["outputs"]:
        if entry["file"] == name:
            entry["sha256"] = sha256_of_file(report / name)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_another_log_is_not_the_one_that_was_analysed(folder):
    log = folder / "snapshot.csv"
    log.write_text(
        log.read_text(encoding="utf-8").replace("viewing-individual", "refused"), encoding="utf-8"
    )
    found = codes(folder / "reports" / "file", log)
    assert found[0][:2] == ("input-changed", "snapshot.csv")
    assert "analysis.json" in [file for _, file, _ in found]


def test_a_log_from_standard_input_can_be_checked(folder, tmp_path):
    log = folder / "snapshot.csv"
    out = tmp_path / "report"
    arguments = ["-", "--design", folder / "design.toml", "--out", out, "--quiet"]
    assert praktijktest("analyse", *arguments, stdin=log.read_bytes()).code == 0
    assert codes(out, log) == []
    log.write_bytes(log.read_bytes().replace(b"viewing-individual", b"refused"))
    assert "analysis.json" in [file for _, file, _ in codes(out, log)]


@pytest.mark.parametrize(
    "manifest",
    [
        b"", b"{}", b"[]", b"\xff", b'{"inputs": [], "outputs": [{"file": 1}], "command": []}',
        b'{"inputs": [], "outputs": [{"file": "../x", "sha256": "0"}], "command": []}',
        b'{"inputs": [], "outputs": {}, "command": "ls"}',
    ],
)  # fmt: skip
def test_a_manifest_that_is_none_is_named(folder, manifest):
    report = folder / "reports" / "file"
    (report / "manifest.json").write_bytes(manifest)
    done = praktijktest("verify", report)
    assert done.code == 4
    assert "manifest.json" in done.err
    assert "Traceback" not in done.err


def test_an_added_file_is_said_and_stops_nothing(folder):
    (folder / "reports" / "file" / "remarks.txt").write_text("mine", encoding="utf-8")
    found = verify(folder / "reports" / "file")
    assert found.holds
    assert [(p.code, p.level) for p in found.problems] == [("output-added", "warning")]


def test_a_log_for_a_round_is_wrong_use(folder):
    done = praktijktest("verify", folder, "--log", folder / "snapshot.csv")
    assert done.code == 2
    assert praktijktest("verify", folder / "reports" / "file", "--log", "no.csv").code == 2
