"""From applications to contrasts: which tests count, and how."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from praktijktest.problems import DataError
from tests.analysis.logs import (
    ORIGIN,
    cells,
    codes,
    contrast,
    estimate,
    pair,
    pairs,
    run,
    write_log,
)

SEVERAL = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_four_cells_and_their_net_rates(tmp_path: Path) -> None:
    entry = contrast(run(tmp_path, pairs("aabbbbcd")))
    assert cells(entry) == (2, 4, 1, 1)
    assert entry["n"] == entry["tests"] == 8
    assert estimate(entry, "net_rate_usable")["value"] == pytest.approx(3 / 7)
    assert estimate(entry, "net_rate_all")["value"] == pytest.approx(3 / 8)
    assert estimate(entry, "response_ratio")["value"] == pytest.approx(3 / 6)


def test_strict_and_broad_stand_side_by_side(tmp_path: Path) -> None:
    rows = [
        ("t1", "A", "flemish", "call-back"),
        ("t1", "A", "moroccan", "no-reply"),
        ("t2", "A", "flemish", "viewing-group"),
        ("t2", "A", "moroccan", "call-back"),
    ]
    analysis = run(tmp_path, rows)
    assert cells(contrast(analysis, rule="strict")) == (0, 1, 0, 1)
    assert cells(contrast(analysis, rule="broad")) == (1, 1, 0, 0)
    assert contrast(analysis)["rule"] == "strict"


@SEVERAL
@given(text=st.text("abcd", min_size=1, max_size=30))
def test_swapping_the_arms_mirrors_every_estimate(text: str, tmp_path: Path) -> None:
    swapped = ORIGIN.replace(
        'control = "flemish"\ntest = "moroccan"', 'control = "moroccan"\ntest = "flemish"'
    )
    one, other = contrast(run(tmp_path, pairs(text))), contrast(run(tmp_path, pairs(text), swapped))
    for name in ("net_rate_usable", "net_rate_all", "net_rate_discordant"):
        for scope in {e["scope"] for e in one["estimates"]}:
            a, b = estimate(one, name, scope), estimate(other, name, scope)
            for here, there in (("value", "value"), ("low", "high"), ("high", "low")):
                if a[here] is None:
                    assert b[there] is None
                else:
                    assert a[here] == pytest.approx(-b[there], abs=1e-9)
    two_sided = ("mcnemar_exact", "mcnemar_midp", "unconditional", "cluster_t")
    for name in two_sided:
        p = {e["name"]: e["p"] for e in one["significance"]}
        q = {e["name"]: e["p"] for e in other["significance"]}
        assert p[name] == pytest.approx(q[name], abs=1e-9)


@SEVERAL
@given(text=st.text("abcd", min_size=2, max_size=25), seed=st.integers(0, 2**32 - 1))
def test_row_order_and_file_splits_change_nothing(text: str, seed: int, tmp_path: Path) -> None:
    rows = pairs(text[: len(text) // 2], "A") + pairs(text[len(text) // 2 :], "B")
    reference = run(tmp_path, rows).to_dict()
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    assert run(tmp_path, shuffled).to_dict() == reference
    from praktijktest.rounds.analyse import analyse

    header = ("test", "target", "origin", "outcome")
    cut = random.Random(seed).randint(1, len(rows) - 1)
    first = write_log(tmp_path / "first.csv", header, shuffled[:cut])
    second = write_log(tmp_path / "second.csv", header, shuffled[cut:])
    assert analyse([first, second], tmp_path / "design.toml").to_dict() == reference


def test_without_discordant_tests_every_p_is_one(tmp_path: Path) -> None:
    analysis = run(tmp_path, pairs("aaddd"))
    paired = {
        test["name"]: test["p"]
        for test in contrast(analysis)["significance"]
        if "unpaired" not in test["name"]
    }
    assert set(paired.values()) == {1.0}
    assert all(row["p"] == 1.0 for row in analysis.to_dict()["targets"])


def test_tests_of_another_ground_change_nothing(tmp_path: Path) -> None:
    both = ORIGIN.replace(
        "[outcomes]",
        '[[contrast]]\nid = "disability"\nattribute = "disability"\nground = "disability"\n'
        'control = "none"\ntest = "wheelchair"\n[outcomes]',
    )
    header = ("test", "target", "origin", "disability", "outcome")
    origin = [(t, a, o, "none", r) for t, a, o, r in pairs("aabbcd")]
    other = [
        (f"w{t}", a, "flemish", d, r)
        for (t, a, o, r) in pairs("abbbd")
        for d in ["none" if o == "flemish" else "wheelchair"]
    ]
    alone = contrast(run(tmp_path, origin + other[:2], both, header))
    together = contrast(run(tmp_path, origin + other, both, header))
    assert together["tests_not_applicable"] == 5
    assert alone["tests_not_applicable"] == 1
    for key in ("cells", "n", "tests", "tests_incomplete", "estimates", "significance"):
        assert together[key] == alone[key]


def test_a_lone_applicant_is_incomplete_and_counted(tmp_path: Path) -> None:
    rows = pairs("abcd") + pair("t9", "a")[:1]
    analysis = run(tmp_path, rows)
    entry = contrast(analysis)
    assert (entry["n"], entry["tests_incomplete"], entry["tests_not_applicable"]) == (4, 1, 0)
    assert "incomplete-tests" in codes(analysis.problems)


def test_a_failed_application_fails_the_whole_test(tmp_path: Path) -> None:
    rows = [*pairs("aab"), *pair("t8", "a")[:1], ("t8", "A", "moroccan", "bounced")]
    analysis = run(tmp_path, rows)
    data = analysis.to_dict()["data"]
    assert contrast(analysis)["n"] == 3
    assert data["tests_failed"] == {"bounced": 1}
    assert data["failed_by_arm"] == [
        {"reason": "bounced", "profile": "moroccan", "applications": 1}
    ]
    assert data["tests"] == 4


def test_already_rented_told_to_one_applicant_never_fails_the_test(tmp_path: Path) -> None:
    rows = [("t1", "A", "flemish", "viewing-group"), ("t1", "A", "moroccan", "already-rented")]
    assert cells(contrast(run(tmp_path, rows))) == (0, 1, 0, 0)


SHARED_CONTROL = ORIGIN.replace('test = "moroccan"', 'test = ["moroccan", "turkish"]')


def triplets(outcomes: str) -> list[tuple[str, str, str, str]]:
    rows = []
    for number, triple in enumerate(outcomes.split()):
        for level, hit in zip(("flemish", "moroccan", "turkish"), triple, strict=True):
            outcome = "viewing-group" if hit == "1" else "refused"
            rows.append((f"t{number}", "A", level, outcome))
    return rows


def test_one_control_serves_several_test_profiles(tmp_path: Path) -> None:
    analysis = run(tmp_path, triplets("110 101 000 100"), SHARED_CONTROL)
    assert cells(contrast(analysis, "origin:moroccan")) == (1, 2, 0, 1)
    assert cells(contrast(analysis, "origin:turkish")) == (1, 2, 0, 1)


def test_a_triplet_without_its_third_applicant_is_incomplete(tmp_path: Path) -> None:
    rows = [row for row in triplets("110 101 000 100") if row[:3] != ("t3", "A", "turkish")]
    analysis = run(tmp_path, rows, SHARED_CONTROL)
    assert contrast(analysis, "origin:turkish")["tests_incomplete"] == 1
    assert contrast(analysis, "origin:moroccan")["tests_incomplete"] == 0


def test_pooled_levels_count_as_one_and_ask_how_to_combine(tmp_path: Path) -> None:
    pooled = SHARED_CONTROL.replace("[outcomes]", "pool = true\n[outcomes]")
    rows = triplets("110 101 000 100")
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, pooled)
    assert codes(caught.value.problems) == ["same-level-repeated"]
    best = '\n[reading]\nsame_profile = "best"\n'
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, pooled + best)
    assert codes(caught.value.problems) == ["unequal-numbers"]
    allowed = run(tmp_path, rows, pooled + best + 'unequal = "allow"\n')
    assert cells(contrast(allowed)) == (2, 1, 0, 1)


def test_within_compares_only_equals_and_counts_pairs_and_tests(tmp_path: Path) -> None:
    design = ORIGIN + '[columns.attributes]\ngender = "gender"\n'
    header = ("test", "target", "origin", "gender", "outcome")
    rows = [
        (test, "A", origin, gender, outcome)
        for test in ("t1", "t2")
        for origin, outcome in (("flemish", "viewing-group"), ("moroccan", "refused"))
        for gender in ("man", "woman")
    ]
    entry = contrast(run(tmp_path, rows, design, header))
    assert (entry["n"], entry["tests"], entry["within"]) == (4, 2, ["gender"])
    lonely = [row for row in rows if row[2:4] != ("moroccan", "woman")]
    assert contrast(run(tmp_path, lonely, design, header))["n"] == 2


def test_two_against_two_is_averaged_when_the_design_says_mean(tmp_path: Path) -> None:
    design = ORIGIN + '[reading]\nsame_profile = "mean"\n'
    rows = [
        ("t1", "A", level, outcome)
        for level, outcomes in (("flemish", "10"), ("moroccan", "00"))
        for outcome in ["viewing-group" if hit == "1" else "refused" for hit in outcomes]
    ] + [
        ("t2", "A", level, "viewing-group")
        for level in ("flemish", "flemish", "moroccan", "moroccan")
    ]
    entry = contrast(run(tmp_path, rows, design))
    assert entry["cells"] is None
    assert entry["signs"] == {"control_favoured": 1, "test_favoured": 0, "equal": 1}
    assert estimate(entry, "mean_difference")["value"] == pytest.approx(0.25)
    assert estimate(entry, "response_rate_control")["value"] == pytest.approx(0.75)
    assert "cluster_t" in {test["name"] for test in entry["significance"]}


def test_first_takes_the_application_that_was_sent_first(tmp_path: Path) -> None:
    design = ORIGIN + '[reading]\nsame_profile = "first"\n'
    header = ("test", "target", "origin", "position", "outcome")
    rows = [
        ("t1", "A", "flemish", "3", "refused"),
        ("t1", "A", "flemish", "1", "viewing-group"),
        ("t1", "A", "moroccan", "4", "viewing-group"),
        ("t1", "A", "moroccan", "2", "refused"),
    ]
    assert cells(contrast(run(tmp_path, rows, design, header))) == (0, 1, 0, 0)


def test_strata_partition_the_round_and_an_empty_one_gives_nulls(tmp_path: Path) -> None:
    design = ORIGIN + '[analysis]\nstrata = ["agent_type"]\n'
    header = ("test", "target", "origin", "outcome", "agent_type")
    rows = [(*row, "agent") for row in pairs("abb", "A")]
    rows += [(*row, "private") for row in pairs("cd", "B")]
    rows += [(*pair("x1", "a", "C")[0], "other")]
    analysis = run(tmp_path, rows, design, header)
    assert cells(contrast(analysis, stratum=("agent_type", "agent"))) == (1, 2, 0, 0)
    assert cells(contrast(analysis, stratum=("agent_type", "private"))) == (0, 0, 1, 1)
    empty = contrast(analysis, stratum=("agent_type", "other"))
    assert empty["n"] == 0
    assert estimate(empty, "net_rate_all")["value"] is None


def test_a_level_that_never_occurs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        run(tmp_path, pairs("ab"), SHARED_CONTROL)
    assert codes(caught.value.problems) == ["level-never-occurs"]
    assert "turkish" in caught.value.problems[0].message


def test_a_contrast_without_a_usable_test_is_an_error(tmp_path: Path) -> None:
    rows = [pair("t1", "a")[0], pair("t2", "a")[1]]
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows)
    assert codes(caught.value.problems) == ["no-usable-test"]


def test_the_cluster_is_never_smaller_than_the_test(tmp_path: Path) -> None:
    design = ORIGIN + '[columns]\ncluster = "clerk"\n'
    header = ("test", "origin", "outcome", "clerk")
    rows = [
        (t, o, r, clerk)
        for (t, _, o, r), clerk in zip(pairs("aabbbcd"), "1223344556677881", strict=False)
    ]
    analysis = run(tmp_path, rows, design, header)
    assert contrast(analysis)["clusters"] == 1


def test_where_targets_repeat_rates_have_both_scopes(tmp_path: Path) -> None:
    rows = pairs("aabbcd", "A") + pairs("abbbd", "B") + pairs("aaacd", "C")
    entry = contrast(run(tmp_path, rows))
    assert entry["clusters"] == entry["targets"] == 3
    for name in ("net_rate_usable", "response_rate_test", "response_ratio"):
        both = [e["scope"] for e in entry["estimates"] if e["name"] == name]
        assert both == ["these-targets", "targets-like-these"]
    once = contrast(
        run(tmp_path, [row for n, c in enumerate("abcd") for row in pair(f"t{n}", c, f"A{n}")])
    )
    assert {e["scope"] for e in once["estimates"]} == {"these-targets"}
