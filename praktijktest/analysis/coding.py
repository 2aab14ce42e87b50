"""What happened to each row: its outcome code, failure, lateness and open windows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.findings import Findings, nearest_values
from praktijktest.analysis.log_rows import LogRows
from praktijktest.design import Design
from praktijktest.problems import shown
from praktijktest.tables import Column, canonical, parse_times
from praktijktest.vocabulary import NO_REPLY, UNCODED

NOT_FAILED = ("", "false", "0")
"""What a `failed` cell holds where nothing failed; anything else is a reason code."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Coding of the rows of a log, one entry per row.

    Attributes:
        outcome: raw code as the design spells it; "" while the window is open.
        positive: rule -> positive within the response window.
        positive_any_time: rule -> positive, replies after the window included.
        failed: reason code, "" where nothing failed.
        pending: silence whose response window is still open, and replies nobody coded yet.
        uncoded: those replies.
        late: replied after the response window.
        sent_at: time of sending in microseconds, or None when the log has none.
        replied_at: time of the reply, or None when the log has none.
        as_of: the moment up to which the log was read, or None without times.
    """

    outcome: Column
    positive: dict[str, BoolArray]
    positive_any_time: dict[str, BoolArray]
    failed: Column
    pending: BoolArray
    uncoded: BoolArray
    late: BoolArray
    sent_at: NDArray[np.datetime64] | None
    replied_at: NDArray[np.datetime64] | None
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class _Window:
    pending_if_silent: BoolArray
    not_yet: BoolArray
    late: BoolArray
    sent_at: NDArray[np.datetime64] | None
    replied_at: NDArray[np.datetime64] | None
    as_of: datetime | None


def code_rows(
    rows: LogRows,
    design: Design,
    findings: Findings,
    as_of: datetime | None,
    last_event: datetime | None = None,
) -> Coded:
    """Turn raw outcomes into codes and codes into positive or not, noting every problem."""
    window = _window(rows, design, findings, as_of, last_event)
    reason = _declared_failures(rows, findings)
    outcome = rows.fields.get("outcome") or encoding.constant("", len(rows))
    known = {canonical(code): code for code in design.outcome_codes()}
    failing = {canonical(code): code for code in design.failed_codes()}
    spelled = {**known, **failing}
    empty = encoding.is_empty(outcome)
    unknown = ~np.array([v in ("", UNCODED) or v in spelled for v in outcome.values], dtype=bool)
    findings.rows(
        "unknown-outcome",
        "this outcome is not in the design's outcome scheme",
        unknown[outcome.codes],
        column=_name(design, "outcome"),
        values=outcome,
        hint="correct it in the log, or add it under [columns.values.outcome] or the scheme",
        hints=nearest_values(outcome, spelled.values()),
    )
    uncoded = _uncoded(outcome, spelled, findings) & ~window.not_yet
    silent = empty | _equal(outcome, NO_REPLY)
    pending = (empty & window.pending_if_silent) | window.not_yet | uncoded
    if as_of is not None:
        pending |= silent & window.pending_if_silent
    fill = design.reading.missing_outcome
    missing = empty & ~pending & ~_filled(reason)
    if fill == "error":
        findings.rows(
            "empty-outcome",
            "there is no outcome",
            missing,
            column=_name(design, "outcome"),
            hint='fill it in, or say what empty means: [reading] missing_outcome = "no-reply"',
        )
    texts = [spelled.get(value, "") for value in outcome.values]
    coded = _replaced(encoding.from_texts(outcome.codes, texts), missing, fill, "error")
    coded = _replaced(coded, pending, "", None)
    failed_by_code = encoding.from_texts(
        coded.codes, [value if canonical(value) in failing else "" for value in coded.values]
    )
    failed = _first_filled(reason, failed_by_code)
    any_time = _positive(coded, design)
    return Coded(
        outcome=coded,
        positive={rule: positive & ~window.late for rule, positive in any_time.items()},
        positive_any_time=any_time,
        failed=failed,
        pending=pending & ~_filled(failed),
        uncoded=uncoded,
        late=window.late,
        sent_at=window.sent_at,
        replied_at=window.replied_at,
        as_of=window.as_of,
    )


def _positive(coded: Column, design: Design) -> dict[str, BoolArray]:
    """Per outcome rule, which rows have one of its positive codes."""
    return {
        rule: np.array([value in codes for value in coded.values], dtype=bool)[coded.codes]
        for rule, codes in design.positive().items()
    }


def _window(
    rows: LogRows,
    design: Design,
    findings: Findings,
    as_of: datetime | None,
    last_event: datetime | None,
) -> _Window:
    none = np.zeros(len(rows), dtype=bool)
    sent = _times(rows, "sent_at", design, findings)
    replied = _times(rows, "replied_at", design, findings)
    days = design.test.response_days if design.test else None
    moment = as_of or last_event or _last(sent, replied)
    if sent is None or days is None or moment is None:
        return _Window(none, none, none, sent, replied, moment if as_of else None)
    now = np.datetime64(moment.replace(tzinfo=None), "us")
    length = np.timedelta64(days, "D")
    with_time = ~np.isnat(sent)
    open_window = with_time & (sent + length > now)
    late = none
    not_yet = with_time & (sent > now)
    if replied is not None:
        late = with_time & ~np.isnat(replied) & (replied > sent + length)
        not_yet = not_yet | (open_window & ~np.isnat(replied) & (replied > now))
    return _Window(open_window, not_yet, late, sent, replied, moment)


def last_event(rows: LogRows) -> datetime | None:
    """The last sending or reply in the rows, as far as their times can be read."""
    columns = [rows.fields[name] for name in ("sent_at", "replied_at") if name in rows.fields]
    moments = [np.asarray(parse_times(c.values).values)[c.codes] for c in columns if len(c.codes)]
    return _last(*(m.astype("datetime64[us]") for m in moments))


def _last(*columns: NDArray[np.datetime64] | None) -> datetime | None:
    found = [c[~np.isnat(c)].max() for c in columns if c is not None and not np.isnat(c).all()]
    if not found:
        return None
    moment: datetime = max(found).astype("datetime64[us]").astype(object)
    return moment


def _times(
    rows: LogRows, name: str, design: Design, findings: Findings
) -> NDArray[np.datetime64] | None:
    column = rows.fields.get(name)
    if column is None:
        return None
    times = parse_times(column.values)
    column_name = _name(design, name)
    findings.rows(
        "not-a-time",
        "this is not a date or time that can be read without guessing",
        np.asarray(times.bad, dtype=bool)[column.codes],
        column=column_name,
        values=column,
        hint="write times as 2026-11-03T09:15 or 2026-11-03; days first in 3/11/2026",
    )
    if len(times.styles) > 1:
        examples = ", ".join(f"{shown(v)} ({style})" for style, v in sorted(times.styles.items()))
        findings.general(
            "mixed-time-styles",
            f"this column writes times in {len(times.styles)} ways: {examples}",
            column=column_name,
            hint="write all of them the same way, best as 2026-11-03T09:15",
        )
    elif set(times.styles) - {"iso"}:
        findings.general(
            "day-first",
            "times in this column are read as day, month, year",
            level="warning",
            column=column_name,
            value=next(iter(times.styles.values())),
        )
    return np.asarray(times.values, dtype="datetime64[us]")[column.codes]


def _uncoded(outcome: Column, known: Collection[str], findings: Findings) -> BoolArray:
    """Replies that a ledger holds and nobody has coded; no silence, and no answer yet."""
    uncoded = _equal(outcome, UNCODED) & (UNCODED not in known)
    findings.rows(
        "uncoded-reply",
        "nobody has coded this reply yet; the test is left out until somebody does",
        uncoded,
        column="outcome",
        level="warning",
        hint="code it: praktijktest code export, or praktijktest correct",
    )
    return uncoded


def _declared_failures(rows: LogRows, findings: Findings) -> Column:
    column = rows.fields.get("failed")
    if column is None:
        return encoding.constant("", len(rows))
    return encoding.recode(column, dict.fromkeys(NOT_FAILED, ""))


def _filled(column: Column) -> BoolArray:
    return ~encoding.is_empty(column)


def _first_filled(first: Column, second: Column) -> Column:
    offset = len(first.values)
    codes = np.where(_filled(first), first.codes, second.codes + offset).astype(np.int32)
    return encoding.from_texts(codes, [*first.values, *second.values])


def _replaced(column: Column, mask: BoolArray, text: str, unless: str | None) -> Column:
    if text == unless or not mask.any():
        return column
    codes = np.where(mask, len(column.values), column.codes).astype(np.int32)
    return encoding.from_texts(codes, [*column.values, text])


def _equal(column: Column, text: str) -> BoolArray:
    return np.array([value == text for value in column.values], dtype=bool)[column.codes]


def _name(design: Design, field: str) -> str:
    declared = getattr(design.columns, field, None)
    return declared if isinstance(declared, str) else field
