"""What is held, until when; and that nothing is left after it was erased."""

import json
import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from praktijktest.fieldwork.erasure import erase, held
from praktijktest.fieldwork.events import NewEvent
from praktijktest.fieldwork.identities import open_identities
from praktijktest.problems import DataError, RefusedError, UsageError
from praktijktest.rounds.analyse import analyse_round
from praktijktest.rounds.case_letters import write_letters_of_cases
from praktijktest.rounds.case_steps import Told, record_step
from praktijktest.rounds.entry import open_entry
from praktijktest.rounds.lock import lock_round
from praktijktest.rounds.privacy_erase import erase_round
from praktijktest.rounds.privacy_extract import extract, write_extract
from praktijktest.rounds.privacy_papers import privacy_paper
from praktijktest.rounds.privacy_status import privacy_status
from praktijktest.rounds.verify import verify
from tests.casework.case_round import CANARIES, GUILTY, TARGETS, case_round, pseudonym_of
from tests.cli.program import praktijktest

AFTER = date(2027, 7, 1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return case_round(tmp_path_factory.mktemp("privacy") / "round")


@pytest.fixture
def folder(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "round")
    return tmp_path / "round"


def erased(folder: Path, **more):
    options = {"reason": "retention is over", "confirmed": True, "who": "Bea", "today": AFTER}
    return erase_round(folder, **{**options, **more})


def canaries_in(folder: Path, names=CANARIES) -> list[str]:
    """Canaries in any byte of any file of a folder, or in the names of files."""
    found = []
    for path in folder.rglob("*"):
        content = path.read_bytes().lower() if path.is_file() else b""
        for name in names:
            hidden = (name.encode(), name.encode("utf-16-le"))
            if name in path.name.lower() or any(one in content for one in hidden):
                found.append(f"{path.name}: {name}")
    return found


def test_status_says_what_is_held_until_when_and_why(finished):
    found = privacy_status(finished, today=date(2026, 12, 1)).to_dict()
    classes = {one["class"]: one for one in found["holdings"]}
    assert classes["identities"]["until"] == "2027-06-30"
    assert classes["identities"]["declared"] == "privacy.identities_until"
    assert classes["identities"]["contents"]["identities of kind target"] == TARGETS
    assert {"frame.csv", "plan.csv", "plan.xlsx"} <= set(classes["identities"]["files"])
    assert classes["messages"]["contents"]["documents (words)"] > 100
    assert not any(one["over"] for one in found["holdings"])
    codes = {problem["code"] for problem in found["problems"]}
    assert codes == {"ground-undeclared"}


def test_status_says_what_should_have_gone(finished):
    found = privacy_status(finished, today=AFTER).to_dict()
    over = {one["class"] for one in found["holdings"] if one["over"]}
    assert over == {"identities", "messages"}
    assert [p["code"] for p in found["problems"]].count("retention-over") == 2


def test_status_names_files_it_does_not_know(folder):
    (folder / "notes of An.txt").write_text("x")
    found = privacy_status(folder, today=date(2026, 12, 1))
    (unknown,) = [p for p in found.warnings if p.code == "unknown-files"]
    assert "notes of An.txt" in unknown.value


def test_after_erasure_nothing_is_left_and_the_chain_holds(folder):
    before = analyse_round(folder).analysis.to_dict()
    assert canaries_in(folder), "otherwise the test looks for what was never there"
    target = pseudonym_of(folder)
    summary = erased(folder)
    assert summary.identities > TARGETS
    assert {"frame.csv", "plan.csv"} <= set(summary.files)
    assert canaries_in(folder) == []
    verification = verify(folder)
    assert verification.holds, [problem.line() for problem in verification.problems]
    assert analyse_round(folder).analysis.to_dict()["contrasts"] == before["contrasts"]
    assert analyse_round(folder).analysis.to_dict()["targets"] == before["targets"]
    with open_identities(folder, "gent-2026") as identities:
        assert identities.plain(target) is None
        assert identities.erased_on()
    status = {one.data_class: one for one in privacy_status(folder, today=AFTER).holdings}
    assert status["identities"].erased_on
    assert not status["identities"].over
    assert not status["messages"].over


def test_free_pages_and_journals_hold_nothing(folder):
    erased(folder)
    left = sorted(path.name for path in folder.iterdir())
    assert not [name for name in left if name.startswith(("identities.db-", "round.db-"))]
    with sqlite3.connect(folder / "identities.db") as connection:
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        tables = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("pseudonym_key", "pseudonym", "document")
        }
    assert free == 0
    assert tables == {"pseudonym_key": 0, "pseudonym": 0, "document": 0}


def test_the_key_is_gone_so_that_no_name_gives_its_pseudonym_again(folder):
    target = pseudonym_of(folder)
    erased(folder)
    with pytest.raises(RefusedError, match="erased on"):
        pseudonym_of(folder)
    with open_entry(folder, None, "Bea") as entry:
        assert entry.opened.who.startswith("P-")
    with pytest.raises(UsageError, match="knows nobody"):
        record_step(folder, "Kantoor Canaryvogel0", Told("talk", on="2026-12-20"), who="Bea")
    told = record_step(folder, target, Told("talk", on="2026-12-20"), who="Bea")
    assert told.events


