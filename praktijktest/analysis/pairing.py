"""Which tests a contrast uses, and what control and test applicant got in each of them.

A *unit* is the smallest thing that is compared: the applications of one test that are
equal on the `within` attributes. Most units are whole tests; a test with a man and a
woman of either origin holds two.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications
from praktijktest.analysis.encoding import BoolArray, IntArray
from praktijktest.design import Comparison, Design
from praktijktest.problems import Problem, shown
from praktijktest.tables import Column, canonical, parse_numbers

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arms:
    """Applications of one comparison, by arm, with what each needs to be compared.

    Attributes:
        comparison: the comparison.
        level: per application, 0 = control, 1 = test, -1 = neither.
        missing_levels: declared levels that no application has.
    """

    comparison: Comparison
    level: IntArray
    missing_levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The comparable units of one comparison.

    Attributes:
        comparison: the comparison.
        test: number of the test of each unit.
        application: row of a control application of each unit, where strata are looked up.
        opposite: row of a test application of each unit.
        n_control: number of control applications in each unit.
        n_treated: number of test applications in each unit.
        control: rule -> what the control applicants of each unit got, 0 … 1.
        treated: rule -> what the test applicants of each unit got, 0 … 1.
        control_any_time: the same with late replies counted as what they are.
        treated_any_time: the same.
        counts: tests used, incomplete, not applicable and pending.
        binary: whether every value is 0 or 1, so that there are four cells.
        problems: what went wrong; errors stop the analysis.
    """

    comparison: Comparison
    test: IntArray
    application: NDArray[np.int64]
    opposite: NDArray[np.int64]
    n_control: NDArray[np.int64]
    n_treated: NDArray[np.int64]
    control: dict[str, FloatArray]
    treated: dict[str, FloatArray]
    control_any_time: dict[str, FloatArray]
    treated_any_time: dict[str, FloatArray]
    counts: dict[str, int]
    binary: bool
    problems: tuple[Problem, ...]

    def __len__(self) -> int:
        return len(self.test)


def arms_of(applications: Applications, comparison: Comparison) -> Arms:
    """Put every application in the control arm, the test arm or neither."""
    column = level_column(applications, comparison)
    control = canonical(comparison.control)
    tests = {canonical(level) for level in comparison.tests}
    of_value = np.array(
        [0 if value == control else 1 if value in tests else -1 for value in column.values],
        dtype=np.int32,
    )
    occurring = set(encoding.occurring(column))
    declared = (comparison.control, *comparison.tests)
    missing = tuple(level for level in declared if canonical(level) not in occurring)
    return Arms(comparison, of_value[column.codes], missing)


def level_column(applications: Applications, comparison: Comparison) -> Column:
    """The column that holds the levels a comparison looks at."""
    if comparison.attribute == "profile":
        return applications.rows.fields["profile"]
    return applications.rows.attributes[comparison.attribute]


def pairs_of(applications: Applications, design: Design, comparison: Comparison) -> Pairs:
    """Find the units in which both levels of a comparison occur, and their outcomes."""
    arms = arms_of(applications, comparison)
    unit, unit_first = _units(applications, comparison)
    failed = np.asarray(applications.test_failed != "", dtype=bool)[applications.test]
    in_play = (arms.level >= 0) & ~failed
    control = in_play & (arms.level == 0)
    treated = in_play & (arms.level == 1)
    n_control = np.bincount(unit[control], minlength=len(unit_first)).astype(np.int64)
    n_treated = np.bincount(unit[treated], minlength=len(unit_first)).astype(np.int64)
    both = (n_control > 0) & (n_treated > 0)
    open_unit = np.zeros(len(unit_first), dtype=bool)
    open_unit[unit[in_play & applications.coded.pending]] = True
    used = np.flatnonzero(both & ~open_unit)
    problems = _level_problems(arms)
    problems += _repeat_problems(
        applications, design, comparison, used, unit_first, n_control, n_treated
    )
    position_in_used = np.full(len(unit_first), -1, dtype=np.int64)
    position_in_used[used] = np.arange(len(used))
    slot = position_in_used[unit]
    method = _method(design, n_control[used], n_treated[used])
    in_control, in_treated = control & (slot >= 0), treated & (slot >= 0)
    order = _sending_order(applications) if method == "first" else None

    def values(positive: dict[str, BoolArray], arm: BoolArray) -> dict[str, FloatArray]:
        return {
            rule: _arm_value(flags, arm, slot, len(used), method, order)
            for rule, flags in positive.items()
        }

    coded = applications.coded
    late = bool(coded.late.any())
    control_values = values(coded.positive, in_control)
    treated_values = values(coded.positive, in_treated)
    return Pairs(
        comparison=comparison,
        test=applications.test[unit_first[used]],
        application=_one_row(in_control, slot, len(used)),
        opposite=_one_row(in_treated, slot, len(used)),
        n_control=n_control[used],
        n_treated=n_treated[used],
        control=control_values,
        treated=treated_values,
        control_any_time=values(coded.positive_any_time, in_control) if late else control_values,
        treated_any_time=values(coded.positive_any_time, in_treated) if late else treated_values,
        counts=_counts(applications, arms, both, open_unit, unit_first, failed),
        binary=design.reading.same_profile != "mean",
        problems=tuple(problems),
    )


