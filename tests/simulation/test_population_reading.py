"""A population file is read whole, or every reason why not is given at once."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.design import parse_design
from praktijktest.problems import DesignError, Problem, UsageError
from praktijktest.simulation import parse_population, read_population
from praktijktest.simulation.population import (
    Behaviour,
    Confirm,
    Flagging,
    Ground,
    Noise,
    Population,
    Round,
    Wave,
)
from praktijktest.simulation.round_design import design_text
from tests.simulation.populations import SMALL, ground, head, kind, population, problems_of

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "designs" / "populations").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_population_is_valid_and_has_its_own_name(path: Path) -> None:
    assert read_population(path).population.id == path.stem
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_three_populations_are_shipped() -> None:
    assert [path.stem for path in SHIPPED] == ["all-fair", "city-rentals", "employers-two-waves"]


def test_every_error_is_said_at_once_with_its_place_and_the_nearest_key() -> None:
    text = """
format = 1
[population]
id = "two words"
targets = 0
test = 12
tests = [15, 8]
[[ground]]
id = "origin"
ground = "origine"
control = "a"
test = "b"
response = 1.2
[[ground.behaviour]]
id = "strong"
share = "many"
strength = 0
[nois]
coding_error = 0.01
[strata]
agent_type = { chain = 0.4, independent = 0.4 }
[confirm]
net = 2
"""
    lines = [problem.line() for problem in problems_of(text)]
    for part in (
        "population.id: may hold only letters",
        "population.targets: must be 1 or more (value: '0')",
        "population.test: unknown key → did you mean tests?",
        "population.tests: names the largest first → write [8, 15]",
        "ground[0].ground: is not a known value (value: 'origine') → did you mean origin?",
        "ground[0].response: must lie between 0 and 1 (value: '1.2')",
        "ground[0].behaviour[0].share: must be a number (value: 'many')",
        "ground[0].behaviour[0].strength: must be more than 0",
        "nois: unknown key → did you mean noise?",
        "strata.agent_type: has shares that sum to 0.8",
        "confirm.tests: this is missing → add tests = 15",
    ):
        assert any(part in line for line in lines), part
    assert len(lines) == 11
    assert all(line.startswith("city.toml") for line in lines)


def test_a_misspelt_required_key_is_said_once() -> None:
    (problem,) = problems_of(SMALL.replace("response", "respons"))
    assert problem.line().endswith("ground[0].respons: unknown key → did you mean response?")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (head(9, 5), "ground", "missing"),
        (head(9, 5) + ground("a") + ground("a"), "ground", "two grounds with the id 'a'"),
        (head(9, 5) + ground(more='control_names = []'), "ground[0].control_names", "empty"),
        (SMALL.replace("origin-test", "origin-control"), "ground[0]", "one applicant"),
        (SMALL.replace('id = "origin"', 'id = "outcome"'), "ground[0].id", "column of the log"),
        (SMALL + kind("a", 0.6, 1) + kind("b", 0.6, 1), "ground[0].behaviour", "more than 1"),
        (SMALL + kind("a", 0.1, 1) + kind("a", 0.1, 1), "ground[0].behaviour", "'a'"),
        (SMALL + kind("fair", 0.1, 1), "ground[0].behaviour", "'fair'"),
        (SMALL + kind("a", 0.1, [0.5]), "ground[0].behaviour[0].strength", "smallest and the"),
        (SMALL + "[strata]\ntest = { a = 1 }", "strata", "'test'"),
        (SMALL + "[strata]\nkind = 3", "strata.kind", "table of levels"),
        (SMALL + "[[wave]]\nid='a'\n[[wave]]\nid='a'", "wave", "two waves"),
        (SMALL + "[wave]\nid='a'", "wave", "must be a table"),
        (SMALL + "[noise]\ncoding_error = 0.6", "noise.coding_error", "between"),
        (SMALL + "[noise]\nlate = true", "noise.late", "number"),
        (SMALL + "[flagging]\nrule = 'bf'", "flagging.rule", "known value"),
        (SMALL.replace("tests = 10", "tests = 1.5"), "population.tests", "whole number"),
        (SMALL.replace("tests = 10", "tests = []"), "population.tests", "smallest and the"),
        (SMALL.replace("targets = 20", "targets = 1000000").replace("tests = 10", "tests = 900"),
         None, "900,000,000 tests"),
        (head(9, 5, "start = 9999-12-31") + ground(), "population.start", "1950"),
        (head(9, 5, "gap_hours = [1, 9e5]") + ground(), "population.gap_hours", "720"),
        (head(9, 5, "working_days = 9999") + ground(), "population.working_days", "2,600"),
        ("", None, "empty"),
        ("format = 2", "format", "reads format 1"),
        ("format = true", "format", "reads format 1"),
        ("a = ", None, "not valid TOML"),
        ("x = " + "[" * 5000, None, "too deep"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_its_place(text: str, place: str | None, words: str) -> None:
    (problem,) = problems_of(text)
    assert problem.column == place
    assert words in problem.message


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200) | st.lists(st.sampled_from(SMALL.split("\n"))).map("\n".join))
def test_no_text_gives_anything_but_problems(text: str) -> None:
    found: tuple[Problem, ...] | None = None
    try:
        parse_population(text)
    except DesignError as error:
        found = error.problems
    assert found is None or (found and all("\n" not in problem.line() for problem in found))


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no population file none\.toml"):
        read_population(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="is a folder"):
        read_population(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes('id = "\n\né"'.encode("latin-1"))
    with pytest.raises(DesignError) as caught:
        read_population(latin)
    assert caught.value.problems[0].row == 3
    huge = tmp_path / "huge.toml"
    huge.write_bytes(b"#" * 1_000_001)
    with pytest.raises(DesignError):
        read_population(huge)
    marked = tmp_path / "marked.toml"
    marked.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read_population(marked).population.targets == 20


IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,8}", fullmatch=True)


@settings(max_examples=60, deadline=None)
@given(IDS, IDS, st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20))
def test_the_design_that_goes_with_it_is_valid(first: str, second: str, name: str) -> None:
    tables = {
        "population": {"id": first, "title": name or "x", "targets": 3, "tests": 5},
        "ground": [
            {"id": i, "ground": "age", "control": f"{i}-c", "test": f"{i}-t", "response": 0.5,
             "control_names": [name]}
            for i in dict.fromkeys((first, second))
        ],
        "strata": {"agent type": {name: 1.0}},
        "flagging": {"alpha": 0.1, "min_tests": 4},
    }  # fmt: skip
    try:
        wanted = Population.model_validate(tables)
    except ValueError:
        return
    design = parse_design(design_text(wanted, "Made here"))
    assert [comparison.id for comparison in design.comparisons()] == list(
        dict.fromkeys((first, second))
    )
    assert design.flagging.alpha == 0.1
    assert design.round.simulated


def test_another_number_of_agents_is_checked_too() -> None:
    from pydantic import ValidationError

    wanted = population(SMALL)
    assert wanted.with_targets(7).population.targets == 7
    with pytest.raises(ValidationError):
        wanted.with_targets(0)


def test_every_key_is_on_the_page() -> None:
    page = (ROOT / "docs" / "simulate.md").read_text(encoding="utf-8")
    for model in (Round, Ground, Behaviour, Noise, Wave, Confirm, Flagging, Population):
        for name, info in model.model_fields.items():
            key = info.alias or name
            assert re.search(rf"`\[*(?:ground\.)?{key}\]*`", page), (model.__name__, key)
