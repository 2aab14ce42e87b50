"""What PDF and Word share: pictures with captions and words, dates, texts that can be printed."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from praktijktest.language import Language, shortened
from praktijktest.reporting.blocks import (
    FigureBlock,
    Finding,
    FourCells,
    Paragraph,
    Report,
    Table,
)

if TYPE_CHECKING:
    from praktijktest.reporting.drawing import Drawing

AUTHOR = "praktijktest"
"""Who made a document, in its properties: a program, never a person."""

TITLE_SHOWN = 160
"""How many characters of a round's title are shown."""

RUNNING_TITLE_SHOWN = 70
"""How many of them stand above every page."""

LETTERS_OF_A_LINE = 110
"""How many small letters stand on a line; a kind of report that does not fit is left out."""

CONTENTS_FROM = 4
"""From this many chapters on, a report has a table of contents."""

COMPACT = ("summary", "council")
"""Kinds of report that begin with one page, which is set tighter so that it stays one."""

LONGEST_WORD, PIECE = 30, 10
"""A longer word may be broken between pieces of this many characters."""

UNKNOWN_DAY = "1980-01-01"
"""The date of a document whose report has none: the first day a zip file can name."""

NOTHING = "–"
"""The title of a report without one: readers and the standards ask for a title."""

UNPRINTABLE = "\u25a1"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\W?")
_BREAK_HERE = "\u200b"
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
_STEERING = frozenset("\u200b\u200e\u200f\u202f\u2009\u2066\u2067\u2068\u2069\u00ad\u00a0\u2060")
"""Characters without a shape of their own that every writer of documents knows."""

_SHAPELESS = ("Cc", "Cs", "Co", "Cn")


def contents_before(report: Report) -> int | None:
    """Before which chapter the table of contents stands; None where there is none.

    A first chapter with the main findings goes before it: who reads one page reads those.

    Args:
        report: the report as data.
    """
    if len(report.sections) < CONTENTS_FROM:
        return None
    return int(any(isinstance(block, Finding) for block in report.sections[0].blocks))


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as it stands on paper.

    Attributes:
        caption: what it shows, with its denominator.
        drawing: the picture, with its words for readers who do not see it.
        notes: sentences below it.
    """

    caption: str
    drawing: "Drawing"
    notes: tuple[str, ...]


def pictures(block: FigureBlock, language: Language) -> list[Picture]:
    """A figure as pictures that each fit on a page.

    Args:
        block: a figure of a report.
        language: what it is written in.
    """
    from praktijktest.reporting.drawing import drawing_of, pages_of

    found = []
    for number, part in enumerate(pages_of(block)):
        drawing = drawing_of(part, language)
        assert drawing is not None
        caption = _caption(part, language)
        if number:
            caption = f"{caption} {language.text('paper.continued')}"
        notes = tuple(language.say(note) for note in getattr(part, "notes", ()))
        found.append(Picture(caption, drawing, notes))
    return found


def _caption(block: FigureBlock, language: Language) -> str:
    if isinstance(block, FourCells):
        legend = language.text("paper.pairs", control=block.control, test=block.test)
        return f"{language.say(block.scale)} {legend}"
    return language.say(block.title)


def leads_in(blocks: Sequence[object], place: int) -> bool:
    """Whether a block is a paragraph that belongs on the page of the figure or table after it."""
    after = blocks[place + 1] if place + 1 < len(blocks) else None
    return isinstance(blocks[place], Paragraph) and isinstance(after, FigureBlock | Table)


def dated(report: Report) -> datetime:
    """The moment a document carries as its date: that of the report, never of the clock."""
    return datetime.fromisoformat((report.dated or UNKNOWN_DAY)[:10]).replace(tzinfo=UTC)


def title_of(report: Report) -> str:
    """The title of a report, cut when it is longer than a title."""
    return shortened(report.title, TITLE_SHOWN) or NOTHING


def running_head(report: Report, language: Language) -> tuple[str, str]:
    """Title and kind of report as they stand on one line above every page."""
    title, kind = shortened(report.title, RUNNING_TITLE_SHOWN), language.say(report.subtitle)
    return title, kind if len(title) + len(kind) <= LETTERS_OF_A_LINE else ""


def page_words(language: Language) -> list[str]:
    """What stands before, between and after the page and the number of pages: "Page 3 of 12"."""
    return re.split("<[12]>", language.text("paper.page", page="<1>", pages="<2>"))


def breakable(text: str) -> str:
    """A text in which words that are too long for any column may be broken."""
    if len(text) <= LONGEST_WORD:
        return text
    return " ".join(_pieces(word) for word in text.split(" "))


def _pieces(word: str) -> str:
    if len(word) <= LONGEST_WORD or any(unicodedata.combining(c) or c in _JOINERS for c in word):
        return word
    if _FINGERPRINT.fullmatch(word):
        # Who copies it to compare it must not copy invisible characters.
        return word
    return _BREAK_HERE.join(word[i : i + PIECE] for i in range(0, len(word), PIECE))


def storable(text: str) -> str:
    """A text without characters that no document can hold; letters of any script stay."""
    if text.isprintable():
        return text
    return "".join(
        c if unicodedata.category(c) not in _SHAPELESS else UNPRINTABLE if ord(c) > 31 else " "
        for c in text
    )


def printable(text: str) -> str:
    """A text as the fonts that come along can print it: a box for a character they lack.

    Documents for an archive may not hold a character without a shape.
    """
    if text.isascii() and text.isprintable():
        return text
    from praktijktest.reporting.drawing.canvas import characters

    known = characters()
    return "".join(
        c if ord(c) in known or c in _STEERING else UNPRINTABLE
        for c in storable(text)
        if c not in _JOINERS or _joins_letters(c, text)
    )


def _joins_letters(joiner: str, text: str) -> bool:
    """Whether a joiner is one of writing (Arabic, Persian) and not of a chain of pictures."""
    return joiner in "\u200c\u200d" and any(
        unicodedata.bidirectional(c) in ("R", "AL") for c in text
    )
