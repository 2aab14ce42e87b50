"""Rounds at the edges come out in every format: opened by another program, the same twice."""

import io
import re
import subprocess
import sys
from functools import cache

import pytest
from docx import Document
from openpyxl import load_workbook

from praktijktest.language import language_named, shortened
from praktijktest.reporting.blocks import Report
from praktijktest.reporting.document import build_report
from praktijktest.reporting.formats import FORMATS, render
from praktijktest.reporting.paper import TITLE_SHOWN
from praktijktest.vocabulary import LANGUAGES
from tests.reporting.odd_documents import ODD, TITLES
from tests.reporting.pages import page

QUICK = ("html", "md")
"""Formats in which a full report costs little; the short one costs little in all."""


@cache
def report(name: str, kind: str) -> Report:
    return build_report(ODD[name](), kind=kind)


def read(content: bytes, name: str) -> str:
    """The text of a file as another program reads it."""
    if name == "html":
        return page(content.decode("utf-8")).text()
    if name == "docx":
        return "\n".join(part.text for part in Document(io.BytesIO(content)).paragraphs)
    if name == "xlsx":
        sheets = load_workbook(io.BytesIO(content)).worksheets
        cells = (cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row)
        return "\n".join(str(value) for value in cells if value is not None)
    if name == "pdf":
        assert content.startswith(b"%PDF-1.")
        assert content.rstrip().endswith(b"%%EOF")
        return ""
    return re.sub(r"\\(?=[^\w\s])", "", content.decode("utf-8"))


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("kind", ["full", "summary"])
def test_every_format_can_be_read(name: str, kind: str) -> None:
    made = report(name, kind)
    code = LANGUAGES[list(ODD).index(name) % len(LANGUAGES)]
    for format_name in FORMATS if kind == "summary" else QUICK:
        content = render(made, language_named(code), format_name)
        text = read(content, format_name)
        if not text:
            continue
        assert shortened(made.title, TITLE_SHOWN).strip("\u2068\u2069") in " ".join(text.split())
        words = set(re.findall(r"\w+", text))
        assert not words & {"None", "nan", "inf", "Infinity", "NaN"}, format_name


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_report_gives_the_same_bytes(name: str) -> None:
    made = [
        render(build_report(ODD["without-flags"](), kind="summary"), language_named("nl"), name)
        for _ in range(2)
    ]
    assert made[0] == made[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_full_report_can_be_printed(name: str, code: str) -> None:
    for format_name in FORMATS:
        content = render(report(name, "full"), language_named(code), format_name)
        assert len(read(content, format_name)) > 1000 or format_name == "pdf"


def test_no_title_is_longer_than_a_title() -> None:
    for name in TITLES:
        text = render(report(f"title-{name}", "full"), language_named("nl"), "md").decode("utf-8")
        assert len(text.splitlines()[0].replace("\\", "")) <= TITLE_SHOWN + len("# ") + 2


def test_finding_a_format_loads_no_renderer() -> None:
    script = (
        "import sys; import praktijktest.reporting.formats; "
        "print([m for m in ('matplotlib', 'typst', 'docx', 'xlsxwriter', 'jinja2') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
