"""The pre-registration: everything declared is in it, in three languages, with exact power."""

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from praktijktest.design import Design, parse_design
from praktijktest.planning.planned_power import USUAL_SHARES, planned_power
from praktijktest.planning.preregistration import (
    Amendment,
    Registered,
    preregistration_texts,
)
from praktijktest.statistics.power_market import design_effect, power
from praktijktest.vocabulary import FLAG_RULES, LANGUAGES
from tests.planning.letters_of_tests import design_of, plan_of, planned

AT = datetime(2027, 1, 10, 9, 0, tzinfo=timezone(timedelta(hours=1)))

OSF = (
    "Study Information", "Title", "Description", "Hypotheses", "Design Plan", "Study type",
    "Blinding", "Is there any additional blinding in this study?", "Study design",
    "Randomization", "Sampling Plan", "Existing data", "Explanation of existing data",
    "Data collection procedures", "Sample size", "Sample size rationale", "Stopping rule",
    "Variables", "Manipulated variables", "Measured variables", "Indices", "Analysis Plan",
    "Statistical models", "Transformations", "Inference criteria", "Data exclusion",
    "Missing data", "Exploratory analysis", "Other",
)  # fmt: skip

MYSTERY = """format = 1
[round]
id = "m"
title = "Calls"
market = "housing"
place = "Gent"
jurisdiction = "be-vlg"
[[call]]
id = "no-foreigners"
ground = "origin"
request = "owner asks not to let to foreigners"
[outcomes]
scheme = "mystery"
"""


def rounds_of_tests(design: Design, targets: int, each: int):
    rows = []
    for target in range(targets):
        for slot in range(each):
            for place, profile in enumerate(design.profiles[:2], 1):
                test = f"t{target}-{slot}"
                rows.append(
                    planned(
                        design,
                        application=f"{test}-{place}",
                        test=test,
                        target=f"T{target}",
                        slot=slot + 1,
                        position=place,
                        profile=profile.id,
                    )
                )
    return plan_of(design, rows, seed=20270201)


def registered(design: Design, plan=None, **more) -> Registered:
    hashes = {"design": "d" * 64, "frame": "f" * 64, "slots": "5" * 64, "letters/a.nl.md": "a" * 64}
    plan = rounds_of_tests(design, 5, 12) if plan is None else plan
    found = Registered(design, plan, 5, 5, hashes, "0.1.0", AT)
    return replace(found, **more)


def texts_of(found: Registered) -> dict[str, str]:
    return {
        name.split(".")[1]: content.decode()
        for name, content in preregistration_texts(found).items()
    }


def changed(design: Design, section: str, **values) -> Design:
    table = getattr(design, section).model_copy(update=values)
    return design.model_copy(update={section: table})


def test_every_language_has_the_sections_of_osf_in_their_order():
    texts = texts_of(registered(design_of("housing", "nl")))
    assert set(texts) == set(LANGUAGES)
    for code, text in texts.items():
        headings = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
        named = [h if code == "en" else re.search(r"\(([^()]*)\)$", h)[1] for h in headings]
        assert tuple(named) == OSF


def test_every_language_states_what_was_declared():
    design = design_of("housing", "nl", "disability")
    for text in texts_of(registered(design)).values():
        for said in (
            "20270201", "wheelchair", "disability", "viewing-individual", "already-rented",
            "`no-reply`", "bounced", "rent-1", "f" * 64, "5" * 64, "letters/a.nl.md",
        ):  # fmt: skip
            assert said in text
        assert not re.search(r"\{\{|\{%|None|\[\]|  \n|\n\n\n", text)


def test_equal_inputs_give_equal_bytes():
    found = registered(design_of("labour", "fr"))
    assert preregistration_texts(found) == preregistration_texts(found)


def test_the_power_is_the_exact_power_of_the_tests_planned():
    design = design_of("housing", "nl")
    plan = rounds_of_tests(design, 5, 12)
    found = planned_power(design, plan)
    assert [(line.only_control, line.only_test) for line in found.market] == list(USUAL_SHARES)
    for line in found.market:
        assert line.tests == 60
        assert line.power == pytest.approx(power(60, line.only_control, line.only_test)[0])
        effective = int(60 / design_effect(12, 0.05))
        assert line.clustered == pytest.approx(
            power(effective, line.only_control, line.only_test)[0]
        )
        assert line.clustered < line.power


