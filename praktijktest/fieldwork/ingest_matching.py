"""Which application a row of a source is about."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from praktijktest.fieldwork.ingest_compare import Rules
from praktijktest.fieldwork.ingest_known import Known, KnownApplication
from praktijktest.fieldwork.ingest_rows import SourceRow
from praktijktest.problems import Problem, shown

COMPARED: Final = 5_000
"""Known ids among which the nearest are looked for; more would take longer than it helps."""
LONGEST: Final = 100
"""Characters of an unknown id that are compared."""
NAMED: Final = 3
"""How many near ids are named."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Why a row belongs to no application.

    Attributes:
        code: short name of the problem.
        message: what is wrong.
        column: the column to look at.
        value: what stands there.
        hint: what to do.
    """

    code: str
    message: str
    column: str
    value: str
    hint: str

    def problem(self, file: str, row: int) -> Problem:
        """The problem at its place."""
        return Problem(
            code=self.code,
            message=self.message,
            file=file,
            row=row,
            column=self.column,
            value=shown(self.value),
            hint=self.hint,
        )


def application_of(row: SourceRow, known: Known, rules: Rules) -> KnownApplication | Unmatched:
    """The application of a row: by its id, else by test, profile and position.

    In a round without a plan (and with `rules.unplanned`) what is not known is a new one.
    """
    by_id = known.applications.get(row.application) if row.application else None
    if by_id is not None:
        return by_id
    profile, position = row.sent.get("profile", ""), row.sent.get("position", "")
    stage = row.sent.get("stage", "")
    if not row.application:
        made = known.applications.get(made_id(row))
        if made is not None and not made.withdrawn:
            return made
        found = (
            []
            if rules.every_row or stage
            else [
                candidate
                for candidate in known.of_test(row.test, profile)
                if _fits(candidate.fields.get("position", ""), position)
            ]
        )
        if len(found) == 1:
            return found[0]
        if found:
            return _ambiguous(row, found)
    if rules.planned and not rules.unplanned:
        return _unknown(row, known)
    return KnownApplication(row.application or made_id(row), row.test)


def made_id(row: SourceRow) -> str:
    """The id of an application that has none of its own: test, profile, position and stage."""
    parts = [row.test, row.sent.get("profile", "")]
    parts += [row.sent[name] for name in ("position", "stage") if name in row.sent]
    name = "/".join(parts)
    return f"{name}#{row.ordinal + 1}" if row.ordinal else name


def _fits(have: str, given: str) -> bool:
    return not have or not given or have == given


def _ambiguous(row: SourceRow, found: list[KnownApplication]) -> Unmatched:
    names = ", ".join(sorted(candidate.application for candidate in found)[:5])
    return Unmatched(
        code="ambiguous-application",
        message="the test has several applications of this profile",
        column="profile",
        value=row.sent.get("profile", ""),
        hint=f"name one in a column 'application' or by its position: {names}",
    )


def _unknown(row: SourceRow, known: Known) -> Unmatched:
    if row.application:
        column, value = "application", row.application
        candidates = list(known.applications)[:COMPARED]
    else:
        tests = {application.test for application in known.applications.values()}
        if row.test in tests:
            return _unknown_profile(row, known)
        column, value, candidates = "test", row.test, sorted(tests)[:COMPARED]
    near = get_close_matches(value[:LONGEST], candidates, NAMED) if value else []
    meant = f"did you mean {', '.join(near)}? " if near else ""
    return Unmatched(
        code="unknown-application",
        message="the plan has no such application"
        if column == "application"
        else "the plan has no such test",
        column=column,
        value=value,
        hint=f"{meant}take what was really sent beside the plan with --unplanned",
    )


def _unknown_profile(row: SourceRow, known: Known) -> Unmatched:
    have = sorted(
        f"{a.fields.get('profile', '')} ({a.application})"
        for a in known.applications.values()
        if a.test == row.test and not a.withdrawn
    )
    position = row.sent.get("position", "")
    return Unmatched(
        code="unknown-application",
        message=f"the plan has test {row.test} without this profile"
        + (f" in position {position}" if position else ""),
        column="profile",
        value=row.sent.get("profile", ""),
        hint=f"it has: {', '.join(have)}",
    )
