"""What a design file gives, key by key, and what follows from it."""

from datetime import date

import pytest

from praktijktest.design import Comparison, Design, parse_design
from praktijktest.vocabulary import SCHEMES
from tests.design.designs import CALLS, CUSTOM, MINIMAL, PROFILES

FULL = """\
format = 1

[round]
id = "gent-huur-2026"
title = "Praktijktesten private huurmarkt Gent 2026"
market = "housing"
place = "Gent"
jurisdiction = "be-vlg"
start = 2026-09-01
end = 2027-03-31
language = "nl"
commissioner = "Stad Gent"
legal_basis = "council decision"
ethics = "approved"
contact = "city hall"

[test]
kind = "paired"
unit = "advert"
order = "random"
gap_hours = [3, 8]
response_days = 14

[[profile]]
id = "flemish-man"
attributes = { origin = "flemish", gender = "man" }
names = ["Wouter Claes", "Bram Maes"]

[[profile]]
id = "moroccan-man"
attributes = { origin = "moroccan", gender = "man" }
names = ["Rachid El Amrani", "Youssef Benali"]

[[contrast]]
id = "origin"
attribute = "origin"
ground = "origin"
control = "flemish"
test = "moroccan"
pool = false
within = ["gender"]
direction = "control-favoured"

[outcomes]
scheme = "housing"
primary = "strict"
[outcomes.positive]
strict = ["viewing-individual", "viewing-group"]
broad = ["viewing-individual", "viewing-group", "viewing-conditional", "call-back",
         "application-form"]
[outcomes.failed]
bounced = "mail bounced"

[columns]
test = ["firm_id", "job_id", "pair"]
target = "firm_id"
cluster = "job_id"
profile = ["gender", "origin"]
outcome = "cb"
position = "order"
wave = "year"
[columns.attributes]
origin = "race"
[columns.values.origin]
"White" = "flemish"
[columns.types]
rent = "number"
[[columns.wide]]
profile = "flemish-man"
outcome = "w"
[[columns.wide]]
profile = "moroccan-man"
outcome = "m"
position = "order_m"
optional = true

[reading]
sheet = "Log"
header_row = 2
same_profile = "best"
unequal = "allow"
contacts = "best"
missing_outcome = "no-reply"
[reading.keep]
sample = ["1"]

[sampling]
strata = ["agent_type", "district"]
tests_per_target = 12
max_applications_per_target_per_30_days = 6

[analysis]
confidence = 0.9
headline = "net_rate_all"
strata = ["agent_type"]
models = ["lpm", "logit"]
covariates = ["rent"]

[flagging]
rule = "holm"
alpha = 0.1
min_tests = 8
grey_midp = 0.1
equal_margin = 0.2
contrasts = ["origin"]
unit = "target_group"
only = { agent_type = ["agent"] }
across = "separate"
accept_fixed_order = true

[privacy]
retain_until = 2030-12-31
min_cell = 10
"""


def test_round_and_test() -> None:
    design = parse_design(FULL)
    about, test = design.round, design.test
    assert (about.id, about.title, about.market, about.place) == (
        "gent-huur-2026",
        "Praktijktesten private huurmarkt Gent 2026",
        "housing",
        "Gent",
    )
    assert (about.jurisdiction, about.language) == ("be-vlg", "nl")
    assert (about.start, about.end) == (date(2026, 9, 1), date(2027, 3, 31))
    assert about.commissioner == "Stad Gent"
    assert (about.legal_basis, about.ethics) == ("council decision", "approved")
    assert about.contact == "city hall"
    assert test is not None
    assert (test.kind, test.unit, test.order) == ("paired", "advert", "random")
    assert (test.gap_hours, test.response_days) == ((3, 8), 14)
    assert design.kind == "paired"


def test_who_is_compared() -> None:
    design = parse_design(FULL)
    assert [profile.id for profile in design.profiles] == ["flemish-man", "moroccan-man"]
    assert design.profiles[0].attributes == {"origin": "flemish", "gender": "man"}
    assert design.profiles[1].names == ("Rachid El Amrani", "Youssef Benali")
    assert design.comparisons() == (
        Comparison(
            id="origin",
            declared_id="origin",
            attribute="origin",
            ground="origin",
            control="flemish",
            tests=("moroccan",),
            pooled=False,
            within=("gender",),
            direction="control-favoured",
        ),
    )


