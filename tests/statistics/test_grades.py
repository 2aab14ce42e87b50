"""Report cards: against integer programming and every cut, and in their limits."""

import json
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import LinearConstraint, milp
from scipy.special import ndtr

from praktijktest.statistics.grades import best_grades, outranks, report_card
from tests.statistics.populations import round_of

CELLS = st.integers(0, 25).flatmap(
    lambda targets: arrays(np.int64, (targets, 4), elements=st.integers(0, 8))
)


def normal_posteriors(seed: int, size: int) -> np.ndarray:
    """Pairwise probabilities of independent normal posteriors with unequal errors."""
    rng = np.random.default_rng(seed)
    mean, error = rng.normal(0, 1, size), rng.uniform(0.2, 1.5, size)
    return ndtr((mean[:, None] - mean) / np.hypot(error[:, None], error))


def loss(above: np.ndarray, number: np.ndarray, grade: np.ndarray, lambda_: float) -> float:
    apart = grade[:, None] < grade
    return float((apart * np.outer(number, number) * (above.T - lambda_ * above)).sum())


def least_loss_of_all_weak_orders(above: np.ndarray, lambda_: float) -> float:
    """Integer programme: D_ij says that i stands above j; D is a weak order."""
    size = len(above)
    pairs = [(i, j) for i in range(size) for j in range(size) if i != j]
    column = {pair: k for k, pair in enumerate(pairs)}
    rows, limits = [], []

    def constrain(terms: dict[tuple[int, int], int], limit: int) -> None:
        row = np.zeros(len(pairs))
        for pair, factor in terms.items():
            row[column[pair]] = factor
        rows.append(row)
        limits.append(limit)

    for i, j in pairs:
        constrain({(i, j): 1, (j, i): 1}, 1)
        for k in set(range(size)) - {i, j}:
            constrain({(i, j): 1, (j, k): 1, (i, k): -1}, 1)
            constrain({(i, k): 1, (i, j): -1, (j, k): -1}, 0)
    cost = np.array([above[j, i] - lambda_ * above[i, j] for i, j in pairs])
    found = milp(
        cost,
        constraints=LinearConstraint(np.array(rows), -np.inf, limits),
        integrality=np.ones(len(pairs)),
        bounds=(0, 1),
    )
    assert found.success
    return float(found.fun)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("lambda_", [0.25, 0.5])
def test_no_weak_order_is_better(seed: int, lambda_: float) -> None:
    above = normal_posteriors(seed, 7)
    ours = loss(above, np.ones(7), best_grades(above, np.ones(7), lambda_), lambda_)
    assert ours == pytest.approx(least_loss_of_all_weak_orders(above, lambda_), abs=1e-7)


@given(st.integers(0, 10_000), st.floats(0.05, 1), st.integers(1, 7))
@settings(max_examples=40)
def test_no_cut_of_the_order_is_better(seed: int, lambda_: float, size: int) -> None:
    above = normal_posteriors(seed, size)
    number = np.random.default_rng(seed).integers(1, 9, size).astype(float)
    order = np.argsort(-(above @ number), kind="stable")
    best = min(
        loss(above[np.ix_(order, order)], number[order], np.cumsum((1, *cuts)), lambda_)
        for cuts in product((0, 1), repeat=size - 1)
    )
    grade = best_grades(above, number, lambda_)
    assert loss(above, number, grade, lambda_) == pytest.approx(best, abs=1e-9)


def test_two_targets_are_told_apart_from_80_percent_on() -> None:
    for chance, grades in ((0.799, [1, 1]), (0.801, [1, 2])):
        above = np.array([[0.5, chance], [1 - chance, 0.5]])
        assert best_grades(above, np.ones(2), 0.25).tolist() == grades


