"""A status as a report: sections and tables as data, for the page and for the terminal."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from praktijktest.fieldwork.status_report import Progress, StatusReport
from praktijktest.language import Message, message
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Column,
    Kind,
    Paragraph,
    Report,
    Section,
    Share,
    Table,
)
from praktijktest.reporting.status_attention import attention

TOPICS: Final = ("complaint", "detected", "other")
TESTS_NAMED: Final = 4
TO_MINUTES: Final = len("2026-11-03T09:15")


class _Writer:
    """Makes the sections; every list is cut after so many rows."""

    def __init__(self, status: StatusReport, names: Mapping[str, str], rows: int) -> None:
        self.status, self.names, self.rows = status, names, rows

    def called(self, pseudonym: str) -> str:
        """A person or target by name where names are given."""
        return self.names.get(pseudonym, pseudonym)

    def table(
        self, name: str, columns: Mapping[str, Kind], rows: Sequence[tuple[Any, ...]], **values: Any
    ) -> tuple[Block, ...]:
        """A table, cut when long; nothing where there are no rows."""
        if not rows:
            return ()
        found = Table(
            id=f"status-{name}",
            caption=message(f"status.caption.{name}", **values),
            columns=tuple(
                Column(message(f"status.column.{key}"), kind) for key, kind in columns.items()
            ),
            rows=tuple(rows[: self.rows]),
            notes=self.more(len(rows)),
        )
        return (found,)

    def more(self, count: int) -> tuple[Message, ...]:
        """How many rows are not shown."""
        left = count - self.rows
        return (message("status.more", count=left),) if left > 0 else ()

    def section(self, name: str, *blocks: tuple[Block, ...]) -> Section:
        """A section; where it is empty it says so."""
        found = tuple(block for part in blocks for block in part)
        empty = (Paragraph(message("status.nothing"), role="note"),)
        return Section(name, message(f"status.section.{name}"), found or empty)


def status_document(
    status: StatusReport, names: Mapping[str, str] | None = None, rows: int = 100
) -> Report:
    """The status of a round as a report.

    Args:
        status: the status.
        names: pseudonym -> name of testers and targets, where they are to be named.
        rows: how many rows a list shows at most.
    """
    writer = _Writer(status, names or {}, rows)
    whole = status.progress[0]
    return Report(
        kind="status",
        title=status.title,
        subtitle=message("status.title"),
        facts=(
            (message("status.fact.as_of"), _text(_minutes(status.as_of))),
            (message("status.fact.tests"), _of(whole.tests_complete, whole.tests)),
            (message("status.fact.applications"), _of(whole.sent, whole.planned)),
            (message("status.fact.open"), message("verbatim", text=whole.open)),
            (message("status.fact.events"), message("verbatim", text=status.sequence)),
        ),
        banners=(),
        sections=tuple(section(writer) for section in _SECTIONS),
        statement=message("status.statement"),
    )


def _attention(writer: _Writer) -> Section:
    items = attention(writer.status)
    block: Block = Bullets(items) if items else Paragraph(message("status.all_clear"))
    return writer.section("attention", (block,))


def _progress(writer: _Writer) -> Section:
    parts = [part for part in writer.status.progress if part.by != "target"]
    targets = [part for part in writer.status.progress if part.by == "target"]
    columns: dict[str, Kind] = {
        "part": "text",
        "tests": "share",
        "sent": "share",
        "behind": "count",
        "answered": "count",
        "failed": "count",
        "open": "count",
        "silent": "count",
        "waiting": "count",
    }
    note = (Paragraph(message("status.note.progress"), role="note"),)
    by_target = {"target" if key == "part" else key: kind for key, kind in columns.items()}
    return writer.section(
        "progress",
        writer.table("progress", columns, [_progress_row(writer, part) for part in parts]),
        note,
        writer.table(
            "targets",
            by_target,
            [_progress_row(writer, part) for part in sorted(targets, key=_least_done)],
        ),
    )


def _progress_row(writer: _Writer, part: Progress) -> tuple[Any, ...]:
    return (
        _part(part.by, writer.called(part.level)),
        Share(part.tests_complete, part.tests),
        Share(part.sent, part.planned),
        part.behind,
        part.answered,
        part.failed,
        part.open,
        part.silent,
        part.waiting,
    )


def _today(writer: _Writer) -> Section:
    columns: dict[str, Kind] = {
        "application": "text",
        "send_at": "text",
        "tester": "text",
        "days_late": "count",
        "done": "yes",
        "target": "text",
    }
    rows = [
        (
            row.application,
            _minutes(row.send_at),
            writer.called(row.tester),
            row.days_late,
            row.sent,
            writer.called(row.target),
        )
        for row in sorted(writer.status.today, key=lambda row: (row.sent, row.days_late == 0))
    ]
    return writer.section("today", writer.table("today", columns, rows))


def _tests(writer: _Writer) -> Section:
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


def _replies(writer: _Writer) -> Section:
    status = writer.status
    waiting = [
        (
            row.application,
            writer.called(row.tester),
            _minutes(row.replied_at),
            _outcome(row.outcome, row.confirmed),
            row.hours,
        )
        for row in status.undeclined
    ]
    silent = [
        (
            row.application,
            writer.called(row.tester),
            _minutes(row.closes_at),
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


def _uncoded(writer: _Writer) -> tuple[Block, ...]:
    rows = []
    for row in writer.status.uncoded:
        remark = message("empty")
        if row.disagreement:
            remark = message("status.disagreement")
        elif row.suggested:
            remark = message("status.suggested", code=row.suggested)
        rows.append((row.application, row.reply, _minutes(row.replied_at), remark))
    columns: dict[str, Kind] = {
        "application": "text",
        "reply": "text",
        "replied_at": "text",
        "remark": "text",
    }
    return writer.table("uncoded", columns, rows)


def _unmatched(writer: _Writer) -> tuple[Block, ...]:
    columns: dict[str, Kind] = {"received_at": "text", "kind": "text", "reason": "text"}
    rows = [
        (_minutes(row.received_at), message(f"status.mail.{row.kind}"), row.reason)
        for row in writer.status.unmatched
    ]
    return writer.table("unmatched", columns, rows)


def _load(writer: _Writer) -> Section:
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


def _drift(writer: _Writer) -> Section:
    drift = writer.status.drift
    verdict = message(f"status.drift.{drift.verdict}", p_trend=drift.p_trend, p_weeks=drift.p_weeks)
    columns: dict[str, Kind] = {"week": "text", "closed": "count", "share": "share"}
    rows = [(week.monday, week.closed, Share(week.answered, week.closed)) for week in drift.weeks]
    note = Paragraph(message("status.note.drift"), role="note")
    return writer.section("drift", (Paragraph(verdict), note), writer.table("weeks", columns, rows))


def _failed(writer: _Writer) -> Section:
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


def _detection(writer: _Writer) -> Section:
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
    topics = [(_topic(row.topic), row.notes, _minutes(row.last)) for row in writer.status.noted]
    compared = message("status.note.identical", count=writer.status.compared)
    return writer.section(
        "detection",
        writer.table("identical", columns, rows),
        (Paragraph(compared, role="note"),),
        writer.table("noted", noted, topics),
    )


_SECTIONS: Final[Iterable[Callable[[_Writer], Section]]] = (
    _attention,
    _progress,
    _today,
    _tests,
    _replies,
    _load,
    _drift,
    _failed,
    _detection,
)


def _least_done(part: Progress) -> tuple[float, str]:
    return (part.tests_complete / part.tests, part.level)


def _part(by: str, level: str) -> Message:
    """What a row of progress is about."""
    if by == "all":
        return message("status.whole")
    if by == "target":
        return _text(level)
    named = message(f"status.column.{by}") if by in ("contrast", "tester") else by
    return message("stratum", by=named, level=level)


def _of(count: int, total: int) -> Message:
    return message("status.sent_of", sent=count, planned=total)


def _outcome(code: str, confirmed: bool) -> Message:
    return message("outcome_name" if confirmed else "status.suggested", code=code)


def _topic(topic: str) -> Message:
    return message(f"status.topic.{topic}") if topic in TOPICS else _text(topic)


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


def _minutes(moment: str) -> str:
    """An ISO time to the minute, as it stands on the clocks of the round."""
    return moment[:TO_MINUTES].replace("T", " ")


def _text(text: str) -> Message:
    return message("verbatim", text=text)
