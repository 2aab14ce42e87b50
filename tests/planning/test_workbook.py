"""The field workbook: locked plan, working lists, and the same rows back."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from praktijktest.planning.plan_file import slots_digest
from praktijktest.planning.workbook import FILLED, read_workbook, workbook_bytes
from praktijktest.problems import DataError, UsageError
from tests.planning.letters_of_tests import design_of, plan_of, planned


def some_plan(*testers: str):
    design = design_of("housing", "nl")
    rows = [
        planned(
            design,
            application=f"t{number:04d}-1",
            test=f"t{number:04d}",
            target=f"T{number:03d}",
            tester=testers[number % len(testers)],
            strata={"agent_type": "makelaar", "district": "noord"},
        )
        for number in range(6)
    ]
    return design, plan_of(design, rows)


def written(folder: Path, plan, design) -> Path:
    path = folder / "plan.xlsx"
    path.write_bytes(workbook_bytes(plan, design))
    return path


def as_texts(plan) -> list[dict[str, str]]:
    return [{name: str(cell) for name, cell in row.to_dict().items()} for row in plan.applications]


def test_the_workbook_reads_back_as_the_plan_with_what_was_filled_in(tmp_path):
    design, plan = some_plan("Els", "Jan")
    path = written(tmp_path, plan, design)
    empty = read_workbook(path)
    expected = [{**row, **dict.fromkeys(FILLED, "")} for row in as_texts(plan)]
    by_id = {row["application"]: row for row in empty.rows}
    assert by_id == {row["application"]: row for row in expected}
    assert (empty.round_id, empty.format) == (plan.round_id, 1)
    assert empty.slots_sha256 == slots_digest(as_texts(plan))

    book = load_workbook(path)
    sheet = book["Jan"]
    header = [cell.value for cell in sheet[1]]
    sheet.cell(2, header.index("outcome") + 1).value = "viewing-individual"
    sheet.cell(2, header.index("note") + 1).value = "=SUM(1,2) zei de man"
    application = sheet.cell(2, header.index("application") + 1).value
    book.create_sheet("eigen notities")["A1"] = "iets"
    book.save(path)
    filled = {row["application"]: row for row in read_workbook(path).rows}
    assert filled[application]["outcome"] == "viewing-individual"
    assert len(filled) == len(plan.applications)
    del filled[application], by_id[application]
    assert filled == by_id


def test_equal_plans_give_equal_bytes():
    design, plan = some_plan("Els", "Jan")
    assert workbook_bytes(plan, design) == workbook_bytes(plan, design)
    changed = replace(plan, applications=plan.applications[:-1])
    assert workbook_bytes(changed, design) != workbook_bytes(plan, design)


def test_the_plan_is_locked_and_what_testers_fill_in_is_open(tmp_path):
    design, plan = some_plan("Els")
    sheet = load_workbook(written(tmp_path, plan, design))["Els"]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    header = [cell.value for cell in sheet[1]]
    for cells in sheet.iter_rows(min_row=1, max_row=7):
        for name, cell in zip(header, cells, strict=True):
            is_open = name in FILLED and cell.row > 1
            assert cell.protection.locked is not is_open, (name, cell.row)


def test_the_lists_hold_the_codes_of_the_design(tmp_path):
    design, plan = some_plan("Els")
    book = load_workbook(written(tmp_path, plan, design))
    sheet, lists = book["Els"], book["lists"]
    assert lists.sheet_state == "hidden"
    assert book["version"].sheet_state == "veryHidden"
    header = [cell.value for cell in sheet[1]]
    found = {}
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list":
            name, _, area = rule.formula1.partition("!")
            (cells,) = rule.sqref.ranges
            column = header[cells.min_col - 1]
            assert name == "lists"
            assert (cells.min_row, cells.max_row) == (2, 7)
            found[column] = [cell.value for (cell,) in lists[area.replace("$", "")]]
    assert found["outcome"] == list(design.outcome_codes())
    assert found["failed"] == list(design.failed_codes())
    assert found["evidence"] == ["none", "comparative", "explicit"]


def test_the_codes_are_explained_in_the_language_of_the_round(tmp_path):
    design, plan = some_plan("Els")
    lines = dict(load_workbook(written(tmp_path, plan, design))["codes"].iter_rows(
        values_only=True, max_col=2))  # fmt: skip
    assert lines["no-reply"] == "geen antwoord"
    assert set(design.outcome_codes()) | set(design.failed_codes()) <= set(lines)


def test_text_that_looks_like_a_formula_or_a_link_stays_text(tmp_path):
    design, plan = some_plan("Els")
    nasty = '=HYPERLINK("https://evil.example")'
    rows = (replace(plan.applications[0], contact=nasty, advert="0012", target="1e5"),)
    path = written(tmp_path, replace(plan, applications=rows), design)
    (row,) = read_workbook(path).rows
    assert (row["contact"], row["advert"], row["target"]) == (nasty, "0012", "1e5")
    cells = [c for cells in load_workbook(path)["Els"].iter_rows() for c in cells]
    assert {c.data_type for c in cells if c.value is not None} <= {"s", "n", "inlineStr"}
    assert all(cell.hyperlink is None for cell in cells)


@pytest.mark.parametrize("testers", [
    ("",), ("Els", "els", "ELS"), ("a" * 40, "a" * 41), ("[x]:*?/\\", "'x'"),
    ("lists", "version", "History", "codes"), ("É", "e"),
])  # fmt: skip
def test_any_tester_gets_a_sheet_that_a_spreadsheet_accepts(testers, tmp_path):
    design, plan = some_plan(*testers)
    path = written(tmp_path, plan, design)
    names = load_workbook(path).sheetnames
    assert len({name.casefold() for name in names}) == len(names)
    assert len(names) == len({row.tester for row in plan.applications}) + 3
    rows = {row["application"]: row["tester"] for row in read_workbook(path).rows}
    assert rows == {row.application: row.tester for row in plan.applications}


def test_what_a_spreadsheet_does_to_numbers_and_dates_is_undone(tmp_path):
    design, plan = some_plan("Els")
    path = written(tmp_path, plan, design)
    book = load_workbook(path)
    sheet = book["Els"]
    header = [cell.value for cell in sheet[1]]
    from datetime import datetime

    sheet.cell(2, header.index("note") + 1).value = 3.0
    sheet.cell(2, header.index("sent_at") + 1).value = datetime(2027, 2, 1, 9, 20)
    book.save(path)
    row = read_workbook(path).rows[0]
    assert (row["note"], row["sent_at"]) == ("3", "2027-02-01T09:20:00")


def test_what_is_no_field_workbook_is_refused(tmp_path):
    design, plan = some_plan("Els")
    with pytest.raises(UsageError):
        read_workbook(tmp_path / "none.xlsx")
    (tmp_path / "text.xlsx").write_text("no", "utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        read_workbook(tmp_path / "text.xlsx")
    path = written(tmp_path, plan, design)
    for sheet in ("Els", "version"):
        book = load_workbook(path)
        book["codes"].sheet_state = "visible"
        del book[sheet]
        book.save(tmp_path / "spoilt.xlsx")
        with pytest.raises(DataError) as caught:
            read_workbook(tmp_path / "spoilt.xlsx")
        assert sheet in caught.value.problems[0].message


def test_libreoffice_opens_it_and_keeps_lists_and_rows(tmp_path):
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    design, plan = some_plan("Els", "Jan")
    path = written(tmp_path, plan, design)
    out = tmp_path / "out"
    subprocess.run(
        [program, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(path)],
        check=True, timeout=120, capture_output=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    again = out / "plan.xlsx"
    assert read_workbook(again).rows == read_workbook(path).rows
    rules = load_workbook(again)["Els"].data_validations.dataValidation
    assert "list" in {rule.type for rule in rules}
