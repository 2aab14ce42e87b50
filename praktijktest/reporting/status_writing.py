"""What the sections of a status are made with: tables that are cut, names, times."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from praktijktest.fieldwork.status_report import StatusReport
from praktijktest.language import Message, message
from praktijktest.reporting.blocks import Block, Column, Kind, Paragraph, Section, Table

TO_MINUTES: Final = len("2026-11-03T09:15")


class StatusWriter:
    """Makes the sections; every list is cut after so many rows."""

    def __init__(self, status: StatusReport, names: Mapping[str, str], rows: int) -> None:
        self.status, self.names, self.rows = status, names, rows

    def called(self, pseudonym: str) -> str:
        """A person or target by name where names are given."""
        return self.names.get(pseudonym, pseudonym)

    def table(
        self, name: str, columns: Mapping[str, Kind], rows: Sequence[tuple[Any, ...]], **values: Any
    ) -> tuple[Block, ...]:
        """A table, cut when long; nothing where there are no rows."""
        if not rows:
            return ()
        found = Table(
            id=f"status-{name}",
            caption=message(f"status.caption.{name}", **values),
            columns=tuple(
                Column(message(f"status.column.{key}"), kind) for key, kind in columns.items()
            ),
            rows=tuple(rows[: self.rows]),
            notes=self.more(len(rows)),
        )
        return (found,)

    def more(self, count: int) -> tuple[Message, ...]:
        """How many rows are not shown."""
        left = count - self.rows
        return (message("status.more", count=left),) if left > 0 else ()

    def section(self, name: str, *blocks: tuple[Block, ...]) -> Section:
        """A section; where it is empty it says so."""
        found = tuple(block for part in blocks for block in part)
        empty = (Paragraph(message("status.nothing"), role="note"),)
        return Section(name, message(f"status.section.{name}"), found or empty)


def minutes(moment: str) -> str:
    """An ISO time to the minute, as it stands on the clocks of the round."""
    return moment[:TO_MINUTES].replace("T", " ")


def plain(text: str) -> Message:
    """A name or number as it stands, where a message is expected."""
    return message("verbatim", text=text)