def test_outcomes_columns_and_reading() -> None:
    design = parse_design(FULL)
    assert design.positive()["strict"] == {"viewing-individual", "viewing-group"}
    assert design.failed_codes() == {"bounced": "mail bounced", "scam": "advert was a scam"}
    columns, reading = design.columns, design.reading
    assert columns.test == ("firm_id", "job_id", "pair")
    assert (columns.target, columns.cluster, columns.outcome) == ("firm_id", "job_id", "cb")
    assert columns.profile == ("gender", "origin")
    assert (columns.position, columns.wave) == ("order", "year")
    assert columns.attributes == {"origin": "race"}
    assert columns.values == {"origin": {"White": "flemish"}}
    assert columns.types == {"rent": "number"}
    assert columns.sent_at is columns.replied_at is columns.advert is None
    assert (reading.sheet, reading.header_row, reading.same_profile) == ("Log", 2, "best")
    assert (reading.unequal, reading.contacts) == ("allow", "best")
    assert (reading.missing_outcome, reading.keep) == ("no-reply", {"sample": ("1",)})
    first, second = columns.wide
    assert (first.profile, first.outcome, first.optional) == ("flemish-man", "w", False)
    assert (second.profile, second.position, second.optional) == ("moroccan-man", "order_m", True)


def test_planning_analysis_flags_and_privacy() -> None:
    design = parse_design(FULL)
    assert design.sampling.strata == ("agent_type", "district")
    assert design.sampling.tests_per_target == 12
    assert design.sampling.max_applications_per_target_per_30_days == 6
    analysis, flagging = design.analysis, design.flagging
    assert (analysis.confidence, analysis.headline) == (0.9, "net_rate_all")
    assert analysis.strata == ("agent_type",)
    assert (analysis.models, analysis.covariates) == (("lpm", "logit"), ("rent",))
    assert (flagging.rule, flagging.alpha, flagging.min_tests) == ("holm", 0.1, 8)
    assert (flagging.grey_midp, flagging.equal_margin) == (0.1, 0.2)
    assert (flagging.contrasts, flagging.unit) == (("origin",), "target_group")
    assert flagging.only == {"agent_type": ("agent",)}
    assert (flagging.across, flagging.accept_fixed_order) == ("separate", True)
    assert design.privacy.retain_until == date(2030, 12, 31)
    assert design.privacy.min_cell == 10


def test_every_default() -> None:
    design = parse_design(MINIMAL)
    assert design.test is None
    assert design.kind == "paired"
    about = design.round
    assert (about.jurisdiction, about.language, about.simulated) == ("other", "en", False)
    assert about.start is about.end is about.place is about.commissioner is None
    assert about.legal_basis is about.ethics is about.contact is None
    assert design.profiles == design.calls == ()
    contrast = design.contrasts[0]
    assert (contrast.pool, contrast.within, contrast.direction) == (False, None, "control-favoured")
    assert (design.outcomes.primary, design.primary_rule) == (None, "strict")
    assert design.columns.model_dump(exclude_defaults=True) == {}
    reading = design.reading
    assert (reading.sheet, reading.header_row, reading.missing_outcome) == (None, 1, "error")
    assert (reading.same_profile, reading.unequal, reading.contacts) == ("error",) * 3
    assert reading.keep == {}
    assert design.sampling.strata == ()
    analysis = design.analysis
    assert (analysis.confidence, analysis.headline) == (0.95, "net_rate_usable")
    assert analysis.strata == analysis.models == analysis.covariates == ()
    flagging = design.flagging
    assert (flagging.rule, flagging.alpha, flagging.min_tests) == (
        "adaptive-discrete-fdr",
        0.05,
        10,
    )
    assert (flagging.grey_midp, flagging.equal_margin) == (0.05, 0.10)
    assert (flagging.contrasts, flagging.unit, flagging.only) == (None, "target", {})
    assert (flagging.across, flagging.accept_fixed_order) == ("family", False)
    assert (design.privacy.retain_until, design.privacy.min_cell) == (None, 5)


def test_defaults_of_an_empty_test_table() -> None:
    test = parse_design(MINIMAL + "[test]\n").test
    assert test is not None
    assert (test.kind, test.unit, test.order) == ("paired", None, None)
    assert (test.gap_hours, test.response_days) == (None, None)


def test_a_round_needs_no_more_than_an_id() -> None:
    text = MINIMAL.replace('title = "Test round"\nmarket = "housing"\n', "")
    design = parse_design(text)
    assert (design.round.title, design.round.market) == ("test-round", None)


