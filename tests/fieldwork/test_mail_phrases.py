"""What the words of a reply suggest; the sentences were written for these tests."""

import re
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praktijktest.fieldwork.mail_phrases import KEY, phrase_table, plain_words
from praktijktest.vocabulary import LANGUAGES, SCHEMES

TABLES = {name: phrase_table(name, scheme.codes) for name, scheme in SCHEMES.items()}
SOURCE = tomllib.loads(
    files("praktijktest.fieldwork").joinpath("phrases.toml").read_text(encoding="utf-8")
)

HOUSING = [
    ("Het appartement is helaas al verhuurd. Veel succes met uw zoektocht.", "already-rented"),
    ("De woning is niet meer beschikbaar.", "already-rented"),
    ("Er is een optie op genomen.", "already-rented"),
    ("U bent welkom op dinsdag 12 mei om 17u30 voor een bezichtiging.", "viewing-individual"),
    ("Het pand is nog niet verhuurd, wanneer zou u kunnen langskomen?", "viewing-individual"),
    ("Past woensdag om 18 uur voor u?", "viewing-individual"),
    ("Helaas niet.", None),
    ("Helaas kan u dinsdag niet komen kijken.", None),
    ("Een bezoek is niet meer mogelijk, we hebben voldoende kandidaten.", "refused"),
    ("We kunnen niet ingaan op uw vraag.", "refused"),
    ("De eigenaar wil geen buitenlanders.", "refused-ground"),
    ("Wij verhuren liever aan een Belgische familie.", "refused-ground"),
    ("Buitenlanders zijn bij ons geen probleem.", None),
    ("Gelieve ons te bellen op 09 123 45 67 om een afspraak te maken.", "call-back"),
    ("Kunt u het formulier in bijlage invullen?", "application-form"),
    ("Wat doet u voor werk?", "more-information"),
    ("U staat op de wachtlijst.", "waiting-list"),
    ("U kan zelf een bezoek boeken via deze link.", "viewing-group"),
    ("Zaterdag is er een kijkdag.", "viewing-group"),
    ("Een bezoek is pas mogelijk na ontvangst van uw loonfiches.", "viewing-conditional"),
    ("Het gebouw is niet toegankelijk met een rolstoel.", "not-accessible"),
    ("Assistentiehonden zijn niet toegelaten.", "accommodation-refused"),
    ("Een assistentiehond is niet toegelaten.", "accommodation-refused"),
    ("Het is verhuurd, maar ik heb nog een ander appartement.", "other-property"),
    ("De eigenaar gaat toch niet verhuren.", "withdrawn"),
    ("Ik ben afwezig tot 12 mei.", "auto-reply"),
    ("Bonjour, le bien n'est plus disponible. Bonne continuation dans vos recherches.",
     "already-rented"),
    ("L'appartement est déjà loué.", "already-rented"),
    ("Le bien n'est pas encore loué, vous pouvez venir le visiter jeudi à 18h.",
     "viewing-individual"),
    ("Malheureusement, une visite jeudi n'est pas possible.", None),
    ("Nous organisons des visites groupées samedi.", "viewing-group"),
    ("Pas d'étrangers, désolé.", "refused-ground"),
    ("Le propriétaire préfère un locataire belge.", "refused-ground"),
    ("Merci de nous envoyer vos fiches de paie.", "application-form"),
    ("Quelle est votre profession ?", "more-information"),
    ("Pourriez-vous me rappeler au 09 123 45 67 ?", "call-back"),
    ("Nous vous mettons sur liste d'attente.", "waiting-list"),
    ("Votre candidature n'a pas été retenue.", "refused"),
    ("The flat is no longer available.", "already-rented"),
    ("It isn't rented yet, would Tuesday at 18:00 suit you?", "viewing-individual"),
    ("You're welcome to view the apartment on Monday at 5 pm.", "viewing-individual"),
    ("Unfortunately we can't offer a viewing on Monday.", None),
    ("No foreigners please.", "refused-ground"),
    ("Please call me on 0470 12 34 56.", "call-back"),
    ("Do you have pets?", "more-information"),
    ("We will put you on the waiting list.", "waiting-list"),
    ("There is an open house on Saturday.", "viewing-group"),
]  # fmt: skip
LABOUR = [
    ("Wij willen u graag uitnodigen voor een gesprek op donderdag.", "interview"),
    ("Helaas bent u niet weerhouden voor deze functie.", "refused"),
    ("De vacature is intussen ingevuld.", "vacancy-closed"),
    ("We houden uw cv bij in onze databank.", "kept-on-file"),
    ("Heeft u een rijbewijs?", "information-request"),
    ("We zoeken iemand die jonger is.", "refused-ground"),
    ("We hebben wel nog een andere vacature.", "alternative-offer"),
    ("Nous avons bien reçu votre candidature.", "auto-reply"),
    ("Nous ne pouvons malheureusement pas vous inviter à un entretien.", None),
    ("Nous souhaitons vous inviter à un entretien lundi.", "interview"),
    ("Votre candidature n'a pas été retenue.", "refused"),
    ("Le poste est déjà pourvu.", "vacancy-closed"),
    ("We would like to invite you for an interview on Monday.", "interview"),
    ("We will not be inviting you for an interview.", None),
    ("We regret that you have not been selected.", "refused"),
    ("Could you send us your CV?", "information-request"),
    ("The position has already been filled.", "vacancy-closed"),
    ("When could you start?", "offer"),
]
MYSTERY = [
    ("Dat is geen probleem, daar houden we rekening mee.", "complied"),
    ("Dat mag eigenlijk niet, maar we zullen het zo doen.", "reluctant"),
    ("Dat is bij wet verboden: dat is discriminatie.", "refused-law"),
    ("C'est interdit par la loi.", "refused-law"),
    ("No problem.", "complied"),
    ("That is against the law.", "refused-law"),
]
CASES = [
    (scheme, words, code)
    for scheme, cases in (("housing", HOUSING), ("labour", LABOUR), ("mystery", MYSTERY))
    for words, code in cases
]


