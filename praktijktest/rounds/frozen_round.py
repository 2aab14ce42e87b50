"""The log of a round as its ledger gives it: for the analysis, and as a file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from praktijktest.fieldwork.events import Event, Head
    from praktijktest.fieldwork.ledger import Ledger
    from praktijktest.fieldwork.state import RoundState
    from praktijktest.tables import Table

SNAPSHOT: Final = "snapshot.csv"
"""What a frozen log is called; its rows are numbered as in that file."""

STEP: Final = 10_000
"""Events between two reports of progress."""

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class FrozenRound:
    """A round at one moment of its ledger.

    Attributes:
        round_id: id of the round.
        head: the end of the chain at that moment.
        table: the frozen log.
        last_moment: the last sending, reply, declining or failure; "" where there is none.
        uncoded: replies that nobody has coded.
    """

    round_id: str
    head: "Head"
    table: "Table"
    last_moment: str
    uncoded: int

    def origin(self) -> dict[str, Any]:
        """What a manifest says of the ledger that was read."""
        return {
            "round": self.round_id,
            "sequence": self.head.sequence,
            "hash": self.head.hash,
        }

    def csv(self) -> Iterator[bytes]:
        """The frozen log as pieces of CSV; the same ledger always gives the same bytes."""
        from praktijktest.tables import encoded_csv

        return encoded_csv(self.table.header, list(self.table.columns.values()))


def freeze(
    ledger: "Ledger", *, until: int | None = None, advance: Advance | None = None
) -> FrozenRound:
    """Read a ledger up to an event (default: all of it) as a log.

    Args:
        ledger: the ledger.
        until: sequence number of the last event to read.
        advance: called now and then with the number of events read since.

    Raises:
        DataError: the ledger cannot be read.
    """
    from praktijktest.fieldwork.state import state_of

    state = state_of(counted(ledger.events(until=until), advance))
    replies = (reply for one in state.applications.values() for reply in one.replies)
    return FrozenRound(
        round_id=ledger.round_id,
        head=state.head,
        table=table_of(state),
        last_moment=state.last_moment,
        uncoded=sum(not reply.outcome for reply in replies),
    )


def table_of(state: "RoundState") -> "Table":
    """A round as it stands as a log: what an analysis reads."""
    from praktijktest.fieldwork.frozen_log import frozen_rows

    return _table(*frozen_rows(state))


def without_quotes(table: "Table") -> "Table":
    """A frozen log that was read from a file, its texts as they are in the ledger.

    The file has a quote before a text that a spreadsheet would take for a formula.
    """
    from praktijktest.planning.plan_file import as_planned
    from praktijktest.tables import Column
    from praktijktest.tables.columns import text_array

    columns = {
        name: Column(column.codes, text_array([as_planned(text) for text in column.values]))
        for name, column in table.columns.items()
    }
    return replace(table, columns=columns)


def counted(events: "Iterable[Event]", advance: Advance | None) -> "Iterator[Event]":
    """Events as they pass, telling now and then how many have."""
    since = 0
    for event in events:
        since += 1
        if advance is not None and since == STEP:
            advance(since)
            since = 0
        yield event
    if advance is not None:
        advance(since)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> "Table":
    import numpy as np

    from praktijktest.tables import Table
    from praktijktest.tables.columns import RowEncoder

    encoder = RowEncoder(len(header))
    for row in rows:
        encoder.add(row)
    columns = dict(zip(header, encoder.columns(), strict=True))
    number = len(next(iter(columns.values())).codes)
    return Table(
        columns=columns,
        row_numbers=np.arange(2, number + 2, dtype=np.int32),
        file_codes=np.zeros(number, dtype=np.int16),
        files=(SNAPSHOT,),
        rows_read=number,
        rows_skipped=0,
        problems=(),
        header=tuple(header),
    )
