"""Meta-analysis against metafor, and effects of single studies."""

import csv
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.cells import Cells
from praktijktest.statistics.multilevel_pooling import pool_multilevel
from praktijktest.statistics.paired_effects import (
    effect_of_cells,
    effect_of_groups,
    effect_of_margins,
    least_variance,
    usable_range,
)
from praktijktest.statistics.pooling import pool
from praktijktest.statistics.small_studies import small_studies
from tests.statistics import reference

STUDIES = Path(__file__).parents[2].parent / "shared" / "data" / "verhaeghe_housing_meta_2026"
needs_reference = pytest.mark.skipif(not reference.entries(), reason=reference.ABSENT)


@needs_reference
def test_random_effects_of_seven_cities() -> None:
    entry = reference.entries()["meta_reml"]
    values, variances = (np.array(entry["inputs"][name]) for name in ("yi", "vi"))
    found = pool(values, variances)
    expected = entry["outputs"]
    normal = found.normal[0]
    assert normal.value == pytest.approx(expected["est"], abs=1e-10)
    assert normal.se == pytest.approx(expected["se"], abs=1e-10)
    assert (normal.low, normal.high) == pytest.approx(expected["ci"], abs=1e-9)
    assert found.tau2 == pytest.approx(expected["tau2"], abs=1e-10)
    assert 100 * found.i2 == pytest.approx(expected["I2"], abs=1e-6)
    assert found.q == pytest.approx(expected["Q"], abs=1e-8)
    assert found.q_p == pytest.approx(expected["Qp"], abs=1e-9)
    knapp = reference.entries()["meta_hksj"]["outputs"]
    effect = found.coefficients[0]
    assert effect.se == pytest.approx(knapp["se"], abs=1e-10)
    assert (effect.low, effect.high) == pytest.approx(knapp["ci"], abs=1e-9)
    assert effect.p == pytest.approx(knapp["p"], abs=1e-9)
    assert found.prediction == pytest.approx(knapp["pi"], abs=1e-3)
    others = reference.entries()["meta_dl_pm_fe"]["outputs"]
    assert found.tau2_dl == pytest.approx(others["dl_tau2"], abs=1e-10)
    assert found.tau2_pm == pytest.approx(others["pm_tau2"], abs=1e-9)
    assert found.fixed == pytest.approx((others["fe_est"], others["fe_se"]), abs=1e-10)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 0.5)), min_size=1, max_size=8),
    st.randoms(),
)
@settings(max_examples=60, deadline=None)
def test_order_changes_nothing_and_a_shift_shifts(studies: list, random: object) -> None:
    values, variances = np.array(studies).T
    found = pool(values, variances)
    turned = pool(values[::-1], variances[::-1])
    assert turned.coefficients[0].value == pytest.approx(found.coefficients[0].value, abs=1e-7)
    moved = pool(values + 3, variances)
    assert moved.coefficients[0].value == pytest.approx(found.coefficients[0].value + 3, abs=1e-6)
    assert moved.tau2 == pytest.approx(found.tau2, abs=1e-7)
    assert found.weights.sum() == pytest.approx(1)
    assert 0 <= found.i2 <= 1


def test_one_study_has_no_interval_over_studies() -> None:
    found = pool(np.array([0.2]), np.array([0.01]))
    assert found.coefficients[0].value == pytest.approx(0.2)
    assert found.coefficients[0].low is None
    assert found.prediction is None
    assert found.normal[0].se == pytest.approx(0.1)


def test_a_meta_regression_needs_studies_that_differ() -> None:
    values, variances = np.array([0.1, 0.2, 0.4, 0.5]), np.full(4, 0.001)
    found = pool(values, variances, moderator=np.array([0.0, 1, 3, 4]), moderator_name="year")
    slope = found.coefficients[1]
    assert slope.name == "year"
    assert slope.value == pytest.approx(0.1, abs=1e-6)
    for moderator in (np.ones(4), np.array([1.0])):
        with pytest.raises(ValueError, match="meta-regression"):
            pool(values[: len(moderator)], variances[: len(moderator)], moderator=moderator)


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        pool(np.zeros(0), np.zeros(0))
    with pytest.raises(ValueError, match="variance"):
        pool(np.array([0.1]), np.array([0.0]))


def test_effects_of_four_cells() -> None:
    found = effect_of_cells(Cells(40, 46, 14, 141), "log-response-ratio")
    assert found is not None
    assert found.value == pytest.approx(log(54 / 86))
    assert found.variance_low == pytest.approx(60 / (86 * 54))
    odds = effect_of_cells(Cells(40, 46, 14, 141), "log-odds-ratio")
    assert odds is not None
    assert odds.variance_low == pytest.approx(1 / 46 + 1 / 14)
    assert effect_of_cells(Cells(0, 0, 0, 9), "log-response-ratio") is None
    assert effect_of_cells(Cells(9, 0, 0, 0), "net-rate-all") is None