def _units(
    applications: Applications, comparison: Comparison
) -> tuple[IntArray, NDArray[np.int64]]:
    parts = [applications.test]
    for name in comparison.within:
        column = applications.rows.attributes.get(name)
        if column is not None and len(column.values) > 1:
            parts.append(column.codes)
    if len(parts) == 1:
        tests = len(applications.test_ids)
        return applications.test, encoding.first_rows(applications.test, tests)
    return encoding.group_keys(parts)


def _method(design: Design, n_control: NDArray[np.int64], n_treated: NDArray[np.int64]) -> str:
    """How several applications of one level become one value; "mean" always averages."""
    rule = design.reading.same_profile
    if rule == "mean":
        return "mean"
    single = n_control.max(initial=1) == 1 and n_treated.max(initial=1) == 1
    return "best" if single else rule


def _arm_value(
    positive: BoolArray,
    arm: BoolArray,
    slot: NDArray[np.int64],
    units: int,
    method: str,
    order: NDArray[np.int64] | None,
) -> FloatArray:
    if order is not None:
        rows = order[arm[order]][::-1]
        first = np.zeros(units, dtype=np.int64)
        first[slot[rows]] = rows
        return positive[first].astype(np.float64)
    hits = np.bincount(slot[arm & positive], minlength=units)
    if method == "mean":
        return hits / np.bincount(slot[arm], minlength=units)
    return (hits > 0).astype(np.float64)


def _one_row(arm: BoolArray, slot: NDArray[np.int64], units: int) -> NDArray[np.int64]:
    chosen = np.zeros(units, dtype=np.int64)
    rows = np.flatnonzero(arm)
    chosen[slot[rows]] = rows
    return chosen


def _sending_order(applications: Applications) -> NDArray[np.int64]:
    """Rows in the order of sending within each test; the profile breaks ties."""
    profile = applications.rows.fields["profile"]
    tie = encoding.ranks(profile.values)[profile.codes]
    position = applications.rows.fields.get("position")
    sent = applications.coded.sent_at
    keys: list[NDArray[np.float64] | NDArray[np.int64] | IntArray] = [tie]
    if sent is not None:
        keys.append(sent.astype(np.int64))
    if position is not None:
        numbers, _ = parse_numbers(position.values)
        keys.append(np.asarray(numbers, dtype=np.float64)[position.codes])
    return np.lexsort((*keys, applications.test))


def _level_problems(arms: Arms) -> list[Problem]:
    return [
        Problem(
            code="level-never-occurs",
            message=f"contrast {arms.comparison.id!r} compares {level!r}, "
            "which occurs nowhere in the log",
            column=arms.comparison.attribute,
            value=shown(level),
            hint="correct the level in the design, or recode the log under "
            f"[columns.values.{arms.comparison.attribute}]",
        )
        for level in arms.missing_levels
    ]


def _repeat_problems(
    applications: Applications,
    design: Design,
    comparison: Comparison,
    used: NDArray[np.int64],
    unit_first: NDArray[np.int64],
    n_control: NDArray[np.int64],
    n_treated: NDArray[np.int64],
) -> list[Problem]:
    """Several applications of one level, where the design does not say what to do."""
    repeated = used[(n_control[used] > 1) | (n_treated[used] > 1)]
    rule = design.reading.same_profile
    if rule == "error" and len(repeated):
        return [
            _unit_problem(
                applications,
                unit_first[repeated],
                "same-level-repeated",
                f"this test has several applications of one level of contrast {comparison.id!r}",
                'say how they count: [reading] same_profile = "best", "first" or "mean"; '
                "a copied row must be removed from the log",
            )
        ]
    unequal = used[n_control[used] != n_treated[used]]
    if rule == "best" and design.reading.unequal == "error" and len(unequal):
        return [
            _unit_problem(
                applications,
                unit_first[unequal],
                "unequal-numbers",
                f"contrast {comparison.id!r} has unequal numbers of applications per level in "
                "this test: the best of two against the best of one invents a difference",
                'use same_profile = "mean" or "first", or accept it with [reading] '
                'unequal = "allow"',
            )
        ]
    return []


