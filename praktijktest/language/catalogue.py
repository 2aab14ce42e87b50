"""The message catalogues: one folder of TOML files per language, one file per subject."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

PLURAL_FORMS = frozenset(("one", "other"))

Text = str | dict[str, str]
"""A message, or its plural forms chosen by the value `count`."""


@cache
def catalogue(code: str) -> dict[str, Text]:
    """All messages of a language by dotted key, from all files of its folder.

    A table with the keys `one` and `other` alone is one message in two plural forms.

    Args:
        code: "nl", "fr" or "en".
    """
    return {key: text for _, key, text in catalogue_entries(code)}


def catalogue_entries(code: str) -> list[tuple[str, str, Text]]:
    """File name, dotted key and text of every message of a language, in file order."""
    folder = files("praktijktest.language").joinpath(code)
    parts = sorted(folder.iterdir(), key=lambda part: part.name)
    return [
        (part.name, key, text)
        for part in parts
        if part.name.endswith(".toml")
        for key, text in _flattened(tomllib.loads(part.read_text(encoding="utf-8")), "")
    ]


def _flattened(table: dict[str, Any], prefix: str) -> list[tuple[str, Text]]:
    found: list[tuple[str, Text]] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, str) or set(value) == PLURAL_FORMS:
            found.append((key, value))
        else:
            found += _flattened(value, f"{key}.")
    return found
