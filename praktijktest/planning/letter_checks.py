"""Checks that letters are a fair pair: equal but for what says who the applicant is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from praktijktest.design import Comparison, Design
from praktijktest.planning.letter_rendering import Letter
from praktijktest.planning.letters import Template, Templates
from praktijktest.problems import Level, Problem, shown

LENGTH_TOLERANCE: Final = 0.25
"""How much longer than the shortest the longest letter of a test may be."""

NAME_GROUNDS: Final = frozenset(
    ("origin", "nationality", "skin-colour", "descent", "religion-belief", "gender")
)
"""Grounds that a name alone can show."""

SHORTEST_NAME: Final = 3
"""Shorter first and last names ("An", "De") are also ordinary words."""

TONES: Final[dict[str, dict[str, str]]] = {
    "nl": {
        "greeting": r"\b(geachte|beste|dag|goeiedag|goedendag|goedemorgen|hallo)\b",
        "please": r"\b(graag|alstublieft|zou|gelieve)\b",
        "thanks": r"\b(dank|bedankt|dankjewel)\b",
    },
    "fr": {
        "greeting": r"\b(bonjour|madame|monsieur)\b",
        "please": r"(s'il vous plaît|volontiers|serait-il|pourr(ais|iez)|aimerais|voudrais)",
        "thanks": r"\b(merci|remercie)\b",
    },
    "en": {
        "greeting": r"\b(dear|hello|good (day|morning|afternoon))\b",
        "please": r"\b(please|could|would|may)\b",
        "thanks": r"\b(thank|thanks)\b",
    },
}
"""Words of politeness; a letter has them or has them not, whichever the language."""


def check_templates(design: Design, templates: Templates) -> list[Problem]:
    """What is wrong with the templates of a round, before anything is planned.

    Looks for: templates the design names, or a script, that are not there; *same* parts
    that are not the same in all templates; templates that state other facts or follow other
    attributes; levels without a text; a contrast that no letter and no name can show; a
    name of the design written into a text; a missing tone; a decline that is not there.
    """
    language = design.round.language
    if design.kind == "mystery":
        return [*_missing_scripts(design, templates), *_written_names(design, templates.all)]
    letters = templates.of_kind("application", language)
    if not letters:
        message = f"there is no application letter in language {language!r}"
        return [_problem("letter-template-missing", message, hint="add one to letters/")]
    problems = [
        _problem(
            "letter-template-missing",
            f"the design names letter template {name!r}, which is not in letters/",
            column="assignment.templates",
            hint="there is: " + ", ".join(templates.application_ids(language)),
        )
        for name in design.assignment.templates
        if name not in templates.application_ids(language)
    ]
    used = [t for t in letters if t.id in (design.assignment.templates or (t.id,))]
    problems += _unequal_templates(used)
    problems += _levels_without_text(design, used)
    problems += _unseen_contrasts(design, used)
    problems += _written_names(design, templates.all)
    problems += [p for template in used for p in _tones_of_template(template)]
    if not templates.of_kind("decline", language):
        problems.append(
            _problem(
                "letter-decline-missing",
                f"there is no letter to decline an invitation in language {language!r}",
                level="warning",
                hint='add one with kind = "decline": a viewing may not stay blocked',
            )
        )
    return problems


def check_twins(letters: Iterable[Letter], tolerance: float = LENGTH_TOLERANCE) -> list[Problem]:
    """What tells the letters of one test apart that should not.

    Looks for: *same* parts that differ; letters of unequal length; a tone that only one of
    them has; a line that only one of them has; the name, address or telephone number of one
    applicant in the letter of the other; letters that are equal but for the identity.

    Args:
        letters: application letters; those with the same `test` are twins.
        tolerance: how much longer the longest may be, as a share of the shortest.
    """
    by_test: dict[str, list[Letter]] = {}
    for letter in letters:
        by_test.setdefault(letter.test, []).append(letter)
    found: dict[tuple[str, str], Problem] = {}
    counts: dict[tuple[str, str], int] = {}
    for twins in by_test.values():
        for one, other in combinations(twins, 2):
            for problem in _compared(one, other, tolerance):
                place = (problem.code, problem.message)
                found.setdefault(place, problem)
                counts[place] = counts.get(place, 0) + 1
    return [replace(problem, count=counts[place]) for place, problem in found.items()]


def _compared(one: Letter, other: Letter, tolerance: float) -> list[Problem]:
    pair = f"{one.template!r} and {other.template!r}"
    where = f"test {one.test}"
    problems = []
    texts = {part.name: part.text for part in one.parts if part.rule == "same"}
    for part in other.parts:
        if part.rule == "same" and texts.get(part.name, part.text) != part.text:
            message = f"part {part.name!r} of {pair} should be the same in both letters"
            problems.append(_problem("twins-same-part", message, value=where, column=part.name))
    short, long = sorted((len(one.text), len(other.text)))
    if long > short * (1 + tolerance):
        message = f"letters from {pair} differ more than {tolerance:.0%} in length"
        problems.append(
            _problem("twins-length", message, value=f"{where}: {short} and {long} characters")
        )
    for tone, pattern in TONES[one.language].items():
        if one.language == other.language and _has(pattern, one) != _has(pattern, other):
            message = f"only one of the letters from {pair} has words of {tone}"
            problems.append(_problem("twins-tone", message, value=where))
    if bool(one.phone) != bool(other.phone):
        message = f"only one of the applicants of {pair} has a telephone number"
        problems.append(_problem("twins-phone", message, value=where, hint="see names.csv"))
    for letter, twin in ((one, other), (other, one)):
        leak = _leak(letter, twin)
        if leak:
            message = f"a letter from {letter.template!r} holds what identifies the other applicant"
            problems.append(_problem("twins-leak", message, value=f"{where}: {leak}"))
    if _neutral(one) == _neutral(other):
        message = f"letters from {pair} are equal but for the applicant: easily noticed"
        problems.append(_problem("twins-identical", message, level="warning", value=where))
    return problems


def _has(pattern: str, letter: Letter) -> bool:
    return re.search(pattern, letter.text.casefold()) is not None


def _leak(letter: Letter, twin: Letter) -> str:
    """What of the twin's identity stands in the letter, "" if nothing does."""
    text = f"{letter.subject}\n{letter.text}"
    own = _marks(letter)
    return next((m for m in sorted(_marks(twin) - own) if _word(m).search(text)), "")


