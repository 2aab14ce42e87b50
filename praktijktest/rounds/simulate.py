"""`simulate`: a round with known truth as a folder, and an analysis held against its truth."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from praktijktest.problems import DataError, Problem, UsageError, shown

if TYPE_CHECKING:
    from praktijktest.simulation.population import Population
    from praktijktest.simulation.scoring import RuleScore, Score

POPULATION, DESIGN, LOG, TRUTH = "population.toml", "design.toml", "log.csv", "truth.csv"
POPULATIONS: Final = "populations"
"""Folder of the shipped populations, among the shipped designs."""
TRUTH_COLUMNS: Final = ("target", "contrast", "discriminates", "p_only_control", "p_only_test")
CASES_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """What was simulated.

    Attributes:
        population: id of the population.
        seed: the seed.
        folder: name of the folder that was written.
        targets: number of agents.
        tests: tests sent.
        applications: rows of the log.
        behaviours: (contrast, behaviour) -> number of agents, the fair ones included.
        files: the files written.
    """

    population: str
    seed: int
    folder: str
    targets: int
    tests: int
    applications: int
    behaviours: tuple[tuple[str, str, int], ...]
    files: tuple[str, ...]

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Nothing needs a second look."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "population": self.population,
            "seed": self.seed,
            "folder": self.folder,
            "targets": self.targets,
            "tests": self.tests,
            "applications": self.applications,
            "behaviours": [
                {"contrast": contrast, "behaviour": behaviour, "targets": number}
                for contrast, behaviour, number in self.behaviours
            ],
            "files": list(self.files),
        }

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        told = [
            f"Simulated {self.population} with seed {self.seed}: {self.targets:,} agents, "
            f"{self.tests:,} tests, {self.applications:,} applications."
        ]
        for contrast in dict.fromkeys(name for name, _, _ in self.behaviours):
            parts = [f"{n:,} {kind}" for name, kind, n in self.behaviours if name == contrast]
            told.append(f"  {contrast}: {', '.join(parts)}")
        told.append(f"Wrote {', '.join(self.files)} in {self.folder}. Analyse the log with:")
        told.append(
            f"  praktijktest analyse {self.folder}/{LOG} --design {self.folder}/{DESIGN} "
            "--out report"
        )
        return told


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """An analysis beside the truth, for people."""

    score: "Score"

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Nothing needs a second look."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """The score as plain data."""
        return self.score.to_dict()

    def lines(self) -> list[str]:
        """The score for a terminal."""
        found = self.score
        told = [
            f"{found.cases} agents and grounds: {found.discriminate} discriminate, "
            f"{found.reverse} the other way round; {found.judgeable} had enough tests.",
            f"Signals by {found.rule} at {found.alpha:g}: {len(found.found)} right, "
            f"{len(found.wrong)} wrong; {len(found.missed)} were missed.",
            "",
            f"  {'rule':<24}{'flagged':>8}{'found':>8}{'missed':>8}{'wrong':>8}",
            *(_rule_line(rule) for rule in (found.signals, *found.rules)),
        ]
        for title, cases in (("Wrongly flagged", found.wrong), ("Missed", found.missed)):
            if not cases:
                continue
            told += ["", f"{title}:"]
            for case in cases[:CASES_SHOWN]:
                told.append(
                    f"  {case.target}, {case.contrast}: control won {case.won}, lost {case.lost} "
                    f"of {case.n}; true chances {case.only_control:.2f} and "
                    f"{case.only_test:.2f}; {case.state or 'no usable tests'}"
                )
            if len(cases) > CASES_SHOWN:
                told.append(f"  … and {len(cases) - CASES_SHOWN} more")
        return told


def _rule_line(rule: "RuleScore") -> str:
    return f"  {rule.rule:<24}{rule.flagged:>8}{rule.found:>8}{rule.missed:>8}{rule.wrong:>8}"


def simulate(
    population: str | Path, out: Path, *, seed: int = 1, targets: int | None = None
) -> SimulationSummary:
    """Simulate a round and write it as a folder: log, design, truth and population.

    The folder appears when it is complete; an earlier simulated round in its place is
    replaced, any other folder with files in it is left alone.

    Args:
        population: a population file, or the name of a shipped population.
        out: the folder to write.
        seed: any whole number from 0 up; the same seed gives the same bytes.
        targets: another number of agents than the file's.

    Raises:
        UsageError: no such population, a negative seed, or the folder is in use.
        DesignError: the population file cannot be used.
    """
    from praktijktest.simulation.population_reading import read_population
    from praktijktest.simulation.population_round import simulate_population
    from praktijktest.simulation.round_design import design_text
    from praktijktest.simulation.writing import write_csv
    from praktijktest.storage import folder_written_whole, write_atomically

    _refuse(out, seed)
    file = population_file(population)
    wanted = read_population(file)
    if targets is not None:
        wanted = _resized(wanted, targets)
    made = simulate_population(wanted, seed)
    with folder_written_whole(out) as folder:
        write_csv(made.log, folder / LOG)
        write_csv(made.truth, folder / TRUTH)
        text = design_text(wanted, _command(file, seed, targets))
        write_atomically(folder / DESIGN, text.encode("utf-8"))
        write_atomically(folder / POPULATION, file.read_bytes())
    return SimulationSummary(
        population=wanted.population.id,
        seed=seed,
        folder=out.name or str(out),
        targets=wanted.population.targets,
        tests=int(made.truth["tests"].sum()),
        applications=len(made.log["test"]),
        behaviours=_behaviours(made.truth),
        files=(LOG, DESIGN, TRUTH, POPULATION),
    )


def score_analysis(simulated: Path, analysis: Path) -> ScoreSummary:
    """Hold an analysis against the truth of the round that was analysed.

    Args:
        simulated: the folder of a simulated round, or its `truth.csv`.
        analysis: a report folder, or its `analysis.json`.

    Raises:
        UsageError: a file is not there.
        DataError: a file is not what it should be, or they are of different rounds.
    """
    from praktijktest.simulation.scoring import score

    truth = _truth_rows(simulated / TRUTH if simulated.is_dir() else simulated)
    document = _document(analysis / "analysis.json" if analysis.is_dir() else analysis)
    return ScoreSummary(score(document, truth))


def population_file(population: str | Path) -> Path:
    """The file of a population given by path or by the name of a shipped one.

    Raises:
        UsageError: there is neither.
    """
    from praktijktest.design.nearest import close
    from praktijktest.shipped import shipped

    path = Path(population)
    if path.is_file() or path.suffix == ".toml":
        return path
    home = shipped("designs", POPULATIONS)
    known = sorted(file.stem for file in home.glob("*.toml"))
    if str(population) in known:
        return home / f"{population}.toml"
    if path.exists():
        return path
    near = close(str(population), known)
    meant = f" Did you mean {near}?" if near else ""
    raise UsageError(
        f"There is no population {shown(population)}.{meant} "
        f"Name a population file, or a shipped one: {', '.join(known)}."
    )


def _refuse(out: Path, seed: int) -> None:
    if seed < 0:
        raise UsageError(f"The seed is a whole number of 0 or more, not {seed}.")
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out.name} is a file; choose a folder for the round.")
    used = out.is_dir() and any(out.iterdir())
    if used and not all((out / name).is_file() for name in (POPULATION, TRUTH)):
        raise UsageError(
            f"{out.name or out} already holds other files; choose a new folder for the round."
        )


def _resized(population: "Population", targets: int) -> "Population":
    from pydantic import ValidationError

    try:
        return population.with_targets(targets)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise UsageError(f"--targets {targets} is not possible: it {reason}.") from None


def _command(file: Path, seed: int, targets: int | None) -> str:
    size = "" if targets is None else f" --targets {targets}"
    return f"Made by: praktijktest simulate {file.name} --seed {seed}{size}"


def _behaviours(truth: Mapping[str, Any]) -> tuple[tuple[str, str, int], ...]:
    from collections import Counter

    pairs = zip(truth["contrast"].tolist(), truth["behaviour"].tolist(), strict=True)
    counts = Counter(pairs)
    return tuple((contrast, kind, counts[contrast, kind]) for contrast, kind in sorted(counts))


def _truth_rows(path: Path) -> Sequence[Mapping[str, str]]:
    text = _read(path)
    rows = list(csv.DictReader(io.StringIO(text)))
    missing = [name for name in TRUTH_COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise DataError(
            f"{path.name} is not the truth of a simulated round.",
            [
                Problem(
                    "no-truth",
                    f"the column {name} is not there",
                    file=path.name,
                    hint="give the folder that `praktijktest simulate` wrote",
                )
                for name in missing
            ],
        )
    for number, row in enumerate(rows, 2):
        _refuse_numbers(path.name, number, row)
    return rows


def _refuse_numbers(name: str, number: int, row: Mapping[str, str]) -> None:
    for column in ("p_only_control", "p_only_test"):
        try:
            float(row[column])
        except (TypeError, ValueError):
            raise DataError(
                f"{name} is not the truth of a simulated round.",
                [
                    Problem(
                        "bad-number",
                        "must be a number",
                        file=name,
                        row=number,
                        column=column,
                        value=shown(row[column]),
                    )
                ],
            ) from None


def _document(path: Path) -> Mapping[str, Any]:
    text = _read(path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    needed = ("targets", "flag_rule", "contrasts")
    if not isinstance(document, dict) or any(key not in document for key in needed):
        raise DataError(
            f"{path.name} is not an analysis; give a report folder or its analysis.json."
        )
    return document


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"There is no {path.name} in {path.parent.name or path.parent}.") from None
    except UnicodeDecodeError:
        raise DataError(f"{path.name} is not UTF-8 text.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "this is not a file name"
        raise UsageError(f"{shown(path.name)} cannot be read: {reason}.") from None
