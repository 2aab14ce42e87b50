"""A reader who knows the rules and where tests can stand tries to work hidden numbers out.

The attack is a program over the tests of every combination of levels and every cell: all that is
published is a constraint, and the range of every hidden number is what is left.
"""

from collections import Counter
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from praktijktest.disclosure import TestPlaces, protected
from tests.disclosure.made_rounds import CELLS, MadeTest, document, places_of

MIN_CELL = 5
PROTECTION = MIN_CELL - 1
"""How wide the range of a hidden number of tests is at least: 0 to 4, or 7 to 11."""


class Attack:
    """What is published of one contrast under one rule, as linear programs.

    No published sum mixes cells, so every cell is a program of its own. With two
    stratifications these are transport problems, whose optima are whole numbers: the range
    found is that of an integer program.
    """

    def __init__(
        self, shown: dict[str, Any], tests: list[MadeTest], contrast: str, rule: str
    ) -> None:
        mine = [t for t in tests if contrast in (t.contrast, "again")]
        self.kinds = sorted({t.strata for t in mine})
        rows = []
        self.values: dict[str, list[int]] = {cell: [] for cell in CELLS}
        for entry in shown["contrasts"]:
            if entry["id"] != contrast or entry["rule"] != rule or entry.get("hidden"):
                continue
            place = entry["stratum"] and (entry["stratum"]["by"], entry["stratum"]["level"])
            rows.append(self.sum_of(place))
            for cell in CELLS:
                self.values[cell].append(entry["cells"][cell])
        self.sums = np.array(rows)

    def sum_of(self, place: tuple[str, str] | None) -> np.ndarray:
        return np.array([float(place is None or place in kind) for kind in self.kinds])

    def range(self, place: tuple[str, str]) -> tuple[int, int]:
        """The least and the most tests that a stratum can have."""
        target = self.sum_of(place)
        low = high = 0
        for values in self.values.values():
            for sign in (1.0, -1.0):
                found = linprog(sign * target, A_eq=self.sums, b_eq=values)
                assert found.status == 0, found.message
                if sign > 0:
                    low += round(found.fun)
                else:
                    high -= round(found.fun)
        return low, high


def hidden_places(
    shown: dict[str, Any], original: dict[str, Any], contrast: str
) -> list[tuple[str, str]]:
    """The strata whose numbers are not in what is published."""
    open_places = {
        (e["stratum"]["by"], e["stratum"]["level"])
        for e in shown["contrasts"]
        if e["id"] == contrast and e["stratum"] and not e.get("hidden")
    }
    all_places = {
        (e["stratum"]["by"], e["stratum"]["level"])
        for e in original["contrasts"]
        if e["id"] == contrast and e["stratum"]
    }
    unplaced = {(by, "") for by in {name for name, _ in all_places}}
    return sorted((all_places | unplaced) - open_places)


def is_safe(tests: list[MadeTest], contrast: str, place: tuple[str, str]) -> bool:
    """Whether a stratum has enough tests and targets, and not only one of them treated so."""
    mine = [t for t in tests if contrast in (t.contrast, "again") and place in t.strata]
    few = 0 < len(mine) < MIN_CELL or (len(mine) and len({t.target for t in mine}) < 3)
    unequal: list[set[str]] = [{"only_control"}, {"only_test"}]
    uniform = {t.cell for t in mine} in unequal or {t.broad for t in mine} in unequal
    return not few and not uniform


def attack_everything(
    original: dict[str, Any], tests: list[MadeTest], places: TestPlaces | None
) -> int:
    """Attack every hidden number; how many were attacked."""
    found = protected(original, MIN_CELL, places).document
    attacked = 0
    for contrast in {entry["id"] for entry in found["contrasts"]}:
        for rule in ("strict", "broad"):
            attack = Attack(found, tests, contrast, rule)
            for place in hidden_places(found, original, contrast):
                if is_safe(tests, contrast, place):
                    continue  # hidden for the sake of another, which is attacked itself
                low, high = attack.range(place)
                assert high - low >= PROTECTION, (contrast, rule, place, low, high)
                attacked += 1
    return attacked


@st.composite
def rounds(draw: st.DrawFn) -> list[MadeTest]:
    """Small rounds with two stratifications, uneven levels, some levels of one target only."""
    random = Random(draw(st.integers(0, 10**6)))
    types = [f"type-{i}" for i in range(draw(st.integers(1, 4)))]
    districts = [f"district-{i}" for i in range(draw(st.integers(1, 5)))]
    nested = draw(st.booleans())
    unplaced = draw(st.booleans())
    tests = []
    for number in range(draw(st.integers(1, 14))):
        kind = types[int(len(types) * random.random() ** 2)]
        district = districts[int(len(districts) * random.random() ** 2)]
        if nested:
            kind = types[districts.index(district) % len(types)]
        if unplaced and random.random() < 0.1:
            district = ""
        contrast = random.choice(["origin", "origin", "disability"])
        for _ in range(random.choice([1, 2, 4, 8])):
            cell = random.choices(CELLS, [4, 3, 1, 4])[0]
            broad = "both" if random.random() < 0.2 else cell
            strata = (("type", kind), ("district", district))
            tests.append(MadeTest(contrast, f"agent-{number}", strata, cell, broad))
    return tests


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(rounds(), st.booleans(), st.booleans())
def test_no_hidden_stratum_can_be_worked_out(
    tests: list[MadeTest], shared: bool, crossed: bool
) -> None:
    original = document(tests, shared=shared)
    attack_everything(original, tests, places_of(tests) if crossed else None)