def _marks(letter: Letter) -> set[str]:
    """What identifies who writes: name, address and telephone number."""
    first, _, last = letter.name.partition(" ")
    names = {part for part in (first, last) if len(part) >= SHORTEST_NAME}
    return {mark for mark in (letter.name, letter.mail, letter.phone, *names) if mark}


def _word(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")


def _neutral(letter: Letter) -> tuple[str, ...]:
    return tuple(part.text for part in letter.parts if part.rule != "different")


def _missing_scripts(design: Design, templates: Templates) -> list[Problem]:
    language = design.round.language
    return [
        _problem(
            "letter-script-missing",
            f"the script of call {call.id!r} is not in letters/",
            column="call.script",
            value=call.script or call.id,
            hint="there is: " + (", ".join(sorted({t.file for t in templates.all})) or "nothing"),
        )
        for call in design.calls
        if templates.find(call.script or call.id, language) is None
    ]


def _unequal_templates(templates: Sequence[Template]) -> list[Problem]:
    """Templates that do not serve the same round: other same parts, facts or attributes."""
    problems = []
    for one, other in combinations(templates, 2):
        texts = {p.name: [v.text for v in p.variants] for p in one.parts if p.rule == "same"}
        for part in other.parts:
            mine = texts.get(part.name)
            if part.rule == "same" and mine not in (None, [v.text for v in part.variants]):
                message = f"the same part {part.name!r} is not the same as in {one.file}"
                problems.append(_in_file(other, "templates-same-part", message, row=part.row))
        if one.facts != other.facts:
            message = f"states other facts than {one.file}"
            differing = ", ".join(sorted(one.facts ^ other.facts))
            problems.append(_in_file(other, "templates-facts", message, value=differing))
        if one.attributes != other.attributes:
            message = f"has parts by other attributes than {one.file}"
            differing = ", ".join(sorted(one.attributes ^ other.attributes))
            problems.append(_in_file(other, "templates-attributes", message, value=differing))
    return problems


def _levels_without_text(design: Design, templates: Sequence[Template]) -> list[Problem]:
    problems = []
    for template in templates:
        for part in template.parts:
            levels = {p.attributes.get(part.attribute or "") for p in design.profiles}
            for level in sorted(level for level in levels if level):
                if part.attribute and part.for_level(level) is None:
                    known = ", ".join(v.level or "" for v in part.variants)
                    message = f"part {part.name!r} has no text for {part.attribute} = {level}"
                    hint = f"add it under `-- {level}`; there is: {known}"
                    problems.append(
                        _in_file(template, "letter-level", message, row=part.row, hint=hint)
                    )
    return problems


def _unseen_contrasts(design: Design, templates: Sequence[Template]) -> list[Problem]:
    """Contrasts whose levels would get letters that do not tell them apart."""
    attributes = {p.id: p.attributes for p in design.profiles}
    problems = []
    for comparison in design.comparisons():
        tested = _differing_attributes(comparison, attributes)
        unseen = [t.file for t in templates if not t.attributes & tested]
        if unseen and comparison.ground not in NAME_GROUNDS:
            problems.append(
                _problem(
                    "letter-signal",
                    f"nothing in the letters shows the difference of contrast {comparison.id!r}",
                    column=comparison.attribute,
                    value=", ".join(unseen),
                    hint=f"add a part `== different: … by {comparison.attribute}` with a text "
                    "for every level",
                )
            )
    return problems


def _differing_attributes(
    comparison: Comparison, attributes: dict[str, dict[str, str]]
) -> frozenset[str]:
    if comparison.attribute != "profile":
        return frozenset((comparison.attribute,))
    control = set(attributes.get(comparison.control, {}).items())
    others = [set(attributes.get(test, {}).items()) for test in comparison.tests]
    return frozenset(name for other in others for name, _ in control ^ other)


def _written_names(design: Design, templates: Sequence[Template]) -> list[Problem]:
    """Names of applicants that somebody wrote into a template in place of {name}."""
    names = sorted({name for profile in design.profiles for name in profile.names if name})
    problems = []
    for template in templates:
        text = "\n".join(template.texts())
        written = [name for name in names if _word(name).search(text)]
        if written:
            problems.append(
                _in_file(
                    template,
                    "letter-name",
                    "the name of an applicant is written into the template",
                    value=", ".join(written),
                    hint="write {name}",
                )
            )
    return problems


def _tones_of_template(template: Template) -> list[Problem]:
    text = "\n".join(template.texts()).casefold()
    return [
        _in_file(
            template,
            "letter-tone",
            f"has no words of {tone} that are known in language {template.language!r}",
            level="warning",
        )
        for tone, pattern in TONES[template.language].items()
        if re.search(pattern, text) is None
    ]


def _in_file(
    template: Template,
    code: str,
    message: str,
    *,
    row: int | None = None,
    value: str | None = None,
    hint: str | None = None,
    level: Level = "error",
) -> Problem:
    text = None if value is None else shown(value)
    return Problem(
        code=code, message=message, level=level, file=template.file, row=row, value=text, hint=hint
    )


def _problem(
    code: str,
    message: str,
    *,
    column: str | None = None,
    value: str | None = None,
    hint: str | None = None,
    level: Level = "error",
) -> Problem:
    text = None if value is None else shown(value)
    return Problem(code=code, message=message, level=level, column=column, value=text, hint=hint)
