"""What is wrong with the values of a design file, in our words instead of pydantic's."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic_core import ErrorDetails

from praktijktest.design.keys import (
    Place,
    dotted,
    heading,
    lists_of_tables,
    suggestions,
    table_of,
    tables,
)
from praktijktest.design.nearest import nearest
from praktijktest.design.values import REFUSED
from praktijktest.problems import Problem, shown

UNKNOWN: Final = "extra_forbidden"
MISSING: Final = "missing"

_QUOTED = re.compile(r"'([^']*)'")

# pydantic's kind of error, or the beginning of it -> what is wrong, what to do
_WORDS: Final[tuple[tuple[str, str, str | None], ...]] = (
    ("greater_than_equal", "must be {ge} or more", None),
    ("greater_than", "must be more than {gt}", None),
    ("less_than_equal", "must be {le} or less", None),
    ("less_than", "must be less than {lt}", None),
    ("too_short", "has too few values", None),
    ("too_long", "has too many values", None),
    ("int", "must be a whole number", "write it without quotes, for example 10"),
    ("float", "must be a number", "write it without quotes and with a decimal point"),
    ("finite_number", "must be a number", "for example 0.05"),
    ("bool", "must be true or false", "without quotes"),
    ("datetime", "is not a date and time", "write it as 2026-09-01T09:15:00"),
    ("date", "is not a date", "write it as 2026-09-01"),
    ("time", "is not a time of the day", 'write it as "08:30"'),
    ("string", "must be text", 'write it in quotes: "…"'),
)

_EXAMPLES: Final[Mapping[str, str]] = {
    "round": "[round] with id and title",
    "round.id": 'id = "my-city-2026"',
    "profile.id": 'id = "flemish-man"',
    "contrast.id": 'id = "origin"',
    "contrast.attribute": 'attribute = "origin"',
    "contrast.ground": 'ground = "origin"',
    "contrast.control": 'control = "flemish"',
    "contrast.test": 'test = "moroccan"',
    "call.id": 'id = "no-foreigners"',
    "call.ground": 'ground = "origin"',
    "call.request": 'request = "owner asks not to let to foreigners"',
    "outcomes": '[outcomes] with scheme = "housing", "labour", "mystery" or "custom"',
    "outcomes.scheme": 'scheme = "housing"',
    "columns.wide.outcome": 'outcome = "…", the column with the reply to this applicant',
}


def explain(errors: Sequence[ErrorDetails], file: str) -> list[Problem]:
    """One problem per thing to mend.

    A key that is missing because it stands there misspelt is said once, as misspelt.
    """
    misspelt = set(renames(errors).values())
    kept = [e for e in errors if e["type"] != MISSING or e["loc"] not in misspelt]
    return [_problem(error, file) for error in kept]


def renames(errors: Iterable[ErrorDetails]) -> dict[Place, Place]:
    """Unknown keys -> the key of the same table that is meant, where that is clear."""
    found: dict[Place, Place] = {}
    for error in errors:
        if error["type"] != UNKNOWN:
            continue
        *parents, key = error["loc"]
        table = table_of(tuple(parents))
        meant = suggestions(str(key), table)
        own = [name for name in tables().get(table, ()) if dotted((*table, name)) in meant]
        if len(meant) == len(own) == 1:
            found[error["loc"]] = (*parents, own[0])
    return found


def _problem(error: ErrorDetails, file: str) -> Problem:
    place, value = error["loc"], error["input"]
    if error["type"] == UNKNOWN:
        return _unknown(place, value, file)
    if error["type"] == MISSING:
        return _missing(place, file)
    message, hint = _wrong(error)
    return Problem(
        code="bad-value",
        message=message,
        file=file,
        column=dotted(place) or None,
        value=None if isinstance(value, dict | list) else shown_value(value),
        hint=hint,
    )


def shown_value(value: object) -> str:
    """A value of the file as it may be shown; TOML's true and false keep their case."""
    try:
        return shown(str(value).lower() if isinstance(value, bool) else value)
    except ValueError:  # an integer of thousands of digits
        return "a number of thousands of digits"


def _unknown(place: Place, value: object, file: str) -> Problem:
    *parents, key = place
    table = table_of(tuple(parents))
    is_table = isinstance(value, dict) or (
        isinstance(value, list) and value != [] and all(isinstance(v, dict) for v in value)
    )
    meant = suggestions(str(key), table)
    if meant:
        hint = f"did you mean {' or '.join(meant)}?"
    elif table:
        hint = f"{heading(table)} has: {', '.join(tables().get(table, ()))}"
    else:
        hint = f"a design has the tables: {', '.join(tables()[()][1:])}"
    return Problem(
        code="unknown-key",
        message="unknown table" if is_table else "unknown key",
        file=file,
        column=dotted(place),
        hint=hint,
    )


def _missing(place: Place, file: str) -> Problem:
    name = table_of(place)
    is_table = name in tables()
    example = _EXAMPLES.get(dotted(name))
    where = "" if is_table else f" under {heading(name[:-1])}"
    return Problem(
        code="missing-key",
        message="this table is missing" if is_table else "this key is missing",
        file=file,
        column=dotted(place),
        hint=f"add {example}{where}" if example else f"add it{where}",
    )


def _wrong(error: ErrorDetails) -> tuple[str, str | None]:
    kind, context = error["type"], error.get("ctx", {})
    if kind == REFUSED:
        return context["message"], context["hint"] or None
    if kind == "value_error":
        return str(context["error"]), None
    if kind in ("literal_error", "enum"):
        known = _QUOTED.findall(str(context.get("expected", "")))
        return "is not a known value", nearest(str(error["input"])[:200], known, "one of: {}")
    if kind.startswith(("model", "dataclass", "tuple", "list", "dict", "mapping")):
        return _wrong_shape(error)
    for beginning, words, hint in _WORDS:
        if kind.startswith(beginning):
            return words.format_map(_Plain(context)), hint
    return "is not a value that this key can have", None


def _wrong_shape(error: ErrorDetails) -> tuple[str, str | None]:
    table = table_of(error["loc"])
    in_list = isinstance(error["loc"][-1], int)
    if table in lists_of_tables() and isinstance(error["input"], dict) and not in_list:
        return "there can be several: it is written with double brackets", heading(table)
    if table in tables():
        return "must be a table", f"write {heading(table)} on a line of its own, its keys below"
    if error["type"].startswith(("tuple", "list")):
        return "must be a list", 'for example ["first", "second"]'
    return "must be a table of names and values", 'for example { origin = "flemish" }'


class _Plain(dict[str, Any]):
    """Numbers of an error's context as people write them: 1, not 1.0."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        super().__init__({n: f"{v:g}" for n, v in context.items() if isinstance(v, int | float)})

    def __missing__(self, key: str) -> str:
        return "…"
