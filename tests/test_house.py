"""The house: what a bare checkout needs, what the wheel carries, which versions are allowed."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from praktijktest.problems import UsageError
from praktijktest.shipped import shipped

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LIBRARIES = [
    *PROJECT["dependencies"],
    *PROJECT["optional-dependencies"]["spss"],
    *PROJECT["optional-dependencies"]["parquet"],
]


def pins(name: str) -> dict[str, tuple[int, ...]]:
    """Package -> version of a constraints file."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {normal(package): numbers(version) for package, version in pairs}


def normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", re.sub(r"\[.*\]", "", package)).lower()


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def lower_bounds(requirements: list[str]) -> dict[str, tuple[int, ...]]:
    pairs = [requirement.split(">=") for requirement in requirements if ">=" in requirement]
    return {normal(package): numbers(version) for package, version in pairs}


def test_every_requirement_has_an_exact_version_that_satisfies_it():
    exact = pins("constraints.txt")
    extras = PROJECT["optional-dependencies"]
    for package, bound in lower_bounds([*LIBRARIES, *extras["test"], *extras["dev"]]).items():
        assert exact[package] >= bound, package


def test_the_lower_bounds_that_are_tested_are_those_that_are_promised():
    tested = pins("constraints-lower.txt")
    for package, bound in lower_bounds(LIBRARIES).items():
        assert tested[package][: len(bound)] == bound, package
        assert not any(tested[package][len(bound) :]), package


@pytest.mark.parametrize(
    "name", ["constraints.txt", "constraints-lower.txt", "Makefile", ".ci/run"]
)
def test_no_registry_is_named(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text


def test_make_help_lists_every_target():
    made = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    listed = {line.split(":")[0] for line in made.splitlines()}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    declared = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert declared is not None
    assert set(declared[1].split()) - {"clean"} <= listed


@pytest.mark.parametrize(
    ("refuses", "remedy"),
    [("version_info", "PYTHON=python3.12"), ("ensurepip", "apt-get install python3-venv")],
)
@pytest.mark.parametrize("target", ["demo", "test"])
def test_make_says_what_to_do_where_python_does_not_suffice(tmp_path, target, refuses, remedy):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    fake = tmp_path / "python"
    fake.write_text(f'#!/bin/sh\ncase "$2" in *{refuses}*) exit 1;; esac\n')
    fake.chmod(0o755)
    made = subprocess.run(
        ["make", f"PYTHON={fake}", target],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode != 0
    assert remedy in made.stderr
    assert "Traceback" not in made.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_ci_script_can_be_run():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_shipped_files_are_found_in_the_checkout():
    assert shipped("designs", "housing-origin.toml") == ROOT / "designs" / "housing-origin.toml"
    assert shipped("data", "washington-1988/log.csv").is_file()


@pytest.mark.parametrize("name", ["no-such.toml", "../pyproject.toml", "."])
def test_what_is_not_shipped_is_refused_with_a_list(name):
    with pytest.raises(UsageError, match="housing-origin"):
        shipped("designs", name)


@pytest.fixture(scope="module")
def wheel_home(tmp_path_factory) -> Path:
    """The package as an installed wheel, apart from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    made = subprocess.run([*build, str(ROOT)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    home = folder / "installed"
    (wheel,) = folder.glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", str(home), str(wheel)], check=True, capture_output=True)
    return home


def run_installed(home: Path, folder: Path, *arguments: str) -> str:
    made = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_an_installed_wheel_carries_the_designs_and_examples(wheel_home, tmp_path):
    script = (
        "from praktijktest.shipped import shipped\n"
        "print(shipped('designs', 'housing-origin.toml'))\n"
        "print(shipped('data', 'ghent-simulated/log.csv'))\n"
    )
    for line in run_installed(wheel_home, tmp_path, "-c", script).split():
        assert Path(line).is_file()
        assert wheel_home in Path(line).parents


def test_an_installed_wheel_runs_the_demo(wheel_home, tmp_path):
    printed = run_installed(
        wheel_home, tmp_path, "-m", "praktijktest", "demo", "--out", str(tmp_path / "report")
    )
    report = Path(printed.splitlines()[-1])
    assert report == tmp_path / "report" / "report.html"
    assert report.stat().st_size > 10_000
