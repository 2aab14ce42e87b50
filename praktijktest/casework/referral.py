"""Which body takes a case: a table of jurisdiction, market and ground, with source and date."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from praktijktest.language import language_named
from praktijktest.vocabulary import LANGUAGES

TABLE: Final = "referral.toml"


@dataclass(frozen=True, slots=True)
class Body:
    """A body that takes cases.

    Attributes:
        code: its short name.
        role: equality-body, inspection, professional or reporting-point.
    """

    code: str
    role: str

    def names(self) -> dict[str, str]:
        """Language -> its name."""
        key = f"case_file.bodies.{self.code}"
        return {code: language_named(code).text(key) for code in LANGUAGES}


@dataclass(frozen=True, slots=True)
class Referral:
    """A body that is competent, and what that rests on.

    Attributes:
        body: the body.
        since: ISO date from which it is competent.
        known_on: ISO date of the table: how the law stood as far as its authors knew.
        source: the law or agreement, by its key in the catalogues.
    """

    body: Body
    since: str
    known_on: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """The referral as plain data."""
        return {
            "body": self.body.code,
            "role": self.body.role,
            "names": self.body.names(),
            "since": self.since,
            "known_on": self.known_on,
            "source": {
                code: language_named(code).text(f"case_file.sources.{self.source}")
                for code in LANGUAGES
            },
        }


def competent(jurisdiction: str, market: str | None, ground: str | None) -> tuple[Referral, ...]:
    """The bodies that take a case, in the order of the table; none where it knows none."""
    table = _table()
    return tuple(
        Referral(
            body=bodies()[rule["body"]],
            since=rule["since"].isoformat(),
            known_on=table["known_on"].isoformat(),
            source=rule["source"],
        )
        for rule in table["rule"]
        if jurisdiction in rule["jurisdiction"]
        and market in rule["market"]
        and _holds(rule, ground)
    )


@cache
def bodies() -> dict[str, Body]:
    """Every body of the table by its code."""
    return {code: Body(code, entry["role"]) for code, entry in _table()["body"].items()}


def body_named(text: str) -> Body | None:
    """The body with this code or one of these names, whatever the case; None where none has."""
    wanted = text.strip().casefold()
    for body in bodies().values():
        names = (body.code, *body.names().values())
        short = (name.partition("(")[2].partition(")")[0] for name in names)
        bare = (name.partition(" (")[0] for name in names)
        if wanted in {name.casefold() for name in (*names, *short, *bare) if name}:
            return body
    return None


def with_role(found: Iterable[Referral], roles: Iterable[str]) -> tuple[Referral, ...]:
    """The referrals to bodies of these roles."""
    wanted = frozenset(roles)
    return tuple(one for one in found if one.body.role in wanted)


def _holds(rule: dict[str, Any], ground: str | None) -> bool:
    if "grounds" in rule:
        return ground in rule["grounds"]
    return ground not in rule.get("except", ())


@cache
def _table() -> dict[str, Any]:
    text = files("praktijktest.casework").joinpath(TABLE).read_text(encoding="utf-8")
    return tomllib.loads(text)
