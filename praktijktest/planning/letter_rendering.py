"""Fill the letter templates in for every planned application, and for declining afterwards."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from praktijktest.design import Design
from praktijktest.planning.letters import (
    ADVERT_FIELDS,
    Layout,
    Part,
    Rule,
    Template,
    Templates,
    fields_of,
    filled,
)
from praktijktest.planning.ordering import key, ranks
from praktijktest.planning.plan import Plan, PlannedApplication
from praktijktest.problems import DataError, Problem, shown
from praktijktest.vocabulary import LANGUAGES

LANGUAGE_STRATUM: Final = "language"
"""A stratum of this name says in which language an advert is answered."""

_JOINTS: Final[dict[Layout, str]] = {
    "paragraph": "\n\n",
    "same paragraph": " ",
    "next line": "\n",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """How a fictitious applicant can be reached.

    Attributes:
        mail: mail address, "" where unknown.
        phone: telephone number, "" where unknown.
    """

    mail: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class LetterPart:
    """One part of a letter as it was filled in.

    Attributes:
        name: name of the part.
        rule: same, different or free.
        text: the text; "" where the applicant has no level of the part's attribute.
    """

    name: str
    rule: Rule
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What one person is to send, or to say on the telephone.

    Attributes:
        application: id of the application.
        test: id of its test.
        template: id of the template.
        kind: application, decline or call.
        language: nl, fr or en.
        subject: subject line.
        parts: the parts in order, empty ones too.
        text: the letter without subject.
        name: who writes.
        mail: address the letter comes from, "" where unknown.
        phone: telephone number of who writes, "" where unknown.
        contact: whom it is for.
        link: where the advert stands.
        advert: reference of the advert.
        channel: mail, form or phone.
        tester: who sends it.
        send_at: planned moment of sending.
    """

    application: str
    test: str
    template: str
    kind: str
    language: str
    subject: str
    parts: tuple[LetterPart, ...]
    text: str
    name: str
    mail: str
    phone: str
    contact: str
    link: str
    advert: str
    channel: str
    tester: str
    send_at: datetime


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of a plan.

    Attributes:
        letters: one per application that can be written, in the order of the plan.
        declines: how each of them declines an invitation; empty without a template for it.
        waiting: applications whose slot has no advert yet.
    """

    letters: tuple[Letter, ...]
    declines: tuple[Letter, ...]
    waiting: int


@dataclass(slots=True)
class _Missing:
    """Counts what is missing, so that it is said once and not per letter."""

    places: Counter[Problem] = field(default_factory=Counter)
    first: dict[Problem, str] = field(default_factory=dict)

    def add(self, problem: Problem, application: str) -> None:
        self.places[problem] += 1
        self.first.setdefault(problem, application)

    def problems(self) -> list[Problem]:
        return [
            replace(problem, value=self.first[problem], count=count)
            for problem, count in self.places.items()
        ]


def render_letters(
    plan: Plan,
    design: Design,
    templates: Templates,
    identities: Mapping[str, Identity] | None = None,
) -> Letters:
    """Fill in the letter of every application of a plan.

    Args:
        plan: the plan; what is free in a template follows from its seed.
        design: the design of the round.
        templates: the templates of the round.
        identities: name -> how that applicant can be reached.

    Raises:
        DataError: a template is missing, has no text for a profile's level, or needs a
            value that is not there; the problems name every reason.
    """
    known = identities or {}
    problems: dict[str, Problem] = {}
    missing = _Missing()
    letters: list[Letter] = []
    declines: list[Letter] = []
    waiting = 0
    profiles = {profile.id: profile.attributes for profile in design.profiles}
    place = design.round.place or ""
    of_adverts = {one.file for one in templates.all if one.fields & ADVERT_FIELDS}
    for row in plan.applications:
        language = _language(row, design)
        template = templates.find(row.template, language)
        if template is None:
            problem = _no_template(row.template, language, templates)
            problems.setdefault(problem.message, problem)
            continue
        if not row.advert and template.file in of_adverts:
            waiting += 1
            continue
        identity = known.get(row.name, Identity())
        attributes = profiles.get(row.profile, {})
        draft = _Draft(row, attributes, _values(row, identity, place), plan.seed, missing)
        letters.append(draft.write(template))
        if template.kind == "application":
            declines += [draft.write(t) for t in templates.of_kind("decline", language)[:1]]
    found = [*problems.values(), *missing.problems()]
    if found:
        raise DataError("The letters cannot be written.", found)
    return Letters(tuple(letters), tuple(declines), waiting)


def _language(row: PlannedApplication, design: Design) -> str:
    wanted = row.strata.get(LANGUAGE_STRATUM, "")
    return wanted if wanted in LANGUAGES else design.round.language


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the letters of one application are made from."""

    row: PlannedApplication
    attributes: Mapping[str, str]
    values: Mapping[str, str]
    seed: int
    missing: _Missing

    def write(self, template: Template) -> Letter:
        """The letter of one template for this application."""
        row = self.row
        parts = tuple(
            LetterPart(part.name, part.rule, self._part_text(template, part))
            for part in template.parts
        )
        return Letter(
            application=row.application,
            test=row.test,
            template=template.id,
            kind=template.kind,
            language=template.language,
            subject=self._filled(template, template.subject, {}),
            parts=parts,
            text=_laid_out(template.parts, parts),
            name=row.name,
            mail=self.values["mail"],
            phone=self.values["phone"],
            contact=row.contact,
            link=row.link,
            advert=row.advert,
            channel=row.channel,
            tester=row.tester,
            send_at=row.send_at,
        )

    def _part_text(self, template: Template, part: Part) -> str:
        if part.attribute is None:
            text = part.variants[self._drawn(template, part)].text
            return self._filled(template, text, {})
        level = self.attributes.get(part.attribute, "")
        if not level:
            return ""
        variant = part.for_level(level)
        if variant is None:
            self.missing.add(_no_text(template, part, level), self.row.application)
            return ""
        return self._filled(template, variant.text, {"level": level})

    def _drawn(self, template: Template, part: Part) -> int:
        """Which text of a part: one per test, another for each applicant, or anyone's."""
        count = len(part.variants)
        if count == 1:
            return 0
        purpose = f"letter/{template.kind}/{part.name}"
        if part.rule == "free":
            return key(self.seed, purpose, self.row.application) % count
        if part.rule == "same":
            return key(self.seed, purpose, self.row.test) % count
        order = ranks(self.seed, purpose, [f"{self.row.test}|{n}" for n in range(count)])
        return int(order[(self.row.position - 1) % count])

    def _filled(self, template: Template, text: str, more: dict[str, str]) -> str:
        values = {**self.values, **more}
        for name in fields_of(text):
            if not name.endswith("?") and not values.get(name):
                self.missing.add(_no_value(template, name), self.row.application)
                values.setdefault(name, "")
        return filled(text, values)


