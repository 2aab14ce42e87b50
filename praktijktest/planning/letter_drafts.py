"""Letters as files: text, mail drafts and a send sheet per tester. Nothing is ever sent.

Nothing in a draft says that it belongs to a test: no header of ours, no id, no date.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.policy import compat32
from email.utils import formataddr
from pathlib import Path
from typing import Any, Final

from praktijktest.planning.letter_rendering import Letter, Letters
from praktijktest.storage import sha256_of_text
from praktijktest.tables import plain_csv

DRAFTS: Final = "drafts"
"""Folder in the round's `letters/` that holds what was rendered."""

SEND_SHEET: Final = (
    "send_at",
    "application",
    "name",
    "mailbox",
    "channel",
    "contact",
    "link",
    "advert",
    "subject",
    "letter",
    "if_invited",
    "sent_at",
    "note",
)
"""Columns of a send sheet; the last two are for the tester to fill in."""

# The older interface of `email`: ten times faster, for thousands of drafts.
_POLICY = compat32.clone(linesep="\r\n")
_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def mail_draft(letter: Letter) -> bytes:
    """A letter as an .eml file that a mail program opens as a draft.

    The bytes depend on the letter alone: no date, and a Message-ID from the SHA-256 of
    what is written. Sender and addressee are left open where no mail address is known.
    """
    message: Message[Any, Any] = Message(policy=_POLICY)
    sender = _MAIL.fullmatch(letter.mail) is not None
    if sender:
        message["From"] = formataddr((letter.name, letter.mail))
    if _MAIL.fullmatch(letter.contact):
        message["To"] = letter.contact
    message["Subject"] = Header(letter.subject, _header_charset(letter.subject))
    domain = letter.mail.rpartition("@")[2] if sender else "localhost"
    content = "\n".join((letter.application, letter.kind, letter.subject, letter.text))
    message["Message-ID"] = f"<{sha256_of_text(content)[:32]}@{domain}>"
    # Mail programs open a message with this header as a draft to be sent.
    message["X-Unsent"] = "1"
    message["MIME-Version"] = "1.0"
    message.set_payload(letter.text, _QUOTED)
    return message.as_bytes()


def letter_text(letter: Letter) -> bytes:
    """A letter as plain text, its subject first; a script as it is read out."""
    return f"{letter.subject}\n\n{letter.text}".encode()


def send_sheets(letters: Letters) -> dict[str, bytes]:
    """The send sheets by file name: one CSV per tester, in the order of sending.

    A sheet says neither which applicant is the control nor what is being compared.
    """
    by_tester: dict[str, list[Letter]] = {}
    for letter in sorted(letters.letters, key=lambda one: (one.send_at, one.application)):
        by_tester.setdefault(letter.tester, []).append(letter)
    declined = {letter.application for letter in letters.declines}
    names = _sheet_names(by_tester)
    return {
        names[tester]: plain_csv(SEND_SHEET, (_sheet_row(one, declined) for one in own))
        for tester, own in by_tester.items()
    }


def write_drafts(letters: Letters, folder: Path) -> int:
    """Write every letter, mail draft and send sheet into an empty folder.

    Args:
        letters: what was rendered.
        folder: an empty folder, such as that of `folder_written_whole`.

    Returns:
        How many files were written.
    """
    files = list(draft_files(letters))
    for name, content in files:
        (folder / name).write_bytes(content)
    return len(files)


def draft_files(letters: Letters) -> Iterable[tuple[str, bytes]]:
    """Name and content of every file."""
    yield from sorted(send_sheets(letters).items())
    for letter in letters.letters:
        yield f"{_stem(letter.application)}.txt", letter_text(letter)
        if letter.channel == "mail" and letter.kind == "application":
            yield f"{_stem(letter.application)}.eml", mail_draft(letter)
    for letter in letters.declines:
        yield decline_file(letter.application), letter_text(letter)


def decline_file(application: str) -> str:
    """Name of the file with the polite refusal of an invitation."""
    return f"{_stem(application)}.decline.txt"


def _stem(application: str) -> str:
    """The id of an application as a file name; a plan that people edited may hold a path."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", application)


def file_name_part(text: str) -> str:
    """A text as part of a file name: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()


def _sheet_names(testers: Iterable[str]) -> dict[str, str]:
    """File name by tester; testers whose names are written alike get a number."""
    found: dict[str, str] = {}
    for tester in sorted(testers):
        part = file_name_part(tester)
        base = f"send-sheet-{part}" if part else "send-sheet"
        name, number = f"{base}.csv", 2
        while name in found.values():
            name, number = f"{base}-{number}.csv", number + 1
        found[tester] = name
    return found


def _sheet_row(letter: Letter, declined: set[str]) -> Sequence[object]:
    mail = letter.channel == "mail" and letter.kind == "application"
    decline = ""
    if letter.application in declined:
        decline = f"≤ 24 h: {decline_file(letter.application)}"
    return (
        letter.send_at.isoformat(),
        letter.application,
        letter.name,
        letter.mail,
        letter.channel,
        letter.contact,
        letter.link,
        letter.advert,
        letter.subject,
        f"{_stem(letter.application)}.{'eml' if mail else 'txt'}",
        decline,
        "",
        "",
    )


def _header_charset(text: str) -> str:
    return "us-ascii" if text.isascii() else "utf-8"