@pytest.mark.parametrize(("scheme", "words", "code"), CASES)
def test_words_suggest_their_code(scheme, words, code):
    found = TABLES[scheme].suggest(words)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    "words", ["De eigenaar wil geen buitenlanders.", "Pas d'étrangers.", "No foreigners please."]
)
def test_a_ground_in_so_many_words_is_direct_evidence(words):
    found = TABLES["housing"].suggest(f"Thank you, you can visit on Monday. {words}")
    assert found is not None
    assert (found.code, found.evidence) == ("refused-ground", "explicit")


def test_the_phrase_is_shown_with_its_language_and_what_else_was_said():
    found = TABLES["housing"].suggest("Het is al verhuurd. Wat doet u voor werk?")
    assert found is not None
    assert found.phrase.endswith("(nl)")
    assert {found.code, *found.others} == {"already-rented", "more-information"}


def test_only_codes_of_the_design_are_suggested():
    table = phrase_table("housing", ["refused"])
    assert table.suggest("Het is al verhuurd.") is None


def test_a_round_adds_phrases_of_its_own():
    own = [("viewing-individual", "nl", "spring … eens binnen")]
    table = phrase_table("custom", ["viewing-individual"], own)
    found = table.suggest("Spring gerust morgen eens binnen!")
    assert found is not None
    assert found.code == "viewing-individual"


@pytest.mark.parametrize("entry", SOURCE["phrase"], ids=lambda e: f"{e['code']}-{e['language']}")
def test_every_entry_of_the_table_can_be_used(entry):
    scheme = SCHEMES[entry["scheme"]]
    assert entry["code"] in scheme.codes
    assert entry["language"] in LANGUAGES
    assert len(set(entry["patterns"])) == len(entry["patterns"])
    for pattern in entry["patterns"]:
        for word in re.findall(r"[^\s/()…]+\*", pattern):
            assert len(word) > KEY, f"{word} is too short to be looked up"


def test_every_code_that_words_can_suggest_has_phrases_in_three_languages():
    spoken = {(entry["scheme"], entry["code"], entry["language"]) for entry in SOURCE["phrase"]}
    silent = {"no-reply", "evasive", "unclear"}
    for name, scheme in SCHEMES.items():
        for code in set(scheme.codes) - silent:
            assert {language for s, c, language in spoken if (s, c) == (name, code)} == {
                *LANGUAGES
            }, (name, code)


@pytest.mark.parametrize("scheme", list(SCHEMES))
def test_every_pattern_finds_the_words_it_is_made_of(scheme):
    """Each pattern, written out with its first words and no gaps, matches by itself."""
    for phrases in TABLES[scheme].phrases.values():
        for phrase in phrases:
            words = [
                {"<day>": "maandag", "<time>": "10u"}.get(token, token.split("/")[0].strip("*"))
                for token in phrase.pattern.split()
                if token != "…" and not token.startswith("(")
            ]
            assert phrase.search.search(plain_words(" ".join(words))), phrase.pattern


@given(st.text(max_size=400))
def test_no_words_are_too_strange(words):
    for table in TABLES.values():
        table.suggest(words)


def test_long_repetitive_words_are_searched_in_linear_time():
    assert TABLES["housing"].suggest("bezoek kijken komen bezichtigen " * 5_000) is None
