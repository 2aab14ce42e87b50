"""The analyst's screen: readable at 80 and at 60 columns, and nothing is read as markup."""

import io
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from praktijktest.language import language_named
from praktijktest.reporting.evidence import estimate_of
from praktijktest.reporting.terminal import print_analysis, print_counts
from praktijktest.vocabulary import LANGUAGES
from tests.reporting.documents import DOCUMENTS, contrast, ghent


def screen(analysis: dict[str, Any], code: str, width: int) -> str:
    stream = io.StringIO()
    print_analysis(analysis, Console(file=stream, width=width), language_named(code))
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_is_wider_than_the_screen(name: str, code: str, width: int) -> None:
    text = screen(DOCUMENTS[name](), code, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "None" not in text


@pytest.mark.parametrize("width", [60, 80])
def test_no_number_is_broken_over_two_lines(width: int) -> None:
    analysis = ghent()
    text = screen(analysis, "en", width)
    english = language_named("en")
    for entry in analysis["contrasts"]:
        if not entry["primary"]:
            continue
        assert "/".join(str(count) for count in entry["cells"].values()) in text
        shown = estimate_of(entry, "net_rate_usable")
        assert shown is not None
        assert english.percent(shown["value"]) in text
        assert english.interval(shown["low"], shown["high"]) in text


def test_the_analyst_sees_own_names_of_signals_and_grey_zone_alone() -> None:
    analysis = ghent()
    text = screen(analysis, "en", 100)
    for row in analysis["targets"]:
        if row["state"] in ("signal", "grey-zone"):
            assert row["target"] in text
    quiet = next(r for r in analysis["targets"] if r["state"] == "no-signal")
    assert f"{quiet['target']} " not in text
    assert "statistical statement, never a legal finding" in " ".join(text.split())


def test_markup_of_a_log_is_text() -> None:
    analysis = ghent()
    analysis["round"]["title"] = "[red]bold[/red] [/]"
    for entry in analysis["contrasts"]:
        entry["test"] = "[link=x]"
    text = screen(analysis, "en", 120)
    assert "[red]bold[/red] [/]" in text
    assert "[link=x]" in text
    assert "\x1b" not in text


def test_problems_are_listed_with_their_place() -> None:
    text = screen(ghent(), "en", 100)
    assert "log.csv, 12, profile: only one of the two applicants took part" in text


@pytest.mark.parametrize("code", LANGUAGES)
def test_counts_shows_every_estimate_and_test(code: str) -> None:
    entry = contrast("counts", None, ("control", "test"), (40, 46, 14, 141), targets=0, rule=None)
    stream = io.StringIO()
    language = language_named(code)
    print_counts(entry, Console(file=stream, width=80), language)
    text = " ".join(stream.getvalue().split())
    assert "40 / 46 / 14 / 141" in text
    for estimate in entry["estimates"]:
        write = language.ratio if "ratio" in estimate["name"] else language.percent
        assert " ".join(write(estimate["value"]).split()) in text
    assert "Newcombe" in text
    assert text.count("McNemar") == 4


def test_counts_without_an_upper_end_say_so() -> None:
    entry = contrast("counts", None, ("control", "test"), (4, 5, 0, 9), targets=0, rule=None)
    stream = io.StringIO()
    print_counts(entry, Console(file=stream, width=80), language_named("nl"))
    assert "0,50 of meer" in stream.getvalue()
