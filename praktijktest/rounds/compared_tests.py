"""The tests of a round, ready to stand beside those of other rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from praktijktest.problems import UsageError

if TYPE_CHECKING:
    from praktijktest.tables import Column

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Names = NDArray[np.object_]
Groups = NDArray[np.int8]

TREATED: Final = 1
OTHERS: Final = 0
UNKNOWN: Final = -1
TESTED_BEFORE: Final = "tested-before"
DAYS_IN_YEAR: Final = 365.2425


@dataclass(frozen=True, slots=True)
class ComparedTests:
    """The comparable units of one contrast in one round, in the order of its tests.

    Attributes:
        test: the test of each unit.
        control: what the control applicants of each unit got, 0 … 1.
        tested: what the test applicants got.
        cluster: what counts as one independent observation over all rounds.
        target: the log's own id of the target, "" where it is not known.
        named: whether the test names a target, with or without an id that other rounds know.
        group: 1 treated, 0 not, -1 not known, for a difference in differences.
    """

    test: Names
    control: FloatArray
    tested: FloatArray
    cluster: Names
    target: Names
    named: BoolArray
    group: Groups

    def __len__(self) -> int:
        return len(self.test)

    def of(self, members: BoolArray) -> "ComparedTests":
        """The units of a mask."""
        return ComparedTests(**{name: getattr(self, name)[members] for name in self.__slots__})

    def tests(self) -> int:
        """How many tests the units come from."""
        return len(set(self.test.tolist()))

    def targets(self) -> set[str]:
        """Ids of the targets."""
        return set(self.target.tolist()) - {""}

    def parties(self) -> int:
        """How many targets there are, those without a known id included."""
        unknown = self.named & np.asarray(self.target == "", dtype=np.bool_)
        return len(self.targets()) + len(set(self.cluster[unknown].tolist()))

    def kept_apart(self, mark: str) -> "ComparedTests":
        """The same with clusters and targets that no other round shares."""
        return replace(
            self,
            cluster=_named([f"{mark}\n{name}" for name in self.cluster]),
            target=_named([name and f"{mark}\n{name}" for name in self.target]),
        )

    def in_group(self, group: int) -> "ComparedTests":
        """The same, all in one group."""
        return replace(self, group=np.full(len(self), group, dtype=np.int8))


def joined(parts: Sequence[ComparedTests]) -> ComparedTests:
    """Several lots of units as one."""
    return ComparedTests(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ComparedTests.__slots__
        }
    )


@dataclass(frozen=True, slots=True)
class ComparedRound:
    """A round, or a wave of a log, as it takes part in a comparison.

    Attributes:
        label: what it is called beside the others.
        about: title, place, start, end, tests and targets, as plain data.
        document: the analysis document it comes from.
        contrasts: the entry of every contrast in that document.
        tests: the units of every contrast that has some.
        binary: whether a reply is positive or not; else outcomes are averaged per test.
        moment: its middle in years, None where it has no dates.
        notes: what a reader should know of it: code and values.
    """

    label: str
    about: dict[str, Any]
    document: Mapping[str, Any]
    contrasts: dict[str, Mapping[str, Any]]
    tests: dict[str, ComparedTests]
    binary: bool
    moment: float | None
    notes: tuple[dict[str, Any], ...] = ()


def in_years(ordinal: float) -> float:
    """A day, as `date.toordinal` counts them, as a year with decimals."""
    return 1.0 + (ordinal - 1.0) / DAYS_IN_YEAR


@dataclass(frozen=True, slots=True)
class Treated:
    """Who is set apart in a difference in differences.

    Attributes:
        text: as it was given.
        column, value: tests with this value; both "" for targets that were tested before.
    """

    text: str
    column: str
    value: str

    @property
    def tested_before(self) -> bool:
        """Whether the group is made of who was tested in an earlier round."""
        return not self.column


def treated_group(text: str | None) -> Treated | None:
    """Read `column=value` or `tested-before`.

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    if text.strip() == TESTED_BEFORE:
        return Treated(TESTED_BEFORE, "", "")
    column, equals, value = (part.strip() for part in text.partition("="))
    if not (column and equals and value):
        raise UsageError(
            f"--treated is column=value, such as agent_type=agent, or {TESTED_BEFORE}; "
            f"not {text!r}."
        )
    return Treated(f"{column}={value}", column, value)


def value_of_tests(column: "Column", test: NDArray[np.integer[Any]], tests: int) -> Names:
    """The one value of a column in every test; "" where it is empty or not the same throughout.

    Args:
        column: one value per application.
        test: number of the test of each application, 0 … tests - 1.
        tests: number of tests.
    """
    least = np.full(tests, np.iinfo(np.int64).max)
    most = np.full(tests, -1)
    codes = column.codes.astype(np.int64)
    np.minimum.at(least, test, codes)
    np.maximum.at(most, test, codes)
    found = np.full(tests, "", dtype=object)
    agreed = least == most
    found[agreed] = column.values[most[agreed]]
    return found


def groups_of(values: Names, wanted: str) -> Groups:
    """Treated, other or unknown, from the value of a column in every test."""
    import pandas as pd

    from praktijktest.tables import canonical

    codes, distinct = pd.factorize(values)
    known = [canonical(str(value)) for value in distinct]
    treated = canonical(wanted)
    of_value = [UNKNOWN if not one else TREATED if one == treated else OTHERS for one in known]
    return np.array(of_value, dtype=np.int8)[codes]


def _named(names: Sequence[str]) -> Names:
    found = np.empty(len(names), dtype=object)
    found[:] = names
    return found
