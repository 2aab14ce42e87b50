"""Discrete false discovery rate: by the definitions, invariances, control."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.discrete_fdr import (
    DECIMALS,
    Direction,
    discrete_fdr_stepdown,
    discrete_fdr_stepup,
    null_cdf,
    rounded,
    sign_test_family,
    support,
)
from praktijktest.statistics.mcnemar import mcnemar_exact, sign_exact, sign_midp

FAMILIES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), min_size=1, max_size=25).map(
    lambda rows: np.array(rows).T
)
SMALL_FAMILIES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=10
).map(lambda rows: np.array(rows).T)
DIRECTIONS = st.sampled_from(("control-favoured", "either"))


def null_distribution(d: int, direction: str) -> dict[float, float]:
    """P-value of every outcome of d fair coins, with its probability."""
    chances: dict[float, float] = {}
    for k in range(d + 1):
        upper = sum(comb(d, j) for j in range(k, d + 1)) / 2**d
        if direction == "either":
            upper = min(1.0, 2 * sum(comb(d, j) for j in range(max(k, d - k), d + 1)) / 2**d)
        value = round(upper, DECIMALS)
        chances[value] = chances.get(value, 0.0) + comb(d, k) / 2**d
    return chances


def null_chance(d: int, direction: str, point: float) -> float:
    return sum(chance for p, chance in null_distribution(d, direction).items() if p <= point)


def odds(chance: float) -> float:
    return chance / (1 - chance) if chance < 1 - 1e-13 else np.inf


def step_down_by_definition(b: np.ndarray, c: np.ndarray, direction: str) -> np.ndarray:
    """Döhler, Durand & Roquain's HSD, written out target by target."""
    p = rounded(np.asarray((sign_exact if direction != "either" else mcnemar_exact)(b, c)))
    order = np.argsort(p, kind="stable")
    adjusted, running = np.empty(len(p)), 0.0
    for rank, target in enumerate(order, start=1):
        total = sum(odds(null_chance(int(d), direction, p[target])) for d in b + c)
        running = max(running, min(1.0, total / rank))
        adjusted[target] = running
    for value in np.unique(p):
        adjusted[p == value] = adjusted[p == value].max()
    return adjusted


def step_up_by_definition(b: np.ndarray, c: np.ndarray, alpha: float, direction: str) -> np.ndarray:
    """HSU: critical values from all reachable p-values, then a step-up comparison."""
    p = rounded(np.asarray((sign_exact if direction != "either" else mcnemar_exact)(b, c)))
    ds, m = (b + c).tolist(), len(p)
    points = sorted({value for d in set(ds) for value in null_distribution(d, direction)})
    fitting = [
        t for t in points if sum(odds(null_chance(d, direction, t)) for d in ds) <= alpha * m
    ]
    if not fitting:
        return np.zeros(m, dtype=bool)
    largest = fitting[-1]
    rest = [1 - null_chance(d, direction, largest) for d in ds]
    critical = []
    for k in range(1, m + 1):
        within = [
            t
            for t in points
            if t <= largest
            and sum(null_chance(d, direction, t) / r for d, r in zip(ds, rest, strict=True))
            <= alpha * k
        ]
        critical.append(within[-1] if within else -1.0)
    ascending = np.sort(p)
    met = [k for k in range(m) if ascending[k] <= critical[k]]
    return p <= ascending[met[-1]] if met else np.zeros(m, dtype=bool)


@given(FAMILIES, DIRECTIONS)
def test_step_down_by_its_definition(family: np.ndarray, direction: str) -> None:
    b, c = family
    ours = discrete_fdr_stepdown(sign_test_family(b, c, direction))
    assert ours == pytest.approx(step_down_by_definition(b, c, direction), abs=1e-9)


@settings(max_examples=40)
@given(SMALL_FAMILIES, DIRECTIONS, st.sampled_from((0.03, 0.07, 0.13)))
def test_step_up_by_its_definition(family: np.ndarray, direction: str, alpha: float) -> None:
    b, c = family
    ours = discrete_fdr_stepup(sign_test_family(b, c, direction), alpha)
    assert ours.tolist() == step_up_by_definition(b, c, alpha, direction).tolist()


@pytest.mark.parametrize("d", [0, 1, 2, 5, 9])
@pytest.mark.parametrize("direction", ["control-favoured", "either"])
def test_null_distribution_by_counting(d: int, direction: Direction) -> None:
    expected = null_distribution(d, direction)
    assert support(d, direction) == pytest.approx(sorted(expected), abs=1e-12)
    points = np.array([0.0, 1e-9, 0.03125, 0.06, 0.25, 0.49, 0.5, 0.75, 0.999, 1.0])
    chances = [null_chance(d, direction, point) for point in points]
    assert null_cdf(points, d, direction) == pytest.approx(chances, abs=1e-12)


def test_family_knows_its_p_values() -> None:
    b, c = np.array([5, 0, 0, 3, 5]), np.array([0, 4, 0, 3, 0])
    family = sign_test_family(b, c)
    assert family.p.tolist() == pytest.approx(np.asarray(sign_exact(b, c)).tolist())
    assert family.p_midp.tolist() == pytest.approx(np.asarray(sign_midp(b, c)).tolist())
    assert family.p[2] == family.p_midp[2] == 1.0
    assert dict(zip(family.discordant, family.targets, strict=True)) == {0: 1, 4: 1, 5: 2, 6: 1}
    either = sign_test_family(b, c, "either")
    assert either.p.tolist() == pytest.approx(np.asarray(mcnemar_exact(b, c)).tolist())
    assert either.p_midp.tolist() == family.p_midp.tolist()


