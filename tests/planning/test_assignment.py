"""Assignment: balanced, crossed, independent of arm, and never one identity twice."""

from collections import Counter, defaultdict
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.planning.applicants import line_ups
from praktijktest.planning.assignment import assign
from praktijktest.planning.balance import balance
from praktijktest.planning.blocks import Units, deal
from praktijktest.planning.build import build_plan
from praktijktest.planning.frame import frame_from_columns
from praktijktest.planning.slots import lay_slots
from praktijktest.problems import DataError
from tests.planning.designs import (
    DISABILITY,
    ORIGIN,
    PAIRED,
    adverts,
    agents,
    design,
    ground_profiles,
    names,
    origin_design,
    origin_profiles,
    profile,
)

STRATIFIED = '[sampling]\nstrata = ["agent_type"]\ntests_per_target = {}\n'
SEEDS = range(1, 1001)
CHI_SQUARE_TOP = {1: 15.14, 2: 18.42, 3: 21.11, 4: 23.51, 5: 25.74, 7: 29.88}
"""The 0.0001 upper points of chi-square, so that fixed seeds fail on a fault, not on chance."""


def chi_square(counts):
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts)


def by_test(plan):
    found = defaultdict(list)
    for row in plan.applications:
        found[row.test].append(row)
    return found


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(any),
    st.integers(1, 6),
    st.integers(0, 99),
)
def test_dealt_places_differ_by_at_most_one_within_groups_and_in_the_stream(sizes, size, seed):
    group = np.repeat(np.arange(len(sizes)), sizes)
    number = np.concatenate([np.arange(n) for n in sizes])
    labels = [f"g{entry}" for entry in range(len(sizes))]
    units = Units(np.zeros(len(group), dtype=np.int64), group, number, ["s"], labels)
    dealt = deal(units, size, seed, "p")
    assert dealt.place.min() >= 0
    assert dealt.place.max() < size
    for chosen in (group >= 0, *(group == entry for entry in set(group.tolist()))):
        counts = np.bincount(dealt.place[chosen], minlength=size)
        assert counts.max() - counts.min() <= 1
    for block in set(dealt.block.tolist()):
        assert len(set(dealt.place[dealt.block == block])) == (dealt.block == block).sum()


@pytest.mark.parametrize("tests", [1, 2, 3, 4, 7, 12])
def test_each_arm_writes_first_as_often_in_every_target_and_stratum(tests):
    plan = build_plan(origin_design(STRATIFIED.format(tests)), agents(9), seed=5)
    per_target = defaultdict(Counter)
    per_stratum = defaultdict(Counter)
    for row in plan.applications:
        if row.position == 1:
            per_target[row.target][row.arm] += 1
            per_stratum[row.strata["agent_type"]][row.arm] += 1
    for counts in (*per_target.values(), *per_stratum.values()):
        assert abs(counts["control"] - counts["test"]) <= 1


def test_order_and_letter_are_crossed_exactly_within_a_target_of_four_tests():
    plan = build_plan(origin_design(STRATIFIED.format(4)), agents(6), seed=2)
    for target in {row.target for row in plan.applications}:
        rows = [row for row in plan.applications if row.target == target]
        sheets = Counter((row.arm, row.position, row.template) for row in rows)
        assert sheets == Counter(product(("control", "test"), (1, 2), "ab"))


def test_twins_never_send_the_same_letter():
    wanted = '[assignment]\ntemplates = ["x", "y", "z"]\n'
    plan = build_plan(origin_design(STRATIFIED.format(5) + wanted), agents(7), seed=2)
    pairs = [tuple(row.template for row in rows) for rows in by_test(plan).values()]
    assert all(first != second for first, second in pairs)
    assert {letter for pair in pairs for letter in pair} == set("xyz")


