"""`praktijktest status` on a round folder."""

import json
import shutil
from pathlib import Path

import pytest

from praktijktest.rounds.round_store import open_round
from tests.cli.program import praktijktest
from tests.rounds.field_rounds import field_round


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return field_round(tmp_path_factory.mktemp("made") / "round")


def events(folder: Path) -> int:
    with open_round(folder, create=False) as opened:
        return opened.ledger.head().sequence


def test_the_document(made):
    before = events(made)
    done = praktijktest("status", "--round", made, "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["format"] == 1
    assert found["sequence"] == before == events(made)
    whole = found["progress"][0]
    assert (whole["tests"], whole["sent"], whole["answered"]) == (20, 40, 30)
    assert found["compared"] == 30
    assert len(found["uncoded"]) == 30
    assert "An Testster" not in done.out
    assert "Kantoor" not in done.out
    again = praktijktest("status", "--round", made, "--json")
    assert again.out == done.out


def test_the_moment_can_be_given(made):
    early = json.loads(praktijktest("status", "-r", made, "--json", "--as-of", "2026-09-01").out)
    assert early["as_of"].startswith("2026-09-01T23:59:59")
    assert praktijktest("status", "-r", made, "--as-of", "yesterday").code == 2


@pytest.mark.parametrize("columns", [60, 100])
def test_the_screen(made, columns):
    done = praktijktest("status", "-r", made, columns=columns)
    assert done.code == 0
    assert "Hoe" not in done.err
    assert "20 van 20" in done.out
    assert max(map(len, done.out.splitlines())) <= columns
    assert praktijktest("status", "-r", made, "--quiet").out == ""


def test_names_are_shown_on_request_only(made):
    assert "Testster" not in praktijktest("status", "-r", made, "--lang", "en").out
    assert (
        "Tester: An Testster" in praktijktest("status", "-r", made, "--lang", "en", "--names").out
    )


def test_the_page(made, tmp_path):
    page = tmp_path / "status.html"
    assert praktijktest("status", "-r", made, "--html", page, "--lang", "fr", "-q").code == 0
    text = page.read_text(encoding="utf-8")
    assert '<html lang="fr">' in text
    assert "<script" not in text


def test_a_new_plan_is_seen_before_anything_was_sent(made, tmp_path):
    folder = tmp_path / "fresh"
    folder.mkdir()
    for name in ("design.toml", "plan.csv", "frame.csv"):
        shutil.copy(made / name, folder)
    found = json.loads(praktijktest("status", "-r", folder, "--json").out)
    assert (found["progress"][0]["planned"], found["progress"][0]["sent"]) == (40, 0)
    assert found["as_of"] == min(
        line["send_at"] for line in found["today"] if line["days_late"] == 0
    )


def test_words_that_are_not_at_hand_are_not_compared(made, tmp_path):
    folder = tmp_path / "round"
    shutil.copytree(made, folder)
    (folder / "identities.db").unlink()
    done = praktijktest("status", "-r", folder, "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["compared"], found["identical"]) == (0, [])
    assert not (folder / "identities.db").exists()
    assert found["progress"][0]["answered"] == 30


def test_no_round(tmp_path):
    done = praktijktest("status", "--round", tmp_path)
    assert done.code == 2
    assert "design.toml" in done.err
    shutil.copy(
        Path(__file__).parents[2] / "designs" / "housing-origin.toml", tmp_path / "design.toml"
    )
    done = praktijktest("status", "--round", tmp_path)
    assert done.code == 2
    assert "Traceback" not in done.err
