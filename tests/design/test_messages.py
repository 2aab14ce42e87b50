"""Every mistake is said at once, with the key, in plain words, and with what was meant."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from praktijktest.design.keys import dotted, heading, suggestions, tables
from praktijktest.design.nearest import close, nearest
from tests.design.designs import CUSTOM, MINIMAL, PROFILES, only_problem, problems_of


@pytest.mark.parametrize(
    ("more", "key", "hint"),
    [
        ("[flagging]\nalfa = 0.05", "flagging.alfa", "did you mean flagging.alpha?"),
        ("[flagging]\nmin-tests = 5", "flagging.min-tests", "did you mean flagging.min_tests?"),
        ("[flagging]\nAlpha = 0.05", "flagging.Alpha", "did you mean flagging.alpha?"),
        ("[analysis]\nmin_test = 5", "analysis.min_test", "did you mean flagging.min_tests?"),
        ("[reading]\nmincell = 5", "reading.mincell", "did you mean privacy.min_cell?"),
        ("[privacy]\nretain = 5", "privacy.retain", "did you mean privacy.retain_until?"),
        ("[flagging]\nstrata = ['a']", "flagging.strata",
         "did you mean sampling.strata or analysis.strata?"),
        ("[flaging]\nalpha = 0.05", "flaging", "did you mean flagging?"),
        ("[[contrasts]]\nid = 'a'", "contrasts", "did you mean contrast?"),
        ("[[calls]]\nid = 'a'", "calls", "did you mean call?"),
        ("[columns.value.outcome]\na = 'no-reply'", "columns.value",
         "did you mean columns.values?"),
        ("[[columns.wide]]\nprofle = 'flemish'\nprofile = 'flemish'\noutcome = 'w'\n"
         "[[columns.wide]]\nprofile = 'moroccan'\noutcome = 'b'",
         "columns.wide[0].profle", "did you mean columns.wide.profile?"),
        ("[privacy]\nzzzzzz = 5", "privacy.zzzzzz",
         "[privacy] has: retain_until, min_cell, identities_until, "
         "messages_until, log_until, aggregates_until, controller, officer, recipients"),
    ],
)  # fmt: skip
def test_unknown_keys_name_the_nearest_known_one(more: str, key: str, hint: str) -> None:
    problem = only_problem(f"{MINIMAL}{more}\n")
    assert (problem.code, problem.column, problem.hint) == ("unknown-key", key, hint)
    assert problem.message in ("unknown key", "unknown table")


def test_a_key_at_the_top_that_belongs_in_a_table() -> None:
    problem = only_problem(MINIMAL.replace("format = 1\n", 'format = 1\njurisdiction = "nl"\n'))
    assert (problem.column, problem.hint) == ("jurisdiction", "did you mean round.jurisdiction?")


def test_a_table_that_does_not_exist() -> None:
    problem = only_problem(MINIMAL + "[zzzzzz]\na = 1\n")
    assert problem.message == "unknown table"
    assert "round, test, profile, contrast" in (problem.hint or "")


def test_a_misspelt_required_key_is_said_once() -> None:
    problem = only_problem(MINIMAL.replace("attribute =", "atribute ="))
    assert problem.column == "contrast[0].atribute"
    assert problem.hint == "did you mean contrast.attribute?"


@pytest.mark.parametrize(
    ("old", "key", "words"),
    [
        ('id = "test-round"', "round.id", 'id = "my-city-2026" under [round]'),
        ('id = "origin"\n', "contrast[0].id", "under [[contrast]]"),
        ('ground = "origin"', "contrast[0].ground", 'ground = "origin" under [[contrast]]'),
        ('control = "flemish"', "contrast[0].control", "under [[contrast]]"),
        ('test = "moroccan"', "contrast[0].test", "under [[contrast]]"),
        ('[outcomes]\nscheme = "housing"', "outcomes", "[outcomes] with scheme"),
        ('scheme = "housing"', "outcomes.scheme", 'scheme = "housing" under [outcomes]'),
    ],
)
def test_what_is_missing(old: str, key: str, words: str) -> None:
    assert old in MINIMAL
    problem = only_problem(MINIMAL.replace(old, ""))
    assert (problem.code, problem.column) == ("missing-key", key)
    assert "missing" in problem.message
    assert words in (problem.hint or "")


def test_a_missing_round() -> None:
    problem = only_problem(MINIMAL[MINIMAL.index("[[contrast]]") :])
    assert (problem.column, problem.message) == ("round", "this table is missing")


WRONG = [
    ("[test]\nkind = 'pared'", "test.kind", "is not a known value", "did you mean paired?"),
    ("[test]\norder = 'random order'", "test.order", "not a known value", "did you mean random?"),
    ("[test]\norder = 'xyz'", "test.order", "not a known value", "random, control-first"),
    ("[test]\nresponse_days = 0", "test.response_days", "must be 1 or more", ""),
    ("[test]\nresponse_days = '14'", "test.response_days", "whole number", "without quotes"),
    ("[test]\nresponse_days = 14.5", "test.response_days", "whole number", ""),
    ("[test]\nresponse_days = true", "test.response_days", "whole number", ""),
    ("[test]\ngap_hours = [8, 3]", "test.gap_hours", "increasing", "[3, 8]"),
    ("[test]\ngap_hours = [-1, 3]", "test.gap_hours", "none below 0", ""),
    ("[test]\ngap_hours = 3", "test.gap_hours", "two numbers", "[3, 8]"),
    ("[test]\ngap_hours = ['3', 8]", "test.gap_hours", "must be a number", ""),
    ("[flagging]\nalpha = 5", "flagging.alpha", "between 0 and 1", "0.05"),
    ("[flagging]\nalpha = 0", "flagging.alpha", "between 0 and 1", ""),
    ("[flagging]\nalpha = 1.0", "flagging.alpha", "between 0 and 1", ""),
    ("[flagging]\nalpha = '0,05'", "flagging.alpha", "must be a number", "decimal point"),
    ("[flagging]\nalpha = nan", "flagging.alpha", "must be a number", ""),
    ("[flagging]\nalpha = inf", "flagging.alpha", "must be a number", ""),
    ("[flagging]\nmin_tests = 0", "flagging.min_tests", "must be 1 or more", ""),
    ("[flagging]\nequal_margin = 10", "flagging.equal_margin", "between 0 and 1", ""),
    ("[flagging]\ngrey_midp = 0", "flagging.grey_midp", "between 0 and 1", ""),
    ("[flagging]\nrule = 'holms'", "flagging.rule", "not a known value", "did you mean holm?"),
    ("[flagging]\nunit = 'group'", "flagging.unit", "not a known value", ""),
    ("[flagging]\nacross = 'all'", "flagging.across", "not a known value", "family, separate"),
    ("[flagging]\naccept_fixed_order = 'yes'", "flagging.accept_fixed_order", "true or false", ""),
    ("[flagging]\nonly = 3", "flagging.only", "table of names and values", ""),
    ("[flagging]\nonly = { kind = [] }", "flagging.only.kind", "empty list", ""),
    ("[analysis]\nconfidence = 95", "analysis.confidence", "between 0.5 and 1", "0.95"),
    ("[analysis]\nconfidence = 0.5", "analysis.confidence", "between 0.5 and 1", ""),
    ("[analysis]\nheadline = 'net_rate'", "analysis.headline", "not a known value", "net_rate"),
    ("[analysis]\nmodels = ['logitt']", "analysis.models", "'logitt'", "did you mean logit?"),
    ("[analysis]\nstrata = ['a', 'a']", "analysis.strata", "'a' twice", ""),
    ("[analysis]\nstrata = [['a']]", "analysis.strata", "list of texts", ""),
    ("[analysis]\nstrata = { a = 1 }", "analysis.strata", "list of texts", ""),
    ("[analysis]\nstrata = ['']", "analysis.strata", "is empty", ""),
    ("[reading]\nheader_row = 0", "reading.header_row", "must be 1 or more", ""),
    ("[reading]\nheader_row = 99999999999", "reading.header_row", "too large", ""),
    ("[reading]\nsame_profile = 'worst'", "reading.same_profile", "not a known value", "best"),
    ("[reading]\nunequal = 'alow'", "reading.unequal", "not a known value", "did you mean allow?"),
    ("[reading]\ncontacts = 'first'", "reading.contacts", "not a known value", ""),
    ("[reading]\nsheet = ['a']", "reading.sheet", "must be text", ""),
    ("[columns]\noutcome = ['a', 'b']", "columns.outcome", "must be text", ""),
    ("[columns]\ntest = []", "columns.test", "empty list", ""),
    ("[columns]\ntarget = ' '", "columns.target", "is empty", ""),
    ("[columns.types]\nrent = 'time'", "columns.types.rent", "not a known", "did you mean date?"),
    ("[columns]\nvalues = { outcome = 3 }", "columns.values.outcome", "table of names", ""),
    ("[privacy]\nmin_cell = 0", "privacy.min_cell", "must be 1 or more", ""),
    ("[privacy]\nretain_until = 'soon'", "privacy.retain_until", "is not a date", "2026-09-01"),
    ("[privacy]\nretain_until = '31/12/2030'", "privacy.retain_until", "date", "2030-12-31"),
    ("[privacy]\nretain_until = '2030-02-30'", "privacy.retain_until", "does not exist", ""),
    ("[privacy]\nretain_until = 2030", "privacy.retain_until", "is not a date", ""),
    ("[schedule]\nholidays = 'fr'", "schedule.holidays", "not a known value", "be, nl, none"),
    ("[sampling]\nallocation = 'equall'", "sampling.allocation", "not a known value", "equal?"),
    ("[[sampling.quota]]\nsize = 4", "sampling.quota[0].where", "missing", ""),
]  # fmt: skip


@pytest.mark.parametrize(("more", "key", "words", "hint"), WRONG)
def test_values_that_a_key_cannot_have(more: str, key: str, words: str, hint: str) -> None:
    problem = only_problem(f"{MINIMAL}{more}\n")
    assert problem.column == key
    assert words in problem.message
    assert hint in (problem.hint or "")


@pytest.mark.parametrize(
    ("old", "new", "key", "hint"),
    [
        ('ground = "origin"', 'ground = "orgin"', "contrast[0].ground", "did you mean origin?"),
        ('ground = "origin"', 'ground = "race"', "contrast[0].ground", "did you mean skin-colour?"),
        ('ground = "origin"', 'ground = "x"', "contrast[0].ground", "one of: origin, nationality"),
        ('market = "housing"', 'market = "Housing"', "round.market", "did you mean housing?"),
        ('market = "housing"', 'market = "labor"', "round.market", "did you mean labour?"),
        ('market = "housing"', 'language = "dutch"', "round.language", "did you mean nl?"),
        ('market = "housing"', 'jurisdiction = "be-vl"', "round.jurisdiction", "be-vlg?"),
        ('scheme = "housing"', 'scheme = "housng"', "outcomes.scheme", "did you mean housing?"),
        ('scheme = "housing"', 'scheme = "housing"\nprimary = "stric"', "outcomes.primary",
         "did you mean strict?"),
        ('id = "origin"', 'id = "origin:x"', "contrast[0].id", '"origin-x"'),
        ('id = "origin"', 'id = "ouderdom é"', "contrast[0].id", '"ouderdom"'),
        ('id = "origin"', 'id = ""', "contrast[0].id", "fill it in"),
        ('id = "test-round"', 'id = "a/b"', "round.id", '"a-b"'),
        ('control = "flemish"', 'control = ""', "contrast[0].control", "fill it in"),
        ('control = "flemish"', 'control = ["a"]', "contrast[0].control", "in quotes"),
        ('test = "moroccan"', "test = []", "contrast[0].test", "at least one"),
        ('test = "moroccan"', 'test = ["a", "a"]', "contrast[0].test", "leave one out"),
        ('test = "moroccan"', 'test = "a"\npool = "yes"', "contrast[0].pool", "without quotes"),
        ('test = "moroccan"', 'test = "a"\ndirection = "both"', "contrast[0].direction", "either"),
    ],
)  # fmt: skip
def test_values_in_the_core_of_a_design(old: str, new: str, key: str, hint: str) -> None:
    problem = only_problem(MINIMAL.replace(old, new, 1))
    assert problem.column == key
    assert hint in (problem.hint or "")


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("[[contrast]]", "[contrast]", "contrast", "double brackets → [[contrast]]"),
        ("[outcomes]", "[[outcomes]]", "outcomes", "must be a table → write [outcomes]"),
        ("[[contrast]]", "[[profile]]\nid='x'\nattributes = 3\n[[contrast]]",
         "profile[0].attributes", "table of names and values"),
        ("[[contrast]]", "[[profile]]\nid='x'\nattributes = { a = ['b'] }\n[[contrast]]",
         "profile[0].attributes.a", "must be text"),
        ("format = 1", "format = 1\ntest = 3", "test", "write [test]"),
        ("format = 1", "format = 1\nprofile = 3", "profile", "must be a table"),
        ("format = 1", "format = 1\nprofile = [3]", "profile[0]", "must be a table"),
    ],
)  # fmt: skip
def test_tables_of_the_wrong_shape(old: str, new: str, key: str, words: str) -> None:
    problem = only_problem(MINIMAL.replace(old, new))
    assert problem.column == key
    assert words in problem.line()


EVERYTHING_WRONG = """\
format = 1
titel = "x"
[round]
idd = "gent"
market = "houses"
start = "01/09/2026"
[test]
order = "radom"
gap_hours = [8, 3]
[[contrast]]
id = "origin"
atribute = "origin"
ground = "orgin"
control = "x"
test = ["x", "y"]
[outcomes]
scheme = "housing"
[outcomes.positive]
strict = ["viewing-indiv"]
[analysis]
min_test = 3
confidence = 95
[reading]
missing_outcome = "no-repy"
[flagging]
alfa = 0.1
contrasts = ["orgin"]
min_tests = "10"
"""


def test_everything_wrong_is_said_at_once() -> None:
    """Slips in keys and types, and what would still be wrong once those were mended."""
    found = {problem.column: problem.hint for problem in problems_of(EVERYTHING_WRONG)}
    assert found == {
        "titel": "did you mean round.title?",
        "round.idd": "did you mean round.id?",
        "round.market": "did you mean housing?",
        "round.start": "write it as 2026-09-01",
        "test.order": "did you mean random?",
        "test.gap_hours": "for example gap_hours = [3, 8]: at least 3, at most 8",
        "contrast[0].atribute": "did you mean contrast.attribute?",
        "contrast[0].ground": "did you mean origin?",
        "contrast[0].test": "take it out of `test`, or name another control",
        "outcomes.positive.strict[0]": "did you mean viewing-individual?",
        "analysis.min_test": "did you mean flagging.min_tests?",
        "analysis.confidence": "for example 0.95",
        "reading.missing_outcome": "did you mean no-reply?",
        "flagging.alfa": "did you mean flagging.alpha?",
        "flagging.contrasts[0]": "did you mean origin?",
        "flagging.min_tests": "write it without quotes, for example 10",
    }


def test_the_innocent_are_not_blamed() -> None:
    """With a profile broken, levels that refer to it are not called unknown."""
    text = PROFILES.replace(
        'attributes = { origin = "moroccan", gender = "man" }', "attributes = 3"
    )
    assert [problem.column for problem in problems_of(text)] == ["profile[1].attributes"]
    text = PROFILES.replace("attributes = { origin", "atributes = { origin")
    assert [problem.column for problem in problems_of(text)] == [
        "profile[0].atributes",
        "profile[1].atributes",
    ]
    text = CUSTOM.replace("[outcomes.labels]", "[outcomes.label]")
    assert [problem.column for problem in problems_of(text)] == ["outcomes.label"]


def test_long_and_odd_values_are_shown_short() -> None:
    problem = only_problem(MINIMAL + f'[test]\norder = "{"x" * 5000}"\n')
    assert len(problem.line()) < 400
    problem = only_problem(MINIMAL + '[columns.values."a \\n b"]\nx = ["y"]\n')
    assert "\n" not in problem.line()


TABLES = [
    (table, key)
    for table, keys in tables().items()
    if table not in ((), ("reading", "applicant"), ("columns", "wide"))
    for key in keys
    if len(key) >= 4
]
LETTERS = "abcdefghijklmnopqrstuvwxyz_"


@st.composite
def slips(draw: st.DrawFn) -> tuple[tuple[str, ...], str, str]:
    """A table, one of its keys, and the key with one letter wrong, missing, added or swapped."""
    table, key = draw(st.sampled_from(TABLES))
    place = draw(st.integers(0, len(key) - 2))
    letter = draw(st.sampled_from(LETTERS))
    slip = draw(st.sampled_from(["wrong", "missing", "added", "swapped"]))
    head, tail = key[:place], key[place + 1 :]
    typo = {
        "wrong": head + letter + tail,
        "missing": head + tail,
        "added": head + letter + key[place:],
        "swapped": head + key[place + 1] + key[place] + key[place + 2 :],
    }[slip]
    return table, key, typo


def distance_one(one: str, other: str) -> bool:
    """Whether one letter wrong, missing, added or swapped turns one word into the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if at is None:
        return True
    rests = [(1, 1), (0, 1), (1, 0)]
    swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return swapped or any(one[at + i :] == other[at + j :] for i, j in rests)


