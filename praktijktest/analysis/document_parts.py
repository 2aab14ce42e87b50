"""The parts of an analysis document that every kind of test shares."""

from collections.abc import Sequence
from typing import Any

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.descriptives import explicit_evidence, failures
from praktijktest.design import Design
from praktijktest.problems import Problem


def round_part(design: Design) -> dict[str, Any]:
    """Which round it is."""
    about = design.round
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
        "kind": design.kind,
        "order": design.test.order if design.test else None,
        "stages": list(design.stages),
    }


def data_part(
    found: Applications,
    design: Design,
    problems: Sequence[Problem],
    *,
    rows_read: int,
    rows_unreadable: int,
    tests_used: int,
) -> dict[str, Any]:
    """What came in, what was left out, and why.

    Args:
        found: the applications of the round.
        design: its design.
        problems: every warning.
        rows_read: rows in the files.
        rows_unreadable: rows left out while reading.
        tests_used: tests that the results rest on.
    """
    by_reason, by_arm = failures(found)
    group = found.rows.fields.get("target_group")
    return {
        "rows_read": rows_read,
        "rows_used": found.counts["rows_used"],
        "rows_left_out": found.counts["rows_left_out"],
        "rows_skipped": found.counts["rows_skipped"] + rows_unreadable,
        "applications": len(found),
        "tests": len(found.test_ids),
        "tests_usable": tests_used,
        "pending": int(found.coded.pending.sum()),
        "tests_pending": int(found.test_pending.sum()),
        "tests_failed": by_reason,
        "failed_by_arm": by_arm,
        "late_replies": int(found.coded.late.sum()),
        "explicit_evidence": explicit_evidence(found),
        "targets": len(found.target_ids),
        "target_groups": 0 if group is None else len(set(group.values) - {""}),
        "tests_without_target": int((found.target < 0).sum()),
        "simulated": design.round.simulated,
        "problems": [problem.to_dict() for problem in problems],
    }


def method_part(found: Applications, design: Design) -> dict[str, Any]:
    """How the numbers come about."""
    as_of = found.coded.as_of
    return {
        "confidence": design.analysis.confidence,
        "headline": design.analysis.headline,
        "headline_stage": design.analysis.stage if design.stages else None,
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
