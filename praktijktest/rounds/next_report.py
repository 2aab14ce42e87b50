"""How far the testing of every target is, from the analysis in a report folder."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np

from praktijktest.design import Design
from praktijktest.problems import DataError
from praktijktest.rounds.next_counts import PhaseCounts, Standing

CELLS: Final = ("both", "only_control", "only_test", "neither")


def standing_of_report(document: Mapping[str, Any], design: Design) -> Standing:
    """The standing of a round from its analysis document.

    Raises:
        DataError: the document has no counts per target.
    """
    try:
        directions = {c.id: c.direction for c in design.flagged_comparisons()}
        rows = sorted(
            (row for row in document["targets"] if row["contrast"] in directions),
            key=lambda row: (row["target"], row["contrast"]),
        )
        cells = [[int(row["cells"][name]) for name in CELLS] for row in rows]
        moment = document["method"]["as_of"]
        return Standing(
            entries=tuple((row["target"], row["contrast"]) for row in rows),
            directions=tuple(directions[row["contrast"]] for row in rows),
            screening=PhaseCounts(
                np.array(cells, dtype=np.int64).reshape(len(rows), len(CELLS)),
                np.zeros(len(rows), dtype=np.int64),
            ),
            fresh=None,
            recent={},
            as_of=datetime.fromisoformat(moment) if moment else None,
            problems=(),
        )
    except (KeyError, TypeError, ValueError):
        raise DataError(
            "analysis.json has no counts per target; make the report again with this version."
        ) from None
