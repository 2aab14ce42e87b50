"""Ladders, times and questions of a log, against counts made by hand."""

import random
from pathlib import Path
from typing import Any

import pytest

from praktijktest.statistics.square_tables import stuart_maxwell
from tests.analysis.logs import ORIGIN, pairs, run

TIMES = ("test", "target", "origin", "outcome", "sent_at", "replied_at")
WINDOW = ORIGIN.replace("[[contrast]]", "[test]\nresponse_days = 14\n[[contrast]]", 1)
VIEWING, GROUP, MORE = "viewing-individual", "viewing-group", "more-information"


def found(folder: Path, rows: list, design: str = ORIGIN, **options: Any) -> dict[str, Any]:
    return run(folder, rows, design, **options).to_dict()["further_outcomes"][0]


def two(test: str, control: str, treated: str, target: str = "") -> list[tuple[str, ...]]:
    return [(test, target, "flemish", control), (test, target, "moroccan", treated)]


def timed(test: str, *replies: tuple[str, str, str], target: str = "") -> list[tuple[str, ...]]:
    """Sent at noon on the first; replied some days and hours later, "" for never."""
    return [
        (test, target, origin, code, f"2026-11-{sent}T12:00", replied)
        for origin, (code, sent, replied) in zip(("flemish", "moroccan"), replies, strict=True)
    ]


def test_the_ladder_tells_what_yes_and_no_hide(tmp_path: Path) -> None:
    """Both were invited everywhere, but the control to come alone and the other with a group."""
    rows = [row for n in range(8) for row in two(f"t{n}", VIEWING, GROUP)]
    document = run(tmp_path, rows).to_dict()
    assert document["contrasts"][0]["cells"]["both"] == 8
    ladder = document["further_outcomes"][0]["ladder"]
    assert ladder["higher"]["control_favoured"] == ladder["n"] == 8
    assert ladder["higher"]["p_exact"] == pytest.approx(2 * 0.5**8)
    assert ladder["higher"]["estimate"]["value"] == 1.0
    assert ladder["table"][7][6] == 8
    assert ladder["stuart_maxwell"]["p"] == pytest.approx(stuart_maxwell(ladder["table"]).p)


def test_a_declared_ladder_and_what_stands_on_no_rung(tmp_path: Path) -> None:
    design = ORIGIN.replace(
        'scheme = "housing"',
        'scheme = "housing"\nladder = [["no-reply"], ["refused"], ["viewing-group"]]',
    )
    rows = [
        *two("a", "refused", "no-reply"),
        *two("b", "no-reply", GROUP),
        *two("c", VIEWING, GROUP),
    ]
    ladder = found(tmp_path, rows, design)["ladder"]
    assert ladder["table"] == [[0, 0, 1], [1, 0, 0], [0, 0, 0]]
    assert (ladder["n"], ladder["left_out"]) == (2, 1)


def test_several_applicants_of_a_group_are_left_out_and_counted(tmp_path: Path) -> None:
    design = ORIGIN + '[reading]\nsame_profile = "best"\nunequal = "allow"\n'
    rows = [*two("a", VIEWING, "refused"), *two("b", GROUP, "refused"), *two("b", MORE, MORE)[:1]]
    ladder = found(tmp_path, rows, design)["ladder"]
    assert (ladder["n"], ladder["left_out"]) == (1, 1)


def test_who_was_answered_first_with_silence_as_censored(tmp_path: Path) -> None:
    rows = [
        *timed("a", (VIEWING, "01", "2026-11-02T12:00"), (VIEWING, "02", "2026-11-07T12:00")),
        *timed("b", ("no-reply", "01", ""), ("refused", "01", "2026-11-03T12:00")),
        *timed("c", ("no-reply", "01", ""), ("auto-reply", "01", "2026-11-01T12:05")),
        *timed("d", (GROUP, "01", "2026-11-01T18:00"), (GROUP, "01", "2026-11-30T12:00")),
        *timed("e", ("refused", "01", ""), ("refused", "01", "2026-11-02T12:00")),
    ]
    document = found(tmp_path, rows, WINDOW, header=TIMES)
    times = document["time_to_reply"]
    # Test e has a reply without a time; a reply on day 29 is silence; a receipt is no answer.
    assert (times["n"], times["left_out"], times["both_silent"]) == (4, 1, 1)
    first = times["first"]
    assert [first[name] for name in ("control_favoured", "test_favoured", "equal")] == [2, 1, 1]
    control, treated = times["arms"]["control"], times["arms"]["test"]
    assert (control["replied"], treated["replied"]) == (2, 2)
    assert control["mean_within_window"] == pytest.approx((1 + 14 + 14 + 0.25) / 4)
    assert treated["mean_within_window"] == pytest.approx((5 + 2 + 14 + 14) / 4)
    assert (control["median"], treated["median"]) == (1.0, 5.0)
    difference = times["difference"]["value"]
    assert difference == pytest.approx(
        treated["mean_within_window"] - control["mean_within_window"]
    )
    assert times["difference"]["low"] < difference < times["difference"]["high"]
    assert control["curve"] == {"days": [0.0, 0.25, 1.0], "waiting": [1.0, 0.75, 0.5]}
    delay = document["invitation_delay"]
    assert (delay["n"], delay["median"]) == (1, 4.0)
    assert delay["a_day"]["control_favoured"] == 1


