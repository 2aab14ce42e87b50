"""Every file and command on the pages in docs/ is used as it stands there."""

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.program import praktijktest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"(?:<!-- (file|exit): (\S+) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)


def pages_with_commands() -> list[Path]:
    return [page for page in PAGES if "```console" in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", pages_with_commands(), ids=lambda page: page.stem)
def test_the_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    commands = 0
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    for kind, value, language, body in blocks:
        if kind == "file":
            encoding = "cp1252" if language == "csv" else "utf-8"
            (tmp_path / value).write_bytes(body.encode(encoding))
    for kind, value, language, body in blocks:
        if language != "console":
            continue
        expected = int(value) if kind == "exit" else 0
        for line in body.splitlines():
            if line.startswith("$ praktijktest "):
                arguments = shlex.split(line.removeprefix("$ praktijktest "))
                done = praktijktest(*arguments, cwd=tmp_path)
                assert done.code == expected, (line, done.out, done.err)
                assert "Traceback" not in done.err
                commands += 1
    assert commands


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [page.name for page in PAGES if f"docs/{page.name}" not in readme]
    assert missing == []
