"""A coding sheet is written, filled in and read back."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from praktijktest.fieldwork.coding_sheet import (
    Item,
    SheetRow,
    read_sheet,
    reply_codes,
    sheet_csv,
    sheet_workbook,
)
from praktijktest.problems import DataError, UsageError
from tests.fieldwork.made_rounds import design

ITEMS = [
    Item("it-1", "mail", "U kan komen kijken.\nTot dan"),
    Item("it-2", "sms", "=1+1 is geen formule"),
    Item("it-3", "phone", "x" * 40_000 + "\x07"),
]


def workbook(path: Path) -> Path:
    path.write_bytes(sheet_workbook(ITEMS, "gent", "P-an", design()))
    return path


def test_equal_items_give_equal_bytes():
    one, other = (sheet_workbook(ITEMS, "gent", "P-an", design()) for _ in range(2))
    assert one == other


def test_a_filled_workbook_is_read_back(tmp_path):
    book = openpyxl.load_workbook(workbook(tmp_path / "s.xlsx"))
    sheet = book["coding"]
    sheet["D2"], sheet["E2"], sheet["F2"] = "viewing-individual ", "none", "duidelijk"
    sheet["H1"], sheet["H2"] = "own column", "own remark"
    sheet["D4"] = "refused"
    book.create_sheet("mine")
    book.save(tmp_path / "s.xlsx")
    found = read_sheet(tmp_path / "s.xlsx")
    assert (found.round_id, found.coder, found.file) == ("gent", "P-an", "s.xlsx")
    assert found.rows == (
        SheetRow(2, "it-1", "viewing-individual", "none", "duidelijk"),
        SheetRow(3, "it-2", "", "", ""),
        SheetRow(4, "it-3", "refused", "", ""),
    )


@pytest.mark.parametrize("change", [str, lambda t: t.replace(",", ";")])
def test_a_filled_csv_is_read_back_in_any_dialect(tmp_path, change):
    text = sheet_csv(ITEMS[:1], "gent", "P-an").decode("utf-8")
    text = change(text.replace(",,,,gent", ",refused,none,,gent"))
    (tmp_path / "s.csv").write_text(text, encoding="utf-8-sig")
    found = read_sheet(tmp_path / "s.csv")
    assert (found.round_id, found.coder) == ("gent", "P-an")
    assert found.rows == (SheetRow(2, "it-1", "refused", "none", ""),)


def test_words_are_text_and_never_a_formula(tmp_path):
    sheet = openpyxl.load_workbook(workbook(tmp_path / "s.xlsx"))["coding"]
    assert sheet["C3"].value == "=1+1 is geen formule"
    assert sheet["C3"].data_type == "s"
    assert "'=1+1" in sheet_csv(ITEMS, "gent", "P-an").decode("utf-8")
    with zipfile.ZipFile(tmp_path / "s.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_long_words_fit_in_a_cell(tmp_path):
    sheet = openpyxl.load_workbook(workbook(tmp_path / "s.xlsx"))["coding"]
    assert len(sheet["C4"].value) < 32_767
    assert sheet["C4"].value.endswith("[…]")


def test_codes_are_a_list_to_choose_from(tmp_path):
    book = openpyxl.load_workbook(workbook(tmp_path / "s.xlsx"))
    validations = book["coding"].data_validations.dataValidation
    assert {str(one.sqref) for one in validations} == {"D2:D4", "E2:E4"}
    assert [cell.value for cell in book["lists"]["A"]][1:] == list(reply_codes(design()))
    assert book["lists"].sheet_state == "hidden"
    assert book["version"].sheet_state == "veryHidden"
    assert "no-reply" not in reply_codes(design())
    assert "bounced" in reply_codes(design())


def test_nothing_on_the_sheet_but_item_channel_and_words(tmp_path):
    sheet = openpyxl.load_workbook(workbook(tmp_path / "s.xlsx"))["coding"]
    assert [cell.value for cell in sheet[1]] == [
        "item",
        "channel",
        "words",
        "code",
        "evidence",
        "note",
    ]


def spoil_renamed(path):
    book = openpyxl.load_workbook(path)
    book["coding"].title = "mijn blad"
    book.save(path)


def spoil_column(path):
    book = openpyxl.load_workbook(path)
    book["coding"]["D1"] = "mijn code"
    book.save(path)


def spoil_version(path):
    book = openpyxl.load_workbook(path)
    book["version"]["B2"] = "99"
    book.save(path)


def spoil_other(path):
    book = openpyxl.Workbook()
    book.save(path)


def spoil_bytes(path):
    path.write_bytes(b"no workbook at all")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_renamed, "'coding' is missing"),
        (spoil_column, "lacks the column code"),
        (spoil_version, "version 99"),
        (spoil_other, "no sheet 'version'"),
        (spoil_bytes, "not a spreadsheet"),
    ],
)
def test_a_spoilt_workbook_is_refused_with_the_reason(tmp_path, spoil, said):
    path = workbook(tmp_path / "s.xlsx")
    spoil(path)
    with pytest.raises(DataError) as refused:
        read_sheet(path)
    (problem,) = refused.value.problems
    assert said in problem.message
    assert problem.file == "s.xlsx"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version", "v", "lacks the columns version"),
        ("praktijktest-coding/1", "x", "'version' was changed"),
        ("praktijktest-coding/1", "praktijktest-coding/2", "version 2"),
        ("item", "id", "lacks the column item"),
    ],
)
def test_a_spoilt_csv_is_refused_with_the_reason(tmp_path, old, new, said):
    path = tmp_path / "s.csv"
    path.write_bytes(sheet_csv(ITEMS, "gent", "P-an").replace(old.encode(), new.encode()))
    with pytest.raises(DataError) as refused:
        read_sheet(path)
    assert said in refused.value.problems[0].message


def test_rows_of_two_sheets_in_one_file_are_refused(tmp_path):
    rows = sheet_csv(ITEMS[:1], "gent", "P-bea").split(b"\n", 1)[1]
    (tmp_path / "s.csv").write_bytes(sheet_csv(ITEMS[:1], "gent", "P-an") + rows)
    with pytest.raises(DataError) as refused:
        read_sheet(tmp_path / "s.csv")
    assert "several sheets" in refused.value.problems[0].message


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match=r"no file s\.xlsx"):
        read_sheet(tmp_path / "s.xlsx")
