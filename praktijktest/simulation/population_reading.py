"""From a population file to a `Population`, or to every reason why not."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from praktijktest.design.nearest import nearest, similarity
from praktijktest.design.values import REFUSED
from praktijktest.problems import DesignError, Problem, UsageError, shown
from praktijktest.simulation.population import Population
from praktijktest.vocabulary import FORMAT

LARGEST: Final = 1_000_000
"""Bytes; a population is a page, so anything larger is another file."""
MOST: Final = 200
NEAR, NEAR_ELSEWHERE = 0.5, 0.75

Place = tuple[str | int, ...]
Table = tuple[str, ...]

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_EXAMPLES: Final = {
    "population": "[population] with id, targets and tests",
    "population.id": 'id = "my-city"',
    "population.targets": "targets = 86",
    "population.tests": "tests = [8, 15]",
    "ground": '[[ground]] with id = "origin" and its other keys',
    "ground.id": 'id = "origin"',
    "ground.ground": 'ground = "origin"',
    "ground.control": 'control = "flemish"',
    "ground.test": 'test = "moroccan"',
    "ground.response": "response = 0.5",
    "ground.behaviour.id": 'id = "strong"',
    "ground.behaviour.share": "share = 0.10",
    "ground.behaviour.strength": "strength = 0.7",
    "wave.id": 'id = "2026"',
    "confirm.tests": "tests = 15",
}


def read_population(path: str | Path) -> Population:
    """Read a population file.

    Raises:
        UsageError: there is no such file, or it cannot be opened.
        DesignError: it cannot be used; `problems` holds every reason at once.
    """
    file = Path(path)
    name = shown(file.name or path)
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"There is no population file {name}.") from None
    except IsADirectoryError:
        raise UsageError(f"{name} is a folder; name the population file itself.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "this is not a file name"
        raise UsageError(f"The population file {name} cannot be read: {reason}.") from None
    if len(content) > LARGEST:
        raise _refused(name, "too-large", "this is far too large for a population file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise _refused(
            name, "encoding", "this file is not UTF-8 text", "save it as UTF-8", row=row
        ) from None
    return parse_population(text, name)


def parse_population(text: str, name: str = "population") -> Population:
    """The population that a TOML text declares.

    Args:
        text: the content of a population file.
        name: what the file is called in messages.

    Raises:
        DesignError: it cannot be used; `problems` holds every reason at once.
    """
    data = _tables(text, name)
    if (found := data.get("format", FORMAT)) != FORMAT or isinstance(found, bool):
        raise _refused(
            name,
            "unknown-format",
            f"this version reads format {FORMAT}",
            f"write format = {FORMAT} as the first line",
            column="format",
            value=shown(found),
        )
    try:
        return Population.model_validate(data)
    except ValidationError as error:
        raise _unusable(name, explain(error, name)) from None


def explain(error: ValidationError, file: str) -> list[Problem]:
    """One problem per thing to mend, in our words.

    A key that is missing because it stands there misspelt is said once, as misspelt.
    """
    errors = error.errors(include_url=False)[:MOST]
    misspelt = {
        (*found["loc"][:-1], meant)
        for found in errors
        if found["type"] == "extra_forbidden"
        for meant in _meant(str(found["loc"][-1]), _table(found["loc"][:-1]))
    }
    kept = [e for e in errors if e["type"] != "missing" or e["loc"] not in misspelt]
    return [_problem(found, file) for found in kept]


def _problem(error: ErrorDetails, file: str) -> Problem:
    place, value = error["loc"], error["input"]
    column = _dotted(place) or None
    if error["type"] == "extra_forbidden":
        return Problem("unknown-key", "unknown key", file=file, column=column, hint=_near(place))
    if error["type"] == "missing":
        example = _EXAMPLES.get(".".join(_table(place)))
        hint = f"add {example}" if example else "add it"
        return Problem("missing-key", "this is missing", file=file, column=column, hint=hint)
    message, advice = _wrong(error)
    return Problem(
        "bad-value",
        message,
        file=file,
        column=column,
        value=None if isinstance(value, dict | list) else _shown(value),
        hint=advice,
    )


def _wrong(error: ErrorDetails) -> tuple[str, str | None]:
    kind, context = error["type"], error.get("ctx", {})
    if kind == REFUSED:
        return context["message"], context["hint"] or None
    table = _table(error["loc"])
    if table in _tables_of_file() and kind.startswith(("model", "tuple", "list", "dict")):
        return "must be a table", f"write {_heading(table)} on a line of its own, its keys below"
    return "is not a value that this key can have", None


def _near(place: Place) -> str:
    """What an unknown key was probably meant to be."""
    table = _table(place[:-1])
    key = str(place[-1])
    if own := _meant(key, table):
        return f"did you mean {' or '.join(own)}?"
    elsewhere = [
        (similarity(key, name, NEAR_ELSEWHERE), ".".join((*other, name)))
        for other, names in _tables_of_file().items()
        for name in names
    ]
    best, where = max(elsewhere)
    if best:
        return f"did you mean {where}?"
    known = _tables_of_file().get(table, ())
    return nearest(key, known, f"{_heading(table)} has: {{}}" if table else "the tables are: {}")


def _meant(key: str, table: Table) -> list[str]:
    scored = [(similarity(key, name, NEAR), name) for name in _tables_of_file().get(table, ())]
    best = max((score for score, _ in scored), default=0.0)
    return [name for score, name in scored if score == best > 0]


@cache
def _tables_of_file() -> dict[Table, tuple[str, ...]]:
    """Every table of the file with fixed keys -> its keys."""
    found: dict[Table, tuple[str, ...]] = {}

    def collect(model: type[BaseModel], name: Table) -> None:
        keys = {info.alias or key: info.annotation for key, info in model.model_fields.items()}
        found[name] = tuple(keys)
        for key, annotation in keys.items():
            if (inner := _inner_model(annotation)) is not None:
                collect(inner, (*name, key))

    collect(Population, ())
    return found


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    parts = get_args(annotation)
    if get_origin(annotation) is Annotated:
        parts = parts[:1]
    return next((m for m in map(_inner_model, parts) if m is not None), None)


def _heading(table: Table) -> str:
    several = table in {("ground",), ("ground", "behaviour"), ("wave",)}
    return f"[[{'.'.join(table)}]]" if several else f"[{'.'.join(table)}]"


def _table(place: Place) -> Table:
    """A place without the numbers of lists."""
    return tuple(part for part in place if isinstance(part, str))


def _dotted(place: Place) -> str:
    """A place as one reads it: `ground[0].behaviour[1].share`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return shown(text)


def _shown(value: object) -> str:
    return shown(str(value).lower() if isinstance(value, bool) else value)


def _tables(text: str, name: str) -> dict[str, Any]:
    if not text.strip():
        raise _refused(name, "empty", "this file is empty", "copy a shipped population")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _refused(name, "not-toml", "lists stand too deep within lists") from None
    except ValueError as error:
        said = str(error)
        at = _AT_LINE.search(said)
        raise _refused(
            name,
            "not-toml",
            f"not valid TOML: {shown(_AT_LINE.sub('', said))}",
            "lines are [table] or key = value; text stands in quotes, decimals have a point",
            row=int(at.group(1)) if at else None,
        ) from None


def _refused(
    name: str, code: str, message: str, hint: str | None = None, **place: Any
) -> DesignError:
    return _unusable(name, [Problem(code, message, file=name, hint=hint, **place)])


def _unusable(name: str, problems: Sequence[Problem]) -> DesignError:
    number = len(problems)
    many = "1 error" if number == 1 else f"{number} errors"
    return DesignError(f"The population {name} cannot be used: {many}.", problems)
