"""Letter templates: texts in parts that are the same, different or free within a test.

A template is a text file: TOML between +++ lines, then parts. Every part follows one of the
three rules of matched documents:

* *same*: literally equal in all applications of a test;
* *different*: says who the applicant is, by the applicant's level of an attribute
  (`by disability`), or is worded differently for every applicant of the test;
* *free*: a matter of wording, drawn without looking at the applicant.

What identifies an applicant may only stand in a *different* part. So whatever differs
between two letters and is not in such a part was dealt by chance.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Rule = Literal["same", "different", "free"]
Layout = Literal["paragraph", "same paragraph", "next line"]
KINDS: Final = ("application", "decline", "call")
RULES: Final[tuple[Rule, ...]] = ("same", "different", "free")
ANY_LEVEL: Final = "*"

PERSON_FIELDS: Final = ("name", "first_name", "last_name", "mail", "phone")
TEST_FIELDS: Final = ("advert", "link", "place")
CALL_FIELDS: Final = ("target", "contact")
ADVERT_FIELDS: Final = frozenset(("advert", "link"))

FIELD = re.compile(r"\{([^{}\n]*)\}")


@dataclass(frozen=True, slots=True)
class Variant:
    """One text of a part.

    Attributes:
        level: level of the part's attribute it is for, "*" for any; None where the part
            follows no attribute.
        text: the text, with placeholders.
        row: row in the file.
    """

    level: str | None
    text: str
    row: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a template.

    Attributes:
        name: name of the part; the parts of equal name in several templates correspond.
        rule: same, different or free.
        attribute: attribute whose level chooses the text, if any.
        layout: how the part follows the one before it.
        variants: its texts.
        row: row of its heading in the file.
    """

    name: str
    rule: Rule
    attribute: str | None
    layout: Layout
    variants: tuple[Variant, ...]
    row: int

    def for_level(self, level: str) -> Variant | None:
        """The text for a level, else the text for any level."""
        by_level = {variant.level: variant for variant in self.variants}
        return by_level.get(level) or by_level.get(ANY_LEVEL)


@dataclass(frozen=True, slots=True)
class Template:
    """A letter template or call script.

    Attributes:
        id: what the plan calls it; the same in every language.
        language: nl, fr or en.
        market: market it was written for.
        kind: application, decline (of an invitation) or call (a script).
        subject: subject line, with placeholders.
        facts: what it says about any applicant; templates that serve the same round must
            say the same.
        parts: the parts in order.
        file: base name of its file.
    """

    id: str
    language: str
    market: str
    kind: str
    subject: str
    facts: frozenset[str]
    parts: tuple[Part, ...]
    file: str

    def texts(self) -> Iterator[str]:
        """Every text of the template, the subject first."""
        yield self.subject
        for part in self.parts:
            for variant in part.variants:
                yield variant.text

    @property
    def fields(self) -> frozenset[str]:
        """The placeholders it uses, without the question mark of optional ones."""
        return frozenset(name.rstrip("?") for text in self.texts() for name in FIELD.findall(text))

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes that parts of it follow."""
        return frozenset(part.attribute for part in self.parts if part.attribute)


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of a round."""

    all: tuple[Template, ...]

    def find(self, name: str, language: str) -> Template | None:
        """The template of an id in a language, or of a script's file ("letters/call.nl.md")."""
        base = name.rpartition("/")[2]
        for template in self.all:
            if template.file == base:
                return template
        return next((t for t in self.all if (t.id, t.language) == (name, language)), None)

    def of_kind(self, kind: str, language: str) -> tuple[Template, ...]:
        """The templates of a kind in a language, by id."""
        return tuple(t for t in self.all if (t.kind, t.language) == (kind, language))

    def application_ids(self, language: str) -> tuple[str, ...]:
        """What the assignment deals out: ids of the application letters in a language."""
        return tuple(template.id for template in self.of_kind("application", language))


def known_fields(template: Template, rule: Rule, level: str | None) -> tuple[str, ...]:
    """The placeholders that may stand in a part of a template, without the strata."""
    if template.kind == "call":
        return (*PERSON_FIELDS, *TEST_FIELDS, *CALL_FIELDS)
    person = PERSON_FIELDS if rule == "different" else ()
    return (*person, *TEST_FIELDS, *(("level",) if level == ANY_LEVEL else ()))


def fields_of(text: str) -> list[str]:
    """The placeholders of a text in order, optional ones with their question mark."""
    return FIELD.findall(text)


def filled(text: str, values: dict[str, str]) -> str:
    """A text with its placeholders filled in.

    A line with an optional placeholder (`{phone?}`) that has no value is left out. Values
    are put in as they are: a brace in one of them means nothing.

    Raises:
        KeyError: a placeholder has no entry in `values`.
    """
    lines = []
    for line in text.split("\n"):
        optional = [name[:-1] for name in FIELD.findall(line) if name.endswith("?")]
        if all(values[name] for name in optional):
            lines.append(FIELD.sub(lambda match: values[match[1].rstrip("?")], line))
    return "\n".join(lines)