def test_over_a_thousand_seeds_sheet_letter_and_name_are_uniform_within_arms():
    declared = origin_design(STRATIFIED.format(3), number=6, end="2026-09-30")
    frame = agents(3)
    sheets: Counter = Counter()
    chosen: Counter = Counter()
    first: Counter = Counter()
    for seed in SEEDS:
        plan = build_plan(declared, frame, seed)
        for row in plan.applications:
            sheets[row.arm, row.position, row.template] += 1
            chosen[row.arm, row.name, row.position, row.template] += 1
            if row.position == 1:
                first[row.target, row.slot, row.arm] += 1
    for arm in ("control", "test"):
        cells = [sheets[arm, place, letter] for place in (1, 2) for letter in "ab"]
        assert sum(cells) == 9_000
        assert chi_square(cells) < CHI_SQUARE_TOP[3]
        own = {name for key_arm, name, *_ in chosen if key_arm == arm}
        assert len(own) == 6
        for place, letter in product((1, 2), "ab"):
            assert (
                chi_square([chosen[arm, name, place, letter] for name in own]) < (CHI_SQUARE_TOP[5])
            )
    # Every single test is a fair coin: binomial(1000, 1/2), six standard deviations.
    assert all(405 <= count <= 595 for count in first.values())
    assert len(first) == 18


def test_neighbouring_tests_are_dealt_without_a_pattern_over_seeds():
    declared = origin_design(STRATIFIED.format(4))
    contrasts = line_ups(declared)
    patterns: Counter = Counter()
    for seed in SEEDS:
        slots = lay_slots(agents(1), 1, 4, seed)
        assigned = assign(slots, contrasts, 2, "random", seed)
        control = assigned.position[assigned.applicant == 0]
        patterns[tuple(control.tolist())] += 1
    # Two blocks of two: the control is first in one of each, four patterns equally often.
    assert len(patterns) == 4
    assert chi_square(list(patterns.values())) < CHI_SQUARE_TOP[3]


@pytest.mark.parametrize(("order", "first"), [("control-first", "control"), ("test-first", "test")])
def test_a_fixed_order_is_kept_and_letters_are_still_dealt(order, first):
    declared = design(
        PAIRED.replace('"random"', f'"{order}"'),
        origin_profiles(),
        ORIGIN,
        STRATIFIED.format(4),
    )
    plan = build_plan(declared, agents(4), seed=1)
    assert all(row.arm == first for row in plan.applications if row.position == 1)
    letters = Counter((row.arm, row.template) for row in plan.applications)
    assert set(letters.values()) == {8}


def test_parallel_grounds_each_have_their_own_control_on_their_own_advert():
    declared = design(PAIRED, ground_profiles(), ORIGIN, DISABILITY, STRATIFIED.format(6))
    plan = build_plan(declared, agents(5), seed=1)
    assert len({row.test for row in plan.applications}) == 5 * 2 * 6
    for rows in by_test(plan).values():
        assert {row.contrast for row in rows} <= {"origin", "disability"}
        wanted = {"fl", "mo"} if rows[0].contrast == "origin" else {"fl", "wh"}
        assert {row.profile for row in rows} == wanted
    for target in {row.target for row in plan.applications}:
        slots = {row.slot: row.contrast for row in plan.applications if row.target == target}
        ordered = [slots[slot] for slot in sorted(slots)]
        # Each run of two slots holds both contrasts, so a target left halfway is balanced.
        assert all(
            set(pair) == {"origin", "disability"}
            for pair in zip(ordered[::2], ordered[1::2], strict=True)
        )


def test_crossed_grounds_rotate_over_the_matched_pairs():
    crossed = "".join(
        profile(f"{o}-{g}", 12, origin=o, gender=g)
        for o in ("flemish", "moroccan")
        for g in ("man", "woman")
    )
    declared = design(PAIRED, crossed, ORIGIN, STRATIFIED.format(8))
    plan = build_plan(declared, agents(4), seed=1)
    for rows in by_test(plan).values():
        assert len({row.profile.partition("-")[2] for row in rows}) == 1
    for target in {row.target for row in plan.applications}:
        sheets = Counter(
            (row.profile, row.position, row.template)
            for row in plan.applications
            if row.target == target
        )
        assert len(sheets) == 16
        assert set(sheets.values()) == {1}


