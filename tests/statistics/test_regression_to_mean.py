"""What fresh tests would show if nothing had changed."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from praktijktest.statistics.regression_to_mean import expected_again
from tests.statistics.populations import round_of

CELLS = st.integers(0, 10).flatmap(
    lambda targets: arrays(np.int64, (targets, 4), elements=st.integers(0, 8))
)


@given(CELLS, st.integers(0, 12))
@settings(max_examples=12)
def test_limits_in_order_and_whole(cells: np.ndarray, fresh: int) -> None:
    chosen = cells[:, 1] > cells[:, 2]
    found = expected_again(cells, chosen, fresh)
    json.dumps(found.to_dict(), allow_nan=False)
    turned = expected_again(cells[::-1], chosen[::-1], fresh)
    assert turned == found
    if fresh == 0 or not chosen.any():
        assert (found.targets, found.expected, found.low, found.high) == (0, None, None, None)
        return
    assert -1 <= found.low <= found.expected <= found.high <= 1
    assert found.new_tests == fresh * chosen.sum()


def test_fresh_tests_of_targets_that_stood_out() -> None:
    """Chosen for the first result, tested again unchanged: predicted, and far below the first."""
    rng = np.random.default_rng(10)
    for share in (0.0, 0.15):
        inside, missed, fell = [], [], []
        for _ in range(8):
            cells, truth = round_of(rng, 86, share)
            raw = (cells[:, 1] - cells[:, 2]) / cells.sum(axis=1)
            chosen = np.zeros(86, dtype=bool)
            chosen[np.argsort(-raw, kind="stable")[:10]] = True
            found = expected_again(cells, chosen, 15)
            p10 = np.where(truth[chosen] > 0, 0.5, 0.12)
            draws = np.array(
                [
                    rng.multinomial(15, (p, p - d, 1 - 2 * p + d))
                    for p, d in zip(p10, truth[chosen], strict=True)
                ]
            )
            fresh = (draws[:, 0] - draws[:, 1]).sum() / 150
            inside.append(found.low <= fresh <= found.high)
            missed.append(found.expected - fresh)
            fell.append(found.observed - fresh)
        assert np.mean(inside) >= 0.75
        assert abs(np.mean(missed)) < 0.08
        assert np.mean(fell) > 0.08


def test_one_fresh_test_of_one_target() -> None:
    """The outcomes are -1, 0 and 1: the exact limits are two of them."""
    found = expected_again([[2, 3, 1, 6]] * 30, [True] + [False] * 29, 1)
    assert {found.low, found.high} <= {-1.0, 0.0, 1.0}
    assert found.tests == 12
    assert found.observed == pytest.approx(2 / 12)


def test_exact_and_normal_limits_meet() -> None:
    """Forty targets with 15 fresh tests are exact, three times as many are not."""
    cells = np.array([[2, 4, 1, 5]] * 40 + [[3, 1, 1, 5]] * 200)
    chosen = np.arange(240) < 40
    exact = expected_again(cells, chosen, 15)
    normal = expected_again(cells, chosen, 150)
    assert exact.expected == pytest.approx(normal.expected)
    assert normal.high - normal.low < exact.high - exact.low
    assert normal.low == pytest.approx(exact.low, abs=0.06)


def test_huge_numbers() -> None:
    found = expected_again([[10**6, 10**6, 10**5, 10]] * 3, [True] * 3, 10**6)
    assert found.expected == pytest.approx(0.4286, abs=1e-3)
    assert found.high - found.low < 0.01


@pytest.mark.parametrize(
    ("chosen", "fresh", "message"),
    [
        ([True], 5, "Chosen"),
        ([True, False], [1], "Fresh tests"),
        ([True, False], -1, "whole numbers"),
        ([True, False], 1.5, "whole numbers"),
        ([True, False], float("nan"), "whole numbers"),
    ],
)
def test_impossible_input_is_refused(chosen: object, fresh: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        expected_again([[1, 2, 3, 4], [2, 2, 2, 2]], chosen, fresh)
