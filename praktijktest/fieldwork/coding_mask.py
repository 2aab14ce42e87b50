"""Words of a reply without what gives the applicant away: names, titles, addresses, quotes.

A coder who sees "Meneer El Amrani" knows which applicant the reply went to. What the reply
itself says about a ground ("no wheelchairs") stays: the code depends on it.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

SHORT: Final = 3
"""Names of so few letters are masked only when written with a capital: An, Bo, Tom."""
MISSPELT: Final = 5
"""From so many letters on, a name with one letter wrong is still that name."""

_WORD = re.compile(r"[^\W_]+")
_MAIL = re.compile(r"(?:mailto:)?[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_DATE = r"(?!\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b)"
_NUMBER = re.compile(rf"(?<![\w/.,-]){_DATE}(?:\+|0)\d(?:[ ./()-]{{0,2}}\d){{7,12}}(?!\w)")
_QUOTE_INTRODUCED = re.compile(
    r"\s*(?:(?:op|le|on|am)\b.{4,160}\b(?:schreef|écrit|wrote|schrieb)\b.*:\s*"
    r"|-{2,}\s*(?:original|oorspronkelijk|message d.origine|forwarded|doorgestuurd).*)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[ \t.,'’`-]*")
_AFTER_GREETING = re.compile(r"[ \t]*(?:[,!:;.–-]|\n|$)")


@cache
def _table() -> dict[str, Any]:
    source = files("praktijktest.fieldwork").joinpath("coding_words.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(_table()[kind])


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    form: str
    capital: bool


@dataclass(frozen=True, slots=True)
class Mask:
    """What is hidden in the words of replies.

    Attributes:
        parts: folded parts of the names of every applicant of the round.
        language: language of the marks that stand in place of what was hidden.
    """

    parts: frozenset[str]
    language: str

    def masked(self, words: str, *, applicant: str = "", target_names: Iterable[str] = ()) -> str:
        """The words with names, titles, addresses, numbers, links and quoted letters hidden.

        Names are found whatever their case and accents, with the endings that Dutch gives
        them, and those of the applicant also with one letter wrong.

        Args:
            words: words of one reply.
            applicant: name of the applicant whom it answers.
            target_names: what the answering agent or employer is called.
        """
        marks = _table()["marks"][self.language]
        text = unicodedata.normalize("NFC", words).replace("\r\n", "\n").replace("\r", "\n")
        text = _without_quotes(text, marks["quoted"])
        text = _MAIL.sub(marks["mail"], text)
        text = _LINK.sub(marks["link"], text)
        text = _NUMBER.sub(marks["number"], text)
        tokens = _tokens(text)
        hidden = [
            *((*span, marks["target"]) for span in _phrases(tokens, target_names)),
            *((*span, marks["name"]) for span in self._name_spans(text, tokens, applicant)),
        ]
        return _replaced(text, hidden)

    def _name_spans(
        self, text: str, tokens: Sequence[_Token], applicant: str
    ) -> list[tuple[int, int]]:
        own = [part for part in name_parts([applicant]) if len(part) >= MISSPELT]
        marked = [self._is_name(token) or _misspelt(token, own) for token in tokens]
        for place in range(len(tokens) - 1):
            if tokens[place].capital and self._in_two_words(tokens[place], tokens[place + 1]):
                marked[place] = marked[place + 1] = True
        sure = [i for i, token in enumerate(tokens) if marked[i] or token.form in _words("titles")]
        greeted = [place for run in _greeted(text, tokens) for place in run]
        found = []
        for place in dict.fromkeys((*sure, *greeted)):
            first, last = _with_neighbours(text, tokens, place)
            found.append((tokens[first].start, tokens[last].end))
        return found

    def _in_two_words(self, token: _Token, following: _Token) -> bool:
        joined = token.form + following.form
        return len(joined) >= MISSPELT and joined in self.parts

    def _is_name(self, token: _Token) -> bool:
        if len(token.form) <= SHORT and not token.capital:
            return False
        if token.form in self.parts:
            return True
        stems = (
            token.form.removesuffix(ending)
            for ending in _words("inflections")
            if token.form.endswith(ending)
        )
        return any(len(stem) > SHORT and stem in self.parts for stem in stems)


def mask_for(names: Iterable[str], language: str) -> Mask:
    """A mask for the applicants of a round.

    Args:
        names: names of every fictitious applicant.
        language: "nl", "fr" or "en", for the marks.
    """
    return Mask(name_parts(names), language)


def name_parts(names: Iterable[str]) -> frozenset[str]:
    """The folded parts by which names are found: first names, surnames, both in one word."""
    found: set[str] = set()
    for name in dict.fromkeys(names):
        parts = [token.form for token in _tokens(unicodedata.normalize("NFC", name))]
        own = {part for part in parts if part not in _words("particles") and len(part) > 1}
        found |= own or {part for part in parts if len(part) > 1}
        if len(parts) > 1:
            found |= {"".join(parts), "".join(parts[1:]), "".join((*parts[1:], parts[0]))}
    return frozenset(found - _words("particles"))


def folded(text: str) -> str:
    """A word without accents and case, so that "Élodie" and "ELODIE" are one."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(found.start(), found.end(), folded(found[0]), not found[0][0].islower())
        for found in _WORD.finditer(text)
    ]


