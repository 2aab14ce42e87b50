"""What a status says of rounds whose truth is known."""

from dataclasses import asdict
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.fieldwork.status import status_of
from tests.fieldwork.made_rounds import START, Round, after, design

LONG = "Het appartement is helaas al verhuurd aan een andere kandidaat sinds gisteren."


def status(round_, as_of=None, made=None):
    moment = None if as_of is None else datetime.fromisoformat(as_of)
    return status_of(round_.state(), made or design(), as_of=moment, words=round_.words)


def part(found, by, level=""):
    return next(row for row in found.progress if (row.by, row.level) == (by, level))


def test_progress_of_the_round_and_its_parts():
    round_ = Round().pair("t1").pair("t2", target="T-b", agent_type="private", tester="P-bea")
    round_.plan("t3", day=1).plan("t4", day=30).plan("t5", day=1, advert="")
    round_.reply("t1-1", outcome="refused").add("failed", "t2-1", after(5), failed="bounced")
    found = status(round_, after(days=2))
    whole = part(found, "all")
    assert (whole.tests, whole.tests_complete, whole.planned, whole.sent) == (5, 2, 10, 4)
    assert (whole.behind, whole.waiting) == (2, 2)
    assert (whole.answered, whole.open, whole.silent, whole.failed) == (1, 2, 0, 1)
    assert part(found, "agent_type", "private").failed == 1
    assert part(found, "tester", "P-bea").tests == 1
    assert part(found, "target", "T-a").tests == 4
    assert part(found, "contrast", "origin").planned == 10


def test_silence_is_final_by_the_window_and_never_by_the_clock():
    round_ = Round().pair("t1")
    sent = datetime.fromisoformat(after())
    before = status(round_, (sent + timedelta(days=14, seconds=-1)).isoformat())
    exactly = status(round_, (sent + timedelta(days=14)).isoformat())
    assert (part(before, "all").open, part(before, "all").silent) == (2, 0)
    assert (part(exactly, "all").open, part(exactly, "all").silent) == (1, 1)
    assert [row.application for row in before.silences] == ["t1-1", "t1-2"]
    assert [row.hours_left for row in exactly.silences] == [4.0, 0.0]
    assert status(round_).as_of == after(4)


def test_silences_begin_two_days_before_the_window_closes():
    round_ = Round().pair("t1")
    assert status(round_, after(days=11.9)).silences == ()
    assert len(status(round_, after(days=12.2)).silences) == 2
    round_.reply("t1-1", outcome="refused")
    assert [row.application for row in status(round_, after(days=20)).silences] == ["t1-2"]


def test_todays_sends_and_what_is_behind():
    round_ = Round().pair("t1").plan("t2", day=-2).plan("t3", day=1).plan("t4", day=-1, advert="")
    found = status(round_, after(1)).today
    assert [(row.application, row.sent, row.days_late) for row in found] == [
        ("t2-1", False, 2),
        ("t2-2", False, 2),
        ("t1-1", True, 0),
        ("t1-2", True, 0),
    ]


def test_one_applicant_sent_and_the_other_not():
    round_ = Round().plan("t1").sent("t1-1").plan("t2").plan("t3").sent("t3-2")
    round_.add("failed", "t3-1", after(1), failed="advert-withdrawn")
    soon, late = status(round_, after(2)).half_sent, status(round_, after(9)).half_sent
    assert [(row.test, row.missing, row.hours, row.too_late) for row in soon] == [
        ("t1", ("t1-2",), 2.0, False)
    ]
    assert late[0].too_late


def test_invitations_that_were_not_declined():
    round_ = Round().pair("t1").pair("t2").pair("t3")
    round_.reply("t1-1", hours=24, outcome="viewing-individual")
    round_.reply("t1-2", hours=24, outcome="refused")
    round_.reply("t2-1", hours=20, suggested="viewing-group")
    round_.reply("t3-1", hours=30, outcome="viewing-individual")
    round_.reply("t3-2", hours=24, outcome="viewing-individual")
    round_.add("declined", "t3-2", after(40), declined_at=after(40), channel="mail")
    found = status(round_, after(48)).undeclined
    assert [(row.application, row.confirmed, row.hours) for row in found] == [
        ("t2-1", False, 28.0),
        ("t1-1", True, 24.0),
    ]


@pytest.mark.parametrize(("order", "broken"), [("random", False), ("control-first", True)])
def test_order_and_gap(order, broken):
    round_ = Round().pair("t1").plan("t2").sent("t2-2").sent("t2-1", hours=5)
    round_.plan("t3").sent("t3-1").sent("t3-2", hours=2.9)
    round_.plan("t4").sent("t4-1").sent("t4-2", hours=8.5)
    found = status(round_, after(days=3))
    assert [(row.test, row.sent) for row in found.order_broken] == [("t2", ("t2-2", "t2-1"))]
    assert [(row.test, row.hours, row.problem) for row in found.gap_broken] == [
        ("t3", 2.9, "too-short"),
        ("t4", 8.5, "too-long"),
    ]
    unplanned = Round()
    for name, profile, hours in (("t9-1", "mo", 0), ("t9-2", "fl", 5)):
        values = {"sent_at": after(hours), "profile": profile, "target": "T-a"}
        unplanned.add("sent", name, after(hours), **values)
    assert bool(status(unplanned, made=design(order=order)).order_broken) == broken


