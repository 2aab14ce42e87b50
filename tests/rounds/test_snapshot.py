"""The ledger analysed, frozen in a file, and analysed again: the same result."""

import csv
import json
from pathlib import Path

import pytest

from praktijktest.fieldwork.events import NewEvent
from praktijktest.problems import UsageError
from praktijktest.rounds.analyse import analyse
from praktijktest.rounds.round_store import open_round
from praktijktest.rounds.snapshot import snapshot_round
from tests.cli.program import praktijktest
from tests.rounds.ledger_rounds import filled_round


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = filled_round(tmp_path_factory.mktemp("rounds") / "round")
    snapshot_round(made, who="An")
    return made


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_snapshot_gives_what_the_ledger_gives(folder):
    made = snapshot_round(folder, who="An")
    again = snapshot_round(folder, who="An")
    assert again == made
    from_ledger = analyse(folder).to_dict()
    from_file = analyse(folder / "snapshot.csv", folder / "design.toml").to_dict()
    assert from_ledger == from_file
    with open_round(folder, create=False) as opened:
        *_, noted = opened.ledger.events(kinds=["snapshot"])
    assert noted.values["head_hash"] == made.head_hash
    assert int(noted.values["rows"]) == made.rows == len(rows_of(folder / "snapshot.csv"))


def test_another_spreadsheet_dialect_is_still_a_frozen_log(folder, tmp_path):
    snapshot_round(folder, tmp_path / "snapshot.csv", who="An")
    text = (tmp_path / "snapshot.csv").read_text(encoding="utf-8").replace(",", ";")
    (tmp_path / "snapshot.csv").write_text("\ufeff" + text, encoding="utf-8")
    found = analyse(tmp_path / "snapshot.csv", folder / "design.toml").to_dict()
    assert found == analyse(folder).to_dict()


def test_replies_that_nobody_coded_wait_and_are_counted(folder):
    data = analyse(folder).to_dict()["data"]
    rows = rows_of(folder / "snapshot.csv")
    uncoded = {row["application"] for row in rows if row["outcome"] == "uncoded"}
    answered = {
        row["application"]
        for row in rows
        if row["outcome"] in ("viewing-individual", "viewing-group")
    }
    failed = {row["test"] for row in rows if row["failed"]}
    waiting = {name for name in uncoded - answered if name.partition("-")[0] not in failed}
    assert waiting
    assert data["pending"] >= len(waiting)
    (problem,) = [one for one in data["problems"] if one["code"] == "uncoded-reply"]
    assert problem["count"] == len([row for row in rows if row["outcome"] == "uncoded"])


def test_an_uncoded_reply_is_never_silence(tmp_path):
    """A test with a refusal and a reply that nobody read yet is not counted as refused."""
    folder = filled_round(tmp_path / "round", uncoded=False)
    before = analyse(folder).to_dict()["data"]
    with open_round(folder, create=False) as opened:
        one = next(
            e for e in opened.ledger.events(kinds=["reply"]) if e.values["outcome"] == "refused"
        )
        at = {"reply": "later", "replied_at": one.values["replied_at"]}
        with opened.ledger.writing("P-an") as writing:
            writing.append([NewEvent("reply", one.test, one.application, values=at)])
    after = analyse(folder).to_dict()["data"]
    assert after["pending"] == before["pending"] + 1
    with open_round(folder, create=False) as opened, opened.ledger.writing("P-an") as writing:
        coded = {"reply": "later", "coder": "P-an", "outcome": "refused", "basis": "single"}
        writing.append([NewEvent("coded", one.test, one.application, values=coded)])
    assert analyse(folder).to_dict()["data"]["pending"] == before["pending"]


def test_the_manifest_names_the_end_of_the_chain(folder, tmp_path):
    done = praktijktest("analyse", folder, "--out", tmp_path / "report", "--quiet")
    assert done.code == 0, done.err
    manifest = json.loads((tmp_path / "report" / "manifest.json").read_text(encoding="utf-8"))
    with open_round(folder, create=False) as opened:
        head = opened.ledger.head()
    assert manifest["ledger"] == {
        "round": "gent-2026",
        "sequence": head.sequence,
        "hash": head.hash,
    }
    assert str(folder) not in json.dumps(manifest)


