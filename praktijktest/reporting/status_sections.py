"""The sections of a status about tests, replies, load, drift, failures and detection."""

from collections.abc import Sequence
from typing import Final

from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Block, Kind, Paragraph, Section, Share
from praktijktest.reporting.status_writing import StatusWriter, minutes, plain

TOPICS: Final = ("complaint", "detected", "other")
TESTS_NAMED: Final = 4


def tests(writer: StatusWriter) -> Section:
    """Tests that are half sent, or sent in another order or with another gap than designed."""
    status = writer.status
    half = [
        (row.test, writer.called(row.tester), ", ".join(row.missing), row.hours, row.too_late)
        for row in status.half_sent
    ]
    order = [
        (row.test, writer.called(row.tester), _in_turn(row.sent)) for row in status.order_broken
    ]
    gap = [
        (
            row.test,
            writer.called(row.tester),
            row.hours,
            message(f"status.{row.problem.replace('-', '_')}"),
        )
        for row in status.gap_broken
    ]
    who: dict[str, Kind] = {"test": "text", "tester": "text"}
    half_columns: dict[str, Kind] = {"missing": "text", "hours": "count", "too_late": "yes"}
    gap_columns: dict[str, Kind] = {"gap_hours": "ratio", "problem": "text"}
    return writer.section(
        "tests",
        writer.table("half_sent", {**who, **half_columns}, half),
        writer.table("order", {**who, "order": "text"}, order),
        writer.table("gap", {**who, **gap_columns}, gap),
    )


def replies(writer: StatusWriter) -> Section:
    """Invitations, windows, replies without a code, mail without an application."""
    status = writer.status
    waiting = [
        (
            row.application,
            writer.called(row.tester),
            minutes(row.replied_at),
            _outcome(row.outcome, row.confirmed),
            row.hours,
        )
        for row in status.undeclined
    ]
    silent = [
        (
            row.application,
            writer.called(row.tester),
            minutes(row.closes_at),
            row.hours_left,
        )
        for row in status.silences
    ]
    who: dict[str, Kind] = {"application": "text", "tester": "text"}
    invited: dict[str, Kind] = {"replied_at": "text", "outcome": "text", "hours": "count"}
    closing: dict[str, Kind] = {"closes_at": "text", "hours_left": "count"}
    return writer.section(
        "replies",
        writer.table("undeclined", {**who, **invited}, waiting),
        writer.table("silences", {**who, **closing}, silent),
        _uncoded(writer),
        _unmatched(writer),
    )


def _uncoded(writer: StatusWriter) -> tuple[Block, ...]:
    rows = []
    for row in writer.status.uncoded:
        remark = message("empty")
        if row.disagreement:
            remark = message("status.disagreement")
        elif row.suggested:
            remark = message("status.suggested", code=row.suggested)
        rows.append((row.application, row.reply, minutes(row.replied_at), remark))
    columns: dict[str, Kind] = {
        "application": "text",
        "reply": "text",
        "replied_at": "text",
        "remark": "text",
    }
    return writer.table("uncoded", columns, rows)


def _unmatched(writer: StatusWriter) -> tuple[Block, ...]:
    columns: dict[str, Kind] = {"received_at": "text", "kind": "text", "reason": "text"}
    rows = [
        (minutes(row.received_at), message(f"status.mail.{row.kind}"), row.reason)
        for row in writer.status.unmatched
    ]
    return writer.table("unmatched", columns, rows)


def load(writer: StatusWriter) -> Section:
    """Targets at the cap."""
    columns: dict[str, Kind] = {
        "target": "text",
        "recent": "count",
        "most": "count",
        "state": "text",
    }
    rows = [
        (
            writer.called(row.target),
            row.last_30_days,
            row.most_in_30_days,
            message(f"status.cap.{row.state}"),
        )
        for row in writer.status.caps
    ]
    cap = writer.status.caps[0].cap if writer.status.caps else 0
    return writer.section("load", writer.table("caps", columns, rows, cap=cap))


def drift(writer: StatusWriter) -> Section:
    """The share of applications with a reply, week by week."""
    drift = writer.status.drift
    verdict = message(f"status.drift.{drift.verdict}", p_trend=drift.p_trend, p_weeks=drift.p_weeks)
    columns: dict[str, Kind] = {"week": "text", "closed": "count", "share": "share"}
    rows = [(week.monday, week.closed, Share(week.answered, week.closed)) for week in drift.weeks]
    note = Paragraph(message("status.note.drift"), role="note")
    return writer.section("drift", (Paragraph(verdict), note), writer.table("weeks", columns, rows))


def failed(writer: StatusWriter) -> Section:
    """Failed applications by arm, with their reasons."""
    found = [row for row in writer.status.failed if row.control or row.test]
    columns: dict[str, Kind] = {"contrast": "text", "control": "share", "tested": "share", "p": "p"}
    rows = [
        (row.contrast, Share(row.control, row.control_sent), Share(row.test, row.test_sent), row.p)
        for row in found
    ]
    reasons = [
        (message("reason_name", code=reason.reason), row.contrast, reason.control, reason.test)
        for row in found
        for reason in row.reasons
    ]
    by_reason: dict[str, Kind] = {
        "reason": "text",
        "contrast": "text",
        "control": "count",
        "tested": "count",
    }
    note = (Paragraph(message("status.note.failed"), role="note"),) if found else ()
    return writer.section(
        "failed",
        writer.table("failed", columns, rows),
        note,
        writer.table("reasons", by_reason, reasons),
    )


def detection(writer: StatusWriter) -> Section:
    """Replies that say the same, and notes by topic."""
    columns: dict[str, Kind] = {
        "target": "text",
        "test": "text",
        "both": "yes",
        "remark": "text",
    }
    rows = [
        (
            writer.called(row.target),
            _some(row.tests),
            row.within_test,
            message("status.exact" if row.exact else "status.alike"),
        )
        for row in writer.status.identical
    ]
    noted: dict[str, Kind] = {"topic": "text", "notes": "count", "last": "text"}
    topics = [(_topic(row.topic), row.notes, minutes(row.last)) for row in writer.status.noted]
    compared = message("status.note.identical", count=writer.status.compared)
    return writer.section(
        "detection",
        writer.table("identical", columns, rows),
        (Paragraph(compared, role="note"),),
        writer.table("noted", noted, topics),
    )


def _outcome(code: str, confirmed: bool) -> Message:
    return message("outcome_name" if confirmed else "status.suggested", code=code)


def _topic(topic: str) -> Message:
    return message(f"status.topic.{topic}") if topic in TOPICS else plain(topic)


def _in_turn(applications: Sequence[str]) -> Message:
    """Applications in the order in which they went out."""
    first, *later = applications
    return message("status.first_then", first=first, then=", ".join(later))


def _some(tests: Sequence[str]) -> Message:
    """The first few of a list of tests."""
    left = len(tests) - TESTS_NAMED
    if left <= 0:
        return message("enumeration", items=tests)
    return message("status.and_more", items=tests[:TESTS_NAMED], count=left)
