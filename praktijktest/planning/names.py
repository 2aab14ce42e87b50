"""Banks of names with what people hear in them, and a second signal that may sit in a contrast.

A name that is meant to show an origin may also be heard as of a lower class, less educated
or religious. Where the two arms of a contrast differ in such a second signal, the test no
longer measures the first alone (Gaddis 2017; Martiniello and Verhaeghe 2022).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.design import Comparison, Design
from praktijktest.planning.letter_rendering import Identity
from praktijktest.problems import DataError, Problem, shown

if TYPE_CHECKING:
    from praktijktest.tables import Table

SECOND_SIGNALS: Final = ("class", "education", "religiosity")
"""What a name may say besides what it is meant to say; means on a scale from 1 to 7."""

SCALE: Final = (1.0, 7.0)
THRESHOLD: Final = 0.5
"""A difference between arms of half a point on the scale is worth a warning."""

WEAK_SHARE: Final = 0.75
"""A name whose origin fewer raters perceive shows it too weakly."""

CERTAIN: Final = 1.96
"""Standard errors: a difference further from zero than this is not put down to the raters."""

ORIGIN_GROUNDS: Final = frozenset(("origin", "nationality", "skin-colour", "descent"))


@dataclass(frozen=True, slots=True)
class Rating:
    """What raters heard in a name, on one scale.

    Attributes:
        mean: mean of the ratings.
        sd: their standard deviation; None where the bank has none.
        raters: how many rated it.
    """

    mean: float
    sd: float | None
    raters: int | None

    @property
    def variance(self) -> float | None:
        """Squared standard error of the mean; None where it cannot be known."""
        if self.sd is None or not self.raters:
            return None
        return self.sd**2 / self.raters


@dataclass(frozen=True, slots=True)
class NameRecord:
    """One name of a bank.

    Attributes:
        name: first and last name.
        gender: gender it is meant to show.
        origin: origin it is meant to show.
        pretested: whether people were asked what they hear in it.
        origin_share: share of raters who heard the origin; None where nobody was asked.
        ratings: second signal -> rating.
        identity: mail address and telephone number, where they exist.
    """

    name: str
    gender: str
    origin: str
    pretested: bool
    origin_share: float | None = None
    ratings: Mapping[str, Rating] = field(default_factory=dict, hash=False)
    identity: Identity = field(default_factory=Identity)


@dataclass(frozen=True, slots=True)
class NameBank:
    """A bank of names, by name.

    Attributes:
        records: name -> record, in the order of the file.
        file: base name of the file.
    """

    records: Mapping[str, NameRecord] = field(hash=False)
    file: str

    def names(self, origin: str, gender: str) -> tuple[str, ...]:
        """The names that are meant to show an origin and a gender."""
        return tuple(
            r.name for r in self.records.values() if (r.origin, r.gender) == (origin, gender)
        )

    def identities(self) -> dict[str, Identity]:
        """How each name can be reached, for the letters."""
        return {record.name: record.identity for record in self.records.values()}


@dataclass(frozen=True, slots=True)
class SignalDifference:
    """How the names of two arms differ in a second signal.

    Attributes:
        contrast: id of the comparison.
        signal: class, education or religiosity.
        control: mean over the names of the control arm.
        test: mean over the names of the test arm.
        se: standard error of the difference from the raters; None where not every name has
            a standard deviation and a number of raters.
        differs: whether the difference is at least the threshold and, where its standard
            error is known, further from zero than chance among raters explains.
    """

    contrast: str
    signal: str
    control: float
    test: float
    se: float | None
    differs: bool

    @property
    def difference(self) -> float:
        """Test arm minus control arm, in points of the scale."""
        return self.test - self.control

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data."""
        return {
            "contrast": self.contrast,
            "signal": self.signal,
            "control": self.control,
            "test": self.test,
            "difference": self.difference,
            "se": self.se,
            "differs": self.differs,
        }