SET = """[test]
kind = "set"
order = "random"
gap_hours = [0.5, 2]
"""


def test_a_set_of_two_and_two_gives_every_applicant_every_place_equally_often():
    line_up = '[assignment]\napplicants = ["fl", "fl", "mo", "mo"]\ntemplates = ["a","b","c","d"]\n'
    declared = design(SET, origin_profiles(16), ORIGIN, STRATIFIED.format(4), line_up)
    plan = build_plan(declared, agents(6), seed=3)
    for rows in by_test(plan).values():
        assert [row.position for row in sorted(rows, key=lambda r: r.send_at)] == [1, 2, 3, 4]
        assert Counter(row.arm for row in rows) == {"control": 2, "test": 2}
        assert len({row.template for row in rows}) == 4
        assert len({row.name for row in rows}) == 4
    for target in {row.target for row in plan.applications}:
        rows = [row for row in plan.applications if row.target == target]
        assert set(Counter((row.arm, row.position) for row in rows).values()) == {2}
        assert set(Counter((row.arm, row.template) for row in rows).values()) == {2}


def test_in_a_triplet_every_order_occurs():
    three = "".join(profile(o, 12, origin=o) for o in ("flemish", "moroccan", "turkish"))
    contrast = ORIGIN.replace('"moroccan"', '["moroccan", "turkish"]')
    letters = '[assignment]\ntemplates = ["a", "b", "c"]\n'
    declared = design(SET, three, contrast, STRATIFIED.format(12), letters)
    plan = build_plan(declared, agents(20), seed=3)
    orders = Counter(
        tuple(row.profile for row in sorted(rows, key=lambda r: r.position))
        for rows in by_test(plan).values()
    )
    assert len(orders) == 6
    assert chi_square(list(orders.values())) < CHI_SQUARE_TOP[5]
    assert {row.contrast for row in plan.applications} == {"origin:moroccan+origin:turkish"}


def test_single_applications_are_randomised_over_the_arms_within_target_and_stratum():
    declared = design('[test]\nkind = "single"\n', origin_profiles(), ORIGIN, STRATIFIED.format(5))
    plan = build_plan(declared, agents(8), seed=1)
    assert len(plan.applications) == 40
    assert {row.position for row in plan.applications} == {1}
    per_target = defaultdict(Counter)
    for row in plan.applications:
        per_target[row.target][row.arm] += 1
    assert all(abs(c["control"] - c["test"]) <= 1 for c in per_target.values())
    arms = Counter(row.arm for row in plan.applications)
    assert abs(arms["control"] - arms["test"]) <= 2


def test_mystery_calls_need_no_profiles():
    declared = design(
        '[[call]]\nid = "no-foreigners"\nground = "origin"\nrequest = "no foreigners"\n'
        'script = "letters/call.nl.md"\n'
        '[[call]]\nid = "no-families"\nground = "family-composition"\nrequest = "no children"\n',
        '[sampling]\nstrata = ["agent_type"]\n',
        identifier="calls",
    )
    plan = build_plan(declared, agents(5), seed=1)
    assert len(plan.applications) == 10
    assert Counter(row.profile for row in plan.applications) == {
        "no-foreigners": 5,
        "no-families": 5,
    }
    assert {row.channel for row in plan.applications} == {"phone"}
    assert plan.open_tests == 0
    scripts = {row.profile: row.template for row in plan.applications}
    assert scripts == {"no-foreigners": "letters/call.nl.md", "no-families": "no-families"}


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12), st.integers(1, 10), st.integers(0, 1000))
def test_a_target_never_hears_from_the_same_identity_twice(tests, targets, seed):
    boxes = '[assignment]\nmailboxes = ["m1", "m2", "m3"]\n'
    plan = build_plan(origin_design(STRATIFIED.format(tests) + boxes), agents(targets), seed)
    seen = Counter((row.target, row.name) for row in plan.applications)
    assert set(seen.values()) == {1}
    homes = {(row.name, row.mailbox) for row in plan.applications}
    assert len(homes) == len({name for name, _ in homes})


