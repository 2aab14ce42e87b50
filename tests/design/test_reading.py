"""Files that are not a design give a problem and never a traceback."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.design import parse_design, read_design
from praktijktest.problems import DesignError, Problem, UsageError
from tests.design.designs import MINIMAL, assert_plain, only_problem, problems_of

DESIGNS = sorted((Path(__file__).parents[2] / "designs").glob("*.toml"))


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_every_shipped_design_can_be_read(path: Path) -> None:
    design = read_design(path)
    assert design.comparisons() or design.calls


@pytest.mark.parametrize(
    "content",
    [
        MINIMAL.encode(),
        b"\xef\xbb\xbf" + MINIMAL.encode(),
        MINIMAL.replace("\n", "\r\n").encode(),
        MINIMAL.replace("Test round", "Enquête à Liège").encode(),
    ],
    ids=["plain", "byte order mark", "Windows line ends", "accents"],
)
def test_utf_8_however_an_editor_saves_it(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "design.toml"
    file.write_bytes(content)
    assert read_design(file).round.id == "test-round"
    assert read_design(str(file)) == read_design(file)


BINARY = {
    "zip": b"PK\x03\x04" + bytes(range(256)),
    "old spreadsheet": b"\xd0\xcf\x11\xe0" + bytes(range(256)),
    "nulls": bytes(1000) + b"\xff",
    "noise": bytes(range(128, 256)) * 40,
    "cp1252": MINIMAL.replace("Test round", "Enquête").encode("cp1252"),
    "utf-16": MINIMAL.encode("utf-16"),
    "empty": b"",
    "blank": b" \n\t\r\n",
    "bom only": b"\xef\xbb\xbf",
    "ten megabytes": b"# " + b"x" * 10_000_000,
    "a log": b"test;profile;outcome\n1;flemish;no-reply\n",
}


@pytest.mark.parametrize("name", sorted(BINARY))
def test_another_file_is_one_problem(name: str, tmp_path: Path) -> None:
    file = tmp_path / "design.toml"
    file.write_bytes(BINARY[name])
    with pytest.raises(DesignError) as caught:
        read_design(file)
    assert caught.value.exit_code == 2
    assert "design.toml" in caught.value.message
    (problem,) = caught.value.problems
    assert problem.file == "design.toml"
    assert_plain(problem)


def test_windows_encoding_says_where_and_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "design.toml"
    file.write_bytes(BINARY["cp1252"])
    with pytest.raises(DesignError) as caught:
        read_design(file)
    (problem,) = caught.value.problems
    assert (problem.row, problem.hint) == (4, "save it as UTF-8")
    assert "not UTF-8" in problem.message


@pytest.mark.parametrize("name", ["absent.toml", "folder", "no\0name", "x" * 300])
def test_files_that_cannot_be_opened_are_wrong_use(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError) as caught:
        read_design(tmp_path / name)
    assert str(tmp_path) not in caught.value.message
    assert len(caught.value.message.splitlines()) == 1


@pytest.mark.parametrize(
    ("old", "new", "row", "words"),
    [
        ('"housing"\n[[', "housing\n[[", 5, "text stands in quotes"),
        ("[round]", "[round", 2, "no closing bracket"),
        ('title = "Test round"', "title", 4, '"="'),
        ('title = "Test round"', 'title = "Test round', 4, "closing quote"),
        ('title = "Test round"', 'id = "second"', 4, "twice"),
        ("[outcomes]", "[round]", 12, "declared twice"),
        ('title = "Test round"', "start = 2026-02-30", 4, "does not exist"),
        ('title = "Test round"', "alpha = 0,05", 4, "decimals with a point"),
        ('title = "Test round"', "stad gent = 1", 4, '"="'),
        ('title = "Test round"', "gap = [3, 8", 5, "]"),
    ],
)
def test_toml_that_is_not_toml(old: str, new: str, row: int, words: str) -> None:
    problem = only_problem(MINIMAL.replace(old, new))
    assert problem.code == "not-toml"
    assert problem.row == row
    assert f"at line {row}, character " in problem.message
    assert words in problem.line()
    assert "tomllib" not in problem.line()


def test_the_end_of_the_file_has_a_line_too() -> None:
    problem = only_problem(MINIMAL + "gap = [3,\n\n\n")
    assert problem.row == len(MINIMAL.splitlines()) + 1


def test_lists_within_lists_without_end() -> None:
    assert only_problem("a = " + "[" * 50_000).code == "not-toml"
    assert only_problem("a" + ".a" * 5_000 + " = 1\n" + MINIMAL.removeprefix("format = 1\n")).code


def test_a_number_without_end() -> None:
    assert only_problem("a = " + "9" * 10_000).code == "not-toml"
    hexadecimal = MINIMAL.replace('"Test round"', "0x" + "f" * 10_000)
    assert only_problem(hexadecimal).column == "round.title"
    assert only_problem(MINIMAL + "[flagging]\nmin_tests = 0x" + "f" * 10_000).column == (
        "flagging.min_tests"
    )
    assert only_problem(MINIMAL + "[flagging]\nalpha = 0x" + "f" * 10_000).column == (
        "flagging.alpha"
    )


@pytest.mark.parametrize("written", ["2", "99"])
def test_a_later_format_is_refused_before_anything_else(written: str) -> None:
    text = MINIMAL.replace("format = 1", f"format = {written}\nnew_key = 1")
    problem = only_problem(text)
    assert problem.code == "later-format"
    assert problem.column == "format"
    assert "made by a newer version; this version reads format 1" in problem.message


@pytest.mark.parametrize("written", ["0", "-1", '"1"', "1.0", "true", "[1]", "{}", "2026-01-01"])
def test_a_format_that_does_not_exist(written: str) -> None:
    problem = only_problem(MINIMAL.replace("format = 1", f"format = {written}"))
    assert (problem.code, problem.column) == ("unknown-format", "format")
    assert "format = 1" in (problem.hint or "")


def test_without_a_format_a_design_is_of_format_1() -> None:
    assert parse_design(MINIMAL.removeprefix("format = 1\n")).format == 1


def test_another_programs_file_is_not_explained_line_by_line() -> None:
    keys = "\n".join(f"setting_{number} = {number}" for number in range(5000))
    problems = problems_of(f"{MINIMAL}{keys}\n")
    assert len(problems) == 201
    assert problems[-1].message == "4800 more errors are not listed"


def complaints(source: str | Path) -> tuple[Problem, ...]:
    """What is wrong with a text or file; nothing where it is a design, and never a traceback."""
    try:
        if isinstance(source, Path):
            read_design(source)
        else:
            parse_design(source, "d.toml")
    except DesignError as error:
        return error.problems or (Problem(code="none", message="an error without a reason\n"),)
    return ()


@given(st.text())
@settings(deadline=None)
def test_any_text(text: str) -> None:
    for problem in complaints(text):
        assert_plain(problem)


@given(st.binary())
@settings(max_examples=50, deadline=None)
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "bytes.toml"
    file.write_bytes(content)
    for problem in complaints(file):
        assert_plain(problem)


KEYS = st.sampled_from(
    [
        "round", "test", "profile", "contrast", "call", "outcomes", "columns", "reading",
        "sampling", "analysis", "flagging", "privacy", "format", "id", "kind", "attributes",
        "names", "ground", "control", "scheme", "positive", "labels", "values", "wide", "keep",
        "applicant", "strata", "alpha", "only", "contrasts", "quota", "windows", "x y", "",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes()
    | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=6), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_tables(data: dict[str, object], complete: bool) -> None:
    """Whatever TOML can hold under known keys, of the wrong shape in every way."""
    tables = {**tomllib.loads(MINIMAL), **data} if complete else data
    with pytest.MonkeyPatch().context() as patch:
        patch.setattr(tomllib, "loads", lambda _: tables)
        for problem in complaints("any text"):
            assert_plain(problem)


def test_importing_the_design_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, praktijktest.design;"
        "print([n for n in ('numpy', 'pandas', 'scipy', 'statsmodels') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_words_alone_do_not_load_the_model() -> None:
    code = "import sys, praktijktest.vocabulary; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
