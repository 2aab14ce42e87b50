"""The nearest known word: what somebody probably meant."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches
from typing import Final

LISTED: Final = 12
"""How many known words a hint lists; a longer list helps nobody."""
LONGEST: Final = 100
"""Characters of an unknown word that are compared: somebody may have typed megabytes."""

_SYNONYMS: Final = {
    "time": "date",
    "datetime": "date",
    "integer": "number",
    "float": "number",
    "bool": "boolean",
    "string": "text",
    "employment": "labour",
    "labor": "labour",
    "rental": "housing",
    "ethnicity": "origin",
    "race": "skin-colour",
    "sex": "gender",
    "religion": "religion-belief",
    "handicap": "disability",
    "dutch": "nl",
    "french": "fr",
    "english": "en",
}


def similarity(one: str, other: str, cutoff: float) -> float:
    """How alike two words are, 0 … 1, whatever their case and their hyphens; 0 below a cutoff."""
    matcher = SequenceMatcher(None, _plain(one)[:LONGEST], _plain(other), autojunk=False)
    if matcher.real_quick_ratio() < cutoff or matcher.quick_ratio() < cutoff:
        return 0.0
    found = matcher.ratio()
    return found if found >= cutoff else 0.0


def close(word: str, known: Iterable[str], cutoff: float = 0.61) -> str | None:
    """The known word nearest to this one, or that has it as a part; None when none is near."""
    by_form = {_plain(name): name for name in known}
    synonym = _SYNONYMS.get(_plain(word), "")
    if synonym in by_form.values():
        return synonym
    within = [form for form in by_form if _plain(word) in form.split("-")]
    if len(within) == 1:
        return by_form[within[0]]
    found = get_close_matches(_plain(word)[:LONGEST], by_form, 1, cutoff)
    return by_form[found[0]] if found else None


def nearest(word: str, known: Sequence[str], otherwise: str) -> str:
    """A hint: the nearest known word, else the known words filled into `otherwise`."""
    found = close(word, known)
    if found is not None:
        return f"did you mean {found}?"
    listed = ", ".join(known[:LISTED])
    return otherwise.format(f"{listed}, …" if len(known) > LISTED else listed)


def _plain(word: str) -> str:
    return word.casefold().replace("_", "-").strip()
