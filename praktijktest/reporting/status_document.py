"""A status as a report: sections and tables as data, for the page and for the terminal."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from praktijktest.fieldwork.status_report import Progress, StatusReport
from praktijktest.language import Message, message
from praktijktest.reporting import status_sections
from praktijktest.reporting.blocks import (
    Block,
    Bullets,
    Kind,
    Paragraph,
    Report,
    Section,
    Share,
)
from praktijktest.reporting.status_attention import attention
from praktijktest.reporting.status_writing import StatusWriter, minutes, plain


def status_document(
    status: StatusReport, names: Mapping[str, str] | None = None, rows: int = 100
) -> Report:
    """The status of a round as a report.

    Args:
        status: the status.
        names: pseudonym -> name of testers and targets, where they are to be named.
        rows: how many rows a list shows at most.
    """
    writer = StatusWriter(status, names or {}, rows)
    whole = status.progress[0]
    return Report(
        kind="status",
        title=status.title,
        subtitle=message("status.title"),
        facts=(
            (message("status.fact.as_of"), plain(minutes(status.as_of))),
            (message("status.fact.tests"), _of(whole.tests_complete, whole.tests)),
            (message("status.fact.applications"), _of(whole.sent, whole.planned)),
            (message("status.fact.open"), message("verbatim", text=whole.open)),
            (message("status.fact.events"), message("verbatim", text=status.sequence)),
        ),
        banners=(),
        sections=tuple(section(writer) for section in _SECTIONS),
        statement=message("status.statement"),
    )


def _attention(writer: StatusWriter) -> Section:
    items = attention(writer.status)
    block: Block = Bullets(items) if items else Paragraph(message("status.all_clear"))
    return writer.section("attention", (block,))


def _progress(writer: StatusWriter) -> Section:
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


def _progress_row(writer: StatusWriter, part: Progress) -> tuple[Any, ...]:
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


def _today(writer: StatusWriter) -> Section:
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
            minutes(row.send_at),
            writer.called(row.tester),
            row.days_late,
            row.sent,
            writer.called(row.target),
        )
        for row in sorted(writer.status.today, key=lambda row: (row.sent, row.days_late == 0))
    ]
    return writer.section("today", writer.table("today", columns, rows))


_SECTIONS: Final[Iterable[Callable[[StatusWriter], Section]]] = (
    _attention,
    _progress,
    _today,
    status_sections.tests,
    status_sections.replies,
    status_sections.load,
    status_sections.drift,
    status_sections.failed,
    status_sections.detection,
)


def _least_done(part: Progress) -> tuple[float, str]:
    return (part.tests_complete / part.tests, part.level)


def _part(by: str, level: str) -> Message:
    """What a row of progress is about."""
    if by == "all":
        return message("status.whole")
    if by == "target":
        return plain(level)
    named = message(f"status.column.{by}") if by in ("contrast", "tester") else by
    return message("stratum", by=named, level=level)


def _of(count: int, total: int) -> Message:
    return message("status.sent_of", sent=count, planned=total)