def test_the_power_agrees_with_the_published_value():
    # Exact power at 50 pairs with (.30, .10), two-sided: .547 (statistics.md 3.3, R).
    design = design_of("housing", "nl")
    found = planned_power(design, rounds_of_tests(design, 50, 1), (0.30, 0.10))
    (line,) = found.market
    assert line.power == pytest.approx(0.547, abs=5e-4)
    assert line.clustered == line.power


def test_the_chance_for_one_target_agrees_with_the_table_of_signals():
    # methodology.md 7 counts two-sided mid-p < .05; with 12 tests and one-sided exact p the
    # chance is smaller than its value for 20 tests and larger than for 5.
    design = design_of("housing", "nl")
    often = next(t for t in planned_power(design, rounds_of_tests(design, 3, 12)).target
                 if t.only_control == 0.5)  # fmt: skip
    assert 0.03 < often.chance < 0.86


def test_expected_shares_of_the_researcher_take_the_place_of_the_usual_ones():
    found = registered(design_of("housing", "nl"), expected=(0.22, 0.04))
    for code, text in texts_of(found).items():
        assert ("22%" if code != "fr" else "22 %") in text.replace("\u00a0", " ").replace(
            "\u202f", " "
        )
        assert "30%" not in text.split("| 22")[0]


def test_too_few_tests_for_a_flag_are_said():
    design = design_of("housing", "nl")
    few = texts_of(registered(design, plan=rounds_of_tests(design, 10, 3)))
    enough = texts_of(registered(design))
    assert "nobody can be flagged" in few["en"]
    assert "nobody can be flagged" not in enough["en"]
    assert "kan niemand een signaal krijgen" in few["nl"]
    assert "personne ne peut recevoir de signal" in few["fr"]


@pytest.mark.parametrize("rule", FLAG_RULES)
def test_every_flag_rule_is_put_in_words(rule):
    design = changed(design_of("housing", "nl"), "flagging", rule=rule, alpha=0.025)
    for text in texts_of(registered(design)).values():
        assert re.search(r"2[.,]5", text)


@pytest.mark.parametrize(("order", "said"), [
    ("random", "drawn at random"), ("control-first", "favours the control"),
    ("test-first", "the cautious choice"),
])  # fmt: skip
def test_the_order_of_sending_is_said(order, said):
    design = changed(design_of("housing", "nl"), "test", order=order)
    assert said in texts_of(registered(design))["en"]


def test_a_contrast_without_natural_control_is_two_sided():
    design = design_of("housing", "nl")
    contrasts = tuple(c.model_copy(update={"direction": "either"}) for c in design.contrasts)
    text = texts_of(registered(design.model_copy(update={"contrasts": contrasts})))["en"]
    assert "neither group is the natural control" in text


def test_mystery_calls_have_their_precision_and_no_flags():
    design = parse_design(MYSTERY)
    base = design_of("housing", "nl")
    rows = [
        planned(base, application=f"t{n}-1", test=f"t{n}", contrast="no-foreigners",
                target=f"T{n}", profile="no-foreigners", name="", advert="")
        for n in range(100)
    ]  # fmt: skip
    plan = replace(plan_of(base, rows), kind="mystery")
    (line,) = planned_power(design, plan).precision
    # Wilson interval of 30 in 100, R: prop.test(30, 100, correct = FALSE).
    assert (line.low, line.high) == pytest.approx((0.2189489, 0.3958485), abs=1e-6)
    for text in texts_of(registered(design, plan=plan)).values():
        assert "owner asks not to let to foreigners" in text
        assert "McNemar" not in text


def test_an_amendment_is_named_with_its_reason():
    amendment = Amendment(1, AT, "a *typo* in | letter", ("letters/a.nl.md",))
    text = texts_of(registered(design_of("housing", "nl"), amendments=(amendment,)))["en"]
    assert r"a \*typo\* in \| letter (changed: letters/a.nl.md)" in text


def test_a_title_cannot_become_markup():
    design = changed(design_of("housing", "nl"), "round", title="# <b>x</b>\n## y [z](u)")
    text = texts_of(registered(design))["en"]
    assert "<b>" not in text.replace(r"\<b\>", "")
    assert "\n## y" not in text
