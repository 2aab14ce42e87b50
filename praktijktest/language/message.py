"""A text that has no language yet: the key of a message and the raw values in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the catalogue with its values.

    Attributes:
        key: dotted key in the catalogue.
        values: raw values by placeholder: numbers, names from a log, or other messages.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


def message(key: str, **values: Any) -> Message:
    """A `Message` with its values as keywords."""
    return Message(key, values)
