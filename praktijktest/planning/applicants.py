"""Who applies together: the profiles of a test, for every kind of test."""

from collections.abc import Sequence
from dataclasses import dataclass

from praktijktest.design import Comparison, Design
from praktijktest.design.sections import Profile
from praktijktest.planning.plan import Arm
from praktijktest.problems import DataError, Problem

MOST_APPLICANTS = 12


@dataclass(frozen=True, slots=True)
class Applicant:
    """One applicant of a test.

    Attributes:
        profile: profile id; the call's id in a mystery round.
        arm: control, test, or "" for one that is in neither arm.
        level: value on the contrast's attribute.
    """

    profile: str
    arm: Arm
    level: str


@dataclass(frozen=True, slots=True)
class LineUp:
    """Who may apply together in a test for one contrast.

    Attributes:
        contrast: id of the comparison, or ids joined by "+" where one test serves several.
        options: the possible line-ups; every test gets one, all equally often. With one
            applicant per test (`single`) a line-up holds the control and the test applicant
            of whom one is sent.
        size: applications per test.
    """

    contrast: str
    options: tuple[tuple[Applicant, ...], ...]
    size: int


def line_ups(design: Design) -> tuple[LineUp, ...]:
    """The line-ups that a design asks for, one per contrast, set or call.

    Raises:
        DataError: a contrast has no two profiles that could be compared, or a set is
            impossible.
    """
    if not (design.calls if design.kind == "mystery" else design.contrasts):
        raise DataError("The design has nothing to plan.", [_nothing_to_plan(design.kind)])
    if design.kind == "mystery":
        return tuple(
            LineUp(call.id, ((Applicant(call.id, "", ""),),), size=1) for call in design.calls
        )
    if not design.profiles:
        raise DataError(
            "The design has nobody to apply.",
            [
                Problem(
                    code="profiles-missing",
                    message="there are no [[profile]] tables",
                    column="profile",
                    hint="declare the profiles of the applicants, with names",
                )
            ],
        )
    if design.kind == "set":
        return (_set_form(design),)
    comparisons = design.comparisons()
    options = {c.id: matched_pairs(c, design.profiles) for c in comparisons}
    problems = [_no_pair(c) for c in comparisons if not options[c.id]]
    if problems:
        raise DataError("The profiles do not fit the contrasts.", problems)
    size = 1 if design.kind == "single" else 2
    return tuple(LineUp(c.id, options[c.id], size) for c in comparisons)


def matched_pairs(
    comparison: Comparison, profiles: Sequence[Profile]
) -> tuple[tuple[Applicant, Applicant], ...]:
    """Every control and test profile that are equal on what the comparison holds equal."""
    return tuple(
        (
            Applicant(control.id, "control", comparison.control),
            Applicant(test.id, "test", _level(test, comparison.attribute)),
        )
        for control in profiles
        if _level(control, comparison.attribute) == comparison.control
        for test in profiles
        if _level(test, comparison.attribute) in comparison.tests
        and all(_level(control, a) == _level(test, a) for a in comparison.within)
    )


def _level(profile: Profile, attribute: str) -> str:
    return profile.id if attribute == "profile" else profile.attributes.get(attribute, "")


def _nothing_to_plan(kind: str) -> Problem:
    table = "[[call]]" if kind == "mystery" else "[[contrast]]"
    return Problem(
        code="nothing-to-plan",
        message=f"tests of the kind {kind!r} need {table} tables",
        column="test.kind",
        hint=f"declare {table}, or change test.kind",
    )


def _no_pair(comparison: Comparison) -> Problem:
    equal = ", ".join(comparison.within) or "nothing else"
    return Problem(
        code="contrast-without-pair",
        message=f"no two profiles compare {comparison.control!r} with {comparison.test_label!r} "
        f"and are equal on {equal}",
        column=f"contrast {comparison.id}",
        hint=f"give profiles the attribute {comparison.attribute}, or change `within`",
    )


def _set_form(design: Design) -> LineUp:
    """The one line-up of a set: as declared, else every profile once."""
    by_id = {profile.id: profile for profile in design.profiles}
    declared = design.assignment.applicants or tuple(by_id)
    unknown = [name for name in declared if name not in by_id]
    if unknown:
        raise DataError("The set cannot be planned.", [_unknown_applicant(unknown[0], by_id)])
    if not 2 <= len(declared) <= MOST_APPLICANTS:
        raise DataError(
            "The set cannot be planned.",
            [
                Problem(
                    code="set-size",
                    message=f"a set has 2 to {MOST_APPLICANTS} applicants, not {len(declared)}",
                    column="assignment.applicants",
                    hint="name the profiles of one test in assignment.applicants",
                )
            ],
        )
    comparisons = design.comparisons()
    line_up = tuple(_in_first_contrast(by_id[name], comparisons) for name in declared)
    uncovered = [c for c in comparisons if not _covered(c, [by_id[name] for name in declared])]
    if uncovered:
        raise DataError("The set cannot be planned.", [_no_pair(c) for c in uncovered])
    return LineUp("+".join(c.id for c in comparisons), (line_up,), len(line_up))


def _in_first_contrast(profile: Profile, comparisons: Sequence[Comparison]) -> Applicant:
    """A set's applicant, in the arm of the first contrast that knows its level."""
    for comparison in comparisons:
        level = _level(profile, comparison.attribute)
        if level == comparison.control:
            return Applicant(profile.id, "control", level)
        if level in comparison.tests:
            return Applicant(profile.id, "test", level)
    return Applicant(profile.id, "", "")


def _covered(comparison: Comparison, profiles: Sequence[Profile]) -> bool:
    return bool(matched_pairs(comparison, profiles))


def _unknown_applicant(name: str, known: dict[str, Profile]) -> Problem:
    return Problem(
        code="applicant-unknown",
        message="the set names a profile that is not declared",
        column="assignment.applicants",
        value=name,
        hint=f"the profiles are: {', '.join(known)}",
    )
