"""Unpaired tests, mystery calls and sets of three: counts, rates, and what goes wrong."""

import random
from pathlib import Path
from typing import Any

import pytest

from praktijktest.language import language_named
from praktijktest.problems import DataError
from praktijktest.reporting.document import build_report
from praktijktest.reporting.html import render_html
from praktijktest.reporting.tables import report_tables
from praktijktest.statistics.mantel_haenszel import mantel_haenszel
from praktijktest.statistics.unpaired import Groups, newcombe
from praktijktest.vocabulary import LANGUAGES
from tests.analysis.logs import ORIGIN, POSITIVE, run

SINGLE = ORIGIN.replace("[[contrast]]", '[test]\nkind = "single"\n[[contrast]]', 1)
CALLS = """
format = 1
[round]
id = "calls"
title = "Calls"
market = "housing"
[test]
kind = "mystery"
[[call]]
id = "no-foreigners"
ground = "origin"
request = "owner asks not to let to foreigners"
[outcomes]
scheme = "mystery"
primary = "broad"
[analysis]
strata = ["agent_type"]
"""
CALL_HEADER = ("test", "target", "outcome", "agent_type")


def single(control: str, test: str, targets: int = 1000) -> list[tuple[str, str, str, str]]:
    """One application per test; "+-" in a group is one positive and one negative reply."""
    replies = {"+": POSITIVE, "-": "no-reply"}
    people = [("flemish", mark) for mark in control] + [("moroccan", mark) for mark in test]
    return [
        (f"t{place}", f"A{place % targets}", origin, replies[mark])
        for place, (origin, mark) in enumerate(people)
    ]


def calls(outcomes: dict[str, int]) -> list[tuple[str, str, str, str]]:
    every = [code for code, count in outcomes.items() for _ in range(count)]
    return [(f"c{n}", f"A{n}", code, "chain" if n % 2 else "own") for n, code in enumerate(every)]


def whole(document: dict[str, Any], rule: str = "broad") -> dict[str, Any]:
    return next(e for e in document["contrasts"] if e["stratum"] is None and e["rule"] == rule)


def value(entry: dict[str, Any], name: str, scope: str = "these-targets") -> dict[str, Any]:
    return next(e for e in entry["estimates"] if (e["name"], e["scope"]) == (name, scope))


def test_two_groups_are_counted_and_nobody_is_flagged(tmp_path: Path) -> None:
    document = run(tmp_path, single("+" * 30 + "-" * 20, "+" * 15 + "-" * 35), SINGLE).to_dict()
    entry = whole(document, document["method"]["primary"])
    assert entry["groups"] == {
        "control": {"positive": 30, "n": 50},
        "test": {"positive": 15, "n": 50},
    }
    assert "cells" not in entry
    difference = value(entry, "rate_difference")
    assert difference["value"] == pytest.approx(-0.3)
    assert (difference["low"], difference["high"]) == newcombe(Groups(30, 50, 15, 50))
    assert value(entry, "response_ratio")["value"] == pytest.approx(0.5)
    assert document["targets"] == []
    assert document["flag_rule"] is None
    assert all(e["scope"] == "these-targets" for e in entry["estimates"])


def test_repeated_targets_widen_the_interval(tmp_path: Path) -> None:
    rows = []
    for target in range(12):
        for number in range(6):
            origin = ("flemish", "moroccan")[number % 2]
            reply = POSITIVE if target % 3 else "no-reply"
            rows.append((f"t{target}-{number}", f"A{target}", origin, reply))
    document = run(tmp_path, rows, SINGLE).to_dict()
    entry = whole(document, document["method"]["primary"])
    clustered = value(entry, "rate_difference", "targets-like-these")
    assert clustered["method"] == "cluster-cr2"
    assert entry["clusters"] == 12
    assert any(test["name"] == "cluster_t" for test in entry["significance"])


def test_models_of_unpaired_tests(tmp_path: Path) -> None:
    design = SINGLE + '[analysis]\nmodels = ["lpm", "conditional-logit"]\n'
    document = run(tmp_path, single("+" * 30 + "-" * 20, "+" * 15 + "-" * 35), design).to_dict()
    found = {model["name"]: model for model in document["models"]}
    group = next(t for t in found["lpm"]["terms"] if t["name"] == "test_group")
    assert group["coef"] == pytest.approx(-0.3)
    assert found["conditional-logit"]["messages"][-1]["code"] == "no-differing-tests"