def test_pairwise_probabilities_by_hand() -> None:
    posterior = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]])
    first_above = 0.5 * 0.2 + 0.5 * (0.5 * 0.2 + 0.5 * 0.3)
    assert outranks(posterior)[0, 1] == pytest.approx(first_above)
    assert outranks(posterior)[1, 0] == pytest.approx(1 - first_above)
    assert np.diagonal(outranks(posterior)) == pytest.approx([0.5, 0.5])


@given(CELLS)
@settings(max_examples=30)
def test_equal_counts_get_equal_grades_in_any_order(cells: np.ndarray) -> None:
    found = report_card(cells)
    tested = cells.sum(axis=1)
    for n, grade in zip(tested, found.grade, strict=True):
        assert (grade is None) == (n < 10)
    for row in np.unique(cells, axis=0):
        assert len({found.grade[i] for i in np.flatnonzero((cells == row).all(axis=1))}) == 1
    assert sum(grade.targets for grade in found.grades) == (tested >= 10).sum()
    assert [grade.grade for grade in found.grades] == list(range(1, len(found.grades) + 1))
    assert 0 <= found.reliability <= 1
    assert (found.discordance_rate is None) == (len(found.grades) < 2)
    assert report_card(cells[::-1]).grade == found.grade[::-1]
    json.dumps(found.to_dict(), allow_nan=False)


def test_the_discordance_rate_is_what_happens() -> None:
    """Pairs with different grades stand in the wrong order about as often as announced."""
    rng = np.random.default_rng(13)
    announced, happened, explained = [], [], []
    for _ in range(8):
        kinds = rng.beta(2, 6, 150).clip(0, 0.7) * np.array([[1], [0.4]])
        cells = np.array(
            [rng.multinomial(20, (0.2, b * 0.8, c * 0.8, 0.8 * (1 - b - c))) for b, c in kinds.T]
        )
        truth = 0.8 * (kinds[0] - kinds[1])
        found = report_card(cells)
        grade = np.array(found.grade)
        apart = grade[:, None] < grade
        wrong = truth[:, None] < truth
        announced.append(found.discordance_rate)
        happened.append((apart & wrong).sum() / apart.sum())
        explained.append(found.reliability)
    assert np.mean(happened) == pytest.approx(np.mean(announced), abs=0.04)
    assert 0.2 < np.mean(explained) < 0.9


def test_grade_one_is_the_most_discriminating() -> None:
    rng = np.random.default_rng(14)
    cells, truth = round_of(rng, 120, 0.25, tests=(20, 30))
    found = report_card(cells)
    grade = np.array(found.grade)
    assert grade[truth > 0].mean() < grade[truth == 0].mean()
    rates = [one.net_rate for one in found.grades]
    assert rates == sorted(rates, reverse=True)
    assert found.reliability > 0.5


def test_more_kinds_than_are_graded_apart() -> None:
    rng = np.random.default_rng(15)
    cells, truth = round_of(rng, 2500, 0.2, tests=(100, 400))
    found = report_card(cells)
    assert found.kinds == 1500
    assert len(found.grade) == 2500
    assert np.array(found.grade)[truth > 0].max() <= np.array(found.grade)[truth == 0].min() + 1


@pytest.mark.parametrize(
    ("cells", "grades"),
    [
        ([], ()),
        ([[0, 0, 0, 0]], (None,)),
        ([[3, 3, 3, 3]], (1,)),
        ([[0, 20, 0, 0], [20, 0, 0, 0], [0, 0, 20, 0]], (1, 2, 3)),
        ([[10**9, 0, 0, 0], [0, 10**9, 0, 0]], (2, 1)),
        ([[5, 0, 0, 5]] * 3, (1, 1, 1)),
    ],
)
def test_few_and_huge_counts(cells: list[list[int]], grades: tuple[int | None, ...]) -> None:
    assert report_card(cells).grade == grades


@pytest.mark.parametrize("lambda_", [0.0, 1.5, float("nan")])
def test_impossible_lambda_is_refused(lambda_: float) -> None:
    with pytest.raises(ValueError, match="Lambda"):
        report_card([[3, 3, 3, 3]], lambda_)
