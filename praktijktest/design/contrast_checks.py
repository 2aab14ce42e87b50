"""Whether the contrasts of a design can be made with its profiles."""

from collections.abc import Iterator

from praktijktest.design.comparisons import Comparison
from praktijktest.design.keys import dotted
from praktijktest.design.model import Design
from praktijktest.design.nearest import nearest
from praktijktest.design.sections import WHOLE_PROFILE, Contrast, Profile
from praktijktest.problems import Problem, shown


def contrast_problems(design: Design) -> Iterator[Problem]:
    """Levels, attributes and `within` that do not fit each other or the profiles."""
    for number, contrast in enumerate(design.contrasts):
        yield from _attribute(design, contrast, number)
        yield from _levels(design, contrast, number)
        yield from _within(design, contrast, number)
        yield from _labels(contrast, number)


def pairs_possible(design: Design) -> Iterator[Problem]:
    """A comparison for which no two profiles exist that may be compared within one test."""
    if design.kind == "single":
        return
    places = {contrast.id: number for number, contrast in enumerate(design.contrasts)}
    known = {name for profile in design.profiles for name in profile.attributes}
    for comparison in design.comparisons():
        within = [name for name in comparison.within if name in known]
        control = _applicants(design, comparison.attribute, (comparison.control,), within)
        treated = _applicants(design, comparison.attribute, comparison.tests, within)
        if control and treated and not control & treated:
            yield Problem(
                code="no-pair-possible",
                message=_no_pair(comparison, within),
                column=f"contrast[{places[comparison.declared_id]}].within",
                hint="change the profiles, or say in `within` on what they must be equal",
            )


def levels_of(design: Design, attribute: str) -> tuple[str, ...]:
    """The values that the profile tables give an attribute, in their order."""
    if attribute == WHOLE_PROFILE:
        return tuple(profile.id for profile in design.profiles)
    values = [p.attributes[attribute] for p in design.profiles if attribute in p.attributes]
    return tuple(dict.fromkeys(values))


def _no_pair(comparison: Comparison, within: list[str]) -> str:
    equal = f" and equal on {', '.join(within)}" if within else ""
    return (
        f"no two profiles are {shown(comparison.control)} and {shown(comparison.test_label)} "
        f"on {comparison.attribute}{equal}: contrast {comparison.id} would have no test"
    )


def _applicants(
    design: Design, attribute: str, levels: tuple[str, ...], within: list[str]
) -> set[tuple[str, ...]]:
    """What the profiles at these levels have on the `within` attributes."""
    return {
        tuple(profile.attributes.get(name, "") for name in within)
        for profile in design.profiles
        if level(profile, attribute) in levels
    }


def level(profile: Profile, attribute: str) -> str | None:
    """A profile's level on an attribute; its id where whole profiles are compared."""
    return profile.id if attribute == WHOLE_PROFILE else profile.attributes.get(attribute)


def _attribute(design: Design, contrast: Contrast, number: int) -> Iterator[Problem]:
    """Without profile tables any column of the log can be an attribute."""
    if not design.profiles or contrast.attribute == WHOLE_PROFILE:
        return
    known = sorted(
        {name for profile in design.profiles for name in profile.attributes}
        | set(design.columns.attributes)
    )
    if contrast.attribute not in known:
        yield Problem(
            code="unknown-attribute",
            message="no [[profile]] has this attribute",
            column=f"contrast[{number}].attribute",
            value=contrast.attribute,
            hint=nearest(contrast.attribute, [*known, WHOLE_PROFILE], "the profiles have: {}"),
        )


def _levels(design: Design, contrast: Contrast, number: int) -> Iterator[Problem]:
    if contrast.control in contrast.levels:
        yield Problem(
            code="control-is-test",
            message="the control is also a test level: nothing would be compared",
            column=f"contrast[{number}].test",
            value=contrast.control,
            hint="take it out of `test`, or name another control",
        )
    known = levels_of(design, contrast.attribute)
    if not known:
        return
    places = [("control", contrast.control)]
    if isinstance(contrast.test, str):
        places.append(("test", contrast.test))
    else:
        places += [(f"test[{place}]", value) for place, value in enumerate(contrast.test)]
    for key, value in places:
        if value not in known:
            yield Problem(
                code="unknown-level",
                message=_no_such_level(contrast.attribute),
                column=f"contrast[{number}].{key}",
                value=value,
                hint=nearest(value, known, "the profiles have: {}"),
            )


def _labels(contrast: Contrast, number: int) -> Iterator[Problem]:
    compared = (contrast.control, *contrast.levels)
    for name in contrast.labels:
        if name not in compared:
            yield Problem(
                code="unknown-level",
                message="the contrast does not compare this level, so it needs no label",
                column=f"contrast[{number}].{dotted(('labels', name))}",
                hint=nearest(name, compared, "it compares: {}"),
            )


def _no_such_level(attribute: str) -> str:
    if attribute == WHOLE_PROFILE:
        return "no [[profile]] has this id"
    return f"no [[profile]] has this value of {dotted((attribute,))}"


def _within(design: Design, contrast: Contrast, number: int) -> Iterator[Problem]:
    key = f"contrast[{number}].within"
    if contrast.within and contrast.attribute == WHOLE_PROFILE:
        yield Problem(
            code="within-whole-profiles",
            message="whole profiles are compared, so there is nothing left to be equal on",
            column=key,
            hint="leave `within` out",
        )
        return
    known = sorted(set(design.attributes()) - {contrast.attribute})
    for place, name in enumerate(contrast.within or ()):
        if name in (contrast.attribute, WHOLE_PROFILE):
            yield Problem(
                code="within-itself",
                message="the applicants differ on this, so they cannot be equal on it",
                column=f"{key}[{place}]",
                value=name,
                hint="leave it out",
            )
        elif design.profiles and name not in known:
            yield Problem(
                code="unknown-attribute",
                message="no [[profile]] has this attribute",
                column=f"{key}[{place}]",
                value=name,
                hint=nearest(name, known, "the profiles have: {}") if known else None,
            )
