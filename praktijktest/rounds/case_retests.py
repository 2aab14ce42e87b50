"""`next --cases`: the fresh tests of agents whose case asks for them, drawn like any other test.

Applicants, order, letters, names and moments are dealt by the same procedure as the plan. The
tests carry `phase = confirm`, so that they are judged on their own; they come into the ledger
as planned, and a file with them goes to the testers, who fill in the advert they find.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import Problem, RefusedError, UsageError

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.design.sections import Contrast
    from praktijktest.fieldwork.case_steps import Case
    from praktijktest.planning.frame import Frame
    from praktijktest.planning.plan import PlannedApplication
    from praktijktest.rounds.entry import Entry

USUAL_TESTS: Final = 15
"""Fresh tests of one agent: as many as in the file on which a Belgian disciplinary body acted
in 2019, and enough to confirm most strong discriminators."""

STRONG: Final = (0.55, 0.05)
"""Strong discrimination: shares of tests with only the control, only the test applicant."""

CONFIRM: Final = "confirm"
OWN_TEST: Final = re.compile(r"r(\d{1,6})-\d")
"""How ids of fresh tests begin: r, the number of their file, their place in it."""


@dataclass(frozen=True, slots=True)
class RetestPlan:
    """Fresh tests that were planned.

    Attributes:
        round_id: id of the round.
        file: name of the file for the testers, "" where nothing was planned.
        tests: tests by pseudonym and contrast.
        applications: applications in all.
        first, last: planned days, ISO.
        chance: chance that a strong discriminator shows p of at most alpha in as many tests.
        sequence: number of the last event of the ledger.
        head: its hash.
        warnings: what a person should look at.
    """

    round_id: str
    file: str
    tests: dict[str, dict[str, int]]
    applications: int
    first: str
    last: str
    chance: float | None
    sequence: int
    head: str
    warnings: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain data."""
        return {
            "format": 1,
            "kind": "retests",
            "round": self.round_id,
            "file": self.file or None,
            "tests": self.tests,
            "applications": self.applications,
            "first": self.first or None,
            "last": self.last or None,
            "chance_strong": self.chance,
            "head": {"sequence": self.sequence, "hash": self.head},
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The plan for a terminal."""
        if not self.file:
            return ["No case asks for fresh tests that are not planned yet."]
        lines = [
            f"{target}: {number} fresh tests of {contrast}."
            for target, contrasts in self.tests.items()
            for contrast, number in contrasts.items()
        ]
        lines.append(
            f"{self.applications} applications from {self.first} to {self.last}; the testers' "
            f"file is {self.file}: fill in advert, sent_at and outcome, then praktijktest ingest."
        )
        if self.chance is not None:
            lines.append(
                f"An agent that prefers the control in {STRONG[0]:.0%} of tests (the other in "
                f"{STRONG[1]:.0%}) shows p ≤ alpha with chance {self.chance:.0%} in so many tests."
            )
        return lines


def plan_retests(
    folder: Path,
    *,
    start: date,
    until: date,
    store: str | None = None,
    who: str | None = None,
) -> RetestPlan:
    """Plan the fresh tests that open cases ask for and that are not planned yet.

    Args:
        folder: the round folder, with its frame and its identity store.
        start: first day of the fresh tests.
        until: last day.
        store: URL of the ledger; default as for `ingest`.
        who: who plans.

    Raises:
        UsageError: the days are the wrong way round, or there is no frame.
        RefusedError: the identities were erased.
        DataError: the tests do not fit into the days.
    """
    if until < start:
        raise UsageError(f"--until {until} lies before --from {start}.")
    from praktijktest.fieldwork.case_steps import cases_of
    from praktijktest.rounds.entry import open_entry
    from praktijktest.storage import write_atomically

    with open_entry(folder, store, who) as entry:
        cases = cases_of(entry.writing.events(kinds=["case"]))
        wanted = _wanted(entry, cases)
        groups = tuple(_of_groups(cases))
        if not wanted:
            head = entry.writing.head
            own = entry.opened.design.round.id
            return RetestPlan(own, "", {}, 0, "", "", None, head.sequence, head.hash, groups)
        number = _next_number(entry)
        rows = _rows(entry, wanted, number, start, until)
        name = f"retests-{number}.csv"
        content = _testers_file(rows)
        _note(entry, rows, name, content)
        write_atomically(folder / name, content, mode=0o600)
        head = entry.writing.head
        days = sorted(row.send_at.date().isoformat() for row in rows)
        return RetestPlan(
            round_id=entry.opened.design.round.id,
            file=name,
            tests=_counted(wanted),
            applications=len(rows),
            first=days[0],
            last=days[-1],
            chance=_chance(entry.opened.design, wanted),
            sequence=head.sequence,
            head=head.hash,
            warnings=(*_warnings(entry, wanted, rows), *groups),
        )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Fresh tests of one target on one contrast."""

    target: str
    plain: str
    contrast: str
    tests: int


def _wanted(entry: "Entry", cases: "dict[str, Case]") -> list[_Wanted]:
    """What open cases ask for and the ledger does not hold as planned yet."""
    from praktijktest.fieldwork.identities import PREFIXES
    from praktijktest.rounds.case_list import KNOWING, fresh_tests

    identities = entry.opened.identities
    found = []
    open_cases = {target: case for target, case in cases.items() if case.is_open}
    known = entry.writing.events(kinds=KNOWING)
    for target, contrasts in fresh_tests(entry.state, open_cases, known).items():
        for contrast, counts in contrasts.items():
            lacking = counts["asked"] - counts["planned"]
            if lacking <= 0 or target.startswith(PREFIXES["target_group"]):
                continue
            plain = identities.plain(target)
            if plain is None:
                raise RefusedError(
                    f"Who {target} is, is not known any more: its identity was erased, so that no "
                    "test can be sent to it."
                )
            found.append(_Wanted(target, plain, contrast, lacking))
    return found


def _of_groups(cases: "dict[str, Case]") -> Iterator[Problem]:
    """What is said of groups: which of their members is tested how often is for people to say."""
    from praktijktest.fieldwork.identities import PREFIXES

    for target, case in cases.items():
        if case.is_open and case.retest and target.startswith(PREFIXES["target_group"]):
            yield Problem(
                code="group",
                message="fresh tests of a group are not planned by this command",
                level="warning",
                value=target,
                hint="choose its members yourself, and ingest the tests with phase = confirm",
            )


def _next_number(entry: "Entry") -> int:
    """The first number that no fresh test has, whatever other logs call their tests."""
    found = (OWN_TEST.match(one.test) for one in entry.state.applications.values())
    return max((int(match[1]) for match in found if match), default=0) + 1


def _rows(
    entry: "Entry", wanted: Sequence[_Wanted], number: int, start: date, until: date
) -> "list[PlannedApplication]":
    """The applications of every fresh test, with ids of their own."""
    import numpy as np

    from praktijktest.planning.build import build_plan
    from praktijktest.rounds.plan import seed_of

    design = entry.opened.design
    frame = _frame(entry, {one.plain for one in wanted})
    rows: list[PlannedApplication] = []
    groups = sorted({(one.contrast, one.tests) for one in wanted})
    for place, (contrast, tests) in enumerate(groups, start=1):
        members = {o.plain for o in wanted if (o.contrast, o.tests) == (contrast, tests)}
        own = frame.select(np.array([name in members for name in frame.target]))
        narrowed = _design(design, contrast, tests, start, until)
        used = _used_names(entry, {one.target for one in wanted}) | {row.name for row in rows}
        names = _names(design, used, tests)
        seed = seed_of(design, None) + 1000 * number + place
        plan = build_plan(narrowed, own, seed, names=names)
        prefix = f"r{number}-{place}"
        rows += [
            replace(
                row,
                test=f"{prefix}{row.test}",
                application=f"{prefix}{row.application}",
                # Narrowed to one level, a contrast goes by its own id in the plan.
                contrast=contrast if contrast.startswith(f"{row.contrast}:") else row.contrast,
            )
            for row in plan.applications
        ]
    return sorted(rows, key=lambda row: (row.send_at, row.test, row.position))


def _names(design: "Design", used: set[str], tests: int) -> dict[str, tuple[str, ...]]:
    """Names per profile that have not written to these targets yet, where there are enough."""
    found = {}
    for profile in design.profiles:
        fresh = tuple(name for name in profile.names if name not in used)
        found[profile.id] = fresh if len(fresh) >= tests else tuple(profile.names)
    return found


def _used_names(entry: "Entry", targets: set[str]) -> set[str]:
    return {
        one.fields.get("name", "")
        for one in entry.state.applications.values()
        if one.fields.get("target") in targets
    }


def _frame(entry: "Entry", targets: set[str]) -> "Frame":
    """One row per target, without the adverts that were answered before.

    Raises:
        UsageError: the frame does not hold them.
    """
    import numpy as np

    from praktijktest.planning.frame import read_frame
    from praktijktest.planning.plan_file import carried_columns
    from praktijktest.rounds.plan import FRAME_KINDS

    design, folder = entry.opened.design, entry.opened.folder
    paths = [path for kind in FRAME_KINDS if (path := folder / f"frame{kind}").is_file()]
    if not paths:
        raise UsageError(
            f"There is no frame in {folder.name}, and fresh tests are drawn from it: put it there "
            "as frame.csv, with the agents that are tested again."
        )
    whole = read_frame(paths[0], design.sampling.strata, carried_columns(design))
    missing = sorted(targets - {*whole.target.tolist()})
    if missing:
        raise UsageError(f"The frame does not hold {', '.join(missing)} any more.")
    _, first = np.unique(whole.target.astype(str), return_index=True)
    kept = whole.select(np.array([p for p in first if whole.target[p] in targets]))
    nothing = np.full(len(kept), "", dtype=object)
    return replace(kept, advert=nothing, link=nothing, problems=())


def _narrowed(declared: "Contrast", contrast: str) -> "Contrast | None":
    """A declared contrast with the level alone that is tested again; None for another one."""
    if contrast == declared.id:
        return declared
    level = contrast.removeprefix(f"{declared.id}:")
    return declared.model_copy(update={"test": level}) if level in declared.levels else None


def _design(design: "Design", contrast: str, tests: int, start: date, until: date) -> "Design":
    """The design of the round, for one contrast and other days."""
    declared = [
        narrowed for one in design.contrasts if (narrowed := _narrowed(one, contrast)) is not None
    ]
    return design.model_copy(
        update={
            "round": design.round.model_copy(update={"start": start, "end": until}),
            "contrasts": tuple(declared),
            "sampling": design.sampling.model_copy(
                update={
                    "tests_per_target": tests,
                    "allocation": "census",
                    "quota": (),
                    "size": None,
                }
            ),
        }
    )


def _testers_file(rows: "Sequence[PlannedApplication]") -> bytes:
    from praktijktest.tables import plain_csv

    empty = ("sent_at", "replied_at", "outcome", "failed", "note")
    cells = [{**row.to_dict(), "phase": CONFIRM, **dict.fromkeys(empty, "")} for row in rows]
    return plain_csv(list(cells[0]), [list(row.values()) for row in cells])


def _note(entry: "Entry", rows: "Sequence[PlannedApplication]", name: str, content: bytes) -> None:
    """The fresh tests as planned events, with pseudonyms as every event has."""
    import hashlib

    from praktijktest.fieldwork.events import NewEvent
    from praktijktest.planning.plan_file import PlanFile
    from praktijktest.rounds.plan_sync import planned_rows

    texts = [{key: str(value) for key, value in row.to_dict().items()} for row in rows]
    plan = PlanFile(tuple(texts[0]), tuple(texts))
    digest = hashlib.sha256(content).hexdigest()

    def events() -> Iterator[NewEvent]:
        stored = planned_rows(plan, entry.opened.design, entry.opened.identities)
        for number, (application, test, values) in enumerate(stored, start=2):
            yield NewEvent(
                "planned", test, application, "", name, digest, number, {**values, "phase": CONFIRM}
            )

    entry.writing.append(list(events()))


def _counted(wanted: Sequence[_Wanted]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for one in wanted:
        found.setdefault(one.target, {})[one.contrast] = one.tests
    return found


def _chance(design: "Design", wanted: Sequence[_Wanted]) -> float | None:
    from praktijktest.statistics.power import chance_of_small_p

    fewest = min(one.tests for one in wanted)
    return float(chance_of_small_p([fewest], *STRONG, design.flagging.alpha)[0])


def _warnings(
    entry: "Entry", wanted: Sequence[_Wanted], rows: "Sequence[PlannedApplication]"
) -> Iterator[Problem]:
    again = {row.name for row in rows} & _used_names(entry, {one.target for one in wanted}) - {""}
    if again:
        yield Problem(
            code="names-again",
            message=f"{len(again)} of the names have written to one of these agents before, which "
            "may give the tests away",
            level="warning",
            column="profile.names",
            hint="give the profiles of the design more names before the next fresh tests",
        )
    cap = entry.opened.design.sampling.max_applications_per_target_per_30_days
    if cap is not None:
        yield Problem(
            code="cap",
            message=f"the cap of {cap} applications per target in 30 days was held among the fresh "
            "tests of each contrast; those of another one, and applications sent just before "
            "--from, are not counted",
            level="warning",
        )