def _unit_problem(
    applications: Applications, rows: NDArray[np.int64], code: str, message: str, hint: str
) -> Problem:
    log = applications.rows
    first = rows[np.lexsort((log.row_numbers[rows], log.file_codes[rows]))[0]]
    return Problem(
        code=code,
        message=message,
        file=log.files[log.file_codes[first]],
        row=int(log.row_numbers[first]),
        column="test",
        value=shown(applications.test_ids[applications.test[first]]),
        hint=hint,
        count=len(rows),
    )


def _counts(
    applications: Applications,
    arms: Arms,
    both: BoolArray,
    open_unit: BoolArray,
    unit_first: NDArray[np.int64],
    failed: BoolArray,
) -> dict[str, int]:
    """Tests used, pending, incomplete and not applicable: together all that did not fail."""
    tests = len(applications.test_ids)
    used = np.zeros(tests, dtype=bool)
    pending = np.zeros(tests, dtype=bool)
    used[applications.test[unit_first[both & ~open_unit]]] = True
    pending[applications.test[unit_first[both & open_unit]]] = True
    pending &= ~used
    present = np.zeros(tests, dtype=bool)
    present[applications.test[~failed]] = True
    rest = present & ~used & ~pending
    incomplete = rest & _meant_for_both(applications, arms, used | pending, rest)
    return {
        "tests": int(used.sum()),
        "tests_pending": int(pending.sum()),
        "tests_incomplete": int(incomplete.sum()),
        "tests_not_applicable": int((rest & ~incomplete).sum()),
    }


def _meant_for_both(
    applications: Applications, arms: Arms, complete: BoolArray, rest: BoolArray
) -> BoolArray:
    """Tests with one level whose complete sister tests show that both were meant.

    A lone applicant is incomplete when its profile takes part in complete tests of this
    contrast. Several applicants are incomplete when together they are a part of the set
    of profiles that complete tests most often have.
    """
    tests = len(complete)
    has_level = np.zeros(tests, dtype=bool)
    has_level[applications.test[arms.level >= 0]] = True
    candidates = np.flatnonzero(rest & has_level)
    result = np.zeros(tests, dtype=bool)
    if not len(candidates):
        return result
    profile = applications.rows.fields["profile"]
    sizes = np.bincount(applications.test, minlength=tests)
    in_complete = np.zeros(len(profile.values), dtype=bool)
    in_complete[profile.codes[complete[applications.test]]] = True
    lone = (sizes == 1) & rest & has_level
    lone_rows = np.flatnonzero(lone[applications.test])
    result[applications.test[lone_rows[in_complete[profile.codes[lone_rows]]]]] = True
    usual = _usual_set(applications, complete)
    several = candidates[sizes[candidates] > 1]
    if usual is None or not len(several):
        return result
    for members, numbers in _sets(applications, several):
        if not (members - usual) and members != usual:
            result[numbers] = True
    return result


def _usual_set(applications: Applications, complete: BoolArray) -> Counter[str] | None:
    found = _sets(applications, np.flatnonzero(complete))
    if not found:
        return None
    return max(found, key=lambda item: (len(item[1]), sorted(item[0].elements())))[0]


def _sets(
    applications: Applications, tests: NDArray[np.int64]
) -> list[tuple[Counter[str], NDArray[np.int64]]]:
    """The distinct sets of profiles of some tests, each with the tests that have it.

    Every profile gets a random 64-bit number; tests with the same sum have the same set
    (the chance that two different sets agree is below 1e-12 for a million tests).
    """
    if not len(tests):
        return []
    profile = applications.rows.fields["profile"]
    marks = np.random.default_rng(0).integers(
        0, np.iinfo(np.int64).max, size=len(profile.values), dtype=np.uint64
    )
    sums = np.zeros(len(applications.test_ids), dtype=np.uint64)
    np.add.at(sums, applications.test, marks[profile.codes])
    _, first, group = np.unique(sums[tests], return_index=True, return_inverse=True)
    by_group = np.argsort(group, kind="stable")
    groups = np.split(tests[by_group], np.cumsum(np.bincount(group))[:-1])
    order = np.argsort(applications.test, kind="stable")
    starts = np.searchsorted(applications.test[order], tests[first])
    ends = np.searchsorted(applications.test[order], tests[first], side="right")
    return [
        (Counter(str(v) for v in profile.values[profile.codes[order[start:end]]]), numbers)
        for start, end, numbers in zip(starts, ends, groups, strict=True)
    ]
