"""The page says what the document says, to everybody, and nothing that it should not."""

import os
import re
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from praktijktest.language import language_named
from praktijktest.reporting.document import build_report
from praktijktest.reporting.html import css_string, render_html
from praktijktest.vocabulary import LANGUAGES
from tests.reporting.documents import DOCUMENTS, contrast, document, ghent, target
from tests.reporting.pages import Element, page

ROOT = Path(__file__).parents[2]
SECTIONS = [
    "summary",
    "cells",
    "net",
    "rules",
    "chance",
    "replies",
    "targets",
    "data",
    "method",
    "limits",
    "description",
    "references",
]


@cache
def rendered(name: str, code: str) -> str:
    return render_html(build_report(DOCUMENTS[name]()), language_named(code))


def shown(analysis: dict[str, Any], code: str = "en") -> Element:
    return page(render_html(build_report(analysis), language_named(code)))


def section(root: Element, name: str) -> Element:
    return next(e for e in root.all("section") if e.attributes["id"] == name)


def numbers(element: Element) -> list[float]:
    return [
        float(e.attributes["data-value"] or "nan")
        for e in element.all()
        if "data-value" in e.attributes
    ]


every_page = pytest.mark.parametrize(
    ("name", "code"), [(name, code) for name in DOCUMENTS for code in LANGUAGES]
)


@every_page
def test_a_page_is_whole_and_asks_nothing_of_anybody(name: str, code: str) -> None:
    html = rendered(name, code)
    root = page(html)
    assert html.startswith("<!doctype html>")
    assert root.all("html")[0].attributes["lang"] == code
    assert not root.all("script", "iframe", "object", "embed", "img", "form")
    for element in root.all():
        for attribute, value in element.attributes.items():
            assert not attribute.startswith("on"), element
            if attribute in ("href", "src"):
                assert (value or "").startswith(("#", "data:,")), element
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)
    assert [e.attributes["id"] for e in root.all("section")] == SECTIONS


