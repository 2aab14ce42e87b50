"""Every estimate and test of a table: the contract's names, published numbers, symmetry."""

import pytest
from hypothesis import given

from praktijktest.statistics.cells import Cells, Estimate
from praktijktest.statistics.paired import alternative_intervals, estimates, significance
from tests.statistics.tables import CONFIDENCES, SMALL_COUNTS, cells

NAMES = [
    "net_rate_usable",
    "net_rate_all",
    "net_rate_discordant",
    "gross_rate_usable",
    "gross_rate_all",
    "discordance_rate",
    "response_rate_control",
    "response_rate_test",
    "response_ratio",
    "odds_ratio_conditional",
]
TESTS = [
    "mcnemar_exact",
    "mcnemar_midp",
    "mcnemar_chi2",
    "mcnemar_chi2_cc",
    "sign_exact",
    "sign_midp",
    "unconditional",
    "cluster_t",
    "pearson_chi2_unpaired",
    "pearson_chi2_cc_unpaired",
]
ONE_SIDED = {"sign_exact", "sign_midp"}


def by_name(table: Cells, confidence: float = 0.95) -> dict[str, Estimate]:
    return {estimate.name: estimate for estimate in estimates(table, confidence)}


def test_names_methods_and_denominators() -> None:
    table = Cells(40, 46, 14, 141)
    found = estimates(table)
    assert [e.name for e in found] == NAMES
    assert {e.scope for e in found} == {"these-targets"}
    assert [e.method for e in found] == [
        *["tango"] * 3,
        *["wilson"] * 5,
        "bonett-price",
        "clopper-pearson",
    ]
    assert [(e.denominator, e.n) for e in found] == [
        ("at least one positive", 100),
        ("all tests", 241),
        ("discordant tests", 60),
        ("at least one positive", 100),
        ("all tests", 241),
        ("all tests", 241),
        ("all tests", 241),
        ("all tests", 241),
        ("positive for control", 86),
        ("only test positive", 14),
    ]
    assert [(i.estimate, i.method) for i in alternative_intervals(table)] == [
        ("net_rate_all", "newcombe"),
        ("net_rate_all", "bonett-price"),
        ("net_rate_all", "agresti-min"),
        ("net_rate_all", "scas"),
        ("response_ratio", "tang"),
    ]
    tests = significance(table)
    assert [t.name for t in tests] == TESTS
    assert {t.name for t in tests if t.alternative == "control-favoured"} == ONE_SIDED


def test_values_of_the_washington_audit() -> None:
    """Heckman & Siegelman 1993; Wooldridge, App. C: difference .133, t -4.28."""
    found = by_name(Cells(40, 46, 14, 141))
    assert found["net_rate_all"].value == pytest.approx(32 / 241)
    assert found["net_rate_usable"].value == 0.32
    assert found["net_rate_discordant"].value == pytest.approx(32 / 60)
    assert found["gross_rate_usable"].value == 0.46
    assert found["gross_rate_all"].value == pytest.approx(46 / 241)
    assert found["discordance_rate"].value == pytest.approx(60 / 241)
    assert found["response_rate_control"].value == pytest.approx(0.357, abs=5e-4)
    assert found["response_rate_test"].value == pytest.approx(0.224, abs=5e-4)
    assert found["response_ratio"].value == pytest.approx(54 / 86)
    assert found["odds_ratio_conditional"].value == pytest.approx(46 / 14)
    p = {t.name: t for t in significance(Cells(40, 46, 14, 141))}
    assert p["cluster_t"].statistic == pytest.approx(4.2768, abs=5e-5)


@pytest.mark.parametrize(
    ("table", "chi2", "t"),
    [
        # R package callback (Duguet), data inter1: control is the French man.
        (Cells(45, 41, 20, 204), 3.501885, 2.716294),
        (Cells(29, 57, 14, 210), 17.267, 5.323),
        (Cells(27, 59, 11, 213), 22.268, 6.058),
        (Cells(43, 43, 27, 197), 1.927221, 1.920642),
        (Cells(22, 64, 10, 214), 29.40, 6.708),
        (Cells(15, 71, 11, 213), 37.93, 7.14),
        (Cells(37, 49, 25, 199), 4.695, 2.821),
    ],
)
def test_published_statistics_of_the_inter1_comparisons(
    table: Cells, chi2: float, t: float
) -> None:
    tests = {test.name: test for test in significance(table)}
    assert tests["pearson_chi2_cc_unpaired"].statistic == pytest.approx(chi2, rel=2e-4)
    assert tests["cluster_t"].statistic == pytest.approx(t, rel=2e-4)


