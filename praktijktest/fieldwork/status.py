"""The status of a round: from its state and its design to what needs attention.

Nothing here looks at the clock: the status is about a moment that is given, or about the last
thing that happened in the round.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from itertools import chain

from praktijktest.design import Design
from praktijktest.fieldwork.coding_mask import name_parts
from praktijktest.fieldwork.events import Event
from praktijktest.fieldwork.state import RoundState
from praktijktest.fieldwork.status_detection import identical_answers
from praktijktest.fieldwork.status_drift import drift, failed_by_arm
from praktijktest.fieldwork.status_facts import Moments, Sending, by_test, sendings, zone_of
from praktijktest.fieldwork.status_load import caps_near
from praktijktest.fieldwork.status_progress import due_today, progress
from praktijktest.fieldwork.status_replies import silences, uncoded, undeclined
from praktijktest.fieldwork.status_report import NotedTopic, StatusReport, UnmatchedMail
from praktijktest.fieldwork.status_tests import gap_broken, half_sent, order_broken

UNMATCHED = ("unmatched", "ambiguous")
OTHER_TOPIC = "other"


def status_of(
    state: RoundState,
    design: Design,
    *,
    as_of: datetime | None = None,
    words: Mapping[str, str] | None = None,
) -> StatusReport:
    """The status of a round at a moment.

    Silence is judged as in the analysis: after `response_days` it is `no-reply`, before that
    the window is open.

    Args:
        state: the round as it stands.
        design: its design.
        as_of: the moment; without an offset it is local to the round. Default: the last
            sending, reply, declining or failure in the ledger; before the first of them, the
            first planned sending.
        words: hash of a document -> words of a reply, to find identical answers; without it
            none are looked for.
    """
    moments = Moments(zone_of(design))
    found = sendings(state.applications.values(), design, moments)
    now = _now(state, design, found, moments, as_of)
    tests = by_test(found)
    known = words or {}
    sizes = Counter(map(len, tests.values()))
    names = name_parts(one.state.fields.get("name", "") for one in found)
    return StatusReport(
        round_id=design.round.id,
        title=design.round.title,
        as_of=moments.local(now).isoformat(),
        sequence=state.head.sequence,
        head=state.head.hash,
        progress=progress(tests, design, now),
        today=due_today(found, now, moments),
        silences=silences(found, now, moments),
        undeclined=undeclined(found, design, now, moments),
        half_sent=half_sent(tests, design, now, moments),
        order_broken=order_broken(tests, design),
        gap_broken=gap_broken(tests, design),
        caps=caps_near(found, design, now, sizes.most_common(1)[0][0] if sizes else 1),
        drift=drift(found, now, moments),
        failed=failed_by_arm(tests, design),
        uncoded=uncoded(found),
        unmatched=_unmatched(state.messages),
        compared=sum(reply.words in known for one in found for reply in one.replies),
        identical=identical_answers(found, known, names),
        noted=_noted(state.notes),
        unreadable_times=_unreadable(found, moments),
    )


def _now(
    state: RoundState,
    design: Design,
    found: Sequence[Sending],
    moments: Moments,
    as_of: datetime | None,
) -> datetime:
    if as_of is not None:
        return (as_of if as_of.tzinfo else as_of.replace(tzinfo=moments.zone)).astimezone(UTC)
    happened = [moments.read(state.last_moment)]
    happened += chain.from_iterable((one.sent_at, one.replied_at) for one in found)
    if known := [moment for moment in happened if moment is not None]:
        return max(known)
    if planned := [one.planned_at for one in found if one.planned_at is not None]:
        return min(planned)
    start = design.round.start
    local = datetime(1970, 1, 1) if start is None else datetime.combine(start, time())
    return local.replace(tzinfo=moments.zone).astimezone(UTC)


def _unmatched(messages: Iterable[Event]) -> tuple[UnmatchedMail, ...]:
    """Messages that neither the program nor a person could match, the oldest first."""
    kept = list(messages)
    matched = {event.values.get("message", "") for event in kept if event.kind == "matched"}
    rows = {
        event.values["message"]: UnmatchedMail(
            message=event.values["message"],
            kind=event.values["kind"],
            received_at=event.values.get("received_at", ""),
            sender=event.values.get("sender", ""),
            reason=event.values.get("reason", ""),
        )
        for event in kept
        if event.kind == "message"
        and event.values.get("kind") in UNMATCHED
        and event.values.get("message", "") not in matched
    }
    return tuple(sorted(rows.values(), key=lambda row: (row.received_at, row.message)))


def _noted(notes: Collection[Event]) -> tuple[NotedTopic, ...]:
    topics: dict[str, list[str]] = {}
    for event in notes:
        topics.setdefault(event.values.get("topic", OTHER_TOPIC), []).append(event.happened_at)
    return tuple(
        NotedTopic(topic, len(topics[topic]), max(topics[topic])) for topic in sorted(topics)
    )


def _unreadable(found: Iterable[Sending], moments: Moments) -> int:
    texts = chain.from_iterable(
        (one.state.fields.get("sent_at", ""), *(reply.replied_at for reply in one.replies))
        for one in found
    )
    return sum(bool(text) and moments.read(text) is None for text in texts)
