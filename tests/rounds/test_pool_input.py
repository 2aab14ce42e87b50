"""What bad input to a pooling gets: a sentence that says what, where, and what to do."""

import json
from pathlib import Path

import pytest

from praktijktest.problems import DataError, Problem, UsageError
from praktijktest.rounds.pool import pool_rounds

CELLS = "label,both,only_control,only_test,neither"
MARGINS = "label,n,control_positive,test_positive"
GOOD = "good,40,46,14,141"


def write(folder: Path, header: str, *rows: str, name: str = "studies.csv") -> Path:
    file = folder / name
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def problems(folder: Path, header: str, *rows: str, **options: object) -> tuple[Problem, ...]:
    with pytest.raises(DataError) as caught:
        pool_rounds(studies=write(folder, header, *rows), **options)  # type: ignore[arg-type]
    return caught.value.problems


@pytest.mark.parametrize(
    ("header", "row", "code", "column", "value"),
    [
        (CELLS, "x,40,-1,14,141", "negative-count", "only_control", "-1"),
        (CELLS, "x,40,4.5,14,141", "not-a-count", "only_control", "4.5"),
        (CELLS, "x,40,many,14,141", "not-a-number", "only_control", "many"),
        (CELLS, "x,40,NA,14,141", "not-a-number", "only_control", "NA"),
        (CELLS, "x,40,1e9,14,141", "not-a-count", "only_control", "1e9"),
        (CELLS, "x,0,0,0,0", "no-tests", None, None),
        (CELLS, "x,40,,14,141", "incomplete-study", None, None),
        (f"{CELLS},n", "x,40,46,14,141,240", "contradiction", "n", "240"),
        (MARGINS, "x,100,101,20", "impossible-margins", "control_positive", "101"),
        (MARGINS, "x,0,0,0", "no-tests", None, None),
        ("label,effect,se", "x,-0.2,0", "no-variance", "se", "0"),
        ("label,effect,variance", "x,-0.2,-1", "no-variance", "variance", "-1"),
        ("label,effect,se", "x,-0.2,1e-160", "not-an-effect", "se", "1e-160"),
        ("label,effect,variance", "x,-0.2,1e300", "not-an-effect", "variance", "1e300"),
        ("label,effect,se", "x,800,0.1", "not-an-effect", "effect", "800"),
        ("label,effect,se", "x,-0.2,", "incomplete-study", None, None),
        ("label,effect,se,variance", "x,-0.2,0.1,0.02", "contradiction", "variance", "0.02"),
        (
            "label,effect,se,measure",
            "x,2.1,0.1,odds_ratio",
            "mixed-measures",
            "measure",
            "odds_ratio",
        ),
        (f"{CELLS},ground", "x,40,46,14,141,", "no-ground", "ground", None),
        (
            "label,n_control,n_test,control_positive,test_positive,matched",
            "x,100,100,40,20,perhaps",
            "not-yes-or-no",
            "matched",
            "perhaps",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_named(
    tmp_path: Path, header: str, row: str, code: str, column: str | None, value: str | None
) -> None:
    found = problems(tmp_path, header, row)
    problem = next(one for one in found if one.code == code)
    assert (problem.file, problem.row, problem.column) == ("studies.csv", 2, column)
    assert problem.value == value
    assert problem.hint


def test_every_bad_row_is_shown_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, CELLS, "a,40,-1,14,141", GOOD, "b,40,x,14,141", "good,1,2,3,4")
    assert [(one.row, one.code) for one in found] == [
        (2, "negative-count"),
        (4, "not-a-number"),
        (5, "label-twice"),
    ]
    assert "row 3" in found[-1].message


def test_a_label_may_come_back_on_another_ground(tmp_path: Path) -> None:
    rows = ("Gent,origin,40,46,14,141", "Gent,age,22,19,9,147")
    found = pool_rounds(
        studies=write(tmp_path, "label,ground,both,only_control,only_test,neither", *rows)
    )
    assert [(ground["ground"], ground["model"]) for ground in found.grounds] == [
        ("origin", "one-study"),
        ("age", "one-study"),
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"columns": {"bothh": "both"}}, "--column bothh=…: did you mean both?"),
        ({"columns": {"both": "boht"}}, "no column 'boht': did you mean both?"),
        ({"keep": {"countri": ["Belgium"]}}, "no column 'countri'"),
        ({"keep": {"label": ["Elsewhere"]}}, "No row of studies.csv has label = Elsewhere"),
        ({"moderator": "yaer"}, "no column 'yaer'"),
        ({"measure": "odds"}, "--measure is one of response_ratio"),
        ({"confidence": 95}, "between 0.5 and 1"),
        ({"contrast": "origin"}, "--contrast names a contrast of report folders"),
    ],
)
def test_wrong_use_is_answered_with_what_there_is(
    tmp_path: Path, options: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        pool_rounds(studies=write(tmp_path, CELLS, GOOD), **options)  # type: ignore[arg-type]
    assert words in caught.value.message


def test_a_ground_that_is_not_there(tmp_path: Path) -> None:
    file = write(tmp_path, f"{CELLS},ground", f"{GOOD},Sexual orientation")
    with pytest.raises(UsageError, match="has the ground age; it has: sexual-orientation"):
        pool_rounds(studies=file, grounds=["age"])
    found = pool_rounds(studies=file, grounds=["Sexual orientation"])
    assert found.grounds[0]["ground"] == "sexual-orientation"


def test_a_table_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no columns to pool.*--column OURS=THEIRS.*name, size"):
        pool_rounds(studies=write(tmp_path, "name,size", "a,3"))
    with pytest.raises(UsageError, match="no file"):
        pool_rounds(studies=tmp_path / "none.csv")
    with pytest.raises(UsageError, match="Name report folders"):
        pool_rounds()


def test_folders_that_are_no_reports(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match="empty is not a report folder"):
        pool_rounds([empty])
    (empty / "manifest.json").write_text('{"kind": "pooling"}', encoding="utf-8")
    with pytest.raises(UsageError, match="holds no analysis of one round"):
        pool_rounds([empty])
    (empty / "analysis.json").write_text('{"round": 3}', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        pool_rounds([empty])
    assert caught.value.problems[0].code == "damaged-report"
    # A contrast without its numbers, as a later version or another program might leave it.
    document = {
        "round": {"kind": "paired", "id": "x", "place": None, "title": "x", "start": None},
        "method": {"primary": "strict"},
        "data": {"simulated": False},
        "contrasts": [{"id": "origin", "ground": "origin", "primary": True, "stratum": None}],
    }
    (empty / "analysis.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        pool_rounds([empty])
    assert caught.value.problems[0].file == "empty"


def report(folder: Path, name: str, *, kind: str = "paired", primary: str = "strict") -> Path:
    """The least that is read of a report folder."""
    out = folder / name
    out.mkdir()
    (out / "manifest.json").write_text("{}", encoding="utf-8")
    (out / "analysis.json").write_text(
        f'{{"round": {{"kind": "{kind}", "id": "{name}"}}, "method": {{"primary": "{primary}"}}, '
        '"contrasts": [], "data": {"simulated": false}}',
        encoding="utf-8",
    )
    return out


def test_rounds_that_do_not_belong_together(tmp_path: Path) -> None:
    one = report(tmp_path, "one")
    with pytest.raises(UsageError, match="one holds the same analysis as one"):
        pool_rounds([one, one])
    with pytest.raises(UsageError, match=r"different replies as positive \(broad, strict\)"):
        pool_rounds([one, report(tmp_path, "two", primary="broad")])
    with pytest.raises(UsageError, match="mystery calls: it has no two groups"):
        pool_rounds([report(tmp_path, "calls", kind="mystery")])
    with pytest.raises(UsageError, match="no ground in common"):
        pool_rounds([one])


def test_a_spreadsheet_is_read_like_any_table(tmp_path: Path) -> None:
    import pandas as pd

    file = tmp_path / "cities.xlsx"
    with pd.ExcelWriter(file, engine="xlsxwriter") as book:
        pd.DataFrame({"about": ["nothing"]}).to_excel(book, sheet_name="Notes", index=False)
        pd.DataFrame(
            {
                "city": ["Gent", "Aalst"],
                "n": [302, 327],
                "yes": [155, 134],
                "test_positive": [110, 118],
            }
        ).to_excel(book, sheet_name="Cities", index=False)
    found = pool_rounds(
        studies=file, sheet="Cities", columns={"label": "city", "control_positive": "yes"}
    )
    assert [row["label"] for row in found.grounds[0]["rows"]] == ["Gent", "Aalst"]
    assert [row["row"] for row in found.grounds[0]["rows"]] == [2, 3]
