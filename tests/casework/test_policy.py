"""Policies: who may see what, and what a policy file that cannot be used gets."""

import pytest

from praktijktest.casework.column_map import read_column_map
from praktijktest.casework.fields import FIELDS, NEED_CELLS, NEED_NAMES
from praktijktest.casework.grants import NotGrantedError, Wish, granted
from praktijktest.casework.policy import read_policy
from praktijktest.casework.referral import bodies, body_named, competent
from praktijktest.language import language_named
from praktijktest.problems import DesignError, UsageError
from praktijktest.vocabulary import GROUNDS, JURISDICTIONS, LANGUAGES, MARKETS


def policy(tmp_path, text):
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    return read_policy(file)


def test_the_shipped_audiences_see_what_they_are_said_to_see():
    found = read_policy(None).audiences
    assert list(found) == [
        "equality-body",
        "inspection",
        "city",
        "sector",
        "research",
        "public",
    ]
    assert set(found["equality-body"].allowed_fields()) == set(FIELDS)
    assert not set(found["city"].allowed_fields()) & (NEED_NAMES | NEED_CELLS)
    named = [name for name, one in found.items() if one.names]
    assert named == ["equality-body", "inspection"]
    assert [name for name, one in found.items() if one.action_log] == ["inspection"]


def test_an_audience_of_ones_own_stands_beside_the_shipped_ones(tmp_path):
    found = policy(
        tmp_path,
        '[[audience]]\nid = "steering-group"\nstates = ["confirmed"]\nfields = ["case", "state"]\n',
    )
    assert found.audience("steering-group").allowed_fields() == ("case", "state")
    assert found.audience("city").id == "city"


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ('[[audience]]\nid = "a b"\n', "audience[0].id", "letters"),
        ('[[audience]]\nid = "a"\nnmaes = true\n', "audience[0].nmaes", "names"),
        ('[[audience]]\nid = "a"\nnames = "yes"\n', "audience[0].names", "true or false"),
        ('[[audience]]\nid = "a"\nstates = ["guilty"]\n', "audience[0].states", "guilty"),
        ('[[audience]]\nid = "a"\nfields = ["nam"]\n', "audience[0]", "did you mean"),
        ('[[audience]]\nid = "a"\nfields = ["name"]\n', "audience[0]", "names = true"),
        ('[[audience]]\nid = "a"\nfields = ["p"]\n', "audience[0]", "small_cells = true"),
        ('[[audience]]\nid = "a"\nwords = true\n', "audience[0]", "names = true"),
        ('[[audience]]\nid = "a"\naction_log = true\n', "audience[0]", "small_cells"),
        ('[[audience]]\nid = "a"\n', "audience[0]", "states and fields"),
        ("[audience]\n", None, "[[audience]]"),
        ("[[audiences]]\n", "audiences", "[[audience]]"),
        ('[[audience]]\nid = "a"\noutput = "research"\n' * 2, None, "two"),
        ("[[audience]\n", None, "TOML"),
        ("audience = [1]\n", "audience[0]", "[[audience]]"),
    ],
)
def test_a_policy_that_cannot_be_used_says_where_and_what_to_do(tmp_path, text, column, says):
    with pytest.raises(DesignError) as raised:
        policy(tmp_path, text)
    problems = raised.value.problems
    assert column in [None, *(one.column for one in problems)]
    assert any(says in one.line() for one in problems)
    assert all(one.file == "policy.toml" for one in problems)


def test_what_is_not_listed_is_refused():
    city = read_policy(None).audience("city")
    for wish, asked in (
        (Wish(names=True, purpose="x"), "names"),
        (Wish(include=("indications",), approved_by="x"), "indications"),
        (Wish(include=("action-log",)), "action-log"),
        (Wish(fields=("case", "p")), "fields"),
    ):
        with pytest.raises(NotGrantedError) as raised:
            granted(city, wish)
        assert (raised.value.asked, raised.value.exit_code) == (asked, 3)


@pytest.mark.parametrize("name", ["research", "public"])
def test_audiences_of_other_exports_are_told_where_to_go(name):
    with pytest.raises(NotGrantedError, match=f"export {name}"):
        granted(read_policy(None).audience(name), Wish())


def test_names_need_a_purpose_and_words_need_names():
    body = read_policy(None).audience("equality-body")
    assert not granted(body, Wish()).names
    with_names = granted(body, Wish(purpose="a file"))
    assert (with_names.names, with_names.words) == (True, True)
    without = granted(body, Wish(purpose="a file", names=False))
    assert (without.names, without.words) == (False, False)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (("be-vlg", "housing", "origin"), {"vmri", "biv"}),
        (("be-vlg", "labour", "origin"), {"unia", "social-laws"}),
        (("be-vlg", "labour", "gender"), {"igvm", "social-laws"}),
        (("be-wal", "housing", "origin"), {"unia", "biv"}),
        (("be-bru", "housing", "gender"), {"igvm", "biv", "housing-inspection-brussels"}),
        (("be-bru", "labour", "language"), {"employment-inspection-brussels", "social-laws"}),
        (("be", "services", "disability"), {"unia"}),
        (("nl", "housing", "origin"), {"adv", "college", "municipality-nl"}),
        (("nl", "labour", "age"), {"adv", "college"}),
        (("other", "housing", "origin"), set()),
        (("be-vlg", None, "origin"), set()),
    ],
)
def test_who_takes_a_case(place, expected):
    found = competent(*place)
    assert {one.body.code for one in found} == expected
    assert all(one.source and one.since < one.known_on for one in found)


def test_every_belgian_and_dutch_case_but_one_of_language_has_an_equality_body():
    for jurisdiction in set(JURISDICTIONS) - {"other"}:
        for market in MARKETS:
            for ground in GROUNDS:
                roles = {one.body.role for one in competent(jurisdiction, market, ground)}
                flemish = jurisdiction == "be-vlg" and market in ("housing", "education")
                if ground != "language" or jurisdiction == "nl" or flemish:
                    assert roles & {"equality-body"}, (jurisdiction, market, ground)


def test_every_body_has_a_name_and_a_role_in_every_language():
    for body in bodies().values():
        for code in LANGUAGES:
            assert language_named(code).text(f"case_file.roles.{body.role}")
            assert body_named(body.names()[code]) == body
    for place in (("be-bru", "labour", "age"), ("nl", "housing", "age")):
        for one in competent(*place):
            assert set(one.to_dict()["source"]) == set(LANGUAGES)
    assert body_named("IEFH") == body_named("igvm") == bodies()["igvm"]
    assert body_named("the mayor") is None


def test_a_column_map_gives_somebody_elses_headings(tmp_path):
    file = tmp_path / "columns.toml"
    file.write_text('[columns]\ncase = "DossierNr"\nstate = "Status"\n', encoding="utf-8")
    assert read_column_map(file) == {"case": "DossierNr", "state": "Status"}
    for text, says in (
        ('[columns]\ncaze = "X"\n', "did you mean case"),
        ('[columns]\ncase = "X"\nstate = "X"\n', "two columns"),
        ("[columns]\ncase = 1\n", "must be a heading"),
        ('case = "X"\n', "[columns]"),
        ("[columns\n", "TOML"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(DesignError) as raised:
            read_column_map(file)
        assert any(says in one.line() for one in raised.value.problems)
    with pytest.raises(UsageError):
        read_column_map(tmp_path / "no.toml")