@given(st.tuples(*[st.integers(0, 12)] * 4))
@settings(max_examples=80, deadline=None)
def test_margins_bound_what_the_cells_give(counts: tuple[int, int, int, int]) -> None:
    cells = Cells(*counts)
    for measure in ("net-rate-all", "log-response-ratio"):
        exact = effect_of_cells(cells, measure)
        control, test = cells.both + cells.only_control, cells.both + cells.only_test
        bounds = effect_of_margins(control, test, cells.n, measure)
        if exact is None or bounds is None or not control or not test:
            continue
        assert bounds.value == pytest.approx(exact.value)
        if cells.only_control or cells.only_test:
            assert bounds.variance_low <= exact.variance_low + 1e-12
            assert exact.variance_low <= bounds.variance_high + 1e-12


def test_margins_no_table_can_have() -> None:
    with pytest.raises(ValueError, match="No 10 tests"):
        effect_of_margins(11, 3, 10, "net-rate-all")
    with pytest.raises(ValueError, match="margins"):
        effect_of_margins(5, 3, 10, "log-odds-ratio")


@pytest.mark.skipif(not STUDIES.is_dir(), reason="shared/data is not beside the project")
@pytest.mark.parametrize(
    ("ground", "published"),
    [("ero", 0.789), ("gen", 1.040), ("seo", 0.958), ("soc", 0.766), ("hed", 0.813)],
)
def test_the_state_of_rental_discrimination(ground: str, published: float) -> None:
    """Pooled positive response ratios of the authors' model, effects in clusters in studies."""
    with (STUDIES / "housing_meta.csv").open(encoding="utf-8", newline="") as stream:
        rows = [
            row
            for row in csv.DictReader(stream)
            if row["ground_abbr"] == ground and row["flag_main_sample"] in ("TRUE", "True", "1")
        ]
    values = np.array([float(row["prratio_ln"]) for row in rows])
    variances = np.array([float(row["prratio_ln_v"]) for row in rows])
    study = np.unique([row["study"] for row in rows], return_inverse=True)[1]
    cluster = np.unique([row["cluster"] for row in rows], return_inverse=True)[1]
    found = pool_multilevel(values, variances, study, cluster)
    assert exp(found.value) == pytest.approx(published, abs=1e-3)


def test_multilevel_with_one_effect_per_study_is_the_plain_model() -> None:
    generator = np.random.default_rng(2)
    values, variances = generator.normal(0, 0.3, 12), generator.uniform(0.01, 0.05, 12)
    both = pool_multilevel(values, variances, np.arange(12))
    plain = pool(values, variances)
    assert both.value == pytest.approx(plain.coefficients[0].value, abs=1e-4)
    assert both.between + both.within == pytest.approx(plain.tau2, rel=1e-3)
    with pytest.raises(ValueError, match="two studies"):
        pool_multilevel(values, variances, np.zeros(12, dtype=np.int64))


THREE_LEVELS = np.array([-0.62, -0.41, -0.1, -0.35, 0.08, -0.1, -0.66, -0.38, 0.1, -0.2])
THEIR_VARIANCES = np.array([4, 5, 6, 4, 8, 5, 4, 6, 5, 4]) / 1000
THEIR_STUDIES = np.array([0, 0, 1, 1, 1, 2, 3, 3, 4, 5])
THEIR_YEARS = np.array([2015, 2016, 2015, 2018, 2018, 2019, 2020, 2020, 2014, 2021.0])


def test_three_levels_against_dense_matrices() -> None:
    """R 4.2, optim on the restricted likelihood with the whole covariance matrix; 5 digits."""
    found = pool_multilevel(THREE_LEVELS, THEIR_VARIANCES, THEIR_STUDIES)
    assert (found.value, found.se) == pytest.approx((-0.2493539, 0.10152929), abs=2e-6)
    assert (found.between, found.within) == pytest.approx((0.036655632, 0.032529830), rel=2e-4)
    expected = [0.094688416, 0.092165399, 0.069324530, 0.073120032, 0.065903616]
    expected += [0.138951705, 0.095500752, 0.090543515, 0.138951705, 0.140850330]
    assert found.weights == pytest.approx(expected, abs=1e-5)
    assert found.weights @ THREE_LEVELS == pytest.approx(found.value, abs=1e-12)


def test_three_levels_with_a_covariate_against_dense_matrices() -> None:
    found = pool_multilevel(
        THREE_LEVELS,
        THEIR_VARIANCES,
        THEIR_STUDIES,
        moderator=THEIR_YEARS - THEIR_YEARS.mean(),
        moderator_name="year",
    )
    assert found.slope is not None
    assert found.slope.name == "year"
    assert found.slope.value == pytest.approx(-0.02012752, abs=2e-6)
    assert found.slope.se == pytest.approx(0.038906602, abs=5e-6)
    assert found.value == pytest.approx(-0.24695126, abs=5e-6)
    for studies, covariate in ((THEIR_STUDIES, np.ones(10)), (np.arange(10) % 2, THEIR_YEARS)):
        with pytest.raises(ValueError, match="three studies"):
            pool_multilevel(THREE_LEVELS, THEIR_VARIANCES, studies, moderator=covariate)


