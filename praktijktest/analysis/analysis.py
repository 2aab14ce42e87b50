"""The main job: from a table of applications to an `Analysis`."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from praktijktest.analysis.applications import Applications, applications_of
from praktijktest.analysis.completeness import counts_of
from praktijktest.analysis.contrasts import clusters_of, contrast_results
from praktijktest.analysis.descriptives import (
    explicit_evidence,
    failures,
    level_rates,
    outcome_counts,
    sensitivity,
)
from praktijktest.analysis.findings import Findings
from praktijktest.analysis.log_rows import LogRows, log_rows
from praktijktest.analysis.pairing import REPEATS, Pairs, arms_of, pairs_of
from praktijktest.analysis.pseudonyms import pseudonyms
from praktijktest.analysis.results import ContrastResult
from praktijktest.analysis.target_rows import target_rows
from praktijktest.analysis.targets import TargetTable, target_table
from praktijktest.design import Design
from praktijktest.problems import DataError, DesignError, Problem
from praktijktest.statistics.flags import AVAILABLE_RULES
from praktijktest.tables import Table
from praktijktest.vocabulary import FORMAT


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything one analysis found; `to_dict()` is the analysis document.

    Attributes:
        design: the design it follows.
        applications: the coded applications.
        contrasts: results by contrast, rule and stratum.
        targets: all (target, contrast) combinations with their states.
        levels, outcomes, sensitivity: descriptive tables as plain rows.
        rows_read: rows in the files; rows_unreadable: left out while reading.
        problems: warnings.
        tests_used: tests that at least one contrast compares.
        pseudonyms: a pseudonym for every target and group of targets in the log.
    """

    design: Design
    applications: Applications
    contrasts: tuple[ContrastResult, ...]
    targets: TargetTable
    levels: tuple[dict[str, Any], ...]
    outcomes: tuple[dict[str, Any], ...]
    sensitivity: tuple[dict[str, Any], ...]
    rows_read: int
    rows_unreadable: int
    problems: tuple[Problem, ...]
    tests_used: int
    pseudonyms: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The analysis document, format 1."""
        return {
            "format": FORMAT,
            "round": self._round(),
            "data": self._data(),
            "method": self._method(),
            "levels": list(self.levels),
            "outcomes": list(self.outcomes),
            "contrasts": [result.to_dict() for result in self.contrasts],
            "sensitivity": list(self.sensitivity),
            "models": [],
            "flag_rule": self._flag_rule(),
            "flag_summary": self.targets.state_counts(),
            "rule_summary": self.targets.rule_counts(),
            "targets": target_rows(self.targets, self.pseudonyms),
        }

    def _round(self) -> dict[str, Any]:
        about = self.design.round
        return {
            "id": about.id,
            "title": about.title,
            "market": about.market,
            "place": about.place,
            "jurisdiction": about.jurisdiction,
            "start": about.start.isoformat() if about.start else None,
            "end": about.end.isoformat() if about.end else None,
            "language": about.language,
            "commissioner": about.commissioner,
            "kind": self.design.kind,
            "order": self.design.test.order if self.design.test else None,
        }

    def _data(self) -> dict[str, Any]:
        found = self.applications
        by_reason, by_arm = failures(found)
        group = found.rows.fields.get("target_group")
        return {
            "rows_read": self.rows_read,
            "rows_used": found.counts["rows_used"],
            "rows_left_out": found.counts["rows_left_out"],
            "rows_skipped": found.counts["rows_skipped"] + self.rows_unreadable,
            "applications": len(found),
            "tests": len(found.test_ids),
            "tests_usable": self.tests_used,
            "pending": int(found.coded.pending.sum()),
            "tests_pending": int(found.test_pending.sum()),
            "tests_failed": by_reason,
            "failed_by_arm": by_arm,
            "late_replies": int(found.coded.late.sum()),
            "explicit_evidence": explicit_evidence(found),
            "targets": len(found.target_ids),
            "target_groups": 0 if group is None else len(set(group.values) - {""}),
            "tests_without_target": int((found.target < 0).sum()),
            "simulated": self.design.round.simulated,
            "problems": [problem.to_dict() for problem in self.problems],
        }

    def _method(self) -> dict[str, Any]:
        design = self.design
        as_of = self.applications.coded.as_of
        return {
            "confidence": design.analysis.confidence,
            "headline": design.analysis.headline,
            "as_of": as_of.isoformat() if as_of else None,
            "response_days": design.test.response_days if design.test else None,
            "scheme": design.outcomes.scheme,
            "primary": design.primary_rule,
            "positive": {rule: sorted(codes) for rule, codes in design.positive().items()},
            "labels": {code: label for code, label in design.outcome_codes().items() if label},
            "strata": list(design.analysis.strata),
            "min_cell": design.privacy.min_cell,
            "same_profile": design.reading.same_profile,
            "missing_outcome": design.reading.missing_outcome,
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
            "targets_considered": self.targets.considered,
            "targets_out_of_scope": self.targets.out_of_scope,
            "tests_without_target": self.targets.without_target,
            "assumption": assumption,
        }


def analyse_table(
    table: Table,
    design: Design,
    *,
    as_of: datetime | None = None,
    skip_bad_rows: bool = False,
) -> Analysis:
    """Analyse a log that was read into a table, as its design says.

    Args:
        table: the log, one row per reply or application (or one per test, if the design
            describes a wide log).
        design: the round's design, with at least one contrast.
        as_of: moment that decides which silence is final; default: the last event.
        skip_bad_rows: leave out rows with an error instead of stopping.

    Raises:
        DesignError: when the design asks for something this version cannot do.
        DataError: with every problem of the log at once.
    """
    refuse_unavailable(design)
    reading = list(table.problems)
    if not skip_bad_rows and any(problem.level == "error" for problem in reading):
        raise DataError("The log has problems; nothing was analysed.", reading)
    rows = log_rows(table, design)
    try:
        applications = applications_of(rows, design, as_of=as_of, skip_bad_rows=skip_bad_rows)
    except DataError as error:
        found = (*reading, *error.problems, *_repeats_among_the_rest(rows, design, as_of))
        raise DataError(error.message, found) from None
    all_pairs = [
        pairs_of(applications, design, c, skip_bad_rows=skip_bad_rows) for c in design.comparisons()
    ]
    _refuse_unusable(applications, all_pairs, reading)
    clusters = clusters_of(applications)
    contrasts: list[ContrastResult] = []
    warnings = [*reading, *applications.problems]
    warnings += _unnamed_levels(applications, design, all_pairs)
    for pairs in all_pairs:
        results, problems = contrast_results(applications, design, pairs, clusters)
        contrasts += results
        warnings += [*problems, *_count_warnings(pairs)]
    targets = target_table(applications, design, all_pairs)
    return Analysis(
        design=design,
        applications=applications,
        contrasts=tuple(contrasts),
        targets=targets,
        levels=tuple(level_rates(applications, all_pairs)),
        outcomes=tuple(outcome_counts(applications, design, all_pairs)),
        sensitivity=tuple(sensitivity(applications, design, all_pairs)),
        rows_read=table.rows_read,
        rows_unreadable=table.rows_skipped,
        problems=(*warnings, *_design_warnings(applications, design, targets)),
        tests_used=len(np.unique(np.concatenate([pairs.test for pairs in all_pairs]))),
        pseudonyms=pseudonyms({*applications.target_ids, *targets.target}, design),
    )


def _repeats_among_the_rest(rows: LogRows, design: Design, as_of: datetime | None) -> list[Problem]:
    """What is wrong with whole tests, looked for even where single rows are wrong."""
    try:
        applications = applications_of(rows, design, as_of=as_of, skip_bad_rows=True)
    except DataError:
        return []
    found = [p for c in design.comparisons() for p in pairs_of(applications, design, c).problems]
    return [problem for problem in found if problem.code in REPEATS]


def refuse_unavailable(design: Design) -> None:
    """Say plainly what a design may declare and this version cannot yet analyse."""
    problems = []
    if design.kind in ("single", "mystery"):
        problems.append(
            Problem(
                code="kind-not-available",
                message=f"this version analyses paired tests and sets, not kind {design.kind!r}",
                column="test.kind",
                hint='kind = "paired" or "set"',
            )
        )
    if design.flagging.rule not in AVAILABLE_RULES:
        problems.append(
            Problem(
                code="rule-not-available",
                message=f"this version does not have the flag rule {design.flagging.rule!r}",
                column="flagging.rule",
                hint=f"it has: {', '.join(AVAILABLE_RULES)}",
            )
        )
    if problems:
        raise DesignError("This version cannot analyse this design.", problems)


def _refuse_unusable(
    applications: Applications, all_pairs: list[Pairs], reading: list[Problem]
) -> None:
    problems = [p for pairs in all_pairs for p in pairs.problems if p.level == "error"]
    problems += [
        _no_usable_test(applications, pairs)
        for pairs in all_pairs
        if not len(pairs) and not pairs.problems
    ]
    if problems:
        files = applications.rows.files
        named = [replace(p, file=p.file or files[0]) for p in problems]
        raise DataError(
            "The log has problems; nothing was analysed.",
            (*reading, *applications.problems, *(named if len(files) == 1 else problems)),
        )


def _no_usable_test(applications: Applications, pairs: Pairs) -> Problem:
    comparison = pairs.comparison
    pending = counts_of(pairs.status)["tests_pending"]
    why = f"no test holds both {comparison.control!r} and {comparison.test_label!r}"
    hint = (
        "check the test column, the levels and `within` "
        f"(now: {', '.join(comparison.within) or 'none'})"
    )
    if pending:
        why = f"its {pending} tests all wait for a reply, their window is still open"
        hint = "analyse again later, or with a later --as-of"
    elif len(applications) == len(applications.test_ids):
        why += "; every test has one application only"
        hint = "are these unpaired tests? This version analyses paired ones; else name the "
        hint += "columns that together make a test: [columns] test"
    return Problem(
        code="no-usable-test",
        message=f"contrast {comparison.id!r} has no usable test: {why}",
        hint=hint,
    )


def _unnamed_levels(
    applications: Applications, design: Design, all_pairs: list[Pairs]
) -> list[Problem]:
    """Applications whose level no contrast names, by profile."""
    named = np.zeros(len(applications), dtype=bool)
    for pairs in all_pairs:
        named |= arms_of(applications, pairs.comparison).level >= 0
    rows = applications.rows
    findings = Findings(rows.files, rows.file_codes, rows.row_numbers)
    findings.rows(
        "level-in-no-contrast",
        "no contrast of the design compares this applicant",
        ~named,
        column="profile",
        values=rows.fields["profile"],
        level="warning",
        hint="correct it in the log, or leave it so if it is meant",
    )
    return findings.problems


def _count_warnings(pairs: Pairs) -> list[Problem]:
    texts = {
        "tests_incomplete": ("incomplete-tests", "an applicant is missing"),
        "tests_not_applicable": ("tests-not-applicable", "the contrast does not apply"),
        "tests_pending": ("tests-pending", "a response window is still open"),
    }
    counts = counts_of(pairs.status)
    found = [problem for problem in pairs.problems if problem.level == "warning"]
    return found + [
        Problem(
            code=code,
            message=f"contrast {pairs.comparison.id!r}: tests left out because {why}",
            level="warning",
            count=counts[key],
        )
        for key, (code, why) in texts.items()
        if counts[key]
    ]


def _design_warnings(
    applications: Applications, design: Design, targets: TargetTable
) -> list[Problem]:
    problems = []
    if design.analysis.models:
        problems.append(
            Problem(
                code="models-not-available",
                message=f"this version does not fit models: {', '.join(design.analysis.models)}",
                level="warning",
                column="analysis.models",
            )
        )
    if design.reading.same_profile == "mean" and len(applications.target_ids):
        problems.append(
            Problem(
                code="no-flags-with-mean",
                message="outcomes are averaged per test, so there are no four cells and no "
                "target is judged",
                level="warning",
                column="reading.same_profile",
                hint='for flags: same_profile = "best" or "first"',
                count=len(applications.target_ids),
            )
        )
    if targets.without_target and targets.considered:
        problems.append(
            Problem(
                code="tests-without-target",
                message="tests that name no target count for the market and for no target",
                level="warning",
                column="target",
                count=targets.without_target,
            )
        )
    return problems
