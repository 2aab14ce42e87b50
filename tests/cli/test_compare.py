"""`praktijktest compare` as a user runs it: output, files, exit codes."""

import json

import pytest

from tests.cli.program import praktijktest
from tests.rounds.compared_rounds import rows_of, spread, write_design, write_log

FIRST = {"a": "bccn", "b": "bbc", "c": "ccnb", "d": "btcn", "e": "cccb", "f": "bn"}
SECOND = {"c": "bbcn", "d": "bbn", "e": "bccn", "f": "btt", "g": "bcn", "h": "bcc"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    write_log(folder, rows_of([*spread("2015", FIRST), *spread("2019", SECOND)]))
    write_design(folder)
    return folder


def test_waves_of_a_log_on_a_narrow_terminal_with_a_report(home):
    done = praktijktest(
        "compare", "log.csv", "--by", "wave", "--design", "design.toml", "--lang", "nl",
        "--treated", "tested-before", "--out", "out", cwd=home, columns=60,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert max(map(len, done.out.splitlines())) <= 60
    assert "Van 2015 naar 2019 is geen verandering" in " ".join(done.out.split())
    assert "Wat men over een effect mag zeggen" in done.out
    assert done.out.splitlines()[-1] == "out/report.html"
    manifest = json.loads((home / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"][:3] == ["praktijktest", "compare", "log.csv"]
    assert str(home) not in json.dumps(manifest)


def test_json_is_the_whole_of_standard_output(home):
    done = praktijktest(
        "compare", "log.csv", "--by", "wave", "--design", "design.toml", "--json", cwd=home
    )
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert (document["kind"], document["by"]) == ("comparison", "wave")
    assert "From 2015 to 2019" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("log.csv", "--by", "wave"), 2, "--design"),
        (("log.csv", "--by", "year", "--design", "design.toml"), 2, "year"),
        (("out-of-nowhere",), 2, "two rounds or more"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(home, arguments, code, words):
    done = praktijktest("compare", *arguments, cwd=home)
    assert done.code == code
    assert words in done.err
    assert done.out == ""
    assert "Traceback" not in done.err
