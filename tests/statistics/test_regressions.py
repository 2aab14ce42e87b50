"""Regressions against R, and where they break down."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logsumexp

from praktijktest.statistics.heteroskedastic_probit import fit_heteroskedastic_probit
from praktijktest.statistics.mixed_logit import fit_mixed_logit
from praktijktest.statistics.sandwich import clustered_covariance, cr1, cr2, least_squares
from praktijktest.statistics.separation import one_sided, separated
from praktijktest.statistics.wild_bootstrap import wild_cluster_p
from tests.statistics import reference
from tests.statistics.regressions import codes, numbers

PAIRS, QUALITY = "ref_pairs.csv", "ref_quality.csv"
needs_reference = pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)


def outputs(name: str) -> dict:
    return reference.entries()[name]["outputs"]


def ones(count: int) -> np.ndarray:
    return np.ones(count)


@needs_reference
def test_linear_probability_with_cr1_and_cr2() -> None:
    expected = outputs("lpm_cr")
    minority, y, agent = (
        numbers(PAIRS, "minority"),
        numbers(PAIRS, "positive"),
        codes(PAIRS, "agent"),
    )
    city = codes(PAIRS, "city")
    x = np.column_stack([ones(len(y)), minority, *((city == level) for level in (1, 2, 3))])
    fit = least_squares(x, y)
    np.testing.assert_allclose(fit.coefficients, expected["coef"], rtol=1e-9)
    np.testing.assert_allclose(cr1(fit, agent).standard_errors, expected["se_CR1"], rtol=1e-9)
    few = cr2(fit, agent)
    np.testing.assert_allclose(few.standard_errors, expected["se_CR2"], rtol=1e-9)
    np.testing.assert_allclose(few.degrees, expected["df_CR2"], rtol=1e-8)


@needs_reference
def test_difference_in_differences_of_two_waves() -> None:
    expected = outputs("did_wave")
    minority, y = numbers(PAIRS, "minority"), numbers(PAIRS, "positive")
    late = (numbers(PAIRS, "wave") == 2).astype(float)
    fit = least_squares(np.column_stack([ones(len(y)), minority, late, minority * late]), y)
    robust = cr1(fit, codes(PAIRS, "agent"))
    np.testing.assert_allclose(fit.coefficients, expected["coef"], rtol=1e-8)
    np.testing.assert_allclose(robust.standard_errors, expected["se_CR1"], rtol=1e-9)


@needs_reference
def test_mixed_logit_with_intercepts_and_with_slopes() -> None:
    minority, y = numbers(PAIRS, "minority"), numbers(PAIRS, "positive") > 0
    agent = codes(PAIRS, "agent")
    x = np.column_stack([ones(len(y)), minority])
    expected = outputs("glmer_ri")
    for nodes, name in ((1, "laplace"), (15, "agq15")):
        fit = fit_mixed_logit(x, x[:, :1], y, agent, nodes=nodes)
        np.testing.assert_allclose(fit.coefficients, expected[f"coef_{name}"], rtol=2e-3)
        errors = np.sqrt(np.diag(fit.covariance))
        np.testing.assert_allclose(errors, expected[f"se_{name}"], rtol=1e-2)
        assert fit.deviations[0] == pytest.approx(expected[f"sd_{name}"], rel=2e-3)
        if nodes == 15:
            assert fit.log_likelihood == pytest.approx(expected["ll_agq15"], abs=1e-4)
    expected = outputs("glmer_rs")
    fit = fit_mixed_logit(x, x, y, agent, nodes=1)
    np.testing.assert_allclose(fit.coefficients, expected["coef"], rtol=5e-3)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), expected["se"], rtol=2e-2)
    np.testing.assert_allclose(fit.deviations, expected["sd"], rtol=5e-3)
    assert fit.correlation == pytest.approx(expected["corr"], abs=5e-3)
    # Slightly above lme4's, whose optimiser stopped a little before the top.
    assert 0 <= fit.log_likelihood - expected["ll"] < 2e-3


@needs_reference
def test_heteroskedastic_probit_of_neumark() -> None:
    expected = outputs("hetprobit_neumark")
    y = numbers(QUALITY, "positive") > 0
    x = np.column_stack([ones(len(y)), numbers(QUALITY, "quality"), numbers(QUALITY, "furnished")])
    fit = fit_heteroskedastic_probit(x, numbers(QUALITY, "minority") > 0, y)
    constant, minority, quality, furnished = expected["coef_mean"]
    np.testing.assert_allclose(
        fit.coefficients, [constant, quality, furnished, minority], rtol=1e-4
    )
    assert fit.log_ratio == pytest.approx(expected["log_sigma"], rel=1e-4)
    assert fit.log_likelihood == pytest.approx(expected["loglik"], abs=1e-6)
    assert fit.probit_log_likelihood == pytest.approx(expected["probit_ll"], abs=1e-6)
    assert fit.lr == pytest.approx(expected["lr_sigma_eq_1"], abs=1e-5)
    errors = np.sqrt(np.diag(fit.covariance))
    in_order = [expected["se"][place] for place in (0, 2, 3, 1, 4)]
    np.testing.assert_allclose(errors, in_order, rtol=2e-2)
    assert fit.total == pytest.approx(fit.level + fit.variance)
    gap = y[numbers(QUALITY, "minority") > 0].mean() - y[numbers(QUALITY, "minority") == 0].mean()
    assert fit.total == pytest.approx(gap, abs=0.02)
    assert fit.level < 0


@needs_reference
def test_cluster_robust_logit() -> None:
    import statsmodels.api as sm

    expected = outputs("glm_logit_cr")
    minority, female = numbers(PAIRS, "minority"), numbers(PAIRS, "female")
    y = numbers(PAIRS, "positive")
    x = np.column_stack([ones(len(y)), minority, female, minority * female])
    fit = sm.Logit(y, x).fit(disp=0, method="newton")
    np.testing.assert_allclose(fit.params, outputs("glm_logit")["coef"], rtol=1e-7)
    chance = fit.predict()
    bread = np.linalg.inv((x * (chance * (1 - chance))[:, None]).T @ x)
    covariance = clustered_covariance(bread, x * (y - chance)[:, None], codes(PAIRS, "agent"))
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), expected["se_HC1"], rtol=1e-8)


def random_fit(seed: int, clusters: int = 6) -> tuple:
    generator = np.random.default_rng(seed)
    cluster = np.sort(generator.integers(0, clusters, size=40))
    cluster[:clusters] = np.arange(clusters)
    x = np.column_stack([ones(40), generator.normal(size=40)])
    y = generator.normal(size=40) + generator.normal(size=clusters)[cluster]
    return least_squares(x, y), y, cluster.astype(np.int64)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_wild_bootstrap_goes_through_every_pattern(seed: int) -> None:
    fit, y, cluster = random_fit(seed)
    null = least_squares(fit.x[:, :1], y)
    fitted = y - null.residuals

    def t_value(outcome: np.ndarray) -> float:
        again = least_squares(fit.x, outcome)
        return abs(again.coefficients[1] / cr1(again, cluster).standard_errors[1])

    observed = t_value(y)
    hits = [
        t_value(fitted + null.residuals * np.array(flips)[cluster]) >= observed * (1 - 1e-9)
        for flips in product([1, -1], repeat=6)
    ]
    found = wild_cluster_p(fit, y, 1, cluster, draws=10, seed=0)
    assert found == pytest.approx(np.mean(hits), abs=1e-9)


def test_many_clusters_are_drawn_and_the_seed_decides() -> None:
    fit, y, cluster = random_fit(1, clusters=20)
    first = wild_cluster_p(fit, y, 1, cluster, draws=999, seed=7)
    assert first == wild_cluster_p(fit, y, 1, cluster, draws=999, seed=7)
    assert first == pytest.approx(wild_cluster_p(fit, y, 1, cluster, draws=9999, seed=8), abs=0.05)


def test_blocks_of_patterns_are_the_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The p-value does not depend on how many patterns are kept at a time."""
    from praktijktest.statistics import wild_bootstrap

    cluster = np.repeat(np.arange(30), 6)
    y = np.random.default_rng(2).normal(size=180)
    x = np.column_stack([ones(180), np.tile([0.0, 1.0], 90)])
    fit = least_squares(x, y)
    whole = wild_cluster_p(fit, y, 1, cluster, draws=199, seed=4)
    monkeypatch.setattr(wild_bootstrap, "BLOCK", 7 * 30)
    assert wild_cluster_p(fit, y, 1, cluster, draws=199, seed=4) == whole


