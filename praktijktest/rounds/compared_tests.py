"""The tests of a round as a table, from its report folder or its log, ready to compare."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.problems import DataError, Problem, UsageError
from praktijktest.storage import folder_kind

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ReadReport:
    """An analysis as it lies in a report folder.

    Attributes:
        name: what messages call it.
        document: the analysis document.
        applications: coded applications, as text.
        targets: pseudonym -> the log's own id of the target.
    """

    name: str
    document: dict[str, Any]
    applications: "pd.DataFrame"
    targets: dict[str, str]

    def contrasts(self) -> dict[str, dict[str, Any]]:
        """The contrasts over the whole round under the primary rule, by id."""
        return {
            entry["id"]: entry
            for entry in self.document["contrasts"]
            if entry["primary"] and entry["stratum"] is None
        }


def read_report(folder: Path) -> ReadReport:
    """Read a report folder.

    Raises:
        UsageError: it is no report folder, or of a kind of test that has no pairs.
        DataError: a file in it is damaged.
    """
    import pandas as pd

    if not folder.is_dir() or folder_kind(folder) != "report":
        raise UsageError(
            f"{folder.name or folder} is not a report folder; make one with "
            "`praktijktest analyse … --out DIR`."
        )
    try:
        document = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
        kind = document["round"]["kind"]
        applications = pd.read_csv(
            folder / "applications.csv", dtype=str, keep_default_na=False, encoding="utf-8"
        )
    except (OSError, ValueError, KeyError) as error:
        problem = Problem(
            code="damaged-report",
            message="this report folder cannot be read",
            file=folder.name,
            hint="make it again with `praktijktest analyse`",
        )
        raise DataError("A report folder is damaged.", [problem]) from error
    _refuse_other_kinds(kind, folder.name)
    targets = {row["pseudonym"]: row["target"] for row in document["targets"]}
    return ReadReport(folder.name, document, applications, targets)


def analysed_log(log: Sequence[Path], design_file: Path, columns: Sequence[str]) -> ReadReport:
    """Analyse a log and keep its tests with some more of its columns.

    Args:
        log: the log, in one file or several.
        design_file: its design.
        columns: columns of the log to carry along.

    Raises:
        DesignError, DataError: as for `analyse`.
    """
    import pandas as pd

    from praktijktest.analysis.export import applications_table
    from praktijktest.design import read_design
    from praktijktest.rounds.analyse import analyse
    from praktijktest.tables import encoded_csv

    design = read_design(design_file)
    _refuse_other_kinds(design.kind, design_file.name)
    own = {"wave", "phase", "stage", "template", "channel", "position", "target", "profile"}
    attributes = {c.attribute for c in design.comparisons()}
    wanted = [name for name in columns if name not in own and name not in attributes]
    strata = tuple(dict.fromkeys((*design.analysis.strata, *wanted)))
    chosen = design.analysis.model_copy(update={"strata": strata, "models": ()})
    analysis = analyse(list(log), design.model_copy(update={"analysis": chosen}))
    header, values = applications_table(analysis)
    text = b"".join(encoded_csv(header, values)).decode("utf-8")
    applications = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    names = {pseudonym: target for target, pseudonym in analysis.pseudonyms.items()}
    return ReadReport(design_file.name, analysis.to_dict(), applications, names)


def _refuse_other_kinds(kind: str, name: str) -> None:
    if kind in ("single", "mystery"):
        raise UsageError(
            f"{name} holds tests of kind {kind!r}; rounds of paired tests can be compared."
        )


def tests_of_contrast(
    report: ReadReport, contrast: str, treated: str | None = None, *, by: str | None = None
) -> "pd.DataFrame":
    """One row per comparable unit: cluster, target, control and test outcome, wave, treated.

    Args:
        report: the round.
        contrast: id of the contrast.
        treated: "column=value" of the group to set apart.
        by: column of the wave.

    Raises:
        UsageError: the round has no such column.
    """
    entry = report.contrasts()[contrast]
    rows = report.applications
    attribute = entry["attribute"]
    level = rows["profile" if attribute == "profile" else f"attribute:{attribute}"]
    tests = {entry["test"], *entry["test"].split("+")}
    arm = level.map(lambda value: _arm(value, entry["control"], tests))
    used = rows[(rows["status"] == "used") & (arm != "")]
    keys = ["test", *(f"attribute:{name}" for name in entry["within"])]
    positive = used[f"positive:{report.document['method']['primary']}"].astype(float)
    frame = used.assign(arm=arm[used.index], positive=positive)
    means = frame.groupby([*keys, "arm"])["positive"].mean().unstack("arm")
    for name in ("control", "treated"):
        if name not in means:
            means[name] = float("nan")
    means = means.dropna(subset=["control", "treated"]).reset_index()
    about = used.drop_duplicates("test").set_index("test")
    pseudonym = about["target"].reindex(means["test"]).to_numpy()
    found = means[["control", "treated"]].copy()
    own = [report.targets.get(name, name) for name in pseudonym]
    found["target"] = own
    found["cluster"] = [
        name or f"test {test} of {id(report)}"
        for name, test in zip(own, means["test"], strict=True)
    ]
    found["wave"] = (
        "" if by is None else _column(about, by, report).reindex(means["test"]).to_numpy()
    )
    found["treated_group"] = False
    if treated:
        name, _, value = treated.partition("=")
        column = _column(about, name, report).reindex(means["test"]).to_numpy()
        found["treated_group"] = column == value
    return found


def _arm(value: str, control: str, tests: set[str]) -> str:
    if value == control:
        return "control"
    return "treated" if value in tests else ""


def _column(about: "pd.DataFrame", name: str, report: ReadReport) -> "pd.Series[Any]":
    for known in (name, f"stratum:{name}", f"attribute:{name}"):
        if known in about:
            return about[known]
    raise UsageError(
        f"{report.name} has no column {name!r}; it has: "
        f"{', '.join(str(column).removeprefix('stratum:') for column in about.columns)}."
    )
