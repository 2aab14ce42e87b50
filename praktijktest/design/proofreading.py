"""What a colleague who proof-reads a design would ask about. Nothing stops on it."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from praktijktest.design.contrast_checks import level, levels_of
from praktijktest.design.keys import dotted
from praktijktest.design.model import Design
from praktijktest.design.nearest import nearest
from praktijktest.design.sections import CUSTOM, MEAN, WHOLE_PROFILE, Profile
from praktijktest.problems import Problem
from praktijktest.vocabulary import FORMAT, GROUNDS, SCHEMES

FEWEST_FOR_A_FLAG: Final = 8
"""Valid tests per target below which a flag rule can hardly ever speak."""
FEWEST_NAMES: Final = 2

# Grounds that one attribute may well stand for: a foreign name is a sign of several of them.
_KINDRED: Final = (
    {"origin", "nationality", "skin-colour", "descent", "birth", "religion-belief", "language"},
    {"gender", "gender-identity", "gender-expression", "sex-characteristics"},
    {"disability", "health", "genetic-characteristic", "physical-characteristic"},
    {
        "family-composition",
        "family-responsibilities",
        "civil-status",
        "pregnancy-parenthood",
        "sexual-orientation",
    },
    {"wealth-income", "social-origin", "working-hours", "contract-type"},
)

_OWN_STYLE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def proofread(design: Design) -> tuple[Problem, ...]:
    """Every question about a design that can be used, as warnings."""
    return tuple(warning for rule in _QUESTIONS for warning in rule(design))


def _warning(code: str, key: str, message: str, hint: str | None, **value: str) -> Problem:
    return Problem(
        code=code, level="warning", message=message, column=key, hint=hint, value=value.get("value")
    )


def _format(design: Design) -> Iterator[Problem]:
    if "format" not in design.model_fields_set:
        yield _warning(
            "format-not-declared",
            "format",
            f"the design does not say in which format it is; it was read as format {FORMAT}",
            f"write format = {FORMAT} as the first line",
        )


def _ids(design: Design) -> Iterator[Problem]:
    ids = {"round.id": design.round.id}
    ids |= {f"contrast[{n}].id": contrast.id for n, contrast in enumerate(design.contrasts)}
    ids |= {f"call[{n}].id": call.id for n, call in enumerate(design.calls)}
    for key, name in ids.items():
        if not _OWN_STYLE.fullmatch(name):
            yield _warning(
                "unusual-id",
                key,
                "ids are usually lower-case letters, digits and hyphens",
                None,
                value=name,
            )


def _market_and_scheme(design: Design) -> Iterator[Problem]:
    scheme, market = design.outcomes.scheme, design.round.market
    if scheme in ("housing", "labour") and market is not None and market != scheme:
        yield _warning(
            "scheme-of-another-market",
            "outcomes.scheme",
            f"these are the outcome codes of the {scheme} market, and the round is on the "
            f"{market} market",
            None,
            value=scheme,
        )
    if (scheme == "mystery") != (design.kind == "mystery") and scheme != CUSTOM:
        yield _warning(
            "scheme-of-another-kind",
            "outcomes.scheme",
            "the scheme mystery is meant for mystery calls, and they for it",
            None,
            value=scheme,
        )


def _grounds(design: Design) -> Iterator[Problem]:
    for number, contrast in enumerate(design.contrasts):
        attribute, ground = contrast.attribute, contrast.ground
        kindred = any({attribute, ground} <= group for group in _KINDRED)
        if attribute in GROUNDS and attribute != ground and not kindred:
            yield _warning(
                "ground-of-another-attribute",
                f"contrast[{number}].ground",
                f"the applicants differ on {attribute}, and the ground is {ground}",
                "is that what is meant?",
            )


def _order(design: Design) -> Iterator[Problem]:
    order = design.test.order if design.test else None
    if design.kind not in ("paired", "set"):
        return
    if order is None and "flagging" in design.model_fields_set:
        yield _warning(
            "order-not-declared",
            "test.order",
            "the design does not say who writes first: flags then rest on the assumption that "
            "order has no effect, and equal treatment is never concluded",
            'write order = "random" under [test] if it was drawn by lot',
        )
    if order == "test-first":
        yield _warning(
            "fixed-order",
            "test.order",
            "with a fixed order the sign test behind flags rests on the assumption that order "
            "has no effect",
            'order = "random" needs no such assumption',
            value=order,
        )
    if order == "control-first" and not design.flagging.accept_fixed_order:
        yield _warning(
            "fixed-order",
            "test.order",
            "writing first favours the control, so nobody will be flagged",
            'order = "random"; or accept_fixed_order = true under [flagging], which gives flags '
            "that rest on the assumption that order has no effect",
            value=order,
        )
    if order == "control-first" and design.flagging.accept_fixed_order:
        yield _warning(
            "fixed-order",
            "flagging.accept_fixed_order",
            "writing first favours the control: flags rest on the assumption that it does not",
            None,
            value="true",
        )


def _response_window(design: Design) -> Iterator[Problem]:
    planned = design.test is not None and design.test.order is not None
    window = design.test.response_days if design.test else None
    market = design.round.market in ("housing", "labour")
    if planned and market and window is None and design.outcomes.scheme != CUSTOM:
        yield _warning(
            "no-response-window",
            "test.response_days",
            "the design does not say after how many days silence is final",
            "for example response_days = 14 under [test]",
        )


def _names(design: Design) -> Iterator[Problem]:
    named = {profile.id for profile in design.profiles if profile.names}
    for number, profile in enumerate(design.profiles):
        if named and not profile.names:
            yield _warning(
                "no-names",
                f"profile[{number}].names",
                f"profile {profile.id} has no names, and others have",
                "give every applicant names of their own",
            )
        elif 0 < len(profile.names) < FEWEST_NAMES:
            yield _warning(
                "one-name",
                f"profile[{number}].names",
                f"profile {profile.id} has a single name: what that name does cannot be told "
                "from what the profile does",
                "use at least two names per profile",
            )


def _unused_profiles(design: Design) -> Iterator[Problem]:
    used = {
        (comparison.attribute, value)
        for comparison in design.comparisons()
        for value in (comparison.control, *comparison.tests)
    }
    if not used:
        return
    for number, profile in enumerate(design.profiles):
        if not any(level(profile, attribute) == value for attribute, value in used):
            yield _warning(
                "unused-profile",
                f"profile[{number}].id",
                "no contrast uses this profile",
                None,
                value=profile.id,
            )


def _other_differences(design: Design) -> Iterator[Problem]:
    """With `within = []` the two applicants may differ on more than what is compared."""
    for number, contrast in enumerate(design.contrasts):
        if contrast.within != () or contrast.attribute == WHOLE_PROFILE:
            continue
        others = _differing(design.profiles, contrast.attribute, (contrast.control,))
        tests = _differing(design.profiles, contrast.attribute, contrast.levels)
        different = sorted(
            name for name in {*others, *tests} if others.get(name) != tests.get(name)
        )
        if different:
            yield _warning(
                "other-differences",
                f"contrast[{number}].within",
                f"the two sides also differ on {', '.join(different)}; nothing keeps that equal",
                "leave `within` out to compare applicants who are equal on everything else",
            )


def _differing(
    profiles: tuple[Profile, ...], attribute: str, levels: tuple[str, ...]
) -> dict[str, set[str]]:
    values: dict[str, set[str]] = {}
    for profile in profiles:
        if profile.attributes.get(attribute) in levels:
            for name, value in profile.attributes.items():
                if name != attribute:
                    values.setdefault(name, set()).add(value)
    return values


def _outcome_rules(design: Design) -> Iterator[Problem]:
    rules = design.positive()
    beyond = sorted(rules.get("strict", frozenset()) - rules.get("broad", frozenset()))
    if len(rules) == 2 and beyond:
        yield _warning(
            "strict-beyond-broad",
            "outcomes.positive.strict",
            f"positive under strict and not under broad: {', '.join(beyond)}",
            "broad usually holds everything that strict holds, and more",
        )
    codes = SCHEMES[design.outcomes.scheme].codes if design.outcomes.scheme in SCHEMES else ()
    for code in design.outcomes.failed:
        if code in (*codes, *design.outcomes.labels):
            yield _warning(
                "reply-fails-the-test",
                f"outcomes.failed.{code}",
                "this is a reply, and a reply told to one applicant only is evidence: the tests "
                "that show a difference may be the ones left out",
                "let a test fail on independent grounds, in the log's column `failed`",
            )


def _flag_rule(design: Design) -> Iterator[Problem]:
    if "flagging" not in design.model_fields_set or design.kind not in ("paired", "set"):
        return
    least, planned = design.flagging.min_tests, design.sampling.tests_per_target
    if least < FEWEST_FOR_A_FLAG:
        yield _warning(
            "few-tests",
            "flagging.min_tests",
            "with fewer than 5 tests in which only one applicant got a positive reply nothing "
            "can be shown about a target, and so few tests seldom hold 5",
            "10 is the usual least",
            value=str(least),
        )
    if planned is not None and planned < least:
        yield _warning(
            "planned-too-few",
            "sampling.tests_per_target",
            f"nobody can be flagged: the rule asks for {least} tests of a target",
            f"plan more tests per target, or leave [flagging] out (min_tests = {least})",
            value=str(planned),
        )


def _load(design: Design) -> Iterator[Problem]:
    cap = design.sampling.max_applications_per_target_per_30_days
    if cap is not None and cap < 2 and design.kind in ("paired", "set"):
        yield _warning(
            "cap-below-one-test",
            "sampling.max_applications_per_target_per_30_days",
            "one test alone takes two applications",
            "at least 2",
            value=str(cap),
        )


def _recodings(design: Design) -> Iterator[Problem]:
    for column, recoding in design.columns.values.items():
        known = levels_of(design, column)
        for theirs, ours in recoding.items():
            if known and ours and ours not in known:
                yield _warning(
                    "unknown-level",
                    dotted(("columns", "values", column, theirs)),
                    "recoded to a value that no [[profile]] has",
                    nearest(ours, known, "the profiles have: {}"),
                    value=ours,
                )


def _duplicates(design: Design) -> Iterator[Problem]:
    places = {contrast.id: number for number, contrast in enumerate(design.contrasts)}
    seen: dict[tuple[object, ...], str] = {}
    for found in design.comparisons():
        key = (found.attribute, found.control, found.tests, found.within)
        if key in seen:
            yield _warning(
                "same-comparison",
                f"contrast[{places[found.declared_id]}]",
                f"{found.id} compares the same as {seen[key]}, and counts twice in the flags",
                "leave one out",
            )
        seen.setdefault(key, found.id)


def _columns(design: Design) -> Iterator[Problem]:
    if design.columns.wide and design.columns.outcome:
        yield _warning(
            "column-not-used",
            "columns.outcome",
            "in a wide log every applicant has an outcome column of their own; this one is not "
            "used",
            None,
            value=design.columns.outcome,
        )
    if design.reading.same_profile == MEAN and design.analysis.headline != "mean_difference":
        declared = "headline" in design.analysis.model_fields_set
        if declared:
            yield _warning(
                "headline-of-cells",
                "analysis.headline",
                f'same_profile = "{MEAN}" compares means, which have no net rate',
                'headline = "mean_difference"',
                value=design.analysis.headline,
            )


def _retention(design: Design) -> Iterator[Problem]:
    end = design.round.end
    for name in RETENTION_DATES:
        until = getattr(design.privacy, name)
        if until and end and until < end:
            yield _warning(
                "retention-ends-early",
                f"privacy.{name}",
                f"the data would go before the round ends ({end.isoformat()})",
                None,
                value=until.isoformat(),
            )


RETENTION_DATES: Final = (
    "retain_until",
    "identities_until",
    "messages_until",
    "log_until",
    "aggregates_until",
)

_QUESTIONS: Final[tuple[Callable[[Design], Iterator[Problem]], ...]] = (
    _format,
    _ids,
    _market_and_scheme,
    _grounds,
    _order,
    _response_window,
    _names,
    _unused_profiles,
    _other_differences,
    _outcome_rules,
    _flag_rule,
    _load,
    _recodings,
    _duplicates,
    _columns,
    _retention,
)
