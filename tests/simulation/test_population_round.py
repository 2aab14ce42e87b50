"""A simulated round does what its population says, and its truth is what the log came from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.simulation import SimulatedRound, parse_population, simulate_population
from praktijktest.simulation.agents import cell_chances, spread
from praktijktest.vocabulary import SCHEMES
from tests.simulation.populations import QUIET, SMALL, ground, head, kind, population

CELLS = ("p_both", "p_only_control", "p_only_test", "p_neither")


def positive(found: SimulatedRound, scheme: str = "housing") -> np.ndarray:
    return np.isin(found.log["outcome"].astype(str), SCHEMES[scheme].strict)


def cells(found: SimulatedRound) -> dict[str, np.ndarray]:
    """Per target, the four cells counted test by test."""
    won = positive(found)
    by_test: dict[str, dict[str, bool]] = {}
    owner: dict[str, str] = {}
    for row, test in enumerate(found.log["test"]):
        arm = found.log["profile"][row].rsplit("-", 1)[1]
        by_test.setdefault(test, {})[arm] = bool(won[row])
        owner[test] = found.log["target"][row]
    counts: dict[str, np.ndarray] = {}
    for test, pair in by_test.items():
        cell = 2 * (not pair["control"]) + (not pair["test"])
        counts.setdefault(owner[test], np.zeros(4, dtype=int))[cell] += 1
    return counts


def test_the_same_seed_gives_the_same_round_and_another_seed_another() -> None:
    wanted = population(SMALL, kind("strong", 0.3, [0.4, 0.9]))
    one, same, other = (simulate_population(wanted, seed) for seed in (3, 3, 4))
    for name, values in one.log.items():
        np.testing.assert_array_equal(values, same.log[name])
    assert one.log["outcome"].tolist() != other.log["outcome"].tolist()


def test_cells_in_the_log_are_those_of_the_truth() -> None:
    wanted = population(
        head(400, [20, 40]), ground(more="agents_differ = 0.2"), kind("k", 0.5, 0.6), QUIET
    )
    found = simulate_population(wanted, 5)
    counts = cells(found)
    seen = np.array([counts[target] for target in found.truth["target"]])
    chances = np.stack([found.truth[name] for name in CELLS], axis=1)
    tests = found.truth["tests"]
    assert (seen.sum(axis=1) == tests).all()
    expected = chances * tests[:, None]
    error = np.sqrt((expected * (1 - chances)).sum(axis=0))
    assert (np.abs(seen.sum(axis=0) - expected.sum(axis=0)) < 4 * error).all()
    for guilty in (True, False):
        rows = found.truth["discriminates"] == guilty
        gap = seen[rows].sum(axis=0) - expected[rows].sum(axis=0)
        assert (np.abs(gap) < 4 * np.sqrt(expected[rows].sum(axis=0))).all()


def test_numbers_of_agents_are_the_shares_asked_for_and_fair_agents_are_exactly_fair() -> None:
    wanted = population(
        head(101, [6, 40], 'tests_shape = "skewed"'),
        ground(),
        kind("strong", 0.1, [0.7, 0.9]),
        kind("reverse", 0.05, 0.5, 'favours = "test"'),
        "[noise]\norder_effect = 0.4\ntemplate_effect = 0.3",
    )
    truth = simulate_population(wanted, 2).truth
    kinds, numbers = np.unique(truth["behaviour"].astype(str), return_counts=True)
    assert dict(zip(kinds, numbers.tolist(), strict=True)) == {
        "fair": 86, "reverse": 5, "strong": 10,
    }  # fmt: skip
    fair = truth["favours"] == "none"
    np.testing.assert_allclose(truth["p_only_control"][fair], truth["p_only_test"][fair])
    assert (truth["p_only_control"] > truth["p_only_test"])[truth["favours"] == "control"].all()
    assert (truth["p_only_control"] < truth["p_only_test"])[truth["favours"] == "test"].all()
    assert truth["discriminates"].sum() == 10
    strong = truth["strength"][truth["behaviour"] == "strong"]
    assert 0.7 <= strong.min() < strong.max() <= 0.9
    np.testing.assert_allclose(sum(truth[name] for name in CELLS), 1)
    assert np.median(truth["tests"]) < 15 < 30 < truth["tests"].max() <= 40


def test_strength_is_the_share_of_positive_replies_that_is_withheld() -> None:
    wanted = population(head(300, 40), ground(), kind("k", 1.0, 0.7), QUIET)
    found = simulate_population(wanted, 1)
    won, arm = positive(found), found.log["profile"]
    control, test = (won[arm == f"origin-{name}"].mean() for name in ("control", "test"))
    assert control == pytest.approx(0.6, abs=0.03)
    assert test / control == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize(("overlap", "least", "most"), [(0.0, 5, 40), (1.0, 60, 60)])
def test_overlap_says_how_far_the_same_agents_discriminate(overlap, least, most) -> None:
    wanted = population(
        head(200, 5, f"overlap = {overlap}"),
        ground("a"), kind("k", 0.3, 0.5), ground("b"), kind("k", 0.3, 0.5),
    )  # fmt: skip
    truth = simulate_population(wanted, 9).truth
    on_both = truth["discriminates"].reshape(-1, 2).all(axis=1).sum()
    assert least <= on_both <= most


def test_agents_and_adverts_differ_as_asked() -> None:
    generator = np.random.default_rng(1)
    mean = np.full(200_000, 0.3)
    drawn = spread(mean, 0.25, generator)
    assert drawn.mean() == pytest.approx(0.3, abs=0.003)
    assert drawn.var() == pytest.approx(0.25 * 0.3 * 0.7, rel=0.02)
    assert (spread(mean, 0.0, generator) == mean).all()
    edges = spread(np.array([0.0, 1.0, 0.5, 1e-300]), 0.999999, generator)
    assert edges[:2].tolist() == [0, 1]
    assert ((edges >= 0) & (edges <= 1)).all()


def test_tests_on_one_advert_are_alike_and_adverts_are_shared_out() -> None:
    more = "agents_differ = 0\nadverts_differ = 0.9\nagreement = 0"
    wanted = population(head(150, 12, "tests_per_advert = 4"), ground(more=more), QUIET)
    found = simulate_population(wanted, 3)
    won, advert = positive(found), found.log["advert"].astype(str)
    _, which, sizes = np.unique(advert, return_inverse=True, return_counts=True)
    assert (sizes == 8).all()
    share = np.bincount(which, won) / sizes
    assert share.var() > 0.5 * share.mean() * (1 - share.mean())


def test_waves_share_the_tests_and_weaken_what_agents_do() -> None:
    waves = '[[wave]]\nid = "a"\n[[wave]]\nid = "b"\nstrength = 0.0\n'
    wanted = population(head(200, 21), ground(), kind("k", 1.0, 0.9), waves, QUIET)
    found = simulate_population(wanted, 6)
    log, won = found.log, positive(found)
    assert set(log["wave"]) == {"a", "b"}
    per_wave = [int((log["wave"] == name).sum()) for name in ("a", "b")]
    assert abs(per_wave[0] - per_wave[1]) < 150
    test = log["profile"] == "origin-test"
    assert won[test & (log["wave"] == "a")].mean() < 0.1
    assert won[test & (log["wave"] == "b")].mean() == pytest.approx(0.6, abs=0.04)
    assert log["sent_at"][log["wave"] == "a"].max() < log["sent_at"][log["wave"] == "b"].min()


def test_only_agents_whose_first_tests_differ_are_tested_again() -> None:
    confirm = "[confirm]\nnet = 4\ntests = 9\n"
    wanted = population(head(120, 10), ground(), kind("k", 0.3, 0.9), confirm, QUIET)
    found = simulate_population(wanted, 6)
    log = found.log
    screening = SimulatedRound(
        {name: values[log["phase"] == "screen"] for name, values in log.items()}, {}, 6
    )
    net = {target: int(row[1] - row[2]) for target, row in cells(screening).items()}
    again = set(log["target"][log["phase"] == "confirm"])
    assert again == {target for target, value in net.items() if value >= 4}
    retested = np.isin(found.truth["target"].astype(str), list(again))
    assert (found.truth["tests"] == np.where(retested, 19, 10)).all()


def test_errors_in_the_log_are_as_frequent_as_asked_and_not_in_the_truth() -> None:
    everybody = "agents_differ = 0\nadverts_differ = 0\nagreement = 1"
    clean = head(200, 20) + ground(more=everybody).replace("0.6", "1.0") + QUIET
    lost = simulate_population(parse_population(clean + "missing_replies = 0.2"), 1)
    assert positive(lost).mean() == pytest.approx(0.8, abs=0.015)
    assert set(lost.log["outcome"][~positive(lost)]) == {"no-reply", ""}
    coded = simulate_population(parse_population(clean + "coding_error = 0.1"), 1)
    assert positive(coded).mean() == pytest.approx(0.9, abs=0.01)
    for found in (lost, coded):
        np.testing.assert_allclose(found.truth["p_both"], 1)
    first = simulate_population(parse_population(clean + "order_effect = 0.5"), 1)
    share = [positive(first)[first.log["position"] == place].mean() for place in (1, 2)]
    assert share == pytest.approx([1.0, 0.5], abs=0.03)
    letter = simulate_population(parse_population(clean + "template_effect = 0.5"), 1)
    share = [positive(letter)[letter.log["template"] == name].mean() for name in ("A", "B")]
    assert share == pytest.approx([1.0, 0.5], abs=0.03)


@pytest.mark.parametrize(("order", "place"), [("control-first", 1), ("test-first", 2)])
def test_a_fixed_order_is_kept_and_its_effect_is_in_the_truth(order: str, place: int) -> None:
    wanted = population(head(40, 10, f'order = "{order}"'), ground(), "[noise]\norder_effect = 0.5")
    found = simulate_population(wanted, 1)
    control = found.log["profile"] == "origin-control"
    assert set(found.log["position"][control]) == {place}
    gap = found.truth["p_only_control"] - found.truth["p_only_test"]
    assert ((gap > 0) == (place == 1)).all()
    assert not found.truth["discriminates"].any()


def test_labour_rounds_have_the_codes_of_labour() -> None:
    wanted = population(head(50, 10, 'market = "labour"'), ground(), kind("k", 0.5, 0.9))
    log = simulate_population(wanted, 1).log
    scheme = SCHEMES["labour"]
    assert set(log["outcome"]) <= {*scheme.codes, *scheme.failed, ""}


@settings(max_examples=40, deadline=None)
@given(
    targets=st.integers(1, 6),
    tests=st.tuples(st.integers(1, 4), st.integers(0, 4)).map(lambda t: [t[0], t[0] + t[1]]),
    response=st.floats(0, 1),
    likeness=st.floats(0, 0.999),
    agreement=st.floats(0, 1),
    share=st.floats(0, 1),
    noise=st.floats(0, 0.5),
    seed=st.integers(0, 2**63),
    extra=st.sampled_from(("", "[[wave]]\nid='a'\n[[wave]]\nid='b'\n", "[confirm]\ntests=2\n")),
)
def test_any_small_round_is_well_formed(
    targets, tests, response, likeness, agreement, share, noise, seed, extra
) -> None:
    more = f"agents_differ = {likeness}\nadverts_differ = {likeness}\nagreement = {agreement}"
    text = head(targets, tests) + ground(more=more).replace("= 0.6", f"= {response}")
    text += kind("k", share, [0.1, 1.0]) + extra + "[noise]\n"
    text += "".join(
        f"{name} = {noise}\n"
        for name in ("order_effect", "template_effect", "missing_replies", "coding_error",
                     "explicit", "late", "failed", "incomplete", "silence_left_empty")
    )  # fmt: skip
    found = simulate_population(parse_population(text), seed)
    assert len({len(values) for values in found.log.values()}) == 1
    chances = np.stack([found.truth[name] for name in CELLS], axis=1)
    assert (chances >= 0).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert (found.truth["tests"] >= tests[0]).all()


def test_cell_chances_withhold_from_one_side_only() -> None:
    neutral = cell_chances(np.array([0.5]), np.array([0.4]), np.array([[1.0, 1.0]]))[0]
    np.testing.assert_allclose(neutral, [0.35, 0.15, 0.15, 0.35])
    held = cell_chances(np.array([0.5]), np.array([0.4]), np.array([[1.0, 0.2]]))[0]
    np.testing.assert_allclose(held, [0.07, 0.43, 0.03, 0.47])
