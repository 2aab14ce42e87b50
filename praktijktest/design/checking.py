"""What must agree between the keys of a design. Every check says all it finds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from praktijktest.design.contrast_checks import contrast_problems, pairs_possible
from praktijktest.design.form_checks import form_problems
from praktijktest.design.log_checks import (
    applicant_problems,
    attribute_column_problems,
    recoding_problems,
)
from praktijktest.design.mail_checks import mail_problems
from praktijktest.design.model import Design
from praktijktest.design.model_checks import model_problems
from praktijktest.design.nearest import nearest
from praktijktest.design.outcome_checks import missing_outcome_problems, outcome_problems
from praktijktest.design.sections import MEAN, WHOLE_PROFILE
from praktijktest.design.sequential_rule import sequential_problems
from praktijktest.design.stage_checks import stage_problems
from praktijktest.problems import Problem

Check = Callable[[Design], Iterator[Problem]]

RULES_OF_MEANS: Final = ("storey-t",)
RULES_OF_JOINED_P: Final = ("discrete-fdr", "bh", "by", "holm", "bonferroni")
"""Flag rules that do not need the four cells of a target."""


def check(design: Design, file: str | None = None) -> list[Problem]:
    """Every error of a design whose values are of the right type each by itself."""
    return [replace(problem, file=file) for rule in CHECKS for problem in rule(design)]


def _kinds(design: Design) -> Iterator[Problem]:
    if design.kind == "mystery":
        if design.contrasts:
            yield Problem(
                code="contrast-in-mystery-round",
                message="a mystery round has calls and no contrasts",
                column="contrast",
                hint="make a second design for the tests with applicants",
            )
        if not design.calls:
            yield Problem(
                code="no-call",
                message="a mystery round needs at least one call",
                column="call",
                hint="add a table [[call]] with id, ground and request",
            )
        return
    if design.calls:
        yield Problem(
            code="call-outside-mystery-round",
            message=f"calls belong to a mystery round, and this one is of kind {design.kind!r}",
            column="call",
            hint='write kind = "mystery" under [test], or make a second design for the calls',
        )
    elif not design.contrasts:
        yield Problem(
            code="no-contrast",
            message="nothing is compared with anything",
            column="contrast",
            hint="add a table [[contrast]] with id, attribute, ground, control and test",
        )


def _unique_ids(design: Design) -> Iterator[Problem]:
    ids = {
        "profile": [profile.id for profile in design.profiles],
        "contrast": [contrast.id for contrast in design.contrasts],
        "call": [call.id for call in design.calls],
    }
    for table, named in ids.items():
        seen: set[str] = set()
        for place, name in enumerate(named):
            if name in seen:
                yield Problem(
                    code="duplicate-id",
                    message=f"another [[{table}]] has this id",
                    column=f"{table}[{place}].id",
                    value=name,
                    hint="every id once",
                )
            seen.add(name)


def _reserved_names(design: Design) -> Iterator[Problem]:
    for place, profile in enumerate(design.profiles):
        if WHOLE_PROFILE in profile.attributes:
            yield Problem(
                code="reserved-attribute",
                message='"profile" stands for the whole profile and is no attribute',
                column=f"profile[{place}].attributes.{WHOLE_PROFILE}",
                hint="give the attribute another name",
            )


def _period(design: Design) -> Iterator[Problem]:
    start, end = design.round.start, design.round.end
    if start and end and end < start:
        yield Problem(
            code="end-before-start",
            message=f"the round ends before it starts ({start.isoformat()})",
            column="round.end",
            value=end.isoformat(),
        )


def _flagged_contrasts(design: Design) -> Iterator[Problem]:
    comparisons = design.comparisons()
    known = dict.fromkeys([c.declared_id for c in comparisons] + [c.id for c in comparisons])
    for place, name in enumerate(design.flagging.contrasts or ()):
        if name not in known:
            yield Problem(
                code="unknown-contrast",
                message="no [[contrast]] has this id",
                column=f"flagging.contrasts[{place}]",
                value=name,
                hint=nearest(name, list(known), "the design has: {}"),
            )


def _flags_need_cells(design: Design) -> Iterator[Problem]:
    """The sign tests count tests won and lost; a comparison of means has none."""
    flagging = design.flagging
    declared = "flagging" in design.model_fields_set and flagging.contrasts != ()
    if declared and design.reading.same_profile == MEAN and flagging.rule not in RULES_OF_MEANS:
        yield Problem(
            code="flags-of-means",
            message=f'the rule counts four cells per target, which same_profile = "{MEAN}" '
            "does not give",
            column="flagging.rule",
            value=flagging.rule,
            hint='same_profile = "best" under [reading], or rule = "storey-t", '
            "or leave [flagging] out",
        )


def _simes(design: Design) -> Iterator[Problem]:
    """One verdict per target needs a rule on joined p-values and one list over the grounds."""
    flagging = design.flagging
    if flagging.within_target == "each":
        return
    if flagging.rule not in RULES_OF_JOINED_P:
        yield Problem(
            code="rule-not-for-simes",
            message="this rule cannot judge the joined p-values of a target's grounds",
            column="flagging.rule",
            value=flagging.rule,
            hint=f'rules that can: {", ".join(RULES_OF_JOINED_P)}; or within_target = "each"',
        )
    if flagging.across == "separate":
        yield Problem(
            code="simes-across-lists",
            message="one verdict per target joins its grounds, a list for each contrast "
            "keeps them apart",
            column="flagging.across",
            value=flagging.across,
            hint='across = "family", or within_target = "each"',
        )


CHECKS: Final[tuple[Check, ...]] = (
    _kinds,
    _unique_ids,
    _reserved_names,
    _period,
    contrast_problems,
    pairs_possible,
    outcome_problems,
    attribute_column_problems,
    recoding_problems,
    applicant_problems,
    missing_outcome_problems,
    stage_problems,
    model_problems,
    mail_problems,
    form_problems,
    _flagged_contrasts,
    _flags_need_cells,
    _simes,
    sequential_problems,
)
