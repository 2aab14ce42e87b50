"""What the log may look like: windows, replies, recoding, wide logs, retests, bad rows."""

from datetime import datetime
from pathlib import Path

import pytest

from praktijktest.problems import DataError
from praktijktest.rounds.analyse import analyse
from tests.analysis.logs import ORIGIN, cells, codes, contrast, pair, pairs, run, write_log

WINDOW = ORIGIN + '[test]\nkind = "paired"\nresponse_days = 14\n'
TIMES = ("test", "target", "origin", "outcome", "sent_at", "replied_at")


def timed(test: str, *replies: tuple[str, str, str]) -> list[tuple[str, ...]]:
    levels = ("flemish", "moroccan")
    return [(test, "A", level, *reply) for level, reply in zip(levels, replies, strict=True)]


def test_silence_is_pending_while_its_window_is_open(tmp_path: Path) -> None:
    design = WINDOW + '[reading]\nmissing_outcome = "no-reply"\n'
    rows = [
        *timed(
            "t1",
            ("viewing-group", "2026-11-01T09:00", "2026-11-02T10:00"),
            ("", "2026-11-01T13:00", ""),
        ),
        *timed(
            "t2",
            ("viewing-group", "2026-11-19T09:00", "2026-11-20T10:00"),
            ("", "2026-11-19T13:00", ""),
        ),
    ]
    analysis = run(tmp_path, rows, design, TIMES)
    document = analysis.to_dict()
    assert document["data"]["pending"] == 1
    assert document["data"]["tests_pending"] == 1
    assert document["method"]["as_of"] == "2026-11-20T10:00:00"
    assert cells(contrast(analysis)) == (0, 1, 0, 0)
    later = run(tmp_path, rows, design, TIMES, as_of=datetime(2026, 12, 24))
    assert later.to_dict()["data"]["pending"] == 0
    assert cells(contrast(later)) == (0, 2, 0, 0)


def test_a_reply_after_the_window_is_silence_and_shown_in_the_sensitivity_table(
    tmp_path: Path,
) -> None:
    rows = timed(
        "t1",
        ("viewing-group", "2026-11-01", "2026-11-02"),
        ("viewing-group", "2026-11-01", "2026-11-29"),
    )
    analysis = run(tmp_path, rows, WINDOW, TIMES)
    assert cells(contrast(analysis)) == (0, 1, 0, 0)
    late = [
        row
        for row in analysis.to_dict()["sensitivity"]
        if row["name"] == "late-replies-counted" and row["rule"] == "strict"
    ]
    assert late[0]["cells"]["both"] == 1
    assert analysis.to_dict()["data"]["late_replies"] == 1


def test_an_empty_outcome_is_an_error_unless_the_design_says_what_it_means(
    tmp_path: Path,
) -> None:
    rows = [*pairs("ab"), ("t9", "A", "flemish", ""), ("t9", "A", "moroccan", "refused")]
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows)
    problem = caught.value.problems[0]
    assert (problem.code, problem.row, problem.file) == ("empty-outcome", 6, "log.csv")
    meant = run(tmp_path, rows, ORIGIN + '[reading]\nmissing_outcome = "no-reply"\n')
    assert cells(contrast(meant)) == (1, 1, 0, 1)


def test_all_problems_come_at_once_with_place_value_and_nearest_code(tmp_path: Path) -> None:
    rows = [
        *pairs("ab"),
        ("t8", "A", "flemish", "viewing-grup"),
        ("", "A", "moroccan", "refused"),
        ("t9", "A", "moroccan", "=cmd|'/c calc'!A1"),
    ]
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows)
    found = {problem.code: problem for problem in caught.value.problems}
    assert set(found) == {"unknown-outcome", "empty-test"}
    first = next(p for p in caught.value.problems if p.value == "viewing-grup")
    assert (first.row, first.column) == (6, "outcome")
    assert "viewing-group" in (first.hint or "")
    assert found["empty-test"].row == 7


def test_bad_rows_can_be_left_out_and_stay_counted(tmp_path: Path) -> None:
    rows = [*pairs("abc"), ("t9", "A", "flemish", "??"), ("t9", "A", "moroccan", "refused")]
    analysis = run(tmp_path, rows, skip_bad_rows=True)
    data = analysis.to_dict()["data"]
    assert (data["rows_read"], data["rows_skipped"], data["rows_used"]) == (8, 1, 7)
    assert contrast(analysis)["tests_incomplete"] == 1
    assert all(problem["level"] == "warning" for problem in data["problems"])


DOUBLE = [
    ("t1", "A", "flemish", "1", "no-reply"),
    ("t1", "A", "flemish", "1", "viewing-group"),
    ("t1", "A", "moroccan", "2", "refused"),
]
NUMBERED = ("test", "target", "origin", "position", "outcome")


