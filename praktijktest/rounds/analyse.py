"""The main job: a log or a round, and a design, in; an `Analysis` out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from praktijktest.problems import UsageError
from praktijktest.storage import folder_kind

if TYPE_CHECKING:
    from praktijktest.analysis import AnyAnalysis
    from praktijktest.design import Design
    from praktijktest.tables import Table

Source = str | Path

HEADER_BYTES: Final = 4096
"""How much of a file is read to see whether it begins as a frozen log."""


@dataclass(frozen=True, slots=True)
class RoundAnalysis:
    """An analysis of what the ledger of a round holds.

    Attributes:
        analysis: what was found.
        ledger: round, sequence number and hash of the last event that was read.
    """

    analysis: "AnyAnalysis"
    ledger: dict[str, Any]


def analyse(
    log: Source | Sequence[Source],
    design: "Source | Design | None" = None,
    *,
    as_of: datetime | None = None,
    skip_bad_rows: bool = False,
    stream: BinaryIO | None = None,
    store: str | None = None,
) -> "AnyAnalysis":
    """Analyse the response log of a round.

    Args:
        log: one log file, or several that together are one log; "-" reads CSV from `stream`;
            or a round folder, whose ledger is read.
        design: a design file, or a design that was read before; a round folder has its own.
        as_of: moment that decides which silence is already `no-reply`; default: the last
            sending or reply in the log.
        skip_bad_rows: leave out rows with an error, and count them, instead of stopping.
        stream: where "-" reads from.
        store: URL of the ledger of a round folder; default: round.db in it.

    Returns:
        The analysis; `.to_dict()` gives the analysis document.

    Raises:
        UsageError: a file is missing or of an unknown kind.
        DesignError: the design cannot be used; its `problems` hold every reason.
        DataError: the log cannot be analysed; its `problems` hold every reason.
    """
    sources = [Path(source) for source in _as_list(log)]
    if len(sources) == 1 and sources[0].is_dir():
        options: dict[str, Any] = {"as_of": as_of, "skip_bad_rows": skip_bad_rows}
        return analyse_round(sources[0], design, store=store, **options).analysis
    if store is not None:
        raise UsageError("--store goes with a round folder, and the log is a file.")
    if design is None:
        raise UsageError("Name the design of this log with --design.")
    read = _design(design)
    table = _read(sources, read, stream, skip_bad_rows=skip_bad_rows)
    return _analysed(table, read, as_of=as_of, skip_bad_rows=skip_bad_rows)


def analyse_round(
    folder: Path,
    design: "Source | Design | None" = None,
    *,
    store: str | None = None,
    until: int | None = None,
    as_of: datetime | None = None,
    skip_bad_rows: bool = False,
    advance: Callable[[int], None] | None = None,
) -> RoundAnalysis:
    """Analyse what the ledger of a round folder holds.

    Args:
        folder: the round folder.
        design: a design to use in place of the folder's own.
        store: URL of the ledger; default: PRAKTIJKTEST_STORE, else round.db in the folder.
        until: sequence number of the last event to read; default: all of them.
        as_of: moment that decides which silence is already `no-reply`.
        skip_bad_rows: leave out rows with an error, and count them.
        advance: called now and then with the number of events read since.

    Raises:
        UsageError: it is no round folder, or it has no ledger.
        DesignError, DataError: as for `analyse`.
    """
    from praktijktest.rounds.frozen_round import freeze
    from praktijktest.rounds.round_store import open_round

    require_round(folder)
    with open_round(folder, store=store, create=False) as opened:
        read = opened.design if design is None else _design(design)
        frozen = freeze(opened.ledger, until=until, advance=advance)
    analysis = _analysed(frozen.table, read, as_of=as_of, skip_bad_rows=skip_bad_rows)
    return RoundAnalysis(analysis, frozen.origin())


def require_round(folder: Path) -> None:
    """See that a folder is a round folder.

    Raises:
        UsageError: it is a report folder, or something else.
    """
    if folder_kind(folder) == "report":
        raise UsageError(
            f"{folder.name or folder} is a report folder: it holds an analysis already. "
            "praktijktest verify checks it."
        )
    if not (folder / "design.toml").is_file():
        raise UsageError(
            f"{folder.name or folder} is a folder and no round folder (it has no design.toml); "
            "name the log file itself."
        )


def _design(design: "Source | Design") -> "Design":
    from praktijktest.design import Design, read_design

    return design if isinstance(design, Design) else read_design(Path(design))


def _read(
    sources: list[Path], read: "Design", stream: BinaryIO | None, *, skip_bad_rows: bool
) -> "Table":
    """The log as a table; a frozen log with its texts as the ledger has them."""
    from praktijktest.analysis.log_columns import plan_columns
    from praktijktest.fieldwork.frozen_log import is_frozen_log
    from praktijktest.rounds.frozen_round import without_quotes
    from praktijktest.rounds.ledger_design import ledger_design
    from praktijktest.tables import read_table, read_tables

    def wanted(header: Sequence[str]) -> set[str]:
        design = ledger_design(read, header) if is_frozen_log(header) else read
        return plan_columns(design, header).names()

    frozen = any(_begins_frozen(source) for source in sources)
    arguments: dict[str, Any] = {
        "sheet": None if frozen else read.reading.sheet,
        "header_row": 1 if frozen else read.reading.header_row,
        "wanted": wanted,
        "skip_bad_rows": skip_bad_rows,
    }
    if [str(source) for source in sources] == ["-"]:
        if stream is None:
            raise UsageError('The log is "-", but there is no stream to read from.')
        table = read_table(None, stream=stream, **arguments)
    elif len(sources) == 1:
        table = read_table(_file(sources[0]), **arguments)
    else:
        table = read_tables([_file(source) for source in sources], **arguments)
    return without_quotes(table) if is_frozen_log(table.header) else table


def _begins_frozen(source: Path) -> bool:
    """Whether a file is a frozen log, whatever row of other logs holds the column names."""
    from praktijktest.fieldwork.frozen_log import is_frozen_log

    if not source.is_file():
        return False
    with source.open("rb") as stream:
        first = stream.readline(HEADER_BYTES).decode("utf-8-sig", "replace").strip()
    return any(is_frozen_log(first.split(delimiter)) for delimiter in ",;\t|")


def _analysed(
    table: "Table", read: "Design", *, as_of: datetime | None, skip_bad_rows: bool
) -> "AnyAnalysis":
    from praktijktest.analysis.analysis import analyse_table
    from praktijktest.fieldwork.frozen_log import is_frozen_log
    from praktijktest.rounds.ledger_design import ledger_design

    frozen = is_frozen_log(table.header)
    design = ledger_design(read, table.header) if frozen else read
    return analyse_table(table, design, as_of=as_of, skip_bad_rows=skip_bad_rows)


def _as_list(log: Source | Sequence[Source]) -> list[Source]:
    if isinstance(log, str | Path):
        return [log]
    if not log:
        raise UsageError("There is no log to analyse.")
    return list(log)


def _file(path: Path) -> Path:
    if path.is_dir():
        raise UsageError(
            f"{path.name or path} is a folder; several files together make a log, "
            "and a round folder is analysed alone."
        )
    return path
