"""What was observed, before any test: replies per level, failures by arm."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications
from praktijktest.analysis.completeness import USED
from praktijktest.analysis.pairing import Pairs, arms_of
from praktijktest.design import Design
from praktijktest.tables import canonical


def level_rates(applications: Applications, all_pairs: Sequence[Pairs]) -> list[dict[str, Any]]:
    """Share of positive replies per level, over all valid applications of its profiles.

    These are descriptive: they include applications of tests in which the other level does
    not occur, so they need not equal the response rates of the paired comparison. Profiles
    that the comparison never compares (the control of another ground) are not in them.
    """
    rows = []
    for pairs in all_pairs:
        compared = _compared_profiles(applications, pairs)
        for label, arm, members in _arms(applications, pairs):
            valid = members & applications.usable & compared
            n = int(valid.sum())
            for rule, positive in applications.coded.positive.items():
                hits = int((positive & valid).sum())
                rows.append(
                    {
                        "contrast": pairs.comparison.id,
                        "level": label,
                        "arm": arm,
                        "rule": rule,
                        "positive": hits,
                        "applications": n,
                        "rate": hits / n if n else None,
                    }
                )
    return rows


def outcome_counts(
    applications: Applications, design: Design, all_pairs: Sequence[Pairs]
) -> list[dict[str, Any]]:
    """How often each raw code occurred per level in the tests that a contrast compares."""
    outcome = applications.coded.outcome
    codes = [*design.outcome_codes(), *design.failed_codes()]
    rows = []
    for pairs in all_pairs:
        in_use = (pairs.status == USED)[applications.test] & applications.usable
        in_use &= _compared_profiles(applications, pairs)
        for label, arm, members in _arms(applications, pairs):
            counts = np.bincount(outcome.codes[members & in_use], minlength=len(outcome.values))
            found = {str(outcome.values[c]): int(counts[c]) for c in np.flatnonzero(counts)}
            rows += [
                {
                    "contrast": pairs.comparison.id,
                    "level": label,
                    "arm": arm,
                    "outcome": code,
                    "applications": found[code],
                }
                for code in dict.fromkeys(codes)
                if code in found
            ]
    return rows


def _arms(applications: Applications, pairs: Pairs) -> list[tuple[str, str, encoding.BoolArray]]:
    level = arms_of(applications, pairs.comparison).level
    return [
        (pairs.comparison.control, "control", level == 0),
        (pairs.comparison.test_label, "test", level == 1),
    ]


def _compared_profiles(applications: Applications, pairs: Pairs) -> encoding.BoolArray:
    """Applications whose profile takes part in tests that this contrast compares."""
    profile = applications.rows.fields["profile"].codes
    level = arms_of(applications, pairs.comparison).level
    taking_part = (level >= 0) & (pairs.status == USED)[applications.test]
    compared = np.zeros(int(profile.max(initial=0)) + 1, dtype=bool)
    compared[profile[taking_part]] = True
    return compared[profile]


def failures(applications: Applications) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Failed tests by reason, and the applications that failed by reason and profile."""
    reasons = applications.test_failed[applications.test_failed != ""]
    by_reason = dict(sorted(Counter(reasons.tolist()).items()))
    failed, profile = applications.coded.failed, applications.rows.fields["profile"]
    hit = ~encoding.is_empty(failed)
    pairs = np.column_stack([failed.codes[hit], profile.codes[hit]])
    distinct, counts = np.unique(pairs, axis=0, return_counts=True)
    by_arm = [
        {
            "reason": str(failed.values[reason]),
            "profile": str(profile.values[who]),
            "applications": int(count),
        }
        for (reason, who), count in zip(distinct.tolist(), counts.tolist(), strict=True)
    ]
    return by_reason, sorted(by_arm, key=lambda row: (row["reason"], row["profile"]))


def explicit_evidence(applications: Applications) -> int:
    """Applications with the ground given as the reason in so many words."""
    outcome = applications.coded.outcome
    explicit = np.array([value == "refused-ground" for value in outcome.values], dtype=bool)
    hit = explicit[outcome.codes]
    evidence = applications.rows.fields.get("evidence")
    if evidence is not None:
        named = np.array([canonical(v) == "explicit" for v in evidence.values], dtype=bool)
        hit = hit | named[evidence.codes]
    return int(hit.sum())
