"""Signs that a target may have noticed the tests: the same answer again and again."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from praktijktest.fieldwork.coding_mask import folded
from praktijktest.fieldwork.status_facts import Sending
from praktijktest.fieldwork.status_report import Identical

FEWEST_WORDS: Final = 8
"""Shorter replies are alike by chance: "sorry, already let"."""
ALIKE: Final = 0.8
"""Two replies are alike when they share so much of their words (Jaccard)."""
MOST_COMPARED: Final = 500
"""Of a target with more different replies, only equal ones are found."""
AUTOMATIC: Final = "auto-reply"
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Answer:
    test: str
    application: str
    digest: str
    words: tuple[str, ...]


def identical_answers(
    found: Sequence[Sending], words: Mapping[str, str], names: Collection[str]
) -> tuple[Identical, ...]:
    """Replies of one target that say the same, to both applicants of a test or to several tests.

    Names, numbers and the order of the words do not count. Automatic replies are always the
    same and are left out.

    Args:
        found: the applications.
        words: hash of a document -> words of a reply.
        names: folded parts of the applicants' names.

    Returns:
        Same words within one test first, then those of most tests.
    """
    forms: dict[str, tuple[str, ...]] = {}
    by_target: dict[str, list[_Answer]] = {}
    for one in found:
        for reply in one.replies:
            text = words.get(reply.words)
            if text is None or AUTOMATIC in (reply.outcome, reply.suggested):
                continue
            if reply.words not in forms:
                forms[reply.words] = _form(text, names)
            form = forms[reply.words]
            if one.target and len(form) >= FEWEST_WORDS:
                answer = _Answer(one.test, one.application, reply.words, form)
                by_target.setdefault(one.target, []).append(answer)
    rows = [
        _row(target, group)
        for target, answers in by_target.items()
        for group in _groups(answers)
        if len({answer.application for answer in group}) > 1
    ]
    rows.sort(key=lambda row: (not row.within_test, -len(row.tests), row.target, row.tests))
    return tuple(rows)


def _form(text: str, names: Collection[str]) -> tuple[str, ...]:
    """The words of a reply, sorted, without case, accents, names and numbers."""
    plain = folded(text)
    return tuple(sorted(word for word in _WORD.findall(plain) if word not in names))


def _groups(answers: Sequence[_Answer]) -> list[list[_Answer]]:
    """Answers that are alike, each in one group: like its first answer, or one in between."""
    by_form: dict[tuple[str, ...], list[_Answer]] = {}
    for answer in answers:
        by_form.setdefault(answer.words, []).append(answer)
    groups = list(by_form.values())
    if not 1 < len(groups) <= MOST_COMPARED:
        return groups
    leader = list(range(len(groups)))
    for one, other in _alike(list(by_form)):
        first, second = sorted((_lead(leader, one), _lead(leader, other)))
        leader[second] = first
    joined: dict[int, list[_Answer]] = {}
    for place, group in enumerate(groups):
        joined.setdefault(_lead(leader, place), []).extend(group)
    return list(joined.values())


def _alike(forms: Sequence[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Pairs of forms whose sets of words overlap enough."""
    vocabulary = {word: place for place, word in enumerate({w for form in forms for w in form})}
    present = np.zeros((len(forms), len(vocabulary)), dtype=np.float32)
    for row, form in enumerate(forms):
        present[row, [vocabulary[word] for word in form]] = 1.0
    shared = present @ present.T
    size = np.diag(shared)
    overlap = shared / (size[:, None] + size[None, :] - shared)
    one, other = np.nonzero(np.triu(overlap >= ALIKE, k=1))
    return list(zip(one.tolist(), other.tolist(), strict=True))


def _lead(leader: list[int], place: int) -> int:
    while leader[place] != place:
        leader[place] = leader[leader[place]]
        place = leader[place]
    return place


def _row(target: str, group: Sequence[_Answer]) -> Identical:
    tests = [answer.test for answer in {a.application: a for a in group}.values()]
    return Identical(
        target=target,
        tests=tuple(sorted(set(tests))),
        applications=tuple(sorted({answer.application for answer in group})),
        within_test=len(set(tests)) < len(tests),
        exact=len({answer.digest for answer in group}) == 1,
        words=len(group[0].words),
    )