def test_an_application_in_the_log_twice_is_an_error_or_several_replies(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(tmp_path, DOUBLE, header=NUMBERED)
    assert codes(caught.value.problems) == ["duplicate-application"]
    best = run(tmp_path, DOUBLE, ORIGIN + '[reading]\ncontacts = "best"\n', NUMBERED)
    assert cells(contrast(best)) == (0, 1, 0, 0)
    assert best.to_dict()["data"]["applications"] == 2


def test_the_last_of_several_replies_is_told_by_its_time(tmp_path: Path) -> None:
    header = (*NUMBERED, "replied_at")
    rows = [
        (*DOUBLE[0][:4], "viewing-group", "2026-11-02"),
        (*DOUBLE[1][:4], "withdrawn", "2026-11-05"),
        (*DOUBLE[2], "2026-11-02"),
    ]
    design = ORIGIN + '[reading]\ncontacts = "last"\n'
    for order in (rows, rows[::-1]):
        assert cells(contrast(run(tmp_path, order, design, header))) == (0, 0, 0, 1)
    with pytest.raises(DataError) as caught:
        run(tmp_path, DOUBLE, design, NUMBERED)
    assert "no-reply-times" in codes(caught.value.problems)


def test_spreadsheet_numbers_and_truths_match_the_codes(tmp_path: Path) -> None:
    design = ORIGIN.replace(
        'scheme = "housing"',
        'scheme = "custom"\n[outcomes.labels]\n1 = "yes"\n0 = "no"\n'
        '[outcomes.positive]\nbroad = ["1"]',
    )
    rows = [
        ("t1", "A", "flemish", "1.0"),
        ("t1", "A", "moroccan", "0,0"),
        ("t2", "A", "flemish", "1"),
        ("t2", "A", "moroccan", "1"),
    ]
    assert cells(contrast(run(tmp_path, rows, design))) == (1, 1, 0, 0)
    truth = design.replace("1 = ", "TRUE = ").replace("0 = ", "FALSE = ").replace('"1"', '"TRUE"')
    rows = [("t1", "A", "flemish", "True"), ("t1", "A", "moroccan", "false")]
    assert cells(contrast(run(tmp_path, rows, truth))) == (0, 1, 0, 0)


def test_na_is_text_and_only_an_empty_cell_is_empty(tmp_path: Path) -> None:
    rows = [(t.replace("t", "NA"), "NA", o, r) for t, _, o, r in pairs("ab")]
    document = run(tmp_path, rows).to_dict()
    assert [row["target"] for row in document["targets"]] == ["NA"]


def test_values_are_recoded_and_keys_composed(tmp_path: Path) -> None:
    design = ORIGIN + (
        '[columns]\ntest = ["firm", "advert_no"]\ntarget = "firm"\noutcome = "reactie"\n'
        '[columns.attributes]\norigin = "herkomst"\n'
        '[columns.values.origin]\nVlaams = "flemish"\nMarokkaans = "moroccan"\n'
        '[columns.values.outcome]\nuitgenodigd = "viewing-individual"\ngeweigerd = "refused"\n'
    )
    header = ("firm", "advert_no", "herkomst", "reactie")
    rows = [
        ("F1", "1", "Vlaams", "uitgenodigd"),
        ("F1", "1", "Marokkaans", "geweigerd"),
        ("F1", "2", "Vlaams", "uitgenodigd"),
        ("F1", "2", "Marokkaans", "uitgenodigd"),
        ("F2", "1", "Vlaams", "geweigerd"),
        ("F2", "1", "Marokkaans", "geweigerd"),
    ]
    entry = contrast(run(tmp_path, rows, design, header))
    assert cells(entry) == (1, 1, 0, 1)
    assert entry["targets"] == 2


WIDE = """
format = 1
[round]
id = "wide"
title = "A wide log"
market = "housing"
[[contrast]]
id = "origin"
attribute = "origin"
ground = "origin"
control = "flemish"
test = "moroccan"
[outcomes]
scheme = "housing"
[columns]
target = "kantoor"
[[columns.wide]]
profile = "flemish"
outcome = "Vlaming"
[[columns.wide]]
profile = "moroccan"
outcome = "Marokkaan"
"""


def test_a_wide_log_has_one_row_per_advert(tmp_path: Path) -> None:
    rows = [
        ("K1", "viewing-group", "no-reply"),
        ("K1", "viewing-group", "viewing-group"),
        ("K2", "refused", "viewing-group"),
    ]
    analysis = run(tmp_path, rows, WIDE, ("kantoor", "Vlaming", "Marokkaan"))
    assert cells(contrast(analysis)) == (1, 1, 1, 0)
    data = analysis.to_dict()["data"]
    assert (data["rows_read"], data["rows_used"], data["applications"]) == (3, 3, 6)
    assert data["tests"] == 3


def test_a_wide_log_gives_the_same_numbers_as_the_long_one(tmp_path: Path) -> None:
    long = run(
        tmp_path,
        pairs("aabbcd", "K1") + pairs("bbd", "K2"),
        header=("test", "target", "origin", "outcome"),
    ).to_dict()
    by_test: dict[str, list[str]] = {}
    for test, target, _, outcome in pairs("aabbcd", "K1") + pairs("bbd", "K2"):
        by_test.setdefault(test, [target]).append(outcome)
    wide = run(tmp_path, by_test.values(), WIDE, ("kantoor", "Vlaming", "Marokkaan")).to_dict()
    for key in ("contrasts", "levels", "outcomes"):
        assert wide[key] == long[key]
    assert [row["cells"] for row in wide["targets"]] == [row["cells"] for row in long["targets"]]


def test_an_optional_applicant_without_cells_was_not_part_of_the_test(tmp_path: Path) -> None:
    design = WIDE + "optional = true\n"
    rows = [("K1", "viewing-group", "no-reply"), ("K1", "viewing-group", "")]
    entry = contrast(run(tmp_path, rows, design, ("kantoor", "Vlaming", "Marokkaan")))
    assert (entry["n"], entry["tests_incomplete"]) == (1, 1)


def test_only_rows_that_keep_names_take_part(tmp_path: Path) -> None:
    design = ORIGIN + '[reading.keep]\nsample = ["1"]\n'
    header = ("test", "target", "origin", "outcome", "sample")
    rows = [(*row, "1.0") for row in pairs("ab", "A")] + [(*row, "0") for row in pairs("c", "B")]
    analysis = run(tmp_path, rows, design, header)
    assert cells(contrast(analysis)) == (1, 1, 0, 0)
    assert analysis.to_dict()["data"]["rows_left_out"] == 2


def test_retests_are_never_pooled_with_the_screening(tmp_path: Path) -> None:
    header = ("test", "target", "origin", "outcome", "phase")
    rows = [(*row, "screen") for row in pairs("ab", "A")]
    rows += [(*row, "confirm") for row in pairs("bbbb", "A", "r")]
    analysis = run(tmp_path, rows, header=header)
    assert cells(contrast(analysis)) == (1, 1, 0, 0)
    assert "retests-apart" in codes(analysis.problems)
    confirm = run(tmp_path, rows, ORIGIN + '[reading.keep]\nphase = ["confirm"]\n', header)
    assert cells(contrast(confirm)) == (0, 4, 0, 0)


def test_several_stages_are_refused_with_the_way_out(tmp_path: Path) -> None:
    header = ("test", "target", "origin", "outcome", "stage")
    rows = [(*row, stage) for stage in ("contact", "viewing") for row in pairs("ab", prefix=stage)]
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, header=header)
    assert "several-stages" in codes(caught.value.problems)
    assert 'stage = ["contact"]' in (caught.value.problems[0].hint or "")


