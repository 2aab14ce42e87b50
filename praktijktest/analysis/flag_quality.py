"""How far a list of signals can be trusted, contrast by contrast."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.retests import Retests
from praktijktest.analysis.targets import TargetTable
from praktijktest.design import Design
from praktijktest.statistics.equal_treatment import clean_tests_missing
from praktijktest.statistics.false_flags import false_flags
from praktijktest.statistics.regression_to_mean import expected_again
from praktijktest.statistics.signal_checks import pooled_outcome_balance

FLAGGED: Final = ("signal", "confirmed", "released")
"""States of targets that the first list flagged."""

SECOND_OPINION: Final = 0.95
"""Posterior probability from which the second opinion agrees with a signal."""


def flag_quality(
    table: TargetTable, design: Design, retests: Retests | None
) -> list[dict[str, Any]]:
    """What stands beside the list as a whole, one plain row per contrast that may flag.

    Nothing here changes a state. Values that do not exist are None.
    """
    flagged = np.isin(table.state.astype(str), FLAGGED)
    rows = []
    for block, comparison in enumerate(table.counts.comparisons):
        own = np.asarray(table.counts.contrast == block)
        listed = own & flagged
        rows.append(
            {
                "contrast": comparison.id,
                "judged": int((own & table.in_family).sum()),
                "signals": int(listed.sum()),
                "signals_for_test_group": int((listed & (table.counts.gap < 0)).sum()),
                "false_flags": false_flags(1.0 - table.evidence.posterior[listed]).to_dict(),
                "second_opinion": {
                    "threshold": SECOND_OPINION,
                    "agree": int((table.evidence.posterior[listed] >= SECOND_OPINION).sum()),
                },
                "fragile": int(table.fragile[listed].sum()),
                "few_discordant": int(table.evidence.few_discordant[listed].sum()),
                "undone_by_recoding": int(table.evidence.undone_by_recoding[listed].sum()),
                "order_balance": _balance(table.counts.by_order[own]),
                "sheet_balance": _balance(table.counts.by_sheet[own]),
                "market": table.evidence.markets[block].to_dict(),
                "positive_list": _positive_list(table, design, own),
                "again": _again(table, design, own, listed, retests),
            }
        )
    return rows


def _balance(by_side: NDArray[np.int64]) -> dict[str, Any] | None:
    """Whether who wins hangs on order or letter, over all targets; None where unknown."""
    known = by_side[by_side.sum(axis=1) > 0]
    if not len(known):
        return None
    return {"discordant": int(known.sum()), "p": pooled_outcome_balance(*known.T)[0]}


def _positive_list(table: TargetTable, design: Design, own: BoolArray) -> dict[str, Any]:
    shown = own & np.asarray(table.state == "equal-treatment", dtype=bool)
    alpha, margin = design.flagging.alpha, design.flagging.equal_margin
    return {
        "targets": int(shown.sum()),
        "error_controlled": int((table.equal.q[shown] <= alpha).sum()),
        "alpha": alpha,
        "margin": margin,
        "clean_tests": int(clean_tests_missing([0], [0], [0], margin)[0]),
        "months": design.flagging.label_months,
    }


def _again(
    table: TargetTable,
    design: Design,
    own: BoolArray,
    listed: BoolArray,
    retests: Retests | None,
) -> dict[str, Any] | None:
    """What fresh tests of the signals would give if nothing changed, and what they gave.

    Without fresh tests: the prediction for as many tests as the first time.
    """
    if not listed.any():
        return None
    fresh = table.counts.tests.copy()
    observed = None
    if retests is not None:
        fresh = np.zeros(len(table), dtype=np.int64)
        fresh[retests.place] = retests.cells.sum(axis=1)
        cells = retests.cells[own[retests.place]].sum(axis=0)
        observed = float(cells[1] - cells[2]) / float(cells.sum()) if cells.sum() else None
    confidence = design.analysis.confidence
    found = expected_again(table.cells[own], listed[own], fresh[own], confidence)
    return {**found.to_dict(), "tested_again": retests is not None, "fresh": observed}
