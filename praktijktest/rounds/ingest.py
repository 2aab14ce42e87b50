"""`ingest`: logs, workbooks, form exports and mailboxes into the ledger of a round."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from praktijktest.problems import DataError, Problem, RefusedError, UsageError
from praktijktest.rounds.ingest_summary import IngestedSource, IngestSummary

if TYPE_CHECKING:
    from datetime import tzinfo

    from praktijktest.fieldwork.ingest_compare import Rules
    from praktijktest.fieldwork.ingest_known import Known
    from praktijktest.fieldwork.ledger import Writing
    from praktijktest.rounds.ingest_shapes import RawSource
    from praktijktest.rounds.ingest_values import CheckedSource
    from praktijktest.rounds.round_store import OpenRound

STANDARD_INPUT: Final = "standard input"
MEDIA_TYPES: Final = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
Progress = Callable[[str, int, int], None]
"""Is told the name of the source, the rows done and the rows in all."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asked for.

    Attributes:
        dry_run: store nothing.
        skip_bad_rows: leave out rows that cannot be taken, and count them.
        unplanned: take applications that the plan does not have.
        form: id of the form that the sources are exports of.
    """

    dry_run: bool = False
    skip_bad_rows: bool = False
    unplanned: bool = False
    form: str | None = None


class _UndoneError(Exception):
    """Leaves a transaction so that nothing of it stays; carries what it would have done."""

    def __init__(self, source: IngestedSource) -> None:
        super().__init__(source.name)
        self.source = source


def ingest(
    folder: Path,
    sources: Sequence[Path | str],
    *,
    store: str | None = None,
    who: str | None = None,
    wish: Wish = Wish(),
    stream: BinaryIO | None = None,
    progress: Progress | None = None,
) -> IngestSummary:
    """Read sources into the ledger of a round, each of them whole or not at all.

    Reading a source again adds nothing, and the order of the sources does not matter. A value
    that contradicts the ledger is a problem that names both; nothing is overwritten.

    Args:
        folder: the round folder.
        sources: files, mail folders, or "-" for CSV from `stream`.
        store: URL of the ledger's database; default: PRAKTIJKTEST_STORE, else round.db.
        who: who does this; default: PRAKTIJKTEST_WHO, else the login name.
        wish: what else was asked for.
        stream: standard input.
        progress: is told how far it is.

    Returns:
        What was added, source by source, and the sources that did not go in.

    Raises:
        UsageError: a source is not there or of no known kind; nothing was read.
        RefusedError: the store is locked or cannot be reached.
    """
    from praktijktest.rounds.round_store import open_round

    paths = [_existing(source) for source in sources]
    _refuse_repeated(paths)
    done: list[IngestedSource] = []
    with open_round(folder, store=store, who=who) as opened:
        for path in paths:
            try:
                done.append(_ingest_one(opened, path, wish, stream, progress))
            except RefusedError as error:
                raise _interrupted(error, done) from error
        head = opened.ledger.head()
    return IngestSummary(
        round_id=opened.design.round.id,
        sources=tuple(done),
        dry_run=wish.dry_run,
        sequence=head.sequence,
        head=head.hash,
    )


def _ingest_one(
    opened: "OpenRound",
    path: Path | None,
    wish: Wish,
    stream: BinaryIO | None,
    progress: Progress | None,
) -> IngestedSource:
    """One source in a transaction of its own."""
    from praktijktest.rounds.ingest_kinds import is_mail
    from praktijktest.rounds.plan_sync import synchronise_plan

    try:
        with opened.ledger.writing(opened.who) as writing, opened.identities.batch():
            synchronise_plan(opened, writing)
            if path is not None and is_mail(path):
                found = _mail(opened, writing, path, wish)
            else:
                found = _table(opened, writing, path, wish, stream, progress)
            if wish.dry_run or not found.stored:
                raise _UndoneError(found)
    except _UndoneError as undone:
        return undone.source
    except DataError as error:
        name = path.name if path is not None else STANDARD_INPUT
        problems = error.problems or (Problem("unreadable", error.message),)
        named = tuple(replace(p, file=p.file or name) for p in problems)
        return IngestedSource(name, "unknown", stored=False, problems=named)
    return found


def _mail(opened: "OpenRound", writing: "Writing", path: Path, wish: Wish) -> IngestedSource:
    from praktijktest.rounds.mail import ingest_mail

    return ingest_mail(opened, writing, path, dry_run=wish.dry_run)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A table that was read and checked, and what the ledger knows of the round.

    Attributes:
        content: its bytes.
        raw: what kind of table it is.
        source: its values as the ledger keeps them.
        known: what the ledger says.
        rules: how its rows are understood.
    """

    content: bytes
    raw: "RawSource"
    source: "CheckedSource"
    known: "Known"
    rules: "Rules"


