"""One entry by hand in the ledger of a round: what reply, correct, fail and advert share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.problems import DataError, Problem, UsageError, shown

if TYPE_CHECKING:
    from datetime import tzinfo

    from praktijktest.fieldwork.events import NewEvent
    from praktijktest.fieldwork.ledger import Writing
    from praktijktest.fieldwork.state import RoundState
    from praktijktest.rounds.round_store import OpenRound


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """What an entry came to.

    Attributes:
        told: what was done, a sentence each.
        events: the numbers of the events that were added; none when nothing was new.
        details: ids and values, for programs.
        sequence: number of the last event of the ledger.
        head: its hash.
        warnings: what to look at.
    """

    told: tuple[str, ...]
    events: tuple[int, ...]
    details: dict[str, str]
    sequence: int
    head: str
    warnings: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "format": 1,
            "events": list(self.events),
            **self.details,
            "head": {"sequence": self.sequence, "hash": self.head},
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        return list(self.told)


@dataclass(frozen=True, slots=True)
class Entry:
    """A round open for one entry, with the ledger held.

    Attributes:
        opened: the round.
        writing: the ledger's transaction.
        state: the round as it stands.
        zone: zone of its place; None in a round without a plan, whose log has its own times.
    """

    opened: "OpenRound"
    writing: "Writing"
    state: "RoundState"
    zone: "tzinfo | None"

    def store(
        self,
        events: "list[NewEvent]",
        told: str,
        *,
        details: dict[str, str] | None = None,
        warnings: tuple[Problem, ...] = (),
    ) -> EntrySummary:
        """Add events; without any, say that the ledger knew it all."""
        before = self.writing.head.sequence
        if events:
            self.writing.append(events)
        head = self.writing.head
        sentence = told if events else f"The ledger has this already: {told[:1].lower()}{told[1:]}"
        return EntrySummary(
            told=(sentence,),
            events=tuple(range(before + 1, head.sequence + 1)),
            details=details or {},
            sequence=head.sequence,
            head=head.hash,
            warnings=warnings,
        )

    def moment(self, text: str, option: str) -> str:
        """A time from the command line as the ledger writes it.

        Raises:
            UsageError: it is no time, or only a date.
        """
        from praktijktest.fieldwork.ingest_times import YEARS, ledger_time

        try:
            moment = datetime.fromisoformat(text.strip())
            if moment.year not in YEARS:
                raise ValueError(moment.year)
        except ValueError:
            raise UsageError(
                f"{option} {shown(text)!r} is not a time; write it as 2026-11-03T14:30."
            ) from None
        return ledger_time(moment, self.zone)

    def keep_words(self, words: str, document_class: str) -> str:
        """Keep words as a document; its hash, "" where there are none."""
        if not words:
            return ""
        return self.opened.identities.keep(
            words.encode("utf-8"), name="", media_type="text/plain", document_class=document_class
        )


@contextmanager
def open_entry(folder: Path, store: str | None, who: str | None) -> Iterator[Entry]:
    """A round for one entry: all of it is stored at the end, or nothing.

    Raises:
        UsageError: it is no round folder.
        RefusedError: the store is locked.
        DataError: there is nothing in the round yet.
    """
    from praktijktest.fieldwork.state import state_of
    from praktijktest.fieldwork.status_facts import zone_of
    from praktijktest.rounds.plan_sync import synchronise_plan
    from praktijktest.rounds.round_store import open_round

    with (
        open_round(folder, store=store, who=who) as opened,
        opened.ledger.writing(opened.who) as writing,
        opened.identities.batch(),
    ):
        synchronise_plan(opened, writing)
        state = state_of(writing.events())
        if not state.applications:
            raise DataError(
                "The round has no applications yet: plan it (praktijktest design plan), or read "
                "its log (praktijktest ingest)."
            )
        planned = any(one.planned for one in state.applications.values())
        yield Entry(opened, writing, state, zone_of(opened.design) if planned else None)
