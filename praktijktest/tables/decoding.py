"""From the bytes of a text file to UTF-8: byte order mark, else UTF-8, else Windows-1252."""

import codecs
import re
from collections.abc import Iterator

from praktijktest.problems import Problem, shown
from praktijktest.tables.records import record_number, with_line_feeds
from praktijktest.tables.refusals import empty_file, not_a_table, refusal

CHUNK = 1 << 22
SAMPLE = 1 << 16
WORD = 40
WORD_ENDS = b' \t\r\n,;|"'
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1b\x7f]")
CONTROL_SHARE = 0.02
UNDEFINED_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
NOT_ASCII = re.compile(rb"[\x80-\xff]")

SURELY_UTF8 = re.compile(
    rb"\xc2[\xa0-\xbf]|[\xc3-\xc5][\x80-\xbf]"  # letters of western and central Europe
    rb"|\xe2[\x80-\x84][\x80-\xbf]|\xef\xbb\xbf"  # punctuation, currency, a mark inside
    rb"|\xe1[\xb8-\xbb][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{3}"  # Vietnamese, emoji
    rb"|(?:[\xce-\xdb][\x80-\xbf]){2}|(?:[\xe0-\xef][\x80-\xbf]{2}){2}"  # other scripts, as words
)
"""UTF-8 sequences that nobody writes in Windows-1252.

Some that are valid UTF-8 are left out on purpose: in Windows-1252 they are a letter before a
quotation mark or an ellipsis, such as É» or é…».
"""


def as_utf8(data: bytes, file: str) -> tuple[bytes, list[Problem]]:
    """The text in UTF-8 without a mark and with every line ending in a line feed.

    Args:
        data: the bytes of the file.
        file: base name, for messages.

    Returns:
        The text, and a warning when the encoding had to be assumed.

    Raises:
        DataError: the bytes are no text, or mix encodings.
    """
    mark, encoding = next((m for m in MARKS if data.startswith(m[0])), (b"", ""))
    warnings: list[Problem] = []
    if encoding:
        data = _marked(data[len(mark) :], encoding, file)
        _refuse_binary(data, file)
    else:
        _refuse_binary(data, file)
        data, warnings = _unmarked(data, file)
    if not data[:SAMPLE].strip() and not data.strip():
        raise empty_file(file)
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        data = with_line_feeds(data)
    return data, warnings


def _refuse_binary(data: bytes, file: str) -> None:
    if b"\x00" in data:
        raise not_a_table(
            file,
            "holds NUL bytes, as programs, pictures and text in UTF-16 without a mark do",
            "save the log as CSV UTF-8",
        )


def _marked(data: bytes, encoding: str, file: str) -> bytes:
    """Text that says its encoding by a byte order mark, and is held to it."""
    try:
        if encoding != "utf-8":
            return data.decode(encoding).encode()
        _check_utf8(data)
    except UnicodeError as error:
        place = error.start if isinstance(error, UnicodeDecodeError) else 0
        row = record_number(data, place) if encoding == "utf-8" else None
        raise refusal(
            f"{file} is damaged or mixes encodings.",
            code="mixed-encodings",
            message=f"the file says that it is {encoding.upper()}, but this is not",
            file=file,
            row=row,
            value=_word(data, place) if encoding == "utf-8" else None,
            hint="save the log again as CSV UTF-8",
        ) from None
    return data


def _unmarked(data: bytes, file: str) -> tuple[bytes, list[Problem]]:
    try:
        _check_utf8(data)
    except UnicodeDecodeError as error:
        sample = data[:SAMPLE]
        if len(CONTROLS.findall(sample)) > CONTROL_SHARE * len(sample):
            raise not_a_table(file, "is full of characters that no text has") from None
        _refuse_mixed(data, error.start, file)
        _refuse_undefined(data, file)
        warning = Problem(
            code="encoding",
            level="warning",
            message="the file is not UTF-8 and was read as Windows-1252",
            file=file,
            row=record_number(data, error.start),
            value=_word(data, error.start),
            hint="see whether the accents came out right; save as CSV UTF-8 to be sure",
        )
        return b"".join(part.decode("cp1252").encode() for part in _parts(data)), [warning]
    return data, []


def _check_utf8(data: bytes) -> None:
    """Raise UnicodeDecodeError, its start counted from the beginning, unless this is UTF-8."""
    if data.isascii():
        return
    start = 0
    for part in _parts(data):
        try:
            part.decode("utf-8")
        except UnicodeDecodeError as error:
            place = start + error.start
            raise UnicodeDecodeError("utf-8", data, place, place + 1, error.reason) from None
        start += len(part)


def _parts(data: bytes) -> Iterator[bytes]:
    """Pieces that end with a line, so that little memory is needed beside the file."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + CHUNK) + 1 or len(data)
        yield data[start:end]
        start = end


def _refuse_mixed(data: bytes, fault: int, file: str) -> None:
    """Refuse a file of which some rows are UTF-8 and some are not.

    The row that is named is of the kind that is rarer in the file.
    """
    sequences = [match.start() for match in SURELY_UTF8.finditer(data)]
    if not sequences:
        return
    others = len(NOT_ASCII.findall(SURELY_UTF8.sub(b"", data)))
    most, place, other = "UTF-8", fault, "Windows-1252"
    if others > len(sequences):
        most, place, other = other, sequences[0], most
    raise refusal(
        f"{file} mixes encodings.",
        code="mixed-encodings",
        message=f"most of the file is {most}, but this row is {other}",
        file=file,
        row=record_number(data, place),
        value=_word(data, place),
        hint="was it pasted from several files? save each as CSV UTF-8 and give them together",
    )


def _refuse_undefined(data: bytes, file: str) -> None:
    undefined = UNDEFINED_IN_CP1252.search(data)
    if undefined is None:
        return
    raise refusal(
        f"{file} is in an encoding that cannot be told.",
        code="unknown-encoding",
        message="this row is neither UTF-8 nor Windows-1252",
        file=file,
        row=record_number(data, undefined.start()),
        value=_word(data, undefined.start()),
        hint="save the log as CSV UTF-8",
    )


def _word(data: bytes, place: int) -> str:
    """The word around a place, for a message; no more, since a row may hold names."""
    start, end = place, place
    while start > 0 and place - start < WORD and data[start - 1] not in WORD_ENDS:
        start -= 1
    while end < len(data) and end - place < WORD and data[end] not in WORD_ENDS:
        end += 1
    word = data[start:end]
    try:
        return shown(word.decode("utf-8"))
    except UnicodeDecodeError:
        return shown(word.decode("cp1252", "replace"))
