"""t-tests over clusters, against the published estimates of 54 employers."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.multiplicity import storey_bootstrap
from praktijktest.statistics.storey_t import ClusterGaps, cluster_gaps, storey_t

FIRMS = Path(__file__).parents[2].parent / "shared" / "data" / "krw2022_firms"
with_firms = pytest.mark.skipif(
    not FIRMS.is_dir(), reason="shared/data with the 54 employers is not beside the project"
)


def rows(name: str) -> list[dict[str, str]]:
    with (FIRMS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def gaps(*by_target: list[float]) -> ClusterGaps:
    return ClusterGaps(
        target=np.repeat(np.arange(len(by_target)), [len(row) for row in by_target]),
        gap=np.array([gap for row in by_target for gap in row], dtype=float),
        left_out=np.zeros(len(by_target), dtype=np.int64),
    )


@with_firms
def test_every_firm_has_the_published_theta_standard_error_and_p() -> None:
    data, expected = rows("krw_dev_54firms.csv"), rows("expected_firm_results_54.csv")
    firms = {row["firm_id"]: place for place, row in enumerate(expected)}
    found = storey_t(
        cluster_gaps(
            [firms[row["firm_id"]] for row in data],
            [int(row["job_id"]) for row in data],
            [int(row["race"] == "Black") for row in data],
            [float(row["cb"]) for row in data],
            len(firms),
        )
    )
    for name, values in (
        ("theta", found.theta),
        ("se", found.se),
        ("p_one_sided_t", found.p),
        ("n_jobs", found.clusters),
    ):
        published = np.array([float(row[name]) for row in expected])
        np.testing.assert_allclose(values, published, atol=1e-9, rtol=0)
    assert found.left_out.sum() == 46
    share, q = storey_bootstrap(found.p)
    assert found.share == share
    np.testing.assert_allclose(found.q, q, atol=1e-11)
    assert [int(found.flagged(level).sum()) for level in (0.05, 0.10)] == [8, 20]


def test_a_gap_is_between_means_and_clusters_without_a_group_are_counted() -> None:
    found = cluster_gaps(
        target=[0, 0, 0, 0, 0, 2, 2, 2],
        cluster=[7, 7, 7, 8, 8, 7, 7, 9],
        arm=[0, 0, 1, 0, 0, 0, 1, 1],
        outcome=[1, 0, 0, 1, 1, 0.5, 1, 1],
        targets=3,
    )
    assert found.target.tolist() == [0, 2]
    assert found.gap.tolist() == [0.5, -0.5]
    assert found.left_out.tolist() == [1, 0, 1]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.integers(-4, 4).map(lambda k: k / 4), min_size=0, max_size=8),
        min_size=1,
        max_size=6,
    )
)
def test_each_target_is_what_scipy_makes_of_its_gaps(by_target: list[list[float]]) -> None:
    from scipy.stats import ttest_1samp

    found = storey_t(gaps(*by_target))
    for place, row in enumerate(by_target):
        if len(row) < 2:
            assert np.isnan(found.p[place])
            assert np.isnan(found.q[place])
            continue
        assert found.theta[place] == pytest.approx(np.mean(row))
        if len(set(row)) > 1:
            wanted = ttest_1samp(row, 0.0, alternative="greater").pvalue
            assert found.p[place] == pytest.approx(wanted, abs=1e-12)
        assert 0 < found.p[place] <= 1
        assert 0 <= found.q[place] <= 1
    assert not (found.flagged(0.05) & ~(found.theta > 0)).any()


def test_equal_gaps_have_no_t_and_are_judged_by_their_number() -> None:
    found = storey_t(gaps([0.1] * 5, [0.1] * 3 + [0.1 + 1e-16], [0.0] * 9, [-1.0] * 9, [1.0]))
    np.testing.assert_allclose(found.p[:4], [1 / 32, 1 / 16, 1, 1])
    assert found.se[:4].tolist() == [0, 0, 0, 0]
    assert np.isnan(found.p[4])
    both = storey_t(gaps([0.1] * 5, [0.0] * 9, [-1.0] * 9), direction="either")
    np.testing.assert_allclose(both.p, [1 / 16, 1, 2 / 512])


def test_those_outside_the_family_change_nothing_for_the_others() -> None:
    rng = np.random.default_rng(4)
    rest = [rng.normal(0.1, 0.3, 12).tolist() for _ in range(20)]
    alone = storey_t(gaps(*rest))
    both = storey_t(gaps(*rest, [0.5, 0.4, 0.6]), in_family=[True] * 20 + [False])
    np.testing.assert_array_equal(both.q[:20], alone.q)
    assert np.isnan(both.q[20])
    assert both.p[20] < 0.05
    assert not both.flagged(0.99)[20]


def test_no_targets_and_no_applications_are_no_failure() -> None:
    empty = storey_t(cluster_gaps([], [], [], [], 0))
    assert empty.to_dict() == {
        "theta": [], "se": [], "p": [], "q": [], "clusters": [], "left_out": [], "share": 1.0,
    }  # fmt: skip
    silent = storey_t(cluster_gaps([], [], [], [], 2))
    assert silent.to_dict()["p"] == [None, None]
    assert not silent.flagged(0.5).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0], [0], [2], [1.0], 1), "arm"),
        (([1], [0], [0], [1.0], 1), "target"),
        (([0], [-1], [0], [1.0], 1), "cluster"),
        (([0], [0], [0], [np.nan], 1), "numbers"),
        (([0, 0], [0], [0], [1.0], 1), "one length"),
        (([0.5], [0], [0], [1.0], 1), "whole"),
    ],
)
def test_impossible_applications_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        cluster_gaps(*arguments)


def test_impossible_families_and_directions_are_refused() -> None:
    with pytest.raises(ValueError, match="family"):
        storey_t(gaps([0.1, 0.2]), in_family=[True, False])
    with pytest.raises(ValueError, match="direction"):
        storey_t(gaps([0.1, 0.2]), direction="up")
    with pytest.raises(ValueError, match="gap"):
        storey_t(gaps([0.1, np.inf]))