def test_caps_in_any_thirty_days():
    round_ = Round()
    for target, days in (("T-near", (0, 1, 29)), ("T-broken", (0, 1, 2, 29)), ("T-far", (0, 29))):
        for number, day in enumerate(days):
            round_.pair(f"{target}{number}", day=day, target=target)
    found = status(round_, after(days=29.5)).caps
    assert [(row.target, row.last_30_days, row.state) for row in found] == [
        ("T-broken", 8, "broken"),
        ("T-near", 6, "reached"),
    ]
    later = status(round_, after(days=31.5)).caps
    assert [(row.target, row.last_30_days, row.most_in_30_days) for row in later] == [
        ("T-broken", 4, 8)
    ]


def answering(shares, per_week=30):
    round_ = Round()
    for week, share in enumerate(shares):
        for number in range(per_week):
            test = f"w{week}n{number:02d}"
            round_.pair(test, day=7 * week, target=f"T-{number}")
            for place in (1, 2):
                if number < share * per_week:
                    round_.reply(f"{test}-{place}", day=7 * week + 1, outcome="refused")
    return round_


def test_drift_of_the_share_of_replies():
    end = after(days=60)
    steady = status(answering([0.5, 0.5, 0.5, 0.5]), end).drift
    assert (steady.verdict, steady.used, steady.p_trend) == ("steady", 4, pytest.approx(1.0))
    assert status(answering([0.9, 0.7, 0.5, 0.3]), end).drift.verdict == "falling"
    assert status(answering([0.3, 0.5, 0.7, 0.9]), end).drift.verdict == "rising"
    assert status(answering([0.3, 0.9, 0.9, 0.3]), end).drift.verdict == "uneven"
    assert status(answering([0.9, 0.3]), end).drift.verdict == "too-few"
    week = status(answering([0.5, 0.5, 0.5, 0.5]), end).drift.weeks[0]
    assert (week.monday, week.closed, week.answered) == ("2026-09-07", 60, 30)


def test_open_windows_late_replies_and_automatic_ones_are_no_drift():
    round_ = answering([0.5, 0.5, 0.5])
    round_.pair("late").reply("late-1", day=20, outcome="refused")
    round_.pair("auto").reply("auto-1", outcome="auto-reply")
    found = status(round_, after(days=25)).drift.weeks
    assert [(week.closed, week.answered) for week in found] == [(64, 30), (60, 30)]


def test_failed_applications_by_arm():
    round_ = Round()
    for number in range(10):
        round_.pair(f"t{number}", first="fl" if number % 2 else "mo")
    for number in range(6):
        place = 2 if number % 2 else 1  # the Moroccan applicant
        round_.add("failed", f"t{number}-{place}", after(9), failed="bounced")
    for place in (1, 2):
        round_.add("failed", f"t9-{place}", after(9), failed="detected")
    (found,) = status(round_, after(days=1)).failed
    assert (found.control, found.control_sent, found.test, found.test_sent) == (1, 10, 7, 10)
    assert (found.only_control, found.only_test, found.whole_tests) == (0, 6, 1)
    assert found.p == pytest.approx(2 * 0.5**6)
    assert [asdict(row) for row in found.reasons] == [
        {"reason": "bounced", "control": 0, "test": 6},
        {"reason": "detected", "control": 1, "test": 1},
    ]


def test_failed_single_applications_have_fishers_test():
    from scipy.stats import fisher_exact

    round_ = Round()
    for number in range(20):
        profile = "fl" if number < 10 else "mo"
        values = {"sent_at": after(), "profile": profile}
        round_.add("sent", f"s{number}-1", after(), **values)
        if number in (0, 10, 11, 12, 13, 14, 15):
            round_.add("failed", f"s{number}-1", after(1), failed="bounced")
    (found,) = status(round_, made=design(kind="single")).failed
    assert (found.control, found.test) == (1, 6)
    assert found.p == pytest.approx(fisher_exact([[1, 9], [6, 4]]).pvalue)


def test_replies_without_a_code():
    round_ = Round().pair("t1").pair("t2")
    round_.reply("t1-1", suggested="refused").reply("t1-2").reply("t2-1", outcome="refused")
    for coder, code in (("P-a", "refused"), ("P-b", "call-back")):
        round_.add("coded", "t1-2", reply="r0001", coder=coder, outcome=code, basis="blind")
    found = status(round_).uncoded
    assert [(row.reply, row.suggested, row.disagreement) for row in found] == [
        ("r0000", "refused", False),
        ("r0001", "", True),
    ]