def test_a_cluster_that_alone_decides_a_coefficient_gives_no_nonsense() -> None:
    x = np.column_stack([ones(6), [1.0, 1, 0, 0, 0, 0]])
    fit = least_squares(x, np.array([1.0, 0, 1, 0, 0, 1]))
    found = cr2(fit, np.array([0, 0, 1, 1, 2, 2]))
    assert np.isfinite(found.standard_errors).all()
    assert (found.degrees > 0).all()


def test_dependent_regressors_are_refused() -> None:
    with pytest.raises(ValueError, match="independent"):
        least_squares(np.column_stack([ones(4), 1000 * ones(4)]), np.arange(4.0))


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ([0, 0, 1, 1], True),
        ([0, 1, 0, 1], False),
        ([0, 1, 1, 1], True),
        ([1, 1, 1, 1], True),
    ],
)
def test_separation(y: list[int], expected: bool) -> None:
    x = np.column_stack([ones(4), [0.0, 0, 1, 1]])
    assert separated(x, np.array(y) > 0) is expected


def test_pairs_that_all_go_one_way_are_one_sided() -> None:
    assert one_sided(np.array([[1.0], [1.0]]))
    assert one_sided(np.zeros((0, 1)))
    assert not one_sided(np.array([[1.0], [-1.0]]))