@given(slips())
@settings(max_examples=300, deadline=None)
def test_one_slip_of_the_pen_names_the_right_key(
    slip: tuple[tuple[str, ...], str, str],
) -> None:
    table, key, typo = slip
    assume(typo not in tables()[table])
    assume(not any(distance_one(typo, other) for other in tables()[table] if other != key))
    assume(not any(typo in keys for keys in tables().values()))
    assert dotted((*table, key)) in suggestions(typo, table)


@given(st.text(min_size=1, max_size=30), st.sampled_from(sorted(tables())))
@settings(deadline=None)
def test_any_unknown_key_gives_a_line(key: str, table: tuple[str, ...]) -> None:
    for found in suggestions(key, table):
        assert found
    assert heading(table).startswith("[")


def test_dotted_places() -> None:
    assert dotted(("contrast", 1, "control")) == "contrast[1].control"
    assert dotted(("columns", "values", "a b", "é")) == 'columns.values."a b"."é"'
    assert heading(("contrast",)) == "[[contrast]]"
    assert heading(("columns", "wide")) == "[[columns.wide]]"
    assert heading(("round",)) == "[round]"


def test_nearest_words() -> None:
    assert close("Origin", ["origin", "gender"]) == "origin"
    assert close("net-rate-all", ["net_rate_all", "net_rate_usable"]) == "net_rate_all"
    assert close("zzz", ["origin", "gender"]) is None
    assert nearest("zzz", ["a", "b"], "one of: {}") == "one of: a, b"
    assert nearest("zzz", [str(n) for n in range(99)], "{}").endswith("11, …")
