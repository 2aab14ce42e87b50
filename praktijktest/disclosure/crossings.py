"""Several stratifications together: what their differences would give away."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from praktijktest.disclosure.strata import MIN_TARGETS, Pattern

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_COMBINATIONS = 3000
"""More combinations of levels than this are not worked through; one stratification is shown."""

ROUNDING = 1e-7
PIECE = 256
AT_ONCE = 10
"""One level is hidden at a time, and a tenth of them where that would take long."""

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
        compared: the numbers of the tests that a contrast compares, by contrast; one that is
            absent compares all of them.
    """

    __test__ = False  # the name begins with Test, and is no test

    target: Sequence[str]
    strata: Mapping[str, Sequence[str]]
    compared: Mapping[str, Collection[int]] = field(default_factory=dict)

    def of(self, contrasts: Iterable[str]) -> "TestPlaces":
        """The places of the tests that some contrasts compare."""
        rows: set[int] = set()
        for name in contrasts:
            rows |= set(self.compared.get(name, range(len(self.target))))
        chosen = sorted(rows)
        return TestPlaces(
            [self.target[row] for row in chosen],
            {by: [levels[row] for row in chosen] for by, levels in self.strata.items()},
        )


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
    if not rows:
        return None
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


def given_away(found: Crossings, hidden: Pattern, unsafe: Pattern) -> set[Level] | None:
    """Levels to hide because differences of what is shown give a small number away.

    What is published are sums over combinations of levels: of every shown level, and of the
    hidden ones of a stratification together (the total less the shown). An unsafe level, or a
    pair of levels with too few tests, is given away if it is a linear combination of these
    sums. The worst reader is meant: one who knows which combinations of levels occur.

    Args:
        found: how levels meet.
        hidden: the hidden levels of every stratification.
        unsafe: those that are hidden for their own sake.

    Returns:
        The smallest levels whose hiding may help: one, or a part of them where there are many;
        none where nothing is given away, and None where hiding levels does not help.
    """
    import numpy as np

    holds = _held(found.kinds)
    sums, shown = _published(holds, hidden)
    inverse = np.linalg.pinv(sums)
    candidates: set[Level] = set()
    given = False
    for asked in _asked(found, unsafe, holds):
        weights = asked @ inverse
        inside = np.abs(asked - weights @ sums).max(axis=1) < ROUNDING
        given = given or bool(inside.any())
        for row in weights[inside]:
            used = [key for key, weight in zip(shown, row, strict=False) if abs(weight) > ROUNDING]
            if used:
                candidates.add(min(used, key=lambda key: (float(holds[key].sum()), key)))
    if given and not candidates:
        return None
    smallest = sorted(candidates, key=lambda key: (float(holds[key].sum()), key))
    return set(smallest[: 1 + len(smallest) // AT_ONCE])


def _published(
    holds: "Mapping[Level, NDArray[np.float64]]", hidden: Pattern
) -> "tuple[NDArray[np.float64], list[Level]]":
    """What is published as sums over combinations: the shown levels first, in their order."""
    import numpy as np

    shown = [key for key in holds if key[1] and key[1] not in hidden[key[0]]]
    whole = np.ones(len(next(iter(holds.values()))))
    rest = [
        whole - np.sum([holds[key] for key in shown if key[0] == name], axis=0) for name in hidden
    ]
    return np.array([*(holds[key] for key in shown), whole, *rest]), shown


def _asked(
    found: Crossings, unsafe: Pattern, holds: "Mapping[Level, NDArray[np.float64]]"
) -> "Iterator[NDArray[np.float64]]":
    """Unsafe levels, tests without one, and pairs with too few tests, some rows at a time."""
    import numpy as np

    rows = [row for key, row in holds.items() if not key[1] or key[1] in unsafe[key[0]]]
    for _, _, places in found.small:
        row = np.zeros(len(found.kinds))
        row[list(places)] = 1.0
        rows.append(row)
    for start in range(0, len(rows), PIECE):
        yield np.array(rows[start : start + PIECE])


def _held(kinds: Sequence[tuple[Level, ...]]) -> "dict[Level, NDArray[np.float64]]":
    """For every level, which combinations hold it."""
    import numpy as np

    holds: dict[Level, NDArray[np.float64]] = {}
    for place, kind in enumerate(kinds):
        for key in kind:
            holds.setdefault(key, np.zeros(len(kinds)))[place] = 1.0
    return dict(sorted(holds.items()))
