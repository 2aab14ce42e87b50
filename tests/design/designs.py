"""Small designs that the tests of the design file are told in."""

from __future__ import annotations

import pytest

from praktijktest.design import parse_design
from praktijktest.problems import DesignError, Problem

MINIMAL = """\
format = 1
[round]
id = "test-round"
title = "Test round"
market = "housing"
[[contrast]]
id = "origin"
attribute = "origin"
ground = "origin"
control = "flemish"
test = "moroccan"
[outcomes]
scheme = "housing"
"""

PROFILES = (
    MINIMAL
    + """\
[[profile]]
id = "flemish-man"
attributes = { origin = "flemish", gender = "man" }
names = ["Wouter Claes", "Bram Maes"]
[[profile]]
id = "moroccan-man"
attributes = { origin = "moroccan", gender = "man" }
names = ["Rachid El Amrani", "Youssef Benali"]
"""
)

CUSTOM = MINIMAL.replace('scheme = "housing"', 'scheme = "custom"') + (
    '[outcomes.labels]\n0 = "no"\n1 = "yes"\n[outcomes.positive]\nbroad = ["1"]\n'
)

CALLS = """\
format = 1
[round]
id = "calls"
[[call]]
id = "no-foreigners"
ground = "origin"
request = "owner asks not to let to foreigners"
[outcomes]
scheme = "mystery"
"""


def problems_of(text: str) -> tuple[Problem, ...]:
    """The problems of a design that cannot be used."""
    with pytest.raises(DesignError) as caught:
        parse_design(text, "design.toml")
    assert caught.value.exit_code == 2
    for problem in caught.value.problems:
        assert problem.level == "error"
        assert problem.file == "design.toml"
        assert_plain(problem)
    return caught.value.problems


def only_problem(text: str) -> Problem:
    """The one problem of a design that has one."""
    problems = problems_of(text)
    assert [problem.line() for problem in problems] == [problems[0].line()]
    return problems[0]


def assert_plain(problem: Problem) -> None:
    """One line, and nothing of the library that found it."""
    line = problem.line()
    assert line == " ".join(line.splitlines())
    for jargon in ("pydantic", "http", "Input should", "validation error", "Value error", "type="):
        assert jargon not in line, line
