"""Words of replies that suggest a code, from a table of phrases in three languages.

A suggestion is a help for the person who confirms the code, never a code by itself.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from praktijktest.vocabulary import SCHEMES

GAP: Final = "…"
WORDS_IN_GAP: Final = 6
WORDS_BEFORE: Final = 3
"""How near before a phrase that is not positive a negation must stand to take it away."""
LONGEST_READ: Final = 20_000
NEXT: Final = " (?:, )?"
"""What stands between two words of a pattern."""
KEY: Final = 4
"""Letters by which the patterns are looked up that a text can match at all."""

_DAY: Final = (
    r"(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|morgen|overmorgen|vandaag"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|demain|aujourd hui"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today"
    r"|(?:volgende|komende|deze|next|this) (?:week|weekend)|(?:la )?semaine prochaine"
    r"|[0-3]?\d(?:e|de|ste|er|st|nd|rd|th)? (?:of )?(?:jan|feb|fev|maa|mrt|mar|apr|avr|mei|mai|may"
    r"|jun|juin|jul|juil|aug|aou|sep|okt|oct|nov|dec)[a-z]*|[0-3]?\d [01]?\d 20\d\d)"
)
_TIME: Final = (
    r"(?:[0-2]?\d ?(?:u|h|uur|heures?|am|pm)(?: ?[0-5]\d)?|[0-2]\d [0-5]\d(?: ?(?:u|h|uur))?)"
)
_WORD = re.compile(r"[a-z0-9]+|,")
_SENTENCE_END = re.compile(r"[.!?;…]+(?=\s|$)|:(?=\s)|\n\s*\n|\n\s*[-*•]\s")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One pattern of the table, ready to search with.

    Attributes:
        code, language, pattern: as they stand in the table.
        evidence: "explicit" where the words themselves are direct evidence.
        weak: a courtesy that goes with other codes too, and yields to every other phrase.
        words: how many words of its own it has.
        positive: whether its code is a positive reply, which any negation takes away.
        search: its regular expression over plain words.
        keys: beginnings of words of which the text must have one.
        own: its words, which are no negation of itself.
    """

    code: str
    language: str
    pattern: str
    evidence: str
    weak: bool
    words: int
    positive: bool
    search: re.Pattern[str]
    keys: frozenset[str]
    own: frozenset[str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The code that words suggest.

    Attributes:
        code: the code.
        phrase: the pattern it rests on, with its language.
        evidence: "explicit" where the words are direct evidence, else "".
        others: other codes that the words suggest less strongly.
    """

    code: str
    phrase: str
    evidence: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhraseTable:
    """The phrases of one outcome scheme.

    Attributes:
        phrases: by the beginnings of their words.
        rank: code -> its place among equals; lower comes first, negative before everything.
        negations, regrets, turns: words by language; see the table itself.
    """

    phrases: dict[str, tuple[Phrase, ...]]
    rank: dict[str, int]
    negations: dict[str, frozenset[str]]
    regrets: dict[str, frozenset[str]]
    turns: frozenset[str]

    def suggest(self, words: str) -> Suggestion | None:
        """The code that the words of a reply suggest most strongly, None where none does."""
        best: dict[str, Phrase] = {}
        for sentence in _sentences(words[:LONGEST_READ]):
            for phrase in self._possible(sentence):
                known = best.get(phrase.code)
                better = known is None or self._order(phrase) < self._order(known)
                if better and self._says(phrase, sentence):
                    best[phrase.code] = phrase
        if not best:
            return None
        ranked = sorted(best.values(), key=self._order)
        first = ranked[0]
        return Suggestion(
            code=first.code,
            phrase=f"{first.pattern} ({first.language})",
            evidence=first.evidence,
            others=tuple(phrase.code for phrase in ranked[1:]),
        )

    def _order(self, phrase: Phrase) -> tuple[bool, bool, int, int, str]:
        rank = self.rank.get(phrase.code, len(self.rank))
        return rank >= 0, phrase.weak, -phrase.words, rank, phrase.code

    def _possible(self, sentence: str) -> Iterator[Phrase]:
        keys = {word[:KEY] for word in sentence.split()}
        seen: set[int] = set()
        for key in keys:
            for phrase in self.phrases.get(key, ()):
                if id(phrase) not in seen:
                    seen.add(id(phrase))
                    yield phrase

    def _says(self, phrase: Phrase, sentence: str) -> bool:
        """Whether some match of the phrase stands, and is not taken away by a negation."""
        return any(
            not self._taken_away(phrase, sentence, found)
            for found in phrase.search.finditer(sentence)
        )

    def _taken_away(self, phrase: Phrase, sentence: str, found: re.Match[str]) -> bool:
        before = sentence[: found.start()].split()
        inside = found[0].split()
        negations = self.negations[phrase.language]
        if not negations.isdisjoint(phrase.own):
            return False
        part = self._since(before, comma=True)
        if not phrase.positive:
            return not negations.isdisjoint((*part[-WORDS_BEFORE:], *inside))
        after = sentence[found.end() :].split()
        here = {*part, *inside, *self._until(after, comma=True)}
        wider = {*self._since(before), *inside, *self._until(after)}
        regrets = self.regrets[phrase.language]
        return not (negations.isdisjoint(here) and regrets.isdisjoint(wider))

    def _since(self, words: list[str], *, comma: bool = False) -> list[str]:
        """The last of these words, from the last turn of the sentence on."""
        return self._until(words[::-1], comma=comma)[::-1]

    def _until(self, words: list[str], *, comma: bool = False) -> list[str]:
        """The first of these words, up to the next turn of the sentence."""
        for place, word in enumerate(words):
            if word in self.turns or (comma and word == ","):
                return words[:place]
        return words


def phrase_table(
    scheme: str, codes: Iterable[str], own: Iterable[tuple[str, str, str]] = ()
) -> PhraseTable:
    """The table of an outcome scheme with a round's own phrases.

    Args:
        scheme: housing, labour or mystery; another scheme has the round's own phrases only.
        codes: the codes that may be suggested.
        own: code, language and pattern of the round's own phrases.
    """
    source = _source()
    allowed = frozenset(codes)
    built_in = SCHEMES.get(scheme)
    positive = frozenset(built_in.broad if built_in else ())
    found = [
        _phrase(entry, pattern, positive)
        for entry in source["phrase"]
        if entry["scheme"] == scheme and entry["code"] in allowed
        for pattern in entry["patterns"]
    ]
    found += [
        _phrase({"code": code, "language": language}, pattern, positive)
        for code, language, pattern in own
    ]
    ranks = source.get(scheme, {"first": [], "order": []})
    first = {code: place - len(ranks["first"]) for place, code in enumerate(ranks["first"])}
    return PhraseTable(
        phrases=_by_key(found),
        rank={code: place for place, code in enumerate(ranks["order"])} | first,
        negations=_word_sets(source["negations"]),
        regrets=_word_sets(source["regrets"]),
        turns=frozenset().union(*_word_sets(source["turns"]).values()),
    )


def plain_words(text: str) -> str:
    """Words in lower case without accents, one blank between them; commas stay, apart."""
    bare = "".join(
        character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(character)
    )
    return " ".join(_WORD.findall(bare))


def _sentences(text: str) -> Iterator[str]:
    for part in _SENTENCE_END.split(text):
        if sentence := plain_words(part):
            yield sentence


@cache
def _source() -> dict[str, Any]:
    text = files("praktijktest.fieldwork").joinpath("phrases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _word_sets(table: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    return {language: frozenset(words) for language, words in table.items()}


def _by_key(phrases: Iterable[Phrase]) -> dict[str, tuple[Phrase, ...]]:
    found: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        for key in phrase.keys:
            found.setdefault(key, []).append(phrase)
    return {key: tuple(own) for key, own in found.items()}


def _phrase(entry: Mapping[str, Any], pattern: str, positive: frozenset[str]) -> Phrase:
    tokens = [token for token in pattern.split() if token]
    required = [token for token in tokens if token != GAP and not token.startswith("(")]
    return Phrase(
        code=entry["code"],
        language=entry["language"],
        pattern=pattern,
        evidence=entry.get("evidence", ""),
        weak=entry.get("weak", False),
        words=len(required),
        positive=entry["code"] in positive,
        search=re.compile(rf"(?<![a-z0-9]){_regex(tokens)}(?![a-z0-9])"),
        keys=_keys(required),
        own=frozenset(word for token in tokens for word in plain_words(token).split()),
    )


def _keys(required: list[str]) -> frozenset[str]:
    """Beginnings of words of which a text must have one: those of the most telling word."""
    plain = [token for token in required if not token.startswith("<")]
    telling = max(plain, key=lambda token: min(map(len, token.split("/"))))
    return frozenset(plain_words(word).split()[0][:KEY] for word in telling.split("/"))


def _regex(tokens: list[str]) -> str:
    """Tokens as a regular expression over plain words; what joins them comes before each."""
    text, joint = "", ""
    for token in tokens:
        if token == GAP:
            joint = rf"(?: [a-z0-9,]+){{0,{WORDS_IN_GAP}}}? "
            continue
        if not token.startswith("("):
            text += joint + _alternatives(token)
            joint = NEXT
            continue
        word = _alternatives(token.strip("()"))
        if joint:  # what follows may still be a gap away where this word is missing
            text += f"(?:{joint}{word})?"
        else:
            text += f"(?:{word} )?"
    return text


def _alternatives(token: str) -> str:
    if token == "<day>":
        return _DAY
    if token == "<time>":
        return _TIME
    parts = []
    for part in token.split("/"):
        ending = "[a-z0-9]*" if part.endswith("*") else ""
        parts.append(plain_words(part) + ending)
    return f"(?:{'|'.join(parts)})"
