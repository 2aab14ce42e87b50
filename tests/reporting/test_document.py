"""The report as data: no language in it, and fast whatever the number of targets."""

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import pytest

from praktijktest.language import Message, language_named
from praktijktest.reporting.blocks import Column, Table
from praktijktest.reporting.document import build_report
from praktijktest.reporting.html import render_html
from praktijktest.reporting.targets_section import SHOWN
from praktijktest.vocabulary import FLAG_RULES, LANGUAGES
from tests.reporting.documents import DOCUMENTS, contrast, document, ghent


def parts(value: Any) -> Iterator[Any]:
    """Everything inside a report."""
    yield value
    if isinstance(value, Message):
        for inner in value.values.values():
            yield from parts(inner)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from parts(inner)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_message_can_be_said_in_every_language(name: str) -> None:
    report = build_report(DOCUMENTS[name]())
    messages = [part for part in parts(report) if isinstance(part, Message)]
    assert len(messages) > 100
    for code in LANGUAGES:
        language = language_named(code)
        for found in messages:
            assert language.say(found) or found.key == "empty"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_tables_are_rectangular_and_every_heading_says_something(name: str) -> None:
    tables = [part for part in parts(build_report(DOCUMENTS[name]())) if isinstance(part, Table)]
    assert len({table.id for table in tables}) == len(tables)
    for table in tables:
        assert all(isinstance(column, Column) for column in table.columns)
        assert all(len(row) == len(table.columns) for row in table.rows), table.id


def test_reports_are_equal_when_their_documents_are() -> None:
    assert build_report(ghent()) == build_report(ghent())


@pytest.mark.parametrize("rule", FLAG_RULES)
def test_every_flag_rule_is_said_in_words(rule: str) -> None:
    analysis = ghent(12)
    analysis["flag_rule"]["rule"] = rule
    for code in LANGUAGES:
        page = render_html(build_report(analysis), language_named(code))
        assert language_named(code).text(f"flag.{rule}", alpha=0.05)[:40] in page


def test_forty_contrasts_without_a_ground_are_shown() -> None:
    contrasts = [
        contrast(f"c{i}", None, ("a", f"level {i}"), (10, i, 2, 9), targets=0) for i in range(40)
    ]
    page = render_html(build_report(document(contrasts, [])), language_named("nl"))
    assert page.count('class="finding ') == 40
    assert "level 39" in page


def test_forty_two_thousand_targets_take_no_time_to_speak_of() -> None:
    analysis = ghent(40)
    small = analysis["targets"]
    analysis["targets"] = [
        small[i % len(small)] | {"pseudonym": f"A{i:05d}", "target": f"T{i}"} for i in range(42_000)
    ]
    language = language_named("nl")
    render_html(build_report(ghent(3)), language)
    started = time.process_time()
    report = build_report(analysis)
    page = render_html(report, language)
    assert time.process_time() - started < 1.0
    rows = next(p for p in parts(report) if isinstance(p, Table) and p.id == "targets-table").rows
    assert len(rows) == SHOWN
    assert "41.800" in page
