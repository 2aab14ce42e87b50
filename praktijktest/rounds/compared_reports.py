"""The tests of a round from its report folder, as its analysis counted them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from praktijktest.problems import DataError, PraktijktestError, Problem, UsageError
from praktijktest.rounds.compared_tests import (
    UNKNOWN,
    ComparedRound,
    ComparedTests,
    Treated,
    groups_of,
    in_years,
)
from praktijktest.storage import folder_kind, sha256_of_file

if TYPE_CHECKING:
    import pandas as pd

    from praktijktest.design import Comparison, Design

WITHOUT_PAIRS = ("single", "mystery")


@dataclass(frozen=True, slots=True)
class ReadReport:
    """An analysis as it lies in a report folder.

    Attributes:
        name: what messages call it.
        source: what it was read from, for the list of inputs.
        sha256: of the analysis document's bytes.
        document: the analysis document.
        design: the design it was made with.
        applications: coded applications of the screening, as text.
        targets: pseudonym -> the log's own id of the target.
    """

    name: str
    source: str
    sha256: str
    document: dict[str, Any]
    design: "Design"
    applications: "pd.DataFrame"
    targets: dict[str, str]

    def contrasts(self) -> dict[str, Mapping[str, Any]]:
        """The contrasts over the whole round under the primary rule, by id."""
        return whole_rounds(self.document)


def whole_rounds(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The contrasts of a document over the whole round under the primary rule, by id."""
    return {
        entry["id"]: entry
        for entry in document["contrasts"]
        if entry["primary"] and entry["stratum"] is None
    }


def refuse_other_kinds(kind: str, name: str) -> None:
    """Refuse tests that have no pairs.

    Raises:
        UsageError: the kind of test is single or mystery.
    """
    if kind in WITHOUT_PAIRS:
        raise UsageError(
            f"{name} holds tests of kind {kind!r}; rounds of paired tests can be compared."
        )


