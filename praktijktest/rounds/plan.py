"""`design plan`: from the design and frame of a round folder to its plan."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import Problem, RefusedError, UsageError
from praktijktest.storage import sha256_of_file, sha256_of_text

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.planning.duplicates import LikelyDuplicate
    from praktijktest.planning.frame import Frame
    from praktijktest.planning.plan import Plan
    from praktijktest.planning.sampling import Sample, StratumDraw

DESIGN, FRAME, PLAN, RECORD = "design.toml", "frame.csv", "plan.csv", "plan.json"
BALANCE, CALENDAR, DRAWS, LOCK = "balance.csv", "schedule.ics", "draws.jsonl", "lock.json"
FRAME_KINDS: Final = (".csv", ".xlsx", ".ods", ".xls", ".tsv", ".txt")


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What a plan came to.

    Attributes:
        round_id: id of the round.
        kind: kind of test.
        seed: seed of the plan.
        targets: targets approached.
        tests: tests planned.
        applications: applications planned.
        open_tests: tests that wait for an advert (`design draw`).
        first: first planned sending, ISO.
        last: last planned sending, ISO.
        draws: per stratum or quota what was drawn from the frame.
        excluded: targets taken out by the exclusion list.
        duplicates: targets that may be one, for a person to look at.
        warnings: what else to look at.
        slots_sha256: hash of the allocation, which draws of adverts leave as it is.
        files: the files written, in the round folder.
    """

    round_id: str
    kind: str
    seed: int
    targets: int
    tests: int
    applications: int
    open_tests: int
    first: str
    last: str
    draws: "tuple[StratumDraw, ...]"
    excluded: int
    duplicates: "tuple[LikelyDuplicate, ...]"
    warnings: tuple[Problem, ...]
    slots_sha256: str
    files: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "round": self.round_id,
            "kind": self.kind,
            "seed": self.seed,
            "targets": self.targets,
            "tests": self.tests,
            "applications": self.applications,
            "open_tests": self.open_tests,
            "first": self.first,
            "last": self.last,
            "sample": [draw.to_dict() for draw in self.draws],
            "excluded": self.excluded,
            "likely_duplicates": [duplicate.to_dict() for duplicate in self.duplicates],
            "problems": [problem.to_dict() for problem in self.warnings],
            "slots_sha256": self.slots_sha256,
            "files": list(self.files),
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        waiting = f", {self.open_tests} of them wait for an advert" if self.open_tests else ""
        lines = [
            f"{self.tests} tests ({self.applications} applications) on {self.targets} targets"
            f"{waiting}; seed {self.seed}.",
            f"From {self.first[:10]} to {self.last[:10]}.",
        ]
        if any(draw.drawn < draw.available for draw in self.draws):
            lines.append("Drawn from the frame:")
            lines += [
                f"  {draw.drawn} of {draw.available}  {' / '.join(draw.stratum.values())}"
                for draw in self.draws
            ]
        if self.excluded:
            lines.append(f"Targets left out by the exclusion list: {self.excluded}.")
        if self.duplicates:
            lines.append("Perhaps one and the same (nothing was merged):")
            lines += [
                f"  {one.first} and {one.second}: {one.reason} ({one.evidence})"
                for one in self.duplicates[:SUGGESTIONS_SHOWN]
            ]
            if len(self.duplicates) > SUGGESTIONS_SHOWN:
                lines.append(f"  … and {len(self.duplicates) - SUGGESTIONS_SHOWN} more")
        lines.append(f"Written: {', '.join(self.files)}.")
        return lines


SUGGESTIONS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class PreparedPlan:
    """A plan and the files it becomes, before anything is written.

    Attributes:
        plan: the plan.
        design: the design it follows.
        frame: the whole frame.
        files: path within the round folder -> content.
        summary: what it came to; its `files` name the keys of `files`.
    """

    plan: "Plan"
    design: "Design"
    frame: "Frame"
    files: dict[str, bytes]
    summary: PlanSummary


