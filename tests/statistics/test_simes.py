"""Simes within a target: against its definition, by enumeration, and on odd lists."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from praktijktest.statistics.flags import decide
from praktijktest.statistics.simes import RULES, decide_by_target, simes

counts = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 4)), min_size=1, max_size=12
)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 5)), min_size=1, max_size=20))
def test_simes_is_its_definition(rows: list[tuple[float, int]]) -> None:
    p, owner = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    joined = simes(p, owner)
    for target in set(owner.tolist()):
        own = np.sort(p[owner == target])
        expected = min(1.0, *(len(own) * value / (j + 1) for j, value in enumerate(own)))
        assert joined[owner == target] == pytest.approx(expected, abs=1e-15)


@given(counts, st.sampled_from(RULES))
def test_one_ground_per_target_is_the_plain_rule(
    rows: list[tuple[int, int, int]], rule: str
) -> None:
    wins, losses = [r[0] for r in rows], [r[1] for r in rows]
    joined = decide_by_target(rule, wins, losses, np.arange(len(rows)), 0.05)
    plain = decide(rule, wins, losses, 0.05)
    # The bound min(t, F(t)) is F(t) for a single ground, as F never exceeds t.
    assert joined.flagged.tolist() == plain.flagged.tolist()
    assert plain.q is not None
    np.testing.assert_allclose(joined.q, plain.q, atol=1e-9)


@given(counts, st.sampled_from(RULES), st.randoms(use_true_random=False))
def test_order_plays_no_part_and_a_found_target_is_found_on_something(
    rows: list[tuple[int, int, int]], rule: str, random: object
) -> None:
    table = np.array(rows)
    shuffled = np.random.default_rng(len(rows)).permutation(len(rows))
    first = decide_by_target(rule, *table.T[:2], table[:, 2], 0.2)
    second = decide_by_target(rule, *table[shuffled].T[:2], table[shuffled, 2], 0.2)
    assert first.flagged[shuffled].tolist() == second.flagged.tolist()
    for target in set(table[:, 2].tolist()):
        own = table[:, 2] == target
        found = bool((first.q[own][0] <= 0.2) & (first.joined[own][0] < 1))
        assert found == first.flagged[own].any()


def test_the_chance_of_any_false_target_stays_below_the_level() -> None:
    """Two targets with two grounds each, all innocent: every outcome enumerated."""
    discordant = np.array([6, 5, 7, 4])
    owner = np.array([0, 0, 1, 1])
    false = 0.0
    for wins in product(*(range(d + 1) for d in discordant)):
        probability = float(np.prod(binom.pmf(wins, discordant, 0.5)))
        decision = decide_by_target("discrete-fdr", wins, discordant - wins, owner, 0.1)
        false += probability * bool(decision.flagged.any())
    assert 0.0 < false <= 0.1


def test_bad_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="storey"):
        decide_by_target("storey", [1], [0], [0], 0.05)
    with pytest.raises(ValueError, match="between 0 and 1"):
        decide_by_target("bh", [1], [0], [0], 1.0)
    with pytest.raises(ValueError, match="must fit"):
        simes([0.1, 0.2], [1])


def test_an_empty_list_and_a_list_without_discordant_tests() -> None:
    assert decide_by_target("discrete-fdr", [], [], [], 0.05).flagged.size == 0
    silent = decide_by_target("discrete-fdr", [0, 0], [0, 0], [0, 0], 0.05)
    assert not silent.flagged.any()
    assert silent.joined.tolist() == [1.0, 1.0]
