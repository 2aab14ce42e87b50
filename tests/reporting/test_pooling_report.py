"""The report of a pooling: words that match the numbers, in every language and format."""

import io
from functools import cache
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from praktijktest.language import language_named
from praktijktest.reporting.blocks import Estimated, Finding, Forest, Table
from praktijktest.reporting.drawing import drawing_of
from praktijktest.reporting.html import render_html
from praktijktest.reporting.pooling_document import ROWS_ON_SCREEN, pooling_report, screen_report
from praktijktest.reporting.pooling_figures import ratio_axis
from praktijktest.reporting.pooling_tables import pooling_tables
from praktijktest.reporting.report_terminal import print_report
from praktijktest.rounds.pool import MEASURES, Pooling
from praktijktest.rounds.pool_effects import (
    MEASURES as SCALES,
)
from praktijktest.rounds.pool_effects import (
    Origin,
    from_cells,
    from_groups,
    from_margins,
)
from praktijktest.rounds.pooled_ground import pooled_ground
from praktijktest.statistics.cells import Cells
from praktijktest.vocabulary import LANGUAGES
from tests.reporting.pages import page

MANY = [(40 + i, 46 - i, 14 + i, 141 + 3 * i) for i in range(12)]


def origin(name: str, study: str | None = None, **covariates: str) -> Origin:
    return Origin(name, None, study or name, None, "made.csv", 2, covariates)


@cache
def document(measure: str = "response_ratio", moderator: str | None = "year") -> dict[str, Any]:
    """One ground with many studies, one with two results per study, one alone, one with none."""
    scale = SCALES[measure]
    grounds = {
        "origin": [
            from_cells(origin(f"City {i}", year=str(2010 + i)), Cells(*four), scale)
            for i, four in enumerate(MANY)
        ],
        "disability": [
            from_margins(
                origin(f"Study {i}", f"S{i // 2}", year="2020"), 60 + i, 50 - i, 200, scale
            )
            for i in range(6)
        ],
        "Something <else>": [from_groups(origin("Alone & <b>"), 60, 100, 58, 100, scale)],
        "age": [from_cells(origin("Nobody"), Cells(0, 0, 0, 9), scale)],
    }
    return Pooling(
        title="Cities together",
        measure=measure,
        confidence=0.95,
        moderator=moderator,
        sources=(
            {
                "kind": "table",
                "name": "made.csv",
                "rows_read": 20,
                "rows_left_out": 0,
                "sha256": "",
            },
        ),
        rule="strict",
        dated="2026-03-01",
        simulated=False,
        grounds=tuple(
            pooled_ground(name, found, measure=measure, confidence=0.95, moderator=moderator)
            for name, found in grounds.items()
        ),
        left_out=("gender",),
    ).to_dict()


def findings(made: dict[str, Any]) -> list[Finding]:
    blocks = pooling_report(made).sections[0].blocks
    return [block for block in blocks if isinstance(block, Finding)]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("measure", MEASURES)
def test_every_page_can_be_written(measure: str, code: str) -> None:
    report = pooling_report(document(measure), fingerprint="abc")
    html = render_html(report, language_named(code))
    root = page(html)
    text = root.text()
    assert "<b>" not in text.replace("Alone & <b>", "")
    assert "None" not in text
    assert "nan" not in text.split()
    assert "Alone & <b>" in text
    assert [e.attributes["id"] for e in root.all("section")][:2] == ["results", "studies"]
    assert (report.dated, report.fingerprint) == ("2026-03-01", "abc")


def test_verdicts_match_the_evidence() -> None:
    many, nested, alone, none = findings(document())
    assert many.verdict.key == "pooling.verdict.control"
    assert many.evidence == "control"
    assert nested.title.values["studies"].values["count"] == 3
    assert alone.verdict.key == "pooling.one.none"
    assert alone.interval_note.key == "pooling.interval.one-study"
    assert none.verdict.key == "pooling.verdict.nothing"
    assert none.estimate.value is None
    for finding in (many, nested, alone):
        found = finding.estimate
        assert found.low is not None
        assert found.high is not None
        expected = "control" if found.high < 1 else "test" if found.low > 1 else "none"
        assert finding.evidence == expected


@pytest.mark.parametrize(
    ("measure", "sentence", "number"),
    [
        ("response_ratio", "pooling.size.response_ratio", 100),
        ("net_rate_all", "pooling.size.net_rate_all_control", 100),
        ("net_rate_usable", "pooling.size.net_rate_usable_control", 100),
        ("odds_ratio_conditional", "pooling.size.odds_ratio_conditional", None),
    ],
)
def test_the_size_is_said_of_the_right_denominator(
    measure: str, sentence: str, number: int | None
) -> None:
    made = document(measure)
    first = findings(made)[0]
    said = first.sentences[0]
    assert said.key == sentence
    assert first.measure.key == f"estimate.{measure}"
    value = made["grounds"][0]["pooled"]["back_transformed"]["value"]
    assert said.values.get("count", value) == (round(number * value) if number else value)
    assert first.evidence == "control"


def test_the_next_study_is_said_to_hold_equal_treatment_or_not() -> None:
    for entry, finding in zip(document()["grounds"], findings(document()), strict=True):
        expected = entry.get("prediction")
        keys = [s.key for s in finding.sentences if s.key.startswith("pooling.prediction")]
        if expected is None:
            assert keys == []
        else:
            shown = expected["back_transformed"]
            inside = "includes" if shown["low"] <= 1 <= shown["high"] else "excludes"
            assert keys == [f"pooling.prediction.{inside}"]


