"""The main job: from a table of applications to an `Analysis`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from praktijktest.analysis.applications import Applications, applications_of
from praktijktest.analysis.cautions import (
    count_warnings,
    design_warnings,
    retests_apart,
    unnamed_levels,
)
from praktijktest.analysis.contrasts import Clusters, clusters_of, contrast_results
from praktijktest.analysis.descriptives import level_rates, outcome_counts
from praktijktest.analysis.document_parts import data_part, method_part, round_part
from praktijktest.analysis.flag_quality import flag_quality
from praktijktest.analysis.further_outcomes import further_outcomes
from praktijktest.analysis.log_rows import LogRows, log_rows
from praktijktest.analysis.overall import overall_of_sets
from praktijktest.analysis.pairing import REPEATS, Pairs, pairs_of
from praktijktest.analysis.phases import by_phase
from praktijktest.analysis.pseudonyms import pseudonyms
from praktijktest.analysis.refusals import refuse_unusable
from praktijktest.analysis.results import ContrastResult
from praktijktest.analysis.retests import (
    Retests,
    coded_retests,
    judge_retests,
    retest_results,
    with_retests,
)
from praktijktest.analysis.sensitivity import sensitivity
from praktijktest.analysis.stage_results import stage_results
from praktijktest.analysis.stages import (
    CUMULATIVE,
    added_up,
    coded_stages,
    staged_rows,
    stages_without_rows,
)
from praktijktest.analysis.target_rows import target_rows
from praktijktest.analysis.targets import TargetTable, target_table
from praktijktest.design import Design
from praktijktest.problems import DataError, Problem
from praktijktest.tables import Table
from praktijktest.vocabulary import FORMAT

if TYPE_CHECKING:
    from praktijktest.analysis.models import ModelResult
    from praktijktest.analysis.other_kinds import KindAnalysis

WITHOUT_PAIRS = ("single", "mystery")
"""Kinds of test that compare no applicants of one test."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything one analysis found; `to_dict()` is the analysis document.

    Attributes:
        design: the design it follows.
        applications: the coded applications.
        contrasts: results by contrast, rule and stratum.
        targets: all (target, contrast) combinations with their states.
        retests: the second phase, None where the log holds one phase.
        levels, outcomes, sensitivity: descriptive tables as plain rows.
        overall: tests of three or more levels together.
        further_outcomes: ladder, extra questions and times by contrast.
        stages: what every stage adds, by contrast and rule; none where tests have one stage.
        rows_of_other_stages: rows of stages that the contrasts are not about.
        models: the regressions that the design asks for.
        rows_read: rows in the files; rows_unreadable: left out while reading.
        problems: warnings.
        tests_used: tests that at least one contrast compares.
        pseudonyms: a pseudonym for every target and group of targets in the log.
    """

    design: Design
    applications: Applications
    contrasts: tuple[ContrastResult, ...]
    targets: TargetTable
    retests: Retests | None
    levels: tuple[dict[str, Any], ...]
    outcomes: tuple[dict[str, Any], ...]
    overall: tuple[dict[str, Any], ...]
    sensitivity: tuple[dict[str, Any], ...]
    further_outcomes: tuple[dict[str, Any], ...]
    stages: tuple[dict[str, Any], ...]
    rows_of_other_stages: int
    models: tuple["ModelResult", ...]
    rows_read: int
    rows_unreadable: int
    problems: tuple[Problem, ...]
    tests_used: int
    pseudonyms: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The analysis document, format 1."""
        return {
            "format": FORMAT,
            "round": round_part(self.design),
            "data": data_part(
                self.applications,
                self.design,
                self.problems,
                rows_read=self.rows_read,
                rows_unreadable=self.rows_unreadable,
                tests_used=self.tests_used,
            )
            | ({"rows_of_other_stages": self.rows_of_other_stages} if self.stages else {}),
            "method": method_part(self.applications, self.design),
            "levels": list(self.levels),
            "outcomes": list(self.outcomes),
            "contrasts": [result.to_dict() for result in self.contrasts],
            "overall": list(self.overall),
            "sensitivity": list(self.sensitivity),
            "further_outcomes": list(self.further_outcomes),
            "stages": list(self.stages),
            "models": [model.to_dict() for model in self.models],
            "flag_rule": self._flag_rule(),
            "flag_summary": self.targets.state_counts(),
            "rule_summary": self.targets.rule_counts(),
            "flag_quality": flag_quality(self.targets, self.design, self.retests),
            "retests": None
            if self.retests is None
            else retest_results(self.retests, self.targets, self.pseudonyms),
            "targets": target_rows(self.targets, self.pseudonyms),
        }

    def _flag_rule(self) -> dict[str, Any]:
        flagging = self.design.flagging
        order = self.design.test.order if self.design.test else None
        assumption = {None: "undeclared-order", "random": "randomised"}.get(order, "fixed-order")
        return {
            "rule": flagging.rule,
            "alpha": flagging.alpha,
            "min_tests": flagging.min_tests,
            "contrasts": list(dict.fromkeys(str(name) for name in self.targets.contrast)),
            "across": flagging.across,
            "outcome_rule": self.design.primary_rule,
            "family_size": int(self.targets.in_family.sum()),
            "grey_midp": flagging.grey_midp,
            "equal_margin": flagging.equal_margin,
            "unit": flagging.unit,
            "order": order,
            "accept_fixed_order": flagging.accept_fixed_order,
            "targets_considered": self.targets.counts.considered,
            "targets_out_of_scope": self.targets.counts.out_of_scope,
            "tests_without_target": self.targets.counts.without_target,
            "assumption": assumption,
        }


