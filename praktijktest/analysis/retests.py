"""The second phase: fresh tests of the agents that the screening flagged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.applications import Applications, applications_of
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.log_rows import LogRows
from praktijktest.analysis.pairing import Pairs, pairs_of
from praktijktest.analysis.target_counts import CountArray, TargetCounts, count_targets
from praktijktest.analysis.targets import TargetTable
from praktijktest.design import Design
from praktijktest.problems import DataError, Problem
from praktijktest.statistics.cells import Cells
from praktijktest.statistics.confirmation import Confirmation, ReleaseRule, confirm

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Retests:
    """What the fresh tests of the second phase show, one entry per screening signal.

    Attributes:
        applications: the coded applications of the second phase.
        place: place of each signal in the screening's target table.
        first: its four cells in the screening, shape (signals, 4).
        cells: its four cells in the fresh tests.
        p, p_midp, q: one-sided sign tests on the fresh tests, and the adjusted value.
        confirmed: q is at most alpha; released: enough fresh tests show no pattern.
        log_e, log_e_both: evidence of the fresh tests, and multiplied with the screening's.
        others: targets with fresh tests that the screening did not flag; not judged.
        problems: warnings about the second phase.
    """

    applications: Applications
    place: NDArray[np.int64]
    first: CountArray
    cells: CountArray
    p: FloatArray
    p_midp: FloatArray
    q: FloatArray
    confirmed: BoolArray
    released: BoolArray
    log_e: FloatArray
    log_e_both: FloatArray
    others: int
    problems: tuple[Problem, ...]

    def __len__(self) -> int:
        return len(self.place)


def coded_retests(
    rows: LogRows,
    design: Design,
    *,
    as_of: datetime | None,
    last_event: datetime | None,
    skip_bad_rows: bool,
) -> tuple[Applications, list[Pairs]]:
    """The applications and pairs of the second phase.

    Raises:
        DataError: with every problem of its rows.
    """
    applications = applications_of(
        rows, design, as_of=as_of, last_event=last_event, skip_bad_rows=skip_bad_rows
    )
    all_pairs = [
        pairs_of(applications, design, c, skip_bad_rows=skip_bad_rows) for c in design.comparisons()
    ]
    # A ground that is not retested has levels that never occur: no mistake here.
    wrong = [
        problem
        for pairs in all_pairs
        for problem in pairs.problems
        if problem.level == "error" and problem.code != "level-never-occurs"
    ]
    if wrong:
        raise DataError("The log has problems; nothing was analysed.", wrong)
    return applications, all_pairs


def judge_retests(
    applications: Applications,
    all_pairs: Sequence[Pairs],
    design: Design,
    screening: TargetTable,
) -> Retests:
    """Confirm or release the screening's signals on their fresh tests alone.

    Args:
        applications: the applications of the second phase.
        all_pairs: its pairs, one entry per contrast.
        design: the round's design.
        screening: the judged targets of the first phase.
    """
    counts = count_targets(applications, design, all_pairs)
    place = np.flatnonzero(screening.state == "signal")
    names = zip(screening.target[place], screening.contrast[place], strict=True)
    found = _places(counts)
    fresh = [found.get((str(target), str(contrast)), -1) for target, contrast in names]
    row = np.array(fresh, dtype=np.int64)
    cells = np.zeros((len(place), 4), dtype=np.int64)
    cells[row >= 0] = counts.cells[row[row >= 0]]
    first = screening.cells[place]
    numbers: dict[str, Any] = {name: np.ones(len(place)) for name in ("p", "p_midp", "q")}
    numbers |= {name: np.zeros(len(place), dtype=bool) for name in ("confirmed", "released")}
    numbers |= {name: np.zeros(len(place)) for name in ("log_e", "log_e_both")}
    for entries, direction, alpha in _families(design, screening, place):
        decided = _confirmed(design, cells[entries], first[entries], direction, alpha)
        for name, values in numbers.items():
            values[entries] = getattr(decided, name)
    # Without a single fresh test nothing can have changed.
    untested = cells.sum(axis=1) == 0
    numbers["released"] &= ~untested
    retested = set(counts.names[counts.number].tolist())
    return Retests(
        applications=applications,
        place=place,
        first=first,
        cells=cells,
        others=len(retested - set(screening.target[place].tolist())),
        problems=applications.problems,
        **numbers,
    )


def with_retests(screening: TargetTable, retests: Retests) -> TargetTable:
    """The target table with the states `confirmed` and `released` for its signals."""
    state = screening.state.copy()
    state[retests.place[retests.confirmed]] = "confirmed"
    state[retests.place[retests.released]] = "released"
    return replace(screening, state=state)


def retest_results(
    retests: Retests, table: TargetTable, pseudonym: Mapping[str, str]
) -> dict[str, Any]:
    """The second phase in the shape of the analysis document."""
    found = retests.applications
    rows = []
    for row, place in enumerate(retests.place.tolist()):
        target = str(table.target[place])
        fresh = Cells(*retests.cells[row].tolist())
        tests = int(retests.cells[row].sum())
        rows.append(
            {
                "target": target,
                "pseudonym": pseudonym[target],
                "contrast": str(table.contrast[place]),
                "state": str(table.state[place]),
                "first": Cells(*retests.first[row].tolist()).to_dict(),
                "n": tests,
                "cells": fresh.to_dict(),
                "net_rate_all": (fresh.only_control - fresh.only_test) / tests if tests else None,
                "p": float(retests.p[row]),
                "p_midp": float(retests.p_midp[row]),
                "q": float(retests.q[row]),
                "log_e": float(retests.log_e[row]),
                "log_e_both": float(retests.log_e_both[row]),
            }
        )
    return {
        "applications": len(found),
        "tests": len(found.test_ids),
        "pending": int(found.coded.pending.sum()),
        "tests_failed": int((found.test_failed != "").sum()),
        "targets": len(found.target_ids),
        "targets_not_flagged": retests.others,
        "rows": rows,
    }


def _places(counts: TargetCounts) -> dict[tuple[str, str], int]:
    ids = [comparison.id for comparison in counts.comparisons]
    pairs = zip(counts.names[counts.number], counts.contrast.tolist(), strict=True)
    return {(str(name), ids[block]): place for place, (name, block) in enumerate(pairs)}


def _families(
    design: Design, screening: TargetTable, place: NDArray[np.int64]
) -> list[tuple[NDArray[np.int64], str, float]]:
    """The signals that are judged together, their direction and their part of alpha."""
    direction = screening.direction[place].astype(str)
    contrast = screening.contrast[place].astype(str)
    apart = design.flagging.across == "separate"
    keys = np.array(
        [f"{way}|{name}" if apart else way for way, name in zip(direction, contrast, strict=True)],
        dtype=str,
    )
    ways = len(set(direction.tolist())) if not apart else 1
    alpha = design.flagging.alpha / max(ways, 1)
    return [
        (entries, str(direction[entries[0]]), alpha)
        for entries in (np.flatnonzero(keys == key) for key in sorted(set(keys.tolist())))
    ]


def _confirmed(
    design: Design, cells: CountArray, first: CountArray, direction: str, alpha: float
) -> Confirmation:
    return confirm(
        cells[:, 1],
        cells[:, 2],
        cells.sum(axis=1),
        alpha,
        answered=cells[:, :3].sum(axis=1),
        screening=(first[:, 1], first[:, 2]),
        direction=direction,
        release=ReleaseRule(grey_midp=design.flagging.grey_midp),
    )
