"""Spreadsheets, Stata, SPSS, Parquet and JSON give the same table as CSV."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from praktijktest.problems import DataError, UsageError
from praktijktest.tables import as_text, parse_numbers, parse_times, read_table
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
    kind = path.suffix
    if kind in (".xlsx", ".ods"):
        frame.to_excel(str(path), index=False)
    elif kind == ".parquet":
        frame.to_parquet(path)
    elif kind == ".dta":
        frame.to_stata(path, write_index=False, version=118)
    elif kind == ".sav":
        import pyreadstat

        pyreadstat.write_sav(frame, path)
    elif kind == ".json":
        frame.to_json(path, orient="records", date_format="iso")
    elif kind == ".jsonl":
        frame.to_json(path, orient="records", lines=True, date_format="iso")
    return path


def contents(table: Table) -> dict[str, list[str]]:
    return {name: list(column.texts()) for name, column in table.columns.items()}


@pytest.mark.parametrize("name", ["l.xlsx", "l.ods", "l.parquet", "l.dta", "l.sav"])
def test_typed_formats_give_the_same_texts(name: str, tmp_path: Path) -> None:
    table = read_table(save(name, tmp_path))
    assert contents(table) == EXPECTED
    assert list(table.row_numbers) == [2, 3, 4]


@pytest.mark.parametrize("name", ["l.json", "l.jsonl"])
def test_json_gives_the_same_texts(name: str, tmp_path: Path) -> None:
    found = contents(read_table(save(name, tmp_path)))
    when = parse_times(found.pop("when")).values
    assert found == {key: value for key, value in EXPECTED.items() if key != "when"}
    assert when.astype(str).tolist() == parse_times(EXPECTED["when"]).values.astype(str).tolist()


def test_value_labels_are_read_as_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({"test": ["a", "b"], "origin": pd.Categorical(["Vlaams", "Turks"])})
    assert contents(read_table(save("l.dta", tmp_path, frame)))["origin"] == ["Vlaams", "Turks"]


def test_json_of_columns_of_a_wrapped_list_and_of_mixed_types(tmp_path: Path) -> None:
    path = tmp_path / "l.json"
    path.write_text(json.dumps({"a": [1, True], "b": ["x", None]}), encoding="utf-8")
    assert contents(read_table(path)) == {"a": ["1", "true"], "b": ["x", ""]}
    path.write_text(json.dumps({"rows": [{"a": 1.0}, {"b": "y"}]}), encoding="utf-8")
    assert contents(read_table(path)) == {"a": ["1", ""], "b": ["", "y"]}


def two_sheets(folder: Path) -> Path:
    path = folder / "log.xlsx"
    with pd.ExcelWriter(path) as writer:
        FRAME.to_excel(writer, sheet_name="Maart", index=False, startrow=2)
        FRAME.head(1).to_excel(writer, sheet_name="April", index=False, startrow=2)
        pd.DataFrame({"uitleg": ["x", "y", "z", "w"]}).to_excel(writer, sheet_name="Lees mij")
    return path


def test_sheets_and_header_rows(tmp_path: Path) -> None:
    path = two_sheets(tmp_path)
    first = read_table(path, header_row=3)
    assert contents(first)["test"] == ["T1", "T2", "T3"]
    assert list(first.row_numbers) == [4, 5, 6]
    every = read_table(path, sheet="all", header_row=3)
    assert contents(every)["test"] == ["T1", "T2", "T3", "T1"]
    assert every.files[:2] == ("log.xlsx [Maart]", "log.xlsx [April]")
    assert contents(read_table(path, sheet="April", header_row=3))["test"] == ["T1"]
    with pytest.raises(DataError) as caught:
        read_table(path, sheet="Mei")
    assert "Maart, April" in (caught.value.problems[0].hint or "")


def test_formulas_in_a_spreadsheet_are_text(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["a", "b"])
    sheet.append(["<b>x</b>", "'=1+1"])
    book.save(tmp_path / "l.xlsx")
    assert contents(read_table(tmp_path / "l.xlsx")) == {"a": ["<b>x</b>"], "b": ["'=1+1"]}


@pytest.mark.parametrize("name", ["l.xlsx", "l.ods", "l.parquet", "l.dta", "l.sav", "l.json"])
@pytest.mark.parametrize("keep", [0, 5, 60, 0.5])
def test_files_cut_short_are_refused(name: str, keep: float, tmp_path: Path) -> None:
    path = save(name, tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep >= 1 or keep == 0 else len(content) * keep)])
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert caught.value.problems[0].file == name


def test_a_password_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "geheim.xlsx"
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le")
    )
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert caught.value.problems[0].code == "password"


def test_a_spreadsheet_named_csv_is_read_for_what_it_is(tmp_path: Path) -> None:
    path = save("l.xlsx", tmp_path).rename(tmp_path / "l.csv")
    assert contents(read_table(path)) == EXPECTED


def test_missing_files_folders_and_unknown_kinds(tmp_path: Path) -> None:
    save("logboek.xlsx", tmp_path)
    with pytest.raises(UsageError, match=r"Did you mean logboek\.xlsx"):
        read_table(tmp_path / "logbook.xlsx")
    with pytest.raises(UsageError, match="folder"):
        read_table(tmp_path)
    (tmp_path / "log.docx").write_bytes(b"x")
    with pytest.raises(UsageError, match=r"\.docx"):
        read_table(tmp_path / "log.docx")


def test_numbers_with_either_decimal_mark() -> None:
    numbers, bad = parse_numbers(["850,5", "850.5", "-3", "1e3", "", "1.234,5", "x", "1 000"])
    assert numbers[:4].tolist() == [850.5, 850.5, -3.0, 1000.0]
    assert bad.tolist() == [False] * 5 + [True] * 3


def test_times_in_iso_and_day_first_and_nothing_else() -> None:
    values = [
        "2026-11-03",
        "2026-11-03 09:15",
        "2026-11-03T09:15:00+01:00",
        "3/11/2026",
        "03-11-2026 9:15",
        "3.11.2026",
        "",
        "11/13/2026",
        "2026-02-30",
        "Nov 3",
        "3/11/26",
    ]
    times = parse_times(values)
    as_iso = [str(value)[:16] for value in times.values]
    assert as_iso[:6] == [
        "2026-11-03T00:00",
        "2026-11-03T09:15",
        "2026-11-03T08:15",
        "2026-11-03T00:00",
        "2026-11-03T09:15",
        "2026-11-03T00:00",
    ]
    assert times.bad.tolist() == [False] * 7 + [True] * 4
    assert set(times.styles) == {"iso", "day/month/year", "day-month-year", "day.month.year"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (850.5, "850.5"),
        (True, "true"),
        (None, ""),
        (float("nan"), ""),
        (pd.NaT, ""),
        (pd.NA, ""),
        (dt.date(2026, 11, 3), "2026-11-03"),
        (np.int64(4), "4"),
        (dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC), "2026-11-03T09:00:00+00:00"),
        (1e20, "1e+20"),
    ],
)
def test_typed_cells_as_text(value: object, text: str) -> None:
    assert as_text(value) == text


def test_a_parquet_file_without_its_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save("l.parquet", tmp_path)
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"praktijktest\[parquet\]"):
        read_table(path)
