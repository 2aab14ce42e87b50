"""Texts as Markdown that says what they say: nothing in a log becomes markup, a link or a table."""

import re
from collections.abc import Sequence
from textwrap import wrap
from typing import Final

LINE: Final = 100
"""Longest line of a paragraph; a longer word stays whole."""

_SPECIAL: Final = re.compile(
    r"""
    [\\`*\[\]|~$\#]                # marks that mean something wherever they stand
    | (?<![^\W_])_ | _(?![^\W_])   # an underscore at the edge of a word
    | <(?=[^\s\d])                 # an element or an address, unlike "p < 0.001"
    | >(?=\S)
    | &(?=\w+;|\#)                 # an entity
    | (?<=\w)@(?=\w)               # addresses that become links by themselves
    | :(?=//|[\w+-]+:)
    | (?<=www)\.
    | !(?=\[)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_STARTS: Final = re.compile(r"^(?:[-+=>:]|\d+(?=[.)](?:\s|$)))")


def escaped(text: str) -> str:
    """A text in the midst of a line, with a backslash before what would be markup.

    Args:
        text: one line of text.
    """
    return _SPECIAL.sub(r"\\\g<0>", text)


def lines_of(text: str, first: str = "", rest: str = "") -> list[str]:
    """A paragraph as lines of Markdown, none of which can be taken for a list or a heading.

    Args:
        text: the paragraph, with its marks already escaped.
        first: what stands before its first line.
        rest: what stands before the others.
    """
    width = LINE - len(first)
    lines = wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
    return [
        f"{rest if number else first}{at_start(line)}".rstrip() for number, line in enumerate(lines)
    ]


def at_start(line: str) -> str:
    """A line that does not begin a list, a quotation or a heading."""
    found = _STARTS.match(line)
    if found is None:
        return line
    mark = found.group()
    return f"{mark}\\{line[len(mark) :]}" if mark.isdigit() else f"\\{line}"


def pipe_table(
    heads: Sequence[str], numeric: Sequence[bool], rows: Sequence[Sequence[str]]
) -> list[str]:
    """A table with pipes between its cells, which stand below each other in a terminal too.

    Args:
        heads: headings, already escaped.
        numeric: which columns stand to the right.
        rows: the cells, already escaped.
    """
    from rich.cells import cell_len

    columns = list(zip(heads, *rows, strict=True))
    widths = [max(3, *map(cell_len, set(column))) for column in columns]
    padded = [
        [_padded(cell, cell_len(cell), width, right) for cell in column]
        for column, width, right in zip(columns, widths, numeric, strict=True)
    ]
    under = [
        f"{'-' * (width - 1)}:" if right else "-" * width
        for width, right in zip(widths, numeric, strict=True)
    ]
    head, *body = zip(*padded, strict=True)
    return [f"| {' | '.join(cells)} |" for cells in (head, under, *body)]


def _padded(cell: str, length: int, width: int, right: bool) -> str:
    room = " " * (width - length)
    return f"{room}{cell}" if right else f"{cell}{room}"
