"""The exact unconditional test: by enumeration, in its limits, at any size."""

from math import comb, sqrt
from time import process_time

import numpy as np
import pytest
from scipy.stats import norm

from praktijktest.statistics.mcnemar import sign_exact
from praktijktest.statistics.unconditional import LARGEST_SHARE, unconditional_exact


def by_enumeration(b: int, c: int, n: int) -> float:
    """One-sided p: the largest trinomial probability of a z at least as large."""
    z = (b - c) / sqrt(b + c)
    shares = np.append(np.linspace(1e-4, LARGEST_SHARE, 4001), LARGEST_SHARE)
    total = np.zeros(len(shares))
    for x in range(n + 1):
        for y in range(n + 1 - x):
            if x + y and (x - y) / sqrt(x + y) >= z - 1e-9:
                ways = comb(n, x) * comb(n - x, y)
                total += ways * (shares / 2) ** (x + y) * (1 - shares) ** (n - x - y)
    return float(total.max())


@pytest.mark.parametrize(
    ("b", "c", "n"),
    [(1, 0, 1), (2, 1, 3), (4, 0, 5), (5, 0, 10), (6, 1, 8), (8, 2, 11), (3, 2, 14), (7, 1, 24)],
)
def test_p_by_enumeration(b: int, c: int, n: int) -> None:
    expected = by_enumeration(b, c, n)
    assert unconditional_exact(b, c, n, "control-favoured") == pytest.approx(expected, abs=1e-6)
    assert unconditional_exact(c, b, n, "test-favoured") == pytest.approx(expected, abs=1e-6)
    assert unconditional_exact(b, c, n) == pytest.approx(min(1.0, 2 * expected), abs=2e-6)
    assert unconditional_exact(c, b, n) == unconditional_exact(b, c, n)


@pytest.mark.parametrize(
    ("b", "c", "first_n", "level"),
    [(4, 0, 5, 0.05), (6, 1, 8, 0.05), (8, 2, 11, 0.05), (6, 0, 7, 0.01)],
)
def test_more_powerful_than_the_conditional_test(
    b: int, c: int, first_n: int, level: float
) -> None:
    """The unconditional test reaches the level where the sign test does not."""
    assert unconditional_exact(b, c, first_n, "control-favoured") <= level < sign_exact(b, c)


@pytest.mark.parametrize(("b", "c", "n"), [(0, 0, 0), (0, 0, 9), (3, 3, 9)])
def test_no_difference_gives_one(b: int, c: int, n: int) -> None:
    for alternative in ("two-sided", "control-favoured", "test-favoured"):
        assert unconditional_exact(b, c, n, alternative) == 1.0


def test_the_opposite_direction_gives_one() -> None:
    assert unconditional_exact(2, 7, 30, "control-favoured") == 1.0


@pytest.mark.parametrize(
    ("b", "c", "n"),
    [(4_000, 3_700, 500_000), (150_000, 148_000, 500_000), (20, 3, 1_000_000)],
)
def test_half_a_million_tests_in_well_under_a_second(b: int, c: int, n: int) -> None:
    start = process_time()
    p = unconditional_exact(b, c, n)
    assert process_time() - start < 3.0  # a tenth of that
    normal = 2 * norm.sf((b - c) / sqrt(b + c))
    assert p == pytest.approx(normal, rel=0.02)
    assert p >= normal * 0.999


def test_impossible_counts_are_refused() -> None:
    for b, c, n in ((3, 3, 5), (-1, 2, 5), (2, -1, 5)):
        with pytest.raises(ValueError, match="Cannot test"):
            unconditional_exact(b, c, n)