def test_the_design_may_be_another_than_the_folder_has(folder, tmp_path):
    text = (folder / "design.toml").read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(text.replace("[sampling]", "[analysis]\nconfidence = 0.9\n[sampling]"))
    done = praktijktest("analyse", folder, "--design", other, "--json", "--quiet")
    assert done.code == 0, done.err
    assert json.loads(done.out)["method"]["confidence"] == 0.9


def test_codes_that_look_like_formulas_survive_the_file(tmp_path):
    folder = filled_round(tmp_path / "round", uncoded=False)
    design = folder / "design.toml"
    text = design.read_text(encoding="utf-8")
    recoded = '[columns.values.outcome]\n"=ja" = "viewing-individual"\n"-nee" = "refused"\n'
    design.write_text(text + recoded, encoding="utf-8")
    with open_round(folder, create=False) as opened, opened.ledger.writing("P-an") as writing:
        replies = list(writing.events(kinds=["reply"]))[:40]
        writing.append(
            NewEvent(
                "corrected",
                one.test,
                one.application,
                values={
                    "reply": one.values["reply"],
                    "field": "outcome",
                    "old": one.values["outcome"],
                    "new": ("=ja", "-nee")[number % 2],
                    "reason": "as it was written",
                },
            )
            for number, one in enumerate(replies)
        )
    snapshot_round(folder, who="An")
    assert "'=ja" in (folder / "snapshot.csv").read_text(encoding="utf-8")
    assert analyse(folder / "snapshot.csv", design).to_dict() == analyse(folder).to_dict()


def test_names_of_columns_in_the_design_do_not_matter_to_a_ledger(folder, tmp_path):
    snapshot_round(folder, tmp_path / "snapshot.csv", who="An")
    text = (folder / "design.toml").read_text(encoding="utf-8")
    columns = '[columns]\ntest = ["a", "b"]\noutcome = "uitkomst"\ntarget = "kantoor"\n'
    other = tmp_path / "other.toml"
    other.write_text(text + columns + "[reading]\nheader_row = 3\n", encoding="utf-8")
    found = analyse(tmp_path / "snapshot.csv", other).to_dict()
    assert found == analyse(folder, other).to_dict() == analyse(folder).to_dict()


def test_on_a_server_the_same(tmp_path, postgres):
    url = postgres.new_database()
    folder = filled_round(tmp_path / "round", url)
    assert not (folder / "round.db").exists()
    done = praktijktest("snapshot", folder, "--store", url, "--who", "An", "--json")
    assert done.code == 0, done.err
    found = praktijktest("analyse", folder, "--store", url, "--json", "--quiet")
    from_file = analyse(folder / "snapshot.csv", folder / "design.toml").to_dict()
    assert json.loads(found.out)["contrasts"] == from_file["contrasts"]
    assert praktijktest("verify", folder, "--store", url).code == 0


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["analyse", "{0}"], "no round folder"),
        (["snapshot", "{0}"], "no design.toml"),
        (["analyse", "{0}/nothing"], "design"),
        (["snapshot", "{0}/nothing"], "There is no folder"),
        (["verify", "{0}/nothing"], "There is no folder"),
        (["verify", "{0}"], "neither a round folder"),
    ],
)
def test_folders_that_are_none_get_a_sentence(tmp_path, command, words):
    done = praktijktest(*[word.format(tmp_path) for word in command])
    assert done.code == 2
    assert words in done.err


def test_a_round_without_a_ledger_is_said(tmp_path):
    from tests.rounds.ledger_rounds import planned_round

    folder = planned_round(tmp_path / "round")
    with pytest.raises(UsageError, match="nothing was ingested"):
        analyse(folder)
    done = praktijktest("analyse", folder)
    assert (done.code, "round.db" in done.err) == (2, True)
    assert not (folder / "round.db").exists()
    assert not (folder / "identities.db").exists()


def test_the_identity_store_is_not_needed_to_analyse(tmp_path):
    folder = filled_round(tmp_path / "round")
    (folder / "identities.db").unlink()
    (folder / "frame.csv").unlink()
    (folder / "plan.csv").unlink()
    assert analyse(folder).to_dict()["data"]["tests"] > 0
    assert not (folder / "identities.db").exists()
