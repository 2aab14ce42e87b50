"""`design draw`: new adverts take the next free slots of a plan."""

import json
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.problems import DataError, Problem, UsageError
from praktijktest.rounds.plan import CALENDAR, DESIGN, DRAWS, PLAN, RECORD, calendar_of
from praktijktest.storage import sha256_of_file

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.planning.draw import Attached, DrawnPlan, LeftOut
    from praktijktest.planning.frame import Frame
    from praktijktest.planning.plan_file import PlanFile


@dataclass(frozen=True, slots=True)
class DrawSummary:
    """What became of the adverts of one file.

    Attributes:
        file: base name of the file.
        attached: adverts that came to a slot.
        left_out: adverts that did not, with the reason.
        moved: open slots whose planned day changed to keep the cap.
        without_day: open slots for which no day is left in the round.
        open_tests: tests that still wait for an advert.
        drawn_before: when this same file was drawn before, ISO; then nothing was done.
        warnings: problems of the file that stop nothing.
    """

    file: str
    attached: "tuple[Attached, ...]"
    left_out: "tuple[LeftOut, ...]"
    moved: int
    without_day: int
    open_tests: int
    drawn_before: str | None
    warnings: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "file": self.file,
            "attached": [one.to_dict() for one in self.attached],
            "left_out": [one.to_dict() for one in self.left_out],
            "moved": self.moved,
            "without_day": self.without_day,
            "open_tests": self.open_tests,
            "drawn_before": self.drawn_before,
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        from praktijktest.planning.draw import REASONS

        if self.drawn_before is not None:
            return [
                f"{self.file} was drawn on {self.drawn_before[:10]}; nothing was added.",
                "Put adverts that were left then into a new file.",
            ]
        lines = [f"Adverts attached: {len(self.attached)}. Tests that wait: {self.open_tests}."]
        lines += [
            f"  {one.advert} ({one.target}) → {one.test}, {one.send_at[0]:%Y-%m-%d %H:%M}"
            for one in self.attached
        ]
        for reason, words in REASONS.items():
            left = [one for one in self.left_out if one.reason == reason]
            if left:
                shown = ", ".join(f"{one.advert} ({one.target})" for one in left[:LISTED])
                more = f" … and {len(left) - LISTED} more" if len(left) > LISTED else ""
                lines.append(f"Left out ({len(left)}), because {words}: {shown}{more}")
        if self.moved:
            lines.append(f"Open slots moved to another day, for the cap: {self.moved}.")
        if self.without_day:
            lines.append(f"Open slots with no day left before the round ends: {self.without_day}.")
        return lines


LISTED = 20


def draw_round(directory: Path, adverts: Path, at: datetime | None = None) -> DrawSummary:
    """Attach new adverts to the next free slots of their targets, and record it.

    A draw is an event, not an amendment: a locked round accepts it. The plan, the calendar
    and `draws.jsonl` (one line per draw, only ever added to) change together or not at all.
    The drafts of the letters follow; a workbook that testers are filling in is left alone.
    The same file a second time adds nothing.

    Args:
        directory: the round folder, with a plan.
        adverts: file with `target` and `advert`, and if wanted `link`, `contact`, strata.
        at: moment of the draw; default: now. Tests start on days that still lie ahead.

    Raises:
        UsageError: no plan or no such file.
        DataError: the file, the plan or the record of draws cannot be read.
    """
    from praktijktest.design import read_design
    from praktijktest.planning.applicants import line_ups
    from praktijktest.planning.build import round_timetable
    from praktijktest.planning.draw import draw_adverts
    from praktijktest.planning.lock import require_unchanged
    from praktijktest.planning.plan_file import read_plan_file
    from praktijktest.rounds.letters import has_letters, write_letters

    require_unchanged(directory)
    design = read_design(directory / DESIGN)
    plan = read_plan_file(directory / PLAN)
    seed = _seed(directory)
    new = _read_adverts(adverts, plan, design)
    events = read_draws(directory)
    digest = sha256_of_file(adverts)
    before = next((event["time"] for event in events if event["sha256"] == digest), None)
    if before is not None:
        return _nothing(adverts.name, plan, before)
    table = round_timetable(design, line_ups(design))
    now = datetime.now(table.time.zone) if at is None else _with_zone(at, table.time.zone)
    drawn = draw_adverts(
        plan,
        new,
        table,
        seed=seed,
        at=now,
        used={one["advert"] for event in events for one in event["attached"]},
        advert_days=design.schedule.advert_days,
    )
    if drawn.attached:
        event = {
            "event": "draw",
            "time": now.replace(microsecond=0).isoformat(),
            "file": adverts.name,
            "sha256": digest,
            "attached": [one.to_dict() for one in drawn.attached],
            "left_out": [one.to_dict() for one in drawn.left_out],
        }
        _write(directory, drawn.file, design, seed, event, len(events) + 1)
        if has_letters(directory):
            write_letters(directory)
    return _summary(adverts.name, drawn, new.problems)


