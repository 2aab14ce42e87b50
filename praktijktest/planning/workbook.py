"""The field workbook, plan.xlsx: what every tester is to send, and lists to code the replies.

One sheet per tester with the planned rows (locked) and columns to fill in (open), a sheet
that explains the codes, and hidden sheets with the lists and the version. `read_workbook`
gives back the rows as they stand, for the ledger.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.design import Design
from praktijktest.language import language_named
from praktijktest.planning.plan import Plan
from praktijktest.planning.plan_file import slots_digest
from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.vocabulary import EVIDENCE, FORMAT

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

CREATED: Final = datetime(2000, 1, 1)
"""The file's date of making: the same plan gives the same bytes."""

FILLED: Final = ("sent_at", "outcome", "replied_at", "evidence", "failed", "note")
"""Columns for the tester, named as in the log."""

HIDDEN_COLUMNS: Final = frozenset(
    ("test", "contrast", "target_group", "slot", "profile", "position", "tester")
)
"""Columns a tester does not need; hidden and not left out, so that a row is whole."""

VERSION_SHEET: Final = "version"
LISTS_SHEET: Final = "lists"
LONGEST_SHEET_NAME: Final = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

TEXTS: Final[dict[str, dict[str, str]]] = {
    "nl": {
        "plan": "plan",
        "codes": "codes",
        "code": "code",
        "meaning": "betekenis",
        "failed": "mislukte test: reden",
        "evidence": "bewijs",
        "wrong": "Kies een code uit de lijst. Wat ze betekenen, staat op het blad 'codes'.",
        "time": "Schrijf datum en uur als 2026-11-03 14:30.",
        "none": "geen rechtstreeks bewijs",
        "comparative": "blijkt uit de vergelijking van de antwoorden",
        "explicit": "met zoveel woorden gezegd of geschreven",
    },
    "fr": {
        "plan": "plan",
        "codes": "codes",
        "code": "code",
        "meaning": "signification",
        "failed": "test échoué : raison",
        "evidence": "preuve",
        "wrong": "Choisissez un code de la liste. La feuille « codes » les explique.",
        "time": "Écrivez la date et l'heure ainsi : 2026-11-03 14:30.",
        "none": "aucune preuve directe",
        "comparative": "ressort de la comparaison des réponses",
        "explicit": "dit ou écrit en toutes lettres",
    },
    "en": {
        "plan": "plan",
        "codes": "codes",
        "code": "code",
        "meaning": "meaning",
        "failed": "failed test: reason",
        "evidence": "evidence",
        "wrong": "Choose a code from the list. The sheet 'codes' says what they mean.",
        "time": "Write date and time as 2026-11-03 14:30.",
        "none": "no direct evidence",
        "comparative": "shows in the comparison of the replies",
        "explicit": "said or written in so many words",
    },
}


@dataclass(frozen=True, slots=True)
class FieldWorkbook:
    """What a field workbook holds.

    Attributes:
        round_id: id of the round.
        format: version of the workbook's form.
        slots_sha256: hash of the allocation it was made from (`slots_digest`).
        rows: column -> cell as text, one per application, sheet by sheet.
    """

    round_id: str
    format: int
    slots_sha256: str
    rows: tuple[dict[str, str], ...]


def workbook_bytes(plan: Plan, design: Design, language: str | None = None) -> bytes:
    """The field workbook of a plan; equal plans give equal bytes.

    Args:
        plan: the plan; slots that wait for an advert are in it too.
        design: the design, for the codes.
        language: language of the explanations; default: the round's.
    """
    import xlsxwriter

    code = language or design.round.language
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"title": design.round.title, "created": CREATED})
    rows = [row.to_dict() for row in plan.applications]
    lists = _lists(design)
    by_tester: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_tester.setdefault(str(row["tester"]), []).append(row)
    header = [*(rows[0] if rows else {}), *FILLED]
    names = _sheet_names(sorted(by_tester), TEXTS[code]["plan"])
    for tester in sorted(by_tester):
        sheet = book.add_worksheet(names[tester])
        _write_rows(book, sheet, header, by_tester[tester])
        _write_validation(sheet, header, len(by_tester[tester]), lists, TEXTS[code])
    _write_codes(book, design, code)
    _write_lists(book, lists)
    texts = [{name: str(cell) for name, cell in row.items()} for row in rows]
    _write_version(book, plan.round_id, slots_digest(texts))
    book.close()
    return stream.getvalue()


