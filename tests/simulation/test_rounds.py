"""A simulated round keeps to its parameters, and its truth is what the log was drawn from."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.problems import UsageError
from praktijktest.simulation import (
    CellProbabilities,
    RoundParameters,
    SimulatedRound,
    ghent_like,
    one_ground,
    simulate_round,
)
from praktijktest.vocabulary import SCHEMES

STRICT = SCHEMES["housing"].strict
FAILING = ("bounced", "scam")


@pytest.fixture(scope="module")
def ghent() -> SimulatedRound:
    return simulate_round(ghent_like(), seed=11)


@pytest.fixture(scope="module")
def large() -> SimulatedRound:
    return simulate_round(one_ground(targets=3000), seed=5)


def cells_by_test(found: SimulatedRound, control: str) -> np.ndarray:
    """Strict cells counted independently, row by row: both, control, test, neither."""
    log, tests = found.log, {}
    window = np.timedelta64(14 * 1440, "m")
    for row in range(len(log["test"])):
        in_time = not log["replied_at"][row] - log["sent_at"][row] > window
        positive = log["outcome"][row] in STRICT and in_time
        lost = log["failed"][row] != "" or log["outcome"][row] in FAILING
        key = "control" if log["profile"][row] == control else "test"
        test = tests.setdefault(log["test"][row], {"lost": False})
        test[key] = positive
        test["lost"] |= lost
    counts = np.zeros(4, dtype=int)
    for test in tests.values():
        if not test["lost"] and {"control", "test"} <= set(test):
            counts[3 - 2 * test["control"] - test["test"]] += 1
    return counts


def test_the_same_seed_gives_the_same_round_and_another_seed_another(ghent):
    again = simulate_round(ghent_like(), seed=11)
    other = simulate_round(ghent_like(), seed=12)
    for name, values in ghent.log.items():
        np.testing.assert_array_equal(values, again.log[name])
    assert not np.array_equal(ghent.log["outcome"][:500], other.log["outcome"][:500])


def test_the_ghent_round_has_86_agents_tested_on_two_grounds_with_own_controls(ghent):
    truth = ghent.truth
    assert len(set(truth["target"])) == 86
    assert set(truth["contrast"]) == {"origin", "disability"}
    assert truth["tests"].min() >= 8
    assert truth["tests"].max() <= 15
    guilty = {
        name: set(truth["target"][(truth["contrast"] == name) & truth["discriminates"]])
        for name in ("origin", "disability")
    }
    assert [len(guilty["origin"]), len(guilty["disability"])] == [9, 7]
    assert len(guilty["origin"] & guilty["disability"]) == 4
    assert len(guilty["origin"] | guilty["disability"]) == 12
    pairs = {}
    for test, profile in zip(ghent.log["test"], ghent.log["profile"], strict=True):
        pairs.setdefault(test, set()).add(profile)
    whole = {frozenset(pair) for pair in pairs.values() if len(pair) == 2}
    assert whole == {
        frozenset({"flemish", "moroccan"}),
        frozenset({"no-disability", "wheelchair"}),
    }


def test_tests_in_the_log_are_the_tests_in_the_truth(ghent):
    sent = {}
    for test, target in zip(ghent.log["test"], ghent.log["target"], strict=True):
        sent.setdefault(target, set()).add(test)
    for target in set(ghent.truth["target"]):
        assert len(sent[target]) == ghent.truth["tests"][ghent.truth["target"] == target].sum()


def test_fair_agents_are_exactly_fair(ghent):
    fair = ~ghent.truth["discriminates"]
    np.testing.assert_allclose(
        ghent.truth["p_only_control"][fair], ghent.truth["p_only_test"][fair], rtol=1e-12
    )
    columns = ("p_both", "p_only_control", "p_only_test", "p_neither")
    total = sum(ghent.truth[name] for name in columns)
    np.testing.assert_allclose(total, 1, rtol=1e-12)


def test_cells_in_the_log_agree_with_the_true_probabilities(large):
    """Noise, failures and late replies leave the strict cells as the truth says."""
    counts = cells_by_test(large, "flemish")
    weights = large.truth["tests"] / large.truth["tests"].sum()
    names = ("p_both", "p_only_control", "p_only_test", "p_neither")
    expected = np.array([(large.truth[name] * weights).sum() for name in names])
    share = counts / counts.sum()
    error = np.sqrt(expected * (1 - expected) / counts.sum())
    assert np.all(np.abs(share - expected) < 4.5 * error), (share, expected)


def test_order_templates_and_noise_do_not_depend_on_the_profile(large):
    log = large.log
    minority = log["profile"] == "moroccan"
    for condition in (
        log["position"] == 1,
        log["template"] == "A",
        log["failed"] != "",
        np.isin(log["outcome"], FAILING),
        log["note"] != "",
    ):
        shares = [condition[minority].mean(), condition[~minority].mean()]
        pooled = condition.mean()
        error = np.sqrt(pooled * (1 - pooled) * 4 / len(condition))
        assert abs(shares[0] - shares[1]) < 4.5 * error
    assert abs((log["position"] == 1)[minority].mean() - 0.5) < 0.01


def test_times_follow_the_order_of_sending_the_gap_and_the_window(large):
    log = large.log
    first, second = log["position"][:-1] == 1, log["test"][:-1] == log["test"][1:]
    gaps = (log["sent_at"][1:] - log["sent_at"][:-1])[first & second].astype(int) / 60
    assert gaps.min() >= 3 - 1 / 60
    assert gaps.max() <= 8
    replied = ~np.isnat(log["replied_at"])
    delay = (log["replied_at"] - log["sent_at"])[replied].astype(int)
    assert delay.min() >= 2
    late = delay > 14 * 1440
    assert 0 < late.mean() < 0.05
    silent = np.isin(log["outcome"], ["", "no-reply"])
    assert not (silent & replied).any()
    assert (replied | silent).all()


def test_silence_at_the_end_of_the_round_is_written_out():
    log = simulate_round(replace(one_ground(targets=100), late=0.0), seed=8).log
    last = max(log["sent_at"].max(), np.nanmax(log["replied_at"]))
    still_open = log["sent_at"] + np.timedelta64(14, "D") > last
    assert still_open.any()
    empty = (log["outcome"] == "") & (log["failed"] == "")
    assert not (empty & still_open).any()
    assert empty.any()


def test_some_agents_give_the_ground_as_reason_and_only_the_guilty_do(large):
    explicit = large.log["outcome"] == "refused-ground"
    assert explicit.any()
    assert set(large.log["evidence"][explicit]) == {"explicit"}
    assert set(large.log["profile"][explicit]) == {"moroccan"}
    guilty = set(large.truth["target"][large.truth["discriminates"]])
    assert set(large.log["target"][explicit]) <= guilty


def test_incomplete_and_failed_tests_are_as_frequent_as_asked(large):
    tests, sizes = np.unique(large.log["test"].astype(str), return_counts=True)
    assert abs((sizes == 1).mean() - 0.01 * 0.97) < 0.003
    lost = (large.log["failed"] != "") | np.isin(large.log["outcome"], FAILING)
    assert abs(lost.sum() / len(tests) - 0.029) < 0.004


@settings(max_examples=40, deadline=None)
@given(
    targets=st.integers(1, 12),
    fewest=st.integers(1, 4),
    extra=st.integers(0, 4),
    both=st.floats(0, 0.5),
    discordant=st.floats(0, 0.5),
    concentration=st.one_of(st.none(), st.floats(0.5, 100)),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_small_round_is_well_formed(
    targets, fewest, extra, both, discordant, concentration, seed
):
    base = one_ground(targets, (fewest, fewest + extra), discriminating=0.5)
    ground = replace(base.grounds[0], fair=CellProbabilities(both, discordant / 2, discordant / 2))
    parameters = replace(base, grounds=(ground,), concentration=concentration)
    found = simulate_round(parameters, seed)
    lengths = {len(values) for values in found.log.values()}
    assert len(lengths) == 1
    assert len(found.truth["target"]) == targets
    assert set(found.log["target"]) <= set(found.truth["target"])
    known = set(SCHEMES["housing"].codes) | set(SCHEMES["housing"].failed) | {""}
    assert set(found.log["outcome"]) <= known


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": 0}, "needs a ground"),
        ({"tests_per_target": (5, 3)}, "needs a ground"),
        ({"concentration": 0.0}, "concentration"),
        ({"discriminators_on_all": 8}, "More agents discriminate on all grounds"),
        ({"targets": 5}, "More agents discriminate than there are"),
        ({"late": 1.5}, "'late'"),
        ({"failed": {"bounced": 0.7, "scam": 0.6}}, "'failed'"),
        ({"positive": {"viewing-group": 0.4}}, "parts of a whole"),
    ],
)
def test_impossible_parameters_are_refused(change, message):
    with pytest.raises(UsageError, match=message):
        replace(ghent_like(), **change)


def test_impossible_probabilities_are_refused():
    with pytest.raises(UsageError, match="impossible"):
        CellProbabilities(0.5, 0.4, 0.2)
    assert CellProbabilities(0.5, 0.3, 0.2).neither == 0


def test_parameters_need_a_ground():
    with pytest.raises(UsageError, match="needs a ground"):
        RoundParameters(grounds=(), targets=3, tests_per_target=(1, 2))
