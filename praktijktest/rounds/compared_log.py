"""The waves within one log, each as a round of a comparison."""

from collections.abc import Sequence
from datetime import date
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.problems import DataError, PraktijktestError, UsageError
from praktijktest.rounds.compared_reports import refuse_other_kinds, whole_rounds
from praktijktest.rounds.compared_tests import (
    UNKNOWN,
    BoolArray,
    ComparedRound,
    ComparedTests,
    Groups,
    Names,
    Treated,
    groups_of,
    in_years,
    value_of_tests,
)

if TYPE_CHECKING:
    from praktijktest.analysis import Analysis
    from praktijktest.design import Design
    from praktijktest.tables import Column

READ_ANYWAY = frozenset(
    ("wave", "phase", "stage", "template", "channel", "position", "target", "profile")
)
"""Columns of the contract that need not be asked for."""


def waves_of_log(
    log: Sequence[Path], design_file: Path, by: str, treated: Treated | None
) -> tuple[list[ComparedRound], list[dict[str, Any]]]:
    """The waves of a log, first to last, and what a reader should know of the division.

    Waves stand in the order of their dates where every wave has dates, else in the order of
    their names, numbers as numbers.

    Args:
        log: the log, in one file or several.
        design_file: its design.
        by: the column that tells the waves apart.
        treated: who is set apart.

    Raises:
        UsageError: the log has no such column, or tests of one wave only.
        DesignError, DataError: as for `analyse`.
    """
    analysis = _analysed(log, design_file, by, treated)
    wave = _value_of_tests(analysis, by)
    units = _units_by_contrast(analysis, treated)
    document = _document(analysis)
    found = {
        name: {value: tests.of(wave[numbers] == value) for value in set(wave[numbers]) - {""}}
        for name, (tests, numbers) in units.items()
    }
    values = sorted({value for parts in found.values() for value in parts}, key=_natural)
    if len(values) < 2:
        have = f"only {values[0]!r}" if values else "none"
        raise UsageError(f"A comparison needs tests of two waves; column {by!r} has {have}.")
    days = [_days(analysis, wave == value) for value in values]
    rounds = [
        _wave(analysis, document, value, day, {n: p[value] for n, p in found.items() if value in p})
        for value, day in zip(values, days, strict=True)
    ]
    notes = _notes(analysis, by, wave, units, values)
    known = [one for one in rounds if one.moment is not None]
    if len(known) == len(rounds) and len({one.moment for one in known}) == len(rounds):
        return sorted(rounds, key=lambda one: one.moment or 0.0), notes
    if any(_natural(value)[0] for value in values):
        notes.append({"code": "waves-by-name", "column": by})
    return rounds, notes


def _analysed(
    log: Sequence[Path], design_file: Path, by: str, treated: Treated | None
) -> "Analysis":
    from praktijktest.analysis.analysis import Analysis
    from praktijktest.design import read_design
    from praktijktest.rounds.analyse import analyse

    design = read_design(design_file)
    refuse_other_kinds(design.kind, design_file.name)
    try:
        analysis = analyse(list(log), _with_columns(design, by, treated))
    except DataError as error:
        raise _as_asked(error, design, by, treated) from None
    assert isinstance(analysis, Analysis)
    return analysis


def _as_asked(
    error: DataError, design: "Design", by: str, treated: Treated | None
) -> PraktijktestError:
    """The error; one of the command where a column that only the command names is missing."""
    options = {treated.column: "--treated"} if treated else {}
    options[by] = "--by"
    for problem in error.problems:
        name = problem.column or ""
        ours = problem.code == "missing-column" and name not in design.analysis.strata
        if ours and name in options:
            there = (problem.hint or "").rpartition("the log has: ")[2]
            return UsageError(
                f"{options[name]} names a column that the log does not have: {name!r}. "
                f"It has: {there}."
            )
    return error


def _document(analysis: "Analysis") -> dict[str, Any]:
    """The parts of the analysis document that a comparison needs; the whole takes far longer."""
    from praktijktest.analysis.document_parts import method_part, round_part

    design = analysis.design
    return {
        "round": round_part(design),
        "data": {"simulated": design.round.simulated},
        "method": method_part(analysis.applications, design),
        "contrasts": [result.to_dict() for result in analysis.contrasts],
        "flag_rule": {"grey_midp": design.flagging.grey_midp},
    }


def _with_columns(design: "Design", by: str, treated: Treated | None) -> "Design":
    """The design with the columns that tell waves and groups apart, and without models."""
    known = READ_ANYWAY | {comparison.attribute for comparison in design.comparisons()}
    named = [by, *([treated.column] if treated and treated.column else [])]
    wanted = [name for name in named if name not in known]
    strata = tuple(dict.fromkeys((*design.analysis.strata, *wanted)))
    chosen = design.analysis.model_copy(update={"strata": strata, "models": ()})
    return design.model_copy(update={"analysis": chosen})


