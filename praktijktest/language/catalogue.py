"""The message catalogues: one TOML file per language, read once."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

PLURAL_FORMS = frozenset(("one", "other"))

Text = str | dict[str, str]
"""A message, or its plural forms chosen by the value `count`."""


@cache
def catalogue(code: str) -> dict[str, Text]:
    """All messages of a language by dotted key.

    A table with the keys `one` and `other` alone is one message in two plural forms.

    Args:
        code: "nl", "fr" or "en".
    """
    source = files("praktijktest.language").joinpath(f"{code}.toml")
    return dict(_flattened(tomllib.loads(source.read_text(encoding="utf-8")), ""))


def _flattened(table: dict[str, Any], prefix: str) -> list[tuple[str, Text]]:
    found: list[tuple[str, Text]] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, str) or set(value) == PLURAL_FORMS:
            found.append((key, value))
        else:
            found += _flattened(value, f"{key}.")
    return found
