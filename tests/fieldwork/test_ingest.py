"""Sources against the ledger: what is new goes in once, what contradicts is shown."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import permutations
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.fieldwork.events import Event, NewEvent
from praktijktest.fieldwork.frozen_log import frozen_log
from praktijktest.fieldwork.ingest import EXPLAINED, Reading, new_events
from praktijktest.fieldwork.ingest_compare import Rules
from praktijktest.fieldwork.ingest_known import KINDS, known_of
from praktijktest.fieldwork.ingest_rows import SourceTable
from praktijktest.fieldwork.ingest_times import ledger_times
from praktijktest.fieldwork.state import state_of
from praktijktest.tables.columns import encoded, text_array

PLANNED = Rules(planned=True)
LOG = Rules(planned=False)
REPLIES = Rules(planned=False, several_replies=True)

Row = dict[str, str]


def table(rows: Sequence[Row], name: str = "log.csv") -> SourceTable:
    """A source with these rows, from row 2 on."""
    names = dict.fromkeys(name for row in rows for name in row)
    return SourceTable(
        name=name,
        sha256="0" * 64,
        columns={name: encoded([row.get(name, "") for row in rows]) for name in names},
        row_numbers=np.arange(2, len(rows) + 2, dtype=np.int32),
        file_codes=np.zeros(len(rows), dtype=np.int16),
        files=(name,),
    )


class Ledger:
    """Events in memory, in the order in which sources brought them."""

    def __init__(self, events: Sequence[NewEvent] = ()) -> None:
        self.events: list[Event] = []
        self.add(events)

    def add(self, events: Sequence[NewEvent]) -> None:
        for new in events:
            number = len(self.events) + 1
            self.events.append(
                Event(sequence=number, **asdict(new), who="P-a", recorded_at="", previous="",
                      hash=str(number))
            )  # fmt: skip

    def ingest(self, rows: Sequence[Row], rules: Rules, name: str = "log.csv") -> Reading:
        """Take a source whole, or not at all."""
        reading = Reading()
        known = known_of(event for event in self.events if event.kind in KINDS)
        found = list(new_events(table(rows, name), known, rules, reading))
        if not reading.bad:
            self.add(found)
        return reading

    def log(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        header, rows = frozen_log(state_of(self.events))
        return tuple(header), list(rows)


def plan(tests: int) -> list[NewEvent]:
    """A planned round of pairs."""
    return [
        NewEvent(
            kind="planned",
            test=f"t{test}",
            application=f"t{test}-{place}",
            values={"profile": profile, "position": str(place), "template": "a"},
        )
        for test in range(tests)
        for place, profile in ((1, "control"), (2, "test"))
    ]


def sent(number: int, place: int, **more: str) -> Row:
    return {"application": f"t{number}-{place}", "sent_at": f"2026-09-0{number + 1}T09:00", **more}


def test_a_row_of_the_plan_with_nothing_filled_in_adds_nothing():
    ledger = Ledger(plan(2))
    reading = ledger.ingest(
        [{"application": "t0-1", "test": "t0", "profile": "control", "position": "1"}], PLANNED
    )
    assert (reading.silent, reading.events) == (1, {})
    assert ledger.log()[1] == []


def test_each_filled_column_becomes_the_event_that_it_tells_of():
    ledger = Ledger(plan(2))
    rows = [
        sent(0, 1),
        sent(0, 2, outcome="refused", replied_at="2026-09-02T10:00", evidence="explicit"),
        {"application": "t1-1", "failed": "bounced", "outcome": ""},
        {"application": "t1-2", "note": "liked the letter"},
    ]
    reading = ledger.ingest(rows, PLANNED)
    assert reading.events == {"sent": 2, "reply": 1, "failed": 1, "note": 1}
    assert list(reading.notes.values()) == ["liked the letter"]
    state = state_of(ledger.events)
    assert [state.applications[f"t{t}-{p}"].sent for t, p in ((0, 1), (0, 2), (1, 1), (1, 2))] == [
        True, True, True, False,
    ]  # fmt: skip
    reply = state.applications["t0-2"].replies[0]
    assert (reply.outcome, reply.evidence) == ("refused", "explicit")
    assert {event.source_row for event in ledger.events if event.source} == {2, 3, 4, 5}


def test_every_row_of_a_log_without_a_plan_is_a_sending():
    ledger = Ledger()
    rows = [
        {"test": "1", "profile": "a", "position": "1", "outcome": ""},
        {"test": "1", "profile": "b", "position": "2", "outcome": "refused"},
    ]
    assert ledger.ingest(rows, LOG).events == {"sent": 2, "reply": 1}
    assert [row[1] for row in ledger.log()[1]] == ["1/a/1", "1/b/2"]


def test_reading_again_adds_nothing_and_an_overlap_only_what_is_new():
    ledger = Ledger(plan(3))
    first = [sent(0, 1), sent(0, 2, outcome="refused")]
    ledger.ingest(first, PLANNED)
    again = ledger.ingest(first, PLANNED, "copy.csv")
    assert (again.events, again.repeated) == ({}, 2)
    more = ledger.ingest([*first, sent(1, 1)], PLANNED, "more.csv")
    assert (more.events, more.repeated) == ({"sent": 1}, 2)


def test_what_was_empty_may_be_filled_in_later():
    ledger = Ledger(plan(1))
    ledger.ingest([sent(0, 1)], PLANNED)
    ledger.ingest([sent(0, 1, outcome="refused")], PLANNED)
    ledger.ingest([sent(0, 1, outcome="refused", replied_at="2026-09-03T08:00")], PLANNED)
    (reply,) = state_of(ledger.events).applications["t0-1"].replies
    assert (reply.outcome, reply.replied_at) == ("refused", "2026-09-03T08:00")


@pytest.mark.parametrize(
    ("column", "other"),
    [("outcome", "withdrawn"), ("replied_at", "2026-09-04T10:00"), ("sent_at", "2026-09-05T10:00"),
     ("failed", "detected"), ("evidence", "none"), ("test", "t9"), ("profile", "test"),
     ("template", "b")],
)  # fmt: skip
def test_a_contradiction_is_noted_with_both_values_and_nothing_goes_in(column, other):
    ledger = Ledger(plan(1))
    row = sent(0, 1, test="t0", profile="control", template="a", outcome="refused",
               replied_at="2026-09-03T08:00", failed="bounced", evidence="explicit")  # fmt: skip
    ledger.ingest([row], PLANNED)
    before = len(ledger.events)
    reading = ledger.ingest([{**row, column: other, "note": "new"}], PLANNED, "other.csv")
    (conflict,) = reading.conflicts
    assert (conflict.column, conflict.known, conflict.given) == (column, row[column], other)
    assert (conflict.row, conflict.known_row, reading.bad) == (2, 0, 1)
    assert len(ledger.events) == before


def test_two_rows_of_one_source_that_contradict_name_each_other():
    reading = Ledger(plan(1)).ingest([sent(0, 1, outcome="refused"), sent(0, 1, outcome="scam")],
                                     PLANNED)  # fmt: skip
    (conflict,) = reading.conflicts
    assert (conflict.row, conflict.known_row) == (3, 2)


def test_a_silence_in_so_many_words_contradicts_a_reply_in_either_order():
    for first, second in permutations(("no-reply", "refused")):
        ledger = Ledger(plan(1))
        ledger.ingest([sent(0, 1, outcome=first)], PLANNED)
        assert ledger.ingest([sent(0, 1, outcome=second)], PLANNED).bad == 1


def test_a_corrected_value_is_contradicted_neither_by_the_old_nor_by_the_new_one():
    ledger = Ledger(plan(1))
    ledger.ingest([sent(0, 1, outcome="refused")], PLANNED)
    reply = state_of(ledger.events).applications["t0-1"].replies[0].id
    ledger.add(
        [
            NewEvent(
                kind="corrected",
                test="t0",
                application="t0-1",
                values={"field": "outcome", "old": "refused", "new": "scam", "reply": reply,
                        "reason": "typed wrong"},
            ),
            NewEvent(
                kind="corrected",
                test="t0",
                application="t0-1",
                values={"field": "sent_at", "old": "2026-09-01T09:00", "new": "2026-09-01T19:00",
                        "reason": "evening"},
            ),
        ]
    )  # fmt: skip
    assert ledger.ingest([sent(0, 1, outcome="refused")], PLANNED).repeated == 1
    new = {"application": "t0-1", "sent_at": "2026-09-01T19:00", "outcome": "scam"}
    assert ledger.ingest([new], PLANNED).repeated == 1
    assert ledger.ingest([sent(0, 1, outcome="withdrawn")], PLANNED).bad == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("2026-09-03T08:00+02:00", "2026-09-03T06:00+00:00"),
     ("2026-09-03T08:00", "2026-09-03T08:00:00")],
)  # fmt: skip
def test_one_moment_in_two_spellings_is_one_moment(one, other):
    ledger = Ledger(plan(1))
    ledger.ingest([{"application": "t0-1", "sent_at": one}], PLANNED)
    assert ledger.ingest([{"application": "t0-1", "sent_at": other}], PLANNED).repeated == 1


@pytest.mark.parametrize("zone", [None, ZoneInfo("Europe/Brussels")])
@pytest.mark.parametrize("spelling", ["0206-09-03T09:15", "9999-12-31T23:59", "3/9/0206 9:15"])
def test_a_year_in_which_no_round_can_be_is_no_time(zone, spelling):
    texts, bad, _ = ledger_times(np.array([spelling, "2026-09-03T09:15"], dtype=object), zone)
    assert texts[0] == ""
    assert bad.tolist() == [True, False]


def test_one_number_in_two_spellings_is_one_number():
    rules = Rules(planned=False, numbers=frozenset(("rent",)))
    ledger = Ledger()
    row = {"test": "1", "profile": "a", "rent": "850,50", "district": "850,50"}
    ledger.ingest([row], rules)
    assert ledger.ingest([{**row, "rent": "850.5"}], rules).repeated == 1
    assert ledger.ingest([{**row, "district": "850.5"}], rules).bad == 1


def test_an_application_that_the_plan_lacks_is_an_error_unless_it_is_wanted():
    ledger = Ledger(plan(12))
    reading = ledger.ingest([{"application": "t11-l", "sent_at": "2026-09-01"}], PLANNED)
    assert "t11-1" in (reading.problems[0].hint or "")
    reading = ledger.ingest([{"test": "t3", "profile": "controll", "sent_at": "2026-09-01"}],
                            PLANNED)  # fmt: skip
    assert "control (t3-1)" in (reading.problems[0].hint or "")
    wanted = Rules(planned=True, unplanned=True)
    row = {"test": "t99", "profile": "control", "sent_at": ""}
    assert ledger.ingest([row], wanted).events == {"sent": 1}


def test_rows_without_an_id_find_their_application_by_test_profile_and_position():
    twins = [
        NewEvent(kind="planned", test="t", application=f"t-{n}",
                 values={"profile": "same", "position": str(n)})
        for n in (1, 2)
    ]  # fmt: skip
    ledger = Ledger([*plan(1), *twins])
    assert ledger.ingest([{"test": "t0", "profile": "test", "outcome": "refused"}], PLANNED).events
    row = {"test": "t", "profile": "same", "outcome": "refused"}
    assert ledger.ingest([row], PLANNED).problems[0].code == "ambiguous-application"
    assert ledger.ingest([{**row, "position": "2"}], PLANNED).events == {"reply": 1}
    assert [one.application for one in state_of(ledger.events).applications.values() if one.sent] \
        == ["t0-2", "t-2"]  # fmt: skip


def test_what_was_sent_after_it_left_the_plan_is_kept_with_a_warning():
    ledger = Ledger([*plan(1), NewEvent(kind="withdrawn", test="t0", application="t0-1")])
    reading = ledger.ingest([sent(0, 1)], PLANNED)
    assert (reading.problems[0].code, reading.problems[0].level) == (
        "withdrawn-application",
        "warning",
    )
    assert reading.events == {"sent": 1}


def test_many_problems_of_one_kind_are_counted():
    reading = Ledger(plan(1)).ingest([{"application": f"x{n}"} for n in range(80)], PLANNED)
    assert (len(reading.problems), reading.bad) == (EXPLAINED, 80)
    assert reading.more == {"unknown-application": 80 - EXPLAINED}


def test_several_replies_to_one_application_are_kept_apart():
    rows = [
        {"application": "A", "test": "1", "profile": "a", "replied_at": at, "outcome": outcome}
        for at, outcome in (
            ("2026-09-02", "auto-reply"), ("2026-09-02", "refused"), ("2026-09-05", "withdrawn"),
        )
    ]  # fmt: skip
    for order in permutations(rows):
        ledger = Ledger()
        ledger.ingest(rows[:1], REPLIES)
        assert ledger.ingest(list(order), REPLIES).bad == 0
        assert ledger.ingest(rows, REPLIES).events == {}
        assert len(state_of(ledger.events).applications["A"].replies) == 3
    changed = [{**rows[0], "outcome": "refused-ground"}]
    ledger = Ledger()
    ledger.ingest(rows[:1], REPLIES)
    assert ledger.ingest(changed, REPLIES).conflicts[0].column == "outcome"


def test_a_reply_that_came_by_mail_is_never_contradicted_by_a_table():
    mail = NewEvent(
        kind="reply", test="t0", application="t0-1", source="box.mbox",
        values={"reply": "m", "replied_at": "2026-09-02T10:00", "message": "f" * 64},
    )  # fmt: skip
    row = sent(0, 1, outcome="no-reply")
    for first, second in permutations(("mail", "table")):
        ledger = Ledger(plan(1))
        for source in (first, second):
            if source == "mail":
                ledger.add([mail])
            else:
                assert ledger.ingest([row], PLANNED).bad == 0
        assert len(state_of(ledger.events).applications["t0-1"].replies) == 2


def test_applications_of_one_profile_are_told_apart_by_their_order():
    rules = Rules(planned=False, every_row=True)
    rows = [{"test": "1", "profile": "a", "outcome": code} for code in ("refused", "", "refused")]
    ledger = Ledger()
    assert ledger.ingest(rows, rules).events == {"sent": 3, "reply": 2}
    assert ledger.ingest(rows, rules).repeated == 3
    assert [row[1] for row in ledger.log()[1]] == ["1/a", "1/a#2", "1/a#3"]


def test_stages_of_one_application_are_applications_of_their_own():
    rows = [{"test": "1", "profile": "a", "stage": s, "outcome": "refused"} for s in ("x", "y")]
    ledger = Ledger()
    ledger.ingest(rows, LOG)
    assert [row[1] for row in ledger.log()[1]] == ["1/a/x", "1/a/y"]


CELLS = st.fixed_dictionaries(
    {
        "sent_at": st.sampled_from(["", "keep"]),
        "outcome": st.sampled_from(["", "keep"]),
        "replied_at": st.sampled_from(["", "keep"]),
        "failed": st.sampled_from(["", "keep"]),
        "note": st.sampled_from(["", "keep"]),
    }
)


@given(
    st.lists(st.dictionaries(st.integers(0, 5), CELLS, min_size=1), min_size=2, max_size=4),
    st.randoms(use_true_random=False),
)
def test_the_order_of_sources_never_matters(masks, random):
    """Each source tells a part of one truth; in any order, and twice, the state is the same."""
    truth = [
        sent(n // 2, n % 2 + 1, outcome="refused", replied_at=f"2026-09-1{n}T10:00",
             failed="bounced" if n == 3 else "", note=f"note {n}" if n % 2 else "")
        for n in range(6)
    ]  # fmt: skip
    sources = [
        [
            {"application": truth[n]["application"],
             **{name: truth[n][name] if keep else "" for name, keep in cells.items()}}
            for n, cells in mask.items()
        ]
        for mask in masks
    ]  # fmt: skip
    results = []
    for _ in range(3):
        ledger = Ledger(plan(3))
        order = [*range(len(sources)), *range(len(sources))]
        random.shuffle(order)
        for place in order:
            assert ledger.ingest(sources[place], PLANNED, f"{place}.csv").bad == 0
        notes = sorted(event.values["note"] for event in ledger.events if event.kind == "note")
        results.append((ledger.log(), notes))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize(
    ("text", "local", "as_it_stands"),
    [
        ("2026-11-03 14:30", "2026-11-03T14:30:00+01:00", "2026-11-03T14:30:00"),
        ("3/7/2026 9:15", "2026-07-03T09:15:00+02:00", "2026-07-03T09:15:00"),
        ("2026-11-03", "2026-11-03T00:00:00+01:00", "2026-11-03"),
        ("2026-11-03T14:30Z", "2026-11-03T15:30:00+01:00", "2026-11-03T14:30:00+00:00"),
        ("2026-11-03T14:30-0530", "2026-11-03T21:00:00+01:00", "2026-11-03T14:30:00-05:30"),
        ("vandaag", "", ""),
        ("11/13/2026", "", ""),
        ("3/11/26", "", ""),
        ("46329.6", "", ""),
    ],
)
def test_times_get_the_one_form_of_the_ledger(text, local, as_it_stands):
    from zoneinfo import ZoneInfo

    for zone, expected in ((ZoneInfo("Europe/Brussels"), local), (None, as_it_stands)):
        texts, bad, _ = ledger_times(text_array([text]), zone)
        assert (texts, bool(bad[0])) == ([expected], expected == "")


IN_A_ROUND = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31))


@given(st.lists(IN_A_ROUND.map(lambda moment: moment.isoformat()), max_size=5))
def test_times_without_offsets_mean_the_same_after_as_before(texts):
    values = text_array(texts)
    found, bad, _ = ledger_times(values, None)
    assert not bad.any()
    assert [datetime.fromisoformat(text) for text in found] == [
        datetime.fromisoformat(text) for text in texts
    ]
