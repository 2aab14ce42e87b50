"""Cases in the ledger: what was done about an agent that stood out, step by step.

A step is an event like any other: dated, chained, never taken out. What somebody said or wrote
is a document in the identity store, and the event holds its hash. Who the agent is stands
nowhere here: a case is that of a pseudonym.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from praktijktest.fieldwork.events import Event, NewEvent

CASE: Final = "case"
STEPS: Final = (
    "opened",
    "invited",
    "talk",
    "training",
    "reply",
    "referral",
    "retest",
    "cleared",
    "closed",
    "reopened",
)
"""What can happen in a case, in the order in which it usually does."""

ENDINGS: Final = ("cleared", "closed")
"""Steps after which a case is not open."""


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One step of a case.

    Attributes:
        sequence: number of its event in the ledger.
        step: one of `STEPS`.
        on: day on which it happened, ISO.
        due: day by which the next step is expected, ISO; "" where none was set.
        contrast: contrast it is about, "" for all of them.
        body: whom the case was referred to.
        tests: fresh tests per contrast that a retest asked for, 0 elsewhere.
        words: hash of the document with what was said, "" where there is none.
        reason: why, where a step needs a reason.
        who: pseudonym of the person who recorded it.
        recorded_at: when, ISO.
    """

    sequence: int
    step: str
    on: str
    due: str = ""
    contrast: str = ""
    body: str = ""
    tests: int = 0
    words: str = ""
    reason: str = ""
    who: str = ""
    recorded_at: str = ""

    def to_dict(self) -> dict[str, str | int]:
        """The step as plain data, without what it does not say."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Case:
    """The steps of one target, in the order in which they were recorded.

    Attributes:
        target: pseudonym.
        steps: at least one.
    """

    target: str
    steps: tuple[CaseStep, ...]

    @property
    def is_open(self) -> bool:
        """Whether the last step did not end it."""
        return self.steps[-1].step not in ENDINGS

    @property
    def lately(self) -> tuple[CaseStep, ...]:
        """The steps since it was last reopened: what came before may happen again."""
        places = [place for place, step in enumerate(self.steps) if step.step == "reopened"]
        return self.steps[places[-1] if places else 0 :]

    @property
    def due(self) -> str:
        """Day by which the next step is expected: the last one set; "" none, or closed."""
        return self.steps[-1].due if self.is_open else ""

    def overdue(self, today: date) -> bool:
        """Whether the next step should have been taken before today."""
        return bool(self.due) and self.due < today.isoformat()

    @property
    def retest(self) -> CaseStep | None:
        """The last retest that was asked for."""
        return next((step for step in reversed(self.steps) if step.step == "retest"), None)


def cases_of(events: Iterable[Event]) -> dict[str, Case]:
    """The cases of a round by the pseudonym of the target, in the order they were opened.

    Args:
        events: the events of kind `case`, in their order; others are passed over.
    """
    steps: dict[str, list[CaseStep]] = {}
    for event in events:
        if event.kind == CASE:
            steps.setdefault(event.values["target"], []).append(_step(event))
    return {target: Case(target, tuple(found)) for target, found in steps.items()}


def _step(event: Event) -> CaseStep:
    values = event.values
    return CaseStep(
        sequence=event.sequence,
        step=values["step"],
        on=event.happened_at,
        due=values.get("due", ""),
        contrast=values.get("contrast", ""),
        body=values.get("body", ""),
        tests=int(values.get("tests", "0")),
        words=values.get("words", ""),
        reason=values.get("reason", ""),
        who=event.who,
        recorded_at=event.recorded_at,
    )


def step_event(target: str, step: CaseStep) -> NewEvent:
    """A step as an event to be stored; the ledger adds its number, person and moment."""
    said = {
        "target": target,
        "step": step.step,
        "due": step.due,
        "contrast": step.contrast,
        "body": step.body,
        "tests": str(step.tests) if step.tests else "",
        "words": step.words,
        "reason": step.reason,
    }
    return NewEvent(
        kind=CASE,
        happened_at=step.on,
        values={name: text for name, text in said.items() if text},
    )


def same_step(one: CaseStep, other: CaseStep) -> bool:
    """Whether two steps say the same, whoever recorded them and when."""
    told = ("step", "on", "due", "contrast", "body", "tests", "words", "reason")
    return all(getattr(one, name) == getattr(other, name) for name in told)
