"""Power of one contrast: against R, against brute force, and what must always hold."""

import itertools
import json
from math import comb, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from praktijktest.statistics.power_discordant import over_discordant, tail
from praktijktest.statistics.power_market import (
    METHODS,
    design_effect,
    detectable_difference,
    normal_tests_needed,
    power,
    rejection_chance,
)
from praktijktest.statistics.power_tests_needed import TooManyTestsError, tests_needed
from praktijktest.statistics.power_unconditional import unconditional_wins
from praktijktest.statistics.unconditional import unconditional_exact

tests_needed.__test__ = False

REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference" / "reference_values.json"
EXACT = ("mcnemar-exact", "mcnemar-midp", "unconditional")


def reference(name: str) -> dict:
    if not REFERENCE.is_file():
        pytest.skip("../shared is not beside this checkout")
    entries = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return next(entry for entry in entries if entry["id"] == name)


@pytest.mark.parametrize("name", ["0.3_0.1_50", "0.2_0.08_100", "0.4_0.1_12"])
def test_exact_power_is_that_of_r(name):
    entry = reference(f"power_exact_{name}")
    n, b, c = (entry["inputs"][key] for key in ("n", "pb", "pc"))
    out = entry["outputs"]
    assert power(n, b, c)[0] == pytest.approx(out["two"], abs=1e-9)
    assert power(n, b, c, sided="one")[0] == pytest.approx(out["one"], abs=1e-9)
    midp = power(n, b, c, method="mcnemar-midp")[0]
    assert midp == pytest.approx(out["midp_two"], abs=1e-9)


def test_fifty_pairs_in_three_digits():
    found = [
        power(50, 0.3, 0.1)[0],
        power(50, 0.3, 0.1, sided="one")[0],
        power(50, 0.3, 0.1, method="mcnemar-midp")[0],
    ]
    assert np.round(found, 3).tolist() == [0.547, 0.679, 0.619]


def test_the_normal_formula_is_that_of_r():
    mess = reference("power_norm_mess")
    b, c = mess["inputs"]["paid"] * mess["inputs"]["psi"], mess["inputs"]["paid"]
    found = power(mess["inputs"]["n"], b, c, method="normal")[0]
    assert found == pytest.approx(mess["outputs"]["power"], abs=1e-9)
    # R's power_mcnemar_test searches for n, to about eight digits.
    for wanted, key in ((0.8, "n80"), (0.9, "n90")):
        needed = normal_tests_needed(b, c, wanted, 0.05, "two")
        assert needed == pytest.approx(mess["outputs"][key], abs=1e-4)
    trial = reference("power_trialsize")
    c = trial["inputs"]["paid"] / (1 + trial["inputs"]["psi"])
    b = trial["inputs"]["paid"] - c
    needed = normal_tests_needed(b, c, 1 - trial["inputs"]["beta"], 0.05, "two")
    assert needed == pytest.approx(trial["outputs"]["n"], abs=1e-9)


def test_the_normal_formula_in_the_numbers_of_the_handbook():
    assert normal_tests_needed(0.3, 0.1, 0.8, 0.05, "two") == pytest.approx(76.09, abs=0.005)
    assert normal_tests_needed(0.3, 0.1, 0.9, 0.05, "two") == pytest.approx(100.85, abs=0.005)
    assert tests_needed(0.3, 0.1, 0.8, method="normal").tests == 77


@pytest.mark.parametrize(
    ("tests", "alpha", "discordant", "wins"),
    [
        (4, 0.05, 4, 5),
        (5, 0.05, 4, 4),
        (7, 0.05, 7, 7),
        (8, 0.05, 7, 6),
        (10, 0.05, 8, 7),
        (10, 0.05, 7, 7),
        (11, 0.05, 10, 8),
        (6, 0.01, 6, 7),
        (7, 0.01, 6, 6),
        (10, 0.01, 6, 7),
        (10, 0.01, 7, 7),
    ],
)
def test_the_smallest_counts_of_the_unconditional_test(tests, alpha, discordant, wins):
    assert unconditional_wins(tests, alpha)[discordant] == wins