def _column(analysis: "Analysis", name: str) -> "Column":
    found = analysis.applications.rows.named(name)
    if found is None:
        rows = analysis.applications.rows
        known = sorted({*rows.fields, *rows.attributes, *rows.carried})
        raise UsageError(f"The log has no column {name!r}; it has: {', '.join(known)}.")
    return found


def _value_of_tests(analysis: "Analysis", name: str) -> Names:
    applications = analysis.applications
    return value_of_tests(_column(analysis, name), applications.test, len(applications.test_ids))


def _units_by_contrast(
    analysis: "Analysis", treated: Treated | None
) -> dict[str, tuple[ComparedTests, NDArray[np.int64]]]:
    """The units of every contrast, and the number of the test of each."""
    from praktijktest.analysis.contrasts import clusters_of
    from praktijktest.analysis.pairing import pairs_of

    applications, design = analysis.applications, analysis.design
    tests = len(applications.test_ids)
    cluster = clusters_of(applications).targets
    group: Groups = np.full(tests, UNKNOWN, dtype=np.int8)
    if treated is not None and not treated.tested_before:
        group = groups_of(_value_of_tests(analysis, treated.column), treated.value)
    names = np.append(applications.target_ids, "")
    found = {}
    for comparison in design.comparisons():
        pairs = pairs_of(applications, design, comparison)
        number = pairs.test.astype(np.int64)
        own = names[applications.target[number]]
        found[comparison.id] = (
            ComparedTests(
                test=applications.test_ids[number],
                control=pairs.control[design.primary_rule],
                tested=pairs.treated[design.primary_rule],
                cluster=cluster[number].astype(object),
                target=own,
                named=np.asarray(own != "", dtype=np.bool_),
                group=group[number],
            ),
            number,
        )
    return found


def _wave(
    analysis: "Analysis",
    document: dict[str, Any],
    value: str,
    days: tuple[str, str, float] | None,
    tests: dict[str, ComparedTests],
) -> ComparedRound:
    every = [one for part in tests.values() for one in part.test.tolist()]
    targets: set[str] = set().union(*(part.targets() for part in tests.values()))
    return ComparedRound(
        label=value,
        about={
            "title": value,
            "place": analysis.design.round.place,
            "start": days[0] if days else None,
            "end": days[1] if days else None,
            "tests": len(set(every)),
            "targets": len(targets),
            "sha256": None,
        },
        document=document,
        contrasts=whole_rounds(document),
        tests=tests,
        binary=document["method"]["same_profile"] != "mean",
        moment=days[2] if days else None,
    )


def _days(analysis: "Analysis", tests: BoolArray) -> tuple[str, str, float] | None:
    """First and last day of sending of some tests, and the middle of all sendings in years."""
    sent = analysis.applications.coded.sent_at
    if sent is None:
        return None
    known = sent[tests[analysis.applications.test]].astype("datetime64[D]")
    known = known[~np.isnat(known)]
    if not len(known):
        return None
    ordinal = known.astype(np.int64) + date(1970, 1, 1).toordinal()
    return str(known.min()), str(known.max()), in_years(float(np.median(ordinal)))


def _notes(
    analysis: "Analysis",
    by: str,
    wave: Names,
    units: dict[str, tuple[ComparedTests, NDArray[np.int64]]],
    values: Sequence[str],
) -> list[dict[str, Any]]:
    """Tests without one wave, counted by reason, and waves without tests."""
    used = np.unique(np.concatenate([numbers for _, numbers in units.values()]))
    column = _column(analysis, by)
    empty = np.asarray(column.values == "", dtype=bool)[column.codes]
    filled = np.zeros(len(wave), dtype=bool)
    filled[analysis.applications.test[~empty]] = True
    without = used[wave[used] == ""]
    counts = {
        "tests-without-wave": int((~filled[without]).sum()),
        "tests-between-waves": int(filled[without].sum()),
    }
    notes: list[dict[str, Any]] = [
        {"code": code, "column": by, "count": count} for code, count in counts.items() if count
    ]
    lost = sorted({*column.values[np.unique(column.codes)].tolist()} - {"", *values}, key=_natural)
    if analysis.retests is not None:
        notes.append({"code": "retests-left-out", "round": None})
    return notes + [{"code": "wave-without-tests", "round": value} for value in lost]


def _natural(value: str) -> tuple[int, float, str]:
    """Numbers as numbers and before texts."""
    try:
        number = float(value)
    except ValueError:
        number = nan
    return (0, number, value) if isfinite(number) else (1, 0.0, value)
