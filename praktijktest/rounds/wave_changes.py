"""What changed between rounds in one contrast: rates, groups, trend, who was tested."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.rounds.compared_tests import (
    OTHERS,
    TREATED,
    BoolArray,
    ComparedTests,
    joined,
)
from praktijktest.statistics.mcnemar import sign_midp
from praktijktest.statistics.regression_to_mean import expected_again
from praktijktest.statistics.waves import (
    Combination,
    change_weights,
    combined_rates,
    slope_weights,
)

FloatArray = NDArray[np.float64]

FEWEST_FOR_TREND: Final = 3
OF_REPLIES: Final = ("net_rate_usable", "net_rate_all")
OF_MEANS: Final = ("mean_difference",)


def measures(binary: bool) -> tuple[str, ...]:
    """The rates that are compared: net rates, or mean differences where replies are averaged."""
    return OF_REPLIES if binary else OF_MEANS


def rates(waves: Sequence[ComparedTests], measure: str, confidence: float) -> list[dict[str, Any]]:
    """The rate of every round."""
    tables = _by_cluster(waves, measure)
    return [
        {
            "measure": measure,
            "round": place,
            **_about(wave, measure),
            **_rate(_combined(tables, np.eye(len(waves))[place], confidence)),
        }
        for place, wave in enumerate(waves)
    ]


def changes(
    waves: Sequence[ComparedTests], measure: str, confidence: float
) -> list[dict[str, Any]]:
    """The rate of every round minus that of the one before, and of the last minus the first."""
    tables = _by_cluster(waves, measure)
    return [
        {
            "measure": measure,
            "from": first,
            "to": second,
            "recurring_targets": len(waves[first].targets() & waves[second].targets()),
            **_combined(tables, change_weights(len(waves), first, second), confidence).to_dict(),
        }
        for first, second in steps(len(waves))
    ]


def trends(
    waves: Sequence[ComparedTests], measure: str, confidence: float, times: Sequence[float]
) -> list[dict[str, Any]]:
    """The least-squares slope of the rates over time; none with fewer than three rounds."""
    if len(waves) < FEWEST_FOR_TREND:
        return []
    slope = _combined(_by_cluster(waves, measure), slope_weights(times), confidence)
    return [{"measure": measure, **slope.to_dict()}]


def steps(count: int) -> list[tuple[int, int]]:
    """Every round with the one before it, and the last with the first."""
    found = [(number, number + 1) for number in range(count - 1)]
    return [*found, (0, count - 1)] if count > 2 else found


def group_rates(
    waves: Sequence[ComparedTests], measure: str, confidence: float, *, tested_before: bool
) -> list[dict[str, Any]]:
    """Rates of the treated group and of the others within every round, and their difference."""
    found = []
    for place in range(1 if tested_before else 0, len(waves)):
        wave = waves[place]
        treated, others = _split(wave, _earlier(waves, place) if tested_before else None)
        tables = _by_cluster([others, treated], measure)
        found.append(
            {
                "measure": measure,
                "round": place,
                "treated": {
                    **_about(treated, measure),
                    **_rate(_combined(tables, [0.0, 1.0], confidence)),
                },
                "others": {
                    **_about(others, measure),
                    **_rate(_combined(tables, [1.0, 0.0], confidence)),
                },
                "difference": _combined(tables, [-1.0, 1.0], confidence).to_dict(),
            }
        )
    return found


def differences(
    waves: Sequence[ComparedTests], measure: str, confidence: float, *, tested_before: bool
) -> list[dict[str, Any]]:
    """Change of the treated group minus change of all others.

    Who was tested before has a change to compare only from the second round on: the others
    are then those whose first test was in the round that the step starts from, or later.
    """
    found = []
    for first, second in steps(len(waves)):
        if tested_before and first == 0:
            continue
        before = _earlier(waves, first) if tested_before else None
        parts = [*_split(waves[first], before), *_split(waves[second], before)]
        result = _combined(_by_cluster(parts, measure), [-1.0, 1.0, 1.0, -1.0], confidence)
        found.append(
            {
                "measure": measure,
                "from": first,
                "to": second,
                "tests": {
                    "treated": [parts[0].tests(), parts[2].tests()],
                    "others": [parts[1].tests(), parts[3].tests()],
                },
                "targets": {
                    "treated": [parts[0].parties(), parts[2].parties()],
                    "others": [parts[1].parties(), parts[3].parties()],
                },
                **result.to_dict(),
            }
        )
    return found


def _earlier(waves: Sequence[ComparedTests], place: int) -> set[str]:
    """Targets with a test in an earlier round."""
    return set().union(*(wave.targets() for wave in waves[:place]))


def _split(wave: ComparedTests, before: set[str] | None) -> tuple[ComparedTests, ComparedTests]:
    """The treated units and the others; units whose group is not known are in neither."""
    if before is None:
        return wave.of(wave.group == TREATED), wave.of(wave.group == OTHERS)
    known = wave.target != ""
    earlier = _among(wave, before)
    return wave.of(earlier), wave.of(known & ~earlier)


def composition(
    waves: Sequence[ComparedTests], measure: str, confidence: float
) -> list[dict[str, Any]]:
    """Who stayed, left and is new between rounds, and the net rate of each."""
    return [_composition(waves, a, b, measure, confidence) for a, b in steps(len(waves))]


def _composition(
    waves: Sequence[ComparedTests], first: int, second: int, measure: str, confidence: float
) -> dict[str, Any]:
    before, after = waves[first].targets(), waves[second].targets()
    stayed = before & after

    def rate(place: int, names: set[str]) -> dict[str, Any]:
        part = waves[place].of(_among(waves[place], names))
        found = _combined(_by_cluster([part], measure), [1.0], confidence)
        return {**_about(part, measure), **_rate(found)}

    stayers = [waves[place].of(_among(waves[place], stayed)) for place in (first, second)]
    change = _combined(_by_cluster(stayers, measure), [-1.0, 1.0], confidence)
    return {
        "measure": measure,
        "from": first,
        "to": second,
        "stayed": len(stayed),
        "left": len(before - after),
        "new": len(after - before),
        "stayed_before": rate(first, stayed),
        "stayed_after": rate(second, stayed),
        "left_before": rate(first, before - after),
        "new_after": rate(second, after - before),
        "stayed_change": change.to_dict(),
        "without_target": [int((waves[p].target == "").sum()) for p in (first, second)],
    }


def stood_out(
    waves: Sequence[ComparedTests], level: float, confidence: float, times: Sequence[float]
) -> list[dict[str, Any]]:
    """Targets that stood out in one round and were tested again in a later one.

    Their first rate is high partly by chance, which is why they were chosen. Beside what the
    later round shows stands what it would show if nothing had changed.
    """
    found = (
        _stood_out(waves, a, b, level, confidence)
        for a, b in steps(len(waves))
        if times[a] < times[b]
    )
    return [one for one in found if one is not None]


def _stood_out(
    waves: Sequence[ComparedTests], first: int, second: int, level: float, confidence: float
) -> dict[str, Any] | None:
    names, cells = _cells_of(waves[first])
    seen, again = _cells_of(waves[second])
    if not len(names) or not len(seen):
        return None
    place = np.searchsorted(seen, names).clip(max=len(seen) - 1)
    fresh = np.where(seen[place] == names, again.sum(axis=1)[place], 0)
    chosen = (sign_midp(cells[:, 1], cells[:, 2]) <= level) & (fresh > 0)
    if not chosen.any():
        return None
    expected = expected_again(cells, chosen, fresh, confidence)
    later = waves[second].of(_among(waves[second], set(names[chosen].tolist())))
    after = _combined(_by_cluster([later], "net_rate_all"), [1.0], confidence)
    return {
        "from": first,
        "to": second,
        "level": level,
        "targets": expected.targets,
        "tests_before": expected.tests,
        "tests_after": expected.new_tests,
        "before": expected.observed,
        "expected": expected.expected,
        "low": expected.low,
        "high": expected.high,
        "after": after.to_dict(),
    }


def _cells_of(wave: ComparedTests) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Targets in order of their ids, and four cells of each; of replies that are yes or no."""
    known = wave.of(wave.target != "")
    names, place = np.unique(known.target.astype(np.str_), return_inverse=True)
    which = (2 * (known.control <= 0) + (known.tested <= 0)).astype(np.int64)
    flat = np.bincount(place.astype(np.int64) * 4 + which, minlength=4 * len(names))
    return names, flat.reshape(len(names), 4)


