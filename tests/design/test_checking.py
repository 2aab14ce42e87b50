"""What must agree between keys: every contradiction is said, with its key."""

import pytest

from praktijktest.design import parse_design
from tests.design.designs import CALLS, CUSTOM, MINIMAL, PROFILES, only_problem, problems_of

WIDE = '[[columns.wide]]\nprofile = "flemish"\noutcome = "a"\n'
WIDE += '[[columns.wide]]\nprofile = "moroccan"\noutcome = "b"\n'


def changed(old: str, new: str, base: str = MINIMAL) -> str:
    assert old in base
    return base.replace(old, new)


CASES = {
    "simes with a rule on signs": (MINIMAL
        + '[flagging]\nrule = "storey"\nwithin_target = "simes"\n',
        "flagging.rule", "joined p-values", "discrete-fdr"),
    "simes over separate lists": (MINIMAL + '[flagging]\nrule = "discrete-fdr"\n'
        'within_target = "simes"\nacross = "separate"\n',
        "flagging.across", "joins its grounds", 'across = "family"'),
    "no contrast": (MINIMAL[: MINIMAL.index("[[contrast]]")] + '[outcomes]\nscheme = "housing"\n',
        "contrast", "nothing is compared", "[[contrast]]"),
    "mystery without calls": (MINIMAL[: MINIMAL.index("[[contrast]]")]
        + '[test]\nkind = "mystery"\n[outcomes]\nscheme = "mystery"\n',
        "call", "at least one call", "[[call]]"),
    "calls beside contrasts": (MINIMAL + CALLS[CALLS.index("[[call]]") : CALLS.index("[outcomes]")],
        "call", "belong to a mystery round", "second design"),
    "calls in a paired round": (CALLS + '[test]\nkind = "paired"\n',
        "call", "belong to a mystery round", 'kind = "mystery"'),
    "two contrasts of one id": (MINIMAL + MINIMAL[MINIMAL.index("[[contrast]]") : MINIMAL.index(
        "[outcomes]")], "contrast[1].id", "has this id", "every id once"),
    "two profiles of one id": (changed('id = "moroccan-man"', 'id = "flemish-man"', PROFILES),
        "profile[1].id", "has this id", ""),
    "two calls of one id": (CALLS + CALLS[CALLS.index("[[call]]") : CALLS.index("[outcomes]")],
        "call[1].id", "has this id", ""),
    "control among the test levels": (changed('"moroccan"', '["moroccan", "flemish"]'),
        "contrast[0].test", "also a test level", "take it out"),
    "control is the test level": (changed('"moroccan"', '"flemish"'),
        "contrast[0].test", "also a test level", ""),
    "control unknown to the profiles": (changed('control = "flemish"', 'control = "flemmish"',
        PROFILES), "contrast[0].control", "no [[profile]] has this value of origin",
        "did you mean flemish?"),
    "level unknown to the profiles": (changed('test = "moroccan"', 'test = ["moroccan", "xyz"]',
        PROFILES), "contrast[0].test[1]", "no [[profile]] has this value",
        "the profiles have: flemish, moroccan"),
    "attribute unknown to the profiles": (changed('attribute = "origin"', 'attribute = "orgin"',
        PROFILES), "contrast[0].attribute", "no [[profile]] has this attribute",
        "did you mean origin?"),
    "profile as level that does not exist": (PROFILES.replace('attribute = "origin"',
        'attribute = "profile"').replace('"flemish"\n', '"flemish-man"\n').replace(
        'test = "moroccan"', 'test = "morocan-man"'), "contrast[0].test",
        "no [[profile]] has this id", "did you mean moroccan-man?"),
    "within unknown": (changed('test = "moroccan"', 'test = "moroccan"\nwithin = ["gendr"]',
        PROFILES), "contrast[0].within[0]", "no [[profile]] has this attribute",
        "did you mean gender?"),
    "within itself": (changed('"moroccan"', '"moroccan"\nwithin = ["origin"]'),
        "contrast[0].within[0]", "cannot be equal", "leave it out"),
    "a label for a level that is not compared": (changed('"moroccan"',
        '"moroccan"\nlabels = { morocan = "Moroccan name" }'), "contrast[0].labels.morocan",
        "does not compare this level", "did you mean moroccan?"),
    "within for whole profiles": (changed('attribute = "origin"',
        'attribute = "profile"\nwithin = ["gender"]'), "contrast[0].within", "whole profiles",
        "leave `within` out"),
    "no two profiles can be compared": (changed('{ origin = "moroccan", gender = "man" }',
        '{ origin = "moroccan", gender = "woman" }', PROFILES), "contrast[0].within",
        "equal on gender", "change the profiles"),
    "an attribute called profile": (changed('gender = "man" }\nnames = ["W',
        'profile = "man" }\nnames = ["W', PROFILES).replace(
        'test = "moroccan"', 'test = "moroccan"\nwithin = []'),
        "profile[0].attributes.profile", "stands for the whole profile", "another name"),
    "end before start": (changed('market = "housing"', "start = 2026-09-01\nend = 2026-08-31"),
        "round.end", "ends before it starts (2026-09-01)", ""),
    "positive code unknown": (MINIMAL + '[outcomes.positive]\nbroad = ["call-back", "call-bak"]\n',
        "outcomes.positive.broad[1]", "no such code", "did you mean call-back?"),
    "positive code without label": (changed('broad = ["1"]', 'broad = ["2"]', CUSTOM),
        "outcomes.positive.broad[0]", "no such code", "it has: 0, 1"),
    "rule unknown": (MINIMAL + '[outcomes.positive]\nbrod = ["call-back"]\n',
        "outcomes.positive.brod", "no such rule", "did you mean broad?"),
    "key below the wrong heading": (MINIMAL + '[outcomes.positive]\nprimary = "strict"\n',
        "outcomes.positive.primary", "no such rule", "above the line [outcomes.positive]"),
    "custom without labels": (CUSTOM.replace('[outcomes.labels]\n0 = "no"\n1 = "yes"\n', ""),
        "outcomes.labels", "what its codes mean", "[outcomes.labels]"),
    "custom without positive": (CUSTOM.replace('[outcomes.positive]\nbroad = ["1"]\n', ""),
        "outcomes.positive", "which codes are positive", "[outcomes.positive]"),
    "labels of a built-in scheme": (MINIMAL + '[outcomes.labels]\n1 = "yes"\n',
        "outcomes.labels", "of its own", 'scheme = "custom"'),
    "primary without codes": (changed('scheme = "custom"', 'scheme = "custom"\nprimary = "strict"',
        CUSTOM), "outcomes.primary", "no codes are positive", "primary = 'broad'"),
    "positive and failed": (CUSTOM + '[outcomes.failed]\n1 = "bounced"\n',
        "outcomes.positive.broad[0]", "fails the test", "[outcomes.failed]"),
    "failed and positive in the scheme": (MINIMAL + '[outcomes.failed]\n"call-back" = "x"\n',
        "outcomes.failed.call-back", "positive in the scheme housing", "`failed`"),
    "missing outcome unknown": (MINIMAL + '[reading]\nmissing_outcome = "noreply"\n',
        "reading.missing_outcome", "an outcome code", "did you mean no-reply?"),
    "missing outcome without label": (CUSTOM + '[reading]\nmissing_outcome = "no-reply"\n',
        "reading.missing_outcome", "an outcome code", 'no-reply = "no reply"'),
    "flags on an unknown contrast": (MINIMAL + '[flagging]\ncontrasts = ["origin", "orgin"]\n',
        "flagging.contrasts[1]", "no [[contrast]] has this id", "did you mean origin?"),
    "flags on an unknown level": (changed('"moroccan"', '["moroccan"]')
        + '[flagging]\ncontrasts = ["origin:turkish"]\n', "flagging.contrasts[0]", "has this id",
        "the design has: origin, origin:moroccan"),
    "flags of means": (MINIMAL + '[reading]\nsame_profile = "mean"\n[flagging]\nalpha = 0.1\n',
        "flagging.rule", "four cells", "storey-t"),
    "recoded column unknown": (MINIMAL + '[columns.values.outcom]\nx = "no-reply"\n',
        "columns.values.outcom", "no column or attribute", "did you mean outcome?"),
    "recoded to an unknown outcome": (MINIMAL + '[columns.values.outcome]\n"al weg" = "rented"\n',
        'columns.values.outcome."al weg"', "outcome that the scheme does not have",
        "did you mean already-rented?"),
    "column below the wrong heading": (MINIMAL + '[columns.attributes]\noutcome = "cb"\n',
        "columns.attributes.outcome", "no attribute", "above the line [columns.attributes]"),
    "applicants share a column": (MINIMAL + WIDE.replace('"b"', '"a"'),
        "columns.wide[1].outcome", "same column", "own"),
    "an applicant who is nobody": (MINIMAL + WIDE.replace('profile = "moroccan"\n', ""),
        "columns.wide[1]", "who the applicant is", "attributes"),
    "an applicant at no level": (MINIMAL + WIDE.replace('"moroccan"', '"morocan"'),
        "columns.wide[1].profile", "no contrast has this level", "did you mean moroccan?"),
    "an applicant of no profile": (PROFILES + WIDE.replace('"moroccan"', '"moroccan-man"').replace(
        '"flemish"', '"flemishman"'), "columns.wide[0].profile", "no [[profile]] has this id",
        "did you mean flemish-man?"),
    "an applicant with an unknown level": (PROFILES + WIDE.replace('profile = "flemish"',
        'attributes = { origin = "flemis" }').replace('"moroccan"', '"moroccan-man"'),
        "columns.wide[0].attributes.origin", "has this value of origin", "did you mean flemish?"),
    "one applicant": (MINIMAL + WIDE[: WIDE.index("[[columns.wide]]", 5)],
        "columns.wide", "at least two", "[[columns.wide]]"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_contradictions(name: str) -> None:
    text, key, words, hint = CASES[name]
    problem = only_problem(text)
    assert problem.column == key
    assert words in problem.message
    assert hint in (problem.hint or "")


def test_contrasts_in_a_mystery_round() -> None:
    problems = problems_of(MINIMAL + '[test]\nkind = "mystery"\n')
    assert [problem.column for problem in problems] == ["contrast", "call"]


def test_one_word_does_not_say_who_an_applicant_of_two_contrasts_is() -> None:
    second = '[[contrast]]\nid = "age"\nattribute = "age"\nground = "age"\ncontrol = "30"\n'
    problems = problems_of(MINIMAL + second + 'test = "50"\n' + WIDE)
    assert [problem.column for problem in problems] == [
        "columns.wide[0].profile",
        "columns.wide[1].profile",
    ]
    assert 'attributes = { age = "…", origin = "…" }' in (problems[0].hint or "")


def test_all_contradictions_are_said_at_once() -> None:
    text = PROFILES.replace('control = "flemish"', 'control = "flemis"')
    text = text.replace('market = "housing"', "start = 2026-09-01\nend = 2026-08-31")
    text += '[flagging]\ncontrasts = ["age"]\n[reading]\nmissing_outcome = "x"\n'
    assert {problem.column for problem in problems_of(text)} == {
        "round.end",
        "contrast[0].control",
        "reading.missing_outcome",
        "flagging.contrasts[0]",
    }


FINE = {
    "flags of means by a rule that needs no cells": MINIMAL
    + '[reading]\nsame_profile = "mean"\n[flagging]\nrule = "storey-t"\n',
    "means without flags": MINIMAL + '[reading]\nsame_profile = "mean"\n',
    "means with flags on nothing": MINIMAL
    + '[reading]\nsame_profile = "mean"\n[flagging]\ncontrasts = []\n',
    "an empty outcome means a code of one's own": CUSTOM + '[reading]\nmissing_outcome = "0"\n',
    "an attribute that only the log has": MINIMAL.replace('"origin"\nground', '"herkomst"\nground'),
    "within an attribute that only the log has": MINIMAL.replace(
        '"moroccan"', '"moroccan"\nwithin = ["gender"]'
    ),
    "recoding a stratum": MINIMAL
    + '[analysis]\nstrata = ["stad"]\n[columns.values.stad]\na = "A"\n',
    "recoding to nothing": MINIMAL + '[columns.values.outcome]\n"?" = ""\n',
    "recoding to a failure": MINIMAL + '[columns.values.outcome]\nfout = "bounced"\n',
    "an attribute in a column beside the profiles": PROFILES
    + '[columns.attributes]\nreligion = "rel"\n',
    "one applicant in an unpaired test": MINIMAL
    + '[test]\nkind = "single"\n[[columns.wide]]\nprofile = "flemish"\noutcome = "a"\n',
    "calls": CALLS,
    "start and end on one day": MINIMAL.replace(
        'market = "housing"', "start = 2026-09-01\nend = 2026-09-01"
    ),
    "two applicants of one level": MINIMAL
    + WIDE
    + WIDE.replace('"a"', '"c"').replace('"b"', '"d"'),
    "profiles with parallel grounds": PROFILES
    + '[[profile]]\nid = "wheelchair"\nattributes = { disability = "wheelchair" }\n',
}


@pytest.mark.parametrize("name", FINE)
def test_what_is_no_contradiction(name: str) -> None:
    assert parse_design(FINE[name]).round.id in ("test-round", "calls")
