"""Stata, SPSS, Parquet and JSON: labels, precision, shapes, and what can be wrong."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from praktijktest.problems import DataError, Problem, UsageError
from praktijktest.tables import read_table
from praktijktest.tables.table import Table


def contents(table: Table) -> dict[str, list[str]]:
    return {name: column.texts().tolist() for name, column in table.columns.items()}


def from_json(content: object, folder: Path, name: str = "log.json") -> dict[str, list[str]]:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")
    return contents(read_table(folder / name))


def refused(content: object, folder: Path, name: str = "log.json") -> Problem:
    with pytest.raises(DataError) as caught:
        from_json(content, folder, name)
    return caught.value.problems[0]


def test_single_precision_reads_as_it_was_typed(tmp_path: Path) -> None:
    frame = pd.DataFrame({"huur": np.array([850.1, 2, np.nan], dtype="float32"), "t": list("abc")})
    frame.to_stata(tmp_path / "log.dta", write_index=False)
    frame.to_parquet(tmp_path / "log.parquet")
    for name in ("log.dta", "log.parquet"):
        assert contents(read_table(tmp_path / name))["huur"] == ["850.1", "2", ""]


def test_value_labels_of_stata(tmp_path: Path) -> None:
    frame = pd.DataFrame({"origin": [1, 2, 3], "outcome": [0, 1, 1]})
    labels = {"origin": {1: "Vlaams", 2: "Turks"}, "outcome": {0: "no", 1: "yes"}}
    path = tmp_path / "log.dta"
    frame.to_stata(path, write_index=False, value_labels=labels)
    assert contents(read_table(path)) == {
        "origin": ["Vlaams", "Turks", "3"],
        "outcome": ["no", "yes", "yes"],
    }
    labels["origin"][2] = "Vlaams"
    frame.to_stata(path, write_index=False, value_labels=labels)
    table = read_table(path)
    assert contents(table)["origin"] == ["1", "2", "3"]
    assert [(p.code, p.level) for p in table.problems] == [("labels-not-unique", "warning")]
    untouched = read_table(path, wanted=lambda names: ["outcome"])
    assert contents(untouched) == {"outcome": ["no", "yes", "yes"]}
    assert not untouched.problems


def test_values_that_spss_declares_missing_are_not_lost(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = pd.DataFrame({"outcome": [1.0, 9.0, np.nan], "test": ["a", "b", "c"]})
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "log.sav"),
        variable_value_labels={"outcome": {1: "viewing", 9: "no-reply"}},
        missing_ranges={"outcome": [9]},
    )
    found = contents(read_table(tmp_path / "log.sav"))
    assert found == {"outcome": ["viewing", "no-reply", ""], "test": ["a", "b", "c"]}


def test_types_of_parquet(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "category": pd.Categorical(["x", "y", None]),
            "truth": pd.array([True, False, None], dtype="boolean"),
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "moment": pd.to_datetime(["2026-11-03 09:15", "2026-11-04 00:00", None]),
            "list": [["a"], None, []],
        },
        index=["r", "s", "t"],
    )
    frame.to_parquet(tmp_path / "log.parquet", row_group_size=1)
    assert contents(read_table(tmp_path / "log.parquet")) == {
        "category": ["x", "y", ""],
        "truth": ["true", "false", ""],
        "whole": ["1", "", "3"],
        "moment": ["2026-11-03T09:15:00", "2026-11-04", ""],
        "list": ["['a']", "", "[]"],
    }


@pytest.mark.parametrize("kind", [".parquet", ".dta", ".sav", ".json"])
def test_a_row_is_blank_only_when_all_of_it_is(kind: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["x", "", "", "y"], "b": ["", "", "kept", ""]})
    path = tmp_path / f"log{kind}"
    if kind == ".parquet":
        frame.to_parquet(path)
    elif kind == ".dta":
        frame.to_stata(path, write_index=False)
    elif kind == ".sav":
        pytest.importorskip("pyreadstat").write_sav(frame, str(path))
    else:
        frame.to_json(path, orient="records")
    table = read_table(path, wanted=lambda names: ["a"])
    assert contents(table) == {"a": ["x", "", "y"]}
    assert table.row_numbers.tolist() == [2, 4, 5]
    frame.iloc[1:2].to_json(tmp_path / "blank.json", orient="records")
    with pytest.raises(DataError, match="no rows"):
        read_table(tmp_path / "blank.json")


RECORDS = [{"a": 1.0, "b": "x"}, {"a": True, "c": None}]


@pytest.mark.parametrize(
    "content",
    [
        RECORDS,
        {"rows": RECORDS},
        {"about": {"made": "2026"}, "count": 2, "rows": RECORDS},
        {"a": [1, True], "b": ["x", None], "c": [None, None]},
        {"a": {"0": 1, "1": True}, "b": {"0": "x", "1": None}, "c": {"0": None, "1": None}},
        '{"a": 1.0, "b": "x"}\n{"a": true, "c": null}\n',
        "\ufeff" + json.dumps(RECORDS),
    ],
)
def test_shapes_of_json(content: object, tmp_path: Path) -> None:
    assert from_json(content, tmp_path) == {"a": ["1", "true"], "b": ["x", ""], "c": ["", ""]}


def test_json_lines(tmp_path: Path) -> None:
    lines = '{"a": "x\u2028y"}\n\n{"a": {"deep": [1]}}\n'
    (tmp_path / "log.jsonl").write_text(lines, encoding="utf-8")
    table = read_table(tmp_path / "log.jsonl")
    assert contents(table) == {"a": ["x\u2028y", '{"deep": [1]}']}
    assert table.row_numbers.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ('[{"a": 1},\n{"a": }]', "line 2"),
        ('[{"a": 1, "a": 2}]', "'a' twice"),
        ("[[1, 2], [3, 4]]", "list of objects"),
        ('{"a": 1}', "list of objects"),
        ('{"a": [1, 2], "b": [1]}', "differ in length"),
        ('[{"a": 1' + "0" * 5000 + "}]", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ('"text"', "list of objects"),
    ],
)
def test_json_that_is_no_table(content: str, part: str, tmp_path: Path) -> None:
    found = refused(content, tmp_path)
    assert found.code == "not-json"
    assert part in found.message
    assert len(found.line()) < 400


def test_what_is_wrong_in_json_lines_has_a_line(tmp_path: Path) -> None:
    assert "line 2" in refused('{"a": 1}\nx\n', tmp_path, "log.jsonl").message
    assert "line 1" in refused('["a"]\n', tmp_path, "log.jsonl").message
    (tmp_path / "log.jsonl").write_bytes(b'{"a": 1}\n{"a": "\xe9"}')
    with pytest.raises(DataError, match="cannot be read as JSON"):
        read_table(tmp_path / "log.jsonl")
    assert refused("[]", tmp_path).code == "no-rows"
    assert refused("[{}]", tmp_path).code == "no-rows"


@pytest.mark.parametrize(
    ("name", "library", "extra"),
    [("log.parquet", "pyarrow", "parquet"), ("log.sav", "pyreadstat", "spss")],
)
def test_a_missing_library_is_named(
    name: str, library: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(UsageError) as caught:
        read_table(tmp_path / name)
    assert f'pip install "praktijktest[{extra}]"' in caught.value.message


def test_reading_needs_no_pyarrow(tmp_path: Path) -> None:
    """In a process of its own, since pandas decides at its import how it stores text."""
    frame = pd.DataFrame({"a": ["x", "1.0", ""], "b": ["é", "y;z", "q"]})
    frame.to_csv(tmp_path / "log.csv", index=False)
    frame.to_excel(tmp_path / "log.xlsx", index=False)
    frame.to_stata(tmp_path / "log.dta", write_index=False, version=118)
    frame.to_json(tmp_path / "log.json", orient="records")
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path; from praktijktest.tables import read_table\n"
        "for name in sys.argv[1:]:\n"
        "    table = read_table(Path(name))\n"
        "    print([c.texts().tolist() for c in table.columns.values()], len(table.problems))\n"
    )
    files = [str(tmp_path / f"log.{kind}") for kind in ("csv", "xlsx", "dta", "json")]
    done = subprocess.run(
        [sys.executable, "-c", code, *files], capture_output=True, text=True, check=True
    )
    expected = "[['x', '1', ''], ['é', 'y;z', 'q']] 0"
    assert done.stdout.splitlines() == [expected] * 4
