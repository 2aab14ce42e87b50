"""The rows of one source under the contract's names, gathered per application."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from praktijktest.tables import Column

KEYS: Final = ("application", "test", "profile", "position", "stage")
REPLY_COLUMNS: Final = ("replied_at", "outcome", "evidence", "coder")
"""Columns that say something about a reply; the others are about the application."""
APART: Final = ("application", "test", "failed", "note", *REPLY_COLUMNS)
NO_FAILURE: Final = frozenset(("", "false", "0"))
"""What a cell `failed` holds where nothing failed."""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One source, ready to be compared with the ledger.

    Attributes:
        name: base name of the file.
        sha256: hash of its bytes.
        columns: contract, design or plan column -> values: times in ISO form, what names
            people or targets as pseudonyms.
        row_numbers: row in its sheet, the header being row 1; shape (rows,).
        file_codes: index into `files`; shape (rows,).
        files: what a person calls the file or sheet.
    """

    name: str
    sha256: str
    columns: dict[str, Column]
    row_numbers: NDArray[np.int32]
    file_codes: NDArray[np.int16]
    files: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.row_numbers)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "SourceTable":
        """The rows of a mask or an index."""
        return SourceTable(
            name=self.name,
            sha256=self.sha256,
            columns={name: column.select(rows) for name, column in self.columns.items()},
            row_numbers=self.row_numbers[rows],
            file_codes=self.file_codes[rows],
            files=self.files,
        )

    def stored_name(self, file_code: int) -> str:
        """The source as the ledger names it.

        A sheet goes by its number: its name may be that of a tester.
        """
        return f"{self.name} [{file_code + 1}]" if len(self.files) > 1 else self.name


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What one row says about one application.

    Attributes:
        row: row in its sheet.
        file_code: which sheet.
        application: its id in the source, "" where the source has none.
        test: id of the test.
        ordinal: how many rows with the same test, profile, position and stage came before.
        sent: about the application: profile, position, sent_at, strata …
        reply: about a reply: outcome, replied_at, evidence, coder.
        failed: reason code, "" where nothing failed.
        note: a remark, "" where there is none.
    """

    row: int
    file_code: int
    application: str
    test: str
    ordinal: int
    sent: dict[str, str]
    reply: dict[str, str]
    failed: str = ""
    note: str = ""

    @property
    def is_filled(self) -> bool:
        """Whether somebody wrote down that something happened."""
        return bool("sent_at" in self.sent or self.says_reply or self.failed)

    @property
    def says_reply(self) -> bool:
        """Whether the row tells of a reply, or of a silence in so many words."""
        reply = self.reply
        return bool(
            "outcome" in reply or "replied_at" in reply or reply.get("evidence", "none") != "none"
        )


@dataclass(slots=True)
class _Cells:
    """The columns of a table in the parts of a row."""

    sent: list[tuple[str, NDArray[np.object_]]] = field(default_factory=list)
    reply: list[tuple[str, NDArray[np.object_]]] = field(default_factory=list)


def row_groups(table: SourceTable, *, every_row: bool = False) -> Iterator[list[SourceRow]]:
    """The rows of each application together, applications in the order of the source.

    Args:
        table: the source.
        every_row: rows without an id of their own that agree on test, profile, position and
            stage are different applications, told apart by their order.
    """
    if not len(table):
        return
    keys, ordinals = _numbered(table, every_row=every_row)
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(keys[order]) != 0]))
    ends = np.append(starts[1:], len(order))
    rows = _rows(table.select(order), ordinals[order])
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        yield [next(rows) for _ in range(start, end)]


def _numbered(
    table: SourceTable, *, every_row: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A number per application in order of appearance, and the ordinal of each row."""
    count = len(table)
    columns = [table.columns[name].codes for name in KEYS[1:] if name in table.columns]
    key = np.zeros(count, dtype=np.int64)
    for codes in columns:
        key = pd.factorize(key * (int(codes.max(initial=0)) + 1) + codes)[0].astype(np.int64)
    ordinals = np.zeros(count, dtype=np.int64)
    own = table.columns.get("application")
    named = np.zeros(count, dtype=bool) if own is None else ~own.is_empty()
    if every_row:
        ordinals = np.where(named, 0, pd.Series(key[:]).groupby(key).cumcount().to_numpy())
        key = pd.factorize(key * (int(ordinals.max(initial=0)) + 1) + ordinals)[0].astype(np.int64)
    if own is not None:
        apart = int(key.max(initial=0)) + 1
        key = pd.factorize(np.where(named, own.codes + apart, key))[0].astype(np.int64)
    return key, ordinals


def _rows(table: SourceTable, ordinals: NDArray[np.int64]) -> Iterator[SourceRow]:
    cells = _Cells()
    for name, column in table.columns.items():
        if name in REPLY_COLUMNS:
            cells.reply.append((name, column.texts()))
        elif name not in APART:
            cells.sent.append((name, column.texts()))
    empty = np.full(len(table), "", dtype=object)
    apart = {
        name: table.columns[name].texts() if name in table.columns else empty
        for name in ("application", "test", "failed", "note")
    }
    lines = zip(
        table.row_numbers.tolist(),
        table.file_codes.tolist(),
        apart["application"],
        apart["test"],
        ordinals.tolist(),
        _dictionaries(cells.sent, len(table)),
        _dictionaries(cells.reply, len(table)),
        apart["failed"],
        apart["note"],
        strict=True,
    )
    for row, file_code, application, test, ordinal, sent, reply, failed, note in lines:
        reason = "" if failed in NO_FAILURE else failed
        yield SourceRow(row, file_code, application, test, ordinal, sent, reply, reason, note)


def _dictionaries(
    columns: list[tuple[str, NDArray[np.object_]]], rows: int
) -> Iterator[dict[str, str]]:
    """For every row its filled cells by column."""
    if not columns:
        yield from ({} for _ in range(rows))
        return
    names = [name for name, _ in columns]
    for texts in zip(*(values for _, values in columns), strict=True):
        yield {name: text for name, text in zip(names, texts, strict=True) if text}
