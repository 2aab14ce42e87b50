"""Results and the sentences they give: one table, in three languages."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from praktijktest.language import Message, language_named
from praktijktest.reporting.document import build_report
from praktijktest.reporting.headline_section import finding
from praktijktest.reporting.patterns import cautions_of, difference_of, pattern_of
from praktijktest.reporting.sentences import (
    certainty_sentences,
    comparisons_caution,
    natural,
    plain_sentences,
)
from praktijktest.vocabulary import LANGUAGES
from tests.reporting.documents import Cells, averages, contrast, document

GROUPS = ("Vlaams", "Marokkaans")


def one(cells: Cells, **more: Any) -> dict[str, Any]:
    """A document with one contrast of these cells."""
    return document([contrast("origin", "origin", GROUPS, cells, **({"targets": 40} | more))], [])


def with_interval(cells: Cells, low: float, high: float, p: float) -> dict[str, Any]:
    """One contrast whose intervals and paired test are set."""
    found = one(cells)
    entry = found["contrasts"][0]
    entry["clusters"] = entry["n"]
    for estimate in entry["estimates"]:
        estimate["low"], estimate["high"] = low, high
    for test in entry["significance"]:
        test["p"] = p
    return found


def without_intervals() -> dict[str, Any]:
    """One contrast that no interval could be worked out for."""
    found = one((10, 6, 2, 20))
    for estimate in found["contrasts"][0]["estimates"]:
        estimate["low"] = estimate["high"] = None
    return found


def mean_of_profiles() -> dict[str, Any]:
    """Means over several applicants per group."""
    return averages()


def groups(control: tuple[int, int], test: tuple[int, int], low: float, high: float) -> Any:
    """Unpaired tests: positive replies and applications of both groups, test minus control."""
    found = one((1, 1, 1, 1))
    entry = found["contrasts"][0]
    found["round"]["kind"] = "single"
    rates = [positive / n for positive, n in (control, test)]
    values = {
        "response_rate_control": (rates[0], 0.0, 1.0),
        "response_rate_test": (rates[1], 0.0, 1.0),
        "rate_difference": (rates[1] - rates[0], low, high),
    }
    del entry["cells"]
    entry["n"] = control[1] + test[1]
    entry["groups"] = {
        "control": {"positive": control[0], "n": control[1]},
        "test": {"positive": test[0], "n": test[1]},
    }
    entry["significance"] = [{"name": "fisher_midp", "p": 0.001 if low * high > 0 else 0.4}]
    entry["estimates"] = [
        {"name": name, "value": v, "low": lo, "high": hi, "scope": "these-targets"}
        for name, (v, lo, hi) in values.items()
    ]
    return found


TABLE: dict[str, tuple[Callable[[], dict[str, Any]], dict[str, str]]] = {
    "strong": (
        lambda: one((200, 60, 10, 130)),
        {
            "nl": "Er is een verschil gevonden, in het nadeel van \u2018Marokkaans’.",
            "fr": "Une différence a été trouvée, au détriment de « Marokkaans ».",
            "en": "A difference was found, to the disadvantage of \u2018Marokkaans’.",
        },
    ),
    "small": (
        lambda: one((1500, 160, 60, 2280)),
        {
            "nl": "Er is een klein verschil gevonden, in het nadeel van \u2018Marokkaans’.",
            "fr": "Une petite différence a été trouvée, au détriment de « Marokkaans ».",
            "en": "A small difference was found, to the disadvantage of \u2018Marokkaans’.",
        },
    ),
    "reversed": (
        lambda: one((200, 10, 60, 130)),
        {
            "nl": "in het nadeel van \u2018Vlaams’.",
            "fr": "au détriment de « Vlaams ».",
            "en": "to the disadvantage of \u2018Vlaams’.",
        },
    ),
    "borderline": (
        lambda: with_interval((40, 12, 4, 44), 0.001, 0.15, 0.06),
        {"nl": "ligt op de grens", "fr": "à la limite", "en": "on the border"},
    ),
    "none": (
        lambda: with_interval((20, 8, 6, 20), -0.1, 0.14, 0.6),
        {
            "nl": "Een verschil is niet aangetoond. Dat betekent niet dat er geen verschil is.",
            "fr": "Aucune différence n’a été démontrée. Cela ne veut pas dire qu’il n’y en a pas.",
            "en": "No difference was shown. That does not mean that there is no difference.",
        },
    ),
    "equivalent": (
        lambda: with_interval((1500, 50, 50, 2400), -0.01, 0.012, 1.0),
        {
            "nl": "Een groot verschil past niet bij deze cijfers.",
            "fr": "Une grande différence n’est pas compatible avec ces chiffres.",
            "en": "A large difference does not fit these figures.",
        },
    ),
    "nobody": (
        lambda: one((0, 0, 0, 30)),
        {
            "nl": "In geen van de 30 tests kreeg iemand een uitnodiging",
            "fr": "Sur 30 tests, personne n’a reçu une invitation",
            "en": "In none of the 30 tests did anybody get an invitation",
        },
    ),
    "no-discordant": (
        lambda: one((20, 0, 0, 20)),
        {
            "nl": "Dat bewijst niet dat er nooit een verschil is.",
            "fr": "Cela ne prouve pas qu’il n’y a jamais de différence.",
            "en": "That does not prove that there is never a difference.",
        },
    ),
    "unknown": (
        without_intervals,
        {
            "nl": "Deze tests laten geen besluit toe",
            "fr": "Ces tests ne permettent pas de conclure",
            "en": "These tests allow no conclusion",
        },
    ),
}


def said(messages: list[Message], code: str) -> str:
    language = language_named(code)
    return " ".join(language.say(one) for one in messages).replace("\u00a0", " ")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", TABLE)
def test_each_pattern_of_results_gets_its_own_words(name: str, code: str) -> None:
    make, words = TABLE[name]
    analysis = make()
    entry = analysis["contrasts"][0]
    assert pattern_of(analysis, entry) == name
    text = said(plain_sentences(analysis, entry), code)
    assert words[code] in text
    others = [found[code] for other, (_, found) in TABLE.items() if other != name]
    assert not any(other in text for other in others if other not in words[code])


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", TABLE)
def test_every_count_stands_with_the_number_of_tests_it_is_out_of(name: str, code: str) -> None:
    analysis = TABLE[name][0]()
    language = language_named(code)
    for found in plain_sentences(analysis, analysis["contrasts"][0]):
        text = language.say(found)
        if re.search(r"\d", text):
            assert re.search(r"\d+\W+tests?\b", text), text


def test_a_small_difference_that_was_not_shown_is_never_called_equal() -> None:
    for code in LANGUAGES:
        for name in ("none", "equivalent", "no-discordant"):
            analysis = TABLE[name][0]()
            text = said(plain_sentences(analysis, analysis["contrasts"][0]), code).lower()
            for word in ("geen discriminatie", "gelijk behandeld", "pas de discrim", "equal treat"):
                assert word not in text


def test_a_result_on_the_border_is_not_shown_as_a_difference() -> None:
    analysis = TABLE["borderline"][0]()
    card = finding(analysis, analysis["contrasts"][0])
    assert card.evidence == "borderline"
    assert card.verdict.key == "verdict.borderline"


def test_repeated_tests_of_one_target_that_shrink_the_p_value_are_no_disagreement() -> None:
    analysis = with_interval((40, 30, 8, 44), -0.02, 0.3, 0.001)
    entry = analysis["contrasts"][0]
    assert pattern_of(analysis, entry) == "borderline"
    entry["clusters"] = 5
    assert pattern_of(analysis, entry) == "none"


@pytest.mark.parametrize("code", LANGUAGES)
def test_few_tests_and_one_target_are_cautioned_about(code: str) -> None:
    analysis = one((5, 3, 0, 7), targets=1)
    entry = analysis["contrasts"][0]
    assert cautions_of(entry) == ("few", "one-target")
    text = said(certainty_sentences(entry), code)
    assert "15 tests" in text
    assert cautions_of(one((200, 60, 10, 130))["contrasts"][0]) == ()


@pytest.mark.parametrize("code", LANGUAGES)
def test_several_comparisons_are_cautioned_about(code: str) -> None:
    entry = contrast("age", "age", ("35", "55"), (20, 9, 4, 30), targets=9)
    analysis = document([one((20, 9, 4, 30))["contrasts"][0], entry], [])
    assert " 2 " in said(comparisons_caution(analysis), code)
    assert comparisons_caution(one((20, 9, 4, 30))) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_means_over_several_applicants_are_shares_of_applications(code: str) -> None:
    analysis = mean_of_profiles()
    text = said(plain_sentences(analysis, analysis["contrasts"][0]), code)
    assert re.search("kandidatur|candidatures|applications", text)
    assert text.count("%") == 2


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("found", "pattern"),
    [
        (groups((60, 200), (30, 200), -0.23, -0.07), "strong"),
        (groups((30, 200), (60, 200), 0.07, 0.23), "reversed"),
        (groups((40, 200), (38, 200), -0.09, 0.07), "none"),
        (groups((0, 50), (0, 50), -0.07, 0.07), "nobody"),
    ],
)
def test_unpaired_groups_are_each_out_of_their_own_applications(
    found: dict[str, Any], pattern: str, code: str
) -> None:
    entry = found["contrasts"][0]
    assert pattern_of(found, entry) == pattern
    text = said(plain_sentences(found, entry), code)
    assert re.search(r"\d+ (kandidaturen|candidatures|applications)", text)


def test_the_difference_of_groups_is_turned_to_the_disadvantage_of_the_test_group() -> None:
    found = difference_of(groups((60, 200), (30, 200), -0.23, -0.07)["contrasts"][0])
    assert found.value == pytest.approx(0.15)
    assert (found.low, found.high) == (0.07, 0.23)


@pytest.mark.parametrize("code", LANGUAGES)
def test_mystery_calls_are_counted_out_of_all_calls(code: str) -> None:
    entry: dict[str, Any] = {
        "ground": "origin",
        "request": "geen X",
        "calls": {"complied": 21, "unclear": 7, "n": 50},
        "estimates": [
            {
                "name": "compliance_rate",
                "value": 0.42,
                "low": 0.294,
                "high": 0.558,
                "confidence": 0.95,
                "scope": "these-targets",
            }
        ],
    }
    text = said([*plain_sentences({}, entry), *certainty_sentences(entry)], code)
    assert re.search(r"21 .*50 (oproepen|appels|calls)", text)
    assert "7" in text
    assert re.search("geen X.* 29[.,]4 .* 55[.,]8", text)
    entry["calls"]["n"] = 0
    assert len(plain_sentences({}, entry)) == 1


def test_natural_frequencies_agree_with_each_other() -> None:
    for cells in ((421, 116, 25, 425), (400, 107, 56, 372), (333, 333, 1, 333), (1, 2, 3, 4)):
        found = natural(contrast("c", None, GROUPS, cells))
        assert found.control - found.test == found.only_control - found.only_test
        total = sum(cells)
        assert abs(found.control / found.of - (cells[0] + cells[1]) / total) <= 0.005
        assert abs(found.test / found.of - (cells[0] + cells[2]) / total) <= 0.0151
        assert found.of in (100, total)
        assert found.only_test > 0


JARGON = {
    "nl": "p-waarde|mid-p|betrouwbaarheidsinterval|significan|mcnemar|odds|cluster|noemer",
    "fr": "valeur p|mid-p|intervalle de confiance|significati|mcnemar|cotes|grappe|dénominateur",
    "en": "p-value|mid-p|confidence interval|significan|mcnemar|odds|cluster|denominator",
}
LONGEST, USUAL = 26, 13
"""Words in a sentence: the longest (how to quote a rate) and on average."""


def sentences(value: Any, code: str) -> Iterator[str]:
    """Every sentence of the blocks of a page."""
    language = language_named(code)
    for block in value:
        texts = [getattr(block, "text", None), getattr(block, "verdict", None)]
        texts += [*getattr(block, "items", ()), *getattr(block, "sentences", ())]
        for text in texts:
            if isinstance(text, Message):
                yield from re.split(r"(?<=[.?!])\s+(?=[A-ZÀ-Ý\u2018«\d])", language.say(text))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", [*TABLE, "means", "groups"])
def test_the_page_is_written_in_short_sentences_without_jargon(name: str, code: str) -> None:
    made = {"means": averages, "groups": lambda: groups((60, 200), (30, 200), -0.23, -0.07)}
    analysis = (made | {key: make for key, (make, _) in TABLE.items()})[name]()
    (page,) = build_report(public(analysis), kind="summary").sections
    found = list(sentences(page.blocks, code))
    lengths = [len(re.findall(r"[^\W_][\w’'.,%-]*", sentence)) for sentence in found]
    assert max(lengths) <= LONGEST, found[lengths.index(max(lengths))]
    assert sum(lengths) / len(lengths) <= USUAL
    assert not re.search(JARGON[code], " ".join(found).lower())


def public(analysis: dict[str, Any]) -> dict[str, Any]:
    """The document marked as protected: these sentences are not about hiding."""
    return analysis | {"disclosure": {"min_cell": 5, "min_targets": 3}}
