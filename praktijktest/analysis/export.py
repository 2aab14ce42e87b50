"""The coded applications as a table that may be shared: no names, no free text."""

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import AnyAnalysis, encoding
from praktijktest.analysis.applications import Applications
from praktijktest.tables import Column

FIELDS = ("wave", "phase", "stage", "template", "channel")


def applications_table(analysis: AnyAnalysis) -> tuple[list[str], list[Column]]:
    """Header and columns of `applications.csv`, rows in order of test, profile and position.

    Tests and targets carry pseudonyms; columns with free text or people's names (note,
    tester, coder, advert) are not in it. Tests of the second phase follow the first.
    """
    phases = [analysis.applications]
    if analysis.retests is not None:
        phases.append(analysis.retests.applications)
    tests = sum(len(found.test_ids) for found in phases)
    parts, first = [], 1
    for found in phases:
        columns = _columns(found, analysis, first, len(str(tests)))
        order = _order(found)
        parts.append({name: encoding.take(column, order) for name, column in columns.items()})
        first += len(found.test_ids)
    if len(parts) == 1:
        return list(parts[0]), list(parts[0].values())
    return list(parts[0]), [encoding.stacked([part[name] for part in parts]) for name in parts[0]]


def _columns(
    found: Applications, analysis: AnyAnalysis, first: int, width: int
) -> dict[str, Column]:
    rows, coded = found.rows, found.coded
    pseudonym = analysis.pseudonyms
    names = [pseudonym[name] for name in found.target_ids.tolist()]
    target = Column(
        np.where(found.target < 0, len(names), found.target)[found.test].astype(np.int32),
        encoding.text_array([*names, ""]),
    )
    tests = encoding.text_array(
        list(map(f"T%0{width}d".__mod__, range(first, first + len(found.test_ids))))
    )
    columns = {
        "test": Column(found.test, tests),
        "target": target,
        "profile": rows.fields["profile"],
    }
    columns |= {f"attribute:{name}": rows.attributes[name] for name in sorted(rows.attributes)}
    if "position" in rows.fields:
        columns["position"] = rows.fields["position"]
    columns |= {name: rows.fields[name] for name in FIELDS if name in rows.fields}
    for name in analysis.design.analysis.strata:
        column = rows.named(name)
        if column is not None and name not in columns and f"attribute:{name}" not in columns:
            columns[f"stratum:{name}"] = column
    columns["outcome"] = coded.outcome
    columns |= {f"positive:{rule}": _flag(flags) for rule, flags in coded.positive.items()}
    columns["late"] = _flag(coded.late)
    columns["failed"] = coded.failed
    columns["status"] = _status(found)
    return columns


def _flag(flags: encoding.BoolArray) -> Column:
    return Column(flags.astype(np.int32), encoding.text_array(["0", "1"]))


def _status(found: Applications) -> Column:
    failed = np.asarray(found.test_failed != "", dtype=bool)[found.test]
    codes = np.select([failed, found.coded.pending], [1, 2], default=0).astype(np.int32)
    return Column(codes, encoding.text_array(["used", "test-failed", "pending"]))


def _order(found: Applications) -> NDArray[np.int64]:
    """Rows by test, profile, position and outcome, whatever their order in the log."""
    rows = found.rows
    columns = [rows.fields["profile"], found.coded.outcome]
    if "position" in rows.fields:
        columns.insert(1, rows.fields["position"])
    keys = found.test.astype(np.int64)
    for column in columns:
        keys = keys * len(column.values) + encoding.ranks(column.values)[column.codes]
    return np.argsort(keys, kind="stable")
