"""The sequential rule of a round, held fast from its first sending on.

The ledger notes the rule before anything is sent, in its chain, so that no later edit of
the design can pass for what was planned.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import Problem, RefusedError, UsageError

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.fieldwork.ledger import Ledger, Writing
    from praktijktest.rounds.lock import RoundState
    from praktijktest.rounds.round_store import OpenRound

KIND: Final = "rule"
SENT: Final = ("sent", "reply", "failed")
"""Events that show that a round has begun."""


def note_rule(round_: "OpenRound", writing: "Writing") -> None:
    """Note the sequential rule in the ledger, if nothing was sent yet and it is new there."""
    from praktijktest.design.sequential_rule import frozen_rule, sequential_digest
    from praktijktest.fieldwork.events import NewEvent

    if round_.design.sequential is None or writing.last(SENT) is not None:
        return
    digest = sequential_digest(round_.design)
    noted = writing.last((KIND,))
    if noted is None or noted.values["digest"] != digest:
        text = json.dumps(frozen_rule(round_.design), sort_keys=True, ensure_ascii=False)
        writing.append([NewEvent(kind=KIND, values={"digest": digest, "rule": text})])


def require_frozen_rule(design: "Design", ledger: "Ledger") -> None:
    """Refuse to go on with another sequential rule than the round began with.

    Raises:
        RefusedError: with everything that differs.
    """
    from praktijktest.design.sequential_rule import frozen_rule, sequential_digest

    if not _begun(ledger):
        return
    noted = None
    for event in ledger.events(kinds=(KIND,)):
        noted = event
    if noted is None:
        raise RefusedError(
            "The round began without a sequential rule; one that is added after the first "
            "sending could be chosen to fit the results. Analyse it with: praktijktest analyse DIR"
        )
    if noted.values["digest"] != sequential_digest(design):
        raise _changed(json.loads(noted.values["rule"]), frozen_rule(design))


def refuse_changed_rule(
    directory: Path, locked: bytes, state: "RoundState", moment: datetime
) -> None:
    """Refuse an amendment of the sequential rule once the round has begun.

    It has begun when the ledger or the plan holds something that was sent, or when the first
    planned moment of sending has passed.

    Args:
        directory: the round folder.
        locked: the design as it was locked.
        state: the round as it would be after the amendment.
        moment: when the amendment is made.

    Raises:
        RefusedError: with everything that differs.
    """
    from praktijktest.design.reading import parse_design
    from praktijktest.design.sequential_rule import frozen_rule

    before = frozen_rule(parse_design(locked.decode("utf-8"), "design.toml"))
    after = frozen_rule(state.design)
    if before == after:
        return
    first = min((row.send_at for row in state.plan.applications), default=None)
    if (first is not None and first <= moment) or _anything_sent(directory, state):
        raise _changed(before, after)


def _anything_sent(directory: Path, state: "RoundState") -> bool:
    from praktijktest.fieldwork.ledger import open_ledger
    from praktijktest.rounds.lock import FIELDWORK_COLUMNS

    if any(row.get(name) for name in FIELDWORK_COLUMNS for row in state.file.rows):
        return True
    try:
        with open_ledger(directory, state.design.round.id, create=False) as ledger:
            return _begun(ledger)
    except UsageError:  # there is no ledger yet
        return False


def _begun(ledger: "Ledger") -> bool:
    return next(ledger.events(kinds=SENT), None) is not None


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> RefusedError:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    problems = [
        Problem(
            code="sequential-rule-changed",
            message=f"was {_shown(before.get(name))} when the round began",
            column=_place(name),
            value=_shown(after.get(name)),
            hint="put it back; a rule that is changed after a look at results proves nothing",
        )
        for name in names
    ]
    return RefusedError("The sequential rule was changed after the round had begun.", problems)


def _place(name: str) -> str:
    """Where in the design a part of the rule stands."""
    places = {
        "unit": "flagging.unit",
        "outcome_rule": "outcomes.primary",
        "positive": "outcomes.positive",
        "contrasts": "contrast",
    }
    return places.get(name, f"sequential.{name}")


def _shown(value: object) -> str:
    if value is None:
        return "not declared"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)
