"""Whether the stages of a test fit the rest of the design."""

from collections.abc import Iterator

from praktijktest.design.model import Design
from praktijktest.design.nearest import nearest
from praktijktest.problems import Problem
from praktijktest.vocabulary import HEADLINE_STAGES

PAIRED = ("paired", "set")


def stage_problems(design: Design) -> Iterator[Problem]:
    """Stages that no test can have, and a headline that is no stage."""
    stages, wanted = design.stages, design.analysis.stage
    if stages and design.kind not in PAIRED:
        yield Problem(
            code="stages-without-pairs",
            message=f"tests of kind {design.kind!r} compare no applicants stage by stage",
            column="test.stages",
            hint='leave the stages out, and pick one: [reading.keep] stage = ["…"]',
        )
    if len(stages) == 1:
        yield Problem(
            code="one-stage",
            message="tests in stages have at least two",
            column="test.stages",
            hint='name them in their order: stages = ["contact", "viewing"]',
        )
    for place, name in enumerate(stages):
        if name in HEADLINE_STAGES:
            yield Problem(
                code="reserved-stage",
                message="this word has a meaning of its own and cannot name a stage",
                column=f"test.stages[{place}]",
                value=name,
                hint=f"recode it under [columns.values.stage]; reserved: "
                f"{', '.join(HEADLINE_STAGES)}",
            )
    if wanted not in (*stages, *HEADLINE_STAGES):
        yield Problem(
            code="unknown-stage",
            message="no stage has this name",
            column="analysis.stage",
            value=wanted,
            hint=nearest(wanted, [*stages, *HEADLINE_STAGES], "it can be: {}"),
        )
    elif wanted != "first" and not stages:
        yield Problem(
            code="stage-without-stages",
            message="the design does not say which stages a test has",
            column="analysis.stage",
            value=wanted,
            hint='name them in their order: [test] stages = ["contact", "viewing"]',
        )
    elif wanted == "cumulative" and design.kind == "set":
        yield Problem(
            code="cumulative-of-sets",
            message="with more than two applicants a test does not end for all of them at once",
            column="analysis.stage",
            value=wanted,
            hint="name a stage; the table of the stages is there all the same",
        )
