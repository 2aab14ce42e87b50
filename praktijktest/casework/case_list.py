"""The list of cases as a table: the columns an audience sees, as values, CSV or Excel."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from praktijktest.casework.cases import Case
from praktijktest.tables.writing import neutral, plain_csv

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

CREATED: Final = datetime(2000, 1, 1)
"""The workbook's date of making: the same cases give the same bytes."""

DIALECTS: Final = ("iso", "belgian")
BYTE_ORDER_MARK: Final = "\ufeff".encode()
LONGEST_CELL: Final = 32_000
"""Characters that a spreadsheet keeps in one cell."""

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """What every row of a list says of where it comes from.

    Attributes:
        round_id, jurisdiction, market: of the round.
        event, hash: the last event of the ledger that was read; None from a report folder.
    """

    round_id: str
    jurisdiction: str
    market: str | None
    event: int | None
    hash: str | None


@dataclass(frozen=True, slots=True)
class CaseTable:
    """A table with its headings: our names, or those of somebody's case system.

    Attributes:
        name: name of the sheet.
        columns: our names of the columns.
        headings: what is written above them.
        rows: values, one per column; None where there is none.
    """

    name: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[Values, ...]


def case_values(case: Case, origin: Origin, dossier: str) -> dict[str, Any]:
    """Every column of the case list for one case; lists and codes as plain data."""
    row, retest = case.row, case.retest or {}
    checks = row.get("checks") or {}
    cells, fresh = row["cells"] or {}, retest.get("cells") or {}
    rate, low, high = case.net_rate or (None, None, None)
    person = case.person
    details = dict((person.details if person else None) or {})
    details.pop("name", None)
    counts = ("both", "only_control", "only_test", "neither")
    return {
        "case": case.id,
        "round": origin.round_id,
        "jurisdiction": origin.jurisdiction,
        "market": origin.market,
        "agent": case.agent,
        "reference": case.reference or None,
        "identity": (person.identity or None) if person else None,
        "name": (person.name or None) if person else None,
        "contact": details.pop("contact", None),
        "details": details or None,
        "erased": person.erased if person else None,
        "contrast": case.contrast["id"],
        "ground": case.contrast["ground"],
        "control": case.contrast["control_label"],
        "test": case.contrast["test_label"],
        "state": case.state,
        "confirmed": case.confirmed,
        "phase": "confirm" if case.tested_again else "screen",
        "tests": row["n"],
        **{name: cells.get(name) for name in counts},
        "net_rate": rate,
        "net_rate_low": low,
        "net_rate_high": high,
        **{name: row.get(name) for name in ("p", "p_midp", "q", "posterior", "posterior_low")},
        "fragile": row["fragile"],
        "few_discordant": checks.get("few_discordant"),
        "undone_by_recoding": checks.get("undone_by_recoding"),
        "retest_tests": retest.get("n"),
        **{f"retest_{name}": fresh.get(name) for name in counts},
        "retest_p": retest.get("p"),
        "retest_q": retest.get("q"),
        "changes": list(case.changes()),
        "bodies": [one.body.code for one in case.bodies],
        "dossier": dossier or None,
        "ledger_event": origin.event,
        "ledger_hash": origin.hash,
    }


def case_table(
    values: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    headings: Mapping[str, str],
    name: str = "cases",
) -> CaseTable:
    """The list as a table of plain cells.

    Args:
        values: `case_values` of every case.
        columns: the columns the audience sees.
        headings: our name -> somebody's own heading.
        name: name of the sheet.
    """
    return CaseTable(
        name=name,
        columns=tuple(columns),
        headings=tuple(headings.get(column, column) for column in columns),
        rows=tuple(tuple(_cell(one[column]) for column in columns) for one in values),
    )


def table_csv(table: CaseTable, dialect: str) -> bytes:
    """A table as CSV.

    Args:
        table: the table.
        dialect: "iso" (comma, decimal point) or "belgian" (semicolon, decimal comma, byte order
            mark), as a spreadsheet set to Dutch or French (Belgium) opens it.
    """
    if dialect == "iso":
        return plain_csv(table.headings, table.rows)
    lines = [";".join(_quoted(neutral(heading)) for heading in table.headings)]
    lines += [";".join(_belgian(value) for value in row) for row in table.rows]
    return BYTE_ORDER_MARK + "".join(f"{line}\r\n" for line in lines).encode("utf-8")


def workbook(tables: Sequence[CaseTable], title: str, statement: str) -> bytes:
    """Tables as a workbook, one sheet each, with the sentence that every page carries.

    Texts are written as texts: no cell is ever a formula or a link.
    """
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"title": title, "created": CREATED})
    for table in tables:
        _write_sheet(book, table, statement)
    book.close()
    return stream.getvalue()


def _write_sheet(book: "Workbook", table: CaseTable, statement: str) -> None:
    sheet = book.add_worksheet(table.name)
    bold = book.add_format({"bold": True, "bg_color": "#E7E6E6", "border": 1})
    note = book.add_format({"italic": True})
    sheet.write_string(0, 0, statement, note)
    writers: dict[type, Callable[..., Any]] = {
        bool: sheet.write_boolean,
        int: sheet.write_number,
        float: sheet.write_number,
    }
    for column, heading in enumerate(table.headings):
        sheet.write_string(1, column, heading, bold)
        sheet.set_column(column, column, max(10, min(len(heading) + 3, 30)))
    for number, row in enumerate(table.rows, start=2):
        for column, value in enumerate(row):
            if value is None:
                continue
            write = writers.get(type(value))
            if write is None:
                # A leading sign is kept inert when the sheet is saved as CSV later.
                sheet.write_string(number, column, neutral(str(value))[:LONGEST_CELL])
            else:
                write(number, column, value)
    sheet.freeze_panes(2, 1)
    if table.rows:
        sheet.autofilter(1, 0, len(table.rows) + 1, len(table.headings) - 1)


def _cell(value: Any) -> Any:
    """A value as one cell: a list by spaces, a table as name = value."""
    if isinstance(value, list):
        return " ".join(value) or None
    if isinstance(value, Mapping):
        return "; ".join(f"{name} = {text}" for name, text in value.items())
    return value


def _belgian(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).replace(".", ",")
    return _quoted(neutral(str(value)))


def _quoted(text: str) -> str:
    if any(sign in text for sign in ';"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text
