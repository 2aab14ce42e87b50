"""How often every target was written to, against the cap of the design."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from praktijktest.design import Design
from praktijktest.fieldwork.status_facts import Sending
from praktijktest.fieldwork.status_report import CapNear

PERIOD: Final = timedelta(days=30)
STATES: Final = ("broken", "reached", "near")


def caps_near(
    found: Sequence[Sending], design: Design, as_of: datetime, test_size: int
) -> tuple[CapNear, ...]:
    """Targets for which the cap is broken, reached, or leaves no room for one more test.

    Args:
        found: the applications.
        design: the design, for the cap.
        as_of: the end of the last 30 days.
        test_size: applications of a test.
    """
    cap = design.sampling.max_applications_per_target_per_30_days
    if cap is None:
        return ()
    by_target: dict[str, list[datetime]] = {}
    for one in found:
        if one.target and one.sent_at is not None and one.sent_at <= as_of:
            by_target.setdefault(one.target, []).append(one.sent_at)
    rows = []
    for target, times in by_target.items():
        times.sort()
        recent = len(times) - bisect_right(times, as_of - PERIOD)
        most = _fullest(times)
        state = _state(recent, most, cap, test_size)
        if state is not None:
            rows.append(CapNear(target, recent, most, cap, state))
    rows.sort(key=lambda row: (STATES.index(row.state), -row.last_30_days, row.target))
    return tuple(rows)


def _fullest(times: Sequence[datetime]) -> int:
    """Most of these sorted times within any 30 days."""
    start = most = 0
    for end, time in enumerate(times):
        while times[start] <= time - PERIOD:
            start += 1
        most = max(most, end - start + 1)
    return most


def _state(
    recent: int, most: int, cap: int, test_size: int
) -> Literal["broken", "reached", "near"] | None:
    if most > cap:
        return "broken"
    if recent >= cap:
        return "reached"
    return "near" if recent + test_size > cap else None
