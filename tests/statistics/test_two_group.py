"""The two-group model: what it says, and how often it is wrong."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binom

from praktijktest.statistics.two_group import (
    TwoGroup,
    cell_posterior,
    discrimination_posterior,
    flagged_by_local_fdr,
)
from tests.statistics.populations import round_of

PAIRS = st.integers(0, 25).flatmap(
    lambda targets: arrays(np.int64, (targets, 2), elements=st.integers(0, 9))
)


def of_pairs(counts: np.ndarray) -> TwoGroup:
    return discrimination_posterior(counts[:, 0], counts[:, 1])


def of_cells(counts: np.ndarray) -> TwoGroup:
    other = np.full(len(counts), 3)
    return cell_posterior(np.column_stack([other, counts, other]))


both = pytest.mark.parametrize("judge", [of_pairs, of_cells])


@both
@given(counts=PAIRS)
@settings(max_examples=30)
def test_probabilities_that_do_not_depend_on_the_order(judge, counts: np.ndarray) -> None:
    found = judge(counts)
    assert ((found.posterior >= 0) & (found.posterior <= 1)).all()
    assert (found.posterior + found.posterior_reverse <= 1 + 1e-9).all()
    assert 0 <= found.innocent_share <= 1
    assert found.converged
    json.dumps(found.to_dict(), allow_nan=False)
    order = np.random.default_rng(0).permutation(len(counts))
    assert judge(counts[order]).posterior.tolist() == found.posterior[order].tolist()
    for row in np.unique(counts, axis=0):
        assert len(set(found.posterior[(counts == row).all(axis=1)])) == 1
    assert (found.posterior[counts.sum(axis=1) == 0] == 0).all()


@both
@given(counts=PAIRS)
@settings(max_examples=20)
def test_exchanging_the_applicants_exchanges_the_answer(judge, counts: np.ndarray) -> None:
    found, turned = judge(counts), judge(counts[:, ::-1])
    assert turned.posterior_reverse == pytest.approx(found.posterior, abs=1e-3)


def test_more_wins_out_of_as_many_are_more_suspect() -> None:
    rng = np.random.default_rng(4)
    d = np.full(300, 8)
    wins = rng.binomial(d, np.where(np.arange(300) < 60, 0.9, 0.5))
    found = discrimination_posterior(wins, d - wins)
    by_wins = [found.posterior[wins == k][0] for k in np.unique(wins)]
    assert (np.diff(by_wins) >= -1e-12).all()
    assert found.innocent_share == pytest.approx(0.8, abs=0.12)


def test_many_targets_of_two_kinds_are_told_apart_as_bayes_would() -> None:
    """With very many targets the fitted mixture is the true one: posterior by hand."""
    rng = np.random.default_rng(5)
    d = np.full(20_000, 7)
    wins = rng.binomial(d, np.where(rng.random(20_000) < 0.3, 0.9, 0.5))
    found = discrimination_posterior(wins, d - wins)
    k = np.arange(8)
    suspect, fair = 0.3 * binom.pmf(k, 7, 0.9), 0.7 * binom.pmf(k, 7, 0.5)
    exact = suspect / (suspect + fair)
    assert found.posterior == pytest.approx(exact[wins], abs=0.06)


@both
def test_fair_targets_are_left_in_peace(judge) -> None:
    rng = np.random.default_rng(6)
    for _ in range(10):
        cells, _ = round_of(rng, 200, 0.0)
        found = judge(cells[:, 1:3])
        assert not flagged_by_local_fdr(found.local_fdr, 0.1).any()
        assert found.innocent_share > 0.9


def test_how_often_its_flags_are_wrong() -> None:
    """Realised false discovery rate near or below the level, reverse cases or not."""
    rng = np.random.default_rng(7)
    for turned in (False, True):
        wrong, found = [], []
        for _ in range(20):
            cells, rates = round_of(rng, 300, 0.2)
            if turned:
                cells[100:160], rates[100:160] = cells[:60][:, [0, 2, 1, 3]], -1.0
            judged = discrimination_posterior(cells[:, 1], cells[:, 2])
            flagged = flagged_by_local_fdr(judged.local_fdr, 0.1)
            guilty = rates > 0
            wrong.append((flagged & ~guilty).sum() / max(1, flagged.sum()))
            found.append((flagged & guilty).sum() / guilty.sum())
        assert np.mean(wrong) < 0.13
        assert np.mean(found) > 0.4


@pytest.mark.parametrize(
    ("wins", "losses", "posterior"),
    [
        ([510_000], [490_000], [1.0]),
        ([10**9] * 3, [10**9] * 3, [0.0] * 3),
        ([0], [10**6], [0.0]),
    ],
)
def test_huge_counts(wins: list[int], losses: list[int], posterior: list[float]) -> None:
    found = discrimination_posterior(wins, losses)
    assert found.posterior.tolist() == pytest.approx(posterior)
    assert found.converged


def test_nobody_and_nothing_to_judge() -> None:
    for found in (discrimination_posterior([], []), discrimination_posterior([0, 0], [0, 0])):
        assert (found.innocent_share, found.judged, found.fits) == (1.0, 0, 0)


def test_local_fdr_keeps_ties_together() -> None:
    """0.1, then three of 0.2: mean 0.175 with all three, and they come together."""
    values = [0.2, 0.1, 0.2, 0.9, 0.2]
    assert flagged_by_local_fdr(values, 0.175).tolist() == [True, True, True, False, True]
    assert flagged_by_local_fdr(values, 0.17).tolist() == [False, True, False, False, False]
    assert flagged_by_local_fdr([], 0.1).tolist() == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: discrimination_posterior([1], [1, 2]), "two equal rows"),
        (lambda: discrimination_posterior([1], [1], null_weight=0.0), "null weight"),
        (lambda: cell_posterior([[1, 2, 3, 4]], null_weight=float("nan")), "null weight"),
        (lambda: flagged_by_local_fdr([0.5], 0.0), "alpha"),
        (lambda: flagged_by_local_fdr([1.5], 0.1), "numbers from 0 to 1"),
    ],
)
def test_impossible_input_is_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