def analyse_table(
    table: Table,
    design: Design,
    *,
    as_of: datetime | None = None,
    skip_bad_rows: bool = False,
) -> "Analysis | KindAnalysis":
    """Analyse a log that was read into a table, as its design says.

    Args:
        table: the log, one row per reply or application (or one per test, if the design
            describes a wide log).
        design: the round's design, with at least one contrast.
        as_of: moment that decides which silence is final; default: the last event.
        skip_bad_rows: leave out rows with an error instead of stopping.

    Raises:
        DataError: with every problem of the log at once.
    """
    reading = list(table.problems)
    if not skip_bad_rows and any(problem.level == "error" for problem in reading):
        raise DataError("The log has problems; nothing was analysed.", reading)
    if design.kind in WITHOUT_PAIRS:
        from praktijktest.analysis.other_kinds import analyse_other_kind

        return analyse_other_kind(table, design, reading, as_of=as_of, skip_bad_rows=skip_bad_rows)
    read = _read(table, design, as_of, skip_bad_rows=skip_bad_rows)
    applications, fresh = read.applications, read.fresh
    all_pairs = [
        pairs_of(applications, design, c, skip_bad_rows=skip_bad_rows) for c in design.comparisons()
    ]
    refuse_unusable(applications, all_pairs, reading)
    clusters = clusters_of(applications)
    contrasts, found = _contrasts(applications, design, all_pairs, clusters)
    warnings = [*reading, *applications.problems, *found]
    warnings += stages_without_rows(read.stages, design)
    targets = target_table(applications, design, all_pairs)
    named = {*applications.target_ids, *targets.target}
    retests = None if fresh is None else judge_retests(*fresh, design, targets)
    if retests is not None:
        targets = with_retests(targets, retests)
        warnings += [*retests.problems, retests_apart(retests)]
        named |= {*retests.applications.target_ids}
    names = pseudonyms(named, design)
    return Analysis(
        design=design,
        applications=applications,
        contrasts=tuple(contrasts),
        targets=targets,
        retests=retests,
        levels=tuple(level_rates(applications, all_pairs)),
        outcomes=tuple(outcome_counts(applications, design, all_pairs)),
        overall=tuple(overall_of_sets(design, all_pairs, clusters)),
        sensitivity=tuple(sensitivity(applications, design, all_pairs, clusters, names)),
        further_outcomes=tuple(further_outcomes(applications, design, all_pairs, clusters)),
        stages=tuple(stage_results(read.stages, design)),
        rows_of_other_stages=read.elsewhere,
        models=_models(applications, design, all_pairs, clusters),
        rows_read=table.rows_read,
        rows_unreadable=table.rows_skipped,
        problems=(*warnings, *design_warnings(applications, design, targets)),
        tests_used=len(np.unique(np.concatenate([pairs.test for pairs in all_pairs]))),
        pseudonyms=names,
    )


