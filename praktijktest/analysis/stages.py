"""Tests in several stages: which rows belong to which stage, and what each applicant came to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.applications import Applications, applications_of
from praktijktest.analysis.coding import last_event
from praktijktest.analysis.encoding import BoolArray, IntArray
from praktijktest.analysis.log_rows import LogRows
from praktijktest.analysis.phases import by_phase
from praktijktest.analysis.row_checks import among, kept_rows
from praktijktest.design import Design
from praktijktest.problems import DataError, Problem
from praktijktest.tables import canonical

CUMULATIVE = "cumulative"
WORDS = {"first": 0, CUMULATIVE: 0, "last": -1}
"""Which stage the words of `[analysis] stage` take the rows of."""


@dataclass(frozen=True, slots=True)
class StagedRows:
    """The rows of a log with one row per application and stage.

    Attributes:
        headline: rows of the stage that the contrasts are about, with those whose stage the
            design does not know, so that they are found wrong.
        screening: stage -> its rows of the first phase, in the order of the stages; stages
            without any row are left out.
        elsewhere: rows of other stages than the headline's.
        last_event: the last event of all stages.
    """

    headline: LogRows
    screening: dict[str, LogRows]
    elsewhere: int
    last_event: datetime | None


def staged_rows(rows: LogRows, design: Design) -> StagedRows | None:
    """Tell the stages of a log apart; None where the design declares none.

    Raises:
        DataError: the headline adds up the stages of a log with two phases.
    """
    stage = rows.fields.get("stage")
    if not design.stages or stage is None:
        return None
    rows = kept_rows(rows, design)
    stage = rows.fields["stage"]
    known = [canonical(name) for name in design.stages]
    present = [name for name in known if among(stage, [name]).any()]
    wanted = _wanted(design, present or known)
    belongs = among(stage, [wanted]) | ~among(stage, known)
    headline = rows.select(belongs)
    screening, confirming, _ = by_phase(rows, design)
    if confirming is not None and design.analysis.stage == CUMULATIVE:
        raise DataError("The log has problems; nothing was analysed.", [_two_phases()])
    of_screening = screening.fields["stage"]
    return StagedRows(
        headline=headline,
        screening={
            name: screening.select(among(of_screening, [name]))
            for name in present
            if among(of_screening, [name]).any()
        },
        elsewhere=int((~belongs).sum()),
        last_event=last_event(rows),
    )


def _wanted(design: Design, present: list[str]) -> str:
    """The stage whose rows the contrasts are about."""
    wanted = design.analysis.stage
    return present[WORDS[wanted]] if wanted in WORDS else canonical(wanted)


def _two_phases() -> Problem:
    return Problem(
        code="cumulative-with-retests",
        message="the log has screening and confirming tests, and the headline adds up stages",
        column="phase",
        hint='name a stage under [analysis], or keep one phase: [reading.keep] phase = ["screen"]',
    )


def coded_stages(
    staged: StagedRows, design: Design, options: Mapping[str, Any]
) -> dict[str, Applications]:
    """The applications of every stage of the first phase.

    Args:
        staged: the rows by stage.
        design: the round's design.
        options: as for `applications_of`.

    Raises:
        DataError: with every problem of every stage at once.
    """
    found: dict[str, Applications] = {}
    wrong: list[Problem] = []
    for name, rows in staged.screening.items():
        try:
            found[name] = applications_of(rows, design, **options)
        except DataError as error:
            wrong += error.problems
    if wrong:
        raise DataError("The log has problems; nothing was analysed.", tuple(wrong))
    return found


def stages_without_rows(stages: Mapping[str, Applications], design: Design) -> list[Problem]:
    """Stages of the design of which the log has no row."""
    declared = [canonical(name) for name in design.stages] if stages else []
    return [
        Problem(
            code="stage-without-rows",
            message=f"the log has no rows of stage {name!r}"
            + ("; what the stages add is divided by the tests of the next one" * (not place)),
            level="warning",
            column="stage",
            hint="add the rows, or leave the stage out under [test] stages",
        )
        for place, name in enumerate(declared)
        if name not in stages
    ]


def added_up(applications: Applications, stages: Mapping[str, Applications]) -> Applications:
    """The applications of the first stage, positive where they fared better over all stages.

    At the first stage where the applicants of a test get different replies, the replies of that
    stage count for the test. Where they never do, all count as positive if the test ever gave
    something to all, or put all of them off without ending the test; else none does.

    Args:
        applications: those of the first stage.
        stages: the applications of every stage, in order.
    """
    tests = len(applications.test_ids)
    found = {
        rule: _over_stages(applications, stages, rule, tests)
        for rule in applications.coded.positive
    }
    coded = replace(applications.coded, positive=found, positive_any_time=found)
    return replace(applications, coded=coded)


def _over_stages(
    first: Applications, stages: Mapping[str, Applications], rule: str, tests: int
) -> BoolArray:
    size = np.bincount(first.test, minlength=tests)
    result = np.zeros(len(first), dtype=bool)
    undecided, alike, seen_neither = (
        np.ones(tests, dtype=bool),
        np.zeros(tests, dtype=bool),
        np.zeros(tests, dtype=bool),
    )
    for stage in stages.values():
        present, positive = _matched(first, stage, rule)
        here = (np.bincount(first.test[present], minlength=tests) == size) & undecided
        won = np.bincount(first.test[present & positive], minlength=tests)
        differ = here & (won > 0) & (won < size)
        # Both were put off at an earlier stage and are here all the same: the test went on.
        alike |= here & (seen_neither | (won == size))
        seen_neither |= here & (won == 0)
        result |= positive & differ[first.test]
        undecided &= ~differ
    return result | (alike & undecided)[first.test]


def _matched(first: Applications, stage: Applications, rule: str) -> tuple[BoolArray, BoolArray]:
    """Per application of the first stage: whether it is in this one, and its reply positive."""
    keys, other = _keys(first, stage)
    usable = stage.usable
    order = np.argsort(other[usable], kind="stable")
    sorted_keys = other[usable][order]
    if not len(sorted_keys):
        none = np.zeros(len(first), dtype=bool)
        return none, none
    place = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    present = sorted_keys[place] == keys
    positive = stage.coded.positive[rule][usable][order][place]
    return present, present & positive


def _keys(first: Applications, stage: Applications) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers that are equal for one applicant of one test in two stages."""
    numbers = []
    for names in ("test", "profile"):
        one, other = first.rows.fields[names], stage.rows.fields[names]
        texts = np.concatenate([one.values, other.values]).astype(str)
        codes = np.unique(texts, return_inverse=True)[1]
        numbers.append((codes[one.codes], codes[len(one.values) :][other.codes]))
    width = int(max(part.max(initial=0) for part in numbers[1])) + 1
    return (
        numbers[0][0].astype(np.int64) * width + numbers[1][0],
        numbers[0][1].astype(np.int64) * width + numbers[1][1],
    )


def unit_keys(
    applications: Applications,
    tests: IntArray,
    rows: NDArray[np.int64],
    within: tuple[str, ...],
) -> NDArray[np.object_]:
    """A name for every compared unit that is the same at every stage."""
    names = applications.test_ids[tests]
    for attribute in within:
        column = applications.rows.attributes.get(attribute)
        if column is not None:
            names = names + "\x1f" + column.values[column.codes[rows]]
    return np.asarray(names, dtype=object)