def test_a_design_is_fixed_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        parse_design(MINIMAL).round.title = "other"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1", "1"), ("true", "true"), ("2.0", "2"), ("2.5", "2.5"), ("2026-09-01", "2026-09-01")],
)
def test_numbers_and_booleans_where_text_is_meant(written: str, meant: str) -> None:
    text = MINIMAL.replace('control = "flemish"', f"control = {written}")
    text = text.replace('test = "moroccan"', f'test = [{written}2, "b"]'.replace("true2", "false"))
    values = f"[columns.values.origin]\nx = {written}\n"
    design = parse_design(text.replace("2026-09-012", "2026-09-02") + values)
    assert design.contrasts[0].control == meant
    assert design.columns.values["origin"]["x"] == meant


def test_one_text_stands_for_a_list_of_one() -> None:
    text = MINIMAL + '[analysis]\nstrata = "city"\n[reading.keep]\nsample = 1\n'
    text += '[flagging]\ncontrasts = "origin"\nonly = { kind = "agent" }\n'
    design = parse_design(text)
    assert design.analysis.strata == ("city",)
    assert design.reading.keep == {"sample": ("1",)}
    assert design.flagging.contrasts == ("origin",)
    assert design.flagging.only == {"kind": ("agent",)}


@pytest.mark.parametrize("written", ["2026-09-01", '"2026-09-01"', "2026-09-01T09:00:00"])
def test_dates_may_stand_in_quotes(written: str) -> None:
    text = MINIMAL.replace('market = "housing"', f"start = {written}")
    assert parse_design(text).round.start == date(2026, 9, 1)


def with_contrast(lines: str, base: str = MINIMAL) -> Design:
    return parse_design(base.replace('test = "moroccan"', lines))


def test_a_list_gives_one_comparison_for_each_level() -> None:
    design = with_contrast('test = ["moroccan", "turkish"]')
    assert [c.id for c in design.comparisons()] == ["origin:moroccan", "origin:turkish"]
    assert [c.tests for c in design.comparisons()] == [("moroccan",), ("turkish",)]
    assert {c.declared_id for c in design.comparisons()} == {"origin"}
    assert [c.test_label for c in design.comparisons()] == ["moroccan", "turkish"]


def test_a_list_of_one_level_is_a_list() -> None:
    assert [c.id for c in with_contrast('test = ["turkish"]').comparisons()] == ["origin:turkish"]


def test_a_pool_is_one_comparison() -> None:
    found = with_contrast('test = ["moroccan", "turkish"]\npool = true').comparisons()
    assert [(c.id, c.tests, c.pooled) for c in found] == [("origin", ("moroccan", "turkish"), True)]
    assert found[0].test_label == "moroccan+turkish"
    assert found[0].to_dict()["tests"] == ["moroccan", "turkish"]


def test_levels_may_have_words_for_reports() -> None:
    design = with_contrast('test = ["b", "c"]\nlabels = { flemish = "Flemish name", b = "B" }')
    first, second = design.comparisons()
    assert first.shown(["flemish", "b"]) == "Flemish name + B"
    assert second.shown(second.tests) == "c"
    assert first.to_dict()["labels"] == {"flemish": "Flemish name", "b": "B"}
    assert len({first, second}) == 2


def test_within_is_every_other_attribute_of_the_design() -> None:
    more = '[[contrast]]\nid = "age"\nattribute = "age"\nground = "age"\ncontrol = "30"\n'
    more += 'test = "50"\n[columns.attributes]\nreligion = "rel"\nage = "lft"\n'
    more = more.replace("[columns.attributes]", "within = []\n[columns.attributes]")
    origin, age = parse_design(MINIMAL + more).comparisons()
    assert origin.within == ("age", "religion")
    assert age.within == ()


def test_within_looks_at_profiles_and_wide_applicants() -> None:
    assert parse_design(PROFILES).comparisons()[0].within == ("gender",)
    wide = ""
    for origin in ("flemish", "moroccan"):
        wide += f'[[columns.wide]]\nattributes = {{ origin = "{origin}", family = "couple" }}\n'
        wide += f'outcome = "{origin}"\n'
    assert parse_design(MINIMAL + wide).comparisons()[0].within == ("family",)


