"""`praktijktest analyse` from the outside: results, bad input, exit codes, bytes."""

import hashlib
import json
import sys
import zipfile
from pathlib import Path

import pytest

from praktijktest.storage import sha256_of_file
from tests.analysis.logs import HEADER, ORIGIN, pairs, write_log
from tests.cli.program import praktijktest

ROWS = pairs("aabbbbcddd", "Kantoor Noord") + pairs("aaabcd", "=cmd|'/c calc'!A1")


@pytest.fixture
def study(tmp_path: Path) -> tuple[Path, Path]:
    """A log and a design."""
    design = tmp_path / "design.toml"
    design.write_text(ORIGIN, encoding="utf-8")
    return write_log(tmp_path / "log.csv", HEADER, ROWS), design


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_report_folder_holds_everything_the_contract_names(
    study: tuple[Path, Path], tmp_path: Path
) -> None:
    log, design = study
    out = tmp_path / "report"
    done = praktijktest("analyse", log, "--design", design, "--out", out, "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document == json.loads((out / "analysis.json").read_text(encoding="utf-8"))
    for name in (
        "report.html",
        "design.toml",
        "applications.csv",
        "manifest.json",
        "tables/contrasts.csv",
        "tables/targets.csv",
    ):
        assert (out / name).is_file(), name
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    listed = {entry["file"]: entry["sha256"] for entry in manifest["outputs"]}
    found = hashes(out)
    found.pop("manifest.json")
    assert listed == found
    assert {e["file"]: e["sha256"] for e in manifest["inputs"]} == {
        "log.csv": sha256_of_file(log),
        "design.toml": sha256_of_file(design),
    }
    assert str(tmp_path) not in json.dumps(manifest)


def test_two_runs_give_the_same_bytes(study: tuple[Path, Path], tmp_path: Path) -> None:
    log, design = study
    for name in ("one", "two"):
        praktijktest("analyse", log, "-d", design, "-o", tmp_path / name, "--quiet")
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_public_files_name_no_target(study: tuple[Path, Path], tmp_path: Path) -> None:
    log, design = study
    praktijktest("analyse", log, "-d", design, "-o", tmp_path / "report", "-q")
    for name in ("report.html", "applications.csv"):
        text = (tmp_path / "report" / name).read_text(encoding="utf-8")
        assert "Kantoor Noord" not in text
        assert "calc'!A1" not in text
        assert "cmd|" not in text
        assert "A001" in text


def test_hostile_cells_stay_text_in_every_table(study: tuple[Path, Path], tmp_path: Path) -> None:
    log, design = study
    praktijktest("analyse", log, "-d", design, "-o", tmp_path / "report", "-q")
    text = (tmp_path / "report" / "tables" / "targets.csv").read_text(encoding="utf-8")
    assert "'=cmd|" in text
    assert not any(cell.startswith("=") for line in text.splitlines() for cell in line.split(","))


def test_a_report_folder_is_replaced_but_nothing_else(
    study: tuple[Path, Path], tmp_path: Path
) -> None:
    log, design = study
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.docx").write_text("years of work")
    done = praktijktest("analyse", log, "-d", design, "-o", mine)
    assert done.code == 2
    assert "already holds other files" in done.err
    assert (mine / "thesis.docx").read_text() == "years of work"
    for _ in range(2):
        assert praktijktest("analyse", log, "-d", design, "-o", tmp_path / "r", "-q").code == 0


def test_standard_input(study: tuple[Path, Path]) -> None:
    log, design = study
    done = praktijktest("analyse", "-", "--design", design, "--json", stdin=log.read_bytes())
    assert done.code == 0, done.err
    assert json.loads(done.out)["contrasts"][0]["n"] == 16


def test_json_is_the_only_thing_on_standard_output(study: tuple[Path, Path]) -> None:
    log, design = study
    done = praktijktest("analyse", log, "-d", design, "--json")
    json.loads(done.out)
    quiet = praktijktest("analyse", log, "-d", design, "--quiet")
    assert (quiet.out, quiet.err) == ("", "")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_terminal_tables_fit_the_terminal(study: tuple[Path, Path], width: int) -> None:
    log, design = study
    done = praktijktest("analyse", log, "-d", design, "--lang", "nl", columns=width)
    assert done.code == 0, done.err
    assert max(len(line) for line in done.out.splitlines()) <= width


def _xlsx_truncated(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>" * 500)
    path.write_bytes(path.read_bytes()[:300])


BAD_LOGS = {
    "missing.csv": (None, 2),
    "empty.csv": (b"", 1),
    "header.csv": (b"test,target,origin,outcome\n", 1),
    "junk.csv": (bytes(range(256)) * 40, 1),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 200, 1),
    "delimiter.csv": (b"test#target#origin#outcome\n1#A#flemish#refused\n", 1),
    "mixed.csv": (
        "test,target,origin,outcome\n1,Café,flemish,refused\n".encode()
        + "1,Café,moroccan,refused\n".encode("cp1252"),
        1,
    ),
    "ragged.csv": (
        b"test,target,origin,outcome\n1,A,flemish,refused,extra,more\n1,A,moroccan\n",
        1,
    ),
    "twice.csv": (b"test,target,origin,outcome,outcome\n1,A,flemish,refused,refused\n", 1),
    "unknown.csv": (b"test,target,origin,outcome\n1,A,flemish,invited\n1,A,moroccan,refused\n", 1),
    "columns.csv": (b"a,b,c\n1,2,3\n", 1),
    "lonely.csv": (b"test,target,origin,outcome\n1,A,flemish,refused\n2,A,moroccan,refused\n", 1),
    "level.csv": (b"test,target,origin,outcome\n1,A,flemish,refused\n1,A,turkish,refused\n", 1),
    "quote.csv": (b'test,target,origin,outcome\n1,A,"flemish,refused\n1,A,moroccan,refused\n', 1),
    "file.xyz": (b"test,target\n", 2),
}


@pytest.mark.parametrize("name", BAD_LOGS)
def test_bad_input_gets_a_clear_line_and_the_right_code(name: str, tmp_path: Path) -> None:
    content, code = BAD_LOGS[name]
    log, design, out = tmp_path / name, tmp_path / "design.toml", tmp_path / "report"
    design.write_text(ORIGIN, encoding="utf-8")
    if content is not None:
        log.write_bytes(content)
    done = praktijktest("analyse", log, "--design", design, "--out", out, "--json")
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    assert "fault of its own" not in done.err
    assert name in done.err
    assert not out.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    if code == 1:
        problems = json.loads(done.out)["problems"]
        assert problems
        assert all(p["message"] for p in problems)


def test_a_truncated_spreadsheet(tmp_path: Path) -> None:
    _xlsx_truncated(tmp_path / "log.xlsx")
    (tmp_path / "design.toml").write_text(ORIGIN, encoding="utf-8")
    done = praktijktest("analyse", tmp_path / "log.xlsx", "-d", tmp_path / "design.toml")
    assert done.code == 1
    assert "log.xlsx" in done.err


def test_a_folder_as_log_and_a_design_with_a_typo(tmp_path: Path) -> None:
    design = tmp_path / "design.toml"
    design.write_text(ORIGIN, encoding="utf-8")
    assert praktijktest("analyse", tmp_path, "-d", design).code == 2
    design.write_text(ORIGIN.replace("attribute", "atribute"), encoding="utf-8")
    done = praktijktest("analyse", "log.csv", "-d", design)
    assert done.code == 2
    assert "atribute" in done.err
    assert "'attribute'" in done.err or "attribute" in done.err.replace("atribute", "")
    design.write_text(ORIGIN.replace("format = 1", "format = 9"), encoding="utf-8")
    later = praktijktest("analyse", "log.csv", "-d", design)
    assert later.code == 2
    assert "9" in later.err


def test_ten_megabytes_in_a_cell(tmp_path: Path) -> None:
    (tmp_path / "design.toml").write_text(ORIGIN, encoding="utf-8")
    log = write_log(
        tmp_path / "log.csv",
        (*HEADER, "note"),
        [(*row, "x" * 10_000_000 if n == 0 else "") for n, row in enumerate(ROWS)],
    )
    assert praktijktest("analyse", log, "-d", tmp_path / "design.toml", "-q").code == 0
    inside = write_log(
        tmp_path / "inside.csv", HEADER, [("t1", "A", "flemish", "y" * 10_000_000), *ROWS]
    )
    done = praktijktest("analyse", inside, "-d", tmp_path / "design.toml")
    assert done.code == 1
    assert len(done.err) < 2000


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["analyse"], 2),
        (["analyse", "x.csv", "--desing", "d.toml"], 2),
        (["analyse", "x.csv", "--design", "d.toml"], 2),
        (["analyse", "x.csv", "--design", "d.toml", "--lang", "de"], 2),
        (["analyse", "x.csv", "--design", "d.toml", "--format", "exe"], 2),
        (["counts", "1", "2", "3"], 2),
        (["counts", "1", "2", "3", "x"], 2),
        (["counts", "0", "0", "0", "0"], 2),
        (["nonsense"], 2),
        (["--version"], 0),
        (["--help"], 0),
    ],
)
def test_exit_codes_of_wrong_use(arguments: list[str], code: int, tmp_path: Path) -> None:
    done = praktijktest(*arguments, cwd=tmp_path)
    assert done.code == code
    assert "Traceback" not in done.err


def test_help_and_import_load_nothing_heavy() -> None:
    import subprocess

    for command in ("import praktijktest", "from praktijktest.cli.main import app"):
        heavy = subprocess.run(
            [
                sys.executable,
                "-c",
                f"{command}\nimport sys\n"
                "heavy = {'pandas', 'scipy', 'statsmodels', 'matplotlib'}\n"
                "print(sorted(heavy & set(sys.modules)))",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        assert heavy.stdout.strip() == "[]"