def test_late_invitations_are_found_where_yes_and_no_are_equal(tmp_path: Path) -> None:
    """One is invited at once and the other days later, as in the case before the institute."""
    rows = [
        row
        for n in range(10)
        for row in timed(
            f"t{n}",
            (VIEWING, "01", "2026-11-01T13:00"),
            (VIEWING, "01", f"2026-11-{5 + n % 3:02}T12:00"),
            target=f"A{n % 4}",
        )
    ]
    document = found(tmp_path, rows, WINDOW, header=TIMES)
    delay = document["invitation_delay"]
    assert delay["a_day"]["p_exact"] == pytest.approx(2 * 0.5**10)
    assert delay["difference"]["value"] == pytest.approx(4.9 - 1 / 24)
    assert delay["difference"]["scope"] == "targets-like-these"


def test_extra_questions_are_paired(tmp_path: Path) -> None:
    rows = [
        *two("a", VIEWING, MORE),
        *two("b", "refused", MORE),
        *two("c", MORE, MORE),
        *two("d", MORE, "refused"),
        *two("e", "no-reply", "no-reply"),
    ]
    asked = found(tmp_path, rows)["extra_questions"]
    assert asked["cells"] == {"both": 1, "only_control": 1, "only_test": 2, "neither": 1}
    assert (asked["share_control"], asked["share_test"]) == (0.4, 0.6)
    assert asked["difference"]["value"] == pytest.approx(0.2)
    assert asked["p_midp"] == pytest.approx(0.625)


@pytest.mark.parametrize(
    ("design", "header", "reason"),
    [(WINDOW, TIMES[:4], "no-times"), (ORIGIN, TIMES, "no-window"), (WINDOW, TIMES, None)],
)
def test_what_the_log_lacks_is_said(
    tmp_path: Path, design: str, header: tuple[str, ...], reason: str | None
) -> None:
    rows = timed("a", (VIEWING, "01", "2026-11-02"), ("no-reply", "01", ""))
    document = found(tmp_path, [row[: len(header)] for row in rows], design, header=header)
    assert document["absent"].get("time_to_reply") == reason
    assert (document["time_to_reply"] is None) is (reason is not None)


def test_own_codes_without_a_ladder_have_none(tmp_path: Path) -> None:
    design = ORIGIN.replace(
        'scheme = "housing"',
        'scheme = "custom"\n[outcomes.labels]\n1 = "yes"\n0 = "no"\n'
        '[outcomes.positive]\nstrict = ["1"]',
    )
    document = found(tmp_path, two("a", "1", "0"), design)
    assert document["ladder"] is document["extra_questions"] is None
    assert document["absent"]["ladder"] == "no-ladder"


def test_exchanging_the_groups_turns_every_sign_and_row_order_changes_nothing(
    tmp_path: Path,
) -> None:
    chance = random.Random(4)
    codes = (VIEWING, GROUP, MORE, "refused", "no-reply")
    rows = []
    for n in range(40):
        replies = [
            (code, "01", "" if code == "no-reply" else f"2026-11-{chance.randint(2, 12):02}T09:00")
            for code in chance.choices(codes, k=2)
        ]
        rows += timed(f"t{n}", *replies, target=f"A{n % 7}")
    one = found(tmp_path, rows, WINDOW, header=TIMES)
    mixed = rows[:]
    chance.shuffle(mixed)
    assert found(tmp_path, mixed, WINDOW, header=TIMES) == one
    turned = WINDOW.replace('control = "flemish"', 'control = "moroccan"').replace(
        'test = "moroccan"', 'test = "flemish"'
    )
    other = found(tmp_path, rows, turned, header=TIMES)
    for part in (
        "ladder.higher.estimate",
        "time_to_reply.difference",
        "extra_questions.difference",
    ):
        mine, theirs = one, other
        for name in part.split("."):
            mine, theirs = mine[name], theirs[name]
        assert theirs["value"] == pytest.approx(-mine["value"])
        assert (theirs["low"], theirs["high"]) == pytest.approx((-mine["high"], -mine["low"]))
    assert [list(row) for row in zip(*one["ladder"]["table"], strict=True)] == other["ladder"][
        "table"
    ]


def test_means_per_test_have_no_ladder_of_their_own(tmp_path: Path) -> None:
    document = run(tmp_path, pairs("abcd"), ORIGIN + '[reading]\nsame_profile = "mean"\n').to_dict()
    assert document["further_outcomes"][0]["ladder"]["n"] == 4
