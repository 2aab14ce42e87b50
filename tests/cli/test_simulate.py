"""`praktijktest simulate`: a folder of a round, and a score against its truth."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.program import praktijktest

ROOT = Path(__file__).parents[2]
FILES = ["design.toml", "log.csv", "population.toml", "truth.csv"]
POPULATION = """format = 1
[population]
id = "village"
targets = 25
tests = [8, 12]
[[ground]]
id = "origin"
ground = "origin"
control = "flemish"
test = "moroccan"
response = 0.7
[[ground.behaviour]]
id = "strong"
share = 0.2
strength = 0.9
"""


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def village(tmp_path: Path) -> Path:
    (tmp_path / "village.toml").write_text(POPULATION, encoding="utf-8")
    return tmp_path


def test_the_same_seed_gives_the_same_bytes_and_the_folder_is_whole(village: Path) -> None:
    for name, seed in (("one", 4), ("two", 4), ("other", 5)):
        done = praktijktest("simulate", "village.toml", "--out", name, "--seed", seed, cwd=village)
        assert done.code == 0, done.err
        assert done.err == ""
    one, two, other = (content(village / name) for name in ("one", "two", "other"))
    assert list(one) == FILES
    assert one == two
    assert one["log.csv"] != other["log.csv"]
    assert one["population.toml"] == POPULATION.encode()
    assert sorted(path.name for path in village.iterdir()) == [
        "one", "other", "two", "village.toml",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["all-fair", "city-rentals", "employers-two-waves"])
def test_a_shipped_population_is_analysed_and_scored(name: str, tmp_path: Path) -> None:
    made = praktijktest("simulate", name, "--out", "round", "--json", cwd=tmp_path)
    summary = json.loads(made.out)
    assert made.code == 0, made.err
    with (tmp_path / "round" / "truth.csv").open(encoding="utf-8") as stream:
        truth = list(csv.DictReader(stream))
    assert sum(row["targets"] for row in summary["behaviours"]) == len(truth)
    assert summary["tests"] == sum(int(row["tests"]) for row in truth)
    analysed = praktijktest(
        "analyse", "round/log.csv", "--design", "round/design.toml", "--out", "report",
        "--quiet", cwd=tmp_path,
    )  # fmt: skip
    assert analysed.code == 0, analysed.err
    document = json.loads((tmp_path / "report" / "analysis.json").read_text(encoding="utf-8"))
    assert not [p for p in document["data"]["problems"] if p["level"] == "error"]
    scored = praktijktest("simulate", "round", "--score", "report", "--json", cwd=tmp_path)
    assert scored.code == 0, scored.err
    score = json.loads(scored.out)
    guilty = sum(row["favours"] == "control" for row in truth)
    assert score["signals"]["found"] + score["signals"]["missed"] == guilty
    assert score["discriminate"] == guilty
    told = praktijktest("simulate", "round", "--score", "report/analysis.json", cwd=tmp_path)
    assert f"{len(truth)} agents and grounds: {guilty} discriminate" in told.out
    for rule in score["rules"]:
        assert rule["rule"] in told.out


def test_another_number_of_agents(village: Path) -> None:
    done = praktijktest(
        "simulate", "village.toml", "--out", "more", "--targets", 60, "--quiet", cwd=village
    )
    assert (done.code, done.out) == (0, "")
    with (village / "more" / "truth.csv").open(encoding="utf-8") as stream:
        assert len(list(csv.DictReader(stream))) == 60
    assert "--targets 60" in (village / "more" / "design.toml").read_text(encoding="utf-8")


def test_an_earlier_round_is_replaced_and_anything_else_is_left_alone(village: Path) -> None:
    for seed in (1, 2):
        done = praktijktest("simulate", "all-fair", "-o", "all-fair", "--seed", seed, cwd=village)
        assert done.code == 0
    (village / "own").mkdir()
    (village / "own" / "notes.txt").write_text("mine", encoding="utf-8")
    refused = praktijktest("simulate", "village.toml", "--out", "own", cwd=village)
    assert refused.code == 2
    assert "own already holds other files" in refused.last_error_line
    assert content(village / "own") == {"notes.txt": b"mine"}


def test_errors_of_the_population_are_all_listed_and_nothing_is_written(village: Path) -> None:
    bad = POPULATION.replace("response = 0.7", "respons = 0.7").replace("25", "0")
    (village / "bad.toml").write_text(bad, encoding="utf-8")
    done = praktijktest("simulate", "bad.toml", "--out", "out", cwd=village)
    assert done.code == 2
    assert "2 errors" in done.err
    assert "did you mean response?" in done.err
    assert "population.targets: must be 1 or more" in done.err
    assert not (village / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["village.toml"], 2, "--out DIR"),
        (["vilage", "--out", "x"], 2, "shipped one: all-fair, city-rentals"),
        (["city-rental", "--out", "x"], 2, "Did you mean city-rentals?"),
        (["none.toml", "--out", "x"], 2, "no population file none.toml"),
        ([".", "--out", "x"], 2, "is a folder"),
        (["village.toml", "--out", "village.toml"], 2, "is a file"),
        (["village.toml", "--out", "x", "--seed", "-1"], 2, "0 or more"),
        (["village.toml", "--out", "x", "--seed", "many"], 2, "--seed"),
        (["village.toml", "--out", "x", "--targets", "0"], 2, "--targets 0 is not possible"),
        (["village.toml", "--out", "x", "--targets", "99999999"], 2, "1,000,000 or less"),
        (["nowhere", "--score", "report"], 2, "There is no"),
        ([".", "--score", "report"], 2, "no truth.csv"),
        (["village.toml", "--score", "village.toml"], 1, "not the truth"),
        (["village.toml", "--score", "x", "--out", "y"], 2, "leave --out"),
    ],
)
def test_wrong_use_is_explained(village: Path, arguments, code: int, words: str) -> None:
    done = praktijktest("simulate", *arguments, cwd=village)
    assert done.code == code, done.err
    assert words in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert list(village.iterdir()) == [village / "village.toml"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("truth.csv", "target,contrast,discriminates,p_only_control,p_only_test\na,o,0,x,0\n"),
     ("truth.csv", ""), ("truth.csv", "\0"), ("analysis.json", "[]"), ("analysis.json", "{")],
)  # fmt: skip
def test_files_that_are_not_what_they_should_be_are_named(village: Path, name, text) -> None:
    truth = "target,contrast,discriminates,p_only_control,p_only_test\na,o,0,0.1,0\n"
    (village / "truth.csv").write_text(truth, encoding="utf-8")
    (village / "analysis.json").write_text("{}", encoding="utf-8")
    (village / name).write_text(text, encoding="utf-8")
    done = praktijktest("simulate", ".", "--score", ".", cwd=village)
    assert done.code == 1, done.err
    assert name in done.err
    assert "fault of its own" not in done.err
