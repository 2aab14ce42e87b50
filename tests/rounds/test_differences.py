"""Where two files differ is said so that a person finds the place."""

import io
import zipfile

import pytest
from docx import Document
from xlsxwriter import Workbook

from praktijktest.rounds.differences import note_difference
from praktijktest.rounds.verify import Findings


def difference(name: str, was: bytes, now: bytes) -> tuple[str, int | None, str | None]:
    findings = Findings([], [], [])
    assert note_difference(name, was, now, "not the same", findings)
    (problem,) = findings.problems
    assert (problem.code, problem.file) == ("output-differs", name)
    return problem.message, problem.row, problem.value


def workbook(number: int, text: str) -> bytes:
    stream = io.BytesIO()
    book = Workbook(stream, {"in_memory": True})
    book.add_worksheet("Front")
    book.add_worksheet("2 Rates").write_number("B3", number)
    book.add_worksheet("Text").write_string("A1", text)
    book.close()
    return stripped(stream.getvalue())


def letter(text: str) -> bytes:
    document, stream = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(stream)
    return stripped(stream.getvalue())


def stripped(content: bytes, *, level: int = 6, without: str = "") -> bytes:
    """The parts of a document that hold no clock, packed anew."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as new,
    ):
        for name in old.namelist():
            if not name.startswith("docProps") and name != without:
                new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED, level)
    return stream.getvalue()


def test_equal_files_do_not_differ():
    findings = Findings([], [], [])
    assert not note_difference("report.pdf", b"a", b"a", "not the same", findings)
    assert findings.problems == []


@pytest.mark.parametrize(
    ("was", "now", "row", "value"),
    [
        (b"a\nb\nc", b"a\nB\nc", 2, "b"),
        (b"a\nb", b"a", 2, "b"),
        (b"a", b"a\nb", 2, "(no line)"),
        (b"x" * 100 + b"old", b"x" * 100 + b"new", 1, "x" * 30 + "old"),
        (b"\xff\xfe", b"\xff", 1, "\ufffd\ufffd"),
    ],
)
def test_a_text_differs_on_a_line(was, now, row, value):
    assert difference("report.md", was, now) == ("not the same", row, value)


def test_a_workbook_differs_on_a_sheet():
    message, _, value = difference("r.xlsx", workbook(1, "a"), workbook(2, "a"))
    assert message == "not the same: on the sheet '2 Rates'"
    assert value is not None
    message, _, _ = difference("r.xlsx", workbook(1, "abc"), workbook(1, "abd"))
    assert message == "not the same: in the part xl/sharedStrings.xml"


def test_a_document_differs_in_a_part():
    message, _, value = difference("r.docx", letter("seven per cent"), letter("seven for cent"))
    assert message == "not the same: in the part word/document.xml"
    assert "per cent" in value
    with_all, without = letter("a"), stripped(letter("a"), without="word/styles.xml")
    assert difference("r.docx", with_all, without)[0].endswith("word/styles.xml was added")
    assert difference("r.docx", without, with_all)[0].endswith("word/styles.xml is missing")


def test_what_cannot_be_opened_and_what_is_packed_otherwise_is_said():
    made = letter("a")
    assert difference("r.docx", b"no document", made)[0].endswith("cannot be opened")
    assert difference("r.docx", made[:200], made)[0].endswith("cannot be opened")
    packed = stripped(made, level=1)
    assert difference("r.docx", packed, made)[0].endswith("their packing is not")


def test_a_pdf_differs_from_a_byte_on():
    assert difference("r.pdf", b"%PDF-1.7 abc", b"%PDF-1.7 abd")[0].endswith("from byte 12 on")
    assert difference("r.pdf", b"%PDF", b"%PDF-1.7")[0].endswith("from byte 5 on")
