"""Regressors in units of their spread, and fits that do not depend on units."""

import numpy as np
import pytest
from scipy.special import expit

from praktijktest.statistics.heteroskedastic_probit import fit_heteroskedastic_probit
from praktijktest.statistics.mixed_logit import fit_mixed_logit
from praktijktest.statistics.scaling import standardised

DRAWN = np.random.default_rng(12)
CLUSTER = np.repeat(np.arange(60), 8)
GROUP = np.tile([0.0, 1.0], 240)
RENT = DRAWN.normal(size=480)
CHANCE = expit(0.2 - 0.6 * GROUP + 0.7 * RENT + DRAWN.normal(size=60)[CLUSTER])
REPLY = DRAWN.random(480) < CHANCE


def test_coefficients_come_back_and_zeros_and_ones_stay_as_they_are() -> None:
    x = np.column_stack([np.ones(480), GROUP, 850 + 200 * RENT])
    scaled, back = standardised(x)
    np.testing.assert_array_equal(scaled[:, :2], x[:, :2])
    assert scaled[:, 2].std() == pytest.approx(1)
    beta = np.array([0.3, -1.0, 2.0])
    np.testing.assert_allclose(scaled @ beta, x @ (back @ beta), atol=1e-9)


@pytest.mark.parametrize(("centre", "unit"), [(850.0, 200.0), (0.0, 1e6), (2e5, 1e-2)])
def test_no_fit_depends_on_the_unit_of_a_covariate(centre: float, unit: float) -> None:
    plain = np.column_stack([np.ones(480), GROUP, RENT])
    euros = np.column_stack([np.ones(480), GROUP, centre + unit * RENT])
    one = fit_mixed_logit(plain, plain[:, :1], REPLY, CLUSTER)
    other = fit_mixed_logit(euros, euros[:, :1], REPLY, CLUSTER)
    assert other.coefficients[1] == pytest.approx(one.coefficients[1], rel=1e-3)
    assert other.coefficients[2] * unit == pytest.approx(one.coefficients[2], rel=1e-3)
    errors = [np.sqrt(np.diag(fit.covariance)) for fit in (one, other)]
    assert errors[1][1] == pytest.approx(errors[0][1], rel=1e-2)
    assert errors[1][2] * unit == pytest.approx(errors[0][2], rel=1e-2)
    probit = fit_heteroskedastic_probit(plain[:, [0, 2]], GROUP > 0, REPLY)
    again = fit_heteroskedastic_probit(euros[:, [0, 2]], GROUP > 0, REPLY)
    assert again.level == pytest.approx(probit.level, abs=1e-4)
    assert again.coefficients[1] * unit == pytest.approx(probit.coefficients[1], rel=1e-3)
    assert again.covariance[-1, -1] == pytest.approx(probit.covariance[-1, -1], rel=1e-2)
    assert np.abs(again.scores[:, 2].sum()) < 0.05
