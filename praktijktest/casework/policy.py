"""Audiences: who may see what of flagged cases, as a policy file declares it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from praktijktest.casework.fields import FIELDS, NEED_CELLS, NEED_NAMES
from praktijktest.design.keys import dotted
from praktijktest.design.nearest import nearest
from praktijktest.design.values import REFUSED, Id, Names, YesNo, one_of, refused, some_of
from praktijktest.problems import DesignError, Problem, UsageError, shown
from praktijktest.vocabulary import TARGET_STATES

POLICY: Final = "policy.toml"
"""What a policy file in a round folder is called."""
SHIPPED: Final = "audiences.toml"

CASES, MEMBERS = "cases", "members"
OUTPUTS: Final = (CASES, MEMBERS, "research", "public")
ROLES: Final = ("equality-body", "inspection", "professional", "reporting-point")
UNCONFIRMED: Final = ("marked", "refused")
EVERY: Final = "*"
LARGEST: Final = 1_000_000
"""Bytes; a policy is a page, so anything larger is another file."""


class Audience(BaseModel):
    """`[[audience]]`: what one kind of recipient may see. What is not listed is refused.

    Attributes:
        id: name of the audience.
        output: cases (a list with dossiers), members (own members in aggregate), research or
            public (exports of their own, without cases).
        names: who an agent is, from the identity store.
        words: what agents wrote or said.
        small_cells: the four counts of one agent, and numbers they can be worked out of.
        action_log: every event of the tests of a case.
        indications: single tests with direct evidence.
        unconfirmed: signals without a second phase are marked, or refused.
        states: states of which it sees the cases.
        roles: kinds of body it stands for, for the table of competent bodies.
        fields: columns of the case list; "*" for all that the rest allows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    output: Annotated[str, one_of(OUTPUTS)] = "cases"
    names: YesNo = False
    words: YesNo = False
    small_cells: YesNo = False
    action_log: YesNo = False
    indications: YesNo = False
    unconfirmed: Annotated[str, one_of(UNCONFIRMED)] = "refused"
    states: Annotated[tuple[str, ...], some_of(TARGET_STATES)] = ()
    roles: Annotated[tuple[str, ...], some_of(ROLES)] = ()
    fields: Names = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Audience":
        known = [*FIELDS, EVERY]
        for name in self.fields:
            if name not in known:
                hint = nearest(name, known, "one of: {}")
                raise refused(f"fields has {shown(name)!r}, which is no column of a case", hint)
            if name in NEED_NAMES and not self.names:
                raise refused(f"the column {name} says who an agent is", "add names = true")
            if name in NEED_CELLS and not self.small_cells:
                message = f"the column {name} gives the counts of one agent away"
                raise refused(message, "add small_cells = true")
        if self.words and not self.names:
            # People sign what they write.
            raise refused("words of agents hold their names", "add names = true, or leave words")
        if self.action_log and not self.small_cells:
            message = "an action log lists every test, and so its counts"
            raise refused(message, "add small_cells = true")
        if self.output == CASES and not (self.fields and self.states):
            raise refused("an audience of cases needs states and fields", 'fields = ["case", …]')
        return self

    def allowed_fields(self) -> tuple[str, ...]:
        """The columns of the case list that it may see, in their order."""
        wanted = set(FIELDS) if EVERY in self.fields else set(self.fields)
        if not self.names:
            wanted -= NEED_NAMES
        if not self.small_cells:
            wanted -= NEED_CELLS
        return tuple(name for name in FIELDS if name in wanted)


@dataclass(frozen=True, slots=True)
class Policy:
    """The audiences of a round, by name."""

    audiences: Mapping[str, Audience]

    def audience(self, name: str) -> Audience:
        """The audience of a name.

        Raises:
            UsageError: there is none, with the nearest.
        """
        found = self.audiences.get(name)
        if found is None:
            known = list(self.audiences)
            hint = nearest(name, known, "there are: {}")
            raise UsageError(f"There is no audience {shown(name)!r}; {hint}")
        return found


def read_policy(file: Path | None) -> Policy:
    """The shipped audiences, with those of a policy file in their place or beside them.

    Args:
        file: the policy file; None for the shipped ones alone.

    Raises:
        UsageError: there is no such file.
        DesignError: it cannot be used; its `problems` hold every reason.
    """
    shipped = dict(shipped_audiences())
    if file is None:
        return Policy(shipped)
    if not file.is_file():
        raise UsageError(f"There is no policy file {file.name}.")
    return Policy({**shipped, **_audiences(_parsed(file), file.name)})


@cache
def shipped_audiences() -> Mapping[str, Audience]:
    """The audiences that come with the program."""
    text = files("praktijktest.casework").joinpath(SHIPPED).read_text(encoding="utf-8")
    return _audiences(tomllib.loads(text), SHIPPED)


def _parsed(file: Path) -> dict[str, Any]:
    if file.stat().st_size > LARGEST:
        raise DesignError(f"{file.name} is too large to be a policy file.")
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = Problem(
            code="not-toml",
            message=f"this is not TOML: {shown(error)}",
            file=file.name,
            hint="begin from the example in docs/casework.md",
        )
        raise DesignError(f"{file.name} cannot be read.", [problem]) from None


def _audiences(document: dict[str, Any], file: str) -> dict[str, Audience]:
    problems = [
        Problem(
            "unknown-key", "unknown key", file=file, column=key, hint="a policy has [[audience]]"
        )
        for key in document
        if key not in ("format", "audience")
    ]
    entries = document.get("audience", [])
    if not isinstance(entries, list) or not entries:
        problems.append(
            Problem("missing-key", "there is no audience in it", file=file, hint="add [[audience]]")
        )
        entries = []
    found: dict[str, Audience] = {}
    for place, entry in enumerate(entries):
        try:
            audience = Audience.model_validate(entry)
        except ValidationError as error:
            problems += [_problem(one, place, file) for one in error.errors(include_url=False)]
            continue
        if audience.id in found:
            problems.append(
                Problem("named-twice", "there are two of this id", file=file, value=audience.id)
            )
        found[audience.id] = audience
    if problems:
        raise DesignError(f"{file} cannot be used.", problems)
    return found


def _problem(error: ErrorDetails, place: int, file: str) -> Problem:
    """What is wrong with one value, in our words."""
    where = ("audience", place, *error["loc"])
    key = str(error["loc"][-1]) if error["loc"] else ""
    message, hint = "is not a value that this key can have", None
    if error["type"] == REFUSED:
        context = error.get("ctx", {})
        message, hint = context["message"], context["hint"] or None
    elif error["type"] == "extra_forbidden":
        message = "unknown key"
        hint = nearest(key, list(Audience.model_fields), "an audience has: {}")
    elif error["type"] == "missing":
        message, hint = "this key is missing", f'add {key} = "…"'
    elif error["type"].startswith("model"):
        message, hint = "must be a table", "write [[audience]] on a line of its own"
    value = error["input"]
    return Problem(
        code="bad-value",
        message=message,
        file=file,
        column=dotted(where),
        value=None if isinstance(value, dict | list) else shown(value),
        hint=hint,
    )
