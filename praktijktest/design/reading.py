"""From a design file to a `Design`, or to every reason why not."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from praktijktest.design.checking import check
from praktijktest.design.mending import mended
from praktijktest.design.messages import explain, shown_value
from praktijktest.design.model import Design
from praktijktest.problems import DesignError, Problem, UsageError, shown
from praktijktest.vocabulary import FORMAT

LARGEST: Final = 5_000_000
"""Bytes; a design is a page or two, so anything larger is another file."""

MOST: Final = 200
"""Errors that are explained; a file with more is hardly a design."""

_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_AT = re.compile(r" \(at line (\d+), column (\d+)\)$")
_AT_END = re.compile(r" \(at end of document\)$")
_NOT_TEXT: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"SQLite format")

# the beginning of tomllib's message -> ours, and what to do
_SYNTAX: Final[tuple[tuple[str, str, str | None], ...]] = (
    ("Invalid value", "this value is not TOML", 'text stands in quotes: market = "housing"'),
    ("Expected '=' after a key", 'a key is followed by "=" and a value', None),
    ("Invalid statement", "this line is not TOML", 'lines are [table] or key = "value"'),
    ("Expected newline or end of document", "there is more on this line than one value",
     "one key = value per line; decimals with a point: alpha = 0.05; dates as 2026-09-01"),
    ("Cannot overwrite a value", "this key stands twice in its table", "leave one out"),
    ("Cannot declare", "this table is declared twice",
     "put its keys together; several applicants or contrasts have double brackets: [[contrast]]"),
    ("Unterminated string", "a text has no closing quote", None),
    ("Unclosed array", "a list has no closing bracket ]", None),
    ("Unclosed inline table", "an inline table has no closing brace }", None),
    ("Invalid initial character for a key part", "a key begins with a wrong character",
     "keys with blanks or accents stand in quotes"),
    ("Duplicate inline table key", "this key stands twice between the braces", "leave one out"),
    ("Invalid date or datetime", "this date does not exist", None),
    ("Illegal character", "a character that a text in quotes cannot hold (or no closing quote)",
     None),
    ("Unescaped '\\' in a string", "a backslash in a text is written twice", None),
    ("Expected ']", "a table heading has no closing bracket", "[round], [[contrast]]"),
)  # fmt: skip


def read_design(path: str | Path) -> Design:
    """Read a design file.

    Raises:
        UsageError: there is no such file, or it cannot be opened.
        DesignError: the design cannot be used; `problems` holds every reason at once.
    """
    file = Path(path)
    name = shown(file.name or path)
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"There is no design file {name}.") from None
    except IsADirectoryError:
        raise UsageError(f"{name} is a folder; name the design file itself.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "this is not a file name"
        raise UsageError(f"The design file {name} cannot be read: {reason}.") from None
    return parse_design(_decoded(content, name), name)


def parse_design(text: str, name: str = "design") -> Design:
    """The design that a TOML text declares.

    Args:
        text: the content of a design file.
        name: what the file is called in messages.

    Raises:
        DesignError: the design cannot be used; `problems` holds every reason at once.
    """
    data = _tables(text.removeprefix("\ufeff"), name)
    _refuse_format(data, name)
    try:
        design = Design.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        problems = explain(found[:MOST], name)
        if len(found) > MOST:
            problems.append(_left_out(len(found) - MOST, name))
        else:
            problems += _further(data, found, problems, name)
        raise _unusable(name, problems) from None
    if problems := check(design, name):
        raise _unusable(name, problems)
    return design


def _further(
    data: dict[str, Any], errors: list[ErrorDetails], known: list[Problem], name: str
) -> list[Problem]:
    """What would still be wrong with the known problems mended, so that all is said at once."""
    rest = mended(data, errors)
    try:
        design = None if rest is None else Design.model_validate(rest)
    except ValidationError:
        return []
    if design is None:
        return []
    places = [problem.column or "" for problem in known]
    return [
        problem
        for problem in check(design, name)
        if not any(_touch(problem.column or "", place) for place in places)
    ]


def _touch(one: str, other: str) -> bool:
    """Whether one dotted place is the other, or one lies within the other."""
    short, long = sorted((one, other), key=len)
    return long == short or long.startswith((f"{short}.", f"{short}["))


def _left_out(number: int, name: str) -> Problem:
    return Problem(
        code="more-errors",
        message=f"{number} more errors are not listed",
        file=name,
        hint="is this a design file?",
    )


def _unusable(name: str, problems: Sequence[Problem]) -> DesignError:
    number = len(problems)
    many = "1 error" if number == 1 else f"{number} errors"
    return DesignError(f"The design {name} cannot be used: {many}.", problems)


def _refused(
    name: str, code: str, message: str, hint: str | None = None, **place: Any
) -> DesignError:
    return _unusable(name, [Problem(code=code, message=message, file=name, hint=hint, **place)])


def _decoded(content: bytes, name: str) -> str:
    """The text of a design file, which is UTF-8."""
    if len(content) > LARGEST:
        raise _refused(name, "too-large", "this is far too large for a design file")
    if content.startswith(_NOT_TEXT):
        raise _refused(
            name,
            "not-text",
            "this is not a text file",
            "a design is a TOML text file; is this the log?",
        )
    if content.startswith(_UTF_16):
        raise _refused(name, "encoding", "this file is UTF-16", "save it as UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\0" in content:
            hint = "a design is a TOML text file"
            raise _refused(name, "not-text", "this is not a text file", hint) from None
        row = content.count(b"\n", 0, error.start) + 1
        raise _refused(
            name,
            "encoding",
            f"this file is not UTF-8: byte {content[error.start]:#04x} cannot be read",
            "save it as UTF-8",
            row=row,
        ) from None


def _tables(text: str, name: str) -> dict[str, Any]:
    if not text.strip():
        raise _refused(
            name, "empty-design", "this file is empty", "copy a design from designs/ and change it"
        )
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _refused(name, "not-toml", "lists stand too deep within lists") from None
    except ValueError as error:
        raise _not_toml(str(error), text, name) from None


def _not_toml(said: str, text: str, name: str) -> DesignError:
    """What tomllib says, in our words and with the line it is about."""
    lines = text.replace("\r\n", "\n").split("\n")
    if at := _AT.search(said):
        row, column = int(at.group(1)), int(at.group(2))
    else:
        row = max(number for number, line in enumerate(lines, 1) if line.strip())
        column = len(lines[row - 1].rstrip()) + 1
    reason = _AT_END.sub("", _AT.sub("", said))
    message, hint = reason[:1].lower() + reason[1:], None
    for beginning, words, advice in _SYNTAX:
        if reason.startswith(beginning):
            message, hint = words, advice
    return _refused(
        name,
        "not-toml",
        f"not valid TOML at line {row}, character {column}: {shown(message)}",
        hint,
        row=row,
        value=shown(lines[row - 1]) or None if row <= len(lines) else None,
    )


def _refuse_format(data: dict[str, Any], name: str) -> None:
    """A later format may mean other things by the same keys: nothing else is looked at."""
    found = data.get("format", FORMAT)
    if isinstance(found, int) and not isinstance(found, bool):
        if found == FORMAT:
            return
        if found > FORMAT:
            raise _refused(
                name,
                "later-format",
                f"made by a newer version; this version reads format {FORMAT}",
                "update praktijktest",
                column="format",
                value=shown_value(found),
            )
    raise _refused(
        name,
        "unknown-format",
        "there is no such format",
        f"write format = {FORMAT}, without quotes, as the first line",
        column="format",
        value=None if isinstance(found, dict | list) else shown_value(found),
    )
