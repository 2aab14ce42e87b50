"""From events to the state of a round, and from the state to a log."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.fieldwork.events import Event
from praktijktest.fieldwork.frozen_log import FROZEN_COLUMNS, frozen_log, is_frozen_log
from praktijktest.fieldwork.state import ApplicationState, Coding, state_of
from tests.fieldwork.made_rounds import event

A = "t1-1"


def of(*events: Event) -> ApplicationState:
    return state_of(events).applications[A]


def row(*events: Event) -> dict[str, str]:
    header, rows = frozen_log(state_of(events))
    (only,) = rows
    return dict(zip(header, only, strict=True))


def test_corrected_wins_over_sent_over_planned_in_any_order():
    planned = event("planned", A, tester="P-a", template="a", position="1")
    sent = event("sent", A, tester="P-b", sent_at="2026-11-03")
    corrected = event("corrected", A, field="tester", old="P-b", new="P-c", reason="typo")
    for events in ([planned, sent, corrected], [corrected, sent, planned]):
        state = of(*events)
        assert state.fields["tester"] == "P-c"
        assert state.fields["template"] == "a"
        assert state.fields["sent_at"] == "2026-11-03"
        assert (state.planned, state.sent, state.corrections) == (True, True, 1)


def test_what_is_corrected_to_nothing_is_not_there():
    sent = event("sent", A, channel="mail")
    gone = event("corrected", A, field="channel", old="mail", reason="unknown")
    assert of(sent, gone).fields == {}


def test_a_plan_taken_back_and_put_in_again_keeps_nothing_of_before():
    state = of(
        event("planned", A, advert="A-1", tester="P-a"),
        event("withdrawn", A),
        event("planned", A, tester="P-a"),
    )
    assert state.fields == {"tester": "P-a"}
    assert not state.withdrawn
    assert of(event("planned", A), event("withdrawn", A)).withdrawn


@pytest.mark.parametrize("kind", ["sent", "reply", "failed"])
def test_what_was_sent_answered_or_failed_counts_as_sent(kind):
    assert of(event(kind, A, failed="bounced", reply="r")).sent
    assert not of(event("planned", A)).sent


def code(coder: str, outcome: str, basis: str = "blind") -> Event:
    return event("coded", A, reply="r", coder=coder, outcome=outcome, basis=basis)


REPLY = event("reply", A, "2026-11-04", reply="r", replied_at="2026-11-04", channel="mail")


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([], ""),
        ([code("P-a", "refused")], "refused"),
        ([code("P-a", "refused"), code("P-b", "refused")], "refused"),
        ([code("P-a", "refused"), code("P-b", "waiting-list")], ""),
        (
            [
                code("P-a", "refused"),
                code("P-b", "waiting-list"),
                event("adjudicated", A, reply="r", outcome="waiting-list", reason="it says so"),
            ],
            "waiting-list",
        ),
        (
            [
                event("adjudicated", A, reply="r", outcome="waiting-list", reason="it says so"),
                event("corrected", A, reply="r", field="outcome", new="refused", reason="no"),
            ],
            "refused",
        ),
    ],
)
def test_the_code_in_force(events, outcome):
    (reply,) = of(REPLY, *events).replies
    assert reply.outcome == outcome
    assert len(reply.codings) == sum(one.kind == "coded" for one in events)
    assert row(REPLY, *events)["outcome"] == (outcome or "uncoded")


def test_a_code_that_came_with_the_reply_stands_before_codings():
    coded = event("reply", A, reply="r", outcome="refused", replied_at="2026-11-04")
    (reply,) = of(coded, code("P-a", "waiting-list")).replies
    assert reply.outcome == "refused"
    assert reply.codings == (Coding("P-a", "waiting-list", "", "blind"),)


def test_a_reply_can_be_corrected_by_itself():
    state = of(
        REPLY,
        event("reply", A, reply="s", replied_at="2026-11-05", outcome="refused"),
        event("corrected", A, reply="s", field="replied_at", old="2026-11-05", new="2026-11-01"),
    )
    assert [(reply.id, reply.replied_at) for reply in state.replies] == [
        ("s", "2026-11-01"),
        ("r", "2026-11-04"),
    ]
    assert state.fields == {}


def test_a_failure_can_be_taken_back():
    failed = event("failed", A, failed="bounced")
    assert row(failed)["failed"] == "bounced"
    back = event("corrected", A, field="failed", old="bounced", reason="it arrived after all")
    assert row(failed, back)["failed"] == ""


def test_the_round_knows_its_last_moment_and_what_left_it():
    state = state_of(
        [
            event("sent", A, "2026-11-03T09:00:00+01:00"),
            event("reply", A, "2026-11-09T09:00:00+01:00", reply="r"),
            event("note", A, "2026-12-24T09:00:00+01:00", note="x"),
            event("snapshot", name="snapshot.csv", sha256="0"),
            event("message", message="x", kind="unmatched"),
            event("advert", "t1-1", document="y"),
        ]
    )
    assert state.last_moment == "2026-11-09T09:00:00+01:00"
    found = (state.left, state.messages, state.adverts, state.notes)
    assert [len(events) for events in found] == [1, 1, 1, 1]
    assert state.events == 6


def test_the_frozen_log_has_a_row_for_every_reply_and_every_silence():
    header, rows = frozen_log(
        state_of(
            [
                event("sent", "t2-2", profile="mo", position="2", agent_type="agent"),
                event("sent", "t2-1", profile="fl", position="10"),
                event("planned", "t3-1", profile="fl", position="1"),
                event("reply", "t2-1", reply="b", replied_at="2026-11-05", outcome="refused"),
                event("reply", "t2-1", reply="a", replied_at="2026-11-04"),
            ]
        )
    )
    assert header == (*FROZEN_COLUMNS, "agent_type")
    assert is_frozen_log(header)
    assert not is_frozen_log(header[1:])
    cells = [dict(zip(header, cells, strict=True)) for cells in rows]
    assert [(c["application"], c["reply"], c["outcome"]) for c in cells] == [
        ("t2-2", "", ""),
        ("t2-1", "a", "uncoded"),
        ("t2-1", "b", "refused"),
    ]


EVENTS = [
    event("planned", A, tester="P-a", position="1"),
    event("sent", A, "2026-11-03", sent_at="2026-11-03"),
    REPLY,
    event("reply", A, "2026-11-05", reply="s", replied_at="2026-11-05", outcome="refused"),
    code("P-a", "refused"),
    event("failed", A, failed="detected"),
    event("declined", A, declined_at="2026-11-06"),
    event("sent", "t1-2", sent_at="2026-11-03", profile="mo"),
]


@given(st.randoms(use_true_random=False))
def test_sources_may_come_in_any_order(chance: random.Random):
    order = chance.sample(EVENTS, len(EVENTS))
    header, rows = frozen_log(state_of(order))
    assert (header, rows) == frozen_log(state_of(EVENTS))
    assert all(before[:2] <= after[:2] for before, after in pairwise(rows))
