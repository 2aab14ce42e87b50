"""The letters of a round: templates checked, filled in for the plan, and written as drafts."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import DataError, Problem, UsageError

if TYPE_CHECKING:
    from praktijktest.design import Design
    from praktijktest.planning.letter_rendering import Identity, Letters
    from praktijktest.planning.letters import Templates
    from praktijktest.planning.names import NameBank
    from praktijktest.planning.plan import Plan

LETTERS: Final = "letters"
NAMES: Final = "names.csv"
WORKBOOK: Final = "plan.xlsx"


@dataclass(frozen=True, slots=True)
class PreparedLetters:
    """The letters of a plan, before anything is written.

    Attributes:
        letters: what was filled in.
        warnings: what a person should look at.
    """

    letters: "Letters"
    warnings: tuple[Problem, ...]

    def write(self, directory: Path) -> int:
        """Write `letters/drafts/` of a round folder, in place of the one that was there.

        Returns:
            How many files were written.
        """
        from praktijktest.planning.letter_drafts import DRAFTS, write_drafts
        from praktijktest.storage import folder_written_whole

        with folder_written_whole(directory / LETTERS / DRAFTS) as folder:
            return write_drafts(self.letters, folder)


@dataclass(frozen=True, slots=True)
class LettersSummary:
    """What writing the letters of a round came to.

    Attributes:
        letters: applications whose letter was written.
        declines: letters to decline an invitation.
        waiting: applications that wait for an advert.
        files: files written in `letters/drafts/`.
        warnings: what a person should look at.
    """

    letters: int
    declines: int
    waiting: int
    files: int
    warnings: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "letters": self.letters,
            "declines": self.declines,
            "waiting": self.waiting,
            "files": self.files,
            "problems": [problem.to_dict() for problem in self.warnings],
        }


def has_letters(directory: Path) -> bool:
    """Whether a round folder has letter templates."""
    return any((directory / LETTERS).glob("*.md"))


def letter_ids(directory: Path, design: "Design") -> tuple[str, ...] | None:
    """The ids that a plan deals out: the design's, else all application letters of the round.

    None where the round has no letters of its own.

    Raises:
        DataError: templates cannot be read, or do not serve the design.
    """
    if not has_letters(directory):
        return None
    templates, _ = round_templates(directory, design)
    return design.assignment.templates or templates.application_ids(design.round.language)


def round_templates(directory: Path, design: "Design") -> "tuple[Templates, tuple[Problem, ...]]":
    """The letter templates of a round folder and the warnings about them.

    Raises:
        UsageError: there is no folder `letters`.
        DataError: templates cannot be read, or do not serve the design.
    """
    from praktijktest.planning.letter_checks import check_templates
    from praktijktest.planning.letter_parsing import load_templates

    templates = load_templates(directory / LETTERS, design.sampling.strata)
    problems = check_templates(design, templates)
    if any(problem.level == "error" for problem in problems):
        raise DataError("The letter templates do not serve this design.", problems)
    return templates, tuple(problems)


def prepare_letters(directory: Path, design: "Design", plan: "Plan") -> PreparedLetters:
    """Fill in and check every letter of a plan, and write nothing.

    Args:
        directory: the round folder, with `letters/` and, where there is one, `names.csv`.
        design: its design.
        plan: its plan.

    Raises:
        UsageError: there is no folder `letters`.
        DataError: templates, names or letters are not fit to be sent; the problems name
            every reason.
    """
    from praktijktest.planning.letter_checks import check_twins
    from praktijktest.planning.letter_rendering import render_letters
    from praktijktest.planning.names import check_names

    templates, warnings = round_templates(directory, design)
    bank = round_names(directory)
    identities: dict[str, Identity] = bank.identities()
    letters = render_letters(plan, design, templates, identities)
    problems = check_twins(letters.letters) if design.kind != "mystery" else []
    if any(problem.level == "error" for problem in problems):
        raise DataError("Letters of one test are not a fair pair.", problems)
    return PreparedLetters(letters, (*warnings, *problems, *check_names(design, bank)))


def round_names(directory: Path) -> "NameBank":
    """The bank of names of a round folder, else the one that comes with the program."""
    from praktijktest.planning.names import read_name_bank, shipped_names

    path = directory / NAMES
    return read_name_bank(path) if path.is_file() else shipped_names()


def write_letters(directory: Path) -> LettersSummary:
    """Write the letters of a planned round again, as after a draw of adverts.

    Raises:
        UsageError: there is no plan, or no folder `letters`.
        DataError: see `prepare_letters`.
    """
    from praktijktest.design import read_design

    design = read_design(directory / "design.toml")
    prepared = prepare_letters(directory, design, round_plan(directory, design))
    return LettersSummary(
        letters=len(prepared.letters.letters),
        declines=len(prepared.letters.declines),
        waiting=prepared.letters.waiting,
        files=prepared.write(directory),
        warnings=prepared.warnings,
    )


def write_workbook(directory: Path) -> Path:
    """Write plan.xlsx from the plan of a round folder; what testers filled in is not kept.

    Raises:
        UsageError: there is no plan.
    """
    from praktijktest.design import read_design
    from praktijktest.planning.workbook import workbook_bytes
    from praktijktest.storage import write_atomically

    design = read_design(directory / "design.toml")
    path = directory / WORKBOOK
    write_atomically(path, workbook_bytes(round_plan(directory, design), design))
    return path


def round_plan(directory: Path, design: "Design") -> "Plan":
    """The plan of a round folder, with its seed.

    Raises:
        UsageError: there is none.
        DataError: it is not as the program wrote it.
    """
    from praktijktest.planning.plan_file import PLAN_NAME, plan_from_rows, read_plan_file

    rows = read_plan_file(directory / PLAN_NAME).rows
    return plan_from_rows(rows, design, plan_seed(directory))


def plan_seed(directory: Path) -> int:
    """The seed in plan.json.

    Raises:
        UsageError: there is no plan.json.
        DataError: the seed cannot be read.
    """
    try:
        seed = json.loads((directory / "plan.json").read_text(encoding="utf-8"))["seed"]
    except FileNotFoundError:
        raise UsageError(
            "There is no plan.json here; make the plan with: praktijktest design plan"
        ) from None
    except (ValueError, KeyError, TypeError):
        seed = None
    if not isinstance(seed, int):
        problem = Problem("plan-spoilt", "the seed cannot be read", file="plan.json")
        raise DataError("The plan cannot be read.", [problem])
    return seed