def test_messages_alone(folder):
    erased(folder, classes=("messages",))
    assert canaries_in(folder, ("canaryzang",)) == []
    assert "identities.db: canaryvogel" in canaries_in(folder)
    assert verify(folder).holds


def test_open_cases_are_in_the_way_or_stay(folder):
    target = pseudonym_of(folder)
    record_step(folder, target, Told("talk", on="2026-12-20", due="2027-08-01"), who="Bea")
    with pytest.raises(RefusedError, match="1 cases are open"):
        erased(folder)
    summary = erased(folder, keep_open_cases=True)
    assert summary.kept == (target,)
    with open_identities(folder, "gent-2026") as identities:
        assert identities.plain(target) == GUILTY
        assert identities.details(target)["name"] == "Kantoor Canaryvogel0"
        assert held(identities).identities["target"] == 1
    others = [f"canaryvogel{number}" for number in range(1, TARGETS)]
    assert canaries_in(folder, others) == []
    assert verify(folder).holds


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"reason": " "}, UsageError, "--reason"),
        ({"confirmed": False}, UsageError, "--yes"),
        ({"classes": ("log",)}, UsageError, "identities, messages"),
        ({"classes": ()}, UsageError, "nothing"),
        ({"today": date(2027, 6, 30)}, RefusedError, "kept until 2027-06-30"),
    ],
)
def test_what_is_not_erased(finished, more, error, said):
    before = (finished / "identities.db").read_bytes()
    with pytest.raises(error, match=said):
        erased(finished, **more)
    assert (finished / "identities.db").read_bytes() == before


def test_before_the_date_it_takes_a_word(folder):
    assert erased(folder, today=date(2026, 12, 1), before_date=True).identities


def test_erasing_twice_is_said_twice(folder):
    erased(folder)
    again = erased(folder)
    assert (again.documents, again.files) == (0, ())
    assert verify(folder).holds


def test_a_file_that_comes_back_is_no_erased_file(folder):
    erased(folder)
    (folder / "frame.csv").write_text("target,name\nK0,Kantoor\n")
    status = privacy_status(folder, today=AFTER)
    assert {one.data_class for one in status.holdings if one.over} == {"identities"}


def test_an_extract_holds_everything_about_one_agent_and_nobody_else(folder, tmp_path):
    found = extract(folder, "K0", reason="request of the agent", who="Bea")
    out = tmp_path / "extract.json"
    write_extract(found, out)
    assert out.stat().st_mode & 0o077 == 0
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["identity"]["plain"] == GUILTY
    assert document["identity"]["details"]["name"] == "Kantoor Canaryvogel0"
    replies = [event for event in document["events"] if event["kind"] == "reply"]
    assert len(replies) == 24
    assert all("Canaryzang" in reply["words"]["words"] for reply in replies)
    text = out.read_text(encoding="utf-8")
    assert "Canaryvogel1" not in text.replace("Canaryvogel0", "")
    with sqlite3.connect(folder / "round.db") as connection:
        (values,) = connection.execute(
            "SELECT values_json FROM event WHERE kind = 'exported'"
        ).fetchone()
    assert json.loads(values)["what"] == "extract"
    assert "Canary" not in values


def test_an_extract_of_nobody(finished):
    with pytest.raises(UsageError, match="knows nobody"):
        extract(finished, "Kantoor Onbekend", reason="x", who="Bea")
    with pytest.raises(UsageError, match="--reason"):
        extract(finished, "K0", reason="")


@pytest.mark.parametrize("code", ["nl", "fr", "en"])
@pytest.mark.parametrize("kind", ["record", "dpia"])
def test_papers_are_filled_from_the_design(finished, kind, code):
    text = privacy_paper(finished, kind, code)
    assert text.startswith("# ")
    assert "wonen@gent.example" in text
    day = {"nl": "30 juni 2027", "fr": "30 juin 2027", "en": "30 June 2027"}[code]
    assert day in text
    assert "| None |" not in text
    assert "(None" not in text
    assert "{{" not in text
    # Every line of a table has as many cells as its heading.
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) > 5
    if kind == "record":
        assert "Stad Gent" in text


def test_papers_show_markup_as_text(tmp_path):
    design = Path("designs/housing-origin.toml").read_text(encoding="utf-8")
    design = design.replace('title = "', 'title = "<b>|x| ')
    (tmp_path / "design.toml").write_text(design, encoding="utf-8")
    text = privacy_paper(tmp_path, "record", "en")
    assert "\\<b\\>\\|x\\|" in text.splitlines()[0]
    with pytest.raises(UsageError, match="none of the papers"):
        privacy_paper(tmp_path, "cv")
    with pytest.raises(UsageError, match="no design"):
        privacy_paper(tmp_path / "nowhere", "record")