@pytest.mark.parametrize("tests", [1, 3, 6, 9, 14, 23])
@pytest.mark.parametrize("alpha", [0.05, 0.025, 0.01])
def test_the_unconditional_region_is_that_of_its_p_values(tests, alpha):
    wins = unconditional_wins(tests, alpha)
    for d, b in itertools.product(range(1, tests + 1), range(tests + 1)):
        if 2 * b <= d or b > d:
            continue
        p = unconditional_exact(b, d - b, tests, "control-favoured")
        assert (b >= wins[d]) == (p <= alpha), (d, b, p)


@pytest.mark.parametrize("method", EXACT)
@pytest.mark.parametrize("sided", ["two", "one"])
@pytest.mark.parametrize(("b", "c"), [(0.4, 0.1), (0.2, 0.2), (0.7, 0.3), (0.5, 0.0)])
def test_power_is_the_multinomial_sum(method, sided, b, c):
    n, alpha = 13, 0.05 if sided == "one" else 0.025
    total = 0.0
    for x, y in itertools.product(range(n + 1), range(n + 1)):
        if x + y <= n and x > y and p_value(method, x, y, n) <= alpha:
            ways = comb(n, x) * comb(n - x, y)
            rest = max(1 - b - c, 0.0)
            total += ways * b**x * c**y * (rest ** (n - x - y) if n > x + y else 1.0)
    assert power(n, b, c, sided=sided, method=method)[0] == pytest.approx(total, abs=1e-12)


def p_value(method: str, wins: int, losses: int, tests: int) -> float:
    if method == "unconditional":
        return unconditional_exact(wins, losses, tests, "control-favoured")
    d = wins + losses
    p = sum(comb(d, k) for k in range(wins, d + 1)) / 2**d
    return p - comb(d, wins) / 2 ** (d + 1) if method == "mcnemar-midp" else p


rates = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(
    lambda pair: pair if sum(pair) <= 1 else (1 - pair[0], 1 - pair[1])
)
methods = st.sampled_from(METHODS)
alphas = st.floats(0.001, 0.45)


@settings(deadline=None, max_examples=150)
@given(rates, st.integers(1, 150), alphas, methods, st.sampled_from(["two", "one"]))
def test_power_is_a_probability_and_mirrors(pair, n, alpha, method, sided):
    options = {"alpha": alpha, "sided": sided, "method": method}
    found = power(n, *pair, **options)[0]
    assert 0 <= found <= 1
    assert power(n, *pair[::-1], **options)[0] == pytest.approx(found, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(rates, st.integers(1, 150), alphas, methods)
def test_one_sided_power_is_no_smaller(pair, n, alpha, method):
    one = power(n, *pair, alpha=alpha, sided="one", method=method)[0]
    assert one >= power(n, *pair, alpha=alpha, sided="two", method=method)[0] - 1e-12


@settings(deadline=None, max_examples=100)
@given(st.floats(0.01, 1), st.floats(0, 1), st.floats(0, 1), st.integers(1, 150), methods)
def test_a_larger_difference_has_more_power(discordance, one, other, n, method):
    # The normal formula promises nothing where hardly any test is discordant.
    assume(method != "normal" or n * discordance >= 30)
    small, large = sorted((one, other))
    found = []
    for part in (small, large):
        half = discordance * part / 2
        split = discordance / 2 + half, discordance / 2 - half
        found.append(power(n, *split, method=method)[0])
    assert found[1] >= found[0] - 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_power_falls_as_more_tests_differ_by_the_same_amount(method):
    noise = np.arange(0.05, 0.4, 0.05)
    found = [power(100, c + 0.2, c, method=method)[0] for c in noise]
    assert (np.diff(found) < 0).all()


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0.03, 1),
    st.floats(0.25, 1),
    st.floats(0.2, 0.95),
    st.sampled_from(["mcnemar-exact", "mcnemar-midp"]),
    st.sampled_from(["two", "one"]),
)
def test_the_number_needed_is_that_of_a_look_at_every_number(d, part, wanted, method, sided):
    pair = d * (1 + part) / 2, d * (1 - part) / 2
    needed = tests_needed(*pair, wanted, method=method, sided=sided)
    sizes = np.arange(1, 3 * needed.tests + 300)
    below = power(sizes, *pair, method=method, sided=sided) < wanted
    assert needed.first == sizes[~below][0]
    assert needed.tests == (sizes[below][-1] + 1 if below.any() else 1)


