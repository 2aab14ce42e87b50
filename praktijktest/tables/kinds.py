"""What kind of file this is: by its name, unless its first bytes certainly say otherwise."""

import re
import zipfile
from pathlib import Path
from typing import Final, Literal

from praktijktest.problems import DataError, Problem
from praktijktest.tables.refusals import empty_file, not_a_table, refusal

Kind = Literal["text", "spreadsheet", "parquet", "stata", "spss", "json", "json-lines"]

EXTENSIONS: Final[dict[str, Kind]] = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".xlsx": "spreadsheet",
    ".xlsm": "spreadsheet",
    ".xls": "spreadsheet",
    ".ods": "spreadsheet",
    ".parquet": "parquet",
    ".dta": "stata",
    ".sav": "spss",
    ".json": "json",
    ".jsonl": "json-lines",
}
KIND_NAMES: Final[dict[Kind, str]] = {
    "text": "delimited text",
    "spreadsheet": "a spreadsheet",
    "parquet": "a Parquet file",
    "stata": "a Stata file",
    "spss": "an SPSS file",
    "json": "JSON",
    "json-lines": "JSON lines",
}
HEAD = 4096
ZIP = b"PK\x03\x04"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CONTENT: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"PAR1", "parquet"),
    (b"<stata_dta>", "stata"),
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
)
NO_TABLES = (
    (b"%PDF", "is a PDF"),
    (b"\x89PNG", "is a picture (PNG)"),
    (b"\xff\xd8\xff", "is a picture (JPEG)"),
    (b"GIF8", "is a picture (GIF)"),
    (b"BM", "is a picture (BMP)"),
    (b"\x1f\x8b", "is a compressed file (gzip)"),
    (b"7z\xbc\xaf", "is a compressed file (7-Zip)"),
    (b"Rar!", "is a compressed file (RAR)"),
    (b"{\\rtf", "is a text document (RTF)"),
    (b"SQLite format 3\x00", "is a database (SQLite)"),
)
PAGE = re.compile(rb"\s*(?:<!doctype html|<html|<table|<\?xml|<head|<meta)", re.IGNORECASE)
JSON_LIST = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{\s*\"")
PASSWORD = "EncryptedPackage".encode("utf-16-le")
OLD_WORKBOOKS = ("Workbook".encode("utf-16-le"), "Book\0".encode("utf-16-le"))


def kind_of(source: Path) -> tuple[Kind, list[Problem]]:
    """The kind of a file, and a warning when its name says something else.

    Args:
        source: a file whose extension is in `EXTENSIONS`.

    Raises:
        DataError: it is no table at all, is protected with a password, or was cut short.
    """
    named = EXTENSIONS[source.suffix.lower()]
    with source.open("rb") as stream:
        head = stream.read(HEAD)
    if not head:
        raise empty_file(source.name)
    found = _by_content(source, head, named)
    if found is None or found == named:
        return named, []
    warning = Problem(
        code="other-kind",
        level="warning",
        message=f"the file is called {source.suffix} but is {KIND_NAMES[found]}; read as that",
        file=source.name,
        hint="give it the extension that belongs to it",
    )
    return found, [warning]


def _by_content(source: Path, head: bytes, named: Kind) -> Kind | None:
    """The kind of which the first bytes leave no doubt, or None."""
    if head.startswith(ZIP):
        return _in_zip(source)
    if head.startswith(OLE2):
        return _in_ole2(source)
    for magic, kind in CONTENT:
        if head.startswith(magic):
            return kind
    refuse_other_files(head, source.name)
    if named == "text" and JSON_LIST.match(head):
        return "json"
    if named == "spreadsheet":
        return _text_in_disguise(source.name, head)
    return None


def refuse_other_files(head: bytes, file: str) -> None:
    """Refuse pictures, PDFs, web pages and the like by their first bytes.

    Raises:
        DataError: the file is one of them.
    """
    for magic, what in NO_TABLES:
        if head.startswith(magic) and (magic != b"BM" or b"\x00" in head):
            raise not_a_table(file, what)
    if PAGE.match(head):
        hint = "open it in a spreadsheet program and save it as .xlsx or CSV"
        raise not_a_table(file, "is a web page or XML", hint)


def _text_in_disguise(file: str, head: bytes) -> Kind:
    """Text that a system exported under the name of a spreadsheet, as many do."""
    if b"\x00" not in head and any(mark in head for mark in b",;\t|") and b"\n" in head:
        return "text"
    raise damaged(file, "this is not a spreadsheet, whatever its name says")


def _in_zip(source: Path) -> Kind:
    try:
        with zipfile.ZipFile(source) as archive:
            names = set(archive.namelist())
            manifest = "META-INF/manifest.xml"
            locked = manifest in names and b"encryption-data" in archive.read(manifest)
    except Exception as error:  # over damaged bytes the zip library raises errors of any kind
        raise damaged(source.name, "the file is damaged or was cut short") from error
    if locked:
        raise password(source.name)
    if any(name.startswith("xl/") for name in names) or "content.xml" in names:
        return "spreadsheet"
    if any(name.startswith("word/") for name in names):
        raise not_a_table(source.name, "is a Word document")
    if any(name.startswith("ppt/") for name in names):
        raise not_a_table(source.name, "is a presentation")
    raise not_a_table(source.name, "is a zip archive", "unpack it and name the file inside")


def _in_ole2(source: Path) -> Kind:
    content = source.read_bytes()
    if PASSWORD in content:
        raise password(source.name)
    if any(name in content for name in OLD_WORKBOOKS):
        return "spreadsheet"
    raise not_a_table(source.name, "is an old Office document without a worksheet")


def password(file: str) -> DataError:
    """The refusal of a file that is protected with a password."""
    return refusal(
        f"{file} is protected with a password.",
        code="password",
        message="the spreadsheet is protected with a password",
        file=file,
        hint="save it without a password; keep the folder itself safe",
    )


def damaged(file: str, message: str) -> DataError:
    """The refusal of a file that is what its name says but cannot be opened."""
    return refusal(
        f"{file} cannot be opened.",
        code="damaged",
        message=message,
        file=file,
        hint="open it in the program that made it, save it again, and copy it whole",
    )
