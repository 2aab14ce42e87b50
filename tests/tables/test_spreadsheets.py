"""Sheets, header rows, formulas and what a spreadsheet program leaves behind."""

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from praktijktest.problems import DataError
from praktijktest.tables import read_table
from praktijktest.tables.table import Table

FRAME = pd.DataFrame({"test": ["T1", "T2", "T3"], "outcome": [1.0, 0.0, None]})


def contents(table: Table) -> dict[str, list[str]]:
    return {name: column.texts().tolist() for name, column in table.columns.items()}


def several_sheets(folder: Path, extension: str = ".xlsx") -> Path:
    path = folder / f"log{extension}"
    with pd.ExcelWriter(str(path)) as writer:
        FRAME.to_excel(writer, sheet_name="Maart", index=False, startrow=2)
        FRAME.head(1).to_excel(writer, sheet_name="April", index=False, startrow=2)
        pd.DataFrame({"uitleg": list("abcd")}).to_excel(writer, sheet_name="Lees mij")
        FRAME.head(0).to_excel(writer, sheet_name="Mei", index=False, startrow=2)
    return path


@pytest.mark.parametrize("extension", [".xlsx", ".ods"])
def test_sheets_and_header_rows(extension: str, tmp_path: Path) -> None:
    path = several_sheets(tmp_path, extension)
    first = read_table(path, header_row=3)
    assert contents(first) == {"test": ["T1", "T2", "T3"], "outcome": ["1", "0", ""]}
    assert first.row_numbers.tolist() == [4, 5, 6]
    assert first.files == (path.name,)
    assert contents(read_table(path, sheet="April", header_row=3))["test"] == ["T1"]
    with pytest.raises(DataError) as caught:
        read_table(path, sheet="Juni")
    assert caught.value.problems[0].code == "unknown-sheet"
    assert "Maart, April" in (caught.value.problems[0].hint or "")


def test_all_sheets_of_the_log_and_no_others(tmp_path: Path) -> None:
    path = several_sheets(tmp_path)
    every = read_table(path, sheet="all", header_row=3)
    assert contents(every)["test"] == ["T1", "T2", "T3", "T1"]
    assert every.files == ("log.xlsx [Maart]", "log.xlsx [April]")
    assert [every.files[code] for code in every.file_codes][-2:] == list(every.files)
    assert every.row_numbers.tolist() == [4, 5, 6, 4]
    said = " ".join(problem.message for problem in every.problems)
    assert "Lees mij" in said
    assert "Mei" in said
    assert {problem.level for problem in every.problems} == {"warning"}


