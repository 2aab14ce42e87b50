"""Frames and samples: what is read, what is drawn, and what is said when it does not fit."""

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.design.planning_sections import Sampling
from praktijktest.planning.duplicates import likely_duplicates, normalised_name
from praktijktest.planning.frame import frame_from_columns, read_frame, read_target_list
from praktijktest.planning.ordering import key, keys, ranks
from praktijktest.planning.sampling import draw_sample, largest_remainder
from praktijktest.problems import DataError
from tests.planning.designs import adverts, agents


def drawn(sample):
    return dict(Counter(sample.frame.strata["agent_type"]))


def test_keys_are_the_first_bytes_of_sha256_of_seed_purpose_and_unit():
    # printf '7|sample|A001' | sha256sum
    assert key(7, "sample", "A001") == 0x77239B240A4F6675
    assert keys(7, "sample", ["A001"]).tolist() == [0x77239B240A4F6675]


def test_ranks_are_a_permutation_that_follows_the_keys():
    units = [f"u{number}" for number in range(50)]
    found = ranks(3, "x", units)
    assert sorted(found.tolist()) == list(range(50))
    assert sorted(units, key=lambda unit: key(3, "x", unit)) == [
        unit for _, unit in sorted(zip(found.tolist(), units, strict=True))
    ]


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=8).filter(lambda w: sum(w) > 0),
    st.integers(0, 400),
)
def test_largest_remainder_gives_everybody_his_share_rounded_down_or_up(weights, size):
    found = largest_remainder(size, weights)
    assert sum(found) == size
    for share, weight in zip(found, weights, strict=True):
        assert size * weight // sum(weights) <= share <= -(-size * weight // sum(weights))


def test_proportional_sample_of_a_known_frame():
    frame = agents(90, ("agent", "agent", "private"))
    sample = draw_sample(frame, Sampling(strata=("agent_type",), size=20), seed=1)
    # 60 and 30 of 90: shares 13.33 and 6.67.
    assert drawn(sample) == {"agent": 13, "private": 7}


def test_equal_sample_and_its_odd_one():
    frame = agents(90)
    sampling = Sampling(strata=("agent_type",), allocation="equal", size=21)
    sizes = {tuple(sorted(drawn(draw_sample(frame, sampling, s)).items())) for s in range(20)}
    assert sizes == {
        (("agent", 10), ("private", 11)),
        (("agent", 11), ("private", 10)),
    }


def test_quotas_draw_what_they_ask_and_leave_other_strata():
    sampling = Sampling(
        strata=("agent_type",), quota=({"where": {"agent_type": "agent"}, "size": 7},)
    )
    sample = draw_sample(agents(40), sampling, seed=1)
    assert drawn(sample) == {"agent": 7}
    assert [draw.to_dict() for draw in sample.draws] == [
        {"stratum": {"agent_type": "agent"}, "available": 20, "wanted": 7, "drawn": 7}
    ]


def test_a_frame_too_small_names_every_stratum_and_how_many_are_short():
    sampling = Sampling(
        strata=("agent_type",),
        quota=(
            {"where": {"agent_type": "agent"}, "size": 25},
            {"where": {"agent_type": "private"}, "size": 21},
        ),
    )
    with pytest.raises(DataError) as caught:
        draw_sample(agents(40), sampling, seed=1)
    lines = [problem.line() for problem in caught.value.problems]
    assert len(lines) == 2
    assert "agent_type = agent has 20 and the plan wants 25: 5 short" in lines[0]
    assert "agent_type = private has 20 and the plan wants 21: 1 short" in lines[1]


def test_overlapping_quotas_are_refused():
    sampling = Sampling(
        strata=("agent_type",),
        quota=(
            {"where": {"agent_type": "agent"}, "size": 1},
            {"where": {}, "size": 1},
        ),
    )
    with pytest.raises(DataError, match="quotas") as caught:
        draw_sample(agents(4), sampling, seed=1)
    assert caught.value.problems[0].code == "quotas-overlap"


@given(st.randoms(use_true_random=False), st.integers(0, 5))
def test_the_sample_does_not_depend_on_the_order_of_rows(shuffler: random.Random, seed):
    rows = [(f"A{n:02d}", "agent" if n % 3 else "private") for n in range(30)]
    sampling = Sampling(strata=("agent_type",), size=11)

    def sample(ordered):
        frame = frame_from_columns(
            {"target": [r[0] for r in ordered], "agent_type": [r[1] for r in ordered]},
            ["agent_type"],
        )
        return draw_sample(frame, sampling, seed).frame.target.tolist()

    shuffled = rows[:]
    shuffler.shuffle(shuffled)
    assert sample(rows) == sample(shuffled)


