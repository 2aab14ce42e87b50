"""The bytes of a text file as UTF-8, or why they are no text."""

import codecs
import re

from praktijktest.problems import DataError, Problem, shown

CHUNK = 1 << 23
"""How many bytes are decoded at a time, to spare memory."""

UTF8_IN_CP1252 = re.compile(rb"\xc3[\x80-\xbf]|\xc2[\xa0-\xbf]|\xe2[\x80\x82][\x80-\xbf]")
UNDEFINED_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
MAGIC = {
    b"PK\x03\x04": "a zip archive or spreadsheet",
    b"\xd0\xcf\x11\xe0": "an old or password-protected Office file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a compressed file",
    b"{\\rtf": "a text document",
}


def as_utf8(data: bytes, name: str) -> tuple[bytes, list[Problem]]:
    """The same text in UTF-8 without a byte order mark, and warnings.

    A byte order mark decides; else strict UTF-8; else Windows-1252, with a warning.

    Args:
        data: the bytes of the file.
        name: base name, for messages.

    Raises:
        DataError: the file is empty, is no text, or mixes encodings.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, ""),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            rest = data[len(mark) :]
            return (rest.decode(encoding, "replace").encode() if encoding else rest), []
    for magic, what in MAGIC.items():
        if data.startswith(magic):
            raise _not_a_table(name, f"it looks like {what}")
    if not data[:CHUNK].strip() and not data.strip():
        raise DataError(
            f"{name} is empty.",
            [
                Problem(
                    code="empty-file",
                    message="the file is empty",
                    file=name,
                    hint="save the log again, and look at its size",
                )
            ],
        )
    if b"\x00" in data:
        raise _not_a_table(name, "it holds bytes that no text has")
    fault = _first_fault(data)
    if fault is None:
        return data, []
    return _from_cp1252(data, name, fault)


def _first_fault(data: bytes) -> int | None:
    """Position of the first byte that is not UTF-8, decoding in pieces to spare memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    for start in range(0, len(data), CHUNK):
        end = start + CHUNK
        try:
            decoder.decode(view[start:end], final=end >= len(data))
        except UnicodeDecodeError:
            break
    else:
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _from_cp1252(data: bytes, name: str, fault: int) -> tuple[bytes, list[Problem]]:
    row = data.count(b"\n", 0, fault) + 1
    line = data[data.rfind(b"\n", 0, fault) + 1 : data.find(b"\n", fault) + 1 or len(data)]
    if UTF8_IN_CP1252.search(data):
        raise DataError(
            f"{name} mixes encodings.",
            [
                Problem(
                    code="mixed-encodings",
                    file=name,
                    row=row,
                    value=shown(line.decode("cp1252", "replace")),
                    message="most of the file is UTF-8, but this row is Windows-1252",
                    hint="open the parts it was pasted from, and save all as UTF-8",
                )
            ],
        )
    undefined = UNDEFINED_IN_CP1252.search(data)
    if undefined:
        row = data.count(b"\n", 0, undefined.start()) + 1
        raise DataError(
            f"{name} is in an encoding that cannot be told.",
            [
                Problem(
                    code="unknown-encoding",
                    file=name,
                    row=row,
                    message="this row is neither UTF-8 nor Windows-1252",
                    hint="save the log as CSV UTF-8",
                )
            ],
        )
    warning = Problem(
        code="encoding",
        file=name,
        level="warning",
        message="the file is not UTF-8 and was read as Windows-1252",
        hint="look whether accents came out right",
    )
    return data.decode("cp1252").encode("utf-8"), [warning]


def _not_a_table(name: str, why: str) -> DataError:
    return DataError(
        f"{name} is not a table.",
        [
            Problem(
                code="not-a-table",
                message=f"this is not a table: {why}",
                file=name,
                hint="save the log as CSV, .xlsx, .ods, .dta, .sav, .parquet or .json",
            )
        ],
    )
