"""The schedule: working time, gaps, caps, and what is said when the round is too short."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from praktijktest.design import parse_design
from praktijktest.design.planning_sections import Schedule
from praktijktest.planning.build import build_plan
from praktijktest.planning.frame import frame_from_columns
from praktijktest.planning.schedule import TestRules as Rules
from praktijktest.planning.schedule import first_free_day, spread_days, timetable
from praktijktest.planning.working_time import (
    EPOCH,
    day_number,
    public_holidays,
    working_days,
    working_time,
)
from praktijktest.problems import DataError, DesignError
from tests.planning.designs import (
    DISABILITY,
    ORIGIN,
    PAIRED,
    adverts,
    agents,
    design,
    design_text,
    ground_profiles,
    origin_design,
    origin_profiles,
)

WEEK = ("mon", "tue", "wed", "thu", "fri")
BELGIAN_2026 = {
    "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-07-21",
    "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25",
}  # fmt: skip
"""The ten public holidays of the Belgian law (royal decree of 18 April 1974)."""


def day(text):
    return day_number(date.fromisoformat(text))


def table_for(start, end, rules, schedule=None, jurisdiction="be-vlg"):
    time = working_time(
        date.fromisoformat(start), date.fromisoformat(end), schedule or Schedule(), jurisdiction
    )
    return timetable(time, rules)


def test_belgian_holidays_are_those_of_the_law():
    found = {
        found.isoformat() for found in public_holidays("be", date(2026, 1, 1), date(2026, 12, 31))
    }
    sundays = {d for d in found if date.fromisoformat(d).weekday() == 6}
    assert found - sundays == BELGIAN_2026 - {"2026-11-01"}


def test_dutch_holidays_have_kings_day_and_no_armistice_day():
    found = public_holidays("nl", date(2026, 1, 1), date(2026, 12, 31))
    assert date(2026, 4, 27) in found
    assert date(2026, 12, 26) in found
    assert date(2026, 11, 11) not in found


def test_working_days_leave_out_weekends_holidays_and_closed_days():
    closed = public_holidays("be", date(2026, 11, 1), date(2026, 11, 30)) | {date(2026, 11, 12)}
    days = working_days(date(2026, 11, 9), date(2026, 11, 15), WEEK, closed)
    assert [str(EPOCH + timedelta(days=int(d))) for d in days] == [
        "2026-11-09", "2026-11-10", "2026-11-13",
    ]  # fmt: skip


def test_the_jurisdiction_says_whose_holidays_count():
    dutch, belgian = (
        working_time(date(2026, 11, 11), date(2026, 11, 11), Schedule(), jurisdiction)
        for jurisdiction in ("nl", "be-vlg")
    )
    assert (len(dutch.days), len(belgian.days)) == (1, 0)


def test_moments_have_the_offset_of_their_day():
    time = working_time(date(2026, 10, 23), date(2026, 10, 26), Schedule(), "be-vlg")
    assert time.moment(0).isoformat() == "2026-10-23T08:30:00+02:00"
    assert time.moment(len(time.minute) - 1).isoformat() == "2026-10-26T18:30:00+01:00"


def applications_of(plan, attribute):
    found = defaultdict(list)
    for row in plan.applications:
        found[getattr(row, attribute)].append(row)
    return found


def check_rules(plan, cap, gap, closed=()):
    for rows in applications_of(plan, "test").values():
        times = [row.send_at for row in sorted(rows, key=lambda row: row.position)]
        for one, other in pairwise(times):
            assert timedelta(hours=gap[0]) <= other - one <= timedelta(hours=gap[1])
    for rows in applications_of(plan, "target").values():
        times = sorted(row.send_at for row in rows)
        if cap is not None:
            for sooner, later in zip(times, times[cap:], strict=False):
                assert later - sooner > timedelta(days=30)
        spans = sorted(
            (min(r.send_at for r in test), max(r.send_at for r in test))
            for test in _by_test(rows).values()
        )
        assert all(one[1].date() < other[0].date() for one, other in pairwise(spans))
    for row in plan.applications:
        assert row.send_at.weekday() < 5
        assert row.send_at.date() not in closed
        assert (8, 30) <= (row.send_at.hour, row.send_at.minute) <= (18, 30)


def _by_test(rows):
    found = defaultdict(list)
    for row in rows:
        found[row.test].append(row)
    return found


def test_caps_and_gaps_hold_for_every_agent_in_a_plan_of_5000_tests():
    sampling = (
        '[sampling]\nstrata = ["agent_type"]\ntests_per_target = 10\n'
        "max_applications_per_target_per_30_days = 6\n"
    )
    declared = design(PAIRED, ground_profiles(20), ORIGIN, DISABILITY, sampling)
    plan = build_plan(declared, agents(250), seed=11)
    assert plan.tests == 5_000
    check_rules(plan, 6, (3, 8), closed=public_holidays("be", date(2026, 9, 1), date(2027, 6, 30)))
    assert {row.send_at.date() for row in plan.applications} <= {
        date(2026, 9, 1) + timedelta(days=number) for number in range(303)
    }


@settings(max_examples=40, deadline=None)
@given(
    tests=st.integers(1, 9),
    cap=st.one_of(st.none(), st.integers(2, 9)),
    gap=st.sampled_from([(0, 1), (3, 8), (9.5, 10), (20, 30), (24, 80)]),
    seed=st.integers(0, 999),
)
def test_rules_hold_or_the_plan_is_refused(tests, cap, gap, seed):
    sampling = f'[sampling]\nstrata = ["agent_type"]\ntests_per_target = {tests}\n' + (
        f"max_applications_per_target_per_30_days = {cap}\n" if cap else ""
    )
    paired = PAIRED.replace("[3, 8]", f"[{gap[0]}, {gap[1]}]")
    declared = design(
        paired, origin_profiles(), ORIGIN, sampling, start="2026-10-01", end="2026-12-24"
    )
    plan, codes = planned_or_refused(declared, seed)
    assert codes in ([], ["round-too-short"])
    if plan is not None:
        check_rules(plan, cap, gap)


def planned_or_refused(declared, seed):
    try:
        return build_plan(declared, agents(3), seed), []
    except DataError as error:
        return None, [problem.code for problem in error.problems]


def test_a_round_too_short_says_how_many_tests_fit():
    # Belgian working days of three weeks; a cap of two tests in 30 days leaves two of five.
    sampling = (
        '[sampling]\nstrata = ["agent_type"]\ntests_per_target = 5\n'
        "max_applications_per_target_per_30_days = 4\n"
    )
    declared = origin_design(sampling, end="2026-09-21")
    with pytest.raises(DataError) as caught:
        build_plan(declared, agents(4), seed=1)
    line = caught.value.problems[0].line()
    assert "20 tests are planned and 8 fit before the end" in line
    assert "a target can have 2" in line
    assert "move round.end" in line


def test_the_most_tests_that_fit_are_planned():
    # With two tests per 31 days and 93 days, exactly 6 fit; the seventh does not.
    rules = Rules(size=2, gap_minutes=(180, 480), cap=4)
    every_day = Schedule(working_days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    table = table_for("2026-01-01", "2026-04-03", rules, every_day, jurisdiction="other")
    for count in (6, 7):
        labels = [f"A/{number}" for number in range(count)]
        arguments = (table, np.array([count]), np.array([0]), None, labels, 1)
        if count == 6:
            days = spread_days(*arguments)
            assert (days[2:] - days[:-2] >= 31).all()
        else:
            with pytest.raises(DataError):
                spread_days(*arguments)


@pytest.mark.parametrize(
    ("sampling", "paired", "end", "code"),
    [
        ("[sampling]\nmax_applications_per_target_per_30_days = 1\n", PAIRED, "2026-12-31",
         "cap-below-test"),
        ("", PAIRED.replace("[3, 8]", "[11, 12]"), "2026-12-31", "gap-does-not-fit"),
        ("", PAIRED, "2026-09-01", None),
        ("[schedule]\nclosed = [2026-09-01]\n", PAIRED, "2026-09-01", "no-working-day"),
    ],
)  # fmt: skip
def test_impossible_schedules_are_said(sampling, paired, end, code):
    declared = design(paired, origin_profiles(), ORIGIN, sampling, end=end)
    frame = frame_from_columns({"target": ["A", "B"]}, [])
    if code is None:
        assert build_plan(declared, frame, 1).tests == 2
        return
    with pytest.raises(DataError) as caught:
        build_plan(declared, frame, 1)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert caught.value.problems[0].hint


def test_a_round_without_dates_cannot_be_planned():
    text = design_text(PAIRED, origin_profiles(), ORIGIN)
    text = "\n".join(line for line in text.splitlines() if not line.startswith("end"))
    with pytest.raises(DesignError) as caught:
        build_plan(parse_design(text), frame_from_columns({"target": ["A"]}, []), 1)
    assert caught.value.problems[0].column == "round.end"


def test_a_break_at_noon_and_saturdays_are_kept():
    schedule = (
        '[schedule]\nworking_days = ["sat"]\nwindows = ["09:00-12:00", "13:00-17:00"]\n'
        'holidays = "none"\n'
    )
    declared = design(PAIRED, origin_profiles(), ORIGIN, schedule)
    plan = build_plan(declared, frame_from_columns({"target": list("ABCDEFGH")}, []), 3)
    for row in plan.applications:
        assert row.send_at.weekday() == 5
        minutes = row.send_at.hour * 60 + row.send_at.minute
        assert 540 <= minutes <= 720 or 780 <= minutes <= 1020


def test_tests_of_a_target_are_spread_over_the_round():
    sampling = '[sampling]\nstrata = ["agent_type"]\ntests_per_target = 10\n'
    plan = build_plan(origin_design(sampling), agents(20), seed=1)
    first, last = date(2026, 9, 1), date(2027, 6, 30)
    for rows in applications_of(plan, "target").values():
        days = sorted({row.send_at.date() for row in rows})
        assert days[0] < first + (last - first) / 10 + timedelta(days=5)
        assert days[-1] > last - (last - first) / 10 - timedelta(days=5)


def test_adverts_that_do_not_last_are_used_within_their_days():
    schedule = "[sampling]\ntests_per_target = 4\n[schedule]\nadvert_days = 10\n"
    plan = build_plan(origin_design(schedule), adverts([2, 3, 0, 4][:2]), seed=1)
    for row in plan.applications:
        if row.advert:
            assert row.send_at.date() <= date(2026, 9, 11)
        else:
            assert row.send_at.date() > date(2026, 9, 11)


@given(
    st.lists(st.integers(0, 120), max_size=6, unique=True),
    st.integers(2, 8),
    st.integers(0, 120),
)
def test_the_first_free_day_is_the_first_that_keeps_the_rules(offsets, cap, offset):
    rules = Rules(size=2, gap_minutes=(180, 480), cap=cap)
    table = table_for("2026-09-01", "2026-12-31", rules)
    start = day("2026-09-01")
    taken = [start + entry for entry in offsets]

    def keeps(candidate):
        together = sorted([*taken, candidate])
        most = cap // 2
        return candidate not in taken and not any(
            together[entry + most] - together[entry] <= 30 for entry in range(len(together) - most)
        )

    found = first_free_day(table, taken, start + offset, day("2026-12-31"))
    wanted = [d for d in table.days.tolist() if d >= start + offset and keeps(d)]
    assert found == (wanted[0] if wanted else None)


def test_gaps_are_true_hours_when_the_clocks_change():
    gap = PAIRED.replace("[3, 8]", "[71.5, 72]")
    schedule = '[schedule]\nwindows = ["09:00-09:30"]\n'
    declared = design(
        gap, origin_profiles(), ORIGIN, schedule, start="2026-10-23", end="2026-10-26"
    )
    # Friday to Monday over the end of summer time is 73 hours between equal clock times.
    plan = build_plan(
        design(
            PAIRED.replace("[3, 8]", "[72.5, 73]"),
            origin_profiles(), ORIGIN, schedule, start="2026-10-23", end="2026-10-26",
        ),
        frame_from_columns({"target": ["A"]}, []),
        1,
    )  # fmt: skip
    first, second = (row.send_at for row in plan.applications)
    assert timedelta(hours=72.5) <= second - first <= timedelta(hours=73)
    assert isinstance(first, datetime)
    with pytest.raises(DataError):
        build_plan(declared, frame_from_columns({"target": ["A"]}, []), 1)
