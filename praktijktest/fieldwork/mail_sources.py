"""Raw messages out of mailboxes: mbox files, Maildirs, single messages and folders of them.

The bytes of a message are handed on as they stand: line ends, `>From` quoting and broken
headers included. Only the line with which an mbox separates messages is left out.
"""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from praktijktest.problems import DataError, Problem, UsageError

MailKind = Literal["mbox", "maildir", "message", "folder"]

MESSAGE_ENDINGS: Final = (".eml", ".mht", ".mhtml")
"""Endings of files that hold one message."""
OUTLOOK_ENDINGS: Final = (".msg", ".pst", ".ost")
LARGEST_MESSAGE: Final = 200 * 2**20
_MAILDIR_FOLDERS: Final = ("cur", "new")

# A separator ends in a date and headers follow it: a letter whose sentence starts with
# "From " is not cut in two.
_SEPARATOR = re.compile(
    rb"\nFrom [^\r\n]{0,200}?\d\d:\d\d[^\r\n]{0,50}?\d{4}[^\r\n]{0,50}\r?\n"
    rb"(?=>?[A-Za-z][!-9;-~]{0,100}[ \t]*:|>From )"
)
_FIRST_SEPARATOR = re.compile(rb"From [^\r\n]*\r?\n")


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message as it stands in its source.

    Attributes:
        file: base name of the file it stands in.
        number: place in that file, from 1.
        content: its bytes.
    """

    file: str
    number: int
    content: bytes


def mail_kind(path: Path) -> MailKind | None:
    """What kind of mailbox a path is, by its content; None when it is none."""
    if path.is_dir():
        if _maildirs(path):
            return "maildir"
        if (path / "mbox").is_file():
            return "mbox"
        return "folder" if next(_message_files(path), None) else None
    if not path.is_file():
        return None
    if path.suffix.casefold() in MESSAGE_ENDINGS:
        return "message"
    with path.open("rb") as stream:
        start = stream.read(1000).lstrip(b"\xef\xbb\xbf\r\n")
    if _FIRST_SEPARATOR.match(start):
        return "mbox"
    return "mbox" if path.suffix.casefold() in (".mbox", ".mbx") else None


def read_mail(path: Path) -> Iterator[RawMessage]:
    """Every message of a mailbox, one at a time, in the order in which it stands there.

    Raises:
        UsageError: there is no such file, or it is no mailbox.
        DataError: it is empty or damaged.
    """
    kind = mail_kind(path)
    if kind is None:
        raise UsageError(_no_mailbox(path))
    if kind == "mbox":
        yield from _mbox(path / "mbox" if path.is_dir() else path)
        return
    if kind == "message":
        yield from _files([path])
        return
    files = sorted(_maildir_files(path)) if kind == "maildir" else sorted(_message_files(path))
    yield from _files(files)


def _no_mailbox(path: Path) -> str:
    name = path.name or str(path)
    if not path.exists():
        return f"There is no file or folder {name}."
    if path.suffix.casefold() in OUTLOOK_ENDINGS:
        return f"{name} is in Outlook's own format; save the messages as .eml or export an .mbox."
    return f"{name} is no mailbox: no .mbox, no Maildir, and no folder with .eml files."


def _mbox(path: Path) -> Iterator[RawMessage]:
    """The messages of an mbox; the file is mapped into memory and not read as a whole."""
    if path.stat().st_size == 0:  # an empty file cannot be mapped
        return
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        first = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*").match(data)
        start = first.end() if first else 0
        opening = _FIRST_SEPARATOR.match(data, start)
        if opening is None:
            raise _damaged(path.name, "it does not begin as a mailbox does, with a line From …")
        begin, number = opening.end(), 1
        for separator in _SEPARATOR.finditer(data, begin):
            yield RawMessage(
                path.name, number, _without_last_blank(data[begin : separator.start() + 1])
            )
            begin, number = separator.end(), number + 1
        yield RawMessage(_name(path), number, _without_last_blank(data[begin:]))


def _without_last_blank(content: bytes) -> bytes:
    """An mbox writes one empty line after each message, which is not part of it."""
    for blank in (b"\r\n\r\n", b"\n\n"):
        if content.endswith(blank):
            return content[: -len(blank) // 2]
    return content


def _files(paths: list[Path]) -> Iterator[RawMessage]:
    for path in paths:
        if path.stat().st_size > LARGEST_MESSAGE:
            raise _damaged(path.name, f"a message of more than {LARGEST_MESSAGE // 2**20} MB")
        yield RawMessage(_name(path), 1, path.read_bytes())


def _maildirs(path: Path) -> list[Path]:
    """The Maildir itself and the folders within it (.Sent, .Junk …), where there are any."""
    if not any((path / name).is_dir() for name in _MAILDIR_FOLDERS):
        return []
    inner = [
        folder
        for folder in sorted(path.iterdir())
        if folder.is_dir()
        and folder.name not in (*_MAILDIR_FOLDERS, "tmp")
        and any((folder / name).is_dir() for name in _MAILDIR_FOLDERS)
    ]
    return [path, *inner]


def _maildir_files(path: Path) -> Iterator[Path]:
    """Delivered messages; a file whose name starts with a dot is a program's own."""
    for folder in _maildirs(path):
        for name in _MAILDIR_FOLDERS:
            if (folder / name).is_dir():
                for file in (folder / name).iterdir():
                    if file.is_file() and not file.name.startswith("."):
                        yield file


def _message_files(path: Path) -> Iterator[Path]:
    for file in path.rglob("*"):
        inside = file.relative_to(path).parts
        hidden = any(part.startswith(".") for part in inside)
        if file.suffix.casefold() in MESSAGE_ENDINGS and file.is_file() and not hidden:
            yield file


def _name(path: Path) -> str:
    """The base name as text that can be stored, whatever bytes it has on the disk."""
    return path.name.encode("utf-8", "replace").decode("utf-8")


def _damaged(file: str, message: str) -> DataError:
    problem = Problem(
        code="mailbox-damaged",
        message=message,
        file=file,
        hint="export the mailbox again, as .mbox or as .eml files",
    )
    return DataError("The mailbox cannot be read.", [problem])
