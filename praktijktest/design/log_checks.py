"""Whether what a design says about the log fits the rest of the design."""

from collections.abc import Iterator, Sequence
from typing import Final

from praktijktest.design.contrast_checks import levels_of
from praktijktest.design.keys import dotted
from praktijktest.design.model import Design
from praktijktest.design.nearest import nearest
from praktijktest.design.sections import WHOLE_PROFILE, Applicant
from praktijktest.problems import Problem
from praktijktest.vocabulary import LOG_COLUMNS

COLUMNS: Final = (*LOG_COLUMNS, "cluster")


def attribute_column_problems(design: Design) -> Iterator[Problem]:
    """A column of the log that slipped under `[columns.attributes]` is not an attribute."""
    compared = {contrast.attribute for contrast in design.contrasts}
    for name in design.columns.attributes:
        if name in COLUMNS and (name == WHOLE_PROFILE or name not in compared):
            yield Problem(
                code="column-as-attribute",
                message="this is a column of the log and no attribute of an applicant",
                column=f"columns.attributes.{name}",
                hint=f"{name} = … goes above the line [columns.attributes]",
            )


def recoding_problems(design: Design) -> Iterator[Problem]:
    """Recodings of columns that the design does not use, or to outcomes that it lacks."""
    known = _recodable(design)
    for column in design.columns.values:
        if column not in known:
            yield Problem(
                code="unknown-column",
                message="the design uses no column or attribute of this name",
                column=dotted(("columns", "values", column)),
                hint=nearest(column, known, "it uses, for example: {}"),
            )
    codes = (*design.outcome_codes(), *design.failed_codes())
    for theirs, ours in design.columns.values.get("outcome", {}).items():
        if ours and ours not in codes:
            yield Problem(
                code="unknown-outcome",
                message="recoded to an outcome that the scheme does not have",
                column=dotted(("columns", "values", "outcome", theirs)),
                value=ours,
                hint=nearest(ours, codes, "it has: {}"),
            )


def applicant_problems(design: Design) -> Iterator[Problem]:
    """Applicants of a wide log: who they are, and that each has columns of their own."""
    applicants = design.columns.wide
    table = "columns.wide"
    if len(applicants) == 1 and design.kind in ("paired", "set"):
        yield Problem(
            code="lone-applicant",
            message="a test compares at least two applicants, and this names one",
            column=table,
            hint=f"one table [[{table}]] for every applicant",
        )
    for number, applicant in enumerate(applicants):
        key = f"{table}[{number}]"
        yield from _identity(design, applicant, key)
        earlier = [other.outcome for other in applicants[:number]]
        if applicant.outcome in earlier:
            yield Problem(
                code="shared-column",
                message="another applicant has the same column of outcomes",
                column=f"{key}.outcome",
                value=applicant.outcome,
                hint="every applicant has a column of their own",
            )


def _identity(design: Design, applicant: Applicant, key: str) -> Iterator[Problem]:
    if applicant.profile is None and not applicant.attributes:
        yield Problem(
            code="nameless-applicant",
            message="this does not say who the applicant is",
            column=key,
            hint='add profile = "…", or attributes = { … }',
        )
        return
    yield from _applicant_attributes(design, applicant, key)
    if applicant.profile is None:
        return
    known = _profile_levels(design)
    compared = {contrast.attribute for contrast in design.contrasts}
    if not design.profiles and len(compared) > 1 and not applicant.attributes:
        example = ", ".join(f'{name} = "…"' for name in sorted(compared))
        yield Problem(
            code="ambiguous-applicant",
            message="with contrasts on several attributes, one word does not say who this is",
            column=f"{key}.profile",
            value=applicant.profile,
            hint=f"write attributes = {{ {example} }} instead",
        )
    elif known and applicant.profile not in known and (design.profiles or not applicant.attributes):
        yield Problem(
            code="unknown-profile",
            message="no [[profile]] has this id"
            if design.profiles
            else "no contrast has this level",
            column=f"{key}.profile",
            value=applicant.profile,
            hint=nearest(applicant.profile, known, "the design has: {}"),
        )


def _applicant_attributes(design: Design, applicant: Applicant, key: str) -> Iterator[Problem]:
    for name, value in (applicant.attributes or {}).items():
        known = levels_of(design, name)
        if known and value not in known:
            yield Problem(
                code="unknown-level",
                message=f"no [[profile]] has this value of {dotted((name,))}",
                column=f"{key}.attributes.{dotted((name,))}",
                value=value,
                hint=nearest(value, known, "the profiles have: {}"),
            )


def _profile_levels(design: Design) -> tuple[str, ...]:
    """What an applicant's `profile` can be: a profile id, else a level of a contrast."""
    if design.profiles:
        return tuple(profile.id for profile in design.profiles)
    levels = [name for c in design.contrasts for name in (c.control, *c.levels)]
    return tuple(dict.fromkeys(levels))


def _recodable(design: Design) -> Sequence[str]:
    """Every name of a column or attribute that the design uses."""
    named = [*COLUMNS, *design.attributes()]
    for comparison in design.comparisons():
        named += [comparison.attribute, *comparison.within]
    named += [*design.analysis.strata, *design.analysis.covariates, *design.sampling.strata]
    named += [design.analysis.identity] if design.analysis.identity else []
    named += [*design.reading.keep, *design.flagging.only, *design.columns.types]
    return tuple(dict.fromkeys(named))
