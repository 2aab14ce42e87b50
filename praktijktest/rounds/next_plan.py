"""Tests of a plan that can still be sent, as the ledger of a round knows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.fieldwork.state import ApplicationState
    from praktijktest.planning.plan_file import PlanFile

State = Literal["unsent", "half", "sent"]


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """One test of a plan.

    Attributes:
        test: its id.
        target: who is tested, as pseudonym.
        unit: who would be flagged: the target, or its group.
        contrasts: ids of the contrasts it serves.
        applications: how many applications it takes.
        state: nothing was sent; one of its applications was and another was not; all were.
        order: what tests of one target are sent in order of.
    """

    test: str
    target: str
    unit: str
    contrasts: tuple[str, ...]
    applications: int
    state: State
    order: tuple[str, float, str]


def planned_tests(
    applications: "Iterable[ApplicationState]", design: "Design"
) -> tuple[PlannedTest, ...]:
    """The tests of the plan that can still be flagged on, in their planned order.

    Failed and withdrawn ones are left out, and so are targets that cannot be flagged.
    """
    usable = [
        one
        for one in applications
        if one.planned and not one.withdrawn and one.fields.get("target") and _in_scope(one, design)
    ]
    usable.sort(key=lambda one: one.test)
    by_test = [list(members) for _, members in groupby(usable, key=lambda one: one.test)]
    found = [_planned(members, design) for members in by_test if not any(m.failed for m in members)]
    kept = [test for test in found if test.unit and test.contrasts]
    return tuple(sorted(kept, key=lambda test: test.order))


def tests_of_file(plan: "PlanFile", design: "Design") -> tuple[PlannedTest, ...]:
    """The tests of a plan.csv of which nothing was sent yet, with its own names."""
    from praktijktest.fieldwork.state import ApplicationState

    applications = [
        ApplicationState(
            application=row["application"],
            test=row["test"],
            planned=True,
            withdrawn=False,
            fields={name: text for name, text in row.items() if text},
            sent=False,
        )
        for row in plan.rows
    ]
    return planned_tests(applications, design)


def waiting_tests(
    plan: Iterable[PlannedTest],
) -> dict[tuple[str, str], list[PlannedTest]]:
    """Unsent tests by target and contrast, in their planned order."""
    found: dict[tuple[str, str], list[PlannedTest]] = {}
    for test in plan:
        if test.state == "unsent":
            for contrast in test.contrasts:
                found.setdefault((test.unit, contrast), []).append(test)
    return found


def _planned(members: "list[ApplicationState]", design: "Design") -> PlannedTest:
    first = members[0].fields
    flagged = {comparison.id for comparison in design.flagged_comparisons()}
    sent = sum(member.sent for member in members)
    slot = first.get("slot", "")
    return PlannedTest(
        test=members[0].test,
        target=first["target"],
        unit=first.get(design.flagging.unit, ""),
        contrasts=tuple(name for name in first.get("contrast", "").split("+") if name in flagged),
        applications=len(members),
        state="unsent" if not sent else "sent" if sent == len(members) else "half",
        order=(
            min(member.fields.get("send_at", "") for member in members),
            float(slot) if slot.isdecimal() else float("inf"),
            members[0].test,
        ),
    )


def _in_scope(one: "ApplicationState", design: "Design") -> bool:
    return all(
        one.fields.get(name, "") in ("", *wanted) for name, wanted in design.flagging.only.items()
    )