def test_published_p_values() -> None:
    """The same source: p .0613 (unpaired chi-square) and .0557 (paired t)."""
    first = {t.name: t.p for t in significance(Cells(45, 41, 20, 204))}
    fourth = {t.name: t.p for t in significance(Cells(43, 43, 27, 197))}
    assert first["pearson_chi2_cc_unpaired"] == pytest.approx(0.0613, abs=5e-5)
    assert fourth["pearson_chi2_cc_unpaired"] == pytest.approx(0.16506, abs=5e-6)
    assert fourth["cluster_t"] == pytest.approx(0.0557, abs=5e-5)


@given(cells(), CONFIDENCES)
def test_values_and_limits_are_in_order_and_in_range(table: Cells, confidence: float) -> None:
    for estimate in estimates(table, confidence):
        if estimate.n == 0:
            assert estimate.value is None
        if estimate.value is None or estimate.low is None:
            continue
        rounding = 1e-12 + 1e-9 * abs(estimate.value)
        assert estimate.low <= estimate.value + rounding, estimate.name
        if estimate.high is not None:
            assert estimate.value <= estimate.high + rounding, estimate.name
        if estimate.name.startswith("net_rate"):
            assert -1 <= estimate.low <= estimate.high <= 1
        elif estimate.name not in ("response_ratio", "odds_ratio_conditional"):
            assert 0 <= estimate.low <= estimate.high <= 1


@given(cells(), CONFIDENCES)
def test_swapping_the_applicants_mirrors_every_estimate(table: Cells, confidence: float) -> None:
    found, mirrored = by_name(table, confidence), by_name(table.swapped(), confidence)
    for name in ("net_rate_usable", "net_rate_all", "net_rate_discordant"):
        ours, theirs = found[name], mirrored[name]
        if ours.value is None:
            assert theirs.value is None
            continue
        assert theirs.value == -ours.value
        assert theirs.low == pytest.approx(-ours.high, rel=1e-9, abs=1e-14)
        assert theirs.high == pytest.approx(-ours.low, rel=1e-9, abs=1e-14)
    control, test = found["response_rate_control"], mirrored["response_rate_test"]
    assert (control.value, control.low, control.high) == (test.value, test.low, test.high)
    assert found["discordance_rate"] == mirrored["discordance_rate"]
    for name in ("response_ratio", "odds_ratio_conditional"):
        value, other = found[name].value, mirrored[name].value
        if value and other:
            assert value * other == pytest.approx(1.0)
        if value:
            assert found[name].low * mirrored[name].high == pytest.approx(1.0)


@given(cells(SMALL_COUNTS))
def test_swapping_the_applicants_leaves_two_sided_p_values(table: Cells) -> None:
    for ours, theirs in zip(significance(table), significance(table.swapped()), strict=True):
        if ours.name not in ONE_SIDED:
            assert theirs.p == ours.p, ours.name


@given(cells(SMALL_COUNTS), SMALL_COUNTS, SMALL_COUNTS)
def test_concordant_tests_leave_the_conditional_tests_unchanged(
    table: Cells, more_both: int, more_neither: int
) -> None:
    more = Cells(
        table.both + more_both, table.only_control, table.only_test, table.neither + more_neither
    )
    for ours, theirs in zip(significance(table)[:6], significance(more)[:6], strict=True):
        assert ours == theirs


@given(SMALL_COUNTS, SMALL_COUNTS)
def test_without_discordant_tests_every_p_is_one(both: int, neither: int) -> None:
    for test in significance(Cells(both, 0, 0, neither)):
        assert test.p == 1.0, test.name


def test_edges_of_the_odds_ratio() -> None:
    none_for_test = by_name(Cells(2, 5, 0, 3))["odds_ratio_conditional"]
    assert none_for_test.value is None
    assert none_for_test.low == pytest.approx(0.91635585731546)
    assert none_for_test.high is None
    none_for_control = by_name(Cells(2, 0, 5, 3))["odds_ratio_conditional"]
    assert (none_for_control.value, none_for_control.low) == (0.0, 0.0)
    assert none_for_control.high is not None


def test_an_empty_table_gives_nulls() -> None:
    for estimate in estimates(Cells(0, 0, 0, 0)):
        assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
    for interval in alternative_intervals(Cells(0, 0, 0, 0)):
        assert (interval.low, interval.high) == (None, None)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95, float("nan")])
def test_impossible_confidence_is_refused_even_for_an_empty_table(confidence: float) -> None:
    for function in (estimates, alternative_intervals):
        with pytest.raises(ValueError, match="confidence level"):
            function(Cells(0, 0, 0, 0), confidence)
