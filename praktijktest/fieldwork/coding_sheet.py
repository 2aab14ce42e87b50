"""The coding sheet: the words of replies in random order, with room for a code."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.design import Design
from praktijktest.language import language_named
from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.tables import as_text, plain_csv, read_table
from praktijktest.vocabulary import EVIDENCE, FORMAT, NO_REPLY

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

CREATED: Final = datetime(2000, 1, 1)
"""The file's date of making: the same replies give the same bytes."""
COLUMNS: Final = ("item", "channel", "words", "code", "evidence", "note")
FILLED: Final = ("code", "evidence", "note")
SIGNED: Final = ("round", "coder", "version")
"""Columns of a CSV sheet by which it is known again; a workbook has them on a hidden sheet."""
WIDTHS: Final = {"item": 14, "channel": 10, "words": 90, "code": 24, "evidence": 16, "note": 30}
VERSION_SHEET: Final = "version"
LISTS_SHEET: Final = "lists"
CODING_SHEET: Final = "coding"
LONGEST_WORDS: Final = 30_000
"""A spreadsheet cell holds 32,767 characters."""
KIND: Final = "praktijktest-coding"


@dataclass(frozen=True, slots=True)
class Item:
    """One reply as its coder sees it.

    Attributes:
        item: id on the sheet.
        channel: mail, phone, sms … which says nothing about the applicant.
        words: what the reply says, masked.
    """

    item: str
    channel: str
    words: str


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet that came back: its place in the file, and what was filled in."""

    row: int
    item: str
    code: str
    evidence: str
    note: str


@dataclass(frozen=True, slots=True)
class CodingSheet:
    """A sheet that came back.

    Attributes:
        file: base name of the file.
        round_id: id of the round it was made for.
        coder: pseudonym of the coder it was made for.
        rows: its rows.
    """

    file: str
    round_id: str
    coder: str
    rows: tuple[SheetRow, ...]


def reply_codes(design: Design) -> tuple[str, ...]:
    """The codes that a reply can have: those of the scheme without silence, and failures."""
    return (*(c for c in design.outcome_codes() if c != NO_REPLY), *design.failed_codes())


def sheet_csv(items: Sequence[Item], round_id: str, coder: str) -> bytes:
    """A coding sheet as CSV; words that look like a formula are made inert."""
    signature = (round_id, coder, f"{KIND}/{FORMAT}")
    rows = [(one.item, one.channel, _cell_text(one.words), "", "", "", *signature) for one in items]
    return plain_csv((*COLUMNS, *SIGNED), rows)


def sheet_workbook(items: Sequence[Item], round_id: str, coder: str, design: Design) -> bytes:
    """A coding sheet as a workbook with drop-down lists; equal items give equal bytes."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"title": design.round.title, "created": CREATED})
    _write_items(book, items)
    lists = {"code": reply_codes(design), "evidence": EVIDENCE}
    _write_codes(book, design)
    _write_lists(book, book.get_worksheet_by_name(CODING_SHEET), lists, len(items))
    _write_version(book, {"kind": KIND, "format": str(FORMAT), "round": round_id, "coder": coder})
    book.close()
    return stream.getvalue()


