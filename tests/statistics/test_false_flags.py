"""The number of false flags: R's numbers, brute force and edges."""

from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.statistics.false_flags import false_flags, poisson_binomial
from tests.statistics import reference


def test_as_r_computes_them() -> None:
    entry = reference.entries().get("poisbinom")
    if entry is None:
        pytest.skip(reference.ABSENT)
    probs, expected = entry["inputs"]["probs"], entry["outputs"]
    pmf = poisson_binomial(probs)
    assert pmf[:4] == pytest.approx(expected["pmf"], abs=1e-12)
    assert np.cumsum(pmf)[:4] == pytest.approx(expected["cdf"], abs=1e-12)
    found = false_flags(probs)
    assert found.expected == pytest.approx(expected["mean"])
    assert found.upper == 1  # P(at most 0) = .71, P(at most 1) = .962
    assert found.to_dict()["flagged"] == 7


@given(st.lists(st.floats(0.0, 1.0), max_size=8))
def test_equals_summing_over_all_outcomes(chances: list[float]) -> None:
    by_hand = np.zeros(len(chances) + 1)
    for outcome in product((0, 1), repeat=len(chances)):
        by_hand[sum(outcome)] += prod(
            p if hit else 1.0 - p for p, hit in zip(chances, outcome, strict=True)
        )
    assert poisson_binomial(chances) == pytest.approx(by_hand, abs=1e-12)


def test_nobody_flagged_and_certainties() -> None:
    assert false_flags([]).to_dict() == {
        "flagged": 0, "expected": 0.0, "upper": 0, "confidence": 0.95,
    }  # fmt: skip
    assert false_flags([1.0, 1.0, 0.0]).upper == 2
    assert false_flags(np.full(40_000, 0.02)).upper == 846


@pytest.mark.parametrize("wrong", [[1.5], [-0.1], [float("nan")], [[0.1]]])
def test_impossible_chances_are_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="Chances"):
        false_flags(wrong)


@pytest.mark.parametrize("confidence", [0.0, 1.0, float("nan")])
def test_impossible_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        false_flags([0.1], confidence)
