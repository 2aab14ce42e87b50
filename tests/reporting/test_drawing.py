"""Figures as pictures: whole, the same every time, and in words as well."""

import os
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from praktijktest.language import language_named
from praktijktest.reporting.blocks import (
    Bar,
    Bars,
    Curve,
    Curves,
    Estimated,
    Flow,
    FlowStep,
    Forest,
    ForestRow,
    FourCells,
    Panel,
    Paragraph,
    RankedTarget,
    Ranking,
    SmallMultiples,
    Trend,
    TrendLine,
)
from praktijktest.reporting.drawing import drawing_of, pages_of
from praktijktest.reporting.drawing.canvas import CONTROL, PAPER, TEST, drawable
from praktijktest.reporting.drawing.words import words_of
from praktijktest.reporting.wording import verbatim
from praktijktest.vocabulary import LANGUAGES, TARGET_STATES

NAMES = [
    "Vlaamse naam",
    "$\\frac{x}$",
    "漢字 🏠",
    "\u202enaam",
    "_x",
    "<b>&amp;</b>",
    "x" * 300,
    "",
]


def estimate(value: float | None) -> Estimated:
    if value is None:
        return Estimated(None, None, None)
    return Estimated(value, value - 0.1, value + 0.2)


def figures(name: str) -> list[Any]:
    said = verbatim(name)
    bars = (Bar(name, "control", estimate(0.5)), Bar(name, "test", estimate(None)))
    states = sorted(TARGET_STATES)
    return [
        FourCells(name, name, (3, 0, 1, 40), (3, 0, 1, 40), True, said, said),
        Bars(said, bars),
        Forest(
            said,
            -0.2,
            0.6,
            (-0.2, 0.0, 0.2, 0.4, 0.6),
            said,
            said,
            (
                ForestRow(said, True, 12, 10, estimate(0.1), said),
                ForestRow(said, False, 2, 2, None, said),
                ForestRow(said, False, 2, 2, Estimated(0.1, None, None), said),
            ),
        ),
        Ranking(
            said,
            said,
            said,
            said,
            tuple(RankedTarget(name, state, estimate(0.1)) for state in states),
        ),
        Curves(
            said,
            said,
            said,
            (Curve(name, "control", (0, 2.5), (1, 0.4)), Curve(name, "test", (0,), (1,))),
        ),
        Trend(
            said,
            said,
            (name, name),
            (TrendLine(said, (estimate(0.1), None)), TrendLine(said, (None, None))),
        ),
        SmallMultiples(said, said, (Panel(said, said, bars), Panel(said, said, ()))),
        Flow(
            said,
            said,
            (FlowStep(said, 1200, ((said, 3), (said, 40))), FlowStep(said, 0)),
            (FlowStep(said, 7),),
        ),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_is_drawn_whatever_it_is_called(name: str) -> None:
    for block in figures(name):
        drawing = drawing_of(block, language_named("nl"))
        assert drawing is not None
        root = ElementTree.fromstring(drawing.svg())
        assert root.tag.endswith("svg")
        assert b"<text" not in drawing.svg()
        width, height = Image.open(BytesIO(drawing.png(50))).size
        assert width / height == pytest.approx(drawing.width_cm / drawing.height_cm, rel=0.02)


def test_what_is_no_figure_has_no_picture() -> None:
    assert drawing_of(Paragraph(verbatim("x")), language_named("en")) is None


def test_french_words_beside_a_figure_have_spaces_that_do_not_break() -> None:
    said = words_of(
        Bars(verbatim("Taux"), (Bar("a", "control", estimate(0.5)),) * 2), language_named("fr")
    )
    assert said.startswith("Taux. a\u00a0: 50,0")
    assert ")\u00a0; a\u00a0: " in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_words_beside_a_figure_hold_its_numbers(code: str) -> None:
    language = language_named(code)
    for block in figures("naam")[1:3]:
        drawing = drawing_of(block, language)
        assert drawing is not None
        shown = estimate(0.5 if isinstance(block, Bars) else 0.1)
        assert language.percent(shown.value) in drawing.alt
        assert language.percent(shown.high) in drawing.alt


def test_filled_people_got_a_reply_and_open_ones_did_not() -> None:
    def colours(counts: tuple[int, int, int, int]) -> str:
        block = replace(figures("n")[0], counts=counts, pictures=counts)
        drawing = drawing_of(block, language_named("nl"))
        assert drawing is not None
        return drawing.svg().decode()

    both, neither = colours((5, 0, 0, 0)), colours((0, 0, 0, 5))
    assert f"fill: {CONTROL}" in both
    assert f"fill: {TEST}" in both
    assert f"fill: {PAPER}" not in both
    assert f"fill: {CONTROL}" not in neither
    assert f"fill: {PAPER}" in neither


def test_characters_the_font_lacks_become_a_box_and_long_names_are_cut() -> None:
    assert drawable("é – 漢") == "é – \u25a1"
    assert drawable("x" * 100, 10) == "x" * 9 + "…"


def test_long_figures_fill_pages_and_lose_no_row() -> None:
    forest = figures("n")[2]
    long = replace(forest, rows=forest.rows * 50, notes=(verbatim("n"),))
    parts = pages_of(long)
    assert len(parts) > 1
    assert sum((part.rows for part in parts), ()) == long.rows
    assert [part.notes for part in parts[:-1]] == [()] * (len(parts) - 1)
    assert parts[-1].notes == long.notes
    assert pages_of(forest) == (forest,)
    multiples = figures("n")[6]
    many = replace(multiples, panels=multiples.panels * 40)
    assert sum((part.panels for part in pages_of(many)), ()) == many.panels


WHOLE = """
import hashlib, sys
from tests.reporting.test_drawing import figures
from praktijktest.language import language_named
from praktijktest.reporting.drawing import drawing_of
for block in figures("naam"):
    drawing = drawing_of(block, language_named("fr"))
    print(hashlib.sha256(drawing.svg() + drawing.png(60)).hexdigest())
"""


def test_the_same_figure_is_the_same_bytes_in_another_place_and_time() -> None:
    def drawn(**surroundings: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", WHOLE],
            env={**os.environ, **surroundings},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    here = drawn(TZ="Europe/Brussels", LC_ALL="C.UTF-8", PYTHONHASHSEED="0")
    there = drawn(TZ="Pacific/Apia", LC_ALL="C", PYTHONHASHSEED="1", SOURCE_DATE_EPOCH="1")
    assert here == there
    assert len(here.split()) == len(figures("naam"))
