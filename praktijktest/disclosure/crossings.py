"""Several stratifications together: what their differences would give away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from praktijktest.disclosure.strata import MIN_TARGETS, Pattern

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_COMBINATIONS = 3000
"""More combinations of levels than this are not worked through; one stratification is shown."""

PIECE = 256
DOMINANT = 0.8
"""Share of the tests of a stratum above which one target is the stratum."""

Level = tuple[str, str]
"""A stratification and one of its levels."""


@dataclass(frozen=True, slots=True)
class TestPlaces:
    """Where every test of a round stands; never published.

    Attributes:
        target: the target of every test, "" where unknown.
        strata: the level of every test, by stratification.
    """

    __test__ = False  # the name begins with Test, and is no test

    target: Sequence[str]
    strata: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Crossings:
    """How the levels of several stratifications meet.

    Attributes:
        kinds: every combination of levels that occurs.
        small: pairs of levels of two stratifications with too few tests or targets together,
            and the places in `kinds` where both hold.
        dominated: levels where one target has nearly all tests.
    """

    kinds: tuple[tuple[Level, ...], ...]
    small: tuple[tuple[Level, Level, tuple[int, ...]], ...]
    dominated: frozenset[Level]


def crossings(places: TestPlaces, min_cell: int) -> Crossings | None:
    """How levels meet in the tests of a round; None where that is too much to work through.

    Args:
        places: where every test stands.
        min_cell: the fewest tests that may be known of a pair of levels.
    """
    names = list(places.strata)
    rows = list(zip(*(places.strata[name] for name in names), strict=True))
    kinds = sorted(set(rows))
    if len(kinds) > MOST_COMBINATIONS:
        return None
    number = {kind: place for place, kind in enumerate(kinds)}
    tests: dict[Any, int] = {}
    targets: dict[Any, dict[str, int]] = {}
    where: dict[Any, set[int]] = {}
    for row, target in zip(rows, places.target, strict=True):
        held = [(name, level) for name, level in zip(names, row, strict=True) if level]
        for key in (*((one,) for one in held), *combinations(held, 2)):
            tests[key] = tests.get(key, 0) + 1
            by_target = targets.setdefault(key, {})
            by_target[target] = by_target.get(target, 0) + 1
            where.setdefault(key, set()).add(number[row])
    named = any(places.target)
    small = tuple(
        (*key, tuple(sorted(where[key])))
        for key in sorted(key for key in tests if len(key) == 2)
        if tests[key] < min_cell or (named and len(targets[key]) < MIN_TARGETS)
    )
    dominated = frozenset(
        key[0]
        for key in tests
        if len(key) == 1 and named and max(targets[key].values()) > DOMINANT * tests[key]
    )
    return Crossings(
        tuple(tuple(zip(names, kind, strict=True)) for kind in kinds), small, dominated
    )


def given_away(found: Crossings, hidden: Pattern) -> set[Level]:
    """Levels to hide because differences of what is shown give a small number away.

    What is published are sums over combinations of levels: of every shown level, and of the
    hidden ones of a stratification together (the total less the shown). A hidden level, or a
    pair of levels with too few tests, is given away if it is a linear combination of these
    sums. The worst reader is meant: one who knows which combinations of levels occur.

    Returns:
        For every number given away the smallest level whose hiding may help.
    """
    holds = _held(found.kinds)
    size = {key: float(rows.sum()) for key, rows in holds.items()}
    shown = [key for key in holds if key[1] and key[1] not in hidden[key[0]]]
    chosen = set()
    for levels in _known(found, hidden, holds):
        own = [key for key in levels if key in shown]
        # A hidden level that comes back is helped by hiding one that it meets elsewhere.
        meeting = own or [k for k in shown if any((holds[k] * holds[one]).any() for one in levels)]
        if meeting:
            chosen.add(min(meeting, key=lambda key: (size[key], key)))
    return chosen


def _known(
    found: Crossings, hidden: Pattern, holds: "Mapping[Level, NDArray[np.float64]]"
) -> list[tuple[Level, ...]]:
    """Hidden levels, and pairs with too few tests, that follow from what is shown."""
    import numpy as np

    sums = [np.ones(len(found.kinds))]
    for name, levels in hidden.items():
        mine = {level: rows for (by, level), rows in holds.items() if by == name}
        sums += [rows for level, rows in mine.items() if level not in levels]
        sums.append(
            np.sum([mine[level] for level in levels if level in mine], axis=0) + 0 * sums[0]
        )
    known = _basis(np.array(sums))
    asked: list[tuple[tuple[Level, ...], NDArray[np.float64]]] = [
        ((key,), rows) for key, rows in holds.items() if key[1] and key[1] in hidden[key[0]]
    ]
    for first, second, places in found.small:
        rows = np.zeros(len(found.kinds))
        rows[list(places)] = 1.0
        asked.append(((first, second), rows))
    return [
        key
        for start in range(0, len(asked), PIECE)
        for key in _in_span(known, asked[start : start + PIECE])
    ]


def _held(kinds: Sequence[tuple[Level, ...]]) -> "dict[Level, NDArray[np.float64]]":
    """For every level, which combinations hold it."""
    import numpy as np

    holds: dict[Level, NDArray[np.float64]] = {}
    for place, kind in enumerate(kinds):
        for key in kind:
            holds.setdefault(key, np.zeros(len(kinds)))[place] = 1.0
    return holds


def _basis(sums: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Orthonormal rows that span the given ones."""
    import numpy as np

    _, scales, rows = np.linalg.svd(sums, full_matrices=False)
    return np.asarray(rows[scales > 1e-9 * scales[0]], dtype=np.float64)


def _in_span(
    known: "NDArray[np.float64]",
    asked: "Sequence[tuple[tuple[Level, ...], NDArray[np.float64]]]",
) -> list[tuple[Level, ...]]:
    import numpy as np

    rows = np.array([row for _, row in asked])
    left = rows - (rows @ known.T) @ known
    inside = np.abs(left).max(axis=1) < 1e-7
    return [key for (key, _), yes in zip(asked, inside.tolist(), strict=True) if yes]
