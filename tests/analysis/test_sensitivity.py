"""The table of other choices, against counts made by hand and by leaving targets out of the log."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from praktijktest.language import language_named
from praktijktest.reporting.document import build_report
from praktijktest.reporting.html import render_html
from praktijktest.reporting.tables import report_tables
from praktijktest.statistics.one_target_out import MEASURES
from praktijktest.statistics.recoding import recoding, worst_case
from praktijktest.vocabulary import LANGUAGES
from tests.analysis.logs import ORIGIN, contrast, estimate, pairs, run

CODES = ("viewing-individual", "viewing-conditional", "refused", "no-reply")
TIMES = ("test", "target", "origin", "outcome", "sent_at")


def table(document: dict[str, Any], rule: str = "strict") -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in document["sensitivity"] if row["rule"] == rule}


def cells(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(row["cells"].values())


def random_rows(seed: int, targets: int = 9, tests: int = 5) -> list[tuple[str, str, str, str]]:
    chance = random.Random(seed)
    return [
        (f"t{target}-{test}", f"A{target}", origin, chance.choice(CODES))
        for target in range(targets)
        for test in range(tests)
        for origin in ("flemish", "moroccan")
    ]


@pytest.mark.parametrize("seed", range(3))
def test_ambiguous_replies_are_read_as_for_the_signals(tmp_path: Path, seed: int) -> None:
    """Least discrimination is the worst case of the whole round taken as one target."""
    rows = random_rows(seed)
    found = table(run(tmp_path, rows).to_dict())
    outcome = {(test, origin): code for test, _, origin, code in rows}
    tests = sorted({row[0] for row in rows})

    def every(origin: str, code: str) -> list[bool]:
        return [outcome[test, origin] == code for test in tests]

    arms = ("flemish", "moroccan")
    positive = [every(origin, CODES[0]) for origin in arms]
    doubtful = [every(origin, CODES[1]) for origin in arms]
    hinging = recoding([0] * len(tests), *positive, *doubtful, 1)
    _, b, c, _ = cells(found["primary"])
    wins, losses = worst_case([b], [c], hinging)
    least = cells(found["ambiguous-least"])
    assert least[1:3] == (int(wins[0]), int(losses[0]))
    most = cells(found["ambiguous-most"])
    trios = zip(positive[0], doubtful[0], positive[1], strict=True)
    assert most[1] == sum((first or doubt) and not other for first, doubt, other in trios)
    assert sum(least) == sum(most) == len(tests)
    replies = sum(map(sum, doubtful))
    assert found["ambiguous-least"]["details"] == {"replies": replies}


def test_failed_tests_count_both_ways(tmp_path: Path) -> None:
    rows = [
        *pairs("abbcd"),
        ("f1", "A", "flemish", "viewing-individual"),
        ("f1", "A", "moroccan", "bounced"),
        ("f2", "A", "flemish", "bounced"),
        ("f2", "A", "moroccan", "no-reply"),
    ]
    document = run(tmp_path, rows).to_dict()
    found = table(document)
    assert cells(found["primary"]) == (1, 2, 1, 1)
    assert cells(found["failed-not-positive"]) == (1, 3, 1, 2)
    assert cells(found["failed-positive"]) == (2, 3, 1, 1)
    assert cells(found["failed-least"]) == (2, 2, 1, 2)
    assert cells(found["failed-most"]) == (1, 4, 1, 1)
    assert (
        document["data"]["tests_failed"] == {"message bounced": 2}
        or sum(document["data"]["tests_failed"].values()) == 2
    )
    assert found["failed-most"]["details"] == {"tests": 2}


def test_one_target_left_out_is_the_round_without_its_rows(tmp_path: Path) -> None:
    rows = random_rows(11, targets=5, tests=4)
    document = run(tmp_path, rows).to_dict()
    found = table(document)
    values = {}
    for target in sorted({row[1] for row in rows}):
        rest = run(tmp_path, [row for row in rows if row[1] != target]).to_dict()
        values[target] = table(rest)["primary"]["net_rate_usable"]
    lowest, highest = found["without-target-lowest"], found["without-target-highest"]
    assert lowest["net_rate_usable"] == pytest.approx(min(values.values()))
    assert highest["net_rate_usable"] == pytest.approx(max(values.values()))
    whole = found["primary"]["net_rate_usable"]
    most = max(values, key=lambda target: abs(values[target] - whole))
    moving = next(row for row in (lowest, highest) if row["details"]["moves_most"])
    names = {row["target"]: row["pseudonym"] for row in document["targets"]}
    assert moving["details"]["pseudonym"] == names[most]
    rest = [row for row in rows if row[1] != most]
    same = next(e for e in moving["estimates"] if e["name"] == "net_rate_usable")
    theirs = estimate(contrast(run(tmp_path, rest)), "net_rate_usable", "targets-like-these")
    assert (same["low"], same["high"]) == pytest.approx((theirs["low"], theirs["high"]))


def test_first_tests_by_date_and_by_the_ids_of_tests(tmp_path: Path) -> None:
    days = {"tA1": 3, "tA2": 1, "tA3": 5}
    rows = [*pairs("bca", "A"), *pairs("d", "B"), *pairs("c", "", "none")]
    dated = [(*row, f"2026-11-{days.get(row[0], 7):02}") for row in rows]
    found = table(run(tmp_path, dated, header=TIMES).to_dict())["first-tests"]
    # The second test of A went out first; the one without a target stays.
    assert cells(found) == (0, 0, 2, 1)
    assert found["details"] == {"by": "date", "targets": 2, "without_target": 1}
    assert found["estimates"][0]["method"] == "tango"
    shuffled = dated[:]
    random.Random(2).shuffle(shuffled)
    assert table(run(tmp_path, shuffled, header=TIMES).to_dict())["first-tests"] == found
    plain = table(run(tmp_path, [row[:4] for row in dated]).to_dict())["first-tests"]
    assert cells(plain) == (0, 1, 1, 1)
    assert plain["details"]["by"] == "test-id"


def test_choices_that_change_nothing_have_no_row(tmp_path: Path) -> None:
    document = run(tmp_path, pairs("abcd", "")).to_dict()
    assert list(table(document)) == ["primary"]
    assert list(table(document, "broad")) == ["other-rule"]
    row = table(document)["primary"]
    assert {e["name"] for e in row["estimates"]} == {"net_rate_usable", "net_rate_all"}
    assert row["headline"] == "net_rate_usable"


def test_another_headline_has_its_interval_and_its_range(tmp_path: Path) -> None:
    design = ORIGIN + '[analysis]\nheadline = "response_ratio"\n'
    found = table(run(tmp_path, random_rows(5), design).to_dict())
    ratios = [
        next(e["value"] for e in found[name]["estimates"] if e["name"] == "response_ratio")
        for name in ("without-target-lowest", "primary", "without-target-highest")
    ]
    assert ratios == sorted(ratios)
    assert not np.isnan(ratios).any()


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_table_is_shown_and_written(tmp_path: Path, code: str) -> None:
    rows = [
        *random_rows(3),
        ("f1", "A1", "flemish", "bounced"),
        ("f1", "A1", "moroccan", "refused"),
    ]
    document = run(tmp_path, rows).to_dict()
    html = render_html(build_report(document), language_named(code))
    language = language_named(code)
    for name in table(document):
        assert language.label("variant", name) in html
    header, lines = report_tables(document)["sensitivity.csv"]
    written = list(lines)
    assert len(written) == len(document["sensitivity"])
    assert all(len(line) == len(header) for line in written)
    values = [dict(zip(header, line, strict=True)) for line in written]
    assert values[0]["usable_low"] == document["sensitivity"][0]["estimates"][0]["low"]


@pytest.mark.parametrize("headline", list(MEASURES))
def test_every_headline_can_be_shown(tmp_path: Path, headline: str) -> None:
    design = ORIGIN + f'[analysis]\nheadline = "{headline}"\n'
    document = run(tmp_path, random_rows(8, targets=4, tests=3), design).to_dict()
    assert {row["headline"] for row in document["sensitivity"]} == {headline}
    for code in LANGUAGES:
        language = language_named(code)
        assert language.text(f"estimate_short.{headline}") in render_html(
            build_report(document), language
        )
