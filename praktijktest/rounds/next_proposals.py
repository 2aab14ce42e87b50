"""Which tests are sent next, within what the caps of the targets leave."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from praktijktest.design import Design
from praktijktest.planning.applicants import line_ups
from praktijktest.rounds.next_counts import DAYS, Entry, Standing
from praktijktest.rounds.next_plan import PlannedTest
from praktijktest.statistics.sequential import SequentialDecisions

NOBODY: Final = np.zeros(0, dtype="datetime64[us]")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for one (target, contrast).

    Attributes:
        tests: tests to send now.
        why_none: "" where tests are proposed; else decided, out-of-reach, underway, cap or
            no-tests-left.
        test_ids: the tests of the plan that these are; empty without a plan.
        free_on: when the cap lets the next test pass; None where it does not bind.
    """

    tests: int
    why_none: str = ""
    test_ids: tuple[str, ...] = ()
    free_on: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """The proposal as plain data."""
        return {
            "tests": self.tests,
            "why_none": self.why_none or None,
            "test_ids": list(self.test_ids),
            "free_on": self.free_on.date().isoformat() if self.free_on else None,
        }


def proposals(
    design: Design,
    standing: Standing,
    decisions: SequentialDecisions,
    batch: int,
    order: Sequence[int],
    waiting: Mapping[Entry, Sequence[PlannedTest]] | None,
) -> list[Proposal]:
    """Tests to send now, entry by entry, within what the caps of the targets leave.

    Args:
        design: declares the cap.
        standing: how far every target is.
        decisions: what the rule says.
        batch: tests of a target between two looks.
        order: entries in order of need: the first take what a cap leaves.
        waiting: unsent tests of the plan by entry; None where there is no plan.
    """
    room = _Room(design, standing)
    given: set[str] = set()
    result = [Proposal(0, "decided")] * len(standing.entries)
    seats = _seats(design)
    decision, remaining = decisions.decision.tolist(), decisions.remaining.tolist()
    out_of_reach, underway = decisions.out_of_reach.tolist(), standing.screening.underway.tolist()
    for place in order:
        if decision[place]:
            continue
        entry = standing.entries[place]
        if out_of_reach[place]:
            result[place] = Proposal(0, "out-of-reach")
            continue
        wanted = min(batch, remaining[place]) - underway[place]
        if wanted <= 0:
            result[place] = Proposal(0, "underway")
        elif waiting is None:
            result[place] = _without_plan(room, entry[0], wanted, seats)
        else:
            result[place] = _from_plan(room, waiting.get(entry, ()), wanted, given)
    return result


class _Room:
    """How many applications the cap of each target still lets pass; taken as it is proposed."""

    def __init__(self, design: Design, standing: Standing) -> None:
        self.cap = design.sampling.max_applications_per_target_per_30_days
        self.recent = standing.recent
        self.taken: Counter[str] = Counter()

    def take(self, target: str, applications: int) -> bool:
        """Reserve room for a test, if there is any."""
        if self.cap is None:
            return True
        used = len(self.recent.get(target, NOBODY)) + self.taken[target]
        if used + applications > self.cap:
            return False
        self.taken[target] += applications
        return True

    def free_on(self, target: str, applications: int) -> datetime | None:
        """When enough earlier applications are 30 days old; None where that is never."""
        times = self.recent.get(target, NOBODY)
        too_many = len(times) + self.taken[target] + applications - (self.cap or 0)
        if not 0 < too_many <= len(times):
            return None
        earliest: datetime = times[too_many - 1].astype(object)
        return earliest + timedelta(days=DAYS)


def _without_plan(room: _Room, target: str, wanted: int, seats: int) -> Proposal:
    taken = sum(room.take(target, seats) for _ in range(wanted))
    if taken:
        return Proposal(taken)
    return Proposal(0, "cap", free_on=room.free_on(target, seats))


def _from_plan(
    room: _Room, waiting: Sequence[PlannedTest], wanted: int, given: set[str]
) -> Proposal:
    """The next tests of the plan; one that serves two contrasts is sent once for both."""
    chosen: list[str] = []
    blocked: PlannedTest | None = None
    for test in waiting:
        if len(chosen) == wanted:
            break
        if test.test in given or room.take(test.target, test.applications):
            chosen.append(test.test)
        else:
            blocked = blocked or test
    given.update(chosen)
    if chosen:
        return Proposal(len(chosen), test_ids=tuple(chosen))
    if blocked is None:
        return Proposal(0, "no-tests-left")
    return Proposal(0, "cap", free_on=room.free_on(blocked.target, blocked.applications))


def _seats(design: Design) -> int:
    """Applications of one test."""
    if design.kind == "set" and design.profiles:
        return max(form.size for form in line_ups(design))
    return 2