def read_sheet(path: Path) -> CodingSheet:
    """Read a coding sheet back, workbook or CSV, whatever else people added to it.

    Raises:
        UsageError: there is no such file, or it is of another kind.
        DataError: it is not a coding sheet any more.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path.name}.")
    return _read_workbook(path) if path.suffix.lower() == ".xlsx" else _read_csv(path)


def _read_workbook(path: Path) -> CodingSheet:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError):
        raise _not_ours(path, "it is not a spreadsheet") from None
    if VERSION_SHEET not in book.sheet_names:
        raise _not_ours(path, f"it has no sheet {VERSION_SHEET!r}")
    signed = _lines(book, VERSION_SHEET)
    signature = {as_text(line[0]): as_text(line[1]) for line in signed if len(line) > 1}
    if signature.get("kind") != KIND:
        raise _not_ours(path, "it is another kind of workbook")
    _refuse_other_version(path, signature.get("format", ""))
    if CODING_SHEET not in book.sheet_names:
        raise _not_ours(path, f"the sheet {CODING_SHEET!r} is missing or has another name")
    table = _lines(book, CODING_SHEET)
    header = [as_text(cell).strip() for cell in table[0]] if table else []
    lines = [[as_text(cell) for cell in line] for line in table[1:]]
    rows = _rows(path, header, lines, count(2))
    return CodingSheet(path.name, signature.get("round", ""), signature.get("coder", ""), rows)


def _read_csv(path: Path) -> CodingSheet:
    table = read_table(path)
    if missing := [name for name in SIGNED if name not in table.columns]:
        raise _not_ours(path, f"it lacks the columns {', '.join(missing)}")
    cells = {name: column.values[column.codes].tolist() for name, column in table.columns.items()}
    signatures = set(zip(*(cells[name] for name in SIGNED), strict=True))
    if len(signatures) > 1:
        raise _not_ours(path, "its rows come from several sheets")
    round_id, coder, version = next(iter(signatures), ("", "", ""))
    kind, _, form = version.partition("/")
    if kind != KIND:
        raise _not_ours(path, "its column 'version' was changed")
    _refuse_other_version(path, form)
    rows = _rows(path, list(cells), zip(*cells.values(), strict=True), table.row_numbers.tolist())
    return CodingSheet(path.name, round_id, coder, rows)


def _rows(
    path: Path, header: Sequence[str], lines: Iterable[Sequence[str]], numbers: Iterable[int]
) -> tuple[SheetRow, ...]:
    missing = [name for name in ("item", "code") if name not in header]
    if missing:
        raise _not_ours(path, f"it lacks the column {' and '.join(missing)}")
    found = []
    for number, line in zip(numbers, lines, strict=False):
        cells = {name: cell.strip() for name, cell in zip(header, line, strict=False)}
        texts = [cells.get(name, "") for name in ("item", *FILLED)]
        if texts[0] or texts[1]:
            found.append(SheetRow(number, *texts))
    return tuple(found)


def _write_items(book: "Workbook", items: Sequence[Item]) -> None:
    """Header and rows; what is given is locked, what the coder fills in is open."""
    sheet = book.add_worksheet(CODING_SHEET)
    head = book.add_format({"bold": True, "bg_color": "#E7E6E6", "border": 1})
    given = book.add_format({"font_color": "#404040", "valign": "top", "text_wrap": True})
    open_cell = book.add_format(
        {"locked": False, "bg_color": "#FFF9E5", "num_format": "@", "valign": "top"}
    )
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name, head)
        sheet.set_column(column, column, WIDTHS[name])
    for number, one in enumerate(items, start=1):
        # As a string whatever it starts with: "=1+1" is text and never a formula.
        for column, text in enumerate((one.item, one.channel, _cell_text(one.words))):
            sheet.write_string(number, column, text, given)
        for column in range(len(COLUMNS) - len(FILLED), len(COLUMNS)):
            sheet.write_blank(number, column, None, open_cell)
    sheet.freeze_panes(1, 1)
    sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True})


def _write_lists(
    book: "Workbook",
    coding: "Worksheet | None",
    lists: Mapping[str, Sequence[str]],
    rows: int,
) -> None:
    """The codes on a hidden sheet, and drop-down lists that point to it."""
    sheet = book.add_worksheet(LISTS_SHEET)
    for number, (name, codes) in enumerate(lists.items()):
        for place, text in enumerate((name, *codes)):
            sheet.write_string(place, number, text)
        if coding is None or not rows:
            continue
        letter, column = chr(ord("A") + number), COLUMNS.index(name)
        source = f"={LISTS_SHEET}!${letter}$2:${letter}${len(codes) + 1}"
        coding.data_validation(1, column, rows, column, {"validate": "list", "source": source})
    sheet.protect()
    sheet.hide()


def _write_codes(book: "Workbook", design: Design) -> None:
    """A sheet for people: every code and what it means."""
    language = language_named(design.round.language)
    labels = design.outcome_codes()
    sheet = book.add_worksheet("codes")
    for number, code in enumerate(reply_codes(design)):
        sheet.write_string(number, 0, code)
        sheet.write_string(number, 1, labels.get(code) or language.label("outcome", code))
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 60)
    sheet.protect()


def _write_version(book: "Workbook", lines: Mapping[str, str]) -> None:
    """A hidden sheet by which a filled sheet is known again."""
    sheet = book.add_worksheet(VERSION_SHEET)
    for number, (name, value) in enumerate(lines.items()):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, value)
    sheet.protect()
    sheet.very_hidden()


def _cell_text(words: str) -> str:
    """Words as a cell can hold them: no control characters, not too long."""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in words).strip()
    return clean if len(clean) <= LONGEST_WORDS else clean[:LONGEST_WORDS] + " […]"


def _lines(book: Any, name: str) -> list[list[Any]]:
    lines: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return lines


def _refuse_other_version(path: Path, version: str) -> None:
    if version != str(FORMAT):
        raise _not_ours(path, f"it has version {shown(version) or 'none'} and not {FORMAT}")


def _not_ours(path: Path, why: str) -> DataError:
    problem = Problem(
        code="coding-sheet-spoilt",
        message=f"this is not a coding sheet of a round any more: {why}",
        file=path.name,
        hint="fill in the sheet that `code export` wrote, and leave its columns in place",
    )
    return DataError("The coding sheet cannot be read.", [problem])
