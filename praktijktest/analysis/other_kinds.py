"""Rounds that hold no pairs: unpaired tests and mystery calls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from praktijktest.analysis.applications import Applications, applications_of
from praktijktest.analysis.calls import CallResult, call_records, call_results
from praktijktest.analysis.contrasts import clusters_of
from praktijktest.analysis.document_parts import data_part, method_part, round_part
from praktijktest.analysis.groups import (
    GroupResult,
    group_results,
    overall_tests,
    within_strata,
)
from praktijktest.analysis.log_rows import log_rows
from praktijktest.analysis.pairing import arms_of
from praktijktest.analysis.pseudonyms import pseudonyms
from praktijktest.design import Design
from praktijktest.problems import Problem
from praktijktest.tables import Table
from praktijktest.vocabulary import FORMAT

if TYPE_CHECKING:
    from praktijktest.analysis.models import ModelResult


@dataclass(frozen=True, slots=True)
class KindAnalysis:
    """Everything an analysis without pairs found; `to_dict()` is the analysis document.

    Attributes:
        design: the design it follows.
        applications: the coded applications or calls.
        contrasts: results by contrast or call, rule and stratum.
        overall: tests of all groups of a contrast together.
        models: the regressions that the design asks for.
        records: of mystery calls, what each agent said.
        rows_read: rows in the files; rows_unreadable: left out while reading.
        problems: warnings.
        pseudonyms: a pseudonym for every target in the log.
        retests: always None; there is no second phase without pairs.
    """

    design: Design
    applications: Applications
    contrasts: tuple[GroupResult | CallResult, ...]
    overall: tuple[dict[str, Any], ...]
    models: tuple["ModelResult", ...]
    records: tuple[dict[str, Any], ...]
    rows_read: int
    rows_unreadable: int
    problems: tuple[Problem, ...]
    pseudonyms: dict[str, str]
    retests: None = None

    def to_dict(self) -> dict[str, Any]:
        """The analysis document, format 1; nothing in it flags a target."""
        found = self.applications
        return {
            "format": FORMAT,
            "round": round_part(self.design),
            "data": data_part(
                found,
                self.design,
                self.problems,
                rows_read=self.rows_read,
                rows_unreadable=self.rows_unreadable,
                tests_used=len(np.unique(found.test[found.usable])),
            ),
            "method": method_part(found, self.design),
            "levels": [],
            "outcomes": self._outcomes(),
            "contrasts": [result.to_dict() for result in self.contrasts],
            "overall": list(self.overall),
            "sensitivity": [],
            "models": [model.to_dict() for model in self.models],
            "flag_rule": None,
            "flag_summary": [],
            "rule_summary": [],
            "flag_quality": None,
            "retests": None,
            "records": list(self.records),
            "targets": [],
        }

    def _outcomes(self) -> list[dict[str, Any]]:
        """How often each reply occurred, by group or call."""
        found, usable = self.applications, self.applications.usable
        outcome = found.coded.outcome
        members: list[tuple[str, str, str, Any]] = []
        if self.design.kind == "mystery":
            profile = found.rows.fields["profile"].texts()
            members = [(c.id, c.id, "control", profile == c.id) for c in self.design.calls]
        for comparison in self.design.comparisons():
            level = arms_of(found, comparison).level
            members.append((comparison.id, comparison.control, "control", level == 0))
            members.append((comparison.id, comparison.test_label, "test", level == 1))
        codes = [*self.design.outcome_codes(), *self.design.failed_codes()]
        number = {str(value): place for place, value in enumerate(outcome.values)}
        rows = []
        for name, label, arm, mask in members:
            counts = np.bincount(outcome.codes[mask & usable], minlength=len(outcome.values))
            rows += [
                {
                    "contrast": name,
                    "level": label,
                    "arm": arm,
                    "outcome": code,
                    "applications": int(counts[number[code]]),
                }
                for code in dict.fromkeys(codes)
                if code in number and counts[number[code]]
            ]
        return rows


def analyse_other_kind(
    table: Table,
    design: Design,
    reading: Sequence[Problem],
    *,
    as_of: datetime | None = None,
    skip_bad_rows: bool = False,
) -> KindAnalysis:
    """Analyse a log of unpaired tests or of mystery calls.

    Args:
        table: the log, one row per application or call.
        design: its design.
        reading: problems of reading the files.
        as_of: moment that decides which silence is final.
        skip_bad_rows: leave out rows with an error instead of stopping.

    Raises:
        DataError: with every problem of the log at once.
    """
    applications = applications_of(
        log_rows(table, design), design, as_of=as_of, skip_bad_rows=skip_bad_rows
    )
    names = pseudonyms(applications.target_ids.tolist(), design)
    mystery = design.kind == "mystery"
    clusters = clusters_of(applications)
    results: tuple[GroupResult | CallResult, ...] = (
        tuple(call_results(applications, design))
        if mystery
        else tuple(group_results(applications, design, clusters))
    )
    return KindAnalysis(
        design=design,
        applications=applications,
        contrasts=results,
        overall=()
        if mystery
        else (*overall_tests(applications, design), *within_strata(applications, design)),
        models=() if mystery else _models(applications, design),
        records=tuple(call_records(applications, design, names)) if mystery else (),
        rows_read=table.rows_read,
        rows_unreadable=table.rows_skipped,
        problems=(
            *reading,
            *applications.problems,
            *(_models_of_calls(design) if mystery else _several_in_a_test(applications)),
        ),
        pseudonyms=names,
    )


def _models_of_calls(design: Design) -> Iterator[Problem]:
    """That models are asked for where nobody is compared with anybody."""
    if design.analysis.models:
        yield Problem(
            code="models-without-groups",
            message="mystery calls compare no groups, so no model is fitted",
            level="warning",
            column="analysis.models",
            hint="leave models out of the design; results by stratum: [analysis] strata",
        )


def _several_in_a_test(applications: Applications) -> Iterator[Problem]:
    """That tests of one applicant hold several, which a wrong test column gives too."""
    sizes = np.bincount(applications.test[applications.usable])
    count = int((sizes > 1).sum())
    if count:
        yield Problem(
            code="tests-not-single",
            message="tests have several applicants, although the design says one each; the "
            "groups are compared as a whole, clustered by target",
            level="warning",
            count=count,
            hint='name what makes a test under [columns], or write kind = "paired" or "set"',
        )


def _models(applications: Applications, design: Design) -> tuple["ModelResult", ...]:
    if not design.analysis.models:
        return ()
    from praktijktest.analysis.models import Compared, fit_models

    everything = np.ones(len(applications.test_ids), dtype=bool)
    compared = [Compared(comparison, everything) for comparison in design.comparisons()]
    return fit_models(applications, design, compared, clusters_of(applications))