def _contrasts(
    applications: Applications, design: Design, all_pairs: list[Pairs], clusters: Clusters
) -> tuple[list[ContrastResult], list[Problem]]:
    """The results of every comparison, and what a reader must know of its tests."""
    contrasts: list[ContrastResult] = []
    warnings = list(unnamed_levels(applications, design, all_pairs))
    for pairs in all_pairs:
        results, problems = contrast_results(applications, design, pairs, clusters)
        contrasts += results
        warnings += [*problems, *count_warnings(pairs)]
    return contrasts, warnings


def _models(
    applications: Applications, design: Design, all_pairs: Sequence[Pairs], clusters: Clusters
) -> tuple["ModelResult", ...]:
    """The declared models; a design without any does not pay for loading what fits them."""
    if not design.analysis.models:
        return ()
    from praktijktest.analysis.models import compared_in_pairs, fit_models

    compared = [compared_in_pairs(applications, design, pairs) for pairs in all_pairs]
    return fit_models(applications, design, compared, clusters)


@dataclass(frozen=True, slots=True)
class _Read:
    """The applications of a log.

    Attributes:
        applications: those of the screening, which the contrasts are about.
        fresh: those of the retests with their pairs, None without a second phase.
        stages: those of every stage, none where tests have one.
        elsewhere: rows of stages that the contrasts are not about.
    """

    applications: Applications
    fresh: tuple[Applications, list[Pairs]] | None
    stages: dict[str, Applications]
    elsewhere: int


def _read(table: Table, design: Design, as_of: datetime | None, *, skip_bad_rows: bool) -> _Read:
    """The applications of the screening, of the retests where there are any, and by stage.

    Raises:
        DataError: with every problem of both phases at once.
    """
    rows = log_rows(table, design)
    staged = staged_rows(rows, design)
    rows, fresh_rows, last_event = by_phase(staged.headline if staged else rows, design)
    last_event = staged.last_event if staged else last_event
    options: dict[str, Any] = {
        "as_of": as_of,
        "last_event": last_event,
        "skip_bad_rows": skip_bad_rows,
    }
    try:
        applications = applications_of(rows, design, **options)
        fresh = None if fresh_rows is None else coded_retests(fresh_rows, design, **options)
        stages = {} if staged is None else coded_stages(staged, design, options)
    except DataError as error:
        every = [part for part in (rows, fresh_rows) if part is not None]
        every += list(staged.screening.values()) if staged else []
        found = [*table.problems, *error.problems, *_wrong_in_the_rest(every, design, options)]
        raise DataError(error.message, tuple(dict.fromkeys(found))) from None
    if design.analysis.stage == CUMULATIVE and staged:
        applications = added_up(applications, stages)
    return _Read(applications, fresh, stages, staged.elsewhere if staged else 0)


def _wrong_in_the_rest(
    every: Sequence[LogRows], design: Design, options: dict[str, Any]
) -> list[Problem]:
    """What else is wrong, in whole tests and in the other phase, for one list of everything."""
    found: list[Problem] = []
    for rows in every:
        try:
            applications_of(rows, design, **options)
        except DataError as error:
            found += error.problems
        found += _repeats_among_the_rest(rows, design, options["as_of"])
    return found


def _repeats_among_the_rest(rows: LogRows, design: Design, as_of: datetime | None) -> list[Problem]:
    """What is wrong with whole tests, looked for even where single rows are wrong."""
    try:
        applications = applications_of(rows, design, as_of=as_of, skip_bad_rows=True)
    except DataError:
        return []
    found = [p for c in design.comparisons() for p in pairs_of(applications, design, c).problems]
    return [problem for problem in found if problem.code in REPEATS]
