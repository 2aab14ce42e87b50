"""How far the testing of every target is: the counts of its tests by contrast and phase."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.applications import Applications, applications_of
from praktijktest.analysis.coding import last_event
from praktijktest.analysis.log_rows import LogRows, log_rows
from praktijktest.analysis.pairing import REPEATS, Pairs, arms_of, pairs_of
from praktijktest.analysis.phases import by_phase
from praktijktest.analysis.target_counts import (
    count_targets,
    targets_in_scope,
    unit_of_flagging,
)
from praktijktest.design import Comparison, Design
from praktijktest.problems import DataError, Problem
from praktijktest.rounds.next_plan import PlannedTest
from praktijktest.tables import Table

IntArray = NDArray[np.int64]
Moments = NDArray[np.datetime64]
Entry = tuple[str, str]
"""A target and the id of a contrast."""

DAYS: Final = 30
"""The days over which applications to one target are capped."""


@dataclass(frozen=True, slots=True)
class PhaseCounts:
    """Counts of one phase, one row per (target, contrast) of the standing.

    Attributes:
        cells: shape (entries, 4): both, only_control, only_test, neither.
        underway: tests that were sent and have no result yet.
    """

    cells: IntArray
    underway: IntArray

    @property
    def wins(self) -> IntArray:
        """Tests that favoured the control only."""
        return self.cells[:, 1]

    @property
    def losses(self) -> IntArray:
        """Tests that favoured the test applicant only."""
        return self.cells[:, 2]

    @property
    def tests(self) -> IntArray:
        """Valid tests."""
        total: IntArray = self.cells.sum(axis=1)
        return total

    @property
    def answered(self) -> IntArray:
        """Tests with a positive reply to anyone."""
        total: IntArray = self.cells[:, :3].sum(axis=1)
        return total


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a round is.

    Attributes:
        entries: every target and contrast that was tested or is to be tested, sorted.
        directions: which way a flag looks, per entry.
        screening: counts of the first tests, or of all where there is one phase only.
        fresh: counts of the fresh tests of the second phase; None where there is none.
        recent: target -> times of its applications in the 30 days before `as_of`, ascending;
            empty where the design has no cap.
        as_of: the moment up to which was read; None where the log has no times.
        problems: warnings.
    """

    entries: tuple[Entry, ...]
    directions: tuple[str, ...]
    screening: PhaseCounts
    fresh: PhaseCounts | None
    recent: dict[str, Moments]
    as_of: datetime | None
    problems: tuple[Problem, ...]


def standing_of(
    table: Table | None,
    design: Design,
    *,
    as_of: datetime | None = None,
    skip_bad_rows: bool = False,
    plan: Sequence[PlannedTest] = (),
) -> Standing:
    """Count what a log says of every target, and of the targets in a plan.

    Args:
        table: the log; None where nothing was sent yet.
        design: the design it is read by.
        as_of: moment that decides which silence is final; default: the last event.
        skip_bad_rows: leave out rows with an error instead of stopping.
        plan: tests of the plan, for targets that nobody wrote to yet.

    Raises:
        DataError: with every problem of the log at once.
    """
    if table is None or not len(table):
        first = second = None
        problems: list[Problem] = []
    else:
        refuse_errors(table.problems, skip_bad_rows)
        rows, confirming, last = by_phase(log_rows(table, design), design)
        last = last or last_event(rows)
        first = _counted(rows, design, as_of, last, skip_bad_rows)
        second = None
        if confirming is not None:
            second = _counted(confirming, design, as_of, last, skip_bad_rows)
        problems = [*table.problems, *first.problems]
    cap = design.sampling.max_applications_per_target_per_30_days
    known = {comparison.id: comparison for comparison in design.flagged_comparisons()}
    found = [phase for phase in (first, second) if phase is not None]
    planned = {(test.unit, name) for test in plan for name in test.contrasts if name in known}
    entries = sorted(planned.union(*(phase.cells for phase in found)))
    return Standing(
        entries=tuple(entries),
        directions=tuple(known[contrast].direction for _, contrast in entries),
        screening=_in_order(first, entries, plan),
        fresh=None if second is None else _in_order(second, entries, ()),
        recent={} if cap is None else _recent(found, as_of),
        as_of=as_of or max((p.as_of for p in found if p.as_of is not None), default=None),
        problems=tuple(problems),
    )


