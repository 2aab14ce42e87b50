"""What an analysis cannot be made of, and why."""

from collections.abc import Sequence
from dataclasses import replace

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.completeness import counts_of
from praktijktest.analysis.pairing import Pairs
from praktijktest.problems import DataError, Problem


def refuse_unusable(
    applications: Applications, all_pairs: Sequence[Pairs], reading: Sequence[Problem]
) -> None:
    """Say which contrasts have no usable test, or tests that the design cannot decide."""
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
        hint = 'are these unpaired tests? Write kind = "single" under [test]; else name the '
        hint += "columns that together make a test: [columns] test"
    return Problem(
        code="no-usable-test",
        message=f"contrast {comparison.id!r} has no usable test: {why}",
        hint=hint,
    )
