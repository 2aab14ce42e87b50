"""The same log in every form a city may keep it gives the same table."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from praktijktest.problems import UsageError
from praktijktest.tables import parse_numbers, parse_times, read_table
from praktijktest.tables.table import Table

FRAME = pd.DataFrame(
    {
        "test": ["T1", "T2", "T3"],
        "code": [1.0, 0.0, np.nan],
        "huur": [850.5, 700.0, 1020.25],
        "note": ["Café", "", "NA"],
        "when": [dt.datetime(2026, 11, 3, 9, 15), dt.datetime(2026, 11, 4), None],
    }
)
EXPECTED = {
    "test": ["T1", "T2", "T3"],
    "code": ["1", "0", ""],
    "huur": ["850.5", "700", "1020.25"],
    "note": ["Café", "", "NA"],
    "when": ["2026-11-03T09:15:00", "2026-11-04", ""],
}


def save(name: str, folder: Path, frame: pd.DataFrame = FRAME) -> Path:
    path = folder / name
    if path.suffix in (".xlsx", ".ods"):
        frame.to_excel(str(path), index=False)  # of a Path, pandas ignores the extension
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".dta":
        frame.to_stata(path, write_index=False, version=118)
    elif path.suffix == ".sav":
        pytest.importorskip("pyreadstat").write_sav(frame, str(path))
    elif path.suffix == ".json":
        frame.to_json(path, orient="records", date_format="iso")
    elif path.suffix == ".jsonl":
        frame.to_json(path, orient="records", lines=True, date_format="iso")
    elif name == "belgian.csv":
        frame.to_csv(
            path, index=False, sep=";", decimal=",", encoding="cp1252", lineterminator="\r\n"
        )
    else:
        frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    return path


def contents(table: Table) -> dict[str, list[str]]:
    return {name: list(column.texts()) for name, column in table.columns.items()}


@pytest.mark.parametrize("name", ["l.xlsx", "l.ods", "l.parquet", "l.dta", "l.sav"])
def test_typed_formats_give_the_same_texts(name: str, tmp_path: Path) -> None:
    table = read_table(save(name, tmp_path))
    assert contents(table) == EXPECTED
    assert list(table.row_numbers) == [2, 3, 4]
    assert (table.files, table.rows_read, table.rows_skipped) == ((name,), 3, 0)
    assert not table.problems


@pytest.mark.parametrize("name", ["l.csv", "l.tsv", "l.txt", "belgian.csv", "l.json", "l.jsonl"])
def test_text_formats_give_the_same_values(name: str, tmp_path: Path) -> None:
    table = read_table(save(name, tmp_path))
    found = contents(table)
    assert list(table.row_numbers) == [2, 3, 4]
    assert [p.code for p in table.problems] == (["encoding"] if name == "belgian.csv" else [])
    assert parse_numbers(found.pop("huur"))[0].tolist() == [850.5, 700.0, 1020.25]
    times = parse_times(found.pop("when")).values.astype(str)
    assert times.tolist() == parse_times(EXPECTED["when"]).values.astype(str).tolist()
    assert found == {name: EXPECTED[name] for name in ("test", "code", "note")}


def test_missing_files_folders_and_unknown_kinds(tmp_path: Path) -> None:
    save("logboek.xlsx", tmp_path)
    with pytest.raises(UsageError, match=r"Did you mean logboek\.xlsx"):
        read_table(tmp_path / "logbook.xlsx")
    with pytest.raises(UsageError, match="folder"):
        read_table(tmp_path)
    (tmp_path / "log.docx").write_bytes(b"x")
    with pytest.raises(UsageError, match=r"\.docx"):
        read_table(tmp_path / "log.docx")
