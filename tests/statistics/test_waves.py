"""Changes between rounds: against R's sandwich, Welch's t, the paired t, and by properties."""

import csv
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from praktijktest.statistics.clustered import clustered_estimates
from praktijktest.statistics.waves import change_weights, combined_rates, slope_weights
from tests.statistics.reference import ABSENT, FOLDER, entries

tables = st.lists(
    st.lists(st.tuples(*(st.integers(0, 6) for _ in range(4))), min_size=3, max_size=3),
    min_size=2,
    max_size=12,
)
"""Four cells of every cluster in three rounds."""


def net(cells):
    """Differences, tests with a positive reply, and tests, by cluster and round."""
    table = np.array(cells, dtype=float)
    return table[..., 1] - table[..., 2], table[..., :3].sum(axis=2), table.sum(axis=2)


def test_the_change_is_rs_two_wave_difference_in_differences():
    found = entries().get("did_wave")
    if found is None:
        pytest.skip(ABSENT)
    sums, sizes = defaultdict(lambda: [0.0, 0.0]), defaultdict(lambda: [0.0, 0.0])
    with (FOLDER / "ref_pairs.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        wave = int(row["wave"]) - 1
        sign = -1 if row["minority"] == "1" else 1
        sums[row["agent"]][wave] += sign * int(row["positive"])
        sizes[row["agent"]][wave] += row["minority"] == "0"
    change = combined_rates(list(sums.values()), list(sizes.values()), [-1.0, 1.0])
    # R's effect is of the minority applicant, and its CR1 also counts coefficients.
    assert change.value == pytest.approx(-found["outputs"]["coef"][3], rel=1e-9)
    factor = np.sqrt((len(rows) - 1) / (len(rows) - 4))
    assert change.se * factor == pytest.approx(found["outputs"]["se_CR1"][3], rel=1e-9)
    assert change.df == change.clusters - 1


def test_rounds_without_a_common_cluster_give_welchs_t():
    generator = np.random.default_rng(4)
    first, second = generator.normal(size=7), 3 * generator.normal(size=19) + 1
    sums, sizes = np.zeros((26, 2)), np.zeros((26, 2))
    sums[:7, 0], sums[7:, 1] = first, second
    sizes[:7, 0], sizes[7:, 1] = 1, 1
    found = combined_rates(sums, sizes, [-1, 1], 0.9)
    welch = stats.ttest_ind(second, first, equal_var=False)
    low, high = welch.confidence_interval(0.9)
    assert (found.p, found.df) == pytest.approx((welch.pvalue, welch.df), rel=1e-7)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-7)


def test_rounds_of_the_same_clusters_give_the_paired_t():
    generator = np.random.default_rng(5)
    first = generator.normal(size=11)
    second = first + generator.normal(size=11) / 5
    found = combined_rates(np.column_stack([first, second]), np.ones((11, 2)), [-1, 1])
    paired = stats.ttest_rel(second, first)
    low, high = paired.confidence_interval(0.95)
    assert (found.p, found.df) == pytest.approx((paired.pvalue, 10), rel=1e-9)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)


def test_a_trend_is_the_least_squares_slope():
    generator = np.random.default_rng(6)
    times = np.array([2015.2, 2017.9, 2019.1, 2023.0])
    sizes = generator.integers(1, 9, size=(30, 4)).astype(float)
    sums = generator.normal(size=(30, 4)) * sizes
    found = combined_rates(sums, sizes, slope_weights(times))
    rates = sums.sum(axis=0) / sizes.sum(axis=0)
    assert found.value == pytest.approx(stats.linregress(times, rates).slope, rel=1e-9)
    with pytest.raises(ValueError, match="different times"):
        slope_weights([3.0, 3.0])


@given(tables)
def test_one_rate_is_that_of_the_report_of_its_round(cells):
    sums, sizes, tests = net(cells)
    for place in range(3):
        found = combined_rates(sums, sizes, np.eye(3)[place], tests=tests)
        report = clustered_estimates(np.array(cells)[:, place])[0]
        assert found.value == pytest.approx(report.value) if report.value else not found.value
        if found.low is None:
            assert report.low is None
        else:
            assert max(-1, found.low) == pytest.approx(report.low, abs=1e-9)
            assert min(1, found.high) == pytest.approx(report.high, abs=1e-9)


@given(tables, st.randoms())
def test_the_order_of_clusters_does_not_matter_and_that_of_rounds_turns_the_sign(cells, random):
    sums, sizes, tests = net(cells)
    there = combined_rates(sums, sizes, change_weights(3, 0, 2), tests=tests)
    order = list(range(len(cells)))
    random.shuffle(order)
    back = combined_rates(sums[order], sizes[order], change_weights(3, 2, 0), tests=tests[order])
    if there.value is None:
        assert back.value is None
        return
    assert back.value == pytest.approx(-there.value, abs=1e-12)
    if there.low is not None:
        assert (back.low, back.high) == pytest.approx((-there.high, -there.low), abs=1e-9)
        assert 1 <= there.df <= there.clusters - 1 + 1e-6
        assert there.p == pytest.approx(back.p, abs=1e-9)


@pytest.mark.parametrize(
    ("sums", "sizes"),
    [
        ([[2, 0], [0, 1], [1, 0]], [[4, 0], [4, 3], [4, 0]]),  # one cluster in the second round
        ([[2, 0], [0, 0], [1, 0]], [[4, 4], [4, 3], [4, 2]]),  # nobody differs in the second
        ([[2, 1], [2, 1]], [[4, 4], [4, 4]]),  # all clusters alike
    ],
)
def test_no_interval_where_a_round_shows_no_spread(sums, sizes):
    found = combined_rates(sums, sizes, [-1, 1])
    assert found.value is not None
    assert (found.se, found.low, found.high, found.p, found.df) == (None,) * 5


def test_a_round_without_tests_has_no_rate():
    found = combined_rates([[2, 0], [1, 0]], [[4, 0], [4, 0]], [-1, 1])
    assert (found.value, found.low, found.clusters) == (None, None, 2)


@pytest.mark.parametrize(
    ("sizes", "tests", "what"),
    [([[1.0], [-1.0]], None, "negative"), ([[3.0], [1.0]], [[2.0], [1.0]], "larger")],
)
def test_impossible_sizes_are_refused(sizes, tests, what):
    with pytest.raises(ValueError, match=what):
        combined_rates([[1.0], [1.0]], sizes, [1.0], tests=tests)
    with pytest.raises(ValueError, match="do not match"):
        combined_rates([1.0, 1.0], [1.0, 1.0], [1.0])
