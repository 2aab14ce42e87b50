"""The main job: a log and a design in, an `Analysis` and a report folder out."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from praktijktest.problems import UsageError

if TYPE_CHECKING:
    from praktijktest.analysis import Analysis
    from praktijktest.design import Design

Source = str | Path


def analyse(
    log: Source | Sequence[Source],
    design: "Source | Design",
    *,
    as_of: datetime | None = None,
    skip_bad_rows: bool = False,
    stream: BinaryIO | None = None,
) -> "Analysis":
    """Analyse the response log of a round.

    Args:
        log: one log file, or several that together are one log; "-" reads CSV from `stream`.
        design: a design file, or a design that was read before.
        as_of: moment that decides which silence is already `no-reply`; default: the last
            sending or reply in the log.
        skip_bad_rows: leave out rows with an error, and count them, instead of stopping.
        stream: where "-" reads from.

    Returns:
        The analysis; `.to_dict()` gives the analysis document.

    Raises:
        UsageError: a file is missing or of an unknown kind.
        DesignError: the design cannot be used; its `problems` hold every reason.
        DataError: the log cannot be analysed; its `problems` hold every reason.
    """
    from praktijktest.analysis.analysis import analyse_table
    from praktijktest.analysis.log_columns import plan_columns
    from praktijktest.analysis.refusals import refuse_unavailable
    from praktijktest.design import Design, read_design
    from praktijktest.tables import read_table, read_tables

    read = design if isinstance(design, Design) else read_design(Path(design))
    refuse_unavailable(read)
    sources = [Path(source) for source in _as_list(log)]
    arguments: dict[str, Any] = {
        "sheet": read.reading.sheet,
        "header_row": read.reading.header_row,
        "wanted": lambda header: plan_columns(read, header).names(),
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
    return analyse_table(table, read, as_of=as_of, skip_bad_rows=skip_bad_rows)


def _as_list(log: Source | Sequence[Source]) -> list[Source]:
    if isinstance(log, str | Path):
        return [log]
    if not log:
        raise UsageError("There is no log to analyse.")
    return list(log)


def _file(path: Path) -> Path:
    if path.is_dir():
        raise UsageError(
            f"{path.name} is a folder; name the log file itself "
            "(this version does not yet read a round folder)."
        )
    return path