def test_several_groups_have_one_test_together(tmp_path: Path) -> None:
    design = SINGLE.replace('test = "moroccan"', 'test = ["moroccan", "polish"]')
    rows = single("++++++----", "+++-------")
    rows += [(f"p{n}", f"B{n}", "polish", POSITIVE if n < 5 else "no-reply") for n in range(10)]
    document = run(tmp_path, rows, design).to_dict()
    primary = document["method"]["primary"]
    overall = next(entry for entry in document["overall"] if entry["rule"] == primary)
    assert overall["name"] == "chi2_groups"
    assert overall["degrees"] == 2
    assert overall["n"] == 30
    assert {e["test"] for e in document["contrasts"]} == {"moroccan", "polish"}


def test_a_group_without_usable_replies_is_shown_and_an_absent_one_refused(tmp_path: Path) -> None:
    failed = ("t9", "A9", "moroccan", "bounced")
    entry = whole(run(tmp_path, [*single("++-", ""), failed], SINGLE).to_dict(), "broad")
    assert entry["groups"]["test"] == {"positive": 0, "n": 0}
    assert value(entry, "rate_difference")["value"] is None
    for rows in ([("t1", "A", "danish", POSITIVE)], single("++-", "")):
        with pytest.raises(DataError) as caught:
            run(tmp_path, rows, SINGLE)
        assert caught.value.problems[0].code == "no-usable-application"
        assert "'moroccan'" in caught.value.problems[0].message


def test_single_tests_that_hold_several_applicants_are_warned_of(tmp_path: Path) -> None:
    rows = [(f"t{n // 2}", *row[1:]) for n, row in enumerate(single("++-+", "+--+", targets=1))]
    document = run(tmp_path, rows, SINGLE).to_dict()
    problem = next(p for p in document["data"]["problems"] if p["code"] == "tests-not-single")
    assert problem["count"] == 4
    alone = run(tmp_path, single("++-+", "+--+"), SINGLE).to_dict()
    assert all(p["code"] != "tests-not-single" for p in alone["data"]["problems"])


def test_calls_are_counted_with_unclear_both_ways(tmp_path: Path) -> None:
    outcomes = {"complied": 6, "indirect": 3, "refused": 8, "unclear": 3}
    document = run(tmp_path, calls(outcomes), CALLS, header=CALL_HEADER).to_dict()
    broad, strict = whole(document), whole(document, "strict")
    assert broad["calls"] == {"complied": 9, "unclear": 3, "n": 20}
    assert strict["calls"] == {"complied": 6, "unclear": 3, "n": 20}
    assert value(broad, "compliance_rate")["value"] == pytest.approx(0.45)
    assert value(broad, "compliance_rate_unclear_complied")["value"] == pytest.approx(0.60)
    assert value(broad, "compliance_rate_unclear_left_out")["value"] == pytest.approx(9 / 17)
    assert {i["method"] for i in broad["intervals"]} == {"clopper-pearson", "jeffreys"}
    assert sum(e["n"] for e in document["contrasts"] if e["stratum"] and e["primary"]) == 20
    assert len(document["records"]) == 20
    assert not any("rate" in record for record in document["records"])
    assert document["targets"] == []


@pytest.mark.parametrize("outcomes", [{"complied": 4}, {"unclear": 4}, {"refused-law": 1}], ids=str)
def test_calls_that_all_went_one_way(tmp_path: Path, outcomes: dict[str, int]) -> None:
    document = run(tmp_path, calls(outcomes), CALLS, header=CALL_HEADER).to_dict()
    left_out = value(whole(document), "compliance_rate_unclear_left_out")
    assert (left_out["value"] is None) == (outcomes == {"unclear": 4})
    for code in LANGUAGES:
        assert "<h2" in render_html(build_report(document), language_named(code))


def test_a_call_the_design_lacks_or_the_log_lacks(tmp_path: Path) -> None:
    rows = [("c1", "A", "refused", "own", "no-cats")]
    header = (*CALL_HEADER, "profile")
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, CALLS, header=header)
    assert caught.value.problems[0].code == "unknown-call"
    assert caught.value.problems[0].value == "no-cats"
    second = '[[call]]\nid = "no-wheelchair"\nground = "disability"\nrequest = "no wheelchair"\n'
    rows = [("c1", "A", "refused", "own", "no-foreigners")]
    with pytest.raises(DataError) as caught:
        run(tmp_path, rows, CALLS.replace("[outcomes]", second + "[outcomes]"), header=header)
    assert caught.value.problems[0].code == "no-usable-call"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["single", "mystery"])
