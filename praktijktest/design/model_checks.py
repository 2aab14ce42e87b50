"""Whether the regressions a design asks for can mean something."""

from collections.abc import Iterator

from praktijktest.design.model import Design
from praktijktest.design.nearest import nearest
from praktijktest.problems import Problem


def model_problems(design: Design) -> Iterator[Problem]:
    """Interactions that cross no contrast."""
    compared = sorted({c.attribute for c in design.comparisons()} - {"profile"})
    for crossing in design.analysis.interactions:
        names = crossing.split(":")
        crossed = len(names) == 2 and all(names) and names[0] != names[1]
        if crossed and set(names) & set(compared):
            continue
        example = compared[0] if compared else "origin"
        hint = f'for instance interactions = ["{example}:gender"]'
        if crossed and compared:
            hint = nearest(names[0], compared, "contrasts compare: {}")
        yield Problem(
            code="unknown-interaction",
            message="an interaction is the attribute of a contrast and another attribute, "
            "joined by a colon",
            column="analysis.interactions",
            value=crossing,
            hint=hint,
        )
