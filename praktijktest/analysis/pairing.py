"""Which tests a contrast uses, and what control and test applicant got in each of them.

A *unit* is the smallest thing that is compared: the applications of one test that are
equal on the `within` attributes. Most units are whole tests; a test with a man and a
woman of either origin holds two.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis import encoding
from praktijktest.analysis.applications import Applications
from praktijktest.analysis.completeness import LEFT_OUT, test_status
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
        status: per test of the round, what became of it in this contrast.
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
    status: NDArray[np.int8]
    binary: bool
    problems: tuple[Problem, ...]

    def __len__(self) -> int:
        return len(self.test)


def ambiguous(arm: dict[str, FloatArray]) -> BoolArray:
    """Replies that one outcome rule of the design counts as positive and another does not.

    Args:
        arm: rule -> what the applicants of one arm got in each unit.
    """
    readings = [values > 0 for values in arm.values()]
    differs: BoolArray = np.logical_or.reduce(readings) & ~np.logical_and.reduce(readings)
    return differs


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


def pairs_of(
    applications: Applications,
    design: Design,
    comparison: Comparison,
    *,
    skip_bad_rows: bool = False,
) -> Pairs:
    """Find the units in which both levels of a comparison occur, and their outcomes.

    Args:
        applications: the applications of the round.
        design: says how several applications of one level count.
        comparison: the comparison.
        skip_bad_rows: leave out units that the design's rules cannot decide, with a
            warning, where an error would otherwise stop everything.
    """
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
    repeats = _repeats(design, used, n_control, n_treated)
    problems = _level_problems(arms)
    if repeats is not None:
        problem = _repeat_problem(applications, comparison, repeats[0], unit_first[repeats[1]])
        problems.append(replace(problem, level="warning") if skip_bad_rows else problem)
        used = np.setdiff1d(used, repeats[1]) if skip_bad_rows else used
    position_in_used = np.full(len(unit_first), -1, dtype=np.int64)
    position_in_used[used] = np.arange(len(used))
    slot = position_in_used[unit]
    method = _method(design, n_control[used], n_treated[used])
    in_control, in_treated = control & (slot >= 0), treated & (slot >= 0)
    return Pairs(
        comparison=comparison,
        test=applications.test[unit_first[used]],
        application=_one_row(in_control, slot, len(used)),
        opposite=_one_row(in_treated, slot, len(used)),
        n_control=n_control[used],
        n_treated=n_treated[used],
        **_values(applications, in_control, in_treated, slot, len(used), method),
        status=_status(applications, arms, unit_first[both & open_unit], unit_first[used], repeats),
        binary=design.reading.same_profile != "mean",
        problems=tuple(problems),
    )


def _values(
    applications: Applications,
    control: BoolArray,
    treated: BoolArray,
    slot: NDArray[np.int64],
    units: int,
    method: str,
) -> dict[str, dict[str, FloatArray]]:
    """What either arm got in every unit, by rule; with late replies left out and with them."""
    coded = applications.coded
    order = _sending_order(applications) if method == "first" else None

    def values(positive: dict[str, BoolArray], arm: BoolArray) -> dict[str, FloatArray]:
        return {
            rule: _arm_value(flags, arm, slot, units, method, order)
            for rule, flags in positive.items()
        }

    in_time = {
        "control": values(coded.positive, control),
        "treated": values(coded.positive, treated),
    }
    if not coded.late.any():
        return in_time | {f"{arm}_any_time": found for arm, found in in_time.items()}
    return in_time | {
        "control_any_time": values(coded.positive_any_time, control),
        "treated_any_time": values(coded.positive_any_time, treated),
    }


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


REPEATS = {
    "same-level-repeated": (
        "this test has several applications of one level of contrast {!r}",
        'say how they count: [reading] same_profile = "best", "first" or "mean"; '
        "a copied row must be removed from the log",
    ),
    "unequal-numbers": (
        "contrast {!r} has unequal numbers of applications per level in this test: the best of "
        "two against the best of one invents a difference",
        'use same_profile = "mean" or "first", or accept it with [reading] unequal = "allow"',
    ),
}


def _repeats(
    design: Design,
    used: NDArray[np.int64],
    n_control: NDArray[np.int64],
    n_treated: NDArray[np.int64],
) -> tuple[str, NDArray[np.int64]] | None:
    """Units with several applications of one level, where the design cannot decide them."""
    rule = design.reading.same_profile
    several = used[(n_control[used] > 1) | (n_treated[used] > 1)]
    if rule == "error" and len(several):
        return "same-level-repeated", several
    unequal = used[n_control[used] != n_treated[used]]
    if rule == "best" and design.reading.unequal == "error" and len(unequal):
        return "unequal-numbers", unequal
    return None


def _repeat_problem(
    applications: Applications, comparison: Comparison, code: str, rows: NDArray[np.int64]
) -> Problem:
    log = applications.rows
    first = rows[np.lexsort((log.row_numbers[rows], log.file_codes[rows]))[0]]
    message, hint = REPEATS[code]
    return Problem(
        code=code,
        message=message.format(comparison.id),
        file=log.files[log.file_codes[first]],
        row=int(log.row_numbers[first]),
        column="test",
        value=shown(applications.test_ids[applications.test[first]]),
        hint=hint,
        count=len(rows),
    )


def _status(
    applications: Applications,
    arms: Arms,
    pending: NDArray[np.int64],
    used: NDArray[np.int64],
    repeats: tuple[str, NDArray[np.int64]] | None,
) -> NDArray[np.int8]:
    test = applications.test
    status = test_status(applications, arms.level, test[used], test[pending])
    if repeats is not None:
        undecided = np.setdiff1d(test[repeats[1]], test[used])
        status[undecided] = LEFT_OUT
    return status