def _values(row: PlannedApplication, identity: Identity, place: str) -> dict[str, str]:
    """What every placeholder stands for, each on one line."""
    first, _, last = row.name.partition(" ")
    values = {
        **row.strata,
        "name": row.name,
        "first_name": first,
        "last_name": last,
        "mail": row.mailbox if "@" in row.mailbox else identity.mail,
        "phone": identity.phone,
        "advert": row.advert,
        "link": row.link,
        "place": place,
        "target": row.target,
        "contact": row.contact,
    }
    return {name: " ".join(value.split()) for name, value in values.items()}


def _laid_out(parts: Sequence[Part], texts: Sequence[LetterPart]) -> str:
    """The letter as one text; parts without text leave no gap."""
    letter = ""
    for part, written in zip(parts, texts, strict=True):
        if written.text:
            letter += (_JOINTS[part.layout] if letter else "") + written.text
    return letter + "\n"


def _no_value(template: Template, name: str) -> Problem:
    return Problem(
        code="letter-value-missing",
        message=f"template {template.id!r} needs {{{name}}}, which has no value",
        file=template.file,
        column=name,
        hint="fill it in (names.csv has mail and phone, the frame the rest), or write "
        f"{{{name}?}} to leave its line out",
    )


def _no_text(template: Template, part: Part, level: str) -> Problem:
    return Problem(
        code="letter-level",
        message=f"part {part.name!r} has no text for {part.attribute} = {shown(level)}",
        file=template.file,
        row=part.row,
        column=part.name,
        hint=f"add it under `-- {shown(level)}`",
    )


def _no_template(name: str, language: str, templates: Templates) -> Problem:
    known = ", ".join(sorted({f"{t.id} ({t.language})" for t in templates.all}))
    return Problem(
        code="letter-template-missing",
        message=f"the plan uses letter template {shown(name)!r}, which is not in letters/ in "
        f"language {language!r}",
        value=shown(name),
        hint=f"there is: {known}" if known else "put the templates in letters/",
    )
