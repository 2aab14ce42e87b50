"""Banks of names, second signals with their standard errors, and the form to pre-test names."""

import csv
import io
import math
from pathlib import Path

import pytest
import typer
from openpyxl import load_workbook
from typer.testing import CliRunner

from praktijktest.cli.design_names import names_command
from praktijktest.planning.name_pretest import (
    FORM_COLUMNS,
    pretest_csv,
    pretest_rows,
    pretest_workbook,
    read_answers,
    score_names,
)
from praktijktest.planning.names import (
    SECOND_SIGNALS,
    check_names,
    read_name_bank,
    second_signals,
    shipped_names,
)
from praktijktest.problems import DataError, UsageError
from praktijktest.rounds.init import init_round
from praktijktest.rounds.names import check_round_names
from tests.planning.letters_of_tests import design_of

HEADER = (
    "name,gender,origin,pretested,raters,origin_share,"
    "class,class_sd,education,education_sd,religiosity,religiosity_sd\n"
)


def bank(folder: Path, *rows: str, header: str = HEADER):
    path = folder / "names.csv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return read_name_bank(path)


def row(name: str, origin: str, share: str = "0.9", **ratings: str) -> str:
    cells = {s: ratings.get(s, "4,1").replace("/", ",") for s in SECOND_SIGNALS}
    means = ",".join(cells[s] for s in SECOND_SIGNALS)
    return f"{name},man,{origin},yes,25,{share},{means}"


def two_names(design, first: int = 2):
    """The design with so many names per profile."""
    profiles = tuple(p.model_copy(update={"names": p.names[:first]}) for p in design.profiles)
    return design.model_copy(update={"profiles": profiles})


def test_the_shipped_bank_is_marked_as_not_pretested():
    shipped = shipped_names()
    assert len(shipped.records) >= 24
    for record in shipped.records.values():
        assert not record.pretested
        assert record.origin_share is None
        assert not record.ratings
    assert {r.gender for r in shipped.records.values()} == {"man", "woman"}
    (problem,) = check_names(design_of("housing", "nl"), shipped)
    assert (problem.code, problem.level) == ("name-not-pretested", "warning")
    assert "24 names" in problem.message


def test_a_second_signal_is_the_difference_of_means_with_its_standard_error(tmp_path):
    design = two_names(design_of("housing", "nl"))
    control, test = (p.names for p in design.profiles)
    found = second_signals(design, bank(
        tmp_path,
        row(control[0], "flemish", **{"class": "5,1"}), row(control[1], "flemish"),
        row(test[0], "moroccan", **{"class": "3.5,2"}), row(test[1], "moroccan"),
    ))  # fmt: skip
    social_class = next(one for one in found if one.signal == "class")
    assert (social_class.control, social_class.test) == (4.5, 3.75)
    assert social_class.difference == -0.75
    # By hand: the four names have variances 1/25, 1/25, 4/25, 1/25; each arm has two names.
    assert social_class.se == pytest.approx(math.sqrt((1 + 1 + 4 + 1) / 25 / 4))
    assert social_class.differs
    others = [one for one in found if one.signal != "class"]
    assert [one.difference for one in others] == [0.0, 0.0]
    assert not any(one.differs for one in others)


def test_a_second_signal_is_a_warning_that_says_by_how_much(tmp_path):
    design = two_names(design_of("housing", "nl"), 1)
    control, test = (p.names[0] for p in design.profiles)
    rows = row(control, "flemish"), row(test, "moroccan", religiosity="5.5,1")
    (problem,) = check_names(design, bank(tmp_path, *rows))
    assert (problem.code, problem.level) == ("name-second-signal", "warning")
    assert problem.column == "religiosity"
    assert "+1.50 (standard error 0.28)" in problem.message


@pytest.mark.parametrize(("mean", "sd", "differs"), [
    ("4.4", "1", False),  # smaller than half a point
    ("4.5", "1", False),  # half a point, but 1.8 standard errors
    ("4.6", "1", True),
    ("4.6", "", True),  # without a standard error the size alone decides
    ("4.6", "3", False),  # large, but the raters disagree so much that it is chance
])  # fmt: skip
def test_a_difference_counts_when_it_is_large_and_no_chance_of_raters(mean, sd, differs, tmp_path):
    design = two_names(design_of("housing", "nl"), 1)
    control, test = (p.names[0] for p in design.profiles)
    found = second_signals(design, bank(
        tmp_path, row(control, "flemish"), row(test, "moroccan", education=f"{mean},{sd}"),
    ))  # fmt: skip
    assert next(one for one in found if one.signal == "education").differs is differs


def test_names_that_both_arms_share_never_differ(tmp_path):
    design = two_names(design_of("housing", "nl", "disability"), 1)
    name = design.profiles[0].names[0]
    found = second_signals(design, bank(tmp_path, row(name, "flemish", education="6,2")))
    assert [one.difference for one in found] == [0.0, 0.0, 0.0]


def test_an_origin_that_few_hear_and_a_name_that_is_not_in_the_bank_are_said(tmp_path):
    design = two_names(design_of("housing", "nl"))
    control, test = (p.names for p in design.profiles)
    problems = check_names(design, bank(
        tmp_path, row(control[0], "flemish"), row(control[1], "flemish"),
        row(test[0], "moroccan", share="0.6"),
    ))  # fmt: skip
    by_code = {problem.code: problem for problem in problems}
    assert by_code["name-weak-signal"].value == test[0]
    assert by_code["name-not-in-bank"].value == test[1]