def forests(made: dict[str, Any]) -> list[Forest]:
    return [b for b in pooling_report(made).sections[1].blocks if isinstance(b, Forest)]


def test_a_forest_has_every_study_then_all_together_then_the_next() -> None:
    made = document()
    many, nested, alone = forests(made)
    assert many.unit == "ratio"
    assert (many.left.key, many.right.key) == ("forest.right", "forest.left")
    assert [row.whole for row in many.rows] == [False] * 12 + [True, False]
    assert [row.expected for row in many.rows[-2:]] == [False, True]
    assert len(nested.rows) == 8
    assert len(alone.rows) == 1
    assert alone.rows[0].n is None
    assert many.place(many.low) == 0
    assert many.place(many.high) == 1
    assert 0 < many.place(1.0) < 1
    assert many.place(many.high * 9) == 1
    rates = forests(document("net_rate_all"))[0]
    assert (rates.unit, rates.left.key) == ("percent", "forest.left")


def test_forests_of_ratios_are_drawn() -> None:
    for block in forests(document()):
        drawing = drawing_of(block, language_named("nl"))
        assert drawing is not None
        root = ElementTree.fromstring(drawing.svg())
        assert root.tag.endswith("svg")
        for row in block.rows:
            if row.estimate is not None and row.estimate.value is not None:
                assert f"{row.estimate.value:.2f}".replace(".", ",") in drawing.alt


@pytest.mark.parametrize(
    ("ends", "low", "high"),
    [
        ([(0.8, 0.9, 0.95)], 0.8, 1.1),
        ([(0.45, 0.7, 1.1)], 0.4, 1.25),
        ([(0.2, 0.7, 3.1)], 0.2, 5.0),
        ([(1e-9, 0.5, 1e9)], 0.05, 20.0),
        ([(None, 2.0, None)], 0.8, 2.0),
    ],
)
def test_an_axis_of_ratios_holds_the_values_and_one(
    ends: list[tuple[float | None, float, float | None]], low: float, high: float
) -> None:
    found = [Estimated(value, below, above, "ratio") for below, value, above in ends]
    first, last, ticks = ratio_axis(found)
    assert (first, last) == (low, high)
    assert (ticks[0], ticks[-1]) == (first, last)
    assert 1.0 in ticks
    assert 2 <= len(ticks) <= 12


def test_few_wide_intervals_do_not_stretch_the_axis() -> None:
    found = [Estimated(0.8, 0.71, 0.9, "ratio")] * 30 + [Estimated(0.9, 0.01, 40.0, "ratio")]
    assert ratio_axis(found)[0] == 0.7


def test_an_interval_without_an_end_can_be_written() -> None:
    """Two studies that contradict each other: t with one degree of freedom has no shame."""
    scale = SCALES["response_ratio"]
    found = [
        from_margins(origin("low"), 9_999_999, 1, 10_000_000, scale),
        from_margins(origin("high"), 5, 4, 10_000_000, scale),
    ]
    entry = pooled_ground(
        "origin", found, measure="response_ratio", confidence=0.95, moderator=None
    )
    made = {**document(), "grounds": [entry]}
    assert entry["pooled"]["back_transformed"]["high"] is None
    finding = findings(made)[0]
    assert (finding.evidence, finding.estimate.high) == ("none", None)
    for code in LANGUAGES:
        assert page(render_html(pooling_report(made), language_named(code))).text()


def test_checks_say_what_would_change_the_conclusion() -> None:
    report = pooling_report(document())
    section = next(s for s in report.sections if s.id == "checks")
    keys = [getattr(getattr(block, "text", None), "key", None) for block in section.blocks]
    assert "pooling.check.small" in keys
    assert "pooling.check.none_decides" in keys
    assert {"pooling.check.ends_same", "pooling.check.ends_differ"} & set(keys)
    assert "moderator" in [s.id for s in report.sections]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_terminal_of_60_columns_shows_the_results(code: str) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=60, no_color=True, highlight=False)
    print_report(screen_report(document()), console, language_named(code))
    text = stream.getvalue()
    assert max(map(len, text.splitlines())) <= 60
    shown = findings(document())[0].estimate
    assert shown.value is not None
    assert language_named(code).ratio(shown.value) in text
    assert "Cities together" in text


def test_long_tables_are_cut_on_a_screen_and_say_so() -> None:
    made = document()
    entry = made["grounds"][0]
    longer = {**made, "grounds": [{**entry, "rows": entry["rows"] * 3}]}
    section = next(s for s in screen_report(longer).sections if s.id == "studies")
    table = next(block for block in section.blocks if isinstance(block, Table))
    assert len(table.rows) == ROWS_ON_SCREEN
    assert table.notes[0].values["count"] == 36 - ROWS_ON_SCREEN


@pytest.mark.parametrize("measure", MEASURES)
def test_tables_have_as_many_cells_as_headings(measure: str) -> None:
    made = document(measure)
    for header, rows in pooling_tables(made).values():
        assert len(set(header)) == len(header)
        assert all(len(row) == len(header) for row in rows)
    header, rows = pooling_tables(made)["studies.csv"]
    assert len(rows) == 20
    assert "moderator.csv" not in pooling_tables(document(moderator=None))
