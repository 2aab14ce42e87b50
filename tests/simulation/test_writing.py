"""Simulated logs as files: two flavours of CSV, and the shipped examples byte for byte."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from praktijktest.simulation import ghent_like, simulate_round, write_csv
from praktijktest.simulation.examples import GHENT_SEED, write_examples
from praktijktest.simulation.writing import csv_bytes

DATA = Path(__file__).parents[2] / "data"

COLUMNS = {
    "name": np.array(["Zoë", 'says "no"', "a;b", "a,b", "two\nlines"], dtype=object),
    "rent": np.array([812.5, 700.0, 0.125, 1e3, 1.0]),
    "position": np.array([1, 2, 1, 2, 1]),
    "sent_at": np.array(["2026-09-01T09:05", "NaT", "NaT", "NaT", "NaT"], dtype="datetime64[m]"),
    "guilty": np.array([True, False, False, True, True]),
}


def rows(content: bytes, encoding: str, delimiter: str) -> list[dict[str, str]]:
    stream = io.StringIO(content.decode(encoding), newline="")
    return list(csv.DictReader(stream, delimiter=delimiter))


def test_the_comma_flavour_is_read_back_as_it_was():
    found = rows(csv_bytes(COLUMNS), "utf-8", ",")
    assert [row["name"] for row in found] == list(COLUMNS["name"])
    assert [float(row["rent"]) for row in found] == list(COLUMNS["rent"])
    assert [row["rent"] for row in found] == ["812.5", "700", "0.125", "1000", "1"]
    assert [row["sent_at"] for row in found] == ["2026-09-01T09:05", "", "", "", ""]
    assert [row["guilty"] for row in found] == ["1", "0", "0", "1", "1"]


def test_the_spreadsheet_flavour_differs_in_marks_and_encoding_only():
    plain = rows(csv_bytes(COLUMNS), "utf-8", ",")
    content = csv_bytes(COLUMNS, "spreadsheet")
    spreadsheet = rows(content, "cp1252", ";")
    assert [row["rent"].replace(",", ".") for row in spreadsheet] == [r["rent"] for r in plain]
    assert [row["name"] for row in spreadsheet] == [row["name"] for row in plain]
    assert content.count(b"\r\n") == len(spreadsheet) + 1
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_a_round_has_letters_beyond_ascii_in_both_flavours(tmp_path):
    log = simulate_round(ghent_like(), seed=3).log
    for flavour, encoding in (("comma", "utf-8"), ("spreadsheet", "cp1252")):
        write_csv(log, tmp_path / "log.csv", flavour)
        text = (tmp_path / "log.csv").read_text(encoding=encoding)
        assert "Hélène" in text
        assert "Noël" in text


def test_the_shipped_examples_are_what_the_functions_make(tmp_path):
    write_examples(tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.csv"))
    assert [path.as_posix() for path in made] == [
        "ghent-simulated/log.csv",
        "ghent-simulated/truth.csv",
        "washington-1988/log.csv",
    ]
    for path in made:
        assert (tmp_path / path).read_bytes() == (DATA / path).read_bytes(), path


def test_the_washington_log_holds_the_published_counts():
    """Urban Institute 1988, in Heckman and Siegelman 1993: 40, 46, 14 and 141 pairs."""
    lines = (DATA / "washington-1988" / "log.csv").read_text().splitlines()
    assert lines[0] == "w,b"
    counts = {cells: lines[1:].count(cells) for cells in set(lines[1:])}
    assert counts == {"1,1": 40, "1,0": 46, "0,1": 14, "0,0": 141}


def test_every_example_says_what_it_is():
    for folder in DATA.iterdir():
        text = (folder / "DATASHEET.md").read_text(encoding="utf-8")
        assert len(text) > 400, folder.name
    ghent = (DATA / "ghent-simulated" / "DATASHEET.md").read_text(encoding="utf-8")
    assert "simulated" in ghent.splitlines()[0].lower()
    assert str(GHENT_SEED) in ghent
