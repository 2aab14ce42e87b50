"""What an ingest came to, source by source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from praktijktest.problems import DataError, Problem

KINDS: Final = {
    "sent": "sendings",
    "reply": "replies",
    "failed": "failed",
    "declined": "declined",
    "note": "notes",
    "message": "messages",
    "corrected": "corrections",
}
"""Kinds of events as the summary calls several of them."""
COLUMNS_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class IngestedSource:
    """One source.

    Attributes:
        name: base name of the file.
        kind: log, plan, workbook, form or mail.
        sha256: hash of its bytes, "" for a folder.
        stored: it went in (in a trial run: it would).
        rows: rows or messages read.
        silent: rows of the plan in which nothing was filled in.
        repeated: rows that say only what the ledger had.
        skipped: bad rows that were left out on request.
        events: kind of event -> how many it added.
        columns_left_out: columns that are not kept in the ledger.
        problems: what stood in the way, and warnings.
        counts: further counts, of mail.
    """

    name: str
    kind: str
    sha256: str = ""
    stored: bool = True
    rows: int = 0
    silent: int = 0
    repeated: int = 0
    skipped: int = 0
    events: Mapping[str, int] = field(default_factory=dict)
    columns_left_out: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def added(self) -> int:
        """How many events it added."""
        return sum(self.events.values())

    def to_dict(self) -> dict[str, Any]:
        """The source as plain data."""
        return {
            "source": self.name,
            "kind": self.kind,
            "sha256": self.sha256 or None,
            "stored": self.stored,
            "rows": self.rows,
            "rows_with_nothing_filled_in": self.silent,
            "rows_known": self.repeated,
            "rows_skipped": self.skipped,
            "events": dict(self.events),
            "columns_left_out": list(self.columns_left_out),
            **self.counts,
            "problems": [problem.to_dict() for problem in self.problems],
        }

    def line(self, *, dry_run: bool) -> str:
        """The source in one line for a terminal."""
        what = "messages" if self.kind == "mail" else "rows"
        if not self.stored:
            return f"{self.name} ({self.kind}): not stored, see the problems."
        parts = [f"{number} {KINDS.get(kind, kind)}" for kind, number in self.events.items()]
        verb = "would add" if dry_run else "added"
        text = f"{self.name} ({self.kind}, {self.rows} {what}): "
        text += f"{verb} {', '.join(parts)}" if parts else f"{verb} nothing"
        rest = [
            f"{number} {words}"
            for number, words in (
                (self.repeated, "already known"),
                (self.silent, "with nothing filled in"),
                (self.skipped, "bad ones left out"),
                *((n, name.replace("_", " ")) for name, n in self.counts.items()),
            )
            if number
        ]
        return f"{text}; {', '.join(rest)}." if rest else f"{text}."


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What one call of `ingest` came to.

    Attributes:
        round_id: id of the round.
        sources: every source, in the order given.
        dry_run: nothing was stored.
        sequence: number of the last event of the ledger.
        head: its hash.
    """

    round_id: str
    sources: tuple[IngestedSource, ...]
    dry_run: bool
    sequence: int
    head: str

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Everything that a person should look at."""
        return tuple(problem for source in self.sources for problem in source.problems)

    @property
    def refused(self) -> tuple[IngestedSource, ...]:
        """The sources that did not go in."""
        return tuple(source for source in self.sources if not source.stored)

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "format": 1,
            "round": self.round_id,
            "dry_run": self.dry_run,
            "sources": [source.to_dict() for source in self.sources],
            "added": sum(source.added for source in self.sources if source.stored),
            "head": {"sequence": self.sequence, "hash": self.head},
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        lines = [source.line(dry_run=self.dry_run) for source in self.sources]
        for source in self.sources:
            if source.columns_left_out:
                names = source.columns_left_out
                listed = ", ".join(names[:COLUMNS_SHOWN])
                more = ", …" if len(names) > COLUMNS_SHOWN else ""
                lines.append(
                    f"Not kept in the ledger, since the design does not name them "
                    f"({source.name}): {listed}{more}."
                )
        if self.dry_run:
            lines.append("Nothing was stored (--dry-run).")
        else:
            lines.append(f"The ledger has {self.sequence} events; head {self.head[:12]}.")
        return lines

    def raise_if_refused(self) -> None:
        """End with the exit code of bad data when a source did not go in.

        Raises:
            DataError: a source was refused; its problems were shown with the summary.
        """
        if self.refused:
            names = ", ".join(source.name for source in self.refused)
            raise DataError(f"Not stored: {names}.")