def test_erasing_in_a_database_server(postgres, tmp_path):
    """Rows, and with them the words, are gone from the tables; the key first of all."""
    url = postgres.new_database()
    with open_identities(tmp_path, "r1", store=url) as identities:
        made = identities.pseudonyms("target", ["K1", "K2"])
        identities.describe("target", "K1", {"name": "Kantoor Canaryvogel"})
        kept = identities.keep(b"words", name="", media_type="text/plain", document_class="words")
    with open_identities(tmp_path, "r1", store=url) as identities:
        gone = erase(identities, names=True, documents=True, at="2027-07-01", keep=[made["K2"]])
        assert (gone.identities, gone.documents) == (1, 1)
        assert identities.plain(made["K1"]) is None
        assert identities.plain(made["K2"]) == "K2"
        assert identities.document(kept) is None
        assert identities.erased_on() == "2027-07-01"


def test_on_the_command_line(folder, tmp_path):
    done = praktijktest("privacy", "erase", folder, "--reason", "over", "--as-of", "2027-07-01")
    assert done.code == 2
    assert "--yes" in done.last_error_line
    done = praktijktest("privacy", "extract", folder, "K0")
    assert done.code == 2
    done = praktijktest("privacy", "status", folder, "--as-of", "2027-07-01", "--json")
    assert done.code == 0
    assert json.loads(done.out)["kind"] == "privacy-status"
    done = praktijktest("privacy", "record", folder, "--lang", "nl", "--out", tmp_path / "r.md")
    assert done.code == 0
    assert (tmp_path / "r.md").read_text(encoding="utf-8").startswith("# Register")


class PowerCut(BaseException):
    """What ends a command in the middle."""


def power_cut(*_: object, **__: object) -> None:
    raise PowerCut


@pytest.mark.parametrize(
    ("where", "code"), [("store", "erasure-unfinished"), ("files", "erased-file-here")]
)
def test_an_interrupted_erasure_is_said_and_finished_when_given_again(
    folder, monkeypatch, where, code
):
    lock_round(folder)
    with monkeypatch.context() as patched:
        if where == "store":
            patched.setattr("praktijktest.fieldwork.store.Store.compact", power_cut)
        else:
            patched.setattr(Path, "unlink", power_cut)
        with pytest.raises(PowerCut):
            erased(folder)
    assert (folder / "frame.csv").is_file()
    assert code in {problem.code for problem in verify(folder).problems}
    erased(folder)
    assert canaries_in(folder) == []
    assert verify(folder).holds, [problem.line() for problem in verify(folder).problems]


def test_a_file_that_cannot_be_removed_is_named(folder, monkeypatch):
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refused)
        with pytest.raises(DataError, match="give the command again") as caught:
            erased(folder)
    assert "frame.csv" in {problem.file for problem in caught.value.problems}
    assert "frame.csv" in erased(folder).files


def test_the_store_of_another_round_is_left_alone(folder, tmp_path):
    with open_identities(tmp_path, "gent-2026") as other:
        other.pseudonyms("target", [f"K{number}" for number in range(TARGETS)])
    shutil.copy(tmp_path / "identities.db", folder / "identities.db")
    with pytest.raises(RefusedError, match="another round"):
        erased(folder)
    with open_identities(folder, "gent-2026") as identities:
        assert held(identities).identities["target"] == TARGETS


def test_letters_and_lists_in_the_round_folder_go_or_are_named(folder):
    out = folder / "letters-sent"
    write_letters_of_cases(
        folder, out, kind="individual", named=True, reason="feedback", formats=("md",), who="Bea"
    )
    (folder / "names.txt").write_text("An")
    summary = erased(folder)
    assert canaries_in(folder) == []
    (left,) = [problem for problem in summary.warnings if problem.code == "unknown-files"]
    assert left.value == "names.txt"


def test_an_extract_tells_nothing_of_what_went_out_about_others(folder):
    extract(folder, "K1", reason="request", who="Bea")
    values = {"what": "cases", "targets": f"{pseudonym_of(folder)} {pseudonym_of(folder, 'K2')}"}
    with open_entry(folder, None, "Bea") as entry:
        entry.writing.append([NewEvent("exported", values=values)])
    found = extract(folder, "K0", reason="request", who="Bea").document
    assert [event["values"] for event in found["left"]] == [{"what": "cases"}]
    assert pseudonym_of(folder, "K2") not in json.dumps(found)


def test_names_that_erasing_does_not_reach_are_pointed_at(folder):
    report = folder / "reports" / "old"
    report.mkdir(parents=True)
    (report / "manifest.json").write_text("{}")
    (report / "analysis.json").write_text(json.dumps({"targets": [{"target": "Jan Peeters"}]}))
    with open_entry(folder, None, "An Testster") as entry:
        entry.writing.append(
            [NewEvent("advert", source="lijst An Testster.csv", values={"x": "1"})]
        )
    codes = {problem.code for problem in privacy_status(folder, today=date(2026, 12, 1)).warnings}
    assert {"plain-reports", "named-sources"} <= codes
    told = {problem.code: problem.value for problem in erased(folder).warnings}
    assert told["plain-reports"] == "old"
    assert told["named-sources"] == "lijst An Testster.csv"
