"""Read letter templates from their files, or say everything that is wrong with them."""

import re
import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

from praktijktest.design.nearest import nearest
from praktijktest.planning.letters import (
    FIELD,
    KINDS,
    PERSON_FIELDS,
    RULES,
    Layout,
    Part,
    Rule,
    Template,
    Templates,
    Variant,
    fields_of,
    known_fields,
)
from praktijktest.problems import DataError, Problem, UsageError, shown
from praktijktest.vocabulary import FORMAT, LANGUAGES, MARKETS

FRONT: Final = "+++"
_HEADING = re.compile(
    r"== (?P<rule>[\w-]+): (?P<name>[\w-]+)"
    r"(?: by (?P<attribute>[\w-]+))?(?: \((?P<layout>same paragraph|next line)\))?"
)
_HEADING_FORM = "write `== free: opening`, `== different: mobility by disability` or so"


def load_templates(folder: Path, extra_fields: Collection[str] = ()) -> Templates:
    """Read every template (`*.md`) of a folder.

    Args:
        folder: the round's `letters/`.
        extra_fields: further placeholders that have a value: the strata of the round.

    Raises:
        UsageError: there is no such folder.
        DataError: a template cannot be used; the problems name every reason.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder.name} with letter templates.")
    found: list[Template] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.md")):
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            problems.append(_problem("letter-encoding", path.name, 1, "the file is not UTF-8"))
            continue
        template, own = parse_template(text, path.name, extra_fields)
        problems += own
        if template is not None:
            problems += _twice(template, found)
            found.append(template)
    if problems:
        raise DataError("The letter templates cannot be used.", problems)
    return Templates(tuple(sorted(found, key=lambda t: (t.id, t.language))))


def parse_template(
    text: str, file: str, extra_fields: Collection[str] = ()
) -> tuple[Template | None, list[Problem]]:
    """A template from its text, and what is wrong with it (None when it cannot be read).

    Args:
        text: the whole file.
        file: base name, for messages.
        extra_fields: further known placeholders.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != FRONT or FRONT not in (line.strip() for line in lines[1:]):
        message = "the file does not start with TOML between two +++ lines"
        return None, [_problem("letter-front", file, 1, message, hint="see docs/letters.md")]
    end = next(n for n, line in enumerate(lines[1:], 1) if line.strip() == FRONT)
    front, problems = _front_matter("\n".join(lines[1:end]), file)
    parts, part_problems = _parts(lines[end + 1 :], end + 2, file)
    problems += part_problems
    if front is None:
        return None, problems
    template = Template(parts=parts, file=file, **front)
    problems += _field_problems(template, extra_fields)
    return (None if problems else template), problems


def _front_matter(text: str, file: str) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The declared values of a template, checked."""
    try:
        declared = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"what stands between the +++ lines is not TOML: {error}"
        return None, [_problem("letter-front", file, 1, message)]
    choices: dict[str, Sequence[Any]] = {
        "format": (FORMAT,), "language": LANGUAGES, "market": MARKETS, "kind": KINDS,
    }  # fmt: skip
    known = ("format", "id", "language", "market", "kind", "subject", "facts")
    problems = [
        _problem("letter-front", file, 1, "unknown key", column=key, hint=nearest(key, known, "{}"))
        for key in declared
        if key not in known
    ]
    for key in known[:-1]:
        value = declared.get(key)
        allowed = choices.get(key)
        if value is None or (allowed is None and not (isinstance(value, str) and value.strip())):
            problems.append(_problem("letter-front", file, 1, "this key is needed", column=key))
        elif allowed is not None and value not in allowed:
            hint = "one of: " + ", ".join(map(str, allowed))
            problems.append(
                _problem(
                    "letter-front", file, 1, "unknown value", column=key, value=value, hint=hint
                )
            )
    facts = declared.get("facts", [])
    if not isinstance(facts, list) or not all(isinstance(fact, str) for fact in facts):
        problems.append(_problem("letter-front", file, 1, "is a list of texts", column="facts"))
    if problems:
        return None, problems
    kept = {key: declared[key] for key in known[1:-1]}
    return {**kept, "facts": frozenset(facts)}, []


def _parts(
    lines: Sequence[str], first_row: int, file: str
) -> tuple[tuple[Part, ...], list[Problem]]:
    """The parts of a template's body."""
    problems: list[Problem] = []
    starts = [n for n, line in enumerate(lines) if line.startswith("==")]
    if not starts:
        message = "the template has no parts"
        return (), [_problem("letter-part", file, first_row, message, hint=_HEADING_FORM)]
    outside = next((n for n, line in enumerate(lines[: starts[0]]) if line.strip()), None)
    if outside is not None:
        message = "text outside any part"
        problems.append(
            _problem("letter-part", file, first_row + outside, message, hint=_HEADING_FORM)
        )
    parts: list[Part] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        part, own = _part(lines[start:end], first_row + start, file)
        problems += own
        if part is not None and part.name in {known.name for known in parts}:
            message = f"there are two parts {part.name!r}"
            problems.append(_problem("letter-part", file, part.row, message))
        if part is not None:
            parts.append(part)
    return tuple(parts), problems