def test_reports_of_other_kinds_name_no_target(tmp_path: Path, kind: str, code: str) -> None:
    if kind == "single":
        document = run(tmp_path, single("++--", "+---"), SINGLE).to_dict()
    else:
        rows = [(t, f"canary-{t}", *rest) for t, _, *rest in calls({"complied": 3, "refused": 2})]
        document = run(tmp_path, rows, CALLS, header=CALL_HEADER).to_dict()
    html = render_html(build_report(document), language_named(code))
    assert "canary" not in html
    for header, rows_of_table in report_tables(document).values():
        for row in rows_of_table:
            assert len(row) == len(header)


def test_three_applicants_are_tested_together_and_adjusted(tmp_path: Path) -> None:
    design = ORIGIN.replace('test = "moroccan"', 'test = ["moroccan", "polish"]').replace(
        "[[contrast]]", '[test]\nkind = "set"\n[[contrast]]', 1
    )
    chance = random.Random(3)
    rows = []
    for test in range(30):
        for origin, likely in (("flemish", 0.7), ("moroccan", 0.4), ("polish", 0.5)):
            reply = POSITIVE if chance.random() < likely else "no-reply"
            rows.append((f"t{test:02}", f"A{test % 7}", origin, reply))
    document = run(tmp_path, rows[:-1], design).to_dict()
    entry = next(e for e in document["overall"] if e["rule"] == document["method"]["primary"])
    assert entry["name"] == "cochran_q"
    assert entry["n"] == 29
    midp = {
        e["id"]: next(t["p"] for t in e["significance"] if t["name"] == "mcnemar_midp")
        for e in document["contrasts"]
        if e["primary"] and e["stratum"] is None
    }
    smallest = min(midp, key=lambda name: midp[name])
    assert entry["holm"][smallest] == pytest.approx(min(2 * midp[smallest], 1))
    positive = {(row[0], row[2]): row[3] == POSITIVE for row in rows[:-1]}
    sets = [f"t{n:02}" for n in range(29)]
    gaps = [
        positive[t, "flemish"] - (positive[t, "moroccan"] + positive[t, "polish"]) / 2 for t in sets
    ]
    usable = sum(any(positive[t, o] for o in ("flemish", "moroccan", "polish")) for t in sets)
    net = entry["net_rate_of_sets"]
    assert (net["value"], net["n"]) == (pytest.approx(sum(gaps) / usable), usable)
    assert net["scope"] == "targets-like-these"
    page = render_html(build_report(document), language_named("en"))
    assert "Cochran" in page
    assert language_named("en").text("overall.sets_note") in page


def test_groups_are_compared_within_strata(tmp_path: Path) -> None:
    """Equal odds ratios in two cities with very different rates."""
    header = ("test", "target", "origin", "outcome", "city")
    rows = []
    for city, control, test in (
        ("Gent", "+++++----", "+++------"),
        ("Mons", "+----", "+---------"),
    ):
        rows += [(f"{city}{t}", *rest, city) for t, *rest in single(control, test)]
    design = SINGLE + '[analysis]\nstrata = ["city"]\n'
    document = run(tmp_path, rows, design, header=header).to_dict()
    entry = next(e for e in document["overall"] if e["rule"] == document["method"]["primary"])
    assert (entry["name"], entry["by"], entry["informative"]) == ("mantel_haenszel", "city", 2)
    expected = mantel_haenszel([[3, 6, 5, 4], [1, 9, 1, 4]])
    assert entry["odds_ratio"]["value"] == pytest.approx(expected.odds_ratio)
    assert entry["p"] == pytest.approx(expected.p)
    page = render_html(build_report(document), language_named("nl"))
    assert "Mantel-Haenszel (binnen strata): city" in page


def test_models_of_calls_are_not_left_out_in_silence(tmp_path: Path) -> None:
    design = CALLS + 'models = ["lpm"]\n'
    document = run(tmp_path, calls({"complied": 3, "refused": 2}), design, CALL_HEADER).to_dict()
    assert [p["code"] for p in document["data"]["problems"]] == ["models-without-groups"]
    assert document["models"] == []
