"""The chapters on stages and on more than yes or no, and their files."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from praktijktest.language import language_named
from praktijktest.reporting.blocks import Curves
from praktijktest.reporting.document import build_report
from praktijktest.reporting.html import render_html
from praktijktest.reporting.outcomes_section import outcomes_section
from praktijktest.reporting.stages_section import stages_section
from praktijktest.reporting.tables import report_tables
from praktijktest.reporting.terminal import print_analysis
from praktijktest.vocabulary import LANGUAGES
from tests.analysis.logs import run
from tests.analysis.test_further_outcomes import TIMES, WINDOW, timed
from tests.analysis.test_stages import DESIGN, HEADER, france
from tests.reporting.documents import ghent

YES, GROUP, MORE = "viewing-individual", "viewing-group", "more-information"


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(tmp_path_factory.mktemp("staged"), france(), DESIGN, HEADER).to_dict()


@pytest.fixture(scope="module")
def waited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    rows = []
    for n in range(6):
        rows += timed(f"a{n}", (YES, "01", "2026-11-02T12:00"), (YES, "01", "2026-11-06T12:00"))
        rows += timed(f"b{n}", (GROUP, "01", "2026-11-02T12:00"), (MORE, "01", "2026-11-03T12:00"))
        rows += timed(f"c{n}", ("refused", "01", "2026-11-04T12:00"), ("no-reply", "01", ""))
    return run(tmp_path_factory.mktemp("waited"), rows, WINDOW, TIMES).to_dict()


@pytest.mark.parametrize("code", LANGUAGES)
def test_stages_in_every_language(staged: dict[str, Any], code: str) -> None:
    language = language_named(code)
    html = render_html(build_report(staged), language)
    assert 'id="stages"' in html
    assert language.percent(561 / 1100) in html
    assert language.text("stages.headline.first") in html
    shown = StringIO()
    print_analysis(staged, Console(file=shown, width=200), language)
    assert language.percent(561 / 1100) in shown.getvalue()


@pytest.mark.parametrize("stage", ["cumulative", "last", "interview"])
def test_the_report_says_which_stage_it_is_about(tmp_path: Path, stage: str) -> None:
    rows = [row for row in france() if row[0] > "t1000"]
    document = run(tmp_path, rows, DESIGN + f'[analysis]\nstage = "{stage}"\n', HEADER).to_dict()
    language = language_named("en")
    key = "named" if stage == "interview" else stage
    sentence = language.text(f"stages.headline.{key}", stage=stage)
    report = build_report(document)
    assert sentence in render_html(report, language)
    facts = {language.say(term): language.say(value) for term, value in report.facts}
    words = stage if stage == "interview" else language.text(f"stages.fact.{stage}")
    assert facts[language.text("fact.stage")] == words


@pytest.mark.parametrize("code", LANGUAGES)
def test_waiting_late_invitations_and_questions_in_every_language(
    waited: dict[str, Any], code: str
) -> None:
    language = language_named(code)
    section = outcomes_section(waited)
    assert section is not None
    curves = next(block for block in section.blocks if isinstance(block, Curves))
    assert [curve.days[-1] for curve in curves.curves] == [14.0, 14.0]
    assert curves.curves[0].waiting[-1] == 0.0
    assert curves.curves[1].waiting[-1] == pytest.approx(1 / 3)
    html = render_html(build_report(waited), language)
    for sentence in ("delay", "questions", "first", "difference"):
        words = language.messages[f"outcomes.{sentence}"]
        assert str(words).split("{")[-1].rsplit("}", maxsplit=1)[-1] in html


def test_earlier_documents_have_neither_chapter() -> None:
    assert outcomes_section(ghent()) is None
    assert stages_section(ghent()) is None


def test_the_files(staged: dict[str, Any], waited: dict[str, Any]) -> None:
    def rows(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
        header, lines = report_tables(document)[name]
        return [dict(zip(header, line, strict=True)) for line in lines]

    stages = [row for row in rows(staged, "stages.csv") if row["primary"]]
    assert [row["stage"] for row in stages] == ["contact", "waiting", "interview"]
    assert stages[-1]["cumulative"] == pytest.approx(0.51)
    measures = {row["name"]: row for row in rows(waited, "further_outcomes.csv")}
    assert measures["net_invited_a_day_earlier"]["control_favoured"] == 6
    assert measures["waiting_difference"]["value"] == pytest.approx((4 + 1 + 11) / 3)
    assert sum(row["tests"] for row in rows(waited, "ladder.csv")) == 18
    assert {row["arm"] for row in rows(waited, "waiting.csv")} == {"control", "test"}