def read_draws(directory: Path) -> list[dict[str, Any]]:
    """The draws of a round so far, oldest first.

    Raises:
        DataError: the record was changed by hand.
    """
    path = directory / DRAWS
    if not path.exists():
        return []
    events = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            event = json.loads(line)
            if not {"time", "sha256", "attached"} <= set(event):
                raise ValueError(line)
        except (ValueError, TypeError):
            problem = Problem(
                code="draws-spoilt",
                message="this line is not a draw as the program wrote it",
                file=DRAWS,
                row=number,
                hint="restore the file; lines are only ever added to it",
            )
            raise DataError("The record of draws cannot be read.", [problem]) from None
        events.append(event)
    return events


def _seed(directory: Path) -> int:
    try:
        seed = json.loads((directory / RECORD).read_text(encoding="utf-8"))["seed"]
    except FileNotFoundError:
        raise UsageError(
            f"There is no {RECORD} here; make the plan with: praktijktest design plan"
        ) from None
    except (ValueError, KeyError, TypeError):
        seed = None
    if not isinstance(seed, int):
        problem = Problem(
            code="plan-spoilt", message="the seed cannot be read", file=RECORD, column="seed"
        )
        raise DataError("The plan cannot be read.", [problem])
    return seed


def _read_adverts(path: Path, plan: "PlanFile", design: "Design") -> "Frame":
    """The new adverts, with those strata that their file has."""
    from praktijktest.planning.frame import adverts_from_columns, read_columns
    from praktijktest.planning.plan_file import carried_columns

    columns, numbers = read_columns(path)
    known = (*design.sampling.strata, *carried_columns(design))
    strata = [name for name in known if name in columns and name in plan.header]
    return adverts_from_columns(columns, strata, path.name, numbers)


def _write(
    directory: Path,
    plan: "PlanFile",
    design: "Design",
    seed: int,
    event: dict[str, Any],
    revision: int,
) -> None:
    """Plan, calendar and record change together."""
    from praktijktest.planning.plan_file import plan_from_rows
    from praktijktest.rounds.written_together import write_together

    whole = plan_from_rows(plan.rows, design, seed)
    files = {
        PLAN: plan.content(),
        CALENDAR: calendar_of(whole, design, revision),
        DRAWS: _recorded(directory, event),
    }
    write_together(directory, files)


def _summary(file: str, drawn: "DrawnPlan", warnings: tuple[Problem, ...]) -> DrawSummary:
    return DrawSummary(
        file=file,
        attached=drawn.attached,
        left_out=drawn.left_out,
        moved=drawn.moved,
        without_day=drawn.without_day,
        open_tests=_open_tests(drawn.file),
        drawn_before=None,
        warnings=warnings,
    )


def _recorded(directory: Path, event: dict[str, Any]) -> bytes:
    path = directory / DRAWS
    earlier = path.read_bytes() if path.exists() else b""
    return earlier + (json.dumps(event, ensure_ascii=False) + "\n").encode("utf-8")


def _with_zone(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _open_tests(plan: "PlanFile") -> int:
    return len({row["test"] for row in plan.rows if not row["advert"]})


def _nothing(file: str, plan: "PlanFile", before: str) -> DrawSummary:
    return DrawSummary(
        file=file,
        attached=(),
        left_out=(),
        moved=0,
        without_day=0,
        open_tests=_open_tests(plan),
        drawn_before=before,
        warnings=(),
    )
