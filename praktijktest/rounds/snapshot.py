"""`snapshot`: the log of a round, frozen at one event of its ledger, as a file."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.problems import Problem, UsageError
from praktijktest.rounds.frozen_round import SNAPSHOT, FrozenRound, freeze
from praktijktest.storage import write_atomically

if TYPE_CHECKING:
    from praktijktest.fieldwork.events import Event, NewEvent
    from praktijktest.fieldwork.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen log that was written.

    Attributes:
        round_id: id of the round.
        file: where it was written.
        sha256: hash of the file.
        rows: rows in it, without the header.
        head_sequence: last event of the ledger that it holds.
        head_hash: hash of that event.
        as_of: the last sending, reply, declining or failure in it.
        uncoded: replies in it that nobody has coded.
    """

    round_id: str
    file: Path
    sha256: str
    rows: int
    head_sequence: int
    head_hash: str
    as_of: str
    uncoded: int

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What a person should look at."""
        if not self.uncoded:
            return ()
        problem = Problem(
            code="uncoded-reply",
            level="warning",
            message="replies that nobody has coded yet; their tests are left out of an analysis",
            file=self.file.name,
            column="outcome",
            hint="code them: praktijktest code export",
            count=self.uncoded,
        )
        return (problem,)

    def to_dict(self) -> dict[str, Any]:
        """The snapshot as plain data."""
        return {
            "format": 1,
            "round": self.round_id,
            "file": self.file.name,
            "sha256": self.sha256,
            "rows": self.rows,
            "head": {"sequence": self.head_sequence, "hash": self.head_hash},
            "as_of": self.as_of or None,
            "uncoded": self.uncoded,
        }

    def lines(self) -> list[str]:
        """The snapshot for a terminal."""
        return [
            f"{self.rows} rows, everything up to event {self.head_sequence}.",
            f"chain  {self.head_hash}",
            f"file   {self.sha256}",
            str(self.file),
        ]


def snapshot_round(
    folder: Path,
    out: Path | None = None,
    *,
    store: str | None = None,
    who: str | None = None,
    advance: Callable[[int], None] | None = None,
) -> Snapshot:
    """Write the frozen log of a round and note in the ledger that it was written.

    A second snapshot of a ledger in which nothing has happened since gives the same bytes
    and is not noted again.

    Args:
        folder: the round folder.
        out: the file; default: snapshot.csv in the round folder.
        store: URL of the ledger; default as for `open_round`.
        who: the person; default as for `open_round`.
        advance: called now and then with the number of events read since.

    Raises:
        UsageError: there is no ledger, or the file cannot be written there.
        RefusedError, DataError: as for `open_round`.
    """
    from praktijktest.rounds.round_store import open_round, synchronise_plan

    place = folder / SNAPSHOT if out is None else out
    if place.is_dir():
        raise UsageError(f"{place.name} is a folder; name a file for the snapshot.")
    with open_round(folder, store=store, who=who, create=False) as opened:
        with opened.ledger.writing(opened.who) as writing:
            synchronise_plan(opened, writing)
        frozen = freeze(opened.ledger, advance=advance)
        content = b"".join(frozen.csv())
        write_atomically(place, content)
        made = _snapshot(frozen, place, hashlib.sha256(content).hexdigest())
        noted = _already_noted(opened.ledger, made)
        if noted is None:
            with opened.ledger.writing(opened.who) as writing:
                writing.append([_event(made)])
            return made
        return _as_noted(made, noted)


def _snapshot(frozen: FrozenRound, place: Path, sha256: str) -> Snapshot:
    return Snapshot(
        round_id=frozen.round_id,
        file=place,
        sha256=sha256,
        rows=len(frozen.table),
        head_sequence=frozen.head.sequence,
        head_hash=frozen.head.hash,
        as_of=frozen.last_moment,
        uncoded=frozen.uncoded,
    )


def _event(made: Snapshot) -> "NewEvent":
    from praktijktest.fieldwork.events import NewEvent

    values = {
        "name": made.file.name,
        "sha256": made.sha256,
        "rows": str(made.rows),
        "head_sequence": str(made.head_sequence),
        "head_hash": made.head_hash,
        "as_of": made.as_of,
    }
    return NewEvent("snapshot", values={name: text for name, text in values.items() if text})


def _already_noted(ledger: "Ledger", made: Snapshot) -> "Event | None":
    """The last event, where it notes this very snapshot."""
    last = next(ledger.events(after=made.head_sequence - 1), None)
    if last is None or last.kind != "snapshot":
        return None
    same = last.values["sha256"] == made.sha256 and last.values["name"] == made.file.name
    return last if same else None


def _as_noted(made: Snapshot, noted: "Event") -> Snapshot:
    from dataclasses import replace

    return replace(
        made,
        head_sequence=int(noted.values["head_sequence"]),
        head_hash=noted.values["head_hash"],
    )
