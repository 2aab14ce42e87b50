"""What of a design decides when the testing of a target stops, and a digest of it."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from praktijktest.design.model import Design
from praktijktest.design.sections import MEAN
from praktijktest.design.sequential_sections import DEFAULT_MAX_TESTS, MOST_TESTS
from praktijktest.problems import Problem


def max_tests(design: Design) -> int:
    """Most tests of one target per contrast in a sequential round."""
    declared = design.sequential.max_tests if design.sequential else None
    return declared or design.sampling.tests_per_target or DEFAULT_MAX_TESTS


def frozen_rule(design: Design) -> dict[str, Any]:
    """Everything that may not change once a sequential round has begun, as plain data.

    The rule itself with its defaults, who is judged on which contrasts, and which replies
    are positive. Empty where the design declares no `[sequential]`.
    """
    if design.sequential is None:
        return {}
    primary = design.primary_rule
    return {
        **design.sequential.model_dump(),
        "max_tests": max_tests(design),
        "unit": design.flagging.unit,
        "outcome_rule": primary,
        "positive": sorted(design.positive()[primary]),
        "contrasts": [
            {
                "id": comparison.id,
                "attribute": comparison.attribute,
                "control": comparison.control,
                "test": list(comparison.tests),
                "within": list(comparison.within),
                "direction": comparison.direction,
            }
            for comparison in design.flagged_comparisons()
        ],
    }


def sequential_digest(design: Design) -> str:
    """SHA-256 of `frozen_rule`, the same however the design file is laid out."""
    text = json.dumps(frozen_rule(design), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sequential_problems(design: Design) -> Iterator[Problem]:
    """What makes a sequential rule impossible in this design."""
    if design.sequential is None:
        return
    if (most := max_tests(design)) > MOST_TESTS:
        declared = design.sequential.max_tests is not None
        yield Problem(
            code="sequential-too-long",
            message=f"a sequential rule plans up to {MOST_TESTS} tests of a target",
            column="sequential.max_tests" if declared else "sampling.tests_per_target",
            value=str(most),
            hint="declare max_tests under [sequential]",
        )
    if design.kind not in ("paired", "set") or design.reading.same_profile == MEAN:
        yield Problem(
            code="sequential-needs-pairs",
            message="a sequential rule counts tests won and lost, which this round does not have",
            column="sequential",
            hint='tests of kind "paired" or "set", without same_profile = "mean"; '
            "or leave [sequential] out",
        )
    elif design.contrasts and not design.flagged_comparisons():
        yield Problem(
            code="sequential-without-contrast",
            message="a sequential rule flags targets, and no contrast is named for flags",
            column="flagging.contrasts",
            hint="name a contrast, or leave [sequential] out",
        )
