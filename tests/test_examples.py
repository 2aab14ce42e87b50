"""The rendered examples in `reports/` are what the program makes now, byte for byte.

After a change that is meant to show: `make examples`, look at the difference, commit it.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = ("ghent-simulated", "washington-1988")


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


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rendered_example_is_up_to_date(name, tmp_path):
    command = [sys.executable, "-m", "praktijktest", "analyse", f"data/{name}/log.csv", "--quiet"]
    options = ["--design", f"designs/{name}.toml", "--out", str(tmp_path / "report")]
    subprocess.run([*command, *options], cwd=ROOT, check=True)
    made, kept = files(tmp_path / "report"), files(ROOT / "reports" / name)
    assert list(made) == list(kept)
    differing = [file for file in made if made[file] != kept[file]]
    assert not differing, f"run `make examples` and look at the difference: {differing}"
    assert manifest(tmp_path / "report") == manifest(ROOT / "reports" / name)


def test_every_example_round_is_rendered():
    data = {path.name for path in (ROOT / "data").iterdir() if path.is_dir()}
    assert data == set(EXAMPLES)