def _table(
    opened: "OpenRound",
    writing: "Writing",
    path: Path | None,
    wish: Wish,
    stream: BinaryIO | None,
    progress: Progress | None,
) -> IngestedSource:
    """A log, plan, workbook or form: what it adds goes into the transaction."""
    from praktijktest.fieldwork.ingest import Reading, new_events
    from praktijktest.rounds.ingest_conflicts import conflict_problems

    ready = _prepared(opened, writing, path, wish, stream)
    source, table, reading = ready.source, ready.source.table, Reading()

    def told(rows: int) -> None:
        if progress is not None:
            progress(table.name, rows, len(table))

    events = new_events(table, ready.known, ready.rules, reading, told)
    unusable = any(p.level == "error" for p in source.problems) and not wish.skip_bad_rows
    if unusable:
        for _ in events:  # what else is wrong is said at once
            pass
    else:
        writing.append(events)
    conflicts = conflict_problems(reading, table, writing, opened)
    problems = [*source.problems, *reading.problems, *conflicts]
    refused = unusable or (reading.bad > 0 and not wish.skip_bad_rows)
    if not refused and not wish.dry_run:
        _keep(opened, table.name, ready.content, reading.notes)
    if wish.skip_bad_rows:
        problems = [replace(problem, level="warning") for problem in problems]
    return IngestedSource(
        name=table.name,
        kind=ready.raw.shape,
        sha256=table.sha256,
        stored=not refused,
        rows=reading.rows + source.bad,
        silent=reading.silent,
        repeated=reading.repeated,
        skipped=source.bad + reading.bad if wish.skip_bad_rows else 0,
        events={} if refused else dict(reading.events),
        columns_left_out=ready.raw.left_out,
        problems=tuple(problems),
    )


def _prepared(
    opened: "OpenRound",
    writing: "Writing",
    path: Path | None,
    wish: Wish,
    stream: BinaryIO | None,
) -> _Prepared:
    from praktijktest.fieldwork.ingest_known import KINDS, known_of
    from praktijktest.rounds.ingest_kinds import read_any
    from praktijktest.rounds.ingest_values import checked

    content = _content(path, stream)
    known = known_of(writing.events(kinds=KINDS))
    planned = known.planned
    raw = read_any(path, content, opened, planned=planned, wish=wish)
    source = checked(
        raw,
        opened.design,
        opened.identities,
        name=path.name if path is not None else STANDARD_INPUT,
        sha256=hashlib.sha256(content).hexdigest(),
        zone=zone_of(opened) if planned else None,
        planned=planned,
    )
    rules = rules_of(opened, raw, planned=planned, unplanned=wish.unplanned)
    return _Prepared(content, raw, source, known, rules)


def rules_of(opened: "OpenRound", raw: "RawSource", *, planned: bool, unplanned: bool) -> "Rules":
    """How the rows of a source are understood, as the design says.

    Sheets of a plan have one row per application. In a log, rows that agree may be replies to
    one application (`contacts`) or several applications of one profile (`same_profile`).
    """
    from praktijktest.fieldwork.ingest_compare import Rules

    design = opened.design
    is_log = raw.shape in ("log", "form")
    several_replies = is_log and design.reading.contacts != "error"
    same_profile = design.reading.same_profile != "error"
    numbers = (name for name, kind in design.columns.types.items() if kind == "number")
    return Rules(
        planned=planned,
        unplanned=unplanned,
        several_replies=several_replies,
        every_row=is_log and same_profile and not several_replies,
        numbers=frozenset(numbers),
    )


def zone_of(opened: "OpenRound") -> "tzinfo":
    """The time zone of the round's place."""
    from praktijktest.fieldwork import status_facts

    return status_facts.zone_of(opened.design)


def _keep(opened: "OpenRound", name: str, content: bytes, notes: dict[str, str]) -> None:
    """Keep the source and the remarks in it as documents, before the ledger names them."""
    media_type = MEDIA_TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
    opened.identities.keep(content, name=name, media_type=media_type, document_class="source")
    for text in notes.values():
        opened.identities.keep(
            text.encode("utf-8"), name="", media_type="text/plain", document_class="note"
        )


def _content(path: Path | None, stream: BinaryIO | None) -> bytes:
    if path is not None:
        return path.read_bytes()
    if stream is None:
        raise UsageError('The source is "-", but there is no stream to read from.')
    return stream.read()


def _existing(source: Path | str) -> Path | None:
    """The path of a source; None stands for standard input."""
    from praktijktest.rounds.ingest_kinds import check_source

    if str(source) == "-":
        return None
    path = Path(source)
    check_source(path)
    return path


def _refuse_repeated(paths: Sequence[Path | None]) -> None:
    if not paths:
        raise UsageError("There is no source to read.")
    places = [path.resolve() if path is not None else path for path in paths]
    if len(set(places)) < len(places):
        raise UsageError("The same source is named twice.")


def _interrupted(error: RefusedError, done: Sequence[IngestedSource]) -> RefusedError:
    """A refusal that says which sources were stored before it."""
    stored = [source.name for source in done if source.stored]
    if not stored:
        return error
    return RefusedError(f"{error.message} Stored before that: {', '.join(stored)}.", error.problems)