def agents(sizes: dict[tuple[str, str], int], per_agent: int = 2) -> list[MadeTest]:
    """Tests by type and district, `per_agent` for every agent, in turn over the cells."""
    tests = []
    for (kind, district), count in sizes.items():
        for number in range(count):
            cell = CELLS[number % 4]
            agent = f"{kind}-{district}-{number // per_agent}"
            strata = (("type", kind), ("district", district))
            tests.append(MadeTest("origin", agent, strata, cell, cell))
    return tests


def shown_levels(tests: list[MadeTest], places: TestPlaces | None, by: str) -> set[str]:
    found = protected(document(tests), MIN_CELL, places).document
    return {
        e["stratum"]["level"]
        for e in found["contrasts"]
        if e["stratum"] and e["stratum"]["by"] == by and not e.get("hidden")
    }


def test_a_single_small_stratum_takes_the_smallest_of_the_others_with_it() -> None:
    tests = agents({("a", "x"): 40, ("b", "x"): 30, ("c", "x"): 3})
    assert shown_levels(tests, places_of(tests), "type") == {"a"}
    assert attack_everything(document(tests), tests, places_of(tests)) > 0


def test_nested_stratifications_do_not_give_one_another_away() -> None:
    """Ronse is hidden in both; were both parts of Aalst shown, its city would be, and Ronse."""
    sizes = {("Gent", "Gent-1"): 30, ("Gent", "Gent-2"): 14, ("Aalst", "Aalst-1"): 16}
    sizes |= {("Aalst", "Aalst-2"): 18, ("Ronse", "Ronse"): 3}
    tests = agents(sizes)
    assert shown_levels(tests, places_of(tests), "type") == {"Gent"}
    assert attack_everything(document(tests), tests, places_of(tests)) > 0


def test_what_one_stratification_shows_less_what_another_shows_is_no_small_number() -> None:
    """Type b has 12 tests, 10 of them in district y, where nobody else is: the rest are 2."""
    tests = agents({("a", "x"): 40, ("b", "y"): 10, ("b", "x"): 2})
    open_types = shown_levels(tests, places_of(tests), "type")
    open_districts = shown_levels(tests, places_of(tests), "district")
    assert not ({"b"} <= open_types and {"y"} <= open_districts)


def test_without_the_tests_only_one_stratification_is_shown() -> None:
    tests = agents({("a", "x"): 40, ("b", "y"): 30})
    assert shown_levels(tests, None, "type") == {"a", "b"}
    assert shown_levels(tests, None, "district") == set()
    assert shown_levels(tests, places_of(tests), "district") == {"x", "y"}


def test_tests_without_a_level_are_not_what_is_left_over() -> None:
    """38 tests in two districts and 2 in none: their sum is the total less the shown."""
    tests = agents({("a", "x"): 20, ("a", "y"): 18, ("a", ""): 2})
    assert shown_levels(tests, places_of(tests), "district") != {"x", "y"}
    assert attack_everything(document(tests), tests, places_of(tests)) > 0


@pytest.mark.parametrize("cell", ["only_control", "only_test"])
def test_a_stratum_where_everybody_treats_unequally_is_hidden(cell: str) -> None:
    tests = agents({("a", "x"): 40, ("b", "x"): 30})
    third = [
        MadeTest("origin", f"c-{i}", (("type", "c"), ("district", "x")), cell, cell)
        for i in range(8)
    ]
    assert "c" not in shown_levels([*tests, *third], places_of([*tests, *third]), "type")


def test_a_stratum_that_one_target_fills_is_hidden() -> None:
    """Three agents, but eighteen of the twenty tests are of one of them."""
    tests = agents({("a", "x"): 40, ("b", "x"): 30})
    own = (("type", "c"), ("district", "x"))
    third = [
        MadeTest("origin", "big" if i > 1 else f"small-{i}", own, CELLS[i % 4], CELLS[i % 4])
        for i in range(20)
    ]
    everything = [*tests, *third]
    assert "c" not in shown_levels(everything, places_of(everything), "type")


def test_the_attack_finds_what_is_left_open() -> None:
    """The attack is worth something: with one stratum hidden alone, it finds its number."""
    tests = agents({("a", "x"): 40, ("b", "x"): 30, ("c", "x"): 3})
    original = document(tests)
    naive = {
        **original,
        "contrasts": [
            {**e, "hidden": True} if e["stratum"] and e["stratum"]["level"] == "c" else e
            for e in original["contrasts"]
        ],
    }
    assert Attack(naive, tests, "origin", "strict").range(("type", "c")) == (3, 3)
    assert Counter(t.strata[0][1] for t in tests)["c"] == 3
