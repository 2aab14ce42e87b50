"""What a design says about the log, in words."""

from praktijktest.design.keys import dotted
from praktijktest.design.model import Design
from praktijktest.design.sections import Applicant, Columns
from praktijktest.design.summary_lines import Line, filters, listed, quoted
from praktijktest.design.wording import CONTACTS, SAME_PROFILE

_NESTED = ("attributes", "values", "types", "wide")


def log_lines(design: Design) -> list[Line]:
    """Columns whose names differ, recodings, types and the applicants of a wide log."""
    columns = design.columns
    lines = _renamed(columns)
    for name, column in columns.attributes.items():
        lines.append((f"attribute {name}", f"column {column!r}"))
    for name, recoding in columns.values.items():
        changes = [f"{theirs!r} is {ours!r}" for theirs, ours in recoding.items()]
        lines.append((f"recoded: {name}", ", ".join(changes)))
    if columns.types:
        types = [f"{dotted((name,))} is {kind}" for name, kind in columns.types.items()]
        lines.append(("types", ", ".join(types)))
    for number, applicant in enumerate(design.columns.wide, 1):
        lines.append((f"applicant {number}", _applicant(applicant)))
    return lines


def reading_lines(design: Design) -> list[Line]:
    """The rules by which the log is read, the default ones too."""
    reading = design.reading
    lines = []
    if reading.sheet is not None:
        sheet = "every sheet" if reading.sheet == "all" else f"sheet {reading.sheet!r}"
        lines.append(("sheet", sheet))
    if reading.header_row != 1:
        lines.append(("header", f"in row {reading.header_row}"))
    if reading.keep:
        lines.append(("only rows where", filters(reading.keep)))
    empty = reading.missing_outcome
    lines.append(("empty outcome", "an error" if empty == "error" else f"means {empty}"))
    if design.kind in ("paired", "set"):
        several = SAME_PROFILE[reading.same_profile]
        lines.append(("same level twice", f"several applications of it in a test: {several}"))
        if reading.same_profile == "best":
            lines.append(("unequal numbers", _unequal(reading.unequal)))
    replies = CONTACTS[reading.contacts]
    lines.append(("several replies", f"several rows with one application id: {replies}"))
    return lines


def _renamed(columns: Columns) -> list[Line]:
    lines = []
    for name in type(columns).model_fields:
        value = getattr(columns, name)
        if name in _NESTED or value is None:
            continue
        if isinstance(value, str):
            text = f"column {value!r}"
        else:
            text = f"columns {listed(quoted(value), 'and')} together"
        if name == "cluster":
            text += ": the unit of independence for standard errors"
        lines.append((name, text))
    return lines


def _applicant(applicant: Applicant) -> str:
    who = [applicant.profile] if applicant.profile else []
    who += [f"{name} {value}" for name, value in (applicant.attributes or {}).items()]
    cells = [
        f"{name} in {value!r}"
        for name in type(applicant).model_fields
        if name not in ("profile", "attributes", "optional")
        and (value := getattr(applicant, name)) is not None
    ]
    absent = "; not part of a test where its cells are all empty" if applicant.optional else ""
    return f"{', '.join(who)}: {', '.join(cells)}{absent}"


def _unequal(rule: str) -> str:
    if rule == "allow":
        return "allowed, although the best of more applications is better by chance alone"
    return "an error, because the best of more applications is better by chance alone"
