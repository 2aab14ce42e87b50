"""Progress against the plan, in the whole round and its parts; what is to be sent today."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from praktijktest.design import Design
from praktijktest.fieldwork.status_facts import Moments, Sending
from praktijktest.fieldwork.status_report import DueSend, Progress

Grouping = Callable[[Sending], str]


def progress(
    tests: Mapping[str, Sequence[Sending]], design: Design, as_of: datetime
) -> tuple[Progress, ...]:
    """Progress of the round, of every stratum, contrast, tester and target."""
    everything = [sending for own in tests.values() for sending in own]
    complete = {test for test, own in tests.items() if all(one.sent for one in own)}
    groupings: dict[str, Grouping] = {"all": lambda one: ""}
    for column in design.sampling.strata:
        groupings[column] = _field(column)
    groupings["contrast"] = lambda one: one.contrast
    groupings["tester"] = lambda one: one.tester
    groupings["target"] = lambda one: one.target
    found: list[Progress] = []
    for by, grouping in groupings.items():
        groups: dict[str, list[Sending]] = {}
        for one in everything:
            groups.setdefault(grouping(one), []).append(one)
        if by == "all":
            groups.setdefault("", [])
        elif set(groups) == {""}:
            continue
        found += (_counted(by, level, groups[level], complete, as_of) for level in sorted(groups))
    return tuple(found)


def due_today(found: Sequence[Sending], as_of: datetime, moments: Moments) -> tuple[DueSend, ...]:
    """What is planned for the day of `as_of`, sent or not, and what is behind; oldest first."""
    today = moments.local(as_of).date()
    rows = []
    for one in found:
        if one.planned_at is None or one.state.failed:
            continue
        local = moments.local(one.planned_at)
        late = (today - local.date()).days
        if late == 0 or (late > 0 and _sendable(one)):
            row = DueSend(
                application=one.application,
                test=one.test,
                target=one.target,
                tester=one.tester,
                channel=one.state.fields.get("channel", ""),
                send_at=local.isoformat(),
                sent=one.sent,
                days_late=late,
            )
            rows.append((one.planned_at, one.application, row))
    return tuple(row for *_, row in sorted(rows, key=lambda entry: entry[:2]))


def _counted(
    by: str, level: str, group: Sequence[Sending], complete: set[str], as_of: datetime
) -> Progress:
    tests = {one.test for one in group}
    sent = [one for one in group if one.sent]
    silent = [one for one in sent if not one.replies and not one.state.failed]
    closed = sum(one.closed(as_of) for one in silent)
    return Progress(
        by=by,
        level=level,
        tests=len(tests),
        tests_complete=len(tests & complete),
        planned=len(group),
        sent=len(sent),
        behind=sum(_behind(one, as_of) for one in group),
        waiting=sum(not one.sent and not one.has_advert for one in group),
        answered=sum(bool(one.replies) for one in sent),
        open=len(silent) - closed,
        silent=closed,
        failed=sum(bool(one.state.failed) for one in group),
    )


def _behind(one: Sending, as_of: datetime) -> bool:
    late = one.planned_at is not None and one.planned_at <= as_of
    return late and _sendable(one) and not one.state.failed


def _sendable(one: Sending) -> bool:
    return not one.sent and one.has_advert


def _field(column: str) -> Grouping:
    return lambda one: one.state.fields.get(column, "")
