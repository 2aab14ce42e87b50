"""The rendered examples in `reports/` are what the program makes now, byte for byte.

The bytes in the repository were made on another day, on another machine and with other hashes;
the runs here are in other time zones and locales. After a change that is meant to show:
`make examples`, look at the difference, commit it.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from praktijktest.reporting.formats import FORMATS
from praktijktest.rounds.renderings import (
    Rendering,
    SourceDocument,
    Sources,
    rendered,
    renderings_of,
)
from praktijktest.storage import sha256_of_file
from praktijktest.vocabulary import LANGUAGES

ROOT = Path(__file__).parents[1]
EXAMPLES = ("ghent-simulated", "washington-1988")
KINDS = ("full", "summary")
EACH_TIME = {"nl": ("html", "pdf", "xlsx", "md"), "fr": ("md",), "en": ("md",)}
"""What is compared each time of the full report of the demo round; the smaller reports, all."""

EVERY = ["--format", ",".join(FORMATS), "--lang", ",".join(LANGUAGES)]


def run(*arguments: str, zone: str, locale: str, seed: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "praktijktest", *arguments, "--quiet"],
        cwd=ROOT,
        env={**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed},
        check=True,
    )


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest without the versions of Python and the libraries, which differ by machine."""
    found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {key: value for key, value in found.items() if key != "versions"}


def same(made: dict[str, bytes], kept: Path) -> None:
    differing = [name for name, content in made.items() if (kept / name).read_bytes() != content]
    assert not differing, f"run `make examples` and look at the difference: {differing}"


def test_a_whole_run_elsewhere_gives_the_same_folder(tmp_path):
    kept, made = ROOT / "reports" / "washington-1988", tmp_path / "report"
    elsewhere = {"zone": "Pacific/Auckland", "locale": "C", "seed": "0"}
    source = ["data/washington-1988/log.csv", "--design", "designs/washington-1988.toml"]
    run("analyse", *source, "--out", str(made), *EVERY, **elsewhere)
    summaries = {name for name in files(kept) if name.startswith("report-summary.")}
    assert set(files(made)) == set(files(kept)) - summaries
    same(files(made), kept)
    for key in ("command", "inputs", "round", "seed"):
        assert manifest(made)[key] == manifest(kept)[key]


def test_reports_rendered_again_elsewhere_change_nothing(tmp_path):
    kept = ROOT / "reports" / "washington-1988"
    made = shutil.copytree(kept, tmp_path / "report")
    elsewhere = {"zone": "America/St_Johns", "locale": "nl_BE.UTF-8", "seed": "1"}
    for name in ("report.fr.pdf", "report.fr.html"):
        (made / name).unlink()
    run("report", str(made), "--lang", "fr", "--format", ",".join(FORMATS), **elsewhere)
    assert files(made) == files(kept)
    assert manifest(made) == manifest(kept)


@pytest.fixture(scope="module")
def ghent(tmp_path_factory) -> tuple[Path, Sources]:
    """The folder of the demo round without its reports, and what they are made from."""
    from praktijktest.rounds.analyse import analyse
    from praktijktest.rounds.report_folder import write_report_folder

    out = tmp_path_factory.mktemp("ghent") / "report"
    log, design = ROOT / "data/ghent-simulated/log.csv", ROOT / "designs/ghent-simulated.toml"
    document = write_report_folder(
        analyse(log, design), out, logs=[log], design_file=design, renderings=()
    )
    return out, Sources((SourceDocument(document, sha256_of_file(out / "analysis.json")),))


def reports(sources: Sources, chosen: list[Rendering]) -> dict[str, bytes]:
    return {rendering.file: content for rendering, content in rendered(sources, chosen)}


def every() -> list[Rendering]:
    return [one for kind in KINDS for one in renderings_of(kind, LANGUAGES, FORMATS)]


def test_the_numbers_of_the_demo_round_are_up_to_date(ghent):
    made, kept = ghent[0], ROOT / "reports" / "ghent-simulated"
    same(files(made), kept)
    assert set(files(kept)) == {*files(made), *(rendering.file for rendering in every())}
    assert manifest(made)["inputs"] == manifest(kept)["inputs"]


def test_the_reports_of_the_demo_round_are_up_to_date(ghent):
    chosen = [
        one for one in every() if one.kind == "summary" or one.format in EACH_TIME[one.language]
    ]
    same(reports(ghent[1], chosen), ROOT / "reports" / "ghent-simulated")


@pytest.mark.slow
def test_every_report_of_the_demo_round_is_up_to_date(ghent):
    same(reports(ghent[1], every()), ROOT / "reports" / "ghent-simulated")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_manifest_names_every_file(name):
    kept = ROOT / "reports" / name
    assert {entry["file"] for entry in manifest(kept)["outputs"]} == set(files(kept))


def test_every_example_round_is_rendered():
    data = {path.name for path in (ROOT / "data").iterdir() if path.is_dir()}
    assert data == set(EXAMPLES)
