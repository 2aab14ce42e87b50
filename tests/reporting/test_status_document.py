"""A status as a page and on a terminal, in three languages."""

import io
import re
from datetime import datetime
from html.parser import HTMLParser

import pytest
from rich.console import Console

from praktijktest.fieldwork.coding_agreement import Unit, agreement_of
from praktijktest.fieldwork.status import status_of
from praktijktest.fieldwork.status_report import StatusReport
from praktijktest.language import language_named
from praktijktest.reporting.agreement_terminal import print_agreement
from praktijktest.reporting.report_terminal import print_report
from praktijktest.reporting.status_attention import attention
from praktijktest.reporting.status_document import status_document
from praktijktest.reporting.status_html import render_status
from tests.fieldwork.made_rounds import Round, after, design

LANGUAGES = ("nl", "fr", "en")
LONG = "Het appartement is helaas al verhuurd aan een andere kandidaat sinds gisteren."


def everything() -> StatusReport:
    """A status in which everything that can be odd is odd."""
    round_ = Round()
    for number in range(90):
        test = f"t{number:03d}"
        round_.pair(test, day=number / 3, target=f"T-{number % 4}")
        if number < 45:
            round_.reply(f"{test}-1", day=number / 3 + 1, text=LONG, outcome="viewing-individual")
            round_.reply(f"{test}-2", day=number / 3 + 1, text=LONG, suggested="viewing-group")
        if number < 9:
            place = 1 if round_.state().applications[f"{test}-1"].fields["profile"] == "mo" else 2
            round_.add("failed", f"{test}-{place}", after(9), failed="bounced")
    round_.plan("u1", day=1).sent("u1-2", day=1).sent("u1-1", day=1, hours=1)
    round_.plan("u2", day=1).sent("u2-1", day=1).plan("u3", day=60).plan("u4", day=1)
    round_.reply("u1-1", text="Ja")
    for coder, code in (("P-a", "refused"), ("P-b", "call-back")):
        round_.add("coded", "u1-1", reply="r0090", coder=coder, outcome=code, basis="blind")
    round_.add("message", "", after(9), message="m1", kind="unmatched", received_at=after(9))
    round_.add("note", "u1-1", after(9), topic="complaint", note="x")
    round_.add("note", "u1-1", after(9), topic="own-topic", note="x")
    round_.add("sent", "u2-1", "", sent_at="gisteren")
    moment = datetime.fromisoformat(after(days=60))
    return status_of(round_.state(), design(), as_of=moment, words=round_.words)


@pytest.fixture(scope="module")
def odd() -> StatusReport:
    return everything()


@pytest.fixture(scope="module")
def calm() -> StatusReport:
    return status_of(Round().pair("t1").state(), design())


def test_everything_odd_has_its_sentence(odd):
    keys = {item.key.rpartition(".")[2] for item in attention(odd)}
    assert keys >= {
        "behind",
        "undeclined",
        "uncoded",
        "unmatched",
        "order",
        "gap",
        "cap_broken",
        "identical",
        "detected",
        "unreadable",
        "drift",
        "failed",
    }


def test_a_round_that_goes_well_says_so(calm):
    assert attention(calm) == ()
    page = render_status(status_document(calm), language_named("en"))
    assert "Nothing needs attention now." in page
    assert "Nothing here." in page


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        assert not {"src", "onload", "onclick"} & {name for name, _ in attrs}
        if tag not in ("meta", "link", "br", "line", "rect", "use", "circle", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and tag in self.open:
            assert self.open.pop() == tag


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_is_whole_and_asks_nobody_anything(odd, code):
    page = render_status(status_document(odd, rows=5), language_named(code))
    parser = _Page()
    parser.feed(page)
    assert parser.open == []
    assert len(set(parser.ids)) == len(parser.ids)
    assert not {"script", "img", "iframe", "form"} & parser.tags
    assert "prefers-color-scheme: dark" in page
    assert f'<html lang="{code}">' in page
    assert not re.search(r"status\.[a-z]+\.", page)


@pytest.mark.parametrize("code", LANGUAGES)
def test_neither_page_nor_screen_says_who_applied(odd, code):
    language = language_named(code)
    page = render_status(status_document(odd), language)
    for word in ("moroccan", "flemish", "Rachid", "Wouter"):
        assert word not in page
        assert word not in shown(odd, 100, code)


def shown(status, width, code="en", names=None, rows=8) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_report(status_document(status, names, rows), console, language_named(code))
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("code", LANGUAGES)
def test_lines_fit_the_screen_and_ids_are_not_broken(odd, width, code):
    text = shown(odd, width, code)
    assert max(map(len, text.splitlines())) <= width
    assert "t000-1" in text
    assert "u1" in text


def test_long_lists_are_cut_and_say_so(odd):
    text = shown(odd, 100, rows=3)
    assert re.search(r"And \d+ more rows; --json gives all of them", text)
    assert shown(odd, 100, rows=500).count("more row") == 0


def test_columns_that_do_not_fit_are_counted(odd):
    assert re.search(r"\d columns? do(es)? not fit on this screen", shown(odd, 60))
    assert "not fit" not in shown(odd, 200)


def test_testers_and_targets_by_name_only_when_asked(odd):
    assert "An Testster" not in shown(odd, 120)
    named = shown(odd, 120, names={"P-an": "An Testster", "T-0": "[bold]Kantoor[/bold]"})
    assert "An Testster" in named
    assert "[bold]Kantoor[/bold]" in named


@pytest.mark.parametrize("code", LANGUAGES)
def test_agreement_on_the_screen(code):
    units = [
        Unit(f"it-{n}", {"An": "refused", "Bea": "refused" if n % 3 else "call-back"})
        for n in range(70)
    ]
    console = Console(file=io.StringIO(), width=80, highlight=False)
    report = agreement_of(units, ["call-back", "refused"])
    print_agreement(report, console, language_named(code), by_category=True)
    text = console.file.getvalue()
    assert "AC1" in text
    assert "it-0" in text
    assert max(map(len, text.splitlines())) <= 80
    agreeing = agreement_of(units[1:2], ["call-back", "refused"])
    print_agreement(agreeing, console, language_named(code))
