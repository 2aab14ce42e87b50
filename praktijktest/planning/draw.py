"""Rolling adverts: new adverts take the next free slots of their targets, by a fixed rule."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import numpy as np

from praktijktest.planning.frame import Frame
from praktijktest.planning.plan_file import PlanFile, Row, as_planned, sent_at, whole_number
from praktijktest.planning.schedule import (
    Timetable,
    first_free_day,
    local_moments,
    moments_of_day,
)
from praktijktest.planning.slots import advert_order
from praktijktest.planning.working_time import day_number
from praktijktest.tables.writing import neutral

Reason = Literal["unknown-target", "already-used", "no-free-slot", "no-day-left"]
REASONS: Final[dict[Reason, str]] = {
    "unknown-target": "the plan has no such target",
    "already-used": "the advert was used before",
    "no-free-slot": "every slot of the target has its advert",
    "no-day-left": "the target has had its most applications, or the round ends",
}


@dataclass(frozen=True, slots=True)
class Attached:
    """An advert that came to a slot.

    Attributes:
        target: target id.
        advert: advert reference.
        link: where it stands.
        contact: whom to approach.
        test: id of the test.
        slot: the slot, from 1.
        send_at: when its applications are sent, by position.
    """

    target: str
    advert: str
    link: str
    contact: str
    test: str
    slot: int
    send_at: tuple[datetime, ...]

    def to_dict(self) -> dict[str, Any]:
        """The attachment as the event holds it."""
        return {
            "target": self.target,
            "advert": self.advert,
            "link": self.link,
            "contact": self.contact,
            "test": self.test,
            "slot": self.slot,
            "send_at": [moment.isoformat() for moment in self.send_at],
        }


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An advert that came to no slot, and why (a key of `REASONS`)."""

    target: str
    advert: str
    reason: Reason

    def to_dict(self) -> dict[str, Any]:
        """The advert as plain data."""
        return {"target": self.target, "advert": self.advert, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class DrawnPlan:
    """A plan with new adverts.

    Attributes:
        file: the plan, in the order it had.
        attached: adverts that came to a slot, sorted by target and slot.
        left_out: adverts that did not, sorted by target and advert.
        moved: open slots whose planned day changed to keep the cap.
        without_day: open slots for which no day is left in the round.
    """

    file: PlanFile
    attached: tuple[Attached, ...]
    left_out: tuple[LeftOut, ...]
    moved: int
    without_day: int


@dataclass(slots=True)
class _Test:
    """A test of the plan: its rows by position, and the day it starts."""

    id: str
    target: str
    slot: int
    rows: list[Row] = field(default_factory=list)
    day: int | None = None

    @property
    def open(self) -> bool:
        return not self.rows[0]["advert"]

    @property
    def label(self) -> str:
        return f"{self.target}/{self.slot}"


def draw_adverts(
    plan: PlanFile,
    adverts: Frame,
    table: Timetable,
    *,
    seed: int,
    at: datetime,
    used: Collection[str] = (),
    advert_days: int | None = None,
) -> DrawnPlan:
    """Attach new adverts to the next free slots of their targets.

    The rule: of the adverts of one target, the one with the lowest SHA-256 of seed and
    advert goes first; it takes the target's first free slot, and the first day after `at`
    on which the target's cap leaves room. The open slots that remain keep their planned
    day where they can.

    Args:
        plan: the plan as it stands.
        adverts: the new adverts.
        table: timetable of the round.
        seed: seed of the plan.
        at: moment of the draw; a test starts on a day that still lies ahead as a whole.
        used: adverts that earlier draws used.
        advert_days: days within which an advert must be used.
    """
    rows = [dict(row) for row in plan.rows]
    tests = _tests_by_target(rows)
    seen = {*used, *(as_planned(row["advert"]) for row in rows if row["advert"])}
    earliest, latest = _first_day(table, at), int(table.days[-1])
    soon = latest if advert_days is None else min(latest, earliest + advert_days)
    rules = _Rules(table, seed, earliest, soon, latest)
    attached: list[Attached] = []
    left_out: list[LeftOut] = []
    moved = without_day = 0
    for target, entries in _by_target(adverts).items():
        new = [entry for entry in entries if str(adverts.advert[entry]) not in seen]
        left_out += [
            LeftOut(target, str(adverts.advert[entry]), "already-used")
            for entry in entries
            if entry not in new
        ]
        drawn = _draw_target(tests.get(target, []), adverts, new, rules)
        attached += drawn.attached
        left_out += [LeftOut(target, advert, reason) for advert, reason in drawn.left_out]
        moved, without_day = moved + drawn.moved, without_day + drawn.without_day
    return DrawnPlan(
        file=PlanFile(plan.header, tuple(rows), plan.delimiter, plan.marked),
        attached=tuple(sorted(attached, key=lambda one: (one.target, one.slot))),
        left_out=tuple(sorted(left_out, key=lambda one: (one.target, one.advert))),
        moved=moved,
        without_day=without_day,
    )


@dataclass(frozen=True, slots=True)
class _Rules:
    """When the tests of this draw may start: from `earliest`, attached ones by `soon`."""

    table: Timetable
    seed: int
    earliest: int
    soon: int
    latest: int


@dataclass(slots=True)
class _TargetDraw:
    """What became of the adverts of one target."""

    attached: list[Attached] = field(default_factory=list)
    left_out: list[tuple[str, Reason]] = field(default_factory=list)
    moved: int = 0
    without_day: int = 0


def _draw_target(
    known: Sequence[_Test], adverts: Frame, new: Sequence[int], rules: _Rules
) -> _TargetDraw:
    """Give the new adverts of one target its free slots; its rows are changed in place."""
    drawn = _TargetDraw()
    taken = [test.day for test in known if not test.open and test.day is not None]
    free = [test for test in known if test.open]
    references = [str(adverts.advert[entry]) for entry in new]
    for place in advert_order(rules.seed, references):
        day = first_free_day(rules.table, taken, rules.earliest, rules.soon) if free else None
        if day is None:
            drawn.left_out.append((references[place], _reason(known, free)))
            continue
        taken.append(day)
        test = free.pop(0)
        drawn.attached.append(_attach(test, adverts, new[place], day, rules))
    if drawn.attached:
        drawn.moved, drawn.without_day = _move_open(free, taken, rules)
    return drawn


def _reason(known: Sequence[_Test], free: Sequence[_Test]) -> Reason:
    if not known:
        return "unknown-target"
    return "no-day-left" if free else "no-free-slot"


def _by_target(adverts: Frame) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for entry, target in enumerate(adverts.target.tolist()):
        found[target].append(entry)
    return found


def _tests_by_target(rows: Sequence[Row]) -> Mapping[str, list[_Test]]:
    """The tests of every target in the order of their slots."""
    tests: dict[str, _Test] = {}
    for number, row in enumerate(rows, start=2):
        test = tests.get(row["test"])
        if test is None:
            slot = whole_number(row, "slot", number)
            test = _Test(row["test"], as_planned(row["target"]), slot)
            tests[row["test"]] = test
        test.rows.append(row)
        if row["send_at"]:
            day = day_number(sent_at(row, number).date())
            test.day = day if test.day is None else min(test.day, day)
    found: dict[str, list[_Test]] = defaultdict(list)
    for test in sorted(tests.values(), key=lambda one: (one.target, one.slot)):
        test.rows.sort(key=lambda row: int(row["position"]))
        found[test.target].append(test)
    return found


def _first_day(table: Timetable, at: datetime) -> int:
    """The first day on which a test can start and that lies ahead as a whole."""
    local = at.astimezone(table.time.zone)
    today = day_number(local.date())
    startable = table.time.minute[table.startable[0] & (table.time.day == today)]
    now = int(at.timestamp() // 60)
    return today if len(startable) and now <= int(startable[0]) else today + 1


def _attach(test: _Test, adverts: Frame, entry: int, day: int, rules: _Rules) -> Attached:
    times = _set_times(test, day, rules)
    values = {"advert": adverts.advert, "link": adverts.link, "contact": adverts.contact}
    for row in test.rows:
        for name, column in {**values, **adverts.strata}.items():
            if name in row and column[entry]:
                row[name] = neutral(str(column[entry]))
    return Attached(
        target=test.target,
        advert=str(adverts.advert[entry]),
        link=str(adverts.link[entry]),
        contact=as_planned(test.rows[0]["contact"]),
        test=test.id,
        slot=test.slot,
        send_at=times,
    )


def _set_times(test: _Test, day: int, rules: _Rules) -> tuple[datetime, ...]:
    moments = moments_of_day(rules.table, np.array([day]), [test.label], rules.seed)
    times = tuple(local_moments(rules.table, moments)[0][: len(test.rows)])
    for row, moment in zip(test.rows, times, strict=True):
        row["send_at"] = moment.isoformat()
    test.day = day
    return times


def _move_open(free: Sequence[_Test], taken: list[int], rules: _Rules) -> tuple[int, int]:
    """Plan the remaining open slots around the attached tests; count moved and homeless."""
    earliest, latest = rules.earliest, rules.latest
    moved = homeless = 0
    for test in free:
        wanted = max(earliest, test.day or earliest)
        day = first_free_day(rules.table, taken, wanted, latest)
        if day is None:
            day = first_free_day(rules.table, taken, earliest, latest)
        if day is None:
            homeless += 1
            test.day = None
            for row in test.rows:
                row["send_at"] = ""
            continue
        taken.append(day)
        if day != test.day:
            moved += 1
            _set_times(test, day, rules)
    return moved, homeless
