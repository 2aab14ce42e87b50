"""Tests that are not going as designed: half sent, in another order, too close or too far."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from praktijktest.design import Design
from praktijktest.fieldwork.status_facts import Moments, Sending, arms
from praktijktest.fieldwork.status_report import GapBroken, HalfSent, OrderBroken

HOUR = timedelta(hours=1)
Tests = Mapping[str, Sequence[Sending]]


def half_sent(
    tests: Tests, design: Design, as_of: datetime, moments: Moments
) -> tuple[HalfSent, ...]:
    """Tests of which one application was sent and another not, the longest ago first.

    Tests that failed already are left out: nothing more needs to be sent.
    """
    longest = _gap(design)[1]
    found = []
    for test, own in tests.items():
        missing = tuple(one.application for one in own if not one.sent)
        if not missing or len(missing) == len(own) or any(one.state.failed for one in own):
            continue
        times = [one.sent_at for one in own if one.sent_at is not None]
        since = max(times, default=None)
        hours = None if since is None else (as_of - since) / HOUR
        found.append(
            HalfSent(
                test=test,
                target=own[0].target,
                tester=own[0].tester,
                missing=missing,
                since="" if since is None else moments.local(since).isoformat(),
                hours=None if hours is None else round(hours, 2),
                too_late=hours is not None and longest is not None and hours > longest,
            )
        )
    return tuple(sorted(found, key=lambda one: (-(one.hours or 0.0), one.test)))


def order_broken(tests: Tests, design: Design) -> tuple[OrderBroken, ...]:
    """Tests whose applications went out in another order than the plan, or the design, has."""
    found = []
    for test, own in tests.items():
        timed = [one for one in own if one.sent_at is not None]
        if len(timed) < 2:
            continue
        wanted = _wanted(timed, design)
        sent = sorted(timed, key=lambda one: (_time(one), wanted.index(one)))
        if sent != wanted:
            found.append(
                OrderBroken(
                    test=test,
                    target=own[0].target,
                    tester=own[0].tester,
                    planned=tuple(one.application for one in wanted),
                    sent=tuple(one.application for one in sent),
                )
            )
    return tuple(found)


def gap_broken(tests: Tests, design: Design) -> tuple[GapBroken, ...]:
    """Neighbouring applications of a test outside the design's gap in hours."""
    shortest, longest = _gap(design)
    if shortest is None or longest is None:
        return ()
    found = []
    for test, own in tests.items():
        timed = sorted((one for one in own if one.sent_at is not None), key=_time)
        for first, second in pairwise(timed):
            hours = (_time(second) - _time(first)) / HOUR
            if shortest <= hours <= longest:
                continue
            found.append(
                GapBroken(
                    test=test,
                    target=first.target,
                    tester=first.tester,
                    first=first.application,
                    second=second.application,
                    hours=round(hours, 2),
                    problem="too-short" if hours < shortest else "too-long",
                )
            )
    return tuple(found)


def _gap(design: Design) -> tuple[float | None, float | None]:
    gap = design.test.gap_hours if design.test else None
    return (None, None) if gap is None else (float(gap[0]), float(gap[1]))


def _wanted(timed: Sequence[Sending], design: Design) -> list[Sending]:
    """The order that was planned, else what the design says of arms, else the order sent."""
    if all(one.position is not None for one in timed):
        return sorted(timed, key=lambda one: one.position or 0)
    order = design.test.order if design.test else None
    if order not in ("control-first", "test-first"):
        return sorted(timed, key=_time)
    first = order.removesuffix("-first")
    return sorted(timed, key=lambda one: (first not in set(_own_arms(one, design)), _time(one)))


def _own_arms(one: Sending, design: Design) -> Iterator[str]:
    yield from arms(one, design.comparisons(), design).values()


def _time(one: Sending) -> datetime:
    if one.sent_at is None:
        raise ValueError(f"{one.application} was not sent at a known time")
    return one.sent_at
