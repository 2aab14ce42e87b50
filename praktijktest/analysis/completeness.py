"""What becomes of every test in a contrast: used, pending, incomplete or not applicable."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from praktijktest.analysis.applications import Applications
from praktijktest.analysis.encoding import BoolArray, IntArray

LEFT_OUT, USED, PENDING, INCOMPLETE, NOT_APPLICABLE = range(5)
"""Status of a test; a test is left out that failed or was refused on request."""

NAMES = {
    "tests": USED,
    "tests_pending": PENDING,
    "tests_incomplete": INCOMPLETE,
    "tests_not_applicable": NOT_APPLICABLE,
}


def counts_of(status: NDArray[np.int8]) -> dict[str, int]:
    """How many tests have each status, under the names of the analysis document."""
    found = np.bincount(status, minlength=5)
    return {name: int(found[code]) for name, code in NAMES.items()}


def test_status(
    applications: Applications, level: IntArray, used: IntArray, pending: IntArray
) -> NDArray[np.int8]:
    """Status of every test in one contrast.

    Args:
        applications: the applications.
        level: per application 0 = control, 1 = test, -1 = neither.
        used: numbers of the tests that are compared.
        pending: numbers of the tests that would be, once their window is closed.
    """
    tests = len(applications.test_ids)
    status = np.full(tests, NOT_APPLICABLE, dtype=np.int8)
    status[pending] = PENDING
    status[used] = USED
    complete = status != NOT_APPLICABLE
    failed = np.asarray(applications.test_failed != "", dtype=bool)
    rest = ~complete & ~failed
    status[rest & _meant_for_both(applications, level, complete, rest)] = INCOMPLETE
    status[failed] = LEFT_OUT
    return status


def _meant_for_both(
    applications: Applications, level: IntArray, complete: BoolArray, rest: BoolArray
) -> BoolArray:
    """Tests with one level whose complete sister tests show that both were meant.

    A lone applicant is incomplete when its profile takes part in complete tests of this
    contrast. Several applicants are incomplete when together they are a part of the set
    of profiles that complete tests most often have.
    """
    tests = len(complete)
    has_level = np.zeros(tests, dtype=bool)
    has_level[applications.test[level >= 0]] = True
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
