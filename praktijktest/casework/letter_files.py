"""Letters as files: Word to be edited and sent, Markdown to be read anywhere; the same bytes."""

import io
from typing import Final

from praktijktest.casework.letters import Letter, Points
from praktijktest.language import Language, Message

FORMATS: Final = ("docx", "md")
TURNING: Final = dict.fromkeys(range(0x202A, 0x202F))
"""Characters that turn the direction of the text after them."""


def letter_file(letter: Letter, language: Language, name: str) -> bytes:
    """A letter in one of `FORMATS`."""
    if name == "docx":
        return _word(letter, language)
    return _markdown(letter, language).encode("utf-8")


def _lines(letter: Letter, language: Language) -> tuple[list[list[str]], list[str]]:
    """What stands above the text, in blocks, and below it."""
    address = list(letter.address) or (
        [] if letter.kind == "general" else [language.text("letter.address")]
    )
    dated = language.date(letter.dated) if letter.dated else language.text("letter.date")
    reference = (
        [language.text("letter.reference", pseudonym=letter.reference)] if letter.reference else []
    )
    sender = [letter.sender] if letter.sender else []
    blocks = (sender, address, [dated, *reference])
    above = [[_shown(line) for line in block] for block in blocks if block]
    below = [
        language.text("letter.greeting"),
        *map(_shown, sender),
        language.text("letter.signature"),
    ]
    return above, below


def _markdown(letter: Letter, language: Language) -> str:
    above, below = _lines(letter, language)
    subject = language.text("letter.subject_line", subject=letter.subject)
    text = ["  \n".join(map(_plain, block)) for block in above]
    text.append(f"**{_plain(subject)}**")
    text.append(_plain(language.text("letter.salutation")))
    for part in letter.parts:
        if isinstance(part, Points):
            text.append("\n".join(f"* {_plain(_said(language, item))}" for item in part.items))
        else:
            text.append(_plain(_said(language, part)))
    text.append("  \n".join(map(_plain, below)))
    return "\n\n".join(text) + "\n"


def _plain(text: str) -> str:
    """A text that Markdown cannot take for anything else."""
    from praktijktest.reporting.markdown_text import at_start, escaped

    return at_start(escaped(text))


def _said(language: Language, text: Message) -> str:
    """A sentence as it stands in a letter."""
    return _shown(language.say(text))


def _shown(text: str) -> str:
    """A text without characters that no document can hold, or that turn what follows around."""
    from praktijktest.reporting.paper import storable

    return storable(text.translate(TURNING))


def _word(letter: Letter, language: Language) -> bytes:
    from datetime import datetime

    from docx import Document
    from docx.shared import Cm, Pt

    from praktijktest.reporting.word_package import same_every_time

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(11)
    about = document.core_properties
    about.author, about.title = _shown(letter.sender), _said(language, letter.subject)
    about.comments = ""
    about.created = about.modified = datetime.fromisoformat(letter.dated or "2000-01-01")
    above, below = _lines(letter, language)
    for block in above:
        for place, line in enumerate(block, start=1):
            spacing = document.add_paragraph(line).paragraph_format
            spacing.space_after = Pt(14 if place == len(block) else 0)
    subject = document.add_paragraph()
    subject.paragraph_format.space_before = Pt(12)
    subject.add_run(language.text("letter.subject_line", subject=letter.subject)).bold = True
    document.add_paragraph(language.text("letter.salutation"))
    for part in letter.parts:
        if isinstance(part, Points):
            for item in part.items:
                document.add_paragraph(_said(language, item), style="List Bullet")
        else:
            document.add_paragraph(_said(language, part))
    for place, line in enumerate(below):
        paragraph = document.add_paragraph(line)
        paragraph.paragraph_format.space_after = Pt(30 if place == 0 else 0)
    stream = io.BytesIO()
    document.save(stream)
    return same_every_time(stream.getvalue())
