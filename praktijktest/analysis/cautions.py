"""Warnings about a whole round: levels nobody compares, tests left out, wishes not met."""

import numpy as np

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.completeness import counts_of
from praktijktest.analysis.findings import Findings
from praktijktest.analysis.pairing import Pairs, arms_of
from praktijktest.analysis.retests import Retests
from praktijktest.analysis.targets import TargetTable
from praktijktest.design import Design
from praktijktest.problems import Problem


def unnamed_levels(
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


def count_warnings(pairs: Pairs) -> list[Problem]:
    """How many tests a contrast leaves out, by reason."""
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


def design_warnings(
    applications: Applications, design: Design, targets: TargetTable
) -> list[Problem]:
    """What the design asks for and does not get."""
    problems = []
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
    if targets.counts.without_target and targets.counts.considered:
        problems.append(
            Problem(
                code="tests-without-target",
                message="tests that name no target count for the market and for no target",
                level="warning",
                column="target",
                count=targets.counts.without_target,
            )
        )
    return problems


def retests_apart(retests: Retests) -> Problem:
    """That the second phase is judged on its own, and how many applications it has."""
    return Problem(
        code="retests-apart",
        message="tests of the confirming phase count only for agents the screening flagged: they "
        "were chosen for it by their first results, so the two phases are never pooled",
        level="warning",
        column="phase",
        hint='analyse them on their own with [reading.keep] phase = ["confirm"]',
        count=len(retests.applications),
    )
