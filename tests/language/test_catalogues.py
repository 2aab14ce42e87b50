"""The three catalogues say the same things with the same values."""

import re
from string import Formatter
from typing import Any

import pytest

from praktijktest import vocabulary
from praktijktest.language import language_named
from praktijktest.language.catalogue import catalogue, catalogue_entries
from praktijktest.reporting.evidence import MEASURES
from praktijktest.reporting.targets_section import STATE_ORDER

LANGUAGES = vocabulary.LANGUAGES
SPECS = {
    "",
    "percent",
    "confidence",
    "ratio",
    "p",
    "p equation",
    "date",
    "list",
    "name",
    "outcome",
    "reason",
    "problem",
    "variant",
    "method_name",
}


def placeholders(text: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name is not None}


def forms(text: str | dict[str, str]) -> dict[str, str]:
    return text if isinstance(text, dict) else {"": text}


@pytest.mark.parametrize("code", LANGUAGES)
def test_keys_are_equal_in_all_languages(code: str) -> None:
    assert set(catalogue(code)) == set(catalogue("en"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_key_stands_in_one_file_and_in_the_same_one_in_every_language(code: str) -> None:
    entries = catalogue_entries(code)
    assert len({key for _, key, _ in entries}) == len(entries)
    places = {(file, key) for file, key, _ in entries}
    assert places == {(file, key) for file, key, _ in catalogue_entries("en")}


@pytest.mark.parametrize("code", LANGUAGES)
def test_placeholders_are_equal_in_all_languages(code: str) -> None:
    other = catalogue("en")
    for key, text in catalogue(code).items():
        assert forms(text).keys() == forms(other[key]).keys(), key
        for form, words in forms(text).items():
            assert placeholders(words) == placeholders(forms(other[key])[form]), (key, form)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_placeholder_says_how_it_is_written(code: str) -> None:
    for key, text in catalogue(code).items():
        for words in forms(text).values():
            assert {spec for _, spec in placeholders(words)} <= SPECS, key


@pytest.mark.parametrize("code", LANGUAGES)
def test_plural_messages_are_chosen_by_a_count(code: str) -> None:
    language = language_named(code)
    for key, text in catalogue(code).items():
        if isinstance(text, dict):
            assert any(("count", "") in placeholders(words) for words in text.values()), key
    assert language.text("unit.tests", count=1) == "1 test"
    assert language.text("unit.tests", count=2) == "2 tests"
    assert language.text("unit.tests", count=0) == ("0 test" if code == "fr" else "0 tests")


@pytest.mark.parametrize("code", LANGUAGES)
def test_none_is_singular_in_french_alone_and_a_million_is_plural_everywhere(code: str) -> None:
    language = language_named(code)
    for key in ("unit.applications", "plain.next.signals", "describe.failed", "target.housing"):
        forms_of = catalogue(code)[key]
        assert isinstance(forms_of, dict)
        written = {count: language.text(key, count=count) for count in (0, 1, 2, 1_000_000)}
        singular = {0, 1} if code == "fr" else {1}
        for count, text in written.items():
            expected = forms_of["one" if count in singular else "other"]
            assert text == expected.format(count=language.number(count)), (key, count)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_code_that_people_may_read_has_a_label(code: str) -> None:
    keys = set(catalogue(code))
    outcomes = {
        c for scheme in vocabulary.SCHEMES.values() for c in (*scheme.codes, *scheme.failed)
    }
    expected = {
        *(f"ground.{ground}" for ground in vocabulary.GROUNDS),
        *(f"law.be.{ground}" for ground in vocabulary.GROUNDS),
        *(f"law.nl.{ground}" for ground in vocabulary.GROUNDS),
        *(f"market.{market}" for market in vocabulary.MARKETS),
        *(f"target.{market}" for market in (*vocabulary.MARKETS, "other")),
        *(f"section.targets.{market}" for market in (*vocabulary.MARKETS, "other")),
        *(f"state.{state}" for state in vocabulary.TARGET_STATES),
        *(f"state_meaning.{state}" for state in vocabulary.TARGET_STATES),
        *(f"flag.{rule}" for rule in vocabulary.FLAG_RULES),
        *(f"outcome_rule.{rule}" for rule in vocabulary.OUTCOME_RULES),
        *(f"outcome.{outcome}" for outcome in outcomes),
        *(f"estimate.{name}" for name in MEASURES),
        "problem_level.error",
        "problem_level.warning",
    }
    assert expected <= keys
    assert set(STATE_ORDER) == set(vocabulary.TARGET_STATES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_label_of_an_estimate_names_its_denominator(code: str) -> None:
    of_what = {"en": "test|application", "nl": "test|kandidatur", "fr": "test|candidature"}[code]
    for key, text in catalogue(code).items():
        if key.startswith("estimate.") or key.startswith("column.rate_"):
            inside = re.search(r"\((.*)\)", str(text))
            assert inside, key
            assert re.search(of_what, inside.group(1)), key
        if key.startswith("estimate_short."):
            assert "(" in str(text), key


def test_french_keeps_its_punctuation_on_the_line() -> None:
    for key, text in catalogue("fr").items():
        for words in forms(text).values():
            bare = re.sub(r"\{[^}]*\}", "x", words)
            assert not re.search(r" [:;?!»]|« | %", bare), key
            assert not re.search(r"[^\s\u00a0\u202f][;?!]", bare), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_typewriter_quotes(code: str) -> None:
    for key, text in catalogue(code).items():
        for words in forms(text).values():
            assert "'" not in words, key
            assert '"' not in words, key


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_statement_says_statistical_and_never_legal(code: str) -> None:
    words = {"en": ("statistical", "legal"), "nl": ("statistisch", "juridisch")}
    words["fr"] = ("statistique", "juridique")
    for key in ("statement", "limits.statistical"):
        assert all(word in str(catalogue(code)[key]) for word in words[code])


def test_no_difference_shown_is_not_no_difference() -> None:
    """Where nothing was shown, every language says both halves of the sentence."""
    halves: dict[str, Any] = {
        "en": ("No difference", "not the same as showing that there is no difference"),
        "nl": ("niet aangetoond", "iets anders dan aantonen dat er geen verschil is"),
        "fr": ("Aucune différence", "ne revient pas à démontrer"),
    }
    for code, parts in halves.items():
        text = language_named(code).text("verdict.none", control="a", test="b")
        assert all(part in text for part in parts)
