"""`case list`: who stands out in a round, what was done about it, and what is overdue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import DataError, Problem

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.fieldwork.case_steps import Case, CaseStep
    from praktijktest.fieldwork.events import Event
    from praktijktest.fieldwork.state import RoundState

FOLLOWED: Final = ("confirmed", "signal", "released")
"""States whose targets are cases, those that need most first."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One target with its states and what was done.

    Attributes:
        target: pseudonym.
        findings: contrast, state, n, p, q and fragile of each ground that stands out.
        steps: the steps so far, as plain data.
        is_open: whether something is still expected; a signal without steps is.
        due: day by which the next step is expected, "" none.
        overdue: whether that day has passed.
        fresh: fresh tests so far and asked for, by contrast.
        suggestion: what usually comes next: a fixed word.
    """

    target: str
    findings: tuple[dict[str, Any], ...]
    steps: tuple[dict[str, Any], ...]
    is_open: bool
    due: str
    overdue: bool
    fresh: dict[str, dict[str, int]]
    suggestion: str

    def to_dict(self) -> dict[str, Any]:
        """The row as plain data."""
        return {
            "target": self.target,
            "findings": list(self.findings),
            "steps": list(self.steps),
            "open": self.is_open,
            "due": self.due or None,
            "overdue": self.overdue,
            "fresh_tests": self.fresh,
            "suggestion": self.suggestion,
        }


@dataclass(frozen=True, slots=True)
class CaseList:
    """The cases of a round.

    Attributes:
        round_id: id of the round.
        today: day against which due dates are held, ISO.
        rows: overdue first, then open, then ended.
        head: number and hash of the last event of the ledger.
        warnings: what a person should look at.
    """

    round_id: str
    today: str
    rows: tuple[CaseRow, ...]
    head: tuple[int, str]
    warnings: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The list as plain data."""
        return {
            "format": 1,
            "kind": "cases",
            "round": self.round_id,
            "today": self.today,
            "counts": {
                "cases": len(self.rows),
                "open": sum(row.is_open for row in self.rows),
                "overdue": sum(row.overdue for row in self.rows),
            },
            "cases": [row.to_dict() for row in self.rows],
            "head": {"sequence": self.head[0], "hash": self.head[1]},
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The list for a terminal."""
        lines = [
            f"{len(self.rows)} cases on {self.today}, "
            f"{sum(row.overdue for row in self.rows)} overdue. "
            "A state is a statistical statement, never a legal finding."
        ]
        for row in self.rows:
            states = ", ".join(f"{one['contrast']} {one['state']}" for one in row.findings)
            last = f"; {row.steps[-1]['step']} on {row.steps[-1]['on']}" if row.steps else ""
            due = f"; due {row.due}{' – OVERDUE' if row.overdue else ''}" if row.due else ""
            lines.append(f"{row.target}: {states or 'no state'}{last}{due}")
            lines.append(f"  next: {SUGGESTIONS[row.suggestion]}{_fresh(row)}")
        return lines


SUGGESTIONS: Final = {
    "open": "open the case and send the individual feedback",
    "invite": "invite to a talk",
    "talk": "hold the talk, hear the reply",
    "retest": "agree on training and plan fresh tests (case add --step retest)",
    "testing": "fresh tests are running",
    "plan-tests": "plan the fresh tests: praktijktest next DIR --cases",
    "refer": "confirmed by fresh tests: refer to the competent body",
    "clear": "released by fresh tests: clear it and send the letter",
    "follow": "follow the referral",
    "none": "nothing",
}


def list_cases(
    folder: Path,
    *,
    overdue: bool = False,
    store: str | None = None,
    today: date | None = None,
) -> CaseList:
    """The cases of a round: every signal, and every target about which something was done.

    Args:
        folder: the round folder.
        overdue: only those whose next step should have been taken.
        store: URL of the ledger; default as for `ingest`.
        today: day against which due dates are held; default: today.

    Raises:
        UsageError: it is no round folder, or it has no ledger.
        DataError: the round cannot be analysed.
    """
    from praktijktest.fieldwork.case_steps import cases_of
    from praktijktest.fieldwork.state import state_of
    from praktijktest.rounds.round_store import open_round

    day = today or date.today()
    with open_round(folder, store=store, create=False) as opened:
        state = state_of(opened.ledger.events())
        cases = cases_of(opened.ledger.events(kinds=["case"]))
        states, warnings = _states_or_warning(state, opened.design)
        fresh = fresh_tests(state, cases, opened.ledger.events(kinds=KNOWING))
        rows = case_rows(cases, states, fresh, day)
        round_id = opened.design.round.id
    kept = tuple(row for row in rows if row.overdue) if overdue else rows
    head = (state.head.sequence, state.head.hash)
    return CaseList(round_id, day.isoformat(), kept, head, warnings)


def states_of(state: "RoundState", design: "Design") -> list[dict[str, Any]]:
    """The rows of the analysis for every target and contrast, from what the ledger holds.

    Raises:
        DataError: the round cannot be analysed.
    """
    from praktijktest.analysis.analysis import analyse_table
    from praktijktest.rounds.frozen_round import table_of
    from praktijktest.rounds.ledger_design import ledger_design

    table = table_of(state)
    reading = ledger_design(design, table.header)
    found: list[dict[str, Any]] = analyse_table(table, reading).to_dict()["targets"]
    return found


def _states_or_warning(
    state: "RoundState", design: "Design"
) -> tuple[list[dict[str, Any]], tuple[Problem, ...]]:
    """The states; where the round cannot be analysed yet, the cases still have their steps."""
    try:
        return states_of(state, design), ()
    except DataError as error:
        said = Problem(
            code="not-analysed",
            message=f"states are not known: {error.message}",
            level="warning",
            hint="praktijktest analyse DIR shows why",
        )
        return [], (said,)


def case_rows(
    cases: "dict[str, Case]",
    states: Sequence[dict[str, Any]],
    fresh: dict[str, dict[str, dict[str, int]]],
    today: date,
) -> tuple[CaseRow, ...]:
    """The cases in the order in which they need somebody."""
    findings: dict[str, list[dict[str, Any]]] = {}
    kept = ("contrast", "state", "n", "p", "q", "fragile")
    for row in states:
        if row["state"] in FOLLOWED:
            findings.setdefault(row["target"], []).append({name: row[name] for name in kept})
    rows = [
        _row(target, cases.get(target), findings.get(target, []), fresh.get(target, {}), today)
        for target in sorted({*cases, *findings})
    ]
    return tuple(sorted(rows, key=lambda row: (not row.overdue, not row.is_open, row.due or "~")))


def _row(
    target: str,
    case: "Case | None",
    findings: list[dict[str, Any]],
    fresh: dict[str, dict[str, int]],
    today: date,
) -> CaseRow:
    states = {one["state"] for one in findings}
    return CaseRow(
        target=target,
        findings=tuple(findings),
        steps=tuple(step.to_dict() for step in case.steps) if case else (),
        is_open=case.is_open if case else bool({"signal", "confirmed"} & states),
        due=case.due if case else "",
        overdue=case.overdue(today) if case else False,
        fresh=fresh,
        suggestion=_suggestion(case, states, fresh),
    )


def _suggestion(case: "Case | None", states: set[str], fresh: dict[str, dict[str, int]]) -> str:
    """What usually comes next, by the last step and what the tests say."""
    if case is None:
        return "open" if states & {"signal", "confirmed"} else "none"
    if not case.is_open:
        return "none"
    done = {step.step for step in case.steps}
    if "referral" in done:
        return "follow"
    if "confirmed" in states:
        return "refer"
    if "retest" in done:
        if "released" in states and "signal" not in states:
            return "clear"
        lacking = not fresh or any(one["planned"] < one["asked"] for one in fresh.values())
        return "plan-tests" if lacking else "testing"
    if done & {"talk", "reply", "training"}:
        return "retest"
    return "talk" if "invited" in done else "invite"


def fresh_tests(
    state: "RoundState", cases: "dict[str, Case]", known: "Iterable[Event]"
) -> dict[str, dict[str, dict[str, int]]]:
    """Fresh tests of every case by contrast: asked for, planned, and sent.

    The last time they were asked for counts: so many more than there were by then. Asked for
    again before anything was planned, the number is corrected; afterwards it is added to.

    Args:
        state: the round as it stands.
        cases: the cases whose fresh tests are wanted.
        known: the events by which the ledger came to know its tests (`KNOWING`), in order.
    """
    begun = _begun(known)
    tests: dict[str, dict[str, tuple[frozenset[str], bool]]] = {}
    for one in state.applications.values():
        fields = one.fields
        if fields.get("phase") == CONFIRM and not one.withdrawn:
            contrasts = frozenset(fields.get("contrast", "").split("+")) - {""}
            for unit in {fields.get("target", ""), fields.get("target_group", "")} - {""}:
                own = tests.setdefault(unit, {})
                own[one.test] = (contrasts, one.sent or own.get(one.test, (None, False))[1])
    return {
        target: {
            step.contrast: _counted(step, tests.get(target, {}), begun)
            for step in case.steps
            if step.step == "retest"
        }
        for target, case in cases.items()
        if case.retest is not None
    }


KNOWING: Final = ("planned", "sent")
"""Kinds of events by which the ledger comes to know a test."""
CONFIRM: Final = "confirm"
"""Phase of fresh tests."""


def _begun(known: "Iterable[Event]") -> dict[str, int]:
    """The number of the first event of every fresh test."""
    begun: dict[str, int] = {}
    for event in known:
        if event.values.get("phase") == CONFIRM:
            begun.setdefault(event.test, event.sequence)
    return begun


def _counted(
    step: "CaseStep", tests: dict[str, tuple[frozenset[str], bool]], begun: dict[str, int]
) -> dict[str, int]:
    """Fresh tests of one target on the contrast of a step, by then and now."""
    own = {t: sent for t, (on, sent) in tests.items() if not on or step.contrast in on}
    before = sum(begun.get(test, 0) < step.sequence for test in own)
    return {"asked": before + step.tests, "planned": len(own), "sent": sum(own.values())}


def _fresh(row: CaseRow) -> str:
    parts = [
        f"{contrast}: {counts['sent']} of {counts['asked']} sent"
        for contrast, counts in row.fresh.items()
    ]
    return f" ({'; '.join(parts)})" if parts else ""