def test_whole_profiles_are_compared_as_they_are() -> None:
    text = PROFILES.replace('attribute = "origin"', 'attribute = "profile"')
    text = text.replace('control = "flemish"', 'control = "flemish-man"')
    comparison = with_contrast('test = "moroccan-man"', text).comparisons()[0]
    assert comparison.within == ()


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("", ["origin:b", "origin:c", "age"]),
        ('contrasts = ["origin"]', ["origin:b", "origin:c"]),
        ('contrasts = ["age", "origin:c"]', ["origin:c", "age"]),
        ("contrasts = []", []),
    ],
)
def test_contrasts_of_flags_may_be_named_whole_or_by_level(wanted: str, ids: list[str]) -> None:
    more = '[[contrast]]\nid = "age"\nattribute = "age"\nground = "age"\ncontrol = "30"\n'
    more += f'test = "50"\n[flagging]\n{wanted}\n'
    design = with_contrast('test = ["b", "c"]', MINIMAL + more)
    assert [c.id for c in design.flagged_comparisons()] == ids


def test_a_design_of_twelve_profiles() -> None:
    text, names = MINIMAL.replace('"flemish"', '"o0"').replace('"moroccan"', '["o1", "o2"]'), []
    for origin in range(3):
        for gender in ("man", "woman"):
            for family in ("single", "couple"):
                name = f"o{origin}-{gender}-{family}"
                names.append(name)
                attributes = f'origin = "o{origin}", gender = "{gender}", family = "{family}"'
                text += f'[[profile]]\nid = "{name}"\nattributes = {{ {attributes} }}\n'
    design = parse_design(text)
    assert [profile.id for profile in design.profiles] == names
    assert len(names) == 12
    assert [(c.id, c.within) for c in design.comparisons()] == [
        ("origin:o1", ("family", "gender")),
        ("origin:o2", ("family", "gender")),
    ]


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_outcomes_of_the_built_in_schemes(scheme: str) -> None:
    base = CALLS if scheme == "mystery" else MINIMAL
    design = parse_design(base.replace('scheme = "housing"', f'scheme = "{scheme}"'))
    built_in = SCHEMES[scheme]
    assert tuple(design.outcome_codes()) == built_in.codes
    assert set(design.outcome_codes().values()) == {None}
    assert design.positive() == {
        "strict": frozenset(built_in.strict),
        "broad": frozenset(built_in.broad),
    }
    assert design.failed_codes() == built_in.failed


def test_a_declared_rule_replaces_the_one_of_the_scheme() -> None:
    design = parse_design(MINIMAL + '[outcomes.positive]\nbroad = ["more-information"]\n')
    assert design.positive()["broad"] == {"more-information"}
    assert design.positive()["strict"] == {"viewing-individual", "viewing-group"}


def test_own_codes_stand_from_more_to_less_favourable() -> None:
    """The labels are written "no" first; "yes" is the better reply all the same."""
    design = parse_design(CUSTOM)
    assert design.outcome_codes() == {"1": "yes", "0": "no"}
    assert list(design.outcome_codes()) == ["1", "0"]
    assert design.positive() == {"broad": {"1"}}


def test_codes_that_fail_the_test_are_no_replies() -> None:
    design = parse_design(CUSTOM + '[outcomes.failed]\n9 = "wrong text sent"\n')
    assert "9" not in design.outcome_codes()
    assert design.failed_codes() == {"9": "wrong text sent"}


@pytest.mark.parametrize(
    ("scheme", "market", "rules", "primary"),
    [
        ("housing", "housing", "", "strict"),
        ("housing", "labour", "", "strict"),
        ("labour", "labour", "", "broad"),
        ("labour", "labour", 'primary = "strict"', "strict"),
        ("custom", "housing", 'strict = ["1"]\nbroad = ["1"]', "strict"),
        ("custom", "labour", 'strict = ["1"]\nbroad = ["1"]', "broad"),
        ("custom", "housing", 'broad = ["1"]', "broad"),
        ("custom", "labour", 'strict = ["1"]', "strict"),
    ],
)
def test_the_primary_rule(scheme: str, market: str, rules: str, primary: str) -> None:
    text = MINIMAL.replace('market = "housing"', f'market = "{market}"')
    text = text.replace('scheme = "housing"', f'scheme = "{scheme}"')
    if scheme == "custom":
        text += f'[outcomes.labels]\n1 = "yes"\n[outcomes.positive]\n{rules}\n'
    else:
        text += f"{rules}\n"
    assert parse_design(text).primary_rule == primary


def test_mystery_rounds() -> None:
    design = parse_design(CALLS)
    assert design.kind == "mystery"
    assert design.comparisons() == ()
    assert design.calls[0].ground == "origin"
    assert design.calls[0].script is None
    assert parse_design(CALLS + '[test]\nunit = "call"\n').kind == "mystery"
    assert parse_design(CALLS + '[test]\nkind = "mystery"\n').kind == "mystery"
