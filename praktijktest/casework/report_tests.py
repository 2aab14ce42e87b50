"""The tests behind the cases of a report folder: codes under pseudonyms, no times, no words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from praktijktest.casework.cases import (
    FAILED,
    OTHER,
    PENDING,
    USED,
    Case,
    CaseApplication,
    CaseReply,
    CaseTest,
)
from praktijktest.casework.indications import Indication
from praktijktest.casework.referral import competent
from praktijktest.design import Comparison, Design
from praktijktest.tables import canonical
from praktijktest.vocabulary import NO_REPLY, REFUSED_GROUND

STATUS: Final = {"used": USED, "test-failed": FAILED, "pending": PENDING}
CONFIRM: Final = "confirm"

Columns = Mapping[str, Sequence[str]]


def with_report_tests(cases: Sequence[Case], columns: Columns, design: Design) -> list[Case]:
    """The cases with the tests that `applications.csv` has of their agents.

    Args:
        cases: cases of the report's analysis document.
        columns: the columns of `applications.csv`.
        design: the copy of the design in the report folder.
    """
    comparisons = {comparison.id: comparison for comparison in design.comparisons()}
    of_target: dict[str, dict[str, list[int]]] = {}
    for row, (target, test) in enumerate(zip(columns["target"], columns["test"], strict=True)):
        of_target.setdefault(target, {}).setdefault(test, []).append(row)
    found = []
    for case in cases:
        comparison = comparisons.get(case.contrast["id"])
        tests = of_target.get(case.agent, {})
        if comparison is None:
            found.append(case)
            continue
        made = _tests(tests, columns, comparison, design.primary_rule)
        found.append(replace(case, tests=tuple(sorted(made, key=_order))))
    return found


def report_indications(
    columns: Columns, design: Design, approved_by: str
) -> tuple[Indication, ...]:
    """Replies that gave the ground as reason, as far as their code says so."""
    found = []
    about = design.round
    for row, outcome in enumerate(columns["outcome"]):
        if outcome != REFUSED_GROUND:
            continue
        grounds = tuple(
            dict.fromkeys(
                comparison.ground
                for comparison in design.comparisons()
                if _level(columns, comparison, row) in _levels(comparison)
            )
        )
        bodies = {
            one.body.code: one
            for ground in grounds
            for one in competent(about.jurisdiction, about.market, ground)
        }
        found.append(
            Indication(
                id=f"I-{columns['test'][row]}-{row + 1}",
                agent=columns["target"][row],
                reference="",
                test=columns["test"][row],
                application="",
                grounds=grounds,
                reply=CaseReply("", _get(columns, "channel", row), outcome, "explicit"),
                bodies=tuple(bodies.values()),
                approved_by=approved_by,
            )
        )
    return tuple(found)


def _tests(
    tests: Mapping[str, Sequence[int]], columns: Columns, comparison: Comparison, rule: str
) -> Iterator[CaseTest]:
    control = canonical(comparison.control)
    for test, rows in tests.items():
        levels = {row: _level(columns, comparison, row) for row in rows}
        first = [row for row in rows if levels[row] == control]
        second = [row for row in rows if levels[row] in _levels(comparison)]
        if not first and not second:
            continue
        statuses = {columns["status"][row] for row in (*first, *second)}
        status = next((STATUS[s] for s in ("test-failed", "pending") if s in statuses), USED)
        paired = len(first) == len(second) == 1
        if status == USED and not (first and second):
            status = OTHER
        cell = _cell(columns[f"positive:{rule}"], first[0], second[0]) if paired else ""
        yield CaseTest(
            test=test,
            phase=CONFIRM if _get(columns, "phase", rows[0]) == CONFIRM else "screen",
            status=status,
            cell=cell if status == USED else "",
            applications=(
                *(_application(columns, row, "control") for row in first),
                *(_application(columns, row, "test") for row in second),
            ),
        )


def _application(columns: Columns, row: int, arm: str) -> CaseApplication:
    outcome = columns["outcome"][row]
    return CaseApplication(
        application="",
        arm=arm,
        profile=columns["profile"][row],
        template=_get(columns, "template", row),
        channel=_get(columns, "channel", row),
        outcome="" if outcome == NO_REPLY else outcome,
        failed=columns["failed"][row],
    )


def _cell(positive: Sequence[str], first: int, second: int) -> str:
    got = (positive[first] == "1", positive[second] == "1")
    names = {(True, True): "both", (True, False): "only_control", (False, True): "only_test"}
    return names.get(got, "neither")


def _level(columns: Columns, comparison: Comparison, row: int) -> str:
    name = comparison.attribute
    column = "profile" if name == "profile" else f"attribute:{name}"
    return canonical(columns[column][row]) if column in columns else ""


def _levels(comparison: Comparison) -> set[str]:
    return {canonical(level) for level in comparison.tests}


def _get(columns: Columns, name: str, row: int) -> str:
    return columns[name][row] if name in columns else ""


def _order(test: CaseTest) -> tuple[bool, str]:
    return test.phase == CONFIRM, test.test
