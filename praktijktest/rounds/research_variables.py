"""The variables of exported applications: what each is, its type and its values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import pandas as pd

    from praktijktest.language import Language

Kind = Literal["identifier", "category", "flag", "integer"]

IDENTIFIERS: Final = ("test", "target")
FLAGS: Final = ("late",)
PREFIXES: Final = ("attribute", "stratum", "positive")
OF_TARGETS: Final = "stratum"


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of `applications.csv`.

    Attributes:
        name: its name in the CSV file.
        short: its name in Stata and SPSS: letters, digits and underscores, 32 at most.
        kind: identifier (a pseudonym), category, flag (0 or 1) or integer.
        values: the values that occur, for a category; empty ones are missing.
        missing: how many rows have no value.
    """

    name: str
    short: str
    kind: Kind
    values: tuple[str, ...]
    missing: int

    @property
    def subject(self) -> tuple[str, str]:
        """What the variable is about: the kind of column, and what it names."""
        prefix, _, rest = self.name.partition(":")
        return (prefix, rest) if rest and prefix in PREFIXES else (self.name, "")

    def label(self, language: "Language") -> str:
        """What the variable is, in a sentence."""
        kind, named = self.subject
        key = f"codebook.variable.{kind}"
        if key not in language.messages:
            return self.name
        return language.text(key, name=named) if named else language.text(key)

    def value_label(self, value: str, language: "Language", own: Mapping[str, str]) -> str:
        """What a value means; a value of the round itself stands as it is."""
        from praktijktest.disclosure.anonymity import HIDDEN, OTHER

        if self.kind == "flag":
            return language.text("yes" if value == "1" else "no")
        if value == HIDDEN:
            return language.text("codebook.hidden_value")
        if value == OTHER and self.subject[0] not in ("outcome", "attribute"):
            return language.text("codebook.other_value")
        if self.name == "outcome":
            return own.get(value) or language.label("outcome", value)
        if self.name == "status":
            return language.text(f"codebook.status.{value}")
        if self.name == "failed":
            return language.label("reason", value)
        return value


def variables_of(rows: "pd.DataFrame") -> tuple[Variable, ...]:
    """The variables of exported applications, in the order of their columns."""
    found: list[Variable] = []
    taken: set[str] = set()
    for name in rows.columns:
        column = rows[name]
        filled = column[column != ""]
        kind = _kind(str(name), filled)
        values = tuple(sorted(set(filled))) if kind in ("category", "flag") else ()
        short = _short(str(name), taken)
        taken.add(short)
        found.append(Variable(str(name), short, kind, values, len(column) - len(filled)))
    return tuple(found)


def _kind(name: str, filled: "pd.Series[str]") -> Kind:
    if name in IDENTIFIERS:
        return "identifier"
    if name in FLAGS or name.startswith("positive:"):
        return "flag"
    if name == "position" and len(filled) and filled.str.fullmatch(r"\d{1,6}").all():
        return "integer"
    return "category"


def _short(name: str, taken: set[str]) -> str:
    """A name that Stata and SPSS accept, unlike those before it."""
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in name).strip("_") or "v"
    plain = plain if plain[0].isalpha() else f"v_{plain}"
    chosen, number = plain[:32], 1
    while chosen.lower() in {one.lower() for one in taken}:
        number += 1
        chosen = f"{plain[: 31 - len(str(number))]}_{number}"
    return chosen


def names_of(variables: Sequence[Variable], prefix: str) -> list[str]:
    """The columns of a kind: attributes of applicants, strata of tests, rules."""
    return [one.name for one in variables if one.subject[0] == prefix and one.subject[1]]


def own_labels(document: Mapping[str, Any]) -> dict[str, str]:
    """The labels that a round gives to outcomes of its own."""
    return {str(code): str(label) for code, label in document["method"]["labels"].items()}
