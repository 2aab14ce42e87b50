"""`design names`: what the names of a round say besides, and the form to pre-test them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import Problem, UsageError

if TYPE_CHECKING:
    from praktijktest.planning.names import SignalDifference

FORM_KINDS: Final = (".xlsx", ".csv")


@dataclass(frozen=True, slots=True)
class NamesSummary:
    """What is known about the names of a design.

    Attributes:
        bank: base name of the bank.
        names: how many names the design has.
        pretested: how many of them were pre-tested.
        signals: second signals per contrast, where names were rated.
        form: base name of the form that was written, None where none was asked for.
        warnings: what a person should look at.
    """

    bank: str
    names: int
    pretested: int
    signals: "tuple[SignalDifference, ...]"
    form: str | None
    warnings: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "bank": self.bank,
            "names": self.names,
            "pretested": self.pretested,
            "second_signals": [one.to_dict() for one in self.signals],
            "form": self.form,
            "problems": [problem.to_dict() for problem in self.warnings],
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        lines = [f"{self.names} names in the design, {self.pretested} of them pre-tested."]
        for one in self.signals:
            error = "" if one.se is None else f" (standard error {one.se:.2f})"
            verdict = "differs" if one.differs else "alike"
            lines.append(
                f"  {one.contrast}, {one.signal}: control {one.control:.2f}, test {one.test:.2f}, "
                f"difference {one.difference:+.2f}{error}: {verdict}"
            )
        if self.form is not None:
            lines.append(f"Wrote the form {self.form}; every rater has an order of their own.")
        return lines


def check_round_names(
    directory: Path, form: Path | None = None, raters: int = 25, seed: int = 1
) -> NamesSummary:
    """Check the names of a round and, where asked, write the form to have them rated.

    Args:
        directory: the round folder; its names.csv, else the shipped bank, has the scores.
        form: where to write the form, .xlsx (a sheet per rater) or .csv.
        raters: number of raters.
        seed: what the orders of the names follow from.

    Raises:
        UsageError: the design is missing, the form is of another kind, or there are no
            names or raters.
        DesignError: the design cannot be used.
        DataError: the bank of names cannot be used.
    """
    from praktijktest.design import read_design
    from praktijktest.planning.names import check_names, second_signals
    from praktijktest.rounds.letters import round_names

    design = read_design(directory / "design.toml")
    bank = round_names(directory)
    names = list(dict.fromkeys(name for profile in design.profiles for name in profile.names))
    if form is not None:
        _write_form(form, names, raters, seed, design.round.language)
    known = [bank.records[name] for name in names if name in bank.records]
    return NamesSummary(
        bank=bank.file,
        names=len(names),
        pretested=sum(record.pretested for record in known),
        signals=second_signals(design, bank),
        form=None if form is None else form.name,
        warnings=tuple(check_names(design, bank)),
    )


def _write_form(path: Path, names: list[str], raters: int, seed: int, language: str) -> None:
    from praktijktest.planning.name_pretest import pretest_csv, pretest_workbook
    from praktijktest.storage import write_atomically

    kind = path.suffix.lower()
    if kind not in FORM_KINDS:
        raise UsageError(f"The form is {' or '.join(FORM_KINDS)}, not {path.name!r}.")
    if kind == ".csv":
        write_atomically(path, pretest_csv(names, raters, seed))
    else:
        write_atomically(path, pretest_workbook(names, raters, seed, language))
