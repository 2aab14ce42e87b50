"""What changed between waves in one contrast: rates, who was tested, who stood out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from praktijktest.statistics.mcnemar import sign_midp
from praktijktest.statistics.regression_to_mean import expected_again
from praktijktest.statistics.waves import (
    Combination,
    change_weights,
    combined_rates,
    slope_weights,
)

if TYPE_CHECKING:
    import pandas as pd

FEWEST_FOR_TREND = 3


def contrast_changes(
    contrast: dict[str, Any],
    waves: "Sequence[pd.DataFrame]",
    confidence: float,
    *,
    stood_out: float,
    treated: bool,
) -> dict[str, Any]:
    """Everything that is said of one contrast over the waves.

    Args:
        contrast: its entry in the analysis document.
        waves: its tests, wave by wave.
        confidence: of every interval.
        stood_out: one-sided mid-p at which a target stands out in the first wave.
        treated: whether a treated group is set apart.
    """
    rates, changes, differences, trends = [], [], [], []
    for measure in ("net_rate_usable", "net_rate_all"):
        sums, sizes = _by_cluster(waves, measure)
        count = len(waves)
        rates += [
            {
                "measure": measure,
                "wave": wave,
                "tests": int(sizes[:, wave].sum()),
                **combined_rates(sums, sizes, np.eye(count)[wave], confidence).to_dict(),
            }
            for wave in range(count)
        ]
        changes += [
            _change(measure, first, second, sums, sizes, confidence)
            for first, second in _steps(count)
        ]
        if count >= FEWEST_FOR_TREND:
            slope = combined_rates(sums, sizes, slope_weights(np.arange(count)), confidence)
            trends.append({"measure": measure, **slope.to_dict()})
        if treated:
            differences += _differences(waves, measure, confidence)
    return {
        "id": contrast["id"],
        "ground": contrast["ground"],
        "control": contrast["control_label"],
        "test": contrast["test_label"],
        "rates": rates,
        "changes": changes,
        "difference_in_differences": differences,
        "trends": trends,
        "composition": [
            _composition(waves, first, second, confidence) for first, second in _steps(len(waves))
        ],
        "stood_out": [
            _stood_out(waves, first, second, stood_out, confidence)
            for first, second in _steps(len(waves))
        ],
    }


def _steps(count: int) -> list[tuple[int, int]]:
    """Every wave with the one before it, and the last with the first."""
    steps = [(number, number + 1) for number in range(count - 1)]
    return [*steps, (0, count - 1)] if count > 2 else steps


def _by_cluster(
    waves: "Sequence[pd.DataFrame]", measure: str
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    """Differences and tests that count, by cluster and wave; clusters that recur share a row."""
    names = {
        name: row
        for row, name in enumerate(dict.fromkeys(n for wave in waves for n in wave["cluster"]))
    }
    sums = np.zeros((len(names), len(waves)))
    sizes = np.zeros((len(names), len(waves)))
    for place, wave in enumerate(waves):
        rows = np.array([names[name] for name in wave["cluster"]], dtype=np.int64)
        control, test = wave["control"].to_numpy(), wave["treated"].to_numpy()
        counts = (control > 0) | (test > 0) if measure == "net_rate_usable" else np.ones(len(wave))
        np.add.at(sums[:, place], rows, control - test)
        np.add.at(sizes[:, place], rows, counts.astype(np.float64))
    order = np.lexsort((*sums.T, *sizes.T))
    return sums[order], sizes[order]


def _change(
    measure: str,
    first: int,
    second: int,
    sums: Any,
    sizes: Any,
    confidence: float,
) -> dict[str, Any]:
    weights = change_weights(sums.shape[1], first, second)
    pair = [first, second]
    found = combined_rates(sums[:, pair], sizes[:, pair], weights[pair], confidence)
    recurring = int((sizes[:, pair] > 0).all(axis=1).sum())
    return {
        "measure": measure,
        "from": first,
        "to": second,
        "recurring_clusters": recurring,
        **found.to_dict(),
    }


def _differences(
    waves: "Sequence[pd.DataFrame]", measure: str, confidence: float
) -> list[dict[str, Any]]:
    """Change of the treated group minus change of all others."""
    found = []
    for first, second in _steps(len(waves)):
        parts = []
        for place in (first, second):
            wave = waves[place]
            parts += [wave[wave["treated_group"]], wave[~wave["treated_group"]]]
        sums, sizes = _by_cluster(parts, measure)
        result: Combination = combined_rates(sums, sizes, [-1.0, 1.0, 1.0, -1.0], confidence)
        found.append(
            {
                "measure": measure,
                "from": first,
                "to": second,
                "tests": [len(part) for part in parts],
                **result.to_dict(),
            }
        )
    return found


def _composition(
    waves: "Sequence[pd.DataFrame]", first: int, second: int, confidence: float
) -> dict[str, Any]:
    """Who stayed, left and is new, and the net rate of all tests of each."""
    before = set(waves[first]["target"]) - {""}
    after = set(waves[second]["target"]) - {""}
    stayed = before & after

    def rate(place: int, names: set[str]) -> dict[str, Any]:
        wave = waves[place]
        part = wave[wave["target"].isin(names)]
        sums, sizes = _by_cluster([part], "net_rate_all")
        found = combined_rates(sums, sizes, [1.0], confidence)
        return {"tests": len(part), **found.to_dict()}

    stayers = [wave[wave["target"].isin(stayed)] for wave in (waves[first], waves[second])]
    sums, sizes = _by_cluster(stayers, "net_rate_all")
    return {
        "from": first,
        "to": second,
        "stayed": len(stayed),
        "left": len(before - after),
        "new": len(after - before),
        "stayed_before": rate(first, stayed),
        "stayed_after": rate(second, stayed),
        "left_before": rate(first, before - after),
        "new_after": rate(second, after - before),
        "stayed_change": combined_rates(sums, sizes, [-1.0, 1.0], confidence).to_dict(),
    }


def _stood_out(
    waves: "Sequence[pd.DataFrame]", first: int, second: int, level: float, confidence: float
) -> dict[str, Any] | None:
    """Targets that stood out first and were tested again: what chance alone makes of them."""
    cells, names = _cells_of(waves[first])
    again, seen = _cells_of(waves[second])
    fresh = dict(zip(seen, again.sum(axis=1).tolist(), strict=True))
    if not len(names):
        return None
    p = sign_midp(cells[:, 1], cells[:, 2])
    new_tests = np.array([fresh.get(name, 0) for name in names])
    chosen = (p <= level) & (new_tests > 0)
    if not chosen.any():
        return None
    expected = expected_again(cells, chosen, new_tests, confidence)
    members = {name for name, one in zip(names, chosen.tolist(), strict=True) if one}
    tested = waves[second][waves[second]["target"].isin(members)]
    sums, sizes = _by_cluster([tested], "net_rate_all")
    return {
        "from": first,
        "to": second,
        "targets": int(chosen.sum()),
        "before": expected.observed,
        "expected": expected.expected,
        "low": expected.low,
        "high": expected.high,
        "after": combined_rates(sums, sizes, [1.0], confidence).to_dict(),
    }


def _cells_of(wave: "pd.DataFrame") -> tuple[Any, list[str]]:
    """Four cells per target, of tests that have one yes or no per applicant."""
    known = wave[wave["target"] != ""]
    binary = known[known["control"].isin((0.0, 1.0)) & known["treated"].isin((0.0, 1.0))]
    names = sorted(set(binary["target"]))
    row = {name: place for place, name in enumerate(names)}
    cells = np.zeros((len(names), 4), dtype=np.int64)
    which = (2 * (1 - binary["control"]) + (1 - binary["treated"])).astype(int).to_numpy()
    np.add.at(cells, (np.array([row[name] for name in binary["target"]], dtype=int), which), 1)
    return cells, names
