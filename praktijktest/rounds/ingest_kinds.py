"""Telling sources apart: mail, a field workbook of this round, or another table."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.vocabulary import FORMAT

if TYPE_CHECKING:
    from praktijktest.planning.workbook import FieldWorkbook
    from praktijktest.rounds.ingest import Wish
    from praktijktest.rounds.ingest_shapes import RawSource
    from praktijktest.rounds.round_store import OpenRound

MAIL_SUFFIXES: Final = (".mbox", ".eml", ".mbx")
MBOX_START: Final = b"From "
WORKBOOKS: Final = (".xlsx", ".xlsm", ".ods")
"""Kinds of files a field workbook may have been saved as."""


def check_source(path: Path) -> None:
    """See that there is a source of a kind that is read.

    Raises:
        UsageError: it is not there, or of another kind; with the file that may be meant.
    """
    from praktijktest.tables.reading import check_file

    if not path.exists():
        near = difflib.get_close_matches(path.name, _siblings(path), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(f"There is no file {shown(path.name)}.{hint}")
    if path.is_dir():
        if (path / "design.toml").is_file():
            raise UsageError(f"{path.name} is a round folder; name the sources themselves.")
        if not is_mail(path):
            raise UsageError(
                f"{path.name} is a folder without mail; name a file, a Maildir (with cur and "
                "new) or a folder of .eml files."
            )
    elif not is_mail(path):
        check_file(path)


def is_mail(path: Path) -> bool:
    """Whether a source is a mailbox, a message, or a folder of them."""
    if path.is_dir():
        maildir = (path / "cur").is_dir() and (path / "new").is_dir()
        return maildir or any(path.glob("*.eml"))
    if path.suffix.lower() in MAIL_SUFFIXES:
        return True
    if path.suffix:
        return False
    with path.open("rb") as stream:
        return stream.read(len(MBOX_START)) == MBOX_START


def read_any(
    path: Path | None, content: bytes, opened: "OpenRound", *, planned: bool, wish: "Wish"
) -> "RawSource":
    """Read a table of any kind under our column names.

    Raises:
        UsageError: the file cannot be read.
        DataError: it is no table, lacks columns, or is a workbook of another plan.
    """
    from praktijktest.rounds.ingest_shapes import read_field_workbook, read_source

    if path is not None and path.suffix.lower() in WORKBOOKS:
        sheets = _sheets_of_plan(path)
        if sheets is not None:
            refuse_foreign(path, opened)
            return read_field_workbook(path, sheets, opened.design)
    return read_source(
        path,
        content,
        opened.design,
        planned=planned,
        form=wish.form,
        skip_bad_rows=wish.skip_bad_rows,
    )


def refuse_foreign(path: Path, opened: "OpenRound") -> None:
    """Refuse a workbook of another round, of another plan, or of another version.

    Raises:
        DataError: it is one of these, or people took it apart.
    """
    from praktijktest.planning.workbook import read_workbook

    why = _foreign(read_workbook(path), opened)
    if why is not None:
        message, hint = why
        problem = Problem(code="other-workbook", message=message, file=path.name, hint=hint)
        raise DataError(f"{path.name} is not a workbook of this plan.", [problem])


def _foreign(book: "FieldWorkbook", opened: "OpenRound") -> tuple[str, str] | None:
    from praktijktest.planning.plan_file import PLAN_NAME, read_plan_file, slots_digest

    own = opened.design.round.id
    if book.round_id != own:
        return (
            f"it belongs to the round {shown(book.round_id)!r}, and this is {own!r}",
            "name the folder of that round with --round",
        )
    if book.format != FORMAT:
        newer = book.format > FORMAT
        return (
            f"its form is version {book.format}, and this program reads version {FORMAT}",
            "update praktijktest" if newer else "copy what was filled in into the new plan.xlsx",
        )
    plan = opened.folder / PLAN_NAME
    if plan.is_file() and book.slots_sha256 != slots_digest(read_plan_file(plan).rows):
        return (
            "it was made from another version of the plan (the plan was made again or amended)",
            "copy what was filled in into the present plan.xlsx and read that",
        )
    return None


def _sheets_of_plan(path: Path) -> tuple[str, ...] | None:
    """The sheets that a field workbook was made with; None for any other spreadsheet."""
    from python_calamine import CalamineError, CalamineWorkbook

    from praktijktest.planning.workbook import VERSION_SHEET

    try:
        book = CalamineWorkbook.from_path(str(path))
        if VERSION_SHEET not in book.sheet_names:
            return None
        lines = book.get_sheet_by_name(VERSION_SHEET).to_python()
    except (CalamineError, OSError, ValueError):
        return None  # the reader of tables says what is wrong with it
    version = {str(line[0]): str(line[1]) for line in lines if len(line) > 1}
    if "slots_sha256" not in version:
        return None
    return tuple(name for name in version.get("sheets", "").split("\n") if name)


def _siblings(path: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        return []
