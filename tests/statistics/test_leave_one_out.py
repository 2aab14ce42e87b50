"""Leaving out one test: against doing it by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.statistics.leave_one_out import fragile_by_target, fragile_means
from praktijktest.statistics.simes import decide_by_target
from praktijktest.statistics.storey_t import ClusterGaps, storey_t

tables = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=8
)
LEVELS = (-1.0, -0.5, 0.0, 0.5, 1.0)


@given(tables, st.sampled_from(["discrete-fdr", "bh"]))
def test_joined_flags_by_hand(rows: list[tuple[int, int, int]], rule: str) -> None:
    wins, losses, owner = (np.array(column) for column in zip(*rows, strict=True))
    flagged = decide_by_target(rule, wins, losses, owner, 0.1).flagged
    found = fragile_by_target(rule, wins, losses, owner, 0.1, flagged)
    for entry in range(len(rows)):
        undone = False
        for less in (wins, losses):
            if less[entry] and flagged[entry]:
                less[entry] -= 1
                undone |= not decide_by_target(rule, wins, losses, owner, 0.1).flagged[entry]
                less[entry] += 1
        assert found[entry] == (flagged[entry] and undone)


@given(st.lists(st.lists(st.sampled_from(LEVELS), min_size=2, max_size=9), min_size=1, max_size=6))
def test_means_by_hand(targets: list[list[float]]) -> None:
    def gaps_of(lists: list[list[float]]) -> ClusterGaps:
        owner = np.repeat(np.arange(len(lists)), [len(row) for row in lists])
        return ClusterGaps(owner, np.concatenate(lists), np.zeros(len(lists), dtype=np.int64))

    gaps = gaps_of(targets)
    everybody = np.arange(len(targets))
    flagged = storey_t(gaps).flagged(0.1)
    found = fragile_means(gaps, everybody, flagged, 0.1)
    for target, own in enumerate(targets):
        undone = False
        for place in range(len(own)):
            fewer = own[:place] + own[place + 1 :]
            if len(fewer) < 2:
                undone = True
                continue
            changed = [*targets[:target], fewer, *targets[target + 1 :]]
            undone |= not storey_t(gaps_of(changed)).flagged(0.1)[target]
        assert found[target] == (flagged[target] and undone)


def test_nobody_flagged_is_nobody_fragile() -> None:
    gaps = ClusterGaps(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(2, dtype=np.int64))
    none = np.zeros(2, dtype=bool)
    assert not fragile_means(gaps, [0, 1], none, 0.05).any()
    assert not fragile_by_target("bh", [1, 0], [0, 0], [0, 0], 0.05, none).any()
