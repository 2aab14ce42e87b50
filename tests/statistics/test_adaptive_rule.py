"""The default rule as it is applied: the adaptive list with a safety net."""

from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics import adaptive_rule
from praktijktest.statistics.adaptive_fdr import adaptive_fdr
from praktijktest.statistics.flags import decide, fragile

RULE = "adaptive-discrete-fdr"
LONG = st.lists(
    st.tuples(st.integers(0, 14), st.integers(0, 5), st.integers(0, 9)), min_size=12, max_size=20
).map(lambda rows: np.array(rows).T)


def test_a_short_list_is_judged_by_the_step_down_procedure() -> None:
    wins, losses = np.array([8, 5, 3, 0]), np.array([0, 1, 3, 4])
    short, plain = decide(RULE, wins, losses, 0.05), decide("discrete-fdr", wins, losses, 0.05)
    assert plain.q is not None
    assert short.q is not None
    assert short.flagged.tolist() == plain.flagged.tolist() == [True, False, False, False]
    assert short.q.tolist() == plain.q.tolist()


@given(rows=LONG, alpha=st.sampled_from([0.02, 0.05, 0.2]))
def test_a_long_list_has_the_flags_of_both_parts(rows: np.ndarray, alpha: float) -> None:
    wins, losses, concordant = rows
    tests = wins + losses + concordant
    found = decide(RULE, wins, losses, alpha, tests=tests)
    adaptive = adaptive_fdr(wins, losses, 0.95 * alpha, tests=tests).flagged
    certain = decide("discrete-fdr", wins, losses, 0.05 * alpha).flagged
    assert found.q is not None
    assert found.flagged.tolist() == (adaptive | certain).tolist()
    assert found.flagged.tolist() == ((found.q <= alpha) & (found.p < 1)).tolist()


def test_a_round_whose_cutoffs_nobody_agrees_on_still_has_its_clearest_case() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        guilty = rng.random(86) < 0.15
        tests = rng.integers(6, 16, 86)
        wins = rng.binomial(tests, np.where(guilty, 0.5, 0.12))
        losses = rng.binomial(tests - wins, np.where(guilty, 0.1, 0.12 / 0.88))
        if adaptive_fdr(wins, losses, 0.0475, tests=tests).flagged.any():
            continue
        certain = decide("discrete-fdr", wins, losses, 0.0025).flagged
        if certain.any():
            flagged = decide(RULE, wins, losses, 0.05, tests=tests).flagged
            assert flagged.tolist() == certain.tolist()
            return
    pytest.fail("no such round was drawn; take another seed")


@pytest.mark.parametrize("direction", ["control-favoured", "either"])
@pytest.mark.parametrize(("discordant", "alpha"), [((4, 5, 6), 0.3), ((3, 4, 4, 5), 0.5)])
def test_the_level_holds_by_enumeration(
    monkeypatch: pytest.MonkeyPatch, discordant: tuple[int, ...], alpha: float, direction: str
) -> None:
    """Every outcome, every set of innocents; both parts in use however short the list."""
    monkeypatch.setattr(adaptive_rule, "FEWEST", 0)
    monkeypatch.setattr(adaptive_rule, "MAIN", 0.6)  # so that the small part matters too
    d = np.array(discordant)
    outcomes = np.array(list(product(*(range(each + 1) for each in discordant))))
    flagged = np.array([decide(RULE, x, d - x, alpha, direction).flagged for x in outcomes])
    found = np.maximum(flagged.sum(axis=1), 1)
    for size in range(1, len(d) + 1):
        for members in combinations(range(len(d)), size):
            false = flagged[:, list(members)].sum(axis=1) / found
            for share in (0.5, 0.8, 1.0):
                chance = np.ones(len(outcomes))
                for i, each in enumerate(discordant):
                    q = 0.5 if i in members else share
                    pmf = [comb(each, x) * q**x * (1 - q) ** (each - x) for x in range(each + 1)]
                    chance *= np.array(pmf)[outcomes[:, i]]
                assert float(chance @ false) <= alpha + 1e-12


@settings(max_examples=40)
@given(rows=LONG)
def test_fragile_is_leaving_out_a_win(rows: np.ndarray) -> None:
    wins, losses, concordant = rows
    tests = wins + losses + concordant
    flagged = decide(RULE, wins, losses, 0.2, tests=tests).flagged
    found = fragile(RULE, wins, losses, 0.2, flagged, tests=tests)
    assert not (found & ~flagged).any()
    for target in np.flatnonzero(flagged).tolist():
        fewer, n = wins.copy(), tests.copy()
        fewer[target] -= 1
        n[target] -= 1
        if not decide(RULE, fewer, losses, 0.2, tests=n).flagged[target]:
            assert found[target]
