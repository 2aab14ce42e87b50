"""Cells of an .xlsx sheet that show an error, or a formula that was never computed.

The spreadsheet library reads both as empty, and an empty outcome may mean something. So
they are looked up in the sheet's own XML.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from praktijktest.problems import Problem
from praktijktest.tables.header import Header

CHUNK = 1 << 22
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ERROR = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>(?:(?!</c>).)*?<v>([^<]*)</v>', re.DOTALL)
UNCOMPUTED = re.compile(
    rb"<c\b([^>]*)>\s*<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


def cell_errors(source: Path, sheet: str, header: Header, rows: set[int]) -> list[Problem]:
    """A problem for every such cell in a row and column of the table.

    Args:
        source: the spreadsheet; other kinds than .xlsx have none that can be found.
        sheet: name of the sheet.
        header: its header; only columns that are needed count.
        rows: row numbers of the table, so that formulas below the data do not count.
    """
    if not zipfile.is_zipfile(source):
        return []
    with zipfile.ZipFile(source) as archive:
        part = _part(archive, sheet)
        if part is None:
            return []
        with archive.open(part) as stream:
            return [
                _problem(value, header.names[place], row, header.file)
                for place, row, value in _found(stream)
                if row in rows and place in header.places
            ]


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The file inside the archive that holds a sheet."""
    if WORKBOOK not in archive.namelist():
        return None
    book = ElementTree.fromstring(archive.read(WORKBOOK))
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in ElementTree.fromstring(archive.read(RELATIONS))
    }
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = targets.get(element.get(RELATION_ID), "")
            return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return None


def _found(stream: IO[bytes]) -> Iterator[tuple[int, int, str]]:
    """Column, row and shown error of every such cell; no value for an uncomputed formula."""
    for piece in _pieces(stream):
        if b't="e"' in piece:
            for match in ERROR.finditer(piece):
                place, row = _place(match[1])
                yield place, row, match[2].decode("utf-8", "replace")
        if b"<f" in piece:
            for match in UNCOMPUTED.finditer(piece):
                if b't="str"' not in match[1]:
                    yield *_place(match[1]), ""


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The XML in pieces that end with a row."""
    rest = b""
    while chunk := stream.read(CHUNK):
        whole, end, rest = (rest + chunk).rpartition(b"</row>")
        yield whole + end
    yield rest


def _place(attributes: bytes) -> tuple[int, int]:
    reference = REFERENCE.search(attributes)
    if reference is None:
        return -1, -1
    place = 0
    for letter in reference[1]:
        place = place * 26 + letter - ord("A") + 1
    return place - 1, int(reference[2])


def _problem(value: str, column: str, row: int, file: str) -> Problem:
    if value:
        return Problem(
            code="cell-error",
            message="the formula in this cell gives an error",
            file=file,
            row=row,
            column=column,
            value=value,
            hint="mend the formula, or write the value itself",
        )
    return Problem(
        code="formula-without-value",
        message="the formula in this cell was never computed",
        file=file,
        row=row,
        column=column,
        hint="open the file in a spreadsheet program, save it and try again",
    )