def test_names_are_used_equally_often_and_cross_letters_and_places():
    plan = build_plan(origin_design(STRATIFIED.format(4), number=8), agents(20), seed=1)
    for factor in (lambda r: (r.name,), lambda r: (r.name, r.template)):
        counts = Counter(factor(row) for row in plan.applications)
        assert max(counts.values()) - min(counts.values()) <= 2


def test_identities_are_spread_over_mailboxes_and_twins_use_two():
    boxes = '[assignment]\nmailboxes = ["m1", "m2"]\n'
    plan = build_plan(origin_design(STRATIFIED.format(4) + boxes), agents(20), seed=1)
    per_box = Counter((row.arm, row.mailbox) for row in plan.applications)
    assert max(per_box.values()) - min(per_box.values()) <= 10
    for rows in by_test(plan).values():
        assert len({row.mailbox for row in rows}) == 2


def test_profiles_may_share_a_whole_list_of_names_but_not_a_part_of_one():
    shared = names("Jan", 8)
    walking = profile("walk", own_names=shared, mobility="walking")
    rolling = profile("roll", own_names=shared, mobility="wheelchair")
    plan = build_plan(
        design(PAIRED, walking, rolling, DISABILITY, STRATIFIED.format(4)), agents(3), seed=1
    )
    assert set(Counter((r.target, r.name) for r in plan.applications).values()) == {1}
    other = profile("roll", own_names=names("Jan", 9), mobility="wheelchair")
    declared = design(PAIRED, walking, other, DISABILITY, STRATIFIED.format(4))
    with pytest.raises(DataError) as caught:
        build_plan(declared, agents(3), seed=1)
    assert caught.value.problems[0].code == "name-in-two-profiles"


def test_too_few_names_say_who_and_how_many():
    with pytest.raises(DataError) as caught:
        build_plan(origin_design(STRATIFIED.format(5), number=3), agents(3), seed=1)
    lines = [problem.line() for problem in caught.value.problems]
    assert len(lines) == 2
    assert "5 times by fl, who have 3 names: 2 short" in lines[0]


def test_a_profile_without_names_is_named():
    nameless = '[[profile]]\nid = "mo"\nattributes = { origin = "moroccan" }\n'
    declared = design(
        PAIRED, profile("fl", 3, origin="flemish"), nameless, ORIGIN, STRATIFIED.format(2)
    )
    with pytest.raises(DataError) as caught:
        build_plan(declared, agents(3), seed=1)
    assert [(p.code, p.value) for p in caught.value.problems] == [("profile-without-names", "mo")]


def test_names_from_a_bank_go_before_those_of_the_design():
    bank = {"fl": ["Een", "Twee"], "mo": ["Drie", "Vier"]}
    plan = build_plan(origin_design(STRATIFIED.format(2), number=1), agents(2), seed=1, names=bank)
    assert {row.name for row in plan.applications} == {"Een", "Twee", "Drie", "Vier"}


@pytest.mark.parametrize(
    ("applicants", "code"),
    [
        ('["fl", "fl"]', "contrast-without-pair"),
        ('["fl", "xx"]', "applicant-unknown"),
        ('["mo"]', "set-size"),
    ],
)
def test_an_impossible_set_is_said(applicants, code):
    line_up = f"[assignment]\napplicants = {applicants}\n"
    declared = design(SET, origin_profiles(), ORIGIN, line_up)
    with pytest.raises(DataError) as caught:
        build_plan(declared, agents(3), seed=1)
    assert caught.value.problems[0].code == code


