"""`praktijktest pool` as a command: files, exit codes, what is written where."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from praktijktest.cli.main import app
from praktijktest.problems import DataError, PraktijktestError, UsageError
from praktijktest.storage import sha256_of_file
from tests.cli.program import praktijktest

GHENT = Path(__file__).parents[2] / "reports" / "ghent-simulated"
ROWS = "label,both,only_control,only_test,neither,city\n"
ROWS += "Washington,40,46,14,141,big\nChicago,22,19,9,147,big\nDenver,23,8,11,103,small\n"


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    file = tmp_path / "studies.csv"
    file.write_text(ROWS, encoding="utf-8")
    return file


def run(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "60", "NO_COLOR": "1"}).invoke(
        app, ["pool", *map(str, arguments)]
    )


def error_of(result: Result) -> PraktijktestError:
    assert isinstance(result.exception, PraktijktestError), result.output
    return result.exception


def test_a_folder_with_everything(studies: Path, tmp_path: Path) -> None:
    out = tmp_path / "pooled"
    line = ["--studies", studies, "--moderator", "city", "--title", "Three cities", "--out", out]
    done = run(*line, "--lang", "nl", "--format", "html,md")
    assert done.exit_code == 0, done.output
    assert "report.html" in done.output.replace("\n", "")
    files = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert files == [
        "manifest.json",
        "pooling.json",
        "report.html",
        "report.md",
        "tables/leave-one-out.csv",
        "tables/moderator.csv",
        "tables/pooled.csv",
        "tables/studies.csv",
    ]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["kind"] == "pooling"
    assert manifest["inputs"] == [{"file": "studies.csv", "sha256": sha256_of_file(studies)}]
    assert str(tmp_path) not in json.dumps(manifest)
    for entry in manifest["outputs"]:
        assert sha256_of_file(out / entry["file"]) == entry["sha256"]
    before = {name: (out / name).read_bytes() for name in files}
    assert run(*line, "--lang", "nl", "--format", "html,md", "--quiet").output == ""
    assert {name: (out / name).read_bytes() for name in files} == before
    assert run(*line, "--lang", "nl,fr", "--quiet").exit_code == 0
    assert {p.name for p in out.glob("report*")} == {"report.nl.html", "report.fr.html"}


def test_json_is_the_document_that_is_written(studies: Path, tmp_path: Path) -> None:
    out = tmp_path / "pooled"
    done = run("--studies", studies, "--json", "--quiet", "--out", out, "--ground", "origin")
    document = json.loads(done.stdout)
    assert document == json.loads((out / "pooling.json").read_text(encoding="utf-8"))
    assert [ground["ground"] for ground in document["grounds"]] == ["origin"]


def test_reports_are_read_in_their_own_language(tmp_path: Path) -> None:
    folders = []
    for name in ("Gent", "Aalst"):
        folder = tmp_path / name
        folder.mkdir()
        document = json.loads((GHENT / "analysis.json").read_text(encoding="utf-8"))
        document["round"].update(id=name, place=name)
        (folder / "analysis.json").write_text(json.dumps(document), encoding="utf-8")
        shutil.copy(GHENT / "manifest.json", folder)
        folders.append(folder)
    done = run(*folders, "--ground", "origin", "--out", tmp_path / "both")
    assert done.exit_code == 0, done.output
    assert "Wat de studies samen tonen" in done.output
    page = (tmp_path / "both" / "report.html").read_text(encoding="utf-8")
    assert "Gesimuleerde gegevens" in page
    refused = error_of(run(*folders, "--out", folders[0]))
    assert "another kind (report)" in refused.message
    assert (folders[0] / "analysis.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name report folders"),
        (("--column", "both"), "needs the form NAME=VALUE"),
        (("--format", "doc"), "does not write the format doc"),
        (("--lang", "de"), "--lang is nl, fr, en"),
    ],
)
def test_wrong_use(studies: Path, arguments: tuple[str, ...], words: str) -> None:
    given = (*arguments, "--studies", studies) if arguments else ()
    error = error_of(run(*given))
    assert isinstance(error, UsageError)
    assert words in error.message


def test_bad_rows_leave_nothing_behind(studies: Path, tmp_path: Path) -> None:
    studies.write_text(ROWS.replace("8,11", "-8,x"), encoding="utf-8")
    out = tmp_path / "pooled"
    assert isinstance(error_of(run("--studies", studies, "--out", out)), DataError)
    assert not out.exists()
    done = praktijktest("pool", "--studies", studies, "--json", "--out", out)
    assert done.code == 1
    assert [p["code"] for p in json.loads(done.out)["problems"]] == [
        "negative-count",
        "not-a-number",
    ]
    assert "studies.csv, row 4, only_control" in done.err
    assert "Traceback" not in done.err


def test_two_tables_are_refused_and_not_half_read(studies: Path) -> None:
    assert "one table" in str(error_of(run("--studies", studies, "--studies", studies)))
