"""The page in a real browser: no complaint, no request, nothing wider than the window."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from praktijktest.vocabulary import LANGUAGES
from tests.reporting.browser import CHROMIUM, Page, browser
from tests.reporting.documents import DOCUMENTS
from tests.reporting.test_html import rendered

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on PATH"),
]

OVERFLOWING = """
    [...document.querySelectorAll("main *")].filter(e => {
        const scroller = e.closest(".wide, .drawing");
        if (scroller && scroller !== e) return false;
        const box = e.getBoundingClientRect();
        return box.right > document.documentElement.clientWidth + 1 || box.left < -1;
    }).map(e => e.outerHTML.slice(0, 120))
"""

PAPER_WIDTH = 680
"""Pixels between the margins of an A4 page as the style sheet sets them."""

CUT = """
    [...document.querySelectorAll("main table, main svg, main td, main th")].filter(e =>
        e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
    ).map(e => e.outerHTML.slice(0, 120))
"""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_page_opens_without_complaint(
    tab: Page, tmp_path: Path, name: str, code: str, width: int
) -> None:
    path = tmp_path / "report.html"
    path.write_text(rendered(name, code), encoding="utf-8")
    tab.open(path, width, scheme="dark" if code == "fr" else "light")
    assert tab.complaints() == []
    assert tab.requests() == []
    assert tab.value("innerWidth") == width
    assert tab.value("document.documentElement.scrollWidth") == width
    assert tab.value(OVERFLOWING) == []
    assert tab.value("document.querySelectorAll('main h2').length") == 12


def test_colours_follow_the_reader(tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(rendered("ghent", "nl"), encoding="utf-8")
    grounds = set()
    for scheme in ("light", "dark"):
        tab.open(path, 1280, scheme=scheme)
        grounds.add(tab.value("getComputedStyle(document.body).backgroundColor"))
    assert grounds == {"rgb(255, 255, 255)", "rgb(18, 23, 30)"}


def test_the_page_prints_on_paper(tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(rendered("washington", "nl"), encoding="utf-8")
    tab.open(path, 1280)
    tab.pdf(tmp_path / "report.pdf")
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert 3 <= content.count(b"/Type /Page\n") <= 12


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, an independent checker of accessibility."""
    found = importlib.util.find_spec("axe_core_python")
    assert found is not None
    assert found.origin is not None
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "code", "width", "scheme"),
    [
        ("washington", "nl", 390, "dark"),
        ("washington", "fr", 1280, "light"),
        ("hostile", "en", 390, "light"),
        ("averages", "en", 1280, "dark"),
        pytest.param("ghent", "en", 1280, "dark", marks=pytest.mark.slow),
    ],
)
def test_an_independent_checker_finds_nothing_against_readers_with_a_disability(
    tab: Page, tmp_path: Path, axe: str, name: str, code: str, width: int, scheme: str
) -> None:
    path = tmp_path / "report.html"
    path.write_text(rendered(name, code), encoding="utf-8")
    tab.open(path, width, scheme=scheme)
    tab.value(f"{axe}; 0")
    found = tab.promised(
        "axe.run().then(r => r.violations.map(v => [v.id, v.nodes.length, v.nodes[0].html]))"
    )
    assert found == []


@pytest.mark.parametrize(("name", "code"), [("ghent", "fr"), ("hostile", "nl")])
def test_no_table_is_cut_on_paper(tab: Page, tmp_path: Path, name: str, code: str) -> None:
    path = tmp_path / "report.html"
    path.write_text(rendered(name, code), encoding="utf-8")
    tab.open(path, PAPER_WIDTH)
    tab.call("Emulation.setEmulatedMedia", media="print")
    assert tab.value("document.querySelectorAll('main table').length") > 10
    assert tab.value(CUT) == []
