"""Power for flags: exact single agents, decisions like `flags.decide`, simulated plans."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.statistics.flags import decide
from praktijktest.statistics.power import chance_of_small_p, wins_needed
from praktijktest.statistics.power_decisions import (
    SIMULATED_RULES,
    Outcomes,
    decide_lists,
    flagged_lists,
)
from praktijktest.statistics.power_peeking import e_value_type1, peeking_type1
from praktijktest.statistics.power_targets import (
    AgentType,
    chance_of_net,
    flat_plan,
    mean_tests,
    share_retested,
    two_stage_plan,
)

REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference" / "reference_values.json"

MIXTURE = (
    AgentType(140, 0.12, 0.12, False),
    AgentType(40, 0.30, 0.08, True),
    AgentType(20, 0.55, 0.05, True),
)


def reference(name: str) -> dict:
    if not REFERENCE.is_file():
        pytest.skip("../shared is not beside this checkout")
    entries = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return next(entry for entry in entries if entry["id"] == name)


def chance_alone(tests: int, only_control: float, only_test: float, alpha: float) -> float:
    return float(chance_of_small_p([tests], only_control, only_test, alpha)[0])


def test_the_fewest_wins_are_those_of_r():
    entry = reference("detect_table")
    d = np.array(entry["inputs"]["d"])
    for key, alpha, midp in (
        ("p05", 0.05, False),
        ("p025", 0.025, False),
        ("p01", 0.01, False),
        ("midp05", 0.05, True),
    ):
        wins = wins_needed(d, alpha, midp=midp)
        found = ["NA" if w > n else w for w, n in zip(wins.tolist(), d.tolist(), strict=True)]
        assert found == entry["outputs"][key], key


def test_the_chance_of_one_agent_is_that_of_r():
    entry = reference("power_flag_m")
    rates = zip(entry["inputs"]["p10"], entry["inputs"]["p01"], strict=True)
    for b, c in rates:
        expected = entry["outputs"][f"{b:g}/{c:g}"]
        found = [chance_alone(m, b, c, 0.05) for m in entry["inputs"]["m"]]
        assert found == pytest.approx(expected, abs=1e-9)


def test_false_alarms_from_looking_again_are_those_of_r():
    entry = reference("seq_type1")
    for most, peek, bet in zip(
        entry["inputs"]["D"], entry["outputs"]["peek"], entry["outputs"]["e_sprt90"], strict=True
    ):
        assert peeking_type1(most, 0.05) == pytest.approx(peek, abs=1e-12)
        assert e_value_type1(most, 0.9, 20) == pytest.approx(bet, abs=1e-12)


@given(st.integers(1, 60), st.floats(0.55, 0.99), st.floats(1.5, 200))
def test_an_e_value_never_exceeds_its_promise(most, share, threshold):
    assert e_value_type1(most, share, threshold) <= 1 / threshold + 1e-12


def test_net_counts_are_those_of_the_handbook():
    # Fair agents at .12/.12, net >= 2, and net >= 1, for 3, 5, 8, 10, 12 and 20 tests.
    sizes = (3, 5, 8, 10, 12, 20)
    two = [chance_of_net(m, 0.12, 0.12, 2) for m in sizes]
    one = [chance_of_net(m, 0.12, 0.12, 1) for m in sizes]
    assert two == pytest.approx([0.035, 0.077, 0.131, 0.159, 0.182, 0.243], abs=6e-4)
    assert one == pytest.approx([0.248, 0.308, 0.352, 0.368, 0.381, 0.408], abs=6e-4)
    assert chance_of_net(12, 0.0, 0.0, 1) == 0


@st.composite
def families(draw):
    tests = draw(st.integers(1, 24))
    count = draw(st.integers(1, 40))
    drawn = draw(st.lists(st.integers(0, tests), min_size=count, max_size=count))
    wins = [draw(st.integers(0, d)) for d in drawn]
    return tests, np.array(drawn), np.array(wins)


@settings(deadline=None, max_examples=200)
@given(
    lists=st.lists(families(), min_size=1, max_size=4),
    rule=st.sampled_from(SIMULATED_RULES),
)
@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.3])
def test_many_lists_are_decided_as_one_by_one(lists, rule, alpha):
    flagged = decide_lists(combined(lists), rule, alpha)
    alone = [decide(rule, wins, drawn - wins, alpha).flagged for _, drawn, wins in lists]
    assert flagged.tolist() == np.concatenate(alone).tolist()


def combined(lists: list[tuple[int, np.ndarray, np.ndarray]]) -> Outcomes:
    sizes = [len(drawn) for _, drawn, _ in lists]
    return Outcomes(
        where=np.repeat(np.arange(len(lists)), sizes),
        drawn=np.concatenate([drawn for _, drawn, _ in lists]),
        wins=np.concatenate([wins for _, _, wins in lists]),
        discriminates=np.zeros(sum(sizes), dtype=bool),
        lists=len(lists),
        most=max(tests for tests, _, _ in lists),
    )


@pytest.mark.parametrize("rule", SIMULATED_RULES)
@pytest.mark.parametrize(("tests", "alpha"), [(8, 0.05), (12, 0.1), (20, 0.05), (60, 0.05)])
def test_lists_of_a_city_are_decided_as_one_by_one(rule, tests, alpha):
    rng = np.random.default_rng(tests)
    lists = []
    for _ in range(25):
        drawn = np.concatenate([rng.binomial(tests, 0.24, 140), rng.binomial(tests, 0.6, 60)])
        wins = np.concatenate([rng.binomial(drawn[:140], 0.5), rng.binomial(drawn[140:], 0.9)])
        lists.append((tests, drawn, wins))
    flagged = decide_lists(combined(lists), rule, alpha)
    alone = [decide(rule, wins, drawn - wins, alpha).flagged for _, drawn, wins in lists]
    assert flagged.tolist() == np.concatenate(alone).tolist()


def test_an_empty_list_flags_nobody():
    nobody = np.array([], dtype=np.int64)
    outcomes = Outcomes(nobody, nobody, nobody, nobody.astype(bool), 3, 10)
    for rule in SIMULATED_RULES:
        right, wrong = flagged_lists(outcomes, rule, 0.05)
        assert right.tolist() == wrong.tolist() == [0, 0, 0]


@pytest.mark.parametrize("tests", [12, 20])
def test_a_flat_plan_finds_what_a_plain_simulation_finds(tests):
    found = plan(tests, simulations=400)
    plain_share, plain_false = plain_simulation(tests, simulations=250)
    for mean, error, values in (
        (found.chance_flagged, found.chance_flagged_se, plain_share),
        (found.fdr, found.fdr_se, plain_false),
    ):
        plain_error = values.std(ddof=1) / np.sqrt(len(values))
        assert abs(mean - values.mean()) < 4 * np.hypot(error, plain_error)


def plan(tests: int, *, simulations: int, rule: str = "discrete-fdr", alpha: float = 0.1):
    rng = np.random.default_rng(11)
    return flat_plan(MIXTURE, tests, rule=rule, alpha=alpha, simulations=simulations, rng=rng)


def plain_simulation(tests: int, *, simulations: int) -> tuple[np.ndarray, np.ndarray]:
    """Every test is drawn by itself and every list decided by itself."""
    rng = np.random.default_rng(12)
    control = np.repeat([a.only_control for a in MIXTURE], [a.count for a in MIXTURE])
    test = np.repeat([a.only_test for a in MIXTURE], [a.count for a in MIXTURE])
    guilty = np.repeat([a.discriminates for a in MIXTURE], [a.count for a in MIXTURE])
    share, false = np.empty(simulations), np.empty(simulations)
    for run in range(simulations):
        draw = rng.random((len(control), tests))
        wins = (draw < control[:, None]).sum(axis=1)
        losses = ((draw >= control[:, None]) & (draw < (control + test)[:, None])).sum(axis=1)
        flagged = decide("discrete-fdr", wins, losses, 0.1).flagged
        share[run] = flagged[guilty].mean()
        false[run] = (flagged & ~guilty).sum() / max(flagged.sum(), 1)
    return share, false


def test_the_mixture_of_the_handbook_at_ten_and_twenty_tests():
    # Printed: .010 / .190 (200 agents, 10 tests, 500 rounds) and .044 / .527 (20 tests, 135).
    ten, twenty = plan(10, simulations=1000), plan(20, simulations=1000)
    assert ten.chance_flagged == pytest.approx(0.190, abs=0.012)
    assert ten.fdr == pytest.approx(0.010, abs=0.004)
    assert twenty.chance_flagged == pytest.approx(0.527, abs=0.025)
    assert twenty.fdr == pytest.approx(0.044, abs=0.012)


@pytest.mark.parametrize(
    ("screen", "fresh", "mean", "fdr", "found"),
    [(4, 15, 6.6, 0.011, 0.276), (5, 20, 9.2, None, 0.369)],
)
def test_the_two_stage_plans_of_the_handbook(screen, fresh, mean, fdr, found):
    result = two_stage(screen, fresh)
    assert mean_tests(MIXTURE, screen, fresh, 2) == pytest.approx(mean, abs=0.13)
    assert result.chance_flagged == pytest.approx(found, abs=0.02)
    if fdr is not None:
        assert result.fdr == pytest.approx(fdr, abs=0.006)


def two_stage(screen: int, fresh: int, **options):
    settings_ = {"net": 2, "rule": "discrete-fdr", "alpha": 0.1, "simulations": 600, **options}
    return two_stage_plan(MIXTURE, screen, fresh, rng=np.random.default_rng(3), **settings_)


def test_bonferroni_in_two_stages_equals_its_exact_chance():
    # With a net of 1 from one test, an agent is retested with chance p10; one agent is a list.
    lone = (AgentType(1, 0.6, 0.1, True),)
    result = two_stage_plan(
        lone,
        1,
        12,
        net=1,
        rule="bonferroni",
        alpha=0.05,
        simulations=4000,
        rng=np.random.default_rng(8),
    )
    exact = 0.6 * chance_alone(12, 0.6, 0.1, 0.05)
    assert result.chance_flagged == pytest.approx(exact, abs=4 * result.chance_flagged_se)
    assert share_retested(lone, 1, 1) == pytest.approx(0.6)


def test_bonferroni_on_a_flat_list_equals_its_exact_chance():
    agents = (AgentType(5, 0.5, 0.05, True), AgentType(15, 0.1, 0.1, False))
    rng = np.random.default_rng(9)
    result = flat_plan(agents, 15, rule="bonferroni", alpha=0.1, simulations=4000, rng=rng)
    exact = chance_alone(15, 0.5, 0.05, 0.1 / 20)
    assert result.chance_flagged == pytest.approx(exact, abs=4 * result.chance_flagged_se)
    false = chance_alone(15, 0.1, 0.1, 0.1 / 20)
    assert result.expected_flags == pytest.approx(5 * exact + 15 * false, abs=0.1)


@pytest.mark.parametrize("rule", SIMULATED_RULES)
def test_wrong_flags_among_the_innocent_stay_below_the_level(rule):
    agents = (AgentType(120, 0.25, 0.25, False),)
    rng = np.random.default_rng(4)
    result = flat_plan(agents, 16, rule=rule, alpha=0.1, simulations=600, rng=rng)
    assert result.chance_flagged is None
    assert result.fdr == result.any_false
    assert result.fdr <= 0.1 + 3 * max(result.fdr_se, 0.012)


def test_where_everybody_discriminates_no_flag_is_wrong():
    agents = (AgentType(30, 0.6, 0.05, True), AgentType(0, 0.1, 0.1, False))
    rng = np.random.default_rng(5)
    result = flat_plan(agents, 15, rule="bh", alpha=0.05, simulations=200, rng=rng)
    assert result.fdr == 0
    assert result.expected_flags == pytest.approx(30 * result.chance_flagged)


def test_fewer_tests_than_the_minimum_flag_nobody():
    rng = np.random.default_rng(6)
    few = flat_plan(MIXTURE, 8, rule="bh", alpha=0.1, simulations=20, rng=rng, min_tests=10)
    assert few.expected_flags == 0
    assert two_stage(4, 8, min_tests=10).expected_flags == 0


def test_batches_do_not_lose_a_list():
    seen = []
    big = (AgentType(150_000, 0.1, 0.1, False),)
    rng = np.random.default_rng(7)
    result = flat_plan(big, 5, rule="bh", alpha=0.05, simulations=5, rng=rng, advance=seen.append)
    assert seen == [2, 2, 1]
    assert result.simulations == 5
