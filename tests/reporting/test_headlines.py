"""Patterns of results and the sentences they lead to, in all languages."""

from typing import Any

import pytest

from praktijktest.language import Message, language_named
from praktijktest.reporting.blocks import Bullets, Estimated
from praktijktest.reporting.evidence import evidence_of
from praktijktest.reporting.headline_section import finding
from praktijktest.reporting.results_sections import chance_section
from praktijktest.vocabulary import LANGUAGES
from tests.reporting.documents import Cells, contrast, document


def analysis(cells: Cells, **method: Any) -> dict[str, Any]:
    one = contrast("origin", "origin", ("ctrl", "tst"), cells, targets=1)
    return document([one], [], method=method, data={"targets": 0})


PATTERNS = [
    ((40, 46, 14, 141), "verdict.control", "control", "net.usable.control", 32),
    ((40, 14, 46, 141), "verdict.test", "test", "net.usable.test", 32),
    ((40, 16, 14, 141), "verdict.none", "none", "net.usable.control", 3),
    ((40, 14, 14, 141), "verdict.none", "none", "net.usable.equal", 0),
    ((500, 1, 0, 10), "verdict.none", "none", "net.usable.equal", 0),
    ((0, 0, 0, 12), "verdict.nobody", "unknown", None, None),
]


@pytest.mark.parametrize(("cells", "verdict", "evidence", "net", "count"), PATTERNS)
def test_words_match_the_evidence(
    cells: Cells, verdict: str, evidence: str, net: str | None, count: int | None
) -> None:
    made = analysis(cells)
    found = finding(made, made["contrasts"][0])
    assert found.verdict.key == verdict
    assert found.evidence == evidence
    by_key = {sentence.key: sentence for sentence in found.sentences}
    assert [key for key in by_key if key.startswith("net.")] == ([net] if net else [])
    if net:
        assert by_key[net].values["count"] == count
    for code in LANGUAGES:
        language = language_named(code)
        said = " ".join(map(language.say, (found.verdict, *found.sentences)))
        if net:
            assert {str(n) for n in (cells[1], cells[2], sum(cells[:3]))} <= set(
                said.replace(".", " ").replace(",", " ").replace(";", " ").split()
            )
        assert "ctrl" in said
        assert "tst" in said


@pytest.mark.parametrize("headline", ["net_rate_all", "net_rate_discordant"])
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_sentence_takes_the_denominator_of_the_headline(headline: str, code: str) -> None:
    made = analysis((40, 46, 14, 141), headline=headline)
    found = finding(made, made["contrasts"][0])
    kind = headline.removeprefix("net_rate_")
    last = found.sentences[-1]
    assert last.key == f"net.{kind}.control"
    assert last.values["count"] == {"all": 13, "discordant": 53}[kind]
    assert found.measure.key == f"estimate.{headline}"
    assert language_named(code).say(last)


def test_a_ratio_as_headline_is_read_against_one() -> None:
    made = analysis((40, 46, 14, 141), headline="response_ratio")
    found = finding(made, made["contrasts"][0])
    assert found.estimate.unit == "ratio"
    assert not [s for s in found.sentences if s.key.startswith("net.")]
    assert evidence_of("response_ratio", Estimated(0.6, 0.4, 0.9)) == "control"
    assert evidence_of("response_ratio", Estimated(1.6, 1.2, 2.1)) == "test"
    assert evidence_of("odds_ratio_conditional", Estimated(None, 1.4, None)) == "control"
    assert evidence_of("odds_ratio_conditional", Estimated(None, 0.4, None)) == "none"
    assert evidence_of("response_rate_test", Estimated(0.4, 0.3, 0.5)) == "unknown"
    assert evidence_of("net_rate_all", Estimated(0.1, None, None)) == "unknown"


def test_an_unknown_headline_falls_back_on_the_net_rate_of_usable_tests() -> None:
    made = analysis((40, 46, 14, 141), headline="something_later")
    assert finding(made, made["contrasts"][0]).measure.key == "estimate.net_rate_usable"


def said_of_chance(made: dict[str, Any]) -> Message:
    return next(b for b in chance_section(made).blocks if isinstance(b, Bullets)).items[0]


CHANCE = [
    ((40, 46, 14, 141), None, "chance.shown"),
    ((40, 16, 14, 141), None, "chance.not_shown"),
    ((40, 0, 0, 141), None, "chance.no_discordant"),
    ((40, 46, 14, 141), (-0.1, 0.7), "chance.only_unclustered"),
    ((40, 16, 14, 141), (0.01, 0.1), "chance.only_interval"),
]


@pytest.mark.parametrize(("cells", "interval", "key"), CHANCE)
def test_interval_and_test_that_disagree_are_said_to_disagree(
    cells: Cells, interval: tuple[float, float] | None, key: str
) -> None:
    made = analysis(cells)
    if interval is not None:
        for entry in made["contrasts"][0]["estimates"]:
            if entry["name"] == "net_rate_usable":
                entry["low"], entry["high"] = interval
    sentence = said_of_chance(made)
    assert sentence.key == key
    for code in LANGUAGES:
        said = language_named(code).say(sentence)
        assert ("p" in said) or key == "chance.no_discordant"


def test_repeated_tests_are_spoken_of_only_where_there_are_any() -> None:
    made = analysis((40, 46, 14, 141))
    language = language_named("en")
    for clusters, targets, words in (
        (241, 0, None),
        (80, 80, "same party"),
        (80, 0, "tests of one group"),
    ):
        made["contrasts"][0] |= {"clusters": clusters, "targets": targets}
        said = language.say(said_of_chance(made))
        assert ("allowing for" in said) == (words is not None)
        assert words is None or words in said