def refuse_errors(problems: Iterable[Problem], skip_bad_rows: bool) -> None:
    """Stop where reading found errors and nobody asked to go on without those rows.

    Raises:
        DataError: with every problem.
    """
    found = list(problems)
    if not skip_bad_rows and any(problem.level == "error" for problem in found):
        raise DataError("The log has problems; nothing was counted.", found)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Counts of one phase by entry, and which tests have which status."""

    cells: dict[Entry, IntArray]
    underway: dict[Entry, int]
    pending_tests: frozenset[str]
    targets: tuple[str, ...]
    target_of: IntArray
    sent_at: NDArray[np.datetime64] | None
    as_of: datetime | None
    problems: tuple[Problem, ...]


def _counted(
    rows: LogRows,
    design: Design,
    as_of: datetime | None,
    last: datetime | None,
    skip_bad_rows: bool,
) -> _Counted:
    applications = applications_of(
        rows, design, as_of=as_of, last_event=last, skip_bad_rows=skip_bad_rows
    )
    comparisons = design.flagged_comparisons()
    pairs = [pairs_of(applications, design, c, skip_bad_rows=skip_bad_rows) for c in comparisons]
    problems = _usable(pairs, len(rows.files), rows.files[0])
    counts = count_targets(applications, design, pairs)
    ids = [comparison.id for comparison in counts.comparisons]
    cells = {
        (str(name), ids[contrast]): cells
        for name, contrast, cells in zip(
            counts.names[counts.number], counts.contrast.tolist(), counts.cells, strict=True
        )
    }
    underway: dict[Entry, int] = {}
    for comparison in comparisons:
        involved, waiting = _involved(applications, design, comparison)
        for name, tests in waiting.items():
            underway[name, comparison.id] = tests
        for name in involved:
            cells.setdefault((name, comparison.id), np.zeros(4, dtype=np.int64))
    return _Counted(
        cells=cells,
        underway=underway,
        pending_tests=frozenset(applications.test_ids[applications.test_pending].tolist()),
        targets=tuple(applications.target_ids.tolist()),
        target_of=applications.target[applications.test].astype(np.int64),
        sent_at=applications.coded.sent_at,
        as_of=applications.coded.as_of or last,
        problems=(*applications.problems, *problems),
    )


def _usable(pairs: Sequence[Pairs], files: int, file: str) -> list[Problem]:
    """Problems that are no reason to stop: early in a round a level may not have come yet."""
    found = [problem for one in pairs for problem in one.problems]
    errors = [p for p in found if p.level == "error" and p.code in REPEATS]
    if errors:
        raise DataError("The log has problems; nothing was counted.", errors)
    return [
        Problem(
            code=problem.code,
            message=problem.message,
            level="warning",
            file=problem.file or (file if files == 1 else None),
            column=problem.column,
            value=problem.value,
            hint=problem.hint,
        )
        for problem in found
    ]


def _involved(
    applications: Applications, design: Design, comparison: Comparison
) -> tuple[list[str], dict[str, int]]:
    """Targets with a test of a contrast, and how many such tests each is waiting for.

    A test belongs to a contrast by its test applicant: a control may serve several.
    """
    number, names = unit_of_flagging(applications, design)
    concerned = (arms_of(applications, comparison).level == 1) & targets_in_scope(
        applications, design
    )
    tests = np.zeros(len(applications.test_ids), dtype=bool)
    tests[applications.test[concerned]] = True
    tests &= number >= 0
    waiting = np.bincount(number[tests & applications.test_pending], minlength=len(names))
    present = np.unique(number[tests])
    return (
        [str(name) for name in names[present]],
        {str(names[unit]): int(waiting[unit]) for unit in np.flatnonzero(waiting)},
    )


def _in_order(
    counted: _Counted | None, entries: Sequence[Entry], plan: Sequence[PlannedTest]
) -> PhaseCounts:
    """Counts by entry; a test of the plan that was sent by half is underway too."""
    cells = np.zeros((len(entries), 4), dtype=np.int64)
    underway = np.zeros(len(entries), dtype=np.int64)
    if counted is not None:
        nothing = np.zeros(4, dtype=np.int64)
        for place, entry in enumerate(entries):
            cells[place] = counted.cells.get(entry, nothing)
            underway[place] = counted.underway.get(entry, 0)
    pending = counted.pending_tests if counted is not None else frozenset()
    place_of = {entry: place for place, entry in enumerate(entries)}
    for test in plan:
        if test.state == "half" and test.test not in pending:
            for contrast in test.contrasts:
                underway[place_of[test.unit, contrast]] += 1
    return PhaseCounts(cells, underway)


def _recent(phases: Sequence[_Counted], as_of: datetime | None) -> dict[str, Moments]:
    """Times of the applications to every target in the 30 days up to the moment, ascending."""
    moments = [phase.as_of for phase in phases if phase.as_of is not None]
    now = as_of or max(moments, default=None)
    found: dict[str, Moments] = {}
    for phase in phases:
        if phase.sent_at is None or now is None:
            continue
        end = np.datetime64(now.replace(tzinfo=None), "us")
        lately = (phase.sent_at > end - np.timedelta64(DAYS, "D")) & (phase.sent_at <= end)
        chosen = np.flatnonzero(lately & (phase.target_of >= 0))
        chosen = chosen[np.lexsort((phase.sent_at[chosen], phase.target_of[chosen]))]
        present, starts = np.unique(phase.target_of[chosen], return_index=True)
        parts = np.split(phase.sent_at[chosen], starts[1:])
        for number, times in zip(present.tolist(), parts, strict=False):
            name = phase.targets[number]
            found[name] = np.sort(np.concatenate([found[name], times])) if name in found else times
    return found
