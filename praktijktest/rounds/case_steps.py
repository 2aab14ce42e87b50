"""`case add`: record what was done about an agent that stood out."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from praktijktest.problems import Problem, RefusedError, UsageError, shown
from praktijktest.rounds.entry import EntrySummary, open_entry

if TYPE_CHECKING:
    from praktijktest.fieldwork.case_steps import Case, CaseStep
    from praktijktest.rounds.entry import Entry


@dataclass(frozen=True, slots=True)
class Told:
    """A step as somebody tells it.

    Attributes:
        step: opened, invited, talk, training, reply, referral, retest, cleared, closed or
            reopened.
        on: day on which it happened, ISO; "" for today.
        due: day by which the next step is expected, ISO; "" for none.
        contrast: contrast it is about, "" for all.
        body: whom the case was referred to; with `referral`.
        tests: fresh tests per contrast; with `retest`.
        words: what was said or written; kept in the identity store.
        reason: why; needed to close or reopen a case; stays readable, so without names.
    """

    step: str
    on: str = ""
    due: str = ""
    contrast: str = ""
    body: str = ""
    tests: int = 0
    words: str = ""
    reason: str = ""


def record_step(
    folder: Path,
    target: str,
    told: Told,
    *,
    store: str | None = None,
    who: str | None = None,
) -> EntrySummary:
    """Record one step of a case; the same step a second time adds nothing.

    Args:
        folder: the round folder.
        target: pseudonym of the agent, or its id or name where the identity store is at hand.
        told: the step.
        store: URL of the ledger; default as for `ingest`.
        who: who records it.

    Raises:
        UsageError: no such agent, step, contrast or date; something the step needs is missing.
        RefusedError: the case is closed, or is to be cleared while the tests do not say so.
        VerificationError: it is to be cleared by a ledger that was changed from outside.
    """
    from praktijktest.fieldwork.case_steps import cases_of, same_step, step_event
    from praktijktest.rounds.export_gate import require_chain, require_nameless

    _require_told(told)
    with open_entry(folder, store, who) as entry:
        require_nameless(entry.opened, [("--reason", told.reason), ("--to", told.body)])
        pseudonym = _target(entry, target)
        contrast = _contrast(entry, told)
        case = cases_of(entry.writing.events(kinds=["case"])).get(pseudonym)
        step = _step(entry, told, contrast)
        sentence = f"{pseudonym}: {told.step} on {step.on}."
        details = {"target": pseudonym, "step": told.step, "on": step.on, "due": step.due}
        if case is not None and any(same_step(step, known) for known in case.lately):
            return entry.store([], sentence, details=details)
        _require_possible(case, told)
        if told.step == "cleared":
            require_chain(entry.opened, done="recorded")
        cleared = _cleared_by_tests(entry, pseudonym) if told.step == "cleared" else True
        if not cleared:
            raise RefusedError(
                f"The tests do not clear {pseudonym}: its state is not `released` on every ground "
                "with a signal. Close the case with a reason (--step closed), or test again."
            )
        return entry.store(
            [step_event(pseudonym, step)], sentence, details=details, warnings=_odd(step, told)
        )


def _require_told(told: Told) -> None:
    from praktijktest.fieldwork.case_steps import STEPS
    from praktijktest.fieldwork.entries import require_among

    require_among(told.step, STEPS, "step of a case")
    if told.step == "referral" and not told.body.strip():
        raise UsageError("A referral needs the body it goes to: --to BODY.")
    if told.step in ("closed", "reopened") and not told.reason.strip():
        raise UsageError(f"A case is {told.step} for a reason: --reason TEXT, without names.")
    if told.tests and told.step != "retest":
        raise UsageError("--tests goes with --step retest.")
    if told.tests < 0:
        raise UsageError(f"--tests is 1 or more, not {told.tests}.")
    if told.body and told.step != "referral":
        raise UsageError("--to goes with --step referral.")


def _target(entry: "Entry", target: str) -> str:
    from praktijktest.rounds.privacy_extract import pseudonym_of

    groups = _groups(entry)
    tested = {*groups, *groups.values()} - {""}
    wanted = target.strip()
    found = wanted if wanted in tested else pseudonym_of(entry.opened, wanted)
    if found not in tested:
        raise UsageError(f"{shown(target)} was not tested in this round.")
    if groups.get(found):
        raise UsageError(
            f"The results of this round are about groups, and so are its cases: {found} is one "
            f"of {groups[found]}; name that."
        )
    return found


def _groups(entry: "Entry") -> dict[str, str]:
    """The group of every target that was tested; "" where targets are judged one by one."""
    by_group = entry.opened.design.flagging.unit == "target_group"
    return {
        one.fields.get("target", ""): one.fields.get("target_group", "") if by_group else ""
        for one in entry.state.applications.values()
    }


def _contrast(entry: "Entry", told: Told) -> str:
    """The contrast that is meant; a retest needs one, and takes the only one there is."""
    known = [comparison.id for comparison in entry.opened.design.comparisons()]
    if told.contrast and told.contrast not in known:
        raise UsageError(
            f"{shown(told.contrast)} is no contrast of this round; it has: {', '.join(known)}."
        )
    if told.step == "retest" and not told.contrast:
        if len(known) > 1:
            raise UsageError(
                f"Say which contrast is tested again: --contrast {' or '.join(known)}."
            )
        return known[0]
    return told.contrast


def _step(entry: "Entry", told: Told, contrast: str) -> "CaseStep":
    from praktijktest.fieldwork.case_steps import CaseStep
    from praktijktest.rounds.case_retests import USUAL_TESTS

    on = _day(told.on, "--on") if told.on else date.today().isoformat()
    due = _day(told.due, "--due") if told.due else ""
    if due and due < on:
        raise UsageError(f"--due {due} lies before the step itself ({on}).")
    return CaseStep(
        sequence=0,
        step=told.step,
        on=on,
        due=due,
        contrast=contrast,
        body=" ".join(told.body.split()),
        tests=(told.tests or USUAL_TESTS) if told.step == "retest" else 0,
        words=entry.keep_words(told.words, "note"),
        reason=" ".join(told.reason.split()),
    )


def _day(text: str, option: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise UsageError(
            f"{option} {shown(text)!r} is not a date; write it as 2026-11-30."
        ) from None


def _require_possible(case: "Case | None", told: Told) -> None:
    """A case that ended is reopened first, and only a case that ended is."""
    if told.step == "reopened" and (case is None or case.is_open):
        raise RefusedError("Only a case that was closed or cleared can be reopened.")
    if case is not None and not case.is_open and told.step != "reopened":
        ended = case.steps[-1]
        raise RefusedError(
            f"The case was {ended.step} on {ended.on}; reopen it first (--step reopened)."
        )


def _cleared_by_tests(entry: "Entry", pseudonym: str) -> bool:
    """Whether the fresh tests released the agent on every ground on which it had a signal."""
    from praktijktest.rounds.case_list import states_of

    states = states_of(entry.state, entry.opened.design)
    own = [row["state"] for row in states if row["target"] == pseudonym]
    return "released" in own and not {"signal", "confirmed"} & {*own}


def _odd(step: "CaseStep", told: Told) -> tuple[Problem, ...]:
    from praktijktest.fieldwork.case_steps import ENDINGS

    if step.on > date.today().isoformat():
        return (
            Problem(
                code="future",
                message="this day lies ahead",
                level="warning",
                value=step.on,
                hint="a step is recorded when it has been taken; what is planned is --due",
            ),
        )
    if not step.due and told.step not in ENDINGS:
        return (
            Problem(
                code="no-due-date",
                message="without --due nobody is reminded of what comes next",
                level="warning",
            ),
        )
    return ()
