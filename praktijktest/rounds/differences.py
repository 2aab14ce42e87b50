"""Where two files differ: the line of a text, the sheet or part of a document, or the byte."""

import io
import zipfile
from itertools import zip_longest
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from praktijktest.problems import shown

if TYPE_CHECKING:
    from praktijktest.rounds.verify import Findings

BEFORE: Final = 30
"""Characters shown in front of the first one that differs."""

_NAMES: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET: Final = "xl/worksheets/sheet"


def note_difference(
    name: str,
    was: bytes,
    now: bytes,
    message: str,
    findings: "Findings",
    code: str = "output-differs",
) -> bool:
    """Note that, and where, a file differs from the same file made again.

    Args:
        name: name of the file within its folder.
        was: what stands there.
        now: what comes out now.
        message: what the difference means.
        findings: what a verification has come to so far.
        code: fixed name of the problem.

    Returns:
        Whether they differ.
    """
    if was == now:
        return False
    if name.endswith((".docx", ".xlsx")):
        place, line = _part(was, now)
        findings.wrong(code, f"{message}: {place}", file=name, value=line)
    elif name.endswith(".pdf"):
        findings.wrong(code, f"{message}: from byte {_first(was, now) + 1} on", file=name)
    else:
        row, line = _line(was, now)
        findings.wrong(code, message, file=name, row=row, value=line)
    return True


def _first(was: bytes, now: bytes) -> int:
    """Place of the first byte that differs."""
    pairs = enumerate(zip(was, now, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(was), len(now)))


def _line(was: bytes, now: bytes) -> tuple[int | None, str | None]:
    """The line that differs and what stands there, from the difference on."""
    for row, (old, new) in enumerate(zip_longest(was.split(b"\n"), now.split(b"\n")), start=1):
        if old != new:
            if old is None or new is None:
                return row, "(no line)" if old is None else shown(old.decode("utf-8", "replace"))
            same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
            return row, shown(old[max(0, same - BEFORE) :].decode("utf-8", "replace"))
    return None, None


def _part(was: bytes, now: bytes) -> tuple[str, str | None]:
    """The first part of a document that differs, a sheet by its name, and what stands there."""
    try:
        with zipfile.ZipFile(io.BytesIO(was)) as old, zipfile.ZipFile(io.BytesIO(now)) as new:
            before, after = _sheets_last(old.namelist()), _sheets_last(new.namelist())
            for name in dict.fromkeys([*before, *after]):
                if name not in after:
                    return f"the part {name} was added", None
                if name not in before:
                    return f"the part {name} is missing", None
                if old.getinfo(name).file_size != new.getinfo(name).file_size:
                    return _called(name, new), None
                if (content := old.read(name)) != (made := new.read(name)):
                    return _called(name, new), _line(content, made)[1]
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        return "the file cannot be opened", None
    return "its parts are the same, their packing is not", None


def _sheets_last(names: list[str]) -> list[str]:
    """The parts in the order in which a difference says most: sheets before their list of texts."""
    first = [name for name in names if name.startswith((_SHEET, "word/document"))]
    return [*first, *(name for name in names if name not in first)]


def _called(part: str, document: zipfile.ZipFile) -> str:
    """A part as a reader knows it."""
    if not part.startswith(_SHEET):
        return f"in the part {part}"
    number = int(part.removeprefix(_SHEET).removesuffix(".xml"))
    book = ElementTree.fromstring(document.read("xl/workbook.xml"))
    names = [sheet.get("name", "") for sheet in book.iter(f"{_NAMES}sheet")]
    return f"on the sheet {shown(names[number - 1])!r}"
