"""More than yes or no: how far applicants got, how soon they heard, and what they were asked.

For the whole round, beside the contrasts and never in place of them. Only tests with one
applicant per group are compared here; how many were left out stands in every part.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.contrasts import Clusters
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.pairing import Pairs
from praktijktest.analysis.reply_times import reply_times
from praktijktest.analysis.within_tests import Couples
from praktijktest.design import Design
from praktijktest.statistics.cells import Cells
from praktijktest.statistics.mcnemar import mcnemar_midp
from praktijktest.statistics.square_tables import bowker, stuart_maxwell
from praktijktest.tables import Column
from praktijktest.vocabulary import NO_REPLY


def further_outcomes(
    applications: Applications, design: Design, all_pairs: Sequence[Pairs], clusters: Clusters
) -> list[dict[str, Any]]:
    """The ladder, the extra questions and the times of every contrast, whole round.

    A part that the design or the log does not allow is None; `absent` says why.

    Args:
        applications: the applications of the round.
        design: its design.
        all_pairs: the comparable units of every contrast.
        clusters: what counts as independent.
    """
    return [_entry(applications, design, pairs, clusters) for pairs in all_pairs]


def _entry(
    applications: Applications, design: Design, pairs: Pairs, clusters: Clusters
) -> dict[str, Any]:
    single = (pairs.n_control == 1) & (pairs.n_treated == 1)
    couples = Couples(
        pairs.application, pairs.opposite, clusters.targets[pairs.test], left_out=0
    ).chosen(single)
    rule = design.primary_rule
    both = ((pairs.control[rule] > 0) & (pairs.treated[rule] > 0))[single]
    confidence = design.analysis.confidence
    window = design.test.response_days if design.test else None
    times, delay, reason = reply_times(applications.coded, couples, both, window, confidence)
    ladder = _ladder(applications, design, couples)
    questions = _questions(applications, design, couples)
    absent = {} if reason is None else {"time_to_reply": reason, "invitation_delay": reason}
    absent |= {} if design.ladder() else {"ladder": "no-ladder"}
    absent |= {} if design.questions() else {"extra_questions": "no-questions"}
    return {
        "contrast": pairs.comparison.id,
        "ladder": ladder,
        "extra_questions": questions,
        "time_to_reply": times,
        "invitation_delay": delay,
        "absent": absent,
    }


def _ladder(applications: Applications, design: Design, couples: Couples) -> dict[str, Any] | None:
    """On which rung either applicant ended, and who stood higher within the test."""
    rungs = design.ladder()
    if not rungs:
        return None
    outcome = applications.coded.outcome
    rung_of = {code: place for place, rung in enumerate(rungs) for code in rung}
    by_code = np.array([rung_of.get(str(value), -1) for value in outcome.values], dtype=np.int64)
    rung = by_code[outcome.codes]
    # A reply after the window is no reply, as in the primary analysis.
    rung[applications.coded.late] = rung_of.get(NO_REPLY, -1)
    known = (rung[couples.control] >= 0) & (rung[couples.treated] >= 0)
    used = couples.chosen(known)
    control, treated = rung[used.control], rung[used.treated]
    size = len(rungs)
    table = np.bincount(control * size + treated, minlength=size * size).reshape(size, size)
    higher = used.compared(
        control > treated, treated > control, "net_higher_rung", design.analysis.confidence
    )
    return {
        "rungs": [list(codes) for codes in rungs],
        "table": table.tolist(),
        "n": int(table.sum()),
        "left_out": used.left_out,
        "higher": higher.to_dict(),
        "stuart_maxwell": stuart_maxwell(table).to_dict(),
        "bowker": bowker(table).to_dict(),
    }


def _questions(
    applications: Applications, design: Design, couples: Couples
) -> dict[str, Any] | None:
    """How often either applicant was only asked for more, and the paired comparison."""
    codes = design.questions()
    if not codes:
        return None
    asked = _has_code(applications.coded.outcome, codes) & ~applications.coded.late
    control, treated = asked[couples.control], asked[couples.treated]
    cells = Cells(
        both=int((control & treated).sum()),
        only_control=int((control & ~treated).sum()),
        only_test=int((treated & ~control).sum()),
        neither=int((~control & ~treated).sum()),
    )
    # The test group asked more often stands above zero here: it is the burden, not the prize.
    more = couples.compared(
        treated & ~control, control & ~treated, "question_difference", design.analysis.confidence
    )
    difference = replace(more.estimate, denominator="tests with one applicant per group")
    n = cells.n
    return {
        "codes": list(codes),
        "cells": cells.to_dict(),
        "n": n,
        "left_out": couples.left_out,
        "share_control": (cells.both + cells.only_control) / n if n else None,
        "share_test": (cells.both + cells.only_test) / n if n else None,
        "difference": difference.to_dict(),
        "p_midp": float(mcnemar_midp(cells.only_control, cells.only_test)),
    }


def _has_code(column: Column, codes: Collection[str]) -> BoolArray:
    return np.array([value in codes for value in column.values], dtype=bool)[column.codes]