def test_mail_that_belongs_to_nobody_yet():
    round_ = Round().pair("t1")
    for name, kind in (
        ("m1", "unmatched"),
        ("m2", "ambiguous"),
        ("m3", "reply"),
        ("m4", "unmatched"),
    ):
        round_.add("message", "", after(9), message=name, kind=kind, received_at=after(9))
    round_.add("matched", "t1-1", after(9), message="m4")
    found = status(round_).unmatched
    assert [(row.message, row.kind) for row in found] == [("m1", "unmatched"), ("m2", "ambiguous")]


def test_the_same_answer_to_both_applicants_and_to_several_tests():
    round_ = Round().pair("t1").pair("t2").pair("t3", target="T-b").pair("t4", target="T-c")
    round_.reply("t1-1", text=f"Beste Rachid, {LONG}").reply("t1-2", text=f"Beste Wouter, {LONG}")
    round_.reply("t2-1", text=f"{LONG} Tot 14 uur.")
    round_.reply("t3-1", text=LONG).reply("t3-2", text="Al verhuurd.")
    round_.reply("t4-1", text="Al verhuurd.").reply("t4-2", text="Al verhuurd.")
    found = status(round_).identical
    assert [asdict(row) for row in found] == [
        {
            "target": "T-a",
            "tests": ("t1", "t2"),
            "applications": ("t1-1", "t1-2", "t2-1"),
            "within_test": True,
            "exact": False,
            "words": 13,
        }
    ]


def test_automatic_replies_and_two_mails_to_one_applicant_are_no_sign():
    round_ = Round().pair("t1").pair("t2")
    round_.reply("t1-1", text=LONG).reply("t1-1", hours=30, text=LONG)
    for name in ("t2-1", "t2-2"):
        round_.reply(name, text=f"Dit is een automatisch antwoord. {LONG}", suggested="auto-reply")
    assert status(round_).identical == ()


def test_notes_by_topic():
    round_ = Round().pair("t1")
    round_.add("note", "t1-1", after(1), note="x", topic="complaint")
    round_.add("note", "t1-1", after(2), note="y", topic="complaint").add("note", "t1-1", note="z")
    found = status(round_).noted
    assert [(row.topic, row.notes, row.last) for row in found] == [
        ("complaint", 2, after(2)),
        ("other", 1, ""),
    ]


def test_a_round_that_has_not_begun():
    found = status(Round().plan("t1"))
    assert found.as_of == after()
    assert [row.application for row in found.today] == ["t1-1", "t1-2"]
    empty = status(Round())
    assert empty.as_of == "2026-09-01T00:00:00+02:00"
    assert part(empty, "all").planned == 0


def test_withdrawn_applications_do_not_count_unless_they_were_sent():
    round_ = Round().pair("t1").plan("t2")
    for name in ("t1-1", "t2-1", "t2-2"):
        round_.add("withdrawn", name)
    assert part(status(round_), "all").planned == 2


def test_times_that_cannot_be_read_are_counted():
    round_ = Round().pair("t1")
    round_.add("sent", "t1-1", "", sent_at="gisteren")
    assert status(round_).unreadable_times == 1
    assert (
        status(Round().pair("t1").add("sent", "t1-1", "", sent_at="7/9/2026 9:00")).unreadable_times
        == 0
    )


def test_codes_of_somebody_elses_log_are_recoded():
    made = design()
    columns = made.columns.model_copy(update={"values": {"outcome": {"ja": "viewing-individual"}}})
    round_ = Round().pair("t1").reply("t1-1", outcome="ja")
    found = status(round_, after(days=3), made.model_copy(update={"columns": columns}))
    assert [row.outcome for row in found.undeclined] == ["viewing-individual"]


def test_no_list_of_single_tests_says_who_applied():
    round_ = (
        Round().pair("t1").plan("t2").sent("t2-2").sent("t2-1", hours=1).plan("t3").sent("t3-1")
    )
    round_.reply("t1-1", outcome="viewing-individual").reply("t1-2", text=LONG)
    document = status(round_, after(days=13)).to_dict()
    arms = document.pop("failed")
    assert {"control", "test"} <= set(arms[0])
    text = str(document)
    for word in ("moroccan", "flemish", "'mo'", "'fl'", "Rachid", "Wouter", "control"):
        assert word not in text


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(12)), st.floats(0, 40))
def test_the_order_of_events_does_not_matter(order, days):
    round_ = Round().pair("t1").pair("t2", target="T-b").plan("t3")
    round_.reply("t1-1", outcome="viewing-individual", text=LONG).reply("t1-2", text=LONG)
    round_.add("failed", "t2-1", after(30), failed="bounced")
    moment = (START + timedelta(days=days)).isoformat()
    plan = [event for event in round_.events if event.kind == "planned"]
    rest = [event for event in round_.events if event.kind != "planned"]
    one = status(round_, moment)
    round_.events = plan + [rest[place] for place in order if place < len(rest)]
    assert status(round_, moment) == one