def test_a_test_with_two_targets_is_an_error(tmp_path: Path) -> None:
    rows = [*pairs("ab"), pair("t9", "a", "B")[0], pair("t9", "a", "C")[1]]
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows)
    assert [(p.code, p.value) for p in caught.value.problems] == [
        ("several-targets", "B"),
        ("several-targets", "C"),
    ]


def test_a_missing_column_names_the_key_and_the_nearest_column(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(tmp_path, [], header=("test", "target", "origin", "outcom"))
    found = caught.value.problems
    assert found
    assert all(problem.file in (None, "log.csv") for problem in found)


def test_dates_in_three_styles_are_refused(tmp_path: Path) -> None:
    rows = [
        *timed("t1", ("refused", "2026-11-01", ""), ("refused", "1/11/2026", "")),
        *timed("t2", ("refused", "01.11.2026", ""), ("refused", "2026-11-01", "")),
    ]
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, WINDOW, TIMES)
    assert "mixed-time-styles" in codes(caught.value.problems)


def test_day_first_dates_are_read_and_said(tmp_path: Path) -> None:
    rows = timed("t1", ("refused", "13/11/2026", ""), ("viewing-group", "13/11/2026", "14/11/2026"))
    analysis = run(tmp_path, rows, WINDOW, TIMES)
    assert cells(contrast(analysis)) == (0, 0, 1, 0)
    assert "day-first" in codes(analysis.problems)


def test_profiles_outside_the_design_are_errors(tmp_path: Path) -> None:
    design = ORIGIN.replace(
        "[[contrast]]",
        '[[profile]]\nid = "fl"\nattributes = { origin = "flemish" }\n'
        '[[profile]]\nid = "mo"\nattributes = { origin = "moroccan" }\n[[contrast]]',
    )
    header = ("test", "target", "profile", "outcome")
    rows = [(t, a, {"flemish": "fl", "moroccan": "mo"}[o], r) for t, a, o, r in pairs("abb")]
    assert cells(contrast(run(tmp_path, rows, design, header))) == (1, 2, 0, 0)
    with pytest.raises(DataError) as caught:
        run(tmp_path, [*rows, ("t9", "A", "mos", "refused")], design, header)
    assert codes(caught.value.problems) == ["unknown-profile"]


def test_several_files_make_one_log(tmp_path: Path) -> None:
    rows = pairs("aabbcd")
    run(tmp_path, rows)
    header = ("test", "target", "origin", "outcome")
    one = write_log(tmp_path / "one.csv", header, rows[:5])
    two = write_log(tmp_path / "two.csv", header, rows[5:])
    analysis = analyse([one, two], tmp_path / "design.toml")
    assert cells(contrast(analysis)) == (2, 2, 1, 1)
