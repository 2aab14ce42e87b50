"""Options that several commands share, so that they mean the same everywhere."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from praktijktest.problems import UsageError
from praktijktest.rounds.as_of import as_of_moment
from praktijktest.vocabulary import LANGUAGES

Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no tables and no messages.")]
Language = Annotated[
    str | None, typer.Option("--lang", help="Language of what people read: nl, fr or en.")
]

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The round folder.")]
Round = Annotated[Path, typer.Option("--round", "-r", metavar="DIR", help="The round folder.")]
Store = Annotated[
    str | None,
    typer.Option("--store", help="URL of the ledger's database (default: round.db in DIR)."),
]
Who = Annotated[str | None, typer.Option("--who", help="Who does this; kept as a pseudonym.")]


def language_or(default: str, wanted: str | None) -> str:
    """The language asked for, else the default.

    Raises:
        UsageError: the language is not one of the three.
    """
    if wanted is None:
        return default
    if wanted not in LANGUAGES:
        raise UsageError(f"--lang is {', '.join(LANGUAGES)}, not {wanted!r}.")
    return wanted


def day(text: str | None, option: str) -> date | None:
    """A day from the command line.

    Raises:
        UsageError: it is not an ISO date.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a date; write it as 2026-11-30.") from None


def moment(text: str | None) -> datetime | None:
    """A date or time from the command line; a date stands for the end of that day.

    Raises:
        UsageError: it is not an ISO date or time.
    """
    if text is None:
        return None
    try:
        return as_of_moment(text)
    except ValueError:
        raise UsageError(
            f"--as-of {text!r} is not a date; write it as 2026-11-30 or 2026-11-30T18:00."
        ) from None


def listed(text: str) -> tuple[str, ...]:
    """The words of an option that takes several, separated by commas."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def languages(text: str | None) -> tuple[str, ...]:
    """The languages of an option that takes several; none where it was not given.

    Raises:
        UsageError: one of them is not one of the three, or there is none.
    """
    if text is not None and not listed(text):
        raise UsageError(f"Name at least one language: {', '.join(LANGUAGES)}.")
    return tuple(language_or("", word) for word in listed(text or ""))
