"""Population files for the tests."""

from praktijktest.problems import DesignError, Problem
from praktijktest.simulation.population import Population
from praktijktest.simulation.population_reading import parse_population

HEAD = """format = 1
[population]
id = "try"
targets = {targets}
tests = {tests}
{more}
"""
GROUND = """
[[ground]]
id = "{name}"
ground = "origin"
control = "{name}-control"
test = "{name}-test"
response = 0.6
{more}
"""
KIND = """
[[ground.behaviour]]
id = "{id}"
share = {share}
strength = {strength}
{more}
"""
QUIET = """
[noise]
failed = 0.0
incomplete = 0.0
late = 0.0
explicit = 0.0
"""
SMALL = HEAD.format(targets=20, tests=10, more="") + GROUND.format(name="origin", more="")


def head(targets: int, tests: object, more: str = "") -> str:
    return HEAD.format(targets=targets, tests=tests, more=more)


def ground(name: str = "origin", more: str = "") -> str:
    return GROUND.format(name=name, more=more)


def kind(name: str, share: float, strength: object, more: str = "") -> str:
    return KIND.format(id=name, share=share, strength=strength, more=more)


def population(*parts: str) -> Population:
    return parse_population("\n".join(parts))


def problems_of(text: str) -> tuple[Problem, ...]:
    try:
        parse_population(text, "city.toml")
    except DesignError as error:
        return error.problems
    raise AssertionError("the population was accepted")
