"""The two phases of a round: screening, and fresh tests of those it flagged."""

from datetime import datetime

import numpy as np

from praktijktest.analysis.coding import last_event
from praktijktest.analysis.log_rows import LogRows
from praktijktest.analysis.row_checks import among, kept_rows
from praktijktest.design import Design


def by_phase(rows: LogRows, design: Design) -> tuple[LogRows, LogRows | None, datetime | None]:
    """Split a log into screening and confirming tests, which are never pooled.

    Agents come into the second phase because of their first results; pooled, the choice
    itself would look like evidence. A log that holds one phase only, or whose design keeps
    a phase by `[reading.keep]`, is not split.

    Returns:
        The screening rows, the confirming rows (None where nothing was split), and the last
        event of the whole log, which decides what silence is final in both.
    """
    phase = rows.fields.get("phase")
    if phase is None or "phase" in design.reading.keep:
        return rows, None, None
    confirming = among(phase, ["confirm"])
    kept = kept_rows(rows, design)
    among_kept = among(kept.fields["phase"], ["confirm"])
    if not among_kept.any() or among_kept.all():
        return rows, None, None
    return rows.select(~confirming), rows.select(np.asarray(confirming)), last_event(kept)
