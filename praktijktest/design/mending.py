"""A design with its known mistakes mended, so that the remaining ones can be said as well."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic_core import ErrorDetails

from praktijktest.design.keys import Place, table_of
from praktijktest.design.messages import UNKNOWN, renames

# What other keys refer to: with one of these broken, further checks would blame the innocent.
_REFERRED_TO: Final = (
    ("profile",),
    ("contrast",),
    ("call",),
    ("columns", "attributes"),
    ("columns", "wide"),
    ("outcomes",),
    ("test", "kind"),
)

# Required, and nothing refers to it: any value will do.
_STAND_INS: Final[Mapping[tuple[str, ...], Any]] = {
    ("round",): {"id": "round"},
    ("round", "id"): "round",
    ("round", "title"): "round",
    ("contrast", "ground"): "origin",
    ("call", "ground"): "origin",
    ("call", "request"): "request",
}


def mended(data: dict[str, Any], errors: Sequence[ErrorDetails]) -> dict[str, Any] | None:
    """The data with misspelt keys and words put right and wrong values left out.

    Returns:
        New data, or None where what is broken matters too much to go on without it.
    """
    meant = renames(errors)
    found: Any = data
    for error in errors:
        place = error["loc"]
        if error["type"] == UNKNOWN:
            found = _without(found, place)
            if place in meant:
                found = _with(found, meant[place], error["input"], keep=True)
        elif place not in meant.values():
            name = table_of(place)
            value = error.get("ctx", {}).get("meant") or _STAND_INS.get(name)
            if value is not None:
                found = _with(found, place, value)
            elif any(name[: len(part)] == part for part in _REFERRED_TO):
                return None
            else:
                found = _without(found, place)
    return dict(found)


def _without(value: Any, place: Place) -> Any:
    """A copy without what stands at a place."""
    key, *rest = place
    if isinstance(value, dict) and isinstance(key, str) and not rest:
        return {name: part for name, part in value.items() if name != key}
    return _changed(value, key, lambda part: _without(part, tuple(rest))) if rest else value


def _with(value: Any, place: Place, new: Any, *, keep: bool = False) -> Any:
    """A copy with something else at a place; with `keep`, only where nothing stands yet."""
    key, *rest = place
    if rest:
        return _changed(value, key, lambda part: _with(part, tuple(rest), new, keep=keep))
    if isinstance(value, dict) and isinstance(key, str):
        return {key: new, **value} if keep else {**value, key: new}
    return _changed(value, key, lambda _: new)


def _changed(value: Any, key: str | int, change: Any) -> Any:
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return [*value[:key], change(value[key]), *value[key + 1 :]]
    if isinstance(value, dict) and key in value:
        return {**value, key: change(value[key])}
    return value