def read_name_bank(path: Path) -> NameBank:
    """Read a bank of names from csv or a spreadsheet.

    Columns: `name`, `gender`, `origin` (required); `pretested`, `raters`, `origin_share`,
    `class`, `education`, `religiosity`, each with `…_sd`; `mail`, `phone`.

    Raises:
        UsageError: the file is missing or of an unknown kind.
        DataError: a column is missing, a name stands twice, or a number is impossible.
    """
    from praktijktest.tables import read_table

    return _bank(read_table(path), path.name)


def shipped_names() -> NameBank:
    """The small bank that comes with the program; it was not pre-tested."""
    from praktijktest.tables import read_table

    source = files("praktijktest.planning").joinpath("names_bank/names.csv")
    with as_file(source) as path:
        return _bank(read_table(path), path.name)


def second_signals(
    design: Design, bank: NameBank, threshold: float = THRESHOLD
) -> tuple[SignalDifference, ...]:
    """Compare the names of the arms of every contrast on class, education and religiosity.

    An arm's mean is the plain mean over its names that were rated. Its standard error comes
    from the raters of each name, sqrt(sum(sd² / raters)) / names; the names themselves are
    taken as they are.

    Args:
        design: the design, whose profiles name the names.
        bank: the bank with ratings.
        threshold: difference in points of the scale that is worth a warning.
    """
    found = []
    for comparison in design.comparisons():
        control = _arm(design, comparison, (comparison.control,), bank)
        test = _arm(design, comparison, comparison.tests, bank)
        for signal in SECOND_SIGNALS:
            ratings = [[r.ratings[signal] for r in arm if signal in r.ratings]
                       for arm in (control, test)]  # fmt: skip
            if all(ratings):
                found.append(_difference(comparison.id, signal, ratings, threshold))
    return tuple(found)


def check_names(design: Design, bank: NameBank, threshold: float = THRESHOLD) -> list[Problem]:
    """Warnings about the names of a design: not rated, heard wrongly, or saying more.

    Args:
        design: the design.
        bank: the bank its names come from.
        threshold: see `second_signals`.
    """
    used = [name for profile in design.profiles for name in profile.names]
    known = [bank.records[name] for name in dict.fromkeys(used) if name in bank.records]
    unknown = [name for name in dict.fromkeys(used) if name not in bank.records]
    untested = [record.name for record in known if not record.pretested]
    problems = []
    if unknown:
        message = f"{len(unknown)} names of the design are not in the bank"
        problems.append(_warning("name-not-in-bank", message, bank.file, unknown))
    if untested:
        message = (
            f"{len(untested)} names were not pre-tested: nobody knows yet whether they show "
            "what they should, and nothing else"
        )
        hint = "have them rated: praktijktest design names DIR --form FILE.xlsx"
        problems.append(_warning("name-not-pretested", message, bank.file, untested, hint))
    problems += _weak(design, bank)
    for one in second_signals(design, bank, threshold):
        if one.differs:
            problems.append(_second_signal_warning(one, bank.file))
    return problems


def _arm(
    design: Design, comparison: Comparison, levels: Sequence[str], bank: NameBank
) -> list[NameRecord]:
    """The records of the names that stand for the levels of a contrast."""
    names: dict[str, None] = {}
    for profile in design.profiles:
        own = profile.id if comparison.attribute == "profile" else profile.attributes.get(
            comparison.attribute, ""
        )  # fmt: skip
        if own in levels:
            names |= dict.fromkeys(profile.names)
    return [bank.records[name] for name in names if name in bank.records]


def _difference(
    contrast: str, signal: str, ratings: Sequence[Sequence[Rating]], threshold: float
) -> SignalDifference:
    control, test = (sum(r.mean for r in arm) / len(arm) for arm in ratings)
    variances = [
        [v / len(arm) ** 2 for r in arm if (v := r.variance) is not None] for arm in ratings
    ]
    complete = all(len(own) == len(arm) for own, arm in zip(variances, ratings, strict=True))
    se = math.sqrt(sum(map(sum, variances))) if complete else None
    size = abs(test - control)
    # Means are rounded in a bank, so a difference of exactly the threshold is not lost.
    differs = size >= threshold - 1e-9 and (se is None or size > CERTAIN * se)
    return SignalDifference(contrast, signal, control, test, se, differs)