def _among(wave: ComparedTests, names: set[str]) -> BoolArray:
    import pandas as pd

    return pd.Series(wave.target, dtype=object).isin(names).to_numpy(dtype=np.bool_)


def _about(wave: ComparedTests, measure: str) -> dict[str, int]:
    """Tests, those in the denominator and targets behind a rate."""
    return {
        "tests": wave.tests(),
        "n": int(_counted(wave, measure).sum()),
        "targets": wave.parties(),
    }


def _counted(wave: ComparedTests, measure: str) -> BoolArray:
    """Units in the denominator of a rate."""
    if measure == "net_rate_usable":
        return np.asarray((wave.control > 0) | (wave.tested > 0), dtype=np.bool_)
    return np.ones(len(wave), dtype=np.bool_)


Tables = tuple[FloatArray, FloatArray, FloatArray]


def _by_cluster(waves: Sequence[ComparedTests], measure: str) -> Tables:
    """Differences, units that count and all units, by cluster and wave, in one fixed order."""
    import pandas as pd

    row_of_unit, names = pd.factorize(joined(waves).cluster)
    ends = np.cumsum([len(wave) for wave in waves])
    shape = (len(names), len(waves))
    sums, sizes, units = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for place, (wave, end) in enumerate(zip(waves, ends.tolist(), strict=True)):
        rows = row_of_unit[end - len(wave) : end]
        gap = wave.control - wave.tested
        # Sums of fractions depend on the order of their terms in the last digit.
        order = np.lexsort((gap, rows))
        np.add.at(sums[:, place], rows[order], gap[order])
        np.add.at(sizes[:, place], rows, _counted(wave, measure).astype(np.float64))
        np.add.at(units[:, place], rows, 1.0)
    order = np.lexsort((*sums.T, *sizes.T, *units.T))
    return sums[order], sizes[order], units[order]


