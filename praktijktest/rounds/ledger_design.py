"""The design by which a ledger, or a log frozen from it, is read."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from praktijktest.vocabulary import NO_REPLY

if TYPE_CHECKING:
    from praktijktest.design import Design

SETTLED: Final = ("profile",)
"""Columns that were recoded when they came into the ledger; all others hold raw codes."""


def ledger_design(design: "Design", header: Collection[str] = ()) -> "Design":
    """The design of a round, for reading its ledger and not somebody's log.

    The ledger has the contract's column names, an empty outcome is silence, and several
    replies to one application are its nature: unless the design says otherwise the best
    one counts.

    Args:
        design: the design of the round.
        header: the columns of the frozen log, to find the one that names clusters.
    """
    from praktijktest.design.sections import Columns

    columns: dict[str, Any] = {
        "values": {k: v for k, v in design.columns.values.items() if k not in SETTLED},
        "types": design.columns.types,
        "cluster": _cluster(design, header),
    }
    reading: dict[str, Any] = {"sheet": None, "header_row": 1, "missing_outcome": NO_REPLY}
    if "contacts" not in design.reading.model_fields_set:
        reading["contacts"] = "best"
    return design.model_copy(
        update={
            "columns": Columns(**columns),
            "reading": design.reading.model_copy(update=reading),
        }
    )


def _cluster(design: "Design", header: Collection[str]) -> str | None:
    """The column of clusters: as the ledger took it in, else the one the plan has."""
    declared = design.columns.cluster
    if declared is None or "cluster" in header:
        return None if declared is None else "cluster"
    return declared if isinstance(declared, str) and declared in header else None
