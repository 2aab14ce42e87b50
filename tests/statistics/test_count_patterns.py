"""Counts as patterns: nothing lost, whatever the order of the targets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from praktijktest.statistics.count_patterns import patterns_of, patterns_of_pairs, thinned

COUNTS = st.integers(0, 40).flatmap(
    lambda targets: arrays(np.int64, (targets, 3), elements=st.integers(0, 4))
)


@given(COUNTS)
def test_every_target_finds_its_own_counts(counts: np.ndarray) -> None:
    patterns = patterns_of(counts, 3)
    assert (patterns.counts[patterns.of_target] == counts.reshape(-1, 3)).all()
    assert patterns.targets.sum() == len(counts)
    assert len({tuple(row) for row in counts.tolist()}) == len(patterns)


@given(COUNTS, st.integers(1, 12))
def test_a_selection_stands_for_all_targets(counts: np.ndarray, limit: int) -> None:
    patterns = patterns_of(counts, 3)
    kept, number = thinned(patterns, limit)
    assert len(kept) <= limit
    assert number.sum() == pytest.approx(len(counts))
    again, same = thinned(patterns_of(counts[::-1], 3), limit)
    assert (again == kept).all()
    assert (same == number).all()


@pytest.mark.parametrize(
    "wrong",
    [
        [[1, 2]],
        [1, 2, 3],
        [[1, 2, -1]],
        [[1, 2, 0.5]],
        [[1, 2, np.nan]],
        [[1, 2, 10**13]],
        [[True, False, True]],
        [["1", "2", "3"]],
    ],
)
def test_impossible_counts_are_refused(wrong: list[object]) -> None:
    with pytest.raises(ValueError, match="Counts per target"):
        patterns_of(wrong, 3)


def test_pairs_must_fit() -> None:
    with pytest.raises(ValueError, match="two equal rows"):
        patterns_of_pairs([1, 2], [1])
    assert len(patterns_of_pairs([], [])) == 0