def read_report(folder: Path) -> ReadReport:
    """Read a report folder.

    Raises:
        UsageError: it is no report folder, or of a kind of test that has no pairs.
        DataError: a file in it is damaged.
    """
    from praktijktest.design import read_design

    name = folder.resolve().name
    if not folder.is_dir() or folder_kind(folder) != "report":
        raise UsageError(
            f"{name} is neither a report folder nor a round folder; make a report of a log with "
            "`praktijktest analyse … --out DIR`."
        )
    if not (folder / "analysis.json").is_file() and (folder / "comparison.json").is_file():
        raise UsageError(f"{name} is itself a comparison; compare the rounds in it.")
    try:
        document = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
        kind = document["round"]["kind"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(name) from error
    refuse_other_kinds(kind, name)
    try:
        report = ReadReport(
            name=name,
            source=f"{name}/analysis.json",
            sha256=sha256_of_file(folder / "analysis.json"),
            document=document,
            design=read_design(folder / "design.toml"),
            applications=_applications(folder, document),
            targets={row["pseudonym"]: row["target"] for row in document["targets"]},
        )
        _ = document["method"]["primary"], document["data"]["simulated"], report.contrasts()
    except (OSError, ValueError, KeyError, TypeError, PraktijktestError) as error:
        raise damaged(name) from error
    return report


def damaged(
    name: str,
    what: str = "this report folder cannot be read",
    hint: str = "make it again with `praktijktest analyse`",
) -> DataError:
    """The error of a folder that does not hold together."""
    problem = Problem(
        code="damaged-report",
        message=what,
        file=name,
        hint=hint,
    )
    return DataError("A report folder is damaged.", [problem])


def _applications(folder: Path, document: Mapping[str, Any]) -> "pd.DataFrame":
    """The coded applications; fresh tests of who was flagged have no part in the round's rates."""
    import pandas as pd

    found = pd.read_csv(
        folder / "applications.csv", dtype=str, keep_default_na=False, encoding="utf-8"
    )
    attributes = {entry["attribute"] for entry in document["contrasts"]} - {"profile"}
    _ = found[
        [
            *("test", "target", "profile", "status"),
            f"positive:{document['method']['primary']}",
            *(f"attribute:{name}" for name in attributes),
        ]
    ]
    return screened(found, document)


def screened(applications: "pd.DataFrame", document: Mapping[str, Any]) -> "pd.DataFrame":
    """The applications of the screening alone."""
    from praktijktest.tables import canonical

    if document["retests"] is None:
        return applications
    fresh = applications["phase"].map(canonical) == "confirm"
    return applications[~fresh].reset_index(drop=True)


def compared_report(report: ReadReport, label: str, treated: Treated | None) -> ComparedRound:
    """A round as it takes part in a comparison.

    Args:
        report: the round.
        label: what it is called beside the others.
        treated: who is set apart.

    Raises:
        UsageError: the round has no such column.
        DataError: the coded applications are not those of the analysis.
    """
    about, data = report.document["round"], report.document["data"]
    days = [date.fromisoformat(about[end]) for end in ("start", "end") if about[end]]
    clusters, targets, unmatched = _clusters(report)
    group = _groups(report, treated)
    tests = {}
    for comparison in report.design.comparisons():
        if comparison.id in report.contrasts():
            found = _units(report, comparison, clusters, targets, group)
            _check(report, comparison, found)
            tests[comparison.id] = found
    notes = [{"code": "targets-unmatched", "round": label, "count": unmatched}] if unmatched else []
    coarser = [
        name
        for name, found in tests.items()
        if not unmatched and len(set(found.cluster)) > report.contrasts()[name]["clusters"]
    ]
    notes += [{"code": "clusters-coarser", "round": label, "contrast": name} for name in coarser]
    if report.document["retests"] is not None:
        notes.append({"code": "retests-left-out", "round": label})
    return ComparedRound(
        label=label,
        about={
            "title": about["title"],
            "place": about["place"],
            "start": about["start"],
            "end": about["end"],
            "tests": data["tests_usable"],
            "targets": data["targets"],
            "sha256": report.sha256,
        },
        document=report.document,
        contrasts=report.contrasts(),
        tests=tests,
        binary=report.document["method"]["same_profile"] != "mean",
        moment=in_years(sum(day.toordinal() for day in days) / 2) if len(days) == 2 else None,
        notes=tuple(notes),
    )


def _clusters(report: ReadReport) -> "tuple[pd.Series[str], pd.Series[str], int]":
    """Cluster and own id of the target of every test, and tests whose target has no own id.

    A pseudonym means nothing outside its round: one without an own id in the analysis (out of
    the scope of flagging, or flagged as a group) must not meet the same pseudonym elsewhere.
    """
    first = report.applications.drop_duplicates("test").set_index("test")
    pseudonym = first["target"]
    own = pseudonym.map(report.targets).astype(object).fillna("")
    alone = f"{report.sha256}\n" + pseudonym.where(pseudonym != "", first.index.to_series())
    unmatched = int(((pseudonym != "") & (own == "")).sum())
    return own.where(own != "", alone), own, unmatched


def _groups(report: ReadReport, treated: Treated | None) -> "pd.Series[int] | None":
    """Treated or not, by test; None where nobody is set apart by a column."""
    if treated is None or treated.tested_before:
        return None
    import pandas as pd

    rows = report.applications
    name = treated.column
    column = next((c for c in (name, f"stratum:{name}", f"attribute:{name}") if c in rows), None)
    if column is None:
        known = sorted(str(c).removeprefix("stratum:") for c in rows if str(c)[:8] == "stratum:")
        raise UsageError(
            f"The report {report.name} has no column {name!r}; it has: {', '.join(known) or 'none'}"
            ". Add it to `strata` under [analysis] and analyse the round again."
        )
    by_test = rows.groupby("test")[column].agg(["first", "nunique"])
    value = by_test["first"].where(by_test["nunique"] == 1, "").to_numpy(dtype=object)
    return pd.Series(groups_of(value, treated.value), index=by_test.index)


def _units(
    report: ReadReport,
    comparison: "Comparison",
    clusters: "pd.Series[str]",
    targets: "pd.Series[str]",
    group: "pd.Series[int] | None",
) -> ComparedTests:
    """The pairs of a contrast, by the same rules as in the analysis itself."""
    rows = report.applications
    arm = _arms(rows, comparison)
    inside = (arm >= 0) & (rows["status"] != "test-failed").to_numpy()
    rows, arm = rows[inside], arm[inside]
    within = [f"attribute:{name}" for name in comparison.within if f"attribute:{name}" in rows]
    unit = rows.groupby(["test", *within]).ngroup().to_numpy().astype(np.int64)
    count = int(unit.max(initial=-1)) + 1
    n_control = np.bincount(unit[arm == 0], minlength=count)
    n_tested = np.bincount(unit[arm == 1], minlength=count)
    pending = np.bincount(unit[(rows["status"] == "pending").to_numpy()], minlength=count) > 0
    rule = report.document["method"]["same_profile"]
    used = (n_control > 0) & (n_tested > 0) & ~pending
    if rule == "error":
        used &= (n_control == 1) & (n_tested == 1)
    elif rule == "best" and report.design.reading.unequal == "error":
        used &= n_control == n_tested
    positive = rows[f"positive:{report.document['method']['primary']}"].to_numpy() == "1"
    order = _sending_order(rows) if rule == "first" else None
    values = [_values(unit, arm == which, positive, count, rule, order)[used] for which in (0, 1)]
    first = np.zeros(count, dtype=np.int64)
    first[unit[::-1]] = np.arange(len(rows))[::-1]
    test = rows["test"].to_numpy(dtype=object)[first[used]]
    return ComparedTests(
        test=test,
        control=values[0],
        tested=values[1],
        cluster=clusters.loc[test].to_numpy(dtype=object),
        target=targets.loc[test].to_numpy(dtype=object),
        named=rows["target"].to_numpy(dtype=object)[first[used]] != "",
        group=np.full(len(test), UNKNOWN, dtype=np.int8)
        if group is None
        else np.asarray(group.loc[test], dtype=np.int8),
    )


def _arms(rows: "pd.DataFrame", comparison: "Comparison") -> NDArray[np.int64]:
    """0 = control, 1 = test, -1 = neither, per application."""
    from praktijktest.tables import canonical

    name = comparison.attribute
    level = rows["profile" if name == "profile" else f"attribute:{name}"].map(canonical)
    arm = np.where(level.isin({canonical(one) for one in comparison.tests}), 1, -1)
    arm[(level == canonical(comparison.control)).to_numpy()] = 0
    return arm


def _values(
    unit: NDArray[np.int64],
    arm: NDArray[np.bool_],
    positive: NDArray[np.bool_],
    count: int,
    rule: str,
    order: NDArray[np.int64] | None,
) -> NDArray[np.float64]:
    """What one arm got in every unit."""
    if order is not None:
        first = np.zeros(count)
        mine = order[arm[order]][::-1]
        first[unit[mine]] = positive[mine]
        return first
    hits = np.bincount(unit[arm & positive], minlength=count)
    if rule == "mean":
        sent = np.bincount(unit[arm], minlength=count)
        return np.asarray(hits / np.maximum(sent, 1), dtype=np.float64)
    return np.asarray(hits > 0, dtype=np.float64)


def _sending_order(rows: "pd.DataFrame") -> NDArray[np.int64]:
    """Applications by position, where the log has one, and profile."""
    import pandas as pd

    keys = [rows["profile"].to_numpy()]
    if "position" in rows:
        keys.append(pd.to_numeric(rows["position"], errors="coerce").to_numpy())
    return np.lexsort(keys)


def _check(report: ReadReport, comparison: "Comparison", found: ComparedTests) -> None:
    """The tests must be those that the analysis counted, one by one."""
    entry = report.contrasts()[comparison.id]
    better = int((found.control > found.tested).sum())
    worse = int((found.control < found.tested).sum())
    both = int(((found.control > 0) & (found.tested > 0)).sum())
    signs, cells = entry["signs"], entry["cells"]
    same = (len(found), better, worse) == (
        entry["n"],
        signs["control_favoured"],
        signs["test_favoured"],
    )
    if not same or (cells is not None and cells["both"] != both):
        raise damaged(
            report.name,
            f"the applications do not give the counts of contrast {comparison.id!r} "
            f"({len(found)} tests, {entry['n']} in the analysis)",
            "make the report again with `praktijktest analyse`; where several applications of one "
            "level stand in a test, compare the log itself with --by",
        )


def refuse_repeats(reports: Sequence[ReadReport]) -> None:
    """Refuse a round that is named twice.

    Raises:
        UsageError: two reports hold the same analysis.
    """
    seen: dict[str, str] = {}
    for report in reports:
        if report.sha256 in seen:
            other = seen[report.sha256]
            twice = "is named twice" if other == report.name else f"holds the analysis of {other}"
            raise UsageError(f"{report.name} {twice}; name every round once.")
        seen[report.sha256] = report.name
