"""Krippendorff's alpha, against his own worked examples and an independent sum over pairs."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.agreement import MISSING
from praktijktest.statistics.krippendorff import krippendorff_alpha

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: examples A, B and C.
BINARY = ["0100000010", "1110010000"]
NOMINAL = ["aabbdcccedda", "babbbcccedd" + "d"]
FOUR_CODERS = [
    "123321412...",
    "1233224125.3",
    ".33323422 51.".replace(" ", ""),
    "1233244125" + "1.",
]


def codes(lines, symbols):
    return np.array([[symbols.find(letter) for letter in line] for line in lines])


def by_pairs(table, categories, level):
    """Alpha as one minus observed over expected distance, pair by pair, without a matrix."""
    columns = [[c for c in unit if c != MISSING] for unit in np.array(table).T]
    columns = [unit for unit in columns if len(unit) > 1]
    everything = [code for unit in columns for code in unit]
    given = [everything.count(c) for c in range(categories)]

    def distance(one, other):
        low, high = min(one, other), max(one, other)
        if level == "nominal":
            return float(one != other)
        return (sum(given[low : high + 1]) - (given[low] + given[high]) / 2) ** 2

    total = len(everything)
    observed = (
        sum(
            sum(distance(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1)
            for unit in columns
        )
        / total
    )
    expected = sum(distance(a, b) for a, b in permutations(everything, 2)) / (total * (total - 1))
    return None if expected == 0 else 1 - observed / expected


def test_two_coders_and_two_values():
    assert krippendorff_alpha(codes(BINARY, "01"), 2).value == pytest.approx(0.095, abs=5e-4)


def test_two_coders_and_many_values():
    assert krippendorff_alpha(codes(NOMINAL, "abcde"), 5).value == pytest.approx(0.692, abs=5e-4)


def test_four_coders_with_missing_codes():
    table = codes(FOUR_CODERS, "12345")
    nominal = krippendorff_alpha(table, 5)
    assert nominal.value == pytest.approx(0.743, abs=5e-4)
    assert nominal.n == 11
    assert krippendorff_alpha(table, 5, level="ordinal").value == pytest.approx(0.815, abs=5e-4)


reliability = st.integers(2, 4).flatmap(
    lambda coders: st.lists(
        st.lists(st.integers(-1, 3), min_size=coders, max_size=coders), min_size=2, max_size=12
    )
)


@settings(max_examples=60)
@given(reliability, st.sampled_from(["nominal", "ordinal"]))
def test_alpha_is_one_minus_observed_over_expected(units, level):
    table = np.array(units).T
    reference = by_pairs(table, 4, level) if (np.sum(table >= 0, axis=0) > 1).any() else None
    found = krippendorff_alpha(table, 4, level=level, replicates=10)
    assert found.value == pytest.approx(reference, abs=1e-9)


def test_the_interval_is_the_same_for_the_same_seed_and_covers_the_value():
    generator = np.random.default_rng(1)
    truth = generator.integers(0, 4, 300)
    table = np.array([np.where(generator.random(300) < 0.9, truth, 0) for _ in range(3)])
    one, again = (krippendorff_alpha(table, 4, seed=7) for _ in range(2))
    assert one == again
    assert one.low < one.value < one.high
    assert krippendorff_alpha(table, 4, seed=8).low != one.low
    narrow = krippendorff_alpha(table, 4, seed=7, confidence=0.5)
    assert one.low < narrow.low < narrow.high < one.high


def test_the_bootstrap_agrees_with_the_analytic_interval_of_kappa():
    """With two coders and many units alpha is kappa, and so should be their intervals."""
    from praktijktest.statistics.agreement import cohen_kappa, confusion_table

    generator = np.random.default_rng(3)
    truth = generator.integers(0, 3, 3000)
    table = np.array([np.where(generator.random(3000) < 0.85, truth, 1) for _ in range(2)])
    alpha = krippendorff_alpha(table, 3)
    kappa = cohen_kappa(confusion_table(table[0], table[1], 3))
    assert alpha.value == pytest.approx(kappa.value, abs=1e-3)
    assert alpha.low == pytest.approx(kappa.low, abs=4e-3)
    assert alpha.high == pytest.approx(kappa.high, abs=4e-3)


@pytest.mark.parametrize(
    "table", [[[-1, 0], [1, -1]], np.empty((2, 0), dtype=int), [[0, 0], [0, 0]]]
)
def test_no_alpha_where_nothing_can_be_compared(table):
    found = krippendorff_alpha(table, 2)
    assert (found.value, found.low, found.high) == (None, None, None)


def test_full_agreement_has_no_interval_that_pretends_to_certainty():
    found = krippendorff_alpha([[0, 1, 0], [0, 1, 0]], 2)
    assert (found.value, found.low, found.high) == (1.0, None, None)