def plan_round(
    directory: Path,
    frame: Path | None = None,
    seed: int | None = None,
    *,
    templates: Sequence[str] | None = None,
    names: Mapping[str, Sequence[str]] | None = None,
) -> PlanSummary:
    """Plan a round: plan, balance table, calendar, field workbook and letters.

    Everything is made and checked before anything is written. The drafts of the letters come
    after the plan, in a folder of their own that is replaced whole; a round without letter
    templates has none.

    Args:
        directory: the round folder, with design.toml.
        frame: the frame; default: the folder's own frame.csv (or spreadsheet).
        seed: seed of the plan; default: the design's, else one that follows from the
            round's id.
        templates: ids of the letter templates; default: the design's, else those in
            `letters/`, else "a" and "b".
        names: profile id -> names from a bank; default: the design's.

    Raises:
        UsageError: design or frame are missing.
        DesignError: the design cannot be used.
        DataError: frame, profiles, names or period cannot hold the plan.
        RefusedError: the round is locked, or fieldwork has begun.
    """
    from praktijktest.planning.workbook import workbook_bytes
    from praktijktest.rounds.letters import WORKBOOK, has_letters, prepare_letters
    from praktijktest.rounds.written_together import write_together

    prepared = prepare_plan(directory, frame, seed, templates=templates, names=names)
    files = {**prepared.files, WORKBOOK: workbook_bytes(prepared.plan, prepared.design)}
    if not has_letters(directory):
        write_together(directory, files)
        return replace(prepared.summary, files=tuple(files))
    letters = prepare_letters(directory, prepared.design, prepared.plan)
    write_together(directory, files)
    letters.write(directory)
    return replace(
        prepared.summary,
        files=(*files, "letters/drafts/"),
        warnings=(*prepared.summary.warnings, *letters.warnings),
    )


def prepare_plan(
    directory: Path,
    frame: Path | None = None,
    seed: int | None = None,
    *,
    templates: Sequence[str] | None = None,
    names: Mapping[str, Sequence[str]] | None = None,
) -> PreparedPlan:
    """Make everything `plan_round` writes, and write nothing; see there."""
    from praktijktest.design import read_design
    from praktijktest.planning.build import build_plan
    from praktijktest.planning.duplicates import likely_duplicates
    from praktijktest.planning.frame import read_frame, read_target_list
    from praktijktest.planning.plan_file import carried_columns
    from praktijktest.planning.sampling import draw_sample
    from praktijktest.rounds.letters import letter_ids

    refuse_replanning(directory)
    design = read_design(directory / DESIGN)
    dealt = templates if templates is not None else letter_ids(directory, design)
    frame_file = frame if frame is not None else own_frame(directory)
    whole = read_frame(frame_file, design.sampling.strata, carried_columns(design))
    chosen_seed = seed_of(design, seed)
    excluded = (
        read_target_list(directory / design.sampling.exclude) if design.sampling.exclude else ()
    )
    sample = draw_sample(whole, design.sampling, chosen_seed, excluded)
    plan = build_plan(design, sample.frame, chosen_seed, templates=dealt, names=names)
    files = _files(plan, design, frame_file, directory)
    summary = _summary(plan, sample, likely_duplicates(whole), files)
    return PreparedPlan(plan, design, whole, files, summary)


def refuse_replanning(directory: Path) -> None:
    """Refuse to plan a round again that is locked or whose fieldwork has begun.

    Raises:
        RefusedError: with what stands in the way.
    """
    if (directory / LOCK).exists():
        raise RefusedError(
            "The plan is locked; it is changed with: praktijktest design amend --reason …"
        )
    if (directory / DRAWS).exists():
        raise RefusedError(
            f"Adverts were already drawn for this plan ({DRAWS}). A new plan would lose them; "
            "move the old plan and its draws to another folder first."
        )
    plan = directory / PLAN
    if plan.exists() and _has_outcomes(plan):
        raise RefusedError(
            f"{PLAN} already holds outcomes. A new plan would lose them; "
            "move it to another folder first."
        )


def own_frame(directory: Path) -> Path:
    """The frame in a round folder: frame.csv, else a spreadsheet of that name.

    Raises:
        UsageError: there is none.
    """
    for kind in FRAME_KINDS:
        path = directory / f"frame{kind}"
        if path.is_file():
            return path
    raise UsageError(
        f"There is no frame in {directory.name or directory}: name the file with --frame, "
        f"or put it there as {FRAME}."
    )


