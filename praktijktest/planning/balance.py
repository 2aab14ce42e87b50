"""The balance table: how often each arm got every place, letter, name and time slot."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from praktijktest.planning.plan import Plan, PlannedApplication

NOON: Final = 12
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BALANCE_COLUMNS: Final = ("contrast", "stratum", "factor", "value", "control", "test")


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """How often the two arms of a contrast got one value of one factor.

    Attributes:
        contrast: id of the contrast.
        stratum: "stratum = value", joined by " / "; "" for all together.
        factor: position, template, position and template, name, weekday, time slot,
            mailbox or tester.
        value: the value.
        control: applications of the control arm with it.
        test: applications of the test arm with it.
    """

    contrast: str
    stratum: str
    factor: str
    value: str
    control: int
    test: int

    def to_dict(self) -> dict[str, Any]:
        """The row as plain data."""
        return {name: getattr(self, name) for name in BALANCE_COLUMNS}


def balance(plan: Plan) -> tuple[BalanceRow, ...]:
    """Count positions, letters, names and time slots by arm, overall and per stratum.

    Applications in neither arm (mystery calls, some applicants of a set) are left out.
    """
    counts: Counter[tuple[str, str, str, str, str]] = Counter()
    for row in plan.applications:
        if not row.arm:
            continue
        stratum = " / ".join(f"{name} = {row.strata[name]}" for name in plan.strata)
        for factor, value in _factors(row):
            counts[row.contrast, "", factor, value, row.arm] += 1
            if stratum:
                counts[row.contrast, stratum, factor, value, row.arm] += 1
    cells = sorted({cell[:4] for cell in counts})
    return tuple(
        BalanceRow(*cell, control=counts[*cell, "control"], test=counts[*cell, "test"])
        for cell in cells
    )


def _factors(row: PlannedApplication) -> Iterator[tuple[str, str]]:
    yield "position", str(row.position)
    yield "template", row.template
    yield "position and template", f"{row.position} {row.template}"
    yield "name", row.name
    yield "weekday", WEEKDAYS[row.send_at.weekday()]
    yield "time slot", "morning" if row.send_at.hour < NOON else "afternoon"
    if row.mailbox:
        yield "mailbox", row.mailbox
    if row.tester:
        yield "tester", row.tester
