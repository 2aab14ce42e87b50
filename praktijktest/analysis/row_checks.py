"""Checks on single rows, and the filter that decides which rows belong to the analysis."""

import numpy as np

from praktijktest.analysis import encoding
from praktijktest.analysis.encoding import BoolArray
from praktijktest.analysis.findings import Findings, nearest_values
from praktijktest.analysis.log_columns import attributes_needed
from praktijktest.analysis.log_rows import LogRows
from praktijktest.design import Design
from praktijktest.tables import Column, canonical, parse_numbers


def kept_rows(rows: LogRows, design: Design) -> LogRows:
    """The rows that `[reading.keep]` names; all of them where it says nothing."""
    keep = np.ones(len(rows), dtype=bool)
    for name, wanted in design.reading.keep.items():
        column = rows.named(name)
        if column is not None:
            keep &= among(column, wanted)
    return rows if keep.all() else rows.select(keep)


def check_rows(rows: LogRows, design: Design, findings: Findings) -> None:
    """Note what is wrong with identity, profile, position, target and stage of each row."""
    if not len(rows):
        findings.general(
            "no-rows",
            "no row is left to analyse",
            hint="look at [reading.keep] in the design, and at the log",
        )
        return
    findings.rows(
        "empty-test",
        "this row does not say which test it belongs to",
        encoding.is_empty(rows.fields["test"]),
        column=_shown_name(design, "test"),
        hint="fill it in, or leave the row out of the log",
    )
    _check_profiles(rows, design, findings)
    _check_position(rows, design, findings)
    _check_stage(rows, design, findings)
    _check_targets(rows, design, findings)


def _check_profiles(rows: LogRows, design: Design, findings: Findings) -> None:
    profile = rows.fields["profile"]
    if design.profiles and not design.columns.wide and not design.columns.attributes:
        known = [canonical(entry.id) for entry in design.profiles]
        findings.rows(
            "unknown-profile",
            "this profile is not among the [[profile]] tables of the design",
            ~among(profile, [*known, ""]),
            column=_shown_name(design, "profile"),
            values=profile,
            hint=f"the design has: {', '.join(known)}",
            hints=nearest_values(profile, known),
        )
    if design.kind == "mystery":
        calls = [canonical(call.id) for call in design.calls]
        findings.rows(
            "unknown-call",
            "this call is not among the [[call]] tables of the design",
            ~among(profile, calls),
            column=_shown_name(design, "profile"),
            values=profile,
            hint=f"the design has: {', '.join(calls)}",
            hints=nearest_values(profile, calls),
        )
    for name in attributes_needed(design):
        column = rows.attributes.get(name)
        if column is None:
            continue
        findings.rows(
            "empty-attribute",
            f"there is no value for {name!r}: the application takes no part in its contrast",
            encoding.is_empty(column) & ~findings.bad,
            column=design.columns.attributes.get(name, name),
            level="warning",
        )
        if name in design.columns.attributes and design.profiles:
            known = sorted(
                {canonical(p.attributes[name]) for p in design.profiles if name in p.attributes}
            )
            findings.rows(
                "unknown-level",
                f"no [[profile]] table of the design has this value of {name!r}",
                ~among(column, [*known, ""]),
                column=design.columns.attributes[name],
                values=column,
                hint=f"the design has: {', '.join(known)}",
                hints=nearest_values(column, known),
            )


def _check_position(rows: LogRows, design: Design, findings: Findings) -> None:
    position = rows.fields.get("position")
    if position is None:
        return
    _, bad = parse_numbers(position.values)
    findings.rows(
        "not-a-number",
        "the position of sending is not a number",
        np.asarray(bad, dtype=bool)[position.codes],
        column=_shown_name(design, "position"),
        values=position,
        hint="write 1 for the application sent first, 2 for the next",
    )


def _check_stage(rows: LogRows, design: Design, findings: Findings) -> None:
    stage = rows.fields.get("stage")
    if stage is None:
        return
    present = sorted(set(encoding.occurring(stage)) - {""})
    if design.stages:
        known = [canonical(name) for name in design.stages]
        findings.rows(
            "unknown-stage",
            "the design knows no such stage",
            ~among(stage, known),
            column=_shown_name(design, "stage"),
            values=stage,
            hint=f"[test] stages has: {', '.join(known)}",
            hints=nearest_values(stage, known),
        )
        present = [name for name in present if name in known]
    if len(present) > 1:
        findings.general(
            "several-stages",
            f"the log holds {len(present)} stages: {', '.join(present)}",
            column=_shown_name(design, "stage"),
            hint="name them in their order under [test], for example "
            f'stages = ["{present[0]}", "{present[1]}"]; '
            f'or analyse one at a time: [reading.keep] stage = ["{present[0]}"]',
        )


def _check_targets(rows: LogRows, design: Design, findings: Findings) -> None:
    """One test is one advert of one target: two targets in a test are a mistake."""
    target = rows.fields.get("target")
    if target is None:
        return
    test = rows.fields["test"].codes
    filled = ~encoding.is_empty(target)
    last = np.full(len(rows.fields["test"].values), -1, dtype=np.int32)
    last[test[filled]] = target.codes[filled]
    differs = filled & (last[test] != target.codes)
    if not differs.any():
        return
    affected = np.zeros(len(last), dtype=bool)
    affected[test[differs]] = True
    findings.rows(
        "several-targets",
        "the applications of this test name different targets",
        affected[test] & filled,
        column=_shown_name(design, "target"),
        values=target,
        hint="a test is one advert of one target; correct the target or the test id",
    )


def among(column: Column, wanted: "list[str] | tuple[str, ...]") -> BoolArray:
    """Which rows have one of the wanted values."""
    names = {canonical(value) for value in wanted}
    return np.array([value in names for value in column.values], dtype=bool)[column.codes]


def _shown_name(design: Design, field: str) -> str:
    declared = getattr(design.columns, field, None)
    if declared is None:
        return field
    return declared if isinstance(declared, str) else ", ".join(declared)