def read_workbook(path: Path) -> FieldWorkbook:
    """Read a field workbook back, whatever its testers filled in.

    Numbers that the spreadsheet stored for text come back as text ("1.0" as "1"), dates as
    ISO. Sheets that people added are left alone.

    Raises:
        UsageError: there is no such file.
        DataError: it is not a field workbook, or its plan was taken apart.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    if not path.is_file():
        raise UsageError(f"There is no file {path.name}.")
    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError):
        raise _not_ours(path, "it is not a spreadsheet") from None
    if VERSION_SHEET not in book.sheet_names:
        raise _not_ours(path, f"it has no sheet {VERSION_SHEET!r}")
    version = {str(line[0]): _text(line[1]) for line in _lines(book, VERSION_SHEET) if line[1:]}
    sheets = [s for s in version.get("sheets", "").split("\n") if s]
    missing = [name for name in sheets if name not in book.sheet_names]
    if missing or not version.get("format", "").isdecimal():
        raise _not_ours(path, f"the sheet {shown(', '.join(missing) or VERSION_SHEET)} is missing")
    rows: list[dict[str, str]] = []
    for name in sheets:
        lines = _lines(book, name)
        header = [_text(cell) for cell in lines[0]] if lines else []
        if not {"application", *FILLED} <= set(header):
            raise _not_ours(path, f"sheet {name!r} lacks columns of the plan")
        for line in lines[1:]:
            row = dict(zip(header, map(_text, line), strict=False))
            if row.get("application"):
                rows.append(row)
    return FieldWorkbook(
        version.get("round", ""),
        int(version["format"]),
        version.get("slots_sha256", ""),
        tuple(rows),
    )


def _lists(design: Design) -> dict[str, list[str]]:
    """The drop-down list of every column that has one."""
    return {
        "outcome": list(design.outcome_codes()),
        "failed": list(design.failed_codes()),
        "evidence": list(EVIDENCE),
    }


def _write_rows(
    book: "Workbook", sheet: "Worksheet", header: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Header and rows; what was planned is locked, what testers fill in is open."""
    head = book.add_format({"bold": True, "bg_color": "#E7E6E6", "border": 1})
    planned = book.add_format({"font_color": "#404040"})
    open_cell = book.add_format({"locked": False, "bg_color": "#FFF9E5", "num_format": "@"})
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, head)
        width = 40 if name == "note" else 22 if name not in ("slot", "position") else 8
        sheet.set_column(column, column, width, None, {"hidden": name in HIDDEN_COLUMNS})
    for number, row in enumerate(rows, start=1):
        for column, name in enumerate(header):
            value = row.get(name, "")
            if name in FILLED:
                sheet.write_blank(number, column, None, open_cell)
            elif isinstance(value, int):
                sheet.write_number(number, column, value, planned)
            else:
                # As a string whatever it starts with: "=1+1" is text and never a formula.
                sheet.write_string(number, column, str(value), planned)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(header) - 1)
    sheet.protect(
        "",
        {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True},
    )


def _write_validation(
    sheet: "Worksheet",
    header: Sequence[str],
    rows: int,
    lists: Mapping[str, Sequence[str]],
    texts: Mapping[str, str],
) -> None:
    """Drop-down lists that point to the hidden sheet."""
    for number, (name, codes) in enumerate(lists.items()):
        if not codes:
            continue
        letter = chr(ord("A") + number)
        column = header.index(name)
        sheet.data_validation(
            1,
            column,
            rows,
            column,
            {
                "validate": "list",
                "source": f"={LISTS_SHEET}!${letter}$2:${letter}${len(codes) + 1}",
                "error_title": name,
                "error_message": texts["wrong"],
            },
        )
    for name in ("sent_at", "replied_at"):
        column = header.index(name)
        sheet.data_validation(
            1,
            column,
            rows,
            column,
            {"validate": "any", "input_title": name, "input_message": texts["time"]},
        )


def _write_codes(book: "Workbook", design: Design, code: str) -> None:
    """A sheet for people: every code and what it means."""
    language, texts = language_named(code), TEXTS[code]
    sheet = book.add_worksheet(texts["codes"])
    bold = book.add_format({"bold": True})
    lines: list[tuple[str, str]] = [
        (outcome, label or language.label("outcome", outcome))
        for outcome, label in design.outcome_codes().items()
    ]
    lines += [("", ""), (texts["failed"], "")]
    lines += [(c, language.label("outcome", c)) for c in design.failed_codes()]
    lines += [("", ""), (texts["evidence"], "")]
    lines += [(c, texts[c]) for c in EVIDENCE]
    sheet.write_string(0, 0, texts["code"], bold)
    sheet.write_string(0, 1, texts["meaning"], bold)
    for number, (left, right) in enumerate(lines, start=1):
        sheet.write_string(number, 0, left, bold if left and not right else None)
        sheet.write_string(number, 1, right)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 60)
    sheet.protect()


def _write_lists(book: "Workbook", lists: Mapping[str, Sequence[str]]) -> None:
    sheet = book.add_worksheet(LISTS_SHEET)
    for column, (name, codes) in enumerate(lists.items()):
        for number, text in enumerate((name, *codes)):
            sheet.write_string(number, column, text)
    sheet.protect()
    sheet.hide()


def _write_version(book: "Workbook", round_id: str, digest: str) -> None:
    """A hidden sheet by which a filled workbook is known again."""
    own = [s.get_name() for s in book.worksheets()]
    sheets = own[: len(own) - 2]
    sheet = book.add_worksheet(VERSION_SHEET)
    lines = {
        "format": str(FORMAT),
        "round": round_id,
        "slots_sha256": digest,
        "sheets": "\n".join(sheets),
    }
    for number, (name, value) in enumerate(lines.items()):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, value)
    sheet.protect()
    sheet.very_hidden()


def _sheet_names(testers: Sequence[str], default: str) -> dict[str, str]:
    """A sheet name by tester: what Excel allows, distinct without regard to case."""
    taken = {VERSION_SHEET, LISTS_SHEET, "history", *(t["codes"] for t in TEXTS.values())}
    found = {}
    for tester in testers:
        clean = " ".join(_FORBIDDEN.sub(" ", tester).split()).strip("'") or default
        name, number = clean[:LONGEST_SHEET_NAME], 2
        while name.casefold() in taken:
            suffix = f" {number}"
            name, number = clean[: LONGEST_SHEET_NAME - len(suffix)] + suffix, number + 1
        taken.add(name.casefold())
        found[tester] = name
    return found


def _lines(book: Any, name: str) -> list[list[Any]]:
    lines: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return lines


def _text(value: Any) -> str:
    """A cell as text, as the log would hold it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return str(value).lower()
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value).strip()


def _not_ours(path: Path, why: str) -> DataError:
    problem = Problem(
        code="workbook-spoilt",
        message=f"this is not a field workbook of a round any more: {why}",
        file=path.name,
        hint="fill in the plan.xlsx that `design plan` wrote, and leave its sheets in place",
    )
    return DataError("The workbook cannot be read.", [problem])
