"""The keys that a design file can have, read off the model, and the dotted names of places."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from praktijktest.design.model import Design
from praktijktest.design.nearest import similarity

Place = tuple[str | int, ...]
"""Where something stands: ("contrast", 0, "control")."""
TableName = tuple[str, ...]
"""A table without the numbers of lists: ("columns", "wide")."""

SAME_TABLE = 0.15
"""How much rather a misspelt key is meant for the table it stands in than for another."""
NEAR, NEAR_ELSEWHERE = 0.5, 0.75
SUGGESTED = 3

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dotted(place: Iterable[str | int]) -> str:
    """A place as one reads it: `contrast[0].control`, `columns.values."a b"`."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        name = part if _BARE.fullmatch(part) else '"' + part.replace("\n", " ") + '"'
        text += f".{name}" if text else name
    return text


def table_of(place: Place) -> TableName:
    """The same place without the numbers of lists."""
    return tuple(part for part in place if isinstance(part, str))


@cache
def tables() -> dict[TableName, tuple[str, ...]]:
    """Every table of the design file with fixed keys -> its keys."""
    found: dict[TableName, tuple[str, ...]] = {}
    _collect(Design, (), found)
    return found


@cache
def lists_of_tables() -> frozenset[TableName]:
    """The tables that are written with double brackets: `[[contrast]]`."""
    found: set[TableName] = set()
    _collect_lists(Design, (), found)
    return frozenset(found)


def heading(table: TableName) -> str:
    """A table as its heading is written: `[round]`, `[[contrast]]`."""
    return f"[[{dotted(table)}]]" if table in lists_of_tables() else f"[{dotted(table)}]"


@lru_cache(maxsize=1000)
def suggestions(key: str, table: TableName) -> tuple[str, ...]:
    """The known keys nearest to an unknown one, dotted; first those of its own table."""
    scored: dict[str, float] = {}
    for name, known in tables().items():
        bonus, cutoff = (SAME_TABLE, NEAR) if name == table else (0.0, NEAR_ELSEWHERE)
        for candidate in known:
            if score := similarity(key, candidate, cutoff):
                scored[dotted((*name, candidate))] = score + bonus
    best = max(scored.values(), default=0.0)
    return tuple(name for name, score in scored.items() if score == best)[:SUGGESTED]


def _collect(
    model: type[BaseModel], name: TableName, found: dict[TableName, tuple[str, ...]]
) -> None:
    fields = _fields(model)
    found[name] = tuple(key for key, _ in fields)
    for key, annotation in fields:
        if (inner := _inner_model(annotation)) is not None:
            _collect(inner, (*name, key), found)


def _fields(model: type[BaseModel]) -> list[tuple[str, Any]]:
    return [(info.alias or name, info.annotation) for name, info in model.model_fields.items()]


def _collect_lists(model: type[BaseModel], name: TableName, found: set[TableName]) -> None:
    for key, annotation in _fields(model):
        if (inner := _inner_model(annotation)) is not None:
            if get_origin(annotation) is tuple:
                found.add((*name, key))
            _collect_lists(inner, (*name, key), found)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_inner_model(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)
