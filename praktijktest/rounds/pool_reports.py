"""Effects of rounds, from their report folders."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path
from typing import Any, Final

from praktijktest.problems import DataError, Problem, UsageError
from praktijktest.rounds.pool_effects import (
    MEASURES,
    RATIOS,
    Origin,
    Reason,
    StudyEffect,
    from_cells,
    from_groups,
)
from praktijktest.statistics.cells import TARGETS_LIKE_THESE, Cells
from praktijktest.statistics.paired_effects import Effect
from praktijktest.storage import folder_kind, sha256_of_file

YEAR: Final = "year"
"""The one covariate that every report has."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round as its report folder holds it.

    Attributes:
        folder: base name of the folder.
        document: the analysis document.
        sha256: of the document's bytes.
    """

    folder: str
    document: Mapping[str, Any]
    sha256: str

    def contrasts(self) -> list[Mapping[str, Any]]:
        """The contrasts over the whole round under the primary rule."""
        return [
            entry
            for entry in self.document["contrasts"]
            if entry["primary"] and entry["stratum"] is None
        ]


def read_rounds(folders: Sequence[Path]) -> list[Round]:
    """Read report folders.

    Raises:
        UsageError: one is no report, is named twice, holds the analysis of another one, is of
            mystery calls, or the rounds count different replies as positive.
        DataError: a report is damaged.
    """
    rounds = [_read(folder) for folder in folders]
    seen: dict[str, str] = {}
    for found in rounds:
        if found.sha256 in seen:
            raise UsageError(
                f"{found.folder} holds the same analysis as {seen[found.sha256]}; "
                "a round counts once."
            )
        seen[found.sha256] = found.folder
    rules = {found.document["method"]["primary"] for found in rounds}
    if len(rules) > 1:
        raise UsageError(
            f"The rounds count different replies as positive ({', '.join(sorted(rules))}); "
            "analyse them again with the same `primary` under [outcomes]."
        )
    return rounds


def _read(folder: Path) -> Round:
    name = folder.resolve().name
    if not folder.is_dir() or folder_kind(folder) != "report":
        raise UsageError(
            f"{name} is not a report folder; make one with `praktijktest analyse … --out DIR`. "
            "A table of studies is given with --studies."
        )
    source = folder / "analysis.json"
    if not source.is_file():
        raise UsageError(f"{name} holds no analysis of one round; pool the rounds themselves.")
    try:
        document = json.loads(source.read_text(encoding="utf-8"))
        kind = document["round"]["kind"]
        _ = document["method"]["primary"], document["contrasts"], document["data"]["simulated"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(name) from error
    if kind == "mystery":
        raise UsageError(
            f"{name} is a round of mystery calls: it has no two groups to compare, "
            "and is never pooled."
        )
    return Round(name, document, sha256_of_file(source))


def _damaged(folder: str) -> DataError:
    problem = Problem(
        code="damaged-report",
        message="this report folder cannot be read",
        file=folder,
        hint="make it again with `praktijktest analyse`",
    )
    return DataError("A report folder is damaged.", [problem])


def effects_of_rounds(
    rounds: Sequence[Round],
    measure: str,
    *,
    contrast: str | None,
    grounds: Sequence[str],
) -> tuple[list[StudyEffect], list[str]]:
    """The effects of rounds on the grounds that all of them share.

    Args:
        rounds: the rounds.
        measure: name of the measure.
        contrast: id of the one contrast to pool, None for all.
        grounds: grounds to pool, empty for all that are shared.

    Returns:
        The effects, and grounds that were left out because not every round has them.

    Raises:
        UsageError: a round has no such contrast, or the rounds share no ground.
    """
    if contrast is not None:
        for found in rounds:
            ids = [entry["id"] for entry in found.contrasts()]
            if contrast not in ids:
                raise UsageError(
                    f"{found.folder} has no contrast {contrast!r}; it has: {', '.join(ids)}."
                )
    chosen = [
        [
            entry
            for entry in found.contrasts()
            if (contrast is None or entry["id"] == contrast)
            and (not grounds or _ground(entry) in grounds)
        ]
        for found in rounds
    ]
    every = [dict.fromkeys(_ground(entry) for entry in entries) for entries in chosen]
    shared = [ground for ground in every[0] if all(ground in names for names in every)]
    if not shared:
        own = [dict.fromkeys(str(_ground(e)) for e in found.contrasts()) for found in rounds]
        has = "; ".join(
            f"{found.folder}: {', '.join(names)}" for found, names in zip(rounds, own, strict=True)
        )
        raise UsageError(f"The rounds have no ground in common to pool ({has}).")
    left_out = {ground or "" for names in every for ground in names} - {g or "" for g in shared}
    effects: list[StudyEffect] = []
    for found, entries, label in zip(rounds, chosen, _labels(rounds), strict=True):
        wanted = [entry for entry in entries if _ground(entry) in shared]
        try:
            effects += _effects(found, wanted, label, measure)
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise _damaged(found.folder) from error
    return effects, sorted(left_out)


def _ground(entry: Mapping[str, Any]) -> str | None:
    ground: str | None = entry["ground"]
    return ground


def _labels(rounds: Sequence[Round]) -> list[str]:
    """The place of each round, with its year where two have one place, else with a number."""
    places = [_called(found) for found in rounds]
    years = [(found.document["round"]["start"] or "")[:4] for found in rounds]
    labels = [
        f"{place} {year}" if year and places.count(place) > 1 else place
        for place, year in zip(places, years, strict=True)
    ]
    return [
        f"{label} ({labels[: number + 1].count(label)})" if labels.count(label) > 1 else label
        for number, label in enumerate(labels)
    ]


def _called(found: Round) -> str:
    about = found.document["round"]
    return str(about["place"] or about["title"] or about["id"])


def _effects(
    found: Round, entries: Sequence[Mapping[str, Any]], label: str, measure: str
) -> list[StudyEffect]:
    grounds = [_ground(entry) for entry in entries]
    year = (found.document["round"]["start"] or "")[:4]
    return [
        _effect(
            entry,
            Origin(
                label=f"{label}: {entry['test_label'] or entry['test']}"
                if grounds.count(_ground(entry)) > 1
                else label,
                ground=_ground(entry),
                study=label,
                cluster=None,
                file=found.folder,
                covariates={YEAR: year},
            ),
            measure,
        )
        for entry in entries
    ]


def _effect(entry: Mapping[str, Any], origin: Origin, measure: str) -> StudyEffect:
    """The clustered effect where targets recur, else that of the counts."""
    groups, cells, scale = entry.get("groups"), entry.get("cells"), MEASURES[measure]
    if groups is not None:
        clustered = _difference_of_groups(entry) if measure == "net_rate_all" else None
        control, test = groups["control"], groups["test"]
        counts = (control["positive"], control["n"], test["positive"], test["n"])
        plain = from_groups(origin, *counts, scale)
    elif cells is not None:
        clustered = _clustered(entry, measure, measure)
        plain = from_cells(origin, Cells(**cells), scale)
    else:
        mean = _clustered(entry, measure, "mean_difference") if measure == "net_rate_all" else None
        reason: Reason | None = None if mean else "no-such-estimate"
        return StudyEffect(origin, "clustered", {}, entry["n"], mean, reason)
    if clustered is None:
        return replace(plain, recurring=entry["clusters"] < entry["n"])
    return replace(
        plain,
        given="clustered",
        effect=clustered,
        reason=None,
        shifted=False,
        freedom=entry["clusters"] - 1,
    )


def _clustered(entry: Mapping[str, Any], measure: str, name: str) -> Effect | None:
    """The effect with the variance behind the interval that counts targets as independent.

    Limits are value ± t · se with clusters - 1 degrees of freedom, on the log scale for
    ratios; a rate's limits are cut at ±100 %, so the wider side is taken.
    """
    from scipy.special import stdtrit

    ratio = measure in RATIOS
    for found in entry["estimates"]:
        if found["name"] == name and found["scope"] == TARGETS_LIKE_THESE:
            ends = [found[part] for part in ("value", "low", "high")]
            if any(end is None or (ratio and end <= 0) for end in ends):
                return None
            value, low, high = (log(end) if ratio else float(end) for end in ends)
            t = float(stdtrit(entry["clusters"] - 1, 0.5 + found["confidence"] / 2))
            error = max(value - low, high - value) / t
            return Effect(value, error**2, error**2) if error > 0 else None
    return None


def _difference_of_groups(entry: Mapping[str, Any]) -> Effect | None:
    """Control minus test rate of unpaired tests, with the standard error behind its t-test."""
    values = [e["value"] for e in entry["estimates"] if e["scope"] == TARGETS_LIKE_THESE]
    statistics = [e["statistic"] for e in entry["significance"] if e["name"] == "cluster_t"]
    if not values or not statistics or not statistics[0] or not values[0]:
        return None
    error = values[0] / statistics[0]
    return Effect(-values[0], error**2, error**2)