def _misspelt(token: _Token, parts: Collection[str]) -> bool:
    """Whether a word with a capital is one of these names but for one letter."""
    if not token.capital or len(token.form) < MISSPELT - 1:
        return False
    return any(one_letter_apart(token.form, part) for part in parts)


def one_letter_apart(one: str, other: str) -> bool:
    """Whether two words are equal but for one letter changed, added, left out or swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest_one, rest_other = one[start:], other[start:]
    return (
        rest_one[1:] == rest_other[1:]
        or rest_one[1:] == rest_other
        or rest_one == rest_other[1:]
        or (rest_one[:2] == rest_other[1::-1] and rest_one[2:] == rest_other[2:])
    )


def _greeted(text: str, tokens: Sequence[_Token]) -> list[list[int]]:
    """Whoever is greeted at the start of a line: "Beste Yousef," whatever the spelling."""
    runs = []
    for place, token in enumerate(tokens):
        opens = text[: token.start].rpartition("\n")[2].strip(" \t>*") == ""
        if token.form not in _words("greetings") or not opens:
            continue
        run = [place] if token.form in _words("gendered_greetings") else []
        following = place + 1
        while following < len(tokens) and _could_be_called(tokens[following]):
            if _BETWEEN.fullmatch(text, tokens[following - 1].end, tokens[following].start) is None:
                break
            run.append(following)
            following += 1
        if run and _AFTER_GREETING.match(text, tokens[following - 1].end):
            runs.append(run)
    return runs


def _could_be_called(token: _Token) -> bool:
    return token.capital or token.form in _words("titles") | _words("particles") | _words("joining")


def _with_neighbours(text: str, tokens: Sequence[_Token], place: int) -> tuple[int, int]:
    """A name with the title, initials and small words that belong to it."""
    first = last = place
    while first > 0 and _belongs(text, tokens[first - 1], tokens[first]):
        first -= 1
    following = last + 1
    if (
        following < len(tokens)
        and tokens[following].form == "s"
        and text[tokens[last].end : tokens[following].start] in ("'", "’")
    ):
        last = following
    return first, last


def _belongs(text: str, token: _Token, name: _Token) -> bool:
    gap = text[token.end : name.start]
    if _BETWEEN.fullmatch(gap) is None or "," in gap:
        return False
    initial = len(token.form) == 1 and token.capital and gap.startswith(".")
    return (
        initial
        or ("." not in gap and token.form in _words("particles"))
        or token.form in _words("titles")
    )


def _phrases(tokens: Sequence[_Token], names: Iterable[str]) -> list[tuple[int, int]]:
    """Where the words of a name follow one another."""
    wanted = [[token.form for token in _tokens(unicodedata.normalize("NFC", n))] for n in names]
    forms = [token.form for token in tokens]
    found = []
    for phrase in wanted:
        if len("".join(phrase)) <= SHORT:
            continue
        for place in range(len(forms) - len(phrase) + 1):
            if forms[place : place + len(phrase)] == phrase:
                found.append((tokens[place].start, tokens[place + len(phrase) - 1].end))
    return found


def _without_quotes(text: str, mark: str) -> str:
    """The text without the letter that it quotes."""
    lines = text.split("\n")
    kept: list[str] = []
    place = 0
    while place < len(lines):
        quoted = lines[place].lstrip().startswith(">")
        introduced = _QUOTE_INTRODUCED.fullmatch(lines[place]) is not None
        if not quoted and not introduced:
            kept.append(lines[place])
            place += 1
            continue
        end = _end_of_quote(lines, place + introduced)
        if introduced and end == place + 1 and any(line.strip() for line in kept):
            end = len(lines)
        if not kept or kept[-1] != mark:
            kept.append(mark)
        place = max(end, place + 1)
    return "\n".join(kept)


def _end_of_quote(lines: Sequence[str], place: int) -> int:
    """One past the last quoted line; blank lines within a quote belong to it."""
    end = place
    for number in range(place, len(lines)):
        if lines[number].lstrip().startswith(">"):
            end = number + 1
        elif lines[number].strip():
            break
    return end


def _replaced(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """The text with the spans replaced; spans that touch become one."""
    pieces: list[tuple[int, int, str]] = []
    for start, end, mark in sorted(spans, key=lambda span: (span[0], -span[1])):
        if pieces and start <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(end, pieces[-1][1]), pieces[-1][2])
        elif pieces and pieces[-1][2] == mark and _BETWEEN.fullmatch(text, pieces[-1][1], start):
            pieces[-1] = (pieces[-1][0], end, mark)
        else:
            pieces.append((start, end, mark))
    result, place = [], 0
    for start, end, mark in pieces:
        result += [text[place:start], mark]
        place = end
    return "".join((*result, text[place:]))