@pytest.mark.parametrize(("rows", "column"), [
    (["A B,man,x,yes,25,1.2,4,1,4,1,4,1"], "origin_share"),
    (["A B,man,x,yes,25,0.9,8,1,4,1,4,1"], "class"),
    (["A B,man,x,yes,many,0.9,4,1,4,1,4,1"], "raters"),
    (["A B,man,x,yes,-1,0.9,4,1,4,1,4,1"], "raters"),
    (["A B,man,x,yes,5,0.9,4,1,nan,1,4,1"], "education"),
    (["A B,man,x,yes,,,,,,,,", "A  B,man,x,yes,,,,,,,,"], "name"),
])  # fmt: skip
def test_impossible_banks_are_refused_with_the_place(rows, column, tmp_path):
    with pytest.raises(DataError) as caught:
        bank(tmp_path, *rows)
    assert [(p.column, p.row) for p in caught.value.problems] == [(column, len(rows) + 1)]


def test_a_bank_without_its_columns_is_refused(tmp_path):
    with pytest.raises(DataError) as caught:
        bank(tmp_path, "A B,man", header="naam,gender\n")
    assert [p.column for p in caught.value.problems] == ["name", "origin"]


def test_a_decimal_comma_from_a_belgian_spreadsheet_is_read(tmp_path):
    path = tmp_path / "namen.csv"
    path.write_bytes("name;gender;origin;raters;class;class_sd\nZoë B;woman;x;9;4,5;1,5\n"
                     .encode("cp1252"))  # fmt: skip
    record = read_name_bank(path).records["Zoë B"]
    assert (record.ratings["class"].mean, record.ratings["class"].variance) == (4.5, 0.25)


# ------------------------------------------------------------------ the form


def test_every_rater_has_every_name_in_an_order_of_their_own():
    names = [f"Name {n}" for n in range(8)]
    rows = pretest_rows(names, 40, seed=3)
    orders = [tuple(r["name"] for r in rows if r["rater"] == str(n)) for n in range(1, 41)]
    assert all(sorted(order) == names for order in orders)
    assert len(set(orders)) == 40
    assert pretest_rows(names[::-1], 40, seed=3) == rows
    assert pretest_rows(names, 40, seed=4) != rows


def test_every_name_comes_in_every_place_about_equally_often():
    names = [f"Name {n}" for n in range(5)]
    rows = pretest_rows(names, 2000, seed=1)
    firsts = [r["name"] for r in rows if r["place"] == "1"]
    assert all(abs(firsts.count(name) - 400) < 80 for name in names)  # 4.5 standard deviations


def test_the_form_needs_names_and_raters():
    for names, raters in ([], 3), (["A B"], 0):
        with pytest.raises(UsageError):
            pretest_rows(names, raters, 1)


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_a_filled_spreadsheet_gives_the_scores(language, tmp_path):
    content = pretest_workbook(["A B", "C D"], 3, 1, language)
    assert content == pretest_workbook(["A B", "C D"], 3, 1, language)
    path = tmp_path / "form.xlsx"
    path.write_bytes(content)
    book = load_workbook(path)
    assert len(book.sheetnames) == 3
    for number, sheet in enumerate(book.worksheets):
        header = [cell.value for cell in sheet[1]]
        assert tuple(header) == FORM_COLUMNS
        for cells in sheet.iter_rows(min_row=3):
            if cells[2].value == "A B":
                cells[header.index("heard_origin")].value = ["Marokko", "marokko ", "Turkije"][
                    number
                ]
                cells[header.index("class")].value = [2, 3, 4][number]
    book.save(path)
    scores = {score.name: score for score in score_names(
        read_answers(path), {"A B": ["Marokko"], "C D": ["België"]})}  # fmt: skip
    assert scores["A B"].origin_share == pytest.approx(2 / 3)
    assert (scores["A B"].means["class"], scores["A B"].deviations["class"]) == (3.0, 1.0)
    assert scores["A B"].to_dict()["raters"] == 3
    assert (scores["C D"].raters, scores["C D"].origin_share, scores["C D"].means) == (0, None, {})


def test_the_form_as_csv_reads_back(tmp_path):
    content = pretest_csv(["A B", "=C D"], 2, 1)
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert {r["name"] for r in rows} == {"A B", "'=C D"}
    path = tmp_path / "form.csv"
    path.write_bytes(content)
    assert len(read_answers(path)) == 4


def test_a_rating_off_the_scale_is_refused_with_its_place():
    answers = [{"name": "A B", "heard_origin": "x", "class": "8", "education": "vier"}]
    with pytest.raises(DataError) as caught:
        score_names(answers, {})
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "class"), (2, "education")]


def test_the_command_checks_the_names_of_a_round_and_writes_the_form(tmp_path):
    folder = tmp_path / "r"
    init_round(folder, "housing", "fr")
    for name in ("form.xlsx", "form.csv"):
        summary = check_round_names(folder, tmp_path / name, raters=2)
        assert (summary.names, summary.pretested, summary.form) == (24, 0, name)
        assert summary.signals == ()
        assert [problem.code for problem in summary.warnings] == ["name-not-pretested"]
        assert len(read_answers(tmp_path / name)) == 48
    with pytest.raises(UsageError, match="xlsx"):
        check_round_names(folder, tmp_path / "form.pdf")
    app = typer.Typer()
    app.command()(names_command)
    done = CliRunner().invoke(app, [str(folder)])
    assert done.exit_code == 0
    assert "24 names in the design, 0 of them pre-tested" in done.output