def test_a_near_start_finds_the_same() -> None:
    plain = pool_multilevel(THREE_LEVELS, THEIR_VARIANCES, THEIR_STUDIES)
    near = pool_multilevel(THREE_LEVELS, THEIR_VARIANCES, THEIR_STUDIES, near=(0.2, 0.0))
    assert near.value == pytest.approx(plain.value, abs=1e-6)


SMALL_VALUES = np.array([-50, 15, -45, -25, 12, -40, -58, -2, -5, -28, -71, -39]) / 100
SMALL_VARIANCES = np.array([20, 4, 60, 3, 10, 90, 12, 2, 40, 15, 70, 5]) / 1000


def test_small_studies_against_r() -> None:
    """R 4.2: cor.test(method = "kendall", exact), and lm with weights at the REML variance."""
    found = small_studies(SMALL_VALUES, SMALL_VARIANCES)
    assert found is not None
    assert found.tau == pytest.approx(-0.1212121212, abs=1e-9)
    assert found.rank_p == pytest.approx(0.6383612539, abs=1e-9)
    assert found.slope is not None
    assert found.slope.value == pytest.approx(-1.69094856, abs=1e-5)
    assert found.slope.se == pytest.approx(1.00343239, abs=1e-5)
    assert found.slope.p == pytest.approx(0.12285795, abs=1e-5)


def test_small_studies_are_not_judged_below_ten_or_when_all_are_alike() -> None:
    assert small_studies(SMALL_VALUES[:9], SMALL_VARIANCES[:9]) is None
    assert small_studies(SMALL_VALUES, np.full(12, 0.01)) is None


def test_net_rate_of_usable_tests_is_a_mean_of_differences() -> None:
    differences = np.repeat([0.0, 1.0, -1.0], [40, 46, 14])
    found = effect_of_cells(Cells(40, 46, 14, 141), "net-rate-usable")
    assert found is not None
    assert found.value == pytest.approx(differences.mean())
    assert found.variance_low == pytest.approx(differences.var() / len(differences))
    assert effect_of_cells(Cells(0, 0, 0, 9), "net-rate-usable") is None
    with pytest.raises(ValueError, match="margins"):
        effect_of_margins(5, 3, 10, "net-rate-usable")


@given(st.tuples(*[st.integers(0, 12)] * 4))
@settings(max_examples=60, deadline=None)
def test_the_net_rate_lies_in_the_range_of_its_margins(
    counts: tuple[int, int, int, int],
) -> None:
    cells = Cells(*counts)
    found = usable_range(
        cells.both + cells.only_control, cells.both + cells.only_test, max(cells.n, 1)
    )
    usable = cells.n - cells.neither
    if not usable:
        assert found is None
        return
    assert found is not None
    rate = (cells.only_control - cells.only_test) / usable
    assert found[0] - 1e-12 <= rate <= found[1] + 1e-12


def test_equal_margins_still_have_a_variance() -> None:
    """One discordant test on either side is the least that has one."""
    for measure in ("log-response-ratio", "net-rate-all"):
        nearest = effect_of_cells(Cells(29, 1, 1, 69), measure)
        assert nearest is not None
        assert least_variance(30, 30, 100, measure) == pytest.approx(nearest.variance_low)
    assert least_variance(100, 100, 100, "net-rate-all") is None
    assert least_variance(0, 0, 100, "log-response-ratio") is None
    assert least_variance(30, 20, 100, "net-rate-all") == pytest.approx((10 - 1) / 100**2)


def test_two_groups_as_katz() -> None:
    found = effect_of_groups(60, 100, 30, 90, "log-response-ratio")
    assert found is not None
    assert found.value == pytest.approx(log((30 / 90) / (60 / 100)))
    assert found.variance_low == pytest.approx(1 / 60 - 1 / 100 + 1 / 30 - 1 / 90)
    rate = effect_of_groups(60, 100, 30, 90, "net-rate-all")
    assert rate is not None
    assert rate.value == pytest.approx(0.6 - 1 / 3)
    assert effect_of_groups(0, 100, 0, 90, "log-response-ratio") is None
    assert effect_of_groups(0, 0, 3, 90, "net-rate-all") is None
    with pytest.raises(ValueError, match="more positive"):
        effect_of_groups(101, 100, 3, 90, "net-rate-all")
    with pytest.raises(ValueError, match="groups"):
        effect_of_groups(10, 100, 3, 90, "net-rate-usable")


@pytest.mark.skipif(not STUDIES.is_dir(), reason="shared/data is not beside the project")
def test_published_effects_follow_from_their_counts() -> None:
    with (STUDIES / "housing_meta.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = ("callback_count_maj", "application_count_maj", "callback_count_min")
    for row in rows:
        counts = [int(float(row[name])) for name in (*names, "application_count_min")]
        found = effect_of_groups(*counts, "log-response-ratio")
        assert found is not None
        assert found.value == pytest.approx(float(row["prratio_ln"]), abs=1e-12)
        assert found.variance_low == pytest.approx(float(row["prratio_ln_v"]), abs=1e-12)
