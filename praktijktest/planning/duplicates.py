"""Likely duplicates in a frame: shown to a person, never merged by the program."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any, Final, Literal

import numpy as np

from praktijktest.planning.frame import Frame

Reason = Literal[
    "same name", "similar name", "same telephone", "same mail address", "same mail domain"
]

LEGAL_FORMS: Final = frozenset(
    (
        "bv",
        "bvba",
        "nv",
        "sa",
        "sprl",
        "srl",
        "vof",
        "snc",
        "cv",
        "cvba",
        "scrl",
        "sc",
        "comm",
        "commv",
        "scs",
        "vzw",
        "asbl",
        "ebvba",
        "gcv",
        "eg",
        "stichting",
        "ltd",
        "gmbh",
    )
)
TRADE_WORDS: Final = frozenset(
    (
        "immo",
        "immobilien",
        "immobilier",
        "immobiliere",
        "vastgoed",
        "makelaar",
        "makelaars",
        "makelaardij",
        "agence",
        "kantoor",
        "immokantoor",
        "immobilienkantoor",
        "vastgoedkantoor",
        "estate",
        "agency",
        "the",
        "de",
        "het",
        "van",
        "la",
        "le",
    )
)
PUBLIC_DOMAINS: Final = frozenset(
    (
        "gmail.com",
        "googlemail.com",
        "hotmail.com",
        "hotmail.be",
        "hotmail.nl",
        "hotmail.fr",
        "outlook.com",
        "outlook.be",
        "live.be",
        "live.nl",
        "live.com",
        "msn.com",
        "yahoo.com",
        "yahoo.fr",
        "icloud.com",
        "me.com",
        "telenet.be",
        "skynet.be",
        "proximus.be",
        "scarlet.be",
        "pandora.be",
        "voo.be",
        "kpnmail.nl",
        "ziggo.nl",
        "planet.nl",
        "xs4all.nl",
        "home.nl",
        "hetnet.nl",
        "upcmail.nl",
    )
)
COUNTRY_CODES: Final = ("31", "32", "33", "49")
SIMILAR: Final = 0.88
"""difflib ratio of normalised names from which two targets are shown together."""
CROWDED: Final = 60
"""A word that more names than this share does not bring two of them together."""


@dataclass(frozen=True, slots=True)
class LikelyDuplicate:
    """Two targets that may be one.

    Attributes:
        first: target id.
        second: target id.
        reason: why they are shown.
        similarity: difflib ratio of the normalised names, 0 to 1; 1.0 for equal contacts.
        evidence: the names, number, address or domain.
    """

    first: str
    second: str
    reason: Reason
    similarity: float
    evidence: str

    def to_dict(self) -> dict[str, Any]:
        """The suggestion as plain data."""
        return {
            "first": self.first,
            "second": self.second,
            "reason": self.reason,
            "similarity": round(self.similarity, 3),
            "evidence": self.evidence,
        }


def likely_duplicates(frame: Frame) -> tuple[LikelyDuplicate, ...]:
    """Pairs of different targets with alike names, or one telephone, mail or mail domain.

    Each pair is shown once, with its strongest reason. Names are compared without
    accents, punctuation and legal forms, and only where they share a word or a beginning,
    so that thousands of agents take seconds.
    """
    first_row = np.unique(frame.target.astype(str), return_index=True)[1]
    ids = frame.target[first_row].tolist()
    names = [str(n) if n else str(t) for n, t in zip(frame.name[first_row], ids, strict=True)]
    found: dict[tuple[str, str], LikelyDuplicate] = {}
    for duplicate in (*_same_contacts(frame), *_alike_names(ids, names)):
        pair = (duplicate.first, duplicate.second)
        if pair not in found or found[pair].similarity < duplicate.similarity:
            found[pair] = duplicate
    return tuple(found[pair] for pair in sorted(found))


def normalised_name(name: str) -> str:
    """A name without accents, case, punctuation and legal form; words in their order."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    # "b.v." and "b v" are the legal form "bv"; other points and hyphens separate words.
    plain = re.sub(r"\b(\w)\.(?=\w\b)", r"\1", plain)
    words = re.sub(r"[^\w]+", " ", plain).split()
    kept = [word for word in words if word not in LEGAL_FORMS]
    return " ".join(kept or words)


def normalised_phone(contact: str) -> str:
    """The national digits of a telephone number, without leading zeros; "" where it is none."""
    if "@" in contact or re.search(r"[A-Za-z]{2}", contact):
        return ""
    digits = re.sub(r"\D", "", contact).lstrip("0")
    if len(digits) >= 10 and digits[:2] in COUNTRY_CODES:
        digits = digits[2:].lstrip("0")
    return digits if len(digits) >= 8 else ""


def _same_contacts(frame: Frame) -> Iterable[LikelyDuplicate]:
    shared: dict[tuple[Reason, str], set[str]] = defaultdict(set)
    for target, contact in sorted(set(zip(frame.target, frame.contact, strict=True))):
        phone = normalised_phone(contact)
        if phone:
            shared["same telephone", phone].add(target)
        address = contact.casefold().removeprefix("mailto:").strip()
        domain = address.rpartition("@")[2]
        if "@" in address:
            shared["same mail address", address].add(target)
            if domain not in PUBLIC_DOMAINS:
                shared["same mail domain", domain].add(target)
    weights = {"same telephone": 1.0, "same mail address": 1.0, "same mail domain": 0.9}
    for (reason, value), targets in shared.items():
        # A domain of many agents is a portal's, not one agent's.
        if len(targets) > CROWDED:
            continue
        for first, second in combinations(sorted(targets), 2):
            yield LikelyDuplicate(first, second, reason, weights[reason], value)


def _alike_names(ids: list[str], names: list[str]) -> Iterable[LikelyDuplicate]:
    normalised = [normalised_name(name) for name in names]
    blocks: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(normalised):
        joined = name.replace(" ", "")
        for token in {*(w for w in name.split() if w not in TRADE_WORDS), f"^{joined[:5]}"}:
            blocks[token].append(number)
    pairs = {
        pair
        for members in blocks.values()
        if len(members) <= CROWDED
        for pair in combinations(members, 2)
    }
    for one, other in sorted(pairs):
        left, right = normalised[one].replace(" ", ""), normalised[other].replace(" ", "")
        if left != right and re.findall(r"\d+", left) != re.findall(r"\d+", right):
            continue  # "Kantoor 2" and "Kantoor 3" are two, however alike
        matcher = SequenceMatcher(None, left, right, autojunk=False)
        if left != right and matcher.quick_ratio() < SIMILAR:
            continue
        ratio = 1.0 if left == right else matcher.ratio()
        if ratio >= SIMILAR:
            first, second = sorted((ids[one], ids[other]))
            reason: Reason = "same name" if left == right else "similar name"
            yield LikelyDuplicate(first, second, reason, ratio, f"{names[one]} / {names[other]}")