@given(FAMILIES, DIRECTIONS, st.integers(0, 99))
def test_the_order_of_the_targets_does_not_matter(
    family: np.ndarray, direction: str, seed: int
) -> None:
    b, c = family
    order = np.random.default_rng(seed).permutation(len(b))
    ours, shuffled = (
        sign_test_family(b, c, direction),
        sign_test_family(b[order], c[order], direction),
    )
    down, shuffled_down = discrete_fdr_stepdown(ours), discrete_fdr_stepdown(shuffled)
    assert down[order].tolist() == shuffled_down.tolist()
    up, shuffled_up = discrete_fdr_stepup(ours, 0.1), discrete_fdr_stepup(shuffled, 0.1)
    assert up[order].tolist() == shuffled_up.tolist()


@given(FAMILIES, DIRECTIONS)
def test_adjusted_values_rise_with_p_and_ties_share_them(
    family: np.ndarray, direction: str
) -> None:
    signs = sign_test_family(*family, direction)
    adjusted = discrete_fdr_stepdown(signs)
    p = rounded(signs.p)
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()
    for value in np.unique(p):
        assert len(set(adjusted[p == value])) == 1


@given(FAMILIES, DIRECTIONS)
def test_a_target_without_discordant_tests_changes_nothing(
    family: np.ndarray, direction: str
) -> None:
    b, c = family
    alone = discrete_fdr_stepdown(sign_test_family(b, c, direction))
    joined = discrete_fdr_stepdown(sign_test_family(np.append(b, 0), np.append(c, 0), direction))
    assert joined[:-1].tolist() == alone.tolist()
    assert joined[-1] == 1.0


def test_one_target_alone_has_the_odds_of_its_p() -> None:
    assert discrete_fdr_stepdown(sign_test_family([5], [0])) == pytest.approx(
        [(1 / 32) / (31 / 32)]
    )


def test_equal_p_values_from_different_numbers_of_tests_are_equal() -> None:
    """P(4 of 4) = P(6 or 7 of 7) = 1/16: a difference in the last bit would split the tie."""
    family = sign_test_family([4, 6, 5, 3], [0, 1, 0, 0])
    adjusted = discrete_fdr_stepdown(family)
    assert adjusted[0] == adjusted[1]


def test_p_values_below_the_rounding_do_not_become_certainties() -> None:
    values = np.array([0.0, 3e-300, 1.23456789e-20, 4e-13, 6e-13, 0.0625000000000001])
    ours = rounded(values)
    assert ours[0] == 0.0
    assert (ours[1:] > 0).all()
    assert (np.diff(ours) > 0).all()
    assert ours[-1] == 0.0625
    q = discrete_fdr_stepdown(sign_test_family([200, 3], [0, 1]))
    assert 0.0 < q[0] < 1e-50


def test_many_tests_per_target() -> None:
    b = np.array([30_100, 50_500, 10])
    c = np.array([29_900, 49_500, 10])
    family = sign_test_family(b, c)
    adjusted = discrete_fdr_stepdown(family)
    assert (adjusted[:2] < 0.5).all()
    assert adjusted[1] < adjusted[0]
    assert null_cdf(rounded(family.p[:1]), 60_000, "control-favoured") == rounded(family.p[:1])


@pytest.mark.parametrize("wrong", [[-1], [1.5], [[1]], [np.nan]])
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
def test_impossible_counts_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        sign_test_family(wrong, [1])
    with pytest.raises(ValueError, match="whole numbers"):
        sign_test_family([1], wrong)


def test_other_wrong_use_is_refused() -> None:
    with pytest.raises(ValueError, match="same length"):
        sign_test_family([1, 2], [1])
    with pytest.raises(ValueError, match="'control-favoured' or 'either'"):
        sign_test_family([1], [1], "test-favoured")
    for alpha in (0.0, 1.0, -1):
        with pytest.raises(ValueError, match="alpha"):
            discrete_fdr_stepup(sign_test_family([1], [1]), alpha)


def test_an_empty_family() -> None:
    family = sign_test_family([], [])
    assert discrete_fdr_stepdown(family).tolist() == []
    assert discrete_fdr_stepup(family, 0.05).tolist() == []


@pytest.mark.parametrize("fair", [0.7, 1.0])
def test_false_discovery_rate_is_controlled(fair: float) -> None:
    """200 agents × 10 tests, 300 rounds: the share of false flags stays below alpha."""
    rng = np.random.default_rng(11)
    alpha, down, up, found = 0.10, [], [], 0
    for _ in range(300):
        innocent = rng.random(200) < fair
        only_control, only_test = np.where(innocent, 0.12, 0.5), np.where(innocent, 0.12, 0.05)
        b = rng.binomial(10, only_control)
        c = rng.binomial(10 - b, only_test / (1 - only_control))
        family = sign_test_family(b, c)
        for decisions, shares in (
            (discrete_fdr_stepdown(family) <= alpha, down),
            (discrete_fdr_stepup(family, alpha), up),
        ):
            shares.append((decisions & innocent).sum() / max(decisions.sum(), 1))
            found += int((decisions & ~innocent).sum())
    assert np.mean(down) <= alpha
    assert np.mean(up) <= alpha
    assert found > 0 or fair == 1.0