@pytest.mark.parametrize(("b", "c"), [(0.3, 0.1), (0.6, 0.4), (0.25, 0.1)])
def test_the_unconditional_number_needed_is_that_of_a_look_at_every_number(b, c):
    needed = tests_needed(b, c, 0.8, method="unconditional")
    sizes = np.arange(1, 2 * needed.tests)
    below = power(sizes, b, c, method="unconditional") < 0.8
    assert (needed.first, needed.tests) == (sizes[~below][0], sizes[below][-1] + 1)


def test_large_numbers_are_found_with_a_coarse_look_as_with_a_fine_one():
    needed = tests_needed(0.1, 0.095, 0.8)
    sizes = np.arange(needed.first - 400, needed.tests + 1200)
    below = power(sizes, 0.1, 0.095) < 0.8
    assert (needed.first, needed.tests) == (sizes[~below][0], sizes[below][-1] + 1)


def test_power_that_falls_again_is_told_apart_from_power_that_stays():
    needed = tests_needed(0.6, 0.4, 0.8)
    assert needed.first < needed.tests
    sizes = np.arange(needed.first, needed.tests)
    assert (power(sizes, 0.6, 0.4) < 0.8).any()
    assert power(needed.first, 0.6, 0.4)[0] >= 0.8


@pytest.mark.parametrize(
    ("pair", "method"), [((0.2, 0.19999), "mcnemar-exact"), ((0.2, 0.18), "unconditional")]
)
def test_a_search_without_end_is_refused(pair, method):
    with pytest.raises(TooManyTestsError):
        tests_needed(*pair, 0.8, method=method)


@pytest.mark.parametrize("method", METHODS)
def test_the_detectable_difference_is_just_detected(method):
    found = detectable_difference(200, 0.3, 0.8, method=method)
    half = found / 2
    assert power(200, 0.15 + half, 0.15 - half, method=method)[0] == pytest.approx(0.8, abs=1e-6)
    smaller = half - 1e-6
    assert power(200, 0.15 + smaller, 0.15 - smaller, method=method)[0] < 0.8


def test_nothing_is_detectable_with_few_tests():
    assert detectable_difference(5, 0.4, 0.8) is None
    assert detectable_difference(100, 0.0, 0.8) is None


def test_without_discordant_tests_nothing_is_found():
    for method in METHODS:
        assert power(40, 0.0, 0.0, method=method)[0] == 0


def test_a_certain_difference_needs_six_tests():
    assert power([5, 6], 1.0, 0.0).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("method", METHODS)
def test_the_methods_agree_in_large_rounds(method):
    exact = power(10_000, 0.2, 0.18)[0]
    assert power(10_000, 0.2, 0.18, method=method)[0] == pytest.approx(exact, abs=0.005)


def test_averages_over_discordant_tests_are_exact_for_large_numbers():
    # The mean of Bin(n, p) is known: a chance of d / n averages to p.
    n, p = 1_000_000, 0.37
    first = int(n * p - 20 * sqrt(n))
    d = np.arange(first, int(n * p + 20 * sqrt(n)))
    assert over_discordant([n], p, d / n, first)[0] == pytest.approx(p, rel=1e-12)


def test_binomial_tails_at_the_edges():
    d = np.array([0, 0, 3, 3, 3])
    found = tail(d, np.array([0, 1, 0, 3, 4]), 0.5)
    assert found.tolist() == [1.0, 0.0, 1.0, 0.125, 0.0]


def test_a_one_sided_chance_looks_one_way_only():
    assert rejection_chance([40], 0.05, 0.5, 0.05, "mcnemar-exact")[0] < 1e-8


def test_the_design_effect():
    assert design_effect(1, 0.4) == 1
    assert design_effect(5.5, 0.1) == pytest.approx(1.45)