@every_page
def test_a_page_can_be_used_without_eyes_or_mouse(name: str, code: str) -> None:
    root = page(rendered(name, code))
    levels = [int(e.tag[1]) for e in root.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(e.text() for e in root.all("h1", "h2", "h3"))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(root.all(landmark)) == 1
    ids = [e.attributes["id"] for e in root.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for link in root.all("a", "use"):
        assert (link.attributes["href"] or "").removeprefix("#") in ids
    for table in root.all("table"):
        assert table.all("caption")[0].text()
        assert all("scope" in e.attributes for e in table.all("th"))
    for drawing in root.all("svg"):
        if drawing.attributes.get("role") == "img":
            assert drawing.all("title")[0].text()
    for region in root.of_class("wide"):
        assert region.attributes["tabindex"] == "0"
        assert region.attributes["aria-label"]


@every_page
def test_a_page_says_in_every_language_that_it_is_no_legal_finding(name: str, code: str) -> None:
    root = page(rendered(name, code))
    statement = language_named(code).text("statement")
    assert statement in root.all("header")[0].text()
    assert statement in root.all("footer")[0].text()
    style = root.all("style")[0].text()
    assert css_string(statement) in style.replace("\\", "\\")


@every_page
def test_a_page_never_shows_a_key_or_a_python_value(name: str, code: str) -> None:
    text = page(rendered(name, code)).all("body")[0].text()
    assert not re.search(r"\b(None|nan|inf|True|False|Message)\b", text)
    keys = {key for key in language_named(code).messages if "." in key}
    assert not [key for key in keys if re.search(rf"(?<![\w/]){re.escape(key)}(?![\w])", text)]


def test_the_numbers_on_the_page_are_those_of_the_document() -> None:
    analysis = ghent()
    root = shown(analysis)
    whole = [c for c in analysis["contrasts"] if c["primary"] and c["stratum"] is None]
    findings = root.of_class("finding")
    assert len(findings) == len(whole) == 2
    for card, entry in zip(findings, whole, strict=True):
        clustered = next(
            e
            for e in entry["estimates"]
            if e["name"] == "net_rate_usable" and e["scope"] == "targets-like-these"
        )
        assert numbers(card) == [clustered["value"]]
        english = language_named("en")
        assert english.interval(clustered["low"], clustered["high"]) in card.text()
        assert english.percent(clustered["value"]) in card.text()
    pictures = root.of_class("cells")
    for figure, entry in zip(pictures, whole, strict=True):
        assert numbers(figure) == [float(count) for count in entry["cells"].values()]
    bars = root.of_class("bars")
    for figure, entry in zip(bars, whole, strict=True):
        rates = {e["name"]: e["value"] for e in entry["estimates"]}
        assert numbers(figure) == [rates["response_rate_control"], rates["response_rate_test"]]


def test_the_forest_shows_every_stratum_that_is_large_enough_and_counts_the_rest() -> None:
    analysis = ghent()
    root = shown(analysis)
    rows = root.of_class("forest")[0].all("tbody")[0].all("tr")
    primary = [c for c in analysis["contrasts"] if c["primary"]]
    assert len(rows) == len(primary)
    for row, entry in zip(rows, primary, strict=True):
        hidden = entry["stratum"] is not None and entry["n"] < 5
        assert ("too few" in row.text()) == hidden
        assert len(numbers(row)) == (0 if hidden else 1)
        if hidden:
            assert not re.search(r"\d", row.text())
    assert "2 parts with fewer than 5 tests are not shown." in section(root, "net").text()


def test_a_page_names_targets_by_pseudonym_alone() -> None:
    for code in LANGUAGES:
        html = rendered("ghent", code)
        assert "Immo" not in html
        assert "A001" in html


def test_targets_are_sorted_by_state_and_cut_at_two_hundred() -> None:
    one = contrast("origin", "origin", ("a", "b"), (100, 90, 10, 100), targets=450)
    states = ("no-signal", "too-few-tests", "signal")
    rows = [
        target(f"name-{i}", i, "origin", (4, i % 5, 1, 3), states[i % 3]) for i in range(1, 451)
    ]
    root = shown(document([one], rows))
    table = next(t for t in root.all("table") if "by state and then by p" in t.text())
    body = table.all("tbody")[0].all("tr")
    assert len(body) == 200
    order = [row.of_class("state")[0].text() for row in body]
    assert order == ["signal"] * 150 + ["no signal"] * 50
    p = [float(row.all("td")[7].attributes["data-value"] or "nan") for row in body[:150]]
    assert p == sorted(p)
    assert "250 more rows are in the file tables/targets.csv" in section(root, "targets").text()
    assert "name-1" not in root.text()


def test_what_a_log_says_is_shown_as_text_and_nothing_else() -> None:
    for code in LANGUAGES:
        html = rendered("hostile", code)
        assert "<script" not in html
        assert "<img" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        root = page(html)
        assert "{{ 7 * 7 }} {test:name} %s" in root.text()
        assert "49" not in {e.text() for e in root.all("td", "th")}


def test_values_of_problems_stay_out_of_the_page() -> None:
    analysis = ghent()
    root = shown(analysis)
    text = section(root, "data").text()
    assert "Only one of the two applicants took part" in text
    assert "Immo Secret" not in root.text()


def test_simulated_data_are_labelled_above_everything_and_real_data_are_not() -> None:
    assert page(rendered("ghent", "en")).of_class("banner")[0].text().startswith("Simulated data")
    assert not page(rendered("washington", "en")).of_class("banner")


def test_averages_take_the_place_of_cells() -> None:
    root = page(rendered("averages", "en"))
    assert not root.of_class("cells")
    assert "11.5%" in root.of_class("finding")[0].text()
    assert "Mean difference in the share of positive replies" in root.text()
    signs = section(root, "cells").all("table")[0]
    assert numbers(signs) == [31.0, 12.0, 57.0]


def test_a_fixed_sending_order_is_said_beside_the_flags_and_among_the_limits() -> None:
    for order, kind in (("test-first", "fixed-order"), ("control-first", "fixed-order")):
        analysis = ghent()
        analysis["flag_rule"] |= {"assumption": kind, "order": order}
        root = shown(analysis)
        assert root.of_class("warning")[0].text().startswith("Note: the order of sending was fixed")
        assert "The order of sending was fixed." in section(root, "limits").text()
        barred = "No signals are given for that reason." in section(root, "targets").text()
        assert barred == (order == "control-first")


def test_the_ground_has_the_words_of_the_law_of_the_place() -> None:
    terms = {
        ("be-vlg", "nl"): "nationale of etnische afstamming",
        ("nl", "nl"): "ras (daaronder vallen afkomst en nationale of etnische afstamming)",
        ("be-bru", "fr"): "origine nationale ou ethnique",
    }
    for (jurisdiction, code), term in terms.items():
        analysis = DOCUMENTS["washington"]()
        analysis["round"]["jurisdiction"] = jurisdiction
        assert term in section(shown(analysis, code), "method").text()
    assert "Term in the law" not in section(page(rendered("washington", "en")), "method").text()


def test_own_labels_of_a_custom_scheme_take_the_place_of_codes() -> None:
    analysis = DOCUMENTS["washington"]()
    analysis["method"] |= {
        "scheme": "custom",
        "positive": {"strict": ["1"]},
        "labels": {"1": "ontvangen", "0": "niets"},
    }
    for row in analysis["outcomes"]:
        row["outcome"] = "1" if row["outcome"] == "viewing-individual" else "0"
    text = shown(analysis).text()
    assert "Positive here means one of these replies: ontvangen." in text
    assert "niets" in text


def test_the_same_document_gives_the_same_bytes_anywhere(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, '.');"
        "from tests.reporting.test_html import rendered;"
        "sys.stdout.buffer.write(rendered('ghent', 'nl').encode())"
    )
    pages = set()
    for seed, zone in (("0", "Pacific/Kiritimati"), ("4711", "America/Los_Angeles")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True
        )
        pages.add(done.stdout)
    assert pages == {rendered("ghent", "nl").encode()}


def contrast_ratio(first: str, second: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_have_enough_contrast(scheme: int) -> None:
    style = (ROOT / "praktijktest/reporting/templates/style.css").read_text(encoding="utf-8")
    block = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]
    colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for ground in ("paper", "soft"):
        for ink in ("ink", "quiet", "accent", "control", "test"):
            assert contrast_ratio(colour[ink], colour[ground]) >= 4.5, (ink, ground)
    assert contrast_ratio(colour["warn-ink"], colour["warn-ground"]) >= 7
    assert contrast_ratio(colour["control"], colour["track"]) >= 3
    assert contrast_ratio(colour["test"], colour["track"]) >= 3