def _part(lines: Sequence[str], row: int, file: str) -> tuple[Part | None, list[Problem]]:
    """One part: its heading and its variants."""
    heading = _HEADING.fullmatch(lines[0].rstrip())
    if heading is None:
        message = "this heading is not understood"
        return None, [
            _problem("letter-part", file, row, message, value=lines[0], hint=_HEADING_FORM)
        ]
    rule = next((known for known in RULES if known == heading["rule"]), None)
    if rule is None:
        return None, [
            _problem("letter-part", file, row, "a part is same, different or free",
                     value=heading["rule"], hint=nearest(heading["rule"], RULES, "one of: {}"))
        ]  # fmt: skip
    attribute = heading["attribute"]
    if attribute and rule != "different":
        message = f"only a different part follows an attribute, and this one is {rule}"
        return None, [_problem("letter-part", file, row, message, value=lines[0])]
    variants, problems = _variants(lines[1:], row + 1, file, by_level=attribute is not None)
    layout: Layout = "paragraph"
    if heading["layout"]:
        layout = "same paragraph" if heading["layout"] == "same paragraph" else "next line"
    return Part(heading["name"], rule, attribute, layout, variants, row), problems


def _variants(
    lines: Sequence[str], first_row: int, file: str, *, by_level: bool
) -> tuple[tuple[Variant, ...], list[Problem]]:
    """The texts of a part: by level after `-- level`, else one after another with `-- or`."""
    problems: list[Problem] = []
    found: list[Variant] = []
    marks = [n for n, line in enumerate(lines) if line.startswith("-- ")]
    starts = marks if by_level else [-1, *marks]
    if by_level and (not marks or any(line.strip() for line in lines[: marks[0]])):
        message = "a part that follows an attribute has its texts under `-- level` lines"
        return (), [_problem("letter-part", file, first_row, message)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        mark = lines[start][3:].strip() if start >= 0 else "or"
        text = "\n".join(line.rstrip() for line in lines[start + 1 : end]).strip("\n")
        row = first_row + start + 1
        if not by_level and mark != "or":
            message = "this part follows no attribute, so its texts are divided by `-- or`"
            problems.append(_problem("letter-part", file, row - 1, message, value=mark))
        if not text and not by_level:
            problems.append(_problem("letter-part", file, row, "this text is empty"))
        if by_level and mark in {variant.level for variant in found}:
            problems.append(
                _problem("letter-part", file, row - 1, "this level stands here twice", value=mark)
            )
        found.append(Variant(mark if by_level else None, text, row))
    return tuple(found), problems


def _field_problems(template: Template, extra: Collection[str]) -> list[Problem]:
    """Placeholders that are unknown, or known but not in this kind of part."""
    problems = []
    places: list[tuple[str, Rule, Variant]] = [
        ("subject", "free", Variant(None, template.subject, 1)),
        *((part.name, part.rule, v) for part in template.parts for v in part.variants),
    ]
    for part, rule, variant in places:
        known = (*known_fields(template, rule, variant.level), *extra)
        for number, line in enumerate(variant.text.split("\n")):
            row = variant.row + number
            for name in fields_of(line):
                if name.removesuffix("?") not in known:
                    problems.append(_unknown_field(template, part, rule, row, name, known))
            if "{" in FIELD.sub("", line) or "}" in FIELD.sub("", line):
                message = f"a brace without its other half in part {part!r}"
                problems.append(_problem("letter-placeholder", template.file, row, message))
    return problems


def _unknown_field(
    template: Template, part: str, rule: Rule, row: int, name: str, known: Sequence[str]
) -> Problem:
    bare = name.removesuffix("?")
    if bare in PERSON_FIELDS:
        message = (
            f"template {template.id!r}: {{{bare}}} says who writes, and part {part!r} is {rule}; "
            "an applicant may show in different parts only"
        )
        return _problem("letter-identity", template.file, row, message, column=part)
    listed = ", ".join(f"{{{field}}}" for field in known)
    close = nearest(bare, known, "")
    hint = f"{close} known here: {listed}" if close else f"known here: {listed}"
    message = f"template {template.id!r} has an unknown placeholder in part {part!r}"
    return _problem(
        "letter-placeholder", template.file, row, message,
        column=part, value=f"{{{name}}}", hint=hint,
    )  # fmt: skip


def _twice(template: Template, found: Sequence[Template]) -> list[Problem]:
    same = [t.file for t in found if (t.id, t.language) == (template.id, template.language)]
    if not same:
        return []
    message = f"{same[0]} is also template {template.id!r} in {template.language!r}"
    return [_problem("letter-twice", template.file, 1, message, hint="give one another id")]


def _problem(
    code: str,
    file: str,
    row: int,
    message: str,
    *,
    column: str | None = None,
    value: object = None,
    hint: str | None = None,
) -> Problem:
    text = None if value is None else shown(value)
    return Problem(
        code=code, message=message, file=file, row=row, column=column, value=text, hint=hint
    )
