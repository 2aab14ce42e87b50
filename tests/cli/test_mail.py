"""`praktijktest mail` as a person uses it."""

import json
from pathlib import Path

import pytest

from tests.cli.program import praktijktest
from tests.fieldwork.mailboxes import as_mbox, make_mailbox, make_round, plan_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("mail") / "round"
    make_round(made, targets=12, tests=2)
    source = made.parent / "box.mbox"
    source.write_bytes(as_mbox(make_mailbox(plan_of(made), 90)))
    assert praktijktest("ingest", source, "--round", made, "--who", "An").code == 0
    return made


def listed(folder: Path) -> dict:
    done = praktijktest("mail", "list", "--round", folder, "--json")
    assert done.code == 0
    return json.loads(done.out)


def test_the_list_shows_what_waits_and_what_to_do(folder):
    done = praktijktest("mail", "list", "--round", folder)
    assert done.code == 0
    assert "Messages that wait for a person:" in done.out
    assert "praktijktest mail confirm" in done.out


def test_a_suggestion_is_confirmed_once(folder):
    reply = next(one["reply"] for one in listed(folder)["replies"] if one["suggested"])
    first = praktijktest("mail", "confirm", reply, "--round", folder, "--who", "An", "--json")
    assert first.code == 0
    assert len(json.loads(first.out)["events"]) == 1
    again = praktijktest("mail", "confirm", reply, "--round", folder, "--who", "An", "--json")
    assert json.loads(again.out)["events"] == []
    assert reply not in {one["reply"] for one in listed(folder)["replies"]}


def test_a_message_is_matched(folder):
    message = next(one for one in listed(folder)["messages"] if one["candidates"])
    application = message["candidates"][0]
    done = praktijktest("mail", "match", message["message"], application, "--round", folder)
    assert done.code == 0
    assert application in done.out


def test_a_message_is_shown(folder):
    message = listed(folder)["messages"][-1]["message"]
    done = praktijktest("mail", "show", message, "--round", folder)
    assert done.code == 0
    assert "subject:" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["mail", "confirm", "zz"], 2, "praktijktest mail list"),
        (["mail", "match", "zzzzzz", "t0001-1"], 2, "praktijktest mail list"),
        (["mail", "confirm", "zzzzzz"], 2, "praktijktest mail list"),
    ],
)
def test_a_wrong_id_is_said(folder, arguments, code, words):
    done = praktijktest(*arguments, "--round", folder, "--who", "An")
    assert done.code == code
    assert words in done.err
    assert "Traceback" not in done.err


def test_a_folder_without_a_ledger_is_said(tmp_path, folder):
    (tmp_path / "design.toml").write_bytes((folder / "design.toml").read_bytes())
    done = praktijktest("mail", "list", "--round", tmp_path)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_a_file_that_is_no_mailbox_is_a_problem_and_changes_nothing(folder, tmp_path):
    before = listed(folder)
    bad = tmp_path / "in.mbox"
    bad.write_bytes(b"\x00\x01 not mail")
    done = praktijktest("ingest", bad, "--round", folder, "--who", "An")
    assert done.code == 1
    assert "in.mbox" in done.err
    assert listed(folder) == before
