"""`praktijktest compare`: what changed from round to round, and what may be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praktijktest.problems import UsageError

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("net_rate_usable", "net_rate_all")
STOOD_OUT = 0.10
"""One-sided mid-p at which a target stands out in its first round."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of rounds, as plain data.

    Attributes:
        rounds: label, title, dates and number of tests of every round, in order.
        by: the column that tells the rounds apart, None for report folders.
        treated: "column=value" of a difference in differences, None without.
        contrasts: per contrast: rates, changes, difference in differences, trend, composition
            and the targets that stood out.
        left_out: contrasts that not every round has.
    """

    rounds: tuple[dict[str, Any], ...]
    by: str | None
    treated: str | None
    confidence: float
    rule: str
    market: str
    contrasts: tuple[dict[str, Any], ...]
    left_out: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as one JSON document."""
        return {
            "format": 1,
            "kind": "comparison",
            "rounds": list(self.rounds),
            "by": self.by,
            "treated": self.treated,
            "confidence": self.confidence,
            "rule": self.rule,
            "market": self.market,
            "contrasts": list(self.contrasts),
            "left_out": list(self.left_out),
        }


def compare_reports(folders: Sequence[Path], *, treated: str | None = None) -> Comparison:
    """Compare rounds by their report folders, first to last.

    Targets are the same where the log's own ids are the same.

    Args:
        folders: two or more report folders.
        treated: "column=value": the group whose change is compared with that of all others.

    Raises:
        UsageError: a folder is no report, there is one only, or the rounds share no contrast.
    """
    from praktijktest.rounds.compared_tests import read_report, tests_of_contrast

    if len(folders) < 2:
        raise UsageError("A comparison needs two rounds or more.")
    read = [read_report(folder) for folder in folders]
    first = read[0].document
    rules = {report.document["method"]["primary"] for report in read}
    if len(rules) > 1:
        raise UsageError(
            f"The rounds count different replies as positive ({', '.join(sorted(rules))}); "
            "analyse them again with the same `primary` under [outcomes]."
        )
    every = [set(report.contrasts()) for report in read]
    shared = [name for name in read[0].contrasts() if all(name in found for found in every)]
    if not shared:
        raise UsageError("The rounds have no contrast in common.")
    tables = {
        name: [tests_of_contrast(report, name, treated) for report in read] for name in shared
    }
    labels = _labels([report.document["round"] for report in read])
    return _compared(
        tables,
        {name: read[0].contrasts()[name] for name in shared},
        [
            {"label": label, **_about(report.document)}
            for label, report in zip(labels, read, strict=True)
        ],
        by=None,
        treated=treated,
        document=first,
        left_out=sorted(set().union(*every) - set(shared)),
    )


def compare_waves(
    log: Sequence[Path], design: Path, by: str, *, treated: str | None = None
) -> Comparison:
    """Compare the waves within one log.

    Args:
        log: the log, in one file or several.
        design: its design file.
        by: the column that tells the waves apart, such as "wave".
        treated: "column=value": the group whose change is compared with that of all others.

    Raises:
        UsageError: the column is not in the log or has one value.
        DesignError, DataError: as for `analyse`.
    """
    from praktijktest.rounds.compared_tests import analysed_log, tests_of_contrast

    report = analysed_log(log, design, [by, *([treated.split("=")[0]] if treated else [])])
    contrasts = report.contrasts()
    tables: dict[str, list[pd.DataFrame]] = {}
    values: list[str] = []
    for name in contrasts:
        tests = tests_of_contrast(report, name, treated, by=by)
        values = sorted(
            {*values, *(str(v) for v in tests["wave"].unique() if v != "")}, key=_natural
        )
        tables[name] = [tests]
    if len(values) < 2:
        raise UsageError(f"The column {by!r} has fewer than two values in the tests compared.")
    split = {
        name: [tests[tests["wave"] == value] for value in values]
        for name, (tests,) in tables.items()
    }
    shared = {name: parts for name, parts in split.items() if all(len(part) for part in parts)}
    if not shared:
        raise UsageError("No contrast has tests in every wave.")
    rounds = [
        {
            "label": value,
            "title": value,
            "start": None,
            "end": None,
            "tests": max(len(parts[place]) for parts in shared.values()),
        }
        for place, value in enumerate(values)
    ]
    return _compared(
        shared,
        {name: contrasts[name] for name in shared},
        rounds,
        by=by,
        treated=treated,
        document=report.document,
        left_out=sorted(set(tables) - set(shared)),
    )


def _natural(value: str) -> tuple[int, float, str]:
    try:
        return (0, float(value), value)
    except ValueError:
        return (1, 0.0, value)


def _labels(rounds: Sequence[dict[str, Any]]) -> list[str]:
    """The year of each round where that tells them apart, else its id, else its number."""
    years = [(about["start"] or "")[:4] for about in rounds]
    ids = [about["id"] for about in rounds]
    for names in (years, ids):
        if all(names) and len(set(names)) == len(names):
            return names
    return [f"{name} ({number})" for number, name in enumerate(ids, 1)]


def _about(document: dict[str, Any]) -> dict[str, Any]:
    about = document["round"]
    return {
        "title": about["title"],
        "start": about["start"],
        "end": about["end"],
        "tests": document["data"]["tests_usable"],
    }


def _compared(
    tables: "dict[str, list[pd.DataFrame]]",
    contrasts: dict[str, dict[str, Any]],
    rounds: list[dict[str, Any]],
    *,
    by: str | None,
    treated: str | None,
    document: dict[str, Any],
    left_out: list[str],
) -> Comparison:
    from praktijktest.rounds.wave_changes import contrast_changes

    confidence = document["method"]["confidence"]
    return Comparison(
        rounds=tuple(rounds),
        by=by,
        treated=treated,
        confidence=confidence,
        rule=document["method"]["primary"],
        market=document["round"]["market"],
        contrasts=tuple(
            contrast_changes(
                contrasts[name], waves, confidence, stood_out=STOOD_OUT, treated=treated is not None
            )
            for name, waves in tables.items()
        ),
        left_out=tuple(left_out),
    )
