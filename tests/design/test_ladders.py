"""Ladders and questions of a design: the scheme's own, declared ones, and what does not fit."""

import pytest

from praktijktest.design import parse_design
from praktijktest.problems import DesignError
from praktijktest.vocabulary import LADDERS, QUESTIONS, SCHEMES
from tests.analysis.logs import ORIGIN


def with_outcomes(lines: str) -> str:
    return ORIGIN.replace('scheme = "housing"', f'scheme = "housing"\n{lines}')


@pytest.mark.parametrize("scheme", sorted(LADDERS))
def test_the_ladders_hold_every_reply_once_and_never_fall_below_what_is_positive(
    scheme: str,
) -> None:
    codes = [code for rung in LADDERS[scheme] for code in rung]
    assert sorted(codes) == sorted(SCHEMES[scheme].codes)
    place = {code: number for number, rung in enumerate(LADDERS[scheme]) for code in rung}
    strict, broad = SCHEMES[scheme].strict, SCHEMES[scheme].broad
    others = [code for code in codes if code not in broad]
    assert min(place[code] for code in strict) > max(place[code] for code in others)
    assert min(place[code] for code in strict) > max(place[c] for c in broad if c not in strict)
    assert set(QUESTIONS[scheme]) <= set(codes)


def test_a_declared_ladder_takes_the_place_of_the_schemes() -> None:
    assert parse_design(ORIGIN).ladder() == LADDERS["housing"]
    own = parse_design(with_outcomes('ladder = [["no-reply"], ["viewing-group"]]'))
    assert own.ladder() == (("no-reply",), ("viewing-group",))
    assert parse_design(with_outcomes('questions = ["call-back"]')).questions() == ("call-back",)


@pytest.mark.parametrize(
    ("lines", "code", "place"),
    [
        ('ladder = [["no-reply"]]', "short-ladder", "outcomes.ladder"),
        ('ladder = [["no-reply"], ["no-reply"]]', "code-on-two-rungs", "outcomes.ladder[1][0]"),
        ('ladder = [["no-reply"], ["viewing"]]', "unknown-outcome", "outcomes.ladder[1][0]"),
        ('questions = ["more"]', "unknown-outcome", "outcomes.questions[0]"),
    ],
)
def test_what_does_not_fit(lines: str, code: str, place: str) -> None:
    with pytest.raises(DesignError) as caught:
        parse_design(with_outcomes(lines))
    assert [(problem.code, problem.column) for problem in caught.value.problems] == [(code, place)]


@pytest.mark.parametrize("value", ['"no-reply"', "[[]]", "[1, 2]"])
def test_a_ladder_of_another_shape_is_refused_in_words(value: str) -> None:
    with pytest.raises(DesignError) as caught:
        parse_design(with_outcomes(f"ladder = {value}"))
    assert all(problem.message for problem in caught.value.problems)
