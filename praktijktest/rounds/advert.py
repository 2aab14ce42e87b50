"""`advert add`: what the advert looked like when it was tested."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.rounds.entry import Entry, EntrySummary, open_entry

if TYPE_CHECKING:
    from praktijktest.fieldwork.events import NewEvent

LARGEST: Final = 100_000_000
"""Bytes of a file that is kept; a picture or page of an advert is far smaller."""
HEAD: Final = 2_048
MAGIC: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
PAGES: Final = ((b"<!doctype html", "text/html"), (b"<html", "text/html"))
WEB_ARCHIVE: Final = b"content-type: multipart/related"
"""What a page saved whole by a browser has in its head."""
KINDS: Final = "PDF, PNG, JPEG, GIF, WebP, or a page saved as HTML or MHTML"


def add_advert(
    folder: Path,
    test: str,
    file: Path,
    *,
    link: str = "",
    rent: str = "",
    store: str | None = None,
    who: str | None = None,
) -> EntrySummary:
    """Keep a PDF, page or picture of the advert with its hash, link and rent.

    The bytes and the link go to the identity store; the ledger holds their hashes.

    Args:
        folder: the round folder.
        test: id of the test.
        file: the document; its kind is told by its content, not its name.
        link: where the advert stood.
        rent: the rent or wage in it, a number.
        store: URL of the ledger; default as for `ingest`.
        who: who enters it.

    Raises:
        UsageError: no such test or file, or the rent is no number.
        DataError: the file is of another kind, empty, or too large.
    """
    from praktijktest.fieldwork.entries import applications_of_test

    content, media_type = _read(file)
    amount = _amount(rent)
    with open_entry(folder, store, who) as entry:
        applications_of_test(entry.state, test)
        identities = entry.opened.identities
        sha256 = identities.keep(
            content, name=file.name, media_type=media_type, document_class="advert"
        )
        link_hash = identities.pseudonyms("advert", [link])[link]
        values = {
            "document": sha256,
            "media_type": media_type,
            "link_hash": link_hash,
            "rent": amount,
        }
        event = _new_event(entry, test, {n: text for n, text in values.items() if text})
        return entry.store(
            [event] if event else [],
            f"The advert of test {test} is kept ({media_type}, SHA-256 {sha256[:12]}…).",
            details={"test": test, "document": sha256, "media_type": media_type},
        )


def _new_event(entry: Entry, test: str, values: dict[str, str]) -> "NewEvent | None":
    """The event, unless the ledger has all of it."""
    from praktijktest.fieldwork.events import NewEvent

    for known in entry.state.adverts:
        if known.test == test and values.items() <= known.values.items():
            return None
    return NewEvent(kind="advert", test=test, values=values)


def _read(file: Path) -> tuple[bytes, str]:
    """The bytes of a document and its kind."""
    if not file.is_file():
        what = "is a folder" if file.is_dir() else "is not there"
        raise UsageError(f"The file {shown(file.name)} {what}.")
    size = file.stat().st_size
    if size > LARGEST:
        raise _refused(
            file,
            "too-large",
            f"the file has {size / 1e6:,.0f} MB, and at most {LARGEST / 1e6:,.0f} MB is kept",
            "save the page as PDF, or make the picture smaller",
        )
    content = file.read_bytes()
    if not content:
        raise _refused(file, "empty-file", "the file is empty", "save the advert again")
    media_type = media_type_of(content)
    if media_type is None:
        raise _refused(
            file, "other-kind", "this is no picture or page of an advert", f"it can be: {KINDS}"
        )
    return content, media_type


def media_type_of(content: bytes) -> str | None:
    """What a document is by its content; None for kinds that are not kept."""
    for magic, media_type in MAGIC:
        if content.startswith(magic):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    head = content[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, media_type in PAGES:
        if head.startswith(start):
            return media_type
    if WEB_ARCHIVE in head:
        return "multipart/related"
    return "text/html" if head.startswith((b"<!--", b"<?xml")) and b"<html" in head else None


def _amount(text: str) -> str:
    """A number with a decimal point; a comma for it is understood."""
    from praktijktest.tables import as_text, parse_numbers

    if not text.strip():
        return ""
    numbers, bad = parse_numbers([text.strip()])
    if bad[0]:
        raise UsageError(f"--rent {shown(text)!r} is no number; write 850 or 850.50.")
    return as_text(float(numbers[0]))


def _refused(file: Path, code: str, message: str, hint: str) -> DataError:
    problem = Problem(code=code, message=message, file=file.name, hint=hint)
    return DataError("Nothing was stored.", [problem])
