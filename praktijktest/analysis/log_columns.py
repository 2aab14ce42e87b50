"""Which columns of a log the design needs, and under which name the log has them."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from praktijktest.design import Design
from praktijktest.problems import Problem
from praktijktest.vocabulary import LOG_COLUMNS

JOINED = ("test", "target", "profile", "cluster", "application")
"""Contract columns that a log may spread over several columns."""

ONLY_WHEN_DECLARED = ("advert", "coder", "tester", "note", "cluster")
"""Columns that are not taken by their name alone: free text that no statistic needs, and the
cluster, which a log may well call something else by that name."""

APPLICANT_COLUMNS = (
    "outcome",
    "position",
    "sent_at",
    "replied_at",
    "failed",
    "evidence",
    "template",
    "channel",
    "application",
)
"""Columns of a wide log that belong to one applicant."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Where each thing the analysis needs stands in the log.

    Attributes:
        fields: contract column -> the log's columns that together hold it.
        attributes: attribute -> the log's column.
        carried: stratum, covariate or filter -> the log's column.
        missing: a problem for every column that the design needs and the log lacks.
    """

    fields: dict[str, tuple[str, ...]]
    attributes: dict[str, str]
    carried: dict[str, str]
    missing: tuple[Problem, ...]

    def names(self) -> set[str]:
        """Every column of the log that must be read."""
        joined = {name for names in self.fields.values() for name in names}
        return joined | set(self.attributes.values()) | set(self.carried.values())


def plan_columns(design: Design, header: Sequence[str]) -> ColumnPlan:
    """Decide which columns of a log with this header are read, and as what."""
    present = set(header)
    fields: dict[str, tuple[str, ...]] = {}
    missing: dict[str, str] = {}
    wide = {name for applicant in design.columns.wide for name in _cells(applicant)}
    for name in (*LOG_COLUMNS, "cluster"):
        declared = _declared(design, name)
        by_name = name in present and name not in ONLY_WHEN_DECLARED
        columns = declared or ((name,) if by_name else ())
        if wide and name in {*APPLICANT_COLUMNS, "profile"} and not declared:
            continue
        if columns:
            fields[name] = columns
        missing.update({c: f"columns.{name}" for c in columns if c not in present})
    attributes = _attribute_columns(design, present, fields)
    missing.update(
        {c: f"columns.attributes.{a}" for a, c in attributes.items() if c not in present}
    )
    carried: dict[str, str] = {name: name for name in wide}
    for name, key in _carried_names(design):
        if name in fields or name in attributes or name in profile_attributes(design):
            continue
        carried[name] = _first(_declared(design, name)) or name
        if carried[name] not in present:
            missing[carried[name]] = key
    missing.update({c: "columns.wide" for c in wide if c not in present})
    problems = [_missing(column, key, header) for column, key in missing.items()]
    problems += _required(design, fields, attributes, header)
    return ColumnPlan(fields, attributes, carried, tuple(problems))


def attributes_needed(design: Design) -> tuple[str, ...]:
    """Attributes that some comparison looks at, without the whole profile."""
    names = {name for c in design.comparisons() for name in (c.attribute, *c.within)}
    return tuple(sorted(names - {"profile"}))


def profile_attributes(design: Design) -> set[str]:
    """Attributes that the design's own profile tables give."""
    return {name for profile in design.profiles for name in profile.attributes}


def _attribute_columns(
    design: Design, present: set[str], fields: dict[str, tuple[str, ...]]
) -> dict[str, str]:
    attributes = dict(design.columns.attributes)
    if design.columns.wide:
        return attributes
    from_profile = profile_attributes(design)
    for name in attributes_needed(design):
        if name in attributes or (name in from_profile and "profile" in fields):
            continue
        attributes[name] = name
    needed = set(attributes_needed(design)) | {name for name, _ in _carried_names(design)}
    return {a: c for a, c in attributes.items() if a in needed or c in present}


def _carried_names(design: Design) -> list[tuple[str, str]]:
    names = [(name, "analysis.strata") for name in design.analysis.strata]
    names += [(name, "analysis.covariates") for name in design.analysis.covariates]
    compared = {c.attribute for c in design.comparisons()}
    names += [
        (name, "analysis.interactions")
        for crossing in design.analysis.interactions
        for name in crossing.split(":")
        if name not in compared
    ]
    if design.analysis.identity:
        names.append((design.analysis.identity, "analysis.identity"))
    names += [(name, "reading.keep") for name in design.reading.keep]
    return names + [(name, "flagging.only") for name in design.flagging.only]


def _declared(design: Design, name: str) -> tuple[str, ...]:
    declared = getattr(design.columns, name, None)
    if declared is None:
        return ()
    return (declared,) if isinstance(declared, str) else tuple(declared)


def _first(names: tuple[str, ...]) -> str | None:
    return names[0] if names else None


def _cells(applicant: object) -> list[str]:
    cells = (getattr(applicant, name, None) for name in APPLICANT_COLUMNS)
    return [cell for cell in cells if cell]


def _required(
    design: Design,
    fields: dict[str, tuple[str, ...]],
    attributes: dict[str, str],
    header: Sequence[str],
) -> list[Problem]:
    if design.columns.wide:
        return []
    required = ["test", "outcome"]
    one_call = design.kind == "mystery" and len(design.calls) == 1
    if design.stages and design.columns.stage is None:
        required.append("stage")
    by_profile = any(c.attribute == "profile" for c in design.comparisons())
    if by_profile or not (attributes or one_call):
        required.append("profile")
    return [
        _missing(name, f"columns.{name}", header, contract=True)
        for name in required
        if name not in fields
    ]


def _missing(column: str, key: str, header: Sequence[str], *, contract: bool = False) -> Problem:
    close = difflib.get_close_matches(column, header, n=1, cutoff=0.6)
    nearest = f"did you mean {close[0]!r}? " if close else ""
    what = "the log has no column" if contract else f"the log has no column {column!r}"
    message = f"{what} {column!r}" if contract else f"{what}, which the design names in {key}"
    listed = ", ".join(header[:12]) + (", …" if len(header) > 12 else "")
    hint = f"{nearest}name the log's own column under {key}; the log has: {listed}"
    return Problem(code="missing-column", message=message, column=column, hint=hint)