def test_targets_that_do_not_differ_stand_at_the_boundary() -> None:
    x = np.column_stack([ones(80), np.tile([0.0, 1.0], 40)])
    y = np.tile([True, False, False, True], 20)
    fit = fit_mixed_logit(x, x[:, :1], y, np.repeat(np.arange(20), 4))
    assert fit.at_boundary
    assert fit.coefficients == pytest.approx([0, 0], abs=1e-4)


def test_few_replies_of_very_different_targets_take_more_nodes() -> None:
    """The likelihood at the estimate is that of a quadrature with ten times as many nodes."""
    chance = np.random.default_rng(8)
    cluster = np.repeat(np.arange(300), 4)
    group = np.tile([0.0, 0.0, 1.0, 1.0], 300)
    eta = -4.0 - 0.7 * group + 4.0 * chance.normal(size=300)[cluster]
    y = chance.random(len(eta)) < expit(eta)
    x = np.column_stack([ones(len(y)), group])
    fit = fit_mixed_logit(x, x[:, :1], y, cluster)
    points, weights = np.polynomial.hermite_e.hermegauss(160)
    total = x @ fit.coefficients
    each = total[:, None] + fit.deviations[0] * points
    terms = np.where(y[:, None], -np.logaddexp(0, -each), -np.logaddexp(0, each))
    sums = np.zeros((300, len(points)))
    np.add.at(sums, cluster, terms)
    exact = logsumexp(sums + np.log(weights) - 0.5 * np.log(2 * np.pi), axis=1).sum()
    assert fit.log_likelihood == pytest.approx(exact, abs=0.05)
    coarse = fit_mixed_logit(x, x[:, :1], y, cluster, nodes=15)
    assert abs(coarse.log_likelihood - exact) > 0.1


def test_the_scores_of_the_probit_sum_to_nothing_and_their_square_is_the_information() -> None:
    chance = np.random.default_rng(3)
    quality, group = chance.normal(size=4000), np.arange(4000) % 2 == 1
    index = (-0.3 + 0.8 * quality - 0.4 * group) / np.exp(0.4 * group)
    x = np.column_stack([ones(4000), quality])
    fit = fit_heteroskedastic_probit(x, group, chance.normal(size=4000) < index)
    assert np.abs(fit.scores.sum(axis=0)).max() < 0.05
    outer = np.linalg.inv(fit.scores.T @ fit.scores)
    np.testing.assert_allclose(np.sqrt(np.diag(outer) / np.diag(fit.covariance)), 1, atol=0.1)


def test_a_likelihood_that_nodes_cannot_compute_gives_no_slope() -> None:
    """What a coarse quadrature takes for a maximum is not reported as one."""
    chance = np.random.default_rng(8)
    cluster = np.repeat(np.arange(300), 4)
    group = np.tile([0.0, 0.0, 1.0, 1.0], 300)
    eta = -4.0 - 0.7 * group + 4.0 * chance.normal(size=300)[cluster]
    y = chance.random(len(eta)) < expit(eta)
    x = np.column_stack([ones(len(y)), group])
    alone = fit_mixed_logit(x, x[:, :1], y, cluster)
    assert alone.checked
    try:
        slope = fit_mixed_logit(x, x, y, cluster)
    except ArithmeticError:
        return
    assert slope.checked
    assert -0.2 < slope.log_likelihood - alone.log_likelihood < 6