def _combined(
    tables: Tables, weights: Sequence[float] | NDArray[np.floating[Any]], confidence: float
) -> Combination:
    sums, sizes, units = tables
    return combined_rates(sums, sizes, weights, confidence, tests=units)


def _rate(found: Combination) -> dict[str, Any]:
    """A rate as plain data, with limits that a rate can have."""
    result = found.to_dict()
    if found.low is not None and found.high is not None:
        result |= {"low": max(found.low, -1.0), "high": min(found.high, 1.0)}
    return result


def contrast_changes(
    contrast: Mapping[str, Any],
    waves: Sequence[ComparedTests],
    confidence: float,
    *,
    binary: bool,
    times: Sequence[float],
    level: float,
    grouped: Sequence[ComparedTests] | None,
    tested_before: bool,
) -> dict[str, Any]:
    """Everything that is said of one contrast over the rounds.

    Args:
        contrast: its entry in the analysis document.
        waves: its tests, round by round.
        confidence: of every interval.
        binary: whether a reply is positive or not; else outcomes are averaged per test.
        times: when the rounds were, in the unit of the trend.
        level: one-sided mid-p at which a target stands out.
        grouped: the tests with both groups, where a group is set apart; None without.
        tested_before: the group is made of who was tested in an earlier round.
    """
    found: dict[str, list[dict[str, Any]]] = {
        "rates": [],
        "changes": [],
        "trends": [],
        "groups": [],
        "difference_in_differences": [],
    }
    for measure in measures(binary):
        found["rates"] += rates(waves, measure, confidence)
        found["changes"] += changes(waves, measure, confidence)
        found["trends"] += trends(waves, measure, confidence, times)
        if grouped is not None:
            apart = {"tested_before": tested_before}
            found["groups"] += group_rates(grouped, measure, confidence, **apart)
            found["difference_in_differences"] += differences(grouped, measure, confidence, **apart)
    return {
        "id": contrast["id"],
        "ground": contrast["ground"],
        "control": contrast["control_label"],
        "test": contrast["test_label"],
        **found,
        "composition": [
            row for measure in measures(binary) for row in composition(waves, measure, confidence)
        ],
        "stood_out": stood_out(waves, level, confidence, times) if binary else [],
    }