def seed_of(design: "Design", seed: int | None) -> int:
    """The seed given, else the design's, else a number that follows from the round's id.

    Raises:
        UsageError: the seed given is negative.
    """
    if seed is not None and seed < 0:
        raise UsageError(f"The seed is a whole number of 0 or more, not {seed}.")
    if seed is not None:
        return seed
    if design.assignment.seed is not None:
        return design.assignment.seed
    return int(sha256_of_text(f"praktijktest|seed|{design.round.id}")[:8], 16)


def _has_outcomes(plan: Path) -> bool:
    import csv

    with plan.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        header = stream.readline()
        delimiter = max(",;\t", key=header.count)
        stream.seek(0)
        rows = csv.DictReader(stream, delimiter=delimiter)
        return any(row.get("outcome") for row in rows)


def _files(plan: "Plan", design: "Design", frame: Path, directory: Path) -> dict[str, bytes]:
    from praktijktest.planning.balance import BALANCE_COLUMNS, balance
    from praktijktest.planning.plan_file import plan_csv
    from praktijktest.tables import plain_csv

    balance_rows = [tuple(row.to_dict().values()) for row in balance(plan)]
    files = {
        PLAN: plan_csv(plan),
        BALANCE: plain_csv(BALANCE_COLUMNS, balance_rows),
        CALENDAR: calendar_of(plan, design),
    }
    if frame.resolve() != (directory / FRAME).resolve():
        files = {FRAME: _frame_copy(frame), **files}
    files[RECORD] = _record(plan, files.get(FRAME) or frame.read_bytes(), directory)
    return files


def _frame_copy(frame: Path) -> bytes:
    """The frame with all its columns and rows, as CSV."""
    from praktijktest.planning.frame import read_columns
    from praktijktest.tables import plain_csv

    columns, _ = read_columns(frame)
    return plain_csv(list(columns), list(zip(*columns.values(), strict=True)))


def calendar_of(plan: "Plan", design: "Design", revision: int = 0) -> bytes:
    """The calendar file of a plan, stamped with the start of the round."""
    from datetime import UTC, datetime, time

    from praktijktest.planning.build import round_dates
    from praktijktest.planning.calendar import calendar_file

    stamp = datetime.combine(round_dates(design)[0], time(), UTC)
    return calendar_file(
        plan.applications,
        round_id=plan.round_id,
        title=design.round.title,
        stamp=stamp,
        revision=revision,
    )


def _record(plan: "Plan", frame: bytes, directory: Path) -> bytes:
    """`plan.json`: the seed and the hashes by which the plan can be made again and checked."""
    import hashlib

    from praktijktest import __version__

    record = {
        "format": 1,
        "kind": "plan",
        "round": plan.round_id,
        "seed": plan.seed,
        "tests": plan.tests,
        "applications": len(plan.applications),
        "slots_sha256": _digest(plan),
        "frame_sha256": hashlib.sha256(frame).hexdigest(),
        "design_sha256": sha256_of_file(directory / DESIGN),
        "praktijktest": __version__,
    }
    return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _digest(plan: "Plan") -> str:
    from praktijktest.planning.plan_file import slots_digest

    return slots_digest(
        [{name: str(cell) for name, cell in row.to_dict().items()} for row in plan.applications]
    )


def _summary(
    plan: "Plan",
    sample: "Sample",
    duplicates: "tuple[LikelyDuplicate, ...]",
    files: Mapping[str, bytes],
) -> PlanSummary:
    return PlanSummary(
        round_id=plan.round_id,
        kind=plan.kind,
        seed=plan.seed,
        targets=plan.targets,
        tests=plan.tests,
        applications=len(plan.applications),
        open_tests=plan.open_tests,
        first=plan.applications[0].send_at.isoformat(),
        last=plan.applications[-1].send_at.isoformat(),
        draws=sample.draws,
        excluded=sample.excluded,
        duplicates=duplicates,
        warnings=(*sample.problems, *plan.warnings),
        slots_sha256=_digest(plan),
        files=tuple(files),
    )