def test_without_tests_per_target_every_advert_is_a_test():
    frame = adverts([3, 1, 2])
    plan = build_plan(origin_design("", number=4), frame, seed=1)
    assert Counter(row.advert for row in plan.applications) == dict.fromkeys(frame.advert, 2)
    assert plan.open_tests == 0


def test_drawn_adverts_are_tests_up_to_the_number_per_target():
    sampling = '[sampling]\nunit = "advert"\nsize = 6\ntests_per_target = 2\n'
    plan = build_plan(origin_design(sampling), adverts([5, 1]), seed=1)
    assert Counter(row.target for row in plan.applications) == {"A000": 4, "A001": 2}
    assert plan.open_tests == 0


def test_adverts_fill_the_first_slots_and_the_rest_stay_open():
    plan = build_plan(origin_design("[sampling]\ntests_per_target = 3\n"), adverts([5, 1]), seed=1)
    filled = {(r.target, r.slot): bool(r.advert) for r in plan.applications}
    assert [filled["A000", slot] for slot in (1, 2, 3)] == [True, True, True]
    assert [filled["A001", slot] for slot in (1, 2, 3)] == [True, False, False]
    assert plan.open_tests == 2
    assert [w.code for w in plan.warnings] == ["adverts-without-slot"]
    assert plan.warnings[0].count == 2


def test_few_letters_for_a_set_are_a_warning():
    declared = design(
        SET, origin_profiles(16), ORIGIN, '[assignment]\napplicants = ["fl", "fl", "mo"]\n'
    )
    plan = build_plan(declared, agents(2), seed=1)
    assert [warning.code for warning in plan.warnings] == ["letters-repeat-in-test"]


def test_testers_share_the_tests_of_every_target():
    testers = '[assignment]\ntesters = ["An", "Bea", "Cis"]\n'
    plan = build_plan(origin_design(STRATIFIED.format(6) + testers), agents(4), seed=1)
    for rows in by_test(plan).values():
        assert len({row.tester for row in rows}) == 1
    counts = Counter((row.target, row.tester) for row in plan.applications)
    assert set(counts.values()) == {4}


def test_the_balance_table_counts_the_plan():
    plan = build_plan(origin_design(STRATIFIED.format(4)), agents(6), seed=1)
    rows = balance(plan)
    overall = [row for row in rows if not row.stratum and row.factor == "position"]
    assert [(row.value, row.control, row.test) for row in overall] == [("1", 12, 12), ("2", 12, 12)]
    for factor in ("position", "template", "name", "weekday", "time slot"):
        of_factor = [row for row in rows if row.factor == factor and not row.stratum]
        assert sum(row.control + row.test for row in of_factor) == len(plan.applications)
    strata = {row.stratum for row in rows}
    assert strata == {"", "agent_type = agent", "agent_type = private"}


def test_slots_of_a_target_follow_each_other_in_time():
    plan = build_plan(origin_design(STRATIFIED.format(6)), agents(3), seed=1)
    for target in {row.target for row in plan.applications}:
        firsts = sorted(
            (row.slot, row.send_at)
            for row in plan.applications
            if row.target == target and row.position == 1
        )
        assert all(one[1] < other[1] for one, other in pairwise(firsts))


def test_further_columns_are_taken_along_for_the_analysis():
    frame = frame_from_columns(
        {"target": ["A", "B"], "agent_type": ["agent", "private"], "size": ["1", "20"]},
        ["agent_type"],
        carried=["size", "rent"],
    )
    plan = build_plan(origin_design(STRATIFIED.format(1)), frame, seed=1)
    assert {(r.target, *r.strata.values()) for r in plan.applications} == {
        ("A", "agent", "1", ""),
        ("B", "private", "20", ""),
    }
    assert plan.strata == ("agent_type",)
