"""What a critical colleague would ask about a design that can be used."""

from pathlib import Path

import pytest

from praktijktest.design import parse_design, proofread, read_design
from praktijktest.problems import Problem
from tests.design.designs import CALLS, CUSTOM, MINIMAL, PROFILES, assert_plain

DESIGNS = sorted((Path(__file__).parents[2] / "designs").glob("*.toml"))
TEST = "[test]\nresponse_days = 14\n"


def questions(text: str) -> dict[str | None, Problem]:
    """The warnings of a usable design, by key."""
    found = proofread(parse_design(text))
    for problem in found:
        assert problem.level == "warning"
        assert_plain(problem)
    return {problem.column: problem for problem in found}


CASES = {
    "format not declared": (MINIMAL.removeprefix("format = 1\n"), "format", "read as format 1"),
    "an id in capitals": (MINIMAL.replace('"test-round"', '"Test_Round"'), "round.id",
        "lower-case"),
    "scheme of another market": (MINIMAL.replace('market = "housing"', 'market = "labour"'),
        "outcomes.scheme", "housing market"),
    "scheme of calls for tests": (MINIMAL.replace('scheme = "housing"', 'scheme = "mystery"'),
        "outcomes.scheme", "meant for mystery calls"),
    "scheme of tests for calls": (CALLS.replace('scheme = "mystery"', 'scheme = "housing"'),
        "outcomes.scheme", "meant for mystery calls"),
    "ground of another attribute": (MINIMAL.replace('ground = "origin"', 'ground = "gender"'),
        "contrast[0].ground", "differ on origin"),
    "test writes first": (MINIMAL + TEST + 'order = "test-first"\n', "test.order", "assumption"),
    "control writes first": (MINIMAL + TEST + 'order = "control-first"\n', "test.order",
        "nobody will be flagged"),
    "control writes first, accepted": (MINIMAL + TEST + 'order = "control-first"\n'
        "[flagging]\naccept_fixed_order = true\n", "flagging.accept_fixed_order", "favours"),
    "flags without a declared order": (MINIMAL + "[flagging]\nalpha = 0.05\n", "test.order",
        "does not say who writes first"),
    "no response window": (MINIMAL + '[test]\norder = "random"\n', "test.response_days",
        "how many days"),
    "names for one side only": (PROFILES.replace('names = ["Rachid El Amrani", "Youssef Benali"]',
        ""), "profile[1].names", "moroccan-man has no names"),
    "a single name": (PROFILES.replace(', "Youssef Benali"', ""), "profile[1].names",
        "single name"),
    "a profile that no contrast uses": (PROFILES + '[[profile]]\nid = "polish-man"\n'
        'attributes = { origin = "polish", gender = "man" }\nnames = ["Jan", "Piotr"]\n',
        "profile[2].id", "no contrast uses"),
    "the two sides differ on more": (PROFILES.replace('"moroccan", gender = "man"',
        '"moroccan", gender = "woman"').replace('test = "moroccan"',
        'test = "moroccan"\nwithin = []'), "contrast[0].within", "also differ on gender"),
    "strict beyond broad": (MINIMAL + '[outcomes.positive]\nstrict = ["more-information"]\n',
        "outcomes.positive.strict", "more-information"),
    "a reply that fails the test": (MINIMAL + '[outcomes.failed]\nalready-rented = "advert gone"\n',
        "outcomes.failed.already-rented", "evidence"),
    "few tests": (MINIMAL + TEST + 'order = "random"\n[flagging]\nmin_tests = 7\n',
        "flagging.min_tests", "fewer than 5"),
    "fewer tests planned than needed": (MINIMAL + TEST + 'order = "random"\n[flagging]\n'
        "min_tests = 10\n[sampling]\ntests_per_target = 6\n", "sampling.tests_per_target",
        "nobody can be flagged"),
    "a cap below one test": (MINIMAL + "[sampling]\n"
        "max_applications_per_target_per_30_days = 1\n",
        "sampling.max_applications_per_target_per_30_days", "two applications"),
    "recoded to an unknown level": (PROFILES + '[columns.values.origin]\nV = "flemisch"\n',
        "columns.values.origin.V", "no [[profile]] has"),
    "the same comparison twice": (MINIMAL + MINIMAL[MINIMAL.index("[[contrast]]") : MINIMAL.index(
        "[outcomes]")].replace('id = "origin"', 'id = "again"'), "contrast[1]", "counts twice"),
    "an outcome column in a wide log": (MINIMAL + '[columns]\noutcome = "x"\n[[columns.wide]]\n'
        'profile = "flemish"\noutcome = "a"\n[[columns.wide]]\nprofile = "moroccan"\n'
        'outcome = "b"\n', "columns.outcome", "not used"),
    "a net rate of means": (MINIMAL + '[reading]\nsame_profile = "mean"\n[analysis]\n'
        'headline = "net_rate_all"\n', "analysis.headline", "compares means"),
    "data gone before the end": (MINIMAL.replace('market = "housing"', "end = 2027-03-31")
        + "[privacy]\nretain_until = 2027-01-01\n", "privacy.retain_until", "2027-03-31"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_questions(name: str) -> None:
    text, key, words = CASES[name]
    found = questions(text)
    assert list(found) == [key]
    assert words in found[key].line()


@pytest.mark.parametrize("text", [MINIMAL, PROFILES, CUSTOM, CALLS], ids=range(4))
def test_a_plain_design_raises_no_question(text: str) -> None:
    assert questions(text) == {}


def test_kindred_grounds_are_no_slip() -> None:
    assert questions(MINIMAL.replace('ground = "origin"', 'ground = "skin-colour"')) == {}


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_shipped_designs_raise_few_questions(path: Path) -> None:
    codes = {problem.code for problem in proofread(read_design(path))}
    assert codes <= {"no-response-window", "order-not-declared"}
