"""From coded rows to applications: one entry per applicant's approach within a test."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.coding import Coded, code_rows
from praktijktest.analysis.column_types import with_types
from praktijktest.analysis.encoding import BoolArray, IntArray
from praktijktest.analysis.findings import Findings
from praktijktest.analysis.log_rows import LogRows
from praktijktest.analysis.row_checks import check_rows, kept_rows
from praktijktest.design import Design
from praktijktest.problems import DataError, Problem
from praktijktest.tables import Column


@dataclass(frozen=True, slots=True)
class Applications:
    """Applications of a round, one entry each, and what was left behind on the way.

    Attributes:
        rows: contract columns, attributes and carried columns, one row per application.
        coded: outcome, positives, failure and windows, one entry per application.
        test: number of the test of each application, 0 … tests-1 in order of test id.
        test_ids: the log's test ids in that order.
        test_failed: reason code per test, "" where the test did not fail.
        test_pending: per test, whether an application in it is still open.
        target: number of the target per test, -1 where the log names none.
        target_ids: target ids in order.
        counts: rows and applications in and out of every step.
        problems: warnings, and with `skip` the reasons for the rows left out.
    """

    rows: LogRows
    coded: Coded
    test: IntArray
    test_ids: NDArray[np.object_]
    test_failed: NDArray[np.object_]
    test_pending: BoolArray
    target: IntArray
    target_ids: NDArray[np.object_]
    counts: dict[str, int]
    problems: tuple[Problem, ...]

    def __len__(self) -> int:
        return len(self.test)

    @property
    def usable(self) -> BoolArray:
        """Applications of tests that did not fail, window closed."""
        return np.asarray(self.test_failed == "", dtype=bool)[self.test] & ~self.coded.pending


def applications_of(
    rows: LogRows,
    design: Design,
    *,
    as_of: datetime | None = None,
    last_event: datetime | None = None,
    skip_bad_rows: bool = False,
) -> Applications:
    """Code the rows of a log and gather them into applications and tests.

    Args:
        rows: rows under the contract's names, recoded.
        design: the round's design.
        as_of: moment that decides which silence is final; default: the last event.
        last_event: the log's last event, where it lies outside these rows.
        skip_bad_rows: go on without the rows that have an error, counting them.

    Raises:
        DataError: with every problem at once, when a row has an error and
            `skip_bad_rows` is false, or when no application is left.
    """
    everything = _rows_in_file(rows)
    rows = kept_rows(rows, design)
    kept = _rows_in_file(rows)
    findings = Findings(rows.files, rows.file_codes, rows.row_numbers)
    rows = with_types(rows, design, findings)
    check_rows(rows, design, findings)
    coded = code_rows(rows, design, findings, as_of, last_event)
    application = _application_codes(rows, design)
    _check_applications(rows, design, application, findings)
    if findings.errors() and (not skip_bad_rows or not findings.bad.any()):
        raise DataError("The log has problems; nothing was analysed.", findings.problems)
    if findings.bad.any():
        good = ~findings.bad
        rows, coded, application = rows.select(good), _select(coded, good), application[good]
    used = _rows_in_file(rows)
    counts = {
        "rows_left_out": everything - kept,
        "rows_skipped": kept - used,
        "rows_used": used,
    }
    rows, coded = _one_row_per_application(rows, coded, application, design)
    problems = [_as_warning(problem) for problem in findings.problems]
    return _by_test(rows, coded, counts, problems)


def _rows_in_file(rows: LogRows) -> int:
    """How many rows of the files these are; a row of a wide log holds several applications."""
    if not len(rows):
        return 0
    widest = int(rows.row_numbers.max()) + 1
    places = rows.file_codes.astype(np.int64) * widest + rows.row_numbers
    return encoding.distinct_count(places)


def _as_warning(problem: Problem) -> Problem:
    """A problem whose rows were left out on request no longer stops anything."""
    return replace(problem, level="warning")


def _application_codes(rows: LogRows, design: Design) -> IntArray:
    """Number the applications; rows with the same number are replies to one application.

    Without ids of their own, rows are told apart by test, profile and position. Where the
    design expects several applications of one profile and no repeated replies, every row
    is an application.
    """
    test, profile = rows.fields["test"], rows.fields["profile"]
    own = rows.fields.get("application")
    position = rows.fields.get("position")
    rows_apart = np.arange(len(rows), dtype=np.int32)
    if own is not None:
        named = ~encoding.is_empty(own)
        made = rows_apart + len(own.values)
        return encoding.group_keys([np.where(named, own.codes, made).astype(np.int32)])[0]
    if design.reading.contacts == "error" and (
        position is None or design.reading.same_profile != "error"
    ):
        return rows_apart
    parts = [test.codes, profile.codes] + ([] if position is None else [position.codes])
    return encoding.group_keys(parts)[0]


def _check_applications(
    rows: LogRows, design: Design, application: IntArray, findings: Findings
) -> None:
    sizes = np.bincount(application)
    repeated = (sizes > 1)[application]
    if not repeated.any():
        return
    if design.reading.contacts == "error":
        findings.rows(
            "duplicate-application",
            "this application is in the log more than once",
            repeated,
            column="application" if "application" in rows.fields else "test",
            values=rows.fields.get("application", rows.fields["test"]),
            hint="remove the copies, or if they are several replies: "
            '[reading] contacts = "best" or "last"',
        )
    for name in ("test", "profile"):
        codes = rows.fields[name].codes
        first = np.zeros(len(sizes), dtype=np.int32)
        first[application] = codes
        findings.rows(
            "application-conflict",
            f"one application id stands for more than one {name}",
            (first[application] != codes) & repeated,
            column="application",
            values=rows.fields.get("application", rows.fields[name]),
            hint="give every application an id of its own",
        )
    if design.reading.contacts == "last" and "replied_at" not in rows.fields:
        findings.general(
            "no-reply-times",
            "the last of several replies cannot be told: the log has no column 'replied_at'",
            column="replied_at",
            hint='name it under [columns], or use [reading] contacts = "best"',
        )


def _select(coded: Coded, index: BoolArray | NDArray[np.int64]) -> Coded:
    return replace(
        coded,
        outcome=encoding.take(coded.outcome, index),
        positive={rule: values[index] for rule, values in coded.positive.items()},
        positive_any_time={rule: v[index] for rule, v in coded.positive_any_time.items()},
        failed=encoding.take(coded.failed, index),
        pending=coded.pending[index],
        uncoded=coded.uncoded[index],
        late=coded.late[index],
        sent_at=None if coded.sent_at is None else coded.sent_at[index],
        replied_at=None if coded.replied_at is None else coded.replied_at[index],
    )


def _one_row_per_application(
    rows: LogRows, coded: Coded, application: IntArray, design: Design
) -> tuple[LogRows, Coded]:
    """Keep the reply that counts where an application has several."""
    applications = int(application.max(initial=-1)) + 1
    if applications == len(rows):
        return rows, coded
    best = np.lexsort(_preference(coded, design))
    order = best[np.argsort(application[best], kind="stable")]
    first = np.concatenate([[True], np.diff(application[order]) != 0])
    chosen = order[first]
    of_chosen = application[chosen]
    merged = _select(coded, chosen)
    if design.reading.contacts == "best":
        merged = replace(
            merged,
            positive=_any(coded.positive, application, of_chosen),
            positive_any_time=_any(coded.positive_any_time, application, of_chosen),
        )
    return rows.select(chosen), merged


def _preference(coded: Coded, design: Design) -> tuple[NDArray[np.int64], ...]:
    """Sort keys (last one first) that put the reply that counts in front."""
    scheme = {code: place for place, code in enumerate(design.outcome_codes())}
    rank = np.array([scheme.get(v, len(scheme)) for v in coded.outcome.values], dtype=np.int64)
    by_code = rank[coded.outcome.codes]
    failed_first = encoding.is_empty(coded.failed).astype(np.int64)
    if design.reading.contacts == "last" and coded.replied_at is not None:
        replied = coded.replied_at.astype("datetime64[us]").astype(np.int64)
        unknown = np.isnat(coded.replied_at)
        latest_first = np.where(unknown, np.iinfo(np.int64).max, -replied)
        return by_code, latest_first, failed_first
    positives = [~coded.positive[rule] for rule in sorted(coded.positive)]
    score = np.sum(positives, axis=0).astype(np.int64)
    still_open = coded.pending.astype(np.int64)
    # What nobody coded yet may turn out better than a refusal, and not than a full positive.
    not_best = (score > 0).astype(np.int64)
    coded_after = (~coded.uncoded).astype(np.int64)
    return by_code, score, still_open, coded_after, not_best, failed_first


def _any(
    positive: dict[str, BoolArray], application: IntArray, of_chosen: IntArray
) -> dict[str, BoolArray]:
    return {
        rule: (np.bincount(application[values], minlength=len(of_chosen)) > 0)[of_chosen]
        for rule, values in positive.items()
    }


def part_of(applications: Applications, members: BoolArray) -> Applications:
    """Some of the applications as a round of their own; its tests keep their order.

    Args:
        applications: the applications of a round.
        members: which of them, one entry per application.
    """
    rows = applications.rows.select(members)
    return _by_test(rows, _select(applications.coded, members), {}, [])


def _by_test(
    rows: LogRows, coded: Coded, counts: dict[str, int], problems: list[Problem]
) -> Applications:
    """Number tests and targets in the order of their ids, so that row order never shows."""
    test, test_ids = _numbered(rows.fields["test"])
    tests = len(test_ids)
    failed = np.full(tests, "", dtype=object)
    reasons = sorted((str(v) for v in coded.failed.values if v), reverse=True)
    for reason in reasons:
        code = int(np.flatnonzero(coded.failed.values == reason)[0])
        failed[test[coded.failed.codes == code]] = reason
    pending = np.zeros(tests, dtype=bool)
    pending[test[coded.pending]] = True
    pending &= np.asarray(failed == "", dtype=bool)
    target_column = rows.fields.get("target")
    target = np.full(tests, -1, dtype=np.int32)
    target_ids: NDArray[np.object_] = encoding.text_array([])
    if target_column is not None:
        numbers, target_ids = _numbered(target_column)
        filled = numbers >= 0
        target[test[filled]] = numbers[filled]
    return Applications(
        rows=rows,
        coded=coded,
        test=test,
        test_ids=test_ids,
        test_failed=failed,
        test_pending=pending,
        target=target,
        target_ids=target_ids,
        counts={**counts, "applications": len(rows)},
        problems=tuple(problems),
    )


def _numbered(column: Column) -> tuple[IntArray, NDArray[np.object_]]:
    """Number the values that occur in alphabetical order; empty is -1."""
    used = np.zeros(len(column.values), dtype=bool)
    used[column.codes] = True
    used &= np.asarray(column.values != "", dtype=bool)
    present = np.flatnonzero(used)
    order = present[np.argsort(column.values[present], kind="stable")]
    numbers = np.full(len(column.values), -1, dtype=np.int32)
    numbers[order] = np.arange(len(order), dtype=np.int32)
    return numbers[column.codes], column.values[order]
