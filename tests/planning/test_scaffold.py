"""`init`: a folder that every next step accepts as it stands."""

import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from praktijktest.cli.init import init_command
from praktijktest.design import proofread, read_design
from praktijktest.planning.scaffold import (
    NewRound,
    grounds_of_markets,
    quoted,
    round_id,
    scaffold,
)
from praktijktest.problems import UsageError
from praktijktest.rounds.init import init_round
from praktijktest.rounds.letters import write_letters, write_workbook
from praktijktest.rounds.lock import lock_round
from praktijktest.rounds.plan import plan_round
from praktijktest.vocabulary import LANGUAGES

BEGINNINGS = list(grounds_of_markets())


def test_both_markets_have_an_origin_and_a_disability_round():
    assert {"origin", "disability"} <= {g for m, g in BEGINNINGS if m == "housing"}
    assert {"origin", "disability"} <= {g for m, g in BEGINNINGS if m == "labour"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("market", "ground"), BEGINNINGS)
def test_a_new_round_is_checked_planned_written_and_locked_as_it_stands(
    market, ground, language, tmp_path: Path
):
    folder = tmp_path / "Gent 2027"
    made = init_round(folder, market, language, ground=ground)
    assert made.round_id == "gent-2027"
    design = read_design(folder / "design.toml")
    assert design.comparisons()[0].ground == ground
    assert proofread(design) == ()
    summary = plan_round(folder)
    assert {problem.code for problem in summary.warnings} == {"name-not-pretested"}
    assert {"plan.xlsx", "letters/drafts/"} <= set(summary.files)
    assert summary.tests > 0
    letters = write_letters(folder)
    assert letters.letters > 0
    assert {problem.code for problem in letters.warnings} == {"name-not-pretested"}
    assert write_workbook(folder).is_file()
    assert lock_round(folder).number == 1


def test_the_same_command_gives_the_same_files(tmp_path):
    new = NewRound("housing", "nl", "disability", None, "r")
    assert scaffold(new) == scaffold(new)
    made = init_round(tmp_path / "r", "housing", "nl", ground="disability")
    for name, content in scaffold(new).items():
        assert (tmp_path / "r" / name).read_bytes() == content
    assert set(made.files) == set(scaffold(new))


def test_letters_readme_and_remarks_are_in_the_language_of_the_round():
    for language, words in (("nl", "Het ontwerp"), ("fr", "Le plan"), ("en", "The design")):
        files = scaffold(NewRound("labour", language))
        assert files["design.toml"].decode().startswith(f"# {words}")
        letters = [name for name in files if name.startswith("letters/")]
        assert len(letters) == 6
        assert all(name.endswith(f".{language}.md") for name in letters)


@pytest.mark.parametrize(("jurisdiction", "control"), [
    ("nl", "dutch"), ("be-vlg", "flemish"), ("be-wal", "walloon"), (None, "flemish"),
])  # fmt: skip
def test_the_majority_is_that_of_the_place(jurisdiction, control):
    text = scaffold(NewRound("housing", "nl", None, jurisdiction))["design.toml"].decode()
    declared = tomllib.loads(text)
    assert declared["contrast"][0]["control"] == control
    assert len(declared["profile"][0]["names"]) == 12


def test_files_with_names_of_parties_are_kept_out_of_version_control():
    ignored = scaffold(NewRound("housing", "nl"))[".gitignore"].decode().splitlines()
    for name in ("frame.*", "plan.*", "names.csv", "letters/drafts/", "locked/", "identities.db*"):
        assert name in ignored


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x", "utf-8")
    with pytest.raises(UsageError, match="not empty") as caught:
        init_round(tmp_path, "housing", "nl")
    assert caught.value.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(UsageError, match="is a file"):
        init_round(tmp_path / "mine.txt", "housing", "nl")


def test_an_empty_folder_is_filled(tmp_path):
    assert "design.toml" in init_round(tmp_path, "housing", "nl").files


@pytest.mark.parametrize(("arguments", "said"), [
    (("nightlife", "nl"), "housing and labour"),
    (("housing", "de"), "nl, fr, en"),
    (("housing", "nl", "age"), "family-composition"),
    (("housing", "nl", "origin", "be-x"), "be-vlg"),
])  # fmt: skip
def test_what_is_not_known_is_refused_with_what_is(arguments, said, tmp_path):
    with pytest.raises(UsageError, match=said):
        scaffold(NewRound(*arguments))


def test_ids_and_texts_are_safe():
    assert round_id("Ñandú / Gent_2027!") == "and-gent-2027"
    assert round_id("…") == "round"
    text = 'x"\\'
    assert tomllib.loads("a = " + quoted(text)) == {"a": text}


def test_the_command_says_what_to_do_next(tmp_path):
    app = typer.Typer()
    app.command()(init_command)
    folder = tmp_path / "r"
    done = CliRunner().invoke(app, [str(folder), "--market", "housing", "--language", "nl"])
    assert done.exit_code == 0
    assert "design plan" in done.output
    assert (folder / "design.toml").is_file()