def test_a_sheet_that_lacks_a_column_still_belongs_to_the_log(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    with pd.ExcelWriter(path) as writer:
        FRAME.assign(note="x").to_excel(writer, sheet_name="a", index=False)
        FRAME.to_excel(writer, sheet_name="b", index=False)
    table = read_table(path, sheet="all")
    assert contents(table)["note"] == ["x"] * 3 + [""] * 3
    assert [(p.code, p.file) for p in table.problems] == [("column-lacking", "log.xlsx [b]")]


def test_hidden_and_chart_sheets_are_not_the_log(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["secret"])
    book.active.sheet_state = "hidden"
    book.create_chartsheet("graph")
    log = book.create_sheet("log")
    log.append(["a"])
    log.append(["1"])
    book.save(tmp_path / "log.xlsx")
    assert contents(read_table(tmp_path / "log.xlsx")) == {"a": ["1"]}
    assert contents(read_table(tmp_path / "log.xlsx", sheet="all")) == {"a": ["1"]}
    with pytest.raises(DataError, match="a header but no rows"):
        read_table(tmp_path / "log.xlsx", sheet="Sheet")


def test_a_table_that_does_not_begin_in_the_corner(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["C4"], book.active["D4"] = "a", "b"
    book.active["C5"], book.active["D7"] = "x", "y"
    book.save(tmp_path / "log.xlsx")
    table = read_table(tmp_path / "log.xlsx", header_row=4)
    assert contents(table) == {"a": ["x", ""], "b": ["", "y"]}
    assert table.row_numbers.tolist() == [5, 7]
    with pytest.raises(DataError) as caught:
        read_table(tmp_path / "log.xlsx")
    assert "row 4" in (caught.value.problems[0].hint or "")


def test_types_of_cells(tmp_path: Path) -> None:
    cells = {
        "number": 850.5,
        "code": 1,
        "truth": True,
        "date": dt.date(2026, 11, 3),
        "moment": dt.datetime(2026, 11, 3, 9, 41, 7),
        "text": "  007 ",
        "markup": "<script>alert(1)</script>",
        "formula as text": "'=1+1",
        "lines": "a\nb",
    }
    book = openpyxl.Workbook()
    book.active.append(list(cells))
    book.active.append(list(cells.values()))
    book.save(tmp_path / "log.xlsx")
    assert [text for (text,) in contents(read_table(tmp_path / "log.xlsx")).values()] == [
        "850.5",
        "1",
        "true",
        "2026-11-03",
        "2026-11-03T09:41:07",
        "007",
        "<script>alert(1)</script>",
        "'=1+1",
        "a\nb",
    ]


def test_a_formula_is_read_as_the_value_last_computed(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "log.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, ["x"])
        sheet.write_formula(1, 1, '=IF(A2="x","viewing","")', value="viewing")
    table = read_table(tmp_path / "log.xlsx")
    assert contents(table)["b"] == ["viewing"]
    assert not table.problems


def test_cells_with_an_error_and_formulas_never_computed_are_problems(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "not needed"])
    book.active.append(["x", "=1+1", "=2+2"])
    book.active.append(["y", "#N/A", ""])
    book.active["B3"].data_type = "e"
    book.active["B9"] = "=A9"
    book.save(tmp_path / "log.xlsx")
    table = read_table(tmp_path / "log.xlsx", wanted=lambda names: ["a", "b"])
    found = {(p.code, p.row, p.column, p.value, p.level) for p in table.problems}
    assert found == {
        ("formula-without-value", 2, "b", None, "error"),
        ("cell-error", 3, "b", "#N/A", "error"),
    }
    assert table.row_numbers.tolist() == [2, 3]


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["x", '=IF(A2="x","","no")'])
    book.save(tmp_path / "made.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "made.xlsx") as made,
        zipfile.ZipFile(tmp_path / "log.xlsx", "w") as saved,
    ):
        for name in made.namelist():
            # As a spreadsheet program saves a formula with a text as its result.
            saved.writestr(name, made.read(name).replace(b'<c r="B2">', b'<c r="B2" t="str">'))
    table = read_table(tmp_path / "log.xlsx")
    assert contents(table) == {"a": ["x"], "b": [""]}
    assert not table.problems


def test_a_repeated_name_and_a_column_without_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "a", None])
    book.active.append([1, 2, 3, 4])
    book.save(tmp_path / "log.xlsx")
    with pytest.raises(DataError) as caught:
        read_table(tmp_path / "log.xlsx")
    assert caught.value.problems[0].code == "duplicate-column"
    table = read_table(tmp_path / "log.xlsx", wanted=lambda names: ["b"])
    assert [p.code for p in table.problems] == ["column-without-name"]


@pytest.mark.parametrize("extension", [".xlsx", ".ods"])
def test_a_header_alone_is_no_table(extension: str, tmp_path: Path) -> None:
    FRAME.head(0).to_excel(str(tmp_path / f"log{extension}"), index=False)
    with pytest.raises(DataError, match="has a header but no rows"):
        read_table(tmp_path / f"log{extension}")
    pd.DataFrame().to_excel(str(tmp_path / f"log{extension}"), index=False)
    with pytest.raises(DataError, match="no column names in row 1"):
        read_table(tmp_path / f"log{extension}")


def test_an_old_xls(tmp_path: Path) -> None:
    xlwt = pytest.importorskip("xlwt", reason="writing .xls needs xlwt, which few have")
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("log")
    for row, cells in enumerate([["a", "b"], ["Café", 1.0], ["", ""], ["x", True]]):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.save(str(tmp_path / "log.xls"))
    table = read_table(tmp_path / "log.xls")
    assert contents(table) == {"a": ["Café", "x"], "b": ["1", "true"]}
    assert table.row_numbers.tolist() == [2, 4]
    renamed = (tmp_path / "log.xls").rename(tmp_path / "log.xlsx")
    assert contents(read_table(renamed)) == contents(table)