def _weak(design: Design, bank: NameBank) -> list[Problem]:
    """Names of an origin contrast whose origin too few raters heard."""
    names: dict[str, None] = {}
    for comparison in design.comparisons():
        if comparison.ground in ORIGIN_GROUNDS:
            levels = (comparison.control, *comparison.tests)
            names |= {r.name: None for r in _arm(design, comparison, levels, bank)}
    shares = {name: bank.records[name].origin_share for name in names}
    weak = [n for n, share in shares.items() if share is not None and share < WEAK_SHARE]
    if not weak:
        return []
    message = f"fewer than {WEAK_SHARE:.0%} of the raters heard the origin of {len(weak)} names"
    return [_warning("name-weak-signal", message, bank.file, weak, "use other names")]


def _second_signal_warning(one: SignalDifference, file: str) -> Problem:
    error = "standard error unknown" if one.se is None else f"standard error {one.se:.2f}"
    return Problem(
        code="name-second-signal",
        level="warning",
        message=f"the names of contrast {one.contrast!r} differ in {one.signal} too: control "
        f"{one.control:.1f}, test {one.test:.1f}, difference {one.difference:+.2f} ({error})",
        file=file,
        column=one.signal,
        hint="choose names that are alike in it, or the test measures both",
    )


def _warning(
    code: str, message: str, file: str, names: Sequence[str], hint: str | None = None
) -> Problem:
    listed = shown(", ".join(names))
    return Problem(code=code, level="warning", message=message, file=file, value=listed, hint=hint)


def _bank(table: "Table", file: str) -> NameBank:
    columns = {name: column.texts().tolist() for name, column in table.columns.items()}
    missing = [name for name in ("name", "gender", "origin") if name not in columns]
    if missing:
        listed = shown(", ".join(columns))
        raise DataError(
            "The bank of names cannot be read.",
            [
                Problem(
                    code="name-bank-column",
                    message=f"there is no column {name!r}",
                    file=file,
                    row=1,
                    column=name,
                    hint=f"the columns are: {listed}",
                )
                for name in missing
            ],
        )
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    problems: list[Problem] = [p for p in table.problems if p.level == "error"]
    records: dict[str, NameRecord] = {}
    for row, number in zip(rows, table.row_numbers.tolist(), strict=True):
        reader = _RowReader(row, number, file, problems)
        record = reader.record()
        if record.name in records or not record.name:
            what = "this name stands here twice" if record.name else "the name is empty"
            reader.add("name", what)
        records[record.name] = record
    if problems:
        raise DataError("The bank of names cannot be used.", problems)
    return NameBank(records, file)


@dataclass(frozen=True, slots=True)
class _RowReader:
    """Reads one row of a bank and collects what is wrong with it."""

    row: Mapping[str, str]
    number: int
    file: str
    problems: list[Problem]

    def record(self) -> NameRecord:
        raters = self.amount("raters", 0, math.inf)
        ratings = {
            signal: Rating(
                mean=mean,
                sd=self.amount(f"{signal}_sd", 0, SCALE[1] - SCALE[0]),
                raters=None if raters is None else int(raters),
            )
            for signal in SECOND_SIGNALS
            if (mean := self.amount(signal, *SCALE)) is not None
        }
        share = self.amount("origin_share", 0, 1)
        said = self.row.get("pretested", "").lower()
        return NameRecord(
            name=" ".join(self.row["name"].split()),
            gender=self.row["gender"],
            origin=self.row["origin"],
            pretested=said in ("yes", "true", "1") or (said == "" and share is not None),
            origin_share=share,
            ratings=ratings,
            identity=Identity(self.row.get("mail", ""), self.row.get("phone", "")),
        )

    def amount(self, column: str, low: float, high: float) -> float | None:
        text = self.row.get(column, "")
        if not text:
            return None
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            limits = f"from {low:g} to {high:g}" if high < math.inf else f"of {low:g} or more"
            self.add(column, f"this is not a number {limits}")
            return None
        return value

    def add(self, column: str, message: str) -> None:
        self.problems.append(
            Problem(
                code="name-bank-value",
                message=message,
                file=self.file,
                row=self.number,
                column=column,
                value=shown(self.row.get(column, "")),
            )
        )