def test_two_seeds_draw_different_samples():
    sampling = Sampling(strata=("agent_type",), size=20)
    first, second = (set(draw_sample(agents(60), sampling, s).frame.target) for s in (1, 2))
    assert first != second


def test_every_target_is_drawn_equally_often_over_seeds():
    sampling = Sampling(strata=("agent_type",), size=10)
    frame = agents(40)
    counts = Counter(
        t for s in range(1, 1001) for t in draw_sample(frame, sampling, s).frame.target
    )
    # 1,000 draws with chance 1/4 each: sd 13.7; five of them either way.
    assert all(180 <= counts[target] <= 320 for target in frame.target)


def test_excluded_targets_stay_out_and_unknown_ones_are_said():
    sample = draw_sample(
        agents(10), Sampling(strata=("agent_type",)), seed=1, excluded={"A003", "Z1"}
    )
    assert "A003" not in sample.frame.target
    assert sample.excluded == 1
    assert [problem.code for problem in sample.problems] == ["exclusion-unknown"]


def test_adverts_can_be_what_is_drawn():
    sample = draw_sample(adverts([5, 5, 5]), Sampling(unit="advert", size=7), seed=1)
    assert len(sample.frame) == 7


def test_a_target_in_two_strata_cannot_be_drawn_by_target():
    frame = frame_from_columns(
        {"target": ["A", "A"], "advert": ["1", "2"], "district": ["north", "south"]}, ["district"]
    )
    with pytest.raises(DataError) as caught:
        draw_sample(frame, Sampling(strata=("district",), size=1), seed=1)
    assert caught.value.problems[0].code == "frame-target-in-two-strata"
    assert len(draw_sample(frame, Sampling(strata=("district",)), seed=1).frame) == 2


@pytest.mark.parametrize(
    ("text", "code", "column", "row"),
    [
        ("agent,district\nA,north\n", "frame-column-missing", "target", 1),
        ("target\nA\n", "frame-column-missing", "district", 1),
        ("target,district\nA,north\n,south\n", "frame-cell-empty", "target", 3),
        ("target,district\nA,north\nB,\n", "frame-cell-empty", "district", 3),
        ("target,district\nA,north\nB,south\nA,south\n", "frame-contradiction", "district", 4),
        (
            "target,advert,district\nA,1,north\nB,1,north\n",
            "frame-contradiction",
            "target",
            3,
        ),
    ],
)
def test_bad_frames_say_where_and_what(tmp_path: Path, text, code, column, row):
    path = tmp_path / "frame.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_frame(path, ["district"])
    problem = caught.value.problems[0]
    assert (problem.code, problem.column, problem.row) == (code, column, row)
    assert problem.file == "frame.csv"
    assert problem.hint


def test_repeated_rows_are_left_out_and_counted():
    frame = frame_from_columns({"target": ["A", "B", "A"]}, [])
    assert frame.target.tolist() == ["A", "B"]
    assert [(p.code, p.count, p.row) for p in frame.problems] == [("frame-row-repeated", 1, 4)]


def test_an_exclusion_list_may_have_one_unnamed_column(tmp_path: Path):
    path = tmp_path / "leave.csv"
    path.write_text("agents\nA\nB\n", encoding="utf-8")
    assert read_target_list(path) == {"A", "B"}


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Immobiliën De Vos B.V.B.A.", "immobilien de vos"),
        ("DE VOS immobilien nv", "de vos immobilien"),
        ("Agence Lévêque S.P.R.L.", "agence leveque"),
        ("B.V.", "bv"),
    ],
)
def test_names_are_compared_without_accents_and_legal_forms(name, plain):
    assert normalised_name(name) == plain


def test_likely_duplicates_are_shown_and_nothing_is_merged():
    frame = frame_from_columns(
        {
            "target": ["1", "2", "3", "4", "5", "6", "7"],
            "name": [
                "Vastgoed Peeters BV",
                "Vastgoed Peeters NV",
                "Immo Janssens",
                "Immo Jansens",
                "Kantoor Noord 1",
                "Kantoor Noord 2",
                "Elders",
            ],
            "contact": [
                "info@gmail.com",
                "peeters@gmail.com",
                "+32 9 222 33 44",
                "a@janssens.example",
                "09/222.33.44",
                "b@janssens.example",
                "",
            ],
        },
        [],
    )
    found = {(d.first, d.second): d.reason for d in likely_duplicates(frame)}
    assert found == {
        ("1", "2"): "same name",
        ("3", "4"): "similar name",
        ("3", "5"): "same telephone",
        ("4", "6"): "same mail domain",
    }
    assert len(frame) == 7
